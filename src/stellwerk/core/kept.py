"""Queries whose SQL is worked out once.

To build and compile a query costs the ORM more than the database takes to answer a small one, and the shell of every page
asks some ten of them. A kept query remembers the SQL of each shape of its conditions, for a connection; it keeps no answer.

    _WAITING = KeptQuery(lambda where: StatusReport.objects.filter(where))
    _WAITING.count(Q(state="submitted", author=user.pk))

The function must depend on nothing but its conditions: no moment, no language, no user. Conditions may hold numbers, texts,
days, lists of them and :func:`numbers`; with anything else the query is run as if it was not kept.
"""

from __future__ import annotations

import copy
import datetime as dt
import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import Q, QuerySet

R = TypeVar("R")
ROOM = 500_000  # letters of SQL that a connection keeps: some thirty pages of lists or five hundred small queries, about 20 MB
_ITEMS = (int, str, type(None))
_MARKED = (int, str, dt.date, dt.datetime)
_TEXTUAL = {name for name in models.CharField().get_lookups() if name not in {"exact", "in", "lt", "lte", "gt", "gte"}}
"""Lookups that may write a text anew before it is a parameter: "50%" becomes "50\\%"."""


class _Other(Exception):
    """A condition that holds something whose SQL may change."""


class _Unmarked(Exception):
    """A value does not go into the query as it is: its SQL is kept for this value only."""


def numbers(model: type[models.Model], where: Q) -> QuerySet[Any, Any]:
    """The numbers of rows, to be looked for by another condition (``pk__in``); kept along with it."""
    rows = model._default_manager.filter(where).order_by().values("pk")
    rows.kept_from = (model, where)  # type: ignore[attr-defined]
    return rows


def _replaceable(name: str, value: Any) -> bool:
    """The value stands in the SQL's parameters as it is."""
    lookup = name.rpartition("__")[2]
    return type(value) in _MARKED and (type(value) is not str or lookup not in _TEXTUAL)


def _whole_numbers(value: Any) -> bool:
    return type(value) in (list, tuple) and all(type(one) is int for one in value)


def _shape(node: Q, values: list[Any]) -> tuple[Any, ...]:
    """What the SQL of a condition depends on beside the ``values``, which are collected."""
    parts: list[Any] = [node.connector, node.negated]
    for child in cast("list[Any]", node.children):
        if isinstance(child, Q):
            parts.append(_shape(child, values))
            continue
        if type(child) is not tuple:
            raise _Other
        name, value = child
        kind = type(value)
        if _replaceable(name, value):
            values.append(value)
            parts.append((name, kind))
        elif kind in (bool, str) or value is None or isinstance(value, enum.Enum):
            parts.append((name, kind, value))
        elif _whole_numbers(value):
            values.extend(value)
            parts.append((name, kind, len(value)))
        elif kind in (list, tuple) and all(type(one) in _ITEMS or isinstance(one, enum.Enum) for one in value):
            parts.append((name, tuple(value)))
        elif (source := getattr(value, "kept_from", None)) is not None:
            parts.append((name, source[0], _shape(source[1], values)))
        else:
            raise _Other
    return tuple(parts)


def _with(node: Q, values: Iterator[Any]) -> Q:
    """The same condition with these values."""
    children: list[Any] = []
    for child in cast("list[Any]", node.children):
        if isinstance(child, Q):
            children.append(_with(child, values))
            continue
        name, value = child
        if _replaceable(name, value):
            value = next(values)
        elif _whole_numbers(value):
            value = [next(values) for _one in value]
        elif (source := getattr(value, "kept_from", None)) is not None:
            value = numbers(source[0], _with(source[1], values))
        children.append((name, value))
    return Q.create(children, node.connector, node.negated)


def _mark(value: Any, place: int) -> Any:
    """A value of the same kind that stands for it while the SQL is made."""
    if isinstance(value, int):
        return 1_900_000_000 + place
    if isinstance(value, str):
        return f"\ue000{place}\ue001"
    day = dt.date(1, 1, 2) + dt.timedelta(days=place)
    return dt.datetime(day.year, day.month, day.day, tzinfo=value.tzinfo) if isinstance(value, dt.datetime) else day


def _adapted(value: Any) -> Any:
    """The value as the database's library takes it."""
    if type(value) is dt.datetime:
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if type(value) is dt.date else value


