"""Rescheduling a whole plan, and taking that back: the old dates return while nothing stands on the new ones."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from stellwerk.core.errors import NotAllowed, WrongState
from stellwerk.core.models import AuditEntry, ChangeSet
from stellwerk.planning.models import Activity, Plan, WorkingCalendar
from stellwerk.planning.services.calendars import create_calendar, edit_calendar
from stellwerk.planning.services.editing import edit_plan, reschedule, undo_edit
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db

EIGHT = [[480, 720], [780, 1020]]


def stored(plan: Plan) -> Plan:
    return Plan.objects.select_related("project").get(pk=plan.pk)


def finish(name: str) -> str:
    at = Activity.objects.get(name=name).finish
    assert at is not None
    return at.strftime("%d.%m.")


@pytest.fixture
def calendar(cast: Cast) -> WorkingCalendar:
    return create_calendar({"name": "Werk", "week": [EIGHT] * 5 + [[], []]}, by=cast.petra)


@pytest.fixture
def plan(cast: Cast, calendar: WorkingCalendar) -> Plan:
    """A ten days, B three days after it; then the calendar loses its Fridays, and the plan waits."""
    made = create_plan(project=cast.project, by=cast.paul, start=dt.date(2026, 7, 1))
    edit_plan(plan=stored(made), by=None, operations=[
        {"op": "plan", "values": {"calendar": calendar.pk}},
        {"op": "add", "ref": "S", "values": {"name": "S"}},
        {"op": "add", "ref": "A", "after": "S", "level": 2, "values": {"name": "A", "days": 10}},
        {"op": "add", "ref": "B", "after": "A", "level": 2, "values": {"name": "B", "days": 3}},
        {"op": "link", "from": "A", "to": "B"},
    ])  # fmt: skip
    edit_calendar(calendar, {"week": [EIGHT] * 4 + [[], [], []]}, by=cast.petra)
    assert [finish(name) for name in "SAB"] == ["17.07.", "14.07.", "17.07."]
    return stored(made)


def test_taken_back_the_old_dates_stand_and_the_plan_waits_again(cast: Cast, plan: Plan) -> None:
    before = list(
        Activity.objects.order_by("pk").values("start", "finish", "late_finish", "total_float", "critical", "driver")
    )
    edited = reschedule(plan=plan, by=cast.paul)
    assert [finish(name) for name in "SAB"] == ["22.07.", "16.07.", "22.07."]
    assert not stored(plan).stale
    assert edited.change_set is not None
    revision = stored(plan).revision
    undone = undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.paul)
    assert list(Activity.objects.order_by("pk").values(*before[0])) == before
    again = stored(plan)
    assert again.stale
    assert again.finish == undone.plan.finish == dt.datetime(2026, 7, 17, 17)  # noqa: DTZ001
    assert again.revision == revision + 1
    assert set(Activity.objects.values_list("changed_in", flat=True)) == {again.revision}
    # Versions are those that planners have: their open edits do not meet the dates.
    assert AuditEntry.objects.filter(entity_type="planning.activity", verb="undo").count() == 0
    # And again: the step is as good as the first one.
    reschedule(plan=again, by=cast.paul)
    assert finish("B") == "22.07."


def test_later_dates_stand_in_the_way_and_are_named(cast: Cast, plan: Plan) -> None:
    edited = reschedule(plan=plan, by=cast.paul)
    assert edited.change_set is not None
    row = Activity.objects.get(name="A")
    later = edit_plan(
        plan=stored(plan), by=cast.petra, operations=[{"op": "set", "row": row.pk, "values": {"days": 11}}]
    )
    with pytest.raises(WrongState) as refused:
        undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.paul)
    assert later.change_set is not None
    assert later.change_set.title in str(refused.value)
    assert str(cast.petra) in str(refused.value)
    assert not stored(plan).stale
    assert finish("A") == "20.07."
    # What stood in the way is taken back: the way is free.
    undo_edit(change_set=later.change_set, plan=stored(plan), by=cast.petra)
    undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.paul)
    assert finish("A") == "14.07."


def test_a_new_or_removed_row_stands_in_the_way_a_name_does_not(cast: Cast, plan: Plan) -> None:
    edited = reschedule(plan=plan, by=cast.paul)
    assert edited.change_set is not None
    edit_plan(
        plan=stored(plan), by=cast.paul, operations=[{"op": "add", "ref": "C", "values": {"name": "C", "days": 1}}]
    )
    with pytest.raises(WrongState):
        undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.paul)
    edit_plan(
        plan=stored(plan), by=cast.paul, operations=[{"op": "remove", "rows": [Activity.objects.get(name="C").pk]}]
    )
    row = Activity.objects.get(name="A")
    edit_plan(plan=stored(plan), by=cast.paul, operations=[{"op": "set", "row": row.pk, "values": {"name": "Anders"}}])
    undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.paul)
    assert finish("Anders") == "14.07."


def test_who_may_not_plan_takes_nothing_back_and_nothing_twice(cast: Cast, plan: Plan) -> None:
    edited = reschedule(plan=plan, by=cast.paul)
    assert edited.change_set is not None
    with pytest.raises(NotAllowed):
        undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.tom)
    assert not stored(plan).stale
    undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.paul)
    with pytest.raises(WrongState):
        undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.paul)


def test_an_archived_project_keeps_its_dates(cast: Cast, plan: Plan) -> None:
    edited = reschedule(plan=plan, by=cast.paul)
    assert edited.change_set is not None
    fresh = stored(plan)
    type(fresh.project).objects.filter(pk=fresh.project.pk).update(archived_at=dt.datetime(2026, 8, 1, tzinfo=dt.UTC))
    with pytest.raises((WrongState, NotAllowed)):
        undo_edit(change_set=edited.change_set, plan=stored(plan), by=cast.paul)
    assert finish("A") == "16.07."


def test_a_preview_and_a_rescheduling_that_changes_nothing_leave_no_step(cast: Cast, plan: Plan) -> None:
    assert reschedule(plan=plan, by=cast.paul, preview=True).change_set is None
    first = reschedule(plan=plan, by=cast.paul)
    second = reschedule(plan=stored(plan), by=cast.paul)
    assert second.change_set is None
    assert ChangeSet.objects.filter(kind="plan_reschedule").get() == first.change_set


def test_the_page_is_told_what_others_changed_before_it_too(cast: Cast, plan: Plan) -> None:
    client = cast.client("paul")
    seen = plan.revision
    row = Activity.objects.get(name="S")
    edit_plan(plan=plan, by=cast.petra, operations=[{"op": "set", "row": row.pk, "values": {"name": "Von Petra"}}])
    Plan.objects.filter(pk=plan.pk).update(stale=True)
    url = f"/plans/{plan.key}/reschedule/?since={seen}"
    answer = client.post(url, json.dumps({"preview": False}), content_type="application/json").json()
    assert "Von Petra" in {one["name"] for one in answer["rows"]}
    assert answer["change"]
    assert not answer["plan"]["stale"]
    undone = client.post(
        f"/plans/{plan.key}/undo/?since={answer['revision']}",
        json.dumps({"change": answer["change"]}),
        content_type="application/json",
    ).json()
    assert undone["plan"]["stale"]
