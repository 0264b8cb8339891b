"""From a short text to the concepts it may mean (ESCO's or our own): exactly, in another form, by letters, then by meaning.

Each answer says how it was found and how sure that is, in three steps and never as a percentage. The steps were calibrated on German job
titles (``docs/algorithms/skills.md``); with letters alone they are the likeness of the writing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stellwerk.staffing.letters import Letters
from stellwerk.staffing.meaning import Store, Tell
from stellwerk.staffing.recognise import fold, stem

LETTERS_SHARE: Final = 0.05
"""Beside meaning, letters decide between nearly equal labels only: their likeness counts to the power of three."""
LIKELY_LETTERS, PERHAPS_LETTERS = 0.80, 0.60
LIKELY_MEANING, PERHAPS_MEANING = 6.5, 5.0
"""How many spreads the best label lies above the middle of all labels."""
Floats = NDArray[np.float32]


class Way(StrEnum):
    EXACT = "exact"
    FORM = "form"
    LETTERS = "letters"
    MEANING = "meaning"


class Sure(StrEnum):
    """How sure a link is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    PERHAPS = "perhaps"


@dataclass(frozen=True)
class Link:
    """A concept that a text may mean, by which of its labels."""

    concept: str
    label: str
    way: Way
    sure: Sure


class Linker:
    """The labels of some concepts, ready for any number of texts. ``store`` None: without meaning."""

    def __init__(
        self,
        concepts: Mapping[str, Sequence[str]],
        store: Store | None = None,
        tell: Tell = lambda done, total: None,
    ) -> None:
        self._owner: list[str] = []
        self.labels: list[str] = []
        self._exact: dict[str, int] = {}
        self._forms: dict[tuple[str, ...], int] = {}
        for concept, labels in concepts.items():
            for label in dict.fromkeys(label for label in labels if fold(label)):
                at = len(self.labels)
                self._owner.append(concept)
                self.labels.append(label)
                self._exact.setdefault(fold(label), at)
                self._forms.setdefault(_form(label), at)
        self._letters = Letters(self.labels)
        self._store = store
        self._vectors = store.vectors(self.labels, tell=tell) if store is not None and self.labels else None

    def scores(self, texts: Sequence[str]) -> Floats:
        """Texts × labels: how well each label answers, comparable within one text only."""
        letters = np.array([self._letters.likeness(text) for text in texts], dtype=np.float32)
        letters = letters.reshape(len(texts), len(self.labels))
        if self._store is None or self._vectors is None or not texts:
            return letters
        meaning = self._store.vectors(texts, keep=False) @ self._vectors.T
        blended: Floats = meaning + LETTERS_SHARE * letters**3
        return blended

    def link(self, text: str, most: int = 5) -> list[Link]:
        """The concepts that a text may mean, best first, each once; none where nothing is like it."""
        if not self.labels or not fold(text):
            return []
        found: list[Link] = []
        for way, at in ((Way.EXACT, self._exact.get(fold(text))), (Way.FORM, self._forms.get(_form(text)))):
            if at is not None and all(link.concept != self._owner[at] for link in found):
                sure = Sure.CERTAIN if way is Way.EXACT else Sure.LIKELY
                found.append(Link(self._owner[at], self.labels[at], way, sure))
        row = self.scores([text])[0]
        way = Way.LETTERS if self._vectors is None else Way.MEANING
        for number in np.argsort(-row, kind="stable")[: most * 8]:
            at = int(number)
            sure_or_not = self._sure(row, at)
            if len(found) >= most or sure_or_not is None:
                break
            if all(link.concept != self._owner[at] for link in found):
                found.append(Link(self._owner[at], self.labels[at], way, sure_or_not))
        return found[:most]

    def _sure(self, row: Floats, at: int) -> Sure | None:
        if self._vectors is None:
            value, likely, perhaps = float(row[at]), LIKELY_LETTERS, PERHAPS_LETTERS
        else:
            spread = float(row.std())
            value, likely, perhaps = (float(row[at] - row.mean()) / spread if spread else 0.0), LIKELY_MEANING, PERHAPS_MEANING  # fmt: skip
            if len(row) < FEW:
                likely, perhaps = likely / 2, perhaps / 2  # among few labels nothing lies many spreads away
        return Sure.LIKELY if value >= likely else Sure.PERHAPS if value >= perhaps else None


FEW: Final = 100


def _form(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in fold(text).split())
