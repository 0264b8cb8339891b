"""Routes of budgets, forecasts, exceptions and benefits."""

from django.urls import URLPattern

URLS: list[URLPattern] = []
