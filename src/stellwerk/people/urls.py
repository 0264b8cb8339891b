"""Routes of the people room."""

from django.urls import path

from stellwerk.people import views
from stellwerk.people.views import accounts, structure

app_name = "people"
urlpatterns = [
    path("", views.person_list, name="person-list"),
    path("new", views.person_create, name="person-create"),
    path("units/", structure.unit_tree_page, name="unit-tree"),
    path("units/list", structure.unit_list, name="unit-list"),
    path("units/new", structure.unit_create, name="unit-create"),
    path("units/<str:key>", structure.unit_detail, name="unit-detail"),
    path("units/<str:key>/edit", structure.unit_edit, name="unit-edit"),
    path("organisations/", structure.organisation_list, name="organisation-list"),
    path("organisations/new", structure.organisation_create, name="organisation-create"),
    path("organisations/<str:key>", structure.organisation_detail, name="organisation-detail"),
    path("organisations/<str:key>/edit", structure.organisation_edit, name="organisation-edit"),
    path("organisations/<str:key>/locations/new", structure.location_create, name="location-create"),
    path("locations/<int:pk>/edit", structure.location_edit, name="location-edit"),
    path("roles/", structure.role_list, name="role-list"),
    path("roles/new", structure.role_create, name="role-create"),
    path("roles/<str:key>", structure.role_detail, name="role-detail"),
    path("roles/<str:key>/edit", structure.role_edit, name="role-edit"),
    path("accounts/", accounts.user_list, name="user-list"),
    path("accounts/new", accounts.user_create, name="user-create"),
    path("accounts/<int:pk>", accounts.user_detail, name="user-detail"),
    path("accounts/<int:pk>/edit", accounts.user_edit, name="user-edit"),
    path("accounts/<int:pk>/close", accounts.user_close, name="user-close"),
    path("accounts/<int:pk>/reopen", accounts.user_reopen, name="user-reopen"),
    path("accounts/<int:pk>/invite", accounts.user_invite, name="user-invite"),
    path("accounts/<int:pk>/erase", accounts.user_erase, name="user-erase"),
    path("accounts/<int:pk>/roles/new", accounts.grant_create, name="grant-create"),
    path("assignments/", accounts.grant_list, name="grant-list"),
    path("assignments/<int:pk>/edit", accounts.grant_edit, name="grant-edit"),
    path("assignments/<int:pk>/end", accounts.grant_end, name="grant-end"),
    path("profile", accounts.profile, name="profile"),
    path("<str:key>", views.person_detail, name="person-detail"),
    path("<str:key>/edit", views.person_edit, name="person-edit"),
    path("<str:key>/data", views.person_data, name="person-data"),
    path("<str:key>/erase", views.person_erase, name="person-erase"),
]
