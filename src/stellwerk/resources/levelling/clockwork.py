"""Instants of plans (minutes of the clock) and of the levelling engine (shares of days), one into the other.

The engine counts days of equal length and how much of a day's work has passed; a plan counts minutes of the clock. The calendar of the
activity translates: half past twelve in a day from 8 to 17 with an hour's break is 240 of 480.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.calendars import CalendarSet
from stellwerk.engine.calendars.model import instant_of_day

Integers = NDArray[np.int64]
DAY = 1440
SHARES = 480
"""Parts into which the engine divides a day."""


@dataclass(frozen=True)
class Clockwork:
    """``day0`` is the engine's day 0; ``calendars`` are those of the plans. All functions take arrays, a calendar per element."""

    day0: dt.date
    calendars: CalendarSet

    @property
    def base(self) -> int:
        return instant_of_day(self.day0)

    def share(self, calendar: Integers, at: Integers) -> Integers:
        """Instants of the engine; what lies before day 0 becomes negative."""
        midnight = at // DAY * DAY
        whole = self.calendars.between(calendar, midnight, midnight + DAY)
        passed = self.calendars.between(calendar, midnight, at)
        part = np.where(whole > 0, passed * SHARES // np.maximum(whole, 1), 0)
        result: Integers = (midnight - self.base) // DAY * SHARES + part
        return result

    def start(self, calendar: Integers, at: Integers) -> Integers:
        """The minute of the clock at which work can begin that the engine starts at ``at``."""
        midnight = self.base + at // SHARES * DAY
        return self.calendars.next_start(calendar, midnight + self._minutes_in(calendar, midnight, at % SHARES))

    def finish(self, calendar: Integers, at: Integers) -> Integers:
        """The minute of the clock by which work has ended; the beginning of a day is the end of the working day before it."""
        midnight = self.base + at // SHARES * DAY
        inside = midnight + self._minutes_in(calendar, midnight, at % SHARES)
        return self.calendars.previous_finish(calendar, inside)

    def _minutes_in(self, calendar: Integers, midnight: Integers, part: Integers) -> Integers:
        """Minutes of the clock after midnight at which ``part`` of that day's work has passed."""
        whole = self.calendars.between(calendar, midnight, midnight + DAY)
        worked = -(-part * whole // SHARES)
        result: Integers = np.where(worked > 0, self.calendars.add(calendar, midnight, worked) - midnight, 0)
        return result

    def minutes_by_day(self, rows: list[int], days: int) -> Integers:
        """Working minutes of calendars by [row, day] from day 0 on."""
        edges = self.base + np.arange(days + 1, dtype=np.int64) * DAY
        return np.stack([np.diff(self.calendars.work(np.full(days + 1, row, np.int64), edges)) for row in rows])
