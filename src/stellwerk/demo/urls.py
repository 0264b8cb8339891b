"""Routes of the demo."""

from django.urls import path

from stellwerk.demo import views

app_name = "demo"
urlpatterns = [path("load", views.load, name="load")]
