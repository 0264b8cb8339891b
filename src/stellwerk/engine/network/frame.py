"""A network made ready for computing: activities by level, links next to each other where they are used together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.calendars import ELAPSED, HORIZON, CalendarSet
from stellwerk.engine.network.model import (
    FINISHES_FROM,
    FINISHES_UNTIL,
    NONE,
    STARTS_FROM,
    STARTS_UNTIL,
    WINS,
    ConstraintKind,
    Flags,
    Integers,
    LagCalendar,
    LinkKind,
    Network,
)
from stellwerk.engine.network.order import grouped, levels
from stellwerk.engine.network.reasons import Reason


class ElapsedTime:
    """Stands in for the calendars where every minute counts: all steps are plain additions."""

    def work(self, calendar: Integers, at: Integers) -> Integers:
        return at

    def minute_at(self, count: Integers) -> Integers:
        return count

    def works(self, calendar: Integers, at: Integers) -> Flags:
        return np.ones(len(at), np.bool_)

    def next_start(self, calendar: Integers, at: Integers) -> Integers:
        return at

    next_finish = previous_start = previous_finish = next_start


Tables = tuple[bool, Integers, NDArray[np.int32], Integers, Integers]
"""Working time as the compiled passes take it; the flag says that every minute counts."""

LinkColumns = tuple[Integers, Integers, Integers, Integers, Integers, Integers, Integers, Integers]
NOTHING: Integers = np.zeros(0, np.int64)


@dataclass
class Pull:
    """Links by the activity they bound, on one side of it.

    Link ``i`` takes the point ``source[i]`` (start of position p: 2p, finish: 2p + 1), moves it by its lag and bounds
    ``target`` of its group; groups begin at ``first``. Per level: where its links, groups and lagging links begin.
    """

    link: Integers
    source: Integers
    target: Integers
    first: Integers
    bound: Integers
    elapsed: Integers | None
    lagging: Integers
    lag: Integers
    lag_calendar: Integers
    link_level: list[int]
    group_level: list[int]
    lag_level: list[int]

    def of_link(self) -> Integers:
        """The position that each link bounds."""
        return np.repeat(self.target, np.diff(np.append(self.first, len(self.link))))

    def columns(self) -> LinkColumns:
        """As the compiled passes take it."""
        elapsed = NOTHING if self.elapsed is None else self.elapsed
        return self.source, self.target, self.first, self.bound, elapsed, self.lagging, self.lag, self.lag_calendar


class Frame:
    """Everything the passes read, by position: activities sorted by level, summaries left out."""

    def __init__(self, network: Network, *, override: bool | Flags, level: Integers | None = None) -> None:
        """``level`` of each activity, where it is known already."""
        self.network = network
        activities = network.activities
        if level is None:
            level = levels(network.links.predecessor, network.links.successor, len(activities))
        live = np.flatnonzero(activities.summary == 0)
        level = level[live]
        self.level, by_level = grouped(level)
        self.row = live[by_level]
        self.count = len(self.row)
        self.position = np.full(len(activities), NONE, np.int64)
        self.position[self.row] = np.arange(self.count)
        self.depth = int(level.max()) + 1 if self.count else 0
        self.level_first = self._level_starts(np.arange(self.count))
        self.calendar = activities.calendar[self.row]
        self.project = activities.project[self.row]
        self.actual_start = activities.actual_start[self.row]
        self.actual_finish = activities.actual_finish[self.row]
        self.started = self.actual_start != NONE
        self.finished = self.actual_finish != NONE
        self.to_do = self._to_do()
        self.milestones = np.flatnonzero((self.to_do == 0) & ~self.finished)
        self.milestone_level = self._level_starts(self.milestones)
        self.progressed = np.flatnonzero(self.started)
        self.progressed_level = self._level_starts(self.progressed)
        self._bounds()
        self._pulls(override)
        lags_calendars = any(pull.lagging.size for pull in self.forward)
        plain = not lags_calendars and not self.calendar.any()
        self.time: CalendarSet | ElapsedTime = ElapsedTime() if plain else network.calendars

    def _level_starts(self, positions: Integers) -> list[int]:
        """Where the sorted ``positions`` of each level begin, and where the last one ends."""
        starts: Integers = np.searchsorted(self.level[positions], np.arange(self.depth + 1))
        return [int(start) for start in starts]

    def _to_do(self) -> Integers:
        """Minutes still to work: the duration, or what remains of it."""
        activities = self.network.activities
        duration = activities.duration[self.row]
        remaining = activities.remaining[self.row]
        rest = -(-duration * (100 - activities.percent[self.row]) // 100)
        under_way = np.where(remaining == NONE, rest, remaining)
        return np.where(self.finished, 0, np.where(self.started, under_way, duration))

    def _bounds(self) -> None:
        """Bounds that need no link: of the project, the data date and the constraints; with their reasons."""
        projects, constraints = self.network.projects, self.network.constraints
        self.start_from = projects.start[self.project]
        self.start_reason = np.full(self.count, Reason.PROJECT_START, np.int8)
        data_date = projects.data_date[self.project]
        # What has begun goes on from the data date; without one, right after what is done.
        self.start_from[self.started] = self.actual_start[self.started]
        undated = np.flatnonzero(self.started & (data_date == NONE))
        done = np.maximum(self.network.activities.duration[self.row[undated]] - self.to_do[undated], 0)
        resumed = self.network.calendars.add(self.calendar[undated], self.actual_start[undated], done)
        self.start_from[undated] = np.minimum(resumed, HORIZON)
        self.start_reason[self.started] = Reason.ACTUAL
        self.start_reason[data_date >= self.start_from] = Reason.DATA_DATE
        self.start_from = np.maximum(self.start_from, data_date)
        self.finish_from = np.zeros(self.count, np.int64)
        self.start_until = np.full(self.count, HORIZON, np.int64)
        self.finish_until = np.full(self.count, HORIZON, np.int64)
        self.start_constraint = np.full(self.count, NONE, np.int64)
        self.finish_constraint = np.full(self.count, NONE, np.int64)
        position = self.position[constraints.activity]
        not_begun = ~self.started[position]

        def select(kinds: Iterable[ConstraintKind], also: Flags | bool = True) -> tuple[Integers, Integers, Integers]:
            rows = np.flatnonzero(np.isin(constraints.kind, [int(kind) for kind in kinds]) & also)
            return rows, position[rows], constraints.at[rows]

        _, where, _ = select((ConstraintKind.BY_HAND,), not_begun)
        self.start_from[where] = data_date[where]
        self.start_reason[where] = Reason.DATA_DATE
        rows, where, at = select(STARTS_FROM, not_begun)
        np.maximum.at(self.start_from, where, at)
        holds = self.start_from[where] == at
        self.start_constraint[where[holds]] = rows[holds]
        self.start_reason[where[holds]] = Reason.CONSTRAINT
        rows, where, at = select(FINISHES_FROM)
        np.maximum.at(self.finish_from, where, at)
        holds = self.finish_from[where] == at
        self.finish_constraint[where[holds]] = rows[holds]
        self.has_finish_from = bool(rows.size)
        _, where, at = select((kind for kind in STARTS_UNTIL if kind != ConstraintKind.BY_HAND), not_begun)
        np.minimum.at(self.start_until, where, at)
        _, where, at = select(FINISHES_UNTIL)
        np.minimum.at(self.finish_until, where, at)
        _, where, _ = select((ConstraintKind.AS_LATE_AS_POSSIBLE,), not_begun)
        self.as_late = np.zeros(self.count, np.bool_)
        self.as_late[where] = True
        _, where, _ = select(WINS, not_begun)
        self.pinned = np.zeros(self.count, np.bool_)
        self.pinned[where] = True

    def _pulls(self, override: bool | Flags) -> None:
        links = self.network.links
        before, after = self.position[links.predecessor], self.position[links.successor]
        to_finish = (links.kind == LinkKind.FINISH_FINISH) | (links.kind == LinkKind.START_FINISH)
        from_finish = (links.kind == LinkKind.FINISH_START) | (links.kind == LinkKind.FINISH_FINISH)
        calendar = self._lag_calendars(before, after)
        # What is finished waits for nothing; with progress override neither does what has begun.
        overrides = np.broadcast_to(override, self.count) if isinstance(override, bool) else override[self.project]
        binds = ~np.where(overrides, self.started, self.finished)[after]
        source = 2 * before + from_finish
        # A date that wins is moved by no link; what comes before it still has to be done by then, and shows negative float.
        moves = binds & ~self.pinned[after]
        self.forward = [
            self._pull(moves & ~to_finish, after, source, calendar),
            self._pull(moves & to_finish, after, source, calendar),
        ]
        # A beginning that is past can no longer be bounded by what comes after it.
        bindable = binds & ~self.finished[before]
        source = 2 * after + to_finish
        self.backward = [
            self._pull(bindable & ~from_finish & ~self.started[before], before, source, calendar),
            self._pull(bindable & from_finish, before, source, calendar),
        ]

    def _lag_calendars(self, before: Integers, after: Integers) -> Integers:
        links = self.network.links
        calendar = links.lag_calendar
        if not (links.lag != 0).any():
            return calendar
        choices = [
            calendar == LagCalendar.SUCCESSOR,
            calendar == LagCalendar.PREDECESSOR,
            calendar == LagCalendar.PROJECT,
        ]
        values = [
            self.calendar[after], self.calendar[before], self.network.projects.calendar[self.project[after]],
        ]  # fmt: skip
        return np.select(choices, values, calendar)

    def _pull(self, chosen: Flags, target: Integers, source: Integers, calendar: Integers) -> Pull:
        rows = np.flatnonzero(chosen)
        into, order = grouped(target[rows])
        rows = rows[order]
        first = np.flatnonzero(np.diff(into, prepend=NONE))
        lag, lag_calendar = self.network.links.lag[rows], calendar[rows]
        plain = lag_calendar == ELAPSED
        elapsed = np.where(plain, lag, 0)
        lagging = np.flatnonzero((lag != 0) & ~plain)
        return Pull(
            link=rows, source=source[rows], target=into[first], first=first, bound=np.full(len(rows), NONE, np.int64),
            elapsed=elapsed if elapsed.any() else None,
            lagging=lagging, lag=lag[lagging], lag_calendar=lag_calendar[lagging],
            link_level=self._level_starts(into), group_level=self._level_starts(into[first]),
            lag_level=self._level_starts(into[lagging]),
        )  # fmt: skip

    def last_finish(self, finish: Integers) -> Integers:
        """The last finish of each project; its start, if it has no activities."""
        ends = self.network.projects.start.copy()
        np.maximum.at(ends, self.project, finish)
        return ends

    def ends(self, last_finish: Integers, *, together: bool) -> Integers:
        """The instant at which each project has to end: ``must_finish``, else its own last finish or the last of all."""
        ends = np.full_like(last_finish, last_finish.max()) if together else last_finish
        must = self.network.projects.must_finish
        return np.where(must == NONE, ends, must)
