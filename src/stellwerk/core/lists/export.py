"""The list as a file: current filters, order and columns, typed values, text that is never a formula."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.lists.cells import plain_value
from stellwerk.core.lists.parsing import ListQuery, parse
from stellwerk.core.lists.reading import Row, filtered, iterate
from stellwerk.core.lists.spec import Column, ListSpec
from stellwerk.core.models import User
from stellwerk.core.permissions import require

FORMATS = ("xlsx", "csv")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAX_CELL = 32_000
MAX_SHEET_ROWS = 1_000_000


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula when it opens a CSV."""
    text = _CONTROL.sub("", text)
    return "'" + text if text.startswith(_DANGEROUS) else text


def export_list(
    request: HttpRequest, spec: ListSpec, user: User, form: str, base_filter: Q | None = None, own: tuple[str, ...] = ()
) -> HttpResponseBase:
    """The answer with the file; needs the verb ``export`` on the entity."""
    require(user, "export", spec.model)
    params = request.GET.copy()
    params.pop("export", None)
    query = parse(spec, params, user, own)
    name = f"{slugify(str(spec.title or spec.entity.plural)) or 'list'}-{data_date(spec, user):%Y-%m-%d}.{form}"
    if form == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            csv_lines(query, base_filter), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return response
    stream = write_xlsx(query, base_filter, user)
    return FileResponse(stream, as_attachment=True, filename=name, content_type=_XLSX_TYPE)


def data_date(spec: ListSpec, user: User | None) -> dt.date:
    """The day that the figures speak of; today where the list knows no other."""
    found = spec.data_date(user) if spec.data_date is not None and user is not None else None
    return found if isinstance(found, dt.date) else timezone.localdate()


def _with_currency(query: ListQuery) -> bool:
    return bool(query.spec.currency) and any(column.kind == "money" for column in query.columns)


def _header(query: ListQuery) -> list[str]:
    heads = []
    for column in query.columns:
        unit = f" ({column.unit})" if str(column.unit) else ""
        heads.append(f"{column.label}{unit}")
    return heads + ([_("Currency")] if _with_currency(query) else [])


def _texts(query: ListQuery) -> dict[str, dict[str, str]]:
    return {
        column.code: dict(query.spec.choices(column)) for column in query.columns if column.kind in {"choice", "light"}
    }


def _values(query: ListQuery, row: Row, words: dict[str, dict[str, str]]) -> list[Any]:
    found = []
    for column in query.columns:
        value = plain_value(column, row.values[column.code], row.currency_of(column))
        if column.code in words and value is not None:
            value = words[column.code].get(str(value), str(value))
        elif isinstance(value, bool):
            value = _("yes") if value else _("no")
        found.append(value)
    if _with_currency(query):
        found.append(row.currency)
    return found


def rows_of(query: ListQuery, base_filter: Q | None) -> Iterator[list[Any]]:
    """All filtered rows as typed values, in order."""
    words = _texts(query)
    for row in iterate(query, filtered(query, base_filter), query.columns):
        yield _values(query, row, words)


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(query: ListQuery, base_filter: Q | None = None) -> Iterator[str]:
    """Lines for Excel as it is set up here: semicolon and decimal comma in German, comma and point in English.

    Days are written as ISO dates, which every spreadsheet reads in every language.
    """
    german = (get_language() or "de").startswith("de")
    writer = csv.writer(_Echo(), delimiter=";" if german else ",")
    yield "\ufeff" + writer.writerow([guarded(text) for text in _header(query)])
    for values in rows_of(query, base_filter):
        yield writer.writerow([_csv_value(value, german) for value in values])


def _csv_value(value: Any, german: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (Decimal, int, float)):
        text = format(value, "f") if isinstance(value, Decimal) else str(value)
        return text.replace(".", ",") if german else text
    return guarded(str(value))


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────


def write_xlsx(query: ListQuery, base_filter: Q | None, user: User) -> Any:
    """A workbook in a temporary file, written row by row: 100,000 rows need no memory."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(
        stream,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    title = str(query.spec.title or query.spec.entity.plural)
    book.set_properties({"title": title, "author": user.name})
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip("' ") or "List")
    heads = _header(query)
    bold = book.add_format({"bold": True})
    head_format = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats_by_column = [_number_format(book, column) for column in query.columns]
    for index, head in enumerate(heads):
        kind = query.columns[index].kind if index < len(query.columns) else "text"
        sheet.set_column(index, index, _width(head, kind))
    sheet.write_string(0, 0, title, bold)
    sheet.write_string(1, 0, _about(query, user))
    sheet.write_row(3, 0, [_clean(head) for head in heads], head_format)
    count = 0
    for count, values in enumerate(_limited(rows_of(query, base_filter)), start=1):
        for index, value in enumerate(values):
            _write(sheet, 3 + count, index, value, formats_by_column[index] if index < len(formats_by_column) else None)
    sheet.freeze_panes(4, 1)
    if count:
        sheet.autofilter(3, 0, 3 + count, max(len(heads) - 1, 0))
    book.close()
    stream.seek(0)
    return stream


def _limited(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    for number, values in enumerate(rows):
        if number >= MAX_SHEET_ROWS:
            return
        yield values


def _about(query: ListQuery, user: User) -> str:
    parts = [_("Data date: %(day)s") % {"day": formats.day(data_date(query.spec, user))}]
    if query.search:
        parts.append(_("Search: %(words)s") % {"words": query.values("q")[0]})
    parts += [f"{one.column.label}: {one.text}" for one in query.filters]
    if query.archived != "no":
        parts.append(_("with archived entries") if query.archived == "all" else _("archived entries"))
    return _clean(" · ".join(parts))


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)[:_MAX_CELL]


def _width(head: str, kind: str) -> int:
    base = {"money": 16, "number": 12, "date": 12, "datetime": 17, "bool": 8, "light": 12}.get(kind, 22)
    return min(max(base, len(head) + 2), 48)


def _number_format(book: Any, column: Column) -> Any:
    german = (get_language() or "de").startswith("de")
    if column.kind == "date":
        return book.add_format({"num_format": "dd.mm.yyyy" if german else "d mmm yyyy", "align": "left"})
    if column.kind == "datetime":
        return book.add_format({"num_format": "dd.mm.yyyy hh:mm" if german else "d mmm yyyy hh:mm", "align": "left"})
    if column.kind == "money":
        return book.add_format({"num_format": "#,##0.00"})
    if column.kind == "number":
        return book.add_format({"num_format": "#,##0" + ("." + "0" * column.decimals if column.decimals else "")})
    return None


def _write(sheet: Any, row: int, index: int, value: Any, form: Any) -> None:
    if value is None:
        return
    if isinstance(value, (dt.datetime, dt.date)):
        if value.year >= 1900:
            sheet.write_datetime(row, index, value, form)
        else:
            sheet.write_string(row, index, value.isoformat())
    elif isinstance(value, (Decimal, int, float)):
        sheet.write_number(row, index, float(value), form)
    else:
        sheet.write_string(row, index, _clean(str(value)))
