"""Earlier assignments on the page of a person: entered, changed, removed; refused where they cannot be; seen by who keeps them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from stellwerk.core.models import AuditEntry
from stellwerk.people.models import Person
from stellwerk.resources.models import AgencyAssignment
from stellwerk.resources.panels_agency import _limits
from stellwerk.resources.selectors.booked import weeks_of_demand
from stellwerk.resources.selectors.candidates import candidates
from stellwerk.resources.tests.asking import demand_of

pytestmark = pytest.mark.django_db
FORM = {"agency": "Hanse Personal", "first": "2025-01-01", "last": "2025-08-31"}


@pytest.fixture
def worker(cast) -> Person:
    """A temporary worker, back after exactly three months."""
    Person.objects.filter(pk=cast.people["tom"].pk).update(
        employment_type="temporary", entry_date=dt.date(2025, 12, 1), exit_date=None
    )
    return Person.objects.get(pk=cast.people["tom"].pk)


def create(cast, worker, who="rita", **values):
    return cast.client(who).post(
        reverse("resources:assignment-create", args=[worker.key]),
        {"organisation": cast.organisation.pk} | FORM | values,
    )


def page(cast, worker, who="petra"):
    return cast.client(who).get(reverse("people:person-detail", args=[worker.key])).content.decode()


def test_an_entered_assignment_moves_the_last_day(cast, worker):
    assert "31 May 2027" in page(cast, worker)
    answer = create(cast, worker)
    assert answer.status_code == 302 and answer.url.endswith("#temporary-work")
    text = page(cast, worker)
    assert "30 Sep 2026" in text and "Hanse Personal" in text and "1 Jan 2026" in text
    row = AgencyAssignment.objects.get()
    address = reverse("resources:assignment-edit", args=[row.pk])
    edited = {"organisation": cast.organisation.pk, "version": row.version} | FORM | {"last": "2025-08-29"}
    assert cast.client("rita").post(address, edited).status_code == 302
    assert "31 May 2027" in page(cast, worker), "more than three months away: counted anew"
    cast.client("rita").post(reverse("resources:assignment-remove", args=[row.pk]), {"version": 2})
    assert not AgencyAssignment.objects.exists()
    assert AuditEntry.objects.filter(entity_type="resources.agencyassignment", verb="remove").exists()


@pytest.mark.parametrize("values", [{"last": "2024-12-31"}, {"first": "yesterday"}, {"organisation": ""}])
def test_bad_input_is_told_and_kept(cast, worker, values):
    answer = create(cast, worker, **values)
    assert answer.status_code == 422
    assert "Hanse Personal" in answer.content.decode()
    assert not AgencyAssignment.objects.exists()


def test_a_removed_one_that_has_changed_meanwhile_stays(cast, worker):
    create(cast, worker)
    row = AgencyAssignment.objects.get()
    cast.client("rita").post(reverse("resources:assignment-remove", args=[row.pk]), {"version": 99})
    assert AgencyAssignment.objects.exists()


@pytest.mark.parametrize(
    ("who", "sees"), [("petra", True), ("anton", True), ("rita", True), ("conny", True), ("tom", False)]
)
def test_who_sees_the_clock(cast, worker, who, sees):
    assert ("Last day allowed" in page(cast, worker, who)) is sees


def test_employees_have_no_clock(cast):
    assert "Temporary work" not in page(cast, cast.people["stefan"])


def duties(cast, who):
    return [duty.title for duty in _limits(getattr(cast, who))]


@pytest.mark.parametrize(("entry", "title"), [
    (400, "Tom Okafor: temporary work must end on"), (600, "Tom Okafor: the longest time allowed for temporary work is over"), (300, ""),
])  # fmt: skip
def test_my_day_warns_whoever_plans_the_person(cast, worker, entry, title):
    Person.objects.filter(pk=worker.pk).update(entry_date=timezone.localdate() - dt.timedelta(days=entry))
    for who in ("rita", "petra"):
        assert [one[: len(title)] for one in duties(cast, who)] == ([title] if title else []), who
    assert duties(cast, "paul") == []


def test_candidates_tell_the_limit(cast, worker):
    Person.objects.filter(pk=worker.pk).update(entry_date=dt.date(2025, 9, 10))
    demand = demand_of(cast)
    found = next(one for one in candidates(demand, weeks_of_demand(demand)) if one.person == worker)
    assert "temporary work must end on 9 Mar 2027" in found.bad
