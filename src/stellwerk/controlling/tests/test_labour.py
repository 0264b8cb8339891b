"""Labour from time sheets: approved hours × rate of the day, booked as differences, rates that are missing are named."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from stellwerk.controlling.models import Booking, CostType, Period
from stellwerk.controlling.selectors.labour import labour_of
from stellwerk.controlling.services.labour import book_labour
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.people.models import PersonRate, RoleRate
from stellwerk.resources.models import TimeEntry, TimeSheet

pytestmark = pytest.mark.django_db
OCTOBER = dt.date(2026, 10, 1)


@pytest.fixture
def worked(cast):
    CostType.objects.create(key="CTY-1", name="Eigenleistung", labour=True)
    cast.project.currency = "EUR"
    cast.project.save()
    cast.sheet = TimeSheet.objects.create(person=cast.people["tom"], monday=dt.date(2026, 10, 5), state="approved")
    for day, minutes, capital in ((5, 480, False), (6, 450, False), (7, 60, True)):
        TimeEntry.objects.create(
            sheet=cast.sheet,
            project=cast.project,
            day=dt.date(2026, 10, day),
            month=202610,
            minutes=minutes,
            capitalisable=capital,
        )
    return cast


def booked(project):
    return sorted(Booking.objects.filter(project=project).values_list("spending", "project_amount", "minutes"))


def test_hours_cost_the_rate_of_their_day(worked):
    tom = worked.people["tom"]
    PersonRate.objects.create(person=tom, amount=80_00, valid_from=dt.date(2026, 1, 1), valid_to=dt.date(2026, 10, 5))
    PersonRate.objects.create(person=tom, amount=100_00, valid_from=dt.date(2026, 10, 6))
    done = book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny)
    assert done.sums == {"EUR": 640_00 + 750_00 + 100_00}
    assert booked(worked.project) == [("capex", 100_00, 60), ("opex", 1390_00, 930)]


def test_a_second_run_books_the_difference_alone(worked):
    PersonRate.objects.create(person=worked.people["tom"], amount=80_00, valid_from=dt.date(2026, 1, 1))
    book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny)
    assert book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny).rows == 0
    TimeEntry.objects.create(
        sheet=worked.sheet, project=worked.project, day=dt.date(2026, 10, 8), month=202610, minutes=-30
    )
    again = book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny)
    assert (again.rows, again.sums) == (1, {"EUR": -40_00})
    assert book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny).rows == 0


def test_the_role_of_the_person_gives_a_rate_where_the_person_has_none(worked):
    tom = worked.people["tom"]
    tom.role = worked.role
    tom.save()
    RoleRate.objects.create(role=worked.role, amount=50_00, valid_from=dt.date(2026, 1, 1))
    RoleRate.objects.create(
        role=worked.role, organisation=worked.organisation, amount=60_00, valid_from=dt.date(2026, 1, 1)
    )
    assert sum(row.amount for row in labour_of(worked.organisation, OCTOBER).rows) == round(
        60_00 * (480 + 450 + 60) / 60
    )


def test_hours_without_a_rate_are_named_and_not_booked_as_nothing(worked):
    PersonRate.objects.create(person=worked.people["tom"], amount=80_00, valid_from=dt.date(2026, 10, 7))
    done = book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny)
    (gap,) = done.labour.gaps
    assert (gap.person, gap.first, gap.last, gap.minutes) == (
        worked.people["tom"],
        dt.date(2026, 10, 5),
        dt.date(2026, 10, 6),
        930,
    )
    assert booked(worked.project) == [("capex", 80_00, 60)]


def test_hours_that_nobody_approved_cost_nothing_yet(worked):
    PersonRate.objects.create(person=worked.people["tom"], amount=80_00, valid_from=dt.date(2026, 1, 1))
    TimeSheet.objects.update(state="submitted")
    assert labour_of(worked.organisation, OCTOBER).rows == ()


def test_labour_is_refused_in_a_closed_month_without_a_type_and_to_others(worked):
    for name in ("paul", "petra", "tom"):
        with pytest.raises(NotAllowed):
            book_labour(organisation=worked.organisation, month=OCTOBER, by=getattr(worked, name))
    Period.objects.create(organisation=worked.organisation, month=OCTOBER, state="closed")
    with pytest.raises(Refused, match="closed"):
        book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny)
    Period.objects.all().delete()
    CostType.objects.update(labour=False)
    with pytest.raises(Refused, match="time sheets"):
        book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny)


def test_labour_of_a_running_month_is_posted_on_the_day_it_is_booked(worked, monkeypatch):
    PersonRate.objects.create(person=worked.people["tom"], amount=80_00, valid_from=dt.date(2026, 1, 1))
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 10, 20))
    book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny)
    assert set(Booking.objects.values_list("posted", flat=True)) == {dt.date(2026, 10, 20)}
    TimeEntry.objects.create(
        sheet=worked.sheet, project=worked.project, day=dt.date(2026, 10, 8), month=202610, minutes=60
    )
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 11, 3))
    book_labour(organisation=worked.organisation, month=OCTOBER, by=worked.conny)
    assert set(Booking.objects.values_list("posted", flat=True)) == {dt.date(2026, 10, 20), dt.date(2026, 10, 31)}
