"""The ranked list: what a committee does with a list by score and a budget. The answer to compare with, and a first one for the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stellwerk.engine.selection.checker import Rule, check, cost_of, value_of
from stellwerk.engine.selection.frame import Tables, tables_of
from stellwerk.engine.selection.model import NONE, Flags, Ints, Problem


@dataclass(frozen=True, eq=False)
class Choice:
    """A set of items: the ``start`` of each (NONE: not in), its value and cost, and what it breaks (empty: nothing)."""

    start: Ints
    value: int
    cost: int
    broken: tuple[Rule, ...] = ()

    @property
    def chosen(self) -> tuple[int, ...]:
        return tuple(int(row) for row in np.flatnonzero(self.start != NONE))


def choice_of(problem: Problem, start: Ints) -> Choice:
    kept = start.copy()
    kept.flags.writeable = False
    return Choice(kept, value_of(problem, kept), cost_of(problem, kept), tuple(check(problem, kept)))


def greedy(problem: Problem) -> Choice:
    """Mandatory items first, with what they need; then what groups ask for; then by value, the highest first (equal values: lower
    cost, then order of keys). Of each item the start of the highest value that fits, the earliest of equal ones. An item that does
    not fit is passed over, one whose prerequisite is not in yet waits. What it breaks in the end, it says in ``broken``."""
    tables = tables_of(problem)
    state = State(tables)
    items = problem.items
    must = set(np.flatnonzero(items.mandatory).tolist())
    while (
        more := {
            int(problem.needs.needed[row]) for row in range(len(problem.needs)) if int(problem.needs.item[row]) in must
        }
        - must
    ):
        must |= more
    ranked = sorted(range(len(items)), key=lambda row: (-_best(tables, row), int(tables.items_cost[row]), row))
    _fill(state, [row for row in ranked if row in must])
    for group in problem.groups:
        short = group.least - sum(state.start[member] != NONE for member in group.members)
        if short > 0:
            _fill(state, [row for row in ranked if row in group.members], short)
    _fill(state, [row for row in ranked if _best(tables, row) > 0])
    return choice_of(problem, state.start)


def fitted(problem: Problem, start: Ints) -> Choice:
    """What is left of a set when limits were lowered: the items that bring least for what they take of what is short leave first."""
    tables = tables_of(problem)
    state = State(tables)
    for item in np.flatnonzero(start != NONE).tolist():
        option = tables.option(item, int(start[item]))
        if option != NONE:
            state.add(option)
    while (state.room < 0).any():
        short = np.flatnonzero(state.room < 0)
        share = tables.load[:, short] @ (1.0 / np.maximum(tables.limit[short], 1))
        inside = [item for item in np.flatnonzero(state.start != NONE).tolist() if state.may_leave(item)]
        options = [tables.option(item, int(state.start[item])) for item in inside]
        gain = [-share[option] / max(int(tables.value[option]), 1) for option in options]
        if not gain or min(gain) >= 0:
            break
        state.remove(inside[int(np.argmin(gain))])
    return choice_of(problem, state.start)


def _best(tables: Tables, row: int) -> int:
    return max((int(tables.value[option]) for option in tables.options_of(row)), default=0)


def _fill(state: State, ranked: list[int], most: int | None = None) -> None:
    """The first of the list that can be added, again and again, until none can or ``most`` were."""
    waiting = [row for row in ranked if state.start[row] == NONE]
    while waiting and most != 0:
        for row in waiting:
            option = state.first_fit(row)
            if option != NONE:
                state.add(option)
                waiting.remove(row)
                most = None if most is None else most - 1
                break
        else:
            return


class State:
    """A set of items that grows and shrinks: what is left of each limit, and whether an option can be added."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        problem = tables.problem
        count = len(problem.items)
        self.start: Ints = np.full(count, NONE, np.int64)
        self.room = tables.limit.copy()
        self.needs: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        self.needed: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        for row in range(len(problem.needs)):
            item, needed, lag = (int(one[row]) for one in (problem.needs.item, problem.needs.needed, problem.needs.lag))
            self.needs[item].append((needed, lag))
            self.needed[needed].append((item, lag))
        self.against: list[list[int]] = [[] for _ in range(count)]
        for one, other in zip(problem.exclusions.first.tolist(), problem.exclusions.second.tolist(), strict=True):
            self.against[one].append(other)
            self.against[other].append(one)
        self.groups: list[list[int]] = [[] for _ in range(count)]
        self.count = [0] * len(problem.groups)
        for number, group in enumerate(problem.groups):
            for member in group.members:
                self.groups[member].append(number)

    def allowed(self, option: int) -> bool:
        """Its item is not in, nothing excludes it, and what it needs is in early enough."""
        item, start = int(self.tables.item[option]), int(self.tables.start[option])
        if self.start[item] != NONE or any(self.start[other] != NONE for other in self.against[item]):
            return False
        for needed, lag in self.needs[item]:
            if self.start[needed] == NONE or (lag != NONE and start < self.start[needed] + lag):
                return False
        groups = self.tables.problem.groups
        return all(groups[group].most == NONE or self.count[group] < groups[group].most for group in self.groups[item])

    def fits(self, option: int) -> bool:
        return bool((self.tables.load[option] <= self.room).all())

    def fitting(self) -> Flags:
        """Of all options."""
        return np.asarray((self.tables.load <= self.room).all(axis=1))

    def first_fit(self, item: int) -> int:
        options = sorted(self.tables.options_of(item), key=lambda one: (-int(self.tables.value[one]), one))
        return next((one for one in options if self.allowed(one) and self.fits(one)), NONE)

    def add(self, option: int) -> None:
        item = int(self.tables.item[option])
        self.start[item] = self.tables.start[option]
        self.room -= self.tables.load[option]
        for group in self.groups[item]:
            self.count[group] += 1

    def remove(self, item: int) -> None:
        option = self.tables.option(item, int(self.start[item]))
        self.start[item] = NONE
        self.room += self.tables.load[option]
        for group in self.groups[item]:
            self.count[group] -= 1

    def may_leave(self, item: int) -> bool:
        """Not mandatory, nobody in needs it, no group falls below its least."""
        problem = self.tables.problem
        if problem.items.mandatory[item] or any(self.start[other] != NONE for other, _ in self.needed[item]):
            return False
        return all(self.count[group] > problem.groups[group].least for group in self.groups[item])
