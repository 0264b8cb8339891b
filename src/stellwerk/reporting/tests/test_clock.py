"""When the steps of a cycle are due, with dates worked out by hand."""

import datetime as dt
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from stellwerk.reporting.clock import CycleClock, cycle_dates, due_steps
from stellwerk.reporting.working_days import WorkCalendar

HAMBURG = WorkCalendar("DE", "HH")
BAVARIA = WorkCalendar("DE", "BY")
BERLIN_TIME = ZoneInfo("Europe/Berlin")


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN_TIME)


def test_the_data_dates_follow_the_anchor_and_a_holiday_moves_to_the_working_day_before():
    dates = [day.isoformat() for _number, day in islice(cycle_dates(dt.date(2026, 11, 6), 14, HAMBURG), 6)]
    assert dates == ["2026-11-06", "2026-11-20", "2026-12-04", "2026-12-18", "2026-12-31", "2027-01-15"]


def test_week_53_of_2026_does_not_shift_the_rhythm():
    rows = dict(islice(cycle_dates(dt.date(2026, 11, 6), 14, HAMBURG), 6))
    assert rows[5].isocalendar()[:2] == (2026, 53)
    assert rows[6] - dt.date(2026, 11, 6) == dt.timedelta(days=70)


def test_a_holiday_of_another_federal_state_does_not_move_the_date():
    assert BAVARIA.previous(dt.date(2027, 1, 6)) == dt.date(2027, 1, 5)  # Epiphany, a holiday in Bavaria only
    assert HAMBURG.previous(dt.date(2027, 1, 6)) == dt.date(2027, 1, 6)


def test_two_dates_on_the_same_working_day_count_once():
    rows = list(islice(cycle_dates(dt.date(2026, 12, 24), 1, HAMBURG), 3))
    assert rows == [(1, dt.date(2026, 12, 24)), (2, dt.date(2026, 12, 28)), (3, dt.date(2026, 12, 29))]


def test_a_cycle_of_zero_days_is_refused():
    with pytest.raises(ValueError, match="at least one day"):
        next(cycle_dates(dt.date(2026, 11, 6), 0, HAMBURG))


def test_the_steps_of_the_cycle_of_20_november_2026():
    steps = {code: at.strftime("%a %d.%m. %H:%M") for code, at in CycleClock(dt.date(2026, 11, 20), HAMBURG).steps()}
    assert steps == {
        "open": "Tue 17.11. 08:00",
        "remind_before": "Thu 19.11. 09:00",
        "remind": "Fri 20.11. 09:00",
        "due": "Fri 20.11. 12:00",
        "escalate": "Mon 23.11. 10:00",
        "miss": "Mon 23.11. 17:00",
    }


def test_holidays_push_the_steps_apart():
    steps = {code: at.date().isoformat() for code, at in CycleClock(dt.date(2026, 12, 31), HAMBURG).steps()}
    assert steps["open"] == "2026-12-28"  # 26 and 27 December are a weekend
    assert steps["escalate"] == "2027-01-04"  # New Year's Day and a weekend lie between


def test_the_steps_are_in_the_time_zone_of_the_organisation():
    due = CycleClock(dt.date(2026, 11, 20), WorkCalendar("KR"), "Asia/Seoul").due_at
    assert due.astimezone(dt.UTC) == dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)


def test_summer_time_does_not_move_noon():
    due = CycleClock(dt.date(2026, 6, 19), HAMBURG).due_at
    assert due.astimezone(dt.UTC) == dt.datetime(2026, 6, 19, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-17T07:59", []),
        ("2026-11-17T08:00", ["open"]),
        ("2026-11-19T09:00", ["open", "remind_before"]),
        ("2026-11-20T11:59", ["open", "-remind_before", "remind"]),
        ("2026-11-20T12:00", ["open", "-remind_before", "-remind", "due"]),
        ("2026-11-23T10:00", ["open", "-remind_before", "-remind", "due", "escalate"]),
        ("2026-11-24T00:00", ["open", "-remind_before", "-remind", "due", "escalate", "miss"]),
    ],
)
def test_what_is_due_and_what_was_overtaken(now, expected):
    steps = due_steps(CycleClock(dt.date(2026, 11, 20), HAMBURG), local(now))
    assert [("-" if step.skipped else "") + step.code for step in steps] == expected


def test_a_step_that_was_taken_is_not_due_again():
    clock = CycleClock(dt.date(2026, 11, 20), HAMBURG)
    assert [step.code for step in due_steps(clock, local("2026-11-20T09:30"), {"open", "remind_before"})] == ["remind"]


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-11-20", "2026-11-20", 0),
        ("2026-11-20", "2026-11-23", 1),
        ("2026-11-23", "2026-11-20", -1),
        ("2027-01-29", "2027-02-25", 19),
        ("2026-12-23", "2026-12-28", 2),  # 24 and 28 December
        ("2026-02-19", "2027-03-18", 273),
    ],
)
def test_working_days_between_two_dates(first, last, days):
    assert HAMBURG.between(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) == days


def test_counting_and_adding_working_days_agree_for_two_years():
    day = dt.date(2026, 1, 2)
    for count in range(1, 500):
        assert HAMBURG.between(day, HAMBURG.add(day, count)) == count


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-24T10:00", "2026-11-24T14:00"),
        ("2026-11-24T15:30", "2026-11-25T11:30"),
        ("2026-11-20T16:00", "2026-11-23T12:00"),  # Friday to Monday
        ("2026-11-21T12:00", "2026-11-23T13:00"),  # Saturday
        ("2026-11-24T06:00", "2026-11-24T13:00"),
    ],
)
def test_four_working_hours_after_a_return(start, end):
    assert HAMBURG.add_hours(local(start), 4) == local(end)


def test_an_unknown_country_has_weekends_only():
    assert WorkCalendar("XX").previous(dt.date(2027, 1, 1)) == dt.date(2027, 1, 1)
    assert WorkCalendar("DE", "??").previous(dt.date(2027, 1, 1)) == dt.date(2026, 12, 31)
