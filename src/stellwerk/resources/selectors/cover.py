"""How far the need of projects is covered by firm bookings, and which key roles are vacant."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import IntegerField, Value

from stellwerk.people.models import Role
from stellwerk.resources.models import AllocationWeek, Demand, DemandWeek
from stellwerk.resources.selectors.demands import FIRM, LIVE
from stellwerk.resources.weeks import WEEK, monday

WEEKS = 8
"""The light looks this far ahead (domain.md section 4)."""
WANTED = "wanted"
CERTAIN = 100
"""Need in per cent: what is less likely is no firm need."""


@dataclass
class RoleCover:
    """Minutes of a role (or a named person's) in the window."""

    role: Role | None
    wanted: int = 0
    firm: int = 0
    reserved: int = 0

    @property
    def missing(self) -> int:
        return self.wanted - self.firm


@dataclass
class Staffing:
    """Firm need of a project in the next weeks: minutes wanted, covered firmly, covered by reservations beside."""

    wanted: int = 0
    firm: int = 0
    reserved: int = 0
    roles: dict[int | None, RoleCover] = field(default_factory=dict)
    vacant_weeks: int = 0
    vacant_role: Role | None = None

    @property
    def unfilled(self) -> Decimal | None:
        """Part of the firm need that nobody is booked for; None: nothing is needed."""
        return Decimal(self.wanted - self.firm) / self.wanted if self.wanted else None

    @property
    def cover(self) -> Decimal | None:
        return Decimal(self.firm) / self.wanted if self.wanted else None


def staffing_of(projects: Iterable[int], today: dt.date, weeks: int = WEEKS) -> dict[int, Staffing]:
    """By project, in one query; projects without demands are missing."""
    numbers = list(projects)
    begin = monday(today)
    end = begin + WEEK * (weeks - 1)
    firm: dict[int, dict[dt.date, int]] = defaultdict(dict)
    soft: dict[int, dict[dt.date, int]] = defaultdict(dict)
    wanted: list[tuple[Any, ...]] = []
    for row in _rows(numbers, end):
        if row[0] == WANTED:
            wanted.append(row[1:])
            continue
        own = (soft if row[0] == "soft" else firm)[row[1]]
        own[row[7]] = own.get(row[7], 0) + row[8]
    found: dict[int, Staffing] = {}
    vacant: dict[int, int] = {}
    for number, project, role, week, minutes in _with_roles(sorted(wanted, key=lambda one: (one[0], one[5]))):
        one = found.setdefault(project, Staffing())
        if begin <= week <= end:
            booked, held = firm[number].get(week, 0), soft[number].get(week, 0)
            _add(one, role, minutes, min(booked, minutes), min(held, max(0, minutes - booked)))
        elif week < begin and role is not None and role.is_key_role:
            # Weeks come in order: what is counted at the end is the time without anybody up to now.
            vacant[number] = 0 if firm[number].get(week) else vacant.get(number, 0) + 1
            if week == begin - WEEK and vacant[number] > one.vacant_weeks:
                one.vacant_weeks, one.vacant_role = vacant[number], role
    return found


def _rows(projects: list[int], end: dt.date) -> Iterator[tuple[Any, ...]]:
    """(what, demand, project, role, its two names, key role, week, minutes): needs, and what is booked until ``end``; one query."""
    live = Demand.objects.filter(project__in=projects, state__in=LIVE, archived_at=None, probability__gte=CERTAIN)
    role = ("demand__role", "demand__role__name", "demand__role__name_en", "demand__role__is_key_role")
    needs = DemandWeek.objects.filter(demand__in=live.order_by(), minutes__gt=0).order_by().annotate(what=Value(WANTED))
    booked = AllocationWeek.objects.filter(
        allocation__demand__in=live.order_by(), allocation__state__in=(*FIRM, "soft"), monday__lte=end
    )
    nobody = {
        "no_role": Value(None, IntegerField()),
        "no_name": Value(""),
        "no_name_en": Value(""),
        "no_key": Value(False),
    }
    other = booked.order_by().annotate(**nobody).values_list(
        "allocation__state", "allocation__demand", "allocation__demand__project", *nobody, "monday", "minutes"
    )  # fmt: skip
    return iter(
        needs.values_list("what", "demand", "demand__project", *role, "monday", "minutes").union(other, all=True)
    )


def _with_roles(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, int, Role | None, dt.date, int]]:
    """(demand, project, role, week, minutes); a role is made of what the row says, once."""
    known: dict[int | None, Role | None] = {None: None}
    for number, project, role, name, name_en, key, week, minutes in rows:
        if role not in known:
            known[role] = Role(pk=role, name=name, name_en=name_en, is_key_role=key)
        yield number, project, known[role], week, minutes


def _add(one: Staffing, role: Role | None, wanted: int, firm: int, soft: int) -> None:
    one.wanted += wanted
    one.firm += firm
    one.reserved += soft
    line = one.roles.setdefault(role.pk if role is not None else None, RoleCover(role))
    line.wanted += wanted
    line.firm += firm
    line.reserved += soft
