"""What cannot be simulated is refused, with its row, its column and the value found."""

from __future__ import annotations

import pytest

from stellwerk.engine.network import NONE
from stellwerk.engine.simulation import (
    CycleError,
    Distribution,
    Estimates,
    FaultCode,
    HorizonError,
    Impacts,
    Options,
    Risks,
    Simulation,
    SimulationError,
    simulate,
)
from stellwerk.engine.simulation.tests.cases import DAY, days, network


def faults_of(**tables: object) -> list[tuple[FaultCode, str, int, str, float]]:
    with pytest.raises(SimulationError) as caught:
        Simulation(network(days(10, 10)), **tables)  # type: ignore[arg-type]
    return [(one.code, one.table, one.row, one.column, one.value) for one in caught.value.faults]


def test_points_out_of_order_are_named_with_their_row() -> None:
    found = faults_of(estimates=Estimates([0, 1], [100, 300], [200, 200], [150, 400]))
    assert found == [
        (FaultCode.OUT_OF_ORDER, "estimate", 1, "mode", 200.0),
        (FaultCode.OUT_OF_ORDER, "estimate", 0, "high", 150.0),
    ]


def test_a_probability_above_one_is_named() -> None:
    assert faults_of(risks=Risks([0.5, 1.2])) == [(FaultCode.PROBABILITY, "risk", 1, "probability", 1.2)]


def test_probabilities_that_exclude_each_other_add_up_to_one_at_most() -> None:
    found = faults_of(risks=Risks([0.6, 0.6], exclusive=[0, 0]))
    assert [one[:4] for one in found] == [(FaultCode.EXCLUSIVE_ABOVE_ONE, "risk", 0, "probability")]


def test_an_activity_that_is_not_there_twice_or_negative_is_named() -> None:
    found = faults_of(estimates=Estimates([5, 1, 1], [1, -1, 1], [2, 2, 2], [3, 3, 3]))
    assert [one[:4] for one in found] == [
        (FaultCode.NO_ACTIVITY, "estimate", 0, "activity"), (FaultCode.TWICE, "estimate", 2, "activity"),
        (FaultCode.NEGATIVE, "estimate", 1, "low"),
    ]  # fmt: skip


def test_a_lognormal_estimate_begins_above_nothing() -> None:
    found = faults_of(estimates=Estimates([0], [0], [5], [9], [Distribution.LOGNORMAL]))
    assert found == [(FaultCode.NOT_POSITIVE, "estimate", 0, "low", 0.0)]


def test_a_delay_needs_an_activity_and_a_cost_something_to_be_booked_on() -> None:
    found = faults_of(risks=Risks([0.5]), impacts=Impacts([0, 3], [NONE, NONE], [0, NONE]))
    assert {one[:4] for one in found} >= {
        (FaultCode.NO_TARGET, "impact", 0, "activity"), (FaultCode.NO_TARGET, "impact", 1, "project"),
        (FaultCode.NO_RISK, "impact", 1, "risk"),
    }  # fmt: skip


def test_correlations_lie_between_minus_one_and_one() -> None:
    found = faults_of(estimates=Estimates([0], [1], [2], [3], loading=[1.5]))
    assert found == [(FaultCode.OUT_OF_RANGE, "estimate", 0, "loading", 1.5)]


def test_links_in_a_circle_are_named() -> None:
    with pytest.raises(CycleError, match="0 → 1 → 0"):
        Simulation(network(days(1, 1), [(0, 1), (1, 0)]))


def test_options_out_of_range_and_runs_beyond_the_memory_are_refused() -> None:
    plan = Simulation(network(days(10)))
    for options in (Options(0), Options(10, seed=-1), Options(2**25)):
        with pytest.raises(SimulationError, match="options"):
            simulate(plan, options)
    with pytest.raises(SimulationError, match="memory"):
        simulate(plan, Options(100_000, memory=1000))


def test_durations_that_can_pass_the_horizon_are_refused_before_the_run() -> None:
    plan = Simulation(network(days(10)), Estimates([0], [DAY], [DAY], [130 * 525_600]))
    with pytest.raises(HorizonError):
        simulate(plan)
