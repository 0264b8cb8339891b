"""Routes of one's own API tokens."""

from django.urls import path

from stellwerk.api import views

app_name = "tokens"
urlpatterns = [
    path("", views.tokens, name="list"),
    path("<int:pk>/revoke/", views.revoke, name="revoke"),
]
