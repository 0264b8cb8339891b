"""Finding the table in a sheet: heading row, orientation, what is no record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular import refusals
from stellwerk.core.tabular.cells import Cell, Row, cell_text, column_letters, is_blank
from stellwerk.core.tabular.lines import records
from stellwerk.core.tabular.notes import note, shorten
from stellwerk.core.tabular.reading import Merge, Sheet, TabularFile
from stellwerk.core.tabular.table import ColumnInfo, Orientation, SkippedLine, Table
from stellwerk.core.tabular.values.numbers import unit_in_header
from stellwerk.core.tabular.values.profile import classify
from stellwerk.core.tabular.words import is_heading_like, normal

SEARCH_ROWS = 40
SAMPLE_ROWS = 60
JUDGED_CELLS = 60
"""So many cells of a line are judged; a portfolio lying on its side has thousands."""
LONGEST_HEADING = 600
SHORT = 60
TALL = 3000
MOST_COLUMNS = 500
_TYPED = frozenset(("date", "number", "money", "percent", "light", "boolean"))
_NUMERIC = frozenset(("number", "money", "percent"))
_YEAR = re.compile(r"(?:FY ?|GJ ?)?(?:19|20)\d\d$", re.IGNORECASE)
_COUNTED = re.compile(r"\d+")
_FORMAT_HINT = re.compile(
    r"^[(\[]?(?:[tdmjy]{1,4}[./-]){1,2}[tdmjy]{2,4}[)\]]?$|^[(\[]?(?:text|zahl|number|date|datum)[)\]]?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Heading:
    """Where the heading is in a grid, how good it looks, and its text per grid column."""

    row: int
    depth: int
    score: float
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _View:
    """A sheet as a grid of records by rows; for ``columns`` the transposed sheet."""

    grid: Sequence[Row]
    orientation: Orientation
    merged: tuple[Merge, ...]


Worth = Callable[[Table], float]


def best_table(
    file: TabularFile, *, sheet: str | None = None, orientation: Orientation | None = None, worth: Worth | None = None
) -> Table:
    """The table with the most to say among the sheets (hidden ones only if there is no other), or in ``sheet``.
    ``worth``: what the caller looks for counts first.

    Raises:
        UnusableFile: no sheet holds a table (``no_table``), or it has more columns than anybody can map (``too_large``).
    """
    several = worth is not None and sheet is None and len(file.sheets) > 1
    tables = [
        (not candidate.hidden, worth(table) if several and worth else 0.0, _worth(table), -position, table)
        for position, candidate in enumerate(file.sheets)
        if sheet is None or candidate.name == sheet
        for table in [find_table(candidate, orientation=orientation)]
        if table is not None
    ]
    if not tables:
        raise refusals.no_table()
    best = max(tables, key=lambda item: item[:4])[4]
    if len(best.columns) > MOST_COLUMNS:
        raise refusals.too_many_columns(len(best.columns), MOST_COLUMNS)
    return best


def _worth(table: Table) -> float:
    known = sum(1 for column in table.columns if is_heading_like(column.base))
    return (1 + known) * min(len(table.rows), 1000) * min(len(table.columns), 40)


def find_table(sheet: Sheet, *, orientation: Orientation | None = None) -> Table | None:
    """The table in a sheet, None when there is none. ``orientation`` overrules the evidence."""
    upright = _View(sheet.rows, "rows", sheet.merged)
    if orientation == "rows":
        return _build(sheet, upright, _heading(upright))
    width = max((len(row) for row in sheet.rows[:SAMPLE_ROWS]), default=0)
    if orientation is None and (len(sheet.rows) > TALL and len(sheet.rows) > 5 * width):
        return _build(sheet, upright, _heading(upright))
    lying = _View(_transposed(sheet.rows), "columns", tuple((b, a, d, c) for a, b, c, d in sheet.merged))
    if orientation == "columns":
        return _build(sheet, lying, _heading(lying))
    first = _heading(upright)
    one_line = sum(1 for row in sheet.rows[:SAMPLE_ROWS] if not all(map(is_blank, row))) < 2
    second = None if one_line else _heading(lying)  # one line alone is a heading without projects
    if first is None or (second is not None and _order(lying, second) > _order(upright, first) + 0.05):
        return _build(sheet, lying, second)
    return _build(sheet, upright, first)


def _transposed(rows: Sequence[Row]) -> list[Row]:
    width = max((len(row) for row in rows), default=0)
    padded = [row + (None,) * (width - len(row)) for row in rows]
    return list(zip(*padded, strict=True))


# --- orientation -------------------------------------------------------------------------------------------------


def _order(view: _View, heading: _Heading) -> float:
    """How much the grid looks like records under headings: columns of one kind each, headings that sound like some."""
    body = _sample(view.grid[heading.row + heading.depth :])
    columns: dict[int, Counter[str]] = {}
    for row in body:
        for position, cell in enumerate(row[:JUDGED_CELLS]):
            kind = _rough_kind(cell)
            if kind:
                columns.setdefault(position, Counter())[kind] += 1
    counts = [counter for counter in columns.values() if sum(counter.values())]
    if not counts:
        return 0.0
    weight = sum(sum(counter.values()) for counter in counts)
    purity = sum(counter.most_common(1)[0][1] for counter in counts) / weight
    headings = [text for n, text in enumerate(heading.texts) if text and n in columns][:JUDGED_CELLS]
    # “In progress” six times is no heading, neither are “Phase 1” to “Phase 40”.
    different = {_COUNTED.sub("", text) for text in headings if is_heading_like(_first_line(text))}
    apart = len(set(headings)) / max(1, len(headings))
    return purity + apart * len(different) / max(1, len(headings)) - _left_out(view, heading)


def _left_out(view: _View, heading: _Heading) -> float:
    """Lines before the heading that say as much as it does: a title is short."""
    said = sum(1 for text in heading.texts if text)
    before = view.grid[max(0, heading.row - SEARCH_ROWS) : heading.row]
    return min(0.6, 0.15 * sum(1 for row in before if _filled(row) >= max(3, 0.5 * said)))


def _rough_kind(cell: Cell) -> str:
    kind = classify(cell)
    if kind in ("empty", "absent"):
        return ""
    return "number" if kind in _NUMERIC else kind


def _sample(rows: Sequence[Row]) -> list[Row]:
    filled = [row for row in rows[: 4 * SAMPLE_ROWS] if not all(map(is_blank, row))]
    step = max(1, len(filled) // SAMPLE_ROWS)
    return filled[::step]


# --- heading -----------------------------------------------------------------------------------------------------


def _heading(view: _View) -> _Heading | None:
    """The row of headings, one or two lines deep."""
    lines = [i for i, row in enumerate(view.grid[:2000]) if not all(map(is_blank, row))][: SEARCH_ROWS + SAMPLE_ROWS]
    if len(lines) < 2:
        return None
    fills = {i: _filled(view.grid[i]) for i in lines}
    wide = sorted(fills.values())
    typical = max(wide[len(wide) // 2], wide[-1] * 0.5)
    best: tuple[float, int] | None = None
    for order, i in enumerate(lines[:SEARCH_ROWS]):
        below = [view.grid[j] for j in lines[order + 1 : order + 13]]
        score = _heading_score(view.grid[i], below, fills[i] / typical) - 0.03 * order
        if order and lines[order - 1] == i - 1 and _explains(view.grid[i - 1], view.grid[i]):
            score -= 0.4
        if score > 0 and below and (best is None or score > best[0]):
            best = (score, i)
    if best is None:
        return None
    return _deepened(view, best[1], best[0])


def _explains(upper: Row, lower: Row) -> bool:
    """Whether a line says in more words what the headings right above it mean."""
    above = [cell_text(cell) for cell in upper if not is_blank(cell)]
    below = [cell_text(cell) for cell in lower if not is_blank(cell)]
    if (
        len(above) < 0.8 * len(below)
        or len(set(above)) < len(above)
        or not all(_is_heading_cell(cell) for cell in upper if not is_blank(cell))
    ):
        return False
    return sum(map(len, below)) * len(above) >= 1.5 * sum(map(len, above)) * len(below)


def _filled(row: Row) -> int:
    return sum(1 for cell in row if not is_blank(cell))


def _heading_score(row: Row, below: Sequence[Row], fill: float) -> float:
    cells = [(i, cell) for i, cell in enumerate(row) if not is_blank(cell)][:JUDGED_CELLS]
    texts = [cell_text(cell) for _i, cell in cells]
    wordy = sum(1 for _i, cell in cells if _is_heading_cell(cell)) / len(cells)
    if fill < 0.45 or wordy < 0.6 or (len(cells) == 1 and len(texts[0]) > 80):
        return 0.0
    known = sum(_short(text) for text in texts if is_heading_like(_first_line(text))) / len(texts)
    unique = len(set(texts)) / len(texts)
    typed = contrast = 0
    for i, cell in cells:
        kinds = Counter(kind for r in below if i < len(r) and (kind := _rough_kind(r[i])))
        if kinds and kinds.most_common(1)[0][0] in _TYPED:
            typed += 1
            contrast += classify(cell) in ("text", "long", "letter", "absent")
    against = (contrast / typed) if typed else 0.5
    return min(fill, 1.0) + wordy + 0.5 * unique + 1.5 * known + against


def _short(text: str) -> float:
    """A heading is short; a sentence that explains one holds the same words."""
    return 1.0 if len(_first_line(text)) <= SHORT else 0.3


def _is_heading_cell(cell: Cell) -> bool:
    if isinstance(cell, str):
        kinds = ("text", "long", "letter", "absent", "boolean")
        return len(cell) <= LONGEST_HEADING and (classify(cell) in kinds or bool(_YEAR.match(cell.strip())))
    return isinstance(cell, int) and not isinstance(cell, bool) and 1990 <= cell <= 2100


def _deepened(view: _View, row: int, score: float) -> _Heading:
    """Take a row of groups above, sub-headings below or a row of units below into the heading."""
    grid = view.grid
    width = max(len(r) for r in grid[: row + 2000])
    single = _texts(grid[row], width)
    if row > 0 and _is_pair(grid, row - 1):
        return _Heading(row - 1, 2, score, _joined(view, row - 1, width))
    if row + 2 < len(grid) and _is_pair(grid, row):
        return _Heading(row, 2, score, _joined(view, row, width))
    if row + 2 < len(grid) and _is_units(grid[row + 1]):
        units = _texts(grid[row + 1], width)
        joined = tuple(f"{a} [{b.strip('()[]')}]" if a and b else a or b for a, b in zip(single, units, strict=True))
        return _Heading(row, 2, score, joined)
    return _Heading(row, 1, score, single)


def _texts(row: Row, width: int) -> tuple[str, ...]:
    texts = tuple("" if is_blank(cell) else str(cell).strip() for cell in row)
    return texts + ("",) * (width - len(texts))


def _is_units(row: Row) -> bool:
    cells = [cell_text(cell) for cell in row if not is_blank(cell)]
    if not cells:
        return False
    hits = sum(1 for cell in cells if _FORMAT_HINT.match(cell) or _is_unit(cell))
    return hits == len(cells)


def _is_unit(text: str) -> bool:
    unit = unit_in_header(f"({text.strip('()[]')})")
    return not any("0" <= char <= "9" for char in text) and bool(
        unit.factor or unit.currency or unit.percent or unit.measure
    )


def _is_pair(grid: Sequence[Row], top: int) -> bool:
    """Whether ``top`` groups the headings of the next row: groups with sub-headings under them and gaps beside."""
    upper, lower = grid[top], grid[top + 1]
    lower_cells = [(i, cell) for i, cell in enumerate(lower) if not is_blank(cell)]
    upper_filled = {i for i, cell in enumerate(upper) if not is_blank(cell)}
    if len(upper_filled) < 2 or not lower_cells or not all(_is_heading_cell(cell) for _i, cell in lower_cells):
        return False
    if not all(_is_heading_cell(upper[i]) for i in upper_filled):
        return False
    filled_gaps = [i for i, _cell in lower_cells if i not in upper_filled and any(j < i for j in upper_filled)]
    if not filled_gaps:
        return False
    lower_filled = {i for i, _cell in lower_cells}
    grouped = any(j in lower_filled and (j + 1) in filled_gaps for j in upper_filled)
    known = sum(1 for _i, cell in lower_cells if is_heading_like(cell_text(cell))) / len(lower_cells)
    below = grid[top + 2 : top + 22]
    typed = sum(1 for i, _cell in lower_cells if any(i < len(r) and _rough_kind(r[i]) in _TYPED for r in below))
    texts = [cell_text(cell) for _i, cell in lower_cells]
    return grouped and (known >= 0.4 or typed / len(lower_cells) >= 0.5 or len(set(texts)) < len(texts))


def _joined(view: _View, top: int, width: int) -> tuple[str, ...]:
    upper, lower = list(_texts(view.grid[top], width)), _texts(view.grid[top + 1], width)
    spans = {b: d for a, b, c, d in view.merged if a == top and d > b}
    group, until = "", -1
    for i in range(width):
        if upper[i]:
            group, until = upper[i], spans.get(i, width if not spans else i)
        elif lower[i] and group and i <= until:
            upper[i] = group
        elif not lower[i]:
            group = ""
    return tuple(
        f"{a} {b}" if a and b and normal(a) != normal(b) else b or a for a, b in zip(upper, lower, strict=True)
    )


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].strip() or text


# --- body --------------------------------------------------------------------------------------------------------


def _build(sheet: Sheet, view: _View, heading: _Heading | None) -> Table | None:
    if heading is None:
        return None
    start = heading.row + heading.depth
    rows = _fill_merges(view, start)
    lines, skipped = records(rows, start, heading.texts)
    if not lines:
        return None
    used = _used_columns(rows, lines, heading.texts)
    aside = _columns_aside(rows, lines, used)
    used = [source for source in used if source not in aside]
    body = _body(rows, lines, used)
    columns = _columns(used, heading.texts, body, view.orientation)
    table = Table(
        sheet=sheet.name,
        columns=columns,
        rows=body,
        orientation=view.orientation,
        header_row=heading.row,
        header_depth=heading.depth,
        lines=tuple(lines),
    )
    found = tuple(
        SkippedLine(table.place(line, used[0] if used else 0, ""), shorten(text), reason)
        for line, text, reason in skipped
    )
    return replace(table, skipped=found + _asides(table, aside, heading.texts))


def _fill_merges(view: _View, start: int) -> Sequence[Row]:
    """A value merged over several records holds for each of them."""
    down = [(a, b, c, d) for a, b, c, d in view.merged if c > a and a >= start and d == b]
    if not down:
        return view.grid
    grid = list(view.grid)
    for top, column, bottom, _last in down:
        if top >= len(grid) or column >= len(grid[top]):
            continue
        value = grid[top][column]
        for i in range(top + 1, min(bottom + 1, len(grid))):
            row = list(grid[i]) + [None] * (column + 1 - len(grid[i]))
            if is_blank(row[column]) and any(not is_blank(cell) for cell in row):
                row[column] = value
                grid[i] = tuple(row)
    return grid


def _used_columns(rows: Sequence[Row], lines: Sequence[int], texts: Sequence[str]) -> list[int]:
    """Columns with a heading or at least one value."""
    named = {i for i, text in enumerate(texts) if text}
    width = max(len(texts), max(len(rows[i]) for i in lines))
    return [i for i in range(width) if i in named or any(i < len(rows[j]) and not is_blank(rows[j][i]) for j in lines)]


def _columns_aside(rows: Sequence[Row], lines: Sequence[int], used: Sequence[int]) -> set[int]:
    """Columns behind a gap that hold a text and no value: notes beside (or, lying, under) the table."""
    aside: set[int] = set()
    for before, source in reversed(list(pairwise(used))):
        if any(source < len(rows[i]) and not is_blank(rows[i][source]) for i in lines):
            break
        if source - before > 1:
            aside.update(i for i in used if i >= source)
    return aside


def _asides(table: Table, aside: Iterable[int], texts: Sequence[str]) -> tuple[SkippedLine, ...]:
    reason = note("footnote", _("a note under the table"))
    return tuple(
        SkippedLine(table.place(table.header_row, source, ""), shorten(texts[source]), reason)
        for source in sorted(aside)
        if source < len(texts) and texts[source]
    )


def _body(rows: Sequence[Row], lines: Sequence[int], used: Sequence[int]) -> tuple[Row, ...]:
    width = used[-1] + 1
    padding = (None,) * width
    whole = list(used) == list(range(width))
    body: list[Row] = []
    for i in lines:
        row = rows[i]
        if len(row) < width:
            row = row + padding[len(row) :]
        if not whole:
            row = tuple([row[j] for j in used])
        elif len(row) > width:
            row = row[:width]
        body.append(row)
    return tuple(body)


def _columns(
    used: Sequence[int], texts: Sequence[str], body: Sequence[Row], orientation: Orientation
) -> tuple[ColumnInfo, ...]:
    seen: Counter[str] = Counter()
    columns = []
    for index, (source, values) in enumerate(zip(used, zip(*body, strict=True), strict=True)):
        header = texts[source] if source < len(texts) else ""
        base = cell_text(header) or _nameless(source, orientation)
        seen[normal(base) or base] += 1
        number = seen[normal(base) or base]
        columns.append(
            ColumnInfo(
                index=index,
                name=base if number == 1 else f"{base} ({number})",
                base=base,
                header=header,
                source=source,
                filled=_count_filled(values),
            )
        )
    return tuple(columns)


def _count_filled(values: Sequence[Cell]) -> int:
    """Cells that hold more than white space."""
    white = sum(1 for value in values if value.__class__ is str and value.isspace())
    return len(values) - values.count(None) - values.count("") - white


def _nameless(source: int, orientation: Orientation) -> str:
    return column_letters(source) if orientation == "rows" else str(source + 1)
