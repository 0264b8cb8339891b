"""A document without its money: for who may have the plan but not what it costs.

Costs and rates stand in many places of a file: fields of rows, resources, assignments and baselines, curves of cost, custom fields
of the type money, columns and tables that the model does not know. What might be money by its name is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Final

from stellwerk.planning.exchange.document import Document, Timephased
from stellwerk.planning.exchange.kept import FieldDefinition, Kept, RawTable, Value

MONEY: Final = frozenset(
    ("cost", "actual_cost", "remaining_cost", "fixed_cost", "standard_rate", "overtime_rate", "per_use", "rates")
)
"""Attributes of the model that are money."""
_NAMES: Final = re.compile(
    r"cost|kosten|rate(?!d)|price|preis|betrag|amount|budget|revenue|bcw|acwp|earned|funding|"
    r"(?:^|_)(?:cv|sv|eac|etc|vac|fee)(?:$|_)",
    re.IGNORECASE,
)
_WORK_CURVES: Final = frozenset((1, 2, 3, 4, 7, 9, 11))
"""Types of MSPDI's time-phased data that are effort or per cent; from 16 on baselines: effort even, cost odd."""


def without_costs(document: Document) -> Document:
    """The same plan without costs, rates and what may be either."""
    money = {one.id for one in document.fields if _is_money(one)}
    bare: Document = _stripped(document, money)
    return replace(bare, fields=tuple(one for one in document.fields if one.id not in money),
                   tables=tuple(_table(one) for one in document.tables))  # fmt: skip


def has_costs(document: Document) -> bool:
    """Whether the file says of anything what it costs; 0 is what tools write where nobody planned any."""
    return any(
        getattr(one, name, None)
        for rows in (document.tasks, document.assignments, document.resources)
        for one in rows
        for name in MONEY
    )


def _is_money(one: FieldDefinition) -> bool:
    return one.kind == "FT_MONEY" or any(_NAMES.search(text) for text in (one.name, one.alias))


@cache
def _attributes(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def _stripped(thing: Any, money: set[str]) -> Any:
    """A dataclass of the model without its money, the same object where it has none."""
    changed: dict[str, Any] = {}
    kind: Any = type(thing)
    for name in _attributes(kind):
        value = getattr(thing, name)
        if not value and not isinstance(value, tuple):
            if name in MONEY and value is not None:
                changed[name] = None
            continue
        if name in MONEY:
            changed[name] = () if isinstance(value, tuple) else None
        elif name not in {"fields", "tables"} and isinstance(value, tuple) and value:
            left = tuple(_each(value, money))
            if left != value:
                changed[name] = left
        elif is_dataclass(value):
            changed[name] = _stripped(value, money)
    return replace(thing, **changed) if changed else thing


def _each(values: Iterable[Any], money: set[str]) -> Iterable[Any]:
    for one in values:
        if isinstance(one, Kept):
            if not _NAMES.search(one.name) and not (one.markup and _NAMES.search(one.value)):
                yield one
        elif isinstance(one, Value):
            if one.field not in money:
                yield one
        elif isinstance(one, Timephased):
            if one.kind in _WORK_CURVES or (one.kind >= 16 and one.kind % 2 == 0):
                yield one
        else:
            yield _stripped(one, money) if is_dataclass(one) else one


def _table(table: RawTable) -> RawTable:
    """Cells of money are empty; a table of costs or rates has no rows."""
    if _NAMES.search(table.name):
        return replace(table, rows=())
    hidden = [place for place, name in enumerate(table.columns) if _NAMES.search(name)]
    if not hidden or not table.rows:
        return table
    rows = tuple(tuple("" if place in hidden else cell for place, cell in enumerate(row)) for row in table.rows)
    return replace(table, rows=rows)
