"""Reading the cells of one column in the light of its profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from stellwerk.core.tabular.cells import Cell
from stellwerk.core.tabular.values.dates import Edge, parse_date
from stellwerk.core.tabular.values.flags import light_legend, parse_boolean, parse_light, parse_text
from stellwerk.core.tabular.values.numbers import parse_money, parse_number, parse_percent
from stellwerk.core.tabular.values.outcome import Parsed
from stellwerk.core.tabular.values.profile import ColumnProfile

ValueKind = Literal["text", "date", "number", "money", "percent", "boolean", "light"]
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What the caller or the user decides against the evidence; None leaves it to the evidence.

    ``factor`` multiplies amounts without a unit of their own (1_000_000: the column is in millions); ``currency`` is
    an ISO code; ``edge`` says which day a period becomes; ``light_numbers`` maps ``1``, ``2``, ``3`` to light codes.
    """

    decimal_sign: Literal[",", "."] | None = None
    day_first: bool | None = None
    factor: int | None = None
    currency: str | None = None
    edge: Edge = "start"
    light_numbers: Mapping[str, str] = field(default_factory=dict)


DEFAULT_OPTIONS = ReadingOptions()


def column_reader(
    kind: ValueKind, profile: ColumnProfile, options: ReadingOptions = DEFAULT_OPTIONS
) -> Callable[[Cell], Parsed]:
    """A function that reads one cell of this column; equal cells are read once."""
    read = _reader(kind, profile, options)
    known: dict[tuple[type, Cell], Parsed] = {}

    def remembered(cell: Cell) -> Parsed:
        key = (cell.__class__, cell)
        parsed = known.get(key)
        if parsed is None:
            parsed = read(cell)
            if len(known) < _REMEMBERED:
                known[key] = parsed
        return parsed

    return remembered


def _reader(kind: ValueKind, profile: ColumnProfile, options: ReadingOptions) -> Callable[[Cell], Parsed]:
    sign = options.decimal_sign or profile.decimal_sign
    factor = options.factor if options.factor is not None else profile.factor
    day_first = options.day_first if options.day_first is not None else profile.day_first
    if kind == "date":
        return lambda cell: parse_date(cell, day_first=day_first, edge=options.edge)
    if kind == "money":
        currency = options.currency or profile.currency
        return lambda cell: parse_money(cell, decimal_sign=sign, factor=factor, currency=currency)
    if kind == "number":
        return lambda cell: parse_number(cell, decimal_sign=sign, factor=factor)
    if kind == "percent":
        fraction = profile.bare_percent_is_fraction
        return lambda cell: parse_percent(cell, decimal_sign=sign, bare_is_fraction=fraction)
    if kind == "light":
        numbers = {**light_legend(profile.header), **options.light_numbers}
        return lambda cell: parse_light(cell, numbers=numbers)
    return parse_boolean if kind == "boolean" else parse_text
