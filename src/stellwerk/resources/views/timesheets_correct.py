"""Correct an approved week: choose the entry, give the right hours and the reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.registry import url_of
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets import bookable_projects
from stellwerk.resources.selectors.timesheets_access import may_read_hours
from stellwerk.resources.services.timesheets_correct import correct_entry, correctable
from stellwerk.resources.worktime import minutes_text, parse_minutes

MOST_PROJECTS = 300


@require_http_methods(["GET", "HEAD", "POST"])
@access("correct", "resources.timesheet")
def timesheet_correct(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    sheet = fetch(user, TimeSheet.objects.select_related("person__unit", "person__user"), "correct", pk=pk)
    if sheet.person.user_id == user.pk or not may_read_hours(user, sheet):
        raise NotAllowed(_("Without an agreement only the line manager reads these hours, and corrects them."))
    problem: Refused | None = None
    posted = request.POST
    if request.method == "POST":
        try:
            _correct(request, sheet)
        except Refused as refusal:
            problem = refusal
            sheet.refresh_from_db()
        else:
            messages.success(request, _("The hours are corrected. Both entries stay."))
            return HttpResponseRedirect(url_of(sheet))
    entries = [
        {"entry": row, "text": minutes_text(row.minutes), "day": formats.day(row.day)} for row in correctable(sheet)
    ]
    context = {
        "sheet": sheet, "entries": entries, "problem": problem, "errors": problem.errors if isinstance(problem, Invalid) else {},
        "chosen": posted.get("entry", ""), "hours": posted.get("hours", ""), "reason": posted.get("reason", ""),
        "project": posted.get("project", ""), "projects": bookable_projects(user, sheet.person)[:MOST_PROJECTS],
        "week_name": formats.iso_week(sheet.monday),
    }  # fmt: skip
    return render(request, "resources/timesheet_correct.html", context, status=problem.status if problem else 200)


def _correct(request: HttpRequest, sheet: TimeSheet) -> None:
    user, posted = actor(request), request.POST
    number, wanted, seen = posted.get("entry", ""), posted.get("project", ""), posted.get("version", "")
    entry = TimeEntry.objects.filter(sheet=sheet, pk=int(number)).first() if _is_number(number) else None
    if entry is None:
        raise Invalid({"entry": [_("Please choose the entry that is wrong.")]})
    minutes = parse_minutes(posted.get("hours", "")[:20])
    if minutes is None:
        text = posted.get("hours", "")[:20]
        raise Invalid(
            {"minutes": [_("“%(text)s” cannot be read as hours. Type 7,5 or 7:30, for example.") % {"text": text}]}
        )
    project = None
    if wanted:
        found = bookable_projects(user, sheet.person)
        project = found.filter(pk=int(wanted)).first() if _is_number(wanted) else None
        if project is None:
            raise Invalid({"project": [_("Please choose a project of the list.")]})
    correct_entry(
        entry=entry, minutes=minutes, reason=posted.get("reason", "").replace("\x00", ""), by=user, project=project,
        version=int(seen) if _is_number(seen) else None,
    )  # fmt: skip


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12
