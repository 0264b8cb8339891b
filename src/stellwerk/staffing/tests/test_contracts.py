"""Contracts: drafted without typing twice, stopped by the law, signed, and in the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.jobs import enqueue, run_pending
from stellwerk.core.models import AuditEntry, Grant, Notification, Scope, User
from stellwerk.core.states import advance
from stellwerk.people.models import EmploymentType, Person, PersonRate
from stellwerk.resources.models import AgencyAssignment, Allocation, Demand
from stellwerk.resources.selectors.booked import weeks_of
from stellwerk.resources.selectors.timesheets import bookable_projects, proposal, suggested_lines
from stellwerk.resources.services.timesheets import WeekLine, save_week
from stellwerk.staffing.law.lending import before_start
from stellwerk.staffing.models import Contract, EarlierStay, Match, Profile, Vacancy
from stellwerk.staffing.selectors.contracts import case_of, figures_for, limits
from stellwerk.staffing.services import contracts
from stellwerk.staffing.services.contracts_clock import begin_due, end_due, warn_due
from stellwerk.staffing.tests.company import match_of
from stellwerk.staffing.tests.hiring import FREE, TODAY, asks_hours, draft, lent, running, sent, signed

D = dt.date
pytestmark = pytest.mark.django_db
OTHERS = ["paul", "gerda", "petra", "anton", "olga", "tom", "conny", "stefan", "elke", "ada", "walter", "uwe", "rita"]


def at(day: dt.date) -> Iterator[None]:
    noon = dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)
    with (
        patch("django.utils.timezone.localdate", lambda *_given: day),
        patch("django.utils.timezone.now", lambda: noon),
    ):
        yield


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    yield from at(TODAY)


def on(day: dt.date) -> Iterator[None]:
    return at(day)


# ── drafted ──────────────────────────────────────────────────────────────────────────────────────


def test_a_match_becomes_a_contract_with_nothing_typed_again(staffed):
    match = match_of(staffed, "fabian", state="both_yes", key="MAT-0007")
    found = contracts.contract_from_match(match=match, by=staffed.rosa)
    assert (found.form, found.client, found.vacancy, found.profile) == (
        "freelance",
        staffed.client,
        match.vacancy,
        match.profile,
    )
    assert (found.first, found.last, found.weekly_hours) == (D(2027, 1, 4), D(2027, 6, 30), 40)
    assert (found.pay, found.rate, found.unit) == (95_00, 120_00, "hour")
    assert Match.objects.get(pk=match.pk).state == "contract"


def test_a_partners_candidate_is_lent_with_the_partners_licence(staffed):
    found = contracts.contract_from_match(
        match=match_of(staffed, "pias", state="conversation", key="MAT-0008"), by=staffed.rosa
    )
    assert (found.form, found.partner, found.licence, found.agreement) == (
        "lending",
        staffed.partner,
        "AÜ-HH-4711",
        "GVP/DGB",
    )


def test_before_both_have_said_yes_there_is_no_contract(staffed):
    with pytest.raises(Refused) as refused:
        contracts.contract_from_match(match=match_of(staffed, "fabian", state="contacted"), by=staffed.rosa)
    assert refused.value.code == "not_revealed"
    assert not Contract.objects.exists()


@pytest.mark.parametrize("who", OTHERS)
def test_only_recruiters_make_contracts(staffed, who):
    values = {
        "form": "freelance",
        "vacancy": staffed.vacancies["online"],
        "profile": staffed.profiles["fabian"],
        "first": D(2027, 1, 4),
    }
    with pytest.raises(NotAllowed):
        contracts.create_contract(values=values, by=getattr(staffed.cast, who))


@pytest.mark.parametrize("who", ["klaus", "pia", "frida"])
def test_nobody_outside_makes_contracts(staffed, who):
    values = {
        "form": "freelance",
        "vacancy": staffed.vacancies["online"],
        "profile": staffed.profiles["fabian"],
        "first": D(2027, 1, 4),
    }
    with pytest.raises(NotAllowed):
        contracts.create_contract(values=values, by=getattr(staffed, who))


def test_what_does_not_fit_together_is_told_at_the_field(staffed):
    for values, field in (
        ({"last": D(2027, 1, 3)}, "last"), ({"fixed_term": True}, "fixed_term"), ({"unit_of_person": staffed.cast.other_unit}, "unit_of_person"),
        ({"form": "permanent", "partner": staffed.partner}, "partner"), ({"form": "lending", "fixed_term": True, "last": None}, "last"),
        ({"pay": -1}, "pay"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            draft(staffed, **values)
        assert field in refused.value.errors


def test_one_contract_for_a_person_and_a_vacancy(staffed):
    draft(staffed)
    with pytest.raises(Refused) as refused:
        draft(staffed)
    assert refused.value.code == "contract_exists"


def test_a_locked_profile_and_a_cancelled_vacancy_get_none(staffed):
    Profile.objects.filter(pk=staffed.profiles["fabian"].pk).update(state="locked")
    staffed.profiles["fabian"].refresh_from_db()
    with pytest.raises(Refused):
        draft(staffed)
    Vacancy.objects.filter(pk=staffed.vacancies["hidden"].pk).update(state="cancelled")
    staffed.vacancies["hidden"].refresh_from_db()
    with pytest.raises(Refused):
        draft(staffed, "frida", "hidden")


def test_terms_change_in_a_draft_only_and_never_over_somebody_elses(staffed):
    contract = draft(staffed)
    changed = contracts.edit_contract(
        contract=contract, values={"pay": 90_00}, by=staffed.rosa, version=contract.version
    )
    with pytest.raises(StaleEdit):
        contracts.edit_contract(contract=contract, values={"pay": 91_00}, by=staffed.rosa, version=contract.version)
    with pytest.raises(NotAllowed):
        contracts.edit_contract(contract=contract, values={"pay": 91_00}, by=staffed.cast.conny)
    after = sent(staffed, changed)
    with pytest.raises(WrongState):
        contracts.edit_contract(contract=after, values={"pay": 91_00}, by=staffed.rosa)


# ── approved by another person ───────────────────────────────────────────────────────────────────


def test_whoever_made_or_changed_it_does_not_approve_it(staffed):
    contract = draft(staffed, "frida", form="permanent", pay=5_800_000, rate=900_000, unit="year")
    with pytest.raises(NotAllowed):
        advance(contract, "approve", by=staffed.rosa)
    other = User.objects.create(email="ron@example.com", name="Ron Adler")
    Grant.objects.create(user=other, role="recruiter", scope=Scope.ORGANISATION)
    contract = contracts.edit_contract(contract=contract, values={"terms": "Laptop"}, by=other)
    with pytest.raises(NotAllowed):
        advance(contract, "approve", by=other)
    assert advance(contract, "approve", by=staffed.cast.petra).state == "approved"


@pytest.mark.parametrize("who", ["conny", "petra"])
def test_controllers_and_the_pmo_lead_approve(staffed, who):
    contract = draft(staffed, "frida", form="permanent", pay=5_800_000, rate=900_000, unit="year")
    assert advance(contract, "approve", by=getattr(staffed.cast, who)).state == "approved"


@pytest.mark.parametrize("who", ["paul", "rita", "tom", "walter", "uwe", "stefan"])
def test_nobody_else_approves(staffed, who):
    with pytest.raises(NotAllowed):
        advance(draft(staffed), "approve", by=getattr(staffed.cast, who))


def test_without_pay_or_rate_nothing_is_approved(staffed):
    contract = draft(staffed, "frida", form="permanent", pay=None, rate=None)
    with pytest.raises(WrongState) as refused:
        advance(contract, "approve", by=staffed.cast.conny)
    assert "The pay is still missing." in str(refused.value.message)
    assert "The rate to the client is still missing." in str(refused.value.message)


# ── the law stops it ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("values", "text"), [
    ({"earlier_asked": False}, "earlier assignments"), ({"last": None}, "needs a last day"), ({"last": D(2028, 7, 4)}, "3 Jul 2028"),
    ({"licence": ""}, "no licence"), ({"licence_expires": D(2027, 1, 3)}, "ended on 3 Jan 2027"), ({"agreement": "", "pay": 39_99}, "Equal pay from 4 Jan 2027"),
    ({"left_client": D(2026, 8, 1), "pay": 39_99}, "§ 8(3)"),
])  # fmt: skip
def test_temporary_work_beyond_the_law_is_not_approved(staffed, values, text):
    with pytest.raises(WrongState) as refused:
        advance(lent(staffed, **values), "approve", by=staffed.cast.conny)
    assert text in str(refused.value.message)


def test_nobody_is_lent_into_construction_trades(staffed):
    type(staffed.client).objects.filter(pk=staffed.client.pk).update(construction=True)
    with pytest.raises(WrongState) as refused:
        advance(lent(staffed), "approve", by=staffed.cast.conny)
    assert "construction" in str(refused.value.message)


def test_earlier_stays_through_any_agency_shorten_what_is_left(staffed):
    """Eight months until 3 October 2026, three months away: ten months are left, until 3 November 2027."""
    contract = lent(staffed, last=D(2027, 11, 4))
    EarlierStay.objects.create(contract=contract, agency="Elsewhere", first=D(2026, 2, 4), last=D(2026, 10, 3))
    with pytest.raises(WrongState) as refused:
        advance(contract, "approve", by=staffed.cast.conny)
    assert "3 Nov 2027" in str(refused.value.message)
    contract = contracts.edit_contract(contract=contract, values={"last": D(2027, 11, 3)}, by=staffed.rosa)
    assert advance(contract, "approve", by=staffed.cast.conny).state == "approved"


def test_an_earlier_contract_here_counts_too(staffed):
    first = lent(staffed, first=D(2026, 2, 4), last=D(2026, 10, 3))
    Contract.objects.filter(pk=first.pk).update(state="ended")
    assert case_of(lent(staffed)).earlier == ((D(2026, 2, 4), D(2026, 10, 3)),)


def test_a_freelance_contract_needs_the_checklist_and_strong_signs_stop_it(staffed):
    contract = draft(staffed)
    with pytest.raises(WrongState) as refused:
        advance(contract, "approve", by=staffed.cast.conny)
    assert "not answered" in str(refused.value.message)
    contracts.answer_signs(
        contract=contract, answers={code: not value for code, value in FREE.items()}, by=staffed.rosa
    )
    with pytest.raises(WrongState) as refused:
        advance(contract, "approve", by=staffed.cast.conny)
    assert "offer employment and assignment" in str(refused.value.message)
    contracts.answer_signs(contract=contract, answers=FREE, by=staffed.rosa)
    assert advance(contract, "approve", by=staffed.cast.conny).state == "approved"


def test_the_checklist_takes_known_answers_only(staffed):
    for answers in ({"shoe_size": True}, {"in_team": "perhaps"}):
        with pytest.raises(Invalid):
            contracts.answer_signs(
                contract=draft(staffed) if not Contract.objects.exists() else Contract.objects.get(),
                answers=answers,
                by=staffed.rosa,
            )
    with pytest.raises(WrongState):
        contracts.answer_signs(contract=lent(staffed), answers=FREE, by=staffed.rosa)


def test_sending_labels_and_names_and_going_back_takes_it_away(staffed):
    contract = sent(staffed, lent(staffed))
    assert contract.labelled_at is not None and contract.named_at is not None and contract.told_at is None
    contracts.record_signature(contract=contract, side="us", name="A", way="text", signed_on=TODAY, by=staffed.rosa)
    back = advance(contract, "rework", by=staffed.rosa, reason="Wrong hours")
    assert (back.labelled_at, back.named_at, back.signatures.count()) == (None, None, 0)


def test_temporary_work_does_not_begin_before_person_and_works_council_are_asked(staffed):
    contract = signed(staffed, lent(staffed))
    for _now in on(D(2027, 1, 4)):
        with pytest.raises(WrongState) as refused:
            advance(contract, "begin", by=staffed.rosa)
    assert "has not been told yet" in str(refused.value.message) and "works council" in str(refused.value.message)
    for step in ("told", "council"):
        contracts.confirm_step(contract=contract, step=step, by=staffed.rosa)
    with pytest.raises(WrongState) as refused:
        advance(contract, "begin", by=staffed.rosa)
    assert "It begins on 4 Jan 2027." in str(refused.value.message)
    for _now in on(D(2027, 1, 4)):
        assert advance(contract, "begin", by=staffed.rosa).state == "active"


def test_told_on_the_first_day_is_too_late(staffed):
    contract = signed(staffed, lent(staffed))
    for _now in on(D(2027, 1, 4)):
        for step in ("told", "council"):
            contracts.confirm_step(contract=contract, step=step, by=staffed.rosa)
        with pytest.raises(WrongState) as refused:
            advance(contract, "begin", by=staffed.rosa)
    assert "Move the start" in str(refused.value.message)


def test_told_in_the_first_hour_of_the_first_day_is_too_late(staffed):
    """Half past midnight is still the day before in UTC."""
    contract = signed(staffed, lent(staffed))
    midnight = dt.datetime(2027, 1, 3, 23, 30, tzinfo=dt.UTC)
    for told, expected in ((midnight, ["told_late"]), (midnight - dt.timedelta(hours=1), [])):
        contract.told_at = told
        assert [one.code for one in before_start(case_of(contract))] == expected


def test_confirmations_belong_to_temporary_work_that_is_sent(staffed):
    with pytest.raises(WrongState):
        contracts.confirm_step(contract=draft(staffed), step="told", by=staffed.rosa)
    contract = lent(staffed)
    with pytest.raises(WrongState):
        contracts.confirm_step(contract=contract, step="told", by=staffed.rosa)
    with pytest.raises(NotAllowed):
        contracts.confirm_step(contract=contract, step="told", by=staffed.cast.conny)


# ── signed ───────────────────────────────────────────────────────────────────────────────────────


def test_all_sides_sign_and_a_fixed_term_employment_more_than_in_text_form(staffed):
    contract = sent(
        staffed, draft(staffed, "frida", form="permanent", pay=5_800_000, rate=900_000, unit="year", fixed_term=True)
    )
    with pytest.raises(WrongState) as refused:
        advance(contract, "sign", by=staffed.rosa)
    assert "Not signed yet: Client" in str(refused.value.message) and "Not signed yet: Person" in str(
        refused.value.message
    )
    for side in ("client", "person"):
        contracts.record_signature(contract=contract, side=side, name="N", way="text", signed_on=TODAY, by=staffed.rosa)
    with pytest.raises(WrongState) as refused:
        advance(contract, "sign", by=staffed.rosa)
    assert "text form is not enough" in str(refused.value.message)
    for side in ("client", "person"):
        contracts.record_signature(
            contract=contract, side=side, name="N", way="qualified", signed_on=TODAY, by=staffed.rosa
        )
    assert advance(contract, "sign", by=staffed.rosa).state == "signed"


def test_signatures_of_others_of_tomorrow_and_too_early_are_refused(staffed):
    contract = draft(staffed)
    with pytest.raises(WrongState):
        contracts.record_signature(contract=contract, side="us", name="A", way="text", signed_on=TODAY, by=staffed.rosa)
    contract = sent(staffed, contract)
    for side, name, way, day, field in (
        ("partner", "A", "text", TODAY, "side"), ("us", " ", "text", TODAY, "name"), ("us", "A", "text", TODAY + dt.timedelta(days=1), "signed_on"),
        ("us", "A", "stamp", TODAY, "way"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            contracts.record_signature(contract=contract, side=side, name=name, way=way, signed_on=day, by=staffed.rosa)
        assert field in refused.value.errors


def test_signed_the_freelancer_stands_in_the_plan_with_the_hours_of_the_demand(staffed):
    asks_hours(staffed, 24)
    contract = draft(staffed, "fabian", "raised", first=D(2027, 1, 4), last=D(2027, 3, 26), rate=None)
    contract = signed(staffed, contract)
    contract.refresh_from_db()
    person = contract.person
    assert person is not None and (person.full_name, person.employment_type) == (
        "Fabian Kurz",
        EmploymentType.FREELANCER,
    )
    assert (person.unit, person.entry_date, person.exit_date) == (staffed.cast.unit, D(2027, 1, 4), D(2027, 3, 26))
    assert person.user == staffed.fabian and Profile.objects.get(pk=staffed.profiles["fabian"].pk).person == person
    rate = PersonRate.objects.get(person=person)
    assert (rate.kind, rate.amount, rate.valid_from) == ("external", 95_00, D(2027, 1, 4))
    booking = contract.allocation
    assert booking is not None and (booking.state, booking.first, booking.last) == (
        "hard",
        D(2027, 1, 4),
        D(2027, 3, 26),
    )
    assert set(weeks_of(booking).values()) == {24 * 60}
    assert Demand.objects.get(pk=contract.vacancy.demand_id).state == "filled"
    assert Vacancy.objects.get(pk=contract.vacancy_id).state == "filled"


def test_a_person_never_gets_more_hours_than_they_have(staffed):
    asks_hours(staffed, 40)
    contract = signed(staffed, draft(staffed, "fabian", "raised", last=D(2027, 3, 26), weekly_hours=16))
    contract.refresh_from_db()
    assert contract.allocation is not None
    assert max(weeks_of(contract.allocation).values()) <= 16 * 60
    assert Demand.objects.get(pk=contract.vacancy.demand_id).state == "partly_filled"  # the rest is asked for again


def test_a_partners_worker_is_a_temporary_worker_with_one_clock(staffed):
    asks_hours(staffed, 8)
    contract = draft(
        staffed,
        "pias",
        "raised",
        form="lending",
        last=D(2027, 3, 26),
        pay=60_00,
        comparable=60_00,
        licence="L",
        agreement="A",
        earlier_asked=True,
    )
    EarlierStay.objects.create(contract=contract, agency="Elsewhere", first=D(2026, 5, 1), last=D(2026, 10, 31))
    contract = signed(staffed, contract)
    contract.refresh_from_db()
    assert contract.person is not None and contract.person.employment_type == EmploymentType.TEMPORARY
    kept = AgencyAssignment.objects.get(person=contract.person)
    assert (kept.agency, kept.first, kept.last) == ("Elsewhere", D(2026, 5, 1), D(2026, 10, 31))


def test_an_employee_of_ours_stays_what_they_are(staffed):
    tom = staffed.cast.people["tom"]
    Profile.objects.filter(pk=staffed.profiles["frida"].pk).update(person=tom)
    staffed.profiles["frida"].refresh_from_db()
    contract = signed(staffed, lent(staffed))
    contract.refresh_from_db()
    tom.refresh_from_db()
    assert contract.person == tom and (tom.employment_type, tom.exit_date) == (EmploymentType.EMPLOYEE, None)


def test_permanent_at_an_outside_client_makes_no_person_here(staffed):
    before = Person.objects.count()
    contract = signed(
        staffed,
        draft(staffed, "frida", "hidden", form="permanent", pay=6_200_000, rate=900_000, unit="year", last=None),
    )
    contract.refresh_from_db()
    assert (contract.person, Person.objects.count()) == (None, before)
    assert Vacancy.objects.get(pk=contract.vacancy_id).state == "filled"


def test_without_a_unit_nobody_is_put_into_the_plan(staffed):
    contract = sent(staffed, draft(staffed, unit_of_person=None))
    for side in ("us", "client", "person"):
        contracts.record_signature(contract=contract, side=side, name="N", way="text", signed_on=TODAY, by=staffed.rosa)
    with pytest.raises(WrongState) as refused:
        advance(contract, "sign", by=staffed.rosa)
    assert "Name the unit" in str(refused.value.message)


def test_of_two_who_sign_at_once_one_is_told_and_nothing_is_done_twice(staffed):
    asks_hours(staffed, 24)
    contract = sent(staffed, draft(staffed, "fabian", "raised", last=D(2027, 3, 26)))
    for side in ("us", "client", "person"):
        contracts.record_signature(contract=contract, side=side, name="N", way="text", signed_on=TODAY, by=staffed.rosa)
    seen = Contract.objects.get(pk=contract.pk)
    advance(seen, "sign", by=staffed.rosa)
    with pytest.raises(WrongState):
        advance(seen, "sign", by=staffed.rosa)
    assert Allocation.objects.count() == 1


# ── extended, ended ──────────────────────────────────────────────────────────────────────────────


def test_an_extension_is_confirmed_by_another_and_the_booking_follows(staffed):
    asks_hours(staffed, 24)
    contract = running(staffed, draft(staffed, "fabian", "raised", last=D(2027, 2, 26)))
    booking = contract.allocation
    assert booking is not None and booking.last == D(2027, 2, 26)
    contract = contracts.propose_extension(contract=contract, last=D(2027, 4, 30), by=staffed.rosa)
    assert (contract.state, contract.last, contract.extension_last) == ("extended", D(2027, 2, 26), D(2027, 4, 30))
    with pytest.raises(NotAllowed):
        advance(contract, "resume", by=staffed.rosa)
    contract = advance(contract, "resume", by=staffed.cast.conny)
    assert (contract.state, contract.last, contract.extension_last) == ("active", D(2027, 4, 30), None)
    booking.refresh_from_db()
    assert booking.last == D(2027, 3, 26)  # the demand reaches no further
    assert sum(weeks_of(booking).values()) == 12 * 24 * 60
    assert Person.objects.get(pk=contract.person_id).exit_date == D(2027, 4, 30)


def test_an_extension_that_is_not_wanted_leaves_the_end_where_it_was(staffed):
    contract = contracts.propose_extension(
        contract=running(staffed, draft(staffed)), last=D(2027, 9, 30), by=staffed.rosa
    )
    back = advance(contract, "keep_end", by=staffed.rosa, reason="The client changed its mind")
    assert (back.state, back.last, back.extension_last) == ("active", D(2027, 6, 30), None)


def test_an_extension_beyond_18_months_is_refused(staffed):
    contract = running(staffed, lent(staffed))
    with pytest.raises(Invalid) as refused:
        contracts.propose_extension(contract=contract, last=D(2028, 7, 4), by=staffed.rosa)
    assert "3 Jul 2028" in str(refused.value.errors["last"])
    assert contracts.propose_extension(contract=contract, last=D(2028, 7, 3), by=staffed.rosa).state == "extended"


def test_extensions_need_a_later_day_a_running_contract_and_the_right_form(staffed):
    contract = draft(staffed)
    with pytest.raises(WrongState):
        contracts.propose_extension(contract=contract, last=D(2027, 9, 30), by=staffed.rosa)
    contract = running(staffed, contract)
    with pytest.raises(Invalid):
        contracts.propose_extension(contract=contract, last=D(2027, 6, 30), by=staffed.rosa)
    Contract.objects.filter(pk=contract.pk).update(fixed_term=True)
    with pytest.raises(Invalid) as refused:
        contracts.propose_extension(contract=contract, last=D(2027, 9, 30), by=staffed.rosa)
    assert "way" in refused.value.errors
    with pytest.raises(WrongState):
        advance(contract, "extend", by=staffed.rosa)  # without a day, past the service


def test_terminated_the_hours_come_back_and_the_demand_is_open_again(staffed):
    asks_hours(staffed, 24)
    contract = signed(staffed, draft(staffed, "fabian", "raised", last=D(2027, 3, 26)))
    with pytest.raises(Invalid):
        advance(contract, "terminate", by=staffed.rosa)
    done = advance(contract, "terminate", by=staffed.rosa, reason="Called off")
    assert done.state == "terminated"
    assert Allocation.objects.get().state == "released"
    assert Demand.objects.get(pk=contract.vacancy.demand_id).state == "open"


def test_terminated_while_it_runs_what_was_worked_stays(staffed):
    asks_hours(staffed, 24)
    contract = running(staffed, draft(staffed, "fabian", "raised", last=D(2027, 3, 26)))
    for _now in on(D(2027, 2, 12)):
        done = advance(contract, "terminate", by=staffed.rosa, reason="Budget")
    assert done.last == D(2027, 2, 12)
    booking = Allocation.objects.get()
    assert (booking.last, len(weeks_of(booking))) == (D(2027, 2, 12), 6)
    assert Person.objects.get(pk=done.person_id).exit_date == D(2027, 2, 12)


# ── by the clock ─────────────────────────────────────────────────────────────────────────────────


def test_the_day_begins_and_ends_contracts(staffed):
    contract = signed(staffed, draft(staffed))
    assert begin_due(D(2027, 1, 3)) == 0
    for _now in on(D(2027, 1, 4)):
        assert begin_due(D(2027, 1, 4)) == 1
        assert begin_due(D(2027, 1, 4)) == 0
    assert end_due(D(2027, 6, 30)) == 0
    for _now in on(D(2027, 7, 1)):
        assert end_due(D(2027, 7, 1)) == 1
    contract.refresh_from_db()
    assert (contract.state, contract.last) == ("ended", D(2027, 6, 30))


def test_what_may_not_begin_is_told_once(staffed):
    contract = signed(staffed, lent(staffed))
    for _now in on(D(2027, 1, 4)):
        assert begin_due(D(2027, 1, 4)) == 0
        begin_due(D(2027, 1, 4))
    told = Notification.objects.filter(user=staffed.rosa, kind="staffing.contract_due")
    assert told.count() == 1 and "cannot begin" in told.get().title
    contract.refresh_from_db()
    assert contract.state == "signed"


def test_ends_tenure_equal_pay_and_status_are_told_once(staffed):
    long = running(staffed, lent(staffed, last=D(2028, 6, 30), comparable=None))
    running(staffed, draft(staffed))
    due = {
        D(2027, 1, 10): "have the status clarified until 3 Feb 2027", D(2027, 5, 1): "ends on 30 Jun 2027",
        D(2027, 8, 23): "equal pay from 4 Oct 2027", D(2028, 1, 4): "12 months at Weserstahl GmbH are over",
    }  # fmt: skip
    for day, text in due.items():
        warn_due(day, limits())
        told = Notification.objects.filter(user=staffed.rosa, kind="staffing.contract_due")
        assert [row for row in told if text in row.title], (day, [row.title for row in told])
        told.update(read_at=dt.datetime(2028, 1, 5, tzinfo=dt.UTC))
        assert warn_due(day, limits()) == 0
    assert case_of(long).last == D(2028, 6, 30)


# ── figures ──────────────────────────────────────────────────────────────────────────────────────


def test_each_side_sees_its_own_figures_and_nobody_outside_the_margin(staffed):
    contract = draft(
        staffed,
        "pias",
        form="lending",
        pay=60_00,
        rate=75_00,
        licence="L",
        agreement="A",
        earlier_asked=True,
        comparable=60_00,
    )
    assert not figures_for(staffed.pia, contract, limits()).sees_pay  # a draft is ours alone
    contract = sent(staffed, contract)
    rules = limits()
    seen = {
        name: figures_for(getattr(staffed, name), contract, rules)
        for name in ("pia", "pavel", "klaus", "kerstin", "frida", "rosa")
    }
    assert {name: (one.pay, one.rate, one.margin is not None) for name, one in seen.items()} == {
        "pia": (60_00, None, False), "pavel": (None, None, False), "klaus": (None, 75_00, False), "kerstin": (None, None, False),
        "frida": (None, None, False), "rosa": (60_00, 75_00, True),
    }  # fmt: skip
    lead = figures_for(staffed.cast.petra, contract, rules)
    assert (lead.pay, lead.rate, lead.margin) == (None, None, None)
    assert figures_for(staffed.cast.conny, contract, rules).margin is not None


def test_a_candidate_sees_their_pay_but_not_what_a_partner_gets(staffed):
    own = sent(staffed, draft(staffed, "fabian"))
    assert figures_for(staffed.fabian, own, limits()).pay == 95_00
    Contract.objects.filter(pk=own.pk).update(partner=staffed.partner)
    own.refresh_from_db()
    found = figures_for(staffed.fabian, own, limits())
    assert (found.pay, found.rate) == (None, None)


def test_every_step_leaves_an_entry(staffed):
    contract = signed(staffed, draft(staffed))
    verbs = list(
        AuditEntry.objects.filter(entity_type="staffing.contract", entity_id=contract.pk)
        .order_by("pk")
        .values_list("verb", flat=True)
    )
    assert verbs[:5] == ["create", "check", "approve", "send", "sign"] and verbs.count("sign") == 4


def test_the_daily_job_ends_begins_and_warns_and_may_run_twice(staffed):
    signed(staffed, draft(staffed))
    for _now in on(D(2027, 1, 4)):
        for expected in (1, 0):
            job = enqueue("staffing.contracts_daily")
            run_pending()
            job.refresh_from_db()
            assert job.result["begun"] == expected, job.result


# ── hours of who was hired ───────────────────────────────────────────────────────────────────────


def test_who_is_hired_finds_the_booked_hours_in_the_time_sheet_and_records_them(staffed):
    asks_hours(staffed, 24)
    contract = signed(staffed, draft(staffed, "fabian", "raised", last=D(2027, 3, 26)))
    contract.refresh_from_db()
    person, week = contract.person, D(2027, 1, 4)
    assert list(bookable_projects(None, person)) == [staffed.cast.project]
    [line] = proposal(person, week, suggested_lines(person, week))
    assert sum(line.minutes) == 24 * 60
    own = person.user
    sheet = save_week(person=person, week=week, lines=[WeekLine(staffed.cast.project, minutes=line.minutes)], by=own)
    assert sum(sheet.entries.values_list("minutes", flat=True)) == 24 * 60
