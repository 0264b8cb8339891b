"""Portfolios: list, form, page, limits of the traffic lights."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, StaleEdit
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.engine import lights
from stellwerk.portfolio.choices import DIMENSION_LABELS
from stellwerk.portfolio.forms import BUDGET_ROWS, PortfolioForm, ThresholdsForm
from stellwerk.portfolio.models import Portfolio, Programme
from stellwerk.portfolio.services.portfolios import edit_portfolio, set_thresholds
from stellwerk.portfolio.views.common import page, refused, saved, version_of
from stellwerk.portfolio.words import rule_words


@access("view", "portfolio.portfolio")
def portfolio_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "portfolio.portfolio")


@access("create", "portfolio.portfolio")
def portfolio_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, PortfolioForm, rows=[BUDGET_ROWS], then=_detail)


def _detail(obj: Any) -> str:
    return reverse("portfolio:portfolio-detail", args=[obj.key])


@access("edit", "portfolio.portfolio")
def portfolio_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Portfolio, "edit", key=key)
    return edit_page(
        request, PortfolioForm, obj, rows=[BUDGET_ROWS], cancel=_detail(obj), then=_detail,
        save=lambda values, version, reason: edit_portfolio(portfolio=obj, values=values, by=user, version=version, reason=reason),
    )  # fmt: skip


@access("view", "portfolio.portfolio")
def portfolio_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Portfolio.objects.select_related("unit", "manager", "scoring_model", "owner"), key=key)
    programmes = visible_rows(user, Programme.objects.filter(portfolio=obj, archived_at__isnull=True)).select_related(
        "manager"
    )
    context = {
        "object": obj, "portfolio": obj, "budgets": list(obj.budgets.all()), "programmes": list(programmes[:50]),
        "rules": [rule for rule in _rules(obj) if rule["changed"]], "may_edit": can(user, "edit", obj) and not obj.archived,
    }  # fmt: skip
    return page(request, "portfolio/portfolio_detail.html", context)


def _rules(obj: Portfolio) -> list[dict[str, Any]]:
    rows = []
    for rule in lights.DEFAULT_RULES:
        mine = obj.thresholds.get(rule.code, {})
        words = rule_words(rule)
        rows.append(
            {
                "code": rule.code, "dimension": DIMENSION_LABELS[rule.dimension], "label": words["label"], "words": words,
                "green": rule.green, "amber": rule.amber, "set": mine, "changed": bool(mine), "worst": rule.worst,
                "higher": rule.higher_is_better,
            }
        )  # fmt: skip
    return rows


@access("edit", "portfolio.portfolio")
def thresholds(request: HttpRequest, key: str) -> HttpResponse:
    """Limits of green and amber of this portfolio; empty is the method's default."""
    user = actor(request)
    obj = fetch(user, Portfolio, "edit", key=key)
    form = ThresholdsForm(request.POST if request.method == "POST" else None, rules=_rules(obj))
    if request.method == "POST" and form.is_valid():
        try:
            set_thresholds(
                portfolio=obj,
                thresholds=form.thresholds(),
                by=user,
                version=version_of(request),
                reason=request.POST.get("reason", ""),
            )
            return saved(request, _detail(obj), _("The limits have been saved."))
        except (Invalid, StaleEdit) as error:
            refused(form, error)
    return page(
        request, "portfolio/thresholds.html", {"object": obj, "portfolio": obj, "form": form}, invalid=form.is_bound
    )
