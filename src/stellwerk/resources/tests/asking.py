"""Demands and bookings for tests of this room."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stellwerk.core.models import Grant, Scope, User
from stellwerk.people.models import Person
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.services.allocations import request_person
from stellwerk.resources.services.demands import create_demand

FIRST, LAST = dt.date(2027, 3, 1), dt.date(2027, 3, 26)
"""Four whole weeks; Good Friday is 26 March."""
MARCH = [dt.date(2027, 3, day) for day in (1, 8, 15, 22)]


def demand_of(cast: Any, *, by: User | None = None, hours: float = 20, **values: Any) -> Demand:
    """Paul's project asks for the role in March 2027."""
    given = {"project": cast.project, "title": "Commissioning", "role": cast.role, "first": FIRST, "last": LAST}
    return create_demand(values=given | values, by=by or cast.paul, hours_per_week=hours)


def asked_for(cast: Any, who: str = "tom", *, hours: float = 20) -> Allocation:
    return request_person(demand=demand_of(cast, hours=hours), person=cast.people[who], by=cast.paul)


def second_line_manager(cast: Any) -> User:
    """Uwe manages Rita's unit too."""
    Grant.objects.create(user=cast.users["uwe"], role="resource_manager", scope=Scope.UNIT, scope_id=cast.unit.pk)
    return fresh(cast, "uwe")


def fresh(cast: Any, who: str) -> User:
    """The user with the grants as they stand now."""
    user: User = User.objects.get(pk=cast.users[who].pk)
    return user


def part_timer(cast: Any, who: str, weekly: int) -> Person:
    person: Person = cast.people[who]
    Person.objects.filter(pk=person.pk).update(weekly_hours=weekly)
    person.refresh_from_db()
    return person
