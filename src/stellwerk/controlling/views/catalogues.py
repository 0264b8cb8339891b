"""What money is counted by: cost types, cost centres, limits of authority, and the money rules of a project."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from stellwerk.controlling.forms_budgets import CostCentreForm, CostTypeForm, LimitForm, MoneyRulesForm
from stellwerk.controlling.models import AuthorityLimit, CostCentre, CostType, MoneyRules
from stellwerk.controlling.services.catalogues import rules_of, save_rules
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can
from stellwerk.core.registry import url_of
from stellwerk.portfolio.models import Project

DETAIL = "controlling/catalogue_detail.html"


@access("view", "controlling.costtype")
def cost_type_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.costtype")


@access("create", "controlling.costtype")
def cost_type_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, CostTypeForm)


@access("edit", "controlling.costtype")
def cost_type_edit(request: HttpRequest, key: str) -> HttpResponse:
    return edit_page(request, CostTypeForm, fetch(actor(request), CostType, "edit", key=key))


@access("view", "controlling.costtype")
def cost_type_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, CostType, key=key)
    lines = [
        (_("name (German)"), obj.name), (_("name (English)"), obj.name_en), (_("CapEx or OpEx"), obj.get_spending_display()),
        (_("ERP accounts"), obj.accounts),
        (_("actuals of labour from"), obj.get_labour_source_display() if obj.labour else _("no labour")),
    ]  # fmt: skip
    return _detail(request, obj, lines, "controlling:cost-type-edit")


@access("view", "controlling.costcentre")
def cost_centre_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.costcentre")


@access("create", "controlling.costcentre")
def cost_centre_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, CostCentreForm)


@access("edit", "controlling.costcentre")
def cost_centre_edit(request: HttpRequest, key: str) -> HttpResponse:
    return edit_page(request, CostCentreForm, fetch(actor(request), CostCentre, "edit", key=key))


@access("view", "controlling.costcentre")
def cost_centre_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, CostCentre.objects.select_related("organisation", "unit"), key=key)
    lines = [
        (_("number"), obj.number), (_("name"), obj.name), (_("organisation"), obj.organisation), (_("unit"), obj.unit),
    ]  # fmt: skip
    return _detail(request, obj, lines, "controlling:cost-centre-edit")


def _detail(request: HttpRequest, obj: CostType | CostCentre, lines: list[tuple[str, Any]], edit: str) -> HttpResponse:
    user = actor(request)
    context = {
        "object": obj, "lines": lines, "edit": edit, "may_edit": can(user, "edit", obj) and not obj.archived,
    }  # fmt: skip
    return render(request, DETAIL, context)


# ── limits of authority ──────────────────────────────────────────────────────────────────────────


@access("view", "controlling.authoritylimit")
def limit_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.authoritylimit")


@access("create", "controlling.authoritylimit")
def limit_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, LimitForm)


@access("edit", "controlling.authoritylimit")
def limit_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return edit_page(request, LimitForm, fetch(actor(request), AuthorityLimit, "edit", pk=pk), ask_reason=True)


# ── rules of a project ───────────────────────────────────────────────────────────────────────────


@access("money_rules", "portfolio.project")
def money_rules(request: HttpRequest, key: str) -> HttpResponse:
    """Which forecast counts, what is tolerated, how far % complete counts."""
    user = actor(request)
    project = fetch(user, Project, "money_rules", key=key)
    rules = rules_of(project)

    def save(values: dict[str, Any], version: int | None, reason: str) -> MoneyRules:
        return save_rules(project=project, values=values, by=user, version=version, reason=reason)

    return edit_page(
        request, MoneyRulesForm, rules, save=save, title=_("Money rules of “%(name)s”") % {"name": project},
        cancel=url_of(project), message=_("The money rules have been saved."), then=lambda obj: url_of(project),
        context={"project": project}, template="controlling/money_rules.html",
    )  # fmt: skip
