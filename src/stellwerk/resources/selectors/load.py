"""Load and capacity of people by day, week or month: firm, reserved, asked for, pipeline; and what demands still lack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from django.db.models import Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from stellwerk.core.models import User
from stellwerk.core.permissions import visible_rows
from stellwerk.engine.load import by_period, spread_over_days
from stellwerk.people.selectors.working_time import WorkingDays, working_minutes
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandSkill, DemandWeek
from stellwerk.resources.selectors.demands import FIRM, LIVE
from stellwerk.resources.selectors.months import add_months, month_of
from stellwerk.resources.weeks import WEEK, monday

Minutes = NDArray[np.int64]
DAY: Final = dt.timedelta(days=1)
HARD, SOFT, REQUESTED, PIPELINE = range(4)
KINDS: Final = 4
CERTAIN: Final = 100
BLOCK: Final = 5000
"""Rows fetched at a time."""
COUNTED: Final = (*FIRM, "soft", "requested")
UNITS: Final = ("day", "week", "month")


@dataclass(frozen=True)
class Periods:
    """The columns: ``count`` days, weeks or months from the one of ``first`` on."""

    unit: str
    starts: tuple[dt.date, ...]
    last: dt.date

    @classmethod
    def of(cls, unit: str, first: dt.date, count: int) -> Periods:
        if unit == "month":
            begin = month_of(first)
            starts = [add_months(begin, at) for at in range(count)]
            return cls(unit, tuple(starts), add_months(begin, count) - DAY)
        begin, step = (monday(first), WEEK) if unit == "week" else (first, DAY)
        return cls(unit, tuple(begin + step * at for at in range(count)), begin + step * count - DAY)

    @property
    def first(self) -> dt.date:
        return self.starts[0]

    def __len__(self) -> int:
        return len(self.starts)

    def end(self, at: int) -> dt.date:
        """The last day of a column."""
        return self.starts[at + 1] - DAY if at + 1 < len(self.starts) else self.last

    @cached_property
    def begin(self) -> dt.date:
        """The Monday from which weeks are read."""
        return monday(self.first)

    @cached_property
    def close(self) -> dt.date:
        """The Sunday up to which weeks are read."""
        return monday(self.last) + WEEK - DAY

    @cached_property
    def days(self) -> int:
        return (self.close - self.begin).days + 1

    def sums(self, daily: NDArray[Any]) -> Minutes:
        """Daily values from ``begin`` to ``close`` (last axis), summed to the columns."""
        start, stop = (self.first - self.begin).days, (self.last - self.begin).days + 1
        return by_period(daily[..., start:stop], [(day - self.first).days for day in self.starts])


def kind_of(state: str, probability: int) -> int:
    """What a booking counts as."""
    if state in FIRM:
        return HARD
    if state == "soft":
        return SOFT
    return REQUESTED if probability >= CERTAIN else PIPELINE


def weighted(minutes: int, kind: int, probability: int) -> int:
    """Pipeline counts with its probability, rounded half up."""
    return (minutes * probability + CERTAIN // 2) // CERTAIN if kind == PIPELINE else minutes


def read_days(people: Sequence[int], periods: Periods) -> WorkingDays:
    return working_minutes(list(people), periods.begin, periods.close)


def load_of_people(days: WorkingDays, periods: Periods) -> Minutes:
    """Minutes by [kind, person, period] of all that is booked and asked for; rows as in ``days``."""
    rows = AllocationWeek.objects.filter(
        allocation__person__in=days.people, allocation__state__in=COUNTED, allocation__archived_at=None,
        monday__gte=periods.begin, monday__lte=periods.last,
    ).order_by()  # fmt: skip
    if periods.unit == "week":
        return _by_week(rows, days, periods)
    names = (
        "allocation__person", "allocation__state", "allocation__demand__probability", "monday", "minutes",
        "allocation__first", "allocation__last",
    )  # fmt: skip
    found = [
        (kind_of(state, part), days.row[person], week, weighted(minutes, kind_of(state, part), part), first, last)
        for person, state, part, week, minutes, first, last in rows.values_list(*names)
    ]
    return _spread(found, len(days.people), days.working(), periods)


def _by_week(rows: QuerySet[AllocationWeek], days: WorkingDays, periods: Periods) -> Minutes:
    """Weeks need no spreading. Rows are read bare, a hundred thousand of them: what a booking counts as is read once for each."""
    weeks = len(periods)
    column = {day.isoformat(): at for at, day in enumerate(periods.starts)}
    facts = Allocation.objects.filter(person__in=days.people, state__in=COUNTED, archived_at=None).order_by()
    bookings = {
        pk: (kind_of(state, part), days.row[person], part)
        for pk, person, state, part in facts.values_list("pk", "person_id", "state", "demand__probability")
    }
    place = {pk: (kind * len(days.people) + row) * weeks for pk, (kind, row, _part) in bookings.items()}
    unlikely = {pk: part for pk, (kind, _row, part) in bookings.items() if kind == PIPELINE}
    at: list[int] = []
    minutes: list[int] = []
    found = rows.values_list("allocation_id", Cast("monday", TextField()), "minutes")
    for booking, week, amount in found.iterator(BLOCK):
        at.append(place[booking] + column[week])
        minutes.append(weighted(amount, PIPELINE, unlikely[booking]) if booking in unlikely else amount)
    load: Minutes = np.zeros(KINDS * len(days.people) * weeks, dtype=np.int64)
    np.add.at(load, np.array(at, dtype=np.int64), np.array(minutes, dtype=np.int64))
    return load.reshape(KINDS, len(days.people), weeks)


Piece = tuple[int, int, dt.date, int, dt.date, dt.date]
"""Kind, row, Monday, minutes, first and last day of the booking."""


def _spread(pieces: Sequence[Piece], rows: int, working: NDArray[np.bool_], periods: Periods) -> Minutes:
    """Minutes of weeks on the working days of each row, summed to periods."""
    daily: Minutes = np.zeros((KINDS, rows, periods.days), dtype=np.int64)
    if pieces:
        kind = np.array([one[0] for one in pieces])
        row = np.array([one[1] for one in pieces])
        at = np.array([(one[2] - periods.begin).days for one in pieces])
        minutes = np.array([one[3] for one in pieces], dtype=np.int64)
        start = np.array([max(0, (one[4] - one[2]).days) for one in pieces])
        end = np.array([min(6, (one[5] - one[2]).days) for one in pieces])
        columns = at[:, None] + np.arange(7)
        shares = spread_over_days(minutes, start, end, working[row[:, None], columns])
        np.add.at(daily, (kind[:, None], row[:, None], columns), shares)
    return periods.sums(daily)


# ── demands ──────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Need:
    """A demand with minutes that nobody is booked, reserved or asked for. ``minutes``: by period, not weighted."""

    pk: int
    key: str
    title: str
    project: int
    role: int | None
    unit: int | None
    person: int | None
    probability: int
    first: dt.date
    last: dt.date
    state: str
    minutes: Minutes = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    skills: tuple[tuple[int, int], ...] = ()

    @property
    def kind(self) -> int:
        return REQUESTED if self.probability >= CERTAIN else PIPELINE

    @property
    def counted(self) -> Minutes:
        """Minutes weighted with the probability."""
        if self.kind == REQUESTED:
            return self.minutes
        found: Minutes = (self.minutes * self.probability + CERTAIN // 2) // CERTAIN
        return found


def open_needs(user: User | None, periods: Periods, where: Q | None = None) -> list[Need]:
    """Demands that the user may see with open minutes in the periods, in four queries."""
    rows = visible_rows(
        user,
        Demand.objects.filter(where or Q(), state__in=LIVE, archived_at=None, first__lte=periods.last, last__gte=periods.first),
    )  # fmt: skip
    names = (
        "pk",
        "key",
        "title",
        "project_id",
        "role_id",
        "unit_id",
        "person_id",
        "probability",
        "first",
        "last",
        "state",
    )
    needs = [Need(*row) for row in rows.order_by("first", "pk").values_list(*names)]
    open_weeks = rest_by_week([one.pk for one in needs], periods)
    at = {one.pk: number for number, one in enumerate(needs)}
    pieces: list[Piece] = [
        (0, at[number], week, minutes, needs[at[number]].first, needs[at[number]].last)
        for (number, week), minutes in open_weeks.items()
    ]
    usual = np.tile((np.arange(periods.days) % 7) < 5, (max(1, len(needs)), 1))
    minutes = _spread(pieces, len(needs), usual, periods)[0] if needs else np.zeros((0, len(periods)), dtype=np.int64)
    skills = _skills(at)
    for one in needs:
        one.minutes, one.skills = minutes[at[one.pk]], skills.get(one.pk, ())
    return [one for one in needs if one.minutes.any()]


def rest_by_week(demands: Sequence[int], periods: Periods) -> dict[tuple[int, dt.date], int]:
    """Open minutes by demand and Monday: too much in one week does not fill another."""
    span = {"monday__gte": periods.begin, "monday__lte": periods.last}
    taken = {
        (number, week): total
        for number, week, total in AllocationWeek.objects.filter(
            allocation__demand__in=demands, allocation__state__in=(*COUNTED, "countered"), **span
        )
        .order_by()
        .values_list("allocation__demand", "monday")
        .annotate(total=Sum("minutes"))
    }
    rows = DemandWeek.objects.filter(demand__in=demands, **span).order_by()
    return {
        (number, week): minutes - taken.get((number, week), 0)
        for number, week, minutes in rows.values_list("demand_id", "monday", "minutes")
        if minutes > taken.get((number, week), 0)
    }


def _skills(demands: Iterable[int]) -> dict[int, tuple[tuple[int, int], ...]]:
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    rows = DemandSkill.objects.filter(demand__in=list(demands)).order_by("skill")
    for number, skill, level in rows.values_list("demand_id", "skill_id", "level"):
        found[number] = (*found.get(number, ()), (skill, level))
    return found


# ── bookings one by one ──────────────────────────────────────────────────────────────────────────


@dataclass
class Booking:
    """What loads somebody. ``minutes``: by period, pipeline weighted; ``seen``: the reader may see whose it is."""

    allocation: Allocation
    kind: int
    minutes: Minutes
    seen: bool

    @property
    def total(self) -> int:
        return int(self.minutes.sum())


def bookings_of(user: User | None, days: WorkingDays, periods: Periods) -> list[Booking]:
    """Bookings of these people with minutes in the periods, by person, firm ones first. Three queries."""
    rows = Allocation.objects.filter(
        person__in=days.people, state__in=COUNTED, archived_at=None, last__gte=periods.begin, first__lte=periods.last
    )
    seen = set(visible_rows(user, rows).values_list("pk", flat=True))
    found = list(rows.select_related("demand__project", "demand__role", "person").order_by("person", "first", "pk"))
    at = {one.pk: number for number, one in enumerate(found)}
    weeks = AllocationWeek.objects.filter(
        allocation__in=list(at), monday__gte=periods.begin, monday__lte=periods.last
    ).order_by()
    kinds = [kind_of(one.state, one.demand.probability) for one in found]
    pieces: list[Piece] = []
    for number, week, minutes in weeks.values_list("allocation_id", "monday", "minutes"):
        row = at[number]
        one = found[row]
        counted = weighted(minutes, kinds[row], one.demand.probability)
        pieces.append((kinds[row], row, week, counted, one.first, one.last))
    if not found:
        return []
    working = days.working()[[days.row[one.person_id] for one in found]]
    sums = _spread(pieces, len(found), working, periods)
    bookings = [Booking(one, kinds[row], sums[kinds[row], row], one.pk in seen) for row, one in enumerate(found)]
    return sorted((one for one in bookings if one.minutes.any()), key=lambda one: (one.kind, one.allocation.first))
