"""Answer a :class:`ListQuery`: one query for count and totals, one for the rows of the page, one for group headings.

Rows are plain values, never model instances: nothing is loaded behind the reader's back, whatever the template asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Avg, Case, Count, F, Q, Sum, Value, When
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Concat, NullIf
from django.http import QueryDict
from django.utils.functional import cached_property

from stellwerk.core.db import Fold, sort_text
from stellwerk.core.lists.parsing import ListQuery, Problem, parse
from stellwerk.core.lists.spec import Column, ListSpec, _model_field, figure_expression
from stellwerk.core.lists.steady import Build, found_numbers, kept, narrowed
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible

CHUNK = 2000


@dataclass
class Row:
    """One line: its number, version and the raw values by column code (and by name for ``spec.extra``)."""

    pk: int
    version: int | None
    values: Mapping[str, Any]
    trends: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, Any] = field(default_factory=dict)
    currency: str = "EUR"
    currencies: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    url: str = ""
    editable: bool = False
    group: Any = None

    def __getitem__(self, code: str) -> Any:
        return self.values[code]

    def currency_of(self, column: Column) -> str:
        """The currency that the column counts in; that of the row where it has none of its own."""
        return self.currencies.get(column.code) or self.currency


@dataclass
class Total:
    """Sums of all filtered rows (or of a group), by currency for money."""

    count: int = 0
    sums: dict[str, dict[str, Decimal | int]] = field(default_factory=dict)
    averages: dict[str, Decimal | float | None] = field(default_factory=dict)


@dataclass
class Group:
    """Consecutive rows with the same value of the group column."""

    value: Any
    label: str
    total: Total
    rows: list[Row] = field(default_factory=list)
    url: str = ""
    continued: bool = False


@dataclass
class ListResult:
    """What a page, an export or the API shows."""

    spec: ListSpec
    query: ListQuery
    user: User | None
    rows: list[Row]
    groups: list[Group]
    total: Total
    hidden: int = 0

    @property
    def count(self) -> int:
        return self.total.count

    @property
    def columns(self) -> list[Column]:
        return self.query.columns

    @property
    def problems(self) -> list[Problem]:
        return self.query.problems

    @cached_property
    def pager(self) -> Page[Any]:
        return Paginator(range(self.count), self.query.size).get_page(self.query.page)

    @cached_property
    def currencies(self) -> set[str]:
        return {row.currency for row in self.rows}

    def currencies_of(self, column: Column) -> set[str]:
        """Of the rows of this page, for a money column."""
        return {row.currency_of(column) for row in self.rows} if column.currency else self.currencies


# ── building the query ───────────────────────────────────────────────────────────────────────────


def conditions(query: ListQuery, base_filter: Q | None = None) -> tuple[Q, ...]:
    """What this reader may see in this list, and whether archived rows belong to it; without the filters of the address."""
    spec, user = query.spec, query.user
    found = [visible(user, spec.model)]
    if spec.base is not None and user is not None:
        found.append(spec.base(user))
    if base_filter is not None:
        found.append(base_filter)
    archived = spec.archived_q()
    if archived is not None and query.archived != "all":
        found.append(archived if query.archived == "yes" else ~archived)
    return tuple(found)


def _joined(paths: list[str]) -> Combinable:
    """All searched fields as one text, so that each row is folded once; the separator is in no word."""
    if len(paths) < 2:
        return F(paths[0]) if paths else Value("", output_field=models.TextField())
    parts: list[Any] = []
    for path in paths:
        parts += [F(path), Value("\n")]
    return Concat(*parts, output_field=models.TextField())


def filtered(query: ListQuery, base_filter: Q | None = None) -> models.QuerySet[Any]:
    """The rows that the query asks for, unordered. Boards and reports use the filters of a list through this."""
    return _searched(query, narrowed(query.spec, conditions(query, base_filter)))


def _searched(query: ListQuery, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    spec = query.spec
    if query.search:
        rows = rows.alias(q_all=Fold(_joined(list(spec.search_paths()))))
        for word in query.search:
            rows = rows.filter(q_all__contains=word)
    for one in query.filters:
        value = spec.value(one.column)
        names: dict[str, Any] = {f"{one.column.alias}_fold": Fold(value)} if one.folded else {one.column.alias: value}
        rows = rows.alias(**names).filter(one.q)
    return rows


def list_queryset(
    spec: ListSpec, user: User | None, params: QueryDict | Mapping[str, Any], base_filter: Q | None = None
) -> tuple[models.QuerySet[Any], ListQuery]:
    """Parse and filter in one step, ordered: model instances for callers that need them (API, board)."""
    query = parse(spec, params, user)
    rows = _with_sort_aliases(query, filtered(query, base_filter))
    return rows.order_by(*ordering(query)), query


def _ranked(column: Column, value: Combinable, codes: list[str]) -> Combinable:
    """Known values in their own order, everything else last."""
    whens = [When(Q(**{column.alias: code}), then=Value(rank)) for rank, code in enumerate(codes)]
    return Case(*whens, default=None, output_field=models.IntegerField())


def _sort_keys(spec: ListSpec, column: Column) -> list[tuple[Any, bool]]:
    """(expression, may be null) in the order that readers of German expect."""
    if column.sort:
        keys: list[tuple[Any, bool]] = []
        for path in column.sort:
            found = _model_field(spec.model, path)
            text = isinstance(found, (models.CharField, models.TextField))
            keys.append((sort_text(F(path)) if text else F(path), True))
        return keys
    value = spec.value(column)
    if column.kind in {"choice", "light"}:
        codes = [code for code, _label in spec.choices(column)]
        if codes and len(codes) <= 60:
            return [(_ranked(column, value, codes), True)]
    path = column.field_path
    if path == "key":
        return [(F("key"), False)]
    if column.kind in {"text", "link", "person", "choice"} and spec.holds_text(column):
        return [(sort_text(value), True)]
    return [(value, not spec.never_null(column))]


def ordering(query: ListQuery) -> list[OrderBy]:
    """Group first, then the chosen columns, then the number, so that pages never overlap."""
    columns: list[tuple[Column, bool]] = [(query.group, False)] if query.group else []
    columns += [(column, down) for column, down in query.sort if column is not query.group]
    if query.group and any(column is query.group and down for column, down in query.sort):
        columns[0] = (query.group, True)
    keys: list[OrderBy] = []
    for column, down in columns:
        for expression, nullable in _sort_keys(query.spec, column):
            last = True if nullable else None
            keys.append(expression.desc(nulls_last=last) if down else expression.asc(nulls_last=last))
    keys.append(F("pk").asc())
    return keys


def _with_sort_aliases(query: ListQuery, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Ranked sorting names the column's alias; give it to the query."""
    names: dict[str, Any] = {}
    for column in [*([query.group] if query.group else []), *[column for column, _down in query.sort]]:
        if column.kind in {"choice", "light"}:
            names[column.alias] = query.spec.value(column)
    return rows.alias(**names) if names else rows


