"""Routes of set-up and sign-in beside those of allauth."""

from django.urls import path

from stellwerk.core import auth_views as views

app_name = "auth"
urlpatterns = [
    path("setup/", views.setup, name="setup"),
    path("no-roles/", views.no_roles, name="no-roles"),
    path("demo/sign-in/<slug:code>", views.demo_sign_in, name="demo-sign-in"),
]
