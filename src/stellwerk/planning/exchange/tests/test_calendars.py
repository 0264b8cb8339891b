"""Working time: days, minutes between moments, exceptions that repeat."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.planning.exchange import WorkingTime, read_schedule
from stellwerk.planning.exchange.calendars import occurrences
from stellwerk.planning.exchange.document import Calendar, CalendarException, Day, Interval, Recurrence
from stellwerk.planning.exchange.tests.helping import NIGHT, OFFICE, WEEK, at, plan, with_repeats
from stellwerk.planning.exchange.xer_calendar import parse, render

YEAR = dt.date(2027, 1, 1), dt.date(2027, 12, 31)


def test_minutes_are_counted_inside_the_working_times() -> None:
    clock = WorkingTime(Calendar(1, "x", WEEK), {})
    assert clock.minutes(at(1), at(1, 17)) == 480
    assert clock.minutes(at(1, 11), at(1, 14)) == 120
    assert clock.minutes(at(5), at(8, 9)) == 360  # a short Friday, a weekend, an hour
    assert clock.minutes(at(2), at(1)) == 0
    assert WorkingTime(Calendar(1, "x", (NIGHT,) * 7), {}).minutes(at(1, 22), at(2, 3)) == 300


@given(
    st.datetimes(dt.datetime(2025, 11, 1), dt.datetime(2028, 2, 1)),  # noqa: DTZ001
    st.datetimes(dt.datetime(2025, 11, 1), dt.datetime(2028, 2, 1)),  # noqa: DTZ001
    st.integers(1, 3),
)
def test_minutes_of_years_are_those_of_their_days(one: dt.datetime, other: dt.datetime, uid: int) -> None:
    document = plan()
    clock = WorkingTime(document.calendar_by_uid[uid], document.calendar_by_uid)
    start, finish = sorted(moment.replace(second=0, microsecond=0) for moment in (one, other))
    midnight = dt.datetime.combine(start.date(), dt.time())
    expected = 0
    for offset in range((finish.date() - start.date()).days + 1):
        day = midnight + dt.timedelta(days=offset)
        for part in clock.day(day.date()):
            begins, ends = (day + dt.timedelta(minutes=minute) for minute in part)
            expected += max(0, int((min(finish, ends) - max(start, begins)).total_seconds()) // 60)
    assert clock.minutes(start, finish) == expected


def test_a_person_overrides_the_base_calendar() -> None:
    document = plan()
    clock = WorkingTime(document.calendar_by_uid[3], document.calendar_by_uid)
    assert clock.day(dt.date(2027, 3, 3)) == ()  # Ann is away on Wednesdays
    assert clock.day(dt.date(2027, 3, 4)) == OFFICE
    assert clock.day(dt.date(2027, 3, 26)) == ()  # Easter comes from the base
    assert clock.day(dt.date(2027, 3, 6)) == (Interval(480, 720),)


@pytest.mark.parametrize(
    ("start", "finish", "days"),
    [
        ("2027-03-25T00:00:00", "2027-03-25T23:59:00", 1),
        ("2027-03-25T12:00:00", "2027-03-26T11:59:00", 1),
        ("2027-03-25T12:00:00", "2027-03-28T11:59:00", 3),
        ("2027-03-25T00:00:00", "2027-03-26T23:59:00", 2),
        ("2027-03-25T00:00:00", "2027-03-26T00:00:00", 2),
        ("2027-03-25T08:00:00", "2027-03-26T17:00:00", 2),
    ],
)
def test_an_exception_from_noon_to_noon_is_the_day_of_its_beginning(start: str, finish: str, days: int) -> None:
    """Some programs shift the whole period by half a day; the scheduler takes one day off, not two."""
    period = f"<TimePeriod><FromDate>{start}</FromDate><ToDate>{finish}</ToDate></TimePeriod>"
    exception = f"<Exception>{period}<Type>1</Type><DayWorking>0</DayWorking></Exception>"
    content = f"<Project><Calendars><Calendar><UID>1</UID><Name>N</Name><Exceptions>{exception}</Exceptions></Calendar></Calendars></Project>"
    (found,) = read_schedule(io.BytesIO(content.encode())).calendars[0].exceptions
    assert (found.start, (found.finish - found.start).days + 1) == (dt.date(2027, 3, 25), days)


def test_another_week_holds_between_its_dates() -> None:
    clock = WorkingTime(with_repeats().calendars[0], {})
    assert clock.day(dt.date(2027, 7, 5)) == ()
    assert clock.day(dt.date(2027, 7, 10)) == OFFICE


def test_calendars_that_derive_from_each_other_end() -> None:
    calendars = {1: Calendar(1, "a", base=2), 2: Calendar(2, "b", base=1)}
    assert WorkingTime(calendars[1], calendars).day(dt.date(2027, 3, 1)) == OFFICE


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (None, 365),
        (Recurrence("daily", period=3, occurrences=4), ["01-01", "01-04", "01-07", "01-10"]),
        (Recurrence("weekly", days=0b10, occurrences=2), ["01-04", "01-11"]),
        (Recurrence("weekly", days=0b10, period=2, occurrences=2), ["01-11", "01-25"]),
        (Recurrence("monthly_day", month_day=31), 7),
        (Recurrence("monthly_position", position=4, item=8, occurrences=2), ["01-29", "02-26"]),
        (Recurrence("yearly_day", month=12, month_day=24), ["12-24"]),
        (Recurrence("yearly_position", month=11, position=3, item=7), ["11-25"]),
        (Recurrence("yearly_position", month=5, position=0, item=1), ["05-03"]),
    ],
)
def test_repeating_exceptions_fall_on_their_days(rule: Recurrence | None, expected: list[str] | int) -> None:
    days = list(occurrences(CalendarException(*YEAR, (), "", rule)))
    if isinstance(expected, int):
        assert len(days) == expected
    else:
        assert [f"{day:%m-%d}" for day in days] == expected


DAYS = st.lists(st.integers(0, 1440), max_size=8, unique=True).map(
    lambda cuts: tuple(Interval(a, b) for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False) if b != 1439)
)


@given(st.tuples(*[DAYS] * 7), st.dictionaries(st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1)), DAYS, max_size=5))
def test_a_week_survives_the_text_of_primavera(week: tuple[Day, ...], free: dict[dt.date, Day]) -> None:
    exceptions = tuple(CalendarException(day, day, free[day]) for day in sorted(free))
    data = parse(render(week, exceptions), 480)
    assert data.week == week
    assert data.exceptions == exceptions
    assert data.problems == ()


def test_an_exception_that_ends_before_it_starts_is_no_day() -> None:
    exception = CalendarException(dt.date(2027, 2, 1), dt.date(2027, 1, 1))
    assert list(occurrences(exception)) == []
    assert list(occurrences(replace(exception, finish=dt.date(2027, 2, 1)))) == [dt.date(2027, 2, 1)]
