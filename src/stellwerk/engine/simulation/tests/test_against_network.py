"""Each iteration is a plan: the network computes it from the same durations and must find the same dates."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from stellwerk.engine.network import NONE, Schedule
from stellwerk.engine.simulation import Options, Outcome, simulate
from stellwerk.engine.simulation.tests.plans import CALENDARS, one_schedule, random_plan
from stellwerk.trials import tries

ITERATIONS = 5
NEEDS_NUMBA = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra solver is not installed")


def same_finish(outcome: Outcome, schedule: Schedule, iteration: int) -> bool:
    """Exactly, or (where working minutes are counted) with no working minute between both."""
    counted = outcome.plan.counted
    found, asked = outcome.finishes[:, iteration].astype(np.int64), schedule.project_end
    between = CALENDARS.between(np.maximum(counted, 0), found, asked)
    return bool(np.where(counted == NONE, found == asked, between == 0).all())


@pytest.mark.parametrize("calendars", [[1], [2], [0], [0, 1, 2], [1, 2]])
@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=NEEDS_NUMBA)])
def test_the_network_finds_the_same_finishes_and_the_same_critical_activities(
    calendars: list[int], compiled: bool
) -> None:
    for seed in range(tries(12, 3)):
        simulation = random_plan(seed, calendars=calendars)
        outcome = simulate(simulation, Options(ITERATIONS, seed=seed, compiled=compiled))
        critical = np.zeros(len(simulation.network.activities))
        for iteration in range(ITERATIONS):
            result = one_schedule(outcome, iteration)
            assert same_finish(outcome, result, iteration), (seed, iteration)
            critical += result.critical()
        found = outcome.activities.criticality * ITERATIONS
        finished = simulation.network.activities.actual_finish != NONE
        assert found[~finished].tolist() == pytest.approx(critical[~finished].tolist()), seed
