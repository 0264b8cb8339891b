"""A problem as the inner loops read it: links in both directions, packed demands and capacities, a topological order."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.levelling.kernels.generate import Ints, Longs, Tables
from stellwerk.engine.levelling.model import CELLS, NONE, Fault, FaultCode, Objective, Problem, ProblemError

SMALL = 2**14 - 1
"""Capacities up to here take 15 bits, four resources to a word; larger ones 31 bits, two to a word."""


def tables_of(problem: Problem, objective: Objective, alone: Ints | None = None) -> Tables:
    """Raises :class:`ProblemError` for links in a circle and for a horizon that does not fit in memory.

    ``alone``: what each project's delay counts from (objective TOTAL_DELAY).
    """
    activities, projects = problem.activities, problem.projects
    into_pinned = activities.pinned[problem.links.successor] != NONE
    kept = np.flatnonzero(~into_pinned)
    before, after = problem.links.predecessor[kept], problem.links.successor[kept]
    distance = problem.distances()[kept]
    rank = topological(len(activities), before, after)
    room, words = capacities(problem)
    fields, guard, packed = pack(problem, room, words)
    due = projects.due if alone is None else alone
    varying = bool((room != room[:, :1]).any() or (activities.pinned != NONE).any())
    leads = bool((distance < activities.duration[before]).any())
    pred_first, pred, pred_distance = _rows(len(activities), after, before, distance)
    succ_first, succ, succ_distance = _rows(len(activities), before, after, distance)
    return Tables(
        duration=_int(activities.duration), ready=_int(np.maximum(activities.earliest, projects.release[activities.project])),
        pinned=_int(activities.pinned), project=_int(activities.project), rank=rank,
        pred_first=pred_first, pred=pred, pred_distance=pred_distance,
        succ_first=succ_first, succ=succ, succ_distance=succ_distance,
        part_first=fields[0], part_word=fields[1], part_need=fields[2], guard=guard, room=packed,
        release=_int(projects.release), due=_int(due), weight=projects.weight.astype(np.int64),
        plan=np.array([int(objective), room.shape[1], leads, varying], np.int64),
    )  # fmt: skip


def _int(values: NDArray[np.generic]) -> Ints:
    """A writeable, contiguous copy: compiled loops then have one signature only."""
    return np.array(values, np.int32)


def _rows(count: int, of: Ints, other: Ints, distance: Ints) -> tuple[Ints, Ints, Ints]:
    order = np.argsort(of, kind="stable")
    first = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(of, minlength=count), out=first[1:])
    return first, _int(other[order]), _int(distance[order])


def topological(count: int, before: Ints, after: Ints) -> Ints:
    """The smallest row first among those whose predecessors are all placed."""
    open_links = np.bincount(after, minlength=count).tolist()
    first, successors, _ = _rows(count, before, after, after)
    heap = [row for row in range(count) if not open_links[row]]
    result: list[int] = []
    while heap:
        row = heapq.heappop(heap)
        result.append(row)
        for other in successors[first[row] : first[row + 1]].tolist():
            open_links[other] -= 1
            if not open_links[other]:
                heapq.heappush(heap, other)
    if len(result) < count:
        stuck = np.setdiff1d(np.arange(count), result)
        raise ProblemError([Fault(FaultCode.CYCLE, "activity", int(row), "successor") for row in stuck[:100]])
    return _int(np.array(result))


def capacities(problem: Problem) -> tuple[NDArray[np.int64], int]:
    """Capacity by resource and time, less what pinned activities take (never below 0), up to a time by which all can be done."""
    activities, steps = problem.activities, problem.steps
    last = max(
        int(problem.projects.release.max(initial=0)), int(activities.earliest.max(initial=0)),
        int(steps.time.max(initial=0)), int((activities.pinned + activities.duration)[activities.pinned != NONE].max(initial=0)),
    )  # fmt: skip
    lags = np.maximum(problem.distances() - activities.duration[problem.links.predecessor], 0).astype(np.int64)
    horizon = last + int(activities.duration.sum(dtype=np.int64)) + int(lags.sum()) + 1
    words = -(-len(problem.resources) // (4 if _small(problem) else 2))
    if horizon * max(len(problem.resources), 1) > CELLS:
        raise ProblemError([Fault(FaultCode.TOO_LARGE, "problem", NONE, "horizon", horizon)])
    room = np.repeat(problem.resources.capacity.astype(np.int64)[:, None], horizon, axis=1)
    for step in np.lexsort((steps.time,)).tolist():
        room[steps.resource[step], steps.time[step] :] = steps.capacity[step]
    for row in np.flatnonzero(activities.pinned != NONE).tolist():
        at = int(activities.pinned[row])
        room[:, at : at + int(activities.duration[row])] -= problem.demand[row][:, None]
    return np.maximum(room, 0), words


def _small(problem: Problem) -> bool:
    largest = max(int(problem.resources.capacity.max(initial=0)), int(problem.steps.capacity.max(initial=0)))
    return largest <= SMALL


def pack(
    problem: Problem, room: NDArray[np.int64], words: int
) -> tuple[tuple[Ints, Ints, Longs], Longs, Longs]:  # fmt: skip
    """Demands as CSR of (word, packed need), the guard bits, the packed capacities with guard bits standing."""
    lanes, bits = (4, 15) if _small(problem) else (2, 31)
    count, resources = problem.demand.shape
    guard = np.zeros(words, np.int64)
    packed = np.zeros((words, room.shape[1]), np.int64)
    need = np.zeros((count, words), np.int64)
    free = problem.activities.pinned == NONE
    for resource in range(resources):
        word, shift = resource // lanes, bits * (resource % lanes)
        guard[word] |= 1 << (shift + bits - 1)
        packed[word] |= room[resource] << shift
        need[:, word] |= (problem.demand[:, resource].astype(np.int64) * free) << shift
    packed |= guard[:, None]
    need[problem.activities.duration == 0] = 0
    rows, columns = np.nonzero(need)
    first = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=first[1:])
    return (first, _int(columns), need[rows, columns]), guard, packed
