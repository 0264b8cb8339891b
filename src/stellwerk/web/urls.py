"""Routes of the shell."""

from django.urls import path

from stellwerk.web import views

app_name = "web"
urlpatterns = [
    path("preferences/shell", views.preferences, name="preferences"),
    path("components", views.components, name="components"),
]
