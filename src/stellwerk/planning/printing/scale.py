"""Time on paper: points per day, and which months, weeks and quarters are named at that scale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.core.documents.numbers import Lang, Numbers
from stellwerk.core.formats import iso_week

ZOOMS: Final = {"week": 5.0, "month": 1.5, "quarter": 0.5, "year": 0.12}
"""Points per day of each zoom step that can be asked for."""
LEAST: Final = 0.12
"""Points per day below which nothing can be told apart; a plan of that length goes over several pages."""
UNITS: Final = (("day", 13.0), ("week", 2.0), ("month", 0.62), ("quarter", 0.19), ("year", 0.045), ("decade", 0.0))
"""The lower line of the heading at so many points per day or more; the upper line is the next larger one."""
ABOVE: Final = {"day": "month", "week": "month", "month": "year", "quarter": "year", "year": "decade", "decade": ""}
LATEST: Final = dt.date(2400, 1, 1).toordinal()


@dataclass(frozen=True)
class Scale:
    """``first`` is the day at the left edge, ``width`` the points of the whole chart."""

    first: float
    per_day: float
    width: float

    def x(self, day: float) -> float:
        return (day - self.first) * self.per_day

    def day(self, x: float) -> float:
        return self.first + x / self.per_day

    @property
    def unit(self) -> str:
        return next(unit for unit, least in UNITS if self.per_day >= least)


def ticks(unit: str, first: float, last: float) -> Iterator[int]:
    """Ordinals of the beginnings of ``unit`` from the one that holds ``first`` to beyond ``last``."""
    if not unit:
        return
    day = _begin(unit, dt.date.fromordinal(max(1, int(first))))
    while day.toordinal() <= min(last, LATEST):
        yield day.toordinal()
        day = _next(unit, day)
    yield day.toordinal()


def _begin(unit: str, day: dt.date) -> dt.date:
    match unit:
        case "day":
            return day
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day.replace(year=day.year // 10 * 10, month=1, day=1)


def _next(unit: str, day: dt.date) -> dt.date:
    match unit:
        case "day":
            return day + dt.timedelta(days=1)
        case "week":
            return day + dt.timedelta(days=7)
        case "month" | "quarter":
            months = day.year * 12 + day.month - 1 + (1 if unit == "month" else 3)
            return dt.date(months // 12, months % 12 + 1, 1)
    return day.replace(year=day.year + (1 if unit == "year" else 10))


SHORTEST: Final = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365, "decade": 3652}
"""Days that a unit has at least: its label must fit into them, so that all of a line look alike."""


def label(unit: str, ordinal: int, language: Lang, *, top: bool = True) -> list[str]:
    """What stands in the heading, the longest first: what fits is taken. Below a line of years a month needs none."""
    day = dt.date.fromordinal(ordinal)
    numbers = Numbers(language)
    match unit:
        case "day":
            return [str(day.day)]
        case "week":
            return [iso_week(day), str(day.isocalendar().week)]
        case "month":
            return [numbers.long_month(day)] if top else [numbers.month_name(day)]
        case "quarter":
            return [_("Q%(number)s") % {"number": (day.month - 1) // 3 + 1}]
        case "year":
            return [str(day.year), f"{day.year % 100:02d}"]
    return [f"{day.year}–{day.year + 9}", str(day.year)]
