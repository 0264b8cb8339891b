"""The compiled loops and those with NumPy give the same numbers, to the last bit, on any number of threads."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.engine.simulation import Options, Outcome, simulate
from stellwerk.engine.simulation.tests.plans import risky_plan
from stellwerk.trials import tries

pytestmark = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra solver is not installed")


def same(one: Outcome, other: Outcome) -> None:
    assert one.iterations == other.iterations
    assert np.array_equal(one.finishes, other.finishes)
    assert np.array_equal(one.costs, other.costs)
    for name in ("criticality", "mean", "std", "correlation", "index"):
        assert np.array_equal(getattr(one.activities, name), getattr(other.activities, name), equal_nan=True), name


@settings(max_examples=tries(30, 15), deadline=None)
@given(
    seed=st.integers(0, 10_000),
    calendars=st.sampled_from([[0], [1], [2], [0, 1, 2]]),
    iterations=st.sampled_from([1, 127, 128, 300, 700]),
    antithetic=st.booleans(),
    one_end=st.booleans(),
    override=st.booleans(),
)
def test_compiled_and_plain_loops_agree(
    seed: int, calendars: list[int], iterations: int, antithetic: bool, one_end: bool, override: bool
) -> None:
    plan = risky_plan(seed, calendars=calendars)
    common = {"iterations": iterations, "seed": seed, "antithetic": antithetic}
    plain = simulate(plan, Options(**common, compiled=False, one_end=one_end, progress_override=override))
    compiled = simulate(plan, Options(**common, compiled=True, one_end=one_end, progress_override=override))
    same(plain, compiled)


@pytest.mark.parametrize("calendars", [[1], [0, 1, 2]])
def test_threads_do_not_change_a_number(calendars: list[int]) -> None:
    plan = risky_plan(3, calendars=calendars)
    alone = simulate(plan, Options(2500, seed=9, compiled=True, threads=1))
    same(alone, simulate(plan, Options(2500, seed=9, compiled=True, threads=5)))


def test_a_run_of_more_iterations_begins_with_the_shorter_one() -> None:
    plan = risky_plan(5, calendars=[1])
    short, long = (simulate(plan, Options(count, compiled=True)) for count in (500, 3000))
    assert np.array_equal(short.finishes, long.finishes[:, :500])
    assert np.array_equal(short.costs, long.costs[:, :500])


def test_a_run_that_is_watched_is_the_same_and_stops_where_it_is_told() -> None:
    plan = risky_plan(5, calendars=[1])
    whole = simulate(plan, Options(3000, compiled=True, threads=2))
    seen: list[tuple[int, int]] = []

    def watch(done: int, wanted: int) -> bool:
        seen.append((done, wanted))
        return done >= 1000

    stopped = simulate(plan, Options(3000, compiled=True, threads=2), watch=watch)
    assert 1000 <= stopped.iterations < 3000
    assert seen[-1] == (stopped.iterations, 3000)
    assert np.array_equal(stopped.finishes, whole.finishes[:, : stopped.iterations])
    assert stopped.activities.criticality[0] == simulate(plan, Options(stopped.iterations)).activities.criticality[0]
