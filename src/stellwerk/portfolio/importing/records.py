"""Reading the rows of a mapped table: pure, without the database. A bad cell is listed and kept, never fatal."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.tabular import Light, Money, Parsed, Table, cell_text, column_reader
from stellwerk.core.tabular.cells import Cell, column_letters
from stellwerk.core.tabular.notes import Note, note, shorten
from stellwerk.core.text import without_control
from stellwerk.portfolio.importing.mapping import ColumnUse, Mapped, reading_options
from stellwerk.portfolio.importing.options import Options
from stellwerk.portfolio.importing.words import category_of, phase_with

_FORMULA_ERROR = re.compile(r"#(?:DIV/0!|REF!|NAME\?|VALUE!|NUM!|WERT!|BEZUG!|ZAHL!|SPILL!|CALC!)$")
LARGEST = 9_000_000_000_000_000_000
LONGEST_GRADE = 20
"""Values of a column of lights that are asked about; longer ones are texts."""
Figure = tuple[str, str, bool, str, int | None, str, Decimal | None, dt.date | None, str]
"""code, light, half step, reported, amount, currency, value, day, text"""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A cell (or a whole row) that did not go in: where it stands, what it says, why."""

    row: int
    column: str
    value: str
    reason: Note

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "column": self.column, "value": self.value, "reason": str(self.reason)}


@dataclass(slots=True)
class Row:
    """One row of the file: one project at one date."""

    index: int
    number: int
    key: str = ""
    name: str = ""
    date: dt.date | None = None
    currency: str = ""
    hash: str = ""
    master: dict[str, Any] = field(default_factory=dict)
    gates: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    money: list[tuple[ColumnUse, Money, Cell]] = field(default_factory=list)
    summary: str = ""
    narrative: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    remarks: list[Rejection] = field(default_factory=list)
    refused: Rejection | None = None


@dataclass
class Records:
    """All rows that were read, and what is worth telling about the file as a whole."""

    rows: list[Row]
    unknown_phases: Counter[str] = field(default_factory=Counter)
    unknown_lights: Counter[str] = field(default_factory=Counter)
    currency: str = ""
    gates: dict[str, tuple[str, int]] = field(default_factory=dict)


Step = Callable[[int, int], None]


def read_records(
    table: Table,
    mapped: Mapped,
    options: Options,
    *,
    currency: str,
    as_of: dt.date,
    by_column: bool,
    step: Step | None = None,
) -> Records:
    """Read every row. ``currency``: of amounts that name none; ``as_of``: the date of rows without one of their own;
    ``by_column``: whether the date column (if there is one) counts."""
    return _Reader(table, mapped, options, currency, as_of, by_column).read(step)


