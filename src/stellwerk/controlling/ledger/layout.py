"""From a file to lines: the head of the file says how it is written, then a text file of any length is read line by line."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from stellwerk.controlling.ledger.fields import CREDIT, FIELDS, LABELS, TOTALS
from stellwerk.core.errors import Invalid
from stellwerk.core.formats import minor_digits
from stellwerk.core.tabular import (
    Limits,
    Money,
    Parsed,
    ReadingOptions,
    SavedMapping,
    Table,
    UnusableFile,
    best_table,
    cell_text,
    column_reader,
    profile_columns,
    read,
    suggest,
)
from stellwerk.core.tabular.cells import Cell, is_blank
from stellwerk.core.tabular.decoding import SAMPLE_BYTES, detect
from stellwerk.core.tabular.delimited import Dialect, rows_of

HEAD: Final = 400_000
"""Bytes of a text file that decide how it is read."""
MOST_CELLS: Final = 60_000_000
LAST_PERIOD: Final = 12
SPECIAL_PERIODS: Final = 16
"""Periods 13 to 16 are closing entries of the last month."""
ISO: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line item; ``number``: its line in the file from 1. ``amount``: minor units, negative for credit."""

    number: int
    amount: int
    currency: str
    posted: dt.date
    month: dt.date
    document: str = ""
    line: str = ""
    year: int = 0
    account: str = ""
    object: str = ""
    cost_centre: str = ""
    supplier: str = ""
    text: str = ""
    reverses: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that cannot be taken: where it stands, which column, why."""

    number: int
    column: str
    reason: str

    def told(self) -> dict[str, Any]:
        return {"line": self.number, "column": self.column, "reason": self.reason}


@dataclass(frozen=True)
class Layout:
    """How a file is written. ``columns``: field → column; ``saved``: what to remember for files with the same headings."""

    columns: Mapping[str, int]
    headings: tuple[str, ...]
    signature: str
    header_row: int
    table: Table
    encoding: str = ""
    skip: int = 0
    errors: str = "replace"
    delimiter: str = ""
    streamed: bool = False
    currency: str = "EUR"
    fiscal_start: int = 1
    month: dt.date | None = None
    readers: Mapping[str, Callable[[Cell], Parsed]] = field(default_factory=dict)


def layout_of(
    stream: IO[bytes],
    name: str,
    *,
    currency: str,
    fiscal_start: int = 1,
    month: dt.date | None = None,
    chosen: Mapping[str, str] | None = None,
    saved: SavedMapping | None = None,
    decimal_sign: str | None = None,
) -> Layout:
    """How to read ``stream``. ``chosen``: field → heading as a user decided; ``currency``: of amounts that name none; ``month``: of
    lines that name no day.

    Raises ``Invalid`` at ``file`` (of no use as a table, columns missing) and at ``mapping`` (a heading that is not there).
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(SAMPLE_BYTES)
    long_text = size > HEAD and not head.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    source: IO[bytes] = stream
    if long_text:
        cut = head[:HEAD]
        source = io.BytesIO(cut[: cut.rfind(b"\n") + 1] or cut)
    stream.seek(0)
    try:
        found = read(source, name=name, limits=Limits(file=4 << 30, cells=20_000_000))
        table = best_table(found)
    except UnusableFile as error:
        raise Invalid({"file": [f"{error.message} {error.what_to_do}"]}) from error
    profiles = profile_columns(table)
    columns = _columns(table, profiles, chosen or {}, saved, dated=month is not None)
    encoding = detect(head, complete=size <= len(head))
    sign = decimal_sign if decimal_sign in (",", ".") else None
    options = ReadingOptions(decimal_sign=sign, factor=1, currency=None)  # type: ignore[arg-type]
    readers = {
        code: column_reader(kind, profiles[columns[code]], options)  # type: ignore[arg-type]
        for code, kind in (("amount", "money"), ("posted", "date"), ("period", "number"), ("year", "number"))
        if code in columns
    }
    return Layout(
        columns=columns,
        headings=tuple(column.name for column in table.columns),
        signature=table.signature,
        header_row=table.header_row,
        table=table,
        encoding=encoding.codec,
        skip=encoding.skip,
        errors=encoding.errors,
        delimiter=found.delimiter,
        streamed=long_text and table.orientation == "rows",
        currency=currency,
        fiscal_start=fiscal_start,
        month=month,
        readers=readers,
    )


