"""What a column holds, judged over the whole column: the evidence by which single cells are then read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from stellwerk.core.tabular.cells import Cell
from stellwerk.core.tabular.values.absence import absence_of
from stellwerk.core.tabular.values.dates import parse_date, slash_evidence
from stellwerk.core.tabular.values.flags import COLOUR_WORDS, LETTERS, light_code
from stellwerk.core.tabular.values.numbers import (
    DecimalSign,
    Scanned,
    scan_number,
    separator_evidence,
    unit_in_header,
)
from stellwerk.core.tabular.values.outcome import Parsed

SAMPLE = 600
EVIDENCE = 20_000
NUMBER_EVIDENCE = 3_000
LONG_TEXT = 60
JUDGED_CHARACTERS = 300
_DATE_LIKE = re.compile(r"\d|(?:q[1-4]|kw|jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])", re.IGNORECASE)
_KEY = re.compile(r"[\w./#-]*\d[\w./#-]*$")
_KEY_SHAPE = (re.compile(r"\d+"), re.compile(r"[A-Za-zÄÖÜäöü]+"))
_NAME_WORD = re.compile(r"[A-ZÄÖÜÉÁÓ][\w'’-]*\.?$")
_PERSON = re.compile(
    r"(?:(?:dr|prof|mr|mrs|ms|herr|frau|dipl\.-ing)\.?\s+)*"
    r"[A-ZÄÖÜÉÁÓŠČŁ][\w'’-]+,?(?:\s+(?:[A-Z]\.?|von|van|de|der|zu|la|di|da|del))*(?:\s+[A-ZÄÖÜÉÁÓŠČŁ][\w'’-]+){1,2}$",
    re.IGNORECASE,
)
_YES_NO = frozenset(("yes", "no", "y", "n", "ja", "nein", "j", "true", "false", "wahr", "falsch", "x", "✓"))


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Shares are of the cells that are neither empty nor absent, from 0 to 1, over a spread sample.

    ``decimal_sign``, ``day_first``: None without evidence. ``factor`` multiplies amounts that bring no unit;
    ``unit_from`` tells where it comes from (``header``, ``title``, ``caller`` or empty); ``own_factor_share`` of the texts say
    thousands or millions themselves. ``currency`` is an ISO code.
    """

    header: str = ""
    count: int = 0
    filled: int = 0
    absent_share: float = 0.0
    shares: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    distinct_share: float = 0.0
    distinct: int = 0
    key_share: float = 0.0
    person_share: float = 0.0
    average_length: float = 0.0
    decimal_sign: DecimalSign | None = None
    day_first: bool | None = None
    factor: int = 1
    unit_from: str = ""
    currency: str | None = None
    own_factor_share: float = 0.0
    bare_percent_is_fraction: bool = False

    def share(self, *kinds: str) -> float:
        """The share of cells of any of these kinds."""
        return sum(self.shares.get(kind, 0.0) for kind in kinds)

    @property
    def kind(self) -> str:
        """The kind that most cells have: date, money, number, percent, light, boolean, long, text; or empty."""
        if not self.shares:
            return "empty"
        return max(self.shares.items(), key=lambda item: item[1])[0]


def classify(cell: Cell) -> str:
    """The kind of one cell: empty, absent, date, money, number, percent, light, letter, boolean, long or text."""
    if cell is None:
        return "empty"
    if isinstance(cell, str):
        return _classify_text(cell[:JUDGED_CHARACTERS])
    if isinstance(cell, date):
        return "date"
    return "boolean" if isinstance(cell, bool) else "number"


@lru_cache(maxsize=32768)
def _classify_text(raw: str) -> str:
    text = raw.strip()
    if not text:
        return "empty"
    lower = text.lower()
    if len(text) <= 40:
        kind = _classify_short(text, lower)
        if kind:
            return kind
    if absence_of(" ".join(text.split())) is not None:
        return "absent"
    return "long" if len(text) > LONG_TEXT else "text"