def _group_value(spec: ListSpec, column: Column) -> Combinable:
    value = spec.value(column)
    return NullIf(value, Value("")) if spec.holds_text(column) else value


def _wanted(query: ListQuery, columns: list[Column]) -> tuple[dict[str, Any], list[str]]:
    """Annotations and plain names that the rows need."""
    spec = query.spec
    named: dict[str, Any] = {}
    for column in columns:
        named[column.alias] = spec.value(column)
        if column.key:
            named[f"{column.alias}_key"] = F(column.key)
        if column.currency:
            named[f"{column.alias}_currency"] = F(column.currency)
        if column.figure and column.kind == "light":
            trend = figure_expression(spec.label, column.figure, "trend")
            if trend is not None:
                named[f"{column.alias}_trend"] = trend
    if spec.currency:
        named["row_currency"] = F(spec.currency)
    if query.group:
        named["row_group"] = _group_value(spec, query.group)
    plain = ["pk", *spec.extra]
    names = {item.name for item in spec.model._meta.get_fields()}
    plain += [name for name in ("version", "key") if name in names]
    if spec.entity.url_by not in plain and spec.entity.url_by in names:
        plain.append(spec.entity.url_by)
    return named, list(dict.fromkeys(plain))


def _maker(query: ListQuery, columns: list[Column]) -> Callable[[Mapping[str, Any]], Row]:
    """A function from a found row to a :class:`Row`; names are worked out once, not per row."""
    values = [(column.code, column.alias) for column in columns] + [(name, name) for name in query.spec.extra]
    trends = [(column.code, f"{column.alias}_trend") for column in columns if column.kind == "light"]
    links = [(column.code, f"{column.alias}_key") for column in columns if column.key]
    units = [(column.code, f"{column.alias}_currency") for column in columns if column.currency]
    public = query.spec.entity.url_by

    def make(found: Mapping[str, Any]) -> Row:
        return Row(
            pk=found["pk"],
            version=found.get("version"),
            key=str(found.get(public, "") or found["pk"]),
            values={code: found[name] for code, name in values},
            trends={code: found.get(name) for code, name in trends},
            links={code: found[name] for code, name in links},
            currency=found.get("row_currency") or "EUR",
            currencies={code: found[name] for code, name in units},
            group=found.get("row_group"),
        )

    return make


