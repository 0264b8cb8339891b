"""The page of a person, the lists and the matrix: each reader gets what the roles say, and nobody else learns why."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from stellwerk.core.checks import findings
from stellwerk.core.myday import duties_of
from stellwerk.people import services
from stellwerk.people.models import Absence, PersonRate, PersonSkill, Skill, WorkingPattern
from stellwerk.people.selectors.matrix import skill_matrix
from stellwerk.people.selectors.profile import merged
from stellwerk.people.skill_needs import _SOURCES, Need
from stellwerk.testing import Cast

TODAY = timezone.localdate()
SECRET = "Bandscheibe"


@pytest.fixture
def toms(cast: Cast) -> dict[str, Any]:
    """Tom's skill, pattern, absence and rate."""
    tom = cast.people["tom"]
    skill = Skill.objects.create(key="SKL-0001", name="Schweißen", name_en="Welding", category="Fertigung")
    return {
        "skill": skill,
        "claim": PersonSkill.objects.create(person=tom, skill=skill, claimed=3),
        "absence": Absence.objects.create(
            person=tom, first=TODAY + dt.timedelta(days=7), last=TODAY + dt.timedelta(days=9), kind="sick", note=SECRET
        ),
        "pattern": WorkingPattern.objects.create(person=tom, valid_from=TODAY, monday=240, project_share=50),
        "rate": PersonRate.objects.create(person=tom, amount=12_345, valid_from=TODAY),
    }  # fmt: skip


