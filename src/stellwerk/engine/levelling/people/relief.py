"""Taking away what holds an activity: other activities, bookings outside, absences, days off, its earliest start.

A reason is worth naming only if the activity could start earlier without what it names; this is how that is tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from stellwerk.engine.levelling.people.model import NONE, Minutes, Problem
from stellwerk.engine.levelling.people.plan import Reason, ReasonKind
from stellwerk.engine.levelling.people.state import Work
from stellwerk.engine.levelling.people.tables import State, Tables, drawn_out

_NOBODY: frozenset[int] = frozenset()
_MOST = 1440


@dataclass(frozen=True)
class Relief:
    """What is thought away. ``activities``: rows that are not there, with their links. By person: ``booked`` (bookings outside), ``away`` (absences),
    ``off`` (days off; NONE: those of the activity's calendar), days before the planned start only. ``constraint``: its earliest start."""

    activities: frozenset[int] = _NOBODY
    booked: frozenset[int] = _NOBODY
    away: frozenset[int] = _NOBODY
    off: frozenset[int] = _NOBODY
    constraint: bool = False

    def with_activities(self, rows: Iterable[int]) -> Relief:
        return replace(self, activities=frozenset(rows))

    @property
    def people(self) -> frozenset[int]:
        """Whose days change."""
        return (self.booked | self.away | self.off) - {NONE}


def relief_of(reason: Reason) -> Relief:
    """What the reason names, with what it names besides."""
    parts = (reason, *reason.also)

    def who(kind: ReasonKind) -> frozenset[int]:
        return frozenset(one.person for one in parts if one.kind == kind and not one.blockers)

    return Relief(
        frozenset(row for one in parts for row in one.blockers),
        who(ReasonKind.PERSON),
        who(ReasonKind.ABSENCE),
        who(ReasonKind.CALENDAR),
        any(one.kind == ReasonKind.CONSTRAINT for one in parts),
    )


@contextmanager
def relieved(work: Work, state: State, relief: Relief, row: int, until: int) -> Iterator[Tables]:
    """Tables in which people and the activity's calendar have the days of ``relief`` before ``until``; everything is put back at the end."""
    table, problem = work.table, work.problem
    people = sorted(relief.people)
    calendar = int(table.calendar[row]) if NONE in relief.off else NONE
    if not people and calendar == NONE:
        yield table
        return
    days = min(-(-until // problem.day_minutes), work.days)
    kept = [
        (person, table.cap[person].copy(), table.net[person].copy(), state.free[person].copy()) for person in people
    ]
    given = None if calendar == NONE else (table.calendar_minutes[calendar].copy(), table.count[calendar].copy())
    try:
        for person in people:
            _lift(work, state, relief, person, days)
        if given is not None:
            lifted = table.calendar_minutes[calendar, :days]
            lifted[lifted == 0] = problem.day_minutes
            np.cumsum(table.calendar_minutes[calendar], out=table.count[calendar, 1:])
        # Bounds of what anybody can do on a day no longer hold.
        yield table._replace(most=max(table.most, _MOST), top=np.full_like(table.top, _MOST))
    finally:
        for person, cap, net, free in kept:
            table.cap[person], table.net[person], state.free[person] = cap, net, free
            work.steps.renew_skip(state, person)
        if given is not None:
            table.calendar_minutes[calendar], table.count[calendar] = given


def _lift(work: Work, state: State, relief: Relief, person: int, days: int) -> None:
    table, problem = work.table, work.problem
    usual = usual_minutes(problem, person, work.days)
    cap = table.cap[person].copy()
    if person in relief.away:
        cap[:days] = np.maximum(cap, usual)[:days]
    if person in relief.off:
        cap[:days] = np.where((cap == 0) & (usual == 0), problem.day_minutes, cap)[:days]
    booked = drawn_out(problem.booked[person : person + 1], np.zeros((1, 7), np.int32), problem.weekday, work.days)[0]
    if person in relief.booked:
        booked[:days] = 0
    net = np.maximum(cap - booked, 0)
    state.free[person] += net - table.net[person]
    table.cap[person], table.net[person] = cap, net
    work.steps.renew_skip(state, person)


def usual_minutes(problem: Problem, person: int, days: int) -> Minutes:
    """Contract minutes of each day, as if nobody were ever away."""
    weekday = (np.arange(days) + problem.weekday) % 7
    return np.asarray(problem.usual[person][weekday], np.int32)
