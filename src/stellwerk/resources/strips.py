"""Hours per week as a strip of cells: a table that a page draws, by month where the weeks are many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.resources.selectors.demands import Cover
from stellwerk.resources.weeks import Weeks, hours

MOST_WEEKS = 40


@dataclass(frozen=True)
class Cell:
    """Hours as text; ``press``: overload or shortage."""

    text: str
    press: bool = False


@dataclass(frozen=True)
class Line:
    label: str
    cells: tuple[Cell, ...]
    total: str = ""


@dataclass(frozen=True)
class Strip:
    heads: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


Group = Callable[[dt.date], tuple[int, int]]


def _week(day: dt.date) -> tuple[int, int]:
    year, week, _weekday = day.isocalendar()
    return year, week


def _month(day: dt.date) -> tuple[int, int]:
    return day.year, day.month


def _grouped(weeks: Weeks, group: Group) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for week, minutes in weeks.items():
        key = group(week)
        found[key] = found.get(key, 0) + minutes
    return found


def hour(minutes: int) -> str:
    """Hours with one decimal where it is needed; nothing is a dash."""
    if not minutes:
        return formats.NO_DATA
    return formats.number(hours(minutes), 0 if minutes % 60 == 0 else 1)


def strip(rows: Iterable[tuple[str, Weeks, bool]]) -> Strip | None:
    """Rows of (label, minutes by week, whether any minute is bad); None: there is nothing to show."""
    given = list(rows)
    days = sorted({week for _label, weeks, _bad in given for week, minutes in weeks.items() if minutes})
    if not days:
        return None
    group = _week if len(days) <= MOST_WEEKS else _month
    heads: dict[tuple[int, int], tuple[str, str]] = {}
    for day in days:
        heads.setdefault(group(day), _head(day, group))
    lines = []
    for label, weeks, bad in given:
        sums = _grouped(weeks, group)
        cells = tuple(Cell(hour(sums.get(key, 0)), bad and sums.get(key, 0) > 0) for key in heads)
        lines.append(Line(label, cells, hour(sum(weeks.values()))))
    return Strip(tuple(heads.values()), tuple(lines))


def _head(day: dt.date, group: Group) -> tuple[str, str]:
    """The head of a column and its long form."""
    if group is _week:
        return str(day.isocalendar().week), f"{formats.iso_week(day)} · {formats.day(day)}"
    return f"{day.month:02d}/{day.year % 100:02d}", f"{day.month:02d}/{day.year}"


def cover_strip(cover: Cover) -> Strip | None:
    """What a demand wants and has, week by week; lines without hours are left out."""
    missing = {week: cover.missing(week) for week in cover.wanted}
    rows = [
        (_("Wanted"), cover.wanted, False),
        (_("Firm"), cover.firm, False),
        (_("Reserved"), cover.reserved, False),
        (_("Asked for"), cover.asked, False),
        (_("Missing"), missing, True),
    ]
    return strip(row for row in rows if any(row[1].values()))
