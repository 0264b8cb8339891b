"""Where a plan stands: open, critical, late and overdue activities, delays against the approved baseline."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import BigIntegerField, Count, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Cast

from stellwerk.engine.calendars import instant, instant_of_day
from stellwerk.planning.choices import MILESTONES, Kind
from stellwerk.planning.models import Activity, Baseline, BaselineRow, Plan
from stellwerk.planning.selectors.baselines import approved_baseline, working_moves
from stellwerk.planning.selectors.calendars import clock_of
from stellwerk.planning.selectors.milestones import plain
from stellwerk.portfolio.models import Gate

DONE: Final = ("completed", "cancelled")
OPEN = Q(active=True, summary=False, actual_finish=None, percent__lt=100) & ~Q(state__in=DONE)
"""Rows that are still to be done; summaries follow from them."""
WORK = ~Q(kind__in=(*MILESTONES, Kind.LEVEL_OF_EFFORT))


@dataclass(frozen=True)
class Delay:
    """A milestone and how far it lies behind its baseline, in working days of its calendar (later is positive)."""

    name: str
    days: Decimal


@dataclass(frozen=True)
class Standing:
    """What the figures of a plan are made from; None: not known, because nothing is approved or dated."""

    plan: Plan
    baseline: Baseline | None = None
    start: dt.date | None = None
    finish: dt.date | None = None
    finish_baseline: dt.date | None = None
    finish_delay: Decimal | None = None
    worst: Delay | None = None
    critical: int = 0
    overdue: int = 0
    late: int | None = None


def standing_of(plan: Plan, on: dt.date) -> Standing:
    """A handful of queries, whatever the size of the plan."""
    rows = Activity.objects.filter(plan=plan)
    counted = rows.filter(active=True, summary=False).exclude(state="cancelled").order_by()
    day = Q(finish__lt=instant_of_day(on))
    sums = counted.aggregate(
        first=Min("start"),
        last=Max("finish"),
        critical=Count("pk", filter=OPEN & WORK & Q(critical=True)),
        overdue=Count("pk", filter=OPEN & WORK & day),
    )
    baseline = approved_baseline(plan)
    start, finish = sums["first"], sums["last"]
    known = Standing(
        plan, baseline, start.date() if start else None, finish.date() if finish else None,
        critical=sums["critical"], overdue=sums["overdue"],
    )  # fmt: skip
    return known if baseline is None else _against(known, baseline, finish)


def _against(known: Standing, baseline: Baseline, finish: dt.datetime | None) -> Standing:
    frozen = BaselineRow.objects.filter(baseline=baseline, summary=False)
    end = frozen.aggregate(end=Max("finish"))["end"]
    # By number, not by key: an activity that was removed and brought back has a new key.
    planned = Subquery(
        frozen.filter(uid=OuterRef("uid")).annotate(until=Cast("finish", BigIntegerField())).values("until")[:1],
        output_field=BigIntegerField(),
    )
    rows = Activity.objects.filter(OPEN, WORK, plan=known.plan).annotate(planned=planned)
    late = rows.filter(finish__gt=F("planned")).count()
    delays = _delays(known.plan, baseline, end, finish)
    return Standing(
        known.plan, baseline, known.start, known.finish, end.date() if end else None,
        finish_delay=delays[0].days if delays and delays[0].name == "" else None,
        worst=max(delays, key=lambda delay: delay.days, default=None),
        critical=known.critical, overdue=known.overdue, late=late,
    )  # fmt: skip


def _delays(plan: Plan, baseline: Baseline, end: dt.datetime | None, finish: dt.datetime | None) -> list[Delay]:
    """Delays of what decides: the end of the project (without a name) while it is open, gates and critical milestones ahead."""
    gates = {plain(code) for code in Gate.objects.filter(project=plan.project_id).values_list("code", flat=True)}
    ahead = Activity.objects.filter(OPEN, plan=plan, kind__in=MILESTONES).exclude(finish=None)
    columns = ahead.annotate(until=Cast("finish", BigIntegerField())).order_by("position")
    rows = [
        row
        for row in columns.values_list("uid", "name", "code", "critical", "until", "calendar_id", "elapsed")
        if row[3] or plain(row[2]) in gates
    ]
    planned = BaselineRow.objects.filter(baseline=baseline, uid__in=[row[0] for row in rows])
    before = dict(planned.annotate(until=Cast("finish", BigIntegerField())).values_list("uid", "until"))
    clock = clock_of(plan)
    names = [row[1] for row in rows]
    calendars = [clock.of(row[5], elapsed=row[6]) for row in rows]
    pairs = [(before.get(row[0]), row[4]) for row in rows]
    still_open = Activity.objects.filter(OPEN, WORK | Q(kind__in=MILESTONES), plan=plan).exists()
    if still_open and end is not None and finish is not None:
        names, calendars = ["", *names], [clock.default, *calendars]
        pairs = [(instant(end), instant(finish)), *pairs]
    moves = working_moves(clock, calendars, pairs)
    return [Delay(name, move) for name, move in zip(names, moves, strict=True) if move is not None]
