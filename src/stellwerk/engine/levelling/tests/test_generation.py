"""Schedules made from a list: against the slow way, forward, backward and from time to time; faults of the input; the checker."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.engine.levelling import (
    Activities,
    BreachCode,
    FaultCode,
    Links,
    Objective,
    Problem,
    ProblemError,
    Resources,
    check,
    tables_of,
)
from stellwerk.engine.levelling.kernels import generate
from stellwerk.engine.levelling.tests import slow
from stellwerk.trials import tries


def serial(problem: Problem, order: list[int]) -> Any:
    tables = tables_of(problem, Objective.MAKESPAN)
    start = np.full(len(order), -1, np.int32)
    generate.serial(tables, np.array(order, np.int32), tables.room.copy(), start)
    return start


def parallel(problem: Problem) -> Any:
    tables = tables_of(problem, Objective.MAKESPAN)
    start = np.full(len(tables.duration), -1, np.int32)
    generate.parallel(tables, tables.rank, tables.room.copy(), start, np.zeros((4, len(start)), np.int32))
    return start


def house() -> Problem:
    """Two crews of 1; walls (3 days) before roof (2); garden (4) needs nobody of the first crew."""
    return Problem(
        Activities(np.array([3, 2, 4])), np.array([[1, 0], [1, 1], [0, 1]]), Resources(np.array([1, 1])),
        Links(np.array([0]), np.array([1])),
    )  # fmt: skip


def test_the_house_waits_for_the_crew() -> None:
    assert serial(house(), [0, 1, 2]).tolist() == [0, 3, 5]
    assert serial(house(), [0, 2, 1]).tolist() == [0, 4, 0]
    assert parallel(house()).tolist() == [0, 4, 0]


@settings(max_examples=tries(150, 50), deadline=None)
@given(slow.problems(steps=True), st.randoms(use_true_random=False))
def test_serial_generation_is_the_slow_way(problem: Problem, random: Any) -> None:
    order = random.choice(list(slow.lists(problem)))
    start = serial(problem, order)
    assert start.tolist() == slow.placed(problem, order)
    assert slow.feasible(problem, start)
    assert check(problem, start) == []


@settings(max_examples=tries(150, 50), deadline=None)
@given(slow.problems(steps=True))
def test_parallel_generation_is_feasible_and_leaves_nothing_waiting(problem: Problem) -> None:
    start = parallel(problem)
    assert slow.feasible(problem, start)
    for row in range(len(start)):
        if problem.activities.duration[row]:
            earlier = start.copy()
            earlier[row] -= 1
            assert not slow.feasible(problem, earlier)


@settings(max_examples=tries(200, 60), deadline=None)
@given(slow.problems(steps=True), st.data())
def test_the_checker_agrees_with_the_slow_one(problem: Problem, data: Any) -> None:
    start = np.array([data.draw(st.integers(0, 12)) for _ in range(len(problem.activities))], np.int32)
    assert (check(problem, start) == []) == slow.feasible(problem, start)


def test_the_checker_says_what_is_wrong() -> None:
    problem = house()
    assert [breach.code for breach in check(problem, np.array([0, 2, 4], np.int32))] == [BreachCode.LINK]
    assert [breach.code for breach in check(problem, np.array([0, 3, 0], np.int32))] == [BreachCode.OVERLOAD]
    assert check(problem, np.array([0, 4, -1], np.int32))[0].code is BreachCode.NO_START
    assert [breach.code for breach in check(problem, np.array([0, 4], np.int32))] == [BreachCode.NO_START]


def test_what_is_pinned_stays_even_where_it_overloads() -> None:
    problem = Problem(
        Activities(np.array([3, 3, 2]), pinned=np.array([0, 1, -1])),
        np.array([[1], [1], [1]]),
        Resources(np.array([1])),
    )
    start = serial(problem, [0, 1, 2])
    assert start.tolist() == [0, 1, 4]
    assert check(problem, start) == []
    assert [breach.code for breach in check(problem, np.array([0, 2, 5], np.int32))] == [BreachCode.MOVED]
    assert {breach.code for breach in check(problem, np.array([0, 1, 2], np.int32))} == {BreachCode.OVERLOAD}


def codes(build: Any) -> set[FaultCode]:
    with pytest.raises(ProblemError) as caught:
        build()
    return {fault.code for fault in caught.value.faults}


def test_a_faulty_problem_is_refused_with_every_fault() -> None:
    one = Activities(np.array([2, 2]))
    need, room = np.array([[1], [1]]), Resources(np.array([1]))
    assert codes(lambda: Problem(one, np.array([[2], [0]]), room)) == {FaultCode.DEMAND_ABOVE_CAPACITY}
    assert codes(lambda: Problem(one, need, Resources(np.array([0])))) == {FaultCode.NO_CAPACITY}
    assert codes(lambda: Problem(one, np.array([[1, 1]]), room)) == {FaultCode.SHAPE}
    assert codes(lambda: Problem(one, need, room, Links(np.array([0]), np.array([5])))) == {FaultCode.NO_ACTIVITY}
    assert codes(lambda: Problem(one, need, room, Links(np.array([1]), np.array([1])))) == {FaultCode.SELF_LINK}
    assert codes(lambda: Problem(Activities(np.array([-1, 2**40])), need, room)) == {
        FaultCode.NEGATIVE,
        FaultCode.TOO_LARGE,
    }
    assert codes(lambda: Problem(Activities(np.array([1, 1]), np.array([0, 3])), need, room)) == {FaultCode.NO_PROJECT}
    circle = Problem(one, need, room, Links(np.array([0, 1]), np.array([1, 0])))
    assert codes(lambda: tables_of(circle, Objective.MAKESPAN)) == {FaultCode.CYCLE}
    far = Problem(Activities(np.array([2**27]), np.array([0])), np.array([[1]]), room)
    assert codes(lambda: tables_of(far, Objective.MAKESPAN)) == {FaultCode.TOO_LARGE}
