"""Routes of demands and allocations."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
