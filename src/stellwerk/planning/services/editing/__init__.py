"""Editing a plan: operations in, new dates and their effect out, one change set, one undo step.

The whole network is computed after each edit; a preview does the same and takes it back before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import changesets
from stellwerk.core.changesets import ChangeKind, Recorder, register_change_kind
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.permissions import can, require
from stellwerk.core.services import record
from stellwerk.engine.network import CycleError, HorizonError
from stellwerk.planning.columns import Columns, Integers, read_columns
from stellwerk.planning.compute import Computed, Moved, compute, store
from stellwerk.planning.models import Activity, Link, Plan
from stellwerk.planning.programme import read_givers_again, refuse_circle_across
from stellwerk.planning.selectors.calendars import Clock
from stellwerk.planning.services.aftermath import plan_changed
from stellwerk.planning.services.editing import rescheduling
from stellwerk.planning.services.editing.effects import Effect, effect_of
from stellwerk.planning.services.editing.errors import EditFault, EditRefused, PlanStale
from stellwerk.planning.services.editing.operations import Operations

KIND = "plan_edit"


@dataclass(frozen=True)
class Edited:
    """What an edit did. ``change_set`` None: it was a preview, or nothing changed."""

    plan: Plan
    effect: Effect
    change_set: ChangeSet | None = None
    refs: Mapping[str, int] = field(default_factory=dict)
    removed_rows: tuple[int, ...] = ()
    removed_links: tuple[int, ...] = ()
    columns: Columns | None = None
    """The rows as they were computed, where the network was: their order and levels hold still."""
    moved: Moved | None = None
    """What was computed and stored, where an edit was: pages need no more of rows that nobody touched."""


class _PreviewDone(Exception):
    """Leaves the transaction of a preview with its result."""

    def __init__(self, result: Edited) -> None:
        self.result = result


def edit_plan(
    *, plan: Plan, operations: Sequence[Mapping[str, Any]], by: User | None, preview: bool = False, reason: str = ""
) -> Edited:
    """Do what a planner did in the grid or chart (``docs/planning-protocol.md``): all operations or none.

    Errors: ``NotAllowed``, ``EditRefused`` (operation, row, field; cycles named), ``PlanStale`` (both values), ``Refused`` (archived).
    """
    require_any_change(by, plan)

    def work(current: Plan, recorder: Recorder) -> Operations:
        operations_ = Operations(current, recorder, by, reason)
        operations_.apply(operations)
        return operations_

    return _changed(plan, by, work, preview=preview, reason=reason)


def reschedule(*, plan: Plan, by: User | None, preview: bool = False) -> Edited:
    """Compute the whole plan anew (after an import, a changed calendar, a giver that moved): one undo step, as long as dates hold still.

    Errors: ``NotAllowed``, ``EditRefused`` (the links lead in a circle).
    """
    require(by, "edit", plan)
    return _changed(plan, by, None, preview=preview)


def require_any_change(by: User | None, plan: Plan) -> None:
    """Whoever may neither plan nor report progress here is refused before anything is read."""
    require(by, "view", plan)
    if not can(by, "edit", plan) and not can(by, "progress", Activity):
        raise NotAllowed()


def _changed(
    plan: Plan,
    by: User | None,
    work: Callable[[Plan, Recorder], Operations] | None,
    *,
    preview: bool,
    reason: str = "",
) -> Edited:
    try:
        with transaction.atomic():
            current = Plan.objects.select_for_update().get(pk=plan.pk)
            current.project = plan.project
            if plan.project.archived:
                raise Refused(_("This project is archived."), _("Restore it first."), code="archived")
            edited = _edit(current, by, work, preview=preview, reason=reason)
            if preview:
                raise _PreviewDone(edited)
            return edited
    except _PreviewDone as done:
        return done.result


def _edit(
    plan: Plan, by: User | None, work: Callable[[Plan, Recorder], Operations] | None, *, preview: bool, reason: str
) -> Edited:
    finish, stale = plan.finish, plan.stale
    done: list[Operations] = []

    def write(recorder: Recorder) -> None:
        if work is not None:
            done.append(work(plan, recorder))

    change_set = None
    if work is not None:
        change_set = changesets.run(
            kind=KIND, title=_("Plan changed"), by=by, work=write, verb="plan_edit", plan={"plan": plan.pk}
        )
        if done[0].title:
            change_set.title = done[0].title[:200]
            ChangeSet.objects.filter(pk=change_set.pk).update(title=change_set.title)
    operations = done[0] if done else None
    computed = computed_or_refused(plan, operations.known_clock if operations is not None else None)
    if operations is not None and computed.has_givers:
        refuse_circle_across(plan, by)
    effect = effect_of(computed, finish, by)
    moved = None
    if not preview:
        changed = finish_edit(plan, computed, operations)
        moved = Moved(computed, changed)
        if operations is not None:
            moved = Moved(computed, changed, frozenset(operations.touched_rows), operations.linked)
        if work is None and (stale or len(changed)):
            change_set = _rescheduled(plan, by, rescheduling.kept(computed, changed))
        if work is None and effect.moved:
            record(plan, by=by, verb="schedule", changes={"finish": [_iso(finish), _iso(plan.finish)]}, reason=reason)
    return Edited(
        plan,
        effect,
        change_set,
        dict(operations.refs) if operations else {},
        tuple(operations.removed_rows) if operations else (),
        tuple(operations.removed_links) if operations else (),
        computed.columns,
        moved,
    )


def _rescheduled(plan: Plan, by: User | None, kept: dict[str, Any]) -> ChangeSet:
    """The change set that can bring the dates before a rescheduling back."""
    return changesets.run(
        kind=rescheduling.KIND,
        title=_("Plan rescheduled"),
        by=by,
        work=lambda _recorder: None,
        plan={"plan": plan.pk} | kept,
    )


def _iso(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def computed_or_refused(plan: Plan, clock: Clock | None = None) -> Computed:
    """The plan with its dates; a circle or an end after 2150 becomes a refusal that names the activities."""
    try:
        return compute(plan, clock)
    except CycleError as error:
        numbers = [int(read_columns(plan).number["pk"][row]) for row in error.activities]
        names = Activity.objects.in_bulk(numbers)
        told = " → ".join(str(names[number]) for number in [*numbers, numbers[0]])
        message = _("The links would lead in a circle: %(circle)s.") % {"circle": told}
        raise EditRefused([EditFault(0, numbers[-1], "to", message)], cycle=numbers) from error
    except HorizonError as error:
        number = int(read_columns(plan).number["pk"][error.activities[0]])
        message = _("“%(name)s” would end after 2150.") % {"name": Activity.objects.get(pk=number)}
        raise EditRefused([EditFault(0, number, "duration", message)]) from error


def finish_edit(
    plan: Plan, computed: Computed, operations: Operations | None = None, *, reload: bool = False
) -> Integers:
    """Store the dates under a new revision, mark what the operations touched, and tell the rest of the house; the rows whose dates changed."""
    revision = plan.revision + 1
    codes = computed.columns.outline_numbers if plan.auto_wbs else None
    moved = store(computed, revision=revision, codes=codes)
    if operations is not None:
        Activity.objects.filter(pk__in=operations.touched_rows).update(changed_in=revision)
        Link.objects.filter(pk__in=operations.touched_links).update(changed_in=revision)
    gone = operations is not None and bool(operations.removed_rows or operations.removed_links)
    plan.revision = revision
    plan.stale = False
    if gone or reload:
        plan.reload_from = revision
    Plan.objects.filter(pk=plan.pk).update(
        revision=F("revision") + 1,
        reload_from=plan.reload_from,
        next_uid=plan.next_uid,
        finish=plan.finish,
        stale=False,
    )
    plan_changed(plan, moved=len(moved))
    if operations is not None and operations.touched_links:
        read_givers_again(operations.touched_links)
    return moved


def undo_edit(*, change_set: ChangeSet, plan: Plan, by: User | None) -> Edited:
    """Take an edit or a rescheduling back. Errors: ``NotAllowed``, ``WrongState`` (dates changed since), ``Overlap`` (later edits, named)."""
    require(by, "edit", plan)
    if change_set.kind not in (KIND, rescheduling.KIND) or change_set.plan.get("plan") != plan.pk:
        raise NotAllowed()
    finish = plan.finish
    with transaction.atomic():
        changesets.undo(change_set, by=by)
        current = Plan.objects.select_related("project").get(pk=plan.pk)
    return Edited(current, Effect(0, (finish, current.finish), _zero(), (), ()), change_set)


def _zero() -> Any:
    from decimal import Decimal

    return Decimal(0)


def _may_undo(change_set: ChangeSet, by: User | None) -> None:
    require(by, "edit", Plan.objects.select_related("project").get(pk=change_set.plan["plan"]))


def _after_undo(change_set: ChangeSet, by: User | None) -> None:
    """What came back stands under a new revision; pages read everything anew."""
    plan = Plan.objects.select_for_update().select_related("project").get(pk=change_set.plan["plan"])
    computed = computed_or_refused(plan)
    if computed.has_givers:
        refuse_circle_across(plan, by)
    finish_edit(plan, computed, reload=True)


register_change_kind(
    ChangeKind(KIND, gettext_lazy("Plan changed"), icon="timeline", permit=_may_undo, after_undo=_after_undo)
)

__all__ = [
    "KIND", "EditRefused", "Edited", "PlanStale", "computed_or_refused", "edit_plan", "effect_of", "finish_edit", "require_any_change", "reschedule", "undo_edit",
]  # fmt: skip
