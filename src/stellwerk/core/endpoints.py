"""What belongs to a user rather than to an entity: comments, files, notifications, views, jobs, change sets, search."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field, StrictBool

from stellwerk.core import changesets, search
from stellwerk.core.access import actor
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.declare import MATCH, page_rows, seen
from stellwerk.core.api.jobs import JobOut, job_shown
from stellwerk.core.api.once import once
from stellwerk.core.api.schemas import PROBLEMS, READ_PROBLEMS, VERSION, Strict, page_of
from stellwerk.core.api.talk import CommentOut, FileOut, comment_shown, file_shown
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.attachments import remove_attachment
from stellwerk.core.comments import LONGEST, edit_comment, target_of, withdraw_comment
from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.history import changes_for
from stellwerk.core.jobs import queueing
from stellwerk.core.jobs.registry import job_type
from stellwerk.core.jobs.selectors import job_for, jobs_for
from stellwerk.core.lists import saved
from stellwerk.core.models import Attachment, AuditEntry, ChangeSet, Comment, JobState, Notification, SavedView
from stellwerk.core.notify import mark_read
from stellwerk.core.permissions import can, visible
from stellwerk.core.registry import ENTITIES

router = Router()
PAGE = Query(1, ge=1, le=1_000_000)  # type: ignore[type-arg]
TEXT = Query(..., min_length=1, max_length=200)  # type: ignore[type-arg]
LIMIT = Query(8, ge=1, le=50)  # type: ignore[type-arg]
SIZE = Query(100, ge=1, le=500)  # type: ignore[type-arg]


def _paged(rows: Any, page: int, size: int, show: Any) -> dict[str, Any]:
    count, found = page_rows(rows, page, size)
    return {"items": [show(row) for row in found], "count": count, "page": page, "page_size": size}


def _beside(request: HttpRequest, row: Any, scope: str) -> Any:
    """A comment or a file, if what it stands on may be seen; whoever may not see that learns nothing."""
    if row is None or row.entity_type not in ENTITIES:
        raise Http404
    check_scope(request, scope, row.entity_type)
    if not can(actor(request), ENTITIES[row.entity_type].talk, target_of(row)):
        raise Http404
    return row


# ── comments and files ───────────────────────────────────────────────────────────────────────────


class CommentChange(Strict):
    version: int | None = VERSION
    text: str = Field(..., min_length=1, max_length=LONGEST)


def _comment(request: HttpRequest, number: int, scope: str) -> Comment:
    found = Comment.objects.filter(pk=number).first() if 0 < number < 2**63 else None
    return _beside(request, found, scope)  # type: ignore[no-any-return]


@router.get("/comments/{number}", response={200: CommentOut, **READ_PROBLEMS}, tags=["Comments"])
def read_comment(request: HttpRequest, number: int) -> Any:
    return comment_shown(_comment(request, number, "read"))


@router.patch(
    "/comments/{number}", response={200: CommentOut, **PROBLEMS}, tags=["Comments"], summary="Change my comment"
)
def change_comment(request: HttpRequest, number: int, data: CommentChange, if_match: str | None = MATCH) -> Any:
    comment = _comment(request, number, "write")
    refuse_unstorable("text", data.text)
    with seen(comment, if_match, data.version, needed=True) as version:
        return comment_shown(edit_comment(comment, text=data.text, by=actor(request), version=version))


@router.delete(
    "/comments/{number}", response={200: CommentOut, **PROBLEMS}, tags=["Comments"], summary="Withdraw a comment"
)
def delete_comment(request: HttpRequest, number: int) -> Any:
    return comment_shown(withdraw_comment(_comment(request, number, "write"), by=actor(request)))


def _file(request: HttpRequest, uid: UUID, scope: str) -> Attachment:
    found = Attachment.objects.filter(uid=uid, removed_at__isnull=True).select_related("uploaded_by").first()
    return _beside(request, found, scope)  # type: ignore[no-any-return]


@router.get("/files/{uid}", response={200: FileOut, **READ_PROBLEMS}, tags=["Files"], summary="What a file is")
def read_file(request: HttpRequest, uid: UUID) -> Any:
    return file_shown(_file(request, uid, "read"))


BINARY = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.get(
    "/files/{uid}/content", response={200: None, **READ_PROBLEMS}, tags=["Files"], summary="Download a file",
    openapi_extra={"responses": {200: BINARY}},
)  # fmt: skip
def file_content(request: HttpRequest, uid: UUID) -> Any:
    file = _file(request, uid, "read")
    return _download(str(file.file.name), file.name, file.content_type)


def _download(path: str, name: str, content_type: str) -> FileResponse:
    """A file as a download only, in a sandbox, kept by no cache."""
    if not default_storage.exists(path):
        raise Http404
    answer = FileResponse(
        default_storage.open(path, "rb"), as_attachment=True, filename=name, content_type=content_type
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@router.delete("/files/{uid}", response={204: None, **PROBLEMS}, tags=["Files"], summary="Remove a file")
def delete_file(request: HttpRequest, uid: UUID) -> Any:
    remove_attachment(_file(request, uid, "write"), by=actor(request))
    return Status(204, None)


# ── notifications ────────────────────────────────────────────────────────────────────────────────


class NotificationOut(Schema):
    id: int
    kind: str
    title: str
    text: str
    url: str
    created_at: dt.datetime
    read_at: dt.datetime | None


class ReadIn(Strict):
    ids: list[int] | None = Field(None, max_length=1000, description="Without: all of them.")


class Counted(Schema):
    count: int


@router.get(
    "/notifications", response={200: page_of("Notification", NotificationOut), **READ_PROBLEMS}, tags=["Account"]
)
def list_notifications(request: HttpRequest, unread: bool = False, page: int = PAGE, page_size: int = SIZE) -> Any:
    """My notifications, the newest first."""
    check_scope(request, "read", "core.notification")
    rows = Notification.objects.filter(user=actor(request))
    rows = rows.filter(read_at__isnull=True) if unread else rows
    names = NotificationOut.model_fields
    return _paged(rows, page, page_size, lambda row: {"id": row.pk} | {n: getattr(row, n) for n in names if n != "id"})


@router.post("/notifications/read", response={200: Counted, **PROBLEMS}, tags=["Account"], summary="Mark as read")
@once
def read_notifications(request: HttpRequest, data: ReadIn) -> Any:
    check_scope(request, "write", "core.notification")
    numbers = None if data.ids is None else [number for number in data.ids if 0 < number < 2**63]
    return {"count": mark_read(actor(request), numbers)}


# ── saved views ──────────────────────────────────────────────────────────────────────────────────


class ViewIn(Strict):
    page: str = Field(..., min_length=1, max_length=80, description="The list, for example `portfolio.project`.")
    name: str = Field(..., min_length=1, max_length=80)
    query: str = Field("", max_length=saved.MAX_QUERY, description="The query string of the list.")
    shared: StrictBool = False
    is_default: StrictBool = False


class ViewOut(ViewIn):
    id: int
    mine: bool


def _view_shown(view: SavedView, request: HttpRequest) -> dict[str, Any]:
    names = ("page", "name", "query", "shared", "is_default")
    return {name: getattr(view, name) for name in names} | {"id": view.pk, "mine": view.user_id == actor(request).pk}


@router.get("/saved-views", response={200: list[ViewOut], **READ_PROBLEMS}, tags=["Saved views"])
def list_views(request: HttpRequest) -> Any:
    """My views, and those that others share."""
    check_scope(request, "read", "core.savedview")
    rows = SavedView.objects.filter(Q(user=actor(request)) | Q(shared=True)).order_by("page", "name", "pk")
    return [_view_shown(view, request) for view in rows]


@router.put(
    "/saved-views", response={200: ViewOut, **PROBLEMS}, tags=["Saved views"], summary="Save a view under its name"
)
def save_view(request: HttpRequest, data: ViewIn) -> Any:
    check_scope(request, "write", "core.savedview")
    refuse_unstorable("name", data.name)
    refuse_unstorable("page", data.page)
    refuse_unstorable("query", data.query)
    return _view_shown(saved.save_view(by=actor(request), **data.model_dump()), request)


@router.delete("/saved-views/{number}", response={204: None, **PROBLEMS}, tags=["Saved views"])
def delete_view(request: HttpRequest, number: int) -> Any:
    """Delete my view."""
    check_scope(request, "write", "core.savedview")
    found = SavedView.objects.filter(pk=number, user=actor(request)).first() if 0 < number < 2**63 else None
    if found is None:
        raise Http404
    saved.delete_view(found, by=actor(request))
    return Status(204, None)


# ── jobs ─────────────────────────────────────────────────────────────────────────────────────────


@router.get("/jobs", response={200: page_of("Job", JobOut), **READ_PROBLEMS}, tags=["Jobs"])
def list_jobs(request: HttpRequest, page: int = PAGE, page_size: int = SIZE) -> Any:
    """My background jobs, the newest first."""
    check_scope(request, "read", "core.job")
    return _paged(jobs_for(actor(request)), page, page_size, job_shown)


@router.get("/jobs/{uid}", response={200: JobOut, **READ_PROBLEMS}, tags=["Jobs"], summary="How far a job is")
def read_job(request: HttpRequest, uid: UUID) -> Any:
    check_scope(request, "read", "core.job")
    return job_shown(job_for(actor(request), uid))


@router.post("/jobs/{uid}/cancel", response={200: JobOut, **PROBLEMS}, tags=["Jobs"], summary="Stop a job")
@once
def cancel_job(request: HttpRequest, uid: UUID) -> Any:
    check_scope(request, "write", "core.job")
    return job_shown(queueing.cancel(job_for(actor(request), uid), by=actor(request)))


@router.get(
    "/jobs/{uid}/content", response={200: None, **READ_PROBLEMS}, tags=["Jobs"], summary="The file that a job has made",
    openapi_extra={"responses": {200: BINARY}},
)  # fmt: skip
def job_content(request: HttpRequest, uid: UUID) -> Any:
    """Only for who started the job: the file shows what this user may see."""
    check_scope(request, "read", "core.job")
    user = actor(request)
    job = job_for(user, uid)
    file = job_type(job.name).file if job.state == JobState.DONE and job.user_id == user.pk else None
    found = file(job) if file is not None else None
    if found is None:
        raise Http404
    return _download(*found)


# ── change sets ──────────────────────────────────────────────────────────────────────────────────


class ChangeSetOut(Schema):
    uid: UUID
    kind: str
    title: str
    state: Literal["previewed", "applied", "undone", "discarded"]
    created_by: str
    created_at: dt.datetime
    applied_at: dt.datetime | None
    undone_at: dt.datetime | None
    counts: dict[str, Any]


def change_set_shown(row: ChangeSet) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "kind": row.kind,
        "title": row.title,
        "state": row.state,
        "created_by": str(row.created_by or "Stellwerk"),
        "created_at": row.created_at,
        "applied_at": row.applied_at,
        "undone_at": row.undone_at,
        "counts": row.plan.get("counts") or {},
    }


def _change_sets(request: HttpRequest, scope: str) -> Any:
    check_scope(request, scope, "core.changeset")
    user = actor(request)
    return ChangeSet.objects.filter(Q(created_by=user) | visible(user, ChangeSet)).select_related("created_by")


def _change_set(request: HttpRequest, uid: UUID, scope: str) -> ChangeSet:
    found = _change_sets(request, scope).filter(uid=uid).first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


@router.get("/change-sets", response={200: page_of("ChangeSet", ChangeSetOut), **READ_PROBLEMS}, tags=["Change sets"])
def list_change_sets(request: HttpRequest, page: int = PAGE, page_size: int = SIZE) -> Any:
    """Imports, bulk edits and merges: mine, and with the role everybody's."""
    return _paged(_change_sets(request, "read"), page, page_size, change_set_shown)


