"""Routes of baselines, milestones, lists and calendar feeds; ``urls.py`` puts them before the key of a project."""

from django.urls import URLPattern, path

from stellwerk.planning import feeds
from stellwerk.planning.views import baselines, milestones

URLS: list[URLPattern] = [
    path("activities/", milestones.activity_list, name="activity-list"),
    path("milestones/", milestones.milestone_list, name="milestone-list"),
    path("milestones/portfolio/<path:key>/", milestones.portfolio_trend, name="portfolio-trend"),
    path("feeds/", feeds.feed_list, name="feeds"),
    path("feeds/<int:pk>/revoke/", feeds.feed_revoke, name="feed-revoke"),
    path("feeds/<str:secret>/milestones.ics", feeds.feed, name="feed"),
    path("baselines/<int:pk>/", baselines.baseline_detail, name="baseline-detail"),
    path("<path:key>/baselines/propose/", baselines.baseline_propose, name="baseline-propose"),
    path("<path:key>/baselines/", baselines.baseline_list, name="baselines"),
    path("<path:key>/trend/", milestones.plan_trend, name="milestone-trend"),
]
