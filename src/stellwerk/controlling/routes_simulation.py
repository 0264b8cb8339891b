"""Routes of schedule and cost risk."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
