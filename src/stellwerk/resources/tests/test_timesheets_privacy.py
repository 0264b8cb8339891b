"""Recorded hours of single people and of groups below five are read by nobody without an agreement."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from stellwerk.core.attachments import attach
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import Grant, Notification, Scope
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import HoursAgreement, HoursMonth, TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets_hours import (
    actual_minutes_by_activity,
    actual_minutes_of,
    hours_by_activity,
    hours_by_project_month,
)
from stellwerk.resources.services.timesheets_agreements import record_agreement
from stellwerk.resources.services.timesheets_correct import correct_entry
from stellwerk.resources.tests.sheets import WEEK, approved, colleagues, line, submitted

pytestmark = pytest.mark.django_db
READERS = ("petra", "anton", "conny", "paul", "stefan", "gerda", "elke", "rita", "walter", "ada", "tom", "uwe")


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    for module in ("services.timesheets", "guards_timesheets", "selectors.timesheets_access"):
        monkeypatch.setattr(f"stellwerk.resources.{module}.timezone.localdate", lambda: dt.date(2026, 12, 10))


def agreed(cast, **values):
    """An agreement with its signed document."""
    given = {
        "organisation": cast.organisation, "reference": "BV 12/2026", "purpose": "Capacity of small teams", "individual": True,
        "signed_on": dt.date(2026, 11, 1), "valid_from": dt.date(2026, 11, 1),
    }  # fmt: skip
    found = record_agreement(values=given | values, by=cast.petra)
    attach(found, file=SimpleUploadedFile("bv.pdf", b"%PDF-1.4 signed"), by=cast.petra)
    return found


def cells(user):
    return {
        (line.key, month): minutes for line in hours_by_project_month(user) for month, minutes in line.months.items()
    }


@pytest.mark.parametrize("count", [1, 4])
def test_fewer_than_five_people_are_withheld_from_everybody(cast, count):
    colleagues(cast, count)
    for who in READERS:
        user = getattr(cast, who)
        assert all(minutes is None for minutes in cells(user).values()), who
        assert all(row.minutes is None for row in hours_by_activity(user, cast.project)), who
        assert actual_minutes_of(cast.project, user) is None, who
    assert actual_minutes_of(cast.project) == 60 * count


def test_five_people_are_shown_to_those_who_read_hours_of_the_project(cast):
    colleagues(cast, 5)
    for who in ("petra", "anton", "conny", "paul", "stefan", "gerda", "elke"):
        assert cells(getattr(cast, who)) == {("PRJ-0001", 202611): 300}, who
    for who in ("olga", "tom", "uwe", "walter", "ada", "rita"):
        assert cells(getattr(cast, who)) == {}, who


def test_a_withheld_month_is_not_reckoned_back_from_the_rest(cast):
    """One person in October, five in November, six in December: the total of all minus the shown ones would be the one."""
    people = colleagues(cast, 5)
    for month, who in ((dt.date(2026, 10, 5), people[:1]), (dt.date(2026, 12, 7), people)):
        for person in who:
            HoursMonth.objects.create(
                project=cast.project, person=person, month=month.year * 100 + month.month, minutes=90, capitalisable=0
            )
    shown = cells(cast.petra)
    assert shown[("PRJ-0001", 202610)] is None
    assert sum(minutes is None for minutes in shown.values()) >= 2
    (alone,) = hours_by_project_month(cast.petra, 202611, 202612)
    (whole,) = hours_by_project_month(cast.petra)
    for month, minutes in alone.months.items():
        assert whole.months[month] == minutes, "another period must not show more"


def test_only_approved_hours_count(cast):
    submitted(cast)
    assert actual_minutes_of(cast.project) == 0
    assert actual_minutes_by_activity(cast.project) == {}


def test_an_agreement_opens_the_hours_from_its_first_to_its_last_day_with_its_document(cast):
    colleagues(cast, 2)
    without = {
        "organisation": cast.organisation,
        "reference": "BV",
        "purpose": "x",
        "individual": True,
        "signed_on": dt.date(2026, 11, 1),
    }
    found = record_agreement(values=without | {"valid_from": dt.date(2026, 11, 1)}, by=cast.petra)
    assert cells(cast.petra) == {("PRJ-0001", 202611): None}, "no document, no agreement"
    attach(found, file=SimpleUploadedFile("bv.pdf", b"%PDF-1.4 signed"), by=cast.petra)
    assert cells(cast.petra) == {("PRJ-0001", 202611): 120}
    HoursAgreement.objects.update(valid_until=dt.date(2026, 12, 9))
    assert cells(cast.petra) == {("PRJ-0001", 202611): None}


def test_an_agreement_of_another_organisation_opens_nothing(cast):
    colleagues(cast, 2)
    agreed(cast, organisation=cast.other_organisation)
    assert cells(cast.petra) == {("PRJ-0001", 202611): None}


def test_the_works_council_is_told_and_nobody_else_records_an_agreement(cast):
    agreed(cast)
    assert Notification.objects.filter(user=cast.walter, kind="resources.agreement").exists()
    for who in ("rita", "paul", "conny", "walter", "tom"):
        with pytest.raises(NotAllowed):
            record_agreement(
                values={
                    "organisation": cast.organisation, "reference": "BV", "purpose": "x", "signed_on": WEEK, "valid_from": WEEK,
                },
                by=getattr(cast, who),
            )  # fmt: skip


SECRET = 437  # 7:17, a figure that stands nowhere else


@pytest.mark.parametrize("who", READERS)
def test_no_page_shows_hours_of_one_person_but_to_the_person_and_the_approver(cast, who):
    sheet = approved(cast, "tom", line(cast.project, (SECRET, 0, 0, 0, 0, 0, 0)))
    client = cast.client(who)
    if who == "uwe":
        Grant.objects.create(user=cast.uwe, role="pmo_analyst", scope=Scope.ORGANISATION)
    pages = [
        reverse("resources:timesheet-detail", args=[sheet.pk]), reverse("resources:timesheet-correct", args=[sheet.pk]),
        reverse("resources:hours"), reverse("resources:timesheet-inbox"), reverse("resources:timesheet-close"),
        reverse("resources:timesheet-week", args=[WEEK.isoformat()]), reverse("portfolio:project-detail", args=["PRJ-0001"]),
        reverse("core:history", args=["resources.timesheet", sheet.pk]), "/",
    ]  # fmt: skip
    found = {path for path in pages if "7:17" in client.get(path, follow=True).content.decode()}
    if who == "tom":
        assert found <= {pages[0], pages[5]} and found
    elif who == "rita":
        assert found <= {pages[0], pages[1]} and found
    else:
        assert not found


def test_the_exported_workbook_withholds_the_same(cast):
    colleagues(cast, 3, minutes=SECRET)
    answer = cast.client("petra").get(reverse("resources:hours") + "?first=2026-10&last=2026-12&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    values = [cell.value for row in book.active.iter_rows() for cell in row]
    assert "PRJ-0001" in values
    assert not [value for value in values if isinstance(value, (int, float)) and value]


def test_whoever_sees_the_sheet_by_agreement_reads_its_hours(cast):
    sheet = approved(cast, "tom", line(cast.project, (SECRET, 0, 0, 0, 0, 0, 0)))
    path = reverse("resources:timesheet-detail", args=[sheet.pk])
    assert "7:17" not in cast.client("conny").get(path).content.decode()
    agreed(cast)
    assert "7:17" in cast.client("conny").get(path).content.decode()


# ── corrections ──────────────────────────────────────────────────────────────────────────────────


def test_a_correction_reverses_and_records_anew_and_sums_follow(cast):
    sheet = approved(cast)
    entry = sheet.entries.order_by("day").first()
    correct_entry(entry=entry, minutes=120, reason="Half a day only", by=cast.rita)
    rows = list(TimeEntry.objects.filter(sheet=sheet, day=entry.day).order_by("pk").values_list("minutes", flat=True))
    assert rows == [240, -240, 120]
    assert HoursMonth.objects.get().minutes == 1200 - 120
    assert Notification.objects.filter(user=cast.tom, kind="resources.hours_corrected").exists()
    with pytest.raises(Refused, match="corrected already"):
        correct_entry(entry=entry, minutes=60, reason="Again", by=cast.rita)
    again = TimeEntry.objects.get(sheet=sheet, minutes=120)
    correct_entry(entry=again, minutes=0, reason="Not at all", by=cast.rita)
    assert HoursMonth.objects.get().minutes == 1200 - 240


def test_a_correction_may_move_hours_to_another_project(cast):
    entry = approved(cast).entries.order_by("day").first()
    correct_entry(entry=entry, minutes=240, reason="Wrong project", by=cast.rita, project=cast.other_project)
    assert dict(HoursMonth.objects.values_list("project", "minutes")) == {
        cast.project.pk: 960, cast.other_project.pk: 240,
    }  # fmt: skip


@pytest.mark.parametrize("who", ["tom", "paul", "petra", "conny", "uwe"])
def test_nobody_but_the_line_manager_corrects_without_an_agreement(cast, who):
    entry = approved(cast).entries.first()
    with pytest.raises(NotAllowed):
        correct_entry(entry=entry, minutes=60, reason="x", by=getattr(cast, who))


def test_what_cannot_be_corrected_says_why(cast):
    entry = approved(cast).entries.first()
    for values, where in (
        ({"minutes": 60, "reason": " "}, "reason"), ({"minutes": 1500, "reason": "x"}, "minutes"), ({"minutes": 240, "reason": "x"}, "minutes"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            correct_entry(entry=entry, by=cast.rita, **values)
        assert where in caught.value.errors
    Project.objects.filter(pk=cast.other_project.pk).update(phase="closed")
    cast.other_project.refresh_from_db()
    with pytest.raises(Invalid) as caught:
        correct_entry(entry=entry, minutes=60, reason="x", by=cast.rita, project=cast.other_project)
    assert "project" in caught.value.errors
    assert TimeSheet.objects.get().entries.count() == 5


def test_the_cockpit_names_the_hours_of_the_project_by_activity(cast):
    """The panel shows lines that its readers may see, each once under one head."""
    colleagues(cast, 5)
    text = cast.client("petra").get(reverse("portfolio:project-detail", args=[cast.project.key])).content.decode()
    assert text.count(">Recorded hours<") == 1
    assert "Without an activity" in text or "Recorded (h)" in text
    alone = cast.client("uwe").get(reverse("portfolio:project-detail", args=[cast.project.key]))
    assert "Recorded (h)" not in alone.content.decode()
