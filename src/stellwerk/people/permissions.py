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

# Skills, working time, absences, rates. Why somebody is absent is for line managers and the person; rates of single persons
# are for controllers alone (domain.md section 1).
for role in INTERNAL:
    for letter in "OFGPUS":
        allow(role, letter, "people.skill", "view")
for role in ("pmo_lead", "pmo_analyst"):
    allow(role, "O", "people.skill", "view create edit archive merge import export comment")
    allow(role, "O", "people.personskill", "view create edit export import")
    allow(role, "O", "people.workingpattern", "view create edit export import")
for role in ("controller", "recruiter"):
    allow(role, "O", "people.personskill", "view export")
for entity in ("people.personskill", "people.workingpattern", "people.absence"):
    allow("resource_manager", "U", entity, "view create edit confirm import export")
for role in ("team_member", "project_manager", "programme_manager", "sponsor"):
    allow(role, "S", "people.personskill", "view create edit")
    allow(role, "S", "people.workingpattern", "view")
    allow(role, "S", "people.absence", "view create edit import")
allow("controller", "O", "people.personrate", "view create edit import export")
allow("controller", "O", "people.rolerate", "view create edit import export")
for role in ("pmo_lead", "pmo_analyst"):
    allow(role, "O", "people.rolerate", "view export")

allow("administrator", "O", "core.user", "view create edit archive erase export")
allow("administrator", "O", "core.grant", "view create edit export")
allow("administrator", "O", "core.setting", "view edit")
allow("auditor", "O", "core.grant", "view export")
allow("auditor", "O", "core.user", "view export")
