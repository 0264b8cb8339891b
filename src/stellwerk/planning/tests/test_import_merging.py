"""A plan of the house on a journey through other tools: what their formats cannot say is still there when it comes back."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from stellwerk.core.changesets import undo
from stellwerk.core.models import ChangeItem
from stellwerk.planning.exchange import Document, read_schedule, write_schedule
from stellwerk.planning.exchange.tests.helping import plan as example
from stellwerk.planning.models import Activity, Plan, WorkingCalendar
from stellwerk.planning.selectors.documents import document_of
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.importing import Imported, Rows, import_schedule
from stellwerk.planning.services.importing.merging import positions
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db

KEPT = ("uid", "name", "wbs", "level", "kind", "duration", "percent", "constraint", "calendar_id", "position", "type", "manual", "active", "code", "deadline")  # fmt: skip


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """Rows of every kind in a calendar of the house, numbered automatically."""
    house = WorkingCalendar.objects.create(
        key="WERK", name="Werk", organisation=cast.organisation, week=[[[480, 720], [780, 1020]]] * 5 + [[], []], minutes_per_day=480
    )  # fmt: skip
    made = create_plan(project=cast.project, by=None, start=dt.date(2027, 3, 1))
    Plan.objects.filter(pk=made.pk).update(calendar=house)
    made.refresh_from_db()
    edit_plan(plan=made, by=None, operations=[
        {"op": "add", "ref": "s", "values": {"name": "Phase"}},
        {"op": "add", "ref": "a", "after": "s", "level": 2, "values": {"name": "Entwurf", "days": 5, "code": "E-100"}},
        {"op": "add", "ref": "b", "after": "a", "level": 2, "values": {"name": "Bau", "days": 10, "deadline": "2027-04-30T17:00"}},
        {"op": "add", "ref": "m", "after": "b", "level": 2, "values": {"name": "Fertig", "kind": "finish_milestone"}},
        {"op": "add", "ref": "l", "after": "m", "level": 2, "values": {"name": "Leitung", "kind": "level_of_effort", "days": 15}},
        {"op": "link", "from": "a", "to": "b"}, {"op": "link", "from": "b", "to": "m"},
        {"op": "link", "from": "a", "to": "l", "type": "SS"}, {"op": "link", "from": "m", "to": "l", "type": "FF"},
    ])  # fmt: skip
    done = Activity.objects.get(name="Entwurf")
    edit_plan(plan=stored(cast), by=None, operations=[
        {"op": "set", "row": done.pk, "version": done.version, "values": {"percent": 100}}
    ])  # fmt: skip
    Activity.objects.filter(name="Bau").update(state="suspended")
    return stored(cast)


def stored(cast: Cast) -> Plan:
    return Plan.objects.select_related("project", "calendar").get(project=cast.project)


def rows() -> list[tuple[Any, ...]]:
    return list(Activity.objects.order_by("position").values_list(*KEPT))


def through(cast: Cast, target: Any, document: Document | None = None) -> Imported:
    content = write_schedule(document or document_of(stored(cast)), target)
    name = {"mspdi": "plan.xml"}.get(target, f"plan.{target}")
    back = read_schedule(io.BytesIO(content), name=name)
    return import_schedule(project=cast.project, document=back, by=cast.paul, name=name)


@pytest.mark.parametrize("target", ["mspdi", "xlsx", "csv"])
def test_a_plan_comes_back_from_a_tool_that_says_less(cast: Cast, plan: Plan, target: str) -> None:
    before = rows()
    result = through(cast, target)
    assert (result.rows.added, result.rows.removed) == (0, 0)
    assert rows() == before
    after = stored(cast)
    assert after.calendar_id == plan.calendar_id, "the calendar of the house, not a copy"
    assert not WorkingCalendar.objects.filter(plan=plan).exists()
    assert after.auto_wbs
    assert Activity.objects.get(name="Bau").state == "suspended"
    assert (after.start, after.data_date, after.lag_calendar) == (plan.start, plan.data_date, plan.lag_calendar)


def test_what_the_other_tool_changed_is_taken(cast: Cast, plan: Plan) -> None:
    document = document_of(plan)
    changed = replace(
        document,
        tasks=tuple(replace(task, name="Bau, Los 1", percent_complete=Decimal(25), actual_start=dt.datetime(2027, 3, 8, 8)) if task.name == "Bau" else task for task in document.tasks),  # noqa: DTZ001
    )  # fmt: skip
    through(cast, "mspdi", changed)
    row = Activity.objects.get(name="Bau, Los 1")
    assert (row.percent, row.state) == (25, "in_progress")


def listed(result: Imported) -> dict[str, set[str]]:
    """Name of each row that the preview lists as changed → its columns."""
    items = ChangeItem.objects.filter(change_set=result.change_set, operation="update", entity_type="planning.activity")
    return {Activity.objects.get(pk=item.entity_id).name: set(item.after) for item in items}


@pytest.mark.parametrize("target", ["mspdi", "xer", "xlsx"])
def test_a_plan_that_comes_back_as_it_went_out_has_not_changed(cast: Cast, plan: Plan, target: str) -> None:
    result = through(cast, target)
    assert (result.changes, result.rows) == (False, Rows())
    after = stored(cast)
    assert (after.revision, after.stale, after.source) == (plan.revision, False, "")
    assert Activity.objects.exclude(reason=None).exists()  # why dates lie where they do is still known


@pytest.mark.parametrize("target", ["mspdi", "xer", "xlsx"])
def test_only_rows_that_were_changed_outside_are_listed(cast: Cast, plan: Plan, target: str) -> None:
    back = read_schedule(io.BytesIO(write_schedule(document_of(plan), target)), name={"mspdi": "p.xml"}.get(target, f"p.{target}"))  # fmt: skip
    tasks = tuple(replace(task, name="Bau, Los 1") if task.name == "Bau" else task for task in back.tasks)
    result = import_schedule(project=cast.project, document=replace(back, tasks=tasks), by=cast.paul, name="p")
    assert result.rows == Rows(changed=1)
    assert listed(result) == {"Bau, Los 1": {"name"}}
    assert not ChangeItem.objects.filter(change_set=result.change_set).exclude(entity_type__in=("planning.activity",))
    undo(result.change_set, by=cast.paul)
    assert Activity.objects.filter(name="Bau").exists()
    assert not stored(cast).stale


def test_what_was_changed_here_since_the_export_is_a_difference(cast: Cast, plan: Plan) -> None:
    content = write_schedule(document_of(plan), "mspdi")
    row = Activity.objects.get(name="Bau")
    edit_plan(
        plan=plan,
        by=None,
        operations=[{"op": "set", "row": row.pk, "version": row.version, "values": {"name": "Neubau"}}],
    )
    back = read_schedule(io.BytesIO(content), name="p.xml")
    assert listed(import_schedule(project=cast.project, document=back, by=cast.paul, name="p.xml")) == {"Bau": {"name"}}


def test_a_new_row_of_p6_lies_beside_its_neighbours(cast: Cast, plan: Plan) -> None:
    """P6 needs a root above all rows, which is none of the plan."""
    back = read_schedule(io.BytesIO(write_schedule(document_of(plan), "xer")), name="p.xer")
    place = next(number for number, task in enumerate(back.tasks) if task.name == "Bau")
    new = replace(back.tasks[place], uid=7700, id=None, code="Z1", name="Abnahme")
    tasks = (*back.tasks[: place + 1], new, *back.tasks[place + 1 :])
    result = import_schedule(project=cast.project, document=replace(back, tasks=tasks), by=cast.paul, name="p.xer")
    assert result.rows == Rows(added=1)
    names = list(Activity.objects.order_by("position").values_list("name", "level"))
    assert names[names.index(("Bau", 2)) + 1] == ("Abnahme", 2)


def test_a_calendar_that_was_changed_outside_becomes_one_of_the_plan(cast: Cast, plan: Plan) -> None:
    document = document_of(plan)
    shorter = tuple(replace(one, week=(*one.week[:4], (), (), ())) for one in document.calendars)
    through(cast, "mspdi", replace(document, calendars=shorter))
    after = stored(cast).calendar
    assert after is not None
    assert after.plan == plan
    assert WorkingCalendar.objects.get(pk=plan.calendar_id).week[4] != []


def test_a_row_in_between_leaves_the_others_where_they_are(cast: Cast, plan: Plan) -> None:
    document = document_of(plan)
    before = dict(Activity.objects.values_list("uid", "position"))
    new = replace(document.tasks[1], uid=77, name="Prüfung", id=77)
    result = through(cast, "mspdi", replace(document, tasks=(*document.tasks[:2], new, *document.tasks[2:])))
    assert (result.rows.added, result.rows.removed) == (1, 0)
    after = dict(Activity.objects.values_list("uid", "position"))
    assert {uid: place for uid, place in after.items() if uid != 77} == before
    assert list(Activity.objects.order_by("position").values_list("name", flat=True))[2] == "Prüfung"


def test_positions_follow_the_file_whatever_was_stored() -> None:
    assert positions([1, 2, 3], {1: 1024, 2: 2048, 3: 3072}) == {1: 1024, 2: 2048, 3: 3072}
    assert positions([1, 9, 2], {1: 1024, 2: 2048}) == {1: 1024, 9: 1536, 2: 2048}
    assert positions([2, 1], {1: 1024, 2: 2048}) == {2: 1024, 1: 2048}  # turned round: all anew
    assert positions([1, 8, 9, 2], {1: 5, 2: 6}) == {1: 1024, 8: 2048, 9: 3072, 2: 4096}  # no room
    assert positions([9, 1, 8], {1: 10}) == {9: 5, 1: 10, 8: 1034}


# ── kinds of milestones ──────────────────────────────────────────────────────────────────────────


def test_a_milestone_of_ms_project_marks_what_is_done(cast: Cast) -> None:
    """MSPDI says only that a row is a milestone: it marks the end of what leads to it, and is drawn there."""
    document = read_schedule(io.BytesIO(write_schedule(example(), "mspdi")))
    assert [task.kind for task in document.tasks if task.milestone] == ["finish_milestone"]
    import_schedule(project=cast.project, document=document, by=cast.paul, name="plan.xml")
    assert Activity.objects.get(name="Opened").kind == "finish_milestone"


def test_a_start_milestone_made_here_survives_formats_that_know_one_kind(cast: Cast) -> None:
    document = read_schedule(io.BytesIO(write_schedule(example(), "mspdi")))
    import_schedule(project=cast.project, document=document, by=cast.paul, name="plan.xml")
    Activity.objects.filter(name="Opened").update(kind="start_milestone")
    import_schedule(project=cast.project, document=document, by=cast.paul, name="plan.xml")
    assert Activity.objects.get(name="Opened").kind == "start_milestone"


@pytest.mark.parametrize(
    ("word", "kind"), [("Start milestone", "start_milestone"), ("Meilenstein", "finish_milestone")]
)
def test_a_table_may_say_which_kind_of_milestone(word: str, kind: str) -> None:
    rows = f"Name;Start;Art\nVertrag;01.03.2027;{word}\n"
    (task,) = read_schedule(io.BytesIO(rows.encode()), name="plan.csv").tasks
    assert (task.milestone, task.kind) == (True, kind)
