"""Who may do what with activities and calendars; plans, links and baselines are parts of their project."""

from stellwerk.core.permissions import allow

ACTIVITY, CALENDAR = "planning.activity", "planning.workingcalendar"

for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F")):
    allow(role, scopes, ACTIVITY, "view create edit progress comment export import costs")
for role, scopes in (("controller", "O"), ("executive", "OF"), ("sponsor", "FGPS")):
    allow(role, scopes, ACTIVITY, "view comment export costs")
allow("resource_manager", "U", ACTIVITY, "view comment export")
allow("programme_manager", "GS", ACTIVITY, "view create edit progress comment export import costs")
allow("project_manager", "PS", ACTIVITY, "view create edit progress comment export import costs")
allow("team_member", "P", ACTIVITY, "view comment")
allow("team_member", "S", ACTIVITY, "view comment progress")

allow("pmo_lead", "O", CALENDAR, "view create edit archive export")
allow("pmo_analyst", "OF", CALENDAR, "view create edit archive export")
for role, scopes in (
    ("portfolio_manager", "F"),
    ("programme_manager", "GS"),
    ("project_manager", "PS"),
    ("resource_manager", "U"),
    ("controller", "O"),
    ("executive", "OF"),
    ("sponsor", "FGPS"),
    ("team_member", "PS"),
):
    allow(role, scopes, CALENDAR, "view")
