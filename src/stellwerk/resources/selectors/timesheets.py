"""What is read about time sheets: the week of a person, what may be booked, what looks odd, who has not delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible
from stellwerk.people.models import Person
from stellwerk.people.selectors import employed
from stellwerk.people.selectors.working_time import WorkingDays, working_minutes
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import Allocation, AllocationWeek, TimeEntry, TimeSheet
from stellwerk.resources.weeks import WEEK, monday
from stellwerk.resources.worktime import sum_text

OVER = ("closed", "stopped")
"""Phases of projects that take no more hours."""
LONG_DAY = 10 * 60
"""More than this on one day is allowed in exceptions only (§ 3 ArbZG)."""
MOST_ACTIVITIES = 25
RECORDING_WEEKS = 8
EDITABLE = ("open", "rejected")
"""States in which the person changes the hours."""

Key = tuple[int, int | None]
"""A row of the grid: numbers of the project and of the activity (or none)."""


def days_of(week: dt.date) -> list[dt.date]:
    return [week + dt.timedelta(days=at) for at in range(7)]


@dataclass
class Line:
    """A row of the grid: minutes and comments from Monday to Sunday. ``booked``: minutes of firm bookings in this week."""

    project: Project
    activity: Activity | None = None
    minutes: list[int] = field(default_factory=lambda: [0] * 7)
    comments: list[str] = field(default_factory=lambda: [""] * 7)
    capitalisable: bool = False
    booked: int = 0

    @property
    def key(self) -> Key:
        return self.project.pk, self.activity.pk if self.activity else None

    @property
    def total(self) -> int:
        return sum(self.minutes)


def sheet_of(person: Person, week: dt.date) -> TimeSheet:
    """The sheet of a week; a new one (not stored, version 0) where nothing is recorded yet."""
    found = TimeSheet.objects.filter(person=person, monday=week).select_related("person__unit").first()
    return found or TimeSheet(person=person, monday=week, version=0)


def lines_of(sheet: TimeSheet) -> list[Line]:
    """Recorded lines in the order in which they were begun; corrections are added up."""
    found: dict[Key, Line] = {}
    if sheet.pk is None:
        return []
    rows = TimeEntry.objects.filter(sheet=sheet).select_related("project", "activity__plan__project")
    for entry in rows.order_by("pk"):
        key = (entry.project_id, entry.activity_id)
        line = found.setdefault(key, Line(entry.project, entry.activity))
        at = (entry.day - sheet.monday).days
        line.minutes[at] += entry.minutes
        line.comments[at] = "; ".join(part for part in (line.comments[at], entry.comment) if part)
        line.capitalisable = line.capitalisable or entry.capitalisable
    return list(found.values())


def suggested_lines(person: Person, week: dt.date) -> list[Line]:
    """Rows without hours: firm bookings of the week, then activities of a plan that the person works on."""
    found: dict[Key, Line] = {}
    booked = (
        AllocationWeek.objects.filter(
            monday=week, allocation__person=person, allocation__state__in=(*HARD, "completed"), allocation__archived_at=None
        )
        .order_by()
        .values_list("allocation_id")
        .annotate(total=Sum("minutes"))
    )  # fmt: skip
    minutes = dict(booked)
    rows = Allocation.objects.filter(pk__in=minutes).select_related(
        "demand__project", "demand__activity__plan__project"
    )
    for row in rows.order_by("demand__project__key", "pk"):
        line = Line(row.demand.project, row.demand.activity)
        line = found.setdefault(line.key, line)
        line.booked += minutes[row.pk]
    for activity in assigned_activities(person, week):
        line = Line(activity.plan.project, activity)
        found.setdefault(line.key, line)
    return [line for line in found.values() if not closed(line.project)]


def assigned_activities(person: Person, week: dt.date) -> list[Activity]:
    """Open activities that the person is assigned to or responsible for and that touch the week."""
    rows = Activity.objects.filter(
        Q(assignments__resource__person=person) | Q(responsible=person),
        summary=False, start__lt=week + WEEK, finish__gte=week, actual_finish=None, plan__project__archived_at=None,
    )  # fmt: skip
    return list(
        rows.select_related("plan__project").order_by("plan__project__key", "position").distinct()[:MOST_ACTIVITIES]
    )


def closed(project: Project) -> bool:
    """Does this project take no more hours?"""
    return project.archived or project.phase in OVER


def bookable_projects(user: User | None, person: Person) -> QuerySet[Project]:
    """Open projects that a person may record hours on: those they are booked for or work in, and those they may see."""
    near = Q(members__person=person) | Q(demands__allocations__person=person, demands__allocations__state__in=HARD)
    assigned = Activity.objects.filter(Q(assignments__resource__person=person) | Q(responsible=person))
    near |= Q(pk__in=assigned.order_by().values("plan__project"))
    seen = visible(user, Project) if user is not None else Q()
    numbers = Project.objects.filter(near | seen).order_by().values("pk")
    return Project.objects.filter(pk__in=numbers, archived_at=None).exclude(phase__in=OVER).order_by("key")


def proposal(person: Person, week: dt.date, lines: Sequence[Line]) -> list[Line]:
    """Booked hours spread over the days on which the person works, as a first entry; days without work stay empty."""
    days = working_minutes([person], week, week + dt.timedelta(days=6))
    weights = [int(minutes) for minutes in days.net[0]]
    total = sum(weights)
    for line in lines:
        if not line.booked or not total:
            continue
        given = seen = 0
        for at, weight in enumerate(weights):
            seen += weight
            # Whole quarter hours, which people record; the shares still add up to the booking.
            share = round(line.booked * seen / total / 15) * 15 - given
            line.minutes[at] = max(share, 0)
            given += share
    return list(lines)


def last_week(person: Person, week: dt.date) -> list[Line]:
    """The lines of the week before, without comments, on projects that are still open."""
    sheet = TimeSheet.objects.filter(person=person, monday=week - WEEK).first()
    lines = [line for line in lines_of(sheet) if not closed(line.project)] if sheet else []
    for line in lines:
        line.comments = [""] * 7
        line.minutes = [max(minutes, 0) for minutes in line.minutes]
    return lines


def oddities(sheet: TimeSheet, lines: Iterable[Line], days: WorkingDays | None = None) -> list[str]:
    """What a reader should look at before the week is submitted or approved; nothing of it forbids to save."""
    days = days or working_minutes([sheet.person], sheet.monday, sheet.monday + dt.timedelta(days=6))
    row = days.row[sheet.person_id]
    offset = days.column(sheet.monday)
    per_day = [sum(line.minutes[at] for line in lines) for at in range(7)]
    found = []
    for at, (day, minutes) in enumerate(zip(days_of(sheet.monday), per_day, strict=True)):
        told = {"day": formats.day(day), "hours": sum_text(minutes)}
        gross, holiday = int(days.gross[row, offset + at]), int(days.holidays[row, offset + at])
        if minutes > LONG_DAY:
            found.append(_("%(day)s: %(hours)s. More than ten hours a day are allowed in exceptions only.") % told)
        if minutes <= 0:
            continue
        if days.absence[row, offset + at] >= gross - holiday > 0:
            found.append(_("%(day)s: %(hours)s on a day of absence. Please check the day or the absence.") % told)
        elif holiday:
            found.append(_("%(day)s: %(hours)s on a public holiday.") % told)
        elif not gross and at >= 5:
            found.append(_("%(day)s: %(hours)s on a weekend.") % told)
    return found


# ── who waits for whom ───────────────────────────────────────────────────────────────────────────


def to_approve(user: User) -> QuerySet[TimeSheet]:
    """Submitted sheets that this user decides on; never their own."""
    rows = TimeSheet.objects.filter(visible(user, TimeSheet, "approve"), state="submitted")
    return (
        rows.exclude(person__user_id=user.pk)
        .select_related("person__unit")
        .order_by("monday", "person__last_name", "pk")
    )


def has_approver(sheet: TimeSheet) -> bool:
    """Is there anybody but the person who may approve this sheet?"""
    from stellwerk.core.permissions import users_who_can

    return any(user.pk != sheet.person.user_id for user in users_who_can("approve", sheet))


def records_time(user: User) -> bool:
    """Does this user record hours at all: a person with a role that may?"""
    return can(user, "create", "resources.timesheet")


def recorders(week: dt.date) -> QuerySet[Person]:
    """People of whom a sheet of this week is expected: there all week long, and booked firmly in it or recording hours lately."""
    booked = AllocationWeek.objects.filter(monday=week, minutes__gt=0, allocation__state__in=(*HARD, "completed"))
    lately = TimeSheet.objects.filter(monday__lt=week, monday__gte=week - RECORDING_WEEKS * WEEK)
    return Person.objects.filter(
        employed(week), employed(week + dt.timedelta(days=4))
    ).filter(Q(pk__in=booked.values("allocation__person")) | Q(pk__in=lately.values("person")))  # fmt: skip


def missing(week: dt.date, people: QuerySet[Person] | None = None) -> list[Person]:
    """Expected people who worked in this week and have not submitted it."""
    return missing_by_week([week], people)[week]


def missing_by_week(weeks: Sequence[dt.date], people: QuerySet[Person] | None = None) -> dict[dt.date, list[Person]]:
    """The same for several weeks: one query for each, and the working time of all of them once."""
    wanted: dict[dt.date, list[Person]] = {}
    for week in weeks:
        done = TimeSheet.objects.filter(monday=week).exclude(state__in=("open", "rejected"))
        rows = (people if people is not None else recorders(week)).exclude(pk__in=done.values("person"))
        wanted[week] = list(rows.select_related("user", "unit").order_by("last_name", "first_name", "pk"))
    numbers = sorted({person.pk for rows in wanted.values() for person in rows})
    if not numbers:
        return wanted
    days = working_minutes(numbers, min(weeks), max(weeks) + dt.timedelta(days=6))
    for week, expected in wanted.items():
        at = days.column(week)
        wanted[week] = [person for person in expected if days.net[days.row[person.pk], at : at + 7].sum() > 0]
    return wanted


def previous_week(today: dt.date | None = None) -> dt.date:
    return monday(today or timezone.localdate()) - WEEK
