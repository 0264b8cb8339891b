"""What a raw cell may hold, and how people name a cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

Cell = str | int | float | bool | date | datetime | None
Row = tuple[Cell, ...]


def column_letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA, as spreadsheets name columns."""
    letters = ""
    index += 1
    while index > 0:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a cell stands in the file, as its owner sees it: ``row`` counts from 1, ``column`` is a letter."""

    sheet: str
    row: int
    column: str
    name: str

    def __str__(self) -> str:
        if not self.name:
            return _("row %(row)s, column %(column)s") % {"row": self.row, "column": self.column}
        return _("row %(row)s, column %(column)s “%(name)s”") % {
            "row": self.row,
            "column": self.column,
            "name": self.name,
        }


def is_blank(cell: Cell) -> bool:
    """Nothing, or only white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def cell_text(cell: Cell) -> str:
    """The cell as one line of text: white space collapsed, whole floats without ``.0``, dates in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
