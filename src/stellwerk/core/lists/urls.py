"""Routes of the list helper."""

from django.urls import path

from stellwerk.core.lists import views

app_name = "lists"
urlpatterns = [
    path("views/save", views.view_save, name="view-save"),
    path("views/<int:pk>/edit", views.view_edit, name="view-edit"),
    path("views/<int:pk>/default", views.view_default, name="view-default"),
    path("views/<int:pk>/delete", views.view_delete, name="view-delete"),
    path("<str:code>", views.show, name="show"),
    path("<str:code>/<int:pk>/<str:column>", views.cell, name="cell"),
]
