"""Routes of business cases and strategic objectives."""

from django.urls import URLPattern, path

from stellwerk.controlling.views import cases, strategy

URLS: list[URLPattern] = [
    path("cases/", cases.case_list, name="case-list"),
    path("cases/<path:key>/edit", cases.case_edit, name="case-edit"),
    path("cases/<path:key>/drivers", cases.case_drivers, name="case-drivers"),
    path("cases/<path:key>/follow-up", cases.case_follow_up, name="case-follow-up"),
    path("cases/<path:key>", cases.case_detail, name="case-detail"),
    path("new-case/<path:key>", cases.case_create, name="case-create"),
    path("strategy", strategy.strategy, name="strategy"),
    path("objectives/", strategy.objective_list, name="objective-list"),
    path("objectives/new", strategy.objective_create, name="objective-create"),
    path("objectives/<path:key>/edit", strategy.objective_edit, name="objective-edit"),
    path("objectives/<path:key>", strategy.objective_detail, name="objective-detail"),
    path("contributions/project/<path:key>", strategy.project_contributions, name="project-contributions"),
    path("contributions/proposal/<path:key>", strategy.proposal_contributions, name="proposal-contributions"),
]
