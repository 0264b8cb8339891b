"""Routes of actuals, mapping and the close of months."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
