"""What goes in: activities of several projects, links, resources with capacities. Checked once, then unchangeable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stellwerk.engine import columns
from stellwerk.engine.columns import Finder, Table, outside

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

NONE = -1
"""No date: not pinned, no due date."""
LONGEST = 2**28
"""No duration, date or distance lies beyond it: sums stay inside 32 bits for any plan that can be computed."""
AFTER_FINISH = -LONGEST
"""The distance of a link that was left out: the duration of its predecessor."""
LARGEST = 2**30 - 1
"""No capacity or demand lies beyond it."""
CELLS = 50_000_000
"""Horizon × resources that fit in memory: beyond it the unit of time is too fine."""


class Objective(IntEnum):
    """``TOTAL_DELAY``: sum over the projects of what each ends later than alone. Even load is an aim of ``people`` alone: there are weeks, here not."""

    MAKESPAN = 0
    TOTAL_DELAY = 1
    WEIGHTED_TARDINESS = 2


class FaultCode(StrEnum):
    LENGTH = "length"
    SHAPE = "shape"
    NEGATIVE = "negative"
    TOO_LARGE = "too_large"
    NO_PROJECT = "no_project"
    NO_ACTIVITY = "no_activity"
    NO_RESOURCE = "no_resource"
    SELF_LINK = "self_link"
    CYCLE = "cycle"
    DEMAND_ABOVE_CAPACITY = "demand_above_capacity"
    NO_CAPACITY = "no_capacity"
    NO_DUE_DATE = "no_due_date"
    NO_ROOM = "no_room"


Fault = columns.Fault[FaultCode]
"""One thing that is wrong."""


class ProblemError(columns.FaultyInput[FaultCode]):
    """A problem that cannot be computed; ``faults`` says where, at most 100 of each kind."""


OMITTED: Ints = np.zeros(0, np.int32)
"""A column that was left out."""
OMITTED.flags.writeable = False


def _omitted() -> Ints:
    return OMITTED


def _column(values: ArrayLike, length: int, default: int, name: str, limit: int = LONGEST) -> Ints:
    """An unchangeable copy; numbers that do not fit are kept just outside the limit, where the check finds them."""
    given = np.full(length, default, np.int64) if values is OMITTED else np.asarray(values)
    if given.ndim not in (1, 2) or (given.size and given.dtype.kind not in "iub"):
        raise TypeError(f"{name}: a column is one row of whole numbers")
    result: Ints = np.clip(given, -limit - 1, limit + 1).astype(np.int32)
    result.flags.writeable = False
    return result


class _Table(Table):
    def _column(self, name: str, given: ArrayLike, length: int) -> Ints:
        limit = LARGEST if name == "capacity" else LONGEST
        return _column(given, length, int(self._defaults.get(name, NONE)), name, limit)


@dataclass(frozen=True, eq=False)
class Activities(_Table):
    """``duration`` in whole units of time, not interrupted. ``earliest``: no start before it. ``pinned``: the start of what has begun or is fixed; it stays, whatever it overloads."""

    duration: Ints
    project: Ints = field(default_factory=_omitted)
    earliest: Ints = field(default_factory=_omitted)
    pinned: Ints = field(default_factory=_omitted)

    _first = "duration"
    _defaults = {"project": 0, "earliest": 0}


@dataclass(frozen=True, eq=False)
class Links(_Table):
    """The successor starts at least ``distance`` after the start of the predecessor.

    Left out, it is the duration of the predecessor (finish to start). With lag: FS duration + lag, SS lag, FF duration + lag − duration of the successor.
    """

    predecessor: Ints = field(default_factory=_omitted)
    successor: Ints = field(default_factory=_omitted)
    distance: Ints = field(default_factory=_omitted)

    _first = "predecessor"
    _defaults = {"distance": AFTER_FINISH}


@dataclass(frozen=True, eq=False)
class Resources(_Table):
    """``capacity`` of each resource from time 0 on; :class:`Steps` change it later."""

    capacity: Ints

    _first = "capacity"


@dataclass(frozen=True, eq=False)
class Steps(_Table):
    """From ``time`` on (until the next step of the ``resource``) its capacity is ``capacity``: holidays, half teams, hirings."""

    resource: Ints = field(default_factory=_omitted)
    time: Ints = field(default_factory=_omitted)
    capacity: Ints = field(default_factory=_omitted)

    _first = "resource"


@dataclass(frozen=True, eq=False)
class Projects(_Table):
    """``release``: nothing starts before it. ``due``: wished end (NONE: none). ``weight`` of a unit of delay."""

    release: Ints = field(default_factory=lambda: np.zeros(1, np.int32))
    due: Ints = field(default_factory=_omitted)
    weight: Ints = field(default_factory=_omitted)

    _first = "release"
    _defaults = {"weight": 1}


@dataclass(frozen=True, eq=False)
class Problem:
    """A checked problem. ``demand`` has a row per activity and a column per resource. Raises :class:`ProblemError` with every fault and its row."""

    activities: Activities
    demand: Ints
    resources: Resources
    links: Links = field(default_factory=Links)
    projects: Projects = field(default_factory=Projects)
    steps: Steps = field(default_factory=Steps)

    def __post_init__(self) -> None:
        object.__setattr__(self, "demand", _column(self.demand, 0, 0, "demand", LARGEST))
        faults = list(self._faults())
        if faults:
            raise ProblemError(faults)

    def distances(self) -> Ints:
        """From start to start, of each link."""
        own = self.activities.duration[self.links.predecessor]
        return np.where(self.links.distance == AFTER_FINISH, own, self.links.distance)

    def _faults(self) -> Iterator[Fault]:
        tables: dict[str, _Table] = {
            "activity": self.activities, "link": self.links, "resource": self.resources, "project": self.projects, "step": self.steps,
        }  # fmt: skip
        for name, table in tables.items():
            for column, values in table.columns():
                if values.shape != (len(table),):
                    yield Fault(FaultCode.LENGTH, name, NONE, column, len(values))
                    return
        if self.demand.shape != (len(self.activities), len(self.resources)):
            yield Fault(FaultCode.SHAPE, "demand", NONE, "demand", self.demand.size)
            return
        yield from self._activity_faults()
        yield from self._demand_faults()
        yield from self._other_faults()

    def _activity_faults(self) -> Iterator[Fault]:
        table = self.activities
        bad = Finder(Fault, "activity", table)
        for column, least in (("duration", 0), ("earliest", 0), ("pinned", NONE)):
            yield from bad(getattr(table, column) < least, column, FaultCode.NEGATIVE)
            yield from bad(getattr(table, column) >= LONGEST, column, FaultCode.TOO_LARGE)
        yield from bad(outside(table.project, len(self.projects)), "project", FaultCode.NO_PROJECT)

    def _demand_faults(self) -> Iterator[Fault]:
        """Negative demands, and demands that no time has room for."""
        for resource in range(len(self.resources)):
            need = self.demand[:, resource]
            steps = self.steps.capacity[self.steps.resource == resource]
            most = max(int(self.resources.capacity[resource]), int(steps.max(initial=0)))
            code = FaultCode.DEMAND_ABOVE_CAPACITY if most else FaultCode.NO_CAPACITY
            free = (self.activities.pinned == NONE) & (self.activities.duration > 0)
            for wrong, name in ((need < 0, FaultCode.NEGATIVE), ((need > most) & free, code)):
                for row in np.flatnonzero(wrong)[:100].tolist():
                    yield Fault(name, "activity", row, f"demand of resource {resource}", int(need[row]))

    def _other_faults(self) -> Iterator[Fault]:
        links, projects, steps = self.links, self.projects, self.steps
        bad = Finder(Fault, "link", links)
        for column in ("predecessor", "successor"):
            yield from bad(outside(getattr(links, column), len(self.activities)), column, FaultCode.NO_ACTIVITY)
        yield from bad(links.predecessor == links.successor, "successor", FaultCode.SELF_LINK)
        yield from bad(np.abs(links.distance) >= LONGEST + (links.distance < 0), "distance", FaultCode.TOO_LARGE)
        bad = Finder(Fault, "project", projects)
        for column, least in (("release", 0), ("due", NONE), ("weight", 0)):
            yield from bad(getattr(projects, column) < least, column, FaultCode.NEGATIVE)
            yield from bad(getattr(projects, column) >= LONGEST, column, FaultCode.TOO_LARGE)
        bad = Finder(Fault, "step", steps)
        yield from bad(outside(steps.resource, len(self.resources)), "resource", FaultCode.NO_RESOURCE)
        yield from bad(steps.time < 0, "time", FaultCode.NEGATIVE)
        yield from bad(steps.time >= LONGEST, "time", FaultCode.TOO_LARGE)
        for name, table in (("step", steps), ("resource", self.resources)):
            bad = Finder(Fault, name, table)
            yield from bad(table.capacity < 0, "capacity", FaultCode.NEGATIVE)
            yield from bad(table.capacity > LARGEST, "capacity", FaultCode.TOO_LARGE)
