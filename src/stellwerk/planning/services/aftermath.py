"""What follows when a plan changed: takers in other projects are computed anew, figures are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction

from stellwerk.core.jobs import enqueue
from stellwerk.core.services import record
from stellwerk.planning.models import Activity, Link, Plan

if TYPE_CHECKING:
    from stellwerk.planning.services.editing.effects import Effect

AFTERMATH = "planning.aftermath"
FOLLOWERS: list[Callable[[Plan], object]] = []
"""What else hears of a changed plan (its figures): functions of the plan, run in the job's transaction."""
TAKERS_MOVED: list[Callable[[Plan, Plan, Effect], object]] = []
"""What hears that a giver moved a taker: functions of giver, taker and effect."""


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
        count = recompute(taker, giver=plan)
        if count:
            moved[str(taker)] = count
    for follower in FOLLOWERS:
        follower(plan)
    return {"moved": moved}


def recompute(number: int, *, touched: Sequence[int] = (), giver: Plan | None = None) -> int:
    """The dates of one plan anew because something outside moved, or rows were ``touched``; how many activities moved.

    A circle leaves it as it is. Where a ``giver`` moved: what waits for a planner (stale) keeps waiting, and the plan of an
    archived project is only marked.
    """
    from stellwerk.planning.services.editing import EditRefused, computed_or_refused, effect_of, finish_edit

    with transaction.atomic():
        plan = Plan.objects.select_for_update(of=("self",)).select_related("project").get(pk=number)
        if giver is not None and (plan.stale or plan.project.archived):
            Plan.objects.filter(pk=number).update(stale=True)
            return 0
        try:
            computed = computed_or_refused(plan)
        except EditRefused:
            return 0
        if not touched and not len(computed.changed_rows()):
            return 0
        before = plan.finish
        effect = effect_of(computed, before)
        finish_edit(plan, computed)
        Activity.objects.filter(pk__in=touched).update(changed_in=plan.revision)
        if giver is not None and effect.moved:
            ends = [one.isoformat() if one else None for one in (before, plan.finish)]
            record(plan, by=None, verb="schedule", changes={"finish": ends} if before != plan.finish else {})
            for hear in TAKERS_MOVED:
                hear(giver, plan, effect)
    return effect.moved
