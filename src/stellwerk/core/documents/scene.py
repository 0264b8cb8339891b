"""What is on a page, independent of the file format: the one description that PPTX, PDF and XLSX are made from.

Coordinates are inches from the upper left corner of a 13.333 x 7.5 inch slide, type sizes are points. The body of a content
slide lies between :data:`LEFT`, :data:`RIGHT`, :data:`TOP` and :data:`BOTTOM`; title and footer belong to the template. A
template of another format has a :class:`Page` of its own: the body starts at the same corner, but ends where the template's
body ends, so that a 4:3 slide is laid out anew and not the wide one made small.
Colours are names that a painter resolves (theme colours in PPTX), so that a deck takes on an organisation's template.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal

WIDTH: Final = 13.333
HEIGHT: Final = 7.5
LEFT: Final = 0.55
RIGHT: Final = 12.783
TOP: Final = 1.72
BOTTOM: Final = 6.82
SUBTITLE_TOP: Final = 1.27
# Where a template's font may be replaced by a wider one, type is set at 0.86 of the size that was measured
# (see pptx_template); 10.5 points are then still 9, the least that can be read from a chair.
SMALLEST: Final = 10.5

Color = Literal["ink", "grey", "hair", "accent", "tint", "band", "white", "red", "amber", "green", "neutral", "none"]
LightName = Literal["red", "amber", "green", "grey"]
Align = Literal["left", "center", "right"]
Anchor = Literal["top", "middle", "bottom"]
Value = str | int | Decimal | date | None


@dataclass(frozen=True)
class Page:
    """Where the body of a content slide ends, in scene inches; it starts at :data:`LEFT` and :data:`TOP`."""

    right: float = RIGHT
    bottom: float = BOTTOM

    @property
    def full(self) -> float:
        return self.right - LEFT

    @property
    def narrow(self) -> bool:
        """A 4:3 slide, or another one without room for what stands side by side on a wide one."""
        return self.full < 11

    @property
    def height(self) -> float:
        return self.bottom - TOP


WIDE: Final = Page()


@dataclass(frozen=True)
class Run:
    """A piece of text of one style; None inherits from its text box or table."""

    text: str
    bold: bool = False
    color: Color = "ink"
    size: float | None = None


Paragraph = tuple[Run, ...]


@dataclass(frozen=True)
class Text:
    """A text box without inner margins. The caller has made the text fit."""

    x: float
    y: float
    w: float
    h: float
    paragraphs: tuple[Paragraph, ...]
    size: float = 12
    align: Align = "left"
    anchor: Anchor = "top"
    wrap: bool = True


@dataclass(frozen=True)
class Icon:
    """A traffic light: filled octagon with cross, filled triangle with mark, open ring with tick, dashed ring with dash."""

    x: float
    y: float
    size: float
    light: LightName
    alt: str


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    color: Color = "hair"
    points: float = 0.75
    dashed: bool = False


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    w: float
    h: float
    fill: Color = "band"
    line: Color = "none"
    alt: str = ""


@dataclass(frozen=True)
class Diamond:
    """Centred at x, y; ``r`` from centre to corner."""

    x: float
    y: float
    r: float
    fill: Color = "accent"
    line: Color = "none"
    alt: str = ""


@dataclass(frozen=True)
class Cell:
    """``runs`` are shown; ``value`` is what a workbook stores (None: the text), ``places`` its decimal places.

    ``formula`` (``=C3-C4``, never from what users typed) is written with the value as its known result.

    Lights lie at ``dx`` inches from the cell's left edge and are centred vertically.
    """

    runs: tuple[Paragraph, ...] = ()
    value: Value = None
    places: int = 0
    signed: bool = False
    percent: bool = False
    icons: tuple[tuple[float, float, LightName, str], ...] = ()  # dx, size, light, alternative text
    inset: float = 0.0  # left inset of the text in inches, to stand beside a light
    formula: str = ""

    @property
    def text(self) -> str:
        return " ".join("".join(run.text for run in paragraph) for paragraph in self.runs)


@dataclass(frozen=True)
class Column:
    width: float
    title: str = ""
    align: Align = "left"
    rule: bool = False  # vertical hairline on the left
    least: float = 0.0  # a text column gives or takes room down to this width; 0: its width is fixed
    more_lines: int = 0  # lines that its cells may take more, because it has been made narrower


@dataclass(frozen=True)
class Row:
    cells: tuple[Cell, ...]
    height: float = 0.27
    total: bool = False  # ink line above


@dataclass(frozen=True)
class Table:
    """A native table: horizontal hairlines, ink line under the header, first column flush with the margin.

    ``sheet`` names the worksheet that takes its rows; tables of several slides with one name are put together there.
    ``rest`` are rows for which the slide has no room: only the workbook carries them.
    """

    x: float
    y: float
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sheet: str
    size: float = 11
    header_height: float = 0.26
    alt: str = ""
    highlight: int | None = None  # index of a column with a band behind it
    has_header: bool = True
    rest: tuple[Row, ...] = ()
    owner: str = ""  # whose rows they are, where the slide says it in its title: the workbook's first column

    @property
    def header_size(self) -> float:
        return max(self.size - 1, SMALLEST)

    @property
    def width(self) -> float:
        return sum(column.width for column in self.columns)

    @property
    def height(self) -> float:
        return (self.header_height if self.has_header else 0) + sum(row.height for row in self.rows)


@dataclass(frozen=True)
class Series:
    """Values per category; ``labels`` writes them into the chart."""

    name: str
    values: tuple[Decimal | None, ...]
    color: Color = "accent"
    points: float = 1.75
    dashed: bool = False
    outline: bool = False  # bars: white with an outline
    labels: bool = False
    label_color: Color = "ink"
    markers: bool = False
    label_from: Decimal | None = None  # a smaller value has no room for its label


@dataclass(frozen=True)
class Axis:
    """A value axis with explicit ends, so that both painters and the labels beside the chart agree on every position."""

    low: Decimal
    high: Decimal
    step: Decimal
    visible: bool = True
    dates: bool = False  # the values are days since 30 December 1899 and are labelled as months
    places: int = 0


@dataclass(frozen=True)
class Chart:
    """A native chart without legend box; series are named by text beside it.

    ``columns``: stacked, categories are words. ``bars``: clustered and horizontal, first category on top, its names are
    written by the table beside it. ``lines``: over a date axis from the first to the last category. ``plot`` is the inner
    plot area (x, y, w, h) in scene inches; axis labels lie outside of it, within the chart's own rectangle.
    """

    kind: Literal["columns", "bars", "lines"]
    x: float
    y: float
    w: float
    h: float
    plot: tuple[float, float, float, float]
    categories: tuple[str, ...] | tuple[date, ...]
    series: tuple[Series, ...]
    axis: Axis
    sheet: str
    title: str
    places: int = 0
    size: float = 10
    data_date: date | None = None
    gap: int = 45

    def at(self, on: date) -> float:
        """Scene x of a date of a ``lines`` chart."""
        first, last = self.categories[0], self.categories[-1]
        assert isinstance(first, date) and isinstance(last, date)
        return self.plot[0] + self.plot[2] * (on - first).days / max((last - first).days, 1)

    def level(self, value: Decimal) -> float:
        """Scene y of a value of a ``lines`` or ``columns`` chart."""
        share = (value - self.axis.low) / (self.axis.high - self.axis.low)
        return self.plot[1] + self.plot[3] * (1 - float(share))

    @property
    def month_step(self) -> int:
        """Months between two labels of the date axis, so that labels do not touch."""
        first, last = self.categories[0], self.categories[-1]
        assert isinstance(first, date) and isinstance(last, date)
        months = max(1, (last.year - first.year) * 12 + last.month - first.month)
        room = max(2, int(self.plot[2] / (self.size * 0.062)))
        return next((step for step in (1, 2, 3, 6, 12, 24, 60) if months / step <= room), 120)


Element = Text | Icon | Line | Rect | Diamond | Table | Chart


@dataclass(frozen=True)
class Slide:
    """One page. ``kind`` is a stable code (tests, selection); ``layout`` decides the template's layout."""

    kind: str
    title: str
    subtitle: str = ""
    elements: tuple[Element, ...] = ()
    layout: Literal["title", "content"] = "content"
    notes: str = ""


@dataclass(frozen=True)
class Sheet:
    """A worksheet that no slide shows completely: header and typed rows."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Document:
    """A whole deck: slides, sheets that only the workbook carries, and what the footer says."""

    title: str
    author: str
    footer: str
    date_text: str
    slides: tuple[Slide, ...]
    sheets: tuple[Sheet, ...] = ()
    keywords: str = ""
    page_word: str = ""
    page: Page = WIDE
    overview: tuple[tuple[str, str], ...] = field(default_factory=tuple)


def all_text(slides: Sequence[Slide]) -> str:
    """Every visible character, to decide about fonts."""
    parts: list[str] = []
    for slide in slides:
        parts += [slide.title, slide.subtitle]
        for element in slide.elements:
            if isinstance(element, Text):
                parts += [run.text for paragraph in element.paragraphs for run in paragraph]
            elif isinstance(element, Table):
                parts += [cell.text for row in element.rows for cell in row.cells]
                parts += [column.title for column in element.columns]
            elif isinstance(element, Chart):
                parts += [str(category) for category in element.categories]
                parts += [series.name for series in element.series]
    return "".join(parts)
