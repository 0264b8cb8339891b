"""Earned value of projects at a data date: from budget lines, progress and bookings, with everything each figure is made of.

Planned value: within a month a line accrues evenly over its weekdays, cumulatively rounded, so that a month ends at its amount to the cent.
Earned value: the budget of each work package by its method; lines without a work package earn as planned. Actual cost: bookings of the months
before, and of the month of the data date those posted up to it. All in minor units of the project's currency.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, takewhile
from typing import NamedTuple

import numpy as np
from django.db.models import Q, QuerySet, Sum

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingKind, BudgetKind, Reserve
from stellwerk.controlling.models import Booking, Budget, MoneyRules
from stellwerk.controlling.selectors.budgets import Sheet, SheetLine, sheets_of
from stellwerk.engine.earned_value import (
    DatedPlan,
    DatedSchedule,
    Earned,
    Measures,
    Method,
    Step,
    Variant,
    WorkPackage,
    dated_schedule,
    earned,
)
from stellwerk.planning.choices import MILESTONES, EvMethod
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project

METHODS = {
    EvMethod.PERCENT: Method.PERCENT,
    EvMethod.ZERO_HUNDRED: Method.ZERO_HUNDRED,
    EvMethod.FIFTY_FIFTY: Method.FIFTY_FIFTY,
    EvMethod.WEIGHTED: Method.MILESTONES,
    EvMethod.LOE: Method.EFFORT,
}
VARIANTS = {1: Variant.ONE_OFF, 2: Variant.CPI, 3: Variant.CPI_SPI, 4: Variant.BOTTOM_UP}
REACHED = "completed"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is reported on a work package; all that its earned value depends on beside the budget."""

    method: str = EvMethod.LOE
    started: bool = False
    finished: bool = False
    percent: Decimal = Decimal(0)
    steps: tuple[tuple[int, bool], ...] = ()

    def package(self, budget: int, pv: int, cap: Decimal) -> WorkPackage:
        """As the engine takes it. Weights that do not add up to 100 count by their share; without milestones the percent counts."""
        method = METHODS[EvMethod(self.method)]
        total = sum(weight for weight, _reached in self.steps)
        if method is Method.MILESTONES and not total:
            method = Method.PERCENT
        steps = tuple(Step(Fraction(100 * weight, total), reached) for weight, reached in self.steps) if method is Method.MILESTONES else ()  # fmt: skip
        return WorkPackage(
            budget=budget, method=method, started=self.started, finished=self.finished, accepted=self.finished,
            percent=Decimal(100) if self.finished else self.percent, steps=steps, pv=pv, cap=cap,
        )  # fmt: skip


AS_PLANNED = Progress()


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

    @cached_property
    def plan(self) -> DatedPlan | None:
        """Planned value by weekday."""
        if self.sheet is None or not self.sheet.months:
            return None
        return dated_plan(self.sheet)

    @cached_property
    def schedule(self) -> DatedSchedule | None:
        """Earned schedule; time stops when everything is earned."""
        if self.plan is None or self.measures is None or not self.measures.bac:
            return None
        return dated_schedule(self.plan, self.measures.ev, self.day, self.project.finish_actual)

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


def earned_values(projects: Collection[Project], day: dt.date, *, progress: Mapping[int, Mapping[int, Progress]] | None = None) -> dict[int, ProjectEv]:  # fmt: skip
    """Many projects at once, in a number of queries that does not depend on theirs.

    ``progress``: by project and activity, instead of what the plans say now (a snapshot computes again what was reported then).
    """
    found = {project.pk: ProjectEv(project, day) for project in projects}
    budgets = budgets_at(found, day)
    sheets = sheets_of(list(budgets.values()))
    reported = progress if progress is not None else progress_of(row.line.activity_id for sheet in sheets.values() for row in sheet.lines)  # fmt: skip
    rules = {rule.project_id: rule for rule in MoneyRules.objects.filter(project__in=found)}
    spent = _spent(found, day)
    etc = remaining_of(found, day)
    commitments = _commitments(found)
    for number, view in found.items():
        budget = budgets.get(number)
        view.actual_months = _by_month(spent.get(number, {}))
        view.commitment = commitments.get(number, 0)
        if budget is None:
            continue
        view.budget, view.sheet = budget, sheets[budget.pk]
        by_activity = _by_activity(spent.get(number, {}))
        mine = reported.get(number, {}) if progress is not None else reported
        _measure(view, mine, by_activity, rules.get(number), etc.get(number))  # type: ignore[arg-type]
    return found


def budgets_at(projects: Iterable[int], day: dt.date) -> dict[int, Budget]:
    """The budget that counted at the end of ``day``: approved by then; before the first approval the first one."""
    rows = Budget.objects.filter(project__in=projects, kind=BudgetKind.PLAN, state__in=("approved", "superseded"), archived_at=None)  # fmt: skip
    found: dict[int, Budget] = {}
    for budget in rows.order_by("project_id", "approved_at", "number"):
        approved = budget.approved_at.date() if budget.approved_at is not None else dt.date.min
        if budget.project_id not in found or approved <= day:
            found[budget.project_id] = budget
    return found


# ── planned value ────────────────────────────────────────────────────────────────────────────────


def planned_until(row: SheetLine, day: dt.date) -> int:
    """Planned value of a line at the end of ``day``."""
    month = m.month_of(day)
    total = 0
    for at, amount in row.months.items():
        if at < month:
            total += amount
        elif at == month:
            days = m.weekdays(month, m.last_day(month))
            gone = sum(1 for one in days if one <= day)
            total += _share(amount, gone, len(days))
    return total


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


# ── earned value ─────────────────────────────────────────────────────────────────────────────────


