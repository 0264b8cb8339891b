"""Earned value of projects at a data date: from budget lines, progress and bookings, with everything each figure is made of.

Planned value: within a month a line accrues evenly over its weekdays, cumulatively rounded, so that a month ends at its amount to the cent.
Earned value: the budget of each work package by its method; lines without a work package earn as planned. Actual cost: bookings of the months
before, and of the month of the data date those posted up to it. All in minor units of the project's currency.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingKind, BudgetKind, Reserve
from stellwerk.controlling.models import Booking, Budget, MoneyRules
from stellwerk.controlling.selectors.budgets import Sheet, SheetLine, sheets_of
from stellwerk.controlling.selectors.progress import AS_PLANNED, Progress, reported_rows
from stellwerk.engine.earned_value import (
    DatedPlan,
    DatedSchedule,
    Earned,
    Measures,
    Variant,
    dated_schedule,
)
from stellwerk.planning.choices import EvMethod
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project

VARIANTS = {1: Variant.ONE_OFF, 2: Variant.CPI, 3: Variant.CPI_SPI, 4: Variant.BOTTOM_UP}


@dataclass
class PackageRow:
    """One work package: what it may cost, what was planned, earned and spent. ``activity`` None: lines without one."""

    activity: Activity | None
    wbs: str
    name: str
    budget: int
    pv: int
    progress: Progress
    ev: int = 0
    ac: int = 0
    capped: bool = False

    @property
    def percent(self) -> Fraction | None:
        return Fraction(self.ev, self.budget) if self.budget else None

    @property
    def cv(self) -> int:
        return self.ev - self.ac

    @property
    def sv(self) -> int:
        return self.ev - self.pv


@dataclass
class ProjectEv:
    """Earned value of one project at ``day``. ``measures`` None: no budget was approved by then."""

    project: Project
    day: dt.date
    budget: Budget | None = None
    sheet: Sheet | None = None
    packages: list[PackageRow] = field(default_factory=list)
    measures: Measures | None = None
    earned: Earned | None = None
    actual_months: dict[dt.date, int] = field(default_factory=dict)
    commitment: int = 0
    plan: DatedPlan | None = None  # planned value by weekday
    forecast: Sheet | None = None  # the forecast that was confirmed last
    estimated: bool = False  # the day is over: progress of then follows from actual dates
    frozen: bool = False  # the numbers are those of a closed month

    @cached_property
    def schedule(self) -> DatedSchedule | None:
        """Earned schedule; time stops when everything is earned."""
        if self.plan is None or self.measures is None or not self.measures.bac:
            return None
        return dated_schedule(self.plan, self.measures.ev, self.day, self.project.finish_actual)

    @property
    def remaining(self) -> int | None:
        """Bottom-up estimate to complete by the confirmed forecast; None where none is confirmed."""
        return sum(self.open_months.values()) if self.forecast is not None else None

    @property
    def open_months(self) -> dict[dt.date, int]:
        """What the confirmed forecast still expects, by month."""
        if self.forecast is None:
            return {}
        return open_months(self.forecast, self.day, self.actual_months.get(m.month_of(self.day), 0))

    @property
    def spi_t(self) -> Fraction | None:
        return self.schedule.schedule.spi_t if self.schedule is not None else None

    @property
    def unplanned(self) -> int:
        """Actual cost of work packages that have no budget."""
        return sum(row.ac for row in self.packages if not row.budget)


def counting_bookings(projects: Iterable[int], day: dt.date) -> QuerySet[Booking]:
    """Bookings that are actual cost at the end of ``day``: earlier months, and of its month what was posted by then.

    At the end of a month all of the month counts, also what was posted in it later (closing entries).
    """
    month = m.month_of(day)
    until = Q(month__lte=month) if day == m.last_day(month) else Q(month__lt=month) | Q(month=month, posted__lte=day)
    return Booking.objects.filter(until, project__in=projects, kind=BookingKind.ACTUAL, left_out="", obsolete=False)


def earned_value(project: Project, day: dt.date) -> ProjectEv:
    """Earned value of one project at the end of ``day``."""
    return earned_values([project], day)[project.pk]


def earned_values(
    projects: Collection[Project], day: dt.date, *, progress: Mapping[int, Mapping[int, Progress]] | None = None
) -> dict[int, ProjectEv]:
    """Many projects at once, in a number of queries that does not depend on theirs.

    ``progress``: by project and activity, instead of what the plans say now (a snapshot computes again what was reported then).
    """
    return Sources(projects, [day]).at(day, progress=progress)


class Sources:
    """All that the earned value of some projects is made of, read once for the days that are asked for: then any of them costs no query.

    ``days`` in any order; of the last one bookings of the running month count by their day, earlier ones should be ends of months.
    """

    def __init__(self, projects: Collection[Project], days: Collection[dt.date]) -> None:
        self.projects = {project.pk: project for project in projects}
        self.today = timezone.localdate()
        self.last = max(days)
        approved, confirmed = _approved(self.projects), _confirmed(self.projects)
        self.budgets = {day: budgets_on(approved, day) for day in days}
        self.forecasts = {day: forecasts_on(confirmed, day) for day in days}
        versions = [*self.budgets.values(), *self.forecasts.values()]
        self.sheets = sheets_of(list({budget.pk: budget for part in versions for budget in part.values()}.values()))
        self.rules = {rule.project_id: rule for rule in MoneyRules.objects.filter(project__in=self.projects)}
        self.spent = _spent(self.projects, self.last)
        self.commitments = _commitments(self.projects)
        lines = [row.line for sheet in self.sheets.values() for row in sheet.lines]
        planned = {line.activity.pk: line.activity for line in lines if line.activity is not None}
        spent = {number for part in self.spent.values() for number, _month in part}
        self.reported, rows = reported_rows(
            [*planned, *spent]
        )  # also what costs without being planned, in the same query
        self.activities = rows | planned
        self.plans: dict[int, DatedPlan] = {}
        self._known: dict[tuple[Progress, int, int, Decimal], tuple[int, bool]] = {}

    def at(self, day: dt.date, *, progress: Mapping[int, Mapping[int, Progress]] | None = None) -> dict[int, ProjectEv]:
        """Earned value of each project at the end of ``day``, which is one of those that were read."""
        now = {number: one.at(day, self.today) for number, one in self.reported.items()} if progress is None else {}
        found = {}
        for number, project in self.projects.items():
            view = found[number] = ProjectEv(project, day, estimated=progress is None and day < self.today)
            spent = self._spent_until(number, day)
            view.actual_months = _by_month(spent)
            view.commitment = self.commitments.get(number, 0)
            budget = self.budgets[day].get(number)
            if budget is None:
                view.packages = self._unbudgeted({}, _by_activity(spent))
                continue
            view.budget, view.sheet = budget, self.sheets[budget.pk]
            view.plan = self._plan_of(budget)
            expected = self.forecasts[day].get(number)
            view.forecast = self.sheets[expected.pk] if expected is not None else None
            self._measure(view, now if progress is None else progress.get(number, {}), _by_activity(spent))
        return found

    def _spent_until(self, number: int, day: dt.date) -> dict[tuple[int | None, dt.date], int]:
        spent = self.spent.get(number, {})
        return spent if day == self.last else {key: amount for key, amount in spent.items() if key[1] <= day}

    def _plan_of(self, budget: Budget) -> DatedPlan | None:
        sheet = self.sheets[budget.pk]
        if budget.pk not in self.plans and sheet.months:
            self.plans[budget.pk] = dated_plan(sheet)
        return self.plans.get(budget.pk)

    def _measure(self, view: ProjectEv, reported: Mapping[int, Progress], spent: Mapping[int | None, int]) -> None:
        assert view.sheet is not None
        rules = self.rules.get(view.project.pk)
        rows: dict[int | None, PackageRow] = {}
        for line in view.sheet.lines:
            if line.line.reserve != Reserve.NONE:
                continue
            key = line.line.activity_id
            if key not in rows:
                known = reported.get(key, AS_PLANNED) if key is not None else AS_PLANNED
                rows[key] = _row(line.line.activity, known)
            rows[key].budget += line.total
            rows[key].pv += planned_until(line, view.day)
        cap = rules.percent_cap if rules is not None else Decimal(90)
        packages = list(rows.values())
        result = self._earned(packages, cap)
        for at, (key, row) in enumerate(rows.items()):
            row.ev, row.capped = result.parts[at], at in result.capped
            row.ac = spent.get(key, 0)
        packages += self._unbudgeted(rows, spent)
        view.packages = sorted(packages, key=lambda row: (row.activity is None, row.activity.position if row.activity else 0))  # fmt: skip
        view.earned = result
        view.measures = Measures(
            bac=result.bac, pv=sum(row.pv for row in packages), ev=result.ev, ac=sum(spent.values()),
            bottom_up_etc=view.remaining, variant=VARIANTS[rules.eac_variant] if rules is not None else Variant.CPI,
        )  # fmt: skip

    def _earned(self, packages: Collection[PackageRow], cap: Decimal) -> Earned:
        """As the engine's ``earned``; what did not move between two days is computed once."""
        parts, capped, bac, effort = [], [], 0, 0
        for at, row in enumerate(packages):
            loe = row.progress.method == EvMethod.LOE
            key = (row.progress, row.budget, row.pv if loe else 0, cap)
            found = self._known.get(key)
            if found is None:
                package = row.progress.package(row.budget, key[2], cap)
                found = self._known[key] = (package.earned, package.capped)
            parts.append(found[0])
            if found[1]:
                capped.append(at)
            bac += row.budget
            effort += row.budget if loe else 0
        return Earned(bac, sum(parts), tuple(parts), Fraction(effort, bac) if bac else None, tuple(capped))

    def _unbudgeted(self, rows: Mapping[int | None, PackageRow], spent: Mapping[int | None, int]) -> list[PackageRow]:
        """Cost of work packages (or of none) that no line plans: shown, or the sums would not be the sum of the rows."""
        found = []
        for number, amount in spent.items():
            if number not in rows:
                row = _row(self.activities.get(number) if number is not None else None, AS_PLANNED)
                row.ac = amount
                found.append(row)
        return found


