"""Working time of a calendar: what one day offers, and the minutes between two moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import accumulate

from stellwerk.planning.exchange.document import DAY, Calendar, CalendarException, Day, Interval, Week

_OFFICE: Day = (Interval(480, 720), Interval(780, 1020))
STANDARD_WEEK: Week = (_OFFICE, _OFFICE, _OFFICE, _OFFICE, _OFFICE, (), ())
MOST_DAYS = 80_000
"""Longer than from 1950 to 2150: no loop over days is longer."""


class WorkingTime:
    """The working time of one calendar with its base calendars resolved."""

    def __init__(self, calendar: Calendar | None, calendars: Mapping[int, Calendar]) -> None:
        self._chain = _chain(calendar, calendars)
        self._exceptions: dict[dt.date, Day] = {}
        self._years: dict[int, list[int]] = {}
        for one in reversed(self._chain):
            for exception in one.exceptions:
                for day in occurrences(exception):
                    self._exceptions[day] = exception.times
        self._week = tuple(self.weekday(number) for number in range(7))

    def weekday(self, number: int) -> Day:
        """What usually holds on a day of the week, 0 Monday to 6 Sunday."""
        for calendar in self._chain:
            day = calendar.week[number]
            if day is not None:
                return day
        return STANDARD_WEEK[number] or ()

    def day(self, day: dt.date) -> Day:
        """The working times of a date."""
        if day in self._exceptions:
            return self._exceptions[day]
        for calendar in self._chain:
            for other in calendar.work_weeks:
                times = other.week[day.weekday()]
                if other.start <= day <= other.finish and times is not None:
                    return times
        return self._week[day.weekday()]

    def minutes(self, start: dt.datetime, finish: dt.datetime) -> int:
        """Working minutes from ``start`` to ``finish``; 0 if it is not later."""
        if finish <= start or (finish.date() - start.date()).days > MOST_DAYS:
            return 0
        years = sum(self._year(year)[-1] for year in range(start.year, finish.year))
        return years + self._in_year(finish) - self._in_year(start)

    def _in_year(self, moment: dt.datetime) -> int:
        """Working minutes from New Year to the moment."""
        today, now = moment.date(), _minute(moment)
        before = self._year(today.year)[today.timetuple().tm_yday - 1]
        return before + sum(max(0, min(now, part.finish) - max(0, part.start)) for part in self.day(today))

    def _year(self, year: int) -> list[int]:
        """Working minutes of a year before each of its days, and all of them at the end."""
        known = self._years.get(year)
        if known is None:
            first = dt.date(year, 1, 1)
            days = (first + dt.timedelta(days=offset) for offset in range((dt.date(year, 12, 31) - first).days + 1))
            lengths = (
                sum(max(0, min(DAY, part.finish) - max(0, part.start)) for part in self.day(day)) for day in days
            )
            known = self._years[year] = [0, *accumulate(lengths)]
        return known


def _minute(moment: dt.datetime) -> int:
    return moment.hour * 60 + moment.minute


def _chain(calendar: Calendar | None, calendars: Mapping[int, Calendar]) -> list[Calendar]:
    """The calendar, its base, its base's base …; a circle ends it."""
    chain: list[Calendar] = []
    while calendar is not None and calendar not in chain and len(chain) < 20:
        chain.append(calendar)
        calendar = calendars.get(calendar.base) if calendar.base is not None else None
    return chain


def occurrences(exception: CalendarException) -> Iterator[dt.date]:
    """The days that an exception is about."""
    rule = exception.recurrence
    days = (
        exception.start + dt.timedelta(days=offset)
        for offset in range(min((exception.finish - exception.start).days + 1, MOST_DAYS))
    )
    if rule is None:
        yield from days
        return
    found = 0
    for day in days:
        if _matches(exception, day):
            yield day
            found += 1
            if rule.occurrences and found >= rule.occurrences:
                return


def _matches(exception: CalendarException, day: dt.date) -> bool:
    rule = exception.recurrence
    if rule is None:
        return True
    step = max(1, rule.period)
    months = (day.year - exception.start.year) * 12 + day.month - exception.start.month
    if rule.pattern == "daily":
        return (day - exception.start).days % step == 0
    if rule.pattern == "weekly":
        sunday = exception.start - dt.timedelta(days=exception.start.isoweekday() % 7)
        return bool(rule.days >> (day.isoweekday() % 7) & 1) and (day - sunday).days // 7 % step == 0
    if rule.pattern == "monthly_day":
        return day.day == rule.month_day and months % step == 0
    if rule.pattern == "yearly_day":
        return day.day == rule.month_day and day.month == rule.month
    if rule.pattern == "monthly_position":
        return months % step == 0 and _at_position(day, rule.position, rule.item)
    return day.month == rule.month and _at_position(day, rule.position, rule.item)


def _at_position(day: dt.date, position: int, item: int) -> bool:
    """Whether the day is the first … last such day of its month (``Recurrence``)."""

    def fits(other: dt.date) -> bool:
        if item <= 2:
            return item == 0 or (other.weekday() < 5) == (item == 1)
        return other.isoweekday() % 7 == item - 3

    if not fits(day):
        return False
    month = [day.replace(day=number) for number in range(1, 32) if _exists(day, number)]
    candidates = [other for other in month if fits(other)]
    return candidates[-1] == day if position >= 4 else len(candidates) > position and candidates[position] == day


def _exists(day: dt.date, number: int) -> bool:
    return number <= 28 or (day.replace(day=28) + dt.timedelta(days=number - 28)).month == day.month
