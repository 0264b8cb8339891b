"""One problem being planned: its arrays as long as needed, the kernel that runs, and the way from arrays to a plan."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from stellwerk.engine.levelling.people import kernel, kernel_days
from stellwerk.engine.levelling.people.model import (
    MAX_DAYS,
    NONE,
    Fault,
    FaultCode,
    Flags,
    Integers,
    Problem,
    ProblemError,
)
from stellwerk.engine.levelling.people.plan import Conflict, ConflictKind, Hours, Late, Plan
from stellwerk.engine.levelling.people.tables import (
    State,
    Tables,
    drawn_out,
    empty_state,
    everybody_free,
    groups,
    has_time,
    tables,
)

ready = False
"""The compiled steps are loaded and compiled in this process (``warm.py``)."""
COMPILED_FROM = 400
"""Requirements from which on it pays to load the compiler (two seconds) where nobody says whether to."""


def compiler_installed() -> bool:
    """Whether the extra ``solver`` is there."""
    return importlib.util.find_spec("numba") is not None


def steps(compiled: bool | None, size: int = 0) -> ModuleType:
    """The kernel: compiled or not; None: compiled where the extra is installed, if it is ready or ``size`` is worth waiting for it.

    Both give the same plans.
    """
    if compiled is None:
        compiled = ready or (size >= COMPILED_FROM and compiler_installed())
    if not compiled:
        return kernel
    from stellwerk.engine.levelling.people.compiled import steps as module

    return module


class Work:
    """Arrays and state of one problem. ``conflicts`` grows while requirements turn out to be impossible."""

    def __init__(self, problem: Problem, compiled: bool | None = None) -> None:
        self.problem = problem
        self.steps = steps(compiled, len(problem.requirements))
        self.conflicts: list[Conflict] = []
        self.group, self.group_first, self.group_people = groups(problem)
        requirements = problem.requirements
        self.held_person = np.where(requirements.person >= 0, requirements.person, requirements.present_person)
        activities = problem.activities
        self.movable: Flags = ~activities.held
        self._impossible()
        self.order = np.argsort(problem.depth, kind="stable")
        self.free_order = self.order[self.movable[self.order]]
        latest = max(int(activities.present_start.max(initial=0)), int(activities.earliest.max(initial=0)))
        self.days = min(max(problem.days, latest // problem.day_minutes + 60), MAX_DAYS)
        self._draw()

    def _draw(self) -> None:
        self.table: Tables = tables(self.problem, self.group, self.group_first, self.group_people, self.days)
        self.state: State = empty_state(self.table)

    def _impossible(self) -> None:
        """Requirements that nobody can do, and those for which an activity has too few different people."""
        requirements, held = self.problem.requirements, self.problem.activities.held
        named = requirements.person >= 0
        timely = has_time(self.problem) | (self.problem.capacity > 0).any(axis=1)
        on_hold, person = held[requirements.activity], self.held_person
        no_time = (person >= 0) & ~timely[person] if len(timely) else person >= 0
        for row in np.flatnonzero(np.where(on_hold, (person < 0) | no_time, self.group < 0)).tolist():
            if on_hold[row]:
                self.give_up(row, ConflictKind.NOBODY if person[row] < 0 else ConflictKind.NO_TIME)
            else:
                with_skill = bool(named[row]) or self._able(row).any()
                self.give_up(row, ConflictKind.NO_TIME if with_skill else ConflictKind.NOBODY)
        for activity in self._perhaps_too_few():
            rows = np.flatnonzero(requirements.activity == activity)
            for row in _unmatched([(int(row), self._members(int(row))) for row in rows if self.group[row] >= 0]):
                self.give_up(row, ConflictKind.TOO_FEW)

    def _perhaps_too_few(self) -> list[int]:
        """Activities that move, where taking the requirements by the number of people to choose from, smallest first, one may find nobody left."""
        activity, held = self.problem.requirements.activity, self.problem.activities.held
        rows = np.flatnonzero((self.group >= 0) & ~held[activity])
        choice = np.diff(self.group_first)[self.group[rows]]
        order = np.lexsort((choice, activity[rows]))
        of, choice = activity[rows][order], choice[order]
        place = np.arange(len(of)) - np.searchsorted(of, of)
        found: list[int] = np.unique(of[choice <= place]).tolist()
        return found

    def _able(self, requirement: int) -> Any:
        problem = self.problem
        able = np.ones(len(problem.capacity), np.bool_)
        profiles = problem.profiles
        for row in np.flatnonzero(profiles.profile == problem.requirements.profile[requirement]):
            able &= problem.levels[:, profiles.skill[row]] >= profiles.level[row]
        return able

    def _members(self, requirement: int) -> list[int]:
        group = self.group[requirement]
        members: list[int] = self.group_people[self.group_first[group] : self.group_first[group + 1]].tolist()
        return members

    def give_up(self, requirement: int, kind: ConflictKind) -> None:
        """Plan this requirement without a person from now on."""
        table = self.problem.requirements
        self.group[requirement] = NONE
        self.held_person[requirement] = NONE
        self.conflicts.append(
            Conflict(
                kind, activity=int(table.activity[requirement]), requirement=requirement,
                person=int(table.person[requirement]), profile=int(table.profile[requirement]),
            )
        )  # fmt: skip

    def stuck(self, activity: int) -> None:
        """The activity found no place: more days, or if they cannot help, its requirements without a person.

        Raises :class:`ProblemError` if it needs nobody, and ends after all days that are planned.
        """
        if self.days < MAX_DAYS and self._more_days_help(activity):
            self.days = min(2 * self.days, MAX_DAYS)
        else:
            rows = np.flatnonzero((self.problem.requirements.activity == activity) & self._with_people())
            if not rows.size:
                raise ProblemError([Fault(FaultCode.HORIZON, "activity", activity, "finish", MAX_DAYS)])
            for row in rows.tolist():
                if self.days >= MAX_DAYS or not self._has_future(row):
                    self.give_up(row, ConflictKind.NO_TIME)
        self._draw()

    def _with_people(self) -> Any:
        held = self.problem.activities.held[self.problem.requirements.activity]
        return np.where(held, self.held_person >= 0, self.group >= 0)

    def _has_future(self, row: int) -> bool:
        held = self.problem.activities.held[self.problem.requirements.activity[row]]
        people = [int(self.held_person[row])] if held else self._members(row)
        return bool((self.problem.after[people] > 0).any())

    def _more_days_help(self, activity: int) -> bool:
        rows = np.flatnonzero((self.problem.requirements.activity == activity) & self._with_people())
        return all(self._has_future(row) for row in rows.tolist())

    def clear(self, state: State) -> int:
        """Nothing planned but the held activities. Returns NONE, or a held activity that ends beyond the days."""
        everybody_free(self.table, state)
        return int(self.steps.place_all_held(self.table, state, self.held_person))

    def build(self, key: Integers, release: Integers) -> None:
        """A whole plan in the order of ``key``; draws out the days until everything has a place."""
        while True:
            stuck = self.clear(self.state)
            if stuck == NONE:
                stuck = self.steps.place_all(self.table, self.state, key, release, self.movable)
            if stuck == NONE:
                return
            self.stuck(int(stuck))

    def best(self) -> tuple[Integers, Integers]:
        """Starts and finishes of every activity if everybody had nothing else to do."""
        while True:
            state = empty_state(self.table)
            stuck = self.clear(state)
            if stuck == NONE:
                stuck = self.steps.best_finishes(self.table, state, self.free_order)
            if stuck == NONE:
                return state.start, state.finish
            self.stuck(int(stuck))

    def held_conflicts(self, state: State) -> list[Conflict]:
        """What held activities make impossible: too much work of a person, links, earliest starts."""
        return [*self._overloads(state), *self._broken_links(state), *self._too_early(state)]

    def _overloads(self, state: State) -> Iterator[Conflict]:
        requirements, held = self.problem.requirements, self.problem.activities.held
        rows = np.flatnonzero(held[requirements.activity] & (state.person >= 0)) if len(held) else np.zeros(0, np.int64)
        load: dict[int, dict[int, int]] = {}
        who: dict[tuple[int, int], set[int]] = {}
        for row in rows.tolist():
            for day, minutes in days_of(self.table, state, row):
                person = int(state.person[row])
                days = load.setdefault(person, {})
                days[day] = days.get(day, 0) + minutes
                who.setdefault((person, day), set()).add(int(requirements.activity[row]))
        booked = drawn_out(self.problem.booked, np.zeros_like(self.problem.after), self.problem.weekday, self.days)
        for person, days in sorted(load.items()):
            over = {
                day: load + int(booked[person, day]) - int(self.table.cap[person, day]) for day, load in days.items()
            }
            yield from self._spans(person, {day: minutes for day, minutes in over.items() if minutes > 0}, who)

    def _spans(self, person: int, over: dict[int, int], who: dict[tuple[int, int], set[int]]) -> Iterator[Conflict]:
        """Overloaded days as spans; days off between do not part a span."""
        span: list[int] = []
        for day in sorted(over):
            if span and (self.table.cap[person, span[-1] + 1 : day] > 0).any():
                yield self._overload(person, span, over, who)
                span = []
            span.append(day)
        if span:
            yield self._overload(person, span, over, who)

    def _overload(
        self, person: int, span: list[int], over: dict[int, int], who: dict[tuple[int, int], set[int]]
    ) -> Conflict:
        activities = sorted(set().union(*(who[person, day] for day in span)))
        minutes = sum(over[day] for day in span)
        return Conflict(
            ConflictKind.OVERLOAD, activity=activities[0], person=person, day=span[0], last_day=span[-1],
            minutes=minutes, activities=tuple(activities),
        )  # fmt: skip

    def _broken_links(self, state: State) -> Iterator[Conflict]:
        table = self.table
        for link in np.flatnonzero(table.held[table.after]).tolist() if len(table.after) else []:
            kind, before, after = int(table.kind[link]), int(table.before[link]), int(table.after[link])
            point = state.finish[before] if kind in (0, 2) else state.start[before]
            point = kernel_days.shifted(table, int(table.lag_calendar[link]), int(point), int(table.lag[link]))
            by = point - int(state.start[after] if kind < 2 else state.finish[after])
            if by > 0:
                yield Conflict(ConflictKind.LINK, activity=after, link=link, minutes=by)

    def _too_early(self, state: State) -> Iterator[Conflict]:
        table = self.table
        for activity in np.flatnonzero(table.held & (table.present_start < table.earliest)).tolist():
            by = int(table.earliest[activity] - state.start[activity])
            yield Conflict(ConflictKind.EARLIEST, activity=activity, minutes=by)


def days_of(table: Tables, state: State, requirement: int) -> Iterator[tuple[int, int]]:
    """Days and minutes that the requirement takes of its person."""
    person = int(state.person[requirement])
    if person < 0:
        return
    units = int(table.units[requirement])
    rate = kernel_days.held_rate if table.held[table.activity[requirement]] else kernel_days.rate
    left, day, now = int(table.work[requirement]), int(state.day[requirement]), int(state.first[requirement])
    while left > 0:
        if now > 0:
            yield day, now
        left -= now
        day += 1
        if left > 0:
            now = min(rate(table, person, day, units), left)


def restored(plan: Plan) -> tuple[Work, State]:
    """The state in which ``plan`` was made, with everybody's time taken."""
    work = Work(plan.problem)
    work.days = max(work.days, int(plan.finish.max(initial=0)) // plan.problem.day_minutes + 2)
    for conflict in plan.conflicts:
        if conflict.requirement >= 0:
            work.group[conflict.requirement] = NONE
    work._draw()
    state = work.state
    for name in ("start", "finish"):
        getattr(state, name)[:] = getattr(plan, name)
    state.person[:], state.day[:], state.first[:] = plan.person, plan.first_day, plan.first_minutes
    everybody_free(work.table, state)
    for requirement in range(len(plan.person)):
        work.steps.take(work.table, state, requirement, 1)
    return work, state


def hours(plan: Plan) -> Hours:
    """Minutes per requirement and day, in the order of the requirements."""
    work, state = restored(plan)
    found = [(row, day, minutes) for row in range(len(plan.person)) for day, minutes in days_of(work.table, state, row)]
    rows, days, minutes = np.array(found, np.int64).reshape(-1, 3).T
    return Hours(rows, plan.person[rows], days, minutes)


def late(plan: Plan) -> tuple[Late, ...]:
    """Missed deadlines of activities, then missed due dates of projects."""
    activities, projects = plan.problem.activities, plan.problem.projects
    found = []
    missed = (activities.deadline >= 0) & (plan.finish > activities.deadline)
    for row in np.flatnonzero(missed).tolist():
        limit, finish = int(activities.deadline[row]), int(plan.finish[row])
        reachable = bool(plan.best_finish[row] <= limit)
        found.append(Late(row, int(activities.project[row]), limit, finish, finish - limit, reachable))
    for project in np.flatnonzero(projects.due >= 0).tolist():
        rows = np.flatnonzero(activities.project == project)
        if not rows.size:
            continue
        last = int(rows[np.argmax(plan.finish[rows])])
        limit, finish = int(projects.due[project]), int(plan.finish[last])
        if finish > limit:
            reachable = bool(plan.best_finish[rows].max() <= limit)
            found.append(Late(last, project, limit, finish, finish - limit, reachable))
    return tuple(found)


def _unmatched(wanted: list[tuple[int, list[int]]]) -> list[int]:
    """Requirements left over when as many as possible get different people."""
    taken: dict[int, int] = {}
    by_row = dict(wanted)

    def give(row: int, seen: set[int]) -> bool:
        for person in by_row[row]:
            if person not in seen:
                seen.add(person)
                if person not in taken or give(taken[person], seen):
                    taken[person] = row
                    return True
        return False

    return [row for row, _ in wanted if not give(row, set())]
