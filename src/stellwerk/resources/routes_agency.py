"""Routes of earlier assignments of temporary workers."""

from django.urls import URLPattern, path

from stellwerk.resources.views import agency

URLS: list[URLPattern] = [
    path("temporary-work/<int:pk>/edit", agency.assignment_edit, name="assignment-edit"),
    path("temporary-work/<int:pk>/remove", agency.assignment_remove, name="assignment-remove"),
    path("temporary-work/<path:key>/new", agency.assignment_create, name="assignment-create"),
]
