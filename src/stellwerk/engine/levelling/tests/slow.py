"""The slow and obvious way: time by time, activity by activity, no code of the engine's loops."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from stellwerk.engine.levelling import AFTER_FINISH, Activities, Links, Problem, Projects, Resources, Steps


def distance(problem: Problem, link: int) -> int:
    given = int(problem.links.distance[link])
    return int(problem.activities.duration[problem.links.predecessor[link]]) if given == AFTER_FINISH else given


def capacity_at(problem: Problem, resource: int, time: int) -> int:
    value, since = int(problem.resources.capacity[resource]), -1
    for row in range(len(problem.steps)):
        if problem.steps.resource[row] == resource and since <= problem.steps.time[row] <= time:
            value, since = int(problem.steps.capacity[row]), int(problem.steps.time[row])
    return value


def feasible(problem: Problem, start: Any) -> bool:
    """Without pinned activities."""
    at = [int(value) for value in start]
    tasks = problem.activities
    for row in range(len(tasks)):
        if at[row] < max(int(tasks.earliest[row]), int(problem.projects.release[tasks.project[row]]), 0):
            return False
    for link in range(len(problem.links)):
        before, after = int(problem.links.predecessor[link]), int(problem.links.successor[link])
        if at[after] < at[before] + distance(problem, link):
            return False
    end = max((at[row] + int(tasks.duration[row]) for row in range(len(tasks))), default=0)
    for time, resource in itertools.product(range(end), range(len(problem.resources))):
        running = [row for row in range(len(tasks)) if at[row] <= time < at[row] + int(tasks.duration[row])]
        if sum(int(problem.demand[row, resource]) for row in running) > capacity_at(problem, resource, time):
            return False
    return True


def lists(problem: Problem) -> Iterator[list[int]]:
    """All orders that keep the links."""
    pairs = list(zip(problem.links.predecessor.tolist(), problem.links.successor.tolist(), strict=True))
    for order in itertools.permutations(range(len(problem.activities))):
        place = {row: at for at, row in enumerate(order)}
        if all(place[a] < place[b] for a, b in pairs):
            yield list(order)


def placed(problem: Problem, order: list[int]) -> list[int]:
    """Each activity of the list at the first time that breaks nothing (no leads, no pinned activities)."""
    tasks = problem.activities
    at = [-1] * len(tasks)

    def fits(row: int, time: int) -> bool:
        for moment, resource in itertools.product(
            range(time, time + int(tasks.duration[row])), range(len(problem.resources))
        ):
            used = sum(
                int(problem.demand[other, resource])
                for other in range(len(tasks))
                if other == row or (at[other] >= 0 and at[other] <= moment < at[other] + int(tasks.duration[other]))
            )
            if used > capacity_at(problem, resource, moment):
                return False
        return True

    for row in order:
        time = max(int(tasks.earliest[row]), int(problem.projects.release[tasks.project[row]]))
        for link in range(len(problem.links)):
            if problem.links.successor[link] == row:
                time = max(time, at[int(problem.links.predecessor[link])] + distance(problem, link))
        while not fits(row, time):
            time += 1
        at[row] = time
    return at


def finish(problem: Problem, start: Any) -> int:
    return max(int(at) + int(long) for at, long in zip(start, problem.activities.duration, strict=True))


def shortest(problem: Problem) -> int:
    """The makespan of the best of all lists: one of them is optimal where capacities never fall."""
    return min(finish(problem, placed(problem, order)) for order in lists(problem))


@st.composite
def problems(draw: Any, most: int = 6, steps: bool = False, projects: int = 2) -> Problem:
    count = draw(st.integers(1, most))
    numbers = st.integers(0, 4)
    capacity = draw(st.lists(st.integers(1, 4), min_size=0, max_size=3))
    rows = [[draw(st.integers(0, top)) for top in capacity] for _ in range(count)]
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    links = draw(st.lists(st.sampled_from(pairs), max_size=6, unique=True)) if pairs else []
    lag = [draw(st.sampled_from([AFTER_FINISH, AFTER_FINISH, 0, 2, 5])) for _ in links]
    kind = draw(st.integers(1, projects))
    changes = (
        [(resource, draw(st.integers(1, 8)), draw(st.integers(top, top + 3))) for resource, top in enumerate(capacity)]
        if steps
        else []
    )
    table = np.array(links, np.int64).reshape(-1, 2)
    step = np.array(changes, np.int64).reshape(-1, 3)
    return Problem(
        Activities(
            np.array([draw(numbers) for _ in range(count)]),
            np.array([draw(st.integers(0, kind - 1)) for _ in range(count)]),
            np.array([draw(st.sampled_from([0, 0, 0, 3])) for _ in range(count)]),
        ),
        np.array(rows, np.int64).reshape(count, len(capacity)),
        Resources(np.array(capacity, np.int64)),
        Links(table[:, 0], table[:, 1], np.array(lag, np.int64)),
        Projects(
            np.array([draw(numbers) for _ in range(kind)]),
            np.array([draw(st.integers(5, 15)) for _ in range(kind)]),
            np.array([draw(st.integers(0, 3)) for _ in range(kind)]),
        ),
        Steps(step[:, 0], step[:, 1], step[:, 2]),
    )