def body(cast: Cast, who: str, url: str) -> str:
    answer = cast.client(who).get(url)
    assert answer.status_code == 200, (who, url, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize(
    ("who", "why", "days", "rate", "skills"),
    [
        ("tom", True, True, False, True),
        ("rita", True, True, False, True),
        ("petra", False, True, False, True),
        ("conny", False, True, True, True),
    ],
)
def test_the_page_of_a_person_shows_each_reader_their_part(
    cast: Cast, toms: dict[str, Any], who: str, why: bool, days: bool, rate: bool, skills: bool
) -> None:
    html = body(cast, who, reverse("people:person-detail", args=[cast.people["tom"].key]))
    assert (SECRET in html, "123.45" in html, "Welding" in html) == (why, rate, skills)
    assert ("Sick" in html) == why
    assert (f"{toms['absence'].first.day} " in html) == days


READERS = ("petra", "anton", "conny", "elke", "stefan", "paul", "olga", "gerda", "ada", "walter", "uwe")


@pytest.mark.parametrize("who", READERS)
def test_nobody_else_learns_why_somebody_is_away_on_any_way(cast: Cast, toms: dict[str, Any], who: str) -> None:
    row = services.enter_absence(
        {"person": cast.people["tom"], "first": TODAY, "last": TODAY, "kind": "parental", "note": "Mutterschutzfrist"}, by=cast.tom
    )  # fmt: skip
    services.edit_absence(row, {"note": "Entbindungstermin"}, by=cast.rita, version=row.version)
    client = cast.client(who)
    key = cast.people["tom"].key
    urls = [
        reverse("people:person-detail", args=[key]),
        reverse("people:absence-list"),
        reverse("people:absence-list") + "?export=csv",
        reverse("people:absence-edit", args=[row.pk]),
        reverse("core:history", args=["people.absence", row.pk]),
        reverse("core:history", args=["people.person", cast.people["tom"].pk]),
        reverse("core:audit"),
        reverse("core:audit-export", args=["csv"]),
        reverse("core:search") + "?q=Mutterschutz",
        reverse("core:palette") + "?q=Entbindung",
        reverse("core:findings"),
        "/api/v1/absences",
        f"/api/v1/absences/{row.pk}",
        f"/api/v1/people/{key}/away",
        f"/api/v1/people/{key}",
        f"/api/v1/people/{key}/history",
        f"/api/v1/absences/{row.pk}/history",
        "/api/v1/search?q=Mutterschutz",
    ]
    for url in urls:
        answer = client.get(url)
        assert answer.status_code < 500, url
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
        kinds = (
            () if url == reverse("people:absence-list") else ("Parental", "parental", '"sick"', "Sick")
        )  # its filter names all
        for secret in (SECRET, "Entbindungstermin", "Mutterschutzfrist", *kinds):
            assert secret not in text, (who, url, secret)


def test_the_person_and_the_line_manager_read_the_reason_in_list_and_export(cast: Cast, toms: dict[str, Any]) -> None:
    for who in ("tom", "rita"):
        assert "Sick" in body(cast, who, reverse("people:absence-list"))
    export = cast.client("rita").get(reverse("people:absence-list") + "?export=csv")
    assert b"Sick" in b"".join(export.streaming_content)


def test_pages_enter_change_and_remove(cast: Cast, toms: dict[str, Any]) -> None:
    client, tom = cast.client("tom"), cast.people["tom"]
    day = (TODAY + dt.timedelta(days=30)).isoformat()
    url = reverse("people:absence-create", args=[tom.key])
    answer = client.post(url, {"first": day, "last": day, "part": "50", "kind": "vacation", "note": ""})
    assert answer.status_code == 302
    row = Absence.objects.get(part=50)
    again = client.post(url, {"first": day, "last": day, "part": "100", "kind": "vacation", "note": ""})
    assert again.status_code == 422 and "Away already" in again.content.decode()
    bad = client.post(url, {"first": "31.02.2027", "last": "x", "part": "7", "kind": "nap"})
    assert bad.status_code == 422
    assert client.post(reverse("people:absence-remove", args=[row.pk]), {"version": "99"}).status_code == 302
    assert Absence.objects.filter(pk=row.pk).exists()  # changed since: told, not removed
    client.post(reverse("people:absence-remove", args=[row.pk]), {"version": str(row.version)})
    assert not Absence.objects.filter(pk=row.pk).exists()


def test_a_working_pattern_is_entered_in_hours(cast: Cast) -> None:
    url = reverse("people:pattern-create", args=[cast.people["tom"].key])
    hours = {f"hours_{day}": "7.7" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    answer = cast.client("rita").post(url, {"valid_from": "2027-01-01", "project_share": "80", **hours})
    assert answer.status_code == 302
    assert WorkingPattern.objects.get().week == (462,) * 5 + (0, 0)
    bad = cast.client("rita").post(url, {"valid_from": "2027-02-01", "project_share": "180", "hours_monday": "25"})
    assert bad.status_code == 422 and WorkingPattern.objects.count() == 1
    assert cast.client("tom").post(url, {"valid_from": "2027-02-01", "project_share": "80", **hours}).status_code == 403


def test_the_line_manager_confirms_on_the_page_and_in_the_list(cast: Cast, toms: dict[str, Any]) -> None:
    claim = toms["claim"]
    assert [duty.title for duty in duties_of(cast.rita, "approval") if "skill" in duty.title] == ["Confirm 1 skill"]
    url = reverse("people:personskill-confirm", args=[claim.pk])
    assert cast.client("tom").get(url).status_code == 403
    answer = cast.client("rita").post(url, {"confirmed": "2", "expires": "", "version": str(claim.version)})
    assert answer.status_code == 302
    claim.refresh_from_db()
    assert (claim.confirmed, claim.confirmed_by) == (2, cast.rita)
    assert not [duty for duty in duties_of(cast.rita, "approval") if "skill" in duty.title]


def test_one_confirms_many_at_once_but_never_oneself(cast: Cast, toms: dict[str, Any]) -> None:
    own = PersonSkill.objects.create(person=cast.people["rita"], skill=toms["skill"], claimed=4)
    client, url = cast.client("rita"), reverse("people:personskill-list")
    preview = client.post(url, {"bulk": "action:confirm", "ids": f"{own.pk},{toms['claim'].pk}"})
    assert preview.status_code == 200
    seen = ",".join(f"{row.pk}:{row.version}" for row in (own, toms["claim"]))
    client.post(url, {"bulk": "action:confirm", "apply": "yes", "seen": seen})
    confirmed = dict(PersonSkill.objects.values_list("person__first_name", "confirmed"))
    assert confirmed == {"Rita": None, "Tom": 3}


def test_a_calendar_is_previewed_applied_and_taken_back(cast: Cast) -> None:
    tom = cast.people["tom"]
    content = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u1\r\nDTSTART;VALUE=DATE:20270503\r\n"
        b"DTEND;VALUE=DATE:20270508\r\nSUMMARY:Urlaub\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    client, url = cast.client("tom"), reverse("people:absence-import")
    file = SimpleUploadedFile("away.ics", content, "text/calendar")
    preview = client.post(url, {"person": tom.key, "kind": "vacation", "file": file})
    assert preview.status_code == 200 and not Absence.objects.exists()
    sealed = preview.context["sealed"]
    other = cast.client("rita").post(reverse("people:absence-import-apply"), {"sealed": sealed})
    assert other.status_code == 409 and not Absence.objects.exists()
    for broken in ("", "x", sealed[:-3]):
        assert client.post(reverse("people:absence-import-apply"), {"sealed": broken}).status_code == 409
    done = client.post(reverse("people:absence-import-apply"), {"sealed": sealed})
    assert Absence.objects.get().source == "ical"
    undo = client.post(reverse("people:absence-import-undo"), {"sealed": done.context["undo"]})
    assert undo.status_code == 302 and not Absence.objects.exists()


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"BEGIN:VCALENDAR", b"a,b\n1,2\n"])
def test_a_file_that_is_none_is_refused_on_the_page(cast: Cast, content: bytes) -> None:
    for name in ("x.ics", "x.csv", "x.xlsx"):
        file = SimpleUploadedFile(name, content)
        answer = cast.client("rita").post(reverse("people:absence-import"), {"kind": "vacation", "file": file})
        assert answer.status_code == 422


