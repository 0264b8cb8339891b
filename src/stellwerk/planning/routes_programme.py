"""Routes of programme plans, of the list of plans and of working calendars; ``urls.py`` puts them before the key of a project."""

from django.urls import URLPattern, path

from stellwerk.planning.views import calendars, programme

URLS: list[URLPattern] = [
    path("", calendars.plan_list, name="plan-list"),
    path("calendars/", calendars.calendar_list, name="calendar-list"),
    path("calendars/new/", calendars.calendar_create, name="calendar-create"),
    path("calendars/<path:key>/edit/", calendars.calendar_edit, name="calendar-edit"),
    path("calendars/<path:key>/", calendars.calendar_detail, name="calendar-detail"),
    path("programme/<path:key>/", programme.programme_page, name="programme"),
]