def _columns(
    table: Table, profiles: Sequence[Any], chosen: Mapping[str, str], saved: SavedMapping | None, *, dated: bool
) -> dict[str, int]:
    columns = {one.field: one.column for one in suggest(table, FIELDS, saved, profiles=profiles)}
    names = {column.name.casefold(): column.index for column in table.columns}
    bases = {column.base.casefold(): column.index for column in reversed(table.columns)}
    for spec in FIELDS:  # a heading that is exactly a usual name wins over a guess from contents
        exact = [bases[label.casefold()] for label in spec.labels if label.casefold() in bases]
        if exact and columns.get(spec.code) not in exact:
            taken = {index for code, index in columns.items() if code != spec.code}
            free = [index for index in exact if index not in taken]
            if free:
                columns[spec.code] = free[0]
    wrong = []
    for code, heading in chosen.items():
        if code not in LABELS:
            wrong.append(_("There is no field “%(name)s”.") % {"name": code})
        elif not heading:
            columns.pop(code, None)
        elif heading.casefold() in names:
            index = names[heading.casefold()]
            columns = {other: at for other, at in columns.items() if at != index}
            columns[code] = index
        else:
            wrong.append(_("The file has no column “%(name)s”.") % {"name": heading})
    if wrong:
        raise Invalid({"mapping": wrong})
    absent = [str(LABELS[code]) for code in ("amount",) if code not in columns]
    if not dated and "posted" not in columns and not {"period", "year"} <= set(columns):
        absent.append(str(LABELS["posted"]))
    if absent:
        raise Invalid({"file": [_("These columns are missing: %(names)s. Choose them by hand, or export the line items again with them.") % {"names": ", ".join(absent)}]})  # fmt: skip
    return columns


def lines_of(stream: IO[bytes], layout: Layout) -> Iterator[Line | Refusal]:
    """All lines of the file, each a :class:`Line` or why it cannot be taken; totals and empty lines are passed over."""
    reader = _Reader(layout)
    if not layout.streamed:
        for at, row in enumerate(layout.table.rows):
            yield from reader.line(layout.table.lines[at] + 1, row)
        return
    sources = [column.source for column in layout.table.columns]
    for number, raw in _raw_rows(stream, layout):
        if number <= layout.header_row + layout.table.header_depth:
            continue
        yield from reader.line(number, [raw[at] if at < len(raw) else None for at in sources])


def _raw_rows(stream: IO[bytes], layout: Layout) -> Iterator[tuple[int, Sequence[Cell]]]:
    stream.seek(layout.skip)
    text = io.TextIOWrapper(stream, encoding=layout.encoding, errors=layout.errors, newline="")
    try:
        yield from enumerate(rows_of(text, Dialect(layout.delimiter), MOST_CELLS), start=1)
    except csv.Error as error:
        raise Invalid(
            {"file": [_("A quotation mark in the file is never closed; from there on nothing can be read.")]}
        ) from error
    except UnusableFile as error:
        raise Invalid({"file": [f"{error.message} {error.what_to_do}"]}) from error
    finally:
        text.detach()


