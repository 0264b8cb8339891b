"""Dates of summary rows: from the earliest start to the latest finish of what lies below them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stellwerk.engine.network.model import NONE, Integers
from stellwerk.engine.network.solve import Schedule

EARLIEST = ("start", "resume", "late_start", "total_float", "free_float")
LATEST = ("finish", "late_finish")
FLOATS = ("total_float", "free_float")
BEHIND = 1 << 50


def with_summaries(schedule: Schedule, parent: Integers) -> Schedule:
    """The same schedule with the summary rows filled in; ``parent`` is the row above each row, NONE at the top.

    A summary takes the lowest floats of its open activities (of all, if none is open); one without activities keeps NONE. Raises ``ValueError`` if a row lies below itself.
    """
    summary = schedule.network.activities.summary != 0
    columns = {name: getattr(schedule, name).copy() for name in (*EARLIEST, *LATEST)}
    # What is finished has no float that counts: it stands behind every open one, and steps forward only where nothing else is.
    closed = ~summary & (schedule.network.activities.actual_finish != NONE)
    for name in FLOATS:
        columns[name][closed] += BEHIND
    filled = ~summary
    for rows in _by_depth(np.asarray(parent, np.int64)):
        below = rows[filled[rows] & (parent[rows] != NONE)]
        above = parent[below]
        for name, values in columns.items():
            fill, extreme = (np.iinfo(np.int64).max, np.minimum) if name in EARLIEST else (NONE, np.maximum)
            values[above[~filled[above]]] = fill
            extreme.at(values, above[summary[above]], values[below[summary[above]]])
        filled[above] = True
    for name in FLOATS:
        columns[name][columns[name] >= BEHIND // 2] -= BEHIND
    return replace(schedule, **columns)


def _by_depth(parent: Integers) -> list[Integers]:
    """Rows by how many lie above them, the deepest first."""
    depth = np.zeros(len(parent), np.int64)
    above = parent.copy()
    while (above != NONE).any():
        if depth.max(initial=0) > len(parent):
            raise ValueError("a row lies below itself")
        below = above != NONE
        depth[below] += 1
        above[below] = parent[above[below]]
    return [np.flatnonzero(depth == one) for one in range(int(depth.max(initial=0)), 0, -1)]