def iterate(query: ListQuery, rows: models.QuerySet[Any], columns: list[Column]) -> Iterator[Row]:
    """All rows in order, read in chunks (exports)."""
    named, plain = _wanted(query, columns)
    ordered = _with_sort_aliases(query, rows).annotate(**named).order_by(*ordering(query)).values(*plain, *named)
    yield from map(_maker(query, columns), ordered.iterator(chunk_size=CHUNK))


def _page_query(query: ListQuery, rows: models.QuerySet[Any], start: int) -> models.QuerySet[Any]:
    """The page's numbers first, its columns then: subqueries of columns run for these rows only."""
    inner = _with_sort_aliases(query, rows).order_by(*ordering(query)).values("pk")[start : start + query.size]
    named, plain = _wanted(query, query.columns)
    outer = query.spec.model._default_manager.filter(pk__in=inner)
    found: models.QuerySet[Any] = _with_sort_aliases(query, outer).annotate(**named)
    return found.order_by(*ordering(query)).values(*plain, *named)


@dataclass
class Asked:
    """The rows that a page asks for: as a query, and as the conditions that a kept query takes."""

    query: ListQuery
    base_filter: Q | None

    @cached_property
    def conditions(self) -> tuple[Q, ...]:
        return conditions(self.query, self.base_filter)

    @cached_property
    def rows(self) -> models.QuerySet[Any]:
        return _searched(self.query, narrowed(self.query.spec, self.conditions))

    def found(self, what: tuple[Any, ...], build: Build) -> list[Any]:
        """What ``build`` makes of the rows; from the kept query where there is one."""
        query = kept(self.query, what, build)
        return query.rows(*self.conditions) if query is not None else list(build(self.rows))

    def count(self) -> int:
        query = kept(self.query, ("count",), lambda rows: rows)
        return query.count(*self.conditions) if query is not None else self.rows.count()


def _page_rows(asked: Asked, start: int) -> list[Row]:
    query = asked.query
    found = asked.found(("page", start), lambda rows: _page_query(query, rows, start))
    return list(map(_maker(query, query.columns), found))


# ── totals and groups ────────────────────────────────────────────────────────────────────────────


def _aggregates(query: ListQuery) -> tuple[list[Column], dict[str, Any]]:
    columns = [column for column in query.columns if column.total and not column.currency]
    sums: dict[str, Any] = {"n": Count("pk")}
    for column in columns:
        kind = Sum if column.total == "sum" else Avg
        sums[f"t_{column.alias}"] = kind(query.spec.value(column))
    return columns, sums


def _add(total: Total, columns: list[Column], found: Mapping[str, Any], currency: str) -> None:
    total.count += found["n"]
    for column in columns:
        value = found[f"t_{column.alias}"]
        if value is None:
            continue
        if column.total == "average":
            total.averages[column.code] = value if column.code not in total.averages else None
        else:
            by_currency = total.sums.setdefault(column.code, {})
            unit = currency if column.kind == "money" else ""
            by_currency[unit] = by_currency.get(unit, 0) + value


def totals(asked: Asked) -> Total:
    """Count and totals in one query, one more for each column with a currency of its own; money is never added over currencies."""
    query = asked.query
    total = _plain_totals(query, asked)
    for column in _own_currencies(query):
        found = asked.rows.values(own_currency=F(column.currency)).annotate(t=Sum(query.spec.value(column))).order_by()
        total.sums[column.code] = {line["own_currency"]: line["t"] for line in found if line["t"] is not None}
    return total


def _own_currencies(query: ListQuery) -> list[Column]:
    return [column for column in query.columns if column.total == "sum" and column.currency]


def _plain_totals(query: ListQuery, asked: Asked) -> Total:
    columns, sums = _aggregates(query)
    total = Total()
    if query.spec.currency and any(column.kind == "money" for column in columns):
        currency = query.spec.currency
        by_currency = asked.found(
            ("totals",), lambda rows: rows.values(row_currency=F(currency)).annotate(**sums).order_by()
        )
        for found in by_currency:
            _add(total, columns, found, found["row_currency"] or "EUR")
        return total
    if not columns:
        total.count = asked.count()
        return total
    _add(total, columns, asked.rows.aggregate(**sums), "EUR")
    return total


