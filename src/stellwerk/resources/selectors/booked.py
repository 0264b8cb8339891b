"""What is booked: minutes by week of people and of demands."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Sum

from stellwerk.people.models import Person
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandWeek
from stellwerk.resources.selectors.net import net_by_week
from stellwerk.resources.weeks import Weeks

FILLING = (*HARD, "completed")
"""Allocations that fill a demand."""


def weeks_of(allocation: Allocation) -> dict[dt.date, int]:
    return dict(AllocationWeek.objects.filter(allocation=allocation).values_list("monday", "minutes"))


def weeks_of_demand(demand: Demand) -> dict[dt.date, int]:
    return dict(DemandWeek.objects.filter(demand=demand).values_list("monday", "minutes"))


def booked_for(demand: Demand, states: Iterable[str] = FILLING) -> dict[dt.date, int]:
    """Minutes by week of the demand's allocations in these states."""
    rows = AllocationWeek.objects.filter(allocation__demand=demand, allocation__state__in=list(states))
    return dict(rows.order_by().values_list("monday").annotate(total=Sum("minutes")))


def load_of(
    people: Iterable[int], weeks: Iterable[dt.date], *, states: Iterable[str] = HARD, without: int | None = None
) -> dict[int, dict[dt.date, int]]:
    """Booked minutes by person and week in these states, without one allocation."""
    rows = AllocationWeek.objects.filter(
        allocation__person__in=list(people), allocation__state__in=list(states), monday__in=list(weeks)
    )
    if without is not None:
        rows = rows.exclude(allocation=without)
    found: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for person, week, total in rows.order_by().values_list("allocation__person", "monday").annotate(t=Sum("minutes")):
        found[person][week] = total
    return found


def over_net(
    person: Person | int, weeks: Weeks, *, without: int | None = None, since: dt.date | None = None
) -> Mapping[dt.date, tuple[int, int]]:
    """Weeks in which firm bookings together with ``weeks`` would exceed the person's net time: (booked, net) minutes.

    ``since``: earlier weeks are over and do not count.
    """
    number = person if isinstance(person, int) else person.pk
    asked = {week: minutes for week, minutes in weeks.items() if minutes and (since is None or week >= since)}
    if not asked:
        return {}
    net = net_by_week([number], min(asked), max(asked)).get(number, {})
    load = load_of([number], asked, without=without).get(number, {})
    return {
        week: (load.get(week, 0) + minutes, net.get(week, 0))
        for week, minutes in sorted(asked.items())
        if load.get(week, 0) + minutes > net.get(week, 0)
    }
