"""Internal rates of return: all of them, none invented, exact to ten digits."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stellwerk.engine.investment import Reason, irr, npv, sign_changes

WORKED = (-100, 30, 35, 40, 30, 20)


def test_the_worked_case_returns_17_5952_percent() -> None:
    found = irr(WORKED)
    assert found.rate is not None
    assert round(found.rate * 100, 4) == Decimal("17.5952")
    assert found.reason is None
    assert not found.borrowing
    assert not found.decide_by_npv


def test_two_rates_are_both_reported_and_decide_nothing() -> None:
    found = irr((-100, 230, -132))
    assert found.rates == (Decimal("0.1"), Decimal("0.2"))
    assert found.rate is None
    assert found.reason is Reason.SEVERAL_RATES
    assert found.decide_by_npv


def test_three_rates_one_of_them_negative() -> None:
    assert irr(_flows([Fraction(-1, 2), Fraction(0), Fraction(1, 4)])).rates == (Decimal("-0.5"), 0, Decimal("0.25"))


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ((), Reason.NO_FLOWS), ((0, 0), Reason.NO_FLOWS), ((-5,), Reason.NO_SIGN_CHANGE), ((-5, 0, -3), Reason.NO_SIGN_CHANGE),
        ((1, 2, 3), Reason.NO_SIGN_CHANGE), ((100, -100, 100), Reason.NO_REAL_RATE), ((-100, 200, -101), Reason.NO_REAL_RATE),
    ],
)  # fmt: skip
def test_no_rate_says_why(flows: tuple[int, ...], reason: Reason) -> None:
    found = irr(flows)
    assert (found.rates, found.rate, found.reason) == ((), None, reason)
    assert found.decide_by_npv


def test_a_rate_that_only_touches_zero_is_one_rate() -> None:
    assert irr((-100, 200, -100)).rates == (0,)
    assert irr(_flows([Fraction(1, 10)] * 2 + [Fraction(1)])).rates == (Decimal("0.1"), 1)


def test_a_close_miss_is_no_rate_and_a_close_pair_is_two() -> None:
    assert irr((-(10**9), 2 * 10**9, -(10**9) - 1)).reason is Reason.NO_REAL_RATE
    assert len(irr((-(10**9), 2 * 10**9, -(10**9) + 1)).rates) == 2


def test_years_without_a_flow_count() -> None:
    assert irr((0, 0, -100, 0, 121, 0)).rates == (Decimal("0.1"),)


def test_money_that_comes_first_is_borrowed() -> None:
    found = irr((100, -110))
    assert found.rates == (Decimal("0.1"),)
    assert found.borrowing


def test_a_total_loss_stays_above_minus_100_percent() -> None:
    (rate,) = irr((-(10**15), 1)).rates
    assert rate > -1
    assert npv((1, 1), rate) > 0
    assert irr((-1, 10**12)).rates == (10**12 - 1,)


def test_rates_on_halves_do_not_hide_their_neighbours() -> None:
    # x = 1/(1 + r) = 1, 1/2, 1/4, 1/8 are the very points at which intervals are halved.
    rates = [Fraction(0), Fraction(1), Fraction(3), Fraction(7)]
    assert irr(_flows(rates)).rates == (0, 1, 3, 7)


def test_long_flows_have_all_their_rates_at_once() -> None:
    monthly = [-(10**6)] + [20_000] * 120 + [-(10**6)] + [30_000] * 120 + [-500_000]
    found = irr(monthly)
    assert found.rates
    assert len(found.rates) <= sign_changes(monthly)
    step = Decimal("1e-10")
    for rate in found.rates:
        assert npv(monthly, rate - step) * npv(monthly, rate + step) < 0


def test_too_long_flows_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 600"):
        irr([-1] + [1] * 600)
    repeated = [-1, *(0 for _ in range(80)), 2, *(0 for _ in range(80)), -1]
    with pytest.raises(ValueError, match="more than 120 years"):
        irr(repeated)
    for wrong in (1.5, Decimal(1), "1"):
        with pytest.raises(TypeError, match="flow"):
            irr((-1, wrong))  # type: ignore[arg-type]


def _flows(rates: list[Fraction], extra: tuple[int, ...] = (1,)) -> tuple[int, ...]:
    """Flows with exactly these rates: the product of ((1 + r)·x − 1), with whole coefficients, times ``extra``."""
    flows = [Fraction(value) for value in extra]
    for rate in rates:
        flows = [
            (1 + rate) * before - after
            for before, after in zip([Fraction(0), *flows], [*flows, Fraction(0)], strict=True)
        ]
    scale = math.lcm(*(flow.denominator for flow in flows))
    return tuple(int(flow * scale) for flow in flows)


known = st.fractions(Fraction(-9, 10), 8, max_denominator=20)


@given(st.lists(known, min_size=1, max_size=5), st.sampled_from([(1,), (1, 1), (5, 2, 1), (1, 0, 3)]))
@example([Fraction(1), Fraction(3), Fraction(0)], (1,))
@example([Fraction(1), Fraction(1), Fraction(1, 3)], (1, 1))
def test_exactly_the_rates_that_were_put_in_come_out(rates: list[Fraction], extra: tuple[int, ...]) -> None:
    # ``extra`` has no positive root, so it adds none.
    found = irr(_flows(rates, extra)).rates
    wanted = sorted(set(rates))
    assert len(found) == len(wanted)
    assert all(abs(Fraction(rate) - want) <= Fraction(1, 2 * 10**10) for rate, want in zip(found, wanted, strict=True))


@given(st.lists(st.integers(-(10**9), 10**9), max_size=14))
@example([-100, 230, -132])
def test_npv_is_zero_at_each_rate_and_there_are_no_more_than_sign_changes(flows: list[int]) -> None:
    found = irr(flows)
    assert len(found.rates) <= sign_changes(flows)
    assert list(found.rates) == sorted(set(found.rates))
    assert (found.reason is None) == (len(found.rates) == 1)
    step = Decimal("1e-10")
    for rate in found.rates:
        # The slope by the flows themselves bounds what 10⁻¹⁰ of rate can change.
        slope = sum(year * abs(flow) / (1 + float(rate)) ** (year + 1) for year, flow in enumerate(flows))
        assert abs(npv(flows, rate)) <= slope * 1e-10 + 1e-9
        if sign_changes(flows) == 1 and rate > Decimal("-0.999"):
            assert npv(flows, rate - step) * npv(flows, rate + step) <= 0
