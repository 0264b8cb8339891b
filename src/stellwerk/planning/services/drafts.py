"""A schedule file on its way through the pages: uploaded, previewed, applied. Kept in a previewed change set with the file beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import changesets, formats
from stellwerk.core.attachments import safe_name
from stellwerk.core.erasure import emptied_folder
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.models.history import ChangeSetState
from stellwerk.core.permissions import require
from stellwerk.planning import words
from stellwerk.planning.exchange import Document, Problem, ScheduleFileError, read_schedule
from stellwerk.planning.models import Plan
from stellwerk.planning.selectors.importing import differences, effect_in_words
from stellwerk.planning.services.editing import EditRefused, computed_or_refused, effect_of
from stellwerk.planning.services.importing import KIND, Imported, StaleImport, import_schedule
from stellwerk.portfolio.models import Project

LARGE: Final = 2_000_000
"""Bytes from which reading and writing run in the background."""
SHOWN_PROBLEMS: Final = 100
KEPT_DAYS: Final = 14
FOLDER = emptied_folder("schedules")


class _Rollback(Exception):
    """What was written in order to be looked at goes away again."""


def start_import(*, file: UploadedFile[Any], project: Project, by: User) -> ChangeSet:
    """Keep an uploaded file for the preview.

    Errors: ``NotAllowed``, ``Invalid`` at ``file`` (empty, larger than uploads may be), ``Refused`` (archived).
    """
    require(by, "edit", project)
    if project.archived:
        raise Refused(_("This project is archived."), _("Restore it first."), code="archived")
    size, limit = file.size or 0, settings.UPLOAD_LIMIT_BYTES
    if size == 0:
        raise Invalid({"file": [_("The file is empty.")]})
    if size > limit:
        told = {"size": formats.number(size / 1024 / 1024), "limit": formats.number(limit / 1024 / 1024)}
        text = _(
            "This file has %(size)s MB, pages take at most %(limit)s MB. Use the command “stellwerk import schedule”."
        )
        raise Invalid({"file": [text % told]})
    name = safe_name(file.name or "")
    title = _("Schedule %(file)s into %(project)s") % {"file": name, "project": project.key}
    draft = changesets.preview(kind=KIND, title=title, plan={}, by=by)
    file.seek(0)
    stored = default_storage.save(f"{FOLDER}/{draft.uid}{PurePath(name).suffix.lower()[:8]}", file)
    draft.plan = {"upload": stored, "file": name, "size": size, "project": project.pk, "stage": "uploaded"}
    draft.save(update_fields=["plan"])
    return draft


def is_large(draft: ChangeSet) -> bool:
    return int(draft.plan.get("size", 0)) >= LARGE


def read_upload(draft: ChangeSet) -> Document:
    """Errors: ``ScheduleFileError``, ``Refused`` (the file is gone)."""
    try:
        stream = default_storage.open(draft.plan["upload"], "rb")
    except (KeyError, OSError) as error:
        raise Refused(_("The uploaded file is no longer there."), _("Choose it again."), code="upload_gone") from error
    with stream:
        return read_schedule(stream, name=draft.plan["file"])


def run_preview(draft: ChangeSet, *, by: User) -> None:
    """Work out what the import would do and keep it for the page; a file that cannot be used is kept as failure.

    Errors: ``NotAllowed``, ``Refused`` (applied or discarded already, the file or the project is gone).
    """
    _must_be_open(draft)
    project = project_of(draft)
    try:
        document = read_upload(draft)
        seen, preview = _looked_at(project, document, draft, by)
    except ScheduleFileError as refusal:
        errors = [one for one in refusal.problems if one.severity == "error"]
        _keep(draft, stage="failed", failure="", problems=told(errors), problems_count=len(errors), preview={})
    except Refused as refusal:
        if refusal.code == "not_allowed":
            raise
        _keep(draft, stage="failed", failure=str(refusal), problems=[], problems_count=0, preview={})
    else:
        _keep(draft, stage="preview", preview=preview, seen=seen, failure="", problems=[])


def _keep(draft: ChangeSet, **values: Any) -> None:
    """Only where it is still a preview: somebody may have applied it in the meantime."""
    draft.plan |= values
    ChangeSet.objects.filter(pk=draft.pk, state=ChangeSetState.PREVIEWED).update(plan=draft.plan)


def _looked_at(project: Project, document: Document, draft: ChangeSet, by: User) -> tuple[int, dict[str, Any]]:
    """The revision of the plan, and what the import would make of it: written, looked at and rolled back."""
    found: dict[str, Any] = {}
    seen = 0
    try:
        with transaction.atomic():
            before = Plan.objects.select_for_update().filter(project=project).first()
            seen = before.revision if before is not None else 0
            result = import_schedule(
                project=project, document=document, by=by, name=draft.plan["file"], draft=draft, seen=seen
            )
            found = summary(result) | {"new_plan": before is None, "had": _rows(before)}
            if result.changes and result.change_set is not None and result.plan is not None:
                found |= differences(result.change_set) | {"effect": _moved(result.plan, by)}
            raise _Rollback
    except _Rollback:
        return seen, found


def _rows(plan: Plan | None) -> int:
    # Counted before the import would be one question more; afterwards the change set tells the rest.
    return 0 if plan is None else plan.activities.count()


def _moved(plan: Plan, by: User) -> dict[str, Any]:
    """What computing the plan here would move, against the dates of the file."""
    try:
        return effect_in_words(effect_of(computed_or_refused(plan), plan.finish, by))
    except EditRefused as refusal:
        return {"failure": " ".join([str(refusal), *(one.message for one in refusal.faults)])}


def summary(result: Imported) -> dict[str, Any]:
    """What comes in, small enough to keep."""
    told_ = result.as_json()
    return {
        **{name: told_[name] for name in ("activities", "milestones", "summaries", "links", "calendars", "resources", "assignments", "start", "finish")},
        "rows": told_["changes"], "warnings": told(result.warnings), "warnings_count": len(result.warnings), "nothing": not result.changes,
    }  # fmt: skip


def told(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems in the words of who looks, the first of them."""
    return [
        {"message": words.message(one), "advice": words.advice(one)} for one in problems[:SHOWN_PROBLEMS]
    ]  # fmt: skip


