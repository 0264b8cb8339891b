"""From a problem to a plan: a first answer from priority rules at once, then a search that goes on until time, rounds or the caller end it.

A plan is built by placing activities one after the other, each at its earliest place (serial schedule generation). The search looks for better
orders (``orders.py``); now and then it shakes the best plan, or takes projects out and puts them in again in another order while the rest stays.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import numpy as np

from stellwerk.engine.levelling.people.bounds import bound_of
from stellwerk.engine.levelling.people.check import check
from stellwerk.engine.levelling.people.model import NONE, Flags, Integers, Problem
from stellwerk.engine.levelling.people.orders import Order, changed, rules
from stellwerk.engine.levelling.people.plan import Objective, Plan
from stellwerk.engine.levelling.people.state import Work
from stellwerk.engine.levelling.people.tables import State
from stellwerk.engine.levelling.people.value import closeness, ends_of, value_of

Better = Callable[[Plan], bool | None]
"""Hears of each better plan; True ends the search."""
PART = 8
"""Of so many rounds one shakes the whole plan, one takes some projects out; the others change the order."""
WORST = (1 << 62, 1 << 62)


def solve(
    problem: Problem,
    *,
    objective: Objective = "tardiness",
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 1,
    on_better: Better | None = None,
    compiled: bool | None = None,
) -> Plan:
    """The best plan found in ``seconds`` or after ``iterations`` rounds (both: whichever ends first; none: the first answer only).

    The same problem, seed and ``iterations`` give the same plan, compiled or not (``compiled`` None: compiled where the extra ``solver`` is
    installed and the problem is large enough for it to pay). Of equal plans the one nearest to the present counts.
    Every plan passes :func:`check` before it is returned. Raises :class:`ProblemError` where a duration or a lag leads beyond all days.
    """
    search = _Search(problem, objective, seed, compiled)
    search.first(on_better)
    if seconds is None and iterations is None:
        iterations = 0
    end = None if seconds is None else monotonic() + seconds
    while not search.over and (iterations is None or search.rounds < iterations) and (end is None or monotonic() < end):
        search.round(on_better)
    search.settle()
    plan = search.plan()
    faults = check(problem, plan)
    if faults:  # a fault of the program, never of the problem
        raise AssertionError(f"the plan breaks {len(faults)} rules: {faults[0]}")
    return plan


class _Search:
    """The best state so far and the way to better ones."""

    def __init__(self, problem: Problem, objective: Objective, seed: int, compiled: bool | None) -> None:
        self.problem, self.objective, self.seed = problem, objective, seed
        self.work = Work(problem, compiled)
        self._alone()
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.rounds = 0
        self.over = not self.work.movable.any()
        self.told: int | None = None
        self.bound: int | None = None
        self.limit: Integers | None = None
        self.aim: Objective = "tardiness" if objective == "smooth" else objective
        self.order = Order(100, np.zeros(len(problem.projects), np.int64), np.zeros(len(problem.activities), np.int64))
        self.order_value = WORST[0]
        self.score = WORST
        self.keep: State = self.work.state

    def _alone(self) -> None:
        """What everybody being free would give."""
        self.best_start, self.best_finish = self.work.best()
        self.best_ends = ends_of(self.problem, self.best_finish)
        self.due = np.where(self.problem.projects.due == NONE, self.best_ends, self.problem.projects.due)
        self.tail = self._tails()

    # ── the first answer ─────────────────────────────────────────────────────────────────────────

    def first(self, on_better: Better | None) -> None:
        """Orders from rules, the best of which is where the search begins; then what keeps more of the present plan.

        Even load comes after lateness: first the least late plan, then as even as goes without ending later.
        """
        activities = self.problem.activities
        none = np.zeros(len(activities), np.int64)
        while True:
            drawn = self._drawn()
            self.score = WORST
            self.order_value = WORST[0]
            for order in rules(self.problem.projects.weight, self._lengths(), self._span(), len(none)):
                self.work.build(order.key(self.due, self.tail, activities.project), none)
                self._adopt(order, self._take(self.work.state))
                if self.told is None:
                    self._told(on_better)  # the first plan there is, at once
                    if self.over and self.work.movable.any():
                        return
            for release, key in self._rules():
                self.work.build(key, release)
                self._take(self.work.state)
            if self._drawn() == drawn:
                break
            self._alone()  # days were drawn out or somebody was given up: what was best before cannot be compared
        self.bound = bound_of(self.work, self.objective, self.best_start, self.best_finish)
        if self.objective == "smooth":
            # Nothing may end later than it does without smoothing, or than it is due.
            self.limit = np.maximum(ends_of(self.problem, self.keep.finish), self.problem.projects.due)
            self.aim, self.score = self.objective, (self._value(self.keep), self.score[1])
            self.told = None
        if self.told is None or self.score[0] < self.told:
            self._told(on_better)

    def _drawn(self) -> tuple[int, int]:
        return self.work.days, len(self.work.conflicts)

    def _rules(self) -> list[tuple[Integers, Integers]]:
        """Bounds of starts, and keys (the lowest first): as planned now, by the latest start, by weight and latest start."""
        activities, projects = self.problem.activities, self.problem.projects
        start = np.where(activities.present_start == NONE, self.best_start, activities.present_start)
        latest = self.due[activities.project] - self.tail
        weight = projects.weight[activities.project]
        keys = (start, latest, start * 2 - weight * self.problem.day_minutes // 4, latest - weight * self._span())
        present = np.maximum(activities.present_start, 0)
        none = np.zeros_like(present)
        return [(present, key) for key in keys] + [(none, keys[0]), (none, keys[3])]

    def _span(self) -> int:
        start = self.problem.activities.present_start
        return int(max(self.best_finish.max(initial=0), start.max(initial=0))) + 1

    def _lengths(self) -> Integers:
        """Of each project, everybody being free."""
        begin = self.best_ends.copy()
        np.minimum.at(begin, self.problem.activities.project, self.best_start)
        return self.best_ends - begin

    def _tails(self) -> Integers:
        """Minutes of days from the start of each activity to the end of its project along its links, everybody being free."""
        tail = self.best_finish - self.best_start
        self.work.steps.lengthen(self.work.table, self.work.order, tail)
        return tail

    # ── rounds ───────────────────────────────────────────────────────────────────────────────────

    def round(self, on_better: Better | None) -> None:
        """Another order; kept if it is better, or as good and nearer to the present plan."""
        self.rounds += 1
        before = self.score
        if self.bound is not None and self.score[0] <= self.bound and self.score[1] == 0:
            self.over = True
            return
        if self.objective == "smooth":
            self._shake_starts()
        elif self.rounds % PART == 0:
            self._shake()
        elif self.rounds % PART == PART // 2 and len(self.problem.projects) > 2:
            self._again_in_part()
        else:
            self._reorder()
        if self.score[0] < before[0]:
            self._told(on_better)

    def _reorder(self) -> None:
        """The best order so far with something changed."""
        activities = self.problem.activities
        order = changed(self.order, self.random, activities.project, self.problem.day_minutes)
        bound = np.maximum(activities.present_start, 0) if order.keeps else np.zeros(len(activities), np.int64)
        self._adopt(order, self._try_whole(order.key(self.due, self.tail, activities.project), bound))

    def _adopt(self, order: Order, value: int) -> None:
        """Equal values too: so the search walks on where many orders are equally good."""
        if value <= self.order_value:
            self.order, self.order_value = order, value

    def _shake(self) -> None:
        """The order of the best plan with noise; now and then the present starts hold no more."""
        days = int(self.random.integers(1, 30)) * self.problem.day_minutes
        key = self.keep.start + self.random.integers(-days, days + 1, len(self.keep.start))
        self._try_whole(key, self._release())

    def _release(self) -> Integers:
        present = np.maximum(self.problem.activities.present_start, 0)
        if self.random.integers(0, 2):
            return np.asarray(present, np.int64)
        free = self.random.integers(0, 2, len(self.problem.projects)) > 0
        release: Integers = np.where(free[self.problem.activities.project], 0, present)
        return release

    def _shake_starts(self) -> None:
        """Some activities begin later, the order stays: load moves from full weeks into empty ones."""
        count = len(self.keep.start)
        chosen = self.random.random(count) < min(0.5, 8 / max(1, count))
        later = self.random.integers(-10, 15, count) * self.problem.day_minutes
        release = np.where(chosen, np.maximum(0, self.keep.start + later), self.keep.start)
        self._try_whole(self.keep.start + np.where(chosen, later, 0), release)

    def _again_in_part(self) -> None:
        """Two to four projects out, and in again: the late ones first, or in a new order."""
        projects = self._some_projects()
        out: Flags = np.isin(self.problem.activities.project, projects) & self.work.movable
        if not out.any():
            return
        work = self.work
        state = _copied(self.keep)
        touched = np.zeros(len(self.problem.capacity), np.bool_)
        work.steps.remove(work.table, state, out, touched)
        place = {project: number for number, project in enumerate(projects)}
        turn = np.array([place.get(project, 0) for project in range(len(self.problem.projects))], np.int64)
        days = int(self.random.integers(1, 20)) * self.problem.day_minutes
        apart = int(self.random.integers(0, 60)) * self.problem.day_minutes
        key = (
            self.keep.start
            + self.random.integers(-days, days + 1, len(out))
            + turn[self.problem.activities.project] * apart
        )
        if work.steps.place_all(work.table, state, key, self._release(), out) != NONE:
            return
        if not work.steps.links_kept(work.table, state, out):
            return
        self._take(state)

    def _some_projects(self) -> list[int]:
        """Late ones more often than others, in the order in which they are put in again."""
        ends = ends_of(self.problem, self.keep.finish)
        late = np.maximum(0, ends - self.due) * np.maximum(1, self.problem.projects.weight)
        chance = late + late.mean() / 4 + 1
        number = min(int(self.random.integers(2, 5)), len(late))
        chosen = self.random.choice(len(late), number, replace=False, p=chance / chance.sum())
        found: list[int] = chosen.tolist()
        return sorted(found, key=lambda project: -int(late[project])) if self.random.integers(0, 2) else found

    def settle(self) -> None:
        """Nothing that starts later than at present is left where it could start earlier without ending later, the rest staying."""
        if self.objective == "smooth":
            return
        present = np.maximum(self.problem.activities.present_start, 0)
        for release in (present, np.minimum(present, self.keep.start)):
            self._try_whole(self.keep.start, release)
        while self._pulled(present):
            pass
        self.score = (self._value(self.keep), closeness(self.problem, self.keep.start, self.keep.person))

    def _pulled(self, present: Integers) -> bool:
        """Whether an activity could start earlier, and does now; its people are free where it was, so others may follow."""
        later = np.flatnonzero(self.work.movable & (self.keep.start > present))
        order = later[np.argsort(self.keep.start[later], kind="stable")]
        return bool(self.work.steps.pull(self.work.table, self.keep, order, present))

    # ── keeping the best ─────────────────────────────────────────────────────────────────────────

    def _try_whole(self, key: Integers, release: Integers) -> int:
        """The value of the plan in this order. One that does not fit into the days drawn so far is none worth having."""
        work = self.work
        if work.clear(work.state) != NONE:
            return WORST[0]
        key, release = key.astype(np.int64), release.astype(np.int64)
        if work.steps.place_all(work.table, work.state, key, release, work.movable) != NONE:
            return WORST[0]
        return self._take(work.state)

    def _take(self, state: State) -> int:
        """Keep the plan if it is the best so far; its value."""
        if self.limit is not None and (ends_of(self.problem, state.finish) > self.limit).any():
            return WORST[0]
        if state.free.shape != self.keep.free.shape:
            self.score = WORST  # days were drawn out or somebody was given up: what was best before cannot be compared
        value = value_of(self.work, state, self.aim, self.best_ends)
        if value <= self.score[0]:
            score = (value, closeness(self.problem, state.start, state.person))
            if score < self.score:
                self.score = score
                self.keep = _copied(state)
        return value

    def _value(self, state: State) -> int:
        return value_of(self.work, state, self.objective, self.best_ends)

    def _told(self, on_better: Better | None) -> None:
        self.told = self.score[0]
        if on_better is not None and on_better(self.plan()):
            self.over = True

    def plan(self) -> Plan:
        state, work = self.keep, self.work
        conflicts = (*work.conflicts, *work.held_conflicts(state))
        return Plan(
            self.problem, state.start.copy(), state.finish.copy(), state.person.copy(), state.day.copy(), state.first.copy(), self.objective,
            self._value(state), self.bound, self.score[1], self.seed, self.rounds, conflicts, self.best_finish,
        )  # fmt: skip


def _copied(state: State) -> State:
    copy: State = State._make(column.copy() for column in state)
    return copy
