"""The line manager's inbox: submitted weeks, approved in bulk or sent back; and the end of the month."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from stellwerk.core import formats
from stellwerk.core.access import access, actor
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.permissions import can, visible
from stellwerk.people.selectors.working_time import working_minutes
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets import (
    days_of,
    missing,
    missing_by_week,
    oddities,
    previous_week,
    recorders,
    to_approve,
)
from stellwerk.resources.selectors.timesheets_hours import month_of
from stellwerk.resources.services.timesheets import Decided, decide, lock_month, month_days
from stellwerk.resources.weeks import WEEK, monday, mondays
from stellwerk.resources.worktime import minutes_text, sum_text

SHEET = "resources.timesheet"
MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
@access("approve", SHEET)
def timesheet_inbox(request: HttpRequest) -> HttpResponse:
    """Weeks that wait for this line manager, the ticked ones decided on together."""
    user = actor(request)
    problem: Refused | None = None
    reason = ""
    refused: list[tuple[TimeSheet, str]] = []
    if request.method == "POST":
        reason = request.POST.get("reason", "").replace("\x00", "")
        wanted = [
            int(text) for text in request.POST.getlist("sheet") if text.isascii() and text.isdigit() and len(text) < 12
        ]
        versions = {
            number: int(seen) for number in wanted if (seen := request.POST.get(f"version-{number}", "")).isdigit()
        }
        sheets = list(
            TimeSheet.objects.filter(visible(user, TimeSheet, "approve"), pk__in=wanted).order_by("monday", "pk")
        )
        step = "reject" if request.POST.get("step") == "reject" else "approve"
        try:
            if not sheets:
                raise Refused(_("No sheet is chosen."), _("Tick at least one, then decide."), code="nothing_chosen")
            result = decide(sheets=sheets, step=step, by=user, reason=reason, versions=versions)
        except Refused as refusal:
            problem = refusal
        else:
            _say(request, result, step)
            refused = result.refused
            if not refused:
                return HttpResponseRedirect(reverse("resources:timesheet-inbox"))
    rows = list(to_approve(user)[:MOST])
    context = {
        "groups": _groups(rows), "count": len(rows), "problem": problem, "reason": reason,
        "refused": [{"sheet": sheet, "text": text, "week": formats.iso_week(sheet.monday)} for sheet, text in refused],
        "chosen": {int(text) for text in request.POST.getlist("sheet") if text.isdigit()},
        "missing": _missing(request), "last_week": formats.iso_week(previous_week()),
    }  # fmt: skip
    return render(request, "resources/timesheet_inbox.html", context, status=problem.status if problem else 200)


def _say(request: HttpRequest, result: Decided, step: str) -> None:
    count = len(result.done)
    if not count:
        return
    if step == "approve":
        text = ngettext("%(count)s time sheet is approved.", "%(count)s time sheets are approved.", count)
    else:
        text = ngettext("%(count)s time sheet is sent back.", "%(count)s time sheets are sent back.", count)
    messages.success(request, text % {"count": count})


def _missing(request: HttpRequest) -> list[Any]:
    """Of the line manager's people: who has not submitted last week."""
    user = actor(request)
    week = previous_week()
    from stellwerk.people.models import Person

    mine = recorders(week).filter(visible(user, Person, "edit")).exclude(user=user)
    return missing(week, mine)


