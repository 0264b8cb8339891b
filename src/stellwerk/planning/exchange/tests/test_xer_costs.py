"""Planned costs of activities in XER: written as expenses, read back the same, also by MPXJ."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from stellwerk.planning.exchange import Document, lost_in, read_schedule, write_schedule
from stellwerk.planning.exchange.document import Duration, ProjectInfo, Task
from stellwerk.planning.exchange.mpxj import read_with_mpxj
from stellwerk.planning.exchange.tests.helping import at, needs_mpxj, plan


def priced(**costs: str) -> Document:
    """The example with costs of its activities: ``a3="900"`` is the cost of row 3."""
    document = plan()
    wanted = {int(name[1:]): Decimal(value) for name, value in costs.items()}
    tasks = tuple(replace(one, cost=wanted.get(one.uid, one.cost)) for one in document.tasks)
    return replace(document, tasks=tasks)


def again(document: Document) -> Document:
    return read_schedule(io.BytesIO(write_schedule(document, "xer")))


def expenses(document: Document) -> list[dict[str, str]]:
    table = next((one for one in document.tables if one.name == "PROJCOST"), None)
    return [] if table is None else [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_what_assignments_carry_needs_no_expense() -> None:
    assert "PROJCOST" not in write_schedule(plan(), "xer").decode("cp1252")


@pytest.mark.parametrize("cost", ["1500", "1500.55", "1280.01"])
def test_what_they_do_not_carry_is_one_expense(cost: str) -> None:
    """Row 3 has an assignment of 1,280 which is done; what is above it remains to be paid."""
    document = priced(a3=cost)
    found = again(document)
    assert found.task_by_uid[3].cost == Decimal(cost)
    (row,) = expenses(found)
    assert (Decimal(row["remain_cost"]), row["act_cost"], row["task_id"]) == (Decimal(cost) - 1280, "0", "3")
    assert "costs below those of the people" not in lost_in(document, "xer")


def test_an_activity_without_people_keeps_its_cost() -> None:
    rows = (Task(1, "Crane", start=at(1), finish=at(2, 17), duration=Duration(960), cost=Decimal("45000")),)
    found = again(Document(project=ProjectInfo(name="P", start=at(1)), tasks=rows))
    assert found.task_by_uid[1].cost == 45000
    assert write_schedule(found, "xer") == write_schedule(again(found), "xer")


def test_a_cost_that_changes_after_the_journey_changes_its_expense() -> None:
    found = again(priced(a3="2000"))
    for cost, count in (("2500", 1), ("1300", 1), ("1280", 1)):
        tasks = tuple(replace(one, cost=Decimal(cost)) if one.uid == 3 else one for one in found.tasks)
        back = again(replace(found, tasks=tasks))
        assert back.task_by_uid[3].cost == Decimal(cost), cost
        assert len(expenses(back)) == count


def test_expenses_of_the_file_stay_beside_ours() -> None:
    first = again(priced(a3="2000"))
    theirs = tuple(
        replace(one, rows=tuple(tuple("Crane hire" if cell == "Planned cost" else cell for cell in row) for row in one.rows))
        if one.name == "PROJCOST" else one for one in first.tables
    )  # fmt: skip
    tasks = tuple(replace(one, cost=Decimal("2600")) if one.uid == 3 else one for one in first.tasks)
    back = again(replace(first, tables=theirs, tasks=tasks))
    assert [(row["cost_name"], row["remain_cost"]) for row in expenses(back)] == [
        ("Crane hire", "720"),
        ("Planned cost", "600"),
    ]
    assert back.task_by_uid[3].cost == 2600


def test_less_than_the_people_cost_is_told_before() -> None:
    document = priced(a3="1000")
    assert "costs below those of the people" in lost_in(document, "xer")
    assert again(document).task_by_uid[3].cost == 1280
    summary = replace(
        plan(), tasks=tuple(replace(one, fixed_cost=Decimal(5)) if one.uid == 2 else one for one in plan().tasks)
    )
    assert "costs of summary rows" in lost_in(summary, "xer")
    assert "costs of summary rows" not in lost_in(plan(), "xer")


@pytest.mark.slow
def test_mpxj_reads_the_same_costs(tmp_path: Path) -> None:
    needs_mpxj()
    path = tmp_path / "plan.xer"
    path.write_bytes(write_schedule(priced(a3="1500", a4="700.5"), "xer"))
    ours, theirs = read_schedule(path), read_with_mpxj(path)
    assert {uid: ours.task_by_uid[uid].cost for uid in (3, 4)} == {3: 1500, 4: Decimal("700.5")}
    assert {uid: theirs.task_by_uid[uid].cost for uid in (3, 4)} == {3: 1500, 4: Decimal("700.5")}
