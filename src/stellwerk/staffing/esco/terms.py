"""Which terms of our own vocabulary ESCO has too (by equal labels, never by meaning), and by which of its labels a text names a skill of ESCO."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from stellwerk.core.text import normalise
from stellwerk.staffing.recognise import STEM_FROM, is_name
from stellwerk.staffing.vocabulary import vocabulary

SHORTEST = 5
"""A shorter label (EVA, LeSS) is too often something else."""


_APART = re.compile(r"\s*\([^()]{1,60}\)$")


def labels_to_find(preferred: Iterable[str], others: Iterable[str]) -> list[str]:
    """Labels by which a concept is found in running text: each of them, and the preferred ones without what ESCO adds to tell them apart,
    as in "Java (computer programming)". A single short word counts only where it is a name (``SQL``): ``art`` and ``law`` stand everywhere.
    """
    told = [label for name in preferred if name for label in (name, _APART.sub("", name))]
    labels = dict.fromkeys(label.strip() for label in (*told, *others) if label.strip())
    return [label for label in labels if len(label.split()) > 1 or len(label) >= STEM_FROM or is_name(label)]


def terms_of_labels(concepts: Mapping[int, tuple[Sequence[str], Sequence[str]]]) -> dict[int, str]:
    """Concept → code of our term. ``concepts``: number → (preferred labels, all labels); equal names count before equal synonyms, and
    two synonyms that are equal link nothing: there the words are too far from both.

    Each term goes to one concept and each concept to one term; where a label alone cannot tell between several, none is linked by it.
    """
    found: dict[int, str] = {}
    taken: set[str] = set()
    names = {code: set(map(normalise, term.names.values())) for code, term in vocabulary().items()}
    labels = {code: set(map(normalise, term.labels())) for code, term in vocabulary().items()}
    preferred = _index({number: words for number, (words, _all) in concepts.items()})
    every = _index({number: words for number, (_preferred, words) in concepts.items()})
    for ours, theirs in ((names, preferred), (names, every), (labels, preferred)):
        for code, words in ours.items():
            if code in taken:
                continue
            hits = {number for word in words if len(word) >= SHORTEST for number in theirs.get(word, ())} - set(found)
            if len(hits) == 1:
                found[hits.pop()] = code
                taken.add(code)
    return found


def _index(words: Mapping[int, Sequence[str]]) -> dict[str, set[int]]:
    index: dict[str, set[int]] = {}
    for number, labels in words.items():
        for label in labels:
            index.setdefault(normalise(label), set()).add(number)
    return index
