"""Which terms a text names: exactly, in another grammatical form, or with a typing error. No meaning is guessed.

Labels are compared word by word. Abbreviations and names that are words too (``LeSS``, ``SAFe``, ``EVA``) count only as they are written; other
labels in any case and with German and English endings; long ones also with a slip of the keyboard. Written together, apart or with a hyphen is
the same (``Changemanagement``, ``Roll-out``), and a long German compound means what its end means (``Teilprojektleitung``: ``Projektleitung``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from stellwerk.core.text import normalise
from stellwerk.staffing.vocabulary import Term, vocabulary

LONGEST_TEXT: Final = 500_000
FUZZY_FROM: Final = 9
"""Shorter labels are too easily mistaken for other words."""
LIKENESS: Final = 91
STEM_FROM: Final = 6
"""A single word is found in another form only if as many letters are left: "planner" is not "planen"."""
TOGETHER_FROM: Final = 7
COMPOUND_END: Final = 9
"""So many letters has the end of a compound that is a term by itself; what stands before it has at least three."""
_WORD: Final = re.compile(r"[^\W_]+(?:[+#]+|(?:[./&@_'’-][^\W_]+)*)", re.UNICODE)
_DOUBLED: Final = re.compile(r"([b-df-hj-np-tv-z])\1ing$")
_OF_DOUBLED: Final = ("ing", "ings", "er", "ers", "ed", "erin", "erinnen")
"""English doubles a consonant before these endings only: "programming" is "programmer", and not the German "Programmen"."""
_ENDINGS: Final = ("innen", "ungen", "ern", "ens", "ing", "ung", "en", "er", "es", "em", "in", "s", "e", "n")


class Way(StrEnum):
    """How a label was found."""

    EXACT = "exact"
    FORM = "form"
    FUZZY = "fuzzy"


@dataclass(frozen=True)
class Found:
    """A term at a place of the text (characters ``start`` to ``end``)."""

    code: str
    start: int
    end: int
    text: str
    way: Way


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    text: str


class Recogniser:
    """The labels of some terms, ready to be found in any number of texts.

    ``exact``: only as they are written or in another grammatical form; no typing errors, no ends of compounds, nothing written together. So a
    hundred thousand labels of a classification find little that they do not mean.
    """

    def __init__(self, terms: Iterable[Term], *, exact: bool = False) -> None:
        self._exact = exact
        self._strict: dict[tuple[str, ...], str] = {}
        self._folded: dict[tuple[str, ...], str] = {}
        self._stems: dict[tuple[str, ...], str] = {}
        self._doubled: dict[str, str] = {}
        self._together: dict[str, str] = {}
        self._long: dict[str, str] = {}
        self._long_stems: dict[str, str] = {}
        for term in terms:
            for label in sorted(term.labels()):
                self._add(label, term.code)
        lengths: dict[str, int] = defaultdict(int)
        for keys in (self._strict, self._folded, self._stems):
            for key in keys:
                lengths[key[0]] = max(lengths[key[0]], len(key))
        self._longest = max(lengths.values(), default=1)
        self._long_labels = list(self._long)

    def _add(self, label: str, code: str) -> None:
        words = tuple(token.text for token in _tokens(label))
        if not words:
            return
        if is_name(label):
            self._strict.setdefault(words, code)
            return
        folded = tuple(map(fold, words))
        self._folded.setdefault(folded, code)
        together = "".join(folded)
        if len(together) >= TOGETHER_FROM:
            self._together.setdefault(together, code)
        stems = tuple(map(stem, folded))
        if len(stems) == 1 and _DOUBLED.search(folded[0]):
            self._doubled.setdefault(stems[0], code)
        elif len(stems) > 1 or len(stems[0]) >= STEM_FROM:
            self._stems.setdefault(stems, code)
        if len(folded) == 1 and len(folded[0]) >= FUZZY_FROM:
            self._long.setdefault(folded[0], code)
            if len(stems[0]) >= COMPOUND_END:
                self._long_stems.setdefault(stems[0], code)

    def find(self, text: str) -> list[Found]:
        """All terms in the order of the text; longer labels before shorter ones, none inside another."""
        tokens = _tokens(text[:LONGEST_TEXT])
        found: list[Found] = []
        at = 0
        while at < len(tokens):
            hit = self._at(tokens, at, text)
            if hit is None:
                at += 1
                continue
            one, length = hit
            found.append(one)
            at += length
        return found

    def _at(self, tokens: list[_Token], at: int, text: str) -> tuple[Found, int] | None:
        for length in range(min(self._longest, len(tokens) - at), 0, -1):
            part = tokens[at : at + length]
            words = tuple(token.text for token in part)
            hit = self._match(words)
            if hit is not None:
                code, way = hit
                return Found(code, part[0].start, part[-1].end, text[part[0].start : part[-1].end], way), length
        return None

    def _match(self, words: tuple[str, ...]) -> tuple[str, Way] | None:
        if words in self._strict:
            return self._strict[words], Way.EXACT
        folded = tuple(map(fold, words))
        if folded in self._folded:
            return self._folded[folded], Way.EXACT
        stems = tuple(map(stem, folded))
        if stems in self._stems:
            return self._stems[stems], Way.FORM
        if len(stems) == 1 and stems[0] in self._doubled and folded[0].endswith(_OF_DOUBLED):
            return self._doubled[stems[0]], Way.FORM
        if self._exact:
            return None
        if len(folded) <= 3 and (code := self._together.get("".join(folded))) is not None:
            return code, Way.FORM
        if len(folded) == 1 and (code := self._compound(folded[0])) is not None:
            return code, Way.FORM
        if len(folded) == 1 and len(folded[0]) >= FUZZY_FROM:
            near = process.extractOne(folded[0], self._long_labels, scorer=fuzz.ratio, score_cutoff=LIKENESS)
            if near is not None:
                return self._long[near[0]], Way.FUZZY
        return None

    def _compound(self, word: str) -> str | None:
        """The term that a compound ends with, the longest one first."""
        for at in range(3, len(word) - COMPOUND_END + 1):
            if (code := self._long.get(word[at:])) is not None or (
                code := self._long_stems.get(stem(word[at:]))
            ) is not None:
                return code
        return None


def _tokens(text: str) -> list[_Token]:
    """Words with their places. A hyphen joins words and parts them: ``Projekt-Controlling`` is read as ``ProjektControlling``'s two words."""
    found: list[_Token] = []
    for match in _WORD.finditer(text):
        start = match.start()
        for part in re.finditer(r"[^-’'/&]+", match.group()):
            word = part.group().rstrip("._")
            if word:
                found.append(_Token(start + part.start(), start + part.start() + len(word), word))
    return found


def is_name(label: str) -> bool:
    """Is it written in a way of its own (ITIL, SAFe, iTWO), so that another writing means something else?"""
    words = label.split()
    return len(words) == 1 and len(label) <= 6 and (label.isupper() or any(letter.isupper() for letter in label[1:]))


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """As names are compared everywhere (``core.text.normalise``), kept for words that come again."""
    return normalise(word)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A folded word without its endings (at most two), never shorter than four letters: cautious, for German and English alike."""
    for _round in range(2):
        ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= 4), "")
        if not ending:
            return word
        word = word[: -len(ending)]
    return word


@lru_cache(maxsize=1)
def recogniser() -> Recogniser:
    """That of our own vocabulary."""
    return Recogniser(vocabulary().values())


def terms_in(text: str) -> Mapping[str, list[Found]]:
    """The terms of our vocabulary in a text, each with its places, in the order of their first one."""
    found: dict[str, list[Found]] = {}
    for one in recogniser().find(text):
        found.setdefault(one.code, []).append(one)
    return found
