"""A :class:`~stellwerk.core.documents.scene.Document` as PDF by typst: the same positions, texts and colours as the PPTX."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from stellwerk.core.documents.fonts import FAMILY, typst_fonts
from stellwerk.core.documents.numbers import Numbers, from_serial
from stellwerk.core.documents.scene import (
    LEFT,
    RIGHT,
    SUBTITLE_TOP,
    Cell,
    Chart,
    Color,
    Diamond,
    Document,
    Element,
    Icon,
    Line,
    Paragraph,
    Rect,
    Run,
    Series,
    Slide,
    Table,
    Text,
    all_text,
)
from stellwerk.core.documents.text import fit, needs_other_fonts

MARGIN: Final = 0.06
COLORS: Final[Mapping[str, str]] = {
    "ink": "#1B2530",
    "grey": "#55606C",
    "hair": "#C9CFD6",
    "accent": "#1B4B82",
    "tint": "#A9BCD3",
    "band": "#F2F4F6",
    "white": "#FFFFFF",
    "red": "#B3261E",
    "amber": "#C27C00",
    "green": "#1E7B4A",
    "neutral": "#8A949E",
}
# Lights in a 16 x 16 box, drawn like those of the web pages.
ICONS: Final = """
#let _k(s, ..p) = curve(stroke: (paint: white, thickness: .105 * s, cap: "round"), ..p)
#let _red(s) = {
  place(top + left, polygon(fill: red, (.3125*s, .05*s), (.6875*s, .05*s), (.95*s, .3125*s), (.95*s, .6875*s), (.6875*s, .95*s), (.3125*s, .95*s), (.05*s, .6875*s), (.05*s, .3125*s)))
  place(top + left, line(start: (.35*s, .35*s), end: (.65*s, .65*s), stroke: (paint: white, thickness: .105*s, cap: "round")))
  place(top + left, line(start: (.65*s, .35*s), end: (.35*s, .65*s), stroke: (paint: white, thickness: .105*s, cap: "round"))) }
#let _amber(s) = {
  place(top + left, polygon(fill: amber, (.5*s, .0375*s), (.994*s, .93*s), (.006*s, .93*s)))
  place(top + left, line(start: (.5*s, .3625*s), end: (.5*s, .6125*s), stroke: (paint: white, thickness: .105*s, cap: "round")))
  place(top + left, line(start: (.5*s, .77*s), end: (.5*s, .776*s), stroke: (paint: white, thickness: .12*s, cap: "round"))) }
#let _green(s) = {
  place(top + left, dx: .1*s, dy: .1*s, circle(radius: .4*s, stroke: .105*s + green))
  place(top + left, curve(stroke: (paint: green, thickness: .105*s, cap: "round", join: "round"), curve.move((.325*s, .5125*s)), curve.line((.45*s, .6375*s)), curve.line((.68125*s, .38125*s)))) }
#let _grey(s) = {
  place(top + left, dx: .1*s, dy: .1*s, circle(radius: .4*s, stroke: (paint: neutral, thickness: .1*s, dash: (.165*s, .13*s))))
  place(top + left, line(start: (.35*s, .5*s), end: (.65*s, .5*s), stroke: (paint: neutral, thickness: .105*s, cap: "round"))) }
