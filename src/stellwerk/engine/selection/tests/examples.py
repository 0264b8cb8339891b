"""The worked example of docs/algorithms/selection.md, and a way that looks at every set there is."""

from __future__ import annotations

import itertools

import numpy as np

from stellwerk.engine.selection import (
    NONE,
    Exclusions,
    Items,
    Kind,
    Needs,
    Problem,
    Resources,
    check,
    cost_of,
    value_of,
)

KEYS = ("A", "B", "C", "D", "E", "M")


def worked(budget: int = 1000, capacity: int = 130, mandatory: str = "M") -> Problem:
    return Problem(
        Items(KEYS, [80, 62, 60, 45, 40, 20], [key in mandatory for key in KEYS]),
        Resources(("budget", "effort"), (Kind.BUDGET, Kind.CAPACITY), [[budget], [capacity]]),
        np.array([[500, 60], [300, 45], [300, 40], [250, 30], [200, 35], [150, 15]]),
        Needs([4], [2]),
        Exclusions([1], [3]),
    )


def names(problem: Problem, start: np.ndarray) -> str:
    return "".join(key for key, one in zip(problem.items.key, start.tolist(), strict=True) if one != NONE)


def best_of_all(problem: Problem) -> tuple[int, int, tuple[int, ...]] | None:
    """Value, minus cost, and starts of the best of all sets, by the rule for ties; None if none is allowed."""
    best = None
    columns = problem.items.value.shape[1]
    for starts in itertools.product([NONE, *range(columns)], repeat=len(problem.items)):
        start = np.array(starts, np.int64)
        if check(problem, start):
            continue
        rank = tuple(-(1 << 40) if one == NONE else -one for one in starts)
        found = (value_of(problem, start), -cost_of(problem, start), rank, starts)
        if best is None or found > best:
            best = found
    return None if best is None else (best[0], best[1], best[3])
