"""My day of recruiters, clients, partners and candidates: what is theirs to do next, and no name too early."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from stellwerk.core.history import entries_of, lines
from stellwerk.core.registry import duties_of
from stellwerk.staffing.models import Appointment, Consent, Match, Profile, Signature, Vacancy
from stellwerk.staffing.services import appointments, contacting, matching
from stellwerk.staffing.services.vacancies import create_vacancy
from stellwerk.staffing.tests.company import contract_of, match_of

ARRANGE, ASK, NOTE = "Both said yes: arrange a talk", "Ask both sides, or decline", "Note what came of the talk"


def told(user) -> list[str]:
    return [duty.line for duty in duties_of(user)]


def day_of(staffed, name: str) -> str:
    page = staffed.client_of(name).get("/")
    assert page.status_code == 200
    return page.content.decode()


def asked(staffed, profile: str = "frida") -> Match:
    match = matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles[profile], by=staffed.rosa)
    return contacting.ask_both(match=match, by=staffed.rosa)


def test_a_question_waits_for_both_sides_and_names_nobody(staffed):
    asked(staffed)
    [company] = [line for line in told(staffed.klaus) if "interested" in line]
    [person] = [line for line in told(staffed.frida) if "interested" in line]
    assert "Winter" not in company and "Weserstahl" not in person
    assert not [
        line
        for name in ("kerstin", "fabian", "pia", "rosa")
        for line in told(staffed.users[name])
        if "interested" in line
    ]


def test_a_partner_answers_for_its_candidate_and_for_no_other(staffed):
    match = asked(staffed, "pias")
    assert "Lena Brook: Are you interested?" in told(staffed.pia)
    page = staffed.client_of("pia").post(f"/staffing/matches/{match.key}/act", {"step": "yes"})
    assert page.status_code == 302
    match.refresh_from_db()
    assert match.state == "one_yes" and "Lena Brook: Are you interested?" not in told(staffed.pia)
    assert staffed.client_of("pavel").post(f"/staffing/matches/{match.key}/act", {"step": "yes"}).status_code == 404


def test_an_answered_or_expired_question_waits_for_nobody(staffed):
    match = asked(staffed)
    match.answers.filter(side="company").update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    contacting.give_answer(answer=match.answers.get(side="person"), yes=True)
    assert not [line for name in ("klaus", "frida") for line in told(staffed.users[name]) if "interested" in line]


def test_recruiters_move_matches_on(staffed):
    match = match_of(staffed, key="MAT-0001", state="proposed")
    assert f"Frida Winter: {ASK}" in told(staffed.rosa)
    Match.objects.filter(pk=match.pk).update(state="both_yes", revealed_at=timezone.now())
    assert f"Frida Winter: {ARRANGE}" in told(staffed.rosa)
    row = Appointment.objects.create(match=match, starts=timezone.now() + dt.timedelta(days=2), place="Bremen")
    assert not [line for line in told(staffed.rosa) if "Frida Winter" in line]
    Appointment.objects.filter(pk=row.pk).update(starts=timezone.now() - dt.timedelta(days=2))
    assert [line for line in told(staffed.rosa) if f"Frida Winter: {NOTE}" in line]
    appointments.add_note(match=match, text="Went well.", by=staffed.rosa)
    assert not [line for line in told(staffed.rosa) if "Frida Winter" in line]


def test_a_vacancy_waits_for_approval_by_another_than_who_made_it(staffed):
    made = create_vacancy(values={"client": staffed.client, "title": "PMO (m/w/d)", "contract_forms": ["permanent"], "tasks": "Berichte", "pay_least": 50_000_00, "pay_most": 60_000_00}, by=staffed.klaus)  # fmt: skip
    line = "PMO (m/w/d): Approve the vacancy"
    assert line in told(staffed.rosa) and line in told(staffed.cast.petra)
    assert line not in told(staffed.klaus) and line not in told(staffed.pia)
    Vacancy.objects.filter(pk=made.pk).update(state="approved")
    assert line not in told(staffed.rosa)


def test_what_the_recruiter_made_waits_for_somebody_else(staffed):
    create_vacancy(values={"client": staffed.client, "title": "PMO (m/w/d)", "contract_forms": ["permanent"], "tasks": "Berichte", "pay_least": 50_000_00, "pay_most": 60_000_00}, by=staffed.rosa)  # fmt: skip
    assert "PMO (m/w/d): Approve the vacancy" not in told(staffed.rosa)
    assert "PMO (m/w/d): Approve the vacancy" in told(staffed.cast.petra)


def test_talks_to_come_stand_on_the_day_of_both_sides(staffed):
    match = match_of(staffed, key="MAT-0001", state="conversation", revealed_at=timezone.now())
    row = Appointment.objects.create(match=match, starts=timezone.now() + dt.timedelta(days=2), place="Raum Weser")
    for name, whom in (("rosa", "Frida Winter"), ("klaus", "Frida Winter"), ("frida", "Weserstahl GmbH")):
        page = day_of(staffed, name)
        assert "Raum Weser" in page and whom in page, name
    for name in ("kerstin", "fabian", "pia"):
        assert "Raum Weser" not in day_of(staffed, name)
    Appointment.objects.filter(pk=row.pk).update(cancelled_at=timezone.now())
    assert "Raum Weser" not in day_of(staffed, "frida")


def test_both_sides_read_their_talk_on_the_page_of_the_match(staffed):
    match = match_of(staffed, key="MAT-0001", state="conversation", revealed_at=timezone.now())
    Appointment.objects.create(match=match, starts=timezone.now() + dt.timedelta(days=2), place="Raum Weser")
    for name in ("klaus", "frida"):
        page = staffed.client_of(name).get("/staffing/matches/MAT-0001").content.decode()
        assert "Raum Weser" in page and 'value="cancel"' not in page and "?move=" not in page


def test_a_sent_contract_waits_for_each_side_that_has_not_signed(staffed):
    contract = contract_of(staffed, "frida", key="CON-0001", state="sent")
    line = f"Read and sign the contract {contract.key}"
    whom = {
        name: [one.text for one in duties_of(staffed.users[name]) if line in one.line] for name in ("klaus", "frida")
    }
    assert whom == {"klaus": ["Frida Winter"], "frida": ["Weserstahl GmbH"]}
    Signature.objects.create(
        contract=contract, side="client", name="Klaus Berger", way="text", signed_on=dt.date(2026, 11, 2)
    )
    assert not [one for one in told(staffed.klaus) if line in one]
    assert not [one for one in told(staffed.fabian) if line in one]


def test_a_partner_is_asked_for_candidates_until_one_is_in_play(staffed):
    line = "Projektcontroller (m/w/d)"
    assert [one for one in told(staffed.pia) if one.startswith(line) or "Propose a candidate" in one]
    assert not [one for one in told(staffed.pavel) if "Propose a candidate" in one]
    match_of(staffed, "pias", key="MAT-0007", state="proposed")
    assert not [one for one in told(staffed.pia) if "Propose a candidate" in one]


def test_a_candidate_is_told_of_a_consent_that_ends_and_of_a_thin_profile(staffed):
    soon = timezone.localdate() + dt.timedelta(days=9)
    Consent.objects.filter(profile=staffed.profiles["frida"], kind="pool").update(expires=soon)
    mine = told(staffed.frida)
    assert "Frida Winter: Renew the consent, or withdraw it" in mine and "Complete your profile" in mine
    assert not [one for one in told(staffed.fabian) if "Renew" in one]


def test_an_erased_or_locked_profile_asks_for_nothing(staffed):
    Profile.objects.filter(key="PRF-0001").update(state="locked")
    assert "Complete your profile" not in told(staffed.frida)


@pytest.mark.parametrize("name", ["klaus", "pia", "frida"])
def test_those_from_outside_have_no_other_duties(staffed, name):
    match_of(staffed, key="MAT-0001", state="proposed")
    assert not [one for one in told(staffed.users[name]) if ASK in one or "Approve" in one]


def test_the_history_of_a_match_tells_scores_of_a_hundred_as_its_page(staffed):
    match = matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles["frida"], by=staffed.rosa)
    Match.objects.filter(pk=match.pk).update(company_score=820)
    [made] = lines(entries_of(match).filter(verb="create"), staffed.rosa, match)
    scores = {change.label: change.new for change in made.changes if change.label.startswith("Score")}
    assert len(scores) == 3
    for text in scores.values():
        assert float(text) <= 100 and text[-2] == "."
    assert Match._meta.get_field("company_score").in_words(820) == "82.0"  # type: ignore[union-attr]
