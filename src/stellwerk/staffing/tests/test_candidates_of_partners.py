"""The panel on a vacancy by which a partner proposes its own candidates."""

from __future__ import annotations

import pytest

from stellwerk.staffing.models import Match, Profile, Vacancy
from stellwerk.staffing.selectors.matching import own_candidates
from stellwerk.staffing.tests.company import match_of

PAGE, PROPOSE = "/staffing/vacancies/VAC-0001", "/staffing/people/VAC-0001/propose"
PANEL = 'id="propose-profile"'


def names(staffed, who: str = "pia", vacancy: str = "online") -> list[str]:
    return [one.full_name for one in own_candidates(staffed.users[who], staffed.vacancies[vacancy])]


def test_a_partner_chooses_among_its_own_candidates_alone(staffed):
    assert names(staffed) == ["Lena Brook"]
    page = staffed.client_of("pia").get(PAGE).content.decode()
    assert PANEL in page and "Lena Brook" in page and "Milan Dorn" not in page and "Frida Winter" not in page


@pytest.mark.parametrize("who", ["rosa", "klaus"])
def test_nobody_else_has_the_panel(staffed, who):
    assert names(staffed, who) == []
    page = staffed.client_of(who).get(PAGE)
    assert page.status_code == 200 and PANEL not in page.content.decode()


def test_who_is_in_play_already_is_not_offered_again_until_it_is_over(staffed):
    match = match_of(staffed, "pias", key="MAT-0001", state="contacted")
    assert names(staffed) == []
    assert PANEL not in staffed.client_of("pia").get(PAGE).content.decode()
    Match.objects.filter(pk=match.pk).update(state="ended")
    assert names(staffed) == ["Lena Brook"]


@pytest.mark.parametrize("state", ["draft", "paused", "locked", "erased"])
def test_candidates_that_are_not_active_are_not_offered(staffed, state):
    Profile.objects.filter(pk=staffed.profiles["pias"].pk).update(state=state)
    assert names(staffed) == []


@pytest.mark.parametrize(("state", "found"), [("on_hold", ["Lena Brook"]), ("filled", []), ("cancelled", [])])
def test_only_open_vacancies_take_candidates(staffed, state, found):
    Vacancy.objects.filter(pk=staffed.vacancies["online"].pk).update(state=state)
    staffed.vacancies["online"].refresh_from_db()
    assert names(staffed) == found


def test_a_proposal_from_the_panel_waits_for_the_recruiter(staffed):
    answer = staffed.client_of("pia").post(PROPOSE, {"profile": "PRF-0003", "override": ""})
    match = Match.objects.get(profile=staffed.profiles["pias"])
    assert answer.status_code == 302 and answer.url.endswith(match.key)
    assert match.state == "proposed" and not match.answers.exists()


def test_a_condition_that_fails_sends_back_with_the_reason_and_proposes_nobody(staffed):
    Profile.objects.filter(pk=staffed.profiles["pias"].pk).update(asks=400_00)
    answer = staffed.client_of("pia").post(PROPOSE, {"profile": "PRF-0003", "override": "too short"}, follow=True)
    assert answer.redirect_chain[-1][0].endswith("VAC-0001") and "20 letters" in answer.content.decode()
    assert not Match.objects.exists()
    why = "Has led the same closing for three years, see the reference."
    staffed.client_of("pia").post(PROPOSE, {"profile": "PRF-0003", "override": why})
    assert Match.objects.get().override == why


@pytest.mark.parametrize(("who", "profile"), [("pia", "PRF-0004"), ("pia", "PRF-0001"), ("pavel", "PRF-0004")])
def test_neither_foreign_candidates_nor_vacancies_that_are_not_shared(staffed, who, profile):
    assert staffed.client_of(who).post(PROPOSE, {"profile": profile}).status_code in {403, 404}
    assert not Match.objects.exists()
