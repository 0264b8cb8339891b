"""How earned value moved from data date to data date: indices, forecast, and the cost trend analysis (domain.md 3.6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from stellwerk.controlling import months as m
from stellwerk.controlling.selectors.evm_levels import LevelEv, LevelSources, Subject
from stellwerk.core.models import User
from stellwerk.engine.trends import CostTrend, cost_trend
from stellwerk.portfolio.models import Project

MOST: Final = 36
"""Ends of months that are looked back on."""
EACH_MONTH: Final = 13
"""Of several projects: so many ends of months, before them ends of half-years (each costs a measurement of all of them)."""


@dataclass(frozen=True)
class TrendPoint:
    """One data date; None where the figure is undefined."""

    day: dt.date
    bac: int
    pv: int
    ev: int
    ac: int
    eac: int
    cpi: Fraction | None
    spi: Fraction | None
    spi_t: Fraction | None
    estimated: bool
    rebaselined: bool = False
    """The budget is another one than at the point before: forecast and index are measured against another plan."""


@dataclass(frozen=True)
class Course:
    """The figures of a subject at its data date, and at the ends of the months before."""

    now: LevelEv
    points: tuple[TrendPoint, ...]

    @property
    def cost(self) -> CostTrend | None:
        """ΔEAC / BAC against the budget of the last date."""
        return cost_trend([one.eac for one in self.points], self.points[-1].bac) if self.points else None


def ends_before(day: dt.date, most: int = MOST) -> list[dt.date]:
    """The last days of the ``most`` months before ``day``, in order of time."""
    last = m.step(m.month_of(day), -1)
    return [m.last_day(month) for month in m.between(m.step(last, 1 - most), last)]


def ends_of(subject: Subject, day: dt.date, most: int = MOST) -> list[dt.date]:
    """The ends of months at which a subject is measured: of several projects fewer the longer ago they are."""
    ends = ends_before(day, most)
    if isinstance(subject, Project):
        return ends
    return [end for at, end in enumerate(reversed(ends)) if at < EACH_MONTH or end.month in (6, 12)][::-1]


def course_of(subject: Subject, day: dt.date, user: User | None, *, most: int = MOST) -> Course:
    """Figures at ``day`` and at each end of a month before, from the first month of the plan on."""
    ends = ends_of(subject, day, most)
    sources = LevelSources(subject, [*ends, day], user)
    now, first = sources.at(day), sources.first
    before = [sources.at(end) for end in ends if first is not None and end >= first]
    points: list[TrendPoint] = []
    for one in (*before, now):
        point = _point(one, points[-1] if points else None)
        if point is not None:
            points.append(point)
    return Course(now, tuple(points))


def _point(one: LevelEv, before: TrendPoint | None) -> TrendPoint | None:
    if one.roll is None:
        return None
    total, schedule = one.roll.total, one.schedule
    return TrendPoint(
        one.day, total.bac, total.pv, total.ev, total.ac, one.roll.eac, total.cpi, total.spi,
        schedule.schedule.spi_t if schedule is not None else None, one.estimated,
        before is not None and before.bac != total.bac,
    )  # fmt: skip
