"""Working calendars against the worked numbers of ``docs/algorithms/calendars.md`` and a walk minute by minute."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.engine.calendars import (
    ELAPSED,
    HORIZON,
    Calendar,
    CalendarError,
    CalendarSet,
    DayException,
    holidays,
    instant,
    instant_of_day,
    moment,
)
from stellwerk.engine.tests.slow import Clock
from stellwerk.trials import tries

OFFICE_DAY = ((480, 720), (780, 1020))
EASTER = holidays([dt.date(2027, 3, 26), dt.date(2027, 3, 29)])
OFFICE = Calendar("office", (OFFICE_DAY,) * 5 + ((), ()), EASTER)
FREE = ((),) * 7


def at(text: str) -> int:
    return instant(dt.datetime.fromisoformat(text))


def one(value: int) -> np.ndarray:
    return np.array([value], np.int64)


class Times:
    """One calendar, asked for one value at a time, in words."""

    def __init__(self, calendar: Calendar | None) -> None:
        self.set = CalendarSet([calendar] if calendar else [])
        self.row = one(1 if calendar else ELAPSED)

    def ask(self, name: str, *values: int) -> int:
        return int(getattr(self.set, name)(self.row, *(one(value) for value in values))[0])

    def says(self, name: str, text: str, *more: int) -> str:
        return f"{moment(self.ask(name, at(text), *more)):%Y-%m-%d %H:%M}"


def test_march_2027_has_21_working_days_in_north_rhine_westphalia_and_20_in_berlin() -> None:
    berlin = Calendar("Berlin", None, holidays([dt.date(2027, 3, 8)]), OFFICE)
    month = (instant_of_day(dt.date(2027, 3, 1)), instant_of_day(dt.date(2027, 4, 1)))
    assert Times(OFFICE).ask("between", *month) == 21 * 480
    assert Times(berlin).ask("between", *month) == 20 * 480


def test_two_days_of_work_from_the_thursday_before_easter_end_on_the_tuesday_after() -> None:
    assert Times(OFFICE).says("add", "2027-03-25 08:00", 960) == "2027-03-30 17:00"
    assert Times(OFFICE).says("subtract", "2027-03-30 17:00", 960) == "2027-03-25 08:00"


def test_a_lead_counts_backwards_to_the_first_instant_that_leaves_that_much_work() -> None:
    assert Times(OFFICE).says("add", "2027-03-30 12:00", -240) == "2027-03-25 17:00"


def test_the_lunch_break_is_no_work_and_no_start() -> None:
    times = Times(OFFICE)
    assert times.says("next_start", "2027-03-25 12:00") == "2027-03-25 13:00"
    assert times.says("next_finish", "2027-03-25 12:00") == "2027-03-25 12:00"
    assert times.says("next_finish", "2027-03-25 12:30") == "2027-03-25 13:00"
    assert times.says("previous_finish", "2027-03-25 12:30") == "2027-03-25 12:00"
    assert times.says("previous_start", "2027-03-25 12:30") == "2027-03-25 11:59"


def test_half_a_day_on_christmas_eve_comes_from_an_exception_with_hours() -> None:
    eve = DayException(dt.date(2026, 12, 24), dt.date(2026, 12, 24), ((480, 720),), "Christmas Eve")
    calendar = Calendar("half", OFFICE.week, (eve, *holidays([dt.date(2026, 12, 25)])))
    assert Times(calendar).says("add", "2026-12-24 08:00", 480) == "2026-12-28 12:00"


def test_a_night_shift_goes_on_across_midnight_into_a_holiday() -> None:
    night = Calendar("night", (((1320, 1800),),) * 5 + ((), ()), EASTER)
    times = Times(night)
    # Thursday's shift ends on Good Friday at 06:00; Friday's own shift falls to the holiday.
    assert times.says("add", "2027-03-25 22:00", 480) == "2027-03-26 06:00"
    assert times.says("add", "2027-03-25 22:00", 481) == "2027-03-30 22:01"


def test_shifts_around_the_clock_have_no_seam_at_midnight() -> None:
    always = Calendar("always", (((0, 1440),),) * 7)
    assert Times(always).says("add", "2027-03-25 13:00", 3000) == Times(None).says("add", "2027-03-25 13:00", 3000)


def test_a_site_gives_week_and_holidays_to_whoever_has_none() -> None:
    person = Calendar("person", None, (DayException(dt.date(2027, 3, 30), dt.date(2027, 4, 2), (), "leave"),), OFFICE)
    assert Times(person).says("next_start", "2027-03-25 17:00") == "2027-04-05 08:00"


def test_a_plant_shutdown_frees_the_part_timer_and_an_extra_saturday_does_not_call_her() -> None:
    saturday = DayException(dt.date(2027, 4, 3), dt.date(2027, 4, 3), OFFICE_DAY)
    eve = DayException(dt.date(2027, 4, 5), dt.date(2027, 4, 6), ((480, 600),))
    plant = Calendar("plant", None, (saturday, eve), OFFICE)
    mornings = (((540, 780),),) + ((),) * 6
    times = Times(Calendar("part-time", mornings, (), plant))
    days = [dt.date(2027, 3, 29), dt.date(2027, 4, 3), dt.date(2027, 4, 5), dt.date(2027, 4, 6), dt.date(2027, 4, 12)]
    worked = [times.ask("between", instant_of_day(day), instant_of_day(day) + 1440) for day in days]
    assert worked == [0, 0, 60, 0, 240]


def test_what_a_calendar_says_itself_counts_before_its_parents_and_the_later_before_the_earlier() -> None:
    day = dt.date(2027, 3, 26)
    emergency = DayException(day, day, ((600, 660),))
    calendar = Calendar(
        "emergency", None, (DayException(dt.date(2027, 3, 25), dt.date(2027, 3, 30)), emergency), OFFICE
    )
    assert Times(calendar).says("next_start", "2027-03-25 09:00") == "2027-03-26 10:00"


def test_calendars_side_by_side_are_asked_in_one_call() -> None:
    saturday = Calendar("saturday", ((),) * 5 + (((0, 60),), ()))
    both = CalendarSet([OFFICE, saturday])
    found = both.add(np.array([0, 1, 2]), np.full(3, at("2027-03-25 08:00")), np.full(3, 60))
    assert [f"{moment(int(value)):%d %H:%M}" for value in found] == ["25 09:00", "25 09:00", "27 01:00"]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Calendar("empty"), "needs a week or a parent"),
        (lambda: Calendar("six", ((),) * 6), "seven days"),
        (lambda: Calendar("back", (((600, 480),),) + ((),) * 6), "ends before it begins"),
        (lambda: Calendar("long", (((600, 2100),),) + ((),) * 6), "too long"),
        (lambda: Calendar("twice", (((480, 720), (700, 800)),) + ((),) * 6), "overlap"),
        (lambda: Calendar("tomorrow", (((1500, 1600),),) + ((),) * 6), "outside its day"),
        (lambda: DayException(dt.date(2027, 2, 1), dt.date(2027, 1, 1)), "before it begins"),
        (lambda: DayException(dt.date(1949, 2, 1), dt.date(2027, 1, 1)), "outside 1950–2150"),
        (lambda: CalendarSet([Calendar("never", FREE)]), "never: the calendar has no working time"),
        (lambda: at("1949-12-31"), "outside 1950–2150"),
        (lambda: at("2151-01-01 00:01"), "outside 1950–2150"),
        (lambda: instant(dt.datetime(2027, 1, 1, tzinfo=dt.UTC)), "without a time zone"),
        (lambda: moment(-1), "outside 1950–2150"),
    ],
)
def test_what_cannot_be_computed_with_is_refused_with_its_reason(build: object, message: str) -> None:
    with pytest.raises(CalendarError, match=message):
        build()  # type: ignore[operator]


def test_the_horizon_reaches_from_the_first_minute_of_1950_to_the_end_of_2150() -> None:
    assert at("1950-01-01") == 0
    assert at("2151-01-01") == HORIZON
    times = Times(OFFICE)
    assert times.ask("add", HORIZON - 1440 * 30, 10_000_000) > HORIZON
    assert times.ask("subtract", 1440 * 30, 10_000_000) < 0


shift_starts = st.lists(st.integers(0, 47).map(lambda half: half * 30), unique=True, max_size=3).map(sorted)


@st.composite
def calendars(draw: st.DrawFn, depth: int = 2) -> Calendar:
    parent = draw(calendars(depth=depth - 1)) if depth and draw(st.booleans()) else None
    week = None
    if parent is None or draw(st.booleans()):
        week = tuple(draw(shifts()) for _ in range(7))
    offsets = draw(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=3))
    first = dt.date(2027, 3, 20)
    exceptions = tuple(
        DayException(first + dt.timedelta(days=a), first + dt.timedelta(days=a + b), draw(shifts())) for a, b in offsets
    )
    return Calendar("any", week, exceptions, parent)


@st.composite
def shifts(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    starts = draw(shift_starts)
    result, free = [], 0
    for start in starts:
        end = start + 30 * draw(st.integers(1, 20))
        if start >= free:
            result.append((start, end))
            free = end
    return tuple(result)


@settings(max_examples=tries(60, 30), deadline=None)
@given(calendars(), st.lists(st.tuples(st.integers(0, 20 * 1440), st.integers(1, 3000)), min_size=1, max_size=20))
def test_any_calendar_equals_a_walk_minute_by_minute(calendar: Calendar, questions: list[tuple[int, int]]) -> None:
    clock = Clock(calendar, dt.date(2027, 3, 10), 60)
    try:
        times = Times(calendar)
    except CalendarError:
        assert not clock.minutes
        return
    start = instant_of_day(dt.date(2027, 3, 19))
    for offset, minutes in questions:
        asked, end = start + offset, start + offset + minutes
        assert times.ask("between", asked, end) == clock.between(asked, end)
        assert times.ask("works", asked) == clock.works(asked)
        later = [minute for minute in clock.minutes if minute >= asked]
        earlier = [minute for minute in clock.minutes if minute < asked]
        if len(later) > minutes:
            assert times.ask("next_start", asked) == later[0]
            assert times.ask("add", asked, minutes) == later[minutes - 1] + 1
        if len(earlier) > minutes:
            assert times.ask("subtract", asked, minutes) == earlier[-minutes]
            assert times.ask("add", asked, -minutes) == earlier[-minutes - 1] + 1
