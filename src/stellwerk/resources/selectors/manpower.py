"""The manpower plan: capacity and load by unit, project role and month, in minutes (domain.md section 6).

One cube answers everything: what a page shows in total, by company, by unit or by role are sums of the same cells, so they
add up. Only what the reader may see is in it; bookings and demands of other projects are counted, not told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from stellwerk.core.models import User
from stellwerk.core.permissions import visible, visible_rows
from stellwerk.people.holidays import public_holidays
from stellwerk.people.models import EmploymentType, Organisation, Person, Role, Unit
from stellwerk.people.selectors.working_time import WorkingDays, working_minutes
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandWeek
from stellwerk.resources.selectors.demands import FIRM, LIVE
from stellwerk.resources.selectors.months import DAY, Works, last_of, month_of, months_from, split_week
from stellwerk.resources.weeks import WORKING_DAYS, monday

Minutes = NDArray[np.int64]
MONTHS: Final = 18
"""A manpower plan looks this far ahead."""
CERTAIN: Final = 100
GROSS, NET, HARD, SOFT, REQUESTED, PIPELINE = range(6)
"""Rows of a cell. Gross: working time without public holidays. Net: less absences, times the project share. Requested: asked
for and not answered, or nobody named yet. Pipeline: the same of demands that are not certain, weighted with their probability."""
MEASURES: Final = 6
EXTERNAL: Final = (EmploymentType.TEMPORARY.value, EmploymentType.FREELANCER.value)
Key = tuple[int | None, int | None]
"""Number of the unit and of the project role; None: nobody has said yet."""


@dataclass(frozen=True)
class Filters:
    """What of the plan is asked for. ``units`` None: all that the reader may plan."""

    first: dt.date
    organisation: Organisation | None = None
    unit: Unit | None = None
    role: Role | None = None
    months: int = MONTHS


@dataclass(frozen=True)
class Worker:
    """A person whose capacity counts."""

    pk: int
    unit: int
    role: int | None
    employment: str
    entry: dt.date | None
    leaving: dt.date | None

    @property
    def external(self) -> bool:
        return self.employment in EXTERNAL


@dataclass(frozen=True)
class Need:
    """A demand that counts, with where its unfilled hours belong to."""

    pk: int
    key: Key
    state: str
    probability: int
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Booking:
    pk: int
    demand: int
    person: int
    state: str
    first: dt.date
    last: dt.date
    probability: int

    @property
    def measure(self) -> int:
        if self.state in FIRM:
            return HARD
        if self.state == "soft":
            return SOFT
        return REQUESTED if self.probability >= CERTAIN else PIPELINE


@dataclass
class Plan:
    """The cube with what it was made of. Arrays have one column per month."""

    months: tuple[dt.date, ...]
    working_days: NDArray[np.int64]
    reference: Organisation | None
    units: dict[int, Unit]
    roles: dict[int, Role]
    workers: list[Worker] = field(default_factory=list)
    gross: Minutes = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    worked: Minutes = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    net: Minutes = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    needs: list[Need] = field(default_factory=list)
    rest: Minutes = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    bookings: list[Booking] = field(default_factory=list)
    booked: Minutes = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    hidden: int = 0
    """Bookings and demands of projects that the reader may not see; they are in no sum."""

    @cached_property
    def row(self) -> dict[int, int]:
        """The row of each person."""
        return {one.pk: at for at, one in enumerate(self.workers)}

    def key_of(self, booking: Booking) -> Key:
        """A booking loads the role and unit of the person, whatever was asked for."""
        one = self.workers[self.row[booking.person]]
        return one.unit, one.role

    @cached_property
    def cells(self) -> dict[Key, Minutes]:
        """[measure, month] by unit and role."""
        found: dict[Key, Minutes] = {}

        def cell(key: Key) -> Minutes:
            if key not in found:
                found[key] = np.zeros((MEASURES, len(self.months)), dtype=np.int64)
            return found[key]

        for at, one in enumerate(self.workers):
            here = cell((one.unit, one.role))
            here[GROSS] += self.gross[at]
            here[NET] += self.net[at]
        for at, booking in enumerate(self.bookings):
            cell(self.key_of(booking))[booking.measure] += self.counted(at)
        for at, need in enumerate(self.needs):
            if self.rest[at].any():
                cell(need.key)[REQUESTED if need.probability >= CERTAIN else PIPELINE] += self.weighted(at)
        return found

    def weighted(self, at: int) -> Minutes:
        """Unfilled minutes of a demand times its probability."""
        found: Minutes = (self.rest[at] * self.needs[at].probability + CERTAIN // 2) // CERTAIN
        return found

    def counted(self, at: int) -> Minutes:
        """Minutes of a booking as they count: a request for an uncertain demand is weighted like the demand, what is booked is not."""
        booking = self.bookings[at]
        if booking.measure != PIPELINE:
            found: Minutes = self.booked[at]
            return found
        weighted: Minutes = (self.booked[at] * booking.probability + CERTAIN // 2) // CERTAIN
        return weighted

    def total(self, keys: Iterable[Key] | None = None) -> Minutes:
        """The sum of cells, all without ``keys``."""
        found = np.zeros((MEASURES, len(self.months)), dtype=np.int64)
        for key in self.cells if keys is None else keys:
            found += self.cells[key]
        return found

    def by_role(self) -> dict[int | None, list[Key]]:
        return _grouped(self.cells, 1)

    def by_unit(self) -> dict[int | None, list[Key]]:
        return _grouped(self.cells, 0)

    def by_organisation(self) -> dict[int | None, list[Key]]:
        found: dict[int | None, list[Key]] = {}
        for key in self.cells:
            unit = self.units.get(key[0]) if key[0] is not None else None
            found.setdefault(unit.organisation_id if unit else None, []).append(key)
        return found

    def share(self, keys: Iterable[Key]) -> Mapping[int, float]:
        """By column: which part of their working time these people have for projects; of everybody where nobody is there."""
        wanted = set(keys)
        rows = [at for at, one in enumerate(self.workers) if (one.unit, one.role) in wanted]
        found = {}
        for column in range(len(self.months)):
            net, worked = int(self.net[rows, column].sum()), int(self.worked[rows, column].sum())
            if not worked:
                net, worked = int(self.net[:, column].sum()), int(self.worked[:, column].sum())
            found[column] = net / worked if worked and net else 1.0
        return found

    def external_net(self, keys: Iterable[Key] | None = None) -> Minutes:
        """Net minutes of temporary workers and freelancers."""
        wanted = None if keys is None else set(keys)
        rows = [
            at for at, one in enumerate(self.workers)
            if one.external and (wanted is None or (one.unit, one.role) in wanted)
        ]  # fmt: skip
        found: Minutes = self.net[rows].sum(axis=0, dtype=np.int64)
        return found


def demand_of(cell: Minutes, *, pipeline: bool) -> Minutes:
    """All that is booked or asked for, with or without what is uncertain."""
    found: Minutes = cell[HARD] + cell[SOFT] + cell[REQUESTED] + (cell[PIPELINE] if pipeline else 0)
    return found


def _grouped(cells: Iterable[Key], part: int) -> dict[int | None, list[Key]]:
    found: dict[int | None, list[Key]] = {}
    for key in cells:
        found.setdefault(key[part], []).append(key)
    return found


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def plannable_units(user: User | None) -> dict[int, Unit]:
    """Units of which this reader sees the manpower plan, and those below them."""
    allowed = Exists(Unit.objects.filter(visible(user, Unit, "manpower"), pk=OuterRef("pk")))
    rows = Unit.objects.filter(archived_at=None).select_related("organisation").annotate(allowed=allowed)
    units = {unit.pk: unit for unit in rows.order_by("organisation__name", "name", "pk")}
    seen: set[int] = set()
    for pk, unit in units.items():
        if unit.allowed and pk not in seen:
            seen |= below(units, unit)
    return {pk: unit for pk, unit in units.items() if pk in seen}


def below(units: Mapping[int, Unit], top: Unit) -> set[int]:
    """A unit with those below it."""
    children: dict[int | None, list[int]] = {}
    for unit in units.values():
        children.setdefault(unit.parent_id, []).append(unit.pk)
    found, waiting = set(), [top.pk]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += children.get(number, [])
    return found & set(units)


def plan_of(user: User | None, filters: Filters, units: Mapping[int, Unit] | None = None) -> Plan:
    """The manpower plan that this user may read (None: Stellwerk itself), in a number of queries that does not grow."""
    allowed = plannable_units(user) if units is None else dict(units)
    chosen = below(allowed, filters.unit) if filters.unit else set(allowed)
    if filters.organisation:
        chosen = {pk for pk in chosen if allowed[pk].organisation_id == filters.organisation.pk}
    months = months_from(filters.first, filters.months)
    begin, end = months[0], last_of(months[-1])
    workers = _workers(chosen, begin, end, filters.role)
    reference = _reference(workers, allowed, filters)
    plan = Plan(
        months, working_days(reference, months), reference, {pk: allowed[pk] for pk in allowed},
        {role.pk: role for role in Role.objects.order_by("name")}, workers,
    )  # fmt: skip
    days = working_minutes([one.pk for one in workers], begin, end)
    starts = [(month - begin).days for month in months]
    worked = days.gross - days.holidays
    plan.gross = np.add.reduceat(worked, starts, axis=1, dtype=np.int64)
    plan.worked = np.add.reduceat(worked - days.absence, starts, axis=1, dtype=np.int64)
    plan.net = np.add.reduceat(days.net, starts, axis=1, dtype=np.int64)
    _read_load(plan, user, filters, chosen, days)
    return plan


def _workers(units: set[int], begin: dt.date, end: dt.date, role: Role | None) -> list[Worker]:
    rows = Person.objects.filter(
        Q(entry_date=None) | Q(entry_date__lte=end), Q(exit_date=None) | Q(exit_date__gte=begin), unit__in=units,
        archived_at=None,
    )  # fmt: skip
    if role is not None:
        rows = rows.filter(role=role)
    names = ("pk", "unit_id", "role_id", "employment_type", "entry_date", "exit_date")
    return [Worker(*row) for row in rows.order_by("last_name", "first_name", "pk").values_list(*names)]


def _reference(workers: list[Worker], units: Mapping[int, Unit], filters: Filters) -> Organisation | None:
    """Whose working days an FTE counts: of the chosen company, else of the one with most people."""
    if filters.organisation or filters.unit:
        return filters.organisation or (filters.unit.organisation if filters.unit else None)
    count: dict[int, int] = {}
    for one in workers:
        number = units[one.unit].organisation_id
        count[number] = count.get(number, 0) + 1
    companies = {unit.organisation_id: unit.organisation for unit in units.values()}
    if not companies:
        return None
    return companies[max(companies, key=lambda number: (count.get(number, 0), -number))]


def working_days(company: Organisation | None, months: tuple[dt.date, ...]) -> NDArray[np.int64]:
    """Days from Monday to Friday of each month that are no public holiday of the company."""
    found = []
    for month in months:
        day, end, count = month, last_of(month), 0
        free = public_holidays(company.country, company.subdivision, month.year) if company else {}
        while day <= end:
            count += day.weekday() < WORKING_DAYS and day not in free
            day += DAY
        found.append(count)
    return np.array(found, dtype=np.int64)


class _Spread:
    """Sums weeks into months. Most weeks lie in one month; those across two are split by working days."""

    def __init__(self, months: tuple[dt.date, ...], rows: int) -> None:
        self.sums: Minutes = np.zeros((rows, len(months)), dtype=np.int64)
        self._column = {month: at for at, month in enumerate(months)}
        self._whole: dict[dt.date, int | None] = {}

    def column(self, week: dt.date) -> int | None:
        """The month in which a whole week lies; -1: outside of the plan; None: in two months."""
        if week not in self._whole:
            month = month_of(week)
            self._whole[week] = self._column.get(month, -1) if month_of(week + 6 * DAY) == month else None
        return self._whole[week]

    def add(self, row: int, week: dt.date, minutes: int, first: dt.date, last: dt.date, works: Works | None) -> None:
        at = self.column(week)
        if at is not None:
            if at >= 0:
                self.sums[row, at] += minutes
            return
        for month, share in split_week(week, minutes, first, last, works).items():
            if month in self._column:
                self.sums[row, self._column[month]] += share


def _read_load(plan: Plan, user: User | None, filters: Filters, chosen: set[int], days: WorkingDays) -> None:
    """Bookings of the people and the unfilled rest of the demands."""
    begin, end = plan.months[0], last_of(plan.months[-1])
    needs = _needs(filters, chosen, begin, end)
    seen_needs = set(
        visible_rows(user, Demand.objects.filter(pk__in=[one.pk for one in needs])).values_list("pk", flat=True)
    )
    rows = Allocation.objects.filter(
        Q(person__in=[one.pk for one in plan.workers]) | Q(demand__in=[one.pk for one in needs]),
        state__in=(*FIRM, "soft", "requested"), archived_at=None, last__gte=begin, first__lte=end,
    ).order_by()  # fmt: skip
    seen = set(visible_rows(user, rows).values_list("pk", flat=True))
    names = ("pk", "demand_id", "person_id", "state", "first", "last", "demand__probability")
    bookings = [Booking(*row) for row in rows.values_list(*names)]
    own = [one for one in bookings if one.person in plan.row]
    plan.bookings = [one for one in own if one.pk in seen]
    plan.needs = [one for one in needs if one.pk in seen_needs]
    plan.hidden = len(own) - len(plan.bookings) + len(needs) - len(plan.needs)
    at_booking = {one.pk: at for at, one in enumerate(plan.bookings)}
    at_need = {one.pk: at for at, one in enumerate(plan.needs)}
    demand_of_booking = {one.pk: one.demand for one in bookings if one.demand in at_need}
    weeks = AllocationWeek.objects.filter(allocation__in=rows.values("pk"), monday__gte=monday(begin), monday__lte=end)
    spread = _Spread(plan.months, len(plan.bookings))
    taken: dict[tuple[int, dt.date], int] = {}
    working, column0 = days.working(), days.first
    for number, week, minutes in weeks.order_by().values_list("allocation_id", "monday", "minutes"):
        demand = demand_of_booking.get(number)
        if demand is not None:
            taken[demand, week] = taken.get((demand, week), 0) + minutes
        at = at_booking.get(number)
        if at is None:
            continue
        column = spread.column(week)
        if column is not None:
            if column >= 0:
                spread.sums[at, column] += minutes
            continue
        one = plan.bookings[at]
        spread.add(at, week, minutes, one.first, one.last, _works(working[days.row[one.person]], column0))
    plan.booked = spread.sums
    plan.rest = _rest(plan, at_need, taken, begin, end)


def _works(days: NDArray[np.bool_], first: dt.date) -> Works:
    def works(day: dt.date) -> bool:
        at = (day - first).days
        # Days before and after the plan are of no month that it shows; a usual week says how much they take.
        return bool(days[at]) if 0 <= at < len(days) else day.weekday() < WORKING_DAYS

    return works


def _needs(filters: Filters, chosen: set[int], begin: dt.date, end: dt.date) -> list[Need]:
    """Demands whose unfilled hours count for these units: those of the wanted person, the unit asked, else the portfolio's."""
    rows = (
        Demand.objects.filter(state__in=LIVE, archived_at=None, first__lte=end, last__gte=begin)
        .annotate(
            for_unit=Coalesce("person__unit_id", "unit_id", "project__portfolio__unit_id"),
            for_role=Coalesce("person__role_id", "role_id"),
        )
        .order_by("first", "pk")
    )
    where = Q(for_unit__in=chosen)
    if filters.organisation is None and filters.unit is None:
        where |= Q(for_unit=None)
    rows = rows.filter(where)
    if filters.role is not None:
        rows = rows.filter(for_role=filters.role.pk)
    names = ("pk", "for_unit", "for_role", "state", "probability", "first", "last")
    return [Need(pk, (unit, role), *rest) for pk, unit, role, *rest in rows.values_list(*names)]


def _rest(
    plan: Plan, at_need: Mapping[int, int], taken: Mapping[tuple[int, dt.date], int], begin: dt.date, end: dt.date
) -> Minutes:
    """What nobody is booked, reserved or asked for, week by week: too much in one week does not fill another."""
    spread = _Spread(plan.months, len(plan.needs))
    weeks = DemandWeek.objects.filter(demand__in=list(at_need), monday__gte=monday(begin), monday__lte=end)
    for number, week, minutes in weeks.order_by().values_list("demand_id", "monday", "minutes"):
        left = minutes - taken.get((number, week), 0)
        if left > 0:
            at = at_need[number]
            spread.add(at, week, left, plan.needs[at].first, plan.needs[at].last, None)
    return spread.sums


def units_in_order(plan: Plan) -> Iterator[Any]:
    """Units that the plan has cells for, by company and name."""
    with_cells = {key[0] for key in plan.cells}
    return (unit for unit in plan.units.values() if unit.pk in with_cells)
