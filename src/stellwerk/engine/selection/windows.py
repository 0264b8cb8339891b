"""Better sets for the proof to begin with (extra ``solver``): most items stay as they are in the best set known, the others are chosen anew by SCIP.

A window prefers items of which the linear relaxation is unsure, with as much chance as preference. Windows grow while they find nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stellwerk.engine.selection import exact
from stellwerk.engine.selection.frame import Tables
from stellwerk.engine.selection.model import Flags, Floats, Ints

SIZES = (100, 120, 140)
"""Options that are free at once: SCIP solves the first size in hundredths of a second, the last one in half a second."""
WINDOWS = 40
TRIES = 5
"""Windows in a row that find nothing, before they grow."""
WINDOW_NODES = 30
NODES = 80
"""Nodes of all windows together, two seconds or so."""


def sets(
    tables: Tables, unsure: Floats, best: Ints, seed: int, effort: Callable[[int], exact.Effort]
) -> Iterator[tuple[Ints, int]]:
    """One set after the other, each of a higher value, as chosen options with the nodes that it took (the last of them may be the one before).

    ``unsure``: what each option costs the linear relaxation; ``effort`` gives the means for so many nodes.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    far = _of_items(tables, unsure)
    far /= max(float(far.max(initial=0.0)), 1e-9)
    size = failed = used = nodes = 0
    useful = False
    for _ in range(WINDOWS):  # a size that found nothing is the last one
        if SIZES[size] >= len(tables.item) or used >= NODES:
            break
        model = exact.Model(tables)
        chosen = np.zeros(len(tables.item), np.int64)
        chosen[best] = 1
        free = _window(tables, random.random(len(far)) + far, SIZES[size])
        for option in np.flatnonzero(~free[tables.item]).tolist():
            model.fix([option], int(chosen[option]))
        answer = model.most(tables.value, effort(WINDOW_NODES), best, seed, proof=True)
        nodes += answer.nodes
        used += answer.nodes
        if (
            answer.start is not None
            and tables.value[found := tables.options(answer.start)].sum() > tables.value[best].sum()
        ):
            best, failed, useful = found, 0, True
            yield best, nodes
            nodes = 0
        else:
            failed += 1
            if failed == TRIES:
                if size + 1 == len(SIZES) or (size > 0 and not useful):
                    break
                size, failed, useful = size + 1, 0, False
    yield best, nodes


def _of_items(tables: Tables, values: Floats) -> Floats:
    """The least size of all options of an item."""
    result = np.full(len(tables.first) - 1, np.inf)
    np.minimum.at(result, tables.item, np.abs(values))
    return np.where(np.isfinite(result), result, 0.0)


def _window(tables: Tables, rank: Floats, size: int) -> Flags:
    """True for the items of the lowest rank, as many as have ``size`` options together."""
    order = np.argsort(rank, kind="stable")
    options = np.cumsum(np.diff(tables.first)[order])
    free = np.zeros(len(rank), np.bool_)
    free[order[: int(np.searchsorted(options, size)) + 1]] = True
    return free
