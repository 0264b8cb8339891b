"""Working time as numbers: prefix sums per day, so that a shift of a date is an addition and one search.

Each calendar counts its working minutes from 1950 on. ``work`` turns instants into that count, ``minute_at`` turns a count
into the instant at which that minute of work begins. Everything else is said with these two; all functions take arrays, each
element with a calendar of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.calendars.model import (
    DAY,
    DAYS,
    FIRST_DAY,
    Calendar,
    CalendarError,
    DayException,
    Shift,
)

Instants = NDArray[np.int64]
Shifts = tuple[Shift, ...]

ELAPSED = 0
"""The row of the calendar that always works: 24 hours on 7 days."""

# A day before and one after the horizon catch what runs out of it, so that no step needs a test for that.
ROWS = DAYS + 2
BEFORE, AFTER, ALWAYS = 0, 1, 2
# Calendars lie one after the other on one number line, far enough apart that no sum reaches the next.
STRIDE = 1 << 33
FIRST_COUNT = 1 << 32
COLUMNS = DAY + 1


class CalendarSet:
    """Calendars by row, with :data:`ELAPSED` as row 0; the first calendar given is row 1."""

    def __init__(self, calendars: Sequence[Calendar] = ()) -> None:
        self.calendars = tuple(calendars)
        # The first three shapes are no real days of a calendar, so their keys are no valid shifts.
        shapes: dict[Shifts, int] = {((-1, -1),): BEFORE, ((-1, 0),): AFTER, ((0, DAY),): ALWAYS}
        days = [np.full(DAYS, ALWAYS, np.int64), *(_shape_of_each_day(one, shapes) for one in self.calendars)]
        tables = [_before(), _after(), *(_tables(shifts) for shifts in list(shapes)[ALWAYS:])]
        self.worked = np.concatenate([worked for worked, _ in tables])
        self.begins = np.concatenate([begins for _, begins in tables])
        shape = np.pad(np.stack(days), ((0, 0), (1, 1)), constant_values=(BEFORE, AFTER))
        minutes = np.array([worked[DAY] for worked, _ in tables], np.int64)[shape[:, 1:-1]]
        for row in np.flatnonzero(minutes.sum(axis=1) == 0):
            raise CalendarError(f"{self.calendars[row - 1].name}: the calendar has no working time")
        count = np.zeros(shape.shape, np.int64)
        count[:, 1] = FIRST_COUNT
        count[:, 2:] = FIRST_COUNT + np.cumsum(minutes, axis=1)
        self.count = (count + np.arange(len(days))[:, None] * STRIDE).ravel()
        self.shape = (shape * COLUMNS).astype(np.int32).ravel()

    def __len__(self) -> int:
        return len(self.calendars) + 1

    # The two base functions ---------------------------------------------------------------------------------------

    def work(self, calendar: Instants, at: Instants) -> Instants:
        """Working minutes before ``at``, on the number line of its calendar."""
        day = at // DAY
        row = calendar * ROWS + day + 1
        result: Instants = self.count[row] + self.worked[self.shape[row] + at - day * DAY]
        return result

    def minute_at(self, count: Instants) -> Instants:
        """The instant at which the working minute with this number begins."""
        row = self.count.searchsorted(count, side="right") - 1
        minute = np.minimum(count - self.count[row], DAY - 1)
        result: Instants = (row % ROWS - 1) * DAY + self.begins[self.shape[row] + minute]
        return result

    # Instants next to an instant ----------------------------------------------------------------------------------

    def works(self, calendar: Instants, at: Instants) -> NDArray[np.bool_]:
        """Whether the minute that begins at ``at`` is worked."""
        day = at // DAY
        cell = self.shape[calendar * ROWS + day + 1] + at - day * DAY
        result: NDArray[np.bool_] = self.worked[cell + 1] > self.worked[cell]
        return result

    def next_start(self, calendar: Instants, at: Instants) -> Instants:
        """The first instant from ``at`` on at which work can begin."""
        return self.minute_at(self.work(calendar, at))

    def previous_start(self, calendar: Instants, at: Instants) -> Instants:
        """The last instant up to ``at`` at which work can begin."""
        return np.where(self.works(calendar, at), at, self.minute_at(self.work(calendar, at) - 1))

    def next_finish(self, calendar: Instants, at: Instants) -> Instants:
        """The first instant from ``at`` on at which work can have ended: inside or at an edge of a shift."""
        return np.where(self.works(calendar, at - 1), at, self.next_start(calendar, at))

    def previous_finish(self, calendar: Instants, at: Instants) -> Instants:
        """The last instant up to ``at`` inside or at an edge of a shift."""
        return np.where(self.works(calendar, at), at, self.minute_at(self.work(calendar, at) - 1) + 1)

    # Arithmetic ---------------------------------------------------------------------------------------------------

    def between(self, calendar: Instants, start: Instants, end: Instants) -> Instants:
        """Working minutes from ``start`` to ``end``; negative if ``end`` lies before ``start``."""
        return self.work(calendar, end) - self.work(calendar, start)

    def add(self, calendar: Instants, at: Instants, minutes: Instants) -> Instants:
        """The first instant by which ``minutes`` have been worked since ``at`` (before it, if negative)."""
        return np.where(minutes == 0, at, self.minute_at(self.work(calendar, at) + minutes - 1) + 1)

    def subtract(self, calendar: Instants, at: Instants, minutes: Instants) -> Instants:
        """The last instant from which ``minutes`` are worked until ``at``; the reverse of :meth:`add`."""
        return np.where(minutes == 0, at, self.minute_at(self.work(calendar, at) - minutes))


def _before() -> tuple[Instants, Instants]:
    """The day before 1950 counts on towards the first minute, and takes in whatever began earlier."""
    return FIRST_COUNT - DAY + np.arange(COLUMNS, dtype=np.int64), np.full(COLUMNS, DAY - 2, np.int64)


def _after() -> tuple[Instants, Instants]:
    """The day after 2150 takes in whatever ends later; its last minute stays free, so that an end is still inside."""
    minutes = np.arange(COLUMNS, dtype=np.int64)
    return minutes, np.minimum(minutes, DAY - 2)


def _tables(shifts: Shifts) -> tuple[Instants, Instants]:
    """Per minute of a day: minutes worked before it; per minute of work: when it begins."""
    working = np.zeros(DAY, np.int64)
    for start, end in shifts:
        working[start:end] = 1
    worked = np.concatenate([[0], np.cumsum(working)])
    begins = np.full(COLUMNS, DAY - 1, np.int64)
    minutes = np.flatnonzero(working)
    begins[: len(minutes)] = minutes
    return worked, begins


def _shape_of_each_day(calendar: Calendar, shapes: dict[Shifts, int]) -> Instants:
    """The number of the shape of each day, with the night shift of the day before; new shapes join ``shapes``."""
    own, known = _own_shifts(calendar)
    before = np.concatenate([[-1], own[:-1]])
    pair = own * (len(known) + 1) + before + 1
    used = np.flatnonzero(np.bincount(pair))
    number = np.zeros(used[-1] + 1, np.int64)
    for code in used.tolist():
        today, yesterday = divmod(code, len(known) + 1)
        late = known[yesterday - 1] if yesterday else ()
        shifts = _merged([(a, min(b, DAY)) for a, b in known[today]] + [(0, b - DAY) for _, b in late if b > DAY])
        number[code] = shapes.setdefault(shifts, len(shapes))
    result: Instants = number[pair]
    return result


def _own_shifts(calendar: Calendar) -> tuple[NDArray[np.int64], list[Shifts]]:
    """Which shifts begin on each day: row numbers into a list of shifts."""
    chain = list(calendar.ancestry())
    level = next((index for index, one in enumerate(chain) if one.week is not None), None)
    assert level is not None  # a calendar without a parent has a week
    week = chain[level].week
    assert week is not None
    known: dict[Shifts, int] = {}

    def number(shifts: Shifts) -> int:
        return known.setdefault(shifts, len(known))

    weekday = (np.arange(DAYS) + FIRST_DAY.weekday()) % 7
    days = np.array([number(tuple(shifts)) for shifts in week], np.int64)[weekday]
    above = np.full(DAYS, -1, np.int64)
    for one in reversed(chain[level + 1 :]):
        _override(above, one.exceptions, number)
    touched = np.flatnonzero(above >= 0)
    for pair in {(int(days[day]), int(above[day])) for day in touched}:
        by_number = list(known)
        both = number(_common(by_number[pair[0]], by_number[pair[1]]))
        same = touched[(days[touched] == pair[0]) & (above[touched] == pair[1])]
        above[same] = -2
        days[same] = -2 - both
    days = np.where(days < 0, -2 - days, days)
    for one in reversed(chain[: level + 1]):
        _override(days, one.exceptions, number)
    return days, list(known)


def _override(days: NDArray[np.int64], exceptions: Sequence[DayException], number: Callable[[Shifts], int]) -> None:
    for exception in exceptions:
        first = (exception.first - FIRST_DAY).days
        last = (exception.last - FIRST_DAY).days
        days[first : last + 1] = number(exception.shifts)


def _merged(shifts: list[Shift]) -> Shifts:
    result: list[Shift] = []
    for start, end in sorted(shifts):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def _common(one: Shifts, other: Shifts) -> Shifts:
    """The time that both work."""
    found = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return tuple(sorted((start, end) for start, end in found if start < end))
