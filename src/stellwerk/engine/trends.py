"""Milestone and cost trends (worked numbers: ``docs/algorithms/trends.md``)."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from stellwerk.engine.lights import Number, exact


@dataclass(frozen=True)
class TrendPoint:
    """At ``report`` the milestone was forecast for ``forecast``."""

    report: dt.date
    forecast: dt.date


@dataclass(frozen=True)
class MilestoneTrend:
    """``delay_days`` calendar days between first and last forecast (positive: later).

    ``slope`` is the move of the forecast per day of the last three reports, None with fewer than three points;
    ``hit`` is the day at which the trend meets the diagonal; ``never`` says that it does not (slope ≥ 1): red.
    """

    delay_days: int
    slope: Fraction | None = None
    hit: dt.date | None = None
    never: bool = False

    @property
    def direction(self) -> int:
        """+1 rising (delay), 0 flat (on time), −1 falling (early)."""
        return (self.delay_days > 0) - (self.delay_days < 0)


def milestone_trend(points: Sequence[TrendPoint]) -> MilestoneTrend | None:
    """The trend of one milestone; None without any point.

    Raises ``ValueError`` if two points have the same report date.
    """
    if not points:
        return None
    ordered = sorted(points, key=lambda point: point.report)
    if len({point.report for point in ordered}) != len(ordered):
        raise ValueError("two forecasts on one report date")
    delay = (ordered[-1].forecast - ordered[0].forecast).days
    if len(ordered) < 3:
        return MilestoneTrend(delay)
    first, last = ordered[-3], ordered[-1]
    slope = Fraction((last.forecast - first.forecast).days, (last.report - first.report).days)
    if slope >= 1:
        return MilestoneTrend(delay, slope, None, never=True)
    ahead = Fraction((last.forecast - last.report).days) / (1 - slope)
    days = int((Decimal(ahead.numerator) / Decimal(ahead.denominator)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    try:
        hit = last.report + dt.timedelta(days=days)
    except OverflowError:
        return MilestoneTrend(delay, slope, None, never=True)
    return MilestoneTrend(delay, slope, hit)


@dataclass(frozen=True)
class CostTrend:
    """Steps and sum of ΔEAC/BAC as ratios (0.01 = 1 %)."""

    steps: tuple[Decimal, ...]
    total: Decimal


def cost_trend(eacs: Sequence[Number], bac: Number) -> CostTrend | None:
    """ΔEAC/BAC from report to report; None with fewer than two forecasts or without a budget."""
    whole = exact(bac)
    if len(eacs) < 2 or whole == 0:
        return None
    values = [exact(value) for value in eacs]
    steps = tuple((after - before) / whole for before, after in itertools.pairwise(values))
    return CostTrend(steps, (values[-1] - values[0]) / whole)
