"""What a browser sends of the grid, read: numbers as people write them, months, lines; and what is wrong, by row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.models import Budget
from stellwerk.controlling.services.budgets import MOST_LINES, MOST_MONTHS, Line
from stellwerk.core import formats
from stellwerk.core.errors import Invalid
from stellwerk.core.pages.inputs import parse_number
from stellwerk.core.text import without_control

WORDS: Final = ("wbs", "text", "cost_type", "cost_centre", "spending", "reserve", "currency")
LONGEST: Final = 30


@dataclass
class Typed:
    """A grid as it was typed: what could be read as lines, every row as texts to show again, and what could not be read."""

    lines: list[Line] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)


def read(budget: Budget, data: Mapping[str, Any]) -> Typed:
    """The grid of a form: one JSON field (with scripts), or an input per cell. Raises ``Invalid`` for what is no grid at all."""
    given = _rows(data)
    typed = Typed()
    for row in given:
        if _empty(row):
            continue
        at = len(typed.rows) + 1
        typed.rows.append(row)
        typed.lines.append(_line(budget, at, row, typed.errors))
    return typed


def _rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    text = data.get("grid", "")
    if not text:
        return _from_inputs(data)
    try:
        rows = json.loads(text)["rows"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid({"__all__": [_("The sheet could not be read. Please load the page again.")]}) from None
    if not isinstance(rows, list) or len(rows) > MOST_LINES or not all(isinstance(row, dict) for row in rows):
        raise Invalid({"__all__": [_("A budget has at most %(count)s lines.") % {"count": MOST_LINES}]})
    return [_plain(row) for row in rows]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    months = row.get("months")
    cells = months if isinstance(months, dict) else {}
    if len(cells) > MOST_MONTHS:
        raise Invalid({"__all__": [_("At most %(count)s months, please.") % {"count": MOST_MONTHS}]})
    plain: dict[str, Any] = {name: _text(row.get(name)) for name in ("id", *WORDS)}
    plain["months"] = {_text(month): _text(value) for month, value in cells.items()}
    return plain


def _text(value: Any) -> str:
    return without_control(str(value)).strip()[:300] if isinstance(value, str | int) else ""


def _from_inputs(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``line-3-wbs`` and ``cell-3-2027-03``: what a browser without scripts sends."""
    rows: dict[int, dict[str, Any]] = {}
    for name in data:
        kind, _dash, rest = name.partition("-")
        number, _dash, what = rest.partition("-")
        if kind not in ("line", "cell") or not number.isascii() or not number.isdigit() or len(number) > 5:
            continue
        row = rows.setdefault(int(number), {"id": "", **dict.fromkeys(WORDS, ""), "months": {}})
        value = _text(data.get(name))
        if kind == "cell":
            row["months"][what] = value
        elif what in ("id", *WORDS):
            row[what] = value
        elif what == "remove":
            row["remove"] = "on"
    return [row for _number, row in sorted(rows.items()) if not row.get("remove")]


def _empty(row: dict[str, Any]) -> bool:
    return not row["id"] and not row["wbs"] and not row["text"] and not any(row["months"].values())


def _line(budget: Budget, at: int, row: dict[str, Any], errors: dict[str, list[str]]) -> Line:
    currency = (row["currency"] or budget.currency).upper()
    line = Line(
        at, _number(row["id"]), row["wbs"][:120], row["text"], _number(row["cost_type"]), row["cost_centre"][:40],
        row["spending"] or "opex", row["reserve"], currency,
    )  # fmt: skip
    for name, text in row["months"].items():
        if not text:
            continue
        try:
            month = m.parse(name)
            amount = amount_of(text, currency)
        except Invalid as refusal:
            said = next(iter(refusal.errors.values()))[0]
            errors.setdefault(line.place, []).append(_("Row %(row)s, %(month)s: %(text)s") % {"row": at, "month": name[:7], "text": said})  # fmt: skip
            continue
        if amount:
            line.months[month] = amount
    return line


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def amount_of(text: str, currency: str) -> int:
    """``1.234,50`` as people write it, in minor units. Raises ``Invalid`` with the reason (no number, too many decimals)."""
    if len(text) > LONGEST:
        raise Invalid({"amount": [_("this is too long for an amount.")]})
    try:
        value = parse_number(text.replace("€", "").replace(currency, "").strip())
    except ValueError as error:
        raise Invalid({"amount": [str(error)]}) from None
    digits = formats.minor_digits(currency) if len(currency) == 3 and currency.isascii() and currency.isalpha() else 2
    if value != round(value, digits):
        raise Invalid({"amount": [_("at most %(digits)s decimal places, please. Is the decimal sign right?") % {"digits": digits}]})  # fmt: skip
    return formats.minor(value, currency if digits != 2 else "EUR")


def text_of(amount: int, currency: str) -> str:
    """An amount as the grid shows it: without unit, decimals only where there are some."""
    if not amount:
        return ""
    value = formats.major(amount, currency)
    whole = value == value.to_integral_value()
    return formats.number(value, 0 if whole else formats.minor_digits(currency)).replace(formats.MINUS, "-")


def window(months: list[dt.date], first: dt.date | None, last: dt.date | None) -> list[dt.date]:
    """The months that the grid shows: all with an amount and those of the project, at least twelve, at most ten years."""
    ends = [month for month in (first, last) if month is not None] + (months[:1] + months[-1:])
    if not ends:
        return []
    begin, end = min(ends), max(ends)
    shown = m.between(begin, max(end, m.step(begin, 11)))
    return shown[:120] if not months else [month for month in shown if month <= max(months[-1], m.step(begin, 119))]
