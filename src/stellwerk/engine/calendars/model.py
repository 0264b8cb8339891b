"""What a working calendar says: shifts per weekday, exceptions, and the calendar it stands on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

FIRST_DAY = dt.date(1950, 1, 1)
LAST_DAY = dt.date(2150, 12, 31)
EPOCH = dt.datetime.combine(FIRST_DAY, dt.time())
DAY = 1440
DAYS = (LAST_DAY - FIRST_DAY).days + 1
HORIZON = DAYS * DAY
"""Instants are whole minutes from 1 January 1950, 00:00; the last one is the end of 2150."""

Shift = tuple[int, int]
"""From and to in minutes after midnight; ``to`` may lie in the next day: (22 * 60, 30 * 60) is a night shift."""


class CalendarError(ValueError):
    """A calendar or a date that cannot be computed with; the message says which and why."""


_MINUTE = dt.timedelta(minutes=1)


def instant(at: dt.datetime) -> int:
    """Minutes since the epoch; seconds are dropped. Refuses dates outside 1950–2150 and time zones."""
    if at.tzinfo is not None:
        raise CalendarError(f"{at.isoformat()}: plans know local time only, without a time zone")
    minutes = (at - EPOCH) // _MINUTE
    if not 0 <= minutes <= HORIZON:
        raise CalendarError(f"{at:%Y-%m-%d} lies outside 1950–2150")
    return minutes


def instant_of_day(day: dt.date) -> int:
    """The midnight at which ``day`` begins."""
    return instant(dt.datetime.combine(day, dt.time()))


def moment(minutes: int) -> dt.datetime:
    """The reverse of :func:`instant`."""
    if not 0 <= minutes <= HORIZON:
        raise CalendarError(f"minute {minutes} lies outside 1950–2150")
    return EPOCH + dt.timedelta(minutes=int(minutes))


def _check_shifts(shifts: Sequence[Shift], where: str) -> None:
    """Ordered, without overlap, beginning on their day, at most 24 hours long."""
    before = 0
    for start, end in shifts:
        if not 0 <= start < DAY:
            raise CalendarError(f"{where}: a shift begins at minute {start}, outside its day")
        if not start < end <= start + DAY:
            raise CalendarError(f"{where}: a shift from minute {start} to {end} ends before it begins or is too long")
        if start < before:
            raise CalendarError(f"{where}: two shifts overlap at minute {start}")
        before = end


@dataclass(frozen=True)
class DayException:
    """Other hours from ``first`` to ``last`` inclusive. No shifts: nobody works (holiday, shutdown, leave)."""

    first: dt.date
    last: dt.date
    shifts: tuple[Shift, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        label = self.name or f"{self.first}"
        if self.last < self.first:
            raise CalendarError(f"{label}: the exception ends on {self.last}, before it begins on {self.first}")
        if self.first < FIRST_DAY or self.last > LAST_DAY:
            raise CalendarError(f"{label}: the exception lies outside 1950–2150")
        _check_shifts(self.shifts, label)


def holidays(days: Iterable[dt.date]) -> tuple[DayException, ...]:
    """Days without work as exceptions."""
    return tuple(DayException(day, day) for day in sorted(days))


@dataclass(frozen=True)
class Calendar:
    """``week`` holds the shifts of Monday to Sunday; None takes the week of ``parent``.

    Of two exceptions on one day the later in the tuple counts. What a calendar says itself counts before what its parent says. A calendar with a
    week of its own takes from its parents only what shortens its hours: a plant shutdown frees the part-timer
    too, an extra Saturday of the plant does not call her in.
    """

    name: str
    week: tuple[tuple[Shift, ...], ...] | None = None
    exceptions: tuple[DayException, ...] = ()
    parent: Calendar | None = None

    def __post_init__(self) -> None:
        if self.week is None and self.parent is None:
            raise CalendarError(f"{self.name}: a calendar needs a week or a parent")
        if self.week is None:
            return
        if len(self.week) != 7:
            raise CalendarError(f"{self.name}: a week has seven days, not {len(self.week)}")
        for number, shifts in enumerate(self.week):
            _check_shifts(shifts, f"{self.name}, weekday {number + 1}")

    def ancestry(self) -> Iterator[Calendar]:
        """This calendar, its parent, and so on."""
        calendar: Calendar | None = self
        while calendar is not None:
            yield calendar
            calendar = calendar.parent
