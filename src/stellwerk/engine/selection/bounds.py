"""Upper bounds that need no library: prices on the limits (Lagrangian relaxation), found by subgradient steps."""

from __future__ import annotations

import math
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
    return _whole(_Relaxation(tables).at(price)[0])


def prices(tables: Tables, lower: int, steps: int = STEPS) -> Prices:
    """``lower``: the value of a set that is known. The same tables give the same prices."""
    price = np.zeros(len(tables.limit))
    if not len(tables.limit) or not len(tables.item):
        return Prices(price, priced(tables, price))
    relaxation = _Relaxation(tables)
    best, best_price = math.inf, price
    scale = np.maximum(relaxation.limit, 1.0)
    factor, waited = 1.5, 0
    for _ in range(steps):
        bound, slope = relaxation.at(price)
        if bound < best - 1e-9 * abs(best if math.isfinite(best) else 1.0):
            best, best_price, waited = bound, price, 0
        else:
            waited += 1
            if waited >= 12:
                factor, waited, price = factor / 2, 0, best_price
        relative = slope / scale
        length = float(relative @ relative)
        if _whole(best) <= lower or factor < 1e-4 or (length == 0.0 and not relative.any()):
            break
        step = factor * max(bound - lower, 1.0) / length
        price = np.maximum(price - step * relative / scale, 0.0)
    return Prices(best_price, _whole(best))


class _Relaxation:
    """The tables as every step needs them: numbers with which prices are multiplied, and where the options of an item begin."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.value, self.load, self.limit = (
            np.ascontiguousarray(one, np.float64) for one in (tables.value, tables.load, tables.limit)
        )
        self.filled = np.flatnonzero(tables.first[1:] > tables.first[:-1])
        self.begin = tables.first[self.filled]
        self.mandatory = tables.problem.items.mandatory

    def at(self, price: Floats) -> tuple[float, Floats]:
        """The relaxed value, and what its choice leaves of each limit (negative: short)."""
        item, worth = self.tables.item, self.value - self.load @ price
        best = np.zeros(len(self.mandatory))
        if len(self.filled):
            best[self.filled] = np.maximum.reduceat(worth, self.begin)
        taken = (best > 0) | self.mandatory
        total = float(price @ self.limit) + float(best[taken].sum())
        options = np.flatnonzero(taken[item] & (worth >= best[item]))
        # Of equally good starts of an item the first one is taken; options stand in the order of the items.
        of = item[options]
        first = np.ones(len(of), np.bool_)
        np.not_equal(of[1:], of[:-1], out=first[1:])
        slope = self.tables.limit - self.tables.load[options[first]].sum(axis=0)
        return total, slope.astype(np.float64)


def _whole(bound: float) -> int:
    """Values are whole; the sums are rounded far below a thousandth."""
    return math.floor(bound + 1e-3 + 1e-9 * abs(bound))
