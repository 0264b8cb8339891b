"""Demands that come from a plan: asked for in one step, and they follow when the plan changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.planning.models import Plan
from stellwerk.planning.services.aftermath import FOLLOWERS
from stellwerk.resources.choices import DemandSource
from stellwerk.resources.models import Demand
from stellwerk.resources.notices import tell_follows
from stellwerk.resources.selectors.plan_needs import NAMED, Change, Need, demands_of_plan, plan_needs
from stellwerk.resources.services.demands import cancel_demand, set_weeks
from stellwerk.resources.services.requests import request_for


@dataclass
class Outcome:
    """How many demands were made, changed and called off, and what was refused for whom."""

    made: int = 0
    changed: int = 0
    ended: int = 0
    refused: list[str] = field(default_factory=list)


@transaction.atomic
def ask_for_plan(
    *, plan: Plan, by: User | None, chosen: Iterable[str] | None = None, revision: int | None = None
) -> Outcome:
    """Create, change and call off the demands of a plan so that they say what it needs. ``chosen``: codes of :func:`code_of`.

    Somebody who cannot be asked (gone before the end) is named in the outcome, the others are asked. Errors: ``NotAllowed``,
    ``Refused`` (another ``revision`` than the reader saw, or the project is over).
    """
    plan = Plan.objects.select_for_update(of=("self",)).select_related("project").get(pk=plan.pk)
    require(by, "create", Demand(project=plan.project))
    if revision is not None and plan.revision != revision:
        raise Refused(
            _("The plan has changed in the meantime."), _("Look at the differences again."), code="plan_changed"
        )
    wanted = None if chosen is None else set(chosen)
    outcome = Outcome()
    for change in plan_needs(plan).open:
        if wanted is not None and code_of(change) not in wanted:
            continue
        try:
            with transaction.atomic():
                _do(plan, change, by, outcome)
        except Invalid as refusal:
            texts = " ".join(text for own in refusal.errors.values() for text in own)
            outcome.refused.append(f"{name_of(change)}: {texts}")
        except Refused as refusal:
            outcome.refused.append(f"{name_of(change)}: {refusal.message}")
    return outcome


def code_of(change: Change) -> str:
    """Names a line of the preview in a form."""
    if change.demand is not None:
        return f"d{change.demand.pk}"
    assert change.need is not None
    person, role = change.need.who
    return f"p{person}" if person else f"r{role}"


def name_of(change: Change) -> str:
    if change.need is not None:
        return str(change.need.person or change.need.role)
    return str(change.demand)


def _do(plan: Plan, change: Change, by: User | None, outcome: Outcome) -> None:
    if change.kind == "new":
        assert change.need is not None
        need = change.need
        request_for(
            project=plan.project, first=need.first, last=need.last, role=need.role, person=need.person, weeks=need.weeks,
            title=_title(need), note=_note(need), activity=need.activities[0] if len(need.activities) == 1 else None,
            source=DemandSource.ACTIVITY, by=by,
        )  # fmt: skip
        outcome.made += 1
        return
    assert change.demand is not None
    if change.kind == "gone" and not change.after:
        cancel_demand(demand=change.demand, reason=_("The plan no longer needs it."), by=by)
        outcome.ended += 1
        return
    _follow(change, by)
    outcome.changed += 1


def _title(need: Need) -> str:
    if len(need.activities) == 1:
        return need.activities[0].name[:200]
    count = len(need.activities)
    words = {"who": need.role or need.person, "count": count}
    return (ngettext("%(who)s: %(count)s activity", "%(who)s: %(count)s activities", count) % words)[:200]


def _note(need: Need) -> str:
    named = [f"{one.wbs} {one.name}".strip() for one in need.activities[:NAMED]]
    if len(need.activities) > NAMED:
        named.append("…")
    return _("From the plan: %(activities)s") % {"activities": "; ".join(named)}


def _follow(change: Change, by: User | None) -> None:
    """The weeks of the plan; line managers of people who stand in it are told."""
    assert change.demand is not None
    set_weeks(demand=change.demand, weeks=change.after, by=by, verb="follow_plan")
    fresh = Demand.objects.select_related("project").get(pk=change.demand.pk)
    tell_follows(fresh, change.before, change.after, by)


def follow_plan(plan: Plan) -> int:
    """Hears of every changed plan: its demands get the new weeks; what is new or gone waits for the project. How many moved."""
    if not demands_of_plan(plan):
        return 0
    moved = 0
    for change in plan_needs(plan).changes:
        if change.kind == "changed" or (change.kind == "gone" and change.after):
            with transaction.atomic():
                _follow(change, None)
            moved += 1
    return moved


FOLLOWERS.append(follow_plan)
