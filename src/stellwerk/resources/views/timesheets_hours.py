"""Recorded hours of projects by month, and the agreement that lets small groups be read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.scene import Cell
from stellwerk.core.documents.xlsx_writer import Workbook
from stellwerk.core.pages import EntityForm, create_page, edit_page
from stellwerk.core.permissions import can, require, visible_rows
from stellwerk.resources.models import HoursAgreement
from stellwerk.resources.selectors.timesheets_access import SMALLEST_GROUP, in_force
from stellwerk.resources.selectors.timesheets_hours import (
    MOST_MONTHS,
    ProjectHours,
    column_sums,
    default_months,
    hours_by_project_month,
    months_between,
)
from stellwerk.resources.services.timesheets_agreements import edit_agreement, record_agreement
from stellwerk.resources.worktime import sum_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@access("hours", "portfolio.project")
def hours(request: HttpRequest) -> HttpResponse:
    """Approved hours by project and month; what fewer than five people worked is withheld."""
    user = actor(request)
    first, last = default_months()
    problem = ""
    given_first, given_last = _month(request.GET.get("first", "")), _month(request.GET.get("last", ""))
    if (request.GET.get("first") and given_first is None) or (request.GET.get("last") and given_last is None):
        problem = _("Please give months as 2026-11.")
    first, last = given_first or first, given_last or last
    if first > last:
        first, last = last, first
    months = months_between(first, last)
    if len(months) > MOST_MONTHS:
        problem = _("At most %(count)s months fit into one table.") % {"count": MOST_MONTHS}
        months = months[-MOST_MONTHS:]
    lines = hours_by_project_month(user, months[0], months[-1])
    if request.GET.get("export") == "xlsx":
        return _workbook(lines, months, user.name)
    sums = column_sums(lines, months)
    context = {
        "lines": [{"line": line, "cells": [_cell(line, month) for month in months], "total": _hours(line.total) if line.withheld < len(line.months) else formats.NO_DATA} for line in lines],
        "months": [{"text": f"{month % 100:02d}/{month // 100 % 100:02d}", "sum": _hours(sums[month])} for month in months],
        "total": sum_text(sum(sums.values())), "total_hours": _hours(sum(sums.values())), "withheld": sum(line.withheld for line in lines),
        "smallest": SMALLEST_GROUP, "first": _text(months[0]), "last": _text(months[-1]), "problem": problem,
        "from_month": _short(months[0]), "to_month": _short(months[-1]),
        "agreed": in_force().exists(), "sees_agreements": can(user, "view", "resources.hoursagreement"),
        "capital": sum_text(sum(line.capitalisable for line in lines)),
    }  # fmt: skip
    return render(request, "resources/hours.html", context, status=422 if problem else 200)


def _month(text: str) -> int | None:
    """``2026-11`` as 202611; None where it is no month."""
    year, _dash, number = text.strip().partition("-")
    if not (year.isascii() and year.isdigit() and number.isascii() and number.isdigit() and len(text) <= 7):
        return None
    if not 2000 <= int(year) <= 2199 or not 1 <= int(number) <= 12:
        return None
    return int(year) * 100 + int(number)


def _text(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"


def _short(month: int) -> str:
    return f"{month % 100:02d}/{month // 100}"


def _hours(minutes: int) -> str:
    return formats.number(Decimal(minutes) / 60, 1)


def _cell(line: ProjectHours, month: int) -> dict[str, Any]:
    if month not in line.months:
        return {"text": ""}
    minutes = line.months[month]
    return {"withheld": True} if minutes is None else {"text": _hours(minutes)}


def _workbook(lines: list[ProjectHours], months: list[int], author: str) -> HttpResponse:
    language: Literal["de", "en"] = "de" if (get_language() or "de").startswith("de") else "en"
    book = Workbook(Numbers(language), title=_("Hours by project and month"), author=author)
    header = [_("Key"), _("Project"), *(_text(month) for month in months), _("Sum (h)"), _("Capitalisable (h)")]
    rows = []
    for line in lines:
        cells = [Cell(value=line.key), Cell(value=line.name)]
        for month in months:
            if month not in line.months:
                cells.append(Cell(value=""))
            elif (minutes := line.months[month]) is None:
                cells.append(Cell(value=_("fewer than %(count)s people") % {"count": SMALLEST_GROUP}))
            else:
                cells.append(Cell(value=Decimal(minutes) / 60, places=1))
        cells += [
            Cell(value=Decimal(line.total) / 60, places=1),
            Cell(value=Decimal(line.capitalisable) / 60, places=1),
        ]
        rows.append(cells)
    book.sheet(_("Hours by project and month"), header, rows)
    answer = HttpResponse(book.finish(), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="hours-{_text(months[0])}-{_text(months[-1])}.xlsx"'
    return answer


# ── the agreement ────────────────────────────────────────────────────────────────────────────────


class AgreementForm(EntityForm):
    """Reference, days and purpose; the signed document is attached on the page."""

    groups = (
        ("", ("organisation", "reference", "purpose", "individual")),
        (gettext_lazy("Validity"), ("signed_on", "valid_from", "valid_until")),
    )

    class Meta:
        model = HoursAgreement
        fields = ("organisation", "reference", "purpose", "individual", "signed_on", "valid_from", "valid_until")


@require_safe
@access("view", "resources.hoursagreement")
def agreements(request: HttpRequest) -> HttpResponse:
    """Agreements so far, and whether one is in force."""
    user = actor(request)
    rows = list(visible_rows(user, HoursAgreement.objects.select_related("organisation")))
    counting = set(in_force().values_list("pk", flat=True))
    context = {
        "rows": [{"agreement": row, "counts": row.pk in counting} for row in rows], "counting": len(counting),
        "individual": any(row.individual for row in rows if row.pk in counting),
        "smallest": SMALLEST_GROUP, "may_create": can(user, "create", "resources.hoursagreement"),
    }  # fmt: skip
    return render(request, "resources/agreements.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "resources.hoursagreement")
def agreement_create(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    require(user, "create", "resources.hoursagreement")
    return create_page(
        request,
        AgreementForm,
        save=lambda values: record_agreement(values=values, by=user),
        title=_("Record an agreement"),
    )


@require_safe
@access("view", "resources.hoursagreement")
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    row = fetch(user, HoursAgreement.objects.select_related("organisation"), pk=pk)
    context = {
        "object": row, "agreement": row, "counts": in_force().filter(pk=row.pk).exists(), "may_edit": can(user, "edit", row),
    }  # fmt: skip
    return render(request, "resources/agreement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "resources.hoursagreement")
def agreement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    row = fetch(user, HoursAgreement.objects.select_related("organisation"), "edit", pk=pk)
    return edit_page(
        request, AgreementForm, row,
        save=lambda values, version, reason: edit_agreement(agreement=row, values=values, by=user, version=version, reason=reason),
    )  # fmt: skip
