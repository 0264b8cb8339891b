"""Plans for tests of baselines, milestones and figures: rows with the dates that a computation would give them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from stellwerk.planning.choices import Kind
from stellwerk.planning.models import Activity, Baseline, Plan
from stellwerk.planning.services.baselines import approve_baseline, propose_baseline
from stellwerk.portfolio.models import Project

DAY = 480


def at(year: int, month: int, day: int, hour: int = 8) -> dt.datetime:
    return dt.datetime(year, month, day, hour)  # noqa: DTZ001 - plans know no time zones


def add_row(plan: Plan, uid: int, name: str, start: dt.datetime, finish: dt.datetime, **values: Any) -> Activity:
    defaults: dict[str, Any] = {
        "position": uid * 1024,
        "wbs": str(uid),
        "duration": DAY,
        "start": start,
        "finish": finish,
    }
    return Activity.objects.create(plan=plan, uid=uid, name=name, **(defaults | values))


def add_milestone(plan: Plan, uid: int, name: str, day: dt.datetime, **values: Any) -> Activity:
    return add_row(plan, uid, name, day, day, **({"kind": Kind.MILESTONE, "duration": 0} | values))


def example_plan(project: Project) -> Plan:
    """A phase with two activities, then a gate and the end; finish on Friday, 29 January 2027, 17:00."""
    plan = Plan.objects.create(
        project=project, start=at(2027, 1, 4), finish=at(2027, 1, 29, 17), data_date=at(2026, 11, 20)
    )
    add_row(plan, 1, "Build", at(2027, 1, 4), at(2027, 1, 22, 17), summary=True, level=1)
    add_row(plan, 2, "Foundation", at(2027, 1, 4), at(2027, 1, 8, 17), level=2, work=Decimal(40), critical=True)
    add_row(plan, 3, "Hall", at(2027, 1, 11), at(2027, 1, 22, 17), level=2, work=Decimal(160), critical=True)
    add_milestone(plan, 4, "Ready for operation", at(2027, 1, 22, 17), code="G3", critical=True)
    add_row(plan, 5, "Training", at(2027, 1, 25), at(2027, 1, 29, 17), work=Decimal(24), critical=True)
    add_row(plan, 6, "Manual", at(2027, 1, 4), at(2027, 1, 6, 17))
    return plan


def approved(plan: Plan, *, by: Any, approver: Any, reason: str = "First plan", name: str = "") -> Baseline:
    return approve_baseline(baseline=propose_baseline(plan=plan, reason=reason, name=name, by=by), by=approver)
