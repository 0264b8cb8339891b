"""Branch and bound without any library: exact for small problems, stopped after so many nodes on large ones.

Items are decided one after the other, each of its starts or out. What is left is bounded by a Lagrangian relaxation of the limits
(``bounds.py``): with prices on what is short, each open item brings at most its price-corrected best value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stellwerk.engine.selection.bounds import Prices
from stellwerk.engine.selection.frame import Tables
from stellwerk.engine.selection.model import NONE, Ints

EVERY = 256
"""Nodes between two questions whether to stop."""


@dataclass
class Found:
    """``start`` None: nothing found. ``finished``: every set was looked at or ruled out."""

    start: Ints | None
    finished: bool
    nodes: int


class Branching:
    """Equal values: lower cost, then the set with the earlier key, then the earlier start."""

    def __init__(self, tables: Tables, prices: Prices, least: int | None, best: Ints | None) -> None:
        problem = tables.problem
        self.tables = tables
        count = len(problem.items)
        order = np.argsort(-_pull(tables, prices), kind="stable")
        self.order: list[int] = order.tolist()
        self.place = [0] * count
        for place, item in enumerate(self.order):
            self.place[item] = place
        self.prices = prices.price.tolist()
        self.options = [self._ordered(item, prices) for item in self.order]
        self.rest = self._rest(prices)
        self.loads = [
            dict(zip(np.flatnonzero(row).tolist(), row[row > 0].tolist(), strict=True)) for row in tables.load
        ]
        self.weight = (tables.load @ prices.price).tolist()
        self.value = tables.value.tolist()
        self.cost = tables.cost.tolist()
        self.start_of = tables.start.tolist()
        self._relations()
        self.start = [NONE] * count
        self.room = tables.limit.tolist()
        self.count = [0] * len(problem.groups)
        self.open = [len(group.members) for group in problem.groups]
        self.best: tuple[int, int, tuple[int, ...]] | None = None
        self.least = least
        if best is not None:
            self.best = (_value(tables, best), -_cost(tables, best), _rank(best.tolist()))
            self.best_start: list[int] | None = best.tolist()
        else:
            self.best_start = None
        self.nodes = 0
        self.stopped = False

    def _ordered(self, item: int, prices: Prices) -> list[int]:
        tables = self.tables
        worth = tables.value - tables.load @ prices.price
        return sorted(tables.options_of(item), key=lambda one: (-float(worth[one]), one))

    def _rest(self, prices: Prices) -> list[float]:
        """What the items from each place on can bring at most, after the prices."""
        tables, mandatory = self.tables, self.tables.problem.items.mandatory
        worth = tables.value - tables.load @ prices.price
        rest = [0.0]
        for item in reversed(self.order):
            options = tables.options_of(item)
            most = max((float(worth[option]) for option in options), default=-np.inf)
            rest.append(rest[-1] + (most if mandatory[item] else max(most, 0.0)))
        return rest[::-1]

    def _relations(self) -> None:
        problem = self.tables.problem
        count = len(problem.items)
        self.needs: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        self.needed: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        for item, needed, lag in zip(
            problem.needs.item.tolist(), problem.needs.needed.tolist(), problem.needs.lag.tolist(), strict=True
        ):
            self.needs[item].append((needed, lag))
            self.needed[needed].append((item, lag))
        self.against: list[set[int]] = [set() for _ in range(count)]
        for one, other in zip(problem.exclusions.first.tolist(), problem.exclusions.second.tolist(), strict=True):
            self.against[one].add(other)
            self.against[other].add(one)
        self.groups: list[list[int]] = [[] for _ in range(count)]
        for number, group in enumerate(problem.groups):
            for member in group.members:
                self.groups[member].append(number)
        self.mandatory = problem.items.mandatory.tolist()

    def run(self, nodes: int, stop: Callable[[], bool] | None = None, *, first: bool = False) -> Found:
        """``first``: any allowed set will do."""
        self.limit_nodes, self.ask, self.first_only = nodes, stop, first
        if self._without_option():
            return Found(None, True, 0)
        slack = sum(price * room for price, room in zip(self.prices, self.room, strict=True))
        self._down(0, 0, 0, slack)
        start = None if self.best_start is None else np.array(self.best_start, np.int64)
        return Found(start, not self.stopped, self.nodes)

    def _down(self, place: int, value: int, cost: int, slack: float) -> None:
        """``slack``: the price of what is left of the limits."""
        self.nodes += 1
        if self.nodes >= self.limit_nodes or (self.nodes % EVERY == 0 and self.ask is not None and self.ask()):
            self.stopped = True
            return
        if self._hopeless(value + slack + self.rest[place], cost):
            return
        if place == len(self.order):
            self._keep(value, cost)
            return
        item = self.order[place]
        for option in self.options[place]:
            if self._try_in(item, option):
                self._down(place + 1, value + self.value[option], cost + self.cost[option], slack - self.weight[option])
                self._take_back(item, option)
                if self.stopped:
                    return
        if not self.mandatory[item] and self._may_be_out(item, place):
            self._group_out(item, 1)
            if self._groups_reach(item):
                self._down(place + 1, value, cost, slack)
            self._group_out(item, -1)

    def _without_option(self) -> bool:
        """A mandatory item that fits nowhere."""
        counts = np.diff(self.tables.first)
        return bool((self.tables.problem.items.mandatory & (counts == 0)).any())

    def _hopeless(self, bound: float, cost: int) -> bool:
        """Rounding of the prices is far below a thousandth of a unit of value; values are whole."""
        most = int(np.floor(bound + 1e-3 + 1e-9 * abs(bound)))
        if self.least is not None and most < self.least:
            return True
        return self.best is not None and (most < self.best[0] or (most == self.best[0] and -cost < self.best[1]))

    def _keep(self, value: int, cost: int) -> None:
        if self.least is not None and value < self.least:
            return
        found = (value, -cost, _rank(self.start))
        if self.best is None or found > self.best:
            self.best, self.best_start = found, self.start.copy()
            self.stopped = self.first_only

    def _try_in(self, item: int, option: int) -> bool:
        """Takes it where nothing decided so far and no limit forbids it."""
        start, room, place = self.start_of[option], self.room, self.place[item]
        if any(self.start[other] != NONE for other in self.against[item]):
            return False
        for needed, lag in self.needs[item]:
            if self.place[needed] < place and (
                self.start[needed] == NONE or (lag != NONE and start < self.start[needed] + lag)
            ):
                return False
        for other, lag in self.needed[item]:
            if self.start[other] != NONE and lag != NONE and self.start[other] < start + lag:
                return False
        load = self.loads[option]
        if any(amount > room[row] for row, amount in load.items()):
            return False
        groups = self.tables.problem.groups
        for group in self.groups[item]:
            if groups[group].most != NONE and self.count[group] >= groups[group].most:
                return False
        for row, amount in load.items():
            room[row] -= amount
        for group in self.groups[item]:
            self.count[group] += 1
            self.open[group] -= 1
        self.start[item] = start
        return True

    def _take_back(self, item: int, option: int) -> None:
        for row, amount in self.loads[option].items():
            self.room[row] += amount
        for group in self.groups[item]:
            self.count[group] -= 1
            self.open[group] += 1
        self.start[item] = NONE

    def _may_be_out(self, item: int, place: int) -> bool:
        return not any(self.start[other] != NONE for other, _ in self.needed[item] if self.place[other] < place)

    def _group_out(self, item: int, sign: int) -> None:
        for group in self.groups[item]:
            self.open[group] -= sign

    def _groups_reach(self, item: int) -> bool:
        groups = self.tables.problem.groups
        return all(self.count[group] + self.open[group] >= groups[group].least for group in self.groups[item])


def _pull(tables: Tables, prices: Prices) -> Ints:
    """Items whose decision is clearest first: the size of their best value after prices; mandatory ones before all others."""
    worth = tables.value - tables.load @ prices.price
    result = np.full(len(tables.first) - 1, -np.inf)
    np.maximum.at(result, tables.item, worth)
    result = np.where(np.isfinite(result), np.abs(result), np.inf)
    pull: Ints = np.where(tables.problem.items.mandatory, np.inf, result)
    return pull


def _rank(start: list[int]) -> tuple[int, ...]:
    """The higher comes first: in before out, the earlier start before the later one, by the order of the keys."""
    return tuple(-(1 << 40) if one == NONE else -one for one in start)


def _value(tables: Tables, start: Ints) -> int:
    return int(tables.value[tables.options(start)].sum())


def _cost(tables: Tables, start: Ints) -> int:
    return int(tables.cost[tables.options(start)].sum())
