"""Time sheets over the API: the same permissions, the same smallest group."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from stellwerk.people.models import Person
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.tests.sheets import WEEK, approved, colleagues, line

pytestmark = pytest.mark.django_db
MINE = f"/api/v1/my-time/{WEEK}"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    for module in ("services.timesheets", "guards_timesheets"):
        monkeypatch.setattr(f"stellwerk.resources.{module}.timezone.localdate", lambda: dt.date(2026, 12, 10))


def put(client, minutes, version=0, project="PRJ-0001", **more):
    body = {"version": version, "lines": [{"project": project, "minutes": minutes} | more]}
    return client.put(MINE, body, content_type="application/json")


def test_ones_own_week_is_written_read_and_submitted(cast):
    client = cast.client("tom")
    answer = put(client, [450, 0, 0, 0, 0, 0, 0], capitalisable=True)
    assert answer.status_code == 200, answer.content
    assert client.get(MINE).json()["lines"][0]["minutes"][0] == 450
    number = TimeSheet.objects.get().pk
    answer = client.post(f"/api/v1/time-sheets/{number}/transitions/submit", {}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert put(client, [60] * 7, version=2).status_code == 409


def test_bad_input_is_refused(cast):
    client = cast.client("tom")
    for body in (
        put(client, [1441, 0, 0, 0, 0, 0, 0]), put(client, [60]), put(client, [60] * 7, project="PRJ-0002"),
        put(client, [60] * 7, project="nope"), put(client, [60] * 7, activity=77), client.get("/api/v1/my-time/1900-01-01"),
    ):  # fmt: skip
        assert body.status_code == 422, body.content
    assert put(cast.client("uwe"), [60] * 7).status_code == 422, "a project that he neither sees nor works for"
    Person.objects.filter(user=cast.uwe).update(user=None)
    assert put(cast.client("uwe"), [60] * 7).status_code == 403
    assert not TimeSheet.objects.exists()


@pytest.mark.parametrize(
    "who", ["petra", "conny", "anton", "paul", "elke", "walter", "ada", "uwe", "olga", "stefan", "gerda"]
)
def test_nobody_reads_hours_of_a_person_over_the_api(cast, who):
    sheet = approved(cast, "tom", line(cast.project, (437, 0, 0, 0, 0, 0, 0)))
    client = cast.client(who)
    for path in (
        f"/api/v1/time-sheets/{sheet.pk}", f"/api/v1/time-sheets/{sheet.pk}/entries", "/api/v1/time-sheets",
        f"/api/v1/time-sheets/{sheet.pk}/history", "/api/v1/hours-by-project-month", f"/api/v1/audit?entity=resources.timesheet&id={sheet.pk}",
        MINE,
    ):  # fmt: skip
        assert not re.search(r"(?<![\d.])437(?!\d)", client.get(path).content.decode()), path
    entry = TimeEntry.objects.first()
    answer = client.post(
        f"/api/v1/time-sheets/{sheet.pk}/correct",
        {"entry": entry.pk, "minutes": 0, "reason": "x"},
        content_type="application/json",
    )
    assert answer.status_code in (403, 404)


def test_the_person_and_the_line_manager_read_them_and_the_line_manager_corrects(cast):
    sheet = approved(cast, "tom", line(cast.project, (437, 0, 0, 0, 0, 0, 0)))
    for who in ("tom", "rita"):
        assert "437" in cast.client(who).get(f"/api/v1/time-sheets/{sheet.pk}/entries").content.decode()
    body = {"entry": sheet.entries.get().pk, "minutes": 60, "reason": "Half an hour of it was lunch"}
    answer = cast.client("rita").post(f"/api/v1/time-sheets/{sheet.pk}/correct", body, content_type="application/json")
    assert [row["minutes"] for row in answer.json()] == [437, -437, 60]


def test_months_are_withheld_below_five_people_and_shown_from_five(cast):
    colleagues(cast, 4)
    client = cast.client("petra")
    assert client.get("/api/v1/hours-by-project-month").json()[0]["months"] == [{"month": 202611, "minutes": None}]
    approved(cast, "tom", line(cast.project, (60, 0, 0, 0, 0, 0, 0)))
    assert client.get("/api/v1/hours-by-project-month").json()[0]["months"] == [{"month": 202611, "minutes": 300}]
    assert client.get("/api/v1/hours-by-project-month?first=202613").status_code == 422
    assert cast.client("tom").get("/api/v1/hours-by-project-month").status_code == 403
