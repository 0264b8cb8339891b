"""Phasing, curves, forecasts and bridges: every cent comes out again."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.engine.earned_value import (
    Measures,
    Profile,
    bridge,
    bridge_of_parts,
    by_month,
    cumulative,
    forecast_to_total,
    index_trend,
    phase,
    phase_days,
    rolling_forecast,
    s_curve,
    stretched,
    weights_of,
)
from stellwerk.engine.earned_value.many import booked_curves, linear_curves, phased, ratio_curves
from stellwerk.engine.money import decimal, minor, spread

DAY = dt.date(2026, 3, 30)


def test_the_largest_remainder_gets_the_cent() -> None:
    assert spread(100, (1, 1, 1)) == (34, 33, 33)
    assert spread(10, (1, 2, 4)) == (1, 3, 6)  # 1.43, 2.86, 5.71
    assert spread(-100, (1, 1, 1)) == (-34, -33, -33)
    assert spread(0, (1, 2)) == (0, 0)
    assert spread(7, (0, Decimal("0.5"), Fraction(1, 2))) == (0, 4, 3)


def test_nothing_to_share_by_is_refused() -> None:
    for weights in ((), (0, 0)):
        with pytest.raises(ValueError, match="weights"):
            spread(5, weights)
    with pytest.raises(ValueError, match="weight: must not be negative"):
        spread(5, (2, -1))
    with pytest.raises(TypeError):
        spread(5, (0.5, 0.5))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a number"):
        spread(5, (Decimal("NaN"),))


def test_rounding_goes_away_from_zero() -> None:
    assert [minor(Fraction(value)) for value in ("2.5", "-2.5", "2.4999", "-0.5", "0")] == [3, -3, 2, -1, 0]
    assert decimal(Fraction(2, 3), 4) == Decimal("0.6667")
    assert str(decimal(Fraction(9, 8), 4)) == "1.1250"


def test_shapes_of_100_over_four_days() -> None:
    assert phase(10_000, 7) == (1429, 1429, 1429, 1429, 1428, 1428, 1428)
    assert phase(100, 4) == (25, 25, 25, 25)
    assert phase(100, 4, Profile.FRONT) == (40, 30, 20, 10)
    assert phase(100, 4, Profile.BACK) == (10, 20, 30, 40)
    assert phase(100, 4, Profile.BELL) == (20, 30, 30, 20)  # 4, 6, 6, 4
    assert phase(100, 1, Profile.BELL) == (100,)
    assert phase(100, 4, (60, 40)) == (30, 30, 20, 20)
    assert phase(100, 2, (10, 30, 40, 20)) == (40, 60)
    assert stretched((1, 2), 3) == (Fraction(2, 3), 1, Fraction(4, 3))


def test_phasing_needs_a_day() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        phase(100, 0)
    with pytest.raises(ValueError, match="at least one day"):
        phase_days(100, [])


def test_days_are_summed_by_month() -> None:
    days = [DAY + dt.timedelta(at) for at in range(3)]
    entries = phase_days(100, days)
    assert entries == ((days[0], 34), (days[1], 33), (days[2], 33))
    assert by_month(entries) == {dt.date(2026, 3, 1): 67, dt.date(2026, 4, 1): 33}


amounts = st.integers(-(10**11), 10**11)


@given(amounts, st.lists(st.integers(0, 10**6) | st.fractions(0, 100, max_denominator=50), min_size=1, max_size=20))
def test_shares_add_up_and_none_is_a_cent_off(amount: int, weights: list[int | Fraction]) -> None:
    if not any(weights):
        return
    shares = spread(amount, weights)
    assert sum(shares) == amount
    total = sum(Fraction(weight) for weight in weights)
    assert all(abs(share - amount * Fraction(weight) / total) < 1 for share, weight in zip(shares, weights, strict=True))  # fmt: skip


@given(st.lists(st.integers(0, 100), min_size=1, max_size=9), st.integers(1, 40))
def test_a_stretched_profile_keeps_its_sum(weights: list[int], length: int) -> None:
    assert sum(stretched(weights, length)) == sum(weights)
    assert len(stretched(weights, length)) == length


spans = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted)
activities = st.lists(st.tuples(st.integers(0, 2), spans, amounts), min_size=1, max_size=8)


@given(activities, st.sampled_from(Profile))
def test_many_are_phased_as_one_by_one(rows: list[tuple[int, list[int], int]], profile: Profile) -> None:
    row, day, share = phased([span[0] for _p, span, _a in rows], [span[1] for _p, span, _a in rows], [a for _p, _s, a in rows], profile)  # fmt: skip
    for at, (_project, (first, last), amount) in enumerate(rows):
        assert tuple(share[row == at].tolist()) == phase(amount, last - first + 1, profile)
        assert day[row == at].tolist() == list(range(first, last + 1))


@given(activities)
def test_the_quick_way_of_even_phasing_is_the_exact_one(rows: list[tuple[int, list[int], int]]) -> None:
    project = np.array([p for p, _s, _a in rows])
    first, last = [s[0] for _p, s, _a in rows], [s[1] for _p, s, _a in rows]
    amount = [a for _p, _s, a in rows]
    quick = linear_curves(project, first, last, amount, projects=3, days=31)
    row, day, share = phased(first, last, amount)
    assert np.array_equal(quick, booked_curves(project[row], day, share, projects=3, days=31))
    assert quick[:, -1].sum() == sum(amount)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10**9)), max_size=20))
def test_a_curve_of_amounts_never_falls_and_ends_at_their_sum(rows: list[tuple[int, int]]) -> None:
    grid = [DAY + dt.timedelta(at) for at in range(31)]
    curve = cumulative([(DAY + dt.timedelta(at), amount) for at, amount in rows], grid)
    assert all(before <= after for before, after in itertools.pairwise(curve))
    assert curve[-1] == sum(amount for _day, amount in rows)
    many = booked_curves([0] * len(rows), [at for at, _a in rows], [a for _d, a in rows], projects=1, days=31)
    assert tuple(many[0].tolist()) == curve


def test_rows_out_of_range_are_named() -> None:
    with pytest.raises(ValueError, match="day, row 1: 5 is not between 0 and 4"):
        booked_curves([0, 0], [0, 5], [1, 1], projects=1, days=5)
    with pytest.raises(ValueError, match="project, row 0"):
        booked_curves([1], [0], [1], projects=1, days=5)
    with pytest.raises(ValueError, match="last − first, row 0"):
        linear_curves([0], [3], [2], [1], projects=1, days=5)
    with pytest.raises(TypeError, match="amount"):
        booked_curves([0], [0], [1.5], projects=1, days=5)
    with pytest.raises(ValueError, match="too large for 64 bits"):
        phased([0], [9999], [1 << 55], Profile.BELL)
    with pytest.raises(ValueError, match="day: 1 rows where 2 are"):
        booked_curves([0, 0], [0], [1, 1], projects=1, days=5)


def test_an_index_without_a_divisor_has_no_point() -> None:
    found = ratio_curves(np.array([[1, 2, 3]], np.int64), np.array([[0, 4, -1]], np.int64))
    assert np.isnan(found[0, [0, 2]]).all()
    assert found[0, 1] == 0.5


def test_s_curve_ends_at_the_forecast() -> None:
    grid = [DAY + dt.timedelta(at) for at in range(6)]
    found = s_curve(
        grid, grid[2], planned=[(day, 100) for day in grid], earned=[(grid[1], 80), (grid[4], 999)],
        actual=[(grid[0], 50), (grid[2], 60), (grid[3], 999)], remaining=[(grid[0], 10), (grid[4], 200)],
    )  # fmt: skip
    assert found.planned == (100, 200, 300, 400, 500, 600)
    assert found.earned == (0, 80, 80, None, None, None)
    assert found.actual == (50, 50, 110, None, None, None)
    # What should have been spent before the data date is still to come: right after it.
    assert found.forecast == (None, None, 110, 120, 320, 320)
    with pytest.raises(ValueError, match="must ascend"):
        cumulative([], [DAY, DAY])


def test_cost_trend_is_one_three_four_and_eight_percent() -> None:
    eacs = (500, 505, 520, 540)
    history = [
        (DAY + dt.timedelta(14 * at), Measures(500, 100, 100, 100, eac - 100, variant="eac4"))  # type: ignore[arg-type]
        for at, eac in enumerate(eacs)
    ]
    trend = index_trend(history[::-1])
    assert trend.cost is not None
    assert trend.cost.steps == (Decimal("0.01"), Decimal("0.03"), Decimal("0.04"))
    assert trend.cost.total == Decimal("0.08")
    assert [move.eac for move in trend.moves] == [5, 15, 20]
    assert [move.cpi for move in trend.moves] == [0, 0, 0]
    assert not any(move.rebaselined for move in trend.moves)


def test_a_new_budget_is_marked_and_an_undefined_index_has_no_step() -> None:
    trend = index_trend([(DAY, Measures(100, 0, 0, 0)), (DAY + dt.timedelta(14), Measures(200, 10, 10, 10))])
    (move,) = trend.moves
    assert move.rebaselined
    assert move.cpi is move.spi is None
    assert index_trend([]).cost is None
    with pytest.raises(ValueError, match="two reports"):
        index_trend([(DAY, Measures(1, 0, 0, 0))] * 2)


def test_three_plus_nine() -> None:
    actual, plan = (90, 130, 80), (100,) * 12
    forecast = rolling_forecast(actual, plan, 3)
    assert forecast.name == "3+9"
    assert (forecast.actual, forecast.rest, forecast.total) == (300, 900, 1200)
    assert rolling_forecast((90,) * 12, plan, 6).total == 540 + 600
    assert rolling_forecast((90,) * 12, plan, 9).name == "9+3"
    assert rolling_forecast((), plan, 0).total == 1200


def test_the_rest_is_scaled_to_the_estimate_to_the_cent() -> None:
    forecast = forecast_to_total((90, 130, 80), (100,) * 8 + (0,) * 4, 3, 1301)
    assert forecast.months[3:] == (201, 200, 200, 200, 200, 0, 0, 0, 0)
    assert forecast.total == 1301
    assert forecast_to_total((5,), (5, 0, 0), 1, 8).months == (5, 2, 1)
    assert forecast_to_total((5, 5), (5, 5), 2, 10).total == 10
    with pytest.raises(ValueError, match="no open month"):
        forecast_to_total((5, 5), (5, 5), 2, 11)


def test_months_by_year_of_the_company() -> None:
    forecast = rolling_forecast((), (1,) * 30, 0)
    assert forecast.by_year() == (12, 12, 6)
    assert forecast.by_year(9) == (3, 12, 12, 3)
    with pytest.raises(ValueError, match="first_month"):
        forecast.by_year(12)


def test_a_missing_actual_month_is_refused() -> None:
    with pytest.raises(ValueError, match="2 closed months, but amounts for 1 only"):
        rolling_forecast((1,), (1, 1, 1), 2)
    with pytest.raises(ValueError, match="closed: must lie"):
        rolling_forecast((1,) * 4, (1, 1, 1), 4)


def test_a_bridge_leads_from_budget_to_forecast() -> None:
    found = bridge(500, 565, [("scope", 40), ("rates", 0), ("efficiency", 30)])
    assert [(step.key, step.amount, step.begin, step.end) for step in found.steps] == [
        ("scope", 40, 500, 540), ("efficiency", 30, 540, 570), (None, -5, 570, 565),
    ]  # fmt: skip
    assert found.unexplained == -5
    assert bridge(5, 5, []).steps == ()


parts = st.dictionaries(st.sampled_from("abcdef"), amounts, max_size=6)


@given(parts, parts)
def test_a_bridge_by_part_explains_everything(budget: dict[str, int], forecast: dict[str, int]) -> None:
    found = bridge_of_parts(budget, forecast)
    assert sum(step.amount for step in found.steps) == found.difference
    assert found.unexplained == 0
    assert all(after.begin == before.end for before, after in zip(found.steps, found.steps[1:], strict=False))
    sizes = [abs(step.amount) for step in found.steps]
    assert sizes == sorted(sizes, reverse=True)


def test_weights_are_whole() -> None:
    assert weights_of(Profile.BELL, 5) == (5, 8, 9, 8, 5)