def _groups(sheets: list[TimeSheet]) -> list[dict[str, Any]]:
    """Sheets by week, each with its days, its sum, and what looks odd."""
    if not sheets:
        return []
    people = sorted({sheet.person_id for sheet in sheets})
    first, last = min(sheet.monday for sheet in sheets), max(sheet.monday for sheet in sheets) + dt.timedelta(days=6)
    days = working_minutes(people, first, last)
    entries: dict[int, list[int]] = {sheet.pk: [0] * 7 for sheet in sheets}
    starts = {sheet.pk: sheet.monday for sheet in sheets}
    comments: dict[int, int] = {}
    for number, day, minutes, comment in TimeEntry.objects.filter(sheet__in=starts).values_list(
        "sheet", "day", "minutes", "comment"
    ):
        entries[number][(day - starts[number]).days] += minutes
        comments[number] = comments.get(number, 0) + bool(comment)
    groups: list[dict[str, Any]] = []
    for sheet in sheets:
        if not groups or groups[-1]["week"] != sheet.monday:
            groups.append(
                {
                    "week": sheet.monday, "name": formats.iso_week(sheet.monday), "last": sheet.monday + dt.timedelta(days=6), "rows": [],
                    "days": days_of(sheet.monday),
                }
            )  # fmt: skip
        per_day = entries[sheet.pk]
        at = days.column(sheet.monday)
        net = int(days.net[days.row[sheet.person_id], at : at + 7].sum())
        groups[-1]["rows"].append(
            {
                "sheet": sheet, "cells": [minutes_text(minutes) for minutes in per_day], "total": sum_text(sum(per_day)),
                "net": sum_text(net), "comments": comments.get(sheet.pk, 0),
                "warnings": oddities(sheet, [_Day(per_day)], days),  # type: ignore[list-item]
            }
        )  # fmt: skip
    return groups


class _Day:
    """The sum of a week as one line, for :func:`oddities`."""

    def __init__(self, minutes: list[int]) -> None:
        self.minutes = minutes


# ── the end of the month ─────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@access("lock", SHEET)
def timesheet_close(request: HttpRequest) -> HttpResponse:
    """Lock what is approved; see what is still missing, without hours of anybody."""
    user = actor(request)
    today = timezone.localdate()
    wanted = request.POST.get("month") or request.GET.get("month") or ""
    last_month = month_of(today.replace(day=1) - dt.timedelta(days=1))
    month = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) == 6 else last_month
    problem: Refused | None = None
    try:
        first, last = month_days(month)
        if request.method == "POST":
            done = lock_month(month=month, by=user)
            messages.success(
                request,
                ngettext("%(count)s time sheet is locked.", "%(count)s time sheets are locked.", done.locked)
                % {"count": done.locked},
            )
            return HttpResponseRedirect(f"{reverse('resources:timesheet-close')}?month={month}")
    except Refused as refusal:
        problem = refusal
        if isinstance(refusal, Invalid):
            month = last_month
        first, last = month_days(month)
    rows = TimeSheet.objects.filter(visible(user, TimeSheet, "lock"), monday__gte=monday(first), monday__lte=last)
    units: dict[str, dict[str, int]] = {}
    for name, state in rows.values_list("person__unit__name", "state"):
        line = units.setdefault(name, {"open": 0, "submitted": 0, "rejected": 0, "approved": 0, "locked": 0})
        line[state] += 1
    lacking: dict[str, int] = {}
    weeks = list(mondays(first, min(last, today - WEEK)))
    for person in (one for rows in missing_by_week(weeks).values() for one in rows):
        lacking[person.unit.name] = lacking.get(person.unit.name, 0) + 1
    months = [month_of(_back(today, count)) for count in range(12)]
    context = {
        "month": month, "first": first, "last": last, "problem": problem, "over": last < today,
        "units": [
            {"name": name, "states": units.get(name, {}), "lacking": lacking.get(name, 0)} for name in sorted({*units, *lacking})
        ],
        "ready": sum(line["approved"] for line in units.values()), "months": [(one, _month_text(one)) for one in months],
        "lacking": sum(lacking.values()), "may_correct": can(user, "correct", SHEET), "month_text": _month_text(month),
    }  # fmt: skip
    return render(request, "resources/timesheet_close.html", context, status=problem.status if problem else 200)


def _back(day: dt.date, months: int) -> dt.date:
    at = day.year * 12 + day.month - 1 - months
    return dt.date(at // 12, at % 12 + 1, 1)


def _month_text(month: int) -> str:
    from babel.dates import format_date
    from django.utils.translation import get_language

    year, number = divmod(month, 100)
    return str(format_date(dt.date(year, number, 1), "MMMM yyyy", locale=(get_language() or "de")[:2]))