def _row(activity: Activity | None, progress: Progress) -> PackageRow:
    return PackageRow(
        activity=activity, wbs=activity.wbs if activity is not None else "",
        name=activity.name if activity is not None else "", budget=0, pv=0, progress=progress,
    )  # fmt: skip


def open_months(forecast: Sheet, day: dt.date, spent: int) -> dict[dt.date, int]:
    """What a forecast expects of the months that had not ended by ``day``, from its first month on; without reserves.

    Of the running month only what is not ``spent`` yet: that is actual cost already, and would count twice in AC + ETC.
    """
    first, running = forecast.budget.first_open, m.month_of(day)
    found = {
        month: amount for month, amount in forecast.by_month().items()
        if (first is None or month >= first) and m.last_day(month) > day
    }  # fmt: skip
    if running in found:
        low, high = sorted((0, found[running]))
        found[running] = min(max(found[running] - spent, low), high)
    return found


def _approved(projects: Iterable[int]) -> list[Budget]:
    rows = Budget.objects.filter(project__in=projects, kind=BudgetKind.PLAN, state__in=("approved", "superseded"), archived_at=None)  # fmt: skip
    return list(rows.order_by("project_id", "approved_at", "number"))


def budgets_on(rows: Iterable[Budget], day: dt.date) -> dict[int, Budget]:
    """The budget that counted at the end of ``day``: approved by then; before the first approval the first one. ``rows`` by time of approval."""
    found: dict[int, Budget] = {}
    for budget in rows:
        if budget.project_id not in found or _day_of(budget) <= day:
            found[budget.project_id] = budget
    return found


