"""A small plan with estimates for tests of the simulation: Design 10 days, then Build 20 days, beside it Test 5 days."""

from __future__ import annotations

from typing import Any

from stellwerk.controlling.models import Estimate
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.portfolio.models import Project
from stellwerk.resources.tests.levelling import MONDAY, fresh

DAY = 480


def plan_of(project: Project, *rows: tuple[str, int, str | None]) -> Plan:
    """Activities: (name, days, the one before or None); from Monday 11 January 2027 on."""
    plan = create_plan(project=project, by=None, start=MONDAY)
    operations: list[dict[str, Any]] = []
    last = None
    for name, days, _before in rows:
        operations.append({"op": "add", "ref": name, "after": last, "values": {"name": name, "days": days}})
        last = name
    operations += [{"op": "link", "from": before, "to": name} for name, _days, before in rows if before is not None]
    edit_plan(plan=fresh(plan), operations=operations, by=None)
    return fresh(plan)


def small_plan(project: Project) -> Plan:
    return plan_of(project, ("Design", 10, None), ("Build", 20, "Design"), ("Test", 5, "Design"))


def estimate(name: str, low: float, likely: float, high: float, **values: Any) -> Estimate:
    """In days."""
    points = {key: round(value * DAY) for key, value in (("low", low), ("likely", likely), ("high", high))}
    return Estimate.objects.create(activity=activity(name), **{"distribution": "triangular", **points, **values})


def activity(name: str, project: Project | None = None) -> Activity:
    rows = Activity.objects.filter(name=name)
    return rows.get(plan__project=project) if project is not None else rows.get()
