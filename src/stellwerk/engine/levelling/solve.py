"""The way in: a problem in, the best schedule found within a budget out, with its bound."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stellwerk.engine.levelling.bounds import heads, lower_bound, project_ends, value_of
from stellwerk.engine.levelling.checker import InfeasibleError, check
from stellwerk.engine.levelling.frame import tables_of
from stellwerk.engine.levelling.kernels.generate import Tables
from stellwerk.engine.levelling.model import NONE, Fault, FaultCode, Ints, Objective, Problem, ProblemError
from stellwerk.engine.levelling.search import Run
from stellwerk.engine.levelling.ways import compiler_installed

VERSION = 2
"""Changes with every change after which the same seed and budget may give another schedule."""
PULSE = 0.05
"""Seconds between two looks at the clock and at the caller's wish to stop."""
MOST_SCHEDULES = 2**40
PROVABLE = 150
"""Beyond so many activities CP-SAT proves next to nothing in the time that a planner waits."""


@dataclass(frozen=True)
class Budget:
    """Ends with ``schedules`` generated or after ``seconds`` of ``clock``, whichever comes first. By schedules alone a result can be
    repeated exactly."""

    schedules: int | None = 5000
    seconds: float | None = None
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, eq=False)
class Result:
    """``objective`` is never below ``bound``; equal, it is the best there is (``proven``). Times in units of the problem."""

    start: Ints
    finish: Ints
    kind: Objective
    objective: int
    bound: int
    seed: int
    schedules: int
    version: int = VERSION

    @property
    def proven(self) -> bool:
        return self.objective <= self.bound

    @property
    def gap(self) -> float:
        """At most so far from the best possible, as a part of the objective: 0.04 is four per cent."""
        return (self.objective - self.bound) / self.objective if self.objective > self.bound else 0.0


Watcher = Callable[[Result], bool]
"""Called with the best so far, about twenty times a second; returns True to stop."""


def level(
    problem: Problem,
    objective: Objective = Objective.MAKESPAN,
    budget: Budget | None = None,
    *,
    seed: int = 1,
    watch: Watcher | None = None,
    compiled: bool | None = None,
    proof: float = 0.0,
) -> Result:
    """The best schedule that the budget allows. ``compiled`` None: if the extra ``solver`` is installed.

    ``proof``: deterministic time that CP-SAT may take afterwards to improve the makespan or prove it the best, where the extra is installed and
    there are at most 150 activities.

    Raises :class:`ProblemError` for faulty problems and where an activity finds no room, whatever comes before it.
    """
    budget = budget or Budget()
    compiled = compiler_installed() if compiled is None else compiled
    due = due_dates(problem, objective)
    tables = tables_of(problem, objective, due)
    bound = lower_bound(problem, tables, objective, due)

    def result(run: Run) -> Result:
        return checked(problem, tables, objective, due, bound, run.best, seed, run.schedules)

    if not len(problem.activities):
        empty = np.zeros(0, np.int32)
        return Result(empty, empty, objective, 0, 0, seed, 0)
    floor = bound if objective is Objective.MAKESPAN else -1
    run = carried_out(tables, budget, floor, seed, compiled, watch and (lambda run: watch(result(run))))
    found = result(run)
    if proof > 0 and objective is Objective.MAKESPAN and len(problem.activities) <= PROVABLE and exact_installed():
        from stellwerk.engine.levelling import exact  # loading ortools takes seconds

        better = None if found.proven else exact.proven(problem, found.start, proof, bound=bound, seed=seed)
        if better is not None:
            return checked(problem, tables, objective, due, max(bound, better[1]), better[0], seed, found.schedules)
    return found


def exact_installed() -> bool:
    return importlib.util.find_spec("ortools") is not None


def due_dates(problem: Problem, objective: Objective) -> Ints:
    """What each project's delay counts from: its own due date, or (TOTAL_DELAY) its end if no capacity were scarce."""
    if objective is not Objective.TOTAL_DELAY:
        return problem.projects.due
    return project_ends(problem, heads(tables_of(problem, Objective.MAKESPAN))).astype(np.int32)


def carried_out(
    tables: Tables, budget: Budget, floor: int, seed: int, compiled: bool, stop: Callable[[Run], bool] | None
) -> Run:
    begin = budget.clock()
    most = MOST_SCHEDULES if budget.schedules is None else max(budget.schedules, 1)
    aim = most
    if budget.seconds is not None:
        aim = min(most, affordable(tables, budget, compiled))
    run = Run.begin(tables, seed=seed, schedules=aim, compiled=compiled)
    step = 2
    while run.schedules < most and run.value > floor:
        before, since = run.schedules, budget.clock()
        run.advance(min(before + step, most), floor)
        now = budget.clock()
        if stop is not None and stop(run):
            break
        if budget.seconds is not None:
            if now - begin >= budget.seconds:
                break
            run.plan(min(most, int(run.schedules * budget.seconds / max(now - begin, 1e-6))))
        if now - since < PULSE:
            step *= 2
        elif now - since > 2 * PULSE and step > 2:
            step //= 2
    return run


def affordable(tables: Tables, budget: Budget, compiled: bool) -> int:
    """How many schedules the seconds will do, from the first few."""
    trial = Run.begin(tables, seed=1, schedules=1, compiled=compiled)
    trial.advance(2, -1)
    begin, before = budget.clock(), trial.schedules
    trial.advance(before + 8, -1)
    each = max((budget.clock() - begin) / 8, 1e-6)
    return max(int((budget.seconds or 0) / each), 1)


def checked(
    problem: Problem,
    tables: Tables,
    objective: Objective,
    due: Ints,
    bound: int,
    start: Ints,
    seed: int,
    schedules: int,
) -> Result:
    """Raises :class:`ProblemError` if something found no room, :class:`InfeasibleError` if the checker finds a breach."""
    lost = np.flatnonzero((start < 0) | (start + tables.duration > tables.plan[1]))
    if len(lost):
        raise ProblemError([Fault(FaultCode.NO_ROOM, "activity", int(row), "demand") for row in lost[:100]])
    breaches = check(problem, start)
    if breaches:
        raise InfeasibleError(breaches)
    start.flags.writeable = False
    finish = start + problem.activities.duration
    finish.flags.writeable = False
    value = value_of(problem, objective, start, due)
    return Result(start, finish, objective, value, min(bound, value), seed, schedules)


__all__ = ["NONE", "Budget", "Result", "Watcher", "level"]
