"""Months, and minutes per week spread to them by working days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from stellwerk.resources.weeks import WORKING_DAYS

DAY: Final = dt.timedelta(days=1)
Works = Callable[[dt.date], bool]
"""Is this a working day?"""


def month_of(day: dt.date) -> dt.date:
    """The first day of the month."""
    return day.replace(day=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or its last day where it has no such day (31 January and one month: 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(day.day, (following - DAY).day))


def months_from(first: dt.date, count: int) -> tuple[dt.date, ...]:
    """First days of ``count`` months, the month of ``first`` included."""
    begin = month_of(first)
    return tuple(add_months(begin, at) for at in range(count))


def last_of(month: dt.date) -> dt.date:
    return add_months(month_of(month), 1) - DAY


def split_week(
    monday: dt.date, minutes: int, first: dt.date, last: dt.date, works: Works | None = None
) -> dict[dt.date, int]:
    """Minutes of one week by month (first day), in proportion to the working days between ``first`` and ``last``.

    ``works`` says which days somebody works, holidays left out; without it Monday to Friday. Where no day of the week
    counts, its whole days from Monday to Friday do; the shares always add up to ``minutes``.
    """
    begin, end = max(monday, first), min(monday + 6 * DAY, last)
    return (
        dict(_usual_split(monday, minutes, begin, end)) if works is None else _split(monday, minutes, begin, end, works)
    )


@lru_cache(maxsize=8192)
def _usual_split(monday: dt.date, minutes: int, begin: dt.date, end: dt.date) -> dict[dt.date, int]:
    return _split(monday, minutes, begin, end, lambda day: day.weekday() < WORKING_DAYS)


def _split(monday: dt.date, minutes: int, begin: dt.date, end: dt.date, works: Works) -> dict[dt.date, int]:
    inside = [begin + DAY * at for at in range((end - begin).days + 1)]
    days = [day for day in inside if works(day)]
    days = days or [day for day in inside if day.weekday() < WORKING_DAYS] or inside or [monday]
    found: dict[dt.date, int] = {}
    given = 0
    for seen, day in enumerate(days, start=1):
        share = minutes * seen // len(days) - given
        given += share
        month = month_of(day)
        found[month] = found.get(month, 0) + share
    return {month: share for month, share in found.items() if share}