class _Reader:
    def __init__(
        self, table: Table, mapped: Mapped, options: Options, currency: str, as_of: dt.date, by_column: bool
    ) -> None:
        self.table = table
        self.mapped = mapped
        self.options = options
        self.as_of = as_of
        self.by_column = by_column
        self.currency = options.currency or _currency_of(mapped) or currency
        self.records = Records(
            [Row(i, _number(table, i), date=as_of) for i in range(len(table.rows))], currency=self.currency,
            gates={use.gate: (without_control(use.column.base)[:160], use.gate_order) for use in mapped.uses if use.code == "gate"},
        )  # fmt: skip

    def read(self, step: Step | None) -> Records:
        uses = sorted(self.mapped.uses, key=lambda use: use.code not in ("currency", "key", "name"))
        skipped = {index for use in uses if use.field and not use.field.many for index in use.others}
        for done, use in enumerate(uses):
            if use.column.index not in skipped or use.field is not None:
                self._column(use)
            if step is not None:
                step(done + 1, len(uses))
        digest = self.mapped.digest(self.options)
        for row in self.records.rows:
            self._finish(row, digest)
        return self.records

    # ── columns ──────────────────────────────────────────────────────────────────────────────────

    def _column(self, use: ColumnUse) -> None:
        target = use.field.target if use.field else "attribute"
        take: Callable[[ColumnUse, Row, Cell], None] = getattr(self, f"_take_{target}")
        index, others = use.column.index, use.others
        if target in ("day", "money", "light", "ratio", "quantity", "number", "gate", "as_of"):
            self._typed(use, take)
            return
        for row, cells in zip(self.records.rows, self.table.rows, strict=True):
            cell = cells[index]
            if cell is None or cell == "":
                cell = next((cells[i] for i in others if cells[i] not in (None, "")), None)
                if cell is None:
                    continue
            take(use, row, cell)

    def _typed(self, use: ColumnUse, take: Callable[[ColumnUse, Row, Cell], None]) -> None:
        """A column of dates, amounts, lights: read by the reader of the column, fallbacks where it says nothing."""
        kinds = {"day": "date", "gate": "date", "as_of": "date", "money": "money", "light": "light", "ratio": "percent"}
        assert use.field is not None
        kind = kinds.get(use.field.target, "number")
        reader = column_reader(kind, use.profile, reading_options(use, self.options))  # type: ignore[arg-type]
        put: Callable[[ColumnUse, Row, Cell, Parsed], None] = getattr(self, f"_put_{use.field.target}")
        profiles = {other.column.index: other.profile for other in self.mapped.uses}
        others = [(i, column_reader(kind, profiles[i], reading_options(use, self.options))) for i in use.others]  # type: ignore[arg-type]
        index = use.column.index
        for row, cells in zip(self.records.rows, self.table.rows, strict=True):
            cell = cells[index]
            parsed = reader(cell)
            if parsed.kind != "ok" and others:
                cell, parsed = self._fallback(row, cells, cell, parsed, others)
            if parsed.kind == "ok":
                put(use, row, cell, parsed)
            elif parsed.kind == "absent":
                self._absent(use, row, cell)
            elif parsed.kind == "unreadable":
                self._reject(use, row, cell, parsed.reason)
                if kind == "light" and len(word := cell_text(cell)) <= LONGEST_GRADE:
                    self.records.unknown_lights[word] += 1

    def _fallback(
        self,
        row: Row,
        cells: tuple[Cell, ...],
        cell: Cell,
        parsed: Parsed,
        others: list[tuple[int, Callable[[Cell], Parsed]]],
    ) -> tuple[Cell, Parsed]:
        for index, reader in others:
            second = reader(cells[index])
            if second.kind == "ok" or (second.kind != "empty" and parsed.kind == "empty"):
                if parsed.kind == "absent":
                    row.attributes[self.table.columns[index].base] = clean(cell)
                return cells[index], second
        return cell, parsed

    def _absent(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        """The cell says that there is no value: kept as reported text; a light becomes grey."""
        assert use.field is not None
        text = clean(cell)
        row.attributes[use.column.name] = text
        if use.field.target == "light":
            row.figures.append(_light_figure(use.field.figure, "grey", False, text[:60]))

    def _reject(self, use: ColumnUse, row: Row, cell: Cell, reason: Note | None) -> None:
        """Listed, kept as a remark, and kept word by word among the attributes."""
        text = clean(cell)
        row.attributes[use.column.name] = text
        row.remarks.append(self.rejection(use, row, cell, reason or note("unreadable", _("cannot be read"))))

    def rejection(self, use: ColumnUse, row: Row, cell: Cell, reason: Note) -> Rejection:
        number, column = _place(self.table, row.index, use)
        return Rejection(number, column, shorten(clean(cell), 200), reason)

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def _text(self, use: ColumnUse, row: Row, cell: Cell) -> str | None:
        text = clean(cell)
        if text.startswith("#") and _FORMULA_ERROR.match(text):
            self._reject(use, row, cell, note("formula", _("the formula gives the error %(text)s"), {"text": text}))
            return None
        limit = use.field.limit if use.field else 0
        if limit and len(text) > limit:
            self._reject(
                use,
                row,
                cell,
                note(
                    "too_long",
                    _("longer than %(limit)s characters; the full text is kept among the attributes"),
                    {"limit": limit},
                ),
            )
            return None
        return text or None

    def _take_identity(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        text = self._text(use, row, " ".join(clean(cell).split()))
        if text is None:
            return
        if use.code == "key":
            row.key = text
        else:
            row.name = text

    def _take_text(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        text = self._text(use, row, cell)
        if text is not None and use.field is not None:
            row.master[use.field.attribute] = text

    def _take_person(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        self._take_text(use, row, " ".join(clean(cell).split()))

    def _take_programme(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        text = self._text(use, row, cell)
        if text is not None:
            row.attributes[use.column.name] = text
            row.master["programme"] = text

    def _take_phase(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        text = clean(cell)
        phase = phase_with(text, self.options.phases)
        row.attributes[use.column.name] = text
        if phase:
            row.master["phase"] = phase
            row.figures.append(_light_figure("phase", "", False, text[:60], phase))
        elif text:
            self.records.unknown_phases[text[:120]] += 1

    def _take_category(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        text = clean(cell)
        category = category_of(text)
        if category:
            row.master["category"] = category
        else:
            row.attributes[use.column.name] = text

    def _take_currency(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        code = clean(cell).strip().upper()
        code = {"€": "EUR", "EURO": "EUR", "£": "GBP", "$": "USD"}.get(code, code)
        if len(code) == 3 and code.isascii() and code.isalpha():
            row.currency = code
        elif code:
            self._reject(use, row, cell, note("no_currency", _("not a currency code of three letters")))

    def _take_summary(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        row.summary = clean(cell)

    def _take_narrative(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        row.narrative[without_control(use.column.base)] = clean(cell)

    def _take_attribute(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        value = cell if type(cell) in (int, float, bool) else clean(cell)
        if value != "":
            row.attributes[without_control(use.column.name)] = value

    def _take_typed(self, use: ColumnUse, row: Row, cell: Cell) -> None:
        raise AssertionError("typed columns are read by _typed")

    _take_day = _take_money = _take_light = _take_ratio = _take_quantity = _take_number = _take_gate = _take_as_of = (
        _take_typed
    )

    def _put_day(self, use: ColumnUse, row: Row, cell: Cell, parsed: Parsed) -> None:
        assert use.field is not None
        row.master[use.field.attribute] = _iso(parsed.value)
        if use.field.figure:
            row.figures.append(_day_figure(use.field.figure, parsed.value))

    def _put_gate(self, use: ColumnUse, row: Row, cell: Cell, parsed: Parsed) -> None:
        row.gates[use.gate] = _iso(parsed.value)
        if use.gate in ("G0", "G1", "G2", "G3", "G4", "G5", "G6"):
            row.figures.append(_day_figure(f"gate.{use.gate}", parsed.value))

    def _put_as_of(self, use: ColumnUse, row: Row, cell: Cell, parsed: Parsed) -> None:
        if self.by_column:
            row.date = parsed.value
        else:
            row.attributes[use.column.name] = parsed.value.isoformat()

    def _put_light(self, use: ColumnUse, row: Row, cell: Cell, parsed: Parsed) -> None:
        light: Light = parsed.value
        assert use.field is not None
        reported = clean(light.reported)[:60]
        row.figures.append(_light_figure(use.field.figure, light.colour, light.is_half_step, reported))

    def _put_ratio(self, use: ColumnUse, row: Row, cell: Cell, parsed: Parsed) -> None:
        if not Decimal(-10) <= parsed.value <= Decimal(100):
            self._reject(use, row, cell, note("percent_range", _("not a believable percentage")))
        else:
            self._number_figure(use, row, parsed.value)

    def _put_quantity(self, use: ColumnUse, row: Row, cell: Cell, parsed: Parsed) -> None:
        if abs(parsed.value) > Decimal(10) ** 12:
            self._reject(use, row, cell, note("too_big", _("the number is too large")))
        else:
            self._number_figure(use, row, parsed.value)

    def _number_figure(self, use: ColumnUse, row: Row, value: Decimal) -> None:
        assert use.field is not None
        row.figures.append((use.field.figure, "", False, "", None, "", value, None, ""))

    def _put_number(self, use: ColumnUse, row: Row, cell: Cell, parsed: Parsed) -> None:
        assert use.field is not None
        whole = int(parsed.value)
        if parsed.value != whole or not 1 <= whole <= 999:
            self._reject(use, row, cell, note("priority_range", _("a priority is a whole number from 1 to 999")))
        else:
            row.master[use.field.attribute] = whole

    def _put_money(self, use: ColumnUse, row: Row, cell: Cell, parsed: Parsed) -> None:
        row.money.append((use, parsed.value, cell))

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    def _finish(self, row: Row, digest: str) -> None:
        cells = self.table.rows[row.index]
        row.hash = hashlib.blake2b(
            f"{digest}{row.date}{cells!r}".encode("utf-8", "surrogatepass"), digest_size=20
        ).hexdigest()
        if not row.name:
            row.name = row.key[:250]
        if not row.name:
            number, column = _place(
                self.table, row.index, self.mapped.of("name") or self.mapped.of("key") or self.mapped.uses[0]
            )
            row.refused = Rejection(number, column, "", note("no_name", _("the row names no project")))
            return
        row.master["name"] = row.name
        if row.key:
            row.master["external_key"] = row.key
        if row.money:
            self._finish_money(row)

    def _finish_money(self, row: Row) -> None:
        budget = next((money.currency for use, money, _cell in row.money if use.code == "budget"), None)
        currency = (
            row.currency
            or budget
            or next((m.currency for _use, m, _cell in row.money if m.currency), None)
            or self.currency
        )
        row.currency = currency
        row.master["currency"] = currency
        for use, money, cell in row.money:
            assert use.field is not None
            if money.currency and money.currency != currency:
                reason = note(
                    "other_currency",
                    _("an amount in %(this)s, but the project is kept in %(other)s"),
                    {"this": money.currency, "other": currency},
                )
                self._reject(use, row, cell, reason)
                continue
            amount = formats.minor(money.amount, currency)
            if abs(amount) > LARGEST:
                self._reject(use, row, cell, note("too_big", _("the number is too large")))
                continue
            row.figures.append((use.field.figure, "", False, "", amount, currency, None, None, ""))
            if use.field.attribute:
                row.master[use.field.attribute] = amount
        row.money = []


# Columns of days, lights and phases repeat few values in many rows: equal figures are kept in memory once.


@lru_cache(maxsize=65536)
def _day_figure(code: str, day: dt.date) -> Figure:
    return code, "", False, "", None, "", None, day, ""


@lru_cache(maxsize=4096)
def _light_figure(code: str, light: str, half: bool, reported: str, text: str = "") -> Figure:
    return code, light, half, reported, None, "", None, None, text


@lru_cache(maxsize=65536)
def _iso(day: dt.date) -> str:
    return day.isoformat()


def clean(cell: Cell) -> str:
    """Text without control characters; line breaks stay."""
    if type(cell) is str:
        if cell.isprintable():
            return cell.strip()
        return without_control(cell.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return cell_text(cell)


def _currency_of(mapped: Mapped) -> str:
    """The currency that most columns of money name in heading or cells."""
    named = Counter(
        use.profile.currency
        for use in mapped.uses
        if use.field and use.field.target == "money" and use.profile.currency
    )
    return str(named.most_common(1)[0][0]) if named else ""


def _number(table: Table, index: int) -> int:
    """The number of a record: its row in the sheet, or the number of its column when projects stand side by side."""
    return table.lines[index] + 1


def _place(table: Table, index: int, use: ColumnUse) -> tuple[int, str]:
    """Row and column as the owner of the file sees them: the heading names the column, or the letter where the heading
    stands in front of the row."""
    if table.orientation == "columns":
        return use.column.source + 1, column_letters(table.lines[index])
    return table.lines[index] + 1, without_control(use.column.name)


def dates_of(table: Table, mapped: Mapped, options: Options) -> list[dt.date]:
    """The different dates of the date column, in order."""
    use = mapped.of("as_of")
    if use is None:
        return []
    reader = column_reader("date", use.profile, reading_options(use, options))
    return sorted({parsed.value for parsed in map(reader, table.values(use.column.index)) if parsed.kind == "ok"})


def attribute_figures(figures: Iterable[Figure]) -> Mapping[str, Figure]:
    """Figures of a row by code; the last one counts."""
    return {figure[0]: figure for figure in figures}