def test_the_matrix_counts_confirmed_levels_and_names_gaps(cast: Cast, toms: dict[str, Any]) -> None:
    rare = Skill.objects.create(key="SKL-0002", name="Taucher", category="Bau")
    source = lambda user, units: [Need(toms["skill"].pk, 3, 2, 600), Need(rare.pk, 1, 1, 60)]  # noqa: E731
    _SOURCES.append(source)
    try:
        found = skill_matrix(cast.rita, cast.unit, day=TODAY)
        assert {head.skill.key: (head.have, head.reach, head.gap) for head in found.heads} == {
            "SKL-0001": (0, 0, True),
            "SKL-0002": (0, 0, True),
        }
        services.confirm_skill(toms["claim"], level=3, expires=TODAY + dt.timedelta(days=5), by=cast.rita)
        found = skill_matrix(cast.rita, cast.unit, day=TODAY)
        assert [head.skill.key for head in found.gaps] == ["SKL-0002"]
        later = skill_matrix(cast.rita, cast.unit, day=TODAY + dt.timedelta(days=6))
        assert len(later.gaps) == 2  # run out by then
        alone = skill_matrix(cast.rita, cast.unit, day=TODAY, below=False)  # Tom works in the unit below
        assert "Tom Okafor" not in {str(line.person) for line in alone.lines} and len(alone.gaps) == 2
        assert len(skill_matrix(cast.rita, cast.unit, day=TODAY, category="Bau").heads) == 1
        assert len(skill_matrix(cast.rita, cast.unit, day=TODAY, query="weld").heads) == 1
        html = body(cast, "rita", reverse("people:unit-skills", args=[cast.unit.key]))
        assert "1 skill is asked for and nobody here reaches the level" in html
        export = cast.client("rita").get(reverse("people:unit-skills-export", args=[cast.unit.key]))
        book = load_workbook(io.BytesIO(export.content))
        rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
        tom = next(row for row in rows if row[0] == "Tom Okafor")
        assert dict(zip(rows[0], tom, strict=True))["Welding"] == 3
    finally:
        _SOURCES.remove(source)


