"""Two schedules field by field: what a round trip changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from stellwerk.planning.exchange.calendars import occurrences
from stellwerk.planning.exchange.document import CalendarException, Day, Document, Link
from stellwerk.planning.exchange.kept import Value

_NATIVE = frozenset({"kept", "tables"})


@dataclass(frozen=True, slots=True)
class Difference:
    """``entity`` “task”, its ``key`` (number and name), the ``field``, and both values as text; “–” is nothing."""

    entity: str
    key: str
    field: str
    left: str
    right: str

    def __str__(self) -> str:
        return f"{self.entity} {self.key}: {self.field} {self.left} → {self.right}"


def compare(
    left: Document, right: Document, *, native: bool = True, ignore: Iterable[str] = ()
) -> tuple[Difference, ...]:
    """Every field that differs.

    ``native=False`` leaves out what only one format knows (``kept``, raw tables), and takes exceptions of calendars as
    the same if they are about the same days. ``ignore`` names fields
    (``"finish"``), fields of one entity (``"task.finish"``), or whole entities (``"project"``).
    """
    names = frozenset(ignore) | (frozenset() if native else _NATIVE)
    return tuple(_Comparison(names, native).documents(left, right))


@dataclass(frozen=True, slots=True)
class _Comparison:
    ignore: frozenset[str]
    native: bool

    def documents(self, left: Document, right: Document) -> Iterator[Difference]:
        if "project" not in self.ignore:
            yield from self._fields("project", left.project.name or "–", left.project, right.project)
        groups: tuple[tuple[str, Sequence[Any], Sequence[Any], Callable[[Any], Hashable]], ...] = (
            ("calendar", left.calendars, right.calendars, lambda one: one.uid),
            ("task", left.tasks, right.tasks, lambda one: one.uid),
            ("resource", left.resources, right.resources, lambda one: one.uid),
            ("assignment", left.assignments, right.assignments, lambda one: one.uid),
            ("code", left.code_types, right.code_types, lambda one: one.uid),
            ("field", left.fields, right.fields, lambda one: one.id),
            ("link", left.links, right.links, lambda one: (one.predecessor, one.successor, one.type)),
        )
        for entity, before, after, key in groups:
            yield from self._group(entity, _keyed(before, key), _keyed(after, key))
        order = [task.uid for task in left.tasks], [task.uid for task in right.tasks]
        if order[0] != order[1] and sorted(order[0]) == sorted(order[1]) and "order" not in self.ignore:
            yield Difference("task", "–", "order", *(", ".join(map(str, uids[:20])) for uids in order))
        if "tables" not in self.ignore:
            yield from self._group(
                "table", {one.name: one for one in left.tables}, {one.name: one for one in right.tables}
            )

    def _group(self, entity: str, left: Mapping[Hashable, Any], right: Mapping[Hashable, Any]) -> Iterator[Difference]:
        if entity in self.ignore:
            return
        for key, thing in left.items():
            name = _name(thing)
            if key not in right:
                yield Difference(entity, name, "–", "there", "missing")
            else:
                yield from self._fields(entity, name, thing, right[key])
        for key, thing in right.items():
            if key not in left:
                yield Difference(entity, _name(thing), "–", "missing", "there")

    def _fields(self, entity: str, name: str, left: Any, right: Any) -> Iterator[Difference]:
        for field in fields(left):
            if not field.compare or field.name in self.ignore or f"{entity}.{field.name}" in self.ignore:
                continue
            before, after = getattr(left, field.name), getattr(right, field.name)
            if field.name == "exceptions" and _days(before) == _days(after) and not self.native:
                continue
            if not self.native:
                before, after = _bare(before), _bare(after)
            if before != after:
                yield Difference(entity, name, field.name, shown(before), shown(after))


def _bare(value: Any) -> Any:
    """Without what only one format knows, inside lists as well."""
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(_bare(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type) and hasattr(value, "kept"):
        return replace(value, kept=())
    return value._replace(kept=()) if isinstance(value, Value) else value


def _days(exceptions: Iterable[CalendarException]) -> dict[dt.date, Day]:
    return {day: exception.times for exception in exceptions for day in occurrences(exception)}


def _keyed(things: Iterable[Any], key: Callable[[Any], Hashable]) -> dict[Hashable, Any]:
    """By key; things with the same key are numbered, so that none hides another."""
    result: dict[Hashable, Any] = {}
    counts: dict[Hashable, int] = {}
    for thing in things:
        base = key(thing)
        number = counts[base] = counts.get(base, 0) + 1
        result[(base, number)] = thing
    return result


def _name(thing: Any) -> str:
    if isinstance(thing, Link):
        return f"{thing.predecessor} → {thing.successor}"
    uid = getattr(thing, "uid", getattr(thing, "id", ""))
    name = getattr(thing, "name", "")
    return " ".join(part for part in (str(uid), f"“{name}”" if name else "") if part)


def shown(value: Any) -> str:
    """A value as a reader of the report sees it."""
    if value is None or value == "" or value == ():
        return "–"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        text = ", ".join(shown(part) for part in value[:8])
        return f"({text}{', …' if len(value) > 8 else ''})"
    if is_dataclass(value):
        parts = (f"{field.name}={shown(getattr(value, field.name))}" for field in fields(value) if field.compare)
        return " ".join(part for part in parts if not part.endswith("=–"))
    return str(value)
