"""What approved hours of a month cost: minutes × rate of the day, exact, rounded once per work package.

Rates of single persons are read here and never leave: what is told are sums per work package, and for whom a rate is missing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from django.db.models import Count, Sum

from stellwerk.controlling.choices import BookingSource, LabourSource, Spending
from stellwerk.controlling.models import Booking, CostType
from stellwerk.controlling.months import last_day
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.people.models import Organisation, Person, PersonRate, RoleRate
from stellwerk.people.models.persons import EmploymentType
from stellwerk.people.models.rates import RateKind
from stellwerk.resources.models import TimeEntry

COUNTING = ("approved", "locked")
OUTSIDE = (EmploymentType.TEMPORARY, EmploymentType.FREELANCER)


class LabourKey(NamedTuple):
    """One row of labour cost."""

    project: int
    activity: int | None
    spending: str


@dataclass(frozen=True, slots=True)
class LabourRow:
    """Minutes and their cost in minor units of the project's currency."""

    key: LabourKey
    minutes: int
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class RateGap:
    """Nobody has said what this person's hours cost from ``first`` to ``last``."""

    person: Person
    first: dt.date
    last: dt.date
    minutes: int


@dataclass(frozen=True)
class Labour:
    """Labour of a month: rows to book, hours without a rate, exchange rates that are missing (as sentences)."""

    rows: tuple[LabourRow, ...]
    gaps: tuple[RateGap, ...]
    exchange: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What is booked from hours under one key; ``times``: in how many rows."""

    amount: int
    minutes: int
    currency: str
    times: int


def held_labour(organisation: Organisation, month: dt.date) -> dict[LabourKey, Held]:
    """Labour that is booked from hours in ``month``."""
    rows = (
        Booking.objects.filter(organisation=organisation, month=month, source=BookingSource.HOURS)
        .order_by()
        .values_list("project_id", "activity_id", "spending", "currency")
        .annotate(amount=Sum("amount"), minutes=Sum("minutes"), times=Count("pk"))
    )
    return {
        LabourKey(project, activity, spending): Held(amount, minutes or 0, currency, times)
        for project, activity, spending, currency, amount, minutes, times in rows
        if project is not None
    }


def labour_differs(held: Mapping[LabourKey, Held], labour: Labour) -> bool:
    """Would computing it again book anything?"""
    target = {row.key: (row.amount, row.minutes) for row in labour.rows}
    return any(
        target.get(key, (0, 0)) != ((held[key].amount, held[key].minutes) if key in held else (0, 0))
        for key in {*target, *held}
    )


def labour_type() -> CostType | None:
    """The cost type whose actuals come from hours."""
    return CostType.objects.filter(labour=True, labour_source=LabourSource.HOURS, archived_at=None).first()


def labour_of(organisation: Organisation, month: dt.date, kind: CostType | None = None) -> Labour:
    """Approved and locked hours of ``month`` on projects of the organisation, with their cost. ``kind``: the cost type, where it is known."""
    kind = kind or labour_type()
    plain = kind.spending if kind is not None else Spending.OPEX
    entries = (
        TimeEntry.objects.filter(
            project__portfolio__unit__organisation=organisation, sheet__state__in=COUNTING,
            day__gte=month, day__lte=last_day(month),
        )
        .values_list("project_id", "project__currency", "activity_id", "sheet__person_id", "day", "capitalisable")
        .annotate(total=Sum("minutes"))
        .order_by("project_id", "activity_id", "sheet__person_id", "day")
    )  # fmt: skip
    rows = [entry for entry in entries if entry[6]]
    book = _RateBook({entry[3] for entry in rows}, organisation)
    rates: Rates | None = None  # read when a rate is in another currency than its project
    exact: dict[LabourKey, Fraction] = defaultdict(Fraction)
    minutes: dict[LabourKey, int] = defaultdict(int)
    currencies: dict[LabourKey, str] = {}
    missing: dict[int, list[tuple[dt.date, int]]] = defaultdict(list)
    exchange: set[str] = set()
    for project, currency, activity, person, day, capital, total in rows:
        found = book.rate(person, day)
        if found is None:
            missing[person].append((day, total))
            continue
        key = LabourKey(project, activity, Spending.CAPEX if capital else plain)
        amount, own = found
        if own != currency and rates is None:
            rates = Rates()
        try:
            exact[key] += Fraction(total, 60) * _into(rates, amount, own, currency, day)
        except MissingRate as error:
            exchange.add(str(error.message))
            continue
        minutes[key] += total
        currencies[key] = currency
    told = tuple(LabourRow(key, minutes[key], round(exact[key]), currencies[key]) for key in minutes)
    return Labour(told, tuple(_gaps(missing)), tuple(sorted(exchange)))


def _into(rates: Rates | None, amount: int, currency: str, into: str, day: dt.date) -> Fraction:
    if currency == into or rates is None:
        return Fraction(amount)
    return Fraction(rates.convert(amount * 10**6, currency, into, day), 10**6)


def _gaps(missing: dict[int, list[tuple[dt.date, int]]]) -> Iterable[RateGap]:
    people = Person.objects.in_bulk(missing)
    for number, days in sorted(missing.items()):
        dates = [day for day, _minutes in days]
        yield RateGap(people[number], min(dates), max(dates), sum(minutes for _day, minutes in days))


class _RateBook:
    """Rates of people on days: their own, else that of their role in the organisation, else of their role anywhere."""

    def __init__(self, people: Iterable[int], organisation: Organisation) -> None:
        self.people = {
            person.pk: (person.role_id, RateKind.EXTERNAL if person.employment_type in OUTSIDE else RateKind.INTERNAL)
            for person in Person.objects.filter(pk__in=set(people))
        }
        self.own: dict[int, list[PersonRate]] = defaultdict(list)
        for rate in PersonRate.objects.filter(person__in=self.people):
            self.own[rate.person_id].append(rate)
        self.roles: dict[int, list[RoleRate]] = defaultdict(list)
        for role_rate in RoleRate.objects.filter(role__in={role for role, _kind in self.people.values() if role}):
            if role_rate.organisation_id in (None, organisation.pk):
                self.roles[role_rate.role_id].append(role_rate)
        for role_rates in self.roles.values():
            role_rates.sort(key=lambda one: one.organisation_id is None)
        self.known: dict[tuple[int, dt.date], tuple[int, str] | None] = {}

    def rate(self, person: int, day: dt.date) -> tuple[int, str] | None:
        """Minor units per hour and their currency."""
        key = (person, day)
        if key not in self.known:
            role, kind = self.people[person]
            found = _on(self.own.get(person, ()), day, kind) or _on(self.roles.get(role or 0, ()), day, kind)
            self.known[key] = (found.amount, found.currency) if found is not None else None
        return self.known[key]


def _on(rates: Sequence[PersonRate | RoleRate], day: dt.date, kind: str) -> PersonRate | RoleRate | None:
    holding = [rate for rate in rates if rate.valid_from <= day and (rate.valid_to is None or rate.valid_to >= day)]
    same = [rate for rate in holding if rate.kind == kind]
    return next(iter(same or holding), None)
