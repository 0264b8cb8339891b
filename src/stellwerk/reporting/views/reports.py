"""Status reports: list, start, write, review, and the page of a published one from its snapshot alone."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch, signed_in
from stellwerk.core.documents.numbers import Lang
from stellwerk.core.errors import Invalid, Refused, StaleEdit
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.core.registry import url_of
from stellwerk.core.snapshots import intact
from stellwerk.portfolio.models import Project
from stellwerk.reporting import selectors, services
from stellwerk.reporting.checks import path_dimensions, plausibility, submission_gaps
from stellwerk.reporting.forms import ReportForm
from stellwerk.reporting.freeze import status_payload
from stellwerk.reporting.models import SUMMARY_LENGTH, StatusReport
from stellwerk.reporting.permissions import EDITABLE
from stellwerk.reporting.prefill import prefilled_share
from stellwerk.reporting.report_sheet import explain, sheet

LANGUAGES = ("de", "en")


def _report(request: HttpRequest, key: str, verb: str = "view") -> StatusReport:
    return fetch(actor(request), selectors.reports(), verb, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "reporting.statusreport")
def report_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "reporting.statusreport")


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "reporting.statusreport")
def report_start(request: HttpRequest, key: str) -> HttpResponse:
    """Open the project's unfinished report; where there is none, one click begins it, prefilled."""
    user = actor(request)
    project = fetch(user, Project.objects.select_related("portfolio__unit__organisation", "manager"), key=key)
    working = selectors.working_report(project)
    if working is not None and can(user, "view", working):
        return redirect(_place(working, user))
    cycle = selectors.open_cycle(project.portfolio)
    day = cycle.data_date if cycle else selectors.local_today(project.portfolio)
    context: dict[str, Any] = {"project": project, "cycle": cycle, "day": day, "refusal": None}
    if request.method == "POST":
        try:
            report = services.start_report(project=project, by=user)
        except Refused as refusal:
            return render(request, "reporting/report_start.html", context | {"refusal": refusal}, status=refusal.status)
        return redirect(_place(report, user))
    return render(request, "reporting/report_start.html", context)


def _place(report: StatusReport, user: User) -> str:
    if report.state in EDITABLE and can(user, "edit", report):
        return reverse("reporting:report-edit", args=[report.key])
    return url_of(report)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


@dataclass
class EditPage:
    """What the template of the edit page shows beside the form."""

    report: StatusReport
    form: ReportForm
    version: int
    gaps: list[str]
    problems: list[str]
    share: int
    refusal: Refused | None = None
    conflicts: list[dict[str, str]] | None = None
    changed_by: str = ""
    status: int = 200


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "reporting.statusreport")
def report_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Write the report: save keeps a draft, submit checks and hands it over."""
    user = actor(request)
    report = _report(request, key)
    if report.state not in EDITABLE or not can(user, "edit", report):
        messages.info(request, _("This report cannot be edited in its present state."))
        return redirect(url_of(report))
    page = _page(report, ReportForm(report))
    if request.method != "POST":
        return _show(request, page)
    form = ReportForm(report, request.POST)
    page = _page(report, form, _version(request, report))
    values = form.values()
    if form.errors:
        page.status = 422
        return _show(request, page)
    try:
        with transaction.atomic():
            report = services.save_report(
                report=report, values=values, lights=form.light_values(), by=user, version=page.version
            )
    except StaleEdit as refusal:
        _conflict(page, refusal, form)
        return _show(request, page)
    except Invalid as refusal:
        page.problems, page.status = form.take(refusal.errors), refusal.status
        return _show(request, page)
    except Refused as refusal:
        page.refusal, page.status = refusal, refusal.status
        return _show(request, page)
    if request.POST.get("action") != "submit":
        messages.success(request, _("The draft has been saved."))
        return redirect("reporting:report-edit", key=report.key)
    return _submit(request, report, user)


def _submit(request: HttpRequest, report: StatusReport, user: User) -> HttpResponse:
    try:
        services.submit_report(report=report, by=user)
    except Refused as refusal:
        fresh = selectors.reports().get(pk=report.pk)
        page = _page(fresh, ReportForm(fresh))
        page.form.mark_missing(path_dimensions(page.form.stored_lights))
        page.refusal, page.status = refusal, refusal.status
        return _show(request, page)
    messages.success(request, _("The report has been submitted. The PMO reviews it now."))
    return redirect(url_of(report))


def _page(report: StatusReport, form: ReportForm, version: int | None = None) -> EditPage:
    share = prefilled_share(report, form.stored_lights)
    return EditPage(report, form, version or report.version, submission_gaps(report), [], round(share * 100))


def _version(request: HttpRequest, report: StatusReport) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else report.version


def _conflict(page: EditPage, refusal: StaleEdit, form: ReportForm) -> None:
    """Both values of each field; saving again keeps what was typed, the link takes what was saved meanwhile."""
    page.conflicts = [
        {"label": row.label, "yours": _readable(row.yours), "theirs": _readable(row.theirs)}
        for row in refusal.conflicts
    ]
    page.changed_by = refusal.changed_by
    page.version = refusal.current_version
    page.status = refusal.status


def _readable(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_readable(item)}" for key, item in value.items() if item) or formats.NO_DATA
    if isinstance(value, (list, tuple)):
        return "; ".join(_readable(item) for item in value) or formats.NO_DATA
    return str(value) if value not in (None, "") else formats.NO_DATA


def _show(request: HttpRequest, page: EditPage) -> HttpResponse:
    context = {
        "page": page,
        "report": page.report,
        "form": page.form,
        "limit": SUMMARY_LENGTH,
        "needed": path_dimensions(page.form.stored_lights),
    }
    return render(request, "reporting/report_form.html", context, status=page.status)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


@require_safe
@access("view", "reporting.statusreport")
def report_detail(request: HttpRequest, key: str) -> HttpResponse:
    """A published report is drawn from its snapshot alone; an unpublished one as it would be published now."""
    user = actor(request)
    report = _report(request, key)
    frozen = report.snapshot is not None
    payload = selectors.readable_payload(report.snapshot) if report.snapshot else status_payload(report)
    if payload is None:
        raise Http404(_("The stored report cannot be read. Restore a backup, or publish a correction."))
    reviewing = report.state in {"submitted", "accepted"} and can(user, "accept", report)
    lights = {light.dimension: light for light in report.lights.all()}
    editing = report.state in EDITABLE and can(user, "edit", report)
    versions = [item for item in selectors.editions(report) if can(user, "view", item)]
    context = {
        "report": report,
        "project": report.project,
        "payload": payload,
        "sheet": sheet(payload, report),
        "frozen": frozen,
        "intact": intact(report.snapshot) if report.snapshot else None,
        "digest": report.snapshot.digest[:12] if report.snapshot else "",
        "versions": versions if len(versions) > 1 else [],
        "findings": plausibility(report) if reviewing else [],
        "reviewing": reviewing,
        "pending": [light for light in lights.values() if light.pending],
        "may_confirm": can(user, "confirm", report),
        "gaps": submission_gaps(report) if editing else [],
        "editing": editing,
        "may_correct": report.state == "published" and can(user, "publish", report),
        "typed": round((1 - prefilled_share(report, lights)) * 100) if reviewing else None,
    }
    return render(request, "reporting/report_detail.html", context)


@require_safe
@access("view", "reporting.statusreport")
def report_figure(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Where a published figure comes from: value, code, source, date, and how it is made."""
    report = _report(request, key)
    payload = selectors.readable_payload(report.snapshot) if report.snapshot else status_payload(report)
    if payload is None:
        raise Http404
    found = explain(payload, code)
    if found is None:
        raise Http404(_("This report has no such figure."))
    template = "reporting/figure.html" if not getattr(request, "htmx", False) else "reporting/figure.html#figure"
    return render(
        request,
        template,
        {"report": report, "project": report.project, "payload": payload, "code": code, "figure": found},
    )


