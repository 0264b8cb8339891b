"""What no plan can pass below: longest paths with everybody free, and the days that somebody's own work takes between its head and its tail."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.levelling.people.model import NONE, Flags, Integers, Problem
from stellwerk.engine.levelling.people.plan import Objective
from stellwerk.engine.levelling.people.state import Work
from stellwerk.engine.levelling.people.value import ends_of, tardiness
from stellwerk.engine.network.model import LinkKind


def bound_of(work: Work, objective: Objective, best_start: Integers, best_finish: Integers) -> int | None:
    """The objective that no plan can be below, or None where nothing useful is known (evenness of load).

    ``best_start``, ``best_finish``: with everybody free, from which ``work`` knows what has to be planned without a person.
    """
    problem = work.problem
    longest = ends_of(problem, best_finish)
    ends = np.maximum(longest, _own_work(work, best_start))
    if objective == "tardiness":
        return tardiness(problem, ends)
    if objective == "makespan":
        return int(max(ends.max(initial=0), _all_work(work)))
    if objective == "delay":
        return int(np.maximum(0, ends - longest)[problem.projects.weight > 0].sum())
    return None


def _own_work(work: Work, best_start: Integers) -> Integers:
    """For each project the instant before which nobody who is named in it can be done with their share, and the others with what follows it.

    For each person the activities that can begin last, the last two, the last three and so on: their work needs so many days of the person
    from the earliest of their starts on, and then the shortest of the ways from them to the end of the project.
    """
    problem = work.problem
    requirements, activities = problem.requirements, problem.activities
    found = np.zeros(len(problem.projects), np.int64)
    rows = np.flatnonzero(_planned(work) & (requirements.person != NONE))
    if not rows.size:
        return found
    done = _cumulated(problem)
    rest = tails(work)
    activity = requirements.activity[rows]
    head = best_start[activity] // problem.day_minutes
    project, person = activities.project[activity], requirements.person[rows]
    order = np.lexsort((-head, person, project))
    before = (NONE, NONE)
    minutes = way = 0
    for one in order.tolist():
        pair = (int(project[one]), int(person[one]))
        if pair != before:
            before, minutes, way = pair, 0, 1 << 60
        minutes += int(requirements.work[rows[one]])
        way = min(way, int(rest[activity[one]]))
        day = _day_by(done[pair[1]], int(head[one]), minutes)
        if day is not None:
            found[pair[0]] = max(found[pair[0]], day * problem.day_minutes + way)
    return found


def tails(work: Work) -> Integers:
    """Minutes of days that at least pass between the finish of each activity and the end of its project."""
    problem = work.problem
    activities, links, requirements = problem.activities, problem.links, problem.requirements
    most = max(int(problem.capacity.max(initial=1)), int(problem.after.max(initial=1)))
    longest = max(int(work.table.calendar_minutes.max(initial=1)), problem.day_minutes)
    least = activities.duration * problem.day_minutes // longest
    least[requirements.activity] = 0
    planned = _planned(work)
    shortest = requirements.work * (100 * problem.day_minutes) // (most * requirements.units)
    np.maximum.at(least, requirements.activity[planned], shortest[planned])
    rest = np.zeros(len(activities), np.int64)
    plain = (links.kind == LinkKind.FINISH_START) & (links.lag >= 0) & ~activities.held[links.successor]
    plain &= activities.project[links.predecessor] == activities.project[links.successor]
    rows = np.flatnonzero(plain)
    for link in rows[np.argsort(-problem.depth[links.successor[rows]], kind="stable")].tolist():
        before, after = int(links.predecessor[link]), int(links.successor[link])
        rest[before] = max(rest[before], int(least[after] + rest[after]))
    return rest + _days_off(work, rest // problem.day_minutes) * problem.day_minutes


def _days_off(work: Work, days: Integers) -> Integers:
    """How many days on which nobody and no calendar works lie at least within so many working days on end."""
    works = np.flatnonzero((work.table.top > 0) | (work.table.calendar_minutes.max(axis=0, initial=0) > 0))
    least = np.zeros(int(days.max(initial=0)) + 1, np.int64)
    for count in range(2, len(least)):
        spans = works[count - 1 :] - works[: len(works) - count + 1] + 1
        least[count] = spans.min() - count if len(spans) else least[count - 1]
    result: Integers = least[days]
    return result


def _planned(work: Work) -> Flags:
    """Requirements of movable activities that get a person."""
    problem = work.problem
    result: Flags = (work.group != NONE) & ~problem.activities.held[problem.requirements.activity]
    return result


def _all_work(work: Work) -> int:
    """The beginning of the day by which all people together can have done all work that is not held."""
    problem = work.problem
    if not len(problem.capacity):
        return 0
    minutes = int(problem.requirements.work[_planned(work)].sum())
    return (_day_by(_cumulated(problem).sum(axis=0), 0, minutes) or 0) * problem.day_minutes


def _cumulated(problem: Problem) -> NDArray[Any]:
    """Minutes that people can have worked before each day, and by the end of the last one."""
    net = np.maximum(problem.capacity.astype(np.int64) - problem.booked, 0)
    return np.concatenate([np.zeros((len(net), 1), np.int64), np.cumsum(net, axis=1)], axis=1)


def _day_by(done: NDArray[Any], first: int, minutes: int) -> int | None:
    """The first day by whose end the minutes can be done from day ``first`` on; None where that lies behind the given days."""
    if first >= len(done):
        return None
    day = int(np.searchsorted(done, int(done[first]) + minutes)) - 1
    return day if day < len(done) - 1 else None