@router.get("/change-sets/{uid}", response={200: ChangeSetOut, **READ_PROBLEMS}, tags=["Change sets"])
def read_change_set(request: HttpRequest, uid: UUID) -> Any:
    return change_set_shown(_change_set(request, uid, "read"))


@router.post(
    "/change-sets/{uid}/undo", response={200: ChangeSetOut, 202: JobOut, **PROBLEMS}, tags=["Change sets"],
    summary="Take everything back; a large set in the background (202)",
)  # fmt: skip
@once
def undo_change_set(request: HttpRequest, uid: UUID) -> Any:
    found, user = _change_set(request, uid, "write"), actor(request)
    if changesets.is_large(found):
        return Status(202, job_shown(changesets.undo_later(found, by=user)))
    changesets.undo(found, by=user)
    return Status(200, change_set_shown(_change_set(request, uid, "write")))


@router.post(
    "/change-sets/{uid}/discard", response={200: ChangeSetOut, **PROBLEMS}, tags=["Change sets"],
    summary="Throw a preview away",
)  # fmt: skip
@once
def discard_change_set(request: HttpRequest, uid: UUID) -> Any:
    return change_set_shown(changesets.discard(_change_set(request, uid, "write"), by=actor(request)))


# ── search and the audit trail ───────────────────────────────────────────────────────────────────