@dataclass(frozen=True)
class _Plan:
    """A compiled query: where its values stand among the parameters. Without SQL it finds nothing."""

    rows: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]  # (place among the parameters, place among the values)

    def filled(self, values: list[Any]) -> tuple[Any, ...]:
        params = list(self.params)
        for at, place in self.places:
            kind = type(params[at])  # PostgreSQL's library is told how wide a number is
            params[at] = kind(values[place]) if kind is not int and issubclass(kind, int) else _adapted(values[place])
        return tuple(params)


def _compiled(rows: QuerySet[Any, Any], marks: list[Any]) -> _Plan:
    compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        if marks:
            raise _Unmarked from None
        return _Plan(rows, compiler, "", (), ())
    adapted = {_adapted(mark): place for place, mark in enumerate(marks)}
    places = tuple((at, adapted[param]) for at, param in enumerate(params) if _known(param, adapted))
    if {place for _at, place in places} != set(range(len(marks))):
        raise _Unmarked
    rest = set(range(len(params))) - {at for at, _place in places}
    if any(isinstance(params[at], str) and "\ue000" in params[at] for at in rest):
        raise _Unmarked
    return _Plan(rows, compiler, sql, tuple(params), places)


def _known(param: Any, adapted: dict[Any, int]) -> bool:
    return isinstance(param, int | str | dt.date) and param in adapted


class _Plans(dict[tuple[Any, ...], "_Plan | None"]):
    """What a connection keeps; the oldest goes first where there is no room left."""

    letters = 0

    def put(self, key: tuple[Any, ...], plan: _Plan | None) -> None:
        self[key] = plan
        self.letters += self._length(plan)
        while self.letters > ROOM and len(self) > 1:
            self.letters -= self._length(self.pop(next(iter(self))))

    @staticmethod
    def _length(plan: _Plan | None) -> int:
        return 500 + (len(plan.sql) if plan is not None else 0)


class KeptQuery(Generic[R]):
    """A query of which only the values of its conditions change."""

    def __init__(self, build: Callable[..., QuerySet[Any, R]]) -> None:
        self._build = build

    def rows(self, *conditions: Q) -> list[R]:
        found = self._plan(conditions, counted=False)
        if found is None:
            return list(self._build(*conditions))
        plan, values = found
        if not plan.sql:
            return []
        compiler, sql, params = copy.copy(plan.compiler), plan.sql, plan.filled(values)
        compiler.as_sql = lambda *_args, **_named: (sql, params)
        rows = plan.rows.all()
        rows.query.get_compiler = lambda *_args, **_named: compiler  # type: ignore[method-assign]
        return list(rows)

    def first(self, *conditions: Q) -> R | None:
        """The first row; the query itself says how many are read."""
        return next(iter(self.rows(*conditions)), None)

    def count(self, *conditions: Q) -> int:
        found = self._plan(conditions, counted=True)
        if found is None:
            return self._build(*conditions).count()
        plan, values = found
        if not plan.sql:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({plan.sql}) AS kept", plan.filled(values))  # noqa: S608 - SQL of the ORM
            return int(cursor.fetchone()[0])

    def _plan(self, conditions: tuple[Q, ...], *, counted: bool) -> tuple[_Plan, list[Any]] | None:
        """The compiled query and the values that belong into it; None: it cannot be kept."""
        values: list[Any] = []
        try:
            key: tuple[Any, ...] = (self, counted, *(_shape(one, values) for one in conditions))
        except _Other:
            return None
        plans: _Plans = vars(connections[DEFAULT_DB_ALIAS]).setdefault("kept_plans", _Plans())
        plan = plans.get(key)
        if plan is None and key not in plans:
            plan = self._marked(conditions, values, counted)
            plans.put(key, plan)
        if plan is not None:
            return plan, values
        exact = (*key, tuple(values))
        if (plan := plans.get(exact)) is None:
            plan = _compiled(self._rows(conditions, counted), [])
            plans.put(exact, plan)
        return plan, []

    def _marked(self, conditions: tuple[Q, ...], values: list[Any], counted: bool) -> _Plan | None:
        marks = [_mark(value, place) for place, value in enumerate(values)]
        left = iter(marks)
        try:
            return _compiled(self._rows(tuple(_with(one, left) for one in conditions), counted), marks)
        except (_Unmarked, ValidationError, ValueError, TypeError, OverflowError):
            return None

    def _rows(self, conditions: tuple[Q, ...], counted: bool) -> QuerySet[Any, Any]:
        rows = self._build(*conditions)
        return rows.order_by().values("pk") if counted else rows
