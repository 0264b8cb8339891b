"""Routes of demands and allocations."""

from django.urls import URLPattern, path

from stellwerk.resources.views import bookings, demands, plan_demands

URLS: list[URLPattern] = [
    path("demands/", demands.demand_list, name="demand-list"),
    path("demands/new", demands.demand_create, name="demand-create"),
    path("demands/<path:key>/edit", demands.demand_edit, name="demand-edit"),
    path("demands/<path:key>/ask", demands.demand_ask, name="demand-ask"),
    path("demands/<path:key>", demands.demand_detail, name="demand-detail"),
    path("project-demands/<path:key>", demands.project_demands, name="project-demands"),
    path("plan-demands/<path:key>", plan_demands.plan_demands, name="plan-demands"),
    path("requests", bookings.requests, name="requests"),
    path("bookings/", bookings.booking_list, name="allocation-list"),
    path("bookings/<path:key>/answer", bookings.booking_answer, name="allocation-answer"),
    path("bookings/<path:key>", bookings.booking_detail, name="allocation-detail"),
]
