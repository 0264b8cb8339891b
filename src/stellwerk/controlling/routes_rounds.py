"""Routes of strategy and investment rounds."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
