"""Building blocks of slides: fitted table cells, pagination, section heads, figure rows. Nothing here can overflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    WIDE,
    Cell,
    Color,
    Column,
    Element,
    Icon,
    LightName,
    Line,
    Page,
    Row,
    Run,
    Table,
    Text,
    Value,
)
from stellwerk.core.documents.text import clean, fit, height_of, width_of, wrap
from stellwerk.reporting.deck.words import ARROWS, color_word, dimension_name, light_word
from stellwerk.reporting.payload import Light

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
    """A line that fits our own slide; a narrower one takes it in two."""
    return fit(text, 12, WIDE.full - 0.05, 1)


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


def shared(width: float, columns: Sequence[Column]) -> list[Column]:
    """The columns as wide as ``width`` together: text columns (those with a least width) give up to what they can spare, or take
    what is over, each in proportion to its width. One that becomes much narrower takes its text in more lines."""
    columns = [replace(column, least=_least(column)) for column in columns]
    missing = sum(column.width for column in columns) - width
    texts = [column for column in columns if column.least]
    spare = sum(column.width - column.least for column in texts)
    if abs(missing) < 1e-6 or not texts:
        return list(columns)
    if missing < 0:
        whole = sum(column.width for column in texts)
        return [
            replace(column, width=column.width * (1 - missing / whole)) if column.least else column
            for column in columns
        ]
    share = missing / spare if spare > 0 else 1.0
    if share > 1:  # not even the least widths fit: texts become still narrower, and dates and amounts only after them
        fixed = sum(column.width for column in columns if not column.least)
        part = max((width - fixed) / sum(column.least for column in texts), 0.6)
        columns = [
            replace(column, width=column.least * part, more_lines=2) if column.least else column for column in columns
        ]
        whole = max(sum(column.width for column in columns) / width, 1.0)
        return [replace(column, width=column.width / whole) for column in columns]
    given = [
        replace(column, width=column.width - (column.width - column.least) * share) if column.least else column
        for column in columns
    ]
    return [
        replace(new, more_lines=2 if new.width < 0.6 * old.width else 1) if new.width < 0.85 * old.width else new
        for new, old in zip(given, columns, strict=True)
    ]


def _least(column: Column) -> float:
    """The least width of a text column, in which no word of its heading is broken."""
    if not column.least:
        return 0.0
    words = [width_of(word, SMALLEST, True) + 0.14 for word in column.title.split()]
    return min(max([column.least, *words]), column.width)


def day_width(numbers: Numbers, *headings: str, size: float = SMALLEST, whole: bool = False) -> float:
    """Width of a column of dates (``whole``: with the year in four digits), in which neither a date nor a heading is cut."""
    form = numbers.date if whole else numbers.day
    days = [form(date(2028, month, 28)) for month in range(1, 13)]
    least = max(width_of(text, size, True) for text in days) + _INSET + 0.02
    return max([round(least, 2), *(heading_width(text, size, 0) for text in headings)])


def project_columns(page: Page, *, key: float = 0.95, name: float = 2.3) -> list[Column]:
    """Key and name of a project side by side; on a narrow page one below the other."""
    if page.narrow:
        return [Column(2.6, _("Project"), least=1.8)]
    return [Column(key, _("Project")), Column(name, "", least=1.2)]


def project_cells(page: Page, key: str, name: str, color: Color = "grey") -> list[C]:
    """Cells for :func:`project_columns`."""
    if page.narrow:
        return [C(key, True, second=name, second_lines=2)]
    return [C(key, True), C(name, color=color)]


@dataclass
class Grid:
    """Rows of fitted cells under given columns; cut into tables of a given height.

    Nothing is set smaller than :data:`SMALLEST`. A heading that is too long for its column takes two lines.
    """

    sheet: str
    columns: Sequence[Column]
    size: float = 11
    row_height: float = 0.27
    header_height: float = 0.26
    has_header: bool = True
    alt: str = ""
    owner: str = ""
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.size = max(self.size, SMALLEST)
        if self.has_header and any(self._heading_lines(index) > 1 for index in range(len(self.columns))):
            self.header_height = max(self.header_height, height_of(2, self.header_size) + 0.05)

    @property
    def header_size(self) -> float:
        return max(self.size - 1, SMALLEST)

    def _heading_room(self, index: int) -> float:
        return self.columns[index].width - (0.07 if index in (0, len(self.columns) - 1) else 0.13)

    def _heading_lines(self, index: int) -> int:
        return len(wrap(clean(self.columns[index].title), self.header_size, self._heading_room(index), True))

    def add(self, *cells: C, total: bool = False) -> None:
        fitted, height = [], self.row_height
        for column, cell in zip(self.columns, cells, strict=True):
            width = column.width - _INSET - cell.inset
            paragraphs: list[tuple[Run, ...]] = []
            lines = 0
            bold = cell.bold or total
            if cell.text:
                tail = width_of(cell.tail, self.size) + 0.05 if cell.tail else 0
                text = fit(cell.text, self.size, width - tail, cell.lines + column.more_lines, bold)
                lines += len(wrap(text, self.size, width - tail, bold))
                paragraphs.append(
                    (Run(text, bold, cell.color), *((Run(f" {cell.tail}", False, "grey"),) if cell.tail else ()))
                )
            if cell.second:
                small = max(self.size - 1, SMALLEST)
                text = fit(cell.second, small, width, cell.second_lines + column.more_lines)
                lines += len(wrap(text, small, width))
                paragraphs.append((Run(text, color="grey", size=small),))
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
        head = self.header_height if self.has_header else 0.0
        used = head
        for row in self.rows:
            if page and (used + row.height > height + 1e-6 or (most is not None and len(page) >= most)):
                result.append(tuple(page))
                page, used = [], head
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
                title=fit(column.title, self.header_size, self._heading_room(index), 2, True),
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
        pages = self.pages(height - 0.26, most)
        if not pages:
            return []
        table = replace(self.table(x, y, pages[0]), rest=tuple(row for page in pages[1:] for row in page))
        parts: list[Element] = [table]
        if table.rest:
            parts.append(note(more(len(table.rest)), x, y + table.height + 0.04, table.width))
        return parts

    def block(self, x: float, y: float, height: float, most: int | None = None) -> list[Element]:
        """A table that fits into ``height``, of at most ``most`` rows; what does not fit is counted below it."""
        if not self.rows:
            return []
        rows, rest = self.limited(height)
        if rest or (most is not None and len(rows) > most):
            rows, _rest = self.limited(height - NOTE)
            rows = rows[:most]
            rest = len(self.rows) - len(rows)
        table = replace(self.table(x, y, rows), rest=tuple(self.rows[len(rows) :]))
        parts: list[Element] = [table]
        if rest:  # a table without rows is not drawn; they are counted all the same
            parts.append(note(more(rest), x, y + (table.height if rows else 0) + 0.03, table.width))
        return parts


def more(count: int) -> str:
    """Rows for which a table has no room; :attr:`Table.rest` carries them into the workbook."""
    return _("… (%(count)s more in the workbook)") % {"count": count}


NOTE: Final = 0.24  # height of a remark of one line below a table


def note(text: str, x: float, y: float, width: float, size: float = SMALLEST, lines: int = 1) -> Text:
    """A grey remark."""
    return Text(
        x, y, width, height_of(lines, size) + 0.02, ((Run(fit(text, size, width, lines), color="grey"),),), size
    )


def section(title: str, x: float, y: float, width: float, extra: str = "") -> list[Element]:
    """A bold head with an ink line below; takes 0.3 inches."""
    size = SMALLEST
    extra = fit(extra, size, max(width - width_of(title, 12, True) - 0.2, width * 0.4)) if extra else ""
    room = width - (width_of(extra, size) + 0.15 if extra else 0)
    shown = fit(title, 12, room, 1, True)
    parts: list[Element] = [
        Text(x, y, min(room, width_of(shown, 12, True) + 0.05), 0.24, ((Run(shown, True),),), 12, wrap=False),
        Line(x, y + 0.27, x + width, y + 0.27, "ink", 1),
    ]
    if extra:
        parts.append(Text(x + room, y, width - room, 0.24, ((Run(extra, color="grey"),),), size, "right", "middle"))
    return parts


def figures(items: Sequence[tuple[str, str, str]], y: float, width: float, x: float = LEFT) -> list[Element]:
    """A row of up to six key figures: label, value, remark; takes 0.95 inches, with remarks of two lines 1.1."""
    parts: list[Element] = []
    step = width / max(len(items), 1)
    for index, (label, value, remark) in enumerate(items):
        left = x + index * step
        room = step - 0.2
        if index:
            parts.append(Line(left - 0.1, y + 0.02, left - 0.1, y + 0.88))
        size = next((size for size in (20, 18, 16, 14) if width_of(value, size, True) <= room), 12)
        small = 11 if width_of(label, 11) <= room else SMALLEST
        lines = len(wrap(fit(remark, SMALLEST, room, 2), SMALLEST, room))
        parts += [
            Text(left, y, room, 0.2, ((Run(fit(label, small, room), color="grey"),),), small),
            Text(left, y + 0.22, room, 0.38, ((Run(fit(value, size, room, 1, True), True),),), size, anchor="middle"),
            Text(
                left,
                y + 0.66,
                room,
                height_of(lines, SMALLEST) + 0.03,
                ((Run(fit(remark, SMALLEST, room, 2), color="grey"),),),
                SMALLEST,
            ),
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
    return max(least, round(width_of(title, max(size - 1, SMALLEST), True) + 0.15, 2))


def placed(cell: C, dx: float) -> C:
    """Put the small second light of a :func:`light_cell` at ``dx`` from the cell's left edge."""
    return replace(cell, icons=tuple((dx if at < 0 else at, size, light, alt) for at, size, light, alt in cell.icons))


LEGEND_ROW: Final = 0.2


def legend(parts: Sequence[tuple[LightName | None, str]], y: float, page: Page) -> list[Element]:
    """Small lights with their words in a row, then plain remarks (empty light); in two rows where one has no room."""
    elements: list[Element] = []
    x, size, row = LEFT, SMALLEST, 0
    for light, word in parts:
        if x > LEFT and page.right - x < width_of(word, size) + (0.25 if light else 0.1) and row == 0:
            x, y, row = LEFT, y + LEGEND_ROW, 1
        room = page.right - x
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
    "LEGEND_ROW",
    "NOTE",
    "C",
    "Grid",
    "day_width",
    "dimension_name",
    "figures",
    "heading_width",
    "headline",
    "legend",
    "light_cell",
    "more",
    "note",
    "placed",
    "project_cells",
    "project_columns",
    "section",
    "shared",
    "subtitle",
]
