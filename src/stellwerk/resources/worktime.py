"""Hours as people type and read them in a time sheet: ``7,5``, ``7.5``, ``7:30`` and ``7h30`` are all 450 minutes."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from stellwerk.core import formats

DAY_MINUTES = 24 * 60
_CLOCK = re.compile(r"^(\d{1,3})\s*(?::|h)\s*([0-5]?\d)\s*(?:m|min)?$", re.IGNORECASE)
_DECIMAL = re.compile(r"^(\d{1,3})?(?:[.,](\d{1,4}))?\s*h?$", re.IGNORECASE)


def parse_minutes(text: str) -> int | None:
    """Minutes of a typed duration, 0 for an empty text; ``None`` when it cannot be read. No upper limit is judged here."""
    text = text.strip()
    if not text or text in {"-", "–"}:
        return 0
    if found := _CLOCK.match(text):
        return int(found[1]) * 60 + int(found[2])
    found = _DECIMAL.match(text)
    if found is None or not (found[1] or found[2]):
        return None
    value = Decimal(f"{found[1] or 0}.{found[2] or 0}") * 60
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def minutes_text(minutes: int, *, sign: bool = False) -> str:
    """``7,5`` where quarter hours say it exactly, else ``7:20``; what :func:`parse_minutes` reads back. Empty for 0."""
    if not minutes:
        return ""
    size = abs(minutes)
    lead = formats.MINUS if minutes < 0 else "+" if sign else ""
    if size % 15:
        return f"{lead}{size // 60}:{size % 60:02d}"
    decimals = 0 if size % 60 == 0 else 1 if size % 30 == 0 else 2
    return lead + formats.number(Decimal(size) / 60, decimals).replace(".", "." if decimals else "")


def sum_text(minutes: int) -> str:
    """A sum in hours with its unit: ``38,5 h``."""
    if not minutes:
        return f"0{formats.NBSP}h"
    return f"{minutes_text(minutes)}{formats.NBSP}h"
