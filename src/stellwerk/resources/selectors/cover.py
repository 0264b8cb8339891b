"""How far the need of projects is covered by firm bookings, and which key roles are vacant."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet

from stellwerk.people.models import Role
from stellwerk.resources.models import AllocationWeek, Demand, DemandWeek
from stellwerk.resources.selectors.demands import FIRM, LIVE
from stellwerk.resources.weeks import WEEK, monday

WEEKS = 8
"""The light looks this far ahead (domain.md section 4)."""
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
    """By project, in two queries; projects without demands are missing."""
    numbers = list(projects)
    begin = monday(today)
    end = begin + WEEK * (weeks - 1)
    live = Demand.objects.filter(project__in=numbers, state__in=LIVE, archived_at=None, probability__gte=CERTAIN)
    firm: dict[int, dict[dt.date, int]] = defaultdict(dict)
    soft: dict[int, dict[dt.date, int]] = defaultdict(dict)
    rows = AllocationWeek.objects.filter(
        allocation__demand__in=live.order_by(), allocation__state__in=(*FIRM, "soft"), monday__lte=end
    )
    for number, state, week, minutes in rows.order_by().values_list(
        "allocation__demand", "allocation__state", "monday", "minutes"
    ):
        own = (soft if state == "soft" else firm)[number]
        own[week] = own.get(week, 0) + minutes
    found: dict[int, Staffing] = {}
    vacant: dict[int, int] = {}
    wanted = DemandWeek.objects.filter(demand__in=live.order_by(), minutes__gt=0).order_by("demand", "monday")
    for number, project, role, week, minutes in _with_roles(wanted):
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


def _with_roles(rows: QuerySet[DemandWeek]) -> Iterator[tuple[int, int, Role | None, dt.date, int]]:
    """(demand, project, role, week, minutes); a role is made of what the row says, once."""
    known: dict[int | None, Role | None] = {None: None}
    fields = ("demand", "demand__project", "demand__role", "demand__role__name", "demand__role__name_en", "demand__role__is_key_role", "monday", "minutes")  # fmt: skip
    for number, project, role, name, name_en, key, week, minutes in rows.values_list(*fields):
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
