"""Queries of a list whose SQL stays the same from page to page (:mod:`stellwerk.core.kept`).

A list reads its page by a query over two hundred expressions long; to compile it took half of the page. It is kept where the
reader neither searches nor filters and each computed column gives an expression object that it gave before: an expression
that is made anew for each page may hold the day, the language or the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

from stellwerk.core.kept import KeptQuery
from stellwerk.core.lists.parsing import ListQuery
from stellwerk.core.lists.spec import Column, ListSpec, figure_expression

MOST = 500
MOST_EXPRESSIONS = 3
Build = Callable[[models.QuerySet[Any]], models.QuerySet[Any]]

_seen: dict[int, tuple[Column, list[tuple[Any, Any]]]] = {}
_kept: dict[tuple[Any, ...], KeptQuery[Any]] = {}


def narrowed(spec: ListSpec, conditions: tuple[Q, ...]) -> models.QuerySet[Any]:
    """Rows of the list that meet all conditions, one after the other."""
    rows = spec.model._default_manager.all()
    for condition in conditions:
        rows = rows.filter(condition)
    return rows


def found_numbers(spec: ListSpec, *conditions: Q) -> set[Any]:
    """Numbers of the rows of the list's model that meet all conditions."""
    key: tuple[Any, ...] = ("numbers", id(spec))
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = KeptQuery(lambda *parts: narrowed(spec, parts).values_list("pk", flat=True))
    return set(found.rows(*conditions))


def kept(query: ListQuery, what: tuple[Any, ...], build: Build) -> KeptQuery[Any] | None:
    """The kept query that ``build`` makes of the rows of a list; None where its SQL may change.

    ``build`` may depend on nothing but ``what``, the columns, the sorting, the group and the size of ``query``.
    """
    if query.search or query.filters:
        return None
    used = [*query.columns, *(column for column, _down in query.sort), *([query.group] if query.group else [])]
    shown = [_which(query.spec, column) for column in used]
    if None in shown:
        return None
    key = (
        *what,
        id(query.spec),
        tuple(map(id, query.columns)),
        tuple((id(column), down, _codes(query.spec, column)) for column, down in query.sort),
        (id(query.group), _codes(query.spec, query.group)) if query.group else None,
        tuple(shown),
        query.size,
    )
    found = _kept.get(key)
    if found is None:
        if len(_kept) > MOST:
            _kept.clear()
        spec = query.spec
        found = _kept[key] = KeptQuery(lambda *conditions: build(narrowed(spec, conditions)))
    return found


def _which(spec: ListSpec, column: Column) -> int | None:
    """Which of its expressions a column shows; None: one that was not seen before, or there are too many.

    A reader's language may make two of them; one that is made anew for each page is given up soon.
    """
    if column.expression is None and not column.figure:
        return 0
    _column, known = _seen.setdefault(id(column), (column, []))
    if len(known) > MOST_EXPRESSIONS:
        return None
    made = (spec.value(column), figure_expression(spec.label, column.figure, "trend") if column.figure else None)
    for number, one in enumerate(known):
        if one[0] is made[0] and one[1] is made[1]:
            return number
    known.append(made)
    return None


def _codes(spec: ListSpec, column: Column) -> tuple[str, ...]:
    """Values by whose order a column is sorted."""
    return tuple(code for code, _label in spec.choices(column)) if column.kind in {"choice", "light"} else ()
