"""Working calendars: list, page, form; and the list of all plans."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import FieldConflict, StaleEdit
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.people.holidays import public_holidays
from stellwerk.people.models import Person
from stellwerk.planning.forms import DAYS, EXCEPTION_ROWS, CalendarForm
from stellwerk.planning.models import Activity, Plan, WorkingCalendar
from stellwerk.planning.services.calendars import create_calendar, derived_from, edit_calendar
from stellwerk.planning.times import text_of
from stellwerk.portfolio.views.common import page

SHOWN_PLANS = 100


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "portfolio.project")
def plan_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "planning.plan")


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "planning.workingcalendar")
def calendar_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "planning.workingcalendar")


def calendar_or_404(user: User, key: str, verb: str = "view") -> WorkingCalendar:
    rows = WorkingCalendar.objects.select_related("organisation", "base", "person", "plan__project")
    return fetch(user, rows, verb, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "planning.workingcalendar")
def calendar_create(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    return create_page(
        request, CalendarForm, save=lambda values: create_calendar(values, by=by), rows=[EXCEPTION_ROWS],
        title=_("New working calendar"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "planning.workingcalendar")
def calendar_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Plans that work by the calendar wait to be rescheduled afterwards: each planner sees first what moves."""
    by = actor(request)
    calendar = calendar_or_404(by, key, "edit")

    def save(values: dict[str, Any], version: int | None, reason: str) -> WorkingCalendar:
        try:
            return edit_calendar(calendar, values, by=by, version=version, reason=reason)
        except StaleEdit as error:
            raise StaleEdit(_by_day(error.conflicts), error.current_version, error.changed_by) from error

    count = _using(calendar).count()
    sub = ngettext(
        "Dates of %(count)s plan follow from it: it is marked, and nothing moves before its planner looked.",
        "Dates of %(count)s plans follow from it: they are marked, and nothing moves before their planner looked.",
        count,
    )
    return edit_page(
        request, CalendarForm, calendar, save=save, rows=[EXCEPTION_ROWS], sub=sub % {"count": count} if count else ""
    )


def _by_day(conflicts: Any) -> list[FieldConflict]:
    """A week on which two disagree, day by day."""
    found = []
    for one in conflicts:
        if one.field != "week":
            found.append(one)
            continue
        yours, theirs = ((list(week) + [None] * 7)[:7] for week in (one.yours or [], one.theirs or []))
        found += [
            FieldConflict(DAYS[number], str(WEEKDAYS[number]), yours=text_of(mine), theirs=text_of(other))
            for number, (mine, other) in enumerate(zip(yours, theirs, strict=True))
            if mine != other
        ]
    return found


@require_safe
@access("view", "planning.workingcalendar")
def calendar_detail(request: HttpRequest, key: str) -> HttpResponse:
    """The week as it counts, free days of this year and the next, and who plans by it."""
    user = actor(request)
    calendar = calendar_or_404(user, key)
    today = timezone.localdate()
    plans = visible_rows(user, _using(calendar)).select_related("project").order_by("project__key")
    context = {
        "object": calendar, "calendar": calendar, "week": _week(calendar), "exceptions": list(calendar.exceptions.all()),
        "holidays": _holidays(calendar, today), "plans": list(plans[:SHOWN_PLANS]), "count": plans.count(),
        "derived": [row for row in calendar.derived.filter(plan=None).select_related("person") if _seen(user, row.person)],
        "may_edit": can(user, "edit", calendar) and calendar.plan_id is None and not calendar.archived,
    }  # fmt: skip
    return page(request, "planning/calendar_detail.html", context)


def _seen(user: User, person: Person | None) -> bool:
    return person is None or can(user, "view", person)


def _using(calendar: WorkingCalendar) -> Any:
    """Plans whose dates follow from this calendar."""
    numbers = derived_from(calendar.pk)
    rows = Activity.objects.filter(calendar__in=numbers).order_by().values("plan")
    return Plan.objects.filter(calendar__in=numbers) | Plan.objects.filter(pk__in=rows)


def _week(calendar: WorkingCalendar) -> list[dict[str, Any]]:
    """Each day with its times, and from which calendar they come."""
    found = []
    for number in range(7):
        one: WorkingCalendar | None = calendar
        while one is not None and not (len(one.week) == 7 and one.week[number] is not None):
            one = one.base
        times = one.week[number] if one is not None else ([[480, 720], [780, 1020]] if number < 5 else [])
        origin = "" if one == calendar else str(one) if one is not None else _("standard week")
        found.append({"day": WEEKDAYS[number], "times": text_of(times) if times else "", "origin": origin})
    return found


def _holidays(calendar: WorkingCalendar, today: dt.date) -> list[tuple[dt.date, str]]:
    """From today over twelve months, of the calendar and of those that it stands on."""
    language = (get_language() or "en").split("-")[0]
    days: dict[dt.date, str] = {}
    one: WorkingCalendar | None = calendar
    while one is not None:
        for year in (today.year, today.year + 1):
            days |= public_holidays(one.country, one.subdivision, year, language)
        one = one.base
    return sorted((day, name) for day, name in days.items() if 0 <= (day - today).days < 366)
