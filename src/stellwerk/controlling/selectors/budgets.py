"""Reading budgets and forecasts: the sheet of a version with its sums, what stands for a project, what is closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q, Sum
from django.utils import timezone

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingKind, BudgetKind, Reserve, Spending
from stellwerk.controlling.models import Booking, Budget, BudgetLine, BudgetMonth
from stellwerk.controlling.services import periods
from stellwerk.controlling.services.rates import Rates
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Project


def organisation_of(project: Project) -> Organisation | None:
    """The legal entity whose months and limits of authority count: that of the portfolio, else of the project's unit."""
    unit = project.portfolio.unit or project.unit
    return unit.organisation if unit is not None else None


def closed_months(organisation: Organisation | None) -> set[dt.date]:
    return periods.closed_months(organisation) if organisation is not None else set()


def newest(project: Project, kind: str, *states: str) -> Budget | None:
    """The version with the highest number in one of ``states``."""
    return Budget.objects.filter(project=project, kind=kind, state__in=states, archived_at=None).order_by("-number", "-pk").first()  # fmt: skip


def approved_budget(project: Project) -> Budget | None:
    """The budget that counts now."""
    return newest(project, BudgetKind.PLAN, "approved")


def approved_forecast(project: Project, day: dt.date | None = None) -> Budget | None:
    """The forecast that counts now, or the one that counted at the end of ``day``."""
    if day is None:
        return newest(project, BudgetKind.FORECAST, "approved")
    rows = Budget.objects.filter(
        project=project, kind=BudgetKind.FORECAST, state__in=("approved", "superseded"), approved_at__date__lte=day
    )
    return rows.order_by("-approved_at", "-number").first()


# ── one version as a sheet ───────────────────────────────────────────────────────────────────────


@dataclass
class SheetLine:
    """A line with its amounts by month: in its own currency, and in that of the budget."""

    line: BudgetLine
    own: dict[dt.date, int] = field(default_factory=dict)
    months: dict[dt.date, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.months.values())


@dataclass
class Sheet:
    """A version of a budget with its lines; all sums in minor units of the budget's currency."""

    budget: Budget
    lines: list[SheetLine]

    @property
    def months(self) -> list[dt.date]:
        """All months from the first to the last amount."""
        return m.span(month for row in self.lines for month in row.own)

    def sum(self, *, reserve: str | None = Reserve.NONE, spending: str = "", since: dt.date | None = None) -> int:
        """The work lines (or one kind of reserve; None: all), of one kind of spending, from a month on."""
        return sum(
            amount
            for row in self.lines
            if (reserve is None or row.line.reserve == reserve) and (not spending or row.line.spending == spending)
            for month, amount in row.months.items()
            if since is None or month >= since
        )

    @property
    def bac(self) -> int:
        """The work lines: the budget at completion. Reserves stand apart until they are released (domain.md 3.2)."""
        return self.sum()

    @property
    def contingency(self) -> int:
        return self.sum(reserve=Reserve.CONTINGENCY)

    @property
    def management(self) -> int:
        return self.sum(reserve=Reserve.MANAGEMENT)

    @property
    def total(self) -> int:
        return self.sum(reserve=None)

    @property
    def capex(self) -> int:
        return self.sum(spending=Spending.CAPEX)

    @property
    def opex(self) -> int:
        return self.sum(spending=Spending.OPEX)

    def by_month(self, reserve: str | None = Reserve.NONE) -> dict[dt.date, int]:
        found: dict[dt.date, int] = {}
        for row in self.lines:
            if reserve is None or row.line.reserve == reserve:
                for month, amount in row.months.items():
                    found[month] = found.get(month, 0) + amount
        return found

    def by_cost_type(self, since: dt.date | None = None) -> dict[int | None, int]:
        """Work by cost type (its number; None where the line has none)."""
        found: dict[int | None, int] = {}
        for row in self.lines:
            if row.line.reserve == Reserve.NONE:
                amount = sum(value for month, value in row.months.items() if since is None or month >= since)
                found[row.line.cost_type_id] = found.get(row.line.cost_type_id, 0) + amount
        return found


def rate_day(budget: Budget) -> dt.date:
    """The day whose exchange rates count: that of the approval, or today while nobody has approved it."""
    return budget.rate_date or timezone.localdate()


def sheet_of(budget: Budget) -> Sheet:
    """The lines of a version in their order. Raises ``MissingRate`` where a currency has no rate."""
    return sheets_of([budget])[budget.pk]


def sheets_of(budgets: Collection[Budget]) -> dict[int, Sheet]:
    """Several versions at once, in three queries."""
    known = {budget.pk: Sheet(budget, []) for budget in budgets}
    rows: dict[int, SheetLine] = {}
    found = BudgetLine.objects.filter(budget__in=known).select_related("activity", "cost_type", "cost_centre")
    for line in found.order_by("budget_id", "position", "pk"):
        rows[line.pk] = SheetLine(line)
        known[line.budget_id].lines.append(rows[line.pk])
    currencies = {budget.currency for budget in budgets} | {row.line.currency for row in rows.values()}
    rates = Rates(currencies) if len(currencies) > 1 else None
    values = BudgetMonth.objects.filter(line__budget__in=known).order_by("month")
    for number, month, amount in values.values_list("line_id", "month", "amount"):
        row = rows[number]
        budget = known[row.line.budget_id].budget
        row.own[month] = amount
        same = rates is None or row.line.currency == budget.currency
        row.months[month] = amount if same or rates is None else rates.convert(amount, row.line.currency, budget.currency, rate_day(budget))  # fmt: skip
    return known


# ── actuals ──────────────────────────────────────────────────────────────────────────────────────


def _actual_rows(projects: Iterable[int]) -> Q:
    return Q(project__in=list(projects), kind=BookingKind.ACTUAL, left_out="", obsolete=False)


def actuals_by_month(project: Project, before: dt.date | None = None) -> dict[dt.date, int]:
    """Actual cost by month in the project's currency; ``before``: months before this one."""
    return actuals_of([project.pk], before).get(project.pk, {})


def actuals_of(projects: Iterable[int], before: dt.date | None = None) -> dict[int, dict[dt.date, int]]:
    rows = Booking.objects.filter(_actual_rows(projects))
    if before is not None:
        rows = rows.filter(month__lt=before)
    found: dict[int, dict[dt.date, int]] = {}
    for number, month, amount in rows.order_by().values_list("project", "month").annotate(t=Sum("project_amount")):
        found.setdefault(number, {})[month] = amount or 0
    return found


def actuals_by_cost_type(project: Project, before: dt.date | None = None) -> dict[int | None, int]:
    rows = Booking.objects.filter(_actual_rows([project.pk]))
    if before is not None:
        rows = rows.filter(month__lt=before)
    return {
        number: amount or 0 for number, amount in rows.order_by().values_list("cost_type").annotate(t=Sum("project_amount"))
    }  # fmt: skip


def sums(parts: Iterable[Mapping[dt.date, int]]) -> dict[dt.date, int]:
    """Amounts of several mappings added up by month, in order of time."""
    total: dict[dt.date, int] = {}
    for part in parts:
        for month, amount in part.items():
            total[month] = total.get(month, 0) + amount
    return dict(sorted(total.items()))
