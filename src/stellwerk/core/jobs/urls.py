"""Routes of background jobs."""

from django.urls import path

from stellwerk.core.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<uuid:uid>/", views.job_detail, name="detail"),
    path("<uuid:uid>/state", views.job_state, name="state"),
    path("<uuid:uid>/cancel", views.job_cancel, name="cancel"),
    path("<uuid:uid>/retry", views.job_retry, name="retry"),
]
