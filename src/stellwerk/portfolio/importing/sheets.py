"""Which sheet of a workbook is the list of projects, and what the lines above it say about all amounts."""

from __future__ import annotations

import re
from dataclasses import replace

from stellwerk.core.tabular import ColumnInfo, Sheet, Table, TabularFile, profile_columns, suggest
from stellwerk.core.tabular.cells import cell_text, is_blank
from stellwerk.core.tabular.values.numbers import NO_UNIT, Unit, unit_in_header
from stellwerk.core.tabular.words import normal
from stellwerk.portfolio.importing.fields import specs
from stellwerk.portfolio.importing.rows import PROJECTS

_SURE = 0.6
_JUDGED_ROWS, _JUDGED_COLUMNS = 200, 80
_PROJECT = re.compile(r"\b\w*(?:proje[ck]t|vorhaben|massnahme|initiative|programm|investition|portfolio)\w*\b")
_PART = re.compile(
    r"\b(?:tasks?|sub ?tasks?|issues?|risks?|milestones?|actions?|activit(?:y|ies)|resources?|employees?|members?|users?|assignments?|"
    r"aufgaben?|vorgaenge?|vorgang\w*|risik\w+|meilensteine?|arbeitspakete?|ressourcen?|mitarbeiter\w*|personen?|lieferanten?|tickets?|"
    r"defects?|change requests?|lessons|legende?|logs?|journals?|histor(?:y|ie)|lookups?|stammdaten|dropdowns?|validation|archive?|archiv)\b"
    r"|^(?:lists?|listen?)$"
)
_PART_OF_NAME = re.compile(
    r"\b(?:tasks?|issues?|risks?|milestones?|employees?|aufgaben?|vorgang|risiko|meilenstein|mitarbeiter)\b"
)
_REPEATED = 0.9

_TITLE_LINES = 12
_LONGEST_TITLE = 160
_UNIT_ABOVE = re.compile(
    r"(?<!\w)(?:t€|k€|m€|€m|£m|\$m|€k|£k|\$k|teur|keur|meur|tchf|kchf|mchf|tsd\.?|tausend|thousands?|mio\.?|millionen|millions?|mrd\.?|"
    r"'000s?|000s)(?!\w)(?:\s*(?:€|£|\$|eur|euro|usd|gbp|chf)(?!\w))?",
    re.IGNORECASE,
)
_ABOUT_AMOUNTS = re.compile(
    r"\b(?:angaben?|betraege?|werte?|zahlen|kosten|budgets?|amounts?|figures?|values?|costs?|currency|waehrung|in)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"€|£|\$|\b(?:eur|euro|usd|gbp|chf)\b", re.IGNORECASE)


def worth(table: Table) -> float:
    """How much a table looks like a list of projects: the fields that it fills; less when it is about parts of projects."""
    columns = table.columns[:_JUDGED_COLUMNS]
    rows = tuple(row[: len(columns)] for row in table.rows[:_JUDGED_ROWS])
    part = Table(table.sheet, columns, rows, table.orientation, 0, 1, table.lines[: len(rows)])
    found = {s.field: s for s in suggest(part, specs(), profiles=profile_columns(part)) if s.confidence >= _SURE}
    points = sum(suggestion.confidence for suggestion in found.values())
    for code, gain in (("name", 3.0), ("key", 1.0)):
        if code in found:
            heading = normal(columns[found[code].column].base)
            points += gain if _PROJECT.search(heading) else 0.0
            points -= 3.0 if _PART_OF_NAME.search(heading) else 0.0
    points -= (
        4.0 if _names_parents(part, columns, {s.column for s in found.values() if s.field in ("name", "key")}) else 0.0
    )
    title = normal(table.sheet)
    points += 2.0 if _PROJECT.search(title) else 0.0
    points -= 3.0 if _PART.search(title) else 0.0
    points -= 1.5 if table.orientation == "columns" else 0.0  # rarer, and more often no list at all
    return round(points * (0.6 if len(rows) == 1 else 1.0), 1)


def _names_parents(table: Table, columns: tuple[ColumnInfo, ...], named: set[int]) -> bool:
    """A column of projects in which the same ones stand again and again: the rows are something of theirs."""
    for column in columns:
        if column.index in named or normal(column.base) not in PROJECTS:
            continue
        values = [cell_text(cell) for cell in table.values(column.index) if not is_blank(cell)]
        if len(values) > 2 and len(set(values)) < _REPEATED * len(values):
            return True
    return False


def unit_above(file: TabularFile, table: Table) -> tuple[Unit, str]:
    """The unit that a line above the table gives for all amounts (“Angaben in T€”), with the words; else nothing."""
    if table.orientation != "rows":
        return NO_UNIT, ""
    sheet: Sheet = next(sheet for sheet in file.sheets if sheet.name == table.sheet)
    for row in reversed(sheet.rows[: table.header_row][-_TITLE_LINES:]):
        for text in (cell_text(cell) for cell in row if isinstance(cell, str) and not is_blank(cell)):
            match = _UNIT_ABOVE.search(text) if len(text) <= _LONGEST_TITLE else None
            if match is None or not (_ABOUT_AMOUNTS.search(normal(text)) or match.group() == text.strip("()[] ")):
                continue
            unit = unit_in_header(f"({match.group().strip()})")
            money = _MONEY.search(text)
            if unit.factor and not unit.currency and money:
                unit = replace(unit, currency=unit_in_header(f"({money.group()})").currency)
            if unit.factor and (unit.currency or _ABOUT_AMOUNTS.search(normal(text))):
                return unit, text
    return NO_UNIT, ""
