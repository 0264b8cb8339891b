"""Upper bounds that need no library: prices on the limits (Lagrangian relaxation), found by subgradient steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stellwerk.engine.selection.frame import Tables
from stellwerk.engine.selection.model import Floats

STEPS = 300


@dataclass(frozen=True, eq=False)
class Prices:
    """``price`` of a unit of each row, and no set of items is worth more than ``bound``."""

    price: Floats
    bound: int


def priced(tables: Tables, price: Floats) -> int:
    """The bound that these prices (not below 0) prove: what is available at its price, and of each item its best value after prices."""
    return _whole(_relaxed(tables, price)[0])


def prices(tables: Tables, lower: int, steps: int = STEPS) -> Prices:
    """``lower``: the value of a set that is known. The same tables give the same prices."""
    price = np.zeros(len(tables.limit))
    if not len(tables.limit) or not len(tables.item):
        return Prices(price, priced(tables, price))
    best, best_price = np.inf, price
    scale = np.maximum(tables.limit.astype(np.float64), 1.0)
    factor, waited = 1.5, 0
    for _ in range(steps):
        bound, slope = _relaxed(tables, price)
        if bound < best - 1e-9 * abs(best if np.isfinite(best) else 1.0):
            best, best_price, waited = bound, price, 0
        else:
            waited += 1
            if waited >= 12:
                factor, waited, price = factor / 2, 0, best_price
        relative = slope / scale
        if _whole(best) <= lower or not relative.any() or factor < 1e-4:
            break
        step = factor * max(bound - lower, 1.0) / float(relative @ relative)
        price = np.maximum(price - step * relative / scale, 0.0)
    return Prices(best_price, _whole(best))


def _relaxed(tables: Tables, price: Floats) -> tuple[float, Floats]:
    """The relaxed value, and what its choice leaves of each limit (negative: short)."""
    worth = tables.value - tables.load @ price
    count = len(tables.first) - 1
    filled = np.flatnonzero(np.diff(tables.first))
    best = np.full(count, 0.0)
    if len(filled):
        best[filled] = np.maximum.reduceat(worth, tables.first[filled])
    taken = (best > 0) | tables.problem.items.mandatory
    total = float(price @ tables.limit) + float(best[taken].sum())
    chosen = taken[tables.item] & (worth >= best[tables.item])
    # Of equally good starts of an item the first one is taken.
    _, index = np.unique(tables.item[chosen], return_index=True)
    options = np.flatnonzero(chosen)[index]
    slope = tables.limit - tables.load[options].sum(axis=0)
    return total, slope.astype(np.float64)


def _whole(bound: float) -> int:
    """Values are whole; the sums are rounded far below a thousandth."""
    return int(np.floor(bound + 1e-3 + 1e-9 * abs(bound)))
