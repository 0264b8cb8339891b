"""Time sheets: what may be recorded, who decides, what is locked."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, Grant, Notification, Scope
from stellwerk.core.states import advance
from stellwerk.people.models import Absence, Person
from stellwerk.resources.models import HoursMonth, TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets import lines_of, missing, oddities, to_approve
from stellwerk.resources.services.timesheets import decide, lock_month, save_week, submit
from stellwerk.resources.services.timesheets_sums import rebuild_all
from stellwerk.resources.tests.sheets import HALF, WEEK, approved, line, saved, submitted
from stellwerk.resources.worktime import minutes_text, parse_minutes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    """All weeks of these tests are over."""
    for module in ("stellwerk.resources.services.timesheets", "stellwerk.resources.guards_timesheets"):
        monkeypatch.setattr(f"{module}.timezone.localdate", lambda: dt.date(2026, 12, 10))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("7,5", 450), ("7.5", 450), ("7:30", 450), ("7h30", 450), ("7,5 h", 450), ("0:15", 15), (",5", 30), ("", 0), ("0", 0),
        ("7,33", 440), ("24", 1440), ("8", 480), ("7:65", None), ("abc", None), ("-3", None), ("7,5,5", None), ("1.234,5", None),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_type_them(text, minutes):
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize("minutes", [15, 30, 60, 440, 450, 465, 600, 1440])
def test_what_is_shown_is_read_back(minutes):
    assert parse_minutes(minutes_text(minutes)) == minutes


def test_a_week_is_saved_changed_and_kept_line_by_line(cast):
    sheet = saved(cast)
    assert sheet.version == 1
    assert sum(row.minutes for row in TimeEntry.objects.filter(sheet=sheet)) == 1200
    again = save_week(
        person=cast.people["tom"], week=WEEK, by=cast.tom, version=1,
        lines=[line(cast.project, (480, 0, 240, 0, 0, 0, 0), comments=["Tests", "", "", "", "", "", ""], capitalisable=True)],
    )  # fmt: skip
    (kept,) = lines_of(again)
    assert kept.minutes == [480, 0, 240, 0, 0, 0, 0]
    assert kept.comments[0] == "Tests" and kept.capitalisable
    assert again.version == 2


def test_somebody_who_saw_an_older_week_is_told_both_values(cast):
    saved(cast)
    save_week(
        person=cast.people["tom"], week=WEEK, lines=[line(cast.project, (480,) * 5 + (0, 0))], by=cast.tom, version=1
    )
    with pytest.raises(StaleEdit) as caught:
        save_week(
            person=cast.people["tom"], week=WEEK, lines=[line(cast.project, (60,) * 5 + (0, 0))], by=cast.tom, version=1
        )
    conflict = caught.value.conflicts[0]
    assert (conflict.yours, conflict.theirs) == ("1", "8")
    assert TimeEntry.objects.filter(minutes=480).count() == 5


def test_nobody_else_records_for_a_person(cast):
    for who in (cast.paul, cast.rita, cast.petra, cast.conny):
        with pytest.raises(NotAllowed):
            save_week(person=cast.people["tom"], week=WEEK, lines=[line(cast.project)], by=who)


def test_a_deputy_records_in_the_place_of_the_person(cast):
    Grant.objects.create(user=cast.uwe, role="team_member", scope=Scope.SELF, deputy_for=cast.tom)
    sheet = save_week(person=cast.people["tom"], week=WEEK, lines=[line(cast.project)], by=cast.uwe)
    assert sheet.pk


@pytest.mark.parametrize(
    ("change", "where", "says"),
    [
        (lambda cast: [line(cast.project, (1500, 0, 0, 0, 0, 0, 0))], "line-0-day-0", "24 hours"),
        (lambda cast: [line(cast.project, (-60, 0, 0, 0, 0, 0, 0))], "line-0-day-0", "negative"),
        (lambda cast: [line(cast.project), line(cast.project)], "line-1", "twice"),
        (lambda cast: [line(cast.other_project)], "line-0", "not booked on PRJ-0002"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(cast, change, where, says):
    with pytest.raises(Invalid) as caught:
        saved(cast, "tom", *change(cast))
    assert says in " ".join(caught.value.errors[where])
    assert not TimeSheet.objects.exists()


def test_a_day_has_24_hours_over_all_rows(cast):
    cast.other_project.members.create(person=cast.people["tom"], role=cast.role)
    with pytest.raises(Invalid) as caught:
        saved(cast, "tom", line(cast.project, (800,) + (0,) * 6), line(cast.other_project, (700,) + (0,) * 6))
    assert "a day has 24 hours" in caught.value.errors["day-0"][0]


def test_a_closed_project_takes_no_more_hours_but_keeps_what_it_has(cast):
    saved(cast)
    cast.project.phase = "closed"
    cast.project.save()
    sheet = save_week(person=cast.people["tom"], week=WEEK, lines=[line(cast.project)], by=cast.tom, version=1)
    assert sheet.version == 1
    with pytest.raises(Invalid) as caught:
        save_week(person=cast.people["tom"], week=WEEK, lines=[line(cast.project, (480,) * 7)], by=cast.tom)
    assert "takes no more hours" in str(caught.value.errors)
    with pytest.raises(Invalid):
        saved(cast, "tom", week=WEEK + dt.timedelta(days=7))


def test_no_hours_before_the_entry_or_after_the_exit(cast):
    Person.objects.filter(pk=cast.people["tom"].pk).update(
        entry_date=dt.date(2026, 11, 11), exit_date=dt.date(2026, 11, 12)
    )
    cast.people["tom"].refresh_from_db()
    with pytest.raises(Invalid) as caught:
        saved(cast)
    assert {"line-0-day-0", "line-0-day-1", "line-0-day-4"} == set(caught.value.errors)


def test_absence_long_days_and_weekends_are_told_and_not_forbidden(cast):
    Absence.objects.create(person=cast.people["tom"], first=WEEK, last=WEEK)
    sheet = saved(cast, "tom", line(cast.project, (60, 660, 0, 0, 0, 60, 0)))
    told = " ".join(oddities(sheet, lines_of(sheet)))
    assert "absence" in told and "ten hours" in told and "weekend" in told
    assert "vacation" not in told.lower()


def test_an_empty_week_is_not_submitted(cast):
    sheet = TimeSheet.objects.create(person=cast.people["tom"], monday=WEEK)
    with pytest.raises(WrongState, match="No hours"):
        submit(sheet=sheet, by=cast.tom)


def test_the_line_manager_approves_in_bulk_and_sums_follow(cast):
    sheets = [submitted(cast), submitted(cast, "tom", week=WEEK + dt.timedelta(days=7))]
    assert not HoursMonth.objects.exists()
    assert list(to_approve(cast.rita)) == sheets
    assert not to_approve(cast.paul) and not to_approve(cast.tom)
    result = decide(sheets=sheets, step="approve", by=cast.rita)
    assert [sheet.state for sheet in result.done] == ["approved", "approved"]
    (row,) = HoursMonth.objects.all()
    assert (row.person, row.project, row.month, row.minutes) == (cast.people["tom"], cast.project, 202611, 2400)


def test_a_sheet_that_changed_since_it_was_seen_is_not_approved_and_does_not_stop_the_others(cast):
    first, second = submitted(cast), submitted(cast, "tom", week=WEEK + dt.timedelta(days=7))
    result = decide(
        sheets=[first, second],
        step="approve",
        by=cast.rita,
        versions={first.pk: first.version - 1, second.pk: second.version},
    )
    assert result.done == [second]
    assert result.refused[0][0] == first
    first.refresh_from_db()
    assert first.state == "submitted"


@pytest.mark.parametrize("who", ["tom", "paul", "petra", "conny", "elke", "uwe"])
def test_nobody_but_the_line_manager_approves(cast, who):
    result = decide(sheets=[submitted(cast)], step="approve", by=getattr(cast, who))
    assert not result.done and len(result.refused) == 1


def test_nobody_approves_their_own_sheet_nor_does_a_deputy_of_theirs(cast):
    Grant.objects.create(user=cast.rita, role="team_member", scope=Scope.SELF)
    cast.project.members.create(person=cast.people["rita"], role=cast.role)
    rita = type(cast.rita).objects.get(pk=cast.rita.pk)
    sheet = submit(sheet=save_week(person=cast.people["rita"], week=WEEK, lines=[line(cast.project)], by=rita), by=rita)
    assert not decide(sheets=[sheet], step="approve", by=rita).done
    Grant.objects.create(
        user=cast.uwe, role="resource_manager", scope=Scope.UNIT, scope_id=cast.unit.pk, deputy_for=cast.rita
    )
    assert not decide(sheets=[sheet], step="approve", by=cast.uwe).done


def test_a_deputy_of_the_line_manager_approves(cast):
    Grant.objects.create(
        user=cast.uwe, role="resource_manager", scope=Scope.UNIT, scope_id=cast.unit.pk, deputy_for=cast.rita
    )
    assert decide(sheets=[submitted(cast)], step="approve", by=cast.uwe).done


def test_a_sheet_is_sent_back_with_a_reason_and_changed_again(cast):
    sheet = submitted(cast)
    with pytest.raises(Refused, match="no longer change"):
        saved(cast)
    with pytest.raises(Invalid):
        decide(sheets=[sheet], step="reject", by=cast.rita)
    decide(sheets=[sheet], step="reject", by=cast.rita, reason="Monday was a trade fair.")
    notice = Notification.objects.get(user=cast.tom)
    assert "sent back" in notice.title and "trade fair" in notice.text
    again = save_week(person=cast.people["tom"], week=WEEK, lines=[line(cast.project, (60,) * 7)], by=cast.tom)
    assert again.state == "open"
    assert submit(sheet=again, by=cast.tom).state == "submitted"


def test_locking_a_month_locks_what_is_approved_and_counts_the_rest(cast, monkeypatch):
    approved(cast)
    submitted(cast, "tom", week=WEEK + dt.timedelta(days=7))
    with pytest.raises(Refused, match="not over"):
        lock_month(month=202612, by=cast.conny)
    with pytest.raises(NotAllowed):
        lock_month(month=202611, by=cast.rita)
    with pytest.raises(Invalid):
        lock_month(month=202613, by=cast.conny)
    done = lock_month(month=202611, by=cast.conny)
    assert done.locked == 1 and done.states == {"locked": 1, "submitted": 1}
    assert HoursMonth.objects.get().minutes == 1200


def test_the_audit_trail_never_holds_hours(cast):
    """Whoever reads the trail (auditor, PMO) does not read hours of a person in it."""
    sheet = approved(cast, "tom", line(cast.project, (437, 0, 0, 0, 0, 0, 0)))
    for entry in AuditEntry.objects.filter(entity_type="resources.timesheet", entity_id=sheet.pk):
        assert "437" not in str(entry.changes)


def test_rebuilt_sums_are_the_same_as_those_kept(cast):
    approved(cast)
    before = list(HoursMonth.objects.values_list("project", "person", "month", "minutes"))
    HoursMonth.objects.update(minutes=1)
    assert rebuild_all() == 1
    assert list(HoursMonth.objects.values_list("project", "person", "month", "minutes")) == before


def test_missing_are_those_who_record_and_worked_in_the_week(cast):
    approved(cast)
    later = WEEK + dt.timedelta(days=7)
    assert missing(later) == [cast.people["tom"]]
    Absence.objects.create(person=cast.people["tom"], first=later, last=later + dt.timedelta(days=6))
    assert missing(later) == []


def test_a_step_over_the_machine_obeys_the_same_rules(cast):
    sheet = submitted(cast)
    with pytest.raises(NotAllowed):
        advance(sheet, "approve", by=cast.petra)
    assert advance(sheet, "approve", by=cast.rita).state == "approved"


def test_half_is_a_week_of_twenty_hours():
    assert sum(HALF) == 1200
