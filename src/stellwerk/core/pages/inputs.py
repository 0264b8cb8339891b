"""Numbers and days as people type them in German and English; ISO always works."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _

_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})
_SPACE = re.compile(r"[\s\u00a0\u202f'’]")
_NUMBER = re.compile(r"[+-]?[\d.,]*\d[.,]?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_WORDS = re.compile(r"(\d{1,2})\.?\s+([^\W\d]+)\.?,?\s+(\d{4})")


def _german() -> bool:
    return (get_language() or "de").startswith("de")


def parse_number(text: str) -> Decimal:
    """``1.234,56`` and ``1,234.56`` both mean 1234.56; one separator alone is read in the reader's language.

    Raises ``ValueError`` with a text for the reader.
    """
    plain = _SPACE.sub("", text.translate(_MINUS))
    if not _NUMBER.fullmatch(plain):
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text.strip()[:40]})
    try:
        return Decimal(_with_point(plain))
    except InvalidOperation:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text.strip()[:40]}) from None


def _with_point(plain: str) -> str:
    """The same number without group separators and with a point."""
    last_dot, last_comma = plain.rfind("."), plain.rfind(",")
    if last_dot >= 0 and last_comma >= 0:
        decimal = "." if last_dot > last_comma else ","
        group = "," if decimal == "." else "."
        if plain.count(decimal) > 1 or not _grouped(plain.split(decimal)[0], group):
            raise InvalidOperation
        return plain.replace(group, "").replace(decimal, ".")
    only = "." if last_dot >= 0 else "," if last_comma >= 0 else ""
    if not only:
        return plain
    own_group = "." if _german() else ","
    if plain.count(only) > 1 or (only == own_group and _grouped(plain, only)):
        if not _grouped(plain, only):
            raise InvalidOperation
        return plain.replace(only, "")
    return plain.replace(only, ".")


def _grouped(plain: str, group: str) -> bool:
    """Is this a whole number with groups of three (or without any group)?"""
    return re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}({re.escape(group)}\d{{3}})+|[+-]?\d+", plain) is not None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in ("de", "en"):
        for width in ("wide", "abbreviated"):
            for number, name in Locale(language).months["format"][width].items():
                names[name.rstrip(".").casefold()] = number
    return names | {"sept": 9, "mrz": 3}


def parse_day(text: str) -> dt.date:
    """``24.12.2026``, ``24.12.26``, ``2026-12-24``, ``24 Dec 2026``; slashes only where the order is clear.

    Raises ``ValueError`` with a text for the reader.
    """
    plain = " ".join(text.split())
    try:
        found = _day(plain)
    except ValueError:
        raise ValueError(_("“%(text)s” is not in the calendar.") % {"text": plain[:40]}) from None
    if found is None:
        raise ValueError(_("Please write the date as 24 Dec 2026 or 2026-12-24."))
    return found


def _day(plain: str) -> dt.date | None:
    if match := _ISO.fullmatch(plain):
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DOTS.fullmatch(plain):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        return dt.date(year, int(match[2]), int(match[1]))
    if match := _WORDS.fullmatch(plain):
        month = _months().get(match[2].casefold())
        return dt.date(int(match[3]), month, int(match[1])) if month else None
    if match := _SLASHES.fullmatch(plain):
        first, second = int(match[1]), int(match[2])
        if first > 12 or first == second:
            return dt.date(int(match[3]), second, first)
        if second > 12:
            return dt.date(int(match[3]), first, second)
    return None
