"""Jobs by the clock: any number of schedulers look, one of them starts each run."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stellwerk.core.jobs.queueing import enqueue
from stellwerk.core.jobs.registry import JOBS, JobType
from stellwerk.core.models import Schedule


def next_run(kind: JobType, after: dt.datetime) -> dt.datetime:
    """The first start after an instant; a time of day is meant in the installation's time zone, also when clocks change."""
    if kind.every is not None:
        return after + kind.every
    assert kind.daily_at is not None
    zone = ZoneInfo(settings.TIME_ZONE)
    local = after.astimezone(zone)
    for days in range(3):
        candidate = dt.datetime.combine(local.date() + dt.timedelta(days=days), kind.daily_at, tzinfo=zone)
        if candidate.astimezone(dt.UTC) > after:
            return candidate.astimezone(dt.UTC)
    raise AssertionError("unreachable: some day has this time")


def scheduled() -> dict[str, JobType]:
    return {name: kind for name, kind in JOBS.items() if kind.every is not None or kind.daily_at is not None}


def sync_schedules() -> None:
    """Rows for what the program registers now; rows of what it no longer knows go. Whether one is enabled stays."""
    kinds = scheduled()
    now = timezone.now()
    with transaction.atomic():
        known = {row.name: row for row in Schedule.objects.all()}
        for name, kind in kinds.items():
            seconds = int(kind.every.total_seconds()) if kind.every else 0
            row = known.get(name)
            if row is None:
                first = now if kind.every else next_run(kind, now)
                Schedule.objects.bulk_create(
                    [Schedule(name=name, every_seconds=seconds, daily_at=kind.daily_at, next_run_at=first)],
                    ignore_conflicts=True,
                )
            elif (row.every_seconds, row.daily_at) != (seconds, kind.daily_at):
                Schedule.objects.filter(pk=name).update(
                    every_seconds=seconds, daily_at=kind.daily_at, next_run_at=next_run(kind, now)
                )
        Schedule.objects.filter(pk__in=set(known) - set(kinds)).delete()


def tick(now: dt.datetime | None = None) -> list[str]:
    """Start what is due; a start that several schedulers see is claimed by one. Missed runs are made up for once."""
    instant = now or timezone.now()
    started = []
    for row in Schedule.objects.filter(enabled=True, next_run_at__lte=instant):
        kind = scheduled().get(row.name)
        if kind is None:
            continue
        with transaction.atomic():
            hit = Schedule.objects.filter(pk=row.pk, enabled=True, next_run_at=row.next_run_at).update(
                next_run_at=next_run(kind, instant), last_run_at=instant
            )
            if hit:
                enqueue(row.name, unique_key=f"schedule:{row.name}")
                started.append(row.name)
    return started
