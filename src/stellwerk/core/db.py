"""Text compared and sorted the same way on SQLite and PostgreSQL, as German readers expect it (DIN 5007-1).

``fold`` takes case, accents and umlauts away (``Ä`` = ``a``, ``ß`` = ``ss``): a search for “muller” finds “Müller”, and
“Ärzte” stands between “Artus” and “Auer”. SQLite calls the Python function; PostgreSQL computes the same by
``translate``, independent of the server's locale.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import unicodedata
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Collate, NullIf
from django.utils.dateparse import parse_date

_LONG = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th"}
_SHORT = {
    "ø": "o",
    "Ø": "o",
    "ł": "l",
    "Ł": "l",
    "đ": "d",
    "Đ": "d",
    "ð": "d",
    "Ð": "d",
    "ı": "i",
    "\u00a0": " ",
    "\u202f": " ",
}


def _single_letters() -> dict[str, str]:
    """Every letter from U+00A0 to U+052F and U+1E00 to U+1EFF that folds to exactly one other character."""
    found = dict(_SHORT)
    for code in (*range(0xA0, 0x530), *range(0x1E00, 0x1F00)):
        letter = chr(code)
        if letter in found or letter in _LONG or not letter.isalpha():
            continue
        base = unicodedata.normalize("NFD", letter)[0].lower()
        if base != letter and len(base) == 1:
            found[letter] = base
    return found


_SINGLE = _single_letters()
_MARKS = "".join(chr(code) for code in range(0x300, 0x370))
_TABLE: dict[int, Any] = (
    {ord(letter): base for letter, base in {**_SINGLE, **_LONG}.items()}
    | {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    | dict.fromkeys(map(ord, _MARKS))
)


def fold(text: str | None) -> str | None:
    """``text`` without case, accents and umlauts; None stays None."""
    if text is None:
        return None
    text = str(text)
    if text.isascii():
        return text.lower()
    return text.translate(_TABLE)


class Fold(models.Func):
    """``fold`` in the database."""

    function = "SW_FOLD"
    arity = 1
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.source_expressions[0])
        sql = f"({sql})::text"
        for letter, base in _LONG.items():
            sql = f"replace({sql}, '{letter}', '{base}')"
        ascii_upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        letters = ascii_upper + "".join(_SINGLE) + _MARKS  # letters without a partner are removed
        bases = ascii_upper.lower() + "".join(_SINGLE.values())
        return f"translate({sql}, '{letters}', '{bases}')", params


class _ByteOrder(Collate):
    """Byte order on PostgreSQL, as SQLite has it anyway."""

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, "C")

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.source_expressions[0])
        return sql, params


def sort_text(expression: Any) -> models.Expression:
    """What to order text by: folded, empty texts as NULL, the same order on both databases."""
    return _ByteOrder(NullIf(Fold(expression), models.Value("")))


def prepare_connection(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Give each new SQLite connection the functions that PostgreSQL computes itself."""
    if connection.vendor == "sqlite":
        assert connection.connection is not None
        connection.connection.create_function("SW_FOLD", 1, fold, deterministic=True)


@lru_cache(maxsize=8192)
def _date(text: bytes) -> dt.date | None:
    return parse_date(text.decode())


def remember_dates() -> None:
    """SQLite's dates come as text: a page reads thousands of them and few different ones, so that each is parsed once."""
    sqlite3.register_converter("date", _date)


def refresh_statistics(*tables: type[models.Model]) -> None:
    """Tell the database's planner how these tables look after a bulk write.

    PostgreSQL's own daemon sees nothing until the transaction ends, and plans for empty tables until then.
    """
    names = ", ".join(connection.ops.quote_name(table._meta.db_table) for table in tables)
    with connection.cursor() as cursor:
        for statement in [f"ANALYZE {names}"] if connection.vendor == "postgresql" else ["PRAGMA optimize"]:
            cursor.execute(statement)
