"""Earned value measures against the worked numbers of the method, and every edge of them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.engine.earned_value import Measures, Reason, Variant, roll_up
from stellwerk.engine.money import decimal, minor

ALPHA = Measures(bac=500, pv=300, ev=230, ac=260, bottom_up_etc=310)


def shown(value: Fraction | None, places: int) -> Decimal | None:
    return None if value is None else decimal(value, places)


def test_alpha_to_the_digit() -> None:
    assert (ALPHA.cv, ALPHA.sv) == (-30, -70)
    assert shown(ALPHA.cpi, 4) == Decimal("0.8846")
    assert shown(ALPHA.spi, 4) == Decimal("0.7667")
    forecasts = [shown(one, 2) for one in (ALPHA.eac1, ALPHA.eac2, ALPHA.eac3, ALPHA.eac4)]
    assert forecasts == [Decimal("530.00"), Decimal("565.22"), Decimal("658.11"), Decimal("570.00")]
    assert ALPHA.eac == ALPHA.eac2
    assert (ALPHA.forecast.variant, ALPHA.forecast.reason) == (Variant.CPI, None)
    assert shown(ALPHA.etc, 2) == Decimal("305.22")
    assert shown(ALPHA.vac, 2) == Decimal("-65.22")
    assert shown(ALPHA.tcpi_bac, 4) == Decimal("1.1250")
    assert shown(ALPHA.tcpi_eac, 4) == Decimal("0.8846")
    assert shown(ALPHA.overrun, 4) == Decimal("0.1304")
    assert shown(ALPHA.percent_complete, 2) == Decimal("0.46")
    assert all(ALPHA.why(name) is None for name in ("cpi", "spi", "eac2", "tcpi_bac", "overrun", "eac", "bac"))


def test_alpha_in_cents_rounds_to_the_cent() -> None:
    alpha = Measures(bac=50_000_000, pv=30_000_000, ev=23_000_000, ac=26_000_000, bottom_up_etc=31_000_000)
    assert minor(alpha.eac) == 56_521_739


def test_no_actual_cost_has_no_cpi_and_another_forecast() -> None:
    measures = Measures(100, 20, 20, 0)
    assert measures.cpi is None
    assert measures.why("cpi") is Reason.NO_ACTUAL_COST
    assert measures.eac2 is None
    assert measures.spi == 1
    assert (measures.eac, measures.forecast.variant, measures.forecast.reason) == (80, Variant.ONE_OFF, Reason.NO_ACTUAL_COST)  # fmt: skip
    with_etc = Measures(100, 20, 20, 0, 90)
    assert (with_etc.eac, with_etc.forecast.variant, with_etc.forecast.reason) == (90, Variant.BOTTOM_UP, Reason.NO_ACTUAL_COST)  # fmt: skip


def test_nothing_planned_yet_has_no_spi_and_no_forecast_by_it() -> None:
    measures = Measures(100, 0, 10, 20, variant=Variant.CPI_SPI)
    assert measures.spi is None
    assert measures.why("spi") is measures.why("eac3") is Reason.NO_PLANNED_VALUE
    assert measures.cpi == Fraction(1, 2)
    assert measures.forecast.reason is Reason.NO_PLANNED_VALUE
    assert measures.eac == 110


def test_nothing_earned_but_spent_is_a_cpi_of_zero() -> None:
    measures = Measures(100, 30, 0, 20)
    assert measures.cpi == 0
    assert measures.spi == 0
    assert measures.why("cpi") is None
    assert measures.eac2 is measures.eac3 is None
    assert measures.why("eac2") is measures.why("eac3") is Reason.NO_EARNED_VALUE
    assert (measures.eac, measures.forecast.reason) == (120, Reason.NO_EARNED_VALUE)


@pytest.mark.parametrize("variant", Variant)
def test_not_started_expects_the_budget_without_an_index(variant: Variant) -> None:
    measures = Measures(100, 0, 0, 0, variant=variant)
    assert measures.not_started
    assert measures.eac == 100
    assert measures.forecast.reason is Reason.NOT_STARTED
    for name in ("cpi", "spi", "tcpi_bac", "tcpi_eac"):
        assert getattr(measures, name) is None
        assert measures.why(name) is Reason.NOT_STARTED


def test_not_started_with_an_estimate_of_the_rest() -> None:
    assert Measures(100, 0, 0, 0, 120).eac == 100
    chosen = Measures(100, 0, 0, 0, 120, Variant.BOTTOM_UP)
    assert (chosen.eac, chosen.forecast.reason) == (120, None)


def test_a_spent_budget_with_work_left_is_unattainable() -> None:
    for spent in (100, 130):
        measures = Measures(100, 80, 70, spent)
        assert measures.tcpi_bac is None
        assert measures.why("tcpi_bac") is Reason.BUDGET_UNATTAINABLE
        assert measures.tcpi_eac == measures.cpi


def test_an_estimate_of_no_rest_with_work_left_has_no_tcpi() -> None:
    measures = Measures(100, 80, 70, 60, 0, Variant.BOTTOM_UP)
    assert measures.etc == 0
    assert measures.tcpi_eac is None
    assert measures.why("tcpi_eac") is Reason.NO_COST_LEFT


@pytest.mark.parametrize("variant", Variant)
@pytest.mark.parametrize(("pv", "spent"), [(100, 110), (100, 0), (60, 90), (0, 40)])
def test_complete_costs_what_it_cost(variant: Variant, pv: int, spent: int) -> None:
    measures = Measures(100, pv, 100, spent, 25, variant)
    assert measures.complete
    assert measures.eac == measures.eac1 == measures.eac2 == measures.eac3 == measures.eac4 == spent
    assert measures.etc == 0
    assert measures.forecast.reason is None
    assert measures.tcpi_bac is measures.tcpi_eac is None
    assert measures.why("tcpi_bac") is measures.why("tcpi_eac") is Reason.COMPLETE


def test_without_a_budget_no_index_is_made_up() -> None:
    measures = Measures(0, 0, 0, 50)
    assert measures.eac == 50
    for name in ("cpi", "spi", "tcpi_bac", "tcpi_eac", "percent_complete", "percent_spent", "overrun"):
        assert getattr(measures, name) is None
        assert measures.why(name) is Reason.NO_BUDGET


def test_credit_notes_above_the_cost_leave_no_cpi() -> None:
    measures = Measures(100, 10, 5, -3)
    assert measures.cpi is None
    assert measures.why("cpi") is Reason.NEGATIVE_ACTUAL_COST
    assert measures.eac == 92


def test_the_wanted_estimate_of_the_rest_is_missing() -> None:
    measures = Measures(100, 50, 40, 50, variant=Variant.BOTTOM_UP)
    assert (measures.eac, measures.forecast.variant, measures.forecast.reason) == (110, Variant.ONE_OFF, Reason.NO_BOTTOM_UP_ETC)  # fmt: skip


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="ev: must not exceed"):
        Measures(100, 50, 101, 0)
    with pytest.raises(ValueError, match="pv: must not exceed"):
        Measures(100, 101, 0, 0)
    with pytest.raises(ValueError, match="bac: must not be negative"):
        Measures(-1, 0, 0, 0)
    with pytest.raises(ValueError, match="bottom_up_etc: must not be negative"):
        Measures(100, 0, 0, 0, -1)
    for wrong in (1.5, "1", Decimal(1), True):
        with pytest.raises(TypeError, match="ac: an amount is a whole number"):
            Measures(100, 0, 0, wrong)  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        ALPHA.why("colour")


def test_a_programme_divides_sums_and_never_averages_ratios() -> None:
    small = Measures(100, 50, 50, 25)  # CPI 2
    large = Measures(1000, 500, 400, 800)  # CPI 0.5
    both = roll_up([small, large])
    assert both.total.cpi == Fraction(450, 825)
    assert both.total.cpi != Fraction(5, 4)  # the average
    assert both.eac == 50 + 2000
    assert both.vac == 1100 - 2050
    assert both.etc == 2050 - 825
    assert (both.parts, both.flagged, both.without_bottom_up, both.total.bottom_up_etc) == (2, 0, 2, None)


def test_the_estimate_of_the_rest_of_a_programme_needs_that_of_each_open_part() -> None:
    done, open_ = Measures(100, 100, 100, 90), Measures(100, 50, 50, 50, 60)
    assert roll_up([done, open_]).total.bottom_up_etc == 60
    assert roll_up([done, open_, Measures(10, 0, 0, 0)]).total.bottom_up_etc is None


def test_nothing_rolled_up_is_nothing() -> None:
    empty = roll_up([])
    assert (empty.total.bac, empty.eac, empty.parts, empty.total.cpi) == (0, 0, 0, None)


@st.composite
def measures(draw: st.DrawFn) -> Measures:
    bac = draw(st.integers(0, 10**12))
    within = st.one_of(st.just(0), st.just(bac), st.integers(0, bac))
    etc = draw(st.none() | st.integers(0, 10**12))
    return Measures(bac, draw(within), draw(within), draw(st.integers(0, 10**12)), etc, draw(st.sampled_from(Variant)))


@given(measures())
def test_undefined_has_a_reason_and_defined_has_none(one: Measures) -> None:
    for name in ("cpi", "spi", "eac1", "eac2", "eac3", "eac4", "tcpi_bac", "tcpi_eac", "percent_complete", "overrun"):
        assert (getattr(one, name) is None) == (one.why(name) is not None), name


@given(measures())
def test_bounds(one: Measures) -> None:
    assert one.etc + one.ac == one.eac
    assert one.vac + one.eac == one.bac
    if not one.forecast.reason and one.variant is not Variant.BOTTOM_UP:
        assert one.eac >= one.ac  # work that is left does not cost less than nothing
    if one.eac2 is not None and one.cpi is not None and one.cpi >= 1:
        assert one.eac2 <= one.bac
    if one.percent_complete is not None:
        assert 0 <= one.percent_complete <= 1


@given(st.lists(measures(), max_size=5))
def test_roll_up_adds_up_to_the_cent(parts: list[Measures]) -> None:
    found = roll_up(parts)
    assert found.eac == sum(minor(part.eac) for part in parts)
    assert found.total.cv == sum(part.cv for part in parts)
    assert found.etc + found.total.ac == found.eac
