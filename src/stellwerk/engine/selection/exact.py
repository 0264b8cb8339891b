"""The whole problem as a mixed integer programme for the solvers inside ortools (extra ``solver``): SCIP, or HiGHS to compare with.

Import this module where the extra is installed; loading it takes about a quarter of a second. The solvers compute with floating
numbers: what they find is checked in whole numbers, and what breaks a limit by rounding is cut off and the search goes on.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic

import numpy as np
from ortools.linear_solver import pywraplp  # type: ignore[import-untyped]

from stellwerk.engine.selection.frame import Tables
from stellwerk.engine.selection.model import NONE, Floats, Ints

POLL = 0.05
"""Seconds between two questions to the caller whether to stop."""
REPEATS = 50
"""So many answers may break a limit by rounding before it is called a fault."""
LONGEST = 86_400.0


@dataclass(frozen=True)
class Answer:
    """``start`` None: nothing found. ``bound``: no allowed set has a higher objective (None: nothing known). ``extra``: the objective of :meth:`Model.least_extra`."""

    start: Ints | None
    bound: float | None
    infeasible: bool
    finished: bool
    nodes: int
    extra: int = 0


@dataclass(frozen=True)
class Effort:
    """When to stop: ``nodes`` of the search tree (the same answer each time), ``seconds`` of wall time, or when ``stop`` says so."""

    nodes: int | None = None
    seconds: float | None = None
    stop: Callable[[], bool] | None = None


class Model:
    """One variable for each option. ``wider``: rows of the tables to which an extra amount may be added."""

    def __init__(
        self, tables: Tables, *, relaxed: bool = False, wider: Ints | None = None, most_extra: int = 0
    ) -> None:
        self.tables = tables
        self.solver = pywraplp.Solver.CreateSolver("GLOP" if relaxed else "SCIP")
        bound = self.solver.NumVar if relaxed else self.solver.IntVar
        self.x = [bound(0.0, 1.0, "") for _ in tables.item]
        self.extra = bound(0.0, float(most_extra), "") if wider is not None else None
        self.item_rows = self._items()
        self._pairs()
        self._groups()
        self.parts: list[int] = []
        self.limit_rows = self._limits(wider)

    def _row(self, low: float, high: float, terms: Iterable[tuple[int, float]]) -> pywraplp.Constraint:
        row = self.solver.Constraint(low, high)
        for option, factor in terms:
            row.SetCoefficient(self.x[option], float(factor))
        return row

    def _items(self) -> list[pywraplp.Constraint]:
        rows, mandatory = [], self.tables.problem.items.mandatory
        for item in range(len(mandatory)):
            options = self.tables.options_of(item)
            rows.append(self._row(1.0 if mandatory[item] else 0.0, 1.0, ((option, 1.0) for option in options)))
        return rows

    def _pairs(self) -> None:
        tables, problem = self.tables, self.tables.problem
        no_limit = -self.solver.infinity()
        for one, other in zip(problem.exclusions.first.tolist(), problem.exclusions.second.tolist(), strict=True):
            both = (*tables.options_of(one), *tables.options_of(other))
            self._row(no_limit, 1.0, ((option, 1.0) for option in both))
        needs = problem.needs
        for item, needed, lag in zip(needs.item.tolist(), needs.needed.tolist(), needs.lag.tolist(), strict=True):
            mine, theirs = tables.options_of(item), tables.options_of(needed)
            last = [tables.start[option] for option in mine] if lag != NONE else []
            for until in last or [None]:
                inner = [(option, 1.0) for option in mine if until is None or tables.start[option] <= until]
                outer = [(option, -1.0) for option in theirs if until is None or tables.start[option] <= until - lag]
                self._row(no_limit, 0.0, (*inner, *outer))

    def _groups(self) -> None:
        infinity = self.solver.infinity()
        for group in self.tables.problem.groups:
            if group.least == 0 and group.most == NONE:
                continue
            terms = ((option, 1.0) for member in group.members for option in self.tables.options_of(member))
            self._row(float(group.least), infinity if group.most == NONE else float(group.most), terms)

    def _limits(self, wider: Ints | None) -> list[pywraplp.Constraint]:
        rows, load = [], self.tables.load
        for row, limit in enumerate(self.tables.limit.tolist()):
            options = np.flatnonzero(load[:, row])
            grows = wider is not None and bool((wider == row).any())
            # Smaller numbers are safer where the solver compares with a tolerance.
            part = 1 if grows else max(math.gcd(*load[options, row].tolist()), 1)
            constraint = self._row(
                -self.solver.infinity(), float(limit // part), ((int(o), int(load[o, row]) // part) for o in options)
            )
            if grows:
                constraint.SetCoefficient(self.extra, -1.0)
            rows.append(constraint)
            self.parts.append(part)
        return rows

    def at_least(self, factors: Ints, least: int) -> None:
        """Only sets with Σ factor ≥ least."""
        self._row(float(least), self.solver.infinity(), ((o, float(f)) for o, f in enumerate(factors.tolist()) if f))

    def at_most(self, factors: Ints, most: int) -> None:
        self._row(-self.solver.infinity(), float(most), ((o, float(f)) for o, f in enumerate(factors.tolist()) if f))

    def other_than(self, options: Ints) -> None:
        """Not this set again: at least one of it out or started otherwise, or one more in."""
        chosen = set(options.tolist())
        terms = ((option, -1.0 if option in chosen else 1.0) for option in range(len(self.x)))
        self._row(1.0 - len(chosen), self.solver.infinity(), terms)

    def fix(self, options: Iterable[int], value: int) -> None:
        for option in options:
            self.x[option].SetBounds(float(value), float(value))

    def most(
        self, factors: Ints, effort: Effort, hint: Ints | None = None, seed: int = 1, *, proof: bool = False
    ) -> Answer:
        """Maximise Σ factor over the allowed sets. ``hint``: the options of a good set; with ``proof`` it is good enough that the
        solver spends nothing on finding better ones beside the tree."""
        objective = self.solver.Objective()
        for option, factor in enumerate(factors.tolist()):
            objective.SetCoefficient(self.x[option], float(factor))
        objective.SetMaximization()
        return self._solved(effort, hint, seed, proof)

    def least_extra(self, effort: Effort, seed: int = 1) -> Answer:
        """Minimise the extra amount."""
        objective = self.solver.Objective()
        objective.SetCoefficient(self.extra, 1.0)
        objective.SetMinimization()
        return self._solved(effort, None, seed)

    def _solved(self, effort: Effort, hint: Ints | None, seed: int, proof: bool = False) -> Answer:
        end = None if effort.seconds is None else monotonic() + effort.seconds
        nodes = 0
        for _ in range(REPEATS):
            if hint is not None:
                inside = set(hint.tolist())
                self.solver.SetHint(self.x, [float(option in inside) for option in range(len(self.x))])
            left = None if effort.nodes is None else max(effort.nodes - nodes, 1)
            seconds = LONGEST if end is None else max(end - monotonic(), 0.01)
            self.solver.SetSolverSpecificParametersAsString(settings(left, seed, proof))
            self.solver.SetTimeLimit(int(seconds * 1000))
            status = self._run(effort.stop)
            nodes += self.solver.nodes()
            found = status in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE)
            if not found:
                infeasible = status == pywraplp.Solver.INFEASIBLE
                return Answer(None, None, infeasible, infeasible, nodes)
            options = np.array([o for o, one in enumerate(self.x) if one.solution_value() > 0.5], np.int64)
            extra = round(self.extra.solution_value()) if self.extra is not None else 0
            over = self._over(options, extra)
            if not len(over):
                bound = self.solver.Objective().BestBound()
                return Answer(
                    self.tables.starts(options), bound, False, status == pywraplp.Solver.OPTIMAL, nodes, extra
                )
            self._cut_off(options, int(over[0]))
            hint = None
        raise ArithmeticError("the solver cannot keep a limit in floating numbers; scale it")

    def _run(self, stop: Callable[[], bool] | None) -> int:
        if stop is None:
            return int(self.solver.Solve(gap_free()))
        # The caller is asked in its own thread (it may hold a database connection); the solver works beside it.
        result: list[int] = []
        worker = threading.Thread(target=lambda: result.append(int(self.solver.Solve(gap_free()))), daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(POLL)
            if worker.is_alive() and stop():
                self.solver.InterruptSolve()
                worker.join()
        return result[0] if result else int(pywraplp.Solver.ABNORMAL)

    def _over(self, options: Ints, extra: int) -> Ints:
        room = self.tables.limit - self.tables.load[options].sum(axis=0)
        if self.extra is not None:
            return np.zeros(0, np.int64)  # the caller solves again with the whole number
        return np.flatnonzero(room < 0).astype(np.int64)

    def _cut_off(self, options: Ints, row: int) -> None:
        """These options together overdraw this row, exactly."""
        inside = [int(option) for option in options if self.tables.load[option, row] > 0]
        self._row(-self.solver.infinity(), len(inside) - 1.0, ((option, 1.0) for option in inside))


COSTLY = (
    "rins", "crossover", "alns", "mutation", "rens", "gins", "localbranching", "clique", "feaspump", "objpscostdiving", "pscostdiving",
    "fracdiving", "guideddiving", "linesearchdiving", "veclendiving", "coefdiving", "conflictdiving", "distributiondiving",
    "farkasdiving", "vbounds", "locks", "rootsoldiving", "randrounding", "intshifting", "shifting",
)  # fmt: skip
"""Heuristics of SCIP that look for better sets: with a set at or near the optimum they cost half of the time and find nothing."""


def settings(nodes: int | None, seed: int, proof: bool = False) -> str:
    """One unknown name would make SCIP ignore all of them."""
    lines = [f"randomization/randomseedshift = {seed}", "limits/gap = 0", "limits/absgap = 0"]
    if proof:
        lines += [f"heuristics/{name}/freq = -1" for name in COSTLY]
    if nodes is not None:
        lines.append(f"limits/nodes = {nodes}")
    return "\n".join(lines) + "\n"


def gap_free() -> pywraplp.MPSolverParameters:
    parameters = pywraplp.MPSolverParameters()
    parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, 0.0)
    return parameters


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The linear relaxation: its ``value``, the ``share`` of each option that it takes, and what each option costs it."""

    value: float
    share: Floats
    reduced: Floats


def relaxed(tables: Tables) -> Relaxed | None:
    """None where there is no solution."""
    model = Model(tables, relaxed=True)
    objective = model.solver.Objective()
    for option, factor in enumerate(tables.value.tolist()):
        objective.SetCoefficient(model.x[option], float(factor))
    objective.SetMaximization()
    if model.solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    share = np.array([one.solution_value() for one in model.x], np.float64)
    return Relaxed(float(objective.Value()), share, np.array([one.reduced_cost() for one in model.x], np.float64))
