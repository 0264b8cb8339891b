"""Bounds: worked cases; that no plan lies below them is shown for any problem in ``test_people.py``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stellwerk.engine.levelling.people import Activities, Links, People, Problem, Projects, Requirements, solve

DAY = 480
WEEK = np.where(np.arange(28) % 7 < 5, DAY, 0)


def three_by_anna(**columns: Any) -> Problem:
    """Anna does two days on each of three activities; Ben, Cem and Dora two more after one each."""
    return Problem(
        People(np.stack([WEEK] * 4)),
        Activities([0] * 6, **columns),
        Requirements(range(6), work=[2 * DAY] * 6, person=[0, 0, 0, 1, 2, 3]),
        Links([0, 1, 2], [3, 4, 5]),
        Projects([10], due=[2 * DAY]),
    )


@pytest.mark.parametrize(("objective", "bound", "value"), [("makespan", 9, 10), ("tardiness", 70, 80), ("delay", 5, 6)])
def test_a_persons_own_work_and_what_follows(objective: Any, bound: int, value: int) -> None:
    """Anna's six days end on the second Monday at the earliest, on whose morning the bound counts; Dora's two days follow. Longest path: four days."""
    plan = solve(three_by_anna(), objective=objective)
    assert plan.bound == bound * DAY
    assert plan.value == value * DAY
    assert plan.gap == pytest.approx((value - bound) / value)


def test_work_that_begins_late_ends_later() -> None:
    """Nothing before Thursday of the second week: six days from there, then two, with a weekend between that the bound does not see."""
    plan = solve(three_by_anna(earliest=[10 * DAY] * 6), objective="makespan")
    assert plan.bound == (17 + 2) * DAY
    assert plan.value == 22 * DAY


def test_what_nobody_can_do_takes_nobodys_time() -> None:
    problem = replace(
        three_by_anna(), people=People(np.stack([WEEK] + [WEEK * 0] * 3), after=np.zeros((4, 7), np.int64))
    )
    plan = solve(problem, objective="makespan")
    assert plan.bound is not None
    assert plan.bound <= plan.value
    assert {one.requirement for one in plan.conflicts} == {3, 4, 5}


def test_evenness_of_load_has_no_bound() -> None:
    plan = solve(three_by_anna(), objective="smooth")
    assert plan.bound is None
    assert plan.gap is None


def test_even_load_is_searched() -> None:
    """Anna's three activities of 20 hours, due on the third Friday: at once they fill 40 and 20 hours, 1,600 + 400; even are 3 × 400 = 1,200."""
    problem = Problem(
        People(WEEK[None, :]),
        Activities([0] * 3),
        Requirements(range(3), work=[20 * 60] * 3, person=[0, 0, 0]),
        projects=Projects([10], due=[19 * DAY]),
    )
    assert solve(problem, objective="smooth").value == 2000
    plan = solve(problem, objective="smooth", iterations=400)
    assert plan.value == 1200
    assert plan.finish.max() <= 19 * DAY
    late = solve(replace(problem, projects=Projects([10], due=[5 * DAY])), objective="smooth", iterations=400)
    assert late.finish.max() <= solve(problem, objective="makespan").finish.max(), (
        "evenness costs no day where the date is missed"
    )
