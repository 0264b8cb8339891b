"""From a problem to options: an option is an item with a start. Rows are the limits that could be overdrawn at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stellwerk.engine.selection.model import NONE, UNLIMITED, Flags, Ints, Problem, shifted


@dataclass(frozen=True, eq=False)
class Tables:
    """``first[i]`` … ``first[i + 1]`` are the options of item i, by start. ``load``: options × rows."""

    problem: Problem
    first: Ints
    item: Ints
    start: Ints
    value: Ints
    cost: Ints
    load: Ints
    limit: Ints
    resource: Ints
    period: Ints
    items_cost: Ints

    def options_of(self, item: int) -> range:
        return range(int(self.first[item]), int(self.first[item + 1]))

    def option(self, item: int, start: int) -> int:
        """The option with this start, NONE if it is no choice."""
        for option in self.options_of(item):
            if self.start[option] == start:
                return option
        return NONE

    def starts(self, options: Ints) -> Ints:
        """Of each item its start, NONE where it is not chosen, from the chosen options."""
        result = np.full(len(self.first) - 1, NONE, np.int64)
        result[self.item[options]] = self.start[options]
        return result

    def options(self, start: Ints) -> Ints:
        """The chosen options, from the start of each item."""
        found = [self.option(int(item), int(start[item])) for item in np.flatnonzero(start != NONE)]
        if NONE in found:
            raise ValueError("a start that is no choice")
        return np.array(found, np.int64)


def tables_of(problem: Problem, growing: Flags | None = None) -> Tables:
    """Every option that is a choice and fits by itself, and the limits that all items together could overdraw.

    ``growing`` (resources × periods): limits that may grow, so that no option is left out for their sake.
    """
    items, costs = problem.items, problem.costs()
    limit = problem.resources.limit
    finite = np.argwhere(limit != UNLIMITED)
    resource, period = finite[:, 0].astype(np.int64), finite[:, 1].astype(np.int64)
    room = limit[resource, period]
    last = _last_period(problem)
    grows = np.zeros(len(room), np.bool_) if growing is None else growing[resource, period]
    first, item, start, value, loads = [0], [], [], [], []
    for row in range(len(items)):
        for shift in _starts(problem, row, int(last[row])):
            load = shifted(problem.demand[row], shift)[resource, period]
            if (load > room)[~grows].any():
                continue
            item.append(row)
            start.append(shift)
            value.append(int(items.value[row, shift]))
            loads.append(load)
        first.append(len(item))
    of = np.array(item, np.int64)
    load = np.array(loads, np.int64).reshape(len(item), len(room))
    most = np.zeros((len(items), len(room)), np.int64)
    np.maximum.at(most, of, load)
    kept = most.sum(axis=0) > room
    return Tables(
        problem, np.array(first, np.int64), of, np.array(start, np.int64), np.array(value, np.int64),
        costs[of], np.ascontiguousarray(load[:, kept]), room[kept], resource[kept], period[kept], costs,
    )  # fmt: skip


def _last_period(problem: Problem) -> Ints:
    """The last period in which an item needs anything, 0 if nothing at all."""
    busy = problem.demand.sum(axis=1) > 0
    backward = np.argmax(busy[:, ::-1], axis=1)
    result: Ints = np.where(busy.any(axis=1), problem.periods - 1 - backward, 0).astype(np.int64)
    return result


def _starts(problem: Problem, row: int, last: int) -> range:
    items = problem.items
    if items.barred[row]:
        return range(0)
    columns = items.value.shape[1]
    latest = min(int(items.latest[row]), columns - 1, max(problem.periods - 1 - last, 0))
    return range(int(items.earliest[row]), latest + 1)
