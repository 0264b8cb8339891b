"""Bookings that follow a signed contract: firm at once, within what the person has left; by Stellwerk, not by a line manager."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from stellwerk.core import services
from stellwerk.core.models import User
from stellwerk.core.services import record
from stellwerk.core.states import advance
from stellwerk.people.models import Person
from stellwerk.resources.choices import HARD, LOADING
from stellwerk.resources.models import Allocation, AllocationWeek, Demand
from stellwerk.resources.selectors.booked import booked_for, load_of, weeks_of, weeks_of_demand
from stellwerk.resources.selectors.net import net_by_week
from stellwerk.resources.services.demands import follow_bookings
from stellwerk.resources.weeks import Weeks, cut, left, stored

OPEN = ("open", "partly_filled", "vacancy_raised")


@transaction.atomic
def book_hired(*, demand: Demand, person: Person, first: dt.date, last: dt.date, reason: str) -> Allocation | None:
    """What the demand still lacks between these days, firm, at most the person's free net hours; None where nothing is left.

    ``reason`` says which contract; nobody is asked: the signed contract is the answer.
    """
    demand = Demand.objects.select_for_update().get(pk=demand.pk)
    begin, end = max(first, demand.first), min(last, demand.last)
    if demand.archived or demand.state not in OPEN or end < begin:
        return None
    weeks = _free(person, _lacking(demand, begin, end))
    if not weeks:
        return None
    values = {"demand": demand, "person": person, "first": begin, "last": end}
    found = services.create(Allocation, values, by=None, verb="assign", reason=reason)
    _write(found, weeks)
    return advance(found, "confirm", by=None, reason=reason)


@transaction.atomic
def extend_hired(*, allocation: Allocation, last: dt.date, reason: str) -> Allocation:
    """The same booking until another day of the demand; hours are added as far as the demand lacks them and the person has them."""
    current = Allocation.objects.select_for_update().select_related("demand", "person").get(pk=allocation.pk)
    end = min(last, current.demand.last)
    if current.state not in HARD or end <= current.last:
        return current
    before = weeks_of(current)
    more = _free(current.person, _lacking(current.demand, current.last + dt.timedelta(days=1), end))
    after = {week: before.get(week, 0) + more.get(week, 0) for week in {*before, *more}}
    current.weeks.all().delete()
    _write(current, after)
    Allocation.objects.filter(pk=current.pk).update(last=end, version=current.version + 1, updated_at=timezone.now())
    current = Allocation.objects.get(pk=current.pk)
    record(current, by=None, verb="edit", reason=reason, changes={"hours_per_week": [stored(before), stored(after)]})
    follow_bookings(current.demand)
    return current


@transaction.atomic
def shorten_hired(*, allocation: Allocation, last: dt.date, reason: str, by: User | None) -> Allocation:
    """The booking ends with this day: released where nothing is left of it, else without the weeks after it."""
    current = Allocation.objects.select_for_update().select_related("demand").get(pk=allocation.pk)
    if current.state not in (*LOADING, "countered") or current.last <= last:
        return current
    before = weeks_of(current)
    after = cut(before, current.first, last) if last >= current.first else {}
    if not after:
        return advance(current, "release" if current.state in HARD else "withdraw", by=None, reason=reason)
    current.weeks.all().delete()
    _write(current, after)
    Allocation.objects.filter(pk=current.pk).update(last=last, version=current.version + 1, updated_at=timezone.now())
    current = Allocation.objects.get(pk=current.pk)
    record(current, by=by, verb="edit", reason=reason, changes={"hours_per_week": [stored(before), stored(after)]})
    follow_bookings(current.demand)
    return current


def _lacking(demand: Demand, first: dt.date, last: dt.date) -> dict[dt.date, int]:
    open_weeks = left(weeks_of_demand(demand), booked_for(demand, (*LOADING, "countered", "completed")))
    return {week: minutes for week, minutes in cut(open_weeks, first, last).items() if minutes}


def _free(person: Person, weeks: Weeks) -> dict[dt.date, int]:
    """At most what the person has left of the net hours in each week."""
    if not weeks:
        return {}
    net = net_by_week([person.pk], min(weeks), max(weeks)).get(person.pk, {})
    load = load_of([person.pk], weeks).get(person.pk, {})
    free = {week: min(minutes, net.get(week, 0) - load.get(week, 0)) for week, minutes in weeks.items()}
    return {week: minutes for week, minutes in sorted(free.items()) if minutes > 0}


def _write(allocation: Allocation, weeks: Weeks) -> None:
    AllocationWeek.objects.bulk_create(
        [AllocationWeek(allocation=allocation, monday=week, minutes=minutes) for week, minutes in sorted(weeks.items())]
    )
