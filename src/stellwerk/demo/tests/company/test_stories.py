"""The stories of the demo company hold together: people, their bookings, staffing. One company for all of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import pairwise

import pytest
from django.utils import timezone

from stellwerk.core.models import AuditEntry, Grant, User
from stellwerk.core.registry import duties_of
from stellwerk.demo.cast import GUESTS
from stellwerk.demo.people_story import NOBODY
from stellwerk.people.models import Absence, Person, PersonRate, PersonSkill, RoleRate, WorkingPattern
from stellwerk.people.rate_gaps import gaps
from stellwerk.people.services.working_time import overlapping
from stellwerk.resources.models import Allocation, Demand, DemandSkill
from stellwerk.resources.selectors.booked import over_net, weeks_of
from stellwerk.resources.selectors.demands import covers
from stellwerk.staffing.models import Answer, Appointment, Contract, Match, Profile, TalkNote, Vacancy, VacancyShare
from stellwerk.staffing.selectors.contracts import gates_of, limits
from stellwerk.staffing.selectors.myday import talks_of

TODAY = dt.date(2026, 11, 23)


pytestmark = pytest.mark.usefixtures("company", "db")


def test_the_people_of_the_company_have_skills_time_absences_and_rates(company):
    with_role = [person for person in company.people if person.role is not None]
    able = set(PersonSkill.objects.values_list("person", flat=True))
    assert len(able) > 0.85 * len(with_role)
    assert PersonSkill.objects.filter(confirmed=None).exists()
    assert PersonSkill.objects.filter(expires__lt=TODAY).exists()
    assert not PersonSkill.objects.filter(confirmed_by__isnull=False, person__user=None, confirmed=None).exists()
    assert WorkingPattern.objects.filter(project_share__lt=100).exists() and not WorkingPattern.objects.filter(
        project_share=0
    ).exists()  # fmt: skip
    away: dict[int, list[Absence]] = defaultdict(list)
    for row in Absence.objects.order_by("person", "first"):
        assert overlapping(away[row.person_id], row.first, row.last, row.part) is None, row
        away[row.person_id].append(row)
    assert sum(1 for rows in away.values() if any(row.first > TODAY for row in rows)) > 0.6 * len(company.people)
    assert DemandSkill.objects.filter(skill__name=NOBODY).count() == 1
    assert not PersonSkill.objects.filter(skill__name=NOBODY).exists()
    rates: dict[tuple[int, str], list[PersonRate]] = defaultdict(list)
    for rate in PersonRate.objects.all():
        rates[(rate.person_id, rate.kind)].append(rate)
    assert sum(1 for rows in rates.values() if gaps(rows)) == 1
    assert RoleRate.objects.filter(currency="KRW", amount__gt=50_000).exists()


def test_the_company_shows_every_situation(company):
    states = set(Allocation.objects.values_list("state", flat=True))
    assert states >= {"active", "hard", "soft", "requested", "countered"}
    assert set(Demand.objects.values_list("state", flat=True)) >= {"open", "filled", "vacancy_raised"}
    tom = Allocation.objects.filter(person=company.cast["tom"], state="hard").get()
    over = over_net(tom.person, weeks_of(tom), without=tom.pk, since=TODAY)
    assert over and tom.overbooking_reason
    assert Allocation.objects.filter(state="soft", expires__lte=TODAY + dt.timedelta(days=3)).exists()
    # A state says what the hours say, and nobody is booked outside the demand.
    found = covers(Demand.objects.values_list("pk", flat=True))
    for demand in Demand.objects.exclude(state="vacancy_raised"):
        cover = found[demand.pk]
        full = cover.firm_minutes >= cover.minutes
        assert demand.state == ("filled" if full else "partly_filled" if cover.firm_minutes else "open"), demand
    for row in Allocation.objects.select_related("demand"):
        assert row.demand.first <= row.first <= row.last <= row.demand.last, row
        assert row.state != "active" or row.first <= TODAY <= row.last


def test_the_staffing_story_holds_together(company):
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


def test_staffing_has_a_past_of_weeks_by_the_right_people_and_something_for_everybody(company):
    rosa, petra = User.objects.get(email="rosa@nordlicht.example"), company.users["petra"]
    now = timezone.now()
    for label in ("staffing.vacancy", "staffing.match", "staffing.contract"):
        entries = list(AuditEntry.objects.filter(entity_type=label).order_by("entity_id", "at", "pk"))
        assert len({entry.at.date() for entry in entries}) >= 5, label
        assert all(entry.at <= now for entry in entries)
        steps = [entry for entry in entries if (entry.changes.get("state") or [None])[0]]
        for one, entry in pairwise(steps):
            follows = one.changes["state"][1] == entry.changes["state"][0]
            assert follows or one.entity_id != entry.entity_id, (entry.entity_key, one.verb, entry.verb)
        first = {entry.entity_id: entry.verb for entry in reversed(entries)}
        assert set(first.values()) <= {"create", "raise"}, label
    assert not AuditEntry.objects.filter(entity_type="staffing.vacancy", verb="approve").exclude(actor=petra).exists()
    assert not AuditEntry.objects.filter(entity_type="staffing.contract", verb="approve", actor=rosa).exists()
    for match in Match.objects.exclude(contacted_at=None):
        assert match.created_at <= match.contacted_at <= (match.revealed_at or now)
        for answer in match.answers.exclude(answered_at=None):
            assert answer.sent_at < answer.answered_at <= now
    assert Answer.objects.exclude(reminded_at=None).exists()
    assert Appointment.objects.filter(starts__gt=now).exists() and Appointment.objects.filter(starts__lt=now).exists()
    assert Appointment.objects.filter(sequence=1).exists() and TalkNote.objects.count() == 3
    for guest in GUESTS:
        user = User.objects.get(email=guest.email)
        assert list(duties_of(user)), guest.code
    assert talks_of(User.objects.get(email="frida@people.example"), now).exists()
    assert talks_of(User.objects.get(email="klaus@weserstahl.example"), now).exists()


def test_a_contract_has_a_form_that_its_vacancy_offers_and_its_person_wants(company):
    rows = list(Contract.objects.select_related("vacancy", "profile", "client"))
    assert {row.form for row in rows} == {"freelance", "lending", "permanent"}
    for row in rows:
        assert row.vacancy is not None and row.form in row.vacancy.contract_forms, row
        assert row.profile is not None and row.form in (row.profile.contract_forms or {"lending"}), row
        assert row.profile.contract_forms or row.profile.kind == "employee", row
        assert row.client_id == row.vacancy.client_id, row
        assert not (row.client.own and row.profile.kind == "employee"), "nobody is lent to the own house"


def test_whoever_is_asked_wants_a_form_that_the_vacancy_offers(company):
    for match in Match.objects.exclude(state="proposed").select_related("vacancy", "profile"):
        wanted = match.profile.contract_forms or ["lending"]
        assert set(wanted) & set(match.vacancy.contract_forms), match
