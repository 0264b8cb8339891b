"""Time sheets of a month in a few queries: how many of each state, and how many that are expected are missing."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.utils import timezone

from stellwerk.controlling.months import last_day
from stellwerk.people.models import Organisation, Person
from stellwerk.people.selectors.working_time import working_minutes
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import AllocationWeek, TimeSheet
from stellwerk.resources.selectors.timesheets import RECORDING_WEEKS
from stellwerk.resources.weeks import WEEK, monday

BEGUN = ("open", "rejected")


@dataclass(frozen=True)
class SheetCount:
    """``missing``: weeks of people that are expected (see ``resources.selectors.timesheets.recorders``) and not handed in."""

    states: Counter[str]
    missing: int


def count_sheets(organisation: Organisation, month: dt.date) -> SheetCount:
    """Of the organisation's people, in the weeks that ``month`` touches; a week is missing when it is over."""
    first, last = monday(month), monday(last_day(month))
    over = min(last, monday(timezone.localdate()) - WEEK)
    weeks = [first + WEEK * at for at in range(max(0, (over - first).days // 7 + 1))]
    people = {person.pk: person for person in Person.objects.filter(unit__organisation=organisation, archived_at=None)}
    rows = TimeSheet.objects.filter(
        person__unit__organisation=organisation, monday__gte=first - RECORDING_WEEKS * WEEK, monday__lte=last
    )
    states: Counter[str] = Counter()
    recorded: dict[int, set[dt.date]] = defaultdict(set)
    handed_in: set[tuple[int, dt.date]] = set()
    for person, week, state in rows.order_by().values_list("person_id", "monday", "state"):
        recorded[person].add(week)
        if week >= first:
            states[state] += 1
        if state not in BEGUN:
            handed_in.add((person, week))
    booked = AllocationWeek.objects.filter(
        monday__in=weeks, minutes__gt=0, allocation__state__in=(*HARD, "completed"), allocation__person__in=people
    )
    expected = set(booked.order_by().values_list("allocation__person_id", "monday").distinct())
    expected |= {
        (person, week)
        for person, known in recorded.items()
        for week in weeks
        if any(week - RECORDING_WEEKS * WEEK <= one < week for one in known)
    }
    wanted = [(pk, week) for pk, week in expected - handed_in if pk in people and _there(people[pk], week)]
    return SheetCount(states, _worked(wanted, weeks))


def _there(person: Person, week: dt.date) -> bool:
    """Employed from Monday to Friday."""
    return (person.entry_date is None or person.entry_date <= week) and (
        person.exit_date is None or person.exit_date >= week + dt.timedelta(days=4)
    )


def _worked(wanted: list[tuple[int, dt.date]], weeks: list[dt.date]) -> int:
    """How many of these weeks had working time at all."""
    if not wanted:
        return 0
    days = working_minutes(sorted({pk for pk, _week in wanted}), weeks[0], weeks[-1] + dt.timedelta(days=6))
    return sum(int(days.net[days.row[pk], (at := days.column(week)) : at + 7].sum() > 0) for pk, week in wanted)
