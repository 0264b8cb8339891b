"""Is a schedule feasible? Looked at from the problem alone, without any of the code that makes schedules.

Every schedule that leaves the engine goes through :func:`check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.levelling.model import NONE, Ints, Problem


class BreachCode(StrEnum):
    NO_START = "no_start"
    TOO_EARLY = "too_early"
    MOVED = "moved"
    LINK = "link"
    OVERLOAD = "overload"


@dataclass(frozen=True)
class Breach:
    """``row``: the activity, link or resource; ``time`` where it begins; ``by``: how many units."""

    code: BreachCode
    row: int
    time: int
    by: int

    def __str__(self) -> str:
        return f"{self.code.value.replace('_', ' ')}: row {self.row} at {self.time} by {self.by}"


class InfeasibleError(RuntimeError):
    """The engine made a schedule that breaks the problem: a defect of the engine, never of the data."""

    def __init__(self, breaches: list[Breach]) -> None:
        self.breaches = tuple(breaches)
        super().__init__("; ".join(str(breach) for breach in breaches[:3]))


def check(problem: Problem, start: Ints) -> list[Breach]:
    """What a schedule breaks. Links into pinned activities and what these overload alone is given, not chosen: not a breach."""
    activities, links = problem.activities, problem.links
    if start.shape != activities.duration.shape:
        return [Breach(BreachCode.NO_START, NONE, 0, len(start))]
    breaches = [Breach(BreachCode.NO_START, int(row), 0, 0) for row in np.flatnonzero(start < 0)]
    pinned = activities.pinned != NONE
    ready = np.maximum(activities.earliest, problem.projects.release[activities.project])
    for row in np.flatnonzero(~pinned & (start < ready)).tolist():
        breaches.append(Breach(BreachCode.TOO_EARLY, row, int(start[row]), int(ready[row] - start[row])))
    for row in np.flatnonzero(pinned & (start != activities.pinned)).tolist():
        breaches.append(Breach(BreachCode.MOVED, row, int(start[row]), int(start[row] - activities.pinned[row])))
    missing = broken_by(problem, start)
    for row in np.flatnonzero((missing > 0) & ~pinned[links.successor]).tolist():
        breaches.append(Breach(BreachCode.LINK, row, int(start[links.successor[row]]), int(missing[row])))
    if not breaches:
        for resource in range(len(problem.resources)):
            breaches += _overloads(problem, start, resource)
    return breaches


def broken_by(problem: Problem, start: Ints) -> NDArray[np.int64]:
    """By how many units each link is missed (≤ 0: kept)."""
    links = problem.links
    due = start[links.predecessor].astype(np.int64) + problem.distances()
    return due - start[links.successor]


def loads(problem: Problem, start: Ints, resource: int, *, pinned_only: bool = False) -> tuple[Ints, Ints]:
    """The times at which the load of a resource changes, and the load from each of them on."""
    activities = problem.activities
    takes = (problem.demand[:, resource] > 0) & (activities.duration > 0)
    if pinned_only:
        takes &= activities.pinned != NONE
    rows = np.flatnonzero(takes)
    need = problem.demand[rows, resource].astype(np.int64)
    times = np.concatenate([start[rows], start[rows] + activities.duration[rows]]).astype(np.int64)
    change = np.concatenate([need, -need])
    at, inverse = np.unique(times, return_inverse=True)
    total = np.zeros(len(at), np.int64)
    np.add.at(total, inverse, change)
    return at.astype(np.int32), np.cumsum(total).astype(np.int32)


def _overloads(problem: Problem, start: Ints, resource: int) -> list[Breach]:
    """Where the load exceeds the capacity, unless what is pinned does so alone and nothing else adds to it."""
    steps = problem.steps
    of = steps.resource == resource
    order = np.argsort(steps.time[of], kind="stable")
    step_time = np.concatenate([[0], steps.time[of][order]])
    capacity = np.concatenate([problem.resources.capacity[resource : resource + 1], steps.capacity[of][order]])
    at, load = loads(problem, start, resource)
    given_at, given = loads(problem, start, resource, pinned_only=True)
    times = np.unique(np.concatenate([at, given_at, step_time]))

    def value(points: Ints, values: Ints) -> NDArray[np.int64]:
        index = np.searchsorted(points, times, side="right") - 1
        return np.where(index >= 0, values[np.maximum(index, 0)] if len(values) else 0, 0).astype(np.int64)

    total, fixed = value(at, load), value(given_at, given)
    over = total - value(step_time, capacity)
    wrong = np.flatnonzero((over > 0) & (total > fixed))
    return [Breach(BreachCode.OVERLOAD, resource, int(times[row]), int(over[row])) for row in wrong[:100]]
