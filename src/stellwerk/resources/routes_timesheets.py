"""Routes of time sheets."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
