"""Time sheets in the API: who has delivered; hours only for whoever may read them; one's own week; hours by project and month."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StrictBool

from stellwerk.core import formats
from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.resources import Resource, add_resource
from stellwerk.core.api.schemas import BIGINT, INT, PROBLEMS, READ_PROBLEMS, Day, Strict
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import User
from stellwerk.core.permissions import can, require
from stellwerk.people.models import Person
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets import lines_of, sheet_of
from stellwerk.resources.selectors.timesheets_access import agreement_behind, may_read_hours, own_person
from stellwerk.resources.selectors.timesheets_hours import hours_by_project_month
from stellwerk.resources.services.timesheets import MOST_LINES, WeekLine, month_days, save_week
from stellwerk.resources.services.timesheets_agreements import record_reading
from stellwerk.resources.services.timesheets_correct import correct_entry
from stellwerk.resources.weeks import monday

router = Router()
LABEL = "resources.timesheet"
TAGS: list[str | Any] = ["Time sheets"]
MONTH = Query(None, ge=200001, le=219912, description="Year × 100 + month.")  # type: ignore[type-arg]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Comment = Annotated[str, Field(max_length=500)]


class EntryOut(Schema):
    id: int
    project: str
    activity: int | None
    day: dt.date
    minutes: int
    comment: str
    capitalisable: bool
    corrects: int | None


class MyLineIn(Strict):
    project: str = Field(..., min_length=1, max_length=40, description="Key of the project.")
    activity: int | None = Field(None, ge=1, le=BIGINT, description="Number of the activity in the API.")
    minutes: list[Minutes] = Field(..., min_length=7, max_length=7, description="From Monday to Sunday.")
    comments: list[Comment] = Field([], max_length=7)
    capitalisable: StrictBool = False


class MyWeekIn(Strict):
    version: int = Field(0, ge=0, le=INT, description="Of the sheet that you saw; 0 where there is none yet.")
    lines: list[MyLineIn] = Field(..., max_length=MOST_LINES)


class MyLineOut(Schema):
    project: str
    activity: int | None
    minutes: list[int]
    comments: list[str]
    capitalisable: bool


class MyWeekOut(Schema):
    sheet: int | None
    version: int
    monday: dt.date
    state: str
    lines: list[MyLineOut]


class CorrectIn(Strict):
    entry: int = Field(..., ge=1, le=BIGINT)
    minutes: Minutes
    reason: str = Field(..., min_length=1, max_length=500)
    project: str | None = Field(None, max_length=40, description="Another project; without: the same.")


class MonthHours(Schema):
    month: int
    minutes: int | None = Field(..., description="Null: withheld, because fewer than five people stand behind it.")


class ProjectHoursOut(Schema):
    project: str
    months: list[MonthHours]
    minutes_shown: int
    capitalisable_shown: int


SHEETS = Resource(
    TimeSheet,
    "time-sheets",
    read=("id", "version", "person", "monday", "state", "created_at", "updated_at"),
    creatable=False,
)
add_resource(router, SHEETS)


@router.get("/time-sheets/{number}/entries", response={200: list[EntryOut], **READ_PROBLEMS}, tags=TAGS)
def read_entries(request: HttpRequest, number: int) -> Any:
    """The hours of a sheet, for the person, the approving line manager, or by agreement with the works council."""
    check_scope(request, "read", LABEL)
    sheet = _sheet(request, number)
    if not may_read_hours(actor(request), sheet):
        raise NotAllowed(_("Hours are read by the person and the line manager alone"))
    if (agreement := agreement_behind(actor(request), sheet)) is not None:
        record_reading(person=sheet.person, agreement=agreement, by=actor(request), what=formats.iso_week(sheet.monday))
    return _entries(sheet)


@router.post("/time-sheets/{number}/correct", response={200: list[EntryOut], **PROBLEMS}, tags=TAGS)
def correct(request: HttpRequest, number: int, data: CorrectIn) -> Any:
    """Reverse an entry of an approved or locked sheet and record other hours."""
    check_scope(request, "write", LABEL)
    sheet, user = _sheet(request, number), actor(request)
    require(user, "correct", sheet)
    refuse_unstorable("reason", data.reason)
    entry = TimeEntry.objects.filter(sheet=sheet, pk=data.entry).first()
    if entry is None:
        raise Invalid({"entry": [_("Please choose the entry that is wrong.")]})
    project = _project(user, data.project) if data.project else None
    return _entries(correct_entry(entry=entry, minutes=data.minutes, reason=data.reason, by=user, project=project))


def _sheet(request: HttpRequest, number: int) -> TimeSheet:
    rows = TimeSheet.objects.select_related("person__unit")
    return fetch(actor(request), rows, pk=number if 0 < number <= BIGINT else 0)


def _entries(sheet: TimeSheet) -> list[dict[str, Any]]:
    rows = TimeEntry.objects.filter(sheet=sheet).select_related("project").order_by("day", "pk")
    return [
        {
            "id": row.pk, "project": row.project.key, "activity": row.activity_id, "day": row.day, "minutes": row.minutes,
            "comment": row.comment, "capitalisable": row.capitalisable, "corrects": row.corrects_id,
        }
        for row in rows
    ]  # fmt: skip


@router.get("/my-time/{day}", response={200: MyWeekOut, **READ_PROBLEMS}, tags=TAGS)
def my_week(request: HttpRequest, day: Day) -> Any:
    """One's own week that contains the day."""
    check_scope(request, "read", LABEL)
    return _shown(sheet_of(_me(request), _monday(day)))


