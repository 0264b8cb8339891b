"""Planned costs of activities that no assignment carries, as expenses of an XER file (table PROJCOST).

P6 knows the cost of an activity as the sum of its assignments and expenses. What a plan says beyond its assignments becomes one
expense of the activity, called :data:`OURS`; expenses that the file brought stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from stellwerk.planning.exchange.document import Document, Task
from stellwerk.planning.exchange.kept import RawTable
from stellwerk.planning.exchange.xer_writer_people import PeopleTables
from stellwerk.planning.exchange.xer_writing import Cells, amount

OURS: Final = "Planned cost"
UNSAID: Final = "costs below those of the people"
"""What :func:`stellwerk.planning.exchange.lost_in` calls an activity that costs less than its assignments do."""
_CENT: Final = Decimal("0.005")
_NONE: Final = Decimal(0)


@dataclass
class _Known:
    """What a file says of the cost of an activity beside the activity itself."""

    actual: Decimal = _NONE
    remaining: Decimal = _NONE


def expense_tables(writer: PeopleTables) -> bool:
    """Add the expenses of the document; true if all costs of all activities are told then. Assignments are written before."""
    document = writer.document
    rows = _rows(document)
    known = _known(writer, [row for row in rows if row.get("proj_id") in {writer.proj_id, "", None}])
    mine = {row.get("task_id", ""): row for row in rows if row.get("cost_name") == OURS}
    whole, changed = True, False
    for task in document.tasks:
        number = writer.task_ids.get(task.uid)
        if number is None or task.cost is None:
            continue
        own, said = mine.get(number), known.get(number, _Known())
        before = _of(own, "act_cost"), _of(own, "remain_cost")
        actual, remaining = _beside(task, said.actual - before[0], said.remaining - before[1])
        whole = whole and actual + remaining > -_CENT
        actual, remaining = max(_NONE, actual), max(_NONE, remaining)
        if abs(actual - before[0]) < _CENT and abs(remaining - before[1]) < _CENT:
            continue
        changed = True
        if own is None:
            own = {"cost_item_id": str(_next(rows)), "task_id": number} | _DEFAULTS | {"proj_id": writer.proj_id}
            rows.append(own)
        total = amount(actual + remaining)
        own |= {
            "act_cost": amount(actual),
            "remain_cost": amount(remaining),
            "target_cost": total,
            "cost_per_qty": total,
        }
    if changed:
        writer.tables["PROJCOST"] = rows
    return whole


def _beside(task: Task, actual: Decimal, remaining: Decimal) -> tuple[Decimal, Decimal]:
    """What is missing beside these parts, so that the sum is the cost of the activity; below 0 only where they are more already."""
    missing = (task.cost or _NONE) - actual - remaining
    spent = _NONE if task.actual_cost is None else task.actual_cost - actual
    spent = max(_NONE, min(spent, missing))
    return spent, missing - spent


def _rows(document: Document) -> list[Cells]:
    table = next((one for one in document.tables if one.name == "PROJCOST"), RawTable("PROJCOST", ()))
    return [dict(zip(table.columns, row, strict=False)) for row in table.rows]


def _known(writer: PeopleTables, expenses: list[Cells]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for table, actual, remaining in (
        (writer.tables.get("TASKRSRC", []), ("act_reg_cost", "act_ot_cost"), ("remain_cost",)),
        (expenses, ("act_cost",), ("remain_cost",)),
    ):
        for row in table:
            one = found.setdefault(row.get("task_id", ""), _Known())
            one.actual += sum((_of(row, name) for name in actual), _NONE)
            one.remaining += sum((_of(row, name) for name in remaining), _NONE)
    return found


def _of(row: Mapping[str, str] | None, column: str) -> Decimal:
    try:
        return Decimal((row or {}).get(column) or "0")
    except ArithmeticError:
        return _NONE


def _next(rows: list[Cells]) -> int:
    return max((int(text) for row in rows if (text := row.get("cost_item_id", "")).isdecimal()), default=0) + 1


_DEFAULTS: Final = {
    "cost_name": OURS, "cost_load_type": "CL_Uniform", "auto_compute_act_flag": "N", "target_qty": "1", "contract_manager_import": "N",
}  # fmt: skip
