"""What the rows of a table say about its columns: which only count them, which date them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from stellwerk.core.tabular import ColumnProfile, Table
from stellwerk.core.tabular.cells import cell_text, is_blank
from stellwerk.core.tabular.words import normal

_COUNTER = re.compile(
    r"^(?:(?:lfd|laufende|fortlaufende|ser|sl|s|sr|row|zeilen?)? ?(?:nr|no|nummer|number|num)|pos|position|row|zeile|lfd|sno|index|item)$"
)
_PERIODS = re.compile(r"\b(?:week|month|monat|woche|period|periode|quarter|quartal|date|datum)\b|\bweek ?ending\b")
PROJECTS = frozenset(
    normal(text)
    for text in (
        "Project", "Projects", "Project name", "Project ID", "ProjectID", "Project key", "Project code", "Project number", "Project no",
        "Projekt", "Projektname", "Projekt-ID", "Projektnummer", "Projekt-Nr.", "Vorhaben",
    )
)  # fmt: skip
"""Headings of columns that say which project a row is about."""


def running_numbers(table: Table) -> list[int]:
    """Columns that only count the rows: the next edition counts other projects with the same numbers."""
    found = []
    for column in table.columns:
        plain = normal(column.base.replace("#", " nr "))
        values = table.values(column.index)
        if _COUNTER.match(plain) and len(values) >= 3:
            numbers = [int(text) for text in map(cell_text, values) if text.isascii() and text.isdigit()]
            if (
                len(numbers) >= 0.9 * len(values)
                and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
                and numbers[0] <= 1
            ):
                found.append(column.index)
    return found


def dates_of_rows(table: Table, profiles: Sequence[ColumnProfile], aside: Mapping[int, str | None]) -> int | None:
    """A column of weeks or months in a file that names its projects again for each of them."""
    for column in table.columns:
        if (
            column.index not in aside
            and _PERIODS.search(normal(column.base))
            and profiles[column.index].share("date") > 0.8
        ):
            return column.index
    return None


def one_date(table: Table, column: int) -> Table | None:
    """The rows of one date of a file that holds several: only within a date are keys and names unique."""
    days = Counter(row[column] for row in table.rows if not is_blank(row[column]))
    if len(days) < 2:
        return None
    day = days.most_common(1)[0][0]
    numbers = [i for i, row in enumerate(table.rows) if row[column] == day]
    if len(numbers) < 2 or len(days) > 0.7 * len(table.rows):
        return None
    return replace(table, rows=tuple(table.rows[i] for i in numbers), lines=tuple(table.lines[i] for i in numbers))


def one_of_each(table: Table, dated: int) -> Table | None:
    """The first row of each project of a file that names its projects again at many dates, never twice at one."""
    for column in table.columns:
        values = [row[column.index] for row in table.rows]
        if normal(column.base) not in PROJECTS or len(set(values)) > 0.9 * len(values):
            continue
        if len({(row[column.index], row[dated]) for row in table.rows}) < 0.95 * len(values):
            continue
        first = {value: i for i, value in reversed(list(enumerate(values))) if not is_blank(value)}
        numbers = sorted(first.values())
        return replace(table, rows=tuple(table.rows[i] for i in numbers), lines=tuple(table.lines[i] for i in numbers))
    return None
