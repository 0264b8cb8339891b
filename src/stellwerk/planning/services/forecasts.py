"""The forecast of each milestone at each reporting date: what milestone trends are drawn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from stellwerk.people.holidays import is_public_holiday
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Activity, MilestoneForecast
from stellwerk.portfolio.models import Portfolio, Project

SATURDAY = 5


@transaction.atomic
def capture_forecasts(*, projects: Iterable[Project | int], date: dt.date, replace: bool = True) -> int:
    """Keep what the plans of some projects expect of their milestones at a reporting date; returns how many points.

    Captured again for the same date, the later forecast counts (``replace=False``: the earlier one). A milestone that was
    reached before gets no further points: its line ends on the diagonal. No permission is asked.
    """
    numbers = [item.pk if isinstance(item, Project) else item for item in projects]
    rows = Activity.objects.filter(plan__project__in=numbers, kind__in=MILESTONES, active=True, summary=False)
    rows = rows.exclude(state="cancelled").annotate(last=Max("forecasts__date"))
    points = []
    for number, finish, actual, last in rows.values_list("pk", "finish", "actual_finish", "last").order_by("pk"):
        day = actual or finish
        if day is None or (actual is not None and last is not None and actual.date() <= last and last < date):
            continue
        points.append(MilestoneForecast(activity_id=number, date=date, forecast=day.date()))
    if replace:
        MilestoneForecast.objects.bulk_create(
            points,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["activity", "date"],
            update_fields=["forecast"],
        )
    else:
        MilestoneForecast.objects.bulk_create(points, batch_size=500, ignore_conflicts=True)
    return len(points)


def reports_on(portfolio: Portfolio, day: dt.date) -> bool:
    """Is ``day`` a reporting date by the portfolio's rhythm (first date + n cycles; a free day moves to the working day before)?"""
    anchor, every = portfolio.cycle_anchor, portfolio.cycle_days
    if anchor is None or every < 1 or not _works(portfolio, day):
        return False
    while True:
        if day >= anchor and (day - anchor).days % every == 0:
            return True
        day += dt.timedelta(days=1)
        if _works(portfolio, day):
            return False


def _works(portfolio: Portfolio, day: dt.date) -> bool:
    organisation = portfolio.unit.organisation if portfolio.unit is not None else None
    country, part = (organisation.country, organisation.subdivision) if organisation is not None else ("DE", "")
    return day.weekday() < SATURDAY and not is_public_holiday(country, part, day)