def _group_totals(query: ListQuery, rows: models.QuerySet[Any], values: set[Any]) -> dict[Any, Total]:
    assert query.group is not None
    columns, sums = _aggregates(query)
    keys: dict[str, Any] = {"row_group": _group_value(query.spec, query.group)}
    if query.spec.currency:
        keys["row_currency"] = F(query.spec.currency)
    wanted = Q(row_group__in=[value for value in values if value is not None])
    if None in values:
        wanted |= Q(row_group__isnull=True)
    found_rows = rows.values(**keys).filter(wanted).annotate(**sums).order_by()
    found: dict[Any, Total] = {}
    for line in found_rows:
        total = found.setdefault(line["row_group"], Total())
        _add(total, columns, line, line.get("row_currency") or "EUR")
    for column in _own_currencies(query):
        keys = {"row_group": _group_value(query.spec, query.group), "own_currency": F(column.currency)}
        for line in rows.values(**keys).filter(wanted).annotate(t=Sum(query.spec.value(column))).order_by():
            if line["t"] is not None and line["row_group"] in found:
                found[line["row_group"]].sums.setdefault(column.code, {})[line["own_currency"]] = line["t"]
    return found


def _groups(asked: Asked, shown: list[Row], first_page: bool) -> list[Group]:
    query = asked.query
    if query.group is None or not shown:
        return []
    from stellwerk.core.lists.cells import value_text

    by_value = _group_totals(query, asked.rows, {row.group for row in shown})
    groups: list[Group] = []
    for row in shown:
        if not groups or groups[-1].value != row.group:
            label = value_text(query.spec, query.group, row.group, row.currency)
            groups.append(
                Group(row.group, label, by_value.get(row.group, Total()), url=_group_address(query, row.group))
            )
        groups[-1].rows.append(row)
    return groups


def _group_address(query: ListQuery, value: Any) -> str:
    assert query.group is not None
    code = query.group.code
    if not query.group.filterable:
        return ""
    if value is None:
        return query.query_string(code, group="none", **{f"{code}__empty": "yes"})
    if query.group.kind == "bool":
        value = "yes" if value else "no"
    return query.query_string(f"{code}__empty", group="none", **{code: value})


# ── the whole page ───────────────────────────────────────────────────────────────────────────────


def read_list(
    spec: ListSpec,
    user: User | None,
    params: QueryDict | Mapping[str, Any],
    *,
    base_filter: Q | None = None,
    own: tuple[str, ...] = (),
    count_hidden: bool = False,
) -> ListResult:
    """One page of a list, with at most five queries whatever its size.

    ``count_hidden`` counts rows of ``base_filter`` that this reader may not see. It never looks at the filters of the
    address: otherwise a filter would tell what a hidden row contains.
    """
    query = parse(spec, params, user, own)
    asked = Asked(query, base_filter)
    total = totals(asked)
    pages = max(1, -(-total.count // query.size))
    if query.page > pages:
        query.page = pages
        query.kept["page"] = [str(pages)]
    shown = _page_rows(asked, (query.page - 1) * query.size) if total.count else []
    _mark_editable(spec, user, query, shown)
    hidden = _hidden(spec, user, base_filter) if count_hidden else 0
    return ListResult(spec, query, user, shown, _groups(asked, shown, query.page == 1), total, hidden)


def _mark_editable(spec: ListSpec, user: User | None, query: ListQuery, shown: list[Row]) -> None:
    if user is None or not shown or not any(column.edit for column in query.columns):
        return
    if not can(user, "edit", spec.model):
        return
    archived = spec.archived_q()
    mine = [Q(pk__in=[row.pk for row in shown]), visible(user, spec.model, "edit")]
    editable = found_numbers(spec, *mine, *([~archived] if archived is not None else []))
    for row in shown:
        row.editable = row.pk in editable


def _hidden(spec: ListSpec, user: User | None, base_filter: Q | None) -> int:
    if user is None:
        return 0
    everything = (
        spec.model._default_manager.filter(base_filter)
        if base_filter is not None
        else spec.model._default_manager.all()
    )
    archived = spec.archived_q()
    if archived is not None:
        everything = everything.filter(~archived)
    found: int = everything.exclude(
        pk__in=spec.model._default_manager.filter(visible(user, spec.model)).values("pk")
    ).count()
    return found
