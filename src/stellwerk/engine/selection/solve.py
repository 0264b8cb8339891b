"""From a problem to the best set: the ranked list, prices, a search, then the proof; and the same for each question asked later."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from stellwerk.engine.selection.bounds import Prices, prices
from stellwerk.engine.selection.branch import Branching
from stellwerk.engine.selection.conflict import Conflict, conflict
from stellwerk.engine.selection.frame import Tables, tables_of
from stellwerk.engine.selection.greedy import Choice, choice_of, fitted, greedy
from stellwerk.engine.selection.model import NONE, Ints, Problem
from stellwerk.engine.selection.search import Search

if TYPE_CHECKING:
    from stellwerk.engine.selection import exact

OWN_NODES = 30_000
"""So many nodes our own branch and bound may look at before ortools is asked, half a second or so."""
FEW_ITEMS, FEW_NODES = 40, 4_000
"""A small problem is tried to the end before any search: most are proven in some hundredths of a second."""
OWN_ITEMS = 500
"""More items go too deep for it."""
CORES = (60, 90)
"""So many options are free while the core of a large problem is solved."""
CORE_NODES, CORE_SECONDS = 400, 10.0
ROUNDS = 400
"""Rounds of the search before the proof begins."""
NODES = 20_000
"""Nodes of the solver's tree, where the caller says nothing."""
PART = 50
"""Rounds of the search between two questions whether to stop."""
TIE_NODES = 500
"""Which of equally good sets it is to be may cost as many nodes as the proof did, or so many."""
BLOCK = 15
"""So many items are put in order at once: their weights of 2^14 and less stay far above the solver's tolerance."""


