"""Building blocks of slides: fitted table cells, pagination, section heads, figure rows. Nothing here can overflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    BOTTOM,
    LEFT,
    RIGHT,
    Cell,
    Color,
    Column,
    Element,
    Icon,
    LightName,
    Line,
    Row,
    Run,
    Table,
    Text,
    Value,
)
from stellwerk.core.documents.text import clean, fit, height_of, width_of, wrap
from stellwerk.reporting.deck.words import ARROWS, color_word, dimension_name, light_word
from stellwerk.reporting.payload import Light

FULL: Final = RIGHT - LEFT
TITLE_SIZE: Final = 22
TITLE_WIDTH: Final = 12.15
_INSET: Final = 0.12  # both sides of a cell


def headline(*candidates: str) -> str:
    """The first candidate that fits the title's two lines; the last one shortened if none does."""
    texts = [clean(text) for text in candidates if text]
    for text in texts:
        if len(wrap(text, TITLE_SIZE, TITLE_WIDTH, True)) <= 2:
            return text
    return fit(texts[-1], TITLE_SIZE, TITLE_WIDTH, 2, True)


def subtitle(text: str) -> str:
    return fit(text, 12, FULL - 0.05, 1)


@dataclass(frozen=True)
class C:
    """What a cell says: a first paragraph of at most ``lines`` lines and perhaps a grey second one."""

    text: str = ""
    bold: bool = False
    color: Color = "ink"
    second: str = ""
    lines: int = 1
    second_lines: int = 1
    value: Value = None
    places: int = 0
    signed: bool = False
    percent: bool = False
    icons: tuple[tuple[float, float, LightName, str], ...] = ()
    inset: float = 0.0
    tail: str = ""  # not shortened, behind the text, in grey


@dataclass
class Grid:
    """Rows of fitted cells under given columns; cut into tables of a given height."""

    sheet: str
    columns: Sequence[Column]
    size: float = 11
    row_height: float = 0.27
    header_height: float = 0.26
    has_header: bool = True
    alt: str = ""
    owner: str = ""
    rows: list[Row] = field(default_factory=list)

    def add(self, *cells: C, total: bool = False) -> None:
        fitted, height = [], self.row_height
        for column, cell in zip(self.columns, cells, strict=True):
            width = column.width - _INSET - cell.inset
            paragraphs: list[tuple[Run, ...]] = []
            lines = 0
            bold = cell.bold or total
            if cell.text:
                tail = width_of(cell.tail, self.size) + 0.05 if cell.tail else 0
                text = fit(cell.text, self.size, width - tail, cell.lines, bold)
                lines += len(wrap(text, self.size, width - tail, bold))
                paragraphs.append(
                    (Run(text, bold, cell.color), *((Run(f" {cell.tail}", False, "grey"),) if cell.tail else ()))
                )
            if cell.second:
                text = fit(cell.second, self.size - 1, width, cell.second_lines)
                lines += len(wrap(text, self.size - 1, width))
                paragraphs.append((Run(text, color="grey", size=self.size - 1),))
            height = max(height, height_of(lines, self.size) + 0.07)
            # The workbook has room for the whole text.
            full = " ".join(clean(part) for part in (cell.text, cell.second) if part)
            shown = " ".join(run.text for paragraph in paragraphs for run in paragraph[:1])
            value = full if cell.value is None and shown != full and not cell.tail else cell.value
            fitted.append(
                Cell(tuple(paragraphs), value, cell.places, cell.signed, cell.percent, cell.icons, cell.inset)
            )
        self.rows.append(Row(tuple(fitted), round(height, 4), total))

    def pages(self, height: float, most: int | None = None) -> list[tuple[Row, ...]]:
        """Rows per page so that header and rows take at most ``height``; a total row never stands alone."""
        result: list[tuple[Row, ...]] = []
        page: list[Row] = []
        used = self.header_height
        for row in self.rows:
            if page and (used + row.height > height + 1e-6 or (most is not None and len(page) >= most)):
                result.append(tuple(page))
                page, used = [], self.header_height
            page.append(row)
            used += row.height
        if page:
            result.append(tuple(page))
        if len(result) > 1 and all(row.total for row in result[-1]):
            moved = result[-2][-1]
            result[-2:] = [result[-2][:-1], (moved, *result[-1])]
        return result

    def table(self, x: float, y: float, rows: tuple[Row, ...] | None = None) -> Table:
        columns = tuple(
            replace(
                column,
                title=fit(
                    column.title,
                    self.size - 1,
                    column.width - (0.07 if index in (0, len(self.columns) - 1) else 0.13),
                    1,
                    True,
                ),
            )
            if column.title
            else column
            for index, column in enumerate(self.columns)
        )
        return Table(
            x,
            y,
            columns,
            tuple(self.rows) if rows is None else rows,
            self.sheet,
            self.size,
            self.header_height,
            self.alt or self.sheet,
            has_header=self.has_header,
            owner=self.owner,
        )

    def limited(self, height: float) -> tuple[tuple[Row, ...], int]:
        """The rows that fit, and how many do not."""
        used, kept = self.header_height if self.has_header else 0.0, 0
        for row in self.rows:
            if used + row.height > height + 1e-6:
                break
            used += row.height
            kept += 1
        return tuple(self.rows[:kept]), len(self.rows) - kept

    def first(self, x: float, y: float, height: float, most: int | None = None) -> list[Element]:
        """The first page as a table, and below it how many rows the workbook has more."""
        pages = self.pages(height - 0.22, most)
        if not pages:
            return []
        table = replace(self.table(x, y, pages[0]), rest=tuple(row for page in pages[1:] for row in page))
        parts: list[Element] = [table]
        if table.rest:
            parts.append(note(more(len(table.rest)), x, y + table.height + 0.04, table.width))
        return parts

    def block(self, x: float, y: float, height: float) -> list[Element]:
        """A table that fits into ``height``; what does not fit is counted below it."""
        rows, rest = self.limited(height)
        if rest:
            rows, rest = self.limited(height - 0.2)
        if not rows:
            return []
        table = replace(self.table(x, y, rows), rest=tuple(self.rows[len(rows) :]))
        parts: list[Element] = [table]
        if rest:
            parts.append(note(more(rest), x, y + table.height + 0.03, table.width, 10))
        return parts


