"""Status reports: list, start, write, review, and the page of a published one from its snapshot alone."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
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
from stellwerk.core.registry import FIGURES, url_of
from stellwerk.core.snapshots import intact
from stellwerk.portfolio.choices import DIMENSION_LABELS, PHASES
from stellwerk.portfolio.models import Project
from stellwerk.reporting import selectors, services
from stellwerk.reporting.checks import path_dimensions, plausibility, submission_gaps
from stellwerk.reporting.forms import ReportForm
from stellwerk.reporting.freeze import status_payload
from stellwerk.reporting.models import SUMMARY_LENGTH, StatusReport
from stellwerk.reporting.payload import DIMENSIONS, Figure, Money, StatusPayload
from stellwerk.reporting.permissions import EDITABLE
from stellwerk.reporting.prefill import prefilled_share

NAMES = ("overall", *DIMENSIONS)
MONEY_ROWS = ("budget", "bac", "ac", "commitment", "etc", "eac", "vac")
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


@dataclass(frozen=True)
class Cell:
    """One figure of the sheet: text, and the address that explains it."""

    label: str
    text: str
    url: str = ""
    bold: bool = False
    title: str = ""


def sheet(payload: StatusPayload, report: StatusReport) -> dict[str, Any]:
    """Everything that the one-page layout shows, formatted for the reader."""
    total = payload.money.total if payload.money else None
    unit, currency = _scale(payload)
    rows = []
    if total is not None:
        for code in MONEY_ROWS:
            money: Money | None = getattr(total, code)
            if money is not None:
                text = formats.scaled(formats.major(money.minor, money.currency), unit, sign=code == "vac")
                rows.append(Cell(str(MONEY_LABELS[code]), text, _figure_url(report, code), code in {"eac", "vac"}))
    return {
        "phase": dict(PHASES).get(payload.phase, payload.phase),
        "lights": [_light(payload, name, report) for name in NAMES],
        "milestones": [
            {
                "line": line,
                "late": line.delta_days is not None and line.delta_days > 5,
                "url": _figure_url(report, f"gate.{line.code}"),
            }
            for line in payload.milestones
        ],
        "money": rows,
        "money_unit": formats.money_unit(currency, unit) if rows else "",
        "indices": [
            Cell(label, formats.number(value, 2), _figure_url(report, code), value < Decimal("0.95"))
            for label, code, value in (("CPI", "cpi", payload.cpi), ("SPI(t)", "spi_t", payload.spi_t))
            if value is not None
        ],
        "dates": [
            Cell(label, formats.day(value), _figure_url(report, code))
            for label, code, value in (
                (_("Start"), "start.forecast", payload.start),
                (_("Finish (baseline)"), "finish.baseline", payload.baseline_finish),
                (_("Finish (forecast)"), "finish.forecast", payload.forecast_finish),
            )
            if value is not None
        ],
        "path": [
            {"step": step, "label": DIMENSION_LABELS[step.dimension], "state": payload.light(step.dimension).value}
            for step in payload.path_to_green
        ],
        "trend": _trend(payload),
        "others": [
            Cell(str(FIGURES[code].label), figure_words(code, figure), _figure_url(report, code))
            for code, figure in payload.figures.items()
            if code in FIGURES and code not in _SHOWN and not code.startswith("gate.")
        ],
    }


_SHOWN = {
    "budget",
    "bac",
    "ac",
    "commitment",
    "etc",
    "eac",
    "vac",
    "cpi",
    "spi_t",
    "start.forecast",
    "finish.baseline",
    "finish.forecast",
    "phase",
}


def _labels() -> dict[str, Any]:
    from django.utils.translation import gettext_lazy

    return {
        "budget": gettext_lazy("Approved budget"),
        "bac": gettext_lazy("Budget at completion (BAC)"),
        "ac": gettext_lazy("Actual cost (AC)"),
        "commitment": gettext_lazy("Commitment"),
        "etc": gettext_lazy("Remaining cost (ETC)"),
        "eac": gettext_lazy("Forecast total cost (EAC)"),
        "vac": gettext_lazy("Variance at completion (VAC)"),
    }


MONEY_LABELS = _labels()


def _figure_url(report: StatusReport, code: str) -> str:
    return reverse("reporting:report-figure", args=[report.key, code])


def _light(payload: StatusPayload, name: str, report: StatusReport) -> dict[str, Any]:
    light = payload.light(name)
    trend = {"up": "up", "down": "down", "flat": "same"}.get(light.arrow)
    previous = ""
    if light.previous:
        previous = _("before: %(light)s") % {"light": _word(light.previous)}
    return {
        "name": name,
        "label": DIMENSION_LABELS[name],
        "state": light.value,
        "trend": trend,
        "note": light.reported_value or light.reason,
        "previous": light.previous,
        "previous_text": previous,
        "calculated": light.computed_value,
        "source": light.source,
        "url": _figure_url(report, f"light.{name}"),
    }


def _word(state: str) -> str:
    from stellwerk.portfolio.choices import Light

    return str(Light(state).label) if state in Light.values else state


def _scale(payload: StatusPayload) -> tuple[str, str]:
    """Thousands for everything below ten million, else millions."""
    total = payload.money.total if payload.money else None
    if total is None:
        return "k", "EUR"
    amounts = [money for code in MONEY_ROWS if (money := getattr(total, code)) is not None]
    if not amounts:
        return "k", "EUR"
    largest = max(abs(formats.major(money.minor, money.currency)) for money in amounts)
    return ("m" if largest >= 10_000_000 else "k" if largest >= 10_000 else ""), amounts[0].currency


def _trend(payload: StatusPayload) -> dict[str, Any] | None:
    """Milestone trend chart: what each report expected."""
    rows = []
    for line in payload.milestones:
        points = [[item.reported.isoformat(), item.expected.isoformat()] for item in line.history]
        if len(points) > 1:
            days = line.delta_days
            rows.append(
                {
                    "name": line.code or line.name, "points": points, "reached": line.actual is not None,
                    "delta": formats.number(days, sign=True) if days is not None else "", "hot": bool(days and days > 20),
                }
            )  # fmt: skip
    return {"milestones": rows} if rows else None


def figure_words(code: str, figure: Figure) -> str:
    """A published figure for people."""
    kind = FIGURES[code].kind if code in FIGURES else "text"
    if kind == "money":
        return formats.money(int(figure.value), figure.unit or "EUR")
    if kind == "date":
        return formats.day(dt.date.fromisoformat(figure.value))
    if kind == "percent":
        return formats.percent(Decimal(figure.value), FIGURES[code].decimals)
    if kind in {"number", "days", "count"}:
        return formats.number(Decimal(figure.value), FIGURES[code].decimals)
    return figure.value


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


def explain(payload: StatusPayload, code: str) -> dict[str, Any] | None:
    """Value, source and making of one figure of a report; None where it has none."""
    from stellwerk.reporting.forms import source_words

    if code.startswith("light."):
        return _explain_light(payload, code.removeprefix("light."))
    if code.startswith("gate."):
        return _explain_gate(payload, code.removeprefix("gate."))
    total = payload.money.total if payload.money else None
    if code in {"etc", "vac"} and total is not None and (money := getattr(total, code)) is not None:
        parts = ("eac", "ac") if code == "etc" else ("bac", "eac")
        return {
            "label": MONEY_LABELS[code], "text": formats.money(money.minor, money.currency), "source": _("computed"),
            "formula": "ETC = EAC − AC" if code == "etc" else "VAC = BAC − EAC", "parts": _parts(payload, parts),
        }  # fmt: skip
    figure = payload.figures.get(code)
    if figure is None:
        return None
    entry = {
        "value": figure.value,
        "source": figure.source,
        "label": figure.label,
        "on": figure.on.isoformat() if figure.on else "",
    }
    return {
        "label": FIGURES[code].label if code in FIGURES else code,
        "text": figure_words(code, figure),
        "raw": f"{figure.value} {figure.unit}".strip(),
        "source": source_words(entry),
        "on": figure.on,
        "url": figure.url if figure.url.startswith("/") else "",
    }


def _parts(payload: StatusPayload, codes: Iterable[str]) -> list[tuple[str, Any]]:
    """Code and name of the figures that a figure is made of, as far as the report has them."""
    return [(code, FIGURES[code].label) for code in codes if code in payload.figures and code in FIGURES]


def _explain_light(payload: StatusPayload, name: str) -> dict[str, Any] | None:
    if name not in NAMES or payload.light(name).value is None:
        return None
    light = payload.light(name)
    words = {
        "computed": _("computed by the rules"),
        "reported": _("reported"),
        "overridden": _("set by hand, with a reason"),
    }
    return {
        "label": DIMENSION_LABELS[name], "light": light, "text": _word(light.value or ""), "source": words[light.source],
        "reason": light.reason, "reported": light.reported_value, "on": payload.data_date,
        "calculated": _word(light.computed_value) if light.computed_value else "",
        "previous": _word(light.previous) if light.previous else "",
        "parts": _parts(payload, {"schedule": ("spi_t",), "cost": ("eac", "bac", "budget")}.get(name, ())),
    }  # fmt: skip


def _explain_gate(payload: StatusPayload, code: str) -> dict[str, Any] | None:
    line = next((row for row in payload.milestones if row.code == code), None)
    if line is None:
        return None
    return {
        "label": f"{line.code} {line.name}".strip(), "text": formats.day(line.actual or line.forecast or line.baseline),
        "source": _("gates of the project"), "gate": line, "on": payload.data_date,
        "formula": _("Δ WD = working days from baseline to forecast (or actual)"),
    }  # fmt: skip


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