class _Reader:
    """Reads rows of one layout; refusals carry the heading of the column."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.columns = layout.columns
        self.readers = layout.readers
        self.digits: dict[str, int] = {}

    def line(self, number: int, row: Sequence[Cell]) -> Iterator[Line | Refusal]:
        if all(is_blank(cell) for cell in row):
            return
        document, amount_cell = self._text(row, "document", 40), row[self.columns["amount"]]
        if self._is_total(row, document, amount_cell):
            return
        try:
            yield self._line(number, row, document, amount_cell)
        except _CannotRead as error:
            yield Refusal(number, error.column, error.reason)

    def _is_total(self, row: Sequence[Cell], document: str, amount: Cell) -> bool:
        """SAP ends its lists with lines of stars and sums: a line without document and date is one."""
        first = next((cell_text(cell).strip().casefold() for cell in row if not is_blank(cell)), "")
        if first in TOTALS:
            return True
        if "document" not in self.columns:
            return False
        posted = self.columns.get("posted")
        return (
            not document
            and posted is not None
            and is_blank(row[posted])
            and (is_blank(amount) or not self._text(row, "account", 40))
        )

    def _line(self, number: int, row: Sequence[Cell], document: str, amount_cell: Cell) -> Line:
        currency = self._currency(row, amount_cell)
        amount = self._amount(row, amount_cell, currency)
        posted, month, year = self._dates(row)
        return Line(
            number=number,
            amount=amount,
            currency=currency,
            posted=posted,
            month=month,
            document=document,
            line=self._plain(row, "line", 12),
            year=year,
            account=self._plain(row, "account", 40),
            object=self._text(row, "object", 80),
            cost_centre=self._plain(row, "cost_centre", 40),
            supplier=self._text(row, "supplier", 160),
            text=self._text(row, "text", 300),
            reverses=self._plain(row, "reverses", 40),
        )

    def _text(self, row: Sequence[Cell], code: str, most: int) -> str:
        column = self.columns.get(code)
        cell = row[column] if column is not None else None
        if cell is None:
            return ""
        if cell.__class__ is float and cell == int(cell):
            cell = int(cell)  # a number of a workbook: 4711.0 is account 4711
        return cell_text(cell).replace("\x00", "").strip()[:most]

    def _plain(self, row: Sequence[Cell], code: str, most: int) -> str:
        return self._text(row, code, most)

    def _currency(self, row: Sequence[Cell], amount: Cell) -> str:
        text = self._text(row, "currency", 20).upper()
        if not text:
            return ""
        if len(text) == ISO and text.isascii() and text.isalpha() and text in _known_currencies():
            return text
        symbol = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₩": "KRW", "SFR": "CHF", "EURO": "EUR"}.get(text)
        if symbol:
            return symbol
        raise _CannotRead(
            self._heading("currency"), _("“%(text)s” is no currency; write for example EUR.") % {"text": text}
        )

    def _amount(self, row: Sequence[Cell], cell: Cell, currency: str) -> int:
        parsed = self.readers["amount"](cell)
        heading = self._heading("amount")
        if parsed.kind != "ok":
            reason = str(parsed.reason) if parsed.reason else _("The amount is missing.")
            raise _CannotRead(heading, str(reason))
        if parsed.remark is not None:
            raise _CannotRead(
                heading, _("%(reason)s. Say which decimal sign the file uses.") % {"reason": parsed.remark}
            )
        money: Money = parsed.value
        stated = money.currency
        if stated and currency and stated != currency:
            raise _CannotRead(
                heading, _("The amount says %(one)s, the column says %(other)s.") % {"one": stated, "other": currency}
            )
        code = currency or stated or self.layout.currency
        digits = self.digits.get(code)
        if digits is None:
            digits = self.digits[code] = minor_digits(code)
        scaled = money.amount.scaleb(digits)
        whole = int(scaled)
        if scaled != whole:
            raise _CannotRead(
                heading,
                _("“%(text)s” has more decimals than %(currency)s has.") % {"text": cell_text(cell), "currency": code},
            )
        if abs(whole) > 10**15:
            raise _CannotRead(heading, _("“%(text)s” is too large for an amount.") % {"text": cell_text(cell)})
        return -abs(whole) if self._text(row, "sign", 20).casefold() in CREDIT else whole

    def _dates(self, row: Sequence[Cell]) -> tuple[dt.date, dt.date, int]:
        year, period = self._number(row, "year"), self._number(row, "period")
        posted: dt.date | None = None
        if "posted" in self.readers:
            parsed = self.readers["posted"](row[self.columns["posted"]])
            if parsed.kind == "ok":
                posted = parsed.value.date() if isinstance(parsed.value, dt.datetime) else parsed.value
            elif parsed.kind != "empty" or not ((year and period) or self.layout.month):
                reason = str(parsed.reason) if parsed.reason else _("The posting date is missing.")
                raise _CannotRead(self._heading("posted"), str(reason))
        if period is not None:
            if not 1 <= period <= SPECIAL_PERIODS:
                raise _CannotRead(self._heading("period"), _("There is no period %(number)s.") % {"number": period})
            fiscal = year or (self._fiscal_year(posted) if posted else 0)
            if not 1990 <= fiscal <= 2100:
                raise _CannotRead(self._heading("year"), _("Please check the year."))
            later = self.layout.fiscal_start - 1 + min(period, LAST_PERIOD) - 1
            month = dt.date(fiscal + later // 12, later % 12 + 1, 1)
            posted = posted or month
        else:
            posted = posted or self.layout.month
            assert posted is not None  # the columns were checked
            month = posted.replace(day=1)
        if not 1990 <= posted.year <= 2100:
            raise _CannotRead(self._heading("posted"), _("Please check the year."))
        return posted, month, year or month.year

    def _fiscal_year(self, day: dt.date) -> int:
        return day.year - (day.month < self.layout.fiscal_start)

    def _number(self, row: Sequence[Cell], code: str) -> int | None:
        reader = self.readers.get(code)
        if reader is None:
            return None
        parsed = reader(row[self.columns[code]])
        if parsed.kind == "empty":
            return None
        value = parsed.value
        if parsed.kind != "ok" or not isinstance(value, Decimal) or value != int(value):
            raise _CannotRead(
                self._heading(code), _("“%(text)s” cannot be read.") % {"text": cell_text(row[self.columns[code]])[:40]}
            )
        return int(value)

    def _heading(self, code: str) -> str:
        column = self.columns.get(code)
        return self.layout.headings[column] if column is not None else str(LABELS[code])


class _CannotRead(Exception):  # noqa: N818 - it never leaves this module
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def _known_currencies() -> frozenset[str]:
    if not _CURRENCIES:
        from babel import Locale

        _CURRENCIES.append(frozenset(Locale("en").currencies))
    return _CURRENCIES[0]


_CURRENCIES: list[frozenset[str]] = []
