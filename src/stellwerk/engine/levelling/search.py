"""The search over one problem: its arrays, a step of it, the size of its populations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from stellwerk.engine.levelling.bounds import heads, tails
from stellwerk.engine.levelling.kernels.evolve import (
    ALIVE,
    BEST,
    PLANNED,
    RANDOM,
    RIGHT,
    SEEDED,
    SIDE,
    STATES,
    TALL,
    USED,
    Search,
)
from stellwerk.engine.levelling.kernels.generate import Ints, Tables
from stellwerk.engine.levelling.model import Objective
from stellwerk.engine.levelling.ways import way

FEWEST, MOST = 8, 400
"""Slots of a population when it begins."""
SPREAD = 1.4
"""Slots per square root of the budget (5,000 schedules: 99); thinned out on the way, see the docs for what was measured."""
LEAST_EACH = 32
"""Schedules of the budget for a slot at least (1,000 schedules: 31 slots)."""
DRAWS = 2


def slots_for(schedules: int) -> int:
    return min(max(min(round(SPREAD * math.sqrt(schedules)), schedules // LEAST_EACH), FEWEST), MOST)


@dataclass
class Run:
    """A search under way. The same seed, slots and number of schedules give the same result, compiled or not, in one step or many."""

    tables: Tables
    search: Search
    kernels: ModuleType

    @classmethod
    def begin(cls, tables: Tables, *, seed: int, schedules: int, compiled: bool) -> Run:
        """``schedules``: how long the search is meant to last; it decides how wide it begins and when it becomes narrow."""
        run = cls(tables, arrays(tables, seed, slots_for(schedules)), way(compiled=compiled)[1])
        run.plan(schedules)
        return run

    def plan(self, schedules: int) -> None:
        self.search.state[PLANNED] = schedules

    def advance(self, schedules: int, floor: int) -> None:
        """Goes on until so many schedules are generated in all or the best value reaches ``floor``."""
        if self.search.state[SEEDED] < self.search.value.shape[1]:
            self.kernels.seeded(self.tables, self.search, DRAWS, schedules)
        if self.search.state[SEEDED] == self.search.value.shape[1]:
            self.kernels.evolved(self.tables, self.search, schedules, floor)

    @property
    def schedules(self) -> int:
        return int(self.search.state[USED])

    @property
    def value(self) -> int:
        """Of the best schedule, in the measure of the inner loops."""
        return int(self.search.state[BEST])

    @property
    def best(self) -> Ints:
        return self.search.best.copy()


def arrays(tables: Tables, seed: int, slots: int) -> Search:
    count, horizon = len(tables.duration), int(tables.plan[1])
    state = np.zeros(STATES, np.int64)
    # Any seed becomes a number from 1 to 2³² − 1; 0 would stay 0 for ever.
    state[RANDOM] = (seed * 2_654_435_761 + 1_013_904_223) % (2**32 - 1) + 1
    state[BEST] = TALL
    state[SIDE] = RIGHT
    state[ALIVE] = slots
    return Search(
        start=np.zeros((2, slots, count), np.int32), order=np.zeros((2, slots, count), np.int32),
        value=np.full((2, slots), TALL, np.int64), best=np.full(count, -1, np.int32), state=state, late=priorities(tables),
        free=tables.room.copy(), key=np.zeros(count, np.int32), count_of=np.zeros(4 * horizon + 8, np.int32),
        child=np.zeros(count, np.int32), born=np.zeros(count, np.int32), list_of=np.zeros(count, np.int32),
        limit=np.zeros(len(tables.release), np.int32), work=np.zeros((4, max(count, 1)), np.int32),
    )  # fmt: skip


def priorities(tables: Tables) -> Ints:
    """Latest finishes: of the whole plan for the makespan, of each project towards its due date for delays and tardiness."""
    start = heads(tables)
    finish = start + tables.duration
    ends = np.full(len(tables.release), int(finish.max(initial=0)), np.int32)
    if tables.plan[0] != Objective.MAKESPAN:
        ends = np.where(tables.due >= 0, tables.due, ends).astype(np.int32)
    late = tails(tables, ends)
    return np.array(late - min(int(late.min(initial=0)), 0), np.int32)