def _classify_short(text: str, lower: str) -> str:
    if lower in LETTERS and len(lower) == 1:
        return "letter"
    if lower in COLOUR_WORDS or light_code(lower):
        return "light"
    if lower in _YES_NO:
        return "boolean"
    if any("0" <= char <= "9" for char in text):
        scanned = scan_number(" ".join(text.split()))
        if scanned is not None:
            return _number_kind(scanned)
    return "date" if _DATE_LIKE.search(text) and _is_date(parse_date(text, day_first=True)) else ""


def _is_date(parsed: Parsed) -> bool:
    """A date, or one that only lacks its year: it belongs into a column of dates, and is listed there."""
    return parsed.kind == "ok" or (parsed.reason is not None and parsed.reason.code == "no_year")


def _number_kind(scanned: Scanned) -> str:
    if scanned.unit.percent:
        return "percent"
    return "money" if scanned.unit.currency else "number"


def profile_column(values: Sequence[Cell], header: str = "") -> ColumnProfile:
    """Judge one column. Sampled for the shares; all cells (to 20,000) for decimal sign and order of day and month."""
    filled = [value for value in values if value is not None]
    if not filled:
        return _with_units(ColumnProfile(header=header, count=len(values)), [])
    step = max(1, len(filled) // SAMPLE)
    sample = filled[::step][: SAMPLE * 2]
    kinds = Counter(map(classify, sample))
    empty, missing = kinds.pop("empty", 0), kinds.pop("absent", 0)
    _settle_letters(kinds, sample)
    total = sum(kinds.values())
    shares = {kind: count / total for kind, count in kinds.items()} if total else {}
    texts = [str(value).strip() for value in sample]
    distinct = len(set(texts))
    profile = ColumnProfile(
        header=header,
        count=len(values),
        filled=len(filled) - round(empty * len(filled) / len(sample)),
        absent_share=missing / len(sample),
        shares=MappingProxyType(shares),
        distinct_share=distinct / len(sample),
        distinct=distinct,
        key_share=_key_share(texts),
        person_share=sum(1 for text in texts if _is_person(text)) / len(texts),
        average_length=sum(map(len, texts)) / len(texts),
    )
    evidence = [value for value in filled[:EVIDENCE] if isinstance(value, str) and len(value) <= 40]
    if profile.share("number", "money", "percent"):
        profile = replace(profile, decimal_sign=_decimal_sign(evidence[:: len(evidence) // NUMBER_EVIDENCE + 1]))
        profile = replace(profile, bare_percent_is_fraction=_bare_is_fraction(sample))
    if profile.share("date"):
        profile = replace(profile, day_first=_day_first(evidence))
    return _with_units(profile, evidence)


def profile_table(columns: Sequence[tuple[str, Sequence[Cell]]]) -> list[ColumnProfile]:
    """Profiles of all columns; a column without evidence of its own takes the file's decimal sign and day order."""
    profiles = [profile_column(values, header) for header, values in columns]
    profiles = _letters_like_others(columns, profiles)
    signs = Counter(profile.decimal_sign for profile in profiles if profile.decimal_sign)
    orders = Counter(profile.day_first for profile in profiles if profile.day_first is not None)
    currencies = Counter(profile.currency for profile in profiles if profile.currency)
    sign = signs.most_common(1)[0][0] if signs else None
    order = orders.most_common(1)[0][0] if orders else None
    currency = next(iter(currencies)) if len(currencies) == 1 else None
    return [
        replace(
            profile,
            decimal_sign=profile.decimal_sign or sign,
            day_first=profile.day_first if profile.day_first is not None else order,
            currency=profile.currency or currency,
        )
        for profile in profiles
    ]


def _settle_letters(kinds: Counter[str], sample: Iterable[Cell]) -> None:
    """R, A, G are lights when nothing but light letters stands in the column, and at least two of them do."""
    letters = kinds.pop("letter", 0)
    if not letters:
        return
    seen = {str(value).strip().lower() for value in sample}
    others = {value for value in seen if value and value not in LETTERS and not light_code(value)}
    lights = {value for value in seen if value in LETTERS}
    if kinds["boolean"] and seen <= _YES_NO | {""}:
        kinds["boolean"] += letters
        return
    is_light = kinds["light"] > 0 or (len(lights) >= 2 and len(others) <= len(seen) / 4)
    kinds["light" if is_light else "text"] += letters
    for kind in ("light", "text"):
        if not kinds[kind]:
            del kinds[kind]


def _letters_like_others(
    columns: Sequence[tuple[str, Sequence[Cell]]], profiles: list[ColumnProfile]
) -> list[ColumnProfile]:
    """Where one column holds G, Y, R for lights, the next one in which there are only G is one of lights, too."""
    lettered = [
        set() if p.share("light", "text") < 0.99 else _letters(values)
        for (_h, values), p in zip(columns, profiles, strict=True)
    ]
    if not any(letters and p.share("light") > 0.9 for letters, p in zip(lettered, profiles, strict=True)):
        return profiles
    return [
        replace(p, shares=MappingProxyType({"light": 1.0})) if letters and p.share("text") > 0.99 else p
        for letters, p in zip(lettered, profiles, strict=True)
    ]


def _letters(values: Sequence[Cell]) -> set[str]:
    """The letters of lights in a column that holds nothing else."""
    seen = {str(value).strip().lower() for value in values[:SAMPLE] if value is not None}
    return seen if seen and all(len(value) <= 1 and (not value or value in LETTERS) for value in seen) else set()


def _key_share(texts: Sequence[str]) -> float:
    """How many cells share the commonest pattern of a key (``PRJ-0042``, ``MOD_0106_1617-Q1``, ``4711``)."""
    shapes: Counter[str] = Counter()
    for text in texts:
        if len(text) <= 30 and _KEY.match(text):
            shapes[_KEY_SHAPE[1].sub("A", _KEY_SHAPE[0].sub("9", text))] += 1
    return shapes.most_common(1)[0][1] / len(texts) if shapes else 0.0


def _is_person(text: str) -> bool:
    if not 5 <= len(text) <= 40 or any(char.isdigit() for char in text) or not _PERSON.match(text):
        return False
    words = text.replace(",", " ").split()
    return sum(1 for word in words if _NAME_WORD.match(word) and not (word.isupper() and len(word) > 3)) >= 2


def _decimal_sign(evidence: Iterable[str]) -> DecimalSign | None:
    sure: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    for text in evidence:
        said = separator_evidence(text)
        if said is not None and scan_number(" ".join(text.split())) is not None:
            (sure if said[1] else unsure)[said[0]] += 1
    if sure:
        return "," if sure[","] > sure["."] else "."
    if sum(unsure.values()) >= 2 and len(unsure) == 1:  # all alike with three digits: groups of thousands
        return "." if "," in unsure else ","
    return None


def _day_first(evidence: Iterable[str]) -> bool | None:
    votes = Counter(map(slash_evidence, evidence))
    if votes[1] == votes[-1]:
        return None
    return votes[1] > votes[-1]


def _bare_is_fraction(sample: Iterable[Cell]) -> bool:
    """Whether numbers without a percent sign look like 0.45 rather than 45."""
    bare = []
    for value in sample:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            bare.append(abs(float(value)))
        elif isinstance(value, str) and "%" not in value and (scanned := scan_number(value.strip())) is not None:
            bare.append(abs(float(scanned.value)))
    return bool(bare) and sorted(bare)[len(bare) // 2] <= 1.5 and any(value % 1 for value in bare)


def _with_units(profile: ColumnProfile, evidence: Sequence[str]) -> ColumnProfile:
    unit = unit_in_header(profile.header) if profile.header else None
    currency = unit.currency if unit is not None else None
    if profile.share("money"):
        units = [s.unit for text in evidence[:SAMPLE] if (s := scan_number(" ".join(text.split()))) is not None]
        currencies = Counter(one.currency for one in units if one.currency)
        currency = currency or (currencies.most_common(1)[0][0] if currencies else None)
        if units:
            profile = replace(profile, own_factor_share=sum(1 for one in units if one.factor) / len(units))
    if unit is not None and unit.factor:
        return replace(profile, factor=unit.factor, unit_from="header", currency=currency)
    return replace(profile, currency=currency)
