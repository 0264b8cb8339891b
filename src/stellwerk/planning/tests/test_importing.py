"""Schedule files into the tables and out again: nothing lost, nothing half done, the same file twice changes nothing."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.realdata import real_data

from stellwerk.core import changesets
from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.planning.compute import compute
from stellwerk.planning.exchange import Document, compare, read_schedule, write_schedule
from stellwerk.planning.exchange.tests.helping import plan as example
from stellwerk.planning.models import Activity, Assignment, Link, Plan, WorkingCalendar
from stellwerk.planning.network import plan_of
from stellwerk.planning.selectors.documents import document_of
from stellwerk.planning.services.editing import edit_plan, reschedule
from stellwerk.planning.services.importing import Imported, import_schedule
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


def test_who_may_not_plan_may_not_import(cast: Cast) -> None:
    for user in (cast.stefan, cast.tom, cast.uwe, cast.olga):
        with pytest.raises(NotAllowed):
            import_schedule(project=cast.project, document=example(), by=user)
    assert not Plan.objects.exists()


def test_rows_that_give_to_other_projects_are_not_removed(cast: Cast) -> None:
    from stellwerk.planning.services.plans import create_plan

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
    from stellwerk.planning.models import PlanResource

    assert PlanResource.objects.get(uid=resources[0].uid).person == tom
    assert not PlanResource.objects.exclude(uid=resources[0].uid).filter(person__isnull=False).exists()
