"""From a file to a table of projects and the day it speaks of."""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular import DEFAULT_LIMITS, Sheet, Table, TabularFile, UnusableFile, best_table, find_table, read
from stellwerk.core.tabular.cells import cell_text, is_blank
from stellwerk.core.tabular.notes import Note, note
from stellwerk.core.tabular.values import parse_date
from stellwerk.core.tabular.values.numbers import NO_UNIT, Unit
from stellwerk.portfolio.importing.options import Options, Wishes
from stellwerk.portfolio.importing.paint import with_painted_lights
from stellwerk.portfolio.importing.sheets import unit_above, worth

_DAY = re.compile(r"(?<!\d)(20\d\d)[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?!\d)")
_GERMAN_DAY = re.compile(r"(?<!\d)(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.(20\d\d)(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d\d)[-_. ](0[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_ABOUT = re.compile(
    r"(?:datenstand|berichtsstand|stand|stichtag|berichtsstichtag|berichtsdatum|as of|as at|data date|status date|"
    r"report(?:ing)? date)\b(?: vom| per| zum)?\s*:?\s*",
    re.IGNORECASE,
)
_TITLE_LINES, _TITLE_CELLS = 12, 6
_JSON_BYTES = 200_000_000


@dataclass(frozen=True)
class Source:
    """A file that holds projects. ``title`` is what people call it; ``sheets`` are the names to choose from."""

    title: str
    table: Table
    sheets: tuple[str, ...]
    notes: tuple[Note, ...]
    named_day: dt.date | None
    wishes: Wishes | None = None
    told_day: dt.date | None = None
    """The day that a line above the table gives (“Stand: 30.09.2026”)."""
    told_unit: Unit = NO_UNIT
    """The unit that a line above the table gives for all amounts, and the line (“Angaben in T€”)."""
    told_words: str = ""
    alike: tuple[str, ...] = ()
    """Other sheets with the same headings."""


def open_source(source: str | Path | IO[bytes], *, name: str = "", options: Options) -> Source:
    """Read a file: CSV, XLSX, XLSB, XLS, ODS, or an OC4IDS project package in JSON.

    Errors: ``UnusableFile`` (says why and what to do), ``OSError``.
    """
    title = PurePath(name or str(source if isinstance(source, (str, Path)) else getattr(source, "name", ""))).name
    file = _read(source, title)
    table = best_table(file, sheet=options.sheet, orientation=options.orientation, worth=worth)
    tables = {
        sheet.name: find_table(sheet) for sheet in file.sheets if len(file.sheets) > 1 and sheet.name != table.sheet
    }
    sheets = tuple(
        sheet.name for sheet in file.sheets if sheet.name == table.sheet or tables.get(sheet.name) is not None
    )
    alike = tuple(name for name, other in tables.items() if other is not None and other.signature == table.signature)
    standard = any(one.code == "oc4ids" for one in file.notes)
    wishes = Wishes({column.name: OC4IDS.get(column.name) for column in table.columns}) if standard else None
    named = day_in(title) or day_in(table.sheet)
    unit, words = unit_above(file, table)
    table, painted = with_painted_lights(source, file, table)
    return Source(
        title, table, sheets, (*file.notes, *painted), named, wishes, day_above(file, table), unit, words, alike
    )


def _read(source: str | Path | IO[bytes], title: str) -> TabularFile:
    try:
        return read(source, name=title, limits=DEFAULT_LIMITS)
    except UnusableFile as refusal:
        if not title.lower().endswith(".json"):
            raise
        file = _projects_of_json(source, title)
        if file is None:
            raise refusal from None
        return file


def day_above(file: TabularFile, table: Table) -> dt.date | None:
    """The day that a line above the table says it is about: the word and the date in one cell, or side by side."""
    sheet = next(sheet for sheet in file.sheets if sheet.name == table.sheet)
    lines = sheet.rows[: table.header_row] if table.orientation == "rows" else sheet.rows[:_TITLE_LINES]
    for row in lines[-_TITLE_LINES:]:
        cells = [cell_text(cell) for cell in row if not is_blank(cell)]
        for i, text in enumerate(cells[:_TITLE_CELLS]):
            match = _ABOUT.match(text)
            if match is None:
                continue
            said = text[match.end() :].strip() or (cells[i + 1] if i + 1 < len(cells) else "")
            parsed = parse_date(said, day_first=True, edge="end")
            if parsed.kind == "ok":
                found: dt.date = parsed.value
                return found
    return None


def day_in(text: str) -> dt.date | None:
    """The day that a file or sheet name gives: a full date, else a month's or a year's last day."""
    if match := _DAY.search(text):
        return _valid(int(match[1]), int(match[2]), int(match[3]))
    if match := _GERMAN_DAY.search(text):
        return _valid(int(match[3]), int(match[2]), int(match[1]))
    if match := _MONTH.search(text):
        year, month = int(match[1]), int(match[2])
        return dt.date(year, month, calendar.monthrange(year, month)[1])
    years = set(_YEAR.findall(text))
    return dt.date(int(years.pop()), 12, 31) if len(years) == 1 else None


def _valid(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


# ── the project standard OC4IDS (JSON) ───────────────────────────────────────────────────────────


def _projects_of_json(source: str | Path | IO[bytes], title: str) -> TabularFile | None:
    """A project package as one flat sheet: a column for each single value; None if it is something else."""
    try:
        data = json.loads(_bytes(source))
    except (ValueError, RecursionError):
        return None
    projects = data.get("projects") if isinstance(data, dict) else None
    rows = (
        [dict(_flat(project)) for project in projects if isinstance(project, dict)]
        if isinstance(projects, list)
        else []
    )
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    if not headings or "id" not in headings:
        return None
    cells = [tuple(row.get(heading) for heading in headings) for row in rows]
    return TabularFile(title, "csv", (Sheet("projects", (tuple(headings), *cells)),), notes=(
        note("oc4ids", _("Read as a project package of the standard OC4IDS; lists inside a project are left out.")),
    ))  # fmt: skip


OC4IDS: dict[str, str] = {
    "id": "key", "title": "name", "description": "description", "status": "phase", "type": "kind", "period startDate": "start",
    "period endDate": "finish", "budget amount amount": "budget", "budget amount currency": "currency",
    "publicAuthority name": "department",
}  # fmt: skip
"""The fields of the standard that we know; the rest are further attributes."""


def _flat(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        here = f"{path} {name}".strip()
        if isinstance(item, Mapping):
            yield from _flat(item, here)
        elif isinstance(item, (str, int, float)) and not isinstance(item, bool):
            yield here, item


def _bytes(source: str | Path | IO[bytes]) -> bytes:
    if isinstance(source, (str, Path)):
        return Path(source).read_bytes()[:_JSON_BYTES]
    source.seek(0)
    return source.read(_JSON_BYTES)
