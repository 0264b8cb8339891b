"""Routes of capacity: heat map, skill matrix, manpower plan."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
