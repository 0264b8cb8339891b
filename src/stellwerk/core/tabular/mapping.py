"""Suggesting which column holds which field, from headings and contents, all columns at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from stellwerk.core.tabular.assignment import assign
from stellwerk.core.tabular.cells import is_blank
from stellwerk.core.tabular.notes import Note, note
from stellwerk.core.tabular.table import ColumnInfo, Table
from stellwerk.core.tabular.values.profile import ColumnProfile, profile_table
from stellwerk.core.tabular.words import CONCEPTS, concepts, normal, words

FieldKind = Literal[
    "key", "name", "text", "prose", "person", "category", "date", "money", "number", "percent", "light", "boolean"
]
THRESHOLD = 0.45
WORTH_ABOVE = 0.4
"""Only what is above counts in the assignment, so that two faint guesses never push out one good match."""


_GRADED = re.compile(r"\b(?:rag|dca|\w*ampel\w*|traffic light)\b")
SHORT_WORD = 6
"""Words below this length are not compared by letters: RAG is not Rang."""
_LONGEST_KEY = 40
_ALIKE = 80
_ALIKE_WHOLE = 88
_QUALIFIERS = frozenset(("actual", "plan", "baseline", "forecast"))
"""A heading that says one of these means less a field whose name does not."""
_UNITS = "eur euro euros chf usd gbp teur keur tchf kchf tusd kusd tsd mio mrd million millions thousand thousands"
_UNIT_WORDS = frozenset(_UNITS.split())
_EITHER = re.compile(r"\s*[/|]\s*|\s+(?:bzw\.?|oder|or)\s+", re.IGNORECASE)
_SHORTENED = re.compile(r"\b([^\W\d_]{4,})\.")
_BRACKETS = re.compile(r"[(\[{].*?[)\]}]")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field that a file may fill. ``labels``: names in German and English, the usual first; ``patterns``: regular
    expressions searched in the normal form of the heading (small letters, no umlauts); ``avoid``: such patterns that
    speak against it."""

    code: str
    kind: FieldKind
    labels: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """What a user confirmed before: headings (their normal form) to field codes; None: keep as extra attribute."""

    signature: str
    columns: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``field`` comes from ``column``. ``others`` are further columns of the same name, in the order in which they
    fill a row that ``column`` leaves empty. ``confidence`` is from 0 to 1."""

    column: int
    field: str
    confidence: float
    why: tuple[Note, ...]
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Score:
    value: float
    why: tuple[Note, ...]


def suggest(
    table: Table,
    fields: Sequence[FieldSpec],
    saved: SavedMapping | None = None,
    *,
    profiles: Sequence[ColumnProfile] | None = None,
) -> list[Suggestion]:
    """The best mapping as a whole: no column fills two fields, no field takes two columns. A column without a
    suggestion is the caller's to keep as an extra attribute."""
    profiles = profiles if profiles is not None else profile_columns(table)
    known = {spec.code for spec in fields}
    if saved is not None and saved.signature == table.signature:
        return _from_saved(table, saved, known)
    lights = {normal(column.base) for column in table.columns if profiles[column.index].share("light") > 0.8}
    labels = {_joined(label) for spec in fields for label in spec.labels}
    exact = {column.index for column in table.columns if _joined(_main(column.base, column.header)) in labels}
    scores = [
        [
            _score(spec, table, column, profiles[column.index], saved, len(lights) == 1, column.index in exact)
            for column in table.columns
        ]
        for spec in fields
    ]
    gains = [
        [max(0.0, cell.value - WORTH_ABOVE - 0.001 * order) if cell.value >= THRESHOLD else 0.0 for cell in row]
        for order, row in enumerate(scores)
    ]
    suggestions = []
    for spec, row, column in zip(fields, scores, assign(gains), strict=True):
        if column is not None:
            cell = row[column]
            others = _others(table, profiles, spec, column)
            suggestions.append(Suggestion(column, spec.code, round(min(1.0, cell.value), 3), cell.why, others))
    return sorted(suggestions, key=lambda item: item.column)


