"""Who may do what with portfolios, programmes, projects and proposals (rows of the one permission table)."""

from stellwerk.core.permissions import allow

ALL = ("portfolio.portfolio", "portfolio.programme", "portfolio.project", "portfolio.proposal")

for entity in ALL:
    allow("pmo_lead", "O", entity, "view create edit archive comment merge import export confirm")
    allow("pmo_analyst", "OF", entity, "view create edit archive comment merge import export")
    allow("portfolio_manager", "F", entity, "view create edit archive comment merge import export")
    allow("controller", "O", entity, "view comment export")
    allow("executive", "OF", entity, "view comment export")
    allow("sponsor", "FGPS", entity, "view comment export")
    allow("programme_manager", "GS", entity, "view comment export")
    allow("project_manager", "PS", entity, "view comment export")
    allow("resource_manager", "U", entity, "view comment export")

for role in ("executive", "sponsor"):
    # Whoever sponsors one of its projects does not decide about the whole portfolio.
    allow(role, "OF" if role == "executive" else "F", "portfolio.portfolio", "approve")
    allow(role, "OF" if role == "executive" else "FGPS", "portfolio.programme", "approve")
    allow(role, "OF" if role == "executive" else "FGPS", "portfolio.project", "approve")
    allow(role, "OF" if role == "executive" else "FGPS", "portfolio.proposal", "approve")

allow("pmo_lead", "O", "portfolio.portfolio", "approve")
allow("programme_manager", "GS", "portfolio.programme", "edit")
allow("programme_manager", "GS", "portfolio.project", "create edit")
allow("project_manager", "PS", "portfolio.project", "edit")
allow("team_member", "PS", "portfolio.project", "view comment")
for role in ("project_manager", "programme_manager", "team_member", "resource_manager"):
    allow(role, "S", "portfolio.proposal", "view create comment")
    allow(role, "S", "portfolio.proposal", "edit", state=("draft", "returned"))

# Immutable once used: only a draft can be edited, and only an active model can be used.
allow("pmo_lead", "O", "portfolio.scoringmodel", "view create archive comment export approve")
allow("pmo_lead", "O", "portfolio.scoringmodel", "edit", state=("draft",))
allow("pmo_analyst", "O", "portfolio.scoringmodel", "view create export")
allow("pmo_analyst", "O", "portfolio.scoringmodel", "edit", state=("draft",))
for role in ("controller", "executive"):
    allow(role, "O", "portfolio.scoringmodel", "view export")