class HitOut(Schema):
    kind: str
    label: str
    hint: str
    url: str


@router.get("/search", response={200: list[HitOut], **READ_PROBLEMS}, tags=["Search"])
def find(request: HttpRequest, q: str = TEXT, limit: int = LIMIT) -> Any:
    """Entities of all kinds that you may see, tolerant of umlauts and typing errors."""
    refuse_unstorable("q", q)
    user = actor(request)
    kinds = [kind.label for kind in search.kinds_for(user) if _may_read(request, kind.label)]
    groups = search.find(user, q, labels=kinds, limit=limit) if kinds else []
    return [{"kind": g.kind, "label": h.label, "hint": h.hint, "url": h.url} for g in groups for h in g.hits]


def _may_read(request: HttpRequest, label: str) -> bool:
    try:
        check_scope(request, "read", label)
    except NotAllowed:
        return False
    return True


SINCE = Query("", max_length=40, description="Not before this instant.")  # type: ignore[type-arg]


def _instant(text: str) -> dt.datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid({"since": [_("Write the instant with its time zone, for example 2026-11-25T12:00:00Z.")]})
    return found


class AuditOut(Schema):
    id: int
    at: dt.datetime
    who: str | None
    pseudonym: UUID | None
    entity_type: str
    entity_id: int
    entity_key: str
    verb: str
    changes: dict[str, Any]
    reason: str


