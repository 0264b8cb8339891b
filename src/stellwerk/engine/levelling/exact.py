"""CP-SAT (extra ``solver``): the whole model, to prove or improve what the search found on small problems, and as a peer.

Makespan only. Import this module where the extra is installed; loading ortools takes seconds.
"""

from __future__ import annotations

import itertools

import numpy as np
from ortools.sat.python import cp_model

from stellwerk.engine.levelling.frame import capacities, tables_of
from stellwerk.engine.levelling.kernels.generate import Tables
from stellwerk.engine.levelling.model import NONE, Ints, Objective, Problem

Found = tuple[Ints, int]
"""The starts and the bound."""


def plain(problem: Problem, *, seconds: float, workers: int, seed: int = 1) -> Found | None:
    """The whole model with nothing but what CP-SAT does by itself. None: no schedule found. ``seconds`` of wall time."""
    model = Model(problem)
    model.solver.parameters.max_time_in_seconds = seconds
    model.solver.parameters.num_workers = workers
    model.solver.parameters.random_seed = seed
    return model.solved()


def proven(problem: Problem, start: Ints, effort: float, *, bound: int = 0, seed: int = 1) -> Found | None:
    """From a schedule on: a better one, or the proof that there is none; the higher bound in any case.

    ``effort`` is deterministic time of one worker (about ten units a second), so that the same call gives the same answer.
    """
    end = int((start + problem.activities.duration).max(initial=0))
    model = Model(problem, horizon=end, least=bound)
    model.hint(start)
    model.solver.parameters.max_deterministic_time = effort
    model.solver.parameters.num_workers = 1
    model.solver.parameters.random_seed = seed
    return model.solved()


class Model:
    """Interval variables, one cumulative constraint a resource, the last finish as the objective."""

    def __init__(self, problem: Problem, horizon: int | None = None, least: int = 0) -> None:
        self.problem = problem
        self.tables: Tables = tables_of(problem, Objective.MAKESPAN)
        self.room, _ = capacities(problem)
        top = int(self.tables.plan[1]) if horizon is None else horizon
        self.model, self.solver = cp_model.CpModel(), cp_model.CpSolver()
        activities = problem.activities
        self.start = []
        self.intervals = []
        for row in range(len(activities)):
            fixed, long = int(activities.pinned[row]), int(activities.duration[row])
            low, high = (int(self.tables.ready[row]), top - long) if fixed == NONE else (fixed, fixed)
            variable = self.model.new_int_var(low, max(high, low), f"s{row}")
            self.start.append(variable)
            self.intervals.append(self.model.new_fixed_size_interval_var(variable, long, f"i{row}"))
        self.end = self.model.new_int_var(least, max(top, least), "end")
        self._link()
        for resource in range(len(problem.resources)):
            self._limit(resource, top)
        self.model.minimize(self.end)

    def _link(self) -> None:
        tables = self.tables
        for after in range(len(self.start)):
            for link in range(tables.pred_first[after], tables.pred_first[after + 1]):
                before = self.start[int(tables.pred[link])]
                self.model.add(self.start[after] >= before + int(tables.pred_distance[link]))
            self.model.add(self.end >= self.start[after] + int(tables.duration[after]))

    def _limit(self, resource: int, top: int) -> None:
        """What is pinned is out of the capacity already; where the rest is less than its highest value, a dummy takes the difference."""
        problem = self.problem
        free = (problem.activities.pinned == NONE) & (problem.activities.duration > 0)
        rows = np.flatnonzero((problem.demand[:, resource] > 0) & free).tolist()
        if not rows:
            return
        room = self.room[resource, : max(top, 1)]
        highest = int(room.max(initial=0))
        intervals = [self.intervals[row] for row in rows]
        demands = [int(problem.demand[row, resource]) for row in rows]
        edges = [0, *(np.flatnonzero(np.diff(room)) + 1).tolist(), len(room)]
        for begin, end in itertools.pairwise(edges):
            if room[begin] < highest:
                intervals.append(self.model.new_fixed_size_interval_var(begin, end - begin, f"c{resource}-{begin}"))
                demands.append(highest - int(room[begin]))
        self.model.add_cumulative(intervals, demands, highest)

    def hint(self, start: Ints) -> None:
        for row, variable in enumerate(self.start):
            self.model.add_hint(variable, int(start[row]))

    def solved(self) -> Found | None:
        status = self.solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        start = np.array([self.solver.value(variable) for variable in self.start], np.int32)
        return start, int(np.ceil(self.solver.best_objective_bound - 1e-6))
