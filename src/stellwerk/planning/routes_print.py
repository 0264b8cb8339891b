"""Routes of print and of schedule quality; ``urls.py`` puts them before the key of a project."""

from django.urls import URLPattern, path

from stellwerk.planning.views import printing

URLS: list[URLPattern] = [
    path("<path:key>/export/", printing.plan_export, name="plan-export"),
]
