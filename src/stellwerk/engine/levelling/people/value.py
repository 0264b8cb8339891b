"""How good a plan is."""

from __future__ import annotations

import numpy as np

from stellwerk.engine.levelling.people.model import NONE, Integers, Problem
from stellwerk.engine.levelling.people.plan import Objective
from stellwerk.engine.levelling.people.state import Work
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
    """Squared weekly hours by this plan, summed over the weeks, as a mean over the people with any work."""
    load = work.table.net.astype(np.int64) - state.free
    weeks = -(-work.days // 7)
    padded = np.zeros((load.shape[0], weeks * 7), np.int64)
    padded[:, : work.days] = load
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
