"""Routes of clients."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
