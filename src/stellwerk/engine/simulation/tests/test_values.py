"""The worked numbers of docs/algorithms/simulation.md: known means, spreads and percentiles, within what chance allows."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest

from stellwerk.engine.calendars import instant, moment
from stellwerk.engine.network import NONE, ConstraintKind, Constraints
from stellwerk.engine.simulation import (
    Costs,
    Distribution,
    Estimates,
    Impacts,
    Measure,
    Options,
    Outcome,
    Risks,
    Sample,
    Simulation,
    simulate,
)
from stellwerk.engine.simulation.tests.cases import DAY, OFFICE, days, network
from stellwerk.engine.simulation.tests.plans import MONDAY

MANY = 20_000
K = 100_000
"""Minor units of a thousand."""


def run(simulation: Simulation, iterations: int = MANY, **options: Any) -> Outcome:
    return simulate(simulation, Options(iterations, **options))


def duration_sample(outcome: Outcome, activity: int = 0) -> tuple[float, float, Sample]:
    """Mean, standard deviation and the sample of the open work of one activity, in days."""
    values = outcome.durations(activity).astype(np.int64)
    return float(values.mean()) / DAY, float(values.std()) / DAY, Sample(values)


@pytest.mark.parametrize(
    ("kind", "mean", "std", "p10", "p80"),
    [
        (Distribution.TRIANGULAR, 11.0, 1.4720, 9.1832, 12.3542),
        (Distribution.PERT, 10.5, 1.2677, 8.9231, 11.6042),
        (Distribution.LOGNORMAL, 11.2889, 2.8105, 8.0, 13.4655),
    ],
)
def test_an_estimate_of_8_10_15_days_has_the_mean_spread_and_percentiles_of_its_distribution(
    kind: Distribution, mean: float, std: float, p10: float, p80: float
) -> None:
    plan = network(days(10))
    found_mean, found_std, sample = duration_sample(run(Simulation(plan, Estimates([0], *(days(v) for v in (8, 10, 15)), [kind]))))  # fmt: skip
    assert found_mean == pytest.approx(mean, rel=0.002)
    assert found_std == pytest.approx(std, rel=0.02)
    assert sample.at(0.1) / DAY == pytest.approx(p10, rel=0.005)
    assert sample.at(0.8) / DAY == pytest.approx(p80, rel=0.005)


def test_two_paths_that_end_together_keep_the_day_with_a_quarter() -> None:
    """Merge bias: each of two parallel activities 0/10/20 ends by day 10 with one half, both with one quarter."""
    plan = network(days(10, 10, 0), [(0, 2), (1, 2)])
    outcome = run(Simulation(plan, Estimates([0, 1], days(0, 0), days(10, 10), days(20, 20))))
    assert outcome.finish().share_until(MONDAY + 10 * DAY) == pytest.approx(0.25, abs=0.01)
    assert outcome.activities.criticality[:2] == pytest.approx([0.5, 0.5], abs=0.01)
    assert outcome.activities.criticality[2] == 1.0


def test_cruciality_and_sensitivity_index_of_a_chain_are_its_shares_of_the_spread() -> None:
    """Half widths 3 and 4 days in a row: standard deviations 3/√6 and 4/√6, together 5/√6; so 0.6 and 0.8."""
    plan = network(days(10, 10), [(0, 1)])
    outcome = run(Simulation(plan, Estimates([0, 1], days(7, 6), days(10, 10), days(13, 14))))
    told = outcome.activities
    assert told.std / DAY == pytest.approx([3 / math.sqrt(6), 4 / math.sqrt(6)], rel=0.02)
    assert outcome.finish().std / DAY == pytest.approx(5 / math.sqrt(6), rel=0.02)
    assert told.cruciality == pytest.approx([0.6, 0.8], abs=0.015)
    assert told.index == pytest.approx([0.6, 0.8], abs=0.015)
    assert outcome.rank_correlation(np.array([0, 1])) == pytest.approx([0.58, 0.79], abs=0.03)


def test_an_activity_with_much_float_is_never_critical_and_matters_not() -> None:
    plan = network(days(20, 1, 0), [(0, 2), (1, 2)])
    told = run(Simulation(plan, Estimates([0, 1], days(15, 1), days(20, 1), days(30, 2)))).activities
    assert told.criticality.tolist() == [1.0, 0.0, 1.0]
    assert told.index[1] == 0
    assert abs(told.correlation[1]) < 0.03


@pytest.mark.parametrize(("loading", "spread"), [(0.0, math.sqrt(2)), (0.7, math.sqrt(2 * 1.478)), (1.0, 2.0)])
def test_correlation_widens_what_follows_one_another(loading: float, spread: float) -> None:
    """Two activities of spread s in a row: s√(2(1 + ρ)); loadings 0.7 give ρ ≈ 0.478 (normal numbers correlate with 0.49)."""
    plan = network(days(10, 10), [(0, 1)])
    estimates = Estimates([0, 1], days(5, 5), days(10, 10), days(15, 15), group=[0, 0], loading=[loading] * 2)
    outcome = run(Simulation(plan, estimates))
    assert outcome.finish().std / DAY == pytest.approx(5 / math.sqrt(6) * spread, rel=0.025)


def test_opposite_loadings_take_each_other_away() -> None:
    plan = network(days(10, 10), [(0, 1)])
    estimates = Estimates([0, 1], days(5, 5), days(10, 10), days(15, 15), group=[0, 0], loading=[1.0, -1.0])
    assert run(Simulation(plan, estimates)).finish().std < 2


def domain_risks() -> Simulation:
    """domain.md 3.4: threats 0.1 × 80, 0.1 × 200, 0.5 × 20 thousand."""
    fixed = Distribution.FIXED
    impacts = Impacts(
        [0, 1, 2], [NONE] * 3, [0] * 3, [Measure.COST] * 3, mode=[80 * K, 200 * K, 20 * K], kind=[fixed] * 3
    )
    return Simulation(network(days(10)), risks=Risks([0.1, 0.1, 0.5]), impacts=impacts)


def test_costs_of_discrete_risks_have_the_percentiles_that_enumeration_gives() -> None:
    cost = run(domain_risks(), 50_000).cost()
    assert cost.mean == pytest.approx(38 * K, rel=0.03)
    assert cost.share_until(20 * K) == pytest.approx(0.81, abs=0.007)
    # P(X ≤ 100) is 0.9 to the digit, so that chance decides on which side P90 falls: one percent lower it is sure.
    assert (cost.at(0.8), cost.at(0.85), cost.at(0.89)) == (20 * K, 80 * K, 100 * K)


def test_a_risk_delays_its_activity_and_costs_only_where_it_happens() -> None:
    impacts = Impacts([0, 0], [0, 0], measure=[Measure.DURATION, Measure.COST], low=[DAY * 4, 10 * K], mode=[DAY * 5, 20 * K], high=[DAY * 6, 30 * K])  # fmt: skip
    outcome = run(Simulation(network(days(10)), risks=Risks([0.25]), impacts=impacts))
    assert outcome.finish().share_until(MONDAY + 10 * DAY) == pytest.approx(0.75, abs=0.01)
    assert outcome.finish().mean - MONDAY == pytest.approx((10 + 0.25 * 5) * DAY, rel=0.005)
    effect = outcome.risks()
    assert effect.frequency[0] == pytest.approx(0.25, abs=0.01)
    assert effect.delay[0] / DAY == pytest.approx(5, rel=0.01)
    assert effect.cost[0] / K == pytest.approx(20, rel=0.01)
    happened = outcome.cost_of() > 0
    # One number says how hard it hits: where it is late, it is dear.
    assert np.corrcoef(outcome.finish_of()[happened], outcome.cost_of()[happened])[0, 1] > 0.999


def test_an_opportunity_saves_and_a_duration_never_falls_below_nothing() -> None:
    impacts = Impacts([0], [0], mode=[DAY * 12], kind=[Distribution.FIXED])
    outcome = run(Simulation(network(days(10)), risks=Risks([0.5], [1]), impacts=impacts), 2000)
    assert set(outcome.durations(0).tolist()) == {0, 10 * DAY}


def test_of_risks_that_exclude_each_other_at_most_one_happens() -> None:
    impacts = Impacts([0, 1], [0, 0], mode=days(1, 2), kind=[Distribution.FIXED] * 2)
    outcome = run(Simulation(network(days(10)), risks=Risks([0.3, 0.5], exclusive=[4, 4]), impacts=impacts))
    drawn = outcome.durations(0) // DAY
    shares = [float((drawn == value).mean()) for value in (10, 11, 12, 13)]
    assert shares == pytest.approx([0.2, 0.3, 0.5, 0.0], abs=0.01)


def test_cost_follows_the_work_and_what_is_drawn_beside_it() -> None:
    """500 fixed, 2 per minute of 10 days (9,600), a purchase of 1,000 to 3,000 around 2,000: mean 12,100."""
    plan = network(days(10))
    costs = Costs([0, 0], fixed=[500, 0], rate=[2.0, 0], low=[0, 1000], mode=[0, 2000], high=[0, 3000])
    outcome = run(Simulation(plan, Estimates([0], days(8), days(10), days(12)), costs))
    assert outcome.cost().mean == pytest.approx(12_100, rel=0.003)
    longer = outcome.durations(0) > 10 * DAY
    assert outcome.cost_of()[longer].mean() > outcome.cost_of()[~longer].mean()


def test_a_project_costs_for_each_working_minute_until_its_finish() -> None:
    plan = network(days(10), calendar=OFFICE)
    outcome = run(Simulation(plan, costs=Costs([NONE], [0], rate=[1.0])), 200)
    assert set(outcome.cost_of().tolist()) == {10 * DAY}


def test_joint_confidence_of_independent_numbers_is_their_product_and_of_tied_ones_the_smaller() -> None:
    plan = network(days(10))
    estimate = Estimates([0], days(5), days(10), days(15))
    apart = run(Simulation(plan, estimate, Costs([NONE], [0], low=[0], mode=[500], high=[1000])))
    assert apart.joint(MONDAY + 10 * DAY, 500) == pytest.approx(0.25, abs=0.015)
    tied = run(Simulation(plan, estimate, Costs([0], rate=[1.0])))
    assert tied.joint(MONDAY + 10 * DAY, 10 * DAY) == pytest.approx(0.5, abs=0.01)
    frontier = apart.frontier(0.7)
    pairs = list(zip(frontier.finish.tolist(), frontier.cost.tolist(), strict=True))
    assert len(pairs) > 10
    assert all(apart.joint(finish, cost) >= 0.7 for finish, cost in pairs)
    assert all(apart.joint(finish, cost - 1) < 0.7 for finish, cost in pairs)


def test_finishes_lie_in_working_time_only() -> None:
    """Five to seven days of work from Monday 22 March 2027 on: until Friday 26 at the earliest, never at a weekend."""
    plan = network(days(5), calendar=OFFICE)
    outcome = run(Simulation(plan, Estimates([0], days(4.5), days(5), days(7))), 2000)
    found = {moment(at).date().isoformat() for at in outcome.finish_of().tolist()}
    assert found == {"2027-03-26", "2027-03-29", "2027-03-30"}


def test_a_constraint_holds_the_start_in_every_iteration() -> None:
    at = instant(dt.datetime.fromisoformat("2027-04-05T08:00"))
    plan = network(
        days(2, 3), [(0, 1)], calendar=OFFICE, constraints=Constraints([1], [ConstraintKind.START_NO_EARLIER], [at])
    )
    outcome = run(Simulation(plan, Estimates([0], days(1), days(2), days(4))), 500)
    assert set(outcome.finish_of().tolist()) == {instant(dt.datetime.fromisoformat("2027-04-07T17:00"))}
    assert outcome.activities.criticality.tolist() == [0.0, 1.0]


def test_only_what_is_left_of_a_started_activity_is_drawn_and_nothing_of_a_finished_one() -> None:
    """Ten days planned, four left: 8/10/15 becomes 3.2/4/6, mean 4.4."""
    done = MONDAY - 3 * DAY
    plan = network(
        days(10, 10, 5), actual_start=[MONDAY - 10 * DAY, MONDAY - 6 * DAY, NONE], actual_finish=[done, NONE, NONE],
        remaining=[NONE, 4 * DAY, NONE], data_date=MONDAY,
    )  # fmt: skip
    outcome = run(Simulation(plan, Estimates([0, 1], days(8, 8), days(10, 10), days(15, 15))))
    assert duration_sample(outcome, 1)[0] == pytest.approx(4.4, rel=0.002)
    assert outcome.finish().at(1.0) <= MONDAY + 6 * DAY
    assert math.isnan(outcome.activities.criticality[0])


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    plan = Simulation(network(days(10)), Estimates([0], days(8), days(10), days(15)))
    one, two, other = (run(plan, 1000, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(one.finishes, two.finishes)
    assert not np.array_equal(one.finishes, other.finishes)


def test_the_first_random_numbers_are_those_of_the_published_generator() -> None:
    """Random123's known answers of Philox 4×32-10, for counters and keys of zeros and of π."""
    from stellwerk.engine.simulation.numbers import philox, round_keys

    words = philox(np.zeros(1, np.uint64), 0, 0, round_keys(0))
    assert [f"{int(word[0]):08x}" for word in words] == ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]