def test_the_matrix_is_for_those_who_see_unit_and_skills(cast: Cast, toms: dict[str, Any]) -> None:
    url = reverse("people:unit-skills", args=[cast.other_unit.key])
    assert cast.client("rita").get(url).status_code == 404
    for who in ("tom", "paul", "uwe"):
        assert cast.client(who).get(reverse("people:unit-skills", args=[cast.unit.key])).status_code == 403


def test_checks_name_what_is_wrong_and_rates_only_to_controllers(cast: Cast, toms: dict[str, Any]) -> None:
    PersonRate.objects.create(
        person=cast.people["paul"], amount=1, valid_from=dt.date(2020, 1, 1), valid_to=dt.date(2020, 12, 31)
    )
    PersonRate.objects.create(person=cast.people["paul"], amount=1, valid_from=dt.date(2021, 2, 1), valid_to=dt.date(2021, 12, 31))  # fmt: skip
    PersonSkill.objects.filter(pk=toms["claim"].pk).update(confirmed=3, expires=TODAY - dt.timedelta(days=1))
    WorkingPattern.objects.filter(pk=toms["pattern"].pk).update(project_share=0)
    codes = {who: {one.check.code for one in findings(cast.users[who]) if one.check.code.startswith("PPL")} for who in ("conny", "rita", "petra")}  # fmt: skip
    assert codes["conny"] >= {"PPL002", "PPL003", "PPL001"}
    assert codes["rita"] == {"PPL001", "PPL005"} and codes["petra"] == {"PPL001", "PPL005"}
    gap = next(one for one in findings(cast.conny) if one.check.code == "PPL002")
    assert "1 Jan 2021" in gap.text and "31 Jan 2021" in gap.text


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6), st.integers(1, 100)), max_size=6))
def test_merged_days_are_those_of_counting_day_by_day(rows: list[tuple[int, int, int]]) -> None:
    spans = [(TODAY + dt.timedelta(days=a), TODAY + dt.timedelta(days=a + n), part) for a, n, part in rows]
    counted: dict[dt.date, int] = {}
    for number in range(30):
        day = TODAY + dt.timedelta(days=number)
        part = min(100, sum(p for first, last, p in spans if first <= day <= last))
        if part:
            counted[day] = part
    told = {
        one.first + dt.timedelta(days=n): one.part
        for one in merged(spans)
        for n in range((one.last - one.first).days + 1)
    }
    assert told == counted


def test_the_api_refuses_what_pages_refuse(cast: Cast, toms: dict[str, Any]) -> None:
    client = cast.client("tom")
    tom = cast.people["tom"].key

    def post(path: str, data: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/{path}", json.dumps(data), content_type="application/json")

    day = (TODAY + dt.timedelta(days=8)).isoformat()
    clash = post("absences", {"person": tom, "first": day, "last": day})
    assert clash.status_code == 422, clash.content
    later = (TODAY + dt.timedelta(days=80)).isoformat()
    assert post("absences", {"person": tom, "first": later, "last": later}).status_code == 201
    assert post("absences", {"person": cast.people["olga"].key, "first": later, "last": later}).status_code in {403, 404, 422}  # fmt: skip
    own = post(f"person-skills/{toms['claim'].pk}/confirm", {"level": 4, "version": toms["claim"].version})
    assert own.status_code == 403
    patch = client.patch(
        f"/api/v1/person-skills/{toms['claim'].pk}", json.dumps({"confirmed": 4, "version": toms["claim"].version}), content_type="application/json"
    )  # fmt: skip
    assert patch.status_code == 422
    away = client.get(f"/api/v1/people/{tom}/away").json()
    assert away[0]["first"] == toms["absence"].first.isoformat() and set(away[0]) == {"first", "last", "part"}
