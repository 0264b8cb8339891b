"""Very many rows at once: plain INSERTs prepared once on SQLite, COPY on PostgreSQL.

For bulk work whose rows are checked already (imports, the demo company). No model instance is made, no signal sent, no
default filled in: the caller gives every column that is not null, as text, whole number, true/false or None. Dates are
ISO texts, JSON is text, instants come from :func:`instant`.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models, transaction

Value = str | int | bool | None


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
