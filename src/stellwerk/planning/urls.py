"""Routes of the planning room. Keys may hold any character, so the key stands last or before a fixed word."""

from django.urls import path

from stellwerk.planning import routes_baselines, routes_exchange, routes_print, routes_programme
from stellwerk.planning.views import activities, plan

app_name = "planning"
urlpatterns = [
    path("activities/<int:pk>/", activities.activity_detail, name="activity-detail"),
    *routes_baselines.URLS,
    *routes_print.URLS,
    *routes_exchange.URLS,
    *routes_programme.URLS,
    path("<path:key>/data/", plan.plan_data, name="plan-data"),
    path("<path:key>/edit/", plan.plan_edit, name="plan-edit"),
    path("<path:key>/undo/", plan.plan_undo, name="plan-undo"),
    path("<path:key>/reschedule/", plan.plan_reschedule, name="plan-reschedule"),
    path("<path:key>/begin/", plan.plan_create, name="plan-create"),
    path("<path:key>/", plan.plan_page, name="plan"),
]
