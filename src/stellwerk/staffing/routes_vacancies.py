"""Routes of vacancies."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
