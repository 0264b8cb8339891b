"""What is read about demands: who asked, how far they are covered, which wait for an answer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import can, visible, visible_rows
from stellwerk.people.models import Person
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandWeek
from stellwerk.resources.weeks import covered

FIRM = (*HARD, "completed")
LIVE = ("open", "partly_filled", "filled", "vacancy_raised")
"""Demands that count as asked for."""
WAITING = ("open", "partly_filled", "vacancy_raised")


def staying(day: dt.date) -> Q:
    """People who are there on a day or come later."""
    return Q(archived_at=None) & (Q(exit_date=None) | Q(exit_date__gte=day))


def roles_of_nobody(roles: Iterable[int], day: dt.date | None = None) -> set[int]:
    """Of these roles the ones that nobody has who is or will be employed. Whoever may see the demand may know it: no person is told."""
    wanted = set(roles)
    there = Person.objects.filter(staying(day or timezone.localdate()), role__in=wanted)
    return wanted - set(there.order_by().values_list("role_id", flat=True).distinct()) if wanted else set()


def askers(demand: Demand) -> set[int]:
    """Who created the demand or asked for it."""
    rows = AuditEntry.objects.filter(
        entity_type="resources.demand", entity_id=demand.pk, verb__in=("create", "open"), actor__isnull=False
    )
    return {number for number in rows.values_list("actor_id", flat=True) if number is not None}


def asked_by_reader(demand: Demand, user: User) -> bool:
    """Has this user asked for the demand, or may they answer it only in the place of whoever asked?"""
    found = askers(demand)
    if user.pk in found:
        return True
    return bool(found) and can(user, "answer", demand) and not can(user, "answer", demand, without=found)


@dataclass
class Cover:
    """Minutes by week of one demand: wanted, and of its bookings by kind."""

    wanted: dict[dt.date, int] = field(default_factory=dict)
    firm: dict[dt.date, int] = field(default_factory=dict)
    reserved: dict[dt.date, int] = field(default_factory=dict)
    asked: dict[dt.date, int] = field(default_factory=dict)

    @property
    def minutes(self) -> int:
        return sum(self.wanted.values())

    @property
    def firm_minutes(self) -> int:
        """Firm minutes that fill the demand: too much in one week does not count for another."""
        return covered(self.wanted, self.firm)

    @property
    def ratio(self) -> float | None:
        return self.firm_minutes / self.minutes if self.minutes else None

    def missing(self, week: dt.date) -> int:
        return max(0, self.wanted.get(week, 0) - self.firm.get(week, 0) - self.reserved.get(week, 0))


_KIND = dict.fromkeys(FIRM, "firm") | {"soft": "reserved", "requested": "asked", "countered": "asked"}


def covers(demands: Iterable[int]) -> dict[int, Cover]:
    """The cover of many demands in two queries."""
    numbers = list(demands)
    found: dict[int, Cover] = defaultdict(Cover)
    for demand, week, minutes in (
        DemandWeek.objects.filter(demand__in=numbers).order_by("monday").values_list("demand", "monday", "minutes")
    ):
        found[demand].wanted[week] = minutes
    rows = AllocationWeek.objects.filter(allocation__demand__in=numbers, allocation__state__in=list(_KIND))
    sums = rows.order_by().values_list("allocation__demand", "allocation__state", "monday").annotate(t=Sum("minutes"))
    for demand, state, week, total in sums:
        by_week: dict[dt.date, int] = getattr(found[demand], _KIND[state])
        by_week[week] = by_week.get(week, 0) + total
    return found


def requests_to_answer(user: User) -> QuerySet[Allocation]:
    """Bookings that wait for this user as a line manager, what begins first on top."""
    rows = Allocation.objects.filter(state="requested", archived_at=None)
    return (
        visible_rows(user, rows, "approve")
        .select_related("demand__project__portfolio", "demand__role", "person__unit", "person__role")
        .order_by("first", "pk")
    )


def reserved_by(user: User) -> QuerySet[Allocation]:
    """Reservations of one's people that nobody has made firm yet, what expires first on top."""
    rows = Allocation.objects.filter(state="soft", archived_at=None)
    return (
        visible_rows(user, rows, "approve")
        .select_related("demand__project", "person")
        .order_by("expires", "first", "pk")
    )


def demands_to_answer(user: User) -> QuerySet[Demand]:
    """Demands of one's units for which nobody is asked, reserved or offered yet."""
    busy = Allocation.objects.filter(state__in=("requested", "soft", "countered")).order_by().values("demand")
    rows = Demand.objects.filter(visible(user, Demand, "answer"), ~Q(pk__in=busy), state__in=WAITING, archived_at=None)
    return rows.select_related("project", "role", "unit", "person").order_by("priority", "first", "pk")


def _in_line(which: Q) -> QuerySet[Allocation]:
    """Bookings with as much of them as one line in a list of duties says."""
    place = "demand__project"
    named = ("person__title", "person__first_name", "person__last_name")
    shown = ("key", "first", "last", "demand__title", f"{place}__name", f"{place}__portfolio", *named)
    return Allocation.objects.filter(which).select_related(place, "person").only(*shown).order_by("first", "pk")


_IN_LINE = KeptQuery(_in_line)


def offers_to_answer(user: User) -> list[Allocation]:
    """People offered instead of those whom this user's projects asked for."""
    return _IN_LINE.rows(Q(visible(user, Allocation, "ask"), state="countered", archived_at=None))
