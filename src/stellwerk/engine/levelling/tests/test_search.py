"""Parts of the search: how wide it begins, whom it mates, in which order ties stand in the lists."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from stellwerk.engine.levelling import Activities, Objective, Problem, Resources, check, level, tables_of
from stellwerk.engine.levelling.kernels import evolve
from stellwerk.engine.levelling.search import Run, slots_for
from stellwerk.engine.levelling.solve import Budget


def free_three() -> Problem:
    """Three activities of two days side by side."""
    return Problem(Activities(np.full(3, 2)), np.ones((3, 1), int), Resources(np.array([3])))


@pytest.mark.parametrize(
    ("schedules", "slots"), [(1, 8), (300, 9), (1000, 31), (5000, 99), (50_000, 313), (10**9, 400)]
)
def test_a_short_search_begins_narrow(schedules: int, slots: int) -> None:
    assert slots_for(schedules) == slots


def test_equal_ones_stay_in_the_order_of_the_list_that_made_them() -> None:
    tables = tables_of(free_three(), Objective.MAKESPAN)
    search = Run.begin(tables, seed=1, schedules=100, compiled=False).search
    search.child[:] = [2, 0, 1]
    assert evolve.born_left(tables, search, in_turns=False) == 2
    assert search.list_of.tolist() == [1, 0, 2]  # the way back has it turned round
    evolve.settled(search, evolve.LEFT, 0, 2)
    search.child[:] = search.list_of
    assert evolve.born_right(tables, search, 0) == 2
    assert search.list_of.tolist() == [2, 0, 1]


def test_how_far_two_schedules_are_apart() -> None:
    assert evolve.apart(np.array([0, 3, 5], np.int32), np.array([2, 1, 5], np.int32)) == 4


def populated(values: list[int]) -> evolve.Search:
    """A search whose three schedules lie 0, 3 and 30 days from the first one."""
    search = Run.begin(tables_of(free_three(), Objective.MAKESPAN), seed=1, schedules=100, compiled=False).search
    search.state[evolve.ALIVE] = 3
    search.value[evolve.RIGHT, :3] = values
    search.start[evolve.RIGHT, :3] = [[0, 0, 0], [1, 1, 1], [10, 10, 10]]
    return search


def mates(search: evolve.Search) -> Counter[int]:
    return Counter(evolve.mate(search, evolve.RIGHT, 0) for _ in range(2700))


def test_of_equally_good_mates_the_farthest_is_taken() -> None:
    # Of three drawn: the last unless none is it, 1 − (2/3)³ = 19/27; the slot itself only if all are, 1/27.
    found = mates(populated([9, 9, 9]))
    assert found[2] == pytest.approx(1900, abs=90)
    assert found[1] == pytest.approx(700, abs=90)
    assert found[0] == pytest.approx(100, abs=50)


def test_a_better_mate_goes_before_a_farther_one() -> None:
    found = mates(populated([9, 8, 9]))
    assert found[1] == pytest.approx(1900, abs=90)
    assert found[2] == pytest.approx(700, abs=90)


def test_a_long_search_takes_whoever_comes() -> None:
    search = populated([9, 8, 7])
    search.state[evolve.PLANNED] = evolve.SHORT + 1
    found = mates(search)
    assert all(found[slot] == pytest.approx(900, abs=90) for slot in range(3))


def test_one_schedule_is_enough() -> None:
    problem = free_three()
    found = level(problem, budget=Budget(1), compiled=False)
    assert (found.objective, check(problem, found.start)) == (2, [])
