"""Routes of matching."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
