"""Milestone and cost trends against the worked numbers of the method."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.engine.trends import TrendPoint, cost_trend, milestone_trend

REPORTS = [dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31), dt.date(2026, 4, 30), dt.date(2026, 5, 31)]
FORECASTS = [
    dt.date(2026, 6, 30),
    dt.date(2026, 6, 30),
    dt.date(2026, 7, 10),
    dt.date(2026, 7, 20),
    dt.date(2026, 7, 30),
]
POINTS = [TrendPoint(*pair) for pair in zip(REPORTS, FORECASTS, strict=True)]


def test_the_worked_example_is_hit_on_the_28th_of_august() -> None:
    trend = milestone_trend(POINTS)
    assert trend is not None
    assert trend.delay_days == 30
    assert trend.slope == Fraction(20, 61)
    assert trend.hit == dt.date(2026, 8, 28)
    assert trend.direction == 1


def test_fewer_than_three_points_have_no_slope() -> None:
    trend = milestone_trend(POINTS[:2])
    assert trend is not None
    assert (trend.delay_days, trend.slope, trend.hit, trend.never) == (0, None, None, False)
    assert milestone_trend([]) is None


def test_a_milestone_that_moves_a_day_each_day_is_never_reached() -> None:
    day = dt.date(2026, 1, 1)
    trend = milestone_trend([TrendPoint(day + dt.timedelta(d), day + dt.timedelta(50 + d)) for d in (0, 10, 20)])
    assert trend is not None
    assert trend.never
    assert trend.hit is None


def test_two_forecasts_on_one_day_are_refused() -> None:
    with pytest.raises(ValueError, match="one report date"):
        milestone_trend([POINTS[0], POINTS[0]])


@given(
    st.lists(
        st.tuples(st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)), st.dates()), unique_by=lambda p: p[0], max_size=8
    )
)
def test_any_history_has_a_trend_without_an_error(pairs: list[tuple[dt.date, dt.date]]) -> None:
    trend = milestone_trend([TrendPoint(*pair) for pair in pairs])
    assert (trend is None) == (not pairs)


def test_cost_trend_is_one_three_four_and_eight_percent_in_total() -> None:
    trend = cost_trend([500, 505, 520, 540], 500)
    assert trend is not None
    assert trend.steps == (Decimal("0.01"), Decimal("0.03"), Decimal("0.04"))
    assert trend.total == Decimal("0.08")
    assert cost_trend([500], 500) is None
    assert cost_trend([500, 510], 0) is None
