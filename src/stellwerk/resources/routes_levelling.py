"""Routes of levelling."""

from django.urls import URLPattern, path

from stellwerk.resources.views import levelling

URLS: list[URLPattern] = [
    path("levelling/", levelling.levelling, name="levelling"),
    path("levelling/<int:pk>/", levelling.run_page, name="levelling-run"),
    path("levelling/<int:pk>/accept/", levelling.run_accept, name="levelling-accept"),
    path("levelling/<int:pk>/stop/", levelling.run_stop, name="levelling-stop"),
    path("levelling/<int:pk>/discard/", levelling.run_discard, name="levelling-discard"),
    path("levelling/<int:pk>/undo/", levelling.run_undo, name="levelling-undo"),
]
