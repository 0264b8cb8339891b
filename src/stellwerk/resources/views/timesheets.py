"""The week as a grid: hours typed like in a spreadsheet, saved together, submitted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import can
from stellwerk.people.models import Person
from stellwerk.people.selectors.working_time import working_minutes
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import TimeSheet
from stellwerk.resources.selectors import timesheets as selectors
from stellwerk.resources.selectors.timesheets import Line, days_of, lines_of, oddities, sheet_of
from stellwerk.resources.selectors.timesheets_access import agreement_behind, may_read_hours, own_person
from stellwerk.resources.services.timesheets import MOST_LINES, WeekLine, save_week, submit
from stellwerk.resources.services.timesheets_agreements import record_reading
from stellwerk.resources.weeks import WEEK, monday
from stellwerk.resources.worktime import minutes_text, parse_minutes, sum_text

MOST_OPTIONS = 300
SHEET = "resources.timesheet"


def week_url(week: dt.date) -> str:
    return reverse("resources:timesheet-week", args=[week.isoformat()])


@require_safe
@access("create", SHEET)
def timesheet_now(request: HttpRequest) -> HttpResponse:
    """The current week."""
    return HttpResponseRedirect(week_url(monday(timezone.localdate())))


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", SHEET)
def timesheet_week(request: HttpRequest, week: str) -> HttpResponse:
    """One's own week: fill it, save it, submit it."""
    user = actor(request)
    start = _week(week)
    person = own_person(user)
    if person is None:
        raise NotAllowed(
            _("Your account belongs to no person: hours are recorded by people."),
            _("Ask the administration to connect your account with your person."),
        )
    if request.method == "POST":
        return _post(request, user, person, start)
    sheet = sheet_of(person, start)
    lines = lines_of(sheet)
    notice = ""
    if sheet.state in selectors.EDITABLE:
        lines, notice = _filled(request.GET.get("fill", ""), person, start, lines)
    return _page(request, user, sheet, lines, notice=notice)


