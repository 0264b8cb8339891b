"""Routes of actuals, mapping and the close of months."""

from django.urls import URLPattern, path

from stellwerk.controlling.views import actuals, bookings, periods

URLS: list[URLPattern] = [
    path("months/", periods.month_list, name="month-list"),
    path("months/begin", periods.month_begin, name="month-begin"),
    path("months/<int:pk>", periods.month_detail, name="month-detail"),
    path("months/<int:pk>/accept", periods.month_accept, name="month-accept"),
    path("months/<int:pk>/labour", periods.month_labour, name="month-labour"),
    path("months/<int:pk>/proof", periods.month_proof, name="month-proof"),
    path("actuals/", actuals.actuals_list, name="actuals-list"),
    path("actuals/new", actuals.actuals_new, name="actuals-new"),
    path("actuals/<int:pk>", actuals.actuals_import, name="actuals-import"),
    path("actuals/<int:pk>/mapping", actuals.actuals_mapping, name="actuals-mapping"),
    path("actuals/<int:pk>/apply", actuals.actuals_apply, name="actuals-apply"),
    path("actuals/<int:pk>/undo", actuals.actuals_undo, name="actuals-undo"),
    path("actuals/<int:pk>/discard", actuals.actuals_discard, name="actuals-discard"),
    path("work-list/", bookings.unmatched, name="unmatched"),
    path("bookings/", bookings.booking_list, name="booking-list"),
    path("bookings/new", bookings.booking_create, name="booking-create"),
    path("bookings/<int:pk>", bookings.booking_detail, name="booking-detail"),
    path("bookings/<int:pk>/reverse", bookings.booking_reverse, name="booking-reverse"),
]
