"""Routes of pay bands."""

from django.urls import URLPattern, path

from stellwerk.staffing.views import pay

URLS: list[URLPattern] = [
    path("pay-bands/", pay.band_list, name="band-list"),
    path("pay-bands/new", pay.band_create, name="band-create"),
    path("pay-bands/<int:pk>", pay.band_detail, name="band-detail"),
    path("pay-bands/<int:pk>/end", pay.band_end, name="band-end"),
]
