"""Time sheets for tests of this room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from stellwerk.people.models import Person
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import TimeSheet
from stellwerk.resources.services.timesheets import WeekLine, decide, save_week, submit

WEEK = dt.date(2026, 11, 9)
"""A Monday of a week without holidays in Hamburg."""
HALF = (240, 240, 240, 240, 240, 0, 0)


def line(project: Project, minutes: Sequence[int] = HALF, **values: Any) -> WeekLine:
    return WeekLine(project, minutes=tuple(minutes), **values)


def saved(cast: Any, who: str = "tom", *lines: WeekLine, week: dt.date = WEEK) -> TimeSheet:
    rows = list(lines) or [line(cast.project)]
    return save_week(person=cast.people[who], week=week, lines=rows, by=getattr(cast, who))


def submitted(cast: Any, who: str = "tom", *lines: WeekLine, week: dt.date = WEEK) -> TimeSheet:
    return submit(sheet=saved(cast, who, *lines, week=week), by=getattr(cast, who))


def approved(cast: Any, who: str = "tom", *lines: WeekLine, week: dt.date = WEEK) -> TimeSheet:
    result = decide(sheets=[submitted(cast, who, *lines, week=week)], step="approve", by=cast.rita)
    assert not result.refused, result.refused
    return result.done[0]


def colleagues(cast: Any, count: int, minutes: int = 60, *, unit: Any = None, week: dt.date = WEEK) -> list[Person]:
    """People of Rita's unit with an approved sheet on Paul's project, written as the services leave it."""
    from stellwerk.resources.models import TimeEntry
    from stellwerk.resources.selectors.timesheets_hours import month_of
    from stellwerk.resources.services.timesheets_sums import refresh_sheet

    found = []
    for number in range(count):
        person = Person.objects.create(
            key=f"PER-9{number:03d}", first_name="Kim", last_name=f"Nr {number}", unit=unit or cast.unit
        )
        sheet = TimeSheet.objects.create(person=person, monday=week, state="approved")
        TimeEntry.objects.create(sheet=sheet, project=cast.project, day=week, month=month_of(week), minutes=minutes)
        refresh_sheet(sheet)
        found.append(person)
    return found
