"""Sets that the proof begins with: what is left after a cut, and windows around the best set that is known."""

from __future__ import annotations

import numpy as np
import pytest

from stellwerk.engine.selection import Means, check, greedy, has_solver, select
from stellwerk.engine.selection.frame import tables_of
from stellwerk.engine.selection.greedy import fitted
from stellwerk.engine.selection.model import NONE, Exclusions, Items, Kind, Needs, Problem, Resources
from stellwerk.engine.selection.tests.examples import names, worked

needs_solver = pytest.mark.skipif(not has_solver(), reason="the extra solver is not installed")


def many(seed: int, count: int = 130) -> Problem:
    """More proposals than the first window holds, three limits over two years, needs and exclusions."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 60, (count, 3, 2)).astype(np.int64)
    value = demand.sum(axis=(1, 2)) * 8 + rng.integers(1, 300, count)
    pairs = rng.choice(count, (20, 2), replace=False) if count >= 40 else np.zeros((0, 2), np.int64)
    low, high = pairs.min(axis=1).astype(np.int64), pairs.max(axis=1).astype(np.int64)
    return Problem(
        Items(tuple(f"P{row:03d}" for row in range(count)), value, np.arange(count) < 3),
        Resources(("budget", "one", "two"), (Kind.BUDGET, Kind.CAPACITY, Kind.CAPACITY), demand.sum(axis=0) // 2), demand,
        Needs(high[:10], low[:10]), Exclusions(low[10:], high[10:]),
    )  # fmt: skip


def test_after_a_cut_the_items_that_bring_least_for_what_is_short_leave() -> None:
    """C, D, E and M take 900; at 850 one has to go. E brings 40 for 200, D 45 for 250, C is needed by E, M is mandatory: D leaves."""
    best = select(worked(), Means(solver=False)).best
    assert best is not None
    left = fitted(worked(budget=850), best.start)
    assert names(worked(), left.start) == "CEM"
    assert not left.broken


def test_what_does_not_fit_without_its_mandatory_items_is_told_as_broken() -> None:
    assert fitted(worked(budget=100), select(worked(), Means(solver=False)).best.start).broken  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_left_after_a_cut_keeps_every_rule(seed: int) -> None:
    problem = many(seed)
    known = greedy(problem)
    lower = Problem(
        problem.items, Resources(problem.resources.key, problem.resources.kind, problem.resources.limit * 3 // 4),
        problem.demand, problem.needs, problem.exclusions,
    )  # fmt: skip
    left = fitted(lower, known.start)
    assert not check(lower, left.start)
    assert set(left.chosen) < set(known.chosen)


@needs_solver
@pytest.mark.parametrize("seed", range(3))
def test_every_window_finds_an_allowed_set_of_a_higher_value(seed: int) -> None:
    from stellwerk.engine.selection import exact, windows

    problem = many(seed)
    tables = tables_of(problem)
    relaxed = exact.relaxed(tables)
    assert relaxed is not None
    first = greedy(problem)
    found = [
        tables.starts(options)
        for options, _ in windows.sets(tables, relaxed.reduced, tables.options(first.start), 1, exact.Effort)
    ]
    assert all(not check(problem, start) for start in found)
    values = [first.value, *(int(problem.items.value[start != NONE, 0].sum()) for start in found)]
    assert values == sorted(values)
    assert values[-1] > first.value
    again = windows.sets(tables, relaxed.reduced, tables.options(first.start), 1, exact.Effort)
    assert [tables.starts(options).tolist() for options, _ in again] == [start.tolist() for start in found]
