"""Forward and backward pass, level by level: all activities of a level at once."""

from __future__ import annotations

import importlib.util

import numpy as np

from stellwerk.engine.calendars import HORIZON, CalendarSet
from stellwerk.engine.network.frame import NOTHING, Frame, Pull, Tables
from stellwerk.engine.network.model import Integers


def compiler_installed() -> bool:
    """Whether the extra ``solver`` is there."""
    return importlib.util.find_spec("numba") is not None


class Passes:
    """The dates by position. ``points`` holds starts at even and finishes at odd places; ``begin`` is where the open work begins."""

    def __init__(self, frame: Frame, *, compiled: bool = False) -> None:
        self.frame = frame
        self.compiled = compiled
        self.time = frame.time
        self.points = np.zeros(2 * frame.count, np.int64)
        self.begin = np.zeros(frame.count, np.int64)
        self.start_bound = frame.start_from.copy()
        self.finish_bound = frame.finish_from.copy()
        self.start_pushed = np.zeros(frame.count, np.bool_)
        self.finish_pushed = np.zeros(frame.count, np.bool_)
        self.late = np.zeros(2 * frame.count, np.int64)

    # Forward --------------------------------------------------------------------------------------------------------

    def forward(self) -> None:
        """Earliest dates; fills ``points``, ``begin`` and the bound of every link."""
        frame = self.frame
        starts, finishes = frame.forward
        if self.compiled:
            from stellwerk.engine.network import compiled

            compiled.forward(
                self._tables(), starts.columns(), finishes.columns(), frame.calendar, frame.to_do, frame.actual_start,
                frame.actual_finish, self.start_bound, self.finish_bound, self.points, self.begin, self.start_pushed,
                self.finish_pushed,
            )  # fmt: skip
            return
        for level in range(frame.depth):
            first, last = frame.level_first[level], frame.level_first[level + 1]
            self._raise(starts, level, self.start_bound)
            has_finish = self._raise(finishes, level, self.finish_bound)
            self._earliest(level, first, last, has_finish or frame.has_finish_from)

    def _raise(self, pull: Pull, level: int, bound: Integers) -> bool:
        """Raise the bounds of the activities of ``level`` to what their links ask; False if it has no such links."""
        i, j = pull.link_level[level], pull.link_level[level + 1]
        if i == j:
            return False
        value = self.points[pull.source[i:j]]
        if pull.elapsed is not None:
            value = np.minimum(np.maximum(value + pull.elapsed[i:j], 0), HORIZON + 1)
        k, m = pull.lag_level[level], pull.lag_level[level + 1]
        if k < m:
            late = pull.lagging[k:m] - i
            worked = self.time.work(pull.lag_calendar[k:m], value[late]) + pull.lag[k:m]
            value[late] = self.time.minute_at(worked - 1) + 1
        pull.bound[i:j] = value
        g, h = pull.group_level[level], pull.group_level[level + 1]
        target = pull.target[g:h]
        bound[target] = np.maximum(bound[target], np.maximum.reduceat(value, pull.first[g:h] - i))
        return True

    def _earliest(self, level: int, first: int, last: int, has_finish: bool) -> None:
        frame, time = self.frame, self.time
        calendar, to_do = frame.calendar[first:last], frame.to_do[first:last]
        worked = time.work(calendar, self.start_bound[first:last])
        both = time.minute_at(np.concatenate((worked, worked + to_do - 1)))
        begin, finish = both[: last - first], both[last - first :] + 1
        if has_finish:
            asked = self.finish_bound[first:last]
            late = np.flatnonzero((asked > finish) & (to_do > 0))
            if late.size:
                end = time.next_finish(calendar[late], asked[late])
                begun = time.minute_at(time.work(calendar[late], end) - to_do[late])
                self.start_pushed[first + late] = begun > begin[late]
                self.finish_pushed[first + late] = True
                begin[late], finish[late] = begun, end
        z, y = frame.milestone_level[level], frame.milestone_level[level + 1]
        if z < y:
            zero = frame.milestones[z:y]
            bound = np.maximum(self.start_bound[zero], self.finish_bound[zero])
            pushed = self.finish_bound[zero] > self.start_bound[zero]
            self.start_pushed[zero] = self.finish_pushed[zero] = pushed
            begin[zero - first] = finish[zero - first] = time.next_finish(frame.calendar[zero], bound)
        self.begin[first:last] = begin
        self.points[2 * first : 2 * last : 2] = begin
        self.points[2 * first + 1 : 2 * last : 2] = finish
        p, q = frame.progressed_level[level], frame.progressed_level[level + 1]
        if p < q:
            self._keep_actual(frame.progressed[p:q])

    def _keep_actual(self, started: Integers) -> None:
        frame = self.frame
        self.points[2 * started] = frame.actual_start[started]
        done = started[frame.finished[started]]
        self.points[2 * done + 1] = self.begin[done] = frame.actual_finish[done]

    def _tables(self) -> Tables:
        """The working time as the compiled passes take it."""
        time = self.time
        if not isinstance(time, CalendarSet):
            return True, NOTHING, NOTHING.astype(np.int32), NOTHING, NOTHING
        return False, time.count, time.shape, time.worked, time.begins

    # Backward -------------------------------------------------------------------------------------------------------

    def backward(self, ends: Integers) -> None:
        """Latest dates that keep every link, every upper limit and the end of each project; fills ``late``."""
        frame = self.frame
        start_until, finish_until = self._limits(ends)
        starts, finishes = frame.backward
        if self.compiled:
            from stellwerk.engine.network import compiled

            compiled.backward(
                self._tables(), starts.columns(), finishes.columns(), frame.calendar, frame.to_do, start_until,
                finish_until, self.late,
            )  # fmt: skip
            return
        for level in range(frame.depth - 1, -1, -1):
            self._lower(starts, level, self.late, start_until)
            self._lower(finishes, level, self.late, finish_until)
            first, last = frame.level_first[level], frame.level_first[level + 1]
            z, y = frame.milestone_level[level], frame.milestone_level[level + 1]
            zero = frame.milestones[z:y]
            self._latest(first, last, zero, start_until, finish_until, self.late)

    def put_off(self, ends: Integers) -> Integers:
        """Move what is to lie as late as possible up to what follows it; returns the positions that moved."""
        frame = self.frame
        start_until, finish_until = self._limits(ends)
        starts, finishes = frame.backward
        moved = np.zeros(frame.count, np.bool_)
        found = np.zeros(2 * frame.count, np.int64)
        points = self.open_points()
        for level in np.unique(frame.level[frame.as_late])[::-1].tolist():
            self._lower(starts, level, points, start_until)
            self._lower(finishes, level, points, finish_until)
            first, last = frame.level_first[level], frame.level_first[level + 1]
            z, y = frame.milestone_level[level], frame.milestone_level[level + 1]
            self._latest(first, last, frame.milestones[z:y], start_until, finish_until, found)
            here = first + np.flatnonzero(frame.as_late[first:last])
            here = here[found[2 * here] > self.begin[here]]
            moved[here] = True
            self.begin[here] = found[2 * here]
            for side in (0, 1):
                self.points[2 * here + side] = points[2 * here + side] = found[2 * here + side]
            self._round_finish(here, points)
        return np.flatnonzero(moved)

    def _round_finish(self, here: Integers, points: Integers) -> None:
        """A finish at the first minute of a shift is said as the end of the shift before, where links allow it."""
        frame, time = self.frame, self.time
        calendar = frame.calendar[here]
        real = frame.to_do[here] > 0
        early = time.minute_at(time.work(calendar, self.begin[here]) + frame.to_do[here] - 1) + 1
        earlier = here[real & (early >= self.finish_bound[here])]
        early = early[real & (early >= self.finish_bound[here])]
        self.points[2 * earlier + 1] = points[2 * earlier + 1] = early

    def free(self, ends: Integers) -> Integers:
        """The latest begin of the open work that leaves the dates of all successors as they are."""
        frame = self.frame
        limit = ends[frame.project]
        start_until = np.full(frame.count, HORIZON, np.int64)
        finish_until = limit.copy()
        found = np.zeros(2 * frame.count, np.int64)
        points = self.open_points()
        starts, finishes = frame.backward
        self._lower(starts, None, points, start_until)
        self._lower(finishes, None, points, finish_until)
        self._latest(0, frame.count, frame.milestones, start_until, finish_until, found)
        return found[0::2]

    def open_points(self) -> Integers:
        """The points that successors show to what comes before them: the open work, not the beginning that is past."""
        points = self.points.copy()
        points[0::2] = self.begin
        return points

    def _limits(self, ends: Integers) -> tuple[Integers, Integers]:
        frame = self.frame
        return frame.start_until.copy(), np.minimum(frame.finish_until, ends[frame.project])

    def _lower(self, pull: Pull, level: int | None, points: Integers, until: Integers) -> None:
        """Lower the limits of the activities of ``level`` (None: of all) to what their successors leave them."""
        if level is None:
            i, j, g, h, k, m = 0, len(pull.link), 0, len(pull.first), 0, len(pull.lagging)
        else:
            i, j = pull.link_level[level], pull.link_level[level + 1]
            g, h = pull.group_level[level], pull.group_level[level + 1]
            k, m = pull.lag_level[level], pull.lag_level[level + 1]
        if i == j:
            return
        value = points[pull.source[i:j]]
        if pull.elapsed is not None:
            value = np.minimum(np.maximum(value - pull.elapsed[i:j], 0), HORIZON)
        if k < m:
            late = pull.lagging[k:m] - i
            worked = self.time.work(pull.lag_calendar[k:m], value[late]) - pull.lag[k:m]
            value[late] = np.minimum(np.maximum(self.time.minute_at(worked), 0), HORIZON)
        target = pull.target[g:h]
        until[target] = np.minimum(until[target], np.minimum.reduceat(value, pull.first[g:h] - i))

    def _latest(
        self, first: int, last: int, zero: Integers, start_until: Integers, finish_until: Integers, into: Integers
    ) -> None:
        frame, time = self.frame, self.time
        calendar, to_do = frame.calendar[first:last], frame.to_do[first:last]
        until = finish_until[first:last]
        worked = time.work(calendar, until)
        both = time.minute_at(np.concatenate((worked - 1, worked - to_do)))
        finish = np.where(time.works(calendar, until), until, both[: last - first] + 1)
        begin = both[last - first :]
        limit = start_until[first:last]
        early = np.flatnonzero((limit < begin) & (to_do > 0))
        if early.size:
            begin[early] = time.previous_start(calendar[early], limit[early])
            finish[early] = time.minute_at(time.work(calendar[early], begin[early]) + to_do[early])
        if zero.size:
            bound = np.minimum(start_until[zero], finish_until[zero])
            begin[zero - first] = finish[zero - first] = time.previous_finish(frame.calendar[zero], bound)
        into[2 * first : 2 * last : 2] = np.maximum(begin, 0)
        into[2 * first + 1 : 2 * last : 2] = np.maximum(finish, 0)