def profile_columns(table: Table) -> list[ColumnProfile]:
    """The profiles of a table's columns, evidence shared over the file."""
    return profile_table([(column.header, table.values(column.index)) for column in table.columns])


def saved_mapping(table: Table, chosen: Mapping[int, str | None]) -> SavedMapping:
    """What to keep of a user's decision for the next file: ``chosen`` maps column indexes to field codes."""
    return SavedMapping(table.signature, {normal(table.columns[i].name): code for i, code in chosen.items()})


def _from_saved(table: Table, saved: SavedMapping, known: set[str]) -> list[Suggestion]:
    why = (note("saved", _("as you decided for a file with the same headings")),)
    suggestions, used = [], set()
    for column in table.columns:
        code = saved.columns.get(normal(column.name))
        if code in known and code not in used:
            used.add(code)
            suggestions.append(Suggestion(column.index, str(code), 1.0, why, _same_name(table, column)))
    taken = {suggestion.column for suggestion in suggestions}
    return [
        Suggestion(s.column, s.field, s.confidence, s.why, tuple(i for i in s.others if i not in taken))
        for s in suggestions
    ]


def _same_name(table: Table, column: ColumnInfo) -> tuple[int, ...]:
    base = normal(column.base)
    return tuple(c.index for c in table.columns if c.index != column.index and normal(c.base) == base)


def _others(table: Table, profiles: Sequence[ColumnProfile], spec: FieldSpec, chosen: int) -> tuple[int, ...]:
    """Columns of the same name that hold the same kind of thing and do not contradict the chosen one."""
    others = []
    main = table.values(chosen)
    for index in _same_name(table, table.columns[chosen]):
        if not profiles[index].filled or _content(spec.kind, profiles[index]) < 0:
            continue
        both = [(a, b) for a, b in zip(main, table.values(index), strict=True) if not is_blank(a) and not is_blank(b)]
        same = sum(1 for a, b in both if a == b)
        if len(both) <= 0.2 * len(main) or same >= 0.8 * len(both):
            others.append(index)
    return tuple(sorted(others, key=lambda index: -table.columns[index].filled))


def _score(
    spec: FieldSpec,
    table: Table,
    column: ColumnInfo,
    profile: ColumnProfile,
    saved: SavedMapping | None,
    one_light: bool,
    exact: bool,
) -> _Score:
    by_name = _by_name(spec, column.base, column.header, letters=not exact)
    why: list[Note] = []
    if saved is not None and spec.code == saved.columns.get(normal(column.base)):
        by_name = max(by_name, 0.97)
        why.append(note("saved_heading", _("you mapped this heading before")))
    elif by_name >= 0.5:
        why.append(note("heading", _("the heading matches")))
    content = _content(spec.kind, profile)
    if spec.kind == "light" and content < 0 and _GRADED.search(normal(column.base)) and _could_be_grades(profile):
        content = 0.0  # lights given as 1, 2, 3: the heading says so, what the numbers mean is asked
    if content > 0.3:
        why.append(note("contents", _("the contents fit")))
    if profile.filled == 0:
        return _Score(0.5 * by_name, tuple(why))
    if content < 0:
        return _Score(by_name * max(0.0, 0.55 + 0.55 * content), tuple(why))
    if by_name < 0.3:
        if spec.kind == "light":
            alone = 0.5 if one_light and profile.share("light") > 0.8 else 0.0
        else:
            alone = _by_content_alone(spec, table, column, profile)
        return _Score(alone, (note("contents", _("the contents fit")),))
    fill = 0.02 * column.filled / max(1, len(table.rows))
    return _Score(0.8 * by_name + 0.18 * content + fill, tuple(why))


