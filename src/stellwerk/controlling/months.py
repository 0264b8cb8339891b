"""Months by their first day: steps, spans, names; plain functions over dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid


def month_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def step(month: dt.date, count: int = 1) -> dt.date:
    """``count`` months later (earlier, if negative)."""
    at = month.year * 12 + month.month - 1 + count
    return dt.date(at // 12, at % 12 + 1, 1)


def between(first: dt.date, last: dt.date) -> list[dt.date]:
    """The months from ``first`` to ``last``, both included; none if ``last`` is earlier."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [step(month_of(first), number) for number in range(max(0, count))]


def last_day(month: dt.date) -> dt.date:
    return step(month) - dt.timedelta(days=1)


def code(month: dt.date) -> str:
    return f"{month:%Y-%m}"


def parse(text: str) -> dt.date:
    """``2027-03`` to the first of March 2027. Raises ``Invalid``."""
    try:
        year, month = text.strip().split("-")
        if len(year) != 4 or len(month) != 2:
            raise ValueError
        found = dt.date(int(year), int(month), 1)
    except ValueError:
        raise Invalid({"month": [_("“%(text)s” is no month (write 2027-03).") % {"text": text[:20]}]}) from None
    if not 1990 <= found.year <= 2100:
        raise Invalid({"month": [_("%(month)s is no month of a project (1990 to 2100).") % {"month": text[:20]}]})
    return found


def weekdays(first: dt.date, last: dt.date) -> list[dt.date]:
    """Mondays to Fridays from ``first`` to ``last``; where there is none, ``first`` itself."""
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5] or [first]


def span(months: Iterable[dt.date]) -> list[dt.date]:
    """All months from the earliest to the latest of ``months``."""
    found = sorted(months)
    return between(found[0], found[-1]) if found else []
