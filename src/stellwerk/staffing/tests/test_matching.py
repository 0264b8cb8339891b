"""People compared with a vacancy, proposed, asked, and what each side may know."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.core.management import call_command
from django.utils import timezone

from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import Mail, Notification
from stellwerk.staffing.compute_matching import columns, compare_one, vacancy_job, values_of, weights_of
from stellwerk.staffing.models import Answer, Consent, Match, Profile, ScoreLog, Vacancy, WeightSet
from stellwerk.staffing.selectors.matching import open_vacancies, people_for, positions_of, with_needs
from stellwerk.staffing.selectors.pool import pool
from stellwerk.staffing.selectors.profiles import for_matching, profile_person, with_parts
from stellwerk.staffing.selectors.weight_preview import preview
from stellwerk.staffing.services import appointments, contacting, matching
from stellwerk.staffing.services.contacting import LinkDead
from stellwerk.staffing.tests.company import match_of

LINK = re.compile(r"/staffing/answer/([\w-]+)")


def ranking(staffed, by="rosa"):
    return matching.compare_people(vacancy=staffed.vacancies["online"], by=staffed.users[by])


def link_to(email):
    mail = Mail.objects.filter(to=email, text__contains="/staffing/answer/").order_by("-pk").first()
    return LINK.search(mail.text).group(1)


def asked(staffed, profile="frida"):
    match = matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles[profile], by=staffed.rosa)
    return contacting.ask_both(match=match, by=staffed.rosa)


# ── comparing ────────────────────────────────────────────────────────────────────────────────────


def test_people_are_ranked_and_the_others_say_why_not(staffed):
    fabian = staffed.profiles["fabian"]
    fabian.asks = 130_00
    fabian.save()
    found = ranking(staffed)
    assert {one.profile.key for one in found.ranked} == {"PRF-0001", "PRF-0003", "PRF-0004"}
    [shut] = found.shut
    assert (shut.profile.key, shut.match.gates[0].code.value) == ("PRF-0002", "pay")
    assert shut.change is not None and shut.change[0].to == 105_00


def test_pay_in_another_unit_is_not_known_and_shuts_nobody_out(staffed):
    frida = next(one for one in ranking(staffed).ranked if one.profile.key == "PRF-0001")  # asks by the year
    assert ("pay", None) in frida.match.missing


def test_a_profile_without_a_living_consent_is_not_looked_at(staffed):
    Consent.objects.filter(profile=staffed.profiles["frida"]).update(state="withdrawn")
    found = ranking(staffed)
    assert "PRF-0001" not in {one.profile.key for one in (*found.ranked, *found.shut)}


def test_a_skill_read_from_a_cv_is_named_as_unconfirmed_and_shuts_nobody_out(staffed):
    staffed.vacancies["online"].terms.filter(kind="must").update(level=4, minimum=3)
    known = staffed.profiles["frida"].terms.filter(term__code="controlling")
    known.update(level=1, known="read")
    frida = next(one for one in ranking(staffed).ranked if one.profile.key == "PRF-0001")
    assert "skill" in {name for name, _subject in frida.match.missing}
    known.update(known="told")
    assert "PRF-0001" in {one.profile.key for one in ranking(staffed).shut}


def test_the_parts_of_a_side_add_up_to_its_score(staffed):
    for one in ranking(staffed).ranked:
        for side, score in (("company", one.match.company), ("person", one.match.wishes)):
            parts = [part.points for part in one.match.parts if part.side.value == side]
            assert not parts or sum(parts) == score


def test_every_score_is_logged_once_with_input_weights_and_reader(staffed):
    ranking(staffed)
    ranking(staffed)
    rows = list(ScoreLog.objects.all())
    assert len(rows) == 4
    assert {row.by for row in rows} == {staffed.rosa}
    assert all(row.input["job"]["skills"] and row.result["parts"] for row in rows)
    assert "Winter" not in json.dumps([row.input for row in rows])


def test_the_log_cannot_be_changed(staffed):
    ranking(staffed)
    with pytest.raises(TypeError):
        ScoreLog.objects.all().delete()
    with pytest.raises(TypeError):
        ScoreLog.objects.first().save()


def test_who_may_not_see_the_vacancy_gets_no_comparison(staffed):
    with pytest.raises(NotAllowed):
        ranking(staffed, "kerstin")


def test_the_same_vacancy_in_the_words_of_the_engine(staffed):
    vacancy = with_needs(type(staffed.vacancies["online"]).objects.filter(key="VAC-0001")).get()
    job = vacancy_job(vacancy)
    assert [(need.kind.value, need.level) for need in sorted(job.skills, key=lambda n: n.kind.value)] == [("must", 3), ("nice", 3), ("should", 3)]  # fmt: skip
    assert (job.pays, job.workload, job.languages) == (105_00, (80, 100), {"de": 5})


def test_a_profile_sees_its_positions_best_first(staffed):
    rows = positions_of(staffed.profiles["frida"], dt.date(2026, 12, 1), open_vacancies())
    scores = [one.match.score for _vacancy, one in rows if not one.match.gates]
    assert scores == sorted(scores, reverse=True) and len(rows) == 2  # the draft of the demand is not open


def test_all_vacancies_together_are_filled_at_least_as_well_as_one_by_one(staffed):
    found = pool(staffed.rosa, dt.date(2026, 12, 1))
    alone, together, stable = found.ways
    assert together.total >= alone.total - 1e-9 and stable.blocking == 0 and found.positions == 2


def test_the_command_tells_ranked_people_as_json(staffed, capsys):
    call_command("match", "--vacancy", "821407", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["vacancy"] == "VAC-0001" and len(told["ranked"]) == 4
    assert {"score", "parts", "gates", "change", "missing"} <= set(told["ranked"][0])


# ── weights and the off switch ───────────────────────────────────────────────────────────────────


def test_weights_change_as_a_new_version_and_the_old_one_stays(staffed):
    first = matching.save_weights(
        values=values_of(weights_of(None)) | {"soft": 4}, reason="Teams matter more", by=staffed.cast.petra
    )
    second = matching.save_weights(values=first.values | {"soft": 1}, reason="Back again", by=staffed.rosa)
    first.refresh_from_db()
    assert (first.number, first.active, first.values["soft"]) == (1, False, 4)
    assert (second.number, second.active) == (2, True)
    assert ranking(staffed).weights == second


@pytest.mark.parametrize(("name", "value"), [("threshold", 101), ("soft", -1), ("stale", 2), ("others", None)])
def test_impossible_weights_are_told_at_their_field(staffed, name, value):
    with pytest.raises(Invalid) as refusal:
        matching.save_weights(values=values_of(weights_of(None)) | {name: value}, reason="Because", by=staffed.rosa)
    assert name in refusal.value.errors and not WeightSet.objects.exists()


def test_others_do_not_weigh(staffed):
    with pytest.raises(NotAllowed):
        matching.save_weights(values={}, reason="Because", by=staffed.pia)


def test_switched_off_nothing_is_computed_and_people_decide(staffed):
    with pytest.raises(Invalid):
        matching.switch_matching(off=True, reason="no", by=staffed.cast.petra)
    matching.switch_matching(off=True, reason="The works council has asked for a pause.", by=staffed.cast.petra)
    with pytest.raises(Refused):
        ranking(staffed)
    match = matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles["frida"], by=staffed.rosa)
    assert match.score is None and not ScoreLog.objects.exists()
    with pytest.raises(NotAllowed):
        matching.switch_matching(off=False, reason="Recruiters would like it back on.", by=staffed.rosa)


# ── proposing and asking ─────────────────────────────────────────────────────────────────────────


def test_who_fails_a_condition_is_proposed_only_with_a_reason(staffed):
    Profile.objects.filter(pk=staffed.profiles["fabian"].pk).update(asks=130_00)
    with pytest.raises(Invalid) as refusal:
        matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles["fabian"], by=staffed.rosa)
    assert "override" in refusal.value.errors
    reason = "The client would pay more for this experience."
    match = matching.propose(
        vacancy=staffed.vacancies["online"], profile=staffed.profiles["fabian"], by=staffed.rosa, override=reason
    )
    assert match.override == reason and match.reasons["gates"]


def test_a_person_is_proposed_once_and_only_for_open_vacancies(staffed):
    matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles["frida"], by=staffed.rosa)
    with pytest.raises(Refused):
        matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles["frida"], by=staffed.rosa)
    with pytest.raises(Refused):
        matching.propose(vacancy=staffed.vacancies["raised"], profile=staffed.profiles["frida"], by=staffed.rosa)


def test_a_partner_proposes_its_own_candidate_and_no_other(staffed):
    match = matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles["pias"], by=staffed.pia)
    assert match.state == "proposed"
    with pytest.raises(NotAllowed):
        matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles["pavels"], by=staffed.pia)
    with pytest.raises(NotAllowed):
        contacting.ask_both(match=match, by=staffed.pia)


def test_both_sides_are_asked_by_mail_and_no_name_is_told(staffed):
    match = asked(staffed)
    assert match.state == "contacted"
    company, person = Mail.objects.get(to="klaus@example.com"), Mail.objects.get(to="frida@example.com")
    assert "Winter" not in company.text + company.subject and "frida" not in company.text.lower()
    assert "Weserstahl" not in person.text + person.subject
    assert not Answer.objects.filter(digest=link_to("frida@example.com")).exists()  # the digest alone is kept


def test_the_page_of_a_link_shows_and_a_button_answers(staffed, client):
    match = asked(staffed)
    path = f"/staffing/answer/{link_to('frida@example.com')}"
    page = client.get(path)
    assert page.status_code == 200 and b"Weserstahl" not in page.content
    match.refresh_from_db()
    assert match.state == "contacted"  # a mail program that opens links answers nothing
    assert client.post(path, {"answer": "yes"}).status_code == 200
    match.refresh_from_db()
    assert match.state == "one_yes"
    again = client.post(path, {"answer": "no", "reason": "pay"})
    assert again.status_code == 410 and b"Frida" not in again.content and b"Projektcontroller" not in again.content


def test_two_yes_reveal_the_names_to_both(staffed):
    match = asked(staffed)
    contacting.give_answer(token=link_to("frida@example.com"), yes=True)
    match = contacting.give_answer(token=link_to("klaus@example.com"), yes=True)
    assert match.state == "both_yes" and match.revealed_at is not None
    told = {mail.to: mail.text for mail in Mail.objects.order_by("pk")}  # the last mail to each
    assert "Frida Winter" in told["klaus@example.com"] and "Weserstahl GmbH" in told["frida@example.com"]


def test_a_no_needs_a_reason_and_ends_it_for_both(staffed):
    asked(staffed)
    with pytest.raises(Invalid):
        contacting.give_answer(token=link_to("frida@example.com"), yes=False)
    match = contacting.give_answer(token=link_to("frida@example.com"), yes=False, reason="place")
    assert (match.state, match.ended_reason) == ("declined", "place")
    with pytest.raises(LinkDead):
        contacting.give_answer(token=link_to("klaus@example.com"), yes=True)
    assert not Mail.objects.filter(text__contains="Frida Winter").exclude(to="frida@example.com").exists()


def test_after_a_no_nobody_is_asked_about_the_same_vacancy_again(staffed):
    asked(staffed)
    contacting.give_answer(token=link_to("frida@example.com"), yes=False, reason="place")
    with pytest.raises(Refused) as refusal:
        matching.propose(vacancy=staffed.vacancies["online"], profile=staffed.profiles["frida"], by=staffed.rosa)
    assert refusal.value.code == "said_no"
    assert Match.objects.filter(profile=staffed.profiles["frida"]).count() == 1


def test_an_expired_link_says_so_and_leaks_nothing(staffed, client):
    asked(staffed)
    Answer.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    page = client.get(f"/staffing/answer/{link_to('frida@example.com')}", headers={"Accept-Language": "en"})
    assert page.status_code == 410 and b"expired" in page.content and b"Projektcontroller" not in page.content
    assert client.get("/staffing/answer/guessed").status_code == 410


def test_after_three_days_a_reminder_goes_out_once_and_after_seven_it_ends(staffed):
    match = asked(staffed)
    before = link_to("frida@example.com")
    now = timezone.now() + dt.timedelta(days=4)
    assert (contacting.remind_due(now), contacting.remind_due(now)) == (2, 0)
    with pytest.raises(LinkDead):
        contacting.asked_by(before)
    assert contacting.asked_by(link_to("frida@example.com")).match == match
    assert contacting.expire_due(timezone.now() + dt.timedelta(days=8)) == 1
    match.refresh_from_db()
    assert match.state == "expired"


def test_a_withdrawn_consent_stops_the_contact(staffed):
    match = match_of(staffed, "frida")
    Consent.objects.filter(profile=staffed.profiles["frida"]).update(state="withdrawn")
    with pytest.raises(Refused):
        contacting.ask_both(match=match, by=staffed.rosa)
    assert not Mail.objects.exists()


def test_recruiters_are_told_each_answer(staffed):
    asked(staffed)
    contacting.give_answer(token=link_to("klaus@example.com"), yes=True)
    assert Notification.objects.filter(user=staffed.rosa, kind="match_answer").exists()


# ── talks ────────────────────────────────────────────────────────────────────────────────────────


def talking(staffed):
    asked(staffed)
    contacting.give_answer(token=link_to("frida@example.com"), yes=True)
    return contacting.give_answer(token=link_to("klaus@example.com"), yes=True)


def test_an_appointment_goes_to_both_as_a_calendar_entry_and_can_be_taken_back(staffed):
    match = talking(staffed)
    starts = timezone.now() + dt.timedelta(days=3)
    row = appointments.invite(match=match, starts=starts, minutes=45, place="Bremen, Raum 3", by=staffed.rosa)
    match.refresh_from_db()
    assert match.state == "conversation"
    invited = Mail.objects.exclude(calendar="")
    assert {mail.to for mail in invited} == {"klaus@example.com", "frida@example.com"}
    assert all("METHOD:REQUEST" in mail.calendar and "SEQUENCE:0" in mail.calendar for mail in invited)
    appointments.cancel(match=match, uid=str(row.uid), by=staffed.rosa)
    assert (
        Mail.objects.filter(calendar__contains="METHOD:CANCEL", to="frida@example.com")
        .get()
        .calendar.count("SEQUENCE:1")
        == 1
    )


def test_no_appointment_in_the_past_or_before_both_said_yes(staffed):
    match = asked(staffed)
    soon = timezone.now() + dt.timedelta(days=1)
    with pytest.raises(Refused):
        appointments.invite(match=match, starts=soon, minutes=45, place="here", by=staffed.rosa)
    Match.objects.filter(pk=match.pk).update(state="both_yes")
    with pytest.raises(Invalid):
        appointments.invite(
            match=match, starts=timezone.now() - dt.timedelta(days=1), minutes=45, place="here", by=staffed.rosa
        )


def test_notes_are_for_recruiters_alone(staffed):
    match = talking(staffed)
    appointments.add_note(match=match, text="Knows earned value well.", by=staffed.rosa)
    assert b"Knows earned value well." in staffed.client_of("rosa").get(f"/staffing/matches/{match.key}").content
    for name in ("klaus", "frida"):
        page = staffed.client_of(name).get(f"/staffing/matches/{match.key}")
        assert page.status_code == 200 and b"Knows earned value well." not in page.content


def test_the_other_side_reads_its_own_reasons_and_no_covered_name(staffed):
    match = asked(staffed)
    klaus = staffed.client_of("klaus").get(f"/staffing/matches/{match.key}").content
    frida = staffed.client_of("frida").get(f"/staffing/matches/{match.key}").content
    assert b"Winter" not in klaus and b"Company \xe2\x86\x92 person" in klaus
    assert b"Weserstahl" not in frida and b"Company \xe2\x86\x92 person" not in frida
    assert staffed.client_of("kerstin").get(f"/staffing/matches/{match.key}").status_code == 404


def test_the_pages_of_matching_open_for_recruiters(staffed):
    match = asked(staffed)
    browser = staffed.client_of("rosa")
    for path in (
        "people/VAC-0001",
        f"matches/{match.key}",
        "matches/",
        "pool",
        "weights/",
        "scores",
        "scores?as=csv",
        "scores?as=jsonl",
    ):
        response = browser.get(f"/staffing/{path}")
        assert response.status_code == 200, path
        if response.streaming:
            assert b"PRF-0001" in b"".join(response.streaming_content)


def test_the_other_side_is_told_of_a_no_and_neither_why_nor_who(staffed):
    asked(staffed)
    contacting.give_answer(token=link_to("klaus@example.com"), yes=True)
    contacting.give_answer(token=link_to("frida@example.com"), yes=False, reason="pay", text="Too little for me")
    told = Mail.objects.filter(to="klaus@example.com").latest("pk")
    assert "Projektcontroller" in told.text or "Project controller" in told.text
    assert not any(word in told.text + told.subject for word in ("Frida", "Winter", "Too little", "frida@"))
    assert not Mail.objects.filter(to="frida@example.com", subject__contains="Not this time").exists()


def test_a_covered_person_has_another_code_for_each_vacancy(staffed):
    from stellwerk.staffing.mails_matching import cover_code

    one, other = (
        match_of(staffed, "frida", "online", key="MAT-0001"),
        match_of(staffed, "frida", "hidden", key="MAT-0002"),
    )
    assert cover_code(one) != cover_code(other) and cover_code(one) == cover_code(one)


def test_a_profile_lists_the_vacancies_that_fit_for_recruiters_alone(staffed):
    page = staffed.client_of("rosa").get("/staffing/profiles/PRF-0002").content
    assert b"Vacancies that fit" in page and b"Project controller" in page
    assert b"Vacancies that fit" not in staffed.client_of("fabian").get("/staffing/me/").content


def test_all_vacancies_together_see_the_same_gates_and_scores_as_each_one(staffed):
    """One that takes none of two forms, one that asks too much, one without a told form: both views agree pair by pair."""
    Profile.objects.filter(key="PRF-0002").update(contract_forms=["permanent"])
    Profile.objects.filter(key="PRF-0003").update(contract_forms=["freelance"])
    Profile.objects.filter(key="PRF-0004").update(asks=130_00)
    today, weights = dt.date(2026, 12, 1), weights_of(None)
    profiles = list(with_parts(for_matching(today)).order_by("pk"))
    for vacancy in open_vacancies():
        table = columns(vacancy, [(one, profile_person(one)) for one in profiles], weights, today, {})
        for row, profile in enumerate(profiles):
            one = compare_one(vacancy, profile, weights, today)
            assert bool(table.open[row]) == (not one.match.gates), (vacancy.key, profile.key)
            assert float(table.score[row]) == pytest.approx(float(one.match.score), abs=1e-9)
    assert not table.open.all()


# ── preview of other weights ─────────────────────────────────────────────────────────────────────


def test_a_preview_tells_who_moves_before_weights_are_saved(staffed):
    """A threshold of 100 % proposes those alone whom nothing is missing."""
    values = values_of(weights_of(None)) | {"threshold": 100}
    today = dt.date(2026, 12, 1)
    found = preview(staffed.rosa, values, today)
    assert (
        {one.vacancy.key for one in found} >= {"VAC-0001"}
        and not WeightSet.objects.exists()
        and not ScoreLog.objects.exists()
    )
    (one,) = preview(staffed.rosa, values, today, staffed.vacancies["online"].pk)
    vacancy = with_needs(Vacancy.objects.filter(pk=one.vacancy.pk)).get()
    ranked = people_for(vacancy, today).ranked
    assert one.proposed == sum(row.proposed for row in ranked)
    assert one.new_proposed == sum(row.match.score >= 1 for row in ranked)
    for move in one.moves:
        assert [row.profile.pk for row in ranked].index(move.profile.pk) + 1 == move.place


def test_the_same_weights_move_nobody(staffed):
    assert all(not one.moves for one in preview(staffed.rosa, values_of(weights_of(None)), dt.date(2026, 12, 1)))


def test_the_page_of_weights_shows_a_preview_and_saves_nothing(staffed):
    values = values_of(weights_of(None)) | {"threshold": 100, "preview": "1"}
    page = staffed.client_of("rosa").post("/staffing/weights/save", values)
    assert page.status_code == 200 and b"not saved yet" in page.content and b"VAC-0001" in page.content
    assert not WeightSet.objects.exists()
    wrong = staffed.client_of("rosa").post("/staffing/weights/save", values | {"soft": "99"})
    assert wrong.status_code == 422 and b'value="99"' in wrong.content


# ── a vacancy nobody can fill ────────────────────────────────────────────────────────────────────


def test_a_vacancy_nobody_can_fill_says_which_condition_to_speak_about(staffed):
    """All four ask for more than it pays, or come later: pay shuts out the three who ask by the hour."""
    Profile.objects.update(asks=130_00, pay_unit="hour")
    Profile.objects.filter(key="PRF-0001").update(asks=90_00, available=dt.date(2028, 1, 1))
    page = staffed.client_of("rosa").get("/staffing/people/VAC-0001", headers={"accept-language": "en"})
    text = " ".join(page.content.decode().split())
    assert "0 of 4 profiles come into question" in text
    assert "The condition “Pay” shuts out 3 profiles: it is the one to speak about." in text


def test_where_no_profile_may_be_matched_the_page_says_where_they_come_from(staffed):
    Profile.objects.update(state="draft")
    page = staffed.client_of("rosa").get("/staffing/people/VAC-0001", headers={"accept-language": "en"})
    text = page.content.decode()
    assert "No profile may be matched yet" in text and "public entrances" in text