def more(count: int) -> str:
    """Rows for which a table has no room; :attr:`Table.rest` carries them into the workbook."""
    return _("… (%(count)s more in the workbook)") % {"count": count}


def note(text: str, x: float, y: float, width: float, size: float = 10, lines: int = 1) -> Text:
    """A grey remark."""
    return Text(
        x, y, width, height_of(lines, size) + 0.02, ((Run(fit(text, size, width, lines), color="grey"),),), size
    )


def section(title: str, x: float, y: float, width: float, extra: str = "") -> list[Element]:
    """A bold head with an ink line below; takes 0.3 inches."""
    room = width - (width_of(extra, 10) + 0.15 if extra else 0)
    parts: list[Element] = [
        Text(x, y, room, 0.24, ((Run(fit(title, 12, room, 1, True), True),),), 12),
        Line(x, y + 0.27, x + width, y + 0.27, "ink", 1),
    ]
    if extra:
        parts.append(Text(x + room, y, width - room, 0.24, ((Run(extra, color="grey"),),), 10, "right", "middle"))
    return parts


def figures(items: Sequence[tuple[str, str, str]], y: float, x: float = LEFT, width: float = FULL) -> list[Element]:
    """A row of up to six key figures: label, value, remark; takes 0.95 inches."""
    parts: list[Element] = []
    step = width / max(len(items), 1)
    for index, (label, value, remark) in enumerate(items):
        left = x + index * step
        room = step - 0.2
        if index:
            parts.append(Line(left - 0.1, y + 0.02, left - 0.1, y + 0.88))
        size = next((size for size in (20, 18, 16, 14) if width_of(value, size, True) <= room), 12)
        parts += [
            Text(left, y, room, 0.2, ((Run(fit(label, 11, room), color="grey"),),), 11),
            Text(left, y + 0.22, room, 0.38, ((Run(fit(value, size, room, 1, True), True),),), size, anchor="middle"),
            Text(left, y + 0.66, room, 0.2, ((Run(fit(remark, 10.5, room), color="grey"),),), 10.5),
        ]
    return parts


def light_cell(light: Light, where: str, *, word: bool = False, mark: str = "") -> C:
    """A light in a table: shape, perhaps its word, arrow, and small the computed or the previous one."""
    name = color_word(light.value)
    value = light_word(light) if light.value is not None else "–"
    arrow = ARROWS[light.arrow]
    if light.value is None:
        return C("–", color="grey", inset=0.06, value=value)
    icons: list[tuple[float, float, LightName, str]] = [(0.08, 0.15, light.value, f"{where}: {name}")]
    small = light.computed_value if light.source == "overridden" and light.computed_value != light.value else None
    what = _("computed")
    if small is None and light.previous is not None and light.previous != light.value:
        small, what = light.previous, _("previous")
    half = {"worse": "−", "better": "+", None: ""}[light.half_step] if not word else ""
    flags = f"{half}{mark}"
    shown = value if word else ""
    text = " ".join(part for part in (f"{shown}", f"{arrow}") if part)
    text = f"{flags} {text}".strip() if flags and not word else f"{text}{flags}" if flags else text
    if small is not None:
        icons.append((-1.0, 0.1, small, f"{where} {what}: {color_word(small)}"))
    strong = word and light.value == "red"
    return C(
        text,
        bold=strong,
        color="ink" if word or light.arrow == "down" else "grey",
        icons=tuple(icons),
        inset=0.22,
        value=f"{value} {arrow}".strip(),
    )


def heading_width(title: str, size: float, least: float) -> float:
    """Width of a column whose heading must not be cut."""
    return max(least, round(width_of(title, size - 1, True) + 0.15, 2))


def placed(cell: C, dx: float) -> C:
    """Put the small second light of a :func:`light_cell` at ``dx`` from the cell's left edge."""
    return replace(cell, icons=tuple((dx if at < 0 else at, size, light, alt) for at, size, light, alt in cell.icons))


def legend(parts: Sequence[tuple[LightName | None, str]], y: float, x: float = LEFT, size: float = 10) -> list[Element]:
    """Small lights with their words in a row, then plain remarks (empty light)."""
    elements: list[Element] = []
    for light, word in parts:
        room = RIGHT - x
        if room < 0.6:
            break
        if light:
            elements.append(Icon(x, y + 0.025, 0.13, light, word))
            x += 0.18
            room -= 0.18
        text = fit(word, size, room)
        width = width_of(text, size) + 0.02
        elements.append(Text(x, y, width + 0.05, 0.19, ((Run(text, color="grey"),),), size, wrap=False))
        x += width + 0.2
    return elements


__all__ = [
    "BOTTOM",
    "FULL",
    "C",
    "Grid",
    "dimension_name",
    "figures",
    "heading_width",
    "headline",
    "legend",
    "light_cell",
    "more",
    "note",
    "placed",
    "section",
    "subtitle",
]
