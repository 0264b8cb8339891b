"""Routes of the tests: shell and core, a plain page for every entity, and form pages that stand on the shared helpers."""

from __future__ import annotations

from django.apps import apps
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from stellwerk.core.access import actor, fetch, signed_in
from stellwerk.core.pages import EntityForm, Rows, create_page, edit_page
from stellwerk.core.registry import ENTITIES

Project = apps.get_model("portfolio", "Project")
ScoringModel = apps.get_model("portfolio", "ScoringModel")
Criterion = apps.get_model("portfolio", "Criterion")
Portfolio = apps.get_model("portfolio", "Portfolio")
PortfolioBudget = apps.get_model("portfolio", "PortfolioBudget")


class ProjectForm(EntityForm):
    groups = (("Dates", ("start_forecast", "finish_forecast")),)

    class Meta:
        model = Project
        fields = [
            "name",
            "description",
            "portfolio",
            "manager",
            "currency",
            "budget",
            "start_forecast",
            "finish_forecast",
            "priority",
        ]


class ModelForm(EntityForm):
    class Meta:
        model = ScoringModel
        fields = ["name", "description"]


class PortfolioForm(EntityForm):
    class Meta:
        model = Portfolio
        fields = ["name", "currency"]


def _sum(parent, rows):
    total = sum(row["weight"] for row in rows)
    return [] if not rows or total == 100 else [f"The weights sum to {total}, not to 100."]


CRITERIA = Rows("criteria", "Criteria", Criterion, ("name", "weight"), "model", check=_sum)
BUDGETS = Rows("budgets", "Budgets", PortfolioBudget, ("year", "amount"), "portfolio")


@signed_in
def project_new(request):
    return create_page(request, ProjectForm)


@signed_in
def project_edit(request, pk):
    return edit_page(request, ProjectForm, fetch(actor(request), Project, "edit", pk=pk), ask_reason=True)


@signed_in
def project_edit_with_reason(request, pk):
    return edit_page(request, ProjectForm, fetch(actor(request), Project, "edit", pk=pk), reason_required=True)


@signed_in
def model_new(request):
    return create_page(request, ModelForm, rows=[CRITERIA])


@signed_in
def model_edit(request, pk):
    return edit_page(request, ModelForm, fetch(actor(request), ScoringModel, "edit", pk=pk), rows=[CRITERIA])


@signed_in
def portfolio_edit(request, pk):
    return edit_page(request, PortfolioForm, fetch(actor(request), Portfolio, "edit", pk=pk), rows=[BUDGETS])


DETAIL = """{% extends "base.html" %}{% block title %}{{ object }}{% endblock title %}
{% block actions %}{% include "core/transition_buttons.html" %}{% watch_button object %}
<c-menu label="More">{% include "core/entity_menu.html" %}</c-menu>{% endblock actions %}
{% block notes %}{{ block.super }}{% include "core/archived_note.html" %}{% endblock notes %}
{% block content %}{% state_pill object %}{% entity_panel "checks" object %}{% include "core/entity_footer.html" %}{% endblock content %}"""


def detail(kind):
    @signed_in
    def view(request, value):
        obj = fetch(actor(request), kind.model, **{kind.url_by: value})
        return HttpResponse(engines["django"].from_string(DETAIL).render({"object": obj}, request))

    return view


def rooms():
    found = {}
    for kind in ENTITIES.values():
        room, _, name = kind.url_name.partition(":")
        if name and room != "core":
            found.setdefault(room, []).append(path(f"{name}/<str:value>", detail(kind), name=name))
    return [path(f"{room}/", include((routes, room))) for room, routes in found.items()]


urlpatterns = [
    path("t/project/new", project_new),
    path("t/project/<int:pk>", project_edit),
    path("t/project/<int:pk>/reason", project_edit_with_reason),
    path("t/model/new", model_new),
    path("t/model/<int:pk>", model_edit),
    path("t/portfolio/<int:pk>", portfolio_edit),
    *rooms(),
    path("accounts/", include("allauth.urls")),
    path("notifications/", include("stellwerk.core.notification_urls")),
    path("jobs/", include("stellwerk.core.jobs.urls")),
    path("", include("stellwerk.web.urls")),
    path("", include("stellwerk.core.urls")),
    path("", include("stellwerk.core.auth_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
handler403 = "stellwerk.web.views.permission_denied"
handler404 = "stellwerk.web.views.page_not_found"
