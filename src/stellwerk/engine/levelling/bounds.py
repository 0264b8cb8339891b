"""What no schedule can beat: the critical path, and the work of each resource between the heads and tails of its activities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.levelling.kernels.generate import Ints, Tables
from stellwerk.engine.levelling.model import NONE, Objective, Problem

MOST_TAILS = 200
"""So many different tails are tried for each resource; more would cost time and hardly ever raise the bound."""


def heads(tables: Tables) -> Ints:
    """Earliest start of each activity if no capacity were scarce."""
    start = np.where(tables.pinned >= 0, tables.pinned, tables.ready).tolist()
    first, other, distance = tables.pred_first.tolist(), tables.pred.tolist(), tables.pred_distance.tolist()
    for job in tables.rank.tolist():
        if tables.pinned[job] < 0:
            for link in range(first[job], first[job + 1]):
                start[job] = max(start[job], start[other[link]] + distance[link])
    return np.array(start, np.int32)


def tails(tables: Tables, ends: Ints) -> Ints:
    """Latest finish of each activity with each project ending at its ``ends``, if no capacity were scarce."""
    finish = ends[tables.project].tolist()
    first, other, distance = tables.succ_first.tolist(), tables.succ.tolist(), tables.succ_distance.tolist()
    duration = tables.duration.tolist()
    for job in reversed(tables.rank.tolist()):
        for link in range(first[job], first[job + 1]):
            after = other[link]
            finish[job] = min(finish[job], finish[after] - duration[after] - distance[link] + duration[job])
    return np.array(finish, np.int32)


def project_ends(problem: Problem, start: Ints) -> NDArray[np.int64]:
    """The finish of each project; of one without activities its release."""
    ends = problem.projects.release.astype(np.int64)
    np.maximum.at(ends, problem.activities.project, start.astype(np.int64) + problem.activities.duration)
    return ends


def value_of(problem: Problem, objective: Objective, start: Ints, due: Ints) -> int:
    """The objective of a schedule. ``due``: what the delay of each project counts from (NONE: it does not count)."""
    if objective is Objective.MAKESPAN:
        return int((start.astype(np.int64) + problem.activities.duration).max(initial=0))
    return delay_of(problem, objective, project_ends(problem, start), due)


def delay_of(problem: Problem, objective: Objective, ends: NDArray[np.int64], due: Ints) -> int:
    late = np.where(due == NONE, 0, np.maximum(ends - due, 0))
    weight = problem.projects.weight.astype(np.int64) if objective is Objective.WEIGHTED_TARDINESS else 1
    return int((late * weight).sum())


def lower_bound(problem: Problem, tables: Tables, objective: Objective, due: Ints) -> int:
    """No schedule has a smaller objective."""
    start = heads(tables)
    if objective is not Objective.MAKESPAN:
        return delay_of(problem, objective, project_ends(problem, start), due)
    critical = int((start.astype(np.int64) + tables.duration).max(initial=0))
    if tables.plan[3]:
        return critical
    tail = critical - tails(tables, np.full(len(tables.release), critical, np.int32))
    best = critical
    for resource in range(len(problem.resources)):
        best = max(best, energy_bound(problem, resource, start, tail))
    return best


def energy_bound(problem: Problem, resource: int, start: Ints, tail: Ints) -> int:
    """Of all activities that begin no earlier than r and are followed by at least q: r + their work over the capacity + q."""
    work = problem.demand[:, resource].astype(np.int64) * problem.activities.duration
    rows = np.flatnonzero(work)
    capacity = int(problem.resources.capacity[resource])
    if not len(rows) or capacity <= 0:
        return 0
    rows = rows[np.argsort(-start[rows], kind="stable")]
    head, after, need = start[rows].astype(np.int64), tail[rows], work[rows]
    values = np.unique(after)
    best = 0
    for least in values[:: max(1, len(values) // MOST_TAILS)].tolist():
        sums = np.cumsum(np.where(after >= least, need, 0))
        counted = after >= least
        best = max(best, int((head + -(-sums // capacity) + least)[counted].max(initial=0)))
    return best
