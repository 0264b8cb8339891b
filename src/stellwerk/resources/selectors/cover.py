"""How far the need of projects is covered by firm bookings, and which key roles are vacant."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

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
    """By project, in four queries; projects without demands are missing."""
    numbers = list(projects)
    begin = monday(today)
    end = begin + WEEK * (weeks - 1)
    demands = {
        row.pk: row
        for row in Demand.objects.filter(
            project__in=numbers, state__in=LIVE, archived_at=None, probability__gte=CERTAIN
        ).select_related("role")
    }
    wanted = DemandWeek.objects.filter(demand__in=list(demands), monday__gte=begin, monday__lte=end)
    booked: dict[tuple[int, dt.date], list[int]] = defaultdict(lambda: [0, 0])
    rows = AllocationWeek.objects.filter(
        allocation__demand__in=list(demands), allocation__state__in=(*FIRM, "soft"), monday__gte=begin, monday__lte=end
    )
    for number, state, week, minutes in rows.values_list(
        "allocation__demand", "allocation__state", "monday", "minutes"
    ):
        booked[number, week][state == "soft"] += minutes
    found: dict[int, Staffing] = {}
    for demand in demands.values():
        found.setdefault(demand.project_id, Staffing())
    for number, week, minutes in wanted.values_list("demand", "monday", "minutes"):
        demand = demands[number]
        firm, soft = booked.get((number, week), (0, 0))
        _add(found[demand.project_id], demand, minutes, min(firm, minutes), min(soft, max(0, minutes - firm)))
    _vacancies(found, demands, begin)
    return found


def _add(one: Staffing, demand: Demand, wanted: int, firm: int, soft: int) -> None:
    one.wanted += wanted
    one.firm += firm
    one.reserved += soft
    line = one.roles.setdefault(demand.role_id, RoleCover(demand.role))
    line.wanted += wanted
    line.firm += firm
    line.reserved += soft


def _vacancies(found: dict[int, Staffing], demands: dict[int, Demand], this_week: dt.date) -> None:
    """The longest time that a key role should have been there up to now and nobody was booked."""
    keys = {
        pk: row
        for pk, row in demands.items()
        if row.role is not None and row.role.is_key_role and row.first < this_week
    }
    if not keys:
        return
    filled = set(
        AllocationWeek.objects.filter(
            allocation__demand__in=list(keys), allocation__state__in=FIRM, monday__lt=this_week, minutes__gt=0
        ).values_list("allocation__demand", "monday")
    )
    for number, demand in keys.items():
        count, week = 0, this_week - WEEK
        while week >= monday(demand.first) and week <= demand.last and (number, week) not in filled:
            count, week = count + 1, week - WEEK
        one = found[demand.project_id]
        if count > one.vacant_weeks:
            one.vacant_weeks, one.vacant_role = count, demand.role
