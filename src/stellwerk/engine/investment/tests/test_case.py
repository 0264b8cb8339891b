"""Figures, sensitivities, options, follow-up and WiBe against worked numbers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.engine.investment import (
    RATE,
    Appraisal,
    Case,
    Flows,
    Kind,
    Line,
    Reason,
    Verdict,
    annuity,
    compare,
    dated_npv,
    delayed,
    discounted,
    follow_up,
    npv,
    payback,
    tornado,
    total,
    wibe,
    with_actuals,
)
from stellwerk.engine.money import decimal, minor

COSTS, BENEFITS = (100, 10, 10, 10, 10, 10), (0, 40, 45, 50, 40, 30)
EIGHT = Decimal("0.08")
WORKED = Case((Line("system", Kind.COST, COSTS), Line("savings", Kind.BENEFIT, BENEFITS)), EIGHT)


def shown(value: Fraction | None, places: int = 4) -> Decimal | None:
    return None if value is None else decimal(value, places)


def test_the_worked_case_to_the_digit() -> None:
    found = WORKED.appraisal
    assert shown(found.npv) == Decimal("25.2005")
    assert found.irr.rate is not None
    assert round(found.irr.rate * 100, 4) == Decimal("17.5952")
    assert found.payback == Fraction("2.875")
    assert shown(found.discounted_payback) == Decimal("3.4745")
    assert (shown(found.pv_benefits), shown(found.pv_costs)) == (Decimal("165.1276"), Decimal("139.9271"))
    assert shown(found.bcr) == Decimal("1.1801")
    assert shown(found.annuity) == Decimal("6.3116")
    flows = [shown(flow, 2) for flow in discounted(found.flows.net, EIGHT)]
    assert flows == [Decimal(flow) for flow in ("-100.00", "27.78", "30.01", "31.75", "22.05", "13.61")]
    assert found.flows.cumulative == (-100, -70, -35, 5, 35, 55)
    assert all(found.why(name) is None for name in ("irr", "payback", "discounted_payback", "bcr", "annuity"))


def test_year_0_is_not_discounted() -> None:
    assert npv((100,), EIGHT) == 100
    assert npv((0, 108), EIGHT) == 100
    assert discounted((7, 108), EIGHT) == (7, 100)
    assert npv((), EIGHT) == 0


def test_a_rate_of_minus_100_percent_is_refused() -> None:
    for rate in (-1, Decimal("-1.5")):
        with pytest.raises(ValueError, match="above −100 %"):
            npv((1, 2), rate)
    with pytest.raises(TypeError, match="rate"):
        npv((1, 2), 0.08)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="rate"):
        Case((), -1)


def test_dated_flows_count_days_of_365() -> None:
    flows = [(dt.date(2027, 1, 1), 1080), (dt.date(2026, 1, 1), -1000)]
    assert dated_npv(flows, EIGHT) == 0
    # The example of the spreadsheet's manual: 2086.65.
    known = [
        (dt.date(2008, 1, 1), -10_000), (dt.date(2008, 3, 1), 2750), (dt.date(2008, 10, 30), 4250), (dt.date(2009, 2, 15), 3250),
        (dt.date(2009, 4, 1), 2750),
    ]  # fmt: skip
    assert round(dated_npv(known, Decimal("0.09")), 2) == Decimal("2086.65")
    assert dated_npv([], EIGHT) == 0


def test_payback_edges() -> None:
    assert payback((-100, 50, 40)) is None
    assert Appraisal(Flows((100,), (0,)), EIGHT).why("payback") is Reason.NEVER_RECOVERED
    assert payback((-100, 100)) == 1
    assert payback((5, 5)) == 0
    assert payback((0, 0)) is None
    # Recovered in year 1, lost again in year 2: only the last time counts.
    assert payback((-100, 150, -100, 100)) == Fraction(5, 2)
    # A year without a flow does not recover anything.
    assert payback((-100, 0, 200)) == Fraction(3, 2)
    assert payback((-100, 110), Decimal("0.2")) is None


def test_without_costs_there_is_no_ratio() -> None:
    found = Appraisal(Flows((0, 0), (5, 5)), EIGHT)
    assert found.bcr is None
    assert found.why("bcr") is Reason.NO_COSTS
    assert found.irr.reason is found.why("irr") is Reason.NO_SIGN_CHANGE


def test_annuity_is_worth_the_value_it_spreads() -> None:
    yearly = annuity(1000, EIGHT, 5)
    assert yearly is not None
    assert npv((0, *[yearly] * 5), EIGHT) == 1000
    assert shown(yearly, 2) == Decimal("250.46")
    assert annuity(1000, 0, 4) == 250
    assert annuity(1000, EIGHT, 0) is None
    assert Appraisal(Flows((1,), (1,)), EIGHT).why("annuity") is Reason.NO_YEARS


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="cost of year 1"):
        Flows((1, -1), (0, 0))
    with pytest.raises(ValueError, match="same years"):
        Flows((1,), ())
    with pytest.raises(ValueError, match="licence, year 1"):
        Line("licence", Kind.COST, (1, -1))
    with pytest.raises(TypeError, match="licence"):
        Line("licence", Kind.COST, (1.5,))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="stands twice"):
        Case((WORKED.lines[0], WORKED.lines[0]), EIGHT)
    with pytest.raises(ValueError, match="drivers must differ"):
        Line("a", Kind.COST, (1,), drivers=("x", "x"))
    with pytest.raises(ValueError, match="none is called 'rate'"):
        Line("rate", Kind.COST, (1,))


def test_tornado_of_the_worked_case() -> None:
    bars = tornado(WORKED)
    assert [bar.driver for bar in bars] == ["savings", "system", RATE]
    savings, system, rate = bars
    assert (shown(savings.less), shown(savings.more)) == (Decimal("8.6877"), Decimal("41.7132"))
    assert (shown(system.less), shown(system.more)) == (Decimal("39.1932"), Decimal("11.2078"))
    # Savings may fall by 25.2005 / 165.1276, costs may rise by 25.2005 / 139.9271.
    assert shown(savings.break_even) == Decimal("-0.1526")
    assert shown(system.break_even) == Decimal("0.1801")
    assert shown(savings.break_even_value, 2) == Decimal("173.71")
    assert savings.base == 205
    assert rate.break_even_value is not None
    assert shown(rate.break_even_value) == Decimal("0.1760")
    assert rate.less > rate.more
    assert WORKED.npv_with({"savings": 1 + (savings.break_even or 0)}) == 0


def test_a_driver_of_several_lines() -> None:
    case = Case(
        (
            Line("licence", Kind.COST, (100, 20), drivers=("users", "price")),
            Line("hours", Kind.BENEFIT, (0, 200), drivers=("users",)),
            Line("nothing", Kind.BENEFIT, (0, 0)),
        ),
        Decimal(0),
    )
    bars = {bar.driver: bar for bar in tornado(case, Decimal("0.2"))}
    assert bars["users"].base is None
    assert (bars["users"].less, bars["users"].more) == (64, 96)
    assert bars["users"].break_even == -1  # nothing bought, nothing gained
    assert bars["price"].break_even == Fraction(80, 120)
    assert (bars["nothing"].break_even, bars["nothing"].reason) == (None, Reason.NO_INFLUENCE)
    assert case.npv_with({"users": 2, "price": Fraction(1, 2)}) == 400 - 120
    with pytest.raises(KeyError, match="colour"):
        case.npv_with({"colour": 1})


def test_a_break_even_beyond_all_is_out_of_reach() -> None:
    case = Case(
        (Line("cost", Kind.COST, (100,)), Line("a", Kind.BENEFIT, (300,)), Line("b", Kind.BENEFIT, (10,))), EIGHT
    )
    bars = {bar.driver: bar for bar in tornado(case)}
    assert bars["b"].reason is Reason.OUT_OF_REACH
    assert bars["a"].break_even == Fraction(-210, 300)
    assert bars[RATE].reason is Reason.NO_SIGN_CHANGE
    for change in (0, 1):
        with pytest.raises(ValueError, match="change"):
            tornado(case, change)


def test_benefits_that_come_a_year_later() -> None:
    late = delayed(WORKED, 1)
    assert late.sums(Kind.BENEFIT) == (0, 0, 40, 45, 50, 40)
    assert late.sums(Kind.COST) == COSTS
    assert delayed(WORKED, 1, keep_horizon=False).sums(Kind.BENEFIT) == (0, 0, 40, 45, 50, 40, 30)
    assert shown(late.appraisal.npv) == Decimal("-5.9363")
    with pytest.raises(ValueError, match="years"):
        delayed(WORKED, -1)


def test_options_against_doing_nothing() -> None:
    nothing = Case((Line("old system", Kind.COST, (0, 30, 30)),), EIGHT)
    renew = Case((Line("new system", Kind.COST, (40, 5, 5)),), EIGHT)
    grand = Case((Line("best system", Kind.COST, (90, 5, 5)), Line("sales", Kind.BENEFIT, (0, 10, 10))), EIGHT)
    found = compare({"nothing": nothing, "renew": renew, "grand": grand}, "nothing")
    assert [(option.key, option.rank) for option in found.options] == [("renew", 1), ("nothing", 2), ("grand", 3)]
    assert found.best.key == "renew"
    assert found.best.appraisal.irr.reason is Reason.NO_SIGN_CHANGE  # on its own it only costs
    against = found.best.against
    assert against is not None
    assert against.flows.net == (-40, 25, 25)
    assert against.npv == found.best.appraisal.npv - nothing.appraisal.npv
    assert against.irr.rate is not None
    assert round(against.irr.rate, 4) == Decimal("0.1626")
    assert against.why("bcr") is Reason.NO_COSTS  # it costs less in all
    assert found.options[1].against is None
    assert not found.lives_differ
    assert compare({"nothing": Case((), EIGHT), "renew": renew}, "nothing").lives_differ


def test_options_that_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="'nothing' is missing"):
        compare({"a": WORKED}, "nothing")
    with pytest.raises(ValueError, match="one rate"):
        compare({"a": WORKED, "b": Case((), Decimal("0.05"))}, "a")


def test_follow_up_explains_the_difference_to_the_cent() -> None:
    actual = with_actuals(WORKED, {"system": (120, 12), "savings": (0, 30)}, 2)
    assert actual.sums(Kind.COST) == (120, 12, 10, 10, 10, 10)
    assert actual.sums(Kind.BENEFIT) == (0, 30, 45, 50, 40, 30)
    found = follow_up(WORKED, actual)
    assert minor(found.approved.npv) == 25
    assert found.npv_difference == minor(found.now.npv) - 25
    assert [effect.key for effect in found.effects] == ["system", "savings"]
    assert sum(effect.amount for effect in found.effects) == found.npv_difference
    assert follow_up(WORKED, WORKED).effects == ()


def test_follow_up_of_the_worked_case_in_cents() -> None:
    cents = Case(
        tuple(Line(one.key, one.kind, tuple(100 * amount for amount in one.amounts)) for one in WORKED.lines), EIGHT
    )
    found = follow_up(cents, with_actuals(cents, {"system": (12_000, 1200), "savings": (0, 3000)}, 2))
    assert (minor(found.approved.npv), minor(found.now.npv)) == (2520, -591)
    assert [(effect.key, effect.amount) for effect in found.effects] == [("system", -2185), ("savings", -926)]


def test_follow_up_at_another_rate_and_with_other_lines() -> None:
    now = Case((WORKED.lines[1], Line("penalty", Kind.COST, (0, 5))), Decimal("0.05"))
    found = follow_up(WORKED, now)
    assert [effect.key for effect in found.effects] == [RATE, "system", "penalty"]
    assert sum(effect.amount for effect in found.effects) == found.npv_difference


def test_missing_actuals_are_refused() -> None:
    with pytest.raises(ValueError, match="system: 2 closed years, but amounts for 1 only"):
        with_actuals(WORKED, {"system": (1,)}, 2)
    with pytest.raises(ValueError, match="no line colour"):
        with_actuals(WORKED, {"colour": (1, 2)}, 2)
    assert with_actuals(WORKED, {"system": (100, 10)}, 2).sums(Kind.BENEFIT)[:2] == (0, 0)


def test_wibe_splits_and_judges() -> None:
    case = Case(
        (
            Line("software", Kind.COST, (100,)),
            Line("own staff", Kind.COST, (20,), budget_effective=False),
            Line("maintenance saved", Kind.BENEFIT, (60,)),
            Line("time saved", Kind.BENEFIT, (30,), cash=False, budget_effective=False),
        ),
        EIGHT,
    )
    found = wibe(case, quality=Decimal("50.1"), external=20)
    assert (found.budget_effective, found.other, found.npv) == (-40, 10, -30)
    assert found.verdict is Verdict.BY_QUALITY
    assert found.acceptable
    assert wibe(case, quality=50, external=Decimal("50.5")).verdict is Verdict.BY_EXTERNAL_EFFECTS
    exactly = wibe(case, quality=50, external=50)
    assert (exactly.verdict, exactly.acceptable) == (Verdict.NOT_ECONOMIC, False)
    assert (wibe(case).verdict, wibe(case).acceptable) == (Verdict.INCOMPLETE, False)
    assert wibe(case.only(lambda line: line.kind is Kind.BENEFIT)).verdict is Verdict.ECONOMIC
    assert wibe(Case((), EIGHT)).verdict is Verdict.ECONOMIC
    with pytest.raises(ValueError, match="quality: must lie between 0 and 100"):
        wibe(case, quality=101)
    assert total(case.lines) == -30


rates = st.decimals(Decimal("-0.5"), 1, places=3)
yearly = st.lists(st.integers(0, 10**9), max_size=6).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    keys = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=5))
    return Case(tuple(Line(key, draw(st.sampled_from(Kind)), draw(yearly)) for key in keys), draw(rates))


@given(cases(), cases())
def test_follow_up_effects_always_add_up(approved: Case, now: Case) -> None:
    found = follow_up(approved, now)
    assert sum(effect.amount for effect in found.effects) == found.npv_difference


@given(cases())
def test_parts_of_a_case_add_up(case: Case) -> None:
    assert sum((case.value(line) for line in case.lines), Fraction(0)) == case.appraisal.npv
    split = wibe(case)
    assert split.npv == case.appraisal.npv
    assert sum(discounted(case.appraisal.flows.net, case.rate), Fraction(0)) == case.appraisal.npv
    for bar in tornado(case):
        assert (bar.break_even is None) == (bar.reason is not None)
        if bar.driver != RATE and bar.break_even is not None:
            assert case.npv_with({bar.driver: 1 + bar.break_even}) == 0


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=10), rates)
def test_at_the_payback_the_sum_is_zero_and_stays_above(flows: list[int], rate: Decimal) -> None:
    found, values = payback(flows, rate), discounted(flows, rate)
    sums = [sum(values[: year + 1], Fraction(0)) for year in range(len(values))]
    if found is None:
        assert sums[-1] < 0 or not any(flows)
        return
    assert all(value >= 0 for year, value in enumerate(sums) if year >= found)
    year = int(found)
    if found > 0 and found != year:
        assert sums[year] + (found - year) * values[year + 1] == 0
