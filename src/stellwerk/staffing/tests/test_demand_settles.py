"""What becomes of a demand once nobody is looked for outside any more (``settle_vacancy``)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from stellwerk.core.states import advance
from stellwerk.resources.models import Allocation, AllocationWeek, Demand
from stellwerk.resources.services.demands import settle_vacancy
from stellwerk.staffing.models import Vacancy

MONDAYS = [dt.date(2027, 1, 4) + dt.timedelta(weeks=number) for number in range(4)]
WEEK = 30 * 60


@pytest.fixture
def demand(staffed) -> Demand:
    """120 hours in four weeks, looked for by one approved vacancy."""
    found: Demand = staffed.vacancies["raised"].demand
    for monday in MONDAYS:
        found.weeks.create(monday=monday, minutes=WEEK)
    Vacancy.objects.filter(demand=found).update(state="approved")
    return found


def book(staffed, demand: Demand, minutes: int, state: str = "hard") -> Allocation:
    """So many minutes in each of the four weeks."""
    row = Allocation.objects.create(
        key=f"ALC-9{Allocation.objects.count():03d}", demand=demand, person=staffed.cast.people["tom"], first=demand.first,
        last=demand.last, state=state,
    )  # fmt: skip
    AllocationWeek.objects.bulk_create(AllocationWeek(allocation=row, monday=day, minutes=minutes) for day in MONDAYS)
    return row


@pytest.mark.parametrize(
    ("minutes", "state", "after"),
    [
        (0, "hard", "open"),
        (WEEK // 2, "hard", "partly_filled"),
        (WEEK, "hard", "filled"),
        (2 * WEEK, "hard", "filled"),
        (WEEK, "soft", "open"),
    ],
)
def test_the_demand_follows_its_firm_hours(staffed, demand, minutes, state, after):
    if minutes:
        book(staffed, demand, minutes, state)
    assert settle_vacancy(demand).state == after


def test_too_much_in_one_week_does_not_fill_another(staffed, demand):
    row = book(staffed, demand, 0)
    row.weeks.filter(monday=MONDAYS[0]).update(minutes=4 * WEEK)
    assert settle_vacancy(demand).state == "partly_filled"


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_what_is_not_asked_for_stays_as_it_is(staffed, demand, state):
    Demand.objects.filter(pk=demand.pk).update(state=state)
    book(staffed, demand, WEEK)
    assert settle_vacancy(demand).state == state


def test_an_archived_demand_stays_as_it_is(staffed, demand):
    Demand.objects.filter(pk=demand.pk).update(archived_at=timezone.now())
    assert settle_vacancy(demand).state == "vacancy_raised"


def test_a_filled_vacancy_opens_the_rest_of_its_demand(staffed, demand):
    book(staffed, demand, WEEK // 2)
    advance(Vacancy.objects.get(demand=demand), "fill", by=staffed.rosa)
    demand.refresh_from_db()
    assert demand.state == "partly_filled"


@pytest.mark.parametrize("state", ["draft", "published", "on_hold"])
def test_another_vacancy_that_still_looks_keeps_it(staffed, demand, state):
    Vacancy.objects.create(
        key="VAC-0099", organisation=staffed.cast.organisation, client=staffed.own, demand=demand, number=821499, title="PMO (m/w/d)",
        contract_forms=["freelance"], state=state,
    )  # fmt: skip
    advance(Vacancy.objects.get(key="VAC-0003"), "fill", by=staffed.rosa)
    demand.refresh_from_db()
    assert demand.state == "vacancy_raised"


def test_a_vacancy_that_is_open_again_raises_the_demand_again(staffed, demand):
    vacancy = advance(Vacancy.objects.get(demand=demand), "fill", by=staffed.rosa)
    advance(vacancy, "reopen", by=staffed.rosa, reason="The person has cancelled.")
    demand.refresh_from_db()
    assert demand.state == "vacancy_raised"
