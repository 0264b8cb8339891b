"""What goes in: activities, links, projects and constraints as columns, checked once and then unchangeable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stellwerk.engine import columns
from stellwerk.engine.calendars import HORIZON, CalendarSet
from stellwerk.engine.columns import Finder, Table, outside

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NONE = -1
"""No date, no number: the value of an optional column that says nothing."""


class LinkKind(IntEnum):
    FINISH_START = 0
    START_START = 1
    FINISH_FINISH = 2
    START_FINISH = 3


class LagCalendar(IntEnum):
    """Whose working time a lag counts, where it is not a calendar row (≥ 0; 0 is elapsed time)."""

    SUCCESSOR = -2
    PREDECESSOR = -3
    PROJECT = -4


class ConstraintKind(IntEnum):
    """``DEADLINE`` moves nothing forward; like the other upper limits it bounds the late dates and is reported when missed.

    ``MUST_START`` and ``MUST_FINISH`` are the kinds “on” that win over links: no link moves such an activity, and a link that
    its date breaks is a finding. ``BY_HAND`` is ``START_ON`` for work that may lie before the start of its project, and whose
    date bounds no late dates: it has float like any other.
    """

    START_NO_EARLIER = 0
    START_NO_LATER = 1
    FINISH_NO_EARLIER = 2
    FINISH_NO_LATER = 3
    START_ON = 4
    FINISH_ON = 5
    AS_LATE_AS_POSSIBLE = 6
    DEADLINE = 7
    MUST_START = 8
    MUST_FINISH = 9
    BY_HAND = 10


_STARTS_ON = (ConstraintKind.START_ON, ConstraintKind.MUST_START, ConstraintKind.BY_HAND)
STARTS_FROM = (ConstraintKind.START_NO_EARLIER, *_STARTS_ON)
STARTS_UNTIL = (ConstraintKind.START_NO_LATER, *_STARTS_ON)
FINISHES_FROM = (ConstraintKind.FINISH_NO_EARLIER, ConstraintKind.FINISH_ON, ConstraintKind.MUST_FINISH)
FINISHES_UNTIL = (
    ConstraintKind.FINISH_NO_LATER,
    ConstraintKind.FINISH_ON,
    ConstraintKind.DEADLINE,
    ConstraintKind.MUST_FINISH,
)
WINS = (ConstraintKind.MUST_START, ConstraintKind.MUST_FINISH)
"""Constraints that win over links."""


class FaultCode(StrEnum):
    LENGTH = "length"
    NEGATIVE = "negative"
    OUT_OF_RANGE = "out_of_range"
    OUTSIDE_HORIZON = "outside_horizon"
    NO_CALENDAR = "no_calendar"
    NO_PROJECT = "no_project"
    NO_ACTIVITY = "no_activity"
    SUMMARY = "summary"
    SELF_LINK = "self_link"
    KIND = "kind"
    NO_DATE = "no_date"
    END_BEFORE_START = "end_before_start"
    FINISHED_WITHOUT_START = "finished_without_start"
    CYCLE = "cycle"


Fault = columns.Fault[FaultCode]
"""One thing that is wrong."""


class NetworkError(columns.FaultyInput[FaultCode]):
    """A network that cannot be computed; ``faults`` says where, at most 100 of each kind."""


class CycleError(NetworkError):
    """Links that lead in a circle: ``activities`` and ``links`` name the shortest one in order."""

    def __init__(self, activities: Sequence[int], links: Sequence[int]) -> None:
        self.activities = tuple(activities)
        self.links = tuple(links)
        super().__init__([Fault(FaultCode.CYCLE, "link", links[0], "successor", activities[0])])

    def __str__(self) -> str:
        return "the links lead in a circle: " + " → ".join(str(row) for row in (*self.activities, self.activities[0]))


OMITTED: Integers = np.zeros(0, np.int64)
"""A column that was left out."""
OMITTED.flags.writeable = False


def _omitted() -> Integers:
    return OMITTED


def _column(values: ArrayLike, length: int, default: int, name: str) -> Integers:
    """An unchangeable copy as integers; a missing column is filled with ``default``."""
    given = np.full(length, default, np.int64) if values is OMITTED else np.asarray(values)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iub"):
        raise TypeError(f"{name}: a column is one row of whole numbers")
    result = given.astype(np.int64)
    result.flags.writeable = False
    return result


class _Table(Table):
    def _column(self, name: str, given: ArrayLike, length: int) -> Integers:
        return _column(given, length, int(self._defaults.get(name, NONE)), name)


@dataclass(frozen=True, eq=False)
class Activities(_Table):
    """One row per activity; all columns but ``duration`` may be left out.

    ``duration`` and ``remaining`` are minutes of the activity's ``calendar`` (a row of the calendar set; 0 is elapsed time). A duration of 0 is a
    milestone. ``percent`` counts only where work has begun and ``remaining`` is not given. ``summary`` rows (1) are not computed and take no
    links. ``ident`` tells which rows are the same when two results are compared.
    """

    duration: Integers
    calendar: Integers = field(default_factory=_omitted)
    project: Integers = field(default_factory=_omitted)
    summary: Integers = field(default_factory=_omitted)
    actual_start: Integers = field(default_factory=_omitted)
    actual_finish: Integers = field(default_factory=_omitted)
    remaining: Integers = field(default_factory=_omitted)
    percent: Integers = field(default_factory=_omitted)
    ident: Integers = field(default_factory=_omitted)

    _first = "duration"
    _defaults = {"calendar": 0, "project": 0, "summary": 0, "percent": 0}


@dataclass(frozen=True, eq=False)
class Links(_Table):
    """``lag`` in minutes (negative: lead), counted in ``lag_calendar``: a row of the calendar set or a :class:`LagCalendar`."""

    predecessor: Integers = field(default_factory=_omitted)
    successor: Integers = field(default_factory=_omitted)
    kind: Integers = field(default_factory=_omitted)
    lag: Integers = field(default_factory=_omitted)
    lag_calendar: Integers = field(default_factory=_omitted)

    _first = "predecessor"
    _defaults = {"kind": LinkKind.FINISH_START, "lag": 0, "lag_calendar": LagCalendar.SUCCESSOR}


@dataclass(frozen=True, eq=False)
class Projects(_Table):
    """Earliest ``start``, ``data_date`` before which nothing open can lie, and the day by which all ``must_finish``."""

    start: Integers = field(default_factory=lambda: np.zeros(1, np.int64))
    data_date: Integers = field(default_factory=_omitted)
    must_finish: Integers = field(default_factory=_omitted)
    calendar: Integers = field(default_factory=_omitted)

    _first = "start"
    _defaults = {"calendar": 0}


@dataclass(frozen=True, eq=False)
class Constraints(_Table):
    """Any number per activity; ``at`` is an instant (NONE for as late as possible)."""

    activity: Integers = field(default_factory=_omitted)
    kind: Integers = field(default_factory=_omitted)
    at: Integers = field(default_factory=_omitted)

    _first = "activity"


@dataclass(frozen=True, eq=False)
class Network:
    """A checked plan of one or more projects. Raises :class:`NetworkError` with every fault and its row."""

    activities: Activities
    links: Links = field(default_factory=Links)
    projects: Projects = field(default_factory=Projects)
    constraints: Constraints = field(default_factory=Constraints)
    calendars: CalendarSet = field(default_factory=CalendarSet)

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise NetworkError(faults)

    def _faults(self) -> Iterator[Fault]:
        tables: dict[str, _Table] = {
            "activity": self.activities, "link": self.links, "project": self.projects, "constraint": self.constraints,
        }  # fmt: skip
        for name, table in tables.items():
            for column, values in table.columns():
                if len(values) != len(table):
                    yield Fault(FaultCode.LENGTH, name, NONE, column, len(values))
                    return
        yield from self._activity_faults()
        yield from self._link_faults()
        yield from self._project_faults()
        yield from self._constraint_faults()

    def _activity_faults(self) -> Iterator[Fault]:
        table = self.activities
        bad = Finder(Fault, "activity", table)
        start, finish = table.actual_start, table.actual_finish
        yield from bad(table.duration < 0, "duration", FaultCode.NEGATIVE)
        yield from bad(table.duration > HORIZON, "duration", FaultCode.OUT_OF_RANGE)
        yield from bad(table.remaining < NONE, "remaining", FaultCode.NEGATIVE)
        yield from bad(table.remaining > HORIZON, "remaining", FaultCode.OUT_OF_RANGE)
        yield from bad(outside(table.percent, 101), "percent", FaultCode.OUT_OF_RANGE)
        yield from bad(outside(table.calendar, len(self.calendars)), "calendar", FaultCode.NO_CALENDAR)
        yield from bad(outside(table.project, len(self.projects)), "project", FaultCode.NO_PROJECT)
        for column in ("actual_start", "actual_finish"):
            yield from bad(_off_horizon(getattr(table, column)), column, FaultCode.OUTSIDE_HORIZON)
        yield from bad((finish != NONE) & (start == NONE), "actual_finish", FaultCode.FINISHED_WITHOUT_START)
        yield from bad((finish != NONE) & (finish < start), "actual_finish", FaultCode.END_BEFORE_START)

    def _link_faults(self) -> Iterator[Fault]:
        table = self.links
        bad = Finder(Fault, "link", table)
        yield from self._activity_references(bad, table, "predecessor")
        yield from self._activity_references(bad, table, "successor")
        yield from bad(table.predecessor == table.successor, "successor", FaultCode.SELF_LINK)
        yield from bad(outside(table.kind, len(LinkKind)), "kind", FaultCode.KIND)
        yield from bad(np.abs(table.lag) > HORIZON, "lag", FaultCode.OUT_OF_RANGE)
        calendar = table.lag_calendar
        unknown = (calendar >= len(self.calendars)) | (calendar < LagCalendar.PROJECT) | (calendar == NONE)
        yield from bad(unknown, "lag_calendar", FaultCode.NO_CALENDAR)

    def _project_faults(self) -> Iterator[Fault]:
        table = self.projects
        bad = Finder(Fault, "project", table)
        yield from bad(outside(table.start, HORIZON), "start", FaultCode.OUTSIDE_HORIZON)
        for column in ("data_date", "must_finish"):
            yield from bad(_off_horizon(getattr(table, column)), column, FaultCode.OUTSIDE_HORIZON)
        end = table.must_finish
        yield from bad((end != NONE) & (end < table.start), "must_finish", FaultCode.END_BEFORE_START)
        yield from bad(outside(table.calendar, len(self.calendars)), "calendar", FaultCode.NO_CALENDAR)

    def _constraint_faults(self) -> Iterator[Fault]:
        table = self.constraints
        bad = Finder(Fault, "constraint", table)
        yield from self._activity_references(bad, table, "activity")
        yield from bad(outside(table.kind, len(ConstraintKind)), "kind", FaultCode.KIND)
        dated = table.kind != ConstraintKind.AS_LATE_AS_POSSIBLE
        yield from bad(dated & (table.at == NONE), "at", FaultCode.NO_DATE)
        yield from bad(dated & _off_horizon(table.at), "at", FaultCode.OUTSIDE_HORIZON)

    def _activity_references(
        self, bad: Finder[FaultCode, Fault], table: Links | Constraints, column: str
    ) -> Iterator[Fault]:
        """The column names activities that are there and are no summaries."""
        rows: Integers = getattr(table, column)
        missing = outside(rows, len(self.activities))
        yield from bad(missing, column, FaultCode.NO_ACTIVITY)
        if len(self.activities):
            summary = self.activities.summary[np.where(missing, 0, rows)] != 0
            yield from bad(summary & ~missing, column, FaultCode.SUMMARY)


def _off_horizon(values: Integers) -> Flags:
    return (values < NONE) | (values > HORIZON)
