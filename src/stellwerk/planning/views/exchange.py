"""Schedules in and out: drop a file, see what it would change, apply, undo; choose a format and know what it cannot hold."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.jobs import enqueue
from stellwerk.core.models import ChangeSet, Job
from stellwerk.core.models.history import ChangeSetState
from stellwerk.core.permissions import can
from stellwerk.planning import words
from stellwerk.planning.jobs_exchange import APPLY, PREVIEW
from stellwerk.planning.selectors.chart import plan_of_project
from stellwerk.planning.services import drafts
from stellwerk.planning.services.exporting import TYPES, export_schedule, losses
from stellwerk.planning.services.importing import KIND, StaleImport
from stellwerk.planning.views.plan import RELATED, plan_or_404, project_of
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.views.common import page

ACCEPT: Final = ".xml,.xer,.xlsx,.csv,.mpp,.mpt,.mpx,.pmxml,.planner,.gan,.pod,.pp,.ppx,.mpd"
SUFFIXES: Final = {"mspdi": "xml", "xer": "xer", "xlsx": "xlsx", "csv": "csv"}
FORMATS: Final = (
    ("mspdi", gettext_lazy("Microsoft Project (XML)"), gettext_lazy("Microsoft Project opens it and saves it as MPP; ProjectLibre and others read it too.")),
    ("xer", gettext_lazy("Primavera P6 (XER)"), gettext_lazy("For P6 and for the tools that check schedules.")),
    ("xlsx", gettext_lazy("Excel (XLSX)"), gettext_lazy("Rows with dates, links and progress; can be changed and imported again.")),
    ("csv", gettext_lazy("CSV"), gettext_lazy("The same table as text.")),
)  # fmt: skip


# ── in ───────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "portfolio.project")
def import_start(request: HttpRequest, key: str) -> HttpResponse:
    """Step 1: the file. Small ones are read at once, large ones in the background."""
    user = actor(request)
    project = project_of(user, key, "edit")
    error: Refused | None = None
    file_error = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            file_error = _("Choose a file first.")
        else:
            try:
                return _preview(request, drafts.start_import(file=file, project=project, by=user))
            except Invalid as refusal:
                file_error = " ".join(refusal.errors.get("file", []))
            except Refused as refusal:
                error = refusal
    mine = ChangeSet.objects.filter(
        kind=KIND, created_by=user, state=ChangeSetState.PREVIEWED, plan__project=project.pk
    )
    context = {
        "project": project, "plan": plan_of_project(project), "file_error": file_error, "error": error, "accept": ACCEPT,
        "limit": settings.UPLOAD_LIMIT_BYTES, "drafts": mine.order_by("-pk")[:5],
    }  # fmt: skip
    status = error.status if error else 422 if file_error else 200
    return render(request, "planning/import_start.html", context, status=status)


def _preview(request: HttpRequest, draft: ChangeSet) -> HttpResponse:
    if drafts.is_large(draft):
        _in_background(request, draft, PREVIEW)
    else:
        drafts.run_preview(draft, by=actor(request))
    return _to(draft)


def _in_background(request: HttpRequest, draft: ChangeSet, name: str) -> None:
    job = enqueue(
        name, {"change_set": draft.pk}, user=actor(request), unique_key=f"schedule-{draft.uid}", title=draft.title
    )
    drafts.begin(draft, str(job.uid))


def _to(draft: ChangeSet) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("planning:import-preview", args=[draft.uid]))


def _draft(request: HttpRequest, uid: uuid.UUID) -> tuple[ChangeSet, Project]:
    """One's own import into a project that one may still plan; those of others stand under changes."""
    user = actor(request)
    found = ChangeSet.objects.filter(uid=uid, kind=KIND, created_by=user).first()
    if found is None or "project" not in found.plan:
        raise Http404(_("This page does not exist, or you may not see it."))
    return found, fetch(user, Project.objects.select_related(*RELATED), "edit", pk=found.plan["project"])


