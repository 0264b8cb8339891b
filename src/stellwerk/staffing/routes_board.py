"""Routes of board."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
