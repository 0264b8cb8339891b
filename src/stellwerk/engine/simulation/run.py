"""Runs the inner loops block after block: compiled on several threads, or with NumPy; looks up now and then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from stellwerk.engine.network.frame import NOTHING, Tables
from stellwerk.engine.simulation import arrays, shapes
from stellwerk.engine.simulation.arrays import Luck, Tally
from stellwerk.engine.simulation.layout import Layout
from stellwerk.engine.simulation.numbers import round_keys
from stellwerk.engine.simulation.plan import Plan

WAVES = 25
"""A watched run looks up about so many times to say how far it is."""
SHARES = 4
"""Parts per thread of a run that nobody watches, so that a slow core holds up the others only for a moment."""

Watcher = Callable[[int, int], bool]
"""Called with the iterations done and wanted; returns True to stop."""


class Run:
    """All iterations of a plan, or the first ones."""

    def __init__(
        self, plan: Plan, luck: Luck, iterations: int, block: int, threads: int, layout: Layout | None
    ) -> None:
        """With ``layout`` by the compiled loops, whose block has one size."""
        self.plan, self.luck, self.iterations, self.block, self.layout = plan, luck, iterations, block, layout
        self.blocks = -(-iterations // block)
        self.threads = min(threads, self.blocks) if layout else 1
        self.tally = Tally.empty(plan, self.blocks * block)

    def finish(self, watch: Watcher | None) -> tuple[Tally, int]:
        """What was collected, and how many iterations are done."""
        step = -(-self.blocks // WAVES) if watch else self.blocks
        step = -(-step // self.threads) * self.threads
        with ThreadPoolExecutor(self.threads) as pool:
            given = _given(self.plan, self.luck, self.layout) if self.layout else None
            workers = [_Compiled(self, given) for _ in range(self.threads)] if given else []
            done = 0
            for first in range(0, self.blocks, step):
                last = min(first + step, self.blocks)
                if workers:
                    self._share(pool, workers, first, last)
                else:
                    self._in_turn(first, last)
                done = min(last * self.block, self.iterations)
                if watch and watch(done, self.iterations):
                    break
        for worker in workers:
            self.tally.critical += worker.critical
            self.tally.sums += worker.sums
        return self.tally, done

    def _in_turn(self, first: int, last: int) -> None:
        for block in range(first, last):
            at = block * self.block
            arrays.run(self.plan, self.luck, at, self.block, min(self.block, self.iterations - at), self.tally)

    def _share(self, pool: ThreadPoolExecutor, workers: list[_Compiled], first: int, last: int) -> None:
        """Each worker takes the next part until none is left."""
        part = max(1, -(-(last - first) // (len(workers) * SHARES)))
        parts = iter(range(first, last, part))

        def work(worker: _Compiled) -> None:
            for begin in parts:
                worker.run(begin, min(begin + part, last))

        if len(workers) == 1:
            work(workers[0])
            return
        for future in [pool.submit(work, worker) for worker in workers]:
            future.result()


def _time_of(plan: Plan) -> Tables:
    """The working time as the compiled loops take it."""
    time = plan.frame.network.calendars
    return (
        (False, time.count, time.shape, time.worked, time.begins)
        if plan.dated
        else (True, NOTHING, NOTHING.astype(np.int32), NOTHING, NOTHING)
    )


class _Compiled:
    """One thread's room and sums."""

    def __init__(self, run: Run, given: Any) -> None:
        from stellwerk.engine.simulation import compiled

        self.owner, self.loops, self.given = run, compiled, given
        self.room = compiled.room_of(given)
        self.critical = np.zeros(run.plan.count, np.int64)
        self.sums = np.zeros((run.plan.count, 3), np.int64)

    def run(self, first: int, last: int) -> None:
        """The blocks from ``first`` to ``last``."""
        owner, tally = self.owner, self.owner.tally
        self.loops.run(
            self.given, self.room, first * owner.block, last * owner.block, owner.iterations, tally.finish, tally.cost,
            self.critical, self.sums,
        )  # fmt: skip


def _given(plan: Plan, luck: Luck, layout: Layout) -> Any:
    """The plan as the compiled loops take it."""
    from stellwerk.engine.simulation import compiled

    return compiled.Input(
        plan.steps, layout, plan.durations, plan.amounts, plan.amount_draws, plan.hit_draws, plan.hit_risk, plan.hit_sign,
        plan.chances, plan.factor_streams, plan.tables, shapes.normal(), shapes.phi(), plan.ends.astype(np.int32),
        plan.end_centre, plan.fixed_cost, plan.shift, plan.together, plan.dated,
        _time_of(plan), round_keys(luck.seed), luck.antithetic,
    )  # fmt: skip
