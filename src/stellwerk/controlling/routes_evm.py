"""Routes of earned value."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
