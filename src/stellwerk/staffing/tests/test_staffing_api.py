"""Vacancies, profiles, matches and pay bands in the API: the same services, rights and covers as on the pages."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from stellwerk.core.api.auth import create_token
from stellwerk.core.models import Mail
from stellwerk.staffing.models import Appointment, Consent, Match, PayBand, Profile, Vacancy
from stellwerk.staffing.services import contacting, matching
from stellwerk.staffing.tests.company import Staffing, match_of


@pytest.fixture
def call(staffed, client):
    """``call("rosa", "post", "vacancies", {...})``: status and JSON."""
    tokens: dict[str, str] = {}

    def send(who, method, path, body=None):
        user = staffed.users.get(who) or staffed.cast.users[who]
        if who not in tokens:
            _token, tokens[who] = create_token(user=user, by=user, name="test", scopes=["write"], days=1)
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        if method in {"get", "delete"}:
            answer = getattr(client, method)(f"/api/v1/{path}", headers=headers)
        else:
            answer = getattr(client, method)(
                f"/api/v1/{path}", data=json.dumps(body or {}), content_type="application/json", headers=headers
            )
        return answer.status_code, (answer.json() if answer.content else {})

    return send


def asked(staffed: Staffing, profile: str = "frida") -> Match:
    match = matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles[profile], by=staffed.rosa)
    return contacting.ask_both(match=match, by=staffed.rosa)


# ── vacancies ────────────────────────────────────────────────────────────────────────────────────


def test_a_vacancy_is_made_changed_approved_and_published(staffed, call):
    body = {"client": "CLI-0002", "title": "Terminplaner (m/w/d)", "contract_forms": ["freelance"], "rate_cap": 12000}
    status, made = call("rosa", "post", "vacancies", body)
    assert (status, made["state"], made["rate_cap"], made["client"]) == (201, "draft", 12000, "CLI-0002")
    path = f"vacancies/{made['key']}"
    status, need = call("rosa", "post", f"{path}/needs", {"term": "scheduling", "kind": "must", "level": 3})
    assert (status, need["term"]) == (201, "scheduling")
    assert call("rosa", "post", f"{path}/languages", {"code": "de", "level": 5})[0] == 201
    now = call("rosa", "get", path)[1]
    status, row = call("rosa", "patch", path, {"version": now["version"], "city": "Kiel", "industry": "energy"})
    assert (status, row["city"], row["industry"]) == (200, "Kiel", "energy")
    assert call("rosa", "post", f"{path}/transitions/approve")[0] == 403  # who made it does not approve it
    assert call("petra", "post", f"{path}/transitions/approve")[1]["state"] == "approved"
    assert call("rosa", "post", f"{path}/share", {"partners": ["PAR-0001"]})[1]["shared_with"] == ["PAR-0001"]
    assert call("rosa", "post", f"{path}/copy")[0] == 201


def test_a_client_describes_its_own_need_and_nothing_that_is_ours(staffed, call):
    status, made = call("klaus", "post", "vacancies", {"client": "CLI-0002", "title": "PMO (m/w/d)"})
    assert (status, made["rate_cap"]) == (201, None)
    assert call("klaus", "post", "vacancies", {"client": "CLI-0003", "title": "PMO (m/w/d)"})[0] == 422
    status, told = call("klaus", "post", "vacancies", {"client": "CLI-0002", "title": "PMO", "rate_cap": 1})
    assert status == 422 and told["errors"][0]["field"] == "rate_cap"
    assert call("frida", "post", "vacancies", {"client": "CLI-0002", "title": "x"})[0] == 403


def test_everybody_reads_their_own_vacancies_and_no_covered_client(staffed, call):
    keys = {who: {row["key"] for row in call(who, "get", "vacancies")[1]["items"]} for who in ("rosa", "klaus", "pia")}
    assert keys == {"rosa": {"VAC-0001", "VAC-0002", "VAC-0003"}, "klaus": {"VAC-0001"}, "pia": {"VAC-0001"}}
    status, row = call("pia", "get", "vacancies/VAC-0001")
    assert status == 200 and row["client"] is None and row["rate_cap"] is None and row["shared_with"] == []
    assert "Weserstahl" not in json.dumps(row) and "CLI-0002" not in json.dumps(call("pia", "get", "vacancies/VAC-0001/history"))  # fmt: skip
    assert call("klaus", "get", "vacancies/VAC-0001")[1]["company"] == "Weserstahl GmbH"
    assert call("klaus", "get", "vacancies/VAC-0002")[0] == 404
    assert call("frida", "get", "vacancies")[0] == 403
    assert call("pia", "patch", "vacancies/VAC-0001", {"version": 1, "city": "x"})[0] == 403
    assert call("conny", "get", "vacancies/VAC-0001")[1]["rate_cap"] == 120_00


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"pay_least": 9000, "pay_most": 100}, "pay_most"),
        ({"contract_forms": ["slavery"]}, "contract_forms"),
        ({"latitude": 53.0}, "longitude"),
        ({"latitude": 200, "longitude": 1}, "latitude"),
        ({"industry": "no such word"}, "industry"),
        ({"country": "Deutschland"}, "country"),
    ],
)
def test_what_contradicts_itself_is_told_at_its_field(staffed, call, body, field):
    status, told = call("rosa", "post", "vacancies", {"client": "CLI-0002", "title": "PMO"} | body)
    assert status == 422 and field in json.dumps(told)


def test_a_requirement_is_a_skill_and_a_language_one_that_we_know(staffed, call):
    assert call("rosa", "post", "vacancies/VAC-0001/needs", {"term": "energy", "level": 3})[0] == 422
    assert call("rosa", "post", "vacancies/VAC-0001/needs", {"term": "nonsense", "level": 3})[0] == 422
    assert call("rosa", "post", "vacancies/VAC-0001/languages", {"code": "xx", "level": 3})[0] == 422
    assert call("klaus", "post", "vacancies/VAC-0002/needs", {"term": "evm", "level": 3})[0] == 404
    # by any of its names, in either language
    assert call("rosa", "post", "vacancies/VAC-0001/needs", {"term": "Terminplanung", "level": 2})[1]["term"] == "scheduling"  # fmt: skip


def test_the_words_are_listed_with_their_names(staffed, call):
    status, page = call("pia", "get", "terms?q=earned")
    assert status == 200 and "evm" in {row["code"] for row in page["items"]}
    assert call("tom", "get", "terms")[0] == 403


def test_what_the_house_says_about_a_vacancy_stays_in_the_house(staffed, call, client):
    made = call("rosa", "post", "vacancies/VAC-0001/comments", {"text": "The client pays late."})[1]
    for who in ("klaus", "pia"):
        assert call(who, "get", "vacancies/VAC-0001/comments")[0] == 403
        assert call(who, "get", "vacancies/VAC-0001/files")[0] == 403
        assert call(who, "get", f"comments/{made['id']}")[0] == 404
        address = reverse("core:comments", args=["staffing.vacancy", staffed.vacancies["online"].pk])
        assert staffed.client_of(who).get(address).status_code == 403
    assert call("petra", "get", "vacancies/VAC-0001/comments")[1][0]["text"] == "The client pays late."


# ── profiles ─────────────────────────────────────────────────────────────────────────────────────


def test_a_partner_reads_and_writes_its_own_candidates_alone(staffed, call):
    assert {row["key"] for row in call("pia", "get", "profiles")[1]["items"]} == {"PRF-0003"}
    assert call("pia", "get", "profiles/PRF-0004")[0] == 404
    body = {"kind": "freelancer", "first_name": "Nora", "last_name": "Wind", "email": "Nora@example.com"}
    assert call("pia", "post", "profiles", body)[0] == 422  # nobody without their word
    status, made = call("pia", "post", "profiles", body | {"agreed": "by mail on 3 November"})
    assert (status, made["partner"], made["email"], made["consents"][0]["kind"]) == (201, "PAR-0001", "nora@example.com", "partner")  # fmt: skip
    assert call("pia", "post", "profiles", body | {"agreed": "x", "kind": "employee"})[0] == 422
    assert call("pia", "post", "profiles", body | {"agreed": "x", "partner": "PAR-0001"})[0] == 422
    assert call("klaus", "get", "profiles")[0] == 403 and call("klaus", "get", "profiles/PRF-0001")[0] in {403, 404}
    assert call("pia", "post", "profiles/PRF-0003/erase", {"sure": True})[0] == 403


def test_a_person_reads_and_corrects_themselves(staffed, call):
    status, row = call("frida", "get", "profiles/PRF-0001")
    assert (
        status == 200 and row["asks"] == 58_000_00 and {one["kind"] for one in row["consents"]} == {"process", "pool"}
    )
    status, row = call("frida", "patch", "profiles/PRF-0001", {"version": row["version"], "city": "Kiel"})
    assert (status, row["city"]) == (200, "Kiel")
    assert call("frida", "patch", "profiles/PRF-0001", {"version": row["version"], "email": "a@b.de"})[0] == 422
    assert call("frida", "get", "profiles/PRF-0002")[0] == 404
    skills = call("frida", "get", "profiles/PRF-0001/skills")[1]["items"]
    assert "evm" in {one["term"] for one in skills}
    assert call("frida", "post", "profiles/PRF-0001/skills", {"term": "pmo", "level": 2})[0] == 201
    assert call("frida", "post", "profiles/PRF-0001/skills", {"term": "pmo", "level": 2})[0] == 422
    assert call("frida", "post", "profiles", {"first_name": "x", "last_name": "y"})[0] == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("stations", {"title": "Work", "first": "soon"}),
        ("stations", {"title": "Work", "first": "2024", "last": "2021"}),
        ("languages", {"code": "xx", "level": 3}),
        ("skills", {"term": "energy"}),
        ("wishlist", {"term": "nonsense"}),
    ],
)
def test_lines_that_the_form_refuses_are_refused_here(staffed, call, path, body):
    assert call("frida", "post", f"profiles/PRF-0001/{path}", body)[0] == 422


def test_contradictory_wishes_are_told_at_the_field(staffed, call):
    status, told = call("frida", "patch", "profiles/PRF-0001", {"version": 1, "pay_wish": 100})
    assert status == 422 and told["errors"][0]["field"] == "pay_wish"
    assert call("frida", "patch", "profiles/PRF-0001", {"city": "Kiel"})[0] == 428
    assert call("frida", "patch", "profiles/PRF-0001", {"version": 99, "city": "Kiel"})[0] == 409
    assert call("frida", "patch", "profiles/PRF-0001", {"version": 1, "links": ["javascript:alert(1)"]})[0] == 422


def test_consents_are_given_renewed_and_withdrawn(staffed, call):
    path = "profiles/PRF-0001"
    assert call("frida", "post", f"{path}/agree", {"kind": "mail"})[0] == 200
    assert call("frida", "post", f"{path}/agree", {"kind": "mail"})[0] == 409
    assert call("rosa", "post", f"{path}/agree", {"kind": "partner", "evidence": "x"})[0] == 422
    assert call("frida", "post", f"{path}/renew", {"kind": "pool"})[0] == 200
    assert Consent.objects.get(profile=staffed.profiles["frida"], kind="pool").state == "renewed"
    for kind in ("mail", "process", "pool"):
        status, row = call("frida", "post", f"{path}/withdraw", {"kind": kind})
    assert status == 200 and row["state"] == "locked"
    assert call("frida", "post", f"{path}/withdraw", {"kind": "pool"})[0] == 409
    assert call("fabian", "post", f"{path}/withdraw", {"kind": "pool"})[0] == 404


def test_what_is_held_is_handed_out_and_erased(staffed, call):
    match_of(staffed, key="MAT-0001")
    status, told = call("frida", "get", "profiles/PRF-0001/data")
    assert status == 200 and told["tables"]["staffing.profile"][0]["first_name"] == "Frida"
    assert "staffing.match" in told["tables"]
    assert call("pia", "get", "profiles/PRF-0003/data")[0] == 403
    assert call("rosa", "post", "profiles/PRF-0001/erase", {"sure": False})[0] == 422
    assert call("rosa", "post", "profiles/PRF-0001/erase", {"sure": True})[1]["state"] == "erased"
    assert call("frida", "get", "profiles/PRF-0001")[0] == 401  # the account went with it
    assert not Profile.objects.filter(first_name="Frida").exists()


# ── matches ──────────────────────────────────────────────────────────────────────────────────────


def test_people_of_a_vacancy_come_with_scores_contributions_and_what_would_have_to_change(staffed, call):
    status, rows = call("rosa", "get", "vacancies/VAC-0001/people")
    assert status == 200 and {row["profile"] for row in rows} == {"PRF-0001", "PRF-0002", "PRF-0003", "PRF-0004"}
    best = rows[0]
    for side in ("company", "person"):
        points = sum(part["points"] for part in best["contributions"] if part["side"] == side)
        assert round(points) == pytest.approx(best["scores"][side], abs=1)
    Profile.objects.filter(key="PRF-0002").update(asks=300_00)
    row = next(row for row in call("rosa", "get", "vacancies/VAC-0001/people")[1] if row["profile"] == "PRF-0002")
    assert row["rank"] == 0 and row["gates"][0]["code"] == "pay" and "105" in row["counterfactual"]
    assert call("petra", "get", "vacancies/VAC-0001/people")[0] == 403
    assert call("klaus", "get", "vacancies/VAC-0001/people")[0] == 403
    assert call("frida", "get", "vacancies/VAC-0001/people")[0] in {403, 404}


def test_a_match_is_proposed_asked_answered_and_names_come_out_after_both_said_yes(staffed, call):
    status, made = call("rosa", "post", "matches", {"vacancy": "VAC-0001", "profile": "PRF-0001"})
    assert (status, made["state"], made["person"]) == (201, "proposed", "Frida Winter")
    path = f"matches/{made['key']}"
    assert call("frida", "get", path)[0] == 404 and call("klaus", "get", path)[0] == 404
    assert call("rosa", "post", f"{path}/ask", {"version": made["version"]})[1]["state"] == "contacted"
    assert Mail.objects.count() >= 2 and not mail.outbox

    klaus, frida = call("klaus", "get", path)[1], call("frida", "get", path)[1]
    assert re.fullmatch(r"Candidate K-[0-9A-F]{4}", klaus["person"]) and klaus["profile"] is None
    assert "Winter" not in json.dumps(klaus) and "PRF-0001" not in json.dumps(klaus)
    assert (
        klaus["scores"]["company"] is not None and klaus["scores"]["person"] is None and klaus["scores"]["both"] is None
    )
    assert frida["company"].startswith("a company") and "Weserstahl" not in json.dumps(frida)
    assert frida["vacancy"] is None and frida["reference"] == "821407/1" and frida["scores"]["company"] is None
    assert klaus["answers"] == [] and klaus["answer_until"] and frida["answer_until"]

    assert call("klaus", "post", f"{path}/answer", {"yes": True})[1]["state"] == "one_yes"
    assert call("klaus", "post", f"{path}/answer", {"yes": True})[0] == 410
    assert "Winter" not in json.dumps(call("klaus", "get", path)[1])
    assert call("kerstin", "post", f"{path}/answer", {"yes": True})[0] == 404
    assert call("frida", "post", f"{path}/answer", {"yes": True})[1]["state"] == "both_yes"
    assert call("klaus", "get", path)[1]["person"] == "Frida Winter"
    assert call("frida", "get", path)[1]["company"] == "Weserstahl GmbH"
    assert [one["answer"] for one in call("rosa", "get", path)[1]["answers"]] == ["yes", "yes"]


def test_reasons_are_told_to_each_side_for_itself(staffed, call):
    match = asked(staffed)
    path = f"matches/{match.key}/reasons"
    rosa, klaus, frida = (call(who, "get", path)[1] for who in ("rosa", "klaus", "frida"))
    assert {part["side"] for part in rosa["contributions"]} == {"company", "person"}
    assert {part["side"] for part in klaus["contributions"]} == {"company"} and klaus["scores"]["both"] is None
    assert {part["side"] for part in frida["contributions"]} == {"person"} and frida["scores"]["company"] is None
    assert sum(p["points"] for p in frida["contributions"]) == pytest.approx(frida["scores"]["person"], abs=1)
    assert klaus["gates"] == klaus["missing"] == [] and klaus["counterfactual"] == klaus["override"] == ""


def test_history_tells_the_sides_no_score_and_no_number_of_the_other(staffed, call):
    match = asked(staffed)
    rows = call("klaus", "get", f"matches/{match.key}/history")
    assert rows[0] == 200
    made = next(row for row in rows[1] if row["verb"] == "create")["changes"]
    assert made["profile"] == [None, "•••"]
    assert all(made.get(name, [None, "•••"])[1] == "•••" for name in ("score", "company_score", "person_score"))
    mine = call("rosa", "get", f"matches/{match.key}/history")[1]
    assert next(row for row in mine if row["verb"] == "create")["changes"]["score"][1] == match.score


def test_who_fails_a_condition_is_proposed_only_with_a_reason(staffed, call):
    Profile.objects.filter(key="PRF-0002").update(asks=300_00)
    body = {"vacancy": "VAC-0001", "profile": "PRF-0002"}
    status, told = call("rosa", "post", "matches", body)
    assert status == 422 and told["errors"][0]["field"] == "override"
    status, made = call("rosa", "post", "matches", body | {"override": "The client pays more for her, by phone."})
    assert status == 201
    assert call("rosa", "get", f"matches/{made['key']}/reasons")[1]["gates"][0]["code"] == "pay"
    assert call("rosa", "post", "matches", body | {"override": "The client pays more for her, by phone."})[0] == 409


def test_a_partner_proposes_its_own_for_what_is_shared_with_it(staffed, call):
    assert call("pia", "post", "matches", {"vacancy": "VAC-0001", "profile": "PRF-0003"})[0] == 201
    assert call("pia", "post", "matches", {"vacancy": "VAC-0001", "profile": "PRF-0004"})[0] == 422
    assert call("pia", "post", "matches", {"vacancy": "VAC-0002", "profile": "PRF-0003"})[0] == 422
    match = Match.objects.get()
    assert call("pia", "post", f"matches/{match.key}/ask")[0] == 403
    assert call("pavel", "get", f"matches/{match.key}")[0] == 404
    assert call("klaus", "post", "matches", {"vacancy": "VAC-0001", "profile": "PRF-0001"})[0] == 403


def test_a_no_carries_a_reason_of_the_work_on_every_way(staffed, call):
    match = asked(staffed)
    path = f"matches/{match.key}"
    assert call("klaus", "post", f"{path}/answer", {"yes": False})[0] == 422
    assert call("klaus", "post", f"{path}/answer", {"yes": False, "reason": "age"})[0] == 422
    assert call("klaus", "post", f"{path}/answer", {"yes": False, "reason": "skills"})[1]["state"] == "declined"
    other = call("rosa", "post", "matches", {"vacancy": "VAC-0001", "profile": "PRF-0002"})[1]
    path = f"matches/{other['key']}"
    assert call("rosa", "post", f"{path}/transitions/decline", {"reason": "I do not like them"})[0] == 409
    assert call("rosa", "post", f"{path}/withdraw", {"code": "skills", "version": 99})[0] == 409
    assert call("rosa", "post", f"{path}/withdraw", {"code": "skills"})[1]["state"] == "declined"
    assert Match.objects.get(key=other["key"]).ended_reason == "skills"


@pytest.mark.parametrize("step", ["contact", "first_yes", "second_yes", "refuse", "expire", "sign", "end"])
def test_no_step_goes_past_the_services(staffed, call, step):
    before = {"contact": "confirmed", "second_yes": "one_yes", "sign": "conversation", "end": "conversation"}
    match = match_of(staffed, key="MAT-0001", state=before.get(step, "contacted"))
    assert call("rosa", "post", "matches/MAT-0001/transitions/" + step, {"reason": "x"})[0] == 409
    match.refresh_from_db()
    assert match.revealed_at is None and not Mail.objects.exists()


def test_an_appointment_is_made_moved_and_cancelled(staffed, call):
    match = match_of(staffed, key="MAT-0001", state="both_yes")
    path = f"matches/{match.key}"
    soon = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + dt.timedelta(days=3)
    body = {"starts": soon.isoformat(), "minutes": 30, "place": "Video"}
    status, row = call("rosa", "post", f"{path}/invite", body)
    assert (status, row["state"]) == (200, "conversation")
    uid = row["appointments"][0]["uid"]
    assert call("rosa", "post", f"{path}/move", body | {"uid": uid})[0] == 422  # nothing is different
    moved = call(
        "rosa", "post", f"{path}/move", body | {"uid": uid, "starts": (soon + dt.timedelta(days=1)).isoformat()}
    )[1]
    assert (moved["appointments"][0]["sequence"], moved["appointments"][0]["uid"]) == (1, uid)
    assert call("klaus", "post", f"{path}/cancel", {"uid": uid})[0] == 403
    assert call("rosa", "post", f"{path}/cancel", {"uid": uid})[1]["appointments"][0]["cancelled_at"]
    assert call("rosa", "post", f"{path}/cancel", {"uid": uid})[0] == 409
    assert (
        call("rosa", "post", f"{path}/invite", body | {"starts": soon.replace(tzinfo=None).isoformat()})[0] == 422
    )  # which zone?
    assert Appointment.objects.count() == 1
    assert call("rosa", "post", f"{path}/note", {"text": "Knows SAP PS", "rating": 4})[0] == 200
    assert "SAP" not in json.dumps(call("klaus", "get", path)[1])


def test_the_sides_find_their_matches_in_lists_and_filter_by_nothing_covered(staffed, call):
    match = asked(staffed)
    for who in ("frida", "klaus"):
        status, page = call(who, "get", "matches")
        assert status == 200 and [row["key"] for row in page["items"]] == [match.key]
    assert call("klaus", "get", "matches?person=Winter")[0] == 422
    assert call("klaus", "get", "matches?sort=person")[0] == 422
    assert call("rosa", "get", "matches?person=Winter")[1]["count"] == 1
    assert call("tom", "get", "matches")[0] == 403


# ── pay bands ────────────────────────────────────────────────────────────────────────────────────


def test_pay_bands_are_entered_changed_and_ended(staffed, call):
    role = staffed.cast.role.key
    body = {"role": role, "least": 60_000_00, "most": 80_000_00, "source": "House tariff", "day": "2026-01-01"}
    status, made = call("rosa", "post", "pay-bands", body)
    assert (status, made["unit"], made["ended_on"]) == (201, "year", None)
    assert call("rosa", "post", "pay-bands", body)[0] == 422
    path = f"pay-bands/{made['id']}"
    assert call("rosa", "patch", path, {"version": 1, "most": 1})[0] == 422
    assert call("rosa", "patch", path, {"version": 1, "most": 82_000_00})[1]["most"] == 82_000_00
    assert call("rosa", "post", f"{path}/end")[1]["ended_on"]
    assert call("rosa", "post", f"{path}/end")[0] == 409
    assert call("rosa", "post", "pay-bands", body)[0] == 201 and PayBand.objects.count() == 2
    for who in ("petra", "klaus", "paul"):
        assert call(who, "get", "pay-bands")[0] == 403 and call(who, "post", "pay-bands", body)[0] == 403


def test_a_vacancy_made_here_is_the_same_row(staffed, call):
    made = call("rosa", "post", "vacancies", {"client": "CLI-0002", "title": "PMO (m/w/d)"})[1]
    assert Vacancy.objects.get(key=made["key"]).owner == staffed.rosa
