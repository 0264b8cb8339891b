"""Acceptance scenario 12 by the services: an uncovered demand becomes a person in the plan, and nothing is typed twice."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from stellwerk.core.models import Mail
from stellwerk.core.states import advance
from stellwerk.resources.models import Allocation
from stellwerk.staffing.models import ClientContact, Vacancy
from stellwerk.staffing.selectors.contracts import sides_of
from stellwerk.staffing.services import contacting, contracts, matching
from stellwerk.staffing.services.vacancies import share_vacancy
from stellwerk.staffing.tests.hiring import TODAY, asks_hours, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _before_the_demand_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contract never begins in the past: once the demand of the story has begun, its first day would be today."""
    noon = dt.datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_given: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)


def test_an_uncovered_demand_becomes_a_firm_allocation_without_retyping(staffed):
    demand = staffed.vacancies["raised"].demand
    asks_hours(staffed, 40)
    Vacancy.objects.filter(demand=demand).delete()
    type(demand).objects.filter(pk=demand.pk).update(state="open")
    demand.refresh_from_db()
    advance(demand, "raise_vacancy", by=staffed.cast.paul)
    vacancy = Vacancy.objects.get(demand=demand)
    assert (vacancy.start, vacancy.last_day, vacancy.role) == (demand.first, demand.last, demand.role)
    assert demand.project.name not in f"{vacancy.title}{vacancy.tasks}{vacancy.intro}"
    Vacancy.objects.filter(pk=vacancy.pk).update(
        tasks="Budgets planen", wanted="Erfahrung", city="Bremen", pay_least=80_00, pay_most=110_00
    )
    vacancy.refresh_from_db()
    vacancy = advance(vacancy, "approve", by=staffed.rosa)
    vacancy = advance(vacancy, "publish", by=staffed.rosa)
    share_vacancy(vacancy=vacancy, partners=[staffed.partner], by=staffed.rosa)
    ClientContact.objects.create(client=vacancy.client, name="Paul", email="paul@example.com", user=staffed.cast.paul)
    match = matching.propose(
        vacancy=vacancy, profile=staffed.profiles["pias"], by=staffed.pia, override="Known from an earlier project."
    )
    match = contacting.ask_both(match=match, by=staffed.rosa)
    links = {found[1] for mail in Mail.objects.all() if (found := re.search(r"/staffing/answer/([\w-]+)", mail.text))}
    assert len(links) == 2
    for token in sorted(links):
        match = contacting.give_answer(token=token, yes=True)
    assert match.state == "both_yes" and match.revealed_at is not None
    match = advance(match, "talk", by=staffed.rosa)
    contract = contracts.contract_from_match(match=match, by=staffed.rosa, form="freelance")
    assert (contract.profile, contract.vacancy, contract.first) == (match.profile, vacancy, demand.first)
    contract = contracts.edit_contract(
        contract=contract, values={"pay": 88_00, "rate": 100_00, "unit_of_person": staffed.cast.unit}, by=staffed.rosa
    )
    contract = sent(staffed, contract)
    for side in sides_of(contract):
        contracts.record_signature(
            contract=contract, side=side, name="Signs", way="text", signed_on=timezone.localdate(), by=staffed.rosa
        )
    advance(contract, "sign", by=staffed.rosa)
    booking = Allocation.objects.get(demand=demand)
    assert booking.state == "hard" and booking.person.last_name == match.profile.last_name
    assert sum(booking.weeks.values_list("minutes", flat=True)) > 0
    vacancy.refresh_from_db()
    assert vacancy.state == "filled"
