"""The worked example, the best of all sets, ties, and what must be refused or named."""

from __future__ import annotations

import pytest

from stellwerk.engine.selection import Means, Status, check, greedy, has_solver, select
from stellwerk.engine.selection.tests.examples import names, worked

WAYS = [
    False,
    pytest.param(True, marks=pytest.mark.skipif(not has_solver(), reason="the extra solver is not installed")),
]


@pytest.mark.parametrize("solver", WAYS)
def test_the_worked_example(solver: bool) -> None:
    result = select(worked(), Means(solver=solver))
    assert result.best is not None
    assert (names(worked(), result.best.start), result.best.value, result.best.cost) == ("CDEM", 165, 900)
    assert (result.status, result.bound, result.gap, result.settled) == (Status.OPTIMAL, 165, 0.0, True)
    assert check(worked(), result.best.start) == []


def test_the_ranked_list_takes_the_highest_values_first() -> None:
    choice = greedy(worked())
    assert (names(worked(), choice.start), choice.value, choice.cost) == ("ABM", 162, 950)


def test_a_budget_cut() -> None:
    result = select(worked(850))
    assert result.best is not None
    assert (names(worked(), result.best.start), result.best.value) == ("BCM", 142)
