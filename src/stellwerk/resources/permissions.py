"""Who may do what with demands, allocations, time sheets and levelling (rows of the one permission table).

Projects ask, line managers answer: only they approve allocations of their people, and never what they asked for themselves.
"""

from stellwerk.core.permissions import ROLES, allow, allow_own

DEMAND, ALLOCATION, SHEET, RUN = (
    "resources.demand", "resources.allocation", "resources.timesheet", "resources.levellingrun",
)  # fmt: skip
AGREEMENT = "resources.hoursagreement"

for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F"), ("programme_manager", "GS"), ("project_manager", "PS")):  # fmt: skip
    allow(role, scopes, DEMAND, "view create edit archive comment export")
    allow(role, scopes, ALLOCATION, "view create edit ask comment export")
for role, scopes in (("controller", "O"), ("executive", "OF"), ("sponsor", "FGPS"), ("recruiter", "O")):
    allow(role, scopes, DEMAND, "view comment export")
for role, scopes in (("controller", "O"), ("executive", "OF"), ("sponsor", "FGPS")):
    allow(role, scopes, ALLOCATION, "view comment export")
allow("resource_manager", "U", DEMAND, "view comment export answer")
allow("resource_manager", "U", ALLOCATION, "view create edit approve comment export")
allow("team_member", "S", ALLOCATION, "view comment")

# Time sheets: one's own, and the line manager's duty to approve. Others see that a sheet is there, never its hours, unless an
# agreement lets them (``selectors/timesheets_access.py``). Whoever is a person here records their own hours, managers too; the rows
# of the roles reach the sheets of somebody whose deputy one is.
allow_own(SHEET, "view create edit submit import", path="person__user_id")
for role in ROLES:
    if role not in {"staffing_partner", "client_contact", "administrator", "auditor"}:
        allow(role, "S", SHEET, "view create edit submit import")
allow("resource_manager", "U", SHEET, "view approve correct")
allow("pmo_lead", "O", SHEET, "view import lock")
allow("controller", "O", SHEET, "view import lock correct")
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF"), ("controller", "O"), ("executive", "OF"), ("portfolio_manager", "F"), ("programme_manager", "GS"), ("project_manager", "PS"), ("sponsor", "FGPS")):  # fmt: skip
    allow(role, scopes, "portfolio.project", "hours")
for role in ("pmo_lead", "administrator"):
    allow(role, "O", AGREEMENT, "view create edit comment")  # whoever may comment attaches the document
for role in ("auditor", "controller"):
    allow(role, "O", AGREEMENT, "view")

for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F"), ("project_manager", "PS")):
    allow(role, scopes, RUN, "view create edit")
for role, scopes in (("executive", "OF"), ("controller", "O")):
    allow(role, scopes, RUN, "view")

# The manpower plan is read for units: consolidated by whoever steers, for one's own units by line managers. Single people and
# their load are for the PMO and the line manager; controllers and the board read sums of units and roles. Whoever steers a portfolio
# reads the unit that it belongs to, with those below (``selectors.manpower.plannable_units``).
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "O"), ("controller", "O"), ("executive", "OF"), ("resource_manager", "U")):  # fmt: skip
    allow(role, scopes, "people.unit", "manpower")

# Recorded utilisation of single people: one's own; others' by agreement with the works council only (``selectors/utilisation.py``).
for role, scopes in (("pmo_lead", "O"), ("resource_manager", "U"), ("team_member", "S"), ("project_manager", "S"), ("programme_manager", "S"), ("sponsor", "S")):  # fmt: skip
    allow(role, scopes, "people.person", "utilisation")
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "O"), ("resource_manager", "U")):
    allow(role, scopes, "people.unit", "manpower_names")

# Whose capacity one plans by name in the heat map; projects see those who are booked or asked for them.
allow("resource_manager", "U", "people.person", "capacity")
for role in ("pmo_lead", "pmo_analyst"):
    allow(role, "O", "people.person", "capacity")

# Earlier assignments of temporary workers, by which the legal limit is counted: kept by whoever keeps people or hires them.
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "O"), ("recruiter", "O"), ("resource_manager", "U")):
    allow(role, scopes, "resources.agencyassignment", "view create edit")
allow("controller", "O", "resources.agencyassignment", "view")
