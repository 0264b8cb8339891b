"""The rows and links of plans as columns of whole numbers, read in one query each: what the engine computes with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

import numpy as np
from django.db import connection
from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.functions import Cast, Coalesce, Floor
from numpy.typing import NDArray

from stellwerk.engine.network import NONE
from stellwerk.planning.models import Activity, Link, Plan

Integers = NDArray[np.int64]
INPUTS: Final = (
    "pk", "uid", "position", "level", "summary", "elapsed", "duration", "remaining", "percent", "actual_start", "actual_finish", "calendar_id",
    "constraint_date", "constraint2_date", "deadline", "manual", "active",
)  # fmt: skip
OUTPUTS: Final = (
    "start",
    "finish",
    "late_start",
    "late_finish",
    "total_float",
    "free_float",
    "critical",
    "reason",
    "driver",
)
NUMBERS: Final = (*INPUTS, *OUTPUTS)
TEXTS: Final = ("kind", "constraint", "constraint2", "wbs", "finding")
NULL: Final = -(1 << 40)
"""Stands for an empty column; no date, float or number of a row is that small."""
_FLAGS = {"elapsed", "summary", "manual", "active", "critical"}
_CONVERTED = {*_FLAGS, "percent"}
"""What the database gives back as something else than a whole number."""


def number_of(name: str) -> Any:
    if name == "percent":
        return Cast(Floor(F(name)), BigIntegerField())
    if name in _FLAGS:
        return Case(When(**{name: True}, then=Value(1)), default=Value(0), output_field=BigIntegerField())
    return Coalesce(Cast(F(name), BigIntegerField()), Value(NULL, BigIntegerField()))


@dataclass
class Columns:
    """The rows of a plan in the order of the outline; numbers as arrays (:data:`NULL`: empty), texts as lists."""

    number: dict[str, Integers]
    text: dict[str, list[str]]
    lag_calendar: str = "successor"
    dates_win: bool = False

    def __len__(self) -> int:
        return len(self.number["pk"])

    @cached_property
    def parent(self) -> Integers:
        """The row above each row in the outline, NONE at the top."""
        above: list[tuple[int, int]] = []
        found = np.full(len(self), NONE, np.int64)
        for row, level in enumerate(self.number["level"].tolist()):
            while above and above[-1][0] >= level:
                above.pop()
            if above:
                found[row] = above[-1][1]
            above.append((level, row))
        return found

    @cached_property
    def summary(self) -> NDArray[np.bool_]:
        """Rows that have rows below them."""
        result = np.zeros(len(self), np.bool_)
        parents = self.parent[self.parent != NONE]
        result[parents] = True
        return result

    @cached_property
    def row_of(self) -> dict[int, int]:
        return {number: row for row, number in enumerate(self.number["pk"].tolist())}

    @cached_property
    def outline_numbers(self) -> list[str]:
        """WBS codes as numbers of the outline: 1, 1.1, 1.2, 2 …; level 0 (the project itself) is 0."""
        codes: list[str] = []
        path: list[tuple[int, str]] = []  # level and code with a point, of the rows above
        counts: list[int] = [0]  # rows so far at each depth
        for level in self.number["level"].tolist():
            if level == 0:
                codes.append("0")
                continue
            while path and path[-1][0] >= level:
                path.pop()
            depth = len(path)
            del counts[depth + 1 :]
            counts[depth] += 1
            counts.append(0)
            code = f"{path[-1][1] if path else ''}{counts[depth]}"
            codes.append(code)
            path.append((level, f"{code}."))
        return codes


def read_columns(plan: Plan) -> Columns:
    """One query over the rows of a plan."""
    return read_columns_of([plan])[plan.pk]


def read_columns_of(plans: Sequence[Plan]) -> dict[int, Columns]:
    """One query over the rows of several plans, by number of the plan."""
    rows = Activity.objects.filter(plan__in=[plan.pk for plan in plans]).order_by("position", "pk")
    aliases = {f"n_{name}": number_of(name) if name in _CONVERTED else F(name) for name in NUMBERS}
    query = rows.annotate(**aliases).values_list(*aliases, "plan_id", *TEXTS).query
    found: list[Any] = []
    if plans:
        with (
            connection.cursor() as cursor
        ):  # whole numbers and texts need none of the conversions of the ORM, which take longer than the query
            cursor.execute(*query.sql_with_params())
            found = cursor.fetchall()
    width = len(NUMBERS)
    parts: dict[int, list[Any]] = {plan.pk: [] for plan in plans}
    if len(plans) == 1:
        parts[plans[0].pk] = found
    else:
        for one in found:
            parts[one[width]].append(one)
    return {plan.pk: _columns(parts[plan.pk], plan) for plan in plans}


def _columns(rows: Sequence[Any], plan: Plan) -> Columns:
    width = len(NUMBERS)
    found: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * (width + 1 + len(TEXTS))
    return Columns(
        {name: _numbers(found[place]) for place, name in enumerate(NUMBERS)},
        {name: list(found[width + 1 + place]) for place, name in enumerate(TEXTS)},
        plan.lag_calendar,
        plan.dates_win,
    )


def _numbers(values: Sequence[Any]) -> Integers:
    """One column, :data:`NULL` where it is empty."""
    return np.array([NULL if one is None else one for one in values] if None in values else values, np.int64)


@dataclass
class LinkColumns:
    """Links that lead to rows of a plan; ``outer`` predecessors stand in other plans."""

    pk: list[int]
    predecessor: list[int]
    successor: list[int]
    kind: list[str]
    lag: list[int]
    elapsed: list[bool]
    percent: list[Any]


def read_links(plans: Sequence[Plan]) -> LinkColumns:
    """One query, without the conversions of the ORM, as :func:`read_columns_of`."""
    columns = ("pk", "predecessor_id", "successor_id", "type", "lag", "lag_elapsed", "lag_percent")
    query = Link.objects.filter(plan__in=[plan.pk for plan in plans]).order_by("pk").values_list(*columns).query
    found: list[Any] = []
    if plans:
        with connection.cursor() as cursor:
            cursor.execute(*query.sql_with_params())
            found = cursor.fetchall()
    parts: list[list[Any]] = [list(one) for one in zip(*found, strict=True)] or [[] for _ in columns]
    parts[5] = [bool(one) for one in parts[5]]
    parts[6] = [None if one is None else Decimal(str(one)) for one in parts[6]]  # SQLite keeps decimals as floats
    return LinkColumns(*parts)