def _main(base: str, header: str) -> str:
    """The first line of a heading without brackets; ``#`` is read as number."""
    return _BRACKETS.sub(" ", header.split("\n", 1)[0]).replace("#", " Nr ").strip() or base


def _by_name(spec: FieldSpec, base: str, header: str, *, letters: bool) -> float:
    """How well a heading names the field: its first line without brackets counts most. ``letters``: slips of the pen are
    forgiven; not in a heading that is some field's very name."""
    main = _main(base, header)
    said = f"{normal(base)}\n{' '.join(words(base))}"
    if any(re.search(pattern, said, re.MULTILINE) for pattern in spec.avoid):
        return 0.0
    score = max((_likeness(label, main, letters) for label in spec.labels), default=0.0)
    score = max(score, 0.9 * max((_likeness(label, base, letters) for label in spec.labels), default=0.0))
    parts = _EITHER.split(main)
    if len(parts) > 1 and letters:
        score = max(
            score,
            0.95 * max(_likeness(label, part, letters) for label in spec.labels for part in parts if part)
            if spec.labels
            else 0.0,
        )
    if any(re.search(pattern, normal(" ".join(main.split("_")))) for pattern in spec.patterns):
        score = max(score, 0.93)
    elif any(re.search(pattern, normal(base)) for pattern in spec.patterns):
        score = max(score, 0.85)
    return score


@lru_cache(maxsize=65536)
def _likeness(label: str, heading: str, letters: bool) -> float:
    left, right = normal(label), normal(heading)
    if not left or not right:
        return 0.0
    if left == right or left.replace(" ", "") == right.replace(" ", ""):
        return 1.0
    full = _SHORTENED.sub(lambda match: _written_out(match[1], left), heading) if "." in heading else heading
    if full != heading:
        return 0.92 * _likeness(label, full, letters)
    by_words = _by_words(_meaningful(label), _meaningful(heading))
    by_letters = _by_letters(left, right) if letters and min(len(left), len(right)) >= SHORT_WORD else 0.0
    return max(by_words, by_letters)


def _by_words(label: frozenset[str], heading: frozenset[str]) -> float:
    if not label or not heading:
        return 0.0
    if label == heading:
        return 0.96
    extra = heading - label
    if "variance" in extra:
        return 0.0  # how far the end has moved is no end
    common = len(label & heading)
    covered, share = common / len(label), common / len(heading)
    found = covered * (0.55 + 0.4 * share) if covered == 1 else 0.75 * covered * share
    if (label - heading) & _QUALIFIERS:
        found *= 0.5  # a mere end is no planned one
    return found * (0.85 if extra & _QUALIFIERS else 1.0)


def _by_letters(label: str, heading: str) -> float:
    """Slips of the pen, word by word: words begin alike (*Restkosten* are no *Istkosten*), short ones are the same."""
    one, two = label.split(), heading.split()
    if len(one) != len(two):
        one, two = ["".join(one)], ["".join(two)]
        least = _ALIKE_WHOLE
    else:
        least = _ALIKE
    for a, b in zip(one, two, strict=True):
        if a != b and (a[0] != b[0] or min(len(a), len(b)) < SHORT_WORD - 1 or fuzz.ratio(a, b) < least):
            return 0.0
    ratio = fuzz.ratio(label, heading) / 100
    return ratio * 0.92 if ratio >= _ALIKE / 100 else 0.0


def _written_out(short: str, label: str) -> str:
    """The word of the label that ``short`` abbreviates (*Verantw.*), else itself."""
    start = normal(short)
    return next((word for word in label.split() if word != start and word.startswith(start)), f"{short}.")


def _joined(text: str) -> str:
    return normal(text).replace(" ", "")


def _meaningful(text: str) -> frozenset[str]:
    found = frozenset(word for word in concepts(text) if not (word.isdigit() and len(word) != 1))
    for weak in (_UNIT_WORDS, {"project"}):
        found = found - weak or found
    return found