def _confirmed(projects: Iterable[int]) -> list[Budget]:
    rows = Budget.objects.filter(project__in=projects, kind=BudgetKind.FORECAST, state__in=("approved", "superseded"), approved_at__isnull=False)  # fmt: skip
    return list(rows.order_by("approved_at", "number"))


def forecasts_on(rows: Iterable[Budget], day: dt.date) -> dict[int, Budget]:
    """The forecast that counted at the end of ``day``: the last one confirmed by then."""
    return {budget.project_id: budget for budget in rows if _day_of(budget) <= day}


def _day_of(budget: Budget) -> dt.date:
    """The local day of the approval."""
    return timezone.localtime(budget.approved_at).date() if budget.approved_at is not None else dt.date.min


# ── planned value ────────────────────────────────────────────────────────────────────────────────


def planned_until(row: SheetLine, day: dt.date) -> int:
    """Planned value of a line at the end of ``day``."""
    month = m.month_of(day)
    total = sum(amount for at, amount in row.months.items() if at < month)
    running = row.months.get(month, 0)
    return total + (_share(running, *_gone(day)) if running else 0)


@lru_cache(maxsize=512)
def _gone(day: dt.date) -> tuple[int, int]:
    """How many weekdays of its month are over at the end of ``day``, of how many."""
    month = m.month_of(day)
    days = m.weekdays(month, m.last_day(month))
    return sum(1 for one in days if one <= day), len(days)


