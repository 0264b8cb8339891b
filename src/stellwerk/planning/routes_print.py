"""Routes of print and of schedule quality; ``urls.py`` puts them before the key of a project."""

from django.urls import URLPattern, path

from stellwerk.planning.views import printing, quality

URLS: list[URLPattern] = [
    path("quality/", quality.quality_overview, name="quality"),
    path("<path:key>/quality/", quality.plan_quality, name="plan-quality"),
    path("<path:key>/export/", printing.plan_export, name="plan-export"),
]
