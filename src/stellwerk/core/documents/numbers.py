"""Numbers and dates as a document of a given language writes them, and the matching formats for cells and charts.

Documents are made in the language asked for, not in the reader's, so the language is an argument here. True minus sign,
non-breaking space before units, "–" for what is unknown; rounding (half up) happens here and nowhere before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from babel.dates import format_date
from babel.numbers import get_currency_precision

from stellwerk.core.documents.text import NBSP

Lang = Literal["de", "en"]
MINUS: Final = "\u2212"
NONE: Final = "–"
EPOCH: Final = dt.date(1899, 12, 30)  # day 0 of spreadsheet dates
_SYMBOLS: Final = {"EUR": "€", "GBP": "£", "USD": "$"}
_EXPONENTS: Final = (0, 3, 6, 9)


@dataclass(frozen=True)
class Scale:
    """Unit in which amounts of one currency are shown: ten to the power ``exponent`` of the currency unit."""

    currency: str
    exponent: int

    @property
    def places(self) -> int:
        return 0 if self.exponent == 0 else 1

    def value(self, minor: int) -> Decimal:
        """The exact amount in this unit."""
        return Decimal(minor).scaleb(-get_currency_precision(self.currency) - self.exponent)


def scale_for(currency: str, largest_minor: int) -> Scale:
    """The unit that shows the largest amount with at most about five digits before the decimal sign."""
    units = abs(Decimal(largest_minor)).scaleb(-get_currency_precision(currency))
    for exponent in _EXPONENTS:
        limit = Decimal(10_000) if exponent == 0 else Decimal(1_000_000).scaleb(exponent)
        if units < limit:
            return Scale(currency, exponent)
    return Scale(currency, _EXPONENTS[-1])


def serial(day: dt.date) -> Decimal:
    """A date as a spreadsheet stores it."""
    return Decimal((day - EPOCH).days)


def from_serial(value: Decimal) -> dt.date:
    return EPOCH + dt.timedelta(days=int(value))


@dataclass(frozen=True)
class Numbers:
    """Formatting of one language."""

    lang: Lang

    def decimal(self, value: Decimal | int | None, places: int = 0, sign: bool = False) -> str:
        """``sign``: positive deviations carry a plus."""
        if value is None:
            return NONE
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        body = f"{abs(rounded):,.{places}f}"
        if self.lang == "de":
            body = body.translate(str.maketrans(",.", ".,"))
        return (MINUS if rounded < 0 else "+" if sign and rounded > 0 else "") + body

    def percent(self, ratio: Decimal | None, places: int = 1, sign: bool = False) -> str:
        """A ratio (0.13) as "13,0 %"."""
        if ratio is None:
            return NONE
        return self.decimal(ratio * 100, places, sign) + (f"{NBSP}%" if self.lang == "de" else "%")

    def amount(self, minor: int | None, scale: Scale, sign: bool = False) -> str:
        """An amount without its unit, for columns whose heading names the unit."""
        return NONE if minor is None else self.decimal(scale.value(minor), scale.places, sign)

    def money(self, minor: int | None, scale: Scale, sign: bool = False) -> str:
        """An amount with its unit."""
        return NONE if minor is None else f"{self.amount(minor, scale, sign)}{NBSP}{self.unit(scale)}"

    def unit(self, scale: Scale) -> str:
        """ "T€", "Mio. €" in German, "k€", "m€" in English."""
        symbol = _SYMBOLS.get(scale.currency, scale.currency)
        if self.lang == "de":
            prefix = {0: "", 3: "T", 6: f"Mio.{NBSP}", 9: f"Mrd.{NBSP}"}[scale.exponent]
            return f"{prefix}{symbol}" if len(symbol) == 1 or scale.exponent != 3 else f"T{NBSP}{symbol}"
        prefix = {0: "", 3: "k", 6: "m", 9: "bn"}[scale.exponent]
        return f"{prefix}{symbol}" if len(symbol) == 1 or not prefix else f"{prefix}{NBSP}{symbol}"

    def date(self, value: dt.date | None) -> str:
        """For sentences and footers: 20.11.2026, 20 Nov 2026."""
        if value is None:
            return NONE
        return f"{value:%d.%m.%Y}" if self.lang == "de" else f"{value.day}{NBSP}{self._month(value)}{NBSP}{value.year}"

    def day(self, value: dt.date | None) -> str:
        """For tables: 20.11.26, 20 Nov 26."""
        if value is None:
            return NONE
        return f"{value:%d.%m.%y}" if self.lang == "de" else f"{value:%d}{NBSP}{self._month(value)}{NBSP}{value:%y}"

    def short_day(self, value: dt.date) -> str:
        """For axes: 20.11., 20 Nov."""
        return f"{value:%d.%m.}" if self.lang == "de" else f"{value.day}{NBSP}{self._month(value)}"

    def axis_days(self, values: Sequence[dt.date]) -> list[str]:
        """For axes: with the year where the days span more than one year's turn of twelve months."""
        long = bool(values) and (max(values) - min(values)).days > 330
        return [self.day(value) if long else self.short_day(value) for value in values]

    def long_date(self, value: dt.date) -> str:
        """For title pages: 1. Dezember 2026, 1 December 2026."""
        return format_date(value, "d. MMMM y" if self.lang == "de" else "d MMMM y", locale=self.lang)

    def month(self, value: dt.date) -> str:
        """Dez 26, Dec 26."""
        return f"{self._month(value)}{NBSP}{value:%y}"

    def long_month(self, value: dt.date) -> str:
        """Februar 2027, February 2027."""
        return format_date(value, "LLLL y", locale=self.lang)

    def month_name(self, value: dt.date) -> str:
        return self._month(value)

    def _month(self, value: dt.date) -> str:
        return format_date(value, "LLL", locale=self.lang).rstrip(".")[:3]

    def list(self, items: list[str]) -> str:
        """ "A, B und C"."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {'und' if self.lang == 'de' else 'and'} {items[-1]}"

    @property
    def language_code(self) -> str:
        return "de-DE" if self.lang == "de" else "en-GB"

    def number_format(self, places: int, sign: bool = False) -> str:
        """Cell and chart format with the language's separators whatever the reader's program is set to."""
        body = "#,##0" + ("." + "0" * places if places else "")
        locale = "[$-407]" if self.lang == "de" else "[$-809]"
        return (
            f"{locale}+{body};{locale}{MINUS}{body};{locale}{body}" if sign else f"{locale}{body};{locale}{MINUS}{body}"
        )

    @property
    def date_format(self) -> str:
        return "dd\\.mm\\.yy" if self.lang == "de" else "[$-809]dd\\ mmm\\ yy"

    @property
    def month_format(self) -> str:
        return ("[$-407]" if self.lang == "de" else "[$-809]") + "mmm\\ yy"