@router.get("/audit", response={200: page_of("Audit", AuditOut), **PROBLEMS}, tags=["Audit trail"])
def audit(
    request: HttpRequest,
    since: str = SINCE,
    entity_type: str = Query("", max_length=60),  # type: ignore[type-arg]
    page: int = PAGE,
    page_size: int = SIZE,
) -> Any:
    """Who changed what, the newest first; for auditors, the PMO lead, and (technical entries) administrators."""
    check_scope(request, "read", "core.auditentry")
    refuse_unstorable("entity_type", entity_type)
    if not can(actor(request), "view", "core.auditentry"):
        raise NotAllowed()
    rows = AuditEntry.objects.filter(visible(actor(request), AuditEntry)).select_related("actor")
    rows = rows.filter(at__gte=_instant(since)) if since else rows
    rows = rows.filter(entity_type=entity_type) if entity_type else rows
    names = [name for name in AuditOut.model_fields if name not in {"id", "who", "changes"}]
    found = _paged(rows, page, page_size, lambda row: row)
    entries = found["items"]
    found["items"] = [
        {"id": row.pk, "who": str(row.actor) if row.actor else None, "changes": changes} | {n: getattr(row, n) for n in names}
        for row, changes in zip(entries, changes_for(actor(request), entries), strict=True)
    ]  # fmt: skip
    return found
