"""Numbers and money as people write them: German, English and Swiss signs, currencies and units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal, NamedTuple

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular.cells import Cell
from stellwerk.core.tabular.notes import Note, note, shorten
from stellwerk.core.tabular.values.absence import absence_of
from stellwerk.core.tabular.values.outcome import EMPTY, Money, Parsed, absent, ok, unreadable

DecimalSign = Literal[",", "."]
MAX_DIGITS = 28
_HUGE = Decimal(10) ** 24

_CURRENCY_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "¥": "JPY",
    "₩": "KRW",
    "₹": "INR",
    "₱": "PHP",
    "fr": "CHF",
    "sfr": "CHF",
}
_CURRENCY_WORDS = {
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "dollar": "USD", "dollars": "USD",
    "franken": "CHF", "us$": "USD", "usd": "USD", "a$": "AUD", "c$": "CAD",
}  # fmt: skip
_CODES = (
    "EUR GBP USD CHF SEK NOK DKK PLN CZK HUF RON BGN JPY CNY KRW INR AUD NZD CAD BRL ZAR TRY AED SAR SGD HKD MXN PHP"
)
_CURRENCIES: dict[str, str] = {
    **_CURRENCY_SIGNS,
    **_CURRENCY_WORDS,
    **{code.lower(): code for code in _CODES.split()},
}
_FACTORS: dict[str, int] = {
    **dict.fromkeys(("k", "tsd", "tausend", "thousand", "thousands", "000", "000s", "'000", "'000s", "th"), 10**3),
    **dict.fromkeys(("m", "mio", "mn", "mill", "mil", "million", "millions", "millionen", "mm"), 10**6),
    **dict.fromkeys(("bn", "b", "mrd", "mia", "md", "milliarde", "milliarden", "billion", "billions"), 10**9),
    **dict.fromkeys(("bio", "billionen", "trillion", "trillions", "tn"), 10**12),
}
_ONLY_WITH_CURRENCY = {"t": 10**3}
_MEASURE_WORDS = (
    "h hr hrs hour hours std stunde stunden d day days tag tage pt md mt pd pm person-days personentage manntage "
    "personenmonate monate months month wochen weeks fte vzä vzae vk stk stück pcs points punkte pkt sp"
)
_MEASURES = frozenset(_MEASURE_WORDS.split())
_ROUGH = re.compile(
    r"^(?:ca|circa|approx|approximately|about|around|etwa|rund|c|max|min|up to|bis zu)\b[.:]?\s*|^[~≈]\s*", re.I
)
_NOTE_AFTER = re.compile(r"\s*(?:\([^()\d]{2,40}\)|\*+)$")
_PLAIN = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,2})?$|[-+]?\d{1,15}\.\d{4,12}$")
_DIGITS = re.compile(r"\d[\d.,]*")
_QUICK = re.compile(
    r"(-?)([€£$]?) ?(\d{1,3}(?:\.\d{3})+(?=,)|\d{1,3}(?:,\d{3})+(?=\.)|\d+)[.,](\d{1,2}) ?([€£$%]|EUR|CHF|GBP|USD|m|)$"
)
_NO_CENTS = re.compile(r"(?<=\d)[.,]-{1,2}(?!\d)")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_SHAPE = re.compile(
    r"^(?P<before>[^\d,]*?)(?P<number>\d[\d.,'’´` ]*|"
    r"[.,]\d+)(?:(?P<exponent>[eE][+-]?\d{1,2})(?![a-z]))?(?P<after>[^\d]*|"
    r"\s*[^\d\s]{0,4}'?000s?\W*)$"
)
_WORD = re.compile(r"'?000s?|[^\W\d_]+(?:-[^\W\d_]+)?\.?|[€£$¥₩₹₱]|[%‰]")


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands around a number: a factor (None: not said), a currency, a percent sign, a measure of work or time."""

    factor: int | None = None
    currency: str | None = None
    percent: bool = False
    measure: str = ""


NO_UNIT = Unit()


class Scanned(NamedTuple):
    """A number with its sign and unit; ``sure`` is False where 1.234 could be either."""

    value: Decimal
    unit: Unit
    sure: bool
    rough: bool = False


