"""Likeness of short texts by their letters: TF-IDF over character sequences of two to five within words, cosine. No package but numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stellwerk.staffing.recognise import fold

SHORTEST, LONGEST = 2, 5
LONGEST_TEXT = 2000
Floats = NDArray[np.float32]


def sequences(text: str) -> Counter[str]:
    """Sequences of letters with how often they occur; a word's ends count as letters."""
    found: Counter[str] = Counter()
    for word in fold(text[:LONGEST_TEXT]).split():
        padded = f" {word} "
        for length in range(SHORTEST, LONGEST + 1):
            found.update(padded[at : at + length] for at in range(len(padded) - length + 1))
    return found


class Letters:
    """Labels ready to be compared with any text."""

    def __init__(self, labels: Sequence[str]) -> None:
        bags = [sequences(label) for label in labels]
        frequency: Counter[str] = Counter()
        for bag in bags:
            frequency.update(bag.keys())
        self.size = len(labels)
        self._number = {part: number for number, part in enumerate(frequency)}
        counts = np.fromiter(frequency.values(), dtype=np.float32, count=len(frequency))
        self._rarity = (np.log((1 + self.size) / (1 + counts)) + 1).astype(np.float32)
        rows, parts, values = [], [], []
        for row, bag in enumerate(bags):
            numbers, weights = self._weighed(bag)
            rows.append(np.full(len(numbers), row, dtype=np.int32))
            parts.append(numbers)
            values.append(weights)
        every = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        order = np.argsort(every, kind="stable")
        self._rows = np.concatenate(rows)[order] if rows else np.zeros(0, dtype=np.int32)
        self._values = np.concatenate(values)[order] if values else np.zeros(0, dtype=np.float32)
        self._begins = np.searchsorted(every[order], np.arange(len(frequency) + 1))

    def _weighed(self, bag: Counter[str]) -> tuple[NDArray[np.int64], Floats]:
        known = [(self._number[part], count) for part, count in bag.items() if part in self._number]
        numbers = np.array([number for number, _count in known], dtype=np.int64)
        weights = (1 + np.log([count for _number, count in known], dtype=np.float32)) * self._rarity[numbers]
        length = np.linalg.norm(weights)
        return numbers, (weights / length if length else weights).astype(np.float32)

    def likeness(self, text: str) -> Floats:
        """Of each label, 0 to 1."""
        found = np.zeros(self.size, dtype=np.float32)
        for number, weight in zip(*self._weighed(sequences(text)), strict=True):
            begin, end = self._begins[number], self._begins[number + 1]
            found[self._rows[begin:end]] += weight * self._values[begin:end]
        return found