class Status(StrEnum):
    """``FEASIBLE``: the nodes were used up. ``STOPPED``: the time was over or the caller ended it. ``UNKNOWN``: neither a set nor a proof that there is none."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    STOPPED = "stopped"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Progress:
    """``value`` None: no set yet; ``bound`` None: none known yet."""

    phase: str
    value: int | None
    bound: int | None
    seconds: float


Watcher = Callable[[Progress], bool | None]
"""Asked about twenty times a second, in the thread of the caller; True ends the computation."""


@dataclass(frozen=True, eq=False)
class Result:
    """``best`` None: no allowed set is known. No allowed set has a value above ``bound``. ``settled``: of all sets of the same value
    it is proven to be the one that the rule for ties prefers (lower cost, then order of keys, then earlier starts)."""

    problem: Problem
    status: Status
    best: Choice | None
    bound: int | None
    settled: bool
    greedy: Choice
    engine: str
    nodes: int
    seconds: float
    seed: int
    conflict: Conflict | None = field(default=None)

    @property
    def gap(self) -> float | None:
        """(bound − value) ÷ |value|; None where a value is missing or 0 while the bound is not."""
        if self.best is None or self.bound is None:
            return None
        missing = self.bound - self.best.value
        if missing == 0:
            return 0.0
        return missing / abs(self.best.value) if self.best.value else None

    @property
    def proven(self) -> bool:
        return self.status is Status.OPTIMAL


def order_of(choice: Choice) -> tuple[int, int, tuple[int, ...]]:
    """The higher goes before: value, then lower cost, then by keys in before out, the earlier start before the later one."""
    return choice.value, -choice.cost, tuple(-(1 << 40) if one == NONE else -one for one in choice.start.tolist())


def has_solver() -> bool:
    """Is the extra ``solver`` installed?"""
    return importlib.util.find_spec("ortools") is not None


@dataclass(frozen=True)
class Means:
    """What may be spent: ``nodes`` of the search tree and ``seconds`` of wall time, for each question whether it asks once or many times.

    The same problem, ``nodes`` and ``seed`` give the same result; a limit in ``seconds`` may not. ``solver`` None: ortools where the
    extra is installed, False: never. ``watch`` hears what is going on and may end it.
    """

    nodes: int = NODES
    seconds: float | None = None
    seed: int = 1
    solver: bool | None = None
    watch: Watcher | None = None

    @property
    def with_solver(self) -> bool:
        return has_solver() if self.solver is None else self.solver


USUAL = Means()
"""Where the caller says nothing."""


def select(problem: Problem, means: Means = USUAL, *, hint: Ints | None = None, named: bool = True) -> Result:
    """The set of the highest value that keeps all rules.

    ``hint``: the starts of a set that may be good; where it breaks limits, what is left of it when items leave until it keeps them. ``named`` False: do not look for the conflict where
    nothing is allowed.
    """
    run = _Run(problem, means)
    run.begin(hint)
    run.at_once()
    run.improve()
    run.prove()
    return run.result(named)


class _Run:
    def __init__(self, problem: Problem, means: Means) -> None:
        self.problem, self.nodes, self.seed, self.watch = problem, means.nodes, means.seed, means.watch
        self.solver = means.with_solver
        self.began = monotonic()
        self.end = None if means.seconds is None else self.began + means.seconds
        self.tables: Tables = tables_of(problem)
        self.best: Choice | None = None
        self.bound: int | None = None
        self.phase = "greedy"
        self.stopped = self.finished = self.infeasible = self.settled = False
        self.used_nodes = self.tie_nodes = 0
        self.engine = "own"
        self.relaxed: exact.Relaxed | None = None

    # ── steps ────────────────────────────────────────────────────────────────────────────────────

    def begin(self, hint: Ints | None) -> None:
        self.greedy = greedy(self.problem)
        self._offer(self.greedy.start)
        if hint is not None:
            self._offer(hint)
            self._offer(fitted(self.problem, hint).start)
        self.phase = "prices"
        self.prices: Prices = prices(self.tables, self.best.value if self.best is not None else 0)
        self.bound = self.prices.bound

    def at_once(self) -> None:
        """Small problems need no search."""
        if len(self.problem.items) <= FEW_ITEMS and not self._stop():
            self.phase = "proof"
            self._branch(FEW_NODES)

    def improve(self) -> None:
        """From the best set known on; nothing where none is known yet. With a solver the core of the problem comes first."""
        self.phase = "search"
        if self.finished or self._stop():
            return
        if self.solver and len(self.problem.items) > FEW_ITEMS:
            self._core()
        if self.best is None:
            return
        search = Search(self.tables, self.best.start, self.prices.price, self.seed)
        for _ in range(0, ROUNDS, PART):
            if self.best.value == self.bound or self._stop():
                break
            search.run(PART)
            self._offer(search.best)
        if self.relaxed is not None and not self._stop():
            self._windows(self.relaxed)

    def _windows(self, relaxed: exact.Relaxed) -> None:
        """Part of the best set is chosen anew, again and again."""
        from stellwerk.engine.selection import exact, windows

        def effort(nodes: int) -> exact.Effort:
            mine = self._effort(exact.Effort)
            return exact.Effort(nodes, None if mine.seconds is None else min(mine.seconds / 4, CORE_SECONDS), mine.stop)

        assert self.best is not None
        for options, nodes in windows.sets(self.tables, relaxed.reduced, self.tables.options(self.best.start), self.seed, effort):  # fmt: skip
            self.used_nodes += nodes
            self._offer(self.tables.starts(options))
            if self._stop():
                break

    def _core(self) -> None:
        """The options of which the linear relaxation is least sure are free, the others stay as it says: the best of these
        sets is found in a moment, and is the best of all or close to it."""
        from stellwerk.engine.selection import exact  # loading ortools takes time

        found = self.relaxed = exact.relaxed(self.tables)
        if found is None:
            return
        self._bounded(found.value)
        order = np.argsort(np.abs(found.reduced), kind="stable")
        for size in CORES:
            if size >= len(order) or self._stop():
                return
            model = exact.Model(self.tables)
            for option in order[size:].tolist():
                model.fix([option], int(found.share[option] > 0.5))
            effort = self._effort(exact.Effort)
            seconds = CORE_SECONDS if effort.seconds is None else min(effort.seconds / 4, CORE_SECONDS)
            answer = model.most(
                self.tables.value, exact.Effort(CORE_NODES, seconds, effort.stop), self._options(), self.seed
            )
            self.used_nodes += answer.nodes
            if answer.start is not None:
                self._offer(answer.start)

    def prove(self) -> None:
        if self.stopped or self.finished:
            return
        self.phase = "proof"
        if len(self.problem.items) <= OWN_ITEMS:
            self._branch(OWN_NODES if self.solver else max(OWN_NODES, self.nodes * 20))
        if not self.finished and not self.stopped:
            if self.solver:
                self._solve()
            elif self.best is not None:
                self._search_on()

    def _branch(self, nodes: int) -> None:
        found = Branching(self.tables, self.prices, None, None if self.best is None else self.best.start).run(
            nodes, self._stop
        )
        self.used_nodes += found.nodes
        if found.start is not None:
            self._offer(found.start)
        if found.finished:
            self.finished, self.infeasible = True, self.best is None
            self.settled = self.best is not None
            self.bound = self.best.value if self.best is not None else None

    def _search_on(self) -> None:
        """Without a solver: as long as there is time, else four times as long as before."""
        assert self.best is not None
        search = Search(self.tables, self.best.start, self.prices.price, self.seed + 1)
        rounds = 4 * ROUNDS
        while not self._stop() and self.best.value != self.bound and (self.end is not None or rounds > 0):
            search.run(PART)
            self._offer(search.best)
            rounds -= PART

    def _solve(self) -> None:
        from stellwerk.engine.selection import exact  # loading ortools takes time

        self.engine = "scip"
        model = exact.Model(self.tables)
        answer = model.most(
            self.tables.value, self._effort(exact.Effort), self._options(), self.seed, proof=self.best is not None
        )
        self.used_nodes += answer.nodes
        self.tie_nodes = max(answer.nodes, TIE_NODES)
        if answer.start is not None:
            self._offer(answer.start)
        if answer.infeasible:
            self.finished, self.infeasible = True, self.best is None
            return
        if answer.bound is not None:
            self._bounded(answer.bound)
        if answer.finished and self.best is not None:
            self.finished, self.bound = True, self.best.value
            self._settle(self.best)
        self._stop()

    def _bounded(self, bound: float) -> None:
        """What a solver proved with floating numbers; values are whole."""
        whole = int(np.floor(bound + 1e-6 * max(1.0, abs(bound) * 1e-3)))
        self.bound = whole if self.bound is None else min(self.bound, whole)

    def _settle(self, best: Choice) -> None:
        """Of the same value the lowest cost, of the same cost the first by keys; proven, or left as it is."""
        from stellwerk.engine.selection import exact

        self.phase = "ties"
        tables, zero = self.tables, np.zeros_like(self.tables.value)
        model = exact.Model(tables)
        model.at_least(tables.value, best.value)
        if not self._asked_for(model, -tables.cost):
            return
        model = self._equals()
        model.other_than(tables.options(best.start if self.best is None else self.best.start))
        if self._ask(model, zero).infeasible:
            self.settled = True
        elif not self._stop():
            self.settled = self._in_order(self._equals())

    def _equals(self) -> exact.Model:
        """Sets as good as the best in value and cost."""
        from stellwerk.engine.selection import exact

        assert self.best is not None
        model = exact.Model(self.tables)
        model.at_least(self.tables.value, self.best.value)
        model.at_most(self.tables.cost, self.best.cost)
        return model

    def _in_order(self, model: exact.Model) -> bool:
        """Block by block, the items in front weighing more than all behind them; earlier starts more than later ones."""
        tables, count = self.tables, len(self.problem.items)
        columns = self.problem.items.value.shape[1]
        block = max(1, int(BLOCK / math.log2(columns + 1)))
        for first in range(0, count, block):
            items = range(first, min(first + block, count))
            weights = np.zeros_like(tables.value)
            for place, item in enumerate(reversed(items)):
                for option in tables.options_of(item):
                    weights[option] = (columns - int(tables.start[option])) * (columns + 1) ** place
            if not self._asked_for(model, weights):
                return False
            assert self.best is not None
            chosen = set(tables.options(self.best.start).tolist())
            for item in items:
                for option in tables.options_of(item):
                    model.fix([option], int(option in chosen))
        return True

    def _asked_for(self, model: exact.Model, factors: Ints) -> bool:
        """The best by ``factors`` is known now and kept, with a proof."""
        answer = self._ask(model, factors)
        if answer.start is not None:
            self._offer(answer.start)
        return answer.finished and answer.start is not None and not self._stop()

    def _ask(self, model: exact.Model, factors: Ints) -> exact.Answer:
        from stellwerk.engine.selection import exact

        effort = self._effort(exact.Effort, 4)
        nodes = min(effort.nodes or self.tie_nodes, self.tie_nodes)
        answer = model.most(
            factors, exact.Effort(max(nodes, 1), effort.seconds, effort.stop), self._options(), self.seed, proof=True
        )
        self.used_nodes += answer.nodes
        self.tie_nodes -= answer.nodes
        return answer

    # ── what is known ────────────────────────────────────────────────────────────────────────────

    def _effort(self, kind: type[exact.Effort], part: int = 1) -> exact.Effort:
        seconds = None if self.end is None else max(self.end - monotonic(), 0.01)
        stop = self._asked if self.watch is not None else None
        return kind(max(self.nodes // part, 1), seconds, stop)

    def _offer(self, start: Ints) -> None:
        """Keep it if it is allowed and goes before what is known."""
        choice = choice_of(self.problem, start)
        if not choice.broken and (self.best is None or order_of(choice) > order_of(self.best)):
            self.best = choice

    def _options(self) -> Ints | None:
        return None if self.best is None else self.tables.options(self.best.start)

    def _asked(self) -> bool:
        if self.watch is None or self.stopped:
            return self.stopped
        value = self.best.value if self.best is not None else None
        if self.watch(Progress(self.phase, value, self.bound, monotonic() - self.began)):
            self.stopped = True
        return self.stopped

    def _stop(self) -> bool:
        """The caller or the clock ends it."""
        if self._asked():
            return True
        if self.end is not None and monotonic() >= self.end:
            self.stopped = True
        return self.stopped

    def result(self, named: bool) -> Result:
        best = self.best
        if best is not None and best.broken:  # a fault of the program, never of the problem
            raise AssertionError(f"the set breaks {len(best.broken)} rules: {best.broken[0].named(self.problem)}")
        if best is not None and self.bound is not None and best.value >= self.bound:
            self.finished = True
        status = Status.STOPPED if self.stopped else Status.FEASIBLE
        if self.finished:
            status = Status.INFEASIBLE if self.infeasible else Status.OPTIMAL
        elif best is None and not self.stopped:
            status = Status.UNKNOWN
        why = conflict(self.problem, solver=self.solver) if self.infeasible and named else None
        return Result(
            self.problem, status, best, self.bound if best is not None or not self.infeasible else None, self.settled,
            self.greedy, self.engine, self.used_nodes, monotonic() - self.began, self.seed, why,
        )  # fmt: skip
