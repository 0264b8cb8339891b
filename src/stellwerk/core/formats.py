"""Numbers, money and dates as people read them: true minus, decimal comma in German, “–” for no data."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_precision
from django.utils import timezone
from django.utils.translation import get_language, pgettext

NO_DATA = "–"
MINUS = "\u2212"
NBSP = "\u00a0"
THIN = "\u202f"

Number = int | float | Decimal


_GERMAN = str.maketrans(",.", ".,")


def _separators(language: str | None = None) -> tuple[str, str]:
    return (",", ".") if (language or get_language() or "de").startswith("de") else (".", ",")


def number(value: Number | None, decimals: int = 0, *, sign: bool = False, language: str | None = None) -> str:
    """``1.234,5`` in German, ``1,234.5`` in English; ``sign`` writes an explicit + on deviations."""
    if value is None:
        return NO_DATA
    return _number(value, decimals, sign, _separators(language))


@lru_cache(maxsize=4096, typed=True)
def _number(value: Number, decimals: int, sign: bool, separators: tuple[str, str]) -> str:
    """The same figures come again and again on a page, and from page to page."""
    rounded: int | Decimal
    if isinstance(value, int) and not decimals:
        rounded = value  # most figures of a page are counts
    else:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}"
    if separators == (",", "."):
        text = text.translate(_GERMAN)
    if rounded < 0:
        return MINUS + text
    return f"+{text}" if sign and rounded > 0 else text


def percent(ratio: Number | None, decimals: int = 1, *, sign: bool = False, language: str | None = None) -> str:
    """A ratio (0.13) as percent (``13,0 %``)."""
    if value_missing(ratio):
        return NO_DATA
    return number(Decimal(str(ratio)) * 100, decimals, sign=sign, language=language) + NBSP + "%"


def value_missing(value: object) -> bool:
    return value is None or value == ""


@lru_cache(maxsize=64)
def minor_digits(currency: str) -> int:
    """Decimal places of a currency: 2 for EUR, 0 for JPY."""
    return int(get_currency_precision(currency)) if currency else 2


def major(amount: int, currency: str = "EUR") -> Decimal:
    """Minor units to units of the currency."""
    return Decimal(amount).scaleb(-minor_digits(currency))


def minor(value: Decimal | str | int, currency: str = "EUR") -> int:
    """Units of the currency to minor units, rounded half up."""
    return int(Decimal(value).scaleb(minor_digits(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


def money(
    amount: int | None, currency: str = "EUR", *, unit: str = "", sign: bool = False, exact: bool = False,
    language: str | None = None,
) -> str:  # fmt: skip
    """Minor units as text. ``unit``: ``""`` full, ``"k"`` thousands, ``"m"`` millions, ``"auto"`` by size.

    ``exact`` writes the cents of round amounts too, for columns whose other amounts have some.
    """
    if amount is None:
        return NO_DATA
    value = major(amount, currency)
    if unit == "auto":
        unit = "m" if abs(value) >= 1_000_000 else "k" if abs(value) >= 10_000 else ""
    places = minor_digits(currency) if exact else None
    text = scaled(value, unit, sign=sign, places=places, language=language)
    return f"{text}{NBSP}{money_unit(currency, unit, language)}"


def scaled(
    value: Decimal, unit: str, *, sign: bool = False, places: int | None = None, language: str | None = None
) -> str:
    """``places``: so many decimals of an amount in whole units, else none where it is round."""
    if unit == "m":
        return number(value / 1_000_000, 2, sign=sign, language=language)
    if unit == "k":
        return number(value / 1000, 0, sign=sign, language=language)
    if places is None:
        places = 2 if value != value.to_integral() else 0
    return number(value, places, sign=sign, language=language)


def money_unit(currency: str, unit: str, language: str | None = None) -> str:
    """``Mio. €``/``€m``-like unit text for headers and after numbers."""
    symbol = _SYMBOLS.get(currency, currency)
    german = (language or get_language() or "de").startswith("de")
    if unit == "m":
        return f"Mio.{NBSP}{symbol}" if german else f"m{NBSP}{symbol}"
    if unit == "k":
        return f"T{symbol}" if german else f"k{NBSP}{symbol}"
    return symbol


def day(value: dt.date | None, *, short: bool = False, language: str | None = None) -> str:
    """``24.12.2026`` or ``24 Dec 2026``; short: ``24.12.26`` or ``24 Dec 26``.

    Of an instant it is the day here: half past midnight is the day before in UTC.
    """
    if not value:
        return NO_DATA
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        value = timezone.localtime(value)
    if (language or get_language() or "de").startswith("de"):
        return f"{value:%d.%m.%y}" if short else f"{value:%d.%m.%Y}"
    name = Locale("en").months["format"]["abbreviated"][value.month]
    return f"{value.day} {name} {value:%y}" if short else f"{value.day} {name} {value.year}"


def iso_week(value: dt.date) -> str:
    """``KW 48`` or ``week 48``."""
    name = pgettext("ISO week", "week")  # not inside the f-string: texts there are not collected
    return f"{name}{NBSP}{value.isocalendar().week}"
