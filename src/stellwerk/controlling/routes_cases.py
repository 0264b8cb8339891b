"""Routes of business cases."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
