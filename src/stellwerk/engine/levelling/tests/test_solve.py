"""The search: against the best of all lists, the same compiled and not, in one step or many; budgets, stopping, bounds."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.engine.levelling import (
    Activities,
    Budget,
    FaultCode,
    Links,
    Objective,
    Problem,
    ProblemError,
    Projects,
    Resources,
    Result,
    Steps,
    check,
    level,
    tables_of,
)
from stellwerk.engine.levelling.bounds import lower_bound
from stellwerk.engine.levelling.search import Run
from stellwerk.engine.levelling.solve import due_dates
from stellwerk.engine.levelling.tests import slow
from stellwerk.trials import tries

COMPILER = importlib.util.find_spec("numba") is not None
DELAYS = [Objective.MAKESPAN, Objective.TOTAL_DELAY, Objective.WEIGHTED_TARDINESS]


def workshop(count: int = 24, seed: int = 3) -> Problem:
    rng = np.random.default_rng(seed)
    after = np.arange(2, count)
    return Problem(
        Activities(rng.integers(1, 9, count), np.arange(count) % 3), rng.integers(0, 6, (count, 5)), Resources(np.array([8, 9, 10, 8, 9])),
        Links(np.concatenate([after - 2, after // 2]), np.concatenate([after, after])),
        Projects(np.array([0, 2, 5]), np.array([20, 30, 25]), np.array([1, 5, 2])),
    )  # fmt: skip


@settings(max_examples=tries(60, 20), deadline=None)
@given(slow.problems(most=5))
def test_a_small_problem_is_solved_to_the_optimum(problem: Problem) -> None:
    result = level(problem, budget=Budget(150), compiled=False)
    assert slow.feasible(problem, result.start)
    assert result.objective == slow.finish(problem, result.start) == slow.shortest(problem)
    assert result.bound <= result.objective


@settings(max_examples=tries(40, 15), deadline=None)
@given(slow.problems(most=5, steps=True), st.sampled_from(DELAYS))
def test_no_schedule_beats_the_bound(problem: Problem, objective: Objective) -> None:
    due = due_dates(problem, objective)
    bound = lower_bound(problem, tables_of(problem, objective, due), objective, due)
    result = level(problem, objective, Budget(60), compiled=False)
    assert slow.feasible(problem, result.start)
    assert bound <= result.objective
    if objective is Objective.MAKESPAN:
        assert bound <= slow.shortest(problem)


@pytest.mark.parametrize("objective", DELAYS)
def test_compiled_and_plain_give_the_same(objective: Objective) -> None:
    if not COMPILER:
        pytest.skip("numba is not installed")
    problem = workshop()
    one = level(problem, objective, Budget(250), compiled=True)
    other = level(problem, objective, Budget(250), compiled=False)
    assert one.start.tolist() == other.start.tolist()
    assert (one.objective, one.schedules) == (other.objective, other.schedules)


def test_many_small_steps_are_one_large_step() -> None:
    tables = tables_of(workshop(), Objective.MAKESPAN)
    one, other = (Run.begin(tables, seed=5, schedules=150, compiled=False) for _ in range(2))
    one.advance(150, -1)
    for schedules in range(0, 151, 3):
        other.advance(schedules, -1)
    other.advance(150, -1)
    assert one.best.tolist() == other.best.tolist()
    assert one.search.value.tolist() == other.search.value.tolist()


def test_another_seed_searches_elsewhere_and_the_same_finds_the_same() -> None:
    problem = workshop(40)
    results = [level(problem, budget=Budget(100), seed=seed, compiled=False) for seed in (1, 1, 2)]
    assert results[0].start.tolist() == results[1].start.tolist()
    assert results[0].start.tolist() != results[2].start.tolist()


def test_more_schedules_are_never_worse_within_one_search() -> None:
    tables = tables_of(workshop(40), Objective.WEIGHTED_TARDINESS)
    run = Run.begin(tables, seed=1, schedules=300, compiled=False)
    values = []
    for schedules in range(20, 300, 20):
        run.advance(schedules, -1)
        values.append(run.value)
        assert run.schedules <= schedules + 1
    assert values == sorted(values, reverse=True)


def test_the_watcher_sees_checked_schedules_and_stops_the_search() -> None:
    seen: list[Result] = []

    def watch(result: Result) -> bool:
        seen.append(result)
        return len(seen) == 3

    problem = workshop(40)
    result = level(problem, Objective.WEIGHTED_TARDINESS, Budget(10**9), watch=watch, compiled=False)
    assert len(seen) == 3
    assert all(check(problem, one.start) == [] for one in seen)
    assert result.objective == seen[-1].objective


def test_the_seconds_are_kept() -> None:
    clock = iter(range(10**6))
    result = level(workshop(), budget=Budget(None, 5, lambda: next(clock)), compiled=False)
    assert result.schedules < 200


def test_a_chain_is_proven() -> None:
    problem = Problem(
        Activities(np.array([2, 3])),
        np.array([[1], [1]]),
        Resources(np.array([1])),
        Links(np.array([0]), np.array([1])),
    )
    result = level(problem, compiled=False)
    assert (result.objective, result.bound, result.proven, result.gap) == (5, 5, True, 0.0)


def test_nothing_to_do() -> None:
    result = level(
        Problem(Activities(np.zeros(0, int)), np.zeros((0, 1), int), Resources(np.array([1]))), compiled=False
    )
    assert (result.objective, len(result.start)) == (0, 0)


def test_a_heavier_project_goes_first() -> None:
    def problem(first: int, second: int) -> Problem:
        return Problem(
            Activities(np.array([4, 4]), np.array([0, 1])), np.array([[1], [1]]), Resources(np.array([1])), Links(),
            Projects(np.array([0, 0]), np.array([4, 4]), np.array([first, second])),
        )  # fmt: skip

    assert level(problem(1, 3), Objective.WEIGHTED_TARDINESS, compiled=False).start.tolist() == [4, 0]
    assert level(problem(3, 1), Objective.WEIGHTED_TARDINESS, compiled=False).start.tolist() == [0, 4]


def test_capacity_that_ends_for_good_is_named() -> None:
    problem = Problem(
        Activities(np.array([1, 3])), np.array([[1], [1]]), Resources(np.array([1])), Links(), Projects(np.array([0])),
        Steps(np.array([0]), np.array([3]), np.array([0])),
    )  # fmt: skip
    with pytest.raises(ProblemError) as caught:
        level(problem, compiled=False)
    assert {fault.code for fault in caught.value.faults} == {FaultCode.NO_ROOM}


@settings(max_examples=tries(40, 15), deadline=None)
@given(slow.problems(most=6, steps=True), st.integers(0, 6), st.sampled_from(DELAYS))
def test_with_a_pinned_activity_the_plan_still_passes_the_checker(
    problem: Problem, at: int, objective: Objective
) -> None:
    pinned = np.full(len(problem.activities), -1)
    pinned[0] = at
    tasks = problem.activities
    fixed = Problem(
        Activities(tasks.duration, tasks.project, tasks.earliest, pinned), problem.demand, problem.resources, problem.links,
        problem.projects, problem.steps,
    )  # fmt: skip
    result = level(fixed, objective, Budget(60), compiled=False)
    assert result.start[0] == at
    assert check(fixed, result.start) == []
