"""Routes of the self-disclosure and of what decisions say."""

from django.urls import URLPattern, path

from stellwerk.staffing.views import fairness

URLS: list[URLPattern] = [
    path("me/disclosure", fairness.own_disclosure, name="disclosure"),
    path("fairness", fairness.fairness, name="fairness"),
]
