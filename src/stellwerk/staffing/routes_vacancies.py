"""Routes of vacancies."""

from django.urls import URLPattern, path

from stellwerk.staffing.views import vacancies

URLS: list[URLPattern] = [
    path("vacancies/", vacancies.vacancy_list, name="vacancy-list"),
    path("vacancies/new", vacancies.vacancy_create, name="vacancy-create"),
    path("vacancies/<path:key>/edit", vacancies.vacancy_edit, name="vacancy-edit"),
    path("vacancies/<path:key>/copy", vacancies.vacancy_copy, name="vacancy-copy"),
    path("vacancies/<path:key>/partners", vacancies.vacancy_share, name="vacancy-share"),
    path("vacancies/<path:key>", vacancies.vacancy_detail, name="vacancy-detail"),
]