def _share(amount: int, gone: int, days: int) -> int:
    """``amount · gone / days``, halves rounded up."""
    return (2 * amount * gone + days) // (2 * days)


def dated_plan(sheet: Sheet) -> DatedPlan:
    """Planned value of the work lines by weekday; each line rounded as :func:`planned_until` does, so that both agree to the cent."""
    amounts: dict[dt.date, list[int]] = defaultdict(list)
    for row in sheet.lines:
        if row.line.reserve == Reserve.NONE:
            for month, amount in row.months.items():
                amounts[month].append(amount)
    days: list[dt.date] = []
    planned: list[int] = []
    for month in m.span(amounts):
        inside = m.weekdays(month, m.last_day(month))
        count = len(inside)
        column = np.asarray(amounts.get(month, [0]), dtype=np.int64)[:, None]
        reached = ((2 * column * np.arange(count + 1) + count) // (2 * count)).sum(axis=0)
        reached[0] = 0
        days += inside
        planned += [int(after - before) for before, after in pairwise(reached.tolist())]
    return DatedPlan(tuple(days), tuple(planned))


# ── actual cost ──────────────────────────────────────────────────────────────────────────────────


def _spent(projects: Iterable[int], day: dt.date) -> dict[int, dict[tuple[int | None, dt.date], int]]:
    """Actual cost by project, then by activity and month."""
    found: dict[int, dict[tuple[int | None, dt.date], int]] = defaultdict(dict)
    rows = counting_bookings(projects, day).order_by().values_list("project_id", "activity_id", "month")
    for project, activity, month, total in rows.annotate(total=Sum("project_amount")):
        found[project][activity, month] = total or 0
    return found


def _by_month(spent: Mapping[tuple[int | None, dt.date], int]) -> dict[dt.date, int]:
    found: dict[dt.date, int] = defaultdict(int)
    for (_activity, month), amount in spent.items():
        found[month] += amount
    return dict(sorted(found.items()))


def _by_activity(spent: Mapping[tuple[int | None, dt.date], int]) -> dict[int | None, int]:
    found: dict[int | None, int] = defaultdict(int)
    for (activity, _month), amount in spent.items():
        found[activity] += amount
    return dict(found)


def _commitments(projects: Iterable[int]) -> dict[int, int]:
    rows = Booking.objects.filter(project__in=projects, kind=BookingKind.COMMITMENT, left_out="", obsolete=False)
    return dict(rows.order_by().values_list("project_id").annotate(total=Sum("project_amount")))