def run_apply(draft: ChangeSet, *, by: User) -> Imported:
    """Write what was previewed.

    Errors: ``StaleImport`` (a new preview is kept), ``NotAllowed``, ``Refused``.
    """
    _must_be_open(draft)
    if draft.plan.get("stage") != "preview" or "seen" not in draft.plan:
        raise Refused(_("There is no preview of this file yet."), _("Look at it first."), code="wrong_state")
    try:
        document = read_upload(draft)
        result = import_schedule(
            project=project_of(draft), document=document, by=by, name=draft.plan["file"], draft=draft, seen=draft.plan["seen"]
        )  # fmt: skip
    except ScheduleFileError as refusal:
        raise Refused(str(refusal), code="invalid") from refusal
    except StaleImport:
        run_preview(draft, by=by)
        raise
    if result.change_set is not None:
        forget_upload(result.change_set)
    return result


def mark_stale(draft: ChangeSet) -> None:
    """The preview is a new one, because the plan changed while the old one was looked at."""
    _keep(draft, stale=True)


def mark_refused(draft: ChangeSet, text: str) -> None:
    """Why the last attempt in the background wrote nothing."""
    _keep(draft, refused=text)


def begin(draft: ChangeSet, job: str) -> None:
    """A job works on it now."""
    _keep(draft, job=job, stale=False, refused="")


def project_of(draft: ChangeSet) -> Project:
    """Errors: ``Refused`` (it is gone)."""
    project = Project.objects.select_related("portfolio__unit", "unit").filter(pk=draft.plan.get("project")).first()
    if project is None:
        raise Refused(_("The project of this import is no longer there."), code="gone")
    return project


def _must_be_open(draft: ChangeSet) -> None:
    if draft.state != ChangeSetState.PREVIEWED:
        raise Refused(_("This import has been applied or discarded already."), code="wrong_state")


def forget_upload(draft: ChangeSet) -> None:
    """The file has done its service."""
    name = draft.plan.pop("upload", "")
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))
        ChangeSet.objects.filter(pk=draft.pk).update(plan=draft.plan)


def tidy(now: dt.datetime | None = None) -> int:
    """Discard previews that nobody applied within two weeks, and the files of discarded ones; returns how many files went."""
    limit = (now or timezone.now()) - dt.timedelta(days=KEPT_DAYS)
    rows = ChangeSet.objects.filter(kind=KIND)
    old = rows.filter(state=ChangeSetState.PREVIEWED, created_at__lt=limit)
    discarded = rows.filter(state=ChangeSetState.DISCARDED, plan__has_key="upload")
    gone = [*old, *discarded]
    for draft in gone:
        forget_upload(draft)
        ChangeSet.objects.filter(pk=draft.pk, state=ChangeSetState.PREVIEWED).update(state=ChangeSetState.DISCARDED)
    return len(gone)
