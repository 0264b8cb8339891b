"""Imports in the API: send a file, look at the preview, answer, apply; taken back as a change set."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from stellwerk.core.access import actor
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.jobs import JobOut, job_shown
from stellwerk.core.api.once import once
from stellwerk.core.api.schemas import PROBLEMS, READ_PROBLEMS, Day, Strict
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.errors import NotAllowed
from stellwerk.core.jobs import enqueue
from stellwerk.core.models import ChangeSet, Job
from stellwerk.core.permissions import can
from stellwerk.portfolio.importing import drafts
from stellwerk.portfolio.importing.options import read_options, read_wishes
from stellwerk.portfolio.importing.undo import KIND

router = Router()
LABEL = "portfolio.portfolio"


class ImportOut(Schema):
    uid: UUID
    file: str
    portfolio: str
    state: Literal["previewed", "applied", "undone", "discarded"]
    stage: str = Field(..., description="`columns`, `working`, `preview` or `failed`.")
    failure: str
    result: dict[str, Any] = Field(
        ..., description="What would change, or has changed: counts, dates, unsure rows, rejected values."
    )
    job: JobOut | None = None


class ColumnsIn(Strict):
    columns: dict[str, str | None] = Field({}, description="Heading → field; null keeps the column as an attribute.")
    options: dict[str, Any] = Field({}, description="As in a mapping file: `as_of`, `factor`, `strict` …")
    answers: dict[str, str] = Field({}, description="Row → `new`, `skip` or the key of a project.")


def _shown(draft: ChangeSet, job: Job | None = None) -> dict[str, Any]:
    plan = draft.plan
    return {
        "uid": draft.uid,
        "file": plan.get("file", ""),
        "portfolio": plan.get("portfolio", ""),
        "state": draft.state,
        "stage": plan.get("stage", ""),
        "failure": plan.get("failure", ""),
        "result": plan.get("preview", {})
        if draft.state == "previewed"
        else plan.get("result") or plan.get("preview", {}),
        "job": job_shown(job) if job is not None else None,
    }


def _draft(request: HttpRequest, uid: UUID, scope: str) -> ChangeSet:
    """One's own import; those of others stand under change sets."""
    _permit(request, scope)
    found = ChangeSet.objects.filter(uid=uid, kind=KIND, created_by=actor(request)).first()
    if found is None:
        raise Http404
    return found


def _permit(request: HttpRequest, scope: str) -> None:
    check_scope(request, scope, LABEL)
    if not can(actor(request), "import", LABEL):
        raise NotAllowed()


def _preview(request: HttpRequest, draft: ChangeSet) -> dict[str, Any]:
    user = actor(request)
    if not drafts.is_large(draft):
        drafts.run_preview(draft, by=user)
        return _shown(draft)
    arguments = {"change_set": draft.pk}
    job = enqueue("portfolio.import_preview", arguments, user=user, unique_key=f"import-{draft.uid}", title=draft.title)
    draft.plan |= {"stage": "working", "job": str(job.uid)}
    draft.save(update_fields=["plan"])
    return _shown(draft, job)


AS_OF = Form(None, description="Data date; without: from the file, else today.")  # type: ignore[type-arg]
FILE = File(..., description="CSV, XLSX, XLS or ODS.")  # type: ignore[type-arg]


@router.post(
    "/imports", response={201: ImportOut, **PROBLEMS}, tags=["Imports"], operation_id="start_import",
    summary="Send a portfolio as a file and get the preview (multipart/form-data)",
    description="Nothing is written yet. Large files are read in the background: ask `/imports/{uid}` again.",
)  # fmt: skip
@once
def start(
    request: HttpRequest,
    portfolio: str = Form(..., min_length=1, max_length=40, description="Key; it is created if it does not exist."),  # type: ignore[type-arg]
    as_of: Day | None = AS_OF,
    file: UploadedFile = FILE,
) -> Any:
    _permit(request, "write")
    refuse_unstorable("portfolio", portfolio)
    draft = drafts.start_import(file=file, portfolio_key=portfolio, as_of=as_of, by=actor(request))
    return Status(201, _preview(request, draft))


@router.get("/imports/{uid}", response={200: ImportOut, **READ_PROBLEMS}, tags=["Imports"], operation_id="read_import")
def read(request: HttpRequest, uid: UUID) -> Any:
    """The preview of my import, or its result."""
    draft = _draft(request, uid, "read")
    job = Job.objects.filter(uid=draft.plan["job"], user=actor(request)).first() if draft.plan.get("job") else None
    return _shown(draft, job)


@router.put(
    "/imports/{uid}", response={200: ImportOut, **PROBLEMS}, tags=["Imports"], operation_id="map_import",
    summary="Choose columns and options, answer questions, and get a new preview",
)  # fmt: skip
def choose(request: HttpRequest, uid: UUID, data: ColumnsIn) -> Any:
    draft = _draft(request, uid, "write")
    refuse_unstorable("columns", data.model_dump())
    wishes = read_wishes({"columns": data.columns, "options": data.options})
    kept = drafts.options_of(draft).as_json() | wishes.options.as_json()
    answers = {**kept.get("answers", {}), **data.answers}
    drafts.choose(draft, columns=wishes.columns or None, options=read_options({**kept, "answers": answers}))
    return _preview(request, draft)


@router.post(
    "/imports/{uid}/apply", response={200: ImportOut, 202: ImportOut, **PROBLEMS}, tags=["Imports"],
    operation_id="apply_import", summary="Write what the preview showed; a large file in the background (202)",
    description="If the portfolio has changed since the preview, nothing is written and a new preview is made (409).",
)  # fmt: skip
@once
def apply(request: HttpRequest, uid: UUID) -> Any:
    draft, user = _draft(request, uid, "write"), actor(request)
    if not drafts.is_large(draft):
        return Status(200, _shown(drafts.run_apply(draft, by=user)))
    arguments = {"change_set": draft.pk}
    job = enqueue("portfolio.import_apply", arguments, user=user, unique_key=f"import-{draft.uid}", title=draft.title)
    draft.plan |= {"job": str(job.uid), "stale": False}
    draft.save(update_fields=["plan"])
    return Status(202, _shown(draft, job))
