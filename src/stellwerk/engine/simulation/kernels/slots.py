"""Which row holds a date: a row is used again as soon as no link reads it any more, so that few rows are in use and stay in the cache."""

from __future__ import annotations

import numpy as np

from stellwerk.engine.simulation.draws import Ints
from stellwerk.engine.simulation.kernels.base import njit


@njit
def share_rows(until: Ints, row: Ints, head: Ints, after: Ints, free: Ints) -> int:
    """Gives each point (finish of position p: 2p, start: 2p + 1) a row and returns how many there are; row 0 is for what nobody reads.

    ``until``: the last position that reads the point; −1: none. ``head``, ``after`` and ``free`` are room to work in.
    """
    waiting, rows = 0, 1
    for p in range(len(head)):
        # Links of p are read before its own dates are written: what p reads last is free for p.
        point = head[p]
        while point >= 0:
            free[waiting] = row[point]
            waiting += 1
            point = after[point]
        for point in range(2 * p, 2 * p + 2):
            last = until[point]
            if last < 0:
                row[point] = 0
                continue
            if waiting > 0:
                waiting -= 1
                row[point] = free[waiting]
            else:
                row[point] = np.int32(rows)
                rows += 1
            if last < len(head):
                after[point] = head[last]
                head[last] = np.int32(point)
    return rows
