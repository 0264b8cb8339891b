"""Planned cost of activities: typed, imported, seen by who may see it, frozen in baselines."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from stellwerk.planning.exchange import read_schedule, write_schedule
from stellwerk.planning.exchange.tests.helping import plan as example
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.selectors.baselines import compare
from stellwerk.planning.selectors.documents import document_of
from stellwerk.planning.services.baselines import intact, propose_baseline
from stellwerk.planning.services.editing import EditRefused, edit_plan
from stellwerk.planning.services.importing import import_schedule
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(cast: Cast) -> Plan:
    made = create_plan(project=cast.project, by=None, start=dt.date(2027, 3, 1))
    edit_plan(plan=made, by=None, operations=[
        {"op": "add", "ref": "s", "values": {"name": "Phase"}},
        {"op": "add", "ref": "a", "after": "s", "level": 2, "values": {"name": "Design", "days": 5, "cost": "1250.50"}},
        {"op": "add", "after": "a", "level": 2, "values": {"name": "Build", "days": 10, "cost": 40000}},
    ])  # fmt: skip
    return Plan.objects.select_related("project", "calendar").get(pk=made.pk)


def typed(plan: Plan, name: str, value: object) -> None:
    row = Activity.objects.get(plan=plan, name=name)
    edit_plan(plan=plan, by=None, operations=[{"op": "set", "row": row.pk, "version": row.version, "values": {"cost": value}}])  # fmt: skip


def test_what_is_typed_is_kept_in_minor_units(plan: Plan) -> None:
    assert dict(Activity.objects.values_list("name", "cost")) == {"Phase": None, "Design": 125050, "Build": 4000000}
    typed(plan, "Design", "")
    assert Activity.objects.get(name="Design").cost is None


@pytest.mark.parametrize("value", ["viel", -1, True, "1e30", [], "NaN"])
def test_no_amounts_are_refused_at_the_field(plan: Plan, value: object) -> None:
    with pytest.raises(EditRefused) as refused:
        typed(plan, "Design", value)
    assert refused.value.faults[0].field == "cost"
    assert Activity.objects.get(name="Design").cost == 125050


def test_a_summary_has_the_cost_of_the_rows_below_it(plan: Plan) -> None:
    with pytest.raises(EditRefused):
        typed(plan, "Phase", 5)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("petra", True),
        ("paul", True),
        ("conny", True),
        ("stefan", True),
        ("elke", True),
        ("tom", False),
        ("rita", False),
    ],
)
def test_costs_are_shown_to_who_may_see_them(cast: Cast, plan: Plan, who: str, sees: bool) -> None:
    client = cast.client(who)
    page = client.get(f"/plans/{cast.project.key}/")
    assert page.status_code == 200
    assert ('data-costs="EUR"' in page.content.decode()) == sees
    rows = {row["name"]: row for row in client.get(f"/plans/{cast.project.key}/data/").json()["rows"]}
    assert ("cost" in rows["Design"]) == sees
    assert rows["Design"].get("cost") == (1250.5 if sees else None)


def test_a_baseline_freezes_and_seals_costs(cast: Cast, plan: Plan) -> None:
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    assert dict(baseline.rows.values_list("name", "cost")) == {"Phase": None, "Design": 125050, "Build": 4000000}
    assert intact(baseline)
    typed(plan, "Design", 2000)
    found = compare(plan, baseline, None)
    assert (found.before.cost, found.after.cost, found.cost_change) == (4125050, 4200000, 74950)
    text = cast.client("stefan").get(f"/plans/{cast.project.key}/baselines/?before=0&after=today").content.decode()
    assert "41,250.50" in text
    assert "Δ cost" in text
    assert "+749.50" in text
    text = cast.client("tom").get(f"/plans/{cast.project.key}/baselines/?before=0&after=today").content.decode()
    assert "41,250" not in text
    assert "749" not in text
    assert "Nothing differs." in text  # a row that differs in nothing but its cost is no difference to him


def test_costs_of_a_file_are_taken_and_written_again(cast: Cast) -> None:
    document = example()
    tasks = tuple(
        replace(task, cost=Decimal("987.65")) if task.uid == 3 else replace(task, cost=Decimal(0))
        for task in document.tasks
    )
    content = write_schedule(replace(document, tasks=tasks), "mspdi")
    back = read_schedule(io.BytesIO(content), name="plan.xml")
    import_schedule(project=cast.project, document=back, by=cast.paul, name="plan.xml")
    assert set(Activity.objects.exclude(cost=None).values_list("uid", "cost")) == {(3, 98765)}
    plan = Plan.objects.select_related("project", "calendar").get()
    assert {task.uid: task.cost for task in document_of(plan).tasks} == {task.uid: task.cost for task in back.tasks}
    assert not import_schedule(project=cast.project, document=back, by=cast.paul, name="plan.xml").changes


def test_costs_in_another_currency_stay_with_the_file(cast: Cast) -> None:
    document = example()
    tasks = tuple(replace(task, cost=Decimal(500)) for task in document.tasks)
    foreign = replace(document, tasks=tasks, project=replace(document.project, currency="USD"))
    back = read_schedule(io.BytesIO(write_schedule(foreign, "mspdi")), name="plan.xml")
    import_schedule(project=cast.project, document=back, by=cast.paul, name="plan.xml")
    assert not Activity.objects.exclude(cost=None).exists()
    plan = Plan.objects.select_related("project", "calendar").get()
    assert [task.cost for task in document_of(plan).tasks] == [task.cost for task in back.tasks]


def test_a_file_that_says_nothing_of_costs_leaves_them(cast: Cast, plan: Plan) -> None:
    for target, name in (("csv", "plan.csv"), ("xer", "plan.xer"), ("mspdi", "plan.xml")):
        back = read_schedule(io.BytesIO(write_schedule(document_of(plan), target)), name=name)
        tasks = tuple(replace(task, name="Building") if task.name == "Build" else task for task in back.tasks)
        import_schedule(project=cast.project, document=replace(back, tasks=tasks), by=cast.paul, name=name)
        assert set(Activity.objects.exclude(cost=None).values_list("cost", flat=True)) == {125050, 4000000}, target
        Activity.objects.filter(name="Building").update(name="Build")
