"""Links between the plans of different projects: no circle over several plans, and no taker that misses its giver's dates.

A link belongs to the plan of its successor (the taker); the plan of its predecessor is the giver. Each plan is computed on
its own with the dates that its givers have (:mod:`stellwerk.planning.compute`), so a circle over several plans is not seen there.
"""

from __future__ import annotations

import numpy as np
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stellwerk.core.jobs import enqueue
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.engine.network import CycleError
from stellwerk.engine.network.order import levels
from stellwerk.planning.models import Activity, Link, Plan
from stellwerk.planning.network import SPANNING
from stellwerk.planning.services.aftermath import AFTERMATH
from stellwerk.planning.services.editing.errors import EditFault, EditRefused

LOCK = 0x57E12
"""PostgreSQL: two planners who each draw one half of a circle wait for each other. SQLite has one writer at a time."""


def outer_links() -> QuerySet[Link]:
    """Links from one plan to another."""
    from django.db.models import F

    return Link.objects.exclude(predecessor__plan=F("plan"))


def takers_of(plan: int) -> set[int]:
    """Numbers of the plans that depend on this one, directly or through others."""
    found: set[int] = set()
    wave = {plan}
    while wave:
        rows = Link.objects.filter(predecessor__plan__in=wave).exclude(plan__in=found | wave)
        found |= wave
        wave = set(rows.order_by().values_list("plan_id", flat=True).distinct())
    # The plan itself counts only where a taker gives back to it.
    back = Link.objects.filter(plan=plan, predecessor__plan__in=found - {plan})
    return found if back.exists() else found - {plan}


def circle_across(plan: Plan) -> list[int]:
    """The activities (numbers, in order) of the shortest circle through several plans that holds this one; [] if there is none."""
    reached = takers_of(plan.pk)
    if plan.pk not in reached:
        return []
    rows = Link.objects.filter(
        plan__in=reached,
        predecessor__plan__in=reached,
        predecessor__active=True,
        successor__active=True,
        predecessor__summary=False,
        successor__summary=False,
    ).exclude(predecessor__kind__in=SPANNING)
    pairs = rows.exclude(successor__kind__in=SPANNING).order_by("pk").values_list("predecessor_id", "successor_id")
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    numbers, places = np.unique(ends, return_inverse=True)
    before, after = places.reshape(-1, 2).T
    try:
        levels(before, after, len(numbers))
    except CycleError as error:
        return [int(numbers[row]) for row in error.activities]
    return []


def refuse_circle_across(plan: Plan, by: User | None) -> None:
    """Called inside the transaction of an edit, when it is written: what another planner drew meanwhile counts too.

    Errors: ``EditRefused`` that names the activities, those of other projects with their key, or namelessly where ``by`` may
    not see them.
    """
    _wait_for_others()
    circle = circle_across(plan)
    if not circle:
        return
    rows = Activity.objects.select_related("plan__project").in_bulk(circle)
    ordered = [rows[number] for number in circle]
    told = " → ".join(name_for(row, plan, by) for row in [*ordered, ordered[0]])
    own = [row.pk for row in ordered if row.plan_id == plan.pk]
    message = _("The links would lead in a circle: %(circle)s.") % {"circle": told}
    raise EditRefused([EditFault(0, own[-1] if own else None, "to", message)], cycle=own)


def name_for(activity: Activity, plan: Plan, by: User | None) -> str:
    """An activity as a reader of ``plan`` may know it: with the key of its project where that is another one."""
    if activity.plan_id == plan.pk:
        return str(activity)
    if not can(by, "view", activity.plan):
        return _("an activity of a project that you may not see")
    return f"{activity.plan.key}: {activity}"


def read_givers_again(link_numbers: set[int]) -> None:
    """After outer links were drawn: a giver may have moved while they were (its job did not know the taker yet)."""
    rows = outer_links().filter(pk__in=link_numbers)
    for link, plan in rows.order_by("pk").values_list("pk", "predecessor__plan_id"):
        enqueue(AFTERMATH, {"plan": plan}, unique_key=f"{AFTERMATH}:{plan}:link:{link}")


def _wait_for_others() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
