"""Earned schedule against the worked numbers and every edge of the method."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.engine.earned_value import (
    DatedPlan,
    EarnedSchedule,
    Reason,
    dated_schedule,
    sum_curves,
    sum_plans,
)
from stellwerk.engine.earned_value.many import earned_schedules, planned_durations
from stellwerk.engine.money import decimal

ALPHA = (0, 20, 60, 120, 200, 300, 390, 460, 500)


def test_alpha_to_the_digit() -> None:
    alpha = EarnedSchedule(ALPHA, 230, 5)
    assert alpha.es == Fraction("4.3")
    assert alpha.sv_t == Fraction("-0.7")
    assert alpha.spi_t == Fraction("0.86")
    assert alpha.pd == 8
    assert alpha.ieac_t is not None and decimal(alpha.ieac_t, 4) == Decimal("9.3023")
    assert alpha.tspi is not None and decimal(alpha.tspi, 4) == Decimal("1.2333")
    assert all(alpha.why(name) is None for name in ("es", "pd", "sv_t", "spi_t", "ieac_t", "tspi"))


def test_late_shows_what_spi_hides() -> None:
    late = EarnedSchedule(ALPHA, 500, 12, finished=10)
    assert (late.at, late.es, late.sv_t, late.spi_t, late.ieac_t) == (10, 8, -2, Fraction("0.8"), 10)
    assert late.tspi is None
    assert late.why("tspi") is Reason.COMPLETE


def test_early() -> None:
    early = EarnedSchedule(ALPHA, 500, 7)
    assert early.spi_t is not None and decimal(early.spi_t, 4) == Decimal("1.1429")
    assert early.ieac_t == 7


def test_the_actual_time_is_frozen_only_when_all_is_earned() -> None:
    assert EarnedSchedule(ALPHA, 499, 12, finished=10).at == 12


def test_nothing_earned() -> None:
    none = EarnedSchedule((0, 0, 0, 10), 0, 2)
    assert (none.es, none.sv_t, none.spi_t) == (0, -2, 0)
    assert none.ieac_t is None
    assert none.why("ieac_t") is Reason.NO_EARNED_VALUE


def test_no_time_elapsed() -> None:
    start = EarnedSchedule(ALPHA, 0, 0)
    assert start.spi_t is start.ieac_t is None
    assert start.why("spi_t") is start.why("ieac_t") is Reason.NO_TIME_ELAPSED
    assert start.tspi == 1


def test_on_a_plateau_the_later_period_counts() -> None:
    assert EarnedSchedule((0, 10, 10, 30), 10, 1).es == 2


def test_all_earned_counts_the_first_period_with_the_budget() -> None:
    done = EarnedSchedule((0, 10, 30, 30, 30), 30, 4)
    assert (done.es, done.pd) == (2, 2)


@pytest.mark.parametrize("elapsed", [8, 9])
def test_past_the_planned_end_nothing_can_still_be_on_time(elapsed: int) -> None:
    late = EarnedSchedule(ALPHA, 400, elapsed)
    assert late.tspi is None
    assert late.why("tspi") is Reason.PAST_PLANNED_DURATION


def test_without_a_budget_there_is_no_schedule() -> None:
    for plan in ((0,), (0, 0, 0)):
        none = EarnedSchedule(plan, 0, 1)
        for name in ("es", "pd", "sv_t", "spi_t", "ieac_t", "tspi"):
            assert getattr(none, name) is None
            assert none.why(name) is Reason.NO_BUDGET


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="ev: must lie between"):
        EarnedSchedule(ALPHA, 501, 1)
    with pytest.raises(ValueError, match="never falls"):
        EarnedSchedule((0, 10, 9), 1, 1)
    with pytest.raises(ValueError, match="begin with 0"):
        EarnedSchedule((5, 10), 1, 1)
    with pytest.raises(ValueError, match="elapsed: must not be negative"):
        EarnedSchedule(ALPHA, 1, -1)
    with pytest.raises(TypeError, match="elapsed: an exact number"):
        EarnedSchedule(ALPHA, 1, 1.5)  # type: ignore[arg-type]


plans = st.lists(st.integers(0, 50), min_size=1, max_size=12).map(lambda steps: (0, *accumulate(steps)))


@given(plans, st.data())
def test_earned_schedule_lies_where_the_plan_had_it(plan: tuple[int, ...], data: st.DataObject) -> None:
    ev = data.draw(st.integers(0, plan[-1]))
    one = EarnedSchedule(plan, ev, data.draw(st.integers(0, 20)))
    if one.es is None or one.pd is None:
        assert plan[-1] == 0
        return
    assert 0 <= one.es <= one.pd
    at = int(one.es)
    back = plan[at] + (one.es - at) * ((plan[at + 1] - plan[at]) if one.es > at else 0)
    assert back == ev
    if ev < plan[-1]:
        assert EarnedSchedule(plan, ev + 1, 1).es > one.es  # type: ignore[operator]
    for name in ("spi_t", "ieac_t", "tspi"):
        assert (getattr(one, name) is None) == (one.why(name) is not None)


@given(st.lists(st.lists(st.integers(0, 50), min_size=6, max_size=6), min_size=1, max_size=5), st.data())
def test_many_rows_are_as_one_by_one(steps: list[list[int]], data: st.DataObject) -> None:
    plan = np.cumsum(np.array(steps, np.int64), axis=1)
    ev = [data.draw(st.integers(0, int(row[-1]))) for row in plan]
    n, above, below = earned_schedules(plan, ev)
    for at, row in enumerate(plan):
        one = EarnedSchedule((0, *row.tolist()), ev[at], 1)
        assert int(n[at]) + Fraction(int(above[at]), int(below[at])) == (one.es or 0)
        assert int(planned_durations(plan)[at]) == (one.pd or 0)


def test_more_earned_than_planned_is_refused_with_its_row() -> None:
    with pytest.raises(ValueError, match="ev, row 1"):
        earned_schedules(np.array([[1, 2], [1, 2]], np.int64), [2, 3])


def working_days(first: dt.date, count: int) -> tuple[dt.date, ...]:
    days = [day for at in range(count * 2) if (day := first + dt.timedelta(at)).weekday() < 5]
    return tuple(days[:count])


MONDAY = dt.date(2026, 3, 2)


def test_on_working_days_a_friday_on_plan_is_on_plan() -> None:
    plan = DatedPlan(working_days(MONDAY, 20), (100,) * 20)
    friday = dt.date(2026, 3, 6)
    found = dated_schedule(plan, plan.planned(friday), friday)
    assert (found.schedule.es, found.schedule.at, found.schedule.spi_t) == (5, 5, 1)
    assert found.es_date == friday
    assert found.planned_finish == found.expected_finish == dt.date(2026, 3, 27)
    # The weekend after it is no delay.
    assert dated_schedule(plan, 500, dt.date(2026, 3, 8)).schedule.spi_t == 1


def test_half_as_fast_ends_as_much_later() -> None:
    plan = DatedPlan(working_days(MONDAY, 20), (100,) * 20)
    found = dated_schedule(plan, 500, dt.date(2026, 3, 13))  # a week's work in two
    assert found.schedule.spi_t == Fraction(1, 2)
    assert found.schedule.ieac_t == 40
    # 20 working days lie beyond the plan's 26 calendar days for 20: 1.3 calendar days each.
    assert found.expected_finish == dt.date(2026, 3, 27) + dt.timedelta(26)


def test_daily_plan_in_months() -> None:
    days = tuple(dt.date(2026, 1, 1) + dt.timedelta(at) for at in range(90))  # January to March
    plan = DatedPlan(days, (10,) * 90)
    found = dated_schedule(plan, 450, dt.date(2026, 2, 28))  # 45 of 59 days: the middle of February
    assert found.months("at") == 2
    assert found.months("pd") == 3
    assert found.months("es") == Fraction(3, 2)
    assert found.months("sv_t") == Fraction(-1, 2)
    assert found.es_date == dt.date(2026, 2, 14)
    late = dated_schedule(plan, 300, dt.date(2026, 4, 15))
    assert late.months("at") == Fraction(7, 2)


def test_a_date_beyond_the_calendar_is_none() -> None:
    days = tuple(dt.date(2026, 1, 1) + dt.timedelta(at) for at in range(300))
    plan = DatedPlan(days, (10**6,) * 300)
    found = dated_schedule(plan, 1, dt.date(2026, 9, 1))
    assert found.schedule.ieac_t is not None
    assert found.expected_finish is None
    assert found.months("ieac_t") is not None


def test_before_the_start_no_time_is_elapsed() -> None:
    plan = DatedPlan(working_days(MONDAY, 5), (1,) * 5)
    assert dated_schedule(plan, 0, dt.date(2026, 1, 1)).schedule.why("spi_t") is Reason.NO_TIME_ELAPSED


@given(st.lists(st.integers(1, 4), min_size=1, max_size=30), st.data())
def test_dates_and_months_never_run_backwards(gaps: list[int], data: st.DataObject) -> None:
    days = tuple(MONDAY + dt.timedelta(at) for at in accumulate(gaps))
    plan = DatedPlan(days, (1,) * len(days))
    points = sorted(
        data.draw(st.lists(st.fractions(0, 2 * len(days), max_denominator=7), min_size=2, max_size=6, unique=True))
    )
    months = [plan.months(point) for point in points]
    dates = [plan.date_at(point) for point in points]
    assert all(before < after for before, after in pairwise(months))
    assert all(before <= after for before, after in pairwise(dates))  # type: ignore[operator]


def test_a_programme_uses_the_summed_plan() -> None:
    days = working_days(MONDAY, 6)
    early, late = DatedPlan(days[:3], (10, 20, 30)), DatedPlan(days[2:], (5, 5, 5, 5))
    both = sum_plans([early, late])
    assert both.days == days
    assert both.amounts == (10, 20, 35, 5, 5, 5)
    found = dated_schedule(both, 65, days[3])
    assert found.schedule.es == 3
    assert sum_curves([(0, 10, 30), (0, 1, 2, 3, 4)]) == (0, 11, 32, 33, 34)
    assert sum_curves([]) == ()


def test_a_plan_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="must ascend"):
        DatedPlan((MONDAY, MONDAY), (1, 2))
    with pytest.raises(ValueError, match="one amount for each"):
        DatedPlan((MONDAY,), (1, 2))
    with pytest.raises(ValueError, match="must not be negative"):
        DatedPlan((MONDAY,), (-1,))
    with pytest.raises(ValueError, match="at least one day"):
        sum_plans([])