def progress_of(activities: Iterable[int | None]) -> dict[int, Progress]:
    """What the plans say now, by activity."""
    wanted = {number for number in activities if number is not None}
    rows = list(Activity.objects.filter(pk__in=wanted).only("pk", "plan_id", "ev_method", "state", "percent", "actual_start", "actual_finish"))  # fmt: skip
    weighted = [row for row in rows if row.ev_method == EvMethod.WEIGHTED]
    steps = _steps(weighted) if weighted else {}
    return {
        row.pk: Progress(
            method=row.ev_method,
            started=row.actual_start is not None
            or row.percent > 0
            or row.state in ("in_progress", "suspended", REACHED),
            finished=row.actual_finish is not None or row.state == REACHED,
            percent=row.percent,
            steps=steps.get(row.pk, ()),
        )
        for row in rows
    }


class _Outline(NamedTuple):
    pk: int
    level: int
    weight: int | None
    kind: str
    reached: bool


def _steps(weighted: Sequence[Activity]) -> dict[int, tuple[tuple[int, bool], ...]]:
    """The weighted milestones of each: those below it; for a row with nothing below, those beside it."""
    plans: dict[int, list[_Outline]] = defaultdict(list)
    rows = Activity.objects.filter(plan__in={row.plan_id for row in weighted}, active=True).order_by(
        "plan_id", "position"
    )
    for plan, pk, level, weight, kind, state, finish in rows.values_list("plan_id", "pk", "level", "weight", "kind", "state", "actual_finish"):  # fmt: skip
        plans[plan].append(_Outline(pk, level, weight, kind, state == REACHED or finish is not None))
    wanted = {row.pk for row in weighted}
    found = {}
    for outline in plans.values():
        for at, row in enumerate(outline):
            if row.pk in wanted:
                found[row.pk] = tuple(
                    (one.weight, one.reached) for one in _around(outline, at) if one.kind in MILESTONES and one.weight
                )
    return found


def _around(outline: Sequence[_Outline], at: int) -> list[_Outline]:
    """The rows below ``outline[at]``; if there are none, the rows beside it."""
    level = outline[at].level
    below = list(takewhile(lambda row: row.level > level, outline[at + 1 :]))
    if below:
        return below
    before = takewhile(lambda row: row.level >= level, reversed(outline[:at]))
    after = takewhile(lambda row: row.level >= level, outline[at + 1 :])
    return [row for row in (*reversed(list(before)), *after) if row.level == level]


def _measure(
    view: ProjectEv,
    reported: Mapping[int, Progress],
    spent: Mapping[int | None, int],
    rules: MoneyRules | None,
    etc: int | None,
) -> None:
    assert view.sheet is not None
    rows: dict[int | None, PackageRow] = {}
    for line in view.sheet.lines:
        if line.line.reserve != Reserve.NONE:
            continue
        key = line.line.activity_id
        row = rows.get(key)
        if row is None:
            activity = line.line.activity
            row = rows[key] = PackageRow(
                activity=activity,
                wbs=activity.wbs if activity is not None else "",
                name=activity.name if activity is not None else "",
                budget=0,
                pv=0,
                progress=reported.get(key, AS_PLANNED) if key is not None else AS_PLANNED,
            )
        row.budget += line.total
        row.pv += planned_until(line, view.day)
    cap = rules.percent_cap if rules is not None else Decimal(90)
    packages = list(rows.values())
    result = earned(row.progress.package(row.budget, row.pv, cap) for row in packages)
    for at, (row, ev) in enumerate(zip(packages, result.parts, strict=True)):
        row.ev, row.capped = ev, at in result.capped
        row.ac = spent.get(row.activity.pk if row.activity is not None else None, 0)
    packages += _unbudgeted(rows, spent)
    view.packages = sorted(
        packages, key=lambda row: (row.activity is None, row.activity.position if row.activity else 0)
    )
    view.earned = result
    view.measures = Measures(
        bac=result.bac,
        pv=sum(row.pv for row in packages),
        ev=result.ev,
        ac=sum(spent.values()),
        bottom_up_etc=etc,
        variant=VARIANTS[rules.eac_variant] if rules is not None else Variant.CPI,
    )


def _unbudgeted(rows: Mapping[int | None, PackageRow], spent: Mapping[int | None, int]) -> list[PackageRow]:
    """Cost of work packages (or of none) that no line plans: shown, or the sums would not be the sum of the rows."""
    others = [number for number in spent if number not in rows]
    known = Activity.objects.in_bulk([number for number in others if number is not None])
    return [
        PackageRow(
            activity=known.get(number) if number is not None else None,
            wbs=known[number].wbs if number in known else "",
            name=known[number].name if number in known else "",
            budget=0, pv=0, progress=AS_PLANNED, ac=spent[number],
        )
        for number in others
    ]  # fmt: skip


# ── actual cost and what is still to come ────────────────────────────────────────────────────────


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


def remaining_of(projects: Iterable[int], day: dt.date) -> dict[int, int]:
    """Bottom-up estimate to complete of each project that has a confirmed forecast (``project_money.bottom_up_etc`` for many)."""
    rows = Budget.objects.filter(
        project__in=projects, kind=BudgetKind.FORECAST, state__in=("approved", "superseded"), approved_at__date__lte=day
    )
    latest = {budget.project_id: budget for budget in rows.order_by("approved_at", "number")}
    sheets = sheets_of(list(latest.values()))
    return {
        number: sum(
            amount
            for month, amount in sheets[budget.pk].by_month().items()
            if (budget.first_open is None or month >= budget.first_open) and m.last_day(month) > day
        )
        for number, budget in latest.items()
    }
