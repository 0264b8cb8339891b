"""Questions about a selection, each answered by solving again: why an item is in or out, which limits bind, what more money would buy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from stellwerk.engine.selection.bounds import prices
from stellwerk.engine.selection.branch import Branching
from stellwerk.engine.selection.checker import Rule, RuleKind, check, used
from stellwerk.engine.selection.conflict import Conflict
from stellwerk.engine.selection.frame import tables_of
from stellwerk.engine.selection.greedy import Choice
from stellwerk.engine.selection.model import LARGEST, NONE, UNLIMITED, Ints, Kind, Problem
from stellwerk.engine.selection.solve import USUAL, Means, Progress, Result, Status, Watcher, select

ALL = NONE
"""All periods of a resource, the same amount more in each."""


@dataclass(frozen=True)
class Change:
    """From one set to another: what comes in, what goes out, what starts at another time."""

    entering: tuple[int, ...]
    leaving: tuple[int, ...]
    moving: tuple[int, ...]


@dataclass(frozen=True)
class Use:
    """Of one limit. ``blocked``: the items that are out and would overdraw it, whenever they start."""

    resource: int
    period: int
    limit: int
    used: int
    blocked: tuple[int, ...]

    @property
    def slack(self) -> int:
        return self.limit - self.used

    @property
    def tight(self) -> bool:
        """It keeps somebody out who would otherwise have a place here."""
        return bool(self.blocked)


@dataclass(frozen=True, eq=False)
class Reason:
    """Why an item is in or out. ``other``: the best set with it the other way round (None: there is none, ``conflict`` says why).

    ``loss``: what that costs in value (0: equally good, a tie). ``proven`` False: ``other`` may not be the best, so the loss is at most that.
    ``obstacles``: the rules that putting it in (or taking it out) would break if nothing else changed.
    """

    item: int
    inside: bool
    other: Choice | None
    loss: int | None
    proven: bool
    change: Change | None
    obstacles: tuple[Rule, ...]
    conflict: Conflict | None


@dataclass(frozen=True)
class Binding:
    """A limit (``period`` ALL: of all periods of the resource) without which ``gain`` more value would be possible.

    ``proven``: the gain is exact. Otherwise it is at least that, at most ``gain_bound``.
    """

    resource: int
    period: int
    gain: int
    gain_bound: int
    proven: bool


@dataclass(frozen=True, eq=False)
class Step:
    """``extra`` on a limit (``period`` ALL: on each period of the resource) is the least that buys more value: then ``best``, ``gain`` more.

    ``proven``: no smaller amount does. ``exact``: no set with this extra is better than ``best``.
    """

    resource: int
    period: int
    extra: int
    best: Choice
    gain: int
    change: Change
    proven: bool
    exact: bool


@dataclass(frozen=True, eq=False)
class Point:
    """Of the efficient frontier: with ``percent`` of the budgets (rounded down) the best value; ``bound`` as in a result."""

    percent: int
    limit: int
    status: Status
    best: Choice | None
    bound: int | None
    change: Change | None


def changed(before: Ints, after: Ints) -> Change:
    inside, then = before != NONE, after != NONE
    return Change(_rows(then & ~inside), _rows(inside & ~then), _rows(inside & then & (before != after)))


def uses(problem: Problem, start: Ints) -> tuple[Use, ...]:
    """Of every limit there is, in the order of resources and periods."""
    taken = used(problem, start)
    limit = problem.resources.limit
    demands = tables_of(problem, limit != UNLIMITED)
    out = {row for row in np.flatnonzero(start == NONE).tolist() if demands.first[row] < demands.first[row + 1]}
    least = _least(problem, out)
    return tuple(
        Use(
            int(resource), int(period), int(limit[resource, period]), int(taken[resource, period]),
            tuple(item for item in sorted(out) if least[item][resource, period] > limit[resource, period] - taken[resource, period]),
        )
        for resource, period in np.argwhere(limit != UNLIMITED)
    )  # fmt: skip


def _least(problem: Problem, items: Iterable[int]) -> dict[int, Ints]:
    """What each item needs at least of each limit, over all its starts."""
    free = replace(problem, resources=replace(problem.resources, limit=np.full_like(problem.resources.limit, LARGEST)))
    every = np.ones_like(problem.resources.limit, np.bool_)
    tables = tables_of(free, every)
    result = {}
    for item in items:
        starts = [int(tables.start[option]) for option in tables.options_of(item)]
        result[item] = np.min([used(problem, _alone(problem, item, start)) for start in starts], axis=0)
    return result


def _alone(problem: Problem, item: int, start: int) -> Ints:
    result = np.full(len(problem.items), NONE, np.int64)
    result[item] = start
    return result


def explain(result: Result, item: int, means: Means = USUAL) -> Reason:
    """The best set with this item the other way round. Raises ``ValueError`` where the result has no set."""
    best = _best(result)
    problem, inside = result.problem, bool(best.start[item] != NONE)
    mandatory, barred = problem.items.mandatory.copy(), problem.items.barred.copy()
    mandatory[item], barred[item] = not inside, inside
    forced = replace(problem, items=replace(problem.items, mandatory=mandatory, barred=barred))
    other = select(forced, means, hint=_without(best.start, item) if inside else None)
    return Reason(
        item, inside, other.best, None if other.best is None else best.value - other.best.value,
        other.status in (Status.OPTIMAL, Status.INFEASIBLE) and result.proven,
        None if other.best is None else changed(best.start, other.best.start),
        tuple(_obstacles(problem, best.start, item)), other.conflict,
    )  # fmt: skip


def explain_all(result: Result, means: Means = USUAL, items: Sequence[int] | None = None) -> Iterator[Reason]:
    """One after the other, so that they can be shown as they come; ``means`` are for all of them together, in equal parts.

    Ends early when ``seconds`` are over or ``watch`` says so.
    """
    rows = range(len(result.problem.items)) if items is None else items
    clock = _Clock(means, len(rows))
    for row in rows:
        part = clock.part()
        if part is None:
            return
        yield explain(result, row, part)


def _obstacles(problem: Problem, start: Ints, item: int) -> list[Rule]:
    """What is broken if this item alone changes sides, with the start that breaks the least."""
    if start[item] != NONE:
        return check(problem, _without(start, item))
    found: list[Rule] | None = None
    items = problem.items
    if items.barred[item]:
        return [Rule(RuleKind.BARRED, item)]
    for shift in range(int(items.earliest[item]), min(int(items.latest[item]), items.value.shape[1] - 1) + 1):
        with_it = start.copy()
        with_it[item] = shift
        broken = check(problem, with_it)
        if any(rule.kind is RuleKind.START for rule in broken):
            continue
        if found is None or len(broken) < len(found):
            found = broken
    return [Rule(RuleKind.START, item)] if found is None else found


def _without(start: Ints, item: int) -> Ints:
    result = start.copy()
    result[item] = NONE
    return result


def binding(
    result: Result, means: Means = USUAL, scopes: Sequence[tuple[int, int]] | None = None
) -> tuple[Binding, ...]:
    """The limits without which more value is possible, the most valuable first; those without a gain are left out.

    ``scopes``: (resource, period or ALL); left out: each resource as a whole, then the single periods of those that bind.
    ``means`` are for all questions together. Two limits may hold each other: then neither binds alone.
    """
    best, problem = _best(result), result.problem
    tight = {(use.resource, use.period) for use in uses(problem, best.start) if _could_overdraw(problem, use)}
    whole = [(row, ALL) for row in range(len(problem.resources)) if any(resource == row for resource, _ in tight)]
    clock = _Clock(means, len(whole) + len(tight) if scopes is None else len(scopes))
    found = list(_lifted(result, scopes if scopes is not None else whole, clock))
    if scopes is None and problem.periods > 1:
        rows = {one.resource for one in found}
        found += _lifted(result, [scope for scope in sorted(tight) if scope[0] in rows], clock)
    return tuple(sorted(found, key=lambda one: (-one.gain, one.resource, one.period)))


def _could_overdraw(problem: Problem, use: Use) -> bool:
    """All items together, each in the period where it wants the most."""
    return int(problem.demand[:, use.resource, :].max(axis=1).sum()) > use.limit


def _lifted(result: Result, scopes: Iterable[tuple[int, int]], clock: _Clock) -> Iterator[Binding]:
    best = _best(result)
    for resource, period in scopes:
        part = clock.part()
        if part is None:
            return
        limit = result.problem.resources.limit.copy()
        limit[resource, slice(None) if period == ALL else period] = UNLIMITED
        other = select(_limited(result.problem, limit), part, hint=best.start, named=False)
        value = best.value if other.best is None else other.best.value
        bound = value if other.bound is None else other.bound
        if value > best.value:
            yield Binding(resource, period, value - best.value, bound - best.value, other.proven and result.proven)


def step(result: Result, resource: int, period: int = ALL, means: Means = USUAL) -> Step | None:
    """The next amount on a limit that buys anything. None: no amount does (or, without a proof, none was found).

    First the least amount that allows a higher value at all, then the best set with it.
    """
    best, problem = _best(result), result.problem
    growing = np.zeros_like(problem.resources.limit, np.bool_)
    growing[resource, slice(None) if period == ALL else period] = True
    growing &= problem.resources.limit != UNLIMITED
    most = _most_extra(problem, growing)
    if most <= 0:
        return None
    clock = _Clock(means, 3)
    extra, proven = _least_extra(result, growing, most, clock)
    if extra is None:
        return None
    more = np.where(growing, problem.resources.limit + extra, problem.resources.limit)
    part = clock.part() or replace(means, seconds=0.01)
    after = select(_limited(problem, more), part, hint=best.start, named=False)
    if after.best is None or after.best.value <= best.value:
        return None
    return Step(
        resource, period, extra, after.best, after.best.value - best.value, changed(best.start, after.best.start),
        proven and result.proven, after.proven,
    )  # fmt: skip


def _most_extra(problem: Problem, growing: np.ndarray) -> int:
    """With more than this the limit could as well be away."""
    wanted = problem.demand.max(axis=2).sum(axis=0) if problem.periods else problem.demand.sum(axis=0)
    short = np.where(growing, wanted[:, None] - problem.resources.limit, 0)
    return min(int(short.max(initial=0)), LARGEST - int(problem.resources.limit.max(initial=0)))


def _least_extra(result: Result, growing: np.ndarray, most: int, clock: _Clock) -> tuple[int | None, bool]:
    best, problem = _best(result), result.problem
    means = clock.part()
    if means is None:
        return None, False
    if means.with_solver and len(problem.items) > 20:
        return _by_solver(result, growing, most, means)
    low, high, proven = 0, most, True
    if not _better(problem, growing, most, best.value, means)[0]:
        return None, False
    while high - low > 1:
        middle = (low + high) // 2
        possible, sure = _better(problem, growing, middle, best.value, means)
        proven = proven and sure
        low, high = (low, middle) if possible else (middle, high)
    return high, proven


def _better(problem: Problem, growing: np.ndarray, extra: int, value: int, means: Means) -> tuple[bool, bool]:
    """Is a higher value possible with so much more; and is that answer certain?"""
    tables = tables_of(_limited(problem, np.where(growing, problem.resources.limit + extra, problem.resources.limit)))
    found = Branching(tables, prices(tables, value), value + 1, None).run(means.nodes, first=True)
    return found.start is not None, found.start is not None or found.finished


def _by_solver(result: Result, growing: np.ndarray, most: int, means: Means) -> tuple[int | None, bool]:
    from stellwerk.engine.selection import exact  # loading ortools takes time

    tables = tables_of(result.problem, growing)
    rows = np.flatnonzero(growing[tables.resource, tables.period])
    if not len(rows):
        return None, False
    model = exact.Model(tables, wider=rows, most_extra=most)
    model.at_least(tables.value, _best(result).value + 1)
    began = monotonic()
    stop = None
    if means.watch is not None:
        watch: Watcher = means.watch
        stop = lambda: bool(watch(Progress("step", _best(result).value, None, monotonic() - began)))  # noqa: E731
    answer = model.least_extra(exact.Effort(means.nodes, means.seconds, stop), means.seed)
    if answer.start is None:
        return None, False
    return max(answer.extra, 1), answer.finished


def frontier(
    problem: Problem,
    means: Means = USUAL,
    percents: Sequence[int] = tuple(range(50, 151, 10)),
    resources: Sequence[int] | None = None,
) -> tuple[Point, ...]:
    """The best value with these percentages of the limits of ``resources`` (left out: of all budgets), from the lowest on.

    Each answer begins with the set of the one before, so that values never fall, and no bound lies above that of a larger budget.
    ``means`` are for all points together. Ends early when ``seconds`` are over or ``watch`` says so.
    """
    rows = (
        [row for row, kind in enumerate(problem.resources.kind) if kind is Kind.BUDGET]
        if resources is None
        else list(resources)
    )
    points: list[Point] = []
    clock = _Clock(means, len(percents))
    before: Choice | None = None
    for percent in sorted(percents):
        part = clock.part()
        if part is None:
            break
        limit = problem.resources.limit.copy()
        finite = limit[rows] != UNLIMITED
        limit[rows] = np.where(finite, np.minimum(limit[rows] * percent // 100, LARGEST), limit[rows])
        found = select(_limited(problem, limit), part, hint=None if before is None else before.start, named=False)
        change = None if before is None or found.best is None else changed(before.start, found.best.start)
        total = int(np.where(finite, limit[rows], 0).sum())
        points.append(Point(percent, total, found.status, found.best, found.bound, change))
        before = found.best or before
    least: int | None = None
    for place in reversed(range(len(points))):
        bound = points[place].bound
        if bound is not None:
            least = bound if least is None else min(least, bound)
            points[place] = replace(points[place], bound=least)
    return tuple(points)


def steps(result: Result, resource: int, period: int = ALL, means: Means = USUAL, most: int = 10) -> Iterator[Step]:
    """One breakpoint of the frontier after the other, upwards from the limit as it is; ``extra`` counts from there."""
    clock, total, here = _Clock(means, most), 0, result
    for _ in range(most):
        part = clock.part()
        found = None if part is None else step(here, resource, period, part)
        if found is None:
            return
        total += found.extra
        yield replace(found, extra=total)
        limit = here.problem.resources.limit.copy()
        place = (resource, slice(None) if period == ALL else period)
        limit[place] = np.where(limit[place] == UNLIMITED, UNLIMITED, limit[place] + found.extra)
        status = Status.OPTIMAL if found.exact else Status.FEASIBLE
        here = replace(here, problem=_limited(here.problem, limit), best=found.best, status=status)


class _Clock:
    """Shares means among questions: what one leaves over, the next may use."""

    def __init__(self, means: Means, questions: int) -> None:
        self.means, self.left = means, max(questions, 1)
        self.end = None if means.seconds is None else monotonic() + means.seconds
        self.over = False

    def part(self) -> Means | None:
        """For the next question; None: nothing is left."""
        if self.over or (self.end is not None and monotonic() >= self.end):
            return None
        seconds = None if self.end is None else (self.end - monotonic()) / max(self.left, 1)
        self.left -= 1
        watch = None if self.means.watch is None else self._watch
        return replace(self.means, seconds=seconds, watch=watch)

    def _watch(self, progress: Progress) -> bool:
        assert self.means.watch is not None
        self.over = self.over or bool(self.means.watch(progress))
        return self.over


def _best(result: Result) -> Choice:
    if result.best is None:
        raise ValueError("there is no set to ask about")
    return result.best


def _limited(problem: Problem, limit: Ints) -> Problem:
    return replace(problem, resources=replace(problem.resources, limit=limit))


def _rows(flags: np.ndarray) -> tuple[int, ...]:
    return tuple(int(row) for row in np.flatnonzero(flags))
