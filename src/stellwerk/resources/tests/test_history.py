"""A released booking: what was worked stays booked, the rest is free again; counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.people.models import Person
from stellwerk.resources.models import Allocation
from stellwerk.resources.selectors.booked import weeks_of
from stellwerk.resources.selectors.load import HARD, Periods, load_of_people, read_days
from stellwerk.resources.services.allocations import begin_due, book, release
from stellwerk.resources.services.demands import cancel_demand
from stellwerk.resources.tests.asking import MARCH, asked_for
from stellwerk.resources.weeks import share_before

pytestmark = pytest.mark.django_db
NOON = dt.date(2027, 3, 17)
"""Wednesday of the third week: of its 20 hours two days of five, 8 hours, are past."""


def on(monkeypatch, day):
    monkeypatch.setattr("stellwerk.resources.services.history.timezone.localdate", lambda: day)


def active(cast):
    book(allocation=asked_for(cast), by=cast.rita)
    begin_due(MARCH[0])
    return Allocation.objects.get()


def test_weeks_before_stay_and_the_rest_is_free(cast, monkeypatch):
    booking = active(cast)
    on(monkeypatch, NOON)
    assert release(allocation=booking, reason="Needed elsewhere", by=cast.rita).state == "released"
    kept, released = Allocation.objects.get(state="completed"), Allocation.objects.get(pk=booking.pk)
    assert weeks_of(kept) == {MARCH[0]: 1200, MARCH[1]: 1200, MARCH[2]: 480}
    assert (kept.first, kept.last, kept.person, kept.demand) == (
        MARCH[0], NOON - dt.timedelta(days=1), booking.person, booking.demand,
    )  # fmt: skip
    assert weeks_of(released) == {MARCH[2]: 720, MARCH[3]: 1200} and released.first == NOON
    tom = Person.objects.get(pk=booking.person_id)
    periods = Periods.of("week", MARCH[0], 4)
    assert load_of_people(read_days([tom.pk], periods), periods)[HARD][0].tolist() == [1200, 1200, 480, 0]
    booking.demand.refresh_from_db()
    assert booking.demand.state == "partly_filled", "what was worked fills, the rest is lacking again"


@pytest.mark.parametrize("day", [MARCH[0] - dt.timedelta(days=1), MARCH[0]])
def test_a_booking_that_has_not_begun_leaves_nothing(cast, monkeypatch, day):
    book(allocation=asked_for(cast), by=cast.rita)
    on(monkeypatch, day)
    release(allocation=Allocation.objects.get(), reason="Other plans", by=cast.rita)
    assert weeks_of(Allocation.objects.get()) == dict.fromkeys(MARCH, 1200)


def test_on_a_monday_whole_weeks_are_past(cast, monkeypatch):
    booking = active(cast)
    on(monkeypatch, MARCH[2])
    release(allocation=booking, reason="Done", by=cast.rita)
    assert weeks_of(Allocation.objects.get(state="completed")) == {MARCH[0]: 1200, MARCH[1]: 1200}


def test_calling_off_a_demand_keeps_the_past_too(cast, monkeypatch):
    booking = active(cast)
    on(monkeypatch, NOON)
    cancel_demand(demand=booking.demand, reason="Stopped", by=cast.paul)
    assert sum(weeks_of(Allocation.objects.get(state="completed")).values()) == 48 * 60


@pytest.mark.parametrize(
    ("day", "minutes"), [(15, 0), (16, 240), (17, 480), (19, 960), (20, 1200), (21, 1200), (22, 1200)]
)
def test_days_before_in_one_week(day, minutes):
    assert share_before(1200, MARCH[2], dt.date(2027, 3, 21), dt.date(2027, 3, day)) == minutes
