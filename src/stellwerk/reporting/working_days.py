"""Working days of an organisation: weekends and the public holidays of its country and federal state are free.

Plain functions over dates. The tables of holidays are loaded when they are first needed (half a second), never at start.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from stellwerk.people.holidays import is_public_holiday, public_holidays

SATURDAY = 5
DAY_STARTS = dt.time(9)
DAY_ENDS = dt.time(17)


@dataclass(frozen=True)
class WorkCalendar:
    """Where the days are counted: ISO 3166 country and subdivision (``DE``, ``HH``); unknown places have no holidays."""

    country: str = "DE"
    subdivision: str = ""

    def is_working(self, day: dt.date) -> bool:
        return day.weekday() < SATURDAY and not is_public_holiday(self.country, self.subdivision, day)

    def previous(self, day: dt.date) -> dt.date:
        """``day`` itself, or the working day before it."""
        while not self.is_working(day):
            day -= dt.timedelta(days=1)
        return day

    def add(self, day: dt.date, count: int) -> dt.date:
        """``count`` working days after ``day`` (before it, if negative); 0 is ``day`` itself."""
        step = dt.timedelta(days=1 if count > 0 else -1)
        for _number in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def between(self, first: dt.date, last: dt.date) -> int:
        """Working days from ``first`` to ``last``: 0 if equal, positive if ``last`` is later, negative if earlier."""
        if last < first:
            return -self.between(last, first)
        weeks = (last - first).days // 7
        count = weeks * 5
        day = first + dt.timedelta(weeks=weeks)
        while day < last:
            day += dt.timedelta(days=1)
            count += day.weekday() < SATURDAY
        free = {
            holiday
            for year in range(first.year, last.year + 1)
            for holiday in public_holidays(self.country, self.subdivision, year)
        }
        return count - sum(first < holiday <= last and holiday.weekday() < SATURDAY for holiday in free)

    def add_hours(self, moment: dt.datetime, hours: int) -> dt.datetime:
        """``hours`` working hours (09:00 to 17:00) after ``moment``, which carries the local time zone."""
        left = dt.timedelta(hours=hours)
        while True:
            start = moment.replace(hour=DAY_STARTS.hour, minute=0, second=0, microsecond=0)
            end = start.replace(hour=DAY_ENDS.hour)
            moment = max(moment, start)
            if self.is_working(moment.date()) and moment < end:
                if moment + left <= end:
                    return moment + left
                left -= end - moment
            moment = start + dt.timedelta(days=1)
