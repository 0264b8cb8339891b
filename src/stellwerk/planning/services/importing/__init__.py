"""A schedule file into the plan of a project: everything or nothing, one change set, the same file twice changes nothing.

Rows are recognised by the number that the file gives them. The dates stay those of the file (``Plan.stale``) until somebody has the
plan computed here, with a preview of what that moves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import changesets
from stellwerk.core.changesets import CHUNK, ChangeKind, register_change_kind
from stellwerk.core.errors import Refused
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.permissions import require
from stellwerk.engine.calendars import CalendarError
from stellwerk.engine.network import NetworkError
from stellwerk.planning.exchange import Document, Problem
from stellwerk.planning.exchange.check import LARGEST_NUMBER
from stellwerk.planning.models import Activity, Assignment, Baseline, Plan
from stellwerk.planning.network import plan_of
from stellwerk.planning.programme import refuse_circle_across
from stellwerk.planning.services.aftermath import plan_changed
from stellwerk.planning.services.editing import EditRefused, computed_or_refused, finish_edit
from stellwerk.planning.services.importing.results import Imported, Rows, StaleImport
from stellwerk.planning.services.importing.work import Import
from stellwerk.portfolio.models import Project

KIND: Final = "schedule_import"


class _DryRun(Exception):
    def __init__(self, result: Imported) -> None:
        self.result = result


def import_schedule(
    *, project: Project, document: Document, by: User | None, name: str = "", dry_run: bool = False, draft: ChangeSet | None = None,
    seen: int | None = None,
) -> Imported:  # fmt: skip
    """Take a document over as the plan of ``project``.

    ``draft`` is a previewed change set that becomes the applied one. ``seen`` is the revision of the plan that a preview was made of
    (0: there was none); None takes the plan as it is.

    Errors: ``NotAllowed``, ``StaleImport`` (the plan is not the one that was seen), ``Refused`` (archived; values that cannot be computed;
    other projects depend on removed rows), ``WrongState`` (the draft has been applied or discarded).
    A file that cannot be computed is refused when it is read (:class:`~stellwerk.planning.exchange.ScheduleFileError`).
    """
    require(by, "edit", project)
    if project.archived:
        raise Refused(_("This project is archived."), _("Restore it first."), code="archived")
    warnings = (*document.warnings, *_computable(document))
    try:
        with transaction.atomic():
            work = Import(project, document, by, name, seen)
            title = _("Schedule imported: %(name)s") % {"name": name or project.name}
            previewed = draft or changesets.preview(kind=KIND, title=title, plan={}, by=by)
            change_set = changesets.apply(previewed, by=by, work=work.run, verb=KIND)
            result = work.result((*warnings, *work.warnings), change_set)
            if dry_run or not result.changes:
                raise _DryRun(replace(result, change_set=None, plan=None if work.new else work.plan))
            if not work.new:
                refuse_circle_across(work.plan, by)
            change_set.plan |= {"plan": work.plan.pk, "was_stale": work.was_stale}
            ChangeSet.objects.filter(pk=change_set.pk).update(plan=change_set.plan)
            plan_changed(work.plan, moved=work.added + work.changed)
            _tell_of_waiting(work.plan, by, change_set)
            return result
    except _DryRun as done:
        return done.result
    except IntegrityError as error:
        if Plan.objects.filter(project=project).exists() and work.new:
            raise StaleImport from error
        raise


def _tell_of_waiting(plan: Plan, by: User | None, change_set: ChangeSet) -> None:
    """A baseline that came with the file waits for a decision like any other."""
    from stellwerk.planning.guards import tell_who_decides

    made = change_set.items.filter(entity_type="planning.baseline", operation="create").values("entity_id")
    for baseline in Baseline.objects.filter(plan=plan, state="proposed", pk__in=made):
        tell_who_decides(baseline, by, "")


def _computable(document: Document) -> tuple[Problem, ...]:
    """What is told about the network. Errors: ``Refused`` (values that no plan can be computed with)."""
    try:
        return tuple(plan_of(document).warnings)
    except (NetworkError, CalendarError) as error:
        raise Refused(
            _("The dates of this schedule cannot be computed: %(reason)s") % {"reason": error},
            _("Correct it in the tool the file comes from, and export again."),
            code="invalid",
        ) from error


def _plan_of(change_set: ChangeSet) -> Plan | None:
    return Plan.objects.select_related("project").filter(pk=change_set.plan.get("plan")).first()


def _may_undo(change_set: ChangeSet, by: User | None) -> None:
    plan = _plan_of(change_set)
    if plan is not None:
        require(by, "edit", plan)


def _make_room(change_set: ChangeSet) -> None:
    """Rows of another schedule stand under the numbers of those that it replaced: they give them back."""
    models_: tuple[Any, ...] = (Activity, Assignment)
    for model in models_:
        items = change_set.items.filter(entity_type=model._meta.label_lower)
        if items.filter(operation="delete").exists():
            made = model._default_manager.filter(pk__in=items.filter(operation="create").values("entity_id"))
            rows = list(made.only("pk", "uid").order_by("pk"))
            for place, row in enumerate(rows):
                row.uid = -LARGEST_NUMBER - 1 - place
            model._default_manager.bulk_update(rows, ["uid"], batch_size=CHUNK)


def _after_undo(change_set: ChangeSet, by: User | None) -> None:
    """What was there before counts again, under a new revision; computed dates are computed anew, those of a file stay."""
    plan = _plan_of(change_set)
    if plan is None:
        return
    refuse_circle_across(plan, by)
    if not change_set.plan.get("was_stale", True):
        try:
            finish_edit(plan, computed_or_refused(plan), reload=True)
            return
        except EditRefused:
            pass  # a calendar changed since: the plan waits for its planner
    ends = Activity.objects.filter(plan=plan).aggregate(last=models.Max("finish"))
    Plan.objects.filter(pk=plan.pk).update(
        revision=plan.revision + 1, reload_from=plan.revision + 1, stale=True, finish=ends["last"]
    )
    plan.refresh_from_db()
    plan_changed(plan, moved=1)


register_change_kind(
    ChangeKind(
        KIND,
        gettext_lazy("Schedule imported"),
        icon="upload",
        permit=_may_undo,
        make_room=_make_room,
        after_undo=_after_undo,
        preview_url="planning:import-preview",
    )
)


__all__ = ["KIND", "Imported", "Rows", "StaleImport", "import_schedule"]
