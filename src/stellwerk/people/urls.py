"""Routes of the people room."""

from django.urls import path

from stellwerk.people import views

app_name = "people"
urlpatterns = [
    path("", views.person_list, name="person-list"),
]
