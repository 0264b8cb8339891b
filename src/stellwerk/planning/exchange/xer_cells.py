"""The cells of an XER file as values; a bad one is noted with its line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from stellwerk.planning.exchange.collecting import Collector
from stellwerk.planning.exchange.document import Duration
from stellwerk.planning.exchange.kept import Kept
from stellwerk.planning.exchange.xer_tables import Row, XerFile


class Cells:
    """What all readers of rows need: the tables, the problems, and the project that is read."""

    def __init__(self, tables: XerFile, notes: Collector, project: Row) -> None:
        self.tables, self.notes, self.project = tables, notes, project
        self.proj_id = project.get("proj_id")
        # A file says few different things very often: what was read once is not read again.
        self._numbers: dict[str, Decimal] = {}
        self._moments: dict[str, dt.datetime] = {}
        self._told: dict[tuple[str, str], Kept] = {}
        self._places: dict[tuple[int, Iterable[str]], list[tuple[int, str]]] = {}

    def _at(self, what: str, row: Row) -> None:
        self.notes.at(what, row.line)

    def _int(self, row: Row, column: str) -> int | None:
        text = row.get(column).strip()
        return self.notes.whole(text, column) if text else None

    def _uid(self, row: Row, column: str, what: str) -> int | None:
        """The number of a row; without it the row cannot be used."""
        self._at(what, row)
        if not row.get(column).strip():
            self.notes.error("missing", what=what, field=column)
            return None
        return self._int(row, column)

    def _number(self, row: Row, column: str) -> Decimal | None:
        text = row.get(column)
        known = self._numbers.get(text)
        if known is not None:
            return known
        given, text = text, text.strip()
        if not text:
            return None
        if "," in text and "." not in text:
            text = text.replace(",", ".")  # written under a German locale
        value = self.notes.number(text, column)
        if value is not None:
            self._numbers[given] = value
        return value

    def _date(self, row: Row, column: str) -> dt.datetime | None:
        text = row.get(column).strip()
        if not text:
            return None
        known = self._moments.get(text)
        if known is not None:
            return known
        before = len(self.notes.problems)
        value = self.notes.moment(text, column)
        if value is not None and len(self.notes.problems) == before:
            self._moments[text] = value
        return value

    def _minutes(self, row: Row, column: str, *, signed: bool = False) -> int | None:
        value = self._number(row, column)
        return None if value is None else self.notes.minutes(value * 60, column, f"{value} h", signed=signed)

    def _duration(self, row: Row, column: str) -> Duration | None:
        minutes = self._minutes(row, column)
        return None if minutes is None else Duration(minutes)

    def _choice(self, known: dict[str, Any], row: Row, column: str, default: Any) -> Any:
        text = row.get(column).strip()
        if text in known:
            return known[text]
        if text and text != "null":
            self.notes.warn("unknown_value", field=column, what=self.notes.what, value=text, used=default or "–")
        return default

    def _kept(self, row: Row, modelled: tuple[str, ...] | frozenset[str]) -> tuple[Kept, ...]:
        wanted = self._places.get((id(row.columns), modelled))
        if wanted is None:
            wanted = [(place, column) for column, place in row.columns.items() if column not in frozenset(modelled)]
            self._places[id(row.columns), modelled] = wanted
        cells, told = row.cells, self._told
        count = len(cells)
        found = []
        for place, column in wanted:
            if place < count and (text := cells[place]) != "":
                one = told.get((column, text))
                if one is None:
                    one = told[column, text] = Kept(column, text)
                found.append(one)
        return tuple(found)

    def _mine(self, table: str) -> Iterator[Row]:
        """The rows of the project that is read."""
        for row in self.tables.rows(table):
            if "proj_id" not in row.columns or row.get("proj_id") in {self.proj_id, ""}:
                yield row

    def _sum(self, row: Row, *columns: str) -> Decimal:
        return sum((self._number(row, column) or Decimal(0) for column in columns), Decimal(0))
