"""Routes of the bell."""

from django.urls import path

from stellwerk.core import notification_views as views

app_name = "notifications"
urlpatterns = [
    path("", views.notification_list, name="list"),
    path("dropdown", views.dropdown, name="dropdown"),
    path("<int:pk>/open", views.open_one, name="open"),
    path("read-all", views.read_all, name="read-all"),
]
