"""What the people of the demo company recorded in the last weeks: mostly approved, last week half submitted, somebody forgot."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import Exists, OuterRef

from stellwerk.demo.story import shut
from stellwerk.people.models import Person
from stellwerk.people.selectors.working_time import WorkingDays, working_minutes
from stellwerk.planning.choices import Kind
from stellwerk.planning.models import Activity, BaselineRow
from stellwerk.resources.models import AllocationWeek, HoursAgreement, TimeEntry, TimeSheet
from stellwerk.resources.services.timesheets_sums import rebuild_all
from stellwerk.resources.weeks import WEEK, monday

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

WEEKS: Final = 8
FORGOT: Final = 4 * WEEK
"""So long before the last week somebody handed nothing in."""
FULL: Final = 0.55
"""Whoever is booked for so much of the week spends the whole of it on these projects."""
FIRM: Final = ("hard", "active", "completed")
CAPITAL: Final = {"Softwareentwicklung", "SPS-Programmierung", "Konstruktion"}
NOTES: Final = (
    "Abstimmung mit dem Kunden", "Werksabnahme vorbereitet", "Fehler auf dem Prüfstand gesucht", "Unterlagen für die Behörde", "Baustelle",
    "Besprechung Leittechnik", "Nacharbeit Stromlaufpläne",
)  # fmt: skip


def add_time_sheets(company: Company) -> None:
    """Sheets of everybody with firm bookings in the last eight weeks; by bulk inserts."""
    rng = random.Random(company.size.seed * 17 + 3)
    last = last_worked(company.today)
    weeks = [last - WEEK * back for back in reversed(range(WEEKS))]
    booked: dict[tuple[int, dt.date], dict[int, int]] = defaultdict(dict)
    rows = AllocationWeek.objects.filter(monday__in=weeks, allocation__state__in=FIRM, minutes__gt=0).order_by("pk")
    for person, week, project, minutes in rows.values_list(
        "allocation__person_id", "monday", "allocation__demand__project_id", "minutes"
    ):
        own = booked[person, week]
        own[project] = own.get(project, 0) + minutes
    people = {person.pk: person for person in company.people if any((person.pk, week) in booked for week in weeks)}
    if not people:
        return
    days = working_minutes(list(people), weeks[0], last + dt.timedelta(days=6))
    forgot = (min(pk for pk in people if pk != company.cast["tom"].pk), last - FORGOT) if len(people) > 1 else None
    sheets = [
        TimeSheet(person=person, monday=week, state=state)
        for person in people.values()
        for week in weeks
        if (person.pk, week) in booked
        and (person.pk, week) != forgot
        and (state := _state(company, person, week, last, rng))
    ]
    sheets = TimeSheet.objects.bulk_create(sheets, batch_size=1000)
    work = _work({project for own in booked.values() for project in own}, company.today)
    entries: list[TimeEntry] = []
    for sheet in sheets:
        entries += _entries(sheet, people[sheet.person_id], booked[sheet.person_id, sheet.monday], days, work, rng)
    TimeEntry.objects.bulk_create(entries, batch_size=5000)
    rebuild_all()
    # Under negotiation: it does not count, and the demo shows what everybody sees without one.
    HoursAgreement.objects.create(
        organisation=company.organisation,
        reference="Betriebsvereinbarung Zeiterfassung (in Verhandlung)",
        purpose="Kapazitätsplanung kleiner Teams, keine Leistungs- oder Verhaltenskontrolle",
        signed_on=company.today + dt.timedelta(days=40),
        valid_from=company.today + dt.timedelta(days=42),
    )


def last_worked(today: dt.date) -> dt.date:
    """The Monday of the last week before this one in which the company was open on a working day."""
    week = monday(today) - WEEK
    while all(shut(week + dt.timedelta(days=at)) for at in range(5)):
        week -= WEEK
    return week


def _state(company: Company, person: Person, week: dt.date, last: dt.date, rng: random.Random) -> str:
    """Past months are locked, last week waits with the line managers; empty: the sheet is missing."""
    if person.pk == company.cast["tom"].pk and week >= last - WEEK:
        return "rejected" if week < last else "open"
    if person.unit_id == company.cast["rita"].unit_id and week == last:
        return "submitted"  # what waits for Rita
    if week == last:
        return rng.choices(("submitted", "open", ""), weights=(70, 12, 18))[0]
    if week == last - WEEK:
        return rng.choices(("approved", "submitted"), weights=(85, 15))[0]
    return "locked" if (week + WEEK).replace(day=1) < company.today.replace(day=1) else "approved"


class _Task(NamedTuple):
    """A work package and when somebody worked on it."""

    pk: int
    first: dt.date
    last: dt.date
    responsible: int | None
    role: int | None


def _work(projects: Iterable[int], today: dt.date) -> dict[int, list[_Task]]:
    """The work packages of the projects that are in a baseline and have begun, the shortest first."""
    rows = Activity.objects.filter(
        Exists(BaselineRow.objects.filter(activity=OuterRef("pk"), work__gt=0)), plan__project__in=list(projects), summary=False, active=True,
        kind=Kind.TASK, actual_start__isnull=False,
    ).order_by("plan", "position")  # fmt: skip
    found: dict[int, list[_Task]] = defaultdict(list)
    for project, pk, start, finish, responsible, role in rows.values_list(
        "plan__project_id", "pk", "actual_start", "actual_finish", "responsible_id", "responsible__role_id"
    ):
        if start is not None:
            found[project].append(_Task(pk, start.date(), finish.date() if finish else today, responsible, role))
    for tasks in found.values():
        tasks.sort(key=lambda task: (task.last - task.first, task.pk))
    return found


def _task_of(tasks: Iterable[_Task], person: Person, week: dt.date) -> int | None:
    """What of the project this person worked on in the week: their own package, else one of their role, else what was running."""
    running = [task for task in tasks if task.first <= week + dt.timedelta(days=4) and task.last >= week]
    own = [task for task in running if task.responsible == person.pk]
    alike = [task for task in running if task.role is not None and task.role == person.role_id]
    chosen = own or alike or running
    return chosen[person.pk % len(chosen)].pk if chosen else None


def _entries(
    sheet: TimeSheet,
    person: Person,
    booked: dict[int, int],
    days: WorkingDays,
    work: Mapping[int, list[_Task]],
    rng: random.Random,
) -> list[TimeEntry]:
    row, at = days.row[sheet.person_id], days.column(sheet.monday)
    net = [int(minutes) for minutes in days.net[row, at : at + 7]]
    total, wanted = sum(net), sum(booked.values())
    if not total or not wanted:
        return []
    spent = total if wanted >= FULL * total else wanted * rng.uniform(0.85, 1.15)
    capital = person.role is not None and person.role.name in CAPITAL
    found = []
    for project, minutes in booked.items():
        activity = _task_of(work.get(project, ()), person, sheet.monday)
        for weekday, worked in enumerate(net):
            share = worked / total * spent * minutes / wanted * rng.uniform(0.9, 1.1)
            rounded = round(share / 15) * 15
            if sheet.state == "open" and weekday > 2:
                continue  # filled up to Wednesday, then forgotten
            if rounded > 0:
                day = sheet.monday + dt.timedelta(days=weekday)
                found.append(
                    TimeEntry(
                        sheet=sheet, project_id=project, activity_id=activity, day=day, month=day.year * 100 + day.month, minutes=rounded,
                        comment=rng.choice(NOTES) if rng.random() < 0.07 else "", capitalisable=capital and rng.random() < 0.5,
                    )
                )  # fmt: skip
    return found
