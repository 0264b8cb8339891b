"""Budgets and forecasts of a project: the overview, one version, its head data, its sheet."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.budget_words import approval_of
from stellwerk.controlling.choices import BudgetKind, Reserve, Spending
from stellwerk.controlling.forms_budgets import BudgetForm, NewBudgetForm
from stellwerk.controlling.grid_page import GridPage, phase_row
from stellwerk.controlling.models import Budget, CostType
from stellwerk.controlling.selectors.budgets import Sheet, sheet_of
from stellwerk.controlling.selectors.project_money import ProjectMoney, bridge_of, money_of
from stellwerk.controlling.services import grid
from stellwerk.controlling.services.budgets import create_budget, edit_budget, save_lines
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused, StaleEdit
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.portfolio.models import Project

RELATED = ("project__portfolio__unit", "project__programme", "baseline", "approved_by")


@access("view", "controlling.budget")
def budget_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.budget", count_hidden=True)


# ── a project ────────────────────────────────────────────────────────────────────────────────────


@access("view", "controlling.budget")
def project_budgets(request: HttpRequest, key: str) -> HttpResponse:
    """What was approved, spent and expected; all versions; what to do next."""
    user = actor(request)
    project = fetch(user, Project.objects.select_related("portfolio__unit", "programme", "unit"), "money", key=key)
    versions = visible_rows(user, Budget.objects.filter(project=project, archived_at=None).select_related("baseline"))
    rows = list(versions.order_by("kind", "-number", "-pk"))
    money, problem = _money(project)
    drafts = {row.kind for row in rows if row.state in ("draft", "submitted", "endorsed", "rejected")}
    creates = can(user, "create", Budget(project=project)) and not project.archived
    context = {
        "project": project, "money": money, "problem": problem, "versions": rows, "currency": project.currency,
        "new_budget": creates and BudgetKind.PLAN not in drafts, "new_forecast": creates and BudgetKind.FORECAST not in drafts,
        "years": _by_year(money), "chart": _chart(money), "may_rule": can(user, "money_rules", project),
        "bookings_url": f"{reverse('controlling:booking-list')}?{urlencode({'project__is': project.key})}" if can(user, "view", "controlling.booking") else "",
    }  # fmt: skip
    return render(request, "controlling/project_budgets.html", context)


def _money(project: Project) -> tuple[ProjectMoney, str]:
    try:
        return money_of(project), ""
    except MissingRate as missing:
        return ProjectMoney(project), str(missing.message)


def _by_year(money: ProjectMoney) -> list[dict[str, int]]:
    years: dict[int, dict[str, int]] = {}
    for month, plan, actual, rest in money.by_month():
        year = years.setdefault(month.year, {"year": month.year, "budget": 0, "actual": 0, "rest": 0})
        year["budget"] += plan
        year["actual"] += actual
        year["rest"] += rest
    return [year | {"expected": year["actual"] + year["rest"]} for year in years.values()]


def _chart(money: ProjectMoney) -> dict[str, Any] | None:
    """Spent and expected by month as bars, the budget as ticks; by quarter where there are many months."""
    rows = money.by_month()
    if not rows:
        return None
    parts: dict[str, list[int]] = {}
    for month, plan, actual, rest in rows:
        name = f"{month:%m/%y}" if len(rows) <= 18 else f"Q{(month.month + 2) // 3}/{month:%y}"
        sums = parts.setdefault(name, [0, 0, 0])
        for at, amount in enumerate((plan, actual, rest)):
            sums[at] += amount
    currency = money.project.currency

    def thousands(at: int) -> list[float]:
        return [float(formats.major(sums[at], currency)) / 1000 for sums in parts.values()]

    return {
        "unit": formats.money_unit(currency, "k"), "categories": list(parts),
        "series": [
            {"name": _("Actual"), "role": "actual", "values": thousands(1)},
            {"name": _("Forecast"), "role": "forecast", "values": thousands(2)},
        ],
        "budget": thousands(0), "budget_name": _("Budget"),
    }  # fmt: skip


@access("create", "controlling.budget")
def budget_create(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    user = actor(request)
    project = fetch(user, Project.objects.select_related("proposal"), key=key)

    def save(values: dict[str, Any]) -> Budget:
        return create_budget(project=project, kind=kind, by=user, **values)

    forecast = kind == BudgetKind.FORECAST
    title = _("New forecast of “%(name)s”") if forecast else _("New budget of “%(name)s”")
    return create_page(
        request, NewBudgetForm, save=save, title=title % {"name": project}, form_options={"project": project, "kind": kind},
        cancel=reverse("controlling:project-budgets", args=[project.key]),
        then=lambda obj: reverse("controlling:budget-lines", args=[obj.key]),
    )  # fmt: skip


# ── one version ──────────────────────────────────────────────────────────────────────────────────


@access("view", "controlling.budget")
def budget_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    budget = fetch(user, Budget.objects.select_related(*RELATED), key=key)
    problem, sheet = "", Sheet(budget, [])
    try:
        sheet = sheet_of(budget)
    except MissingRate as missing:
        problem = str(missing.message)
    years = sorted({month.year for month in sheet.months})
    context = {
        "object": budget, "budget": budget, "sheet": sheet, "years": years, "problem": problem, "currency": budget.currency,
        "lines": [_row(row.line, row.months, years) for row in sheet.lines], "totals": _year_totals(sheet, years),
        "steps": _bridge(budget) if budget.kind == BudgetKind.FORECAST and not problem else [],
        "may_edit": can(user, "edit", budget) and not budget.archived, "approval": approval_of(budget, None if problem else sheet.total),
        "panels": panels_for(request, budget), "actions": actions_for(request, budget),
    }  # fmt: skip
    return render(request, "controlling/budget_detail.html", context)


def _row(line: Any, months: dict[dt.date, int], years: list[int]) -> dict[str, Any]:
    per_year = [sum(amount for month, amount in months.items() if month.year == year) for year in years]
    return {"line": line, "years": per_year, "total": sum(per_year)}


def _year_totals(sheet: Sheet, years: list[int]) -> list[int]:
    months = sheet.by_month(reserve=None)
    return [sum(amount for month, amount in months.items() if month.year == year) for year in years]


def _bridge(forecast: Budget) -> list[dict[str, Any]]:
    """The steps from budget to forecast, each with what stands before it: a waterfall of bars."""
    bridge = bridge_of(forecast)
    if bridge is None:
        return []
    names = {
        row.pk: str(row) for row in CostType.objects.filter(pk__in=[step.key for step in bridge.steps if step.key])
    }
    top = max([bridge.budget, bridge.forecast, *(max(step.begin, step.end) for step in bridge.steps)], default=0)
    rows = [{"name": _("Budget"), "amount": bridge.budget, "sum": True, "parts": [("plan", bridge.budget)], "top": top}]
    for step in bridge.steps:
        low = max(0, min(step.begin, step.end))
        rows.append(
            {
                "name": names.get(step.key or 0, _("Without a cost type")), "amount": step.amount, "sum": False, "top": top,
                "parts": [("none", low), ("press" if step.amount > 0 else "d2", abs(step.amount))],
            }
        )  # fmt: skip
    rows.append(
        {"name": _("Forecast"), "amount": bridge.forecast, "sum": True, "parts": [("d1", bridge.forecast)], "top": top}
    )
    return rows


@access("edit", "controlling.budget")
def budget_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    budget = fetch(user, Budget.objects.select_related(*RELATED), "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Budget:
        return edit_budget(budget=budget, values=values, by=user, version=version, reason=reason)

    return edit_page(request, BudgetForm, budget, save=save)


# ── the sheet ────────────────────────────────────────────────────────────────────────────────────


@access("view", "controlling.budget")
def budget_lines(request: HttpRequest, key: str) -> HttpResponse:
    """Lines × months like a spreadsheet; read-only for who may not edit, and for versions that are no drafts."""
    user = actor(request)
    budget = fetch(user, Budget.objects.select_related(*RELATED), key=key)
    page = GridPage(budget, editable=can(user, "edit", budget) and not budget.archived)
    if request.method == "POST":
        answer = _save(request, page)
        if answer is not None:
            return answer
    context = {
        "object": budget, "budget": budget, "page": page, "currency": budget.currency, "spendings": Spending.choices,
        "reserves": Reserve.choices, "first_month": m.code(page.months[0]) if page.months else "",
        "last_month": m.code(page.months[-1]) if page.months else "",
    }  # fmt: skip
    return render(request, "controlling/budget_lines.html", context, status=page.status)


def _save(request: HttpRequest, page: GridPage) -> HttpResponse | None:
    """Save the sheet, or (``then``) give it back with a row, a year or a spread amount; None: show the page again."""
    user, budget = actor(request), page.budget
    then = request.POST.get("then", "save")
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    try:
        if not page.editable:
            fetch(user, Budget, "edit", pk=budget.pk)
        typed = grid.read(budget, request.POST)
        page.take(typed, version)
        if then == "row":
            page.add_row()
            return None
        if then == "year":
            page.more = 12
            return None
        if then == "phase":
            phase_row(page, request.POST)
            return None
        if typed.errors:
            raise Invalid(typed.errors)
        save_lines(budget=budget, lines=typed.lines, by=user, version=version, reason=request.POST.get("reason", ""))
    except StaleEdit as stale:
        page.conflicts, page.changed_by, page.version, page.status = (
            stale.conflicts,
            stale.changed_by,
            stale.current_version,
            409,
        )
        return None
    except Refused as refusal:
        page.refuse(refusal)
        return None
    messages.success(request, _("“%(name)s” has been saved.") % {"name": budget})
    return HttpResponseRedirect(url_of(budget) if then == "done" else request.path)
