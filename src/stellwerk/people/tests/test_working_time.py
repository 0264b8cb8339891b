"""Capacity by the day: the worked numbers of the domain, holidays, absences, entry and exit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stellwerk.people.models import Absence, Location, Organisation, Person, Unit, WorkingPattern
from stellwerk.people.selectors.working_time import usual_week, working_minutes
from stellwerk.testing import Cast

MARCH = dt.date(2027, 3, 1), dt.date(2027, 3, 31)
HOURS = 60


@pytest.fixture
def nrw(cast: Cast) -> Location:
    return Location.objects.create(organisation=cast.organisation, name="Köln", country="DE", subdivision="NW")


def person(cast: Cast, name: str, **values: object) -> Person:
    return Person.objects.create(key=f"T-{name}", first_name=name, last_name="Test", unit=cast.unit, **values)


def pattern(one: Person, valid_from: dt.date, hours: list[float], share: int = 100) -> WorkingPattern:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    week = {day: int(hour * HOURS) for day, hour in zip(days, hours, strict=False)}
    return WorkingPattern.objects.create(person=one, valid_from=valid_from, project_share=share, **week)


def test_the_team_of_march_2027(cast: Cast, nrw: Location) -> None:
    """Domain 3.5: Anna 102.4 h, Ben 134.4 h, Cem 67.2 h; 21 working days in North Rhine-Westphalia, 20 in Berlin."""
    anna, ben = (person(cast, name, location=nrw) for name in ("Anna", "Ben"))
    cem = person(cast, "Cem", location=nrw, weekly_hours=Decimal(20))
    for one in (anna, ben):
        pattern(one, dt.date(2020, 1, 1), [8] * 5, 80)
    pattern(cem, dt.date(2020, 1, 1), [4] * 5, 80)
    Absence.objects.create(person=anna, first=dt.date(2027, 3, 8), last=dt.date(2027, 3, 14))  # five working days
    found = working_minutes([anna, ben, cem], *MARCH)
    assert found.net.sum(axis=1).tolist() == [102.4 * HOURS, 134.4 * HOURS, 67.2 * HOURS]
    assert found.working().sum(axis=1).tolist() == [21, 21, 21]
    berlin = Location.objects.create(organisation=cast.organisation, name="Berlin", country="DE", subdivision="BE")
    assert working_minutes([person(cast, "Dora", location=berlin)], *MARCH).working().sum() == 20


def test_without_a_pattern_a_fifth_of_the_weekly_hours_counts_from_monday_to_friday() -> None:
    assert usual_week(Decimal("38.5")) == (462, 462, 462, 462, 462, 0, 0)
    odd = usual_week(Decimal("37.3"))
    assert sum(odd) == 2238 and max(odd) - min(odd[:5]) == 1


def test_fte_is_not_multiplied_into_the_hours_of_the_contract(cast: Cast) -> None:
    half = person(cast, "Half", fte=Decimal("0.5"), weekly_hours=Decimal(20))
    assert working_minutes([half], dt.date(2027, 2, 1), dt.date(2027, 2, 5)).net.sum() == 20 * HOURS


def test_a_pattern_holds_from_its_day_until_the_next_begins(cast: Cast) -> None:
    one = person(cast, "Eva")
    pattern(one, dt.date(2027, 2, 3), [0, 0, 6, 0, 0], 50)
    pattern(one, dt.date(2027, 2, 10), [0, 0, 4, 0, 0, 2])
    found = working_minutes([one], dt.date(2027, 2, 1), dt.date(2027, 2, 14))
    hours = (found.net[0] / HOURS).tolist()
    assert hours == [8, 8, 3, 0, 0, 0, 0, 0, 0, 4, 0, 0, 2, 0]
    assert working_minutes([one], dt.date(2027, 2, 12), dt.date(2027, 2, 13)).net.tolist() == [[0, 120]]


def test_entry_exit_and_archiving_bound_the_days(cast: Cast) -> None:
    here = person(cast, "Fred", entry_date=dt.date(2027, 2, 2), exit_date=dt.date(2027, 2, 4))
    later, gone = (
        person(cast, "Gil", entry_date=dt.date(2028, 1, 1)),
        person(cast, "Hal", exit_date=dt.date(2020, 1, 1)),
    )
    shelved = person(cast, "Ida", archived_at=dt.datetime(2027, 2, 3, 12, tzinfo=dt.UTC))
    found = working_minutes([here, later, gone, shelved], dt.date(2027, 2, 1), dt.date(2027, 2, 5))
    assert (found.gross > 0).tolist() == [
        [False, True, True, True, False], [False] * 5, [False] * 5, [True, True, True, False, False],
    ]  # fmt: skip


def test_who_is_archived_after_midnight_was_here_on_that_day(cast: Cast) -> None:
    shelved = person(cast, "Ina", archived_at=dt.datetime(2027, 2, 3, 23, 30, tzinfo=dt.UTC))  # half past midnight
    found = working_minutes([shelved], dt.date(2027, 2, 3), dt.date(2027, 2, 5))
    assert (found.gross > 0).tolist() == [[True, True, False]]


def test_absences_take_their_part_of_what_holidays_leave(cast: Cast, nrw: Location) -> None:
    one = person(cast, "Jo", location=nrw)
    Absence.objects.create(person=one, first=dt.date(2027, 3, 24), last=dt.date(2027, 3, 29), part=50)
    found = working_minutes([one], dt.date(2027, 3, 24), dt.date(2027, 3, 30))  # Good Friday 26, Easter Monday 29
    assert found.absence[0].tolist() == [240, 240, 0, 0, 0, 0, 0]
    assert found.holidays[0].tolist() == [0, 0, 480, 0, 0, 480, 0]
    assert found.net[0].tolist() == [240, 240, 0, 0, 0, 0, 480]


def test_absences_of_one_day_never_take_more_than_the_day(cast: Cast) -> None:
    one = person(cast, "Kim")
    for part in (100, 50):
        Absence.objects.create(person=one, first=dt.date(2027, 2, 1), last=dt.date(2027, 2, 1), part=part)
    assert working_minutes([one], dt.date(2027, 2, 1), dt.date(2027, 2, 1)).net.tolist() == [[0]]


def test_a_capacity_of_zero_is_an_answer(cast: Cast) -> None:
    none = person(cast, "Lou", weekly_hours=Decimal(0))
    share = person(cast, "Max")
    pattern(share, dt.date(2020, 1, 1), [8] * 5, 0)
    assert working_minutes([none, share], *MARCH).net.sum() == 0
    assert working_minutes([], *MARCH).net.shape == (0, 31)
    assert working_minutes([987_654], *MARCH).net.sum() == 0


def test_holidays_fall_back_to_the_organisation(cast: Cast) -> None:
    south = Person.objects.create(key="T-S", first_name="S", last_name="S", unit=cast.other_unit)
    north = person(cast, "Nele")
    corpus_christi = dt.date(2027, 5, 27)  # free in Bavaria, not in Hamburg
    assert working_minutes([south, north], corpus_christi, corpus_christi).net.tolist() == [[0], [480]]


def test_rounding_is_half_up_each_day(cast: Cast) -> None:
    one = person(cast, "Ole", weekly_hours=Decimal("38.5"))
    pattern(one, dt.date(2020, 1, 1), [7.7] * 5, 80)
    assert working_minutes([one], dt.date(2027, 2, 1), dt.date(2027, 2, 1)).net.tolist() == [[370]]  # 369.6


def test_five_hundred_people_over_104_weeks_take_few_queries(db: None) -> None:
    organisation = Organisation.objects.create(key="ORG-T", name="T", subdivision="NW")
    unit = Unit.objects.create(key="UNT-T", name="T", organisation=organisation)
    people = Person.objects.bulk_create(
        Person(key=f"X-{n}", first_name=f"F{n}", last_name=f"L{n}", unit=unit) for n in range(500)
    )
    WorkingPattern.objects.bulk_create(
        WorkingPattern(person=one, valid_from=dt.date(2026, 1, 1), monday=480, tuesday=240, project_share=80)
        for one in people[::3]
    )
    Absence.objects.bulk_create(
        Absence(person=one, first=dt.date(2027, month, 4), last=dt.date(2027, month, 10))
        for one in people
        for month in range(1, 11)
    )
    first, last = dt.date(2027, 1, 4), dt.date(2028, 12, 31)
    working_minutes(people, first, last)  # the tables of holidays are read once
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = working_minutes(people, first, last)
        net = found.net
    assert len(queries) <= 5
    assert net.shape == (500, 728) and net.dtype == np.int32
