"""Days for which no rate holds although one held before and one follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from stellwerk.people.models.rates import Rate


def gaps(rates: Iterable[Rate]) -> list[tuple[dt.date, dt.date]]:
    """Days between the rates of one kind for which no rate holds: (first, last) of each gap, in order."""
    found: list[tuple[dt.date, dt.date]] = []
    end: dt.date | None = None
    for number, rate in enumerate(sorted(rates, key=lambda one: one.valid_from)):
        if number and end is not None and rate.valid_from > end + dt.timedelta(days=1):
            found.append((end + dt.timedelta(days=1), rate.valid_from - dt.timedelta(days=1)))
        if rate.valid_to is None:
            break
        end = rate.valid_to if end is None else max(end, rate.valid_to)
    return found
