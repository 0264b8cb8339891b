"""Routes of programme plans, of the list of plans and of working calendars; ``urls.py`` puts them before the key of a project."""

from django.urls import URLPattern, path

from stellwerk.planning.views import programme

URLS: list[URLPattern] = [
    path("programme/<path:key>/", programme.programme_page, name="programme"),
]
