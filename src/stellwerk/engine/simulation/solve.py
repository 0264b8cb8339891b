"""The way in: a checked simulation in, finishes and costs of every iteration out."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.calendars import HORIZON
from stellwerk.engine.network import NONE
from stellwerk.engine.simulation.arrays import Luck, Tally
from stellwerk.engine.simulation.layout import WIDTH, Layout, layout_of
from stellwerk.engine.simulation.model import Fault, FaultCode, Flags, Integers, Simulation, SimulationError
from stellwerk.engine.simulation.numbers import GROUP
from stellwerk.engine.simulation.outcome import Outcome, Sensitivity
from stellwerk.engine.simulation.plan import Plan, plan_of
from stellwerk.engine.simulation.run import Run, Watcher

MOST_ITERATIONS = 2**24
WIDEST = 4096
"""Iterations at most that NumPy computes at once."""


@dataclass(frozen=True)
class Options:
    """``antithetic``: every other iteration is the mirror image of another one (1 − u), which makes means more exact for the same work.

    ``progress_override`` and ``one_end`` as for the network: whether what has begun waits for its predecessors (one flag, or one per project); whether criticality counts
    from the end of all projects or of each. ``compiled``: run the loops compiled by numba (extra ``solver``); None: where it is installed. ``threads`` None: one per core.
    ``memory``: bytes that a run may take; beyond them it is refused before it begins. None of the last three changes a number.
    """

    iterations: int = 10_000
    seed: int = 1
    antithetic: bool = True
    progress_override: bool | Flags = False
    one_end: bool = False
    compiled: bool | None = None
    threads: int | None = None
    memory: int = 2 << 30


def compiler_installed() -> bool:
    """Whether the extra ``solver`` is there."""
    return importlib.util.find_spec("numba") is not None


def simulate(simulation: Simulation, options: Options | None = None, *, watch: Watcher | None = None) -> Outcome:
    """Run all iterations, or as many as ``watch`` lets pass.

    Raises :class:`SimulationError` for options out of range and runs that need too much memory, :class:`HorizonError` where the longest
    durations would end after 2150.
    """
    options = options or Options()
    _check(options)
    plan = plan_of(simulation, progress_override=options.progress_override, one_end=options.one_end)
    compiled = compiler_installed() if options.compiled is None else options.compiled
    threads = (os.cpu_count() or 1) if options.threads is None else options.threads
    luck = Luck(options.seed, options.antithetic)
    if compiled:
        layout = layout_of(plan)
        threads = _thread_count(plan, layout, options, threads)
        run = Run(plan, luck, options.iterations, WIDTH, threads, layout)
    else:
        run = Run(plan, luck, options.iterations, _block_size(plan, options), 1, None)
    tally, done = run.finish(watch)
    return _outcome(plan, luck, tally, done)


def _check(options: Options) -> None:
    for name, value, least, most in (
        ("iterations", options.iterations, 1, MOST_ITERATIONS),
        ("seed", options.seed, 0, 2**64 - 1),
        ("threads", options.threads or 1, 1, 1024),
    ):
        if not least <= value <= most:
            raise SimulationError([Fault(FaultCode.OUT_OF_RANGE, "options", NONE, name, value)])


def _free(plan: Plan, options: Options, need: int) -> int:
    """Bytes that are left beside the results; refused if they are fewer than ``need``."""
    results = plan.projects * options.iterations * 16
    if options.memory - results < need:
        raise SimulationError([Fault(FaultCode.TOO_LARGE, "options", NONE, "memory", results + need)])
    return options.memory - results


def _block_size(plan: Plan, options: Options) -> int:
    """Iterations that NumPy computes at once: as many as are fast and fit the memory, whole groups."""
    row = 8 + (6 if plan.dated else 0)
    each = plan.count * row + len(plan.factor_streams) * 4 + len(plan.chances.low) * 8 + plan.projects * 16
    return int(min(_free(plan, options, each * GROUP) // each // GROUP * GROUP, WIDEST))


def _thread_count(plan: Plan, layout: Layout, options: Options, wanted: int) -> int:
    """As many threads as are wanted and fit the memory."""
    dates = layout.point_rows * 4 + (plan.count * 12 if plan.dated else 0)
    flags = plan.count * 3 + layout.tight_rows
    each = WIDTH * (dates + flags + len(plan.factor_streams) * 4 + len(plan.chances.low) * 8 + plan.projects * 16)
    return int(min(_free(plan, options, each) // each, wanted))


def _outcome(plan: Plan, luck: Luck, tally: Tally, done: int) -> Outcome:
    finish = _instants(plan, tally.finish[:, :done])
    cost = tally.cost[:, :done]
    _add_project_rates(plan, finish, cost)
    return Outcome(plan, luck, done, finish, cost, _sensitivity(plan, tally, finish, done))


def _instants(plan: Plan, finish: NDArray[np.int32]) -> NDArray[np.int32]:
    """Counted finishes as instants: the end of their last working minute, not before what is fixed."""
    time = plan.frame.network.calendars
    result = finish.copy()
    for project in np.flatnonzero(plan.counted > 0).tolist():
        at = time.minute_at(finish[project].astype(np.int64) + plan.offset[project] - 1) + 1
        result[project] = np.maximum(at, plan.floor[project])
    return np.minimum(result, HORIZON)


def _add_project_rates(plan: Plan, finish: NDArray[np.int32], cost: Integers) -> None:
    """What a project costs for each working minute from its start to its finish."""
    costs, projects = plan.simulation.costs, plan.simulation.network.projects
    for row in np.flatnonzero((costs.activity == NONE) & (costs.rate != 0)).tolist():
        project = costs.project[row]
        at = finish[project].astype(np.int64)
        calendar = np.full(len(at), projects.calendar[project], np.int64)
        minutes = plan.frame.network.calendars.between(calendar, np.full_like(at, projects.start[project]), at)
        cost[project] += np.floor(costs.rate[row] * minutes + 0.5).astype(np.int64)


def _sensitivity(plan: Plan, tally: Tally, finish: NDArray[np.int32], done: int) -> Sensitivity:
    frame, steps = plan.frame, plan.steps
    count = float(done)
    ends = tally.finish[:, :done]
    if plan.together:
        ends = np.broadcast_to(ends.max(axis=0), ends.shape)
    f = (ends - plan.end_centre[:, None]).astype(np.int64) >> plan.shift
    f_sum, f_square = f.sum(axis=1).astype(np.float64), (f * f).sum(axis=1).astype(np.float64)
    f_spread = np.maximum(f_square - f_sum**2 / count, 0)[frame.project]
    d_sum, d_square, product = (tally.sums[:, column].astype(np.float64) for column in range(3))
    digit = np.exp2(steps.near)
    d_spread = np.maximum(d_square - d_sum**2 / count, 0)
    common = product - d_sum * f_sum[frame.project] / count
    measured = steps.measured != 0
    known = measured & (d_spread > 0) & (f_spread > 0)
    correlation = np.full(plan.count, np.nan)
    correlation[known] = np.clip(common[known] / np.sqrt(d_spread[known] * f_spread[known]), -1, 1)
    open_work = ~frame.finished
    critical = np.where(open_work, tally.critical / count, np.nan)
    fewer = max(done - 1, 1)
    std = np.where(open_work, np.sqrt(d_spread / fewer) * digit, np.nan)
    mean = np.where(open_work, np.where(measured, steps.centre + d_sum / count * digit, frame.to_do), np.nan)
    working = _working_spread(plan, finish, fewer)[frame.project]
    index = np.full(plan.count, np.nan)
    index[known] = critical[known] * std[known] / working[known]
    columns = []
    for values in (critical, mean, std, correlation, index):
        column = np.full(len(frame.position), np.nan)
        column[frame.row] = values
        columns.append(column)
    return Sensitivity(*columns)


def _working_spread(plan: Plan, finish: NDArray[np.int32], fewer: int) -> NDArray[np.float64]:
    """Standard deviation of the finish of each project (of all, where they count together) in working minutes."""
    time, projects = plan.frame.network.calendars, plan.simulation.network.projects
    result = np.full(plan.projects, np.nan)
    last = finish.max(axis=0) if plan.together else None
    for project in range(plan.projects):
        calendar = plan.counted[project] if plan.counted[project] != NONE else projects.calendar[project]
        at = (finish[project] if last is None else last).astype(np.int64)
        minutes = time.work(np.full(len(at), calendar, np.int64), at).astype(np.float64)
        spread = np.sqrt(((minutes - minutes.mean()) ** 2).sum() / fewer)
        result[project] = spread if spread > 0 else np.nan
    return result