@router.put("/my-time/{day}", response={200: MyWeekOut, **PROBLEMS}, tags=TAGS)
def save_my_week(request: HttpRequest, day: Day, data: MyWeekIn) -> Any:
    """Replace one's own week, as the grid does; `POST /time-sheets/{id}/transitions/submit` hands it in."""
    check_scope(request, "write", LABEL)
    user, person = actor(request), _me(request)
    lines = []
    for number, line in enumerate(data.lines):
        for text in line.comments:
            refuse_unstorable(f"lines.{number}.comments", text)
        activity = Activity.objects.select_related("plan").filter(pk=line.activity).first() if line.activity else None
        if line.activity and activity is None:
            raise Invalid({f"line-{number}": [_("This activity belongs to another project.")]})
        comments = [*line.comments, *[""] * (7 - len(line.comments))]
        lines.append(
            WeekLine(_project(user, line.project, person), activity, line.minutes, comments, line.capitalisable)
        )
    saved = save_week(person=person, week=_monday(day), lines=lines, by=user, version=data.version)
    return _shown(saved)


def _me(request: HttpRequest) -> Person:
    user = actor(request)
    person = own_person(user)
    if person is None or not can(user, "create", TimeSheet(person=person, monday=dt.date(2000, 1, 3))):
        raise NotAllowed(_("Your account belongs to no person: hours are recorded by people."))
    return person


def _monday(day: dt.date) -> dt.date:
    if not 2000 <= day.year <= 2199:
        raise Invalid({"day": [_("There is no such week.")]})
    return monday(day)


def _project(user: User, key: str, person: Person | None = None) -> Project:
    """By its key, whether its hours may be recorded or not: the service says so without telling what it is."""
    refuse_unstorable("project", key)
    found = Project.objects.filter(key=key).first()
    if found is None:
        raise Invalid({"project": [_("There is no project “%(key)s”.") % {"key": key}]})
    if person is None and not can(user, "view", found):
        raise Invalid({"project": [_("There is no project “%(key)s”.") % {"key": key}]})
    return found


def _shown(sheet: TimeSheet) -> dict[str, Any]:
    return {
        "sheet": sheet.pk, "version": sheet.version, "monday": sheet.monday, "state": sheet.state,
        "lines": [
            {
                "project": line.project.key, "activity": line.activity.pk if line.activity else None, "minutes": line.minutes,
                "comments": line.comments, "capitalisable": line.capitalisable,
            }
            for line in lines_of(sheet)
        ],
    }  # fmt: skip


@router.get("/hours-by-project-month", response={200: list[ProjectHoursOut], **READ_PROBLEMS}, tags=TAGS)
def project_months(request: HttpRequest, first: int | None = MONTH, last: int | None = MONTH) -> Any:
    """Approved minutes by project and month; sums of fewer than five people are withheld."""
    check_scope(request, "read", "portfolio.project")
    require(actor(request), "hours", "portfolio.project")
    for month in (first, last):
        if month is not None:
            month_days(month)
    return [
        {
            "project": line.key, "months": [{"month": month, "minutes": minutes} for month, minutes in sorted(line.months.items())],
            "minutes_shown": line.total, "capitalisable_shown": line.capitalisable,
        }
        for line in hours_by_project_month(actor(request), first, last)
    ]  # fmt: skip