def parse_number(cell: Cell, *, decimal_sign: DecimalSign | None = None, factor: int = 1) -> Parsed:
    """A Decimal. ``decimal_sign`` decides 1.234; ``factor`` applies to numbers that bring no unit of their own."""
    scanned = _scan_cell(cell, decimal_sign)
    if isinstance(scanned, Parsed):
        return scanned
    if scanned.unit.percent:
        return ok(scanned.value / 100, _remark(cell, scanned, decimal_sign))
    return ok(scanned.value * _factor(scanned, factor), _remark(cell, scanned, decimal_sign))


def parse_money(
    cell: Cell, *, decimal_sign: DecimalSign | None = None, factor: int = 1, currency: str | None = None
) -> Parsed:
    """A :class:`Money` in whole currency units; ``factor`` and ``currency`` apply where the cell says nothing."""
    scanned = _scan_cell(cell, decimal_sign)
    if isinstance(scanned, Parsed):
        return scanned
    if scanned.unit.percent or scanned.unit.measure:
        return unreadable(note("no_money", _("“%(text)s” is not an amount of money"), {"text": shorten(cell)}))
    amount = scanned.value * _factor(scanned, factor)
    return ok(Money(amount, scanned.unit.currency or currency), _remark(cell, scanned, decimal_sign))


def parse_percent(cell: Cell, *, decimal_sign: DecimalSign | None = None, bare_is_fraction: bool = False) -> Parsed:
    """A fraction (45 % → 0.45). ``bare_is_fraction``: a number without a sign is already a fraction."""
    scanned = _scan_cell(cell, decimal_sign)
    if isinstance(scanned, Parsed):
        return scanned
    if scanned.unit.currency or scanned.unit.factor:
        return unreadable(note("no_percent", _("“%(text)s” is not a percentage"), {"text": shorten(cell)}))
    fraction = scanned.value if bare_is_fraction and not scanned.unit.percent else scanned.value / 100
    return ok(fraction, _remark(cell, scanned, decimal_sign))


def _factor(scanned: Scanned, default: int) -> int:
    return scanned.unit.factor if scanned.unit.factor is not None else default


def _remark(cell: Cell, scanned: Scanned, decimal_sign: DecimalSign | None) -> Note | None:
    if scanned.rough:
        return note("rough", _("an approximate value: “%(text)s”"), {"text": shorten(cell)})
    if not scanned.sure and decimal_sign is None:
        return note("two_readings", _("“%(text)s” could be read two ways"), {"text": shorten(cell)})
    return None


def _scan_cell(cell: Cell, decimal_sign: DecimalSign | None) -> Scanned | Parsed:
    if cell is None:
        return EMPTY
    if isinstance(cell, str):
        return _scan_text(cell, decimal_sign)
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return _no_number(str(cell))
    value = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
    if not value.is_finite() or abs(value) > _HUGE:
        return _no_number(str(cell))
    return Scanned(value, NO_UNIT, sure=True)


def separator_evidence(text: str) -> tuple[str, bool] | None:
    """What ``text`` says about its decimal sign: ``(sign, True)`` when sure, ``(sign, False)`` when it has one sign
    with three digits after it (``sign`` is then the one seen, decimal or group); None when it says nothing."""
    match = _DIGITS.search(text)
    if match is None:
        return None
    digits = match.group().rstrip(".,")
    dots, commas = digits.count("."), digits.count(",")
    if not dots and not commas:
        return None
    if dots and commas:
        return ("." if digits.rfind(".") > digits.rfind(",") else ","), True
    sign = "." if dots else ","
    if dots + commas > 1:
        return ("," if sign == "." else "."), True
    whole, _sep, rest = digits.partition(sign)
    if len(rest) != 3 or not 1 <= len(whole) <= 3 or whole == "0":
        return sign, True
    return sign, False


def _scan_text(raw: str, decimal_sign: DecimalSign | None) -> Scanned | Parsed:
    text = " ".join(raw.split())
    if not text:
        return EMPTY
    scanned = scan_number(text, decimal_sign)
    if scanned is not None:
        return scanned
    missing = absence_of(text)
    return absent(missing) if missing is not None else _no_number(text)


def _no_number(text: str) -> Parsed:
    if text.startswith("#"):
        return unreadable(note("formula", _("the formula gives the error %(text)s"), {"text": shorten(text)}))
    return unreadable(note("no_number", _("“%(text)s” is not a number"), {"text": shorten(text)}))


