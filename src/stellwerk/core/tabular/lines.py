"""Which lines under a heading are records, and what the others are: totals, groups, repeated headings, notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular.cells import Cell, Row, cell_text, is_blank
from stellwerk.core.tabular.notes import Note, note
from stellwerk.core.tabular.values.profile import classify
from stellwerk.core.tabular.words import normal

_NUMERIC = frozenset(("number", "money", "percent"))
_TYPED = _NUMERIC | {"date"}
_LONGEST_GROUP = 80
_ENOUGH, _LOOKED_AT, _SENTENCE = 4, 30, 20
_FILLED = 3
"""So many cells the other lines have, where a text alone heads a group."""
_TOTAL = re.compile(
    r"^\W*(?:sub-?)?(?:grand |overall )?(?:total|totals|sum|summe|summen|gesamt|gesamtsumme|zwischensumme|insgesamt|"
    r"durchschnitt|average|mittelwert|ergebnis|gesamtergebnis|Σ|∑|ø)\b",
    re.IGNORECASE,
)
_TOTAL_INITIALS = frozenset("tsgzidameoøΣ∑TSGZIDAMEOØσ*=-– (")
_FOOTNOTE = re.compile(
    r"^\W*(?:\*|\d\)|note|notes|source|legend|as of|stand|quelle|hinweis|legende|anmerkung|fußnote|erstellt|created|"
    r"exported|exportiert|druckdatum|seite|page|©|generated|the )",
    re.IGNORECASE,
)


def records(rows: Sequence[Row], start: int, texts: Sequence[str]) -> tuple[list[int], list[tuple[int, str, Note]]]:
    """The lines that are records, and those that are not with the reason."""
    skipped: list[tuple[int, str, Note]] = []
    lines: list[int] = []
    header = [normal(text) for text in texts]
    first_heading = next((text for text in header if text), "")
    for i in range(start, len(rows)):
        row = rows[i]
        first = next((cell for cell in row if cell is not None), None)
        if isinstance(first, str) and (not first or first.isspace()):
            first = next((cell for cell in row if not is_blank(cell)), None)
        if first is None:
            continue
        if isinstance(first, str):
            if first[0] in _TOTAL_INITIALS and _is_total(row):
                skipped.append((i, first, note("total", _("a row of totals"))))
                continue
            if len(first) < 200 and normal(first) == first_heading and _repeats(row, header):
                skipped.append((i, first, note("repeated_heading", _("the headings again"))))
                continue
        lines.append(i)
    width = len([text for text in header if text])
    _drop_footnotes(rows, lines, skipped, width)
    if width >= 3:
        lines = _without_bands(rows, lines, skipped)
        lines = _without_explanations(rows, lines, skipped)
    return lines, sorted(skipped, key=lambda item: item[0])


def _without_explanations(rows: Sequence[Row], lines: list[int], skipped: list[tuple[int, str, Note]]) -> list[int]:
    """Without a first line that says in words what stands below: words where all others have dates and numbers."""
    if len(lines) < _ENOUGH or not any(isinstance(cell, str) and len(cell) > _SENTENCE for cell in rows[lines[0]]):
        return lines
    first, others = rows[lines[0]], [rows[i] for i in lines[1 : 1 + _LOOKED_AT]]
    typed = words = 0
    for n, cell in enumerate(first):
        kinds = [classify(row[n]) for row in others if n < len(row) and not is_blank(row[n])]
        if kinds and sum(1 for kind in kinds if kind in _TYPED) >= 0.9 * len(kinds) and not is_blank(cell):
            typed += 1
            words += classify(cell) in ("text", "long")
    if typed < _FILLED or words < typed:
        return lines
    text = next(cell_text(cell) for cell in first if not is_blank(cell))
    skipped.append((lines[0], text, note("explanation", _("explains the columns"))))
    return lines[1:]


def _is_total(row: Row) -> bool:
    cells = [cell for cell in row if not is_blank(cell)]
    if len(cells) < 2 or not _TOTAL.match(cell_text(cells[0])):
        return False
    kinds = [classify(cell) for cell in cells[1:]]
    numbers = sum(1 for kind in kinds if kind in _NUMERIC)
    return numbers >= 1 and numbers >= len(kinds) - 1 and len(cell_text(cells[0])) <= 40


def _repeats(row: Row, header: Sequence[str]) -> bool:
    same = sum(1 for cell, text in zip(row, header, strict=False) if text and normal(cell_text(cell)) == text)
    return same >= 0.8 * sum(1 for text in header if text)


def _drop_footnotes(rows: Sequence[Row], lines: list[int], skipped: list[tuple[int, str, Note]], width: int) -> None:
    while len(lines) > 1 and width >= 3:
        last = lines[-1]
        cells = [cell for cell in rows[last] if not is_blank(cell)]
        text = cell_text(cells[0])
        apart = last - lines[-2] > 1
        if len(cells) > 1 or not isinstance(cells[0], str) or not (apart or len(text) > 80 or _FOOTNOTE.match(text)):
            return
        lines.pop()
        skipped.append((last, text, note("footnote", _("a note under the table"))))


def _without_bands(rows: Sequence[Row], lines: list[int], skipped: list[tuple[int, str, Note]]) -> list[int]:
    """Without lines that head a group (“Division North”): a text alone, where the other lines have more to say."""
    alone = [i for i in lines if _alone(rows[i])]
    if not alone or len(lines) < 3 * len(alone):
        return lines
    single = set(alone)
    others = [i for i in lines if i not in single]
    bands = set(_numbered_bands(rows, alone, others) or _spread_bands(rows, lines, alone, others))
    bands |= _headed_again(lines, alone, skipped)
    for i in sorted(bands):
        text = next(cell_text(cell) for cell in rows[i] if not is_blank(cell))
        skipped.append((i, text, note("group", _("the heading of a group"))))
    return [i for i in lines if i not in bands]


def _numbered_bands(rows: Sequence[Row], alone: list[int], others: list[int]) -> list[int]:
    """Texts in the column of numbers, beside which all other lines have a name."""
    numbered = sum(1 for i in others if len(rows[i]) > 1 and not is_blank(rows[i][1]) and _has_digit(rows[i][0]))
    if numbered < 0.9 * len(others):
        return []
    return [i for i in alone if not is_blank(rows[i][0]) and not _has_digit(rows[i][0])]


def _spread_bands(rows: Sequence[Row], lines: list[int], alone: list[int], others: list[int]) -> list[int]:
    """Texts that stand above other lines throughout, from the first line on or with a blank line before each; a single
    name at the end is a project of which nothing more is known yet."""
    filled = sorted(sum(1 for cell in rows[i] if not is_blank(cell)) for i in others)
    columns = {next(n for n, cell in enumerate(rows[i]) if not is_blank(cell)) for i in alone}
    if filled[len(filled) // 2] < _FILLED or len(columns) > 1 or lines[-1] in alone:
        return []
    chosen = set(alone)
    if any(a in chosen and b in chosen for a, b in pairwise(lines)):
        return []
    if lines[0] in chosen:
        return alone
    return alone if all(i > 0 and all(map(is_blank, rows[i - 1])) for i in alone) else []


def _headed_again(lines: list[int], alone: list[int], skipped: list[tuple[int, str, Note]]) -> set[int]:
    """Texts right above a repeated heading."""
    again = sorted(i for i, _text, reason in skipped if reason.code == "repeated_heading")
    found = set()
    for i in alone:
        heading = next((j for j in again if j > i), None)
        if heading is not None and not any(i < line < heading for line in lines):
            found.add(i)
    return found


def _alone(row: Row) -> bool:
    """One text and nothing else, in one of the first two columns."""
    found: Cell = None
    for n, cell in enumerate(row):
        if cell is None or is_blank(cell):
            continue
        if found is not None or n > 1 or not isinstance(cell, str):
            return False
        found = cell
    return isinstance(found, str) and len(found) <= _LONGEST_GROUP


def _has_digit(cell: object) -> bool:
    return not isinstance(cell, str) or any(letter.isdigit() for letter in cell)
