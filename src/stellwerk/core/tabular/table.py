"""A table as it was found in a sheet: columns, rows, and where each cell stands in the file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from stellwerk.core.tabular.cells import Cell, Origin, Row, column_letters
from stellwerk.core.tabular.notes import Note
from stellwerk.core.tabular.words import normal

Orientation = Literal["rows", "columns"]


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """One column. ``name`` is unique in the table (``Status``, ``Status (2)``), ``base`` is it without the number;
    ``header`` is the text in the file with its line breaks; ``source`` is the sheet's column (or row, when
    projects stand side by side), from 0; ``filled`` counts its values."""

    index: int
    name: str
    base: str
    header: str
    source: int
    filled: int


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A row (or column) of the sheet that is no record: a total, a repeated heading, a note under the table."""

    origin: Origin
    text: str
    reason: Note


@dataclass(frozen=True, slots=True)
class Table:
    """Records in ``rows``, one cell per column. ``orientation`` tells whether a record was a row or a column of the
    sheet; ``header_row`` is the sheet's first heading line from 0, ``lines[i]`` the sheet's line of ``rows[i]``."""

    sheet: str
    columns: tuple[ColumnInfo, ...]
    rows: tuple[Row, ...]
    orientation: Orientation
    header_row: int
    header_depth: int
    lines: tuple[int, ...]
    skipped: tuple[SkippedLine, ...] = ()

    def origin(self, row: int, column: int) -> Origin:
        """Where the cell stands in the file, as its owner sees it."""
        info = self.columns[column]
        return self.place(self.lines[row], info.source, info.name)

    def place(self, line: int, source: int, name: str) -> Origin:
        """The place of a line and a column of the table in the sheet."""
        if self.orientation == "columns":
            return Origin(self.sheet, source + 1, column_letters(line), name)
        return Origin(self.sheet, line + 1, column_letters(source), name)

    def values(self, column: int) -> list[Cell]:
        """All cells of one column."""
        return [row[column] for row in self.rows]

    @property
    def signature(self) -> str:
        """The same for files with the same headings, in whatever order: by it a saved mapping is found again."""
        names = sorted(normal(column.name) for column in self.columns)
        return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]
