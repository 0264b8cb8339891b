"""CP-SAT, where it is installed: the same optimum as all lists, under changing capacities and with pinned activities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from stellwerk.engine.levelling import Activities, Budget, Links, Problem, Resources, check, level
from stellwerk.engine.levelling.tests import slow

pytest.importorskip("ortools")


@settings(max_examples=12, deadline=None)
@given(slow.problems(most=5, steps=True))
def test_cp_sat_finds_the_optimum_and_proves_it(problem: Problem) -> None:
    from stellwerk.engine.levelling import exact

    found = exact.plain(problem, seconds=20, workers=1)
    assert found is not None
    start, bound = found
    assert check(problem, start) == []
    assert slow.finish(problem, start) == bound == slow.shortest(problem)


def test_the_proof_improves_what_the_search_left() -> None:
    rng = np.random.default_rng(5)
    after = np.arange(2, 20)
    problem = Problem(
        Activities(rng.integers(1, 9, 20)), rng.integers(0, 6, (20, 3)), Resources(np.array([8, 9, 10])),
        Links(np.concatenate([after - 2, after // 2]), np.concatenate([after, after])),
    )  # fmt: skip
    searched = level(problem, budget=Budget(1), compiled=False)
    result = level(problem, budget=Budget(1), compiled=False, proof=5.0)
    assert check(problem, result.start) == []
    assert result.proven
    assert searched.bound <= result.objective <= searched.objective


def test_pinned_work_keeps_its_place() -> None:
    problem = Problem(
        Activities(np.array([3, 2]), pinned=np.array([1, -1])), np.array([[1], [1]]), Resources(np.array([1]))
    )
    result = level(problem, budget=Budget(1), compiled=False, proof=1.0)
    assert result.start.tolist() == [1, 4]
