"""Routes of utilisation."""

from django.urls import URLPattern, path

from stellwerk.resources.views import utilisation

URLS: list[URLPattern] = [
    path("utilisation/", utilisation.utilisation, name="utilisation"),
    path("utilisation/<path:key>", utilisation.utilisation_person, name="utilisation-person"),
]