#let _light = (red: _red, amber: _amber, green: _green, grey: _grey)
#let light(name, s) = box(width: s, height: s, (_light.at(name))(s))
"""
# Placing on a page or in a box; coordinates in inches.
HELPERS: Final = """
#let t(x, y, w, h, a, c) = place(top + left, dx: x * 1in, dy: y * 1in, box(width: w * 1in, height: h * 1in, align(a, c)))
#let l(x, y, u, v, s) = place(top + left, line(start: (x * 1in, y * 1in), end: (u * 1in, v * 1in), stroke: s))
#let i(x, y, s, n, a) = place(top + left, dx: x * 1in, dy: y * 1in, figure(alt: a, light(n, s * 1in)))
#let r(s, w, c, ..b) = text(size: s * 1pt, weight: w, fill: c, ..b)
"""


def literal(text: str) -> str:
    """A typst string: nothing in it is markup or code."""
    return json.dumps(text, ensure_ascii=False).replace("\\b", "").replace("\\f", "").replace("\\/", "/")


def compile_pdf(source: str, *, other_fonts: bool = False, inputs: Mapping[str, str] | None = None) -> bytes:
    """Run typst on a source text with our fonts; raises ``typst.TypstError`` when the source is wrong."""
    import typst

    result = typst.compile(
        source.encode(), font_paths=typst_fonts(other_fonts), format="pdf", sys_inputs=dict(inputs or {})
    )
    assert isinstance(result, bytes)
    return result


def preamble() -> str:
    """Colour names and lights for any typst source of ours."""
    colors = "\n".join(f'#let {name} = rgb("{value}")' for name, value in COLORS.items())
    return f"{colors}\n{ICONS}"


def render_pdf(document: Document, numbers: Numbers, progress: Callable[[int, int], None] | None = None) -> bytes:
    """The document as PDF, one page a slide, with bookmarks."""
    total = len(document.slides)
    pages = []
    for index, slide in enumerate(document.slides, start=1):
        pages.append(_Page(document, slide, numbers, index).source())
        if progress is not None:
            progress(index, total)
    made = datetime.now(UTC)
    head = (
        f"{preamble()}\n#set document(title: {literal(document.title)}, author: {literal(document.author)}, "
        f"date: datetime(year: {made.year}, month: {made.month}, day: {made.day}))\n"
        "#set page(width: 13.333in, height: 7.5in, margin: 0pt)\n"
        f'#set text(font: "{FAMILY}", lang: "{numbers.lang}", hyphenate: false, top-edge: .95em, bottom-edge: -.2em, fill: ink, number-type: "lining")\n'
        "#set par(leading: 0pt, spacing: 0pt, justify: false)\n"
        "#show heading: it => it.body\n"
        f"{HELPERS}"
    )
    return compile_pdf(head + "\n#pagebreak()\n".join(pages), other_fonts=needs_other_fonts(all_text(document.slides)))


def drawing(elements: Iterable[Element], numbers: Numbers, width: float, height: float) -> str:
    """A typst expression: scene elements in a box of that many inches, for use in a flowing page with :data:`HELPERS`."""
    page = _Page(None, None, numbers, 0)
    for element in elements:
        page.element(element)
    inner = "\n".join(page.out)
    return (
        f"box(width: {width}in, height: {height}in, {{ set text(top-edge: .95em, bottom-edge: -.2em); "
        f"set par(leading: 0pt, spacing: 0pt)\n{inner}\n}})"
    )


class _Page:
    """Collects the typst statements of one page."""

    def __init__(self, document: Document | None, slide: Slide | None, numbers: Numbers, number: int) -> None:
        self.document, self.slide, self.numbers, self.number = document, slide, numbers, number
        self.out: list[str] = []

    def source(self) -> str:
        assert self.slide is not None and self.document is not None
        self._frame(self.slide, self.document)
        for element in self.slide.elements:
            self.element(element)
        return "#{\n" + "\n".join(self.out) + "\n}"

    def element(self, element: Element) -> None:
        match element:
            case Text():
                vertical = {"top": "top", "middle": "horizon", "bottom": "bottom"}[element.anchor]
                self._block(
                    element.x,
                    element.y,
                    element.w,
                    element.h,
                    f"{element.align} + {vertical}",
                    self._runs(element.paragraphs, element.size),
                )
            case Table():
                self._table(element)
            case Chart():
                self._chart(element)
            case Icon():
                self._icon(element.x, element.y, element.size, element.light, element.alt)
            case Line():
                self._line(
                    element.x1, element.y1, element.x2, element.y2, element.color, element.points, element.dashed
                )
            case Rect():
                self._rect(element)
            case Diamond():
                self._diamond(element.x, element.y, element.r, element.fill, element.line)

    def _frame(self, slide: Slide, document: Document) -> None:
        heading = f"heading(level: 1, text(size: 32pt, {literal(slide.title)}))"
        if slide.layout == "title":
            self.out.append(f't(.55, 1.95, 6.6, 1.35, left + bottom, text(size: 32pt, weight: "bold", {heading}))')
            lines = tuple((Run(line, color="grey"),) for line in slide.subtitle.split("\n"))
            self._block(0.55, 3.45, 6.6, 1.3, "left + top", self._runs(lines, 16))
        else:
            title = f"heading(level: 1, text(size: 22pt, {literal(fit(slide.title, 22, 12.2, 2, True))}))"
            self.out.append(f't(.55, .36, 12.233, .8, left + bottom, text(size: 22pt, weight: "bold", {title}))')
            self._block(
                0.55, SUBTITLE_TOP, 12.233, 0.3, "left + top", self._runs(((Run(slide.subtitle, color="grey"),),), 12)
            )
        self._line(LEFT, 7.0, RIGHT, 7.0, "hair", 0.75)
        grey: Color = "grey"
        self._block(
            0.55, 7.06, 9.2, 0.22, "left + horizon", self._runs(((Run(fit(document.footer, 9, 9.1), color=grey),),), 9)
        )
        self._block(9.9, 7.06, 1.9, 0.22, "right + horizon", self._runs(((Run(document.date_text, color=grey),),), 9))
        self._block(11.983, 7.06, 0.8, 0.22, "right + horizon", self._runs(((Run(str(self.number), color=grey),),), 9))

    # ------------------------------------------------ primitives

    def _block(self, x: float, y: float, w: float, h: float, align: str, content: str) -> None:
        if content:
            self.out.append(f"t({x:.4f}, {y:.4f}, {w:.4f}, {h:.4f}, {align}, {content})")

    def _runs(self, paragraphs: tuple[Paragraph, ...], size: float) -> str:
        lines = []
        for paragraph in paragraphs:
            parts = [
                f"r({run.size or size:g}, {'700' if run.bold else '400'}, {run.color}, {literal(run.text)})"
                for run in paragraph
                if run.text
            ]
            lines.append("; ".join(parts) or "[]")
        if lines == ["[]"] or not lines:
            return ""
        return "{ " + "; linebreak(); ".join(lines) + " }"

    def _words(
        self,
        x: float,
        y: float,
        w: float,
        align: str,
        text: str,
        size: float,
        color: Color = "grey",
        bold: bool = False,
    ) -> None:
        self._block(x, y - 0.15, w, 0.3, f"{align} + horizon", self._runs(((Run(text, bold, color),),), size))

    def _line(
        self, x1: float, y1: float, x2: float, y2: float, color: Color, points: float, dashed: bool = False
    ) -> None:
        dash = ', dash: "dashed"' if dashed else ""
        self.out.append(f"l({x1:.4f}, {y1:.4f}, {x2:.4f}, {y2:.4f}, (paint: {color}, thickness: {points}pt{dash}))")

    def _rect(self, item: Rect) -> None:
        fill = "none" if item.fill == "none" else item.fill
        stroke = "none" if item.line == "none" else f".75pt + {item.line}"
        self.out.append(
            f"place(top + left, dx: {item.x:.4f}in, dy: {item.y:.4f}in, rect(width: {item.w:.4f}in, height: {item.h:.4f}in, fill: {fill}, stroke: {stroke}))"
        )

    def _diamond(self, x: float, y: float, r: float, fill: Color, line: Color) -> None:
        stroke = "none" if line == "none" else f"1.25pt + {line}"
        corners = f"({r}in, 0in), ({2 * r}in, {r}in), ({r}in, {2 * r}in), (0in, {r}in)"
        self.out.append(
            f"place(top + left, dx: {x - r:.4f}in, dy: {y - r:.4f}in, polygon(fill: {'none' if fill == 'none' else fill}, stroke: {stroke}, {corners}))"
        )

    def _icon(self, x: float, y: float, size: float, light: str, alt: str) -> None:
        self.out.append(f'i({x:.4f}, {y:.4f}, {size}, "{light}", {literal(alt)})')

    # ------------------------------------------------ tables

    def _table(self, table: Table) -> None:
        if not table.rows:
            return
        if table.highlight is not None:
            x = table.x + sum(column.width for column in table.columns[: table.highlight])
            self._rect(Rect(x, table.y, table.columns[table.highlight].width, table.height))
        y = table.y
        if table.has_header:
            cells = tuple(Cell(((Run(column.title, True, "grey"),),)) for column in table.columns)
            self._row(table, cells, y, table.header_height - 0.02, table.header_size, "bottom")
            y += table.header_height
            self._line(table.x, y, table.x + table.width, y, "ink", 1)
        for index, row in enumerate(table.rows):
            self._row(table, row.cells, y, row.height, table.size, "horizon")
            y += row.height
            below = index + 1 < len(table.rows) and table.rows[index + 1].total
            self._line(table.x, y, table.x + table.width, y, "ink" if below else "hair", 1 if below else 0.75)
        x = table.x
        for column in table.columns:
            if column.rule:
                self._line(x, table.y, x, y, "hair", 0.75)
            x += column.width

    def _row(self, table: Table, cells: tuple[Cell, ...], y: float, height: float, size: float, vertical: str) -> None:
        x = table.x
        last = len(table.columns) - 1
        for number, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
            left = (0 if number == 0 else MARGIN) + cell.inset
            right = 0 if number == last and column.align == "right" else MARGIN
            self._block(
                x + left,
                y,
                max(column.width - left - right, 0.05),
                height,
                f"{column.align} + {vertical}",
                self._runs(cell.runs, size),
            )
            for dx, icon, light, alt in cell.icons:
                self._icon(x + dx, y + (height - icon) / 2, icon, light, alt)
            x += column.width

    # ------------------------------------------------ charts

    def _chart(self, chart: Chart) -> None:
        {"columns": self._columns, "bars": self._bars, "lines": self._lines}[chart.kind](chart)

    def _value_labels(self, chart: Chart) -> None:
        x, _y, w, _h = chart.plot
        axis = chart.axis
        value = axis.low
        while axis.visible and value <= axis.high:
            at = chart.level(value)
            self._line(x, at, x + w, at, "hair", 0.5)
            text = self.numbers.month(from_serial(value)) if axis.dates else self.numbers.decimal(value, axis.places)
            self._words(x - 1.08, at, 1.0, "right", text, chart.size)
            value += axis.step

    def _columns(self, chart: Chart) -> None:
        self._value_labels(chart)
        x, y, w, h = chart.plot
        self._line(x, y + h, x + w, y + h, "neutral", 0.75)
        step = w / max(len(chart.categories), 1)
        width = step / (1 + chart.gap / 100)
        for index, category in enumerate(chart.categories):
            center = x + step * (index + 0.5)
            self._words(center - step / 2, y + h + 0.16, step, "center", str(category), chart.size)
            base = Decimal(0)
            for series in chart.series:
                value = series.values[index]
                if not value:
                    continue
                top, bottom = chart.level(base + value), chart.level(base)
                self._bar(series, center - width / 2, top, width, bottom - top)
                if series.labels and (series.label_from is None or value >= series.label_from):
                    self._words(
                        center - step / 2,
                        (top + bottom) / 2,
                        step,
                        "center",
                        self.numbers.decimal(value, chart.places),
                        chart.size,
                        series.label_color,
                        True,
                    )
                base += value

    def _bar(self, series: Series, x: float, y: float, w: float, h: float) -> None:
        self._rect(
            Rect(x, y, w, h, "white" if series.outline else series.color, series.color if series.outline else "white")
        )

    def _bars(self, chart: Chart) -> None:
        x, y, w, h = chart.plot
        span = chart.axis.high - chart.axis.low
        zero = x + w * float(-chart.axis.low / span)
        step = h / max(len(chart.categories), 1)
        thick = step / (len(chart.series) + chart.gap / 100)
        for index in range(len(chart.categories)):
            top = y + step * index + thick * chart.gap / 200
            for series in chart.series:
                value = series.values[index]
                if value is not None and value != 0:
                    length = w * float(value / span)
                    self._bar(series, min(zero, zero + length), top, abs(length), thick)
                    if series.labels:
                        self._words(
                            zero + length + 0.04,
                            top + thick / 2,
                            1.2,
                            "left",
                            self.numbers.decimal(value, chart.places),
                            chart.size,
                            series.label_color,
                            True,
                        )
                top += thick
        self._line(zero, y, zero, y + h, "neutral", 0.75)

    def _lines(self, chart: Chart) -> None:
        self._value_labels(chart)
        x, y, w, h = chart.plot
        self._line(x, y + h, x + w, y + h, "neutral", 0.75)
        first, last = chart.categories[0], chart.categories[-1]
        assert isinstance(first, date) and isinstance(last, date)
        months = 0
        while (day := _add_months(first, months)) <= last:
            self._words(chart.at(day) - 0.5, y + h + 0.16, 1.0, "center", self.numbers.month(day), chart.size)
            months += chart.month_step
        if chart.data_date is not None and first <= chart.data_date <= last:
            at = chart.at(chart.data_date)
            self._line(at, y, at, y + h, "ink", 0.75, True)
        for series in chart.series:
            self._curve(chart, series)

    def _curve(self, chart: Chart, series: Series) -> None:
        points = [
            (chart.at(day), chart.level(value))
            for day, value in zip(chart.categories, series.values, strict=True)
            if value is not None and isinstance(day, date)
        ]
        if len(points) > 1:
            path = f"curve.move(({points[0][0]:.4f}in, {points[0][1]:.4f}in)), " + ", ".join(
                f"curve.line(({px:.4f}in, {py:.4f}in))" for px, py in points[1:]
            )
            dash = ', dash: "dashed"' if series.dashed else ""
            self.out.append(
                f'place(top + left, curve(stroke: (paint: {series.color}, thickness: {series.points}pt, join: "round"{dash}), {path}))'
            )
        if series.markers:
            for px, py in points:
                self._diamond(px, py, 0.035, series.color, "none")


def _add_months(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, 28)) if day.day > 28 else date(year, month + 1, day.day)