# ── steps that are not plain transitions ─────────────────────────────────────────────────────────


@require_POST
@access("confirm", "reporting.statusreport")
def report_light(request: HttpRequest, key: str) -> HttpResponse:
    """Confirm or reject a light that is better than computed."""
    user = actor(request)
    report = _report(request, key)
    dimension = request.POST.get("dimension", "")
    reason = request.POST.get("reason", "")[:1000]
    if request.POST.get("decision") == "confirm":
        services.confirm_override(report=report, dimension=dimension, by=user)
        messages.success(request, _("The light is confirmed; both colours stay visible."))
    else:
        services.reject_override(report=report, dimension=dimension, by=user, reason=reason)
        messages.success(request, _("The computed light counts."))
    return redirect(url_of(report))


@require_http_methods(["GET", "HEAD", "POST"])
@access("publish", "reporting.statusreport")
def report_correct(request: HttpRequest, key: str) -> HttpResponse:
    """Start the next version of a published report."""
    user = actor(request)
    report = _report(request, key, "publish")
    context: dict[str, Any] = {"report": report, "project": report.project, "reason": "", "error": "", "refusal": None}
    if request.method != "POST":
        return render(request, "reporting/report_correct.html", context)
    context["reason"] = request.POST.get("reason", "")[:1000]
    try:
        copy = services.correct_report(report=report, by=user, reason=context["reason"])
    except Invalid as refusal:
        context["error"] = " ".join(refusal.errors.get("reason", [str(refusal)]))
        return render(request, "reporting/report_correct.html", context, status=refusal.status)
    except Refused as refusal:
        context["refusal"] = refusal
        return render(request, "reporting/report_correct.html", context, status=refusal.status)
    return redirect("reporting:report-edit", key=copy.key)


@require_safe
@signed_in
def report_document(request: HttpRequest, key: str) -> HttpResponse:
    """The one-page PDF of a published report, in the language asked for (default: the reader's)."""
    from stellwerk.reporting.onepager import write_status_report

    report = fetch(actor(request), selectors.reports().filter(snapshot__isnull=False), key=key)
    assert report.snapshot is not None
    language = request.GET.get("lang", request.LANGUAGE_CODE)
    if language not in LANGUAGES:
        language = "de"
    target = io.BytesIO()
    write_status_report(selectors.status_payload_of(report.snapshot), cast(Lang, language), target)
    name = f"{report.project.key}-{report.data_date.isoformat()}-v{report.edition}-{language}.pdf"
    response = HttpResponse(target.getvalue(), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
