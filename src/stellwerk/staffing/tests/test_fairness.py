"""Voluntary self-disclosure stays apart; decisions are counted by group and by score."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import AuditEntry
from stellwerk.staffing.models import Answer, Disclosure, Match, Profile, ScoreLog
from stellwerk.staffing.selectors.fairness import sheet, token_of, told_by
from stellwerk.staffing.services import disclosure, matching
from stellwerk.staffing.services.erasing import erase_profile

ROOM = Path(__file__).parents[1]


def told(staffed, **values):
    return disclosure.disclose(profile=staffed.profiles["frida"], values=values, by=staffed.frida)


def decide(staffed, good: int, bad: int, sex: str):
    """People of one group, of whom so many are asked and the others are declined by us."""
    now = timezone.now()
    for number in range(good + bad):
        profile = Profile.objects.create(
            key=f"PRF-{sex}-{number}", organisation=staffed.cast.organisation, first_name=sex, last_name=str(number)
        )
        Disclosure.objects.create(token=token_of(profile.pk, "sex"), trait="sex", value=sex)
        asked = number < good
        Match.objects.create(
            key=f"MAT-{sex}-{number}", vacancy=staffed.vacancies["online"], profile=profile, state="contacted" if asked else "declined",
            contacted_at=now if asked else None, score=850 if asked else 500,
        )  # fmt: skip


def asked_stage():
    return next(stage for stage in sheet().stages if (stage.trait, stage.code) == ("sex", "asked"))


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


def test_the_person_tells_changes_and_takes_back(staffed):
    frida = staffed.profiles["frida"]
    assert told(staffed, sex="woman", age="30to49") == 2
    assert told_by(frida.pk) == {"sex": "woman", "age": "30to49"}
    assert told(staffed, sex="diverse") == 1
    assert told_by(frida.pk) == {"sex": "diverse"}
    assert told(staffed) == 0 and not Disclosure.objects.exists()


@pytest.mark.parametrize("who", ["rosa", "fabian", "pia", "klaus"])
def test_nobody_tells_it_of_somebody_else(staffed, who):
    with pytest.raises(NotAllowed):
        disclosure.disclose(profile=staffed.profiles["frida"], values={"sex": "woman"}, by=staffed.users[who])
    with pytest.raises(NotAllowed):
        disclosure.disclose(profile=staffed.profiles["frida"], values={"sex": "woman"}, by=None)
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("values", [{"sex": "x"}, {"faith": "any"}])
def test_an_unknown_answer_is_told_at_its_field(staffed, values):
    with pytest.raises(Invalid) as refusal:
        told(staffed, **values)
    assert set(refusal.value.errors) == set(values) and not Disclosure.objects.exists()


def test_the_table_names_nobody_and_traits_cannot_be_put_together(staffed):
    told(staffed, sex="woman", age="30to49")
    rows = list(Disclosure.objects.all())
    assert len({row.token for row in rows}) == 2
    assert not [field for field in Disclosure._meta.get_fields() if field.is_relation]
    entry = AuditEntry.objects.get(entity_type="staffing.disclosure")
    assert (entry.actor, entry.entity_id, entry.changes) == (None, 0, {})


def test_without_the_key_a_token_is_another_one(staffed, settings):
    before = token_of(7, "sex")
    settings.SECRET_KEY = "another key of another installation"
    assert token_of(7, "sex") != before


def test_erasing_a_profile_erases_what_was_told(staffed):
    told(staffed, sex="woman", origin="here")
    disclosure.disclose(profile=staffed.profiles["fabian"], values={"sex": "man"}, by=staffed.fabian)
    erase_profile(profile=staffed.profiles["frida"], by=staffed.rosa)
    assert [row.value for row in Disclosure.objects.all()] == ["man"]


def test_what_matching_is_made_of_never_reads_a_disclosure(staffed):
    """Only these files know the table; none of them is imported by what compares."""
    knows = {
        "selectors/fairness.py",
        "services/disclosure.py",
        "models/matches.py",
        "models/__init__.py",
        "views/fairness.py",
    }
    files = [path for path in ROOM.rglob("*.py") if not {"tests", "migrations"} & set(path.relative_to(ROOM).parts)]
    found = {str(path.relative_to(ROOM)) for path in files if _names(path) & {"Disclosure", "told_by"}}
    assert found == knows
    for name in ("compute_matching", "selectors/matching", "selectors/pool", "services/matching", "words_matching"):
        assert not _names(ROOM / f"{name}.py") & {"fairness", "disclosure"}
    told(staffed, sex="woman")
    first = matching.compare_people(vacancy=staffed.vacancies["online"], by=staffed.rosa)
    told(staffed, sex="man", age="from50")
    again = matching.compare_people(vacancy=staffed.vacancies["online"], by=staffed.rosa)
    assert [one.match for one in first.ranked] == [one.match for one in again.ranked]
    assert ScoreLog.objects.count() == 4  # nothing that a score rests on has changed


def _names(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names} | {(node.module or "").rpartition(".")[2]}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
    return found


# ── counting ─────────────────────────────────────────────────────────────────────────────────────


def test_a_group_below_four_fifths_of_the_highest_share_is_told(staffed):
    decide(staffed, 6, 2, "man")  # .75
    decide(staffed, 3, 3, "woman")  # .5, two thirds of .75
    groups = {group.code: (group.people, group.chosen, group.below) for group in asked_stage().groups}
    assert groups == {"man": (8, 6, False), "woman": (6, 3, True)}
    assert [stage.code for stage in sheet().below] == ["asked"]


def test_a_group_of_fewer_than_five_people_is_never_shown(staffed):
    decide(staffed, 4, 2, "man")
    decide(staffed, 0, 4, "woman")
    stage = asked_stage()
    assert [group.code for group in stage.groups] == ["man"] and stage.hidden == 1 and not stage.below


def test_somebody_who_was_asked_often_is_still_one_person(staffed):
    decide(staffed, 1, 0, "woman")
    lone = Profile.objects.get(key="PRF-woman-0")
    for again in range(6):
        Match.objects.create(
            key=f"MAT-again-{again}",
            vacancy=staffed.vacancies["online"],
            profile=lone,
            state="expired",
            contacted_at=timezone.now(),
        )
    stage = asked_stage()
    assert stage.groups == () and stage.hidden == 1


def test_answers_are_counted_by_the_band_of_the_score(staffed):
    decide(staffed, 2, 1, "man")
    first, second = Match.objects.filter(state="contacted").order_by("pk")
    later = timezone.now() + dt.timedelta(days=7)
    for match, answer in ((first, "yes"), (second, "no")):
        Answer.objects.create(match=match, side="company", digest=str(match.pk), expires_at=later, answer=answer)
    top, _next, _then, low = sheet().bands
    assert (top.low, top.high, top.asked, top.company, top.person, top.contract) == (80, 100, 2, 50, None, None)
    assert (low.asked, low.company) == (0, None)  # whom we declined ourselves was not asked


def test_the_sheet_asks_a_fixed_number_of_queries(staffed, django_assert_num_queries):
    decide(staffed, 5, 5, "man")
    with django_assert_num_queries(2):
        sheet()


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def test_the_form_is_on_the_own_page_and_keeps_what_was_chosen(staffed):
    browser = staffed.client_of("frida")
    assert b"/staffing/me/disclosure" in browser.get("/staffing/me/").content
    assert browser.post("/staffing/me/disclosure", {"sex": "woman"}).status_code == 302
    assert b'value="woman" selected' in browser.get("/staffing/me/disclosure").content
    assert browser.post("/staffing/me/disclosure", {"sex": "nonsense"}).status_code == 422
    assert told_by(staffed.profiles["frida"].pk) == {"sex": "woman"}
    page = staffed.client_of("rosa").get("/staffing/profiles/PRF-0001")
    assert page.status_code == 200 and b"disclosure" not in page.content


def test_pmo_lead_and_auditor_read_the_sheet_and_recruiters_do_not(staffed, cast):
    decide(staffed, 6, 2, "man")
    decide(staffed, 3, 3, "woman")
    for user in (cast.petra, cast.walter):
        browser = Client()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        page = browser.get("/staffing/fairness", headers={"Accept-Language": "en"})
        assert page.status_code == 200 and b"four fifths" in page.content.lower()
        told = browser.get("/staffing/fairness?as=csv").content.decode()
        assert "groups,sex,asked" in told and "PRF" not in told and "True" in told
    for who in ("rosa", "klaus", "pia", "frida"):
        assert staffed.client_of(who).get("/staffing/fairness").status_code == 403


def test_what_is_held_on_somebody_is_exported_without_a_trace_of_others(staffed):
    told(staffed, sex="woman")
    data = staffed.client_of("frida").get("/staffing/profiles/PRF-0001/data").json()
    assert "staffing.disclosure" not in data["tables"]
