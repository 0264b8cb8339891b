"""Who writes, accepts and publishes reports (rows of the one permission table)."""

from stellwerk.core.permissions import allow

PUBLISHED = ("published", "superseded")
READY = ("submitted", "accepted", "published", "superseded", "missed", "returned")

allow("pmo_lead", "O", "reporting.statusreport", "view create edit archive comment export accept publish confirm")
allow("pmo_analyst", "OF", "reporting.statusreport", "view create edit archive comment export accept")
allow("portfolio_manager", "F", "reporting.statusreport", "view create edit comment export accept publish")
allow("programme_manager", "GS", "reporting.statusreport", "view comment export")
allow("project_manager", "PS", "reporting.statusreport", "view create edit submit comment export")
allow("controller", "O", "reporting.statusreport", "view comment export", state=READY)
allow("resource_manager", "U", "reporting.statusreport", "view", state=PUBLISHED)
allow("executive", "OF", "reporting.statusreport", "view comment export", state=PUBLISHED)
allow("sponsor", "FGPS", "reporting.statusreport", "view comment export", state=PUBLISHED)
allow("team_member", "PS", "reporting.statusreport", "view", state=PUBLISHED)

allow("pmo_lead", "O", "reporting.cycle", "view create edit archive comment export publish")
allow("pmo_analyst", "OF", "reporting.cycle", "view create edit comment export")
allow("portfolio_manager", "F", "reporting.cycle", "view create edit comment export publish")
for role, scopes in (("controller", "O"), ("executive", "OF"), ("sponsor", "FS"), ("project_manager", "S")):
    allow(role, scopes, "reporting.cycle", "view export")
