"""What comes out: who does what when, how good that is at most, and why nothing starts earlier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal

import numpy as np

from stellwerk.engine.levelling.people.model import NONE, Integers, Problem

VERSION = 1
"""Of the algorithm: the same problem, seed and number of iterations give the same plan in the same version."""

Objective = Literal["tardiness", "makespan", "delay", "smooth"]


class ReasonKind(StrEnum):
    LINK = "link"
    PERSON = "person"
    SKILL = "skill"
    ABSENCE = "absence"
    CALENDAR = "calendar"
    CONSTRAINT = "constraint"
    FIXED = "fixed"
    KEPT = "kept"


@dataclass(frozen=True)
class Reason:
    """Why ``activity`` does not start earlier.

    | kind | ``cause`` | ``person`` | ``until`` |
    |---|---|---|---|
    | link | the predecessor (``link`` the row) | – | the instant the link gives |
    | person | the activity that blocks the person; NONE: bookings outside | who is busy | its finish; NONE: the start |
    | skill | as before, for the person who is free first; ``blockers`` names all | who is free first | its finish |
    | absence | – | who is away | the start of the first day back |
    | calendar | – | the person, or NONE for the activity's calendar | the first working instant |
    | constraint | – | – | earliest start |
    | fixed | – | – | its start |
    | kept | – | – | its start: earlier is possible but was not chosen (present plan kept, load smoothed) |

    ``blockers``: all activities that hold it, ``cause`` first. ``also``: what holds it besides; only without all of this together could it start earlier, the
    rest staying as planned (``could_start_earlier`` proves it). Absences carry no cause: why somebody is away is nobody's business here.
    ``profile``: what was asked for (skill).
    """

    activity: int
    kind: ReasonKind
    cause: int = NONE
    link: int = NONE
    person: int = NONE
    profile: int = NONE
    until: int = NONE
    blockers: tuple[int, ...] = ()
    also: tuple[Reason, ...] = ()


class ConflictKind(StrEnum):
    NOBODY = "nobody"
    NO_TIME = "no_time"
    TOO_FEW = "too_few"
    OVERLOAD = "overload"
    LINK = "link"
    EARLIEST = "earliest"


@dataclass(frozen=True)
class Conflict:
    """What no plan can keep. The requirement concerned is planned without a person, at the rate of its activity's calendar.

    nobody: no person has the profile of ``requirement``. no_time: whoever has it (or ``person``, if named) has not enough minutes left.
    too_few: the activity asks for more different people than there are. overload: ``person`` has held activities and bookings of ``minutes``
    more than the day gives, from ``day`` to ``last_day``; ``activities`` are those held then. link: ``link`` into a held activity is missed by
    ``minutes``. earliest: a held activity lies before its earliest start.
    """

    kind: ConflictKind
    activity: int = NONE
    requirement: int = NONE
    person: int = NONE
    profile: int = NONE
    link: int = NONE
    day: int = NONE
    last_day: int = NONE
    minutes: int = 0
    activities: tuple[int, ...] = ()


@dataclass(frozen=True)
class Late:
    """A missed date: of ``activity`` (deadline) or of ``project`` (due; ``activity`` is then its last one), by ``by`` minutes of days.

    ``reachable`` is False if nothing could have kept it: even with everybody free the finish would lie after it.
    """

    activity: int
    project: int
    limit: int
    finish: int
    by: int
    reachable: bool


@dataclass(frozen=True, eq=False)
class Hours:
    """Sparse: minutes that ``requirement`` takes of ``person`` on ``day``."""

    requirement: Integers
    person: Integers
    day: Integers
    minutes: Integers


@dataclass(frozen=True, eq=False)
class Plan:
    """Columns by row of the problem's activities and requirements; instants as in the problem.

    ``person`` is NONE where a conflict says so. ``first_day`` and ``first_minutes``: when the requirement's work begins and how much of it is done
    that day; from the next day on it runs at the full rate. ``value``: the objective, lower is better: weighted minutes of days late
    (tardiness), later than the longest path (delay), last finish (makespan), squared weekly hours per person with work (smooth). ``bound``: no plan
    can be below; None where none is known. ``closeness``: minutes of days by which starts differ from the present plan, plus a day for each
    changed person.
    """

    problem: Problem
    start: Integers
    finish: Integers
    person: Integers
    first_day: Integers
    first_minutes: Integers
    objective: Objective
    value: int
    bound: int | None
    closeness: int
    seed: int
    iterations: int
    conflicts: tuple[Conflict, ...]
    best_finish: Integers
    version: int = VERSION

    @property
    def gap(self) -> float | None:
        """How far the plan can be from the best possible: 0.05 = at most 5 % of its value. None where undefined."""
        if self.bound is None or (self.bound == 0 and self.value > 0):
            return None
        return (self.value - self.bound) / self.value if self.value else 0.0

    @property
    def start_day(self) -> Integers:
        return self.start // self.problem.day_minutes

    @property
    def start_minute(self) -> Integers:
        return self.start % self.problem.day_minutes

    @property
    def finish_day(self) -> Integers:
        """The day on which the last work is done: the evening of a day belongs to it. A milestone at the beginning of a day lies on it."""
        minutes = self.problem.day_minutes
        return np.where(self.finish > self.start, (self.finish - 1) // minutes, self.finish // minutes)

    @property
    def finish_minute(self) -> Integers:
        return self.finish - self.finish_day * self.problem.day_minutes

    @cached_property
    def hours(self) -> Hours:
        """Who works how long on what, day by day."""
        from stellwerk.engine.levelling.people.state import hours

        return hours(self)

    @cached_property
    def reasons(self) -> Mapping[int, Reason]:
        """By activity: why it starts later than the present plan, or than links and constraints allow. Computed when first asked."""
        from stellwerk.engine.levelling.people.reasons import reasons

        return reasons(self)

    @cached_property
    def late(self) -> tuple[Late, ...]:
        """Deadlines and due dates that are missed."""
        from stellwerk.engine.levelling.people.state import late

        return late(self)
