"""Forecasts of many projects added up: rolling (3+9, 6+6, 9+3), by year, and over the mid-term."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind, Reserve
from stellwerk.controlling.models import Budget, BudgetMonth, Period
from stellwerk.controlling.selectors.budgets import actuals_of
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.core.models import User
from stellwerk.core.permissions import visible_rows
from stellwerk.portfolio.choices import Category
from stellwerk.portfolio.models import Project

GROUPS: Final = ("portfolio", "unit", "organisation", "category", "project")
CUTS: Final = ("3", "6", "9")
HORIZONS: Final = ("1", "3", "4", "5")


@dataclass
class Part:
    """A project or a group: amounts by month in minor units of the page's currency."""

    name: str
    key: str = ""
    plan: dict[dt.date, int] = field(default_factory=lambda: defaultdict(int))
    actual: dict[dt.date, int] = field(default_factory=lambda: defaultdict(int))
    rest: dict[dt.date, int] = field(default_factory=lambda: defaultdict(int))
    projects: int = 0

    def add(self, other: Part) -> None:
        self.projects += other.projects
        for mine, theirs in ((self.plan, other.plan), (self.actual, other.actual), (self.rest, other.rest)):
            for month, amount in theirs.items():
                mine[month] += amount

    def within(self, months: Collection[dt.date]) -> tuple[int, int, int]:
        """Budget, actual and rest of some months."""
        wanted = set(months)
        plan, actual, rest = (
            sum(v for k, v in part.items() if k in wanted) for part in (self.plan, self.actual, self.rest)
        )
        return plan, actual, rest


@dataclass
class Consolidated:
    """The rows of the page, their sum, and what is not in it: projects hidden from the reader or without a rate."""

    months: list[dt.date]
    cut: dt.date
    rows: list[Part]
    total: Part
    currency: str
    hidden: int = 0
    without_rate: list[str] = field(default_factory=list)
    without_budget: int = 0


def latest_closed(before: dt.date) -> dt.date | None:
    """The last month that some legal entity has closed."""
    found: dt.date | None = Period.objects.filter(state="closed", month__lt=before).aggregate(last=Max("month"))["last"]
    return found


def default_cut(year: int) -> int:
    """How many months of the year are actual: those that are closed, else those that are over."""
    end = dt.date(year + 1, 1, 1)
    closed = latest_closed(end)
    if closed is not None and closed.year == year:
        return closed.month
    today = timezone.localdate()
    return 12 if today >= end else today.month - 1 if today.year == year else 0


def consolidated(
    user: User | None, *, year: int, years: int = 1, cut: int, group: str = "portfolio", portfolio: int | None = None,
    currency: str = "EUR",
) -> Consolidated:  # fmt: skip
    """Actual for the first ``cut`` months of ``year``, then what the confirmed forecasts expect (without one: the approved budget).

    A forecast speaks from its first month on; before it, actuals count, also where ``cut`` lies earlier. Reserves are left out.
    """
    months = m.between(dt.date(year, 1, 1), dt.date(year + years - 1, 12, 1))
    edge = m.step(months[0], cut)
    everything = Project.objects.filter(archived_at=None)
    if portfolio is not None:
        everything = everything.filter(portfolio=portfolio)
    seen = visible_rows(user, everything, "money")
    projects = {
        row.pk: row for row in seen.select_related("portfolio__unit__organisation", "unit__organisation").order_by("key")
    }  # fmt: skip
    result = Consolidated(months, edge, [], Part(_("Total")), currency, hidden=everything.count() - len(projects))
    groups: dict[str, Part] = {}
    for number, part, problem in _parts(projects, months, edge, currency):
        if problem:
            result.without_rate.append(problem)
            continue
        if part is None:
            result.without_budget += 1
            continue
        name = _group_name(projects[number], group)
        groups.setdefault(name, Part(name, projects[number].key if group == "project" else "")).add(part)
        result.total.add(part)
    result.rows = sorted(groups.values(), key=lambda row: (-sum(row.within(months)[1:]), row.name))
    return result


def _group_name(project: Project, group: str) -> str:
    unit = project.unit or project.portfolio.unit
    if group == "unit":
        return str(unit) if unit is not None else _("Without a unit")
    if group == "organisation":
        owner = project.portfolio.unit or project.unit
        return str(owner.organisation) if owner is not None else _("Without an organisation")
    if group == "category":
        return str(Category(project.category).label) if project.category else _("Without a category")
    return project.name if group == "project" else project.portfolio.name


def _parts(
    projects: dict[int, Project], months: list[dt.date], edge: dt.date, currency: str
) -> Iterable[tuple[int, Part | None, str]]:
    versions = _standing(projects)
    amounts = _amounts(versions.values(), months)
    actuals = actuals_of(projects)
    rates = Rates()
    today = timezone.localdate()
    wanted = set(months)
    for number, project in projects.items():
        plan, forecast = versions.get((number, BudgetKind.PLAN)), versions.get((number, BudgetKind.FORECAST))
        spent = {month: amount for month, amount in actuals.get(number, {}).items() if month in wanted}
        if plan is None and forecast is None and not spent:
            yield number, None, ""
            continue
        part = Part(project.name, project.key, projects=1)
        try:
            for budget, into in ((plan, part.plan), (forecast or plan, part.rest)):
                if budget is not None:
                    for month, own, amount in amounts.get(budget.pk, ()):
                        into[month] += rates.convert(amount, own, currency, budget.rate_date or today)
            for month, amount in spent.items():
                part.actual[month] += rates.convert(amount, project.currency, currency, m.last_day(month))
        except MissingRate as missing:
            yield number, None, f"{project.key}: {missing.message}"
            continue
        first = forecast.first_open if forecast is not None else None
        for month in months:
            is_actual = month < edge or (first is not None and month < first)
            (part.rest if is_actual else part.actual).pop(month, None)
        yield number, part, ""


def _standing(projects: Collection[int]) -> dict[tuple[int, str], Budget]:
    """The approved budget and the confirmed forecast of each project."""
    rows = Budget.objects.filter(state="approved", archived_at=None, project__in=list(projects)).order_by("number")
    return {(row.project_id, row.kind): row for row in rows}


def _amounts(budgets: Iterable[Budget], months: Collection[dt.date]) -> dict[int, list[tuple[dt.date, str, int]]]:
    """Work amounts by version: ``(month, currency, amount)``."""
    found: dict[int, list[tuple[dt.date, str, int]]] = defaultdict(list)
    rows = BudgetMonth.objects.filter(
        line__budget__in=[row.pk for row in budgets], line__reserve=Reserve.NONE, month__gte=min(months), month__lte=max(months)
    )  # fmt: skip
    sums = rows.order_by().values_list("line__budget", "month", "line__currency").annotate(t=Sum("amount"))
    for budget, month, currency, amount in sums:
        found[budget].append((month, currency, amount or 0))
    return found
