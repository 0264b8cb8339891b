"""Hours per week as numbers: minutes by the Monday on which a week begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from stellwerk.core import formats

Weeks = Mapping[dt.date, int]
WORKING_DAYS = 5
DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def mondays(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The Mondays of all weeks that the period touches."""
    day = monday(first)
    while day <= last:
        yield day
        day += WEEK


def weekdays(first: dt.date, last: dt.date) -> dict[dt.date, int]:
    """Days from Monday to Friday in each week of a period."""
    found = {}
    for begin in mondays(first, last):
        start, end = max(begin, first), min(begin + dt.timedelta(days=WORKING_DAYS - 1), last)
        found[begin] = max(0, (end - start).days + 1)
    return found


def spread_rate(first: dt.date, last: dt.date, minutes: int) -> dict[dt.date, int]:
    """``minutes`` for each whole week; a week of which only some working days belong to the period gets their share."""
    days = weekdays(first, last)
    found = {week: minutes * count // WORKING_DAYS for week, count in days.items() if count}
    # A period of one weekend has no working day and still a need: its week takes it all.
    return found or {monday(first): minutes}


def spread_total(first: dt.date, last: dt.date, minutes: int) -> dict[dt.date, int]:
    """``minutes`` over the working days of a period; the shares add up exactly."""
    days = {week: count for week, count in weekdays(first, last).items() if count} or {monday(first): 1}
    total, seen, given = sum(days.values()), 0, 0
    found = {}
    for week, count in days.items():
        seen += count
        share = minutes * seen // total - given
        given += share
        if share:
            found[week] = share
    return found


def share_before(minutes: int, first: dt.date, last: dt.date, day: dt.date) -> int:
    """Minutes of a period within one week that lie before a day, spread over its days from Monday to Friday."""
    if day <= first:
        return 0
    if day > last:
        return minutes
    days = sum(weekdays(first, last).values())
    return minutes * sum(weekdays(first, day - DAY).values()) // days if days else minutes


def cut(weeks: Weeks, first: dt.date, last: dt.date) -> dict[dt.date, int]:
    """The weeks that the period touches."""
    begin = monday(first)
    return {week: minutes for week, minutes in weeks.items() if begin <= week <= last}


def left(weeks: Weeks, taken: Weeks) -> dict[dt.date, int]:
    """What of ``weeks`` is not taken, week by week."""
    return {week: rest for week, minutes in weeks.items() if (rest := minutes - taken.get(week, 0)) > 0}


def covered(weeks: Weeks, taken: Weeks) -> int:
    """Minutes of ``weeks`` that are taken: too much in one week does not fill another."""
    return sum(min(minutes, taken.get(week, 0)) for week, minutes in weeks.items())


def stored(weeks: Weeks) -> dict[str, int]:
    """As the audit trail keeps them."""
    return {week.isoformat(): minutes for week, minutes in sorted(weeks.items())}


def hours(minutes: int) -> Decimal:
    return Decimal(minutes) / 60


def hours_text(minutes: int) -> str:
    """``7,6 h``: one decimal where it is needed."""
    value = hours(minutes)
    decimals = 0 if minutes % 60 == 0 else 1
    return f"{formats.number(value, decimals)}{formats.NBSP}h"


def week_spans(days: Sequence[dt.date]) -> str:
    """``KW 12–14, 16``: weeks by their numbers, runs joined; the year where it changes."""
    parts: list[str] = []
    ordered = sorted(set(days))
    runs: list[list[dt.date]] = []
    for _key, members in groupby(enumerate(ordered), key=lambda pair: pair[1] - WEEK * pair[0]):
        runs.append([day for _at, day in members])
    for run in runs:
        start, end = run[0].isocalendar(), run[-1].isocalendar()
        text = f"{start.week}" if len(run) == 1 else f"{start.week}–{end.week}"
        parts.append(text)
    if not parts:
        return formats.NO_DATA
    return formats.iso_week(ordered[0]).rsplit(formats.NBSP, 1)[0] + formats.NBSP + ", ".join(parts)
