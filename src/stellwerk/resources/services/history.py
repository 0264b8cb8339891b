"""What was worked stays: a firm booking that is released keeps its past in a completed booking of its own."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from stellwerk.core import services
from stellwerk.resources.models import Allocation, AllocationWeek
from stellwerk.resources.selectors.booked import weeks_of
from stellwerk.resources.weeks import DAY, WEEK, monday, share_before

PAST = "completed"


def keep_past(allocation: Allocation) -> Allocation | None:
    """Split a booking that has just been released: weeks before today go to a completed one, the rest stays with it.

    Of the present week its working days before today count. None where nothing has passed. Call it inside the transaction.
    """
    today = timezone.localdate()
    if allocation.first >= today:
        return None
    weeks = weeks_of(allocation)
    past, rest = _split(allocation, weeks, today)
    if not past:
        return None
    values = {
        "demand": allocation.demand, "person": allocation.person, "first": allocation.first,
        "last": min(allocation.last, today - DAY), "state": PAST, "overbooking_reason": allocation.overbooking_reason,
        "confidentiality": allocation.confidentiality, "owner": allocation.owner,
    }  # fmt: skip
    # By Stellwerk itself: whoever may release need not be allowed to book.
    found = services.create(Allocation, values, by=None, verb="keep_past", reason=allocation.key)
    AllocationWeek.objects.bulk_create(
        [AllocationWeek(allocation=found, monday=week, minutes=minutes) for week, minutes in sorted(past.items())]
    )
    allocation.weeks.all().delete()
    AllocationWeek.objects.bulk_create(
        [AllocationWeek(allocation=allocation, monday=week, minutes=minutes) for week, minutes in sorted(rest.items())]
    )
    if rest:
        allocation.first = max(allocation.first, today)
        Allocation.objects.filter(pk=allocation.pk).update(first=allocation.first)
    return found


def _split(
    allocation: Allocation, weeks: dict[dt.date, int], today: dt.date
) -> tuple[dict[dt.date, int], dict[dt.date, int]]:
    """Minutes by week before today, and from today on."""
    past: dict[dt.date, int] = {}
    rest: dict[dt.date, int] = {}
    for week, minutes in weeks.items():
        if week + WEEK <= today:
            share = minutes
        elif week >= monday(today) + WEEK:
            share = 0
        else:
            share = share_before(minutes, max(week, allocation.first), min(week + WEEK - DAY, allocation.last), today)
        if share:
            past[week] = share
        if minutes - share:
            rest[week] = minutes - share
    return past, rest
