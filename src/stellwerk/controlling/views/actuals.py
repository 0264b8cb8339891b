"""Files of actuals and commitments: drop, read, preview, book, take back."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from stellwerk.controlling import months as m
from stellwerk.controlling.forms_actuals import UploadForm
from stellwerk.controlling.jobs_actuals import APPLY, PREVIEW
from stellwerk.controlling.ledger.fields import LABELS
from stellwerk.controlling.models import ActualsImport, CostType
from stellwerk.controlling.month_page import import_url
from stellwerk.controlling.period_words import money_text
from stellwerk.controlling.selectors.project_money import names_of
from stellwerk.controlling.services import actuals_drafts as drafts
from stellwerk.controlling.services.bookings import undo_import
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.jobs import enqueue
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import Job, User

IMPORT = "controlling.actualsimport"
ACCEPT: Final = ".csv,.txt,.tsv,.xlsx"
SHOWN_REJECTED: Final = 200
WHAT: Final = {"cost_centre": gettext_lazy("Cost centre"), "cost_type": gettext_lazy("Account (cost element)")}
NEEDED: Final = ("document", "line", "posted", "account", "object", "cost_centre", "amount", "currency", "sign", "reverses", "supplier", "text", "period", "year")  # fmt: skip


@access("view", IMPORT)
def actuals_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, IMPORT)


@access("import", IMPORT)
def actuals_new(request: HttpRequest) -> HttpResponse:
    """Step 1: the file, its legal entity and month. Small files are read at once, large ones in the background."""
    user = actor(request)
    posted = request.method == "POST"
    given = {name: request.GET[name] for name in ("organisation", "month", "kind") if name in request.GET}
    form = UploadForm(request.POST if posted else None, initial=given)
    file_error, problem = "", None
    if posted:
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            file_error = _("Choose a file first.")
        if form.is_valid() and isinstance(file, UploadedFile):
            try:
                batch = drafts.start_import(file=file, by=user, **form.cleaned_data)
                _read(request, batch)
            except Invalid as refusal:
                file_error = " ".join(text for texts in refusal.errors.values() for text in texts)
            except Refused as refusal:
                problem = refusal
            else:
                return _to(batch)
    waiting = ActualsImport.objects.filter(state="preview", by=user).order_by("-pk")[:5]
    context = {
        "form": form, "file_error": file_error, "problem": problem, "accept": ACCEPT, "limit": settings.UPLOAD_LIMIT_BYTES, "drafts": waiting,
    }  # fmt: skip
    status = problem.status if problem else 422 if posted else 200
    return render(request, "controlling/actuals_new.html", context, status=status)


def _read(request: HttpRequest, batch: ActualsImport) -> None:
    if drafts.is_large(batch):
        _in_background(request, batch, PREVIEW)
    else:
        drafts.run_preview(batch, by=actor(request))


def _in_background(request: HttpRequest, batch: ActualsImport, name: str) -> None:
    title = _("Actuals: %(file)s") % {"file": batch.file_name}
    job = enqueue(name, {"batch": batch.pk}, user=actor(request), unique_key=f"actuals-{batch.pk}", title=title)
    drafts.begin(batch, str(job.uid))


def _to(batch: ActualsImport) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("controlling:actuals-import", args=[batch.pk]))


def _batch(request: HttpRequest, pk: int, verb: str = "import") -> ActualsImport:
    return fetch(actor(request), ActualsImport.objects.select_related("organisation", "by"), verb, pk=pk)


@require_safe
@access("view", IMPORT)
def actuals_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 2: how the file is read, what would be booked, what not and why; afterwards: what became of it, with undo."""
    return _show(request, _batch(request, pk, "view"))


