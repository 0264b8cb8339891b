"""Routes of the portfolio room. Keys may hold any character, so actions stand before or behind a greedy key."""

from django.urls import path

from stellwerk.portfolio.importing import views as importing
from stellwerk.portfolio.views import board, portfolios, programmes, projects, proposals, scoring

app_name = "portfolio"
urlpatterns = [
    path("import/", importing.start, name="import"),
    path("import/<uuid:uid>", importing.preview, name="import-preview"),
    path("import/<uuid:uid>/columns", importing.columns, name="import-columns"),
    path("import/<uuid:uid>/apply", importing.apply, name="import-apply"),
    path("import/<uuid:uid>/rejected.csv", importing.rejected, name="import-rejected"),
    path("", board.board_all, name="board-all"),
    path("board/<path:key>", board.board, name="board"),
    path("portfolios/", portfolios.portfolio_list, name="portfolio-list"),
    path("portfolios/new", portfolios.portfolio_create, name="portfolio-create"),
    path("portfolios/<path:key>/edit", portfolios.portfolio_edit, name="portfolio-edit"),
    path("portfolios/<path:key>/thresholds", portfolios.thresholds, name="portfolio-thresholds"),
    path("portfolios/<path:key>", portfolios.portfolio_detail, name="portfolio-detail"),
    path("programmes/", programmes.programme_list, name="programme-list"),
    path("programmes/new", programmes.programme_create, name="programme-create"),
    path("programmes/<path:key>/edit", programmes.programme_edit, name="programme-edit"),
    path("programmes/<path:key>", programmes.programme_detail, name="programme-detail"),
    path("projects/", projects.project_list, name="project-list"),
    path("projects/new", projects.project_create, name="project-create"),
    path("projects/<path:key>/edit", projects.project_edit, name="project-edit"),
    path("projects/<path:key>/size", projects.project_size, name="project-size"),
    path("projects/<path:key>/figures/<str:code>", projects.figure, name="figure"),
    path("projects/<path:key>", projects.project_detail, name="project-detail"),
    path("proposals/", proposals.proposal_list, name="proposal-list"),
    path("proposals/new", proposals.proposal_create, name="proposal-create"),
    path("proposals/<path:key>/edit", proposals.proposal_edit, name="proposal-edit"),
    path("proposals/<path:key>/scores", proposals.proposal_scores, name="proposal-scores"),
    path("proposals/<path:key>", proposals.proposal_detail, name="proposal-detail"),
    path("scoring-models/", scoring.scoringmodel_list, name="scoringmodel-list"),
    path("scoring-models/new", scoring.scoringmodel_create, name="scoringmodel-create"),
    path("scoring-models/<path:key>/edit", scoring.scoringmodel_edit, name="scoringmodel-edit"),
    path("scoring-models/<path:key>", scoring.scoringmodel_detail, name="scoringmodel-detail"),
]
