"""Two projects that want the same person at the same time, for tests of levelling."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from stellwerk.people.models import Person, Role
from stellwerk.planning.models import Activity, Assignment, Plan, PlanResource
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.portfolio.models import Project
from stellwerk.testing import Cast

MONDAY = dt.date(2027, 1, 11)
"""An ordinary Monday: no public holiday in the two weeks from here."""


def plan_with(project: Project, cast: Cast, *rows: tuple[str, int, Any]) -> Plan:
    """A plan of activities one after the other: (name, days, person, role or None). Effort is the whole time."""
    plan = create_plan(project=project, by=None, start=MONDAY)
    Plan.objects.filter(pk=plan.pk).update(data_date=dt.datetime(2027, 1, 11))  # noqa: DTZ001 - plans know local time
    operations: list[dict[str, Any]] = []
    for number, (name, days, _who) in enumerate(rows):
        before = rows[number - 1][0] if number else None
        operations.append({"op": "add", "ref": name, "after": before, "values": {"name": name, "days": days}})
        if before is not None:
            operations.append({"op": "link", "from": before, "to": name})
    edit_plan(plan=fresh(plan), operations=operations, by=None)
    for uid, (name, days, who) in enumerate(rows, start=1):
        if who is not None:
            assign(plan, name, who, hours=8 * days, uid=uid)
    return fresh(plan)


def fresh(plan: Plan) -> Plan:
    return Plan.objects.select_related("project").get(pk=plan.pk)


def assign(plan: Plan, name: str, who: Person | Role, *, hours: int, uid: int) -> Assignment:
    """Somebody, or a role, on an activity."""
    kind = "person" if isinstance(who, Person) else "role"
    resource = PlanResource.objects.create(plan=plan, uid=uid, name=str(who), **{kind: who})
    return Assignment.objects.create(
        plan=plan, uid=uid, activity=row(name, plan), resource=resource, units=Decimal(100), work=Decimal(hours)
    )


def row(name: str, plan: Plan | None = None) -> Activity:
    rows = Activity.objects.filter(name=name)
    return rows.get(plan=plan) if plan is not None else rows.get()
