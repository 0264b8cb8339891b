"""Curves over time: the S-curve of one project, and how its figures moved from report to report."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stellwerk.engine.earned_value.measures import Measures
from stellwerk.engine.money import minor, whole
from stellwerk.engine.trends import CostTrend, cost_trend

Entry = tuple[dt.date, int]
"""An amount in minor units that counts from a day on."""


def cumulative(entries: Iterable[Entry], grid: Sequence[dt.date]) -> tuple[int, ...]:
    """The sum of all entries up to the end of each day of ``grid``, which ascends (else ``ValueError``)."""
    if any(after <= before for before, after in itertools.pairwise(grid)):
        raise ValueError("grid: days must ascend")
    ordered = sorted((day, whole("amount", amount)) for day, amount in entries)
    result, total, at = [], 0, 0
    for day in grid:
        while at < len(ordered) and ordered[at][0] <= day:
            total += ordered[at][1]
            at += 1
        result.append(total)
    return tuple(result)


@dataclass(frozen=True)
class SCurve:
    """Cumulative amounts at the end of each day of ``grid``, minor units.

    ``earned`` and ``actual`` end at the data date (None after it); ``forecast`` begins there with the actual cost and ends at the estimate at completion.
    """

    grid: tuple[dt.date, ...]
    planned: tuple[int, ...]
    earned: tuple[int | None, ...]
    actual: tuple[int | None, ...]
    forecast: tuple[int | None, ...]


def s_curve(
    grid: Sequence[dt.date], data_date: dt.date, planned: Iterable[Entry], earned: Iterable[Entry], actual: Iterable[Entry],
    remaining: Iterable[Entry] = (),
) -> SCurve:  # fmt: skip
    """The S-curve. Entries are amounts of days, not sums; ``remaining`` is the estimate to complete by day.

    Remaining cost dated up to the data date is overdue: it counts right after it, so that the curve ends at AC + ETC.
    """
    next_day = data_date + dt.timedelta(1)
    rest = [(max(day, next_day), amount) for day, amount in remaining]
    booked = [(day, amount) for day, amount in actual if day <= data_date]
    spent = sum(amount for _day, amount in booked)

    def until(values: Sequence[int]) -> tuple[int | None, ...]:
        return tuple(value if day <= data_date else None for day, value in zip(grid, values, strict=True))

    later = cumulative(rest, grid)
    # The first point of the forecast is the last one of the actual cost, so that the lines meet.
    meets = max((day for day in grid if day <= data_date), default=None)
    ahead = tuple(
        spent + value if day > data_date or day == meets else None for day, value in zip(grid, later, strict=True)
    )
    return SCurve(
        tuple(grid), cumulative(planned, grid), until(cumulative(earned, grid)), until(cumulative(booked, grid)), ahead
    )


@dataclass(frozen=True)
class Move:
    """How one report differs from the one before: steps of CPI and SPI (None where one is undefined), of the forecast in minor units.

    ``rebaselined`` if the budget changed between the two: then index and forecast are measured against another plan.
    """

    date: dt.date
    cpi: Fraction | None
    spi: Fraction | None
    eac: int
    rebaselined: bool


@dataclass(frozen=True)
class IndexTrend:
    """``moves`` from report to report; ``cost`` is ΔEAC/BAC against the budget of the last report, None with fewer than two reports or no budget."""

    moves: tuple[Move, ...]
    cost: CostTrend | None


def _step(before: Fraction | None, after: Fraction | None) -> Fraction | None:
    return None if before is None or after is None else after - before


def index_trend(history: Sequence[tuple[dt.date, Measures]]) -> IndexTrend:
    """The trend over the reports of one project, in any order. Raises ``ValueError`` if two have the same date."""
    ordered = sorted(history, key=lambda one: one[0])
    if len({day for day, _measures in ordered}) != len(ordered):
        raise ValueError("two reports on one date")
    moves = tuple(
        Move(day, _step(old.cpi, new.cpi), _step(old.spi, new.spi), minor(new.eac) - minor(old.eac), old.bac != new.bac)
        for (_before, old), (day, new) in itertools.pairwise(ordered)
    )
    cost = cost_trend([minor(one.eac) for _day, one in ordered], ordered[-1][1].bac) if ordered else None
    return IndexTrend(moves, cost)
