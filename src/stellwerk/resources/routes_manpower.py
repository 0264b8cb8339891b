"""Routes of the manpower plan."""

from django.urls import URLPattern, path

from stellwerk.resources.views import manpower

URLS: list[URLPattern] = [
    path("manpower/", manpower.manpower, name="manpower"),
    path("manpower/source/", manpower.manpower_source, name="manpower-source"),
    path("manpower/file/", manpower.manpower_file, name="manpower-file"),
]
