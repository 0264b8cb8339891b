"""The staffing story of the demo company is consistent: nothing that the rules of the room would not allow."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.core.models import Grant, User
from stellwerk.demo.cast import GUESTS
from stellwerk.demo.generate import Size, generate
from stellwerk.people.models import Person
from stellwerk.resources.models import Allocation
from stellwerk.staffing.models import Answer, Contract, Match, Profile, Vacancy, VacancyShare
from stellwerk.staffing.selectors.contracts import gates_of, limits

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 26)


def test_the_staffing_story_holds_together():
    generate(Size(8, 60, 7), today=TODAY)
    for guest in GUESTS:
        user = User.objects.get(email=guest.email)
        assert [grant.role for grant in Grant.objects.filter(user=user)] == [guest.role]
        assert not Person.objects.filter(user=user).exists()
    assert Profile.objects.get(user__email="frida@people.example").state == "active"
    assert Vacancy.objects.filter(state="published").count() >= 2 and Vacancy.objects.filter(state="draft").exists()
    raised = Vacancy.objects.get(demand__isnull=False)
    assert raised.demand is not None and raised.demand.state in {"vacancy_raised", "hard", "fulfilled"}
    assert not Vacancy.objects.filter(state="published", published_at=None).exists()
    assert not Vacancy.objects.filter(state="published", pay_least=None, pay_reason="").exists()
    assert VacancyShare.objects.filter(partner__contacts__user__email="pia@sommer.example").exists()
    assert {"conversation", "contacted", "proposed"} <= set(Match.objects.values_list("state", flat=True))
    for match in Match.objects.exclude(revealed_at=None):
        assert set(Answer.objects.filter(match=match).values_list("answer", flat=True)) == {"yes"}
    assert len(set(Contract.objects.values_list("state", flat=True))) >= 3
    rules = limits()
    for contract in Contract.objects.filter(state="active"):
        assert [gate.code for gate in gates_of(contract, TODAY, rules).begin] == []
    for vacancy in Vacancy.objects.filter(state="filled", demand__isnull=False):
        assert Contract.objects.filter(vacancy=vacancy, state__in=("signed", "active")).exists()
        assert Allocation.objects.filter(demand=vacancy.demand, state="hard").exists()
