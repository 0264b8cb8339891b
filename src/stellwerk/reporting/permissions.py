"""Who writes, accepts and publishes reports (rows of the one permission table)."""

from stellwerk.core.permissions import allow

PUBLISHED = ("published", "superseded")
READY = ("submitted", "accepted", "published", "superseded", "missed", "returned")

EDITABLE = ("draft", "returned", "missed")

allow("pmo_lead", "O", "reporting.statusreport", "view create submit archive comment export accept publish confirm")
allow("pmo_analyst", "OF", "reporting.statusreport", "view create submit archive comment export accept")
allow("portfolio_manager", "F", "reporting.statusreport", "view create submit comment export accept publish")
allow("programme_manager", "GS", "reporting.statusreport", "view comment export")
allow("project_manager", "PS", "reporting.statusreport", "view create submit comment export")
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F"), ("project_manager", "PS")):
    allow(role, scopes, "reporting.statusreport", "edit", state=EDITABLE)
allow("controller", "O", "reporting.statusreport", "view comment export", state=READY)
allow("resource_manager", "U", "reporting.statusreport", "view", state=PUBLISHED)
allow("executive", "OF", "reporting.statusreport", "view comment export", state=PUBLISHED)
allow("sponsor", "FGPS", "reporting.statusreport", "view comment export", state=PUBLISHED)
allow("team_member", "PS", "reporting.statusreport", "view", state=PUBLISHED)

allow("pmo_lead", "O", "reporting.cycle", "view create edit archive comment export publish")
allow("pmo_analyst", "OF", "reporting.cycle", "view create edit comment export")
allow("portfolio_manager", "F", "reporting.cycle", "view create edit comment export publish")
CYCLE_READERS = (
    ("controller", "O"),
    ("executive", "OF"),
    ("sponsor", "FS"),
    ("programme_manager", "S"),
    ("project_manager", "S"),
)
for role, scopes in CYCLE_READERS:
    allow(role, scopes, "reporting.cycle", "view export")

allow("pmo_lead", "O", "reporting.decktemplate", "view create edit archive")
allow("pmo_analyst", "O", "reporting.decktemplate", "view create edit")
