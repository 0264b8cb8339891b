"""Lists whose traffic lights are nothing but painted cells."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular import ColumnInfo, Table, TabularFile
from stellwerk.core.tabular.cells import Cell, is_blank
from stellwerk.core.tabular.colours import painted
from stellwerk.core.tabular.notes import Note, note
from stellwerk.core.tabular.words import normal

_LIGHTS = re.compile(
    r"\b(?:rag|dca|traffic lights?|health|confidence|overall|\w*ampel\w*|\w*status\w*|lage|gesamt\w*|termine?|zeit|time|schedule|"
    r"kosten|budget|costs?|finance|qualitaet|quality|risik\w+|risks?|umfang|leistung|inhalt|scope|ressourcen|resources?|personal)\b"
)
_SIGN = re.compile(r"[^\w\s]{1,2}$|[lnoux]$", re.IGNORECASE)  # Wingdings draws a disc for l and a square for n
_BARE, _PAINTED = 0.8, 0.5
_MOST_ROWS = 20_000


def with_painted_lights(
    source: str | Path | IO[bytes], file: TabularFile, table: Table
) -> tuple[Table, tuple[Note, ...]]:
    """The table with the names of the colours in columns of lights that hold no words, and a note which ones they are."""
    if file.kind != "xlsx" or len(table.rows) > _MOST_ROWS:
        return table, ()
    wanted = {column.source: column for column in table.columns if _could_be_painted(table, column)}
    if not wanted:
        return table, ()
    lying = table.orientation == "columns"
    lights = painted(source, table.sheet, wanted.keys(), rows=lying)
    rows = [list(row) for row in table.rows]
    found: list[ColumnInfo] = []
    for at, column in wanted.items():
        here = [lights.get((at, line) if lying else (line, at), "") for line in table.lines]
        if sum(map(bool, here)) < _PAINTED * len(rows):
            continue
        found.append(column)
        for row, light in zip(rows, here, strict=True):
            row[column.index] = light or None
    if not found:
        return table, ()
    counted = {column.index: sum(1 for row in rows if row[column.index]) for column in found}
    columns = tuple(replace(column, filled=counted.get(column.index, column.filled)) for column in table.columns)
    told = note(
        "painted", _("The lights were read from the colours of the cells in: %(names)s."),
        {"names": ", ".join(column.name for column in found)},
    )  # fmt: skip
    return replace(table, rows=tuple(map(tuple, rows)), columns=columns), (told,)


def _could_be_painted(table: Table, column: ColumnInfo) -> bool:
    """A column under the name of a light with nothing in it, or only a sign."""
    if not column.header or not _LIGHTS.search(normal(column.base)):
        return False
    return sum(1 for cell in table.values(column.index) if _says_nothing(cell)) >= _BARE * len(table.rows)


def _says_nothing(cell: Cell) -> bool:
    return is_blank(cell) or (isinstance(cell, str) and _SIGN.match(cell.strip()) is not None)
