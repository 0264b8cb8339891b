"""Our own words for what people in project offices can do, in German and English (``vocabulary.tsv``).

ESCO is thin there: it has no Projektcontrolling, no Scrum, no IPMA. Each term has a code that never changes, its name and synonyms in both
languages, and neighbours: terms that count a part of it, with their credit (0 to 1, both ways).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Final

KINDS: Final = ("discipline", "method", "tool", "certificate", "soft", "language", "industry")
LANGUAGES: Final = ("de", "en")


@dataclass(frozen=True)
class Term:
    """One term. ``names`` and ``synonyms`` by language; ``near`` by code."""

    code: str
    kind: str
    names: Mapping[str, str]
    synonyms: Mapping[str, tuple[str, ...]]
    near: Mapping[str, Fraction] = field(default_factory=dict)

    def labels(self) -> set[str]:
        """Every way of writing it, in both languages."""
        return {*self.names.values(), *(label for labels in self.synonyms.values() for label in labels)}


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, Term]:
    """All terms by code, read once."""
    text = resources.files("stellwerk.staffing").joinpath("vocabulary.tsv").read_text(encoding="utf-8")
    _head, *rows = text.splitlines()
    return {term.code: term for term in map(_term, rows)}


def _term(row: str) -> Term:
    code, kind, german, english, more_german, more_english, near = row.split("\t")
    return Term(
        code,
        kind,
        {"de": german, "en": english},
        {"de": _parts(more_german), "en": _parts(more_english)},
        {name: Fraction(credit) for name, credit in (part.split(":") for part in _parts(near))},
    )


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


@lru_cache(maxsize=1)
def neighbours() -> Mapping[tuple[str, str], Fraction]:
    """Credit by pair of codes (in order of the alphabet); where both name each other, the higher one."""
    found: dict[tuple[str, str], Fraction] = {}
    for term in vocabulary().values():
        for other, credit in term.near.items():
            pair = (min(term.code, other), max(term.code, other))
            found[pair] = max(credit, found.get(pair, Fraction(0)))
    return found