def scan_number(text: str, decimal_sign: DecimalSign | None = None) -> Scanned | None:
    """The number in ``text``, which must be nothing but a number with sign, currency and unit; else None."""
    if _PLAIN.match(text):
        return Scanned(Decimal(text), NO_UNIT, sure=True)
    if len(text) > 80:
        return None
    if quick := _QUICK.match(text):
        return _scan_quickly(*quick.groups())
    found = _scan(text, decimal_sign)
    if found is not None:
        return found
    bare = _NOTE_AFTER.sub("", _ROUGH.sub("", text)).strip()
    if bare == text or not bare:
        return None
    found = _scan(bare, decimal_sign)
    return Scanned(found.value, found.unit, found.sure, rough=True) if found is not None else None


def _scan_quickly(minus: str, before: str, whole: str, rest: str, after: str) -> Scanned | None:
    """The usual forms with one or two decimals, which leave nothing to decide (most cells of most files)."""
    unit = _unit_of(before, after) if before or after else NO_UNIT
    if unit is None or len(whole) > MAX_DIGITS:
        return None
    return Scanned(Decimal(f"{minus}{whole.replace('.', '').replace(',', '')}.{rest}"), unit, sure=True)


def _scan(text: str, decimal_sign: DecimalSign | None) -> Scanned | None:
    negative = False
    body = text.replace("−", "-").replace("–", "-").replace("—", "-")
    body = _NO_CENTS.sub("", body)
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip()
    match = _SHAPE.match(body)
    if match is None:
        return None
    before, after = match["before"].strip(), match["after"].strip()
    minus = before.count("-") + after.startswith("-") + after.endswith("-") * (len(after) > 1)
    if minus > 1 or ("-" in after.strip("-") and not _is_word_with_hyphen(after)):
        return None
    if before.startswith("(") and after.endswith(")") and not minus:  # £(1,234)
        negative, before, after = True, before.strip("("), after.strip(")")
    elif before.endswith("(") and after.startswith(")") and not minus:
        negative, before, after = True, before[:-1], after[1:]
    unit = _unit_of(before.replace("-", "").replace("+", "").strip(), after.strip("-").strip())
    if unit is None:
        return None
    number = _decimal(match["number"].strip(), decimal_sign)
    if number is None:
        return None
    value, sure = number
    if match["exponent"]:
        value *= Decimal(10) ** int(match["exponent"][1:])
    if abs(value) > _HUGE:
        return None
    return Scanned(-value if negative or minus else value, unit, sure)


def _is_word_with_hyphen(after: str) -> bool:
    return bool(re.fullmatch(r"[^\W\d_]+-[^\W\d_]+\.?", after.strip("-").strip()))


@lru_cache(maxsize=4096)
def _unit_of(before: str, after: str) -> Unit | None:
    left, right = _unit(before), _unit(after)
    if left is None or right is None:
        return None
    if (left.factor and right.factor) or (left.currency and right.currency and left.currency != right.currency):
        return None
    if (left.currency or right.currency) and not (left.factor or right.factor) and after.lower() == "t":
        return Unit(10**3, left.currency or right.currency)
    return Unit(
        left.factor or right.factor,
        left.currency or right.currency,
        left.percent or right.percent,
        left.measure or right.measure,
    )


def _unit(text: str) -> Unit | None:
    """The unit that ``text`` names, NO_UNIT for nothing, None when it says something else."""
    if not text:
        return NO_UNIT
    whole = _token(text.strip("()[] ."))
    if whole is not None:
        return whole
    factor, currency, percent, measure = None, None, False, ""
    for token in _WORD.findall(text):
        part = _token(token.rstrip("."))
        if part is None and token.lower() in ("in", "of"):
            continue
        if part is None or (factor and part.factor) or (currency and part.currency):
            return None
        factor, currency = factor or part.factor, currency or part.currency
        percent, measure = percent or part.percent, measure or part.measure
    if _WORD.sub("", text).strip(" .()[]/-"):
        return None
    if measure and currency and measure in ("mt", "t"):
        factor, measure = 10**3, ""
    return Unit(factor, currency, percent, measure)


@lru_cache(maxsize=4096)
def _token(token: str) -> Unit | None:
    """One word such as ``T€``, ``kEUR``, ``Mio``, ``£m``, ``CHF``, ``%``, ``PT``."""
    word = token.lower().replace(" ", "").replace(".", "")
    if word in ("%", "prozent", "percent", "vh", "pct"):
        return Unit(percent=True)
    if word in _CURRENCIES:
        return Unit(currency=_CURRENCIES[word])
    if word in _FACTORS and word not in ("md",):
        return Unit(factor=_FACTORS[word])
    for name, code in _CURRENCIES.items():
        if word.startswith(name) or word.endswith(name):
            rest = word[len(name) :] if word.startswith(name) else word[: -len(name)]
            factor = _FACTORS.get(rest) or _ONLY_WITH_CURRENCY.get(rest)
            if factor:
                return Unit(factor, code)
    if word in _MEASURES:
        return Unit(measure=word)
    return None