def _week(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Http404(_("There is no such week.")) from None
    if not 2000 <= day.year <= 2199:
        raise Http404(_("There is no such week."))
    return monday(day)


def _filled(fill: str, person: Person, week: dt.date, stored: list[Line]) -> tuple[list[Line], str]:
    """Stored lines, then suggested ones without hours; ``fill`` proposes hours for cells that are still empty."""
    suggested = selectors.suggested_lines(person, week)
    booked = {line.key: line.booked for line in suggested}
    for line in stored:
        line.booked = booked.get(line.key, 0)
    known = {line.key for line in stored}
    lines = stored + [line for line in suggested if line.key not in known]
    if fill == "last":
        before = selectors.last_week(person, week)
        _take(lines, before)
        return lines, (
            _("Taken over from last week. Nothing is saved yet: check it, then save.")
            if before
            else _("Nothing is recorded in the week before.")
        )
    if fill == "bookings":
        wanted = [Line(line.project, line.activity, booked=line.booked) for line in lines if line.booked]
        _take(lines, selectors.proposal(person, week, wanted))
        return lines, (
            _("Filled from your bookings. Nothing is saved yet: check it, then save.")
            if wanted
            else _("Nobody has booked you firmly in this week.")
        )
    return lines, ""


def _take(lines: list[Line], offered: list[Line]) -> None:
    """Put offered hours into empty cells; rows that are not there yet are added."""
    known = {line.key: line for line in lines}
    for offer in offered:
        line = known.get(offer.key)
        if line is None:
            lines.append(offer)
        elif not line.total:
            line.minutes, line.capitalisable = list(offer.minutes), offer.capitalisable or line.capitalisable


# ── what was typed ───────────────────────────────────────────────────────────────────────────────


class Typed:
    """The posted grid: lines as far as they can be read, the texts as they were typed, and what cannot be read."""

    def __init__(self, request: HttpRequest) -> None:
        self.texts: dict[str, str] = {}
        self.errors: dict[str, list[str]] = {}
        self.lines: list[Line] = []
        post = request.POST
        wanted = [(post.get(f"line-{n}-project", ""), post.get(f"line-{n}-activity", "")) for n in range(MOST_LINES)]
        add = post.get("add", "") if post.get("then") == "add" else ""
        if add:
            wanted.append((add.partition(":")[0], add.partition(":")[2]))
        projects = Project.objects.in_bulk([int(text) for text, _a in wanted if _is_number(text)])
        activities = Activity.objects.select_related("plan__project").in_bulk(
            [int(text) for _p, text in wanted if _is_number(text)]
        )
        for number, (project_text, activity_text) in enumerate(wanted):
            project = projects.get(int(project_text)) if _is_number(project_text) else None
            if project is None:
                continue
            activity = activities.get(int(activity_text)) if _is_number(activity_text) else None
            if (
                add
                and number == len(wanted) - 1
                and any(line.key == (project.pk, activity.pk if activity else None) for line in self.lines)
            ):
                continue  # it stands there already
            self._read(post, number, len(self.lines), Line(project, activity))

    def _read(self, post: Any, number: int, place: int, line: Line) -> None:
        """``number``: in the form; ``place``: among the lines that count, by which errors are named."""
        line.capitalisable = post.get(f"line-{number}-cap") == "on"
        for at in range(7):
            text = post.get(f"line-{number}-day-{at}", "").strip()[:20]
            name = f"line-{place}-day-{at}"
            self.texts[name] = text
            line.comments[at] = post.get(f"line-{number}-note-{at}", "").replace("\x00", "").strip()[:500]
            minutes = parse_minutes(text)
            if minutes is None:
                self.errors[name] = [
                    _("“%(text)s” cannot be read as hours. Type 7,5 or 7:30, for example.") % {"text": text}
                ]
            line.minutes[at] = minutes or 0
        self.lines.append(line)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _post(request: HttpRequest, user: User, person: Person, week: dt.date) -> HttpResponse:
    typed = Typed(request)
    then = request.POST.get("then", "save")
    seen = request.POST.get("version", "")
    version = int(seen) if _is_number(seen) else None
    sheet = sheet_of(person, week)
    if then == "add":
        return _page(request, user, sheet, typed.lines, typed=typed, version=version, added=len(typed.lines) - 1)
    try:
        if typed.errors:
            raise Invalid(typed.errors, _("These hours cannot be saved yet: please look at the marked cells."))
        lines = [
            WeekLine(one.project, one.activity, one.minutes, one.comments, one.capitalisable) for one in typed.lines
        ]
        sheet = save_week(person=person, week=week, lines=lines, by=user, version=version)
        if then == "submit":
            sheet = submit(sheet=sheet, by=user)
    except Refused as refusal:
        sheet = sheet_of(person, week)
        return _page(request, user, sheet, typed.lines, typed=typed, version=version, problem=refusal)
    total = sum(line.total for line in typed.lines)
    if then == "submit":
        messages.success(
            request,
            _("%(week)s with %(hours)s is submitted.")
            % {"week": capfirst(formats.iso_week(week)), "hours": sum_text(total)},
        )
        if not selectors.has_approver(sheet):
            messages.warning(
                request, _("Nobody may approve this sheet yet: your unit has no line manager. Tell the PMO.")
            )
    else:
        messages.success(
            request,
            _("%(week)s with %(hours)s is saved.")
            % {"week": capfirst(formats.iso_week(week)), "hours": sum_text(total)},
        )
    return HttpResponseRedirect(week_url(week))


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def _page(
    request: HttpRequest, user: User, sheet: TimeSheet, lines: list[Line], *, typed: Typed | None = None,
    version: int | None = None, problem: Refused | None = None, notice: str = "", added: int | None = None,
) -> HttpResponse:  # fmt: skip
    week = sheet.monday
    editable = sheet.state in selectors.EDITABLE
    days = working_minutes([sheet.person], week, week + dt.timedelta(days=6))
    errors = problem.errors if isinstance(problem, Invalid) else {}
    if isinstance(problem, StaleEdit):
        version = sheet.version  # both values are shown: saving again means one's own
    per_day = [sum(line.minutes[at] for line in lines) for at in range(7)]
    heads = [
        {
            "day": day, "at": at, "name": _weekday(day), "net": int(days.net[0, at]), "total": minutes_text(per_day[at]) or "0",
            "off": not days.net[0, at], "today": day == timezone.localdate(), "errors": errors.get(f"day-{at}", []),
        }
        for at, day in enumerate(days_of(week))
    ]  # fmt: skip
    today = timezone.localdate()
    shown = (today - week).days if week <= today < week + WEEK else 0
    total, net = sum(per_day), int(days.net[0].sum())
    context = {
        "sheet": sheet, "week": week, "last": week + dt.timedelta(days=6), "editable": editable, "days": heads,
        "rows": _rows(lines, heads, typed, errors), "version": sheet.version if version is None else version,
        "total": sum_text(total), "net": sum_text(net), "rest": sum_text(max(net - total, 0)), "complete": total >= net,
        "problem": problem, "general": errors.get("__all__", []), "notice": notice, "added": added,
        "conflicts": problem.conflicts if isinstance(problem, StaleEdit) else [], "shown": shown,
        "changed_by": problem.changed_by if isinstance(problem, StaleEdit) else "",
        "warnings": oddities(sheet, lines, days), "options": _options(user, sheet, lines) if editable else [],
        "previous": week_url(week - WEEK), "next": week_url(week + WEEK), "now": week_url(monday(today)),
        "is_now": week == monday(today), "sent_back": _reason(sheet), "url": week_url(week), "week_name": formats.iso_week(week),
        "dirty": bool(notice) or problem is not None or added is not None,
        "approves": can(user, "approve", SHEET), "own_use": _own_use(user, sheet),
    }  # fmt: skip
    return render(request, "resources/timesheet.html", context, status=problem.status if problem else 200)


def _own_use(user: User, sheet: TimeSheet) -> str:
    """Where somebody reads their own utilisation."""
    own = sheet.person.user_id == user.pk and can(user, "utilisation", sheet.person)
    return reverse("resources:utilisation-person", args=[sheet.person.key]) if own else ""


def _weekday(day: dt.date) -> str:
    from babel.dates import format_date

    return str(format_date(day, "EEE", locale=(get_language() or "de")[:2])).rstrip(".")


def _rows(
    lines: list[Line], heads: list[dict[str, Any]], typed: Typed | None, errors: dict[str, list[str]]
) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(lines):
        cells = []
        for at, head in enumerate(heads):
            name = f"line-{number}-day-{at}"
            text = typed.texts.get(name) if typed is not None else None
            cells.append(
                {
                    "name": name, "note_name": f"line-{number}-note-{at}", "note": line.comments[at], "head": head,
                    "value": text if text is not None else minutes_text(line.minutes[at]), "errors": errors.get(name, []),
                    "label": f"{line.activity or line.project}, {head['name']} {formats.day(head['day'])}",
                }
            )  # fmt: skip
        found.append(
            {
                "number": number, "line": line, "cells": cells, "total": minutes_text(line.total) or "0",
                "booked": sum_text(line.booked) if line.booked else "", "errors": errors.get(f"line-{number}", []),
            }
        )  # fmt: skip
    return found


def _options(user: User, sheet: TimeSheet, lines: list[Line]) -> list[dict[str, Any]]:
    """What can be added as a row: projects, each with the person's activities of this week."""
    known = {line.key for line in lines}
    activities: dict[int, list[Activity]] = {}
    for activity in selectors.assigned_activities(sheet.person, sheet.monday):
        if (activity.plan.project_id, activity.pk) not in known:
            activities.setdefault(activity.plan.project_id, []).append(activity)
    found = []
    for project in selectors.bookable_projects(user, sheet.person)[:MOST_OPTIONS]:
        rows = activities.get(project.pk, [])
        if rows or (project.pk, None) not in known:
            found.append({"project": project, "activities": rows, "itself": (project.pk, None) not in known})
    return found


def _reason(sheet: TimeSheet) -> str:
    """Why the line manager sent it back."""
    if sheet.state != "rejected":
        return ""
    last = AuditEntry.objects.filter(entity_type=SHEET, entity_id=sheet.pk, verb="reject").order_by("-pk").first()
    return last.reason if last is not None else ""


@require_safe
@access("view", SHEET)
def timesheet_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet as others see it: its state; its hours for whoever may read them."""
    user = actor(request)
    sheet = fetch(user, TimeSheet.objects.select_related("person__unit", "person__user"), pk=pk)
    if sheet.person.user_id == user.pk and can(user, "create", SHEET):
        return HttpResponseRedirect(week_url(sheet.monday))
    reads = may_read_hours(user, sheet)
    if reads and (agreement := agreement_behind(user, sheet)) is not None:
        record_reading(person=sheet.person, agreement=agreement, by=user, what=formats.iso_week(sheet.monday))
    lines = lines_of(sheet) if reads else []
    per_day = [sum(line.minutes[at] for line in lines) for at in range(7)]
    context = {
        "sheet": sheet, "week": sheet.monday, "last": sheet.monday + dt.timedelta(days=6), "reads": reads, "lines": [
            {"line": line, "cells": [minutes_text(minutes) for minutes in line.minutes], "total": minutes_text(line.total)}
            for line in lines
        ],
        "days": [{"day": day, "name": _weekday(day), "total": minutes_text(per_day[at])} for at, day in enumerate(days_of(sheet.monday))],
        "total": sum_text(sum(per_day)), "warnings": oddities(sheet, lines) if reads else [], "week_name": formats.iso_week(sheet.monday),
        "decides": sheet.state == "submitted" and can(user, "approve", sheet),
        "corrects": reads and sheet.state in ("approved", "locked") and can(user, "correct", sheet),
        "corrections": _corrections(sheet) if reads else [],
    }  # fmt: skip
    return render(request, "resources/timesheet_detail.html", context)


def _corrections(sheet: TimeSheet) -> list[dict[str, Any]]:
    rows = sheet.entries.filter(corrects__isnull=False).select_related("corrects", "project", "activity").order_by("pk")
    return [{"entry": row, "text": minutes_text(row.minutes, sign=True)} for row in rows]
