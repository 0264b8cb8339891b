"""An XER file as tables: lines of cells between tabs, ``%T`` a table, ``%F`` its columns, ``%R`` a row, ``%E`` the end."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from stellwerk.core.tabular import decoding
from stellwerk.planning.exchange.collecting import Collector
from stellwerk.planning.exchange.limits import Limits
from stellwerk.planning.exchange.problems import refuse

_HIGH = re.compile(rb"[\x80-\xff]")
_SAMPLE = 1_000_000
_MOST_CELLS = 5000
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
NEWLINE = "\x7f\x7f"
"""How Primavera writes a line break inside a cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; a column that the table does not have, and an empty cell, are ''."""

    line: int
    columns: dict[str, int]
    cells: tuple[str, ...]

    def get(self, column: str) -> str:
        place = self.columns.get(column, -1)
        return self.cells[place] if 0 <= place < len(self.cells) else ""


@dataclass(slots=True)
class Table:
    name: str
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class XerFile:
    """``header`` is the first line after ERMHDR: version, date, kind, user, …, currency."""

    header: tuple[str, ...]
    tables: dict[str, Table]
    encoding: str

    def rows(self, name: str) -> list[Row]:
        table = self.tables.get(name)
        return table.rows if table is not None else []


def read_tables(stream: IO[bytes], notes: Collector, limits: Limits) -> XerFile:
    """All tables. Rows with a wrong number of cells are noted as errors and left out.

    Raises:
        ScheduleFileError: this is not an XER file, or its text is in no encoding that can be read.
    """
    encoding = _encoding(stream)
    text = io.TextIOWrapper(stream, encoding=encoding.codec, errors=encoding.errors, newline="\n")
    try:
        return _tables(text, encoding, notes, limits)
    except UnicodeError as problem:
        raise refuse("xer_encoding", detail=str(problem)) from None
    finally:
        text.detach()


def _encoding(stream: IO[bytes]) -> decoding.Encoding:
    """From the mark at the start or from all lines with characters above ASCII, wherever they stand."""
    head = stream.read(4096)
    stream.seek(0)
    found = decoding.detect(head, complete=False)
    if found.skip or found.codec in _WIDE:
        stream.seek(found.skip)
        return found
    sample = bytearray()
    for line in stream:
        if _HIGH.search(line):
            sample += line[:100_000]
            if len(sample) > _SAMPLE:
                break
    stream.seek(0)
    return decoding.detect(bytes(sample), complete=True) if sample else decoding.Encoding("cp1252")


class _Builder:
    def __init__(self, notes: Collector, limits: Limits) -> None:
        self.notes, self.limits = notes, limits
        self.tables: dict[str, Table] = {}
        self.table: Table | None = None
        self.index: dict[str, int] = {}
        self.rows = 0

    def line(self, number: int, cells: list[str]) -> None:
        kind, values = cells[0], cells[1:]
        if kind == "%T" and values and values[0].strip():
            name = values[0].strip()
            self.table = self.tables.setdefault(name, Table(name))
        elif kind == "%F" and self.table is not None:
            self.columns(number, self.table, tuple(value.strip() for value in values))
        elif kind == "%R" and self.table is not None and self.table.columns:
            self.row(number, self.table, values)
        else:
            self.notes.error("xer_line", number, text="\t".join(cells))

    def columns(self, number: int, table: Table, columns: tuple[str, ...]) -> None:
        while columns and not columns[-1]:
            columns = columns[:-1]
        if len(set(columns)) != len(columns) or not all(columns) or (table.rows and table.columns != columns):
            self.notes.error("columns", number, table=table.name, found=len(set(columns)), expected=len(columns))
        table.columns = columns
        self.index = {name: place for place, name in enumerate(columns)}

    def row(self, number: int, table: Table, values: list[str]) -> None:
        expected = len(table.columns)
        if any('"' in value for value in values):
            values = _unquoted(values, expected)
        while len(values) > expected and not values[-1].strip():
            values.pop()
        # Some programs cut empty cells off the end of a row; a short row that ends with an empty cell lost one inside.
        if len(values) > expected or (len(values) < expected and (not values or not values[-1].strip())):
            self.notes.error("columns", number, table=table.name, found=len(values), expected=expected)
            return
        self.rows += 1
        if self.rows > self.limits.rows * 4:
            raise refuse("too_many", number, limit=self.limits.rows * 4, what="rows")
        table.rows.append(Row(number, self.index, tuple(values)))


def _unquoted(cells: list[str], expected: int) -> list[str]:
    """Primavera doubles quotation marks, and puts a text with a tab between quotation marks."""
    if len(cells) > expected:
        cells = _rejoined(cells)
    return [_plain(cell) if '"' in cell else cell for cell in cells]


def _rejoined(cells: list[str]) -> list[str]:
    """Cells that a tab inside of quotation marks tore apart, in one piece again."""
    found: list[str] = []
    place = 0
    while place < len(cells):
        end = place + 1
        if cells[place].startswith('"') and cells[place].count('"') % 2:
            end = next((one for one in range(end, len(cells)) if cells[one].count('"') % 2), place) + 1
        found.append("\t".join(cells[place:end]))
        place = end
    return found


def _plain(cell: str) -> str:
    inner = cell[1:-1]
    if len(cell) > 2 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', ""):
        cell = inner
    return cell.replace('""', '"')


def _tables(text: io.TextIOWrapper, encoding: decoding.Encoding, notes: Collector, limits: Limits) -> XerFile:
    builder = _Builder(notes, limits)
    header: tuple[str, ...] = ()
    ended, lost, number = False, 0, 0
    for number, given in enumerate(_lines(text), start=1):
        line = given
        lost += line.count("\ufffd")
        if "\0" in line:  # no database and no other format holds it
            notes.warn("null_characters", number)
            line = line.replace("\0", "")
        if line.count("\t") > _MOST_CELLS:
            raise refuse("columns", number, table="?", found=line.count("\t"), expected=_MOST_CELLS)
        cells = line.split("\t")
        if number == 1:
            header = _header(cells)
        elif cells[0].strip() == "%E":
            ended = True
            break
        elif line.strip():
            builder.line(number, cells)
    if number == 0:
        raise refuse("empty")
    if not ended:
        notes.error("truncated", number)
    if lost and encoding.errors == "replace":
        notes.warn("lost_characters", 0, count=lost, encoding=encoding.codec)
    return XerFile(header, builder.tables, encoding.codec)


def _header(cells: list[str]) -> tuple[str, ...]:
    if cells[0].strip() != "ERMHDR":
        raise refuse("unknown_format", 1)
    return tuple(cell.strip() for cell in cells[1:])


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    for line in text:
        yield line.rstrip("\r\n")