@require_safe
@access("edit", "portfolio.project")
def import_preview(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Step 2: what comes in, what it changes, what computing would move; afterwards: done, with undo."""
    draft, project = _draft(request, uid)
    return _show(request, draft, project)


def _show(request: HttpRequest, draft: ChangeSet, project: Project, refusal: Refused | None = None) -> HttpResponse:
    shown = draft.plan.get("preview") or {}
    job = Job.objects.filter(uid=draft.plan["job"], user=actor(request)).first() if draft.plan.get("job") else None
    rows = dict(shown.get("rows", {}))
    if "changed_count" in shown:
        rows["changed"] = shown["changed_count"]
    context: dict[str, Any] = {
        "draft": draft, "project": project, "file": draft.plan.get("file", ""), "shown": shown, "rows": rows, "refusal": refusal,
        "open": draft.state == ChangeSetState.PREVIEWED, "job": job, "working": job is not None and not job.finished,
        "job_error": job.error if job is not None and job.state == "failed" else "", "refused": draft.plan.get("refused", ""),
        "stale": bool(draft.plan.get("stale")), "failed": draft.plan.get("stage") == "failed",
        "failure": draft.plan.get("failure", ""), "problems": draft.plan.get("problems", []), "problems_count": draft.plan.get("problems_count", 0),
        "start": _day(shown.get("start")), "finish": _day(shown.get("finish")), "effect": shown.get("effect", {}),
        "replaced": bool(rows.get("removed") and not shown.get("new_plan") and rows.get("added") and shown.get("had") == rows.get("added") and not rows.get("changed")),
    }  # fmt: skip
    return render(request, "planning/import_preview.html", context, status=refusal.status if refusal else 200)


def _day(text: str | None) -> dt.date | None:
    return dt.datetime.fromisoformat(text).date() if text else None


@require_POST
@access("edit", "portfolio.project")
def import_apply(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Write what was previewed; large files in the background."""
    draft, project = _draft(request, uid)
    if drafts.is_large(draft) and draft.state == ChangeSetState.PREVIEWED:
        _in_background(request, draft, APPLY)
        return _to(draft)
    try:
        drafts.run_apply(draft, by=actor(request))
    except StaleImport as refusal:
        draft.refresh_from_db()
        return _show(request, draft, project, refusal)
    except Refused as refusal:
        draft.refresh_from_db()
        return _show(request, draft, project, refusal)
    messages.success(request, _("The schedule is imported."))
    return _to(draft)


# ── out ──────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@access("export", "portfolio.project")
def exchange(request: HttpRequest, key: str) -> HttpResponse:
    """Which formats there are, and what each of them cannot hold of this plan."""
    user = actor(request)
    plan = plan_or_404(user, key, "export")
    empty = not plan.activities.exists()
    lost = {} if empty else losses(plan, user)
    formats = [
        {"code": code, "label": label, "about": about, "lost": [words.lost(name) for name in lost.get(code, ())]}
        for code, label, about in FORMATS
    ]
    context = {
        "project": plan.project, "plan": plan, "formats": formats, "empty": empty,
        "may_import": can(user, "edit", plan.project) and not plan.project.archived,
    }  # fmt: skip
    return page(request, "planning/exchange.html", context)


@require_safe
@access("export", "portfolio.project")
def plan_file(request: HttpRequest, key: str) -> HttpResponse:
    """The plan as a file: ``?format=mspdi|xer|xlsx|csv``."""
    user = actor(request)
    plan = plan_or_404(user, key, "export")
    target = request.GET.get("format") or "mspdi"
    if target not in SUFFIXES:
        raise Refused(
            _("“%(name)s” is no format to write: use %(known)s.") % {"name": target[:40], "known": ", ".join(SUFFIXES)}, code="invalid"
        )  # fmt: skip
    exported = export_schedule(plan=plan, target=target, by=user, language=request.LANGUAGE_CODE)
    response = HttpResponse(exported.content, content_type=TYPES[target])
    name = f"{plan.key}-{timezone.localdate().isoformat()}.{SUFFIXES[target]}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
