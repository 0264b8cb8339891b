"""The demo is believable on whatever day it is loaded: the first of a month or of a year, a Monday, a holiday."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pytest
from django.db import transaction

from stellwerk.controlling.models import (
    ActualsImport,
    Benefit,
    Booking,
    Budget,
    ForecastException,
    InvestmentRound,
    Period,
)
from stellwerk.controlling.selectors.labour import labour_of
from stellwerk.core.models import AuditEntry
from stellwerk.demo.company import Company, Size
from stellwerk.demo.generate import generate
from stellwerk.demo.tests.soundness import the_plans_are_sound
from stellwerk.demo.time_story import last_worked
from stellwerk.people.holidays import public_holidays
from stellwerk.people.models import RoleRate
from stellwerk.planning.models import CalendarException
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.reporting.services.cycles import next_dates
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.weeks import WEEK, monday
from stellwerk.staffing.models import Contract
from stellwerk.trials import tries

pytestmark = pytest.mark.django_db
DAYS = (
    dt.date(2027, 1, 1),  # a Friday and a holiday: the year begins
    dt.date(2026, 12, 1),
    dt.date(2027, 1, 4),
    dt.date(2027, 1, 9),  # the day after a data date on which forecasts are due as well
    dt.date(2027, 3, 1),
    dt.date(2027, 3, 29),  # Easter Monday, after the change to summer time
    dt.date(2028, 2, 29),
)


@pytest.mark.parametrize("today", DAYS[: tries(len(DAYS), 1)])
def test_the_story_fits_the_day(today: dt.date) -> None:
    with transaction.atomic():
        company = generate(Size(projects=tries(12, 5), people=tries(60, 30), seed=7), today=today)
        the_plans_are_sound()
        nothing_happened_later(company)
        the_cycles_are_those_of_the_house(company)
        hours_are_told_and_have_rates(company)
        the_money_is_of_its_months(company)
        nobody_works_when_the_company_is_closed()
        contracts_have_a_form_that_both_want()
        transaction.set_rollback(True)


def nothing_happened_later(company: Company) -> None:
    night = company.night
    assert not ActualsImport.objects.filter(created_at__gt=night).exists()
    assert not Budget.objects.filter(approved_at__gt=night).exists()
    assert not Benefit.objects.filter(created_at__gt=night).exists()
    assert not Booking.objects.filter(kind="actual", posted__gt=company.today).exists()
    assert not Period.objects.filter(closed_at__gt=night).exists()
    told = AuditEntry.objects.filter(entity_type__in=("controlling.period", "controlling.budget"))
    assert told.exists() and not told.filter(at__gt=night).exists()
    assert not TimeEntry.objects.filter(day__gte=company.today).exists()


def the_cycles_are_those_of_the_house(company: Company) -> None:
    """Planning the next cycles finds them planned: no second one beside a holiday."""
    dates = list(Cycle.objects.order_by("data_date").values_list("data_date", flat=True))
    assert dates[:12] == company.dates and company.dates[-1] < company.today
    planned = next_dates(company.portfolio, 3, company.dates[-1] + dt.timedelta(days=1))
    assert [day for _number, day in planned] == dates[12:]
    states = set(StatusReport.objects.filter(data_date=company.dates[-1]).values_list("state", flat=True))
    assert "published" in states
    assert all(row.meeting_date.weekday() < 5 and row.meeting_date > row.data_date for row in Cycle.objects.all())


def hours_are_told_and_have_rates(company: Company) -> None:
    last = last_worked(company.today)
    assert last <= monday(company.today) - WEEK
    assert TimeSheet.objects.filter(monday=last).exists()
    assert not TimeSheet.objects.filter(monday__gt=last).exists()
    assert RoleRate.objects.filter(valid_from__lte=last - 8 * WEEK).exists()
    for month in {day.replace(day=1) for day in (company.today, last, last - 4 * WEEK)}:
        gaps = labour_of(company.organisation, month).gaps
        assert len({gap.person for gap in gaps}) <= 1, "the one that the controller finds in the checks"


def the_money_is_of_its_months(company: Company) -> None:
    this = company.today.replace(day=1)
    last = (this - dt.timedelta(days=1)).replace(day=1)
    months = dict(Period.objects.values_list("month", "state"))
    assert max(months) == last and months.pop(last) == "actuals_loaded"
    assert set(months.values()) == {"closed"}
    assert ForecastException.objects.filter(state="open").count() <= 1
    for row in InvestmentRound.objects.all():
        assert row.submissions_until < row.decision_on
        assert row.items.exists()


def nobody_works_when_the_company_is_closed() -> None:
    """By the calendar of the person (where there is one) and that of the place, holidays and closing alike."""
    closed: dict[tuple[str, str], set[dt.date]] = defaultdict(set)
    of_person: dict[int, set[dt.date]] = defaultdict(set)
    rows = CalendarException.objects.filter(times=[], calendar__plan=None).select_related("calendar", "calendar__base")
    for row in rows:
        days = {row.start + dt.timedelta(days=at) for at in range((row.finish - row.start).days + 1)}
        calendar = row.calendar
        if calendar.person_id is not None:
            of_person[calendar.person_id] |= days
        else:
            closed[calendar.country, calendar.subdivision] |= days
    assert any(day.month == 12 for day in closed["DE", "HH"])
    found = TimeEntry.objects.select_related("sheet__person__location", "sheet__person__unit__organisation")
    assert found
    for entry in found:
        person = entry.sheet.person
        place = person.location or person.unit.organisation
        assert entry.day not in closed[place.country, place.subdivision], (person, entry.day)
        assert entry.day not in of_person[person.pk], (person, entry.day)
        assert entry.day not in public_holidays(place.country, place.subdivision, entry.day.year), (person, entry.day)


def contracts_have_a_form_that_both_want() -> None:
    rows = list(Contract.objects.select_related("vacancy", "profile"))
    assert len({row.form for row in rows}) == 3
    for row in rows:
        assert row.vacancy is not None and row.profile is not None
        assert row.form in row.vacancy.contract_forms
        assert row.form in (row.profile.contract_forms or ["lending"])
