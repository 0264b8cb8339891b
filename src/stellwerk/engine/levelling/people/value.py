"""How good a plan is, and what no plan can pass below."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.levelling.people.model import NONE, Integers, Problem
from stellwerk.engine.levelling.people.plan import Objective
from stellwerk.engine.levelling.people.state import Work, days_of
from stellwerk.engine.levelling.people.tables import State


def ends_of(problem: Problem, finish: Integers) -> Integers:
    """The last finish of each project; 0 where it has no activity."""
    ends = np.zeros(len(problem.projects), np.int64)
    np.maximum.at(ends, problem.activities.project, finish)
    return ends


def tardiness(problem: Problem, ends: Integers) -> int:
    """Weighted minutes of days by which projects end after their due dates."""
    due, weight = problem.projects.due, problem.projects.weight
    return int((weight * np.where(due == NONE, 0, np.maximum(0, ends - due))).sum())


def closeness(problem: Problem, start: Integers, person: Integers) -> int:
    """Minutes of days between the starts and the present ones, and a day for each person that is another one."""
    activities, requirements = problem.activities, problem.requirements
    known = activities.present_start != NONE
    moved = int(np.abs(start - activities.present_start)[known].sum())
    other = (requirements.present_person != NONE) & (person != requirements.present_person)
    return moved + int(other.sum()) * problem.day_minutes


def peaks(work: Work, state: State) -> int:
    """Mean of the squared weekly load of people, in hours; bookings outside included. Weeks without work count nothing."""
    days = work.days
    load = np.zeros((len(work.problem.capacity), days), np.int64)
    for row in range(len(state.person)):
        for day, minutes in days_of(work.table, state, row):
            load[state.person[row], day] += minutes
    weeks = -(-days // 7)
    padded = np.zeros((load.shape[0], weeks * 7), np.int64)
    padded[:, :days] = load
    hours = padded.reshape(load.shape[0], weeks, 7).sum(axis=2) / 60
    total = float((hours**2).sum())
    return round(total / max(1, int((hours > 0).any(axis=1).sum())))


def value_of(work: Work, state: State, objective: Objective, best_ends: Integers) -> int:
    """The objective: lower is better."""
    ends = ends_of(work.problem, state.finish)
    if objective == "tardiness":
        return tardiness(work.problem, ends)
    if objective == "makespan":
        return int(state.finish.max(initial=0))
    if objective == "delay":
        return int(np.maximum(0, ends - best_ends)[work.problem.projects.weight > 0].sum())
    return peaks(work, state)


def bound_of(problem: Problem, objective: Objective, best_finish: Integers) -> int | None:
    """No plan is below: longest paths with everybody free, and for each person the days that their own work takes."""
    ends = np.maximum(ends_of(problem, best_finish), _energy(problem))
    if objective == "tardiness":
        return tardiness(problem, ends)
    if objective == "makespan":
        return int(max(ends.max(initial=0), _all_work(problem)))
    if objective == "delay":
        longest = ends_of(problem, best_finish)
        return int(np.maximum(0, ends - longest)[problem.projects.weight > 0].sum())
    return None


def _energy(problem: Problem) -> Integers:
    """For each project the day on which nobody who is named in it can be done with their share of it any earlier."""
    requirements, activities = problem.requirements, problem.activities
    found = np.zeros(len(problem.projects), np.int64)
    rows = np.flatnonzero((requirements.person != NONE) & ~activities.held[requirements.activity])
    if not rows.size:
        return found
    pair = activities.project[requirements.activity[rows]] * len(problem.capacity) + requirements.person[rows]
    pairs, place = np.unique(pair, return_inverse=True)
    work = np.bincount(place, weights=requirements.work[rows]).astype(np.int64)
    done = _cumulated(problem)
    for number, minutes in zip(pairs.tolist(), work.tolist(), strict=True):
        project, person = divmod(number, len(problem.capacity))
        found[project] = max(found[project], _day_by(problem, done[person], minutes))
    return found


def _all_work(problem: Problem) -> int:
    """The day by which all people together can have done all work that is not held."""
    requirements = problem.requirements
    work = int(requirements.work[~problem.activities.held[requirements.activity]].sum())
    return _day_by(problem, _cumulated(problem).sum(axis=0), work) if len(problem.capacity) else 0


def _cumulated(problem: Problem) -> NDArray[Any]:
    """Minutes that people can have worked by the end of each day."""
    return np.cumsum(np.maximum(problem.capacity.astype(np.int64) - problem.booked, 0), axis=1)


def _day_by(problem: Problem, done: NDArray[Any], minutes: int) -> int:
    """The beginning of the first day by whose end the minutes can be done; 0 where that lies behind the given days."""
    day = int(np.searchsorted(done, minutes))
    return day * problem.day_minutes if day < len(done) else 0
