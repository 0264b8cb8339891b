"""Routes of business cases and strategic objectives."""

from django.urls import URLPattern, path

from stellwerk.controlling.views import cases

URLS: list[URLPattern] = [
    path("cases/", cases.case_list, name="case-list"),
    path("cases/<path:key>/edit", cases.case_edit, name="case-edit"),
    path("cases/<path:key>/drivers", cases.case_drivers, name="case-drivers"),
    path("cases/<path:key>/follow-up", cases.case_follow_up, name="case-follow-up"),
    path("cases/<path:key>", cases.case_detail, name="case-detail"),
    path("new-case/<path:key>", cases.case_create, name="case-create"),
]
