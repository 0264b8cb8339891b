"""What goes in: people with their minutes per day, activities with what they ask of people, links, projects; checked once.

Time is counted in minutes of days of equal length: instant ``t`` = day × ``day_minutes`` + minute of that day. Day 0 is the day from which is
planned. The minute says how much of a day has passed, not an hour of the clock: 240 of 480 is noon for everyone. The end of a day
and the beginning of the next are the same instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stellwerk.engine import columns
from stellwerk.engine.columns import Finder, Table, outside
from stellwerk.engine.network.model import NONE as NONE
from stellwerk.engine.network.model import CycleError, LinkKind
from stellwerk.engine.network.order import levels

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Minutes = NDArray[np.int32]

SUCCESSOR, ELAPSED = -1, -2
"""Whose time a lag counts, where it is not a calendar row: that of the successor, or every minute of all days (1,440 a day)."""

DAY_MINUTES = 480
MAX_DAYS = 14_610
"""Forty years: what has found no place by then is reported as without one."""


class FaultCode(StrEnum):
    LENGTH = "length"
    SHAPE = "shape"
    NEGATIVE = "negative"
    OUT_OF_RANGE = "out_of_range"
    NO_PROJECT = "no_project"
    NO_ACTIVITY = "no_activity"
    NO_PERSON = "no_person"
    NO_PROFILE = "no_profile"
    NO_SKILL = "no_skill"
    NO_CALENDAR = "no_calendar"
    EMPTY_CALENDAR = "empty_calendar"
    KIND = "kind"
    SELF_LINK = "self_link"
    HELD_WITHOUT_START = "held_without_start"
    SAME_PERSON_TWICE = "same_person_twice"
    CIRCLE = "circle"
    HORIZON = "horizon"


Fault = columns.Fault[FaultCode]
"""One thing that is wrong."""


class ProblemError(columns.FaultyInput[FaultCode]):
    """A problem that cannot be computed; ``faults`` says where, at most 100 of each kind. ``circle`` names the activities of a circle of links."""

    def __init__(self, faults: Sequence[Fault], circle: Sequence[int] = ()) -> None:
        super().__init__(faults)
        self.circle = tuple(circle)
        if circle:
            self.args = ("the links lead in a circle: " + " → ".join(str(row) for row in (*circle, circle[0])),)


_LEFT_OUT: Integers = np.zeros(0, np.int64)
_LEFT_OUT.flags.writeable = False


def _left_out() -> Any:
    return _LEFT_OUT


def _frozen(values: NDArray[Any]) -> NDArray[Any]:
    values.flags.writeable = False
    return values


class _Table(Table):
    """Unchangeable columns of whole numbers."""

    def _column(self, name: str, given: Any, length: int) -> Integers:
        values = np.full(length, self._defaults.get(name, NONE)) if given is _LEFT_OUT else np.asarray(given)
        if values.ndim != 1 or (values.size and values.dtype.kind not in "iub"):
            raise TypeError(f"{name}: a column is one row of whole numbers")
        return _frozen(values.astype(np.int64))


@dataclass(frozen=True, eq=False)
class People:
    """Who works, and when.

    ``capacity`` (people × days): minutes the person can give to projects on that day: contract hours less holidays and absences, times the
    share for projects; 0 on days off. ``booked`` (same shape): minutes of hard bookings outside of this problem. ``levels`` (people ×
    skills): 0 = has not, else the level; a role is a skill with level 1. ``after`` (people × 7, Monday first): minutes per weekday behind the last
    day given; left out, the most the person has on such a weekday; give 0 for somebody who leaves. ``usual`` (people × 7): contract
    minutes per weekday, tells an absence from a day off; left out, the same as the default of ``after``.
    """

    capacity: ArrayLike
    levels: ArrayLike = field(default_factory=_left_out)
    booked: ArrayLike = field(default_factory=_left_out)
    after: ArrayLike = field(default_factory=_left_out)
    usual: ArrayLike = field(default_factory=_left_out)

    def __len__(self) -> int:
        return len(np.asarray(self.capacity))


@dataclass(frozen=True, eq=False)
class Calendars:
    """Working minutes per day of calendars (rows), for durations and lags; ``after`` as in :class:`People`."""

    minutes: ArrayLike = field(default_factory=_left_out)
    after: ArrayLike = field(default_factory=_left_out)


@dataclass(frozen=True, eq=False)
class Profiles:
    """What generic requirements ask for: profile ``profile`` needs ``skill`` at ``level`` or above; any number of rows per profile."""

    profile: Any = field(default_factory=_left_out)
    skill: Any = field(default_factory=_left_out)
    level: Any = field(default_factory=_left_out)

    def __post_init__(self) -> None:
        length = len(np.asarray(self.profile))
        for name, default in (("profile", 0), ("skill", 0), ("level", 1)):
            given = getattr(self, name)
            values = np.full(length, default) if given is _LEFT_OUT else np.asarray(given)
            object.__setattr__(self, name, _frozen(values.astype(np.int64)))

    def __len__(self) -> int:
        return int(self.profile.max()) + 1 if len(self.profile) else 0


@dataclass(frozen=True, eq=False)
class Activities(_Table):
    """One row per activity that is not finished; all columns but ``project`` may be left out. NONE: no such date.

    ``duration``: working minutes of ``calendar``, used only where nothing is required of people; 0 is a milestone. ``earliest``: the start may
    not lie before (data date, constraint). ``deadline``: a finish after it is reported. ``fixed`` (started, hard-booked, locked) and
    ``may_move`` = 0: the activity stays at its present start with its present people and takes their time. ``present_start`` and
    ``present_finish``: the plan as it is; of what has begun the instant from which it goes on, at the earliest 0.
    """

    project: Any
    duration: Any = field(default_factory=_left_out)
    calendar: Any = field(default_factory=_left_out)
    earliest: Any = field(default_factory=_left_out)
    deadline: Any = field(default_factory=_left_out)
    fixed: Any = field(default_factory=_left_out)
    may_move: Any = field(default_factory=_left_out)
    present_start: Any = field(default_factory=_left_out)
    present_finish: Any = field(default_factory=_left_out)

    _first = "project"
    _defaults = {"duration": 0, "calendar": 0, "earliest": 0, "fixed": 0, "may_move": 1}

    @property
    def held(self) -> Flags:
        """Which activities stay where they are."""
        result: Flags = (self.fixed != 0) | (self.may_move == 0)
        return result


@dataclass(frozen=True, eq=False)
class Requirements(_Table):
    """What an activity asks of one person: ``work`` minutes left, at most ``units`` per cent of the person's day.

    ``person`` names somebody (row of :class:`People`); NONE: anyone who meets ``profile`` (row of :class:`Profiles`; NONE: anyone at all).
    ``present_person``: who does it in the present plan. Requirements of one activity go to different people.
    """

    activity: Any = field(default_factory=_left_out)
    work: Any = field(default_factory=_left_out)
    units: Any = field(default_factory=_left_out)
    person: Any = field(default_factory=_left_out)
    profile: Any = field(default_factory=_left_out)
    present_person: Any = field(default_factory=_left_out)

    _first = "activity"
    _defaults = {"work": 0, "units": 100}


@dataclass(frozen=True, eq=False)
class Links(_Table):
    """``lag`` in minutes (negative: lead) of ``lag_calendar``: a calendar row, :data:`SUCCESSOR` or :data:`ELAPSED`. ``kind``: LinkKind."""

    predecessor: Any = field(default_factory=_left_out)
    successor: Any = field(default_factory=_left_out)
    kind: Any = field(default_factory=_left_out)
    lag: Any = field(default_factory=_left_out)
    lag_calendar: Any = field(default_factory=_left_out)

    _first = "predecessor"
    _defaults = {"kind": LinkKind.FINISH_START, "lag": 0, "lag_calendar": SUCCESSOR}


@dataclass(frozen=True, eq=False)
class Projects(_Table):
    """``weight`` of a day's delay (0: does not matter); ``due``: the instant by which all should be finished, or NONE."""

    weight: Any
    due: Any = field(default_factory=_left_out)

    _first = "weight"


