"""Who may do what with money (rows of the one permission table).

Project managers plan and forecast and never approve their own; controllers own actuals, rates and months and sign figures; sponsors and
executives approve budgets within their authority limit; the PMO sees and evaluates, it approves no budget (domain.md section 1).
"""

from stellwerk.core.permissions import allow

BUDGET, BENEFIT, EXCEPTION, CASE = (
    "controlling.budget", "controlling.benefit", "controlling.forecastexception", "controlling.businesscase",
)  # fmt: skip
ROUND, OBJECTIVE, SIMULATION = (
    "controlling.investmentround",
    "controlling.strategicobjective",
    "controlling.simulationrun",
)
COST_TYPE, COST_CENTRE, PERIOD, IMPORT = (
    "controlling.costtype", "controlling.costcentre", "controlling.period", "controlling.actualsimport",
)  # fmt: skip
RATE, LIMIT, BOOKING = "controlling.exchangerate", "controlling.authoritylimit", "controlling.booking"

# ── budgets, forecasts, exceptions, benefits ─────────────────────────────────────────────────────
for role, scopes in (("project_manager", "PS"), ("programme_manager", "GS"), ("portfolio_manager", "F"), ("controller", "O")):  # fmt: skip
    allow(role, scopes, BUDGET, "view create submit comment export")
    allow(role, scopes, BUDGET, "edit archive", state=("draft",))
    allow(role, scopes, EXCEPTION, "view edit comment export")
    allow(role, scopes, BENEFIT, "view create edit archive comment export")
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF")):
    allow(role, scopes, BUDGET, "view comment export")
    allow(role, scopes, EXCEPTION, "view comment export")
    allow(role, scopes, BENEFIT, "view create edit archive comment export")
for role, scopes in (("sponsor", "FGPS"), ("executive", "OF")):
    allow(role, scopes, BUDGET, "view comment export approve")
    allow(role, scopes, EXCEPTION, "view comment export edit approve")
    allow(role, scopes, BENEFIT, "view comment export approve")
allow("controller", "O", BUDGET, "approve")  # forecasts; a budget needs a limit of authority
allow("controller", "O", BENEFIT, "approve")

# Money of a project: budget, actuals, earned value, forecast. Team members and line managers see none of it.
for role, scopes in (
    ("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F"), ("programme_manager", "GS"), ("project_manager", "PS"),
    ("controller", "O"), ("executive", "OF"), ("sponsor", "FGPS"),
):  # fmt: skip
    allow(role, scopes, "portfolio.project", "money")
for role, scopes in (("controller", "O"), ("pmo_lead", "O"), ("project_manager", "PS"), ("programme_manager", "GS")):
    allow(role, scopes, "portfolio.project", "money_rules")

# ── actuals, months, catalogues: the controller's ───────────────────────────────────────────────
allow("controller", "O", IMPORT, "view create edit import export")
allow("controller", "O", BOOKING, "view export")
for role, scopes in (
    ("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F"), ("programme_manager", "GS"), ("project_manager", "PS"),
    ("executive", "OF"), ("sponsor", "FGPS"),
):  # fmt: skip
    allow(role, scopes, BOOKING, "view export")
allow("controller", "O", PERIOD, "view create edit close reopen comment export")
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "O"), ("executive", "O"), ("auditor", "O")):
    allow(role, scopes, PERIOD, "view")
allow("controller", "O", COST_TYPE, "view create edit archive export")
allow("controller", "O", RATE, "view create edit export")
allow("controller", "O", LIMIT, "view create edit export")
for role, scopes in (("pmo_lead", "O"), ("executive", "OF"), ("sponsor", "FGPS"), ("auditor", "O")):
    allow(role, scopes, LIMIT, "view")
allow("controller", "O", COST_CENTRE, "view create edit archive import export")
for role, scopes in (
    ("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F"), ("programme_manager", "GS"), ("project_manager", "PS"),
    ("executive", "OF"), ("sponsor", "FGPS"), ("resource_manager", "U"),
):  # fmt: skip
    allow(role, scopes, COST_TYPE, "view")
    allow(role, scopes, COST_CENTRE, "view")
    allow(role, scopes, RATE, "view")

# ── business cases, strategy, rounds ────────────────────────────────────────────────────────────
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F")):
    allow(role, scopes, CASE, "view create submit comment export")
    allow(role, scopes, CASE, "edit archive", state=("draft", "returned"))
for role in ("project_manager", "programme_manager", "team_member", "resource_manager"):
    allow(role, "S", CASE, "view create submit comment export")
    allow(role, "S", CASE, "edit archive", state=("draft", "returned"))
allow("controller", "O", CASE, "view comment export sign")
for role, scopes in (("executive", "OF"), ("sponsor", "FGPS")):
    allow(role, scopes, CASE, "view comment export")
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F")):
    allow(role, scopes, ROUND, "view create edit archive comment export select")
allow("controller", "O", ROUND, "view comment export select")
allow("executive", "OF", ROUND, "view comment export approve select")
for role, scopes in (("pmo_lead", "O"), ("executive", "OF")):
    allow(role, scopes, OBJECTIVE, "view create edit archive comment export")
for role, scopes in (
    ("pmo_analyst", "OF"), ("portfolio_manager", "F"), ("programme_manager", "GS"), ("project_manager", "PS"), ("controller", "O"),
    ("sponsor", "FGPS"), ("team_member", "PS"), ("resource_manager", "U"),
):  # fmt: skip
    allow(role, scopes, OBJECTIVE, "view comment")

# ── simulation ──────────────────────────────────────────────────────────────────────────────────
for role, scopes in (("pmo_lead", "O"), ("pmo_analyst", "OF"), ("portfolio_manager", "F"), ("programme_manager", "GS"), ("project_manager", "PS"), ("controller", "O")):  # fmt: skip
    allow(role, scopes, SIMULATION, "view create edit export")
for role, scopes in (("executive", "OF"), ("sponsor", "FGPS")):
    allow(role, scopes, SIMULATION, "view export")