def _show(request: HttpRequest, batch: ActualsImport, problem: Refused | None = None) -> HttpResponse:
    draft = batch.draft
    is_open = batch.state == "preview"
    told: dict[str, Any] = (draft.get("preview") or {}) if is_open else batch.told
    job = Job.objects.filter(uid=draft["job"], user=actor(request)).first() if draft.get("job") else None
    working = job is not None and not job.finished
    unknown = [one | {"label": WHAT[one["what"]]} for one in told.get("unknown", [])]
    context: dict[str, Any] = {
        "object": batch, "batch": batch, "told": told, "open": is_open, "job": job, "working": working, "problem": problem,
        "job_error": job.error if job is not None and job.state == "failed" else "", "refused": draft.get("refused", ""),
        "failed": is_open and draft.get("stage") == "failed", "failure": draft.get("failure", ""), "unknown": unknown,
        "rejected": told.get("rejected", [])[:SHOWN_REJECTED], "months": _months(batch, told), "samples": _samples(told, actor(request)),
        "fields": _fields(batch) if is_open else [], "headings": draft.get("headings", []), "decimal_sign": draft.get("decimal_sign", ""),
        "mapping": [(LABELS[code], heading) for code, heading in batch.mapping.items() if code in LABELS],
        "twins": drafts.twins(batch) if is_open else [], "month": m.code(batch.month) if batch.month else "",
        "money": money_text(_booked(told)),
    }  # fmt: skip
    return render(request, "controlling/actuals_import.html", context, status=problem.status if problem else 200)


def _booked(told: dict[str, Any]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for parts in told.get("parts", {}).values():
        for currency, part in parts.items():
            sums[currency] = sums.get(currency, 0) + part["booked"]
    return {currency: amount for currency, amount in sums.items() if amount}


def _months(batch: ActualsImport, told: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each month and currency of the file; what is booked opens to its lines."""
    booked = batch.state == "booked"
    return [
        {
            "month": month, "currency": currency, "known": sum(part["known"].values()), **{name: part[name] for name in ("file", "booked", "refused", "lines")},
            "url": import_url(batch, month, currency) if booked and part["booked"] else "",
        }
        for month, parts in told.get("parts", {}).items()
        for currency, part in parts.items()
    ]  # fmt: skip


def _samples(told: dict[str, Any], user: User) -> list[dict[str, Any]]:
    rows = told.get("samples", [])
    if not rows:
        return []
    names = names_of([row["project"] for row in rows if row["project"]], user)
    kinds = CostType.objects.in_bulk([row["cost_type"] for row in rows if row["cost_type"]])
    return [
        row | {"project": names.get(row["project"], ""), "cost_type": kinds.get(row["cost_type"]), "money": formats.money(row["amount"], row["currency"])}
        for row in rows
    ]  # fmt: skip


def _fields(batch: ActualsImport) -> list[dict[str, Any]]:
    """Each field with the column that it is read from, as a select."""
    return [{"code": code, "label": LABELS[code], "heading": batch.mapping.get(code, "")} for code in NEEDED]


@require_POST
@access("import", IMPORT)
def actuals_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file again with these columns and this decimal sign."""
    batch = _batch(request, pk)
    known = set(batch.draft.get("headings", []))
    chosen = {code: request.POST.get(f"field-{code}", "") for code in NEEDED if f"field-{code}" in request.POST}
    wrong = [heading for heading in chosen.values() if heading and heading not in known]
    try:
        if wrong:
            raise Refused(_("The file has no column “%(name)s”.") % {"name": wrong[0][:80]})
        drafts.choose_mapping(
            batch, chosen=chosen, decimal_sign=request.POST.get("decimal_sign", ""), by=actor(request)
        )
        _read(request, batch)
    except Refused as refusal:
        return _show(request, batch, refusal)
    return _to(batch)


@require_POST
@access("import", IMPORT)
def actuals_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Book what was previewed; large files in the background."""
    batch = _batch(request, pk)
    if drafts.is_large(batch) and batch.state == "preview":
        _in_background(request, batch, APPLY)
        return _to(batch)
    try:
        outcome = drafts.run_apply(batch, by=actor(request))
    except Refused as refusal:
        batch.refresh_from_db()
        return _show(request, batch, refusal)
    text = ngettext("%(count)s line is booked.", "%(count)s lines are booked.", outcome.booked)
    messages.success(request, text % {"count": formats.number(outcome.booked)})
    return _to(batch)


@require_POST
@access("import", IMPORT)
def actuals_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the whole file back."""
    batch = _batch(request, pk)
    try:
        count = undo_import(batch=batch, by=actor(request))
    except Refused as refusal:
        return _show(request, batch, refusal)
    text = ngettext("%(count)s line is taken back.", "%(count)s lines are taken back.", count)
    messages.success(request, text % {"count": formats.number(count)})
    return _to(batch)


@require_POST
@access("import", IMPORT)
def actuals_discard(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    try:
        drafts.discard(batch, by=actor(request))
    except Refused as refusal:
        return _show(request, batch, refusal)
    return HttpResponseRedirect(reverse("controlling:actuals-list"))
