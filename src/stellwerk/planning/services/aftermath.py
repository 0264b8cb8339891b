"""What follows when a plan changed: takers in other projects are computed anew, figures are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from stellwerk.core.jobs import enqueue
from stellwerk.planning.models import Activity, Link, Plan

AFTERMATH = "planning.aftermath"
FOLLOWERS: list[Callable[[Plan], object]] = []
"""What else hears of a changed plan (its figures): functions of the plan, run in the job's transaction."""


def plan_changed(plan: Plan, *, moved: int) -> None:
    """Queue the job once per revision; it starts when the edit is committed."""
    enqueue(AFTERMATH, {"plan": plan.pk}, unique_key=f"{AFTERMATH}:{plan.pk}:{plan.revision}")


def after_change(number: int) -> dict[str, Any]:
    """Recompute the takers of a plan (which in turn queue theirs), then tell the followers."""
    plan = Plan.objects.select_related("project", "calendar").filter(pk=number).first()
    if plan is None:
        return {}
    takers = sorted(
        set(Link.objects.filter(predecessor__plan=plan).exclude(plan=plan).values_list("plan_id", flat=True))
    )
    moved = {}
    for taker in takers:
        count = recompute(taker)
        if count:
            moved[str(taker)] = count
    for follower in FOLLOWERS:
        follower(plan)
    return {"moved": moved}


def recompute(number: int, *, touched: Sequence[int] = ()) -> int:
    """The dates of one plan anew because something outside moved, or rows were ``touched``; how many activities moved.

    A circle leaves it as it is.
    """
    from stellwerk.planning.services.editing import EditRefused, computed_or_refused, effect_of, finish_edit

    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=number)
        try:
            computed = computed_or_refused(plan)
        except EditRefused:
            return 0
        if not touched and not len(computed.changed_rows()):
            return 0
        moved = effect_of(computed, plan.finish).moved
        finish_edit(plan, computed)
        Activity.objects.filter(pk__in=touched).update(changed_in=plan.revision)
    return moved
