"""The clock of a reporting cycle (domain.md section 5) as pure functions: which dates, which steps, when.

All instants are aware and lie in the time zone of the organisation; days are working days (WD) of its calendar.
``DD`` is the data date:

====================  ==================  =================================================
step                  due                 what happens (``jobs.py``)
====================  ==================  =================================================
``open``              DD−3 WD 08:00       cycle opens, reports are prefilled, managers are told
``remind_before``     DD−1 WD 09:00       reminder to those who have not delivered
``remind``            DD 09:00            the same
``due``               DD 12:00            data frozen, late: manager and programme manager are told
``escalate``          DD+1 WD 10:00       sponsor and PMO lead are told
``miss``              DD+1 WD 17:00       missing reports count as missed (grey), cut-off
====================  ==================  =================================================
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stellwerk.reporting.working_days import WorkCalendar

STEPS: tuple[tuple[str, int, dt.time], ...] = (
    ("open", -3, dt.time(8)),
    ("remind_before", -1, dt.time(9)),
    ("remind", 0, dt.time(9)),
    ("due", 0, dt.time(12)),
    ("escalate", 1, dt.time(10)),
    ("miss", 1, dt.time(17)),
)
OVERTAKEN = {"remind_before": "remind", "remind": "due"}
"""A reminder is not sent any more once the step named here is due as well."""


@dataclass(frozen=True)
class CycleClock:
    """What the steps of one cycle depend on."""

    data_date: dt.date
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    time_zone: str = "Europe/Berlin"

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("Europe/Berlin")

    def at(self, working_days: int, time: dt.time) -> dt.datetime:
        day = self.calendar.add(self.data_date, working_days)
        return dt.datetime.combine(day, time, tzinfo=self.zone)

    def steps(self) -> list[tuple[str, dt.datetime]]:
        """Every step with its instant, in order."""
        return [(code, self.at(days, time)) for code, days, time in STEPS]

    @property
    def due_at(self) -> dt.datetime:
        return self.at(0, dt.time(12))


@dataclass(frozen=True)
class DueStep:
    """A step whose time has come; ``skipped`` if a later one has overtaken it."""

    code: str
    due_at: dt.datetime
    skipped: bool = False


def due_steps(clock: CycleClock, now: dt.datetime, done: Collection[str] = ()) -> list[DueStep]:
    """The steps that are due at ``now`` and have not been taken, in the order in which they must be taken."""
    reached = [(code, at) for code, at in clock.steps() if at <= now]
    codes = {code for code, _at in reached}
    return [DueStep(code, at, OVERTAKEN.get(code) in codes) for code, at in reached if code not in done]


def cycle_dates(anchor: dt.date, every: int, calendar: WorkCalendar) -> Iterator[tuple[int, dt.date]]:
    """Number and data date of each cycle: ``anchor`` + n × ``every`` days; a free day moves to the working day before.

    Counted in days from the anchor, never by even or odd weeks: 2026 has a week 53. Two dates that fall on the same
    working day count once.
    """
    if every < 1:
        raise ValueError("a cycle needs at least one day")
    number, last = 0, None
    step = 0
    while True:
        day = calendar.previous(anchor + dt.timedelta(days=every * step))
        step += 1
        if day != last:
            number += 1
            last = day
            yield number, day
