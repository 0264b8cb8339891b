"""The figures of a document as a workbook: real numbers and dates, and text that is never a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from stellwerk.core.documents.numbers import Numbers, from_serial
from stellwerk.core.documents.scene import Cell, Chart, Document, Table, Value
from stellwerk.core.documents.text import clean

_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
    "nan_inf_to_errors": False,
}
MAX_TEXT: Final = 32767


class Workbook:
    """Sheets with a header row, frozen and filtered; one instance per file."""

    def __init__(self, numbers: Numbers, *, title: str, author: str) -> None:
        self._buffer = io.BytesIO()
        self._numbers = numbers
        self._book = xlsxwriter.Workbook(self._buffer, _OPTIONS)
        self._book.set_properties({"title": clean(title)[:250], "author": clean(author)[:250]})
        self._names: set[str] = set()
        self._formats: dict[tuple[Any, ...], Any] = {}

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(
                {"font_name": "Arial", "font_size": 10, "valign": "top"} | properties
            )
        return self._formats[key]

    def sheet(self, name: str, header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> None:
        """Add a sheet. Cells with a value are written as that type, others as their text."""
        page = self._book.add_worksheet(self._sheet_name(name))
        titles = list(header)
        widths = [len(title) + 2 for title in titles]
        for column, title in enumerate(titles):
            page.write_string(0, column, clean(title)[:MAX_TEXT], self._format(bold=True, bottom=1, text_wrap=True))
        count = 0
        for count, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                shown = self._write(page, count, column, cell)
                if column < len(widths):
                    widths[column] = max(widths[column], min(shown + 2, 60))
        for column, width in enumerate(widths):
            page.set_column(column, column, min(max(width, 8), 60))
        page.freeze_panes(1, 1)
        if count and titles:
            page.autofilter(0, 0, count, len(titles) - 1)

    def _write(self, page: Any, row: int, column: int, cell: Cell) -> int:
        value: Value = cell.value
        if isinstance(value, date):
            page.write_datetime(row, column, value, self._format(num_format=self._numbers.date_format, align="left"))
            return 10
        if isinstance(value, int | Decimal):
            form = (
                "0." + "0" * cell.places + "%"
                if cell.percent
                else "#,##0" + ("." + "0" * cell.places if cell.places else "")
            )
            form = f"+{form};-{form};{form}" if cell.signed else form
            if cell.formula:
                page.write_formula(row, column, cell.formula, self._format(num_format=form), float(value))
            else:
                page.write_number(row, column, float(value), self._format(num_format=form))
            return 12
        text = clean(value if value is not None else cell.text)[:MAX_TEXT]
        page.write_string(row, column, text, self._format(text_wrap=len(text) > 60))
        return len(text)

    def _sheet_name(self, name: str) -> str:
        base = " ".join(re.sub(r"[\[\]:*?/\\]", " ", clean(name)).split()).strip("' ") or "Sheet"
        if len(base) > 31:  # Excel's limit; a cut word reads like a mistake
            base = base[:32].rsplit(" ", 1)[0] if " " in base[:32] else base[:31]
        result, number = base, 2
        while result.casefold() in self._names or result.casefold() == "history":
            suffix = f" {number}"
            result, number = base[: 31 - len(suffix)] + suffix, number + 1
        self._names.add(result.casefold())
        return result

    def finish(self) -> bytes:
        self._book.close()
        return self._buffer.getvalue()


def render_xlsx(
    document: Document, numbers: Numbers, *, overview: str, labels: tuple[str, str], owner_title: str = ""
) -> bytes:
    """First sheet ``overview`` (page, title), then the tables and charts of all slides by sheet name, then extra sheets."""
    book = Workbook(numbers, title=document.title, author=document.author)
    book.sheet(overview, labels, _overview(document))
    grouped: dict[str, tuple[tuple[str, ...], list[tuple[Cell, ...]]]] = {}
    for slide in document.slides:
        for element in slide.elements:
            if isinstance(element, Table):
                titles = tuple(column.title for column in element.columns)
                owner = (Cell(value=element.owner),) if element.owner else ()
                rows = grouped.setdefault(element.sheet, ((owner_title,) * len(owner) + titles, []))[1]
                rows += [(*owner, *row.cells) for row in (*element.rows, *element.rest)]
            elif isinstance(element, Chart):
                header, cells = _chart_rows(element)
                grouped.setdefault(element.sheet, (header, []))[1].extend(cells)
    for name, (header, rows) in grouped.items():
        book.sheet(name, header, rows)
    for sheet in document.sheets:
        book.sheet(sheet.name, sheet.header, sheet.rows)
    return book.finish()


def _overview(document: Document) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = [(Cell(value=label), Cell(value=value)) for label, value in document.overview]
    return rows + [
        (Cell(value=number), Cell(value=slide.title)) for number, slide in enumerate(document.slides, start=1)
    ]


def _chart_rows(chart: Chart) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    rows: list[tuple[Cell, ...]] = []
    names: tuple[str | date, ...] = chart.categories
    for index, category in enumerate(names):
        cells = [Cell(value=category)]
        for series in chart.series:
            value = series.values[index]
            if value is None:
                cells.append(Cell(value=""))
            else:
                cells.append(
                    Cell(value=from_serial(value)) if chart.axis.dates else Cell(value=value, places=chart.places)
                )
        rows.append(tuple(cells))
    return ("", *(series.name for series in chart.series)), rows
