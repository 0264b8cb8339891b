"""Absences from a table (CSV, XLSX): a line each, with the person where the table holds several."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from stellwerk.core import tabular
from stellwerk.core.db import fold
from stellwerk.core.errors import Refused
from stellwerk.core.tabular import Cell, FieldSpec, Limits, Table, cell_text
from stellwerk.core.tabular.values import parse_date, parse_number
from stellwerk.people.absence_files.found import (
    MOST_BYTES,
    MOST_ROWS,
    Found,
    Reading,
    Skipped,
    kind_of,
    refuse_size,
    too_many,
)

LIMITS: Final = Limits(file=MOST_BYTES, sheet_xml=30_000_000, unpacked=60_000_000, cells=200_000, sheets=20)
FIELDS: Final = (
    FieldSpec("who", "person", ("Person", "Mitarbeiter", "Mitarbeitende", "Name", "Employee", "Personalnummer", "E-Mail"), (r"\bmitarbeit", r"\bemail")),
    FieldSpec("first", "date", ("Von", "From", "Beginn", "Start", "Erster Tag", "First day"), (r"\bvon\b", r"\bbeginn", r"\bab\b"), required=True),
    FieldSpec("last", "date", ("Bis", "To", "Ende", "End", "Letzter Tag", "Last day"), (r"\bbis\b", r"\bende\b")),
    FieldSpec("part", "percent", ("Anteil", "Part of the day", "Tagesanteil", "Anteil des Tages (%)", "Part of the day (%)"), (r"\banteil",)),
    FieldSpec("kind", "category", ("Grund", "Reason", "Art", "Type", "Abwesenheitsart", "Absence type"), (r"abwesenheitsart",)),
    FieldSpec("note", "text", ("Bemerkung", "Note", "Notiz", "Comment", "Kommentar")),
)  # fmt: skip


def read_table(content: bytes, name: str) -> Reading:
    """The absences of a table. Errors: ``Refused`` when the file is no table with a first day, or holds too much."""
    refuse_size(content)
    try:
        table = tabular.best_table(tabular.read(io.BytesIO(content), name=name, limits=LIMITS))
    except tabular.UnusableFile as refusal:
        raise Refused(str(refusal.message), str(refusal.what_to_do), code=refusal.code) from refusal
    columns = {suggestion.field: suggestion.column for suggestion in tabular.suggest(table, FIELDS)}
    if "first" not in columns:
        raise Refused(
            _("The table names no first day."),
            _("Head the columns with Person, From, To, Part of the day (%), Reason, Note."),
            code="no_days",
        )
    if len(table.rows) > MOST_ROWS:
        raise too_many()
    found = Reading("table")
    profiles = tabular.profile_columns(table)
    day_first = profiles[columns["first"]].day_first
    for at in range(len(table.rows)):
        row = _line(table, at, columns, day_first)
        if isinstance(row, Found):
            found.rows.append(row)
        else:
            found.skipped.append(row)
    found.skipped += [Skipped(_where(line.origin.row), str(line.reason)) for line in table.skipped]
    return found


def _where(row: Any) -> str:
    return _("Line %(number)s") % {"number": row}


def _line(table: Table, at: int, columns: dict[str, int], day_first: bool | None) -> Found | Skipped:
    def cell(code: str) -> Cell:
        return table.rows[at][columns[code]] if code in columns else None

    where = _where(table.origin(at, columns["first"]).row)
    first = parse_date(cell("first"), day_first=day_first)
    last = parse_date(cell("last"), day_first=day_first, edge="end")
    if first.kind != "ok":
        return Skipped(where, _("The first day “%(text)s” is not readable.") % {"text": cell_text(cell("first"))[:40]})
    if last.kind == "unreadable":
        return Skipped(where, _("The last day “%(text)s” is not readable.") % {"text": cell_text(cell("last"))[:40]})
    part = _part(cell("part"))
    if part is None:
        return Skipped(
            where, _("“%(text)s” is no part of a day (1 to 100 %%).") % {"text": cell_text(cell("part"))[:40]}
        )
    reason = fold(cell_text(cell("kind"))) or ""
    return Found(
        where, first.value, last.value if last.kind == "ok" else first.value, part,
        kind_of(reason), cell_text(cell("who")).strip()[:200], cell_text(cell("note")).strip()[:200],
    )  # fmt: skip


def _part(cell: Cell) -> int | None:
    """50, 50 %, 0.5, ½, “half” → 50; nothing → 100; None: out of range or not readable."""
    text = (fold(cell_text(cell)) or "").strip()
    if not text or text.startswith(("ganz", "whole", "full")):
        return 100
    if text.startswith(("halb", "half", "½", "1/2")):
        return 50
    parsed = parse_number(cell)
    if parsed.kind != "ok":
        return None
    number = Decimal(parsed.value)
    percent = number * 100 if number <= 1 else number
    return int(percent) if 1 <= percent <= 100 and percent == percent.to_integral_value() else None
