"""Schedule files into the tables and out again: nothing lost, nothing half done, the same file twice changes nothing."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.realdata import real_data

from stellwerk.core import changesets
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.planning.compute import compute
from stellwerk.planning.exchange import Document, ScheduleFileError, compare, read_schedule, write_schedule
from stellwerk.planning.exchange.document import Lag
from stellwerk.planning.exchange.document import Link as Link_
from stellwerk.planning.exchange.kept import RawTable
from stellwerk.planning.exchange.tests.helping import plan as example
from stellwerk.planning.models import (
    Activity,
    Assignment,
    Baseline,
    BaselineRow,
    Link,
    Plan,
    PlanResource,
    WorkingCalendar,
)
from stellwerk.planning.network import plan_of
from stellwerk.planning.selectors.documents import document_of
from stellwerk.planning.services.baselines import propose_baseline
from stellwerk.planning.services.editing import edit_plan, reschedule
from stellwerk.planning.services.importing import Imported, import_schedule
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db
EXPECTED = json.loads((Path(__file__).parents[1] / "exchange/tests/expected.json").read_text("utf-8"))
OURS = sorted(name for name in EXPECTED if name.endswith(".xer") or (name.endswith(".xml") and "MSPDI" in EXPECTED[name]["read as"]))  # fmt: skip


def taken(cast: Cast, document: Document, **options: object) -> Imported:
    return import_schedule(project=cast.project, document=document, by=cast.paul, name="plan.xml", **options)  # type: ignore[arg-type]


def stored(cast: Cast) -> Plan:
    return Plan.objects.select_related("project", "calendar").get(project=cast.project)


def test_a_document_comes_back_as_it_was(cast: Cast) -> None:
    document = example()
    taken(cast, document)
    assert compare(document, document_of(stored(cast))) == ()


@pytest.mark.parametrize(("option", "mode"), [("Y", "progress_override"), ("N", "retained_logic")])
def test_the_rule_for_progress_out_of_sequence_comes_with_a_new_plan(cast: Cast, option: str, mode: str) -> None:
    """Later imports leave it: somebody may have chosen another one since."""
    table = RawTable("SCHEDOPTIONS", ("schedoptions_id", "sched_progress_override"), (("1", option),))
    document = replace(example(), format="xer", tables=(table,))
    taken(cast, document)
    assert stored(cast).progress_mode == mode
    Plan.objects.filter(project=cast.project).update(progress_mode="retained_logic")
    taken(cast, replace(document, project=replace(document.project, title="Again")))
    assert stored(cast).progress_mode == "retained_logic"


@pytest.mark.parametrize(
    ("format_", "told", "wins"),
    [("xer", None, True), ("mspdi", True, True), ("mspdi", False, False), ("table", None, False)],
)
def test_a_plan_lets_dates_win_as_its_tool_does(cast: Cast, format_: Any, told: bool | None, wins: bool) -> None:
    """P6 always does, Microsoft Project by an option; what a file does not say stays as it is."""
    document = replace(example(), format=format_, project=replace(example().project, dates_win=told))
    taken(cast, document)
    assert stored(cast).dates_win is wins
    assert document_of(stored(cast)).project.dates_win is told
    Plan.objects.update(dates_win=True)
    silent = replace(document, format="table", project=replace(document.project, dates_win=None, title="B"))
    taken(cast, silent)
    assert stored(cast).dates_win


def test_the_option_of_microsoft_project_is_read_and_written() -> None:
    document = replace(example(), project=replace(example().project, dates_win=True))
    content = write_schedule(document, "mspdi")
    assert b"<HonorConstraints>1</HonorConstraints>" in content
    assert read_schedule(io.BytesIO(content)).project.dates_win


@pytest.mark.parametrize("name", OURS)
def test_real_files_come_back_as_they_were(cast: Cast, name: str) -> None:
    document = read_schedule(real_data("schedules", "mpxj", name))
    result = taken(cast, document)
    assert result.counts == document.counts()
    back = document_of(stored(cast))
    assert compare(document, back) == ()
    assert back.counts() == document.counts()


@pytest.mark.parametrize("name", OURS)
def test_the_same_file_again_changes_nothing(cast: Cast, name: str) -> None:
    document = read_schedule(real_data("schedules", "mpxj", name))
    taken(cast, document)
    revision = stored(cast).revision
    again = taken(cast, read_schedule(real_data("schedules", "mpxj", name)))
    assert not again.changes, again.rows
    assert stored(cast).revision == revision
    assert changesets.ChangeSet.objects.count() == 1


@pytest.mark.parametrize("name", OURS)
def test_tables_and_file_give_the_engine_the_same_plan(cast: Cast, name: str) -> None:
    document = read_schedule(real_data("schedules", "mpxj", name))
    taken(cast, document)
    plan = stored(cast)
    by_file, by_tables = plan_of(document), compute(plan)
    from stellwerk.engine.network import NetworkError, schedule

    try:
        dates = schedule(by_file.network)
    except (NetworkError, ValueError) as error:
        pytest.fail(f"the file cannot be computed: {error}")
    uids = by_tables.columns.number["uid"].tolist()
    ours = {uid: (int(by_tables.dates.start[row]), int(by_tables.dates.finish[row])) for row, uid in enumerate(uids)}
    for row, task in enumerate(by_file.tasks):
        assert ours[task.uid] == (int(dates.start[row]), int(dates.finish[row])), task.name


def test_a_dry_run_writes_nothing(cast: Cast) -> None:
    result = taken(cast, example(), dry_run=True)
    assert result.rows.added == len([task for task in example().tasks if not task.blank])
    assert not Plan.objects.exists()
    assert not Activity.objects.exists()


def test_an_import_is_taken_back_whole(cast: Cast) -> None:
    document = example()
    taken(cast, document)
    changed = replace(document, tasks=tuple(replace(task, name=f"{task.name} neu") for task in document.tasks[:-1]))
    keep = replace(changed, tasks=(*document.tasks[:3], *changed.tasks[3:]))
    keep = replace(
        keep,
        tasks=tuple(
            task if number != 1 else replace(task, name="Anders") for number, task in enumerate(document.tasks)
        ),
    )
    second = taken(cast, keep)
    assert second.rows.changed == 1
    assert second.change_set is not None
    changesets.undo(second.change_set, by=cast.paul)
    assert compare(document, document_of(stored(cast))) == ()


def test_the_first_import_is_taken_back_to_no_plan(cast: Cast) -> None:
    first = taken(cast, example())
    assert first.change_set is not None
    changesets.undo(first.change_set, by=cast.paul)
    assert not Activity.objects.exists()
    assert not WorkingCalendar.objects.exists()
    assert not Link.objects.exists()
    assert not Assignment.objects.exists()


def test_an_export_that_was_edited_elsewhere_comes_back_to_the_same_rows(cast: Cast) -> None:
    taken(cast, example())
    reschedule(plan=stored(cast), by=cast.paul)
    before = dict(Activity.objects.values_list("uid", "pk"))
    again = read_schedule(io.BytesIO(write_schedule(document_of(stored(cast)), "mspdi")))
    taken(cast, again)
    after = dict(Activity.objects.values_list("uid", "pk"))
    assert {uid: pk for uid, pk in after.items() if uid in before} == before


def test_another_schedule_with_the_same_numbers_is_another_schedule(cast: Cast) -> None:
    taken(cast, example())
    before = set(Activity.objects.values_list("pk", flat=True))
    other = replace(example(), tasks=tuple(replace(task, name=f"Ganz anders {task.uid}") for task in example().tasks))
    result = taken(cast, other)
    assert not before & set(Activity.objects.values_list("pk", flat=True))
    assert result.rows.removed == len(before)


def test_another_schedule_is_taken_back_to_the_rows_that_it_replaced(cast: Cast) -> None:
    document = example()
    taken(cast, document)
    before = dict(Activity.objects.values_list("uid", "pk"))
    other = replace(document, tasks=tuple(replace(task, name=f"Ganz anders {task.uid}") for task in document.tasks))
    change_set = taken(cast, other).change_set
    assert change_set is not None
    changesets.undo(change_set, by=cast.paul)
    assert dict(Activity.objects.values_list("uid", "pk")) == before
    assert compare(document, document_of(stored(cast))) == ()


def test_calendars_that_the_file_no_longer_has_go_and_come_back(cast: Cast) -> None:
    document = example()
    taken(cast, document)
    fewer = replace(
        document,
        calendars=document.calendars[:1],
        tasks=tuple(replace(task, calendar=None) for task in document.tasks),
        resources=tuple(replace(one, calendar=None) for one in document.resources),
    )
    change_set = taken(cast, fewer).change_set
    assert WorkingCalendar.objects.filter(plan=stored(cast)).count() == 1
    assert compare(fewer, document_of(stored(cast))) == ()
    assert change_set is not None
    changesets.undo(change_set, by=cast.paul)
    assert compare(document, document_of(stored(cast))) == ()


def test_an_import_over_a_computed_plan_is_taken_back_to_computed_dates(cast: Cast) -> None:
    taken(cast, example())
    reschedule(plan=stored(cast), by=cast.paul)
    columns = ("uid", "start", "finish", "late_finish", "total_float", "critical", "name")
    before = list(Activity.objects.order_by("uid").values_list(*columns))
    change_set = taken(cast, example()).change_set
    assert stored(cast).stale
    assert change_set is not None
    reschedule(plan=stored(cast), by=cast.paul)
    changesets.undo(change_set, by=cast.paul)
    assert not stored(cast).stale
    assert list(Activity.objects.order_by("uid").values_list(*columns)) == before


def test_an_import_that_closes_a_circle_over_two_projects_is_refused(cast: Cast) -> None:
    """Each plan alone is in order: the file joins what gives to the other project with what takes from it."""
    document = example()
    first, last = 3, 7
    lone = replace(document, links=())
    taken(cast, lone)
    other = create_plan(project=cast.other_project, by=None)
    ours = {row.uid: row.pk for row in Activity.objects.filter(plan=stored(cast))}
    edit_plan(plan=other, by=None, operations=[
        {"op": "add", "ref": "n", "values": {"name": "Dazwischen", "days": 2}}, {"op": "link", "from": ours[last], "to": "n"}
    ])  # fmt: skip
    between = Activity.objects.get(name="Dazwischen")
    edit_plan(plan=stored(cast), by=None, operations=[{"op": "link", "from": between.pk, "to": ours[first]}])
    with pytest.raises(Refused, match="circle"):
        taken(cast, replace(document, links=(Link_(first, last),)))
    assert not Link.objects.filter(predecessor=ours[first]).exists()


def test_two_baselines_of_one_number_in_a_row_do_not_break_the_import(cast: Cast) -> None:
    document = example()
    twice = tuple(replace(task, baselines=(*task.baselines, *task.baselines)) for task in document.tasks)
    document = replace(document, tasks=twice)
    taken(cast, document)
    assert compare(document, document_of(stored(cast))) == ()


def test_a_baseline_that_was_imported_stays_and_the_difference_is_told(cast: Cast) -> None:
    document = example()
    taken(cast, document)
    assert [one.code for one in taken(cast, document).warnings if one.code.startswith("import_baseline")] == []
    moved = tuple(
        replace(task, baselines=tuple(replace(one, finish=one.finish + dt.timedelta(days=1)) for one in task.baselines if one.finish))
        for task in document.tasks
    )  # fmt: skip
    rows = list(BaselineRow.objects.order_by("pk").values_list("finish", flat=True))
    result = taken(cast, replace(document, tasks=moved))
    assert [one.code for one in result.warnings].count("import_baseline_differs") == 2
    assert list(BaselineRow.objects.order_by("pk").values_list("finish", flat=True)) == rows


def test_a_baseline_approved_here_is_never_replaced(cast: Cast) -> None:
    document = replace(example(), tasks=tuple(replace(task, baselines=()) for task in example().tasks))
    taken(cast, document)
    reschedule(plan=stored(cast), by=cast.paul)
    propose_baseline(plan=stored(cast), by=cast.paul, reason="Freigabe der Ausführung")
    result = taken(cast, example())
    assert "import_baseline" in [one.code for one in result.warnings]
    assert not Baseline.objects.get(plan=stored(cast), number=0).imported


def test_what_cannot_be_computed_is_refused(cast: Cast) -> None:
    document = example()
    far = Link_(3, 4, "FS", Lag(percent=Decimal(10) ** 14))
    with pytest.raises(Refused, match="cannot be computed"):
        taken(cast, replace(document, links=(far,)))
    assert not Plan.objects.exists()


def test_numbers_that_no_database_holds_are_refused_with_their_line(cast: Cast) -> None:
    text = write_schedule(example(), "mspdi").decode().replace("<UID>3</UID>", "<UID>4000000000</UID>")
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(io.BytesIO(text.encode()))
    assert {one.code for one in caught.value.problems if one.severity == "error"} >= {"number_range"}
    assert all(one.line for one in caught.value.problems if one.code == "number_range")


def test_who_may_not_plan_may_not_import(cast: Cast) -> None:
    for user in (cast.stefan, cast.tom, cast.uwe, cast.olga):
        with pytest.raises(NotAllowed):
            import_schedule(project=cast.project, document=example(), by=user)
    assert not Plan.objects.exists()


def test_rows_that_give_to_other_projects_are_not_removed(cast: Cast) -> None:
    taken(cast, example())
    other = create_plan(project=cast.other_project, by=None)
    giver = Activity.objects.filter(plan=stored(cast), summary=False).order_by("position").first()
    assert giver is not None
    edit_plan(plan=other, by=None, operations=[
        {"op": "add", "ref": "n", "values": {"name": "Nehmer", "days": 2}}, {"op": "link", "from": giver.pk, "to": "n"}
    ])  # fmt: skip
    fewer = replace(
        example(),
        tasks=tuple(task for task in example().tasks if task.uid != giver.uid),
        links=tuple(link for link in example().links if giver.uid not in (link.predecessor, link.successor)),
        assignments=tuple(one for one in example().assignments if one.task != giver.uid),
    )
    count = Activity.objects.count()
    with pytest.raises(Refused, match=cast.other_project.key):
        taken(cast, fewer)
    assert Activity.objects.count() == count


def test_people_are_recognised_by_their_whole_name_only(cast: Cast) -> None:
    document = example()
    tom = cast.people["tom"]
    resources = tuple(
        replace(one, name=f"{tom.first_name} {tom.last_name}") if number == 0 else one
        for number, one in enumerate(document.resources)
    )
    import_schedule(project=cast.project, document=replace(document, resources=resources), by=cast.petra)
    assert PlanResource.objects.get(uid=resources[0].uid).person == tom
    assert not PlanResource.objects.exclude(uid=resources[0].uid).filter(person__isnull=False).exists()
