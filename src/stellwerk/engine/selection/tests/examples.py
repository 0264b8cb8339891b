"""The worked example of docs/algorithms/selection.md, and a way that looks at every set there is."""

from __future__ import annotations

import itertools
import string
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from stellwerk.engine.selection import (
    NONE,
    Exclusions,
    Group,
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
Best = tuple[int, int, tuple[int, ...]]


def worked(budget: int = 1000, capacity: int = 130, mandatory: str = "M") -> Problem:
    return Problem(
        Items(KEYS, [80, 62, 60, 45, 40, 20], [key in mandatory for key in KEYS]),
        Resources(("budget", "effort"), (Kind.BUDGET, Kind.CAPACITY), [[budget], [capacity]]),
        np.array([[500, 60], [300, 45], [300, 40], [250, 30], [200, 35], [150, 15]]),
        Needs([4], [2]),
        Exclusions([1], [3]),
    )


def plan(
    value: ArrayLike,
    cost: ArrayLike,
    budget: int | list[int],
    *,
    mandatory: Sequence[int] = (),
    barred: Sequence[int] = (),
    needs: Sequence[tuple[int, int]] = (),
    lags: Sequence[int] | None = None,
    groups: Sequence[Group] = (),
) -> Problem:
    """Items a, b, c … with one budget; rows of costs and limits by period, or one number for one period."""
    limit = np.atleast_1d(np.asarray(budget))
    demand = np.asarray(cost).reshape(-1, 1, len(limit))
    count = len(demand)
    return Problem(
        Items(
            tuple(string.ascii_lowercase[:count]),
            value,
            np.isin(range(count), mandatory),
            np.isin(range(count), barred),
        ),
        Resources(("budget",), (Kind.BUDGET,), limit.reshape(1, -1)),
        demand,
        Needs([one for one, _ in needs], [two for _, two in needs], lags if lags is not None else [NONE] * len(needs)),
        groups=tuple(groups),
    )


def names(problem: Problem, start: np.ndarray) -> str:
    return "".join(key for key, one in zip(problem.items.key, start.tolist(), strict=True) if one != NONE)


def best_of_all(problem: Problem) -> Best | None:
    """Value, minus cost, and starts of the best of all sets, by the rule for ties; None if none is allowed."""
    found = None
    columns = problem.items.value.shape[1]
    for starts in itertools.product([NONE, *range(columns)], repeat=len(problem.items)):
        start = np.array(starts, np.int64)
        rank = tuple(-(1 << 40) if one == NONE else -one for one in starts)
        if all(one < columns for one in starts):
            one = (value_of(problem, start), -cost_of(problem, start), rank)
            if (found is None or one > found) and not check(problem, start):
                found = one
    return found


def starts_of(best: Best) -> list[int]:
    return [NONE if one == -(1 << 40) else -one for one in best[2]]
