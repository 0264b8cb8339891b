"""The links of counted positions as the compiled loops read them: two at a time, each with the row in which it finds its date."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.network import NONE
from stellwerk.engine.simulation.draws import Ints
from stellwerk.engine.simulation.numbers import GROUP
from stellwerk.engine.simulation.plan import COUNTED, Bytes, Plan, Steps

WIDTH = 2 * GROUP
"""Iterations of a block: all that is read again soon fits the cache of a core, and the cost of beginning a loop does not matter."""
BITS = 8
"""Links whose tightness one byte tells."""


class Layout(NamedTuple):
    """Links of position p: from ``first[p]`` on those that bound its start, from ``middle[p]`` on its finish, both even in number (the last may be there twice)."""

    first: Ints
    middle: Ints
    from_row: Ints
    lag: Ints
    source: Ints
    """NONE for the second of two that are one."""
    simple: Bytes
    """1: at most eight links, all of them into the start, and no date holds the finish."""
    tight_first: Ints
    finish_row: Ints
    start_row: Ints
    """0: nobody reads it."""
    cost_first: Ints
    """Amounts that follow the work of a position (compressed rows into ``cost``); behind the last position all others."""
    cost: Ints
    point_rows: int
    tight_rows: int


def layout_of(plan: Plan) -> Layout:
    steps, count = plan.steps, plan.count
    target = np.repeat(np.arange(count), np.diff(steps.in_first))
    kept = np.flatnonzero(steps.mode[target] == COUNTED)
    group = 2 * target[kept] + (steps.in_into_start[kept] == 0)
    order = kept[np.argsort(group, kind="stable")]
    sizes = np.bincount(group, minlength=2 * count)
    # An odd number of links is made even by its last one.
    even = sizes + (sizes & 1)
    first = np.append(0, np.cumsum(even)).astype(np.int32)
    place = np.arange(len(order)) + np.repeat(first[:-1] - np.append(0, np.cumsum(sizes))[:-1], sizes)
    link = np.zeros(int(first[-1]), np.int64)
    link[place] = order
    odd = np.flatnonzero(sizes & 1)
    link[first[odd] + sizes[odd]] = link[first[odd] + sizes[odd] - 1]
    links = first[2::2] - first[:-1:2]
    source = steps.in_source[link]
    source[first[odd] + sizes[odd]] = NONE
    simple = (links <= BITS) & (even[1::2] == 0) & (steps.finish_from <= 0)
    tight = np.append(0, np.cumsum(-(-links // BITS))).astype(np.int32)
    rows, point_rows = _rows(steps, target)
    amounts = np.where(plan.amounts.position == NONE, count, plan.amounts.position)
    from_row = rows[2 * steps.in_source[link] + steps.in_from_start[link]]
    return Layout(
        first=first[::2].copy(), middle=first[1::2].copy(), from_row=from_row, lag=steps.in_lag[link], source=source,
        simple=simple.astype(np.int8), tight_first=tight, finish_row=rows[::2].copy(), start_row=rows[1::2].copy(),
        cost_first=np.append(0, np.cumsum(np.bincount(amounts, minlength=count + 1))).astype(np.int32),
        cost=np.argsort(amounts, kind="stable").astype(np.int32), point_rows=point_rows, tight_rows=int(tight[-1]),
    )  # fmt: skip


def _rows(steps: Steps, target: NDArray[np.int64]) -> tuple[Ints, int]:
    from stellwerk.engine.simulation.kernels.slots import share_rows

    count = len(steps.mode)
    until = np.full(2 * count, NONE, np.int32)
    np.maximum.at(until, 2 * steps.in_source + steps.in_from_start, target.astype(np.int32))
    # The end is compared with the finish of what may be last.
    until[2 * np.flatnonzero(steps.last)] = count
    row = np.zeros(2 * count, np.int32)
    head, after, free = (np.full(size, NONE, np.int32) for size in (count, 2 * count, 2 * count))
    return row, share_rows(until, row, head, after, free)
