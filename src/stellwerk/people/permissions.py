"""Who may do what with people and accounts (rows of the one permission table)."""

from stellwerk.core.permissions import ROLES, allow

INTERNAL = [
    role
    for role in ROLES
    if role not in {"staffing_partner", "candidate", "client_contact", "administrator", "auditor"}
]

for role in ("pmo_lead", "pmo_analyst"):
    for entity in ("people.organisation", "people.unit", "people.role", "people.person", "people.location"):
        allow(role, "O", entity, "view create edit archive comment merge import export")
allow("pmo_lead", "O", "people.person", "erase")
allow("pmo_lead", "O", "core.setting", "view edit")
allow("pmo_lead", "O", "core.user", "view")
allow("pmo_lead", "O", "core.grant", "view create edit")

for role in INTERNAL:
    for letter in "OFGPUS":
        allow(role, letter, "people.role", "view")
for role in ("controller", "executive", "recruiter", "resource_manager"):
    for entity in ("people.organisation", "people.unit", "people.location", "people.person"):
        allow(role, "O", entity, "view export comment")
allow("resource_manager", "U", "people.organisation", "view")
allow("resource_manager", "U", "people.unit", "view edit comment export")
allow("resource_manager", "U", "people.person", "view create edit archive comment export")
for role in ("team_member", "project_manager", "programme_manager", "sponsor", "candidate"):
    allow(role, "S", "people.person", "view")

allow("administrator", "O", "core.user", "view create edit archive erase export")
allow("administrator", "O", "core.grant", "view create edit export")
allow("administrator", "O", "core.setting", "view edit")
allow("auditor", "O", "core.grant", "view export")
allow("auditor", "O", "core.user", "view export")
