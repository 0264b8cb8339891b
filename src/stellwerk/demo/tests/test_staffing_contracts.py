"""Contracts of the demo company: every form and state that its vacancies and profiles allow."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from stellwerk.demo.staffing_contracts import add_contracts
from stellwerk.staffing.models import Contract, Profile
from stellwerk.staffing.selectors.contracts import case_of, gates_of, limits
from stellwerk.staffing.tests.company import build_staffing

pytestmark = pytest.mark.django_db


def test_contracts_in_every_form_are_made_and_the_running_one_is_lawful(cast):
    made = build_staffing(cast)
    for number in range(5, 10):
        Profile.objects.create(
            key=f"PRF-{number:04d}",
            organisation=cast.organisation,
            first_name="A",
            last_name=f"B{number}",
            state="active",
        )
    company = SimpleNamespace(today=timezone.localdate(), cast={"petra": cast.people["petra"]})
    assert add_contracts(company) >= 5
    assert set(Contract.objects.values_list("form", flat=True)) == {"freelance", "lending", "permanent"}
    for row in Contract.objects.select_related("vacancy"):
        assert row.form in row.vacancy.contract_forms
    assert {"draft", "sent", "signed", "active"} <= set(Contract.objects.values_list("state", flat=True))
    running = Contract.objects.get(state="active")
    assert [one.code for one in gates_of(running, company.today, limits()).begin] == []
    assert len(case_of(running).earlier or ()) == 1
    assert made.own is not None


def test_without_vacancies_there_are_no_contracts(cast):
    company = SimpleNamespace(today=timezone.localdate(), cast={"petra": cast.people["petra"]})
    assert add_contracts(company) == 0