def _decimal(digits: str, decimal_sign: DecimalSign | None) -> tuple[Decimal, bool] | None:
    """The value, and whether it can only be read this way."""
    compact = re.sub(r"(?<=\d)[ '’´`](?=\d{3}(?!\d))", "", digits).strip()
    if " " in compact or "'" in compact or "’" in compact:
        return None
    dots, commas = compact.count("."), compact.count(",")
    if not dots and not commas:
        return _number(compact, "", True)
    if dots and commas:
        sign = "." if compact.rfind(".") > compact.rfind(",") else ","
        other = "," if sign == "." else "."
        whole, _sep, rest = compact.partition(sign)
        if compact.count(sign) > 1 or other in rest or not _grouped(whole, other):
            return None
        return _number(whole.replace(other, ""), rest, True)
    sign = "." if dots else ","
    if dots + commas > 1:
        return _number(compact.replace(sign, ""), "", True) if _grouped(compact, sign) else None
    whole, _sep, rest = compact.partition(sign)
    if len(rest) != 3 or len(whole) > 3 or not whole or whole.startswith("0") or compact != digits:
        return _number(whole or "0", rest, True)
    if sign == decimal_sign:
        return _number(whole, rest, False)
    return _number(whole + rest, "", False)  # without evidence, three digits after one sign are a group


def _grouped(text: str, sign: str) -> bool:
    first, *groups = text.split(sign)
    return (
        1 <= len(first) <= 3
        and all(len(group) in (2, 3) for group in groups[:-1])
        and (not groups or len(groups[-1]) == 3)
    )


def _number(whole: str, rest: str, sure: bool) -> tuple[Decimal, bool] | None:
    if len(whole) + len(rest) > MAX_DIGITS:
        return None
    try:
        return Decimal(f"{whole}.{rest}" if rest else whole), sure
    except InvalidOperation:
        return None


_HEADER_UNIT = re.compile(
    r"[(\[{]([^()\[\]{}]{1,40})[)\]}]|\bin\s+([^()\[\],;]{1,30})|(\S*[€£$]\S*(?:\s?[^\W\d_]{1,8})?)"
)
_HEADER_TAIL = re.compile(r"(?:^|[\s_/-])([^\W\d_]{2,8}|%)$")
_HEADER_PAIR = re.compile(r"(?:^|[\s/-])([^\W\d_]{2,10} [^\W\d_]{2,10})$")
_WRITTEN_TOGETHER = re.compile(r"(?<=[a-zäöüß])(?=[A-Z]{3}(?:\b|$))")
_LONG_FACTORS = (
    "mio mn million millions millionen tsd tausend thousand thousands mrd milliarden billion billions teur keur"
)
_WRITTEN_FACTORS = frozenset(_LONG_FACTORS.split())


@lru_cache(maxsize=1024)
def unit_in_header(header: str) -> Unit:
    """The unit that a heading names: ``Budget (£million)``, ``Kosten in T€``, ``Plan [Mio. EUR]``, ``£m``, ``%``."""
    text = _SPACES.sub(" ", header)
    for found in _HEADER_UNIT.finditer(text):
        candidate = next(group for group in found.groups() if group)
        for part in (candidate, *re.split(r"[,\s]+", candidate)):
            unit = _unit(part.strip(" .:;*"))
            if unit is not None and unit != NO_UNIT and not (unit.factor and not unit.currency and found.group(3)):
                return unit
    plain = _WRITTEN_TOGETHER.sub(" ", text.replace("_", " ")).strip(" .")
    if match := _HEADER_PAIR.search(plain):  # “BudgetAED_Millions”, “Kosten Mio EUR”
        unit = _unit(match[1])
        if unit is not None and unit.factor and unit.currency:
            return unit
    if (match := _HEADER_TAIL.search(plain)) and match[1].lower() in _WRITTEN_FACTORS:
        return _token(match[1]) or NO_UNIT
    if match := _HEADER_TAIL.search(text.strip()):
        unit = _token(match[1])
        if unit is not None and (unit.currency or unit.percent) and not unit.measure:
            return unit
    return NO_UNIT