def _content(kind: FieldKind, profile: ColumnProfile) -> float:
    """From -1 (the contents forbid it) over 0 (they say nothing) to 1 (they speak for it)."""
    if not profile.shares:
        return 0.0
    numeric = profile.share("number", "money", "percent")
    if kind == "date":
        return _leaning(profile.share("date") + 0.5 * _could_be_serial(profile))
    if kind == "money":
        return _leaning(profile.share("money", "number")) * (1.0 if profile.share("money") > 0.5 else 0.8)
    if kind == "number":
        return _leaning(numeric)
    if kind == "percent":
        return _leaning(profile.share("percent") + 0.7 * profile.share("number"))
    if kind == "light":
        return _leaning(profile.share("light"))
    if kind == "boolean":
        return _leaning(profile.share("boolean") + 0.5 * _could_be_flag(profile))
    return _content_of_text(kind, profile, numeric)


def _content_of_text(kind: FieldKind, profile: ColumnProfile, numeric: float) -> float:
    typed = profile.share("date", "light", "boolean") + profile.share("money", "percent")
    if kind == "key":
        unique = profile.distinct_share
        return (
            -1.0
            if unique < 0.9 or profile.share("long", "date") > 0.3 or profile.average_length > _LONGEST_KEY
            else unique * max(0.3, profile.key_share)
        )
    if typed > 0.6 or (numeric > 0.9 and kind != "category"):
        return -0.8
    if kind == "name":
        fits = profile.share("text", "long") * profile.distinct_share
        return -0.4 if profile.average_length > 160 or profile.distinct_share < 0.5 else fits
    if kind == "prose":
        return min(1.0, profile.share("long") * 1.2) if profile.average_length > 30 else 0.0
    if kind == "person":
        if profile.average_length >= 60:
            return -0.5
        return profile.person_share if profile.distinct > 1 else 0.3 * profile.person_share  # one person has them all
    if kind == "category" and numeric > 0.9:
        return 0.0
    if kind == "category":
        few = profile.distinct_share < 0.5 or profile.distinct <= 12
        return 0.6 if few and profile.average_length < 60 else -0.3
    return 0.3 if profile.average_length < 120 else 0.0


def _leaning(share: float) -> float:
    return share if share >= 0.5 else share - 0.9 if share < 0.1 else share - 0.5


def _could_be_serial(profile: ColumnProfile) -> float:
    """Day numbers of a spreadsheet and years have four or five digits; years stand among other dates as well."""
    among = 0 < profile.share("number") <= profile.share("date")
    return profile.share("number") if among or 4 <= profile.average_length <= 5.2 else 0.0


def _could_be_grades(profile: ColumnProfile) -> bool:
    return profile.share("number") > 0.9 and profile.distinct <= 5 and profile.average_length <= 2


def _could_be_flag(profile: ColumnProfile) -> float:
    return profile.share("number", "text", "light") if profile.distinct <= 3 and profile.average_length <= 2 else 0.0


def _by_content_alone(spec: FieldSpec, table: Table, column: ColumnInfo, profile: ColumnProfile) -> float:
    """Only what contents alone can tell: a unique patterned key, a column of names."""
    if not spec.required and spec.kind != "key":
        return 0.0
    complete = column.filled >= 0.98 * len(table.rows) and len(table.rows) >= 3
    other = {CONCEPTS[word] for word in words(column.base) if word in CONCEPTS} - {"key", "name", "project"}
    if spec.kind == "key" and complete and not other and profile.distinct_share == 1.0 and profile.key_share > 0.8:
        return 0.5 if column.index <= 2 and profile.share("date", "money") == 0 else 0.0
    if profile.key_share > 0.8:
        return 0.0  # numbers name nothing
    if spec.kind == "name" and complete and profile.distinct_share > 0.9 and profile.share("text", "long") > 0.8:
        return 0.5 - 0.01 * column.index if 4 <= profile.average_length <= 120 else 0.0
    return 0.0
