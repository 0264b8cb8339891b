"""The grid, the inbox and the end of the month as pages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from stellwerk.people.models import Person
from stellwerk.resources.jobs_timesheets import remind_missing, remind_waiting
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets import proposal, suggested_lines
from stellwerk.resources.tests.sheets import WEEK, approved, line, saved, submitted

pytestmark = pytest.mark.django_db
PAGE = f"/resources/time/week/{WEEK}/"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    for module in ("services.timesheets", "guards_timesheets", "views.timesheets", "views.timesheets_inbox"):
        monkeypatch.setattr(f"stellwerk.resources.{module}.timezone.localdate", lambda: dt.date(2026, 12, 10))


def grid(cast, *cells, version=0, then="save", project=None, **more):
    values = {f"line-0-day-{at}": text for at, text in enumerate(cells)}
    return {"version": version, "then": then, "line-0-project": (project or cast.project).pk} | values | more


def test_hours_are_typed_saved_and_shown_again(cast):
    client = cast.client("tom")
    answer = client.post(PAGE, grid(cast, "7,5", "7:30", "0.25", **{"line-0-note-1": "Tests", "line-0-cap": "on"}))
    assert answer.status_code == 302
    entries = TimeEntry.objects.order_by("day")
    assert [(row.minutes, row.comment, row.capitalisable) for row in entries] == [
        (450, "", True), (450, "Tests", True), (15, "", True),
    ]  # fmt: skip
    text = client.get(PAGE).content.decode()
    assert 'value="7.5"' in text and 'value="Tests"' in text
    german = cast.client("tom")
    cast.tom.language = "de"
    cast.tom.save()
    assert 'value="7,5"' in german.get(PAGE).content.decode()


def test_what_cannot_be_read_is_kept_and_said_in_its_cell(cast):
    answer = cast.client("tom").post(PAGE, grid(cast, "8", "abc"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="abc"' in text and 'value="8"' in text
    assert "cannot be read as hours" in text and 'aria-invalid="true"' in text
    assert not TimeSheet.objects.exists()


def test_a_second_window_does_not_overwrite_the_first(cast):
    client = cast.client("tom")
    client.post(PAGE, grid(cast, "8"))
    answer = client.post(PAGE, grid(cast, "4", version=0))
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Saved meanwhile" in text and 'name="version" value="1"' in text
    assert TimeEntry.objects.get().minutes == 480
    assert client.post(PAGE, grid(cast, "4", version=1)).status_code == 302
    assert TimeEntry.objects.get().minutes == 240


def test_a_row_is_added_without_losing_what_was_typed(cast):
    cast.other_project.members.create(person=cast.people["tom"], role=cast.role)
    answer = cast.client("tom").post(PAGE, grid(cast, "8", "xx", then="add", add=f"{cast.other_project.pk}:"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'name="line-1-project" value="{cast.other_project.pk}"' in text and 'value="xx"' in text
    assert not TimeSheet.objects.exists()


def test_save_and_submit_in_one_step_and_then_read_only(cast):
    client = cast.client("tom")
    client.post(PAGE, grid(cast, "8", then="submit"))
    assert TimeSheet.objects.get().state == "submitted"
    assert 'name="line-0-day-0"' not in client.get(PAGE).content.decode()
    answer = client.post(PAGE, grid(cast, "4", version=2))
    assert answer.status_code == 409 and "no longer change" in answer.content.decode()


def test_last_week_is_copied_without_saving(cast):
    saved(cast, "tom", line(cast.project, (465, 0, 0, 0, 0, 0, 0)), week=WEEK - dt.timedelta(days=7))
    text = cast.client("tom").get(PAGE + "?fill=last").content.decode()
    assert 'value="7.75"' in text and "Nothing is saved yet" in text
    assert not TimeSheet.objects.filter(monday=WEEK).exists()


@pytest.mark.parametrize(
    "path", ["/resources/time/week/x/", "/resources/time/week/1899-01-01/", "/resources/time/week/2026-02-30/"]
)
def test_a_week_that_does_not_exist_is_not_found(cast, path):
    assert cast.client("tom").get(path).status_code == 404


def test_strange_input_is_refused_kindly(cast):
    client = cast.client("tom")
    for values in (
        {"version": "x", "line-0-project": "99999999"}, {"line-0-project": "-1"}, {"line-0-project": cast.project.pk, "line-0-activity": "7777"},
        grid(cast, "8", version="99999999999999"), grid(cast, "\x00"), grid(cast, "8", then="nonsense"),
    ):  # fmt: skip
        assert client.post(PAGE, values).status_code in (302, 409, 422)


def booking(cast, minutes=1200):
    demand = Demand.objects.create(
        key="DEM-1", project=cast.project, title="Tests", first=WEEK, last=WEEK, role=cast.role
    )
    found = Allocation.objects.create(
        key="ALC-1", demand=demand, person=cast.people["tom"], first=WEEK, last=WEEK, state="hard"
    )
    AllocationWeek.objects.create(allocation=found, monday=WEEK, minutes=minutes)


def test_the_week_is_prefilled_from_firm_bookings(cast):
    booking(cast)
    (row,) = suggested_lines(cast.people["tom"], WEEK)
    assert row.project == cast.project and row.booked == 1200
    (filled,) = proposal(cast.people["tom"], WEEK, [row])
    assert filled.minutes == [240] * 5 + [0, 0]
    text = cast.client("tom").get(PAGE + "?fill=bookings").content.decode()
    assert text.count('value="4" aria-label') == 5
    assert not TimeSheet.objects.exists()


def test_the_inbox_approves_what_is_ticked(cast):
    first, second = submitted(cast), submitted(cast, "tom", week=WEEK + dt.timedelta(days=7))
    client = cast.client("rita")
    text = client.get(reverse("resources:timesheet-inbox")).content.decode()
    assert "2 time sheets wait" in text and "Tom Okafor" in text
    answer = client.post(
        reverse("resources:timesheet-inbox"),
        {"sheet": [first.pk], f"version-{first.pk}": first.version, "step": "approve"},
    )
    assert answer.status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("approved", "submitted")
    answer = client.post(reverse("resources:timesheet-inbox"), {"sheet": [second.pk], "step": "reject"})
    assert answer.status_code == 422 and "reason" in answer.content.decode()
    assert client.post(reverse("resources:timesheet-inbox"), {"step": "approve"}).status_code == 409


def test_sheets_of_other_units_are_not_decided_on(cast):
    Person.objects.filter(pk=cast.people["tom"].pk).update(unit=cast.other_unit)
    sheet = submitted(cast)
    cast.client("rita").post(reverse("resources:timesheet-inbox"), {"sheet": [sheet.pk], "step": "approve"})
    sheet.refresh_from_db()
    assert sheet.state == "submitted"


def test_the_month_is_locked_by_the_controller(cast):
    sheet = approved(cast)
    client = cast.client("conny")
    page = reverse("resources:timesheet-close")
    assert "1 approved time sheet" in client.get(page + "?month=202611").content.decode()
    assert client.post(page, {"month": "202611"}).status_code == 302
    sheet.refresh_from_db()
    assert sheet.state == "locked"
    assert client.get(page + "?month=209913").status_code == 422
    assert cast.client("tom").get(page).status_code == 403


def test_reminders_are_sent_once(cast):
    approved(cast)
    monday = WEEK + dt.timedelta(days=14)
    assert remind_missing(monday) == 1
    assert remind_missing(monday + dt.timedelta(days=1)) == 0
    submitted(cast, "tom", week=WEEK + dt.timedelta(days=7))
    assert remind_missing(monday) == 0
    assert remind_waiting(monday) == 1
    assert remind_waiting(monday) == 0


def test_hours_page_takes_only_months(cast):
    client = cast.client("petra")
    assert client.get(reverse("resources:hours") + "?first=2026-10&last=2026-12").status_code == 200
    assert client.get(reverse("resources:hours") + "?first=x").status_code == 422
    assert client.get(reverse("resources:hours") + "?first=2000-01&last=2199-12").status_code == 422
    assert cast.client("tom").get(reverse("resources:hours")).status_code == 403


@pytest.mark.parametrize("who", ["rita", "paul", "elke", "petra", "ada", "uwe"])
def test_whoever_is_a_person_keeps_a_time_sheet_whatever_their_roles(cast, who):
    client, person = cast.client(who), cast.people[who]
    cast.project.members.get_or_create(person=person, role=cast.role)
    assert client.post(PAGE, grid(cast, "8", then="submit")).status_code == 302
    sheet = TimeSheet.objects.get(person=person)
    assert (sheet.state, sheet.entries.get().minutes) == ("submitted", 480)
    assert client.get(reverse("resources:timesheet-detail", args=[sheet.pk]), follow=True).status_code == 200
    for other in {"tom", "gerda", "walter"}:
        assert "8:00" not in cast.client(other).get(PAGE).content.decode()
        assert cast.client(other).get(reverse("resources:timesheet-detail", args=[sheet.pk])).status_code in (403, 404)


def test_a_line_manager_does_not_approve_their_own_week(cast):
    cast.project.members.create(person=cast.people["rita"], role=cast.role)
    client = cast.client("rita")
    client.post(PAGE, grid(cast, "8", then="submit"))
    sheet = TimeSheet.objects.get(person=cast.people["rita"])
    client.post(reverse("resources:timesheet-inbox"), {"sheet": sheet.pk, "then": "approve"})
    sheet.refresh_from_db()
    assert sheet.state == "submitted"


def test_an_account_without_a_person_has_no_time_sheet(cast):
    Person.objects.filter(user=cast.petra).update(user=None)
    assert cast.client("petra").get(PAGE).status_code == 403
