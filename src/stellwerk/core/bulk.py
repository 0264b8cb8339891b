"""Very many rows at once: plain INSERTs prepared once on SQLite, COPY on PostgreSQL.

For bulk work whose rows are checked already (imports, the demo company). No model instance is made, no signal sent, no
default filled in: the caller gives every column that is not null, as text, whole number, true/false or None. Dates are
ISO texts, JSON is text, instants come from :func:`instant`.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.db import connection, connections, models, transaction
from django.utils import timezone

Value = str | int | bool | None
M = TypeVar("M", bound=models.Model)


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Insert rows given as values of ``columns`` (attribute names such as ``portfolio_id``), inside the caller's transaction."""
    names = ", ".join(connection.ops.quote_name(_column(model, name)) for name in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # type: ignore[arg-type]  # noqa: S608 - names only


MANY = 50
"""From so many rows on :func:`create` is worth its two queries for numbers."""
_WHOLE = (
    models.IntegerField, models.BigIntegerField, models.SmallIntegerField, models.PositiveIntegerField,
    models.PositiveSmallIntegerField, models.PositiveBigIntegerField, models.ForeignKey, models.OneToOneField,
)  # fmt: skip
_AS_THEY_ARE: dict[type[Any], frozenset[type]] = {
    **dict.fromkeys(_WHOLE, frozenset((int, type(None)))),
    models.BooleanField: frozenset((bool, type(None))),
    models.CharField: frozenset((str, type(None))),
    models.TextField: frozenset((str, type(None))),
    models.DecimalField: frozenset((type(None),)),
    models.DateField: frozenset((type(None),)),
    models.DateTimeField: frozenset((type(None),)),
}
"""Kind of column -> types of values that go into the database as they are."""


def create(objs: Sequence[M]) -> list[M]:
    """Insert new rows and give them their numbers, as ``bulk_create``, which spends most of its time on each single cell."""
    model: Any = type(objs[0])
    columns = [column for column in model._meta.concrete_fields if not column.primary_key]
    if len(objs) < MANY or not _simple(model, columns) or any(obj.pk is not None for obj in objs):
        made: list[M] = model._default_manager.bulk_create(objs)
        return made
    with transaction.atomic(savepoint=False):
        now = timezone.now()
        touched = [column.attname for column in columns if _is_touched(column)]
        for obj, number in zip(objs, reserve(model, len(objs)), strict=True):
            obj._prepare_related_fields_for_save(operation_name="bulk_create")  # type: ignore[attr-defined]
            obj.pk = number
            for name in touched:
                setattr(obj, name, now)
        cells = [_cell(column, now) for column in columns]
        names = [model._meta.pk.attname, *(column.attname for column in columns)]
        insert(model, names, [(obj.pk, *[cell(obj.__dict__) for cell in cells]) for obj in objs])
    for obj in objs:
        obj._state.adding = False
        obj._state.db = connection.alias
    return list(objs)


def _is_touched(column: Any) -> bool:
    """Whether each write sets the moment by itself."""
    return bool(getattr(column, "auto_now", False) or getattr(column, "auto_now_add", False))


def _simple(model: Any, columns: Sequence[Any]) -> bool:
    """A table of its own whose values only the fields themselves prepare."""
    return (
        isinstance(model._meta.pk, models.AutoField)
        and not model._meta.parents
        and all(
            column.generated is False
            and (isinstance(column, models.DateField) or type(column).pre_save is models.Field.pre_save)
            for column in columns
        )
    )


def _cell(column: Any, now: dt.datetime) -> Callable[[dict[str, Any]], Any]:
    """How the value of a column is read from an object's attributes, as the database takes it."""
    plain, name = _AS_THEY_ARE.get(type(column), frozenset()), column.attname
    database = connections[connection.alias]  # itself: the usual name asks at each use which thread it serves

    def prepared(values: dict[str, Any]) -> Any:
        value = values[name]
        return value if type(value) in plain else column.get_db_prep_save(value, database)

    def as_json(values: dict[str, Any]) -> Any:
        value = values[name]
        kept = type(value) in (dict, list) and column.encoder is None
        return json_text(value) if kept else column.get_db_prep_save(value, database)

    if _is_touched(column):
        moment = column.get_db_prep_save(now, database)
        return lambda _values: moment
    return as_json if isinstance(column, models.JSONField) else prepared


def reserve(model: type[models.Model], count: int) -> range | list[int]:
    """Numbers that nobody else will get, for rows whose number must be known before they are inserted."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("reserve numbers inside the transaction that uses them")
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sequence, [connection.ops.quote_name(table), count])
            return [row[0] for row in cursor.fetchall()]
        # One writer at a time: nobody inserts between this and the end of the transaction.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    used = model._default_manager.aggregate(top=models.Max("pk"))["top"] or 0
    start = max(used, row[0] if row else 0) + 1
    return range(start, start + count)


def instant(moment: dt.datetime) -> str:
    """A point in time (UTC) as both databases store it."""
    plain = moment.astimezone(dt.UTC)
    return (
        plain.isoformat(sep=" ") if connection.vendor == "postgresql" else plain.replace(tzinfo=None).isoformat(sep=" ")
    )


def uuid_text(value: uuid.UUID) -> str:
    """A UUID as the database stores it: a type of its own on PostgreSQL, 32 digits on SQLite."""
    return str(value) if connection.vendor == "postgresql" else value.hex


def json_text(value: Any) -> str:
    """JSON as text for a JSON column."""
    return "".join(_encode(value, 0)) if value else "[]" if isinstance(value, list) else "{}"


def _unknown(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} does not go into JSON")


# json.dumps builds this encoder anew at every call, which costs more than encoding a small object.
_make: Any = json.encoder.c_make_encoder  # type: ignore[attr-defined]
_encode = _make(None, _unknown, json.encoder.encode_basestring, None, ": ", ", ", False, False, True)


def _column(model: type[models.Model], name: str) -> str:
    field = next(field for field in model._meta.concrete_fields if field.attname == name)
    return str(field.column)


def update(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Set ``columns`` (attribute names) of rows given as values of them and, last, the number of the row."""
    marks = ", ".join(f"{connection.ops.quote_name(_column(model, name))} = %s" for name in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {marks} WHERE id = %s", rows)  # type: ignore[arg-type]  # noqa: S608 - names only
