"""Hours from a table: what is taken, what is refused and why, line by line."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import User
from stellwerk.people.models import Person
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.services.timesheets_import import import_rows, read_rows, try_out
from stellwerk.resources.tests.sheets import submitted

pytestmark = pytest.mark.django_db
GERMAN = """Person;Datum;Projekt;Stunden;Bemerkung
PER-0009;09.11.2026;PRJ-0001;7,5;Prüfstand
tom@example.com;10.11.2026;PRJ-0001;7:30;
PER-0009;10.11.2026;PRJ-0001;0,5;
"""


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    for module in ("services.timesheets", "guards_timesheets"):
        monkeypatch.setattr(f"stellwerk.resources.{module}.timezone.localdate", lambda: dt.date(2026, 12, 10))


def rows(text):
    return read_rows(io.BytesIO(text.encode("utf-8")), "hours.csv")


def test_german_and_english_tables_are_read(cast):
    found = try_out(rows=rows(GERMAN), by=cast.conny)
    assert not found.wrong, [row.errors for row in found.wrong]
    assert (found.sheets, found.minutes) == (1, 930)
    assert not TimeSheet.objects.exists(), "a preview writes nothing"
    english = "Person,Date,Project,Hours\nPER-0009,2026-11-09,PRJ-0001,7.5\nPER-0009,2026-11-10,PRJ-0001,8\n"
    assert try_out(rows=rows(english), by=cast.conny).minutes == 930


def test_taken_lines_stand_in_the_open_week_and_the_same_file_changes_nothing(cast):
    import_rows(rows=rows(GERMAN), by=cast.conny)
    assert sorted(TimeEntry.objects.values_list("minutes", "comment")) == [(450, "Prüfstand"), (480, "")]
    sheet = TimeSheet.objects.get()
    assert sheet.state == "open", "the person looks at it and submits"
    import_rows(rows=rows(GERMAN), by=cast.conny)
    assert TimeEntry.objects.count() == 2 and TimeSheet.objects.get().version == sheet.version


def test_weeks_of_people_without_an_account_go_to_the_line_manager(cast):
    Person.objects.filter(pk=cast.people["tom"].pk).update(user=None)
    assert import_rows(rows=rows(GERMAN.replace("tom@example.com", "PER-0009")), by=cast.conny).submitted == 1
    assert TimeSheet.objects.get().state == "submitted"


def test_each_line_says_what_is_wrong_with_it(cast):
    text = GERMAN + (
        "PER-7777;11.11.2026;PRJ-0001;8;\nPER-0009;x;PRJ-0001;8;\nPER-0009;11.11.2026;PRJ-9999;8;\nPER-0009;11.11.2026;PRJ-0001;viel;\n"
    )
    found = try_out(rows=rows(text), by=cast.conny)
    told = {row.line: " ".join(row.errors) for row in found.wrong}
    assert set(told) == {5, 6, 7, 8}
    assert "PER-7777" in told[5] and "no day" in told[6] and "PRJ-9999" in told[7] and "viel" in told[8]
    assert found.minutes == 930


def test_a_submitted_week_is_not_overwritten(cast):
    submitted(cast)
    found = import_rows(rows=rows(GERMAN), by=cast.conny)
    assert found.sheets == 0 and len(found.wrong) == 3
    assert TimeEntry.objects.filter(minutes=240).count() == 5


def test_more_than_a_day_is_refused_as_in_the_grid(cast):
    found = try_out(rows=rows(GERMAN.replace("7,5", "23,5") + "PER-0009;09.11.2026;PRJ-0001;3;\n"), by=cast.conny)
    assert found.sheets == 0 and any("24 hours" in text for row in found.wrong for text in row.errors)


def test_who_may_import_what(cast):
    for who in ("rita", "uwe"):  # people, but not this one: a line manager approves hours and writes none
        found = try_out(rows=rows(GERMAN), by=getattr(cast, who))
        assert found.sheets == 0 and len(found.wrong) == 3, who
    with pytest.raises(NotAllowed):
        try_out(rows=rows(GERMAN), by=User.objects.create_user("robot@example.com", "x" * 20))
    assert not try_out(rows=rows(GERMAN), by=cast.tom).wrong, "one's own hours"
    found = try_out(rows=rows(GERMAN.replace("PER-0009", "PER-0003").replace("tom@", "paul@")), by=cast.tom)
    assert found.sheets == 0 and len(found.wrong) == 3


@pytest.mark.parametrize("text", ["", "a;b\n1;2\n", "Person;Datum\nPER-0009;09.11.2026\n"])
def test_files_that_are_no_table_of_hours_are_refused(cast, text):
    with pytest.raises(Invalid) as caught:
        rows(text)
    assert caught.value.errors["file"]


def test_the_page_previews_and_then_writes(cast):
    client, page = cast.client("conny"), reverse("resources:timesheet-import")
    answer = client.post(page, {"file": SimpleUploadedFile("h.csv", (GERMAN + "PER-0009;x;PRJ-0001;8;\n").encode())})
    text = answer.content.decode()
    assert answer.status_code == 200 and "3 lines with 15.5" in text and "is no day" in text
    assert not TimeSheet.objects.exists()
    packed = answer.context["packed"]
    assert cast.client("petra").post(page, {"rows": packed}).status_code == 422, "signed for whoever uploaded it"
    assert client.post(page, {"rows": packed}).status_code == 302
    assert TimeEntry.objects.count() == 2
    assert client.post(page, {"rows": "nonsense"}).status_code == 422
    assert client.post(page, {}).status_code == 422
    Person.objects.filter(user=cast.rita).update(user=None)
    assert cast.client("rita").get(page).status_code == 403, "an account without a person has no hours"