@dataclass(frozen=True, eq=False)
class Problem:
    """A checked portfolio. Raises :class:`ProblemError` with every fault and its row.

    ``weekday`` is that of day 0 (Monday = 0). Without calendars there is one with ``day_minutes`` from Monday to Friday. What is merely
    impossible (a skill nobody has, nobody with time) is no fault: the plan reports it in ``conflicts`` and plans the rest. ``depth`` of an
    activity: how many links lie at most before it.
    """

    people: People
    activities: Activities
    requirements: Requirements = field(default_factory=Requirements)
    links: Links = field(default_factory=Links)
    projects: Projects = field(default_factory=lambda: Projects([1]))
    profiles: Profiles = field(default_factory=Profiles)
    calendars: Calendars = field(default_factory=Calendars)
    day_minutes: int = DAY_MINUTES
    weekday: int = 0

    capacity: Minutes = field(init=False)
    booked: Minutes = field(init=False)
    after: Minutes = field(init=False)
    usual: Minutes = field(init=False)
    levels: Integers = field(init=False)
    depth: Integers = field(init=False)
    calendar_minutes: Minutes = field(init=False)
    calendar_after: Minutes = field(init=False)

    def __post_init__(self) -> None:
        self._fill()
        faults = list(self._faults())
        if faults:
            raise ProblemError(faults)
        try:
            depth = levels(self.links.predecessor, self.links.successor, len(self.activities))
        except CycleError as error:
            fault = Fault(FaultCode.CIRCLE, "link", error.links[0], "successor", error.activities[0])
            raise ProblemError([fault], error.activities) from None
        object.__setattr__(self, "depth", _frozen(depth))

    @property
    def days(self) -> int:
        """Days whose minutes are given."""
        return int(self.capacity.shape[1])

    def at(self, day: int, minute: int = 0) -> int:
        """The instant ``minute`` of ``day``."""
        return day * self.day_minutes + minute

    def _fill(self) -> None:
        capacity = _table(self.people.capacity, "people.capacity")
        people, days = capacity.shape

        def given(value: ArrayLike, name: str, default: NDArray[Any]) -> NDArray[Any]:
            return default if value is _LEFT_OUT else _table(value, name)

        most = self._most_per_weekday(capacity)
        week = np.where((np.arange(days) + self.weekday) % 7 < 5, self.day_minutes, 0)[None, :]
        calendars = given(self.calendars.minutes, "calendars.minutes", week)
        usual_week = np.array([[self.day_minutes] * 5 + [0, 0]])
        after = usual_week if self.calendars.minutes is _LEFT_OUT else self._most_per_weekday(calendars)
        tables = {
            "capacity": capacity,
            "booked": given(self.people.booked, "people.booked", np.zeros_like(capacity)),
            "after": given(self.people.after, "people.after", most),
            "usual": given(self.people.usual, "people.usual", most),
            "levels": given(self.people.levels, "people.levels", np.zeros((people, 0), np.int64)),
            "calendar_minutes": calendars,
            "calendar_after": given(self.calendars.after, "calendars.after", after),
        }
        for name, values in tables.items():
            kind = np.int64 if name == "levels" else np.int32
            object.__setattr__(self, name, _frozen(values.astype(kind)))

    def _most_per_weekday(self, minutes: NDArray[Any]) -> NDArray[Any]:
        weekday = (np.arange(minutes.shape[1]) + self.weekday) % 7
        found = [minutes[:, weekday == day].max(axis=1, initial=0) for day in range(7)]
        return np.stack(found, axis=1)

    def _faults(self) -> Iterator[Fault]:
        if not 1 <= self.day_minutes <= 1440:
            yield Fault(FaultCode.OUT_OF_RANGE, "problem", NONE, "day_minutes", self.day_minutes)
        if not 0 <= self.weekday < 7:
            yield Fault(FaultCode.OUT_OF_RANGE, "problem", NONE, "weekday", self.weekday)
        shapes = list(self._shape_faults())
        yield from shapes
        if shapes:
            return
        yield from self._day_faults()
        yield from self._activity_faults()
        yield from self._requirement_faults()
        yield from self._link_faults()

    def _shape_faults(self) -> Iterator[Fault]:
        people, days = self.capacity.shape
        calendars = len(self.calendar_minutes)
        wanted = {
            "booked": (people, days), "after": (people, 7), "usual": (people, 7), "levels": (people, self.levels.shape[1]),
            "calendar_minutes": (calendars, days), "calendar_after": (calendars, 7),
        }  # fmt: skip
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                yield Fault(FaultCode.SHAPE, "people", NONE, name, len(getattr(self, name)))
        for table, name in self._tables():
            for column, values in table.columns():
                if len(values) != len(table):
                    yield Fault(FaultCode.LENGTH, name, NONE, column, len(values))

    def _tables(self) -> tuple[tuple[_Table, str], ...]:
        return (
            (self.activities, "activity"), (self.requirements, "requirement"), (self.links, "link"),
            (self.projects, "project"),
        )  # fmt: skip

    def _day_faults(self) -> Iterator[Fault]:
        for name in ("capacity", "booked", "after", "calendar_minutes", "calendar_after"):
            values = getattr(self, name)
            highest = 1440 if name != "booked" else 100_000
            for row in np.flatnonzero(((values < 0) | (values > highest)).any(axis=1))[:100].tolist():
                yield Fault(FaultCode.OUT_OF_RANGE, "people", row, name, int(values[row].max()))
        for row in np.flatnonzero(self.calendar_after.sum(axis=1) == 0)[:100].tolist():
            yield Fault(FaultCode.EMPTY_CALENDAR, "calendar", row, "after", 0)

    def _activity_faults(self) -> Iterator[Fault]:
        table, far = self.activities, MAX_DAYS * self.day_minutes
        bad = Finder(Fault, "activity", table)
        yield from bad(outside(table.project, len(self.projects)), "project", FaultCode.NO_PROJECT)
        yield from bad(outside(table.calendar, len(self.calendar_minutes)), "calendar", FaultCode.NO_CALENDAR)
        yield from bad(outside(table.duration, 1 << 31), "duration", FaultCode.OUT_OF_RANGE)
        for column in ("earliest", "deadline", "present_start", "present_finish"):
            yield from bad(getattr(table, column) >= far, column, FaultCode.OUT_OF_RANGE)
        yield from bad(table.held & (table.present_start == NONE), "present_start", FaultCode.HELD_WITHOUT_START)
        bad = Finder(Fault, "project", self.projects)
        yield from bad(outside(self.projects.weight, 1 << 20), "weight", FaultCode.OUT_OF_RANGE)

    def _requirement_faults(self) -> Iterator[Fault]:
        table, people, profiles = self.requirements, len(self.capacity), self.profiles
        bad = Finder(Fault, "requirement", table)
        yield from bad(outside(table.activity, len(self.activities)), "activity", FaultCode.NO_ACTIVITY)
        yield from bad((table.work < 1) | (table.work > 1 << 31), "work", FaultCode.OUT_OF_RANGE)
        yield from bad((table.units < 1) | (table.units > 100), "units", FaultCode.OUT_OF_RANGE)
        for column in ("person", "present_person"):
            wrong = (getattr(table, column) < NONE) | (getattr(table, column) >= people)
            yield from bad(wrong, column, FaultCode.NO_PERSON)
        wrong = (table.profile < NONE) | (table.profile >= len(profiles))
        yield from bad(wrong, "profile", FaultCode.NO_PROFILE)
        pair = table.activity * (people + 1) + table.person
        _, first, count = np.unique(pair, return_index=True, return_counts=True)
        twice = np.zeros(len(table), np.bool_)
        twice[first[count > 1]] = True
        yield from bad(twice & (table.person >= 0), "person", FaultCode.SAME_PERSON_TWICE)
        for row in np.flatnonzero(outside(profiles.skill, self.levels.shape[1]) | (profiles.profile < 0))[:100]:
            yield Fault(FaultCode.NO_SKILL, "profile", int(row), "skill", int(profiles.skill[row]))

    def _link_faults(self) -> Iterator[Fault]:
        table = self.links
        bad = Finder(Fault, "link", table)
        for column in ("predecessor", "successor"):
            yield from bad(outside(getattr(table, column), len(self.activities)), column, FaultCode.NO_ACTIVITY)
        yield from bad(table.predecessor == table.successor, "successor", FaultCode.SELF_LINK)
        yield from bad(outside(table.kind, len(LinkKind)), "kind", FaultCode.KIND)
        yield from bad(np.abs(table.lag) > 1 << 24, "lag", FaultCode.OUT_OF_RANGE)
        wrong = (table.lag_calendar < ELAPSED) | (table.lag_calendar >= len(self.calendar_minutes))
        yield from bad(wrong, "lag_calendar", FaultCode.NO_CALENDAR)


def _table(values: ArrayLike, name: str) -> NDArray[Any]:
    result = np.array(values)
    if result.ndim != 2 or (result.size and result.dtype.kind not in "iub"):
        raise TypeError(f"{name}: a table of whole numbers, one row per person or calendar")
    return result
