"""Recognising records: by key, else by name, near-linear in the number of records."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Literal, TypeVar

from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from stellwerk.core.tabular.notes import Note, note
from stellwerk.core.tabular.words import STOP, normal

Ref = TypeVar("Ref")
Outcome = Literal["match", "unsure", "new"]
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_UMLAUT = re.compile(r"([aou])e(?!\b)")
"""ä, ö, ü written out or left out: both are common, so for likeness both become the bare vowel."""
_DIGITS = re.compile(r"\d+")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
_WEAK = STOP | {"project", "projekt", "programme", "program", "programm", "vorhaben"}
MOST_IN_BLOCK = 60
MOST_CANDIDATES = 5
BLOCKS_PER_NAME = 4


@dataclass(frozen=True, slots=True)
class Known(Generic[Ref]):
    """A record that exists: ``ref`` is the caller's handle."""

    ref: Ref
    name: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record in the file; ``row`` is the caller's number for it."""

    row: int
    name: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Ref]):
    """A record that may be meant; ``score`` is from 0 to 100."""

    ref: Ref
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Recognised(Generic[Ref]):
    """``match``: ``ref`` is the one. ``unsure``: ask, ``candidates`` best first. ``new``: none is meant."""

    row: int
    outcome: Outcome
    ref: Ref | None
    candidates: tuple[Candidate[Ref], ...]
    why: Note


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Rows of one file that name the same thing. ``by``: ``key`` (same key) or ``name`` (same name, no two keys)."""

    by: Literal["key", "name"]
    value: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Names that are at least ``unsure`` alike (0 to 100) are asked about; ``exact_only`` never asks."""

    unsure: float = 84.0
    exact_only: bool = False


@dataclass(frozen=True, slots=True)
class Recognition(Generic[Ref]):
    """All answers in the order of the file, and its duplicates."""

    records: tuple[Recognised[Ref], ...]
    duplicates: tuple[Duplicate, ...]


def normal_key(key: str) -> str:
    """Keys are the same whatever the case and the white space."""
    return "".join(key.split()).casefold()


@lru_cache(maxsize=262144)
def normal_name(name: str) -> str:
    """Names are the same whatever case, accents, punctuation and white space."""
    return normal(name)


def recognise(incoming: Sequence[Incoming], known: Sequence[Known[Ref]], band: Band = Band()) -> Recognition[Ref]:  # noqa: B008
    """Find for every incoming record the known one that it means. No known record is matched twice by name."""
    by_key = _index((normal_key(k.key), i) for i, k in enumerate(known) if k.key)
    by_name = _index((normal_name(k.name), i) for i, k in enumerate(known))
    results: dict[int, Recognised[Ref]] = {}
    claimed: set[int] = set()
    for position, record in enumerate(incoming):
        hits = by_key.get(normal_key(record.key), ()) if record.key else ()
        if len(hits) == 1:
            claimed.add(hits[0])
            results[position] = _matched(record, known[hits[0]], note("by_key", _("the same key")))
    open_positions = [position for position in range(len(incoming)) if position not in results]
    names_in_file = _index((normal_name(incoming[p].name), p) for p in open_positions)
    fuzzy: list[int] = []
    for position in open_positions:
        record = incoming[position]
        name = normal_name(record.name)
        free = [i for i in by_name.get(name, ()) if i not in claimed] if name else []
        if not free:
            fuzzy.append(position)
        elif len(free) == 1 and len(names_in_file[name]) == 1 and not _keys_differ(record, known[free[0]]):
            claimed.add(free[0])
            results[position] = _matched(record, known[free[0]], note("by_name", _("the same name")))
        else:
            why = note("several", _("several records have this name, or their keys differ"))
            results[position] = _unsure(record, [(known[i], 100.0) for i in free], why)
    _match_fuzzily(incoming, known, fuzzy, claimed, band, results)
    return Recognition(tuple(results[position] for position in range(len(incoming))), duplicates_in(incoming))


def duplicates_in(incoming: Sequence[Incoming]) -> tuple[Duplicate, ...]:
    """Rows with one key, and rows with one name that two different keys do not tell apart."""
    found = []
    for rows in _index((normal_key(r.key), i) for i, r in enumerate(incoming) if r.key).values():
        if len(rows) > 1:
            found.append(Duplicate("key", incoming[rows[0]].key, tuple(incoming[i].row for i in rows)))
    for rows in _index((normal_name(r.name), i) for i, r in enumerate(incoming) if r.name.strip()).values():
        keys = [normal_key(incoming[i].key) for i in rows if incoming[i].key]
        if len(rows) > 1 and (len(keys) < len(rows)):
            found.append(Duplicate("name", incoming[rows[0]].name, tuple(incoming[i].row for i in rows)))
    return tuple(sorted(found, key=lambda duplicate: duplicate.rows))


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for key, position in pairs:
        index[key].append(position)
    return dict(index)


def _keys_differ(record: Incoming, known: Known[Ref]) -> bool:
    return bool(record.key and known.key) and normal_key(record.key) != normal_key(known.key)


def _matched(record: Incoming, known: Known[Ref], why: Note) -> Recognised[Ref]:
    return Recognised(record.row, "match", known.ref, (), why)


def _unsure(record: Incoming, scored: Iterable[tuple[Known[Ref], float]], why: Note) -> Recognised[Ref]:
    best = sorted(scored, key=lambda item: -item[1])[:MOST_CANDIDATES]
    candidates = tuple(Candidate(known.ref, known.name, round(score, 1)) for known, score in best)
    return Recognised(record.row, "unsure", None, candidates, why)


# --- alike, not equal --------------------------------------------------------------------------------------------


def _match_fuzzily(
    incoming: Sequence[Incoming],
    known: Sequence[Known[Ref]],
    positions: Sequence[int],
    claimed: set[int],
    band: Band,
    results: dict[int, Recognised[Ref]],
) -> None:
    free = [i for i in range(len(known)) if i not in claimed]
    blocks = {} if band.exact_only or not positions else _blocks((i, known[i].name) for i in free)
    telling = {i: _core(known[i].name)[1] for i in free} if blocks else {}
    for position in positions:
        record = incoming[position]
        near = _near(record.name, _in_blocks(record.name, blocks), telling, band.unsure) if blocks else []
        alike = [(known[i], likeness(record.name, known[i].name)) for i in near if not _keys_differ(record, known[i])]
        scored = [(one, score) for one, score in alike if score >= band.unsure]
        if scored:
            results[position] = _unsure(record, scored, note("alike", _("the names are alike but not the same")))
        else:
            results[position] = Recognised(record.row, "new", None, (), note("unknown", _("no such record yet")))


@lru_cache(maxsize=262144)
def _signs(name: str) -> tuple[str, ...]:
    """Words, and for longer ones their beginning and end, so that one typing error leaves a common sign."""
    signs: list[str] = []
    for word in normal_name(name).split():
        if word in _WEAK:
            continue
        signs.append(word)
        if len(word) >= 6:
            signs.append(f"{word[:4]}_")
            signs.append(f"_{word[-4:]}")
    return tuple(dict.fromkeys(signs))


def _blocks(names: Iterable[tuple[int, str]]) -> Mapping[str, list[int]]:
    blocks: dict[str, list[int]] = defaultdict(list)
    for position, name in names:
        for sign in _signs(name):
            blocks[sign].append(position)
    return blocks


def _near(name: str, candidates: set[int], telling: Mapping[int, str], cutoff: float) -> list[int]:
    """The most similar candidates, by a quick measure that is never much below the real one."""
    if not candidates:
        return []
    found = process.extract(
        _core(name)[1],
        {i: telling[i] for i in candidates},
        scorer=fuzz.token_set_ratio,
        processor=None,
        score_cutoff=max(0.0, cutoff - 4.0),
        limit=4 * MOST_CANDIDATES,
    )
    return [position for _text, _score, position in found]


def _in_blocks(name: str, blocks: Mapping[str, list[int]]) -> set[int]:
    """Candidates that share one of the rarest signs; common signs would make this quadratic."""
    signs = sorted((sign for sign in _signs(name) if sign in blocks), key=lambda sign: len(blocks[sign]))
    found: set[int] = set()
    for sign in signs[:BLOCKS_PER_NAME]:
        if len(blocks[sign]) > MOST_IN_BLOCK or len(found) > 2 * MOST_IN_BLOCK:
            break
        found.update(blocks[sign])
    return found


@lru_cache(maxsize=262144)
def _core(name: str) -> tuple[str, str, str]:
    """The normal name without brackets, its telling words, and what numbers it: digits, I to VIII, single letters."""
    plain = _UMLAUT.sub(r"\1", normal(_BRACKETS.sub(" ", name)) or normal(name))
    words = plain.split()
    numbered = _DIGITS.sub(r" \g<0> ", plain).split()
    numbers = "".join(_ROMAN.get(word, word) for word in numbered if word.isdigit() or word in _ROMAN or len(word) == 1)
    telling = " ".join(word for word in words if word not in _WEAK) or plain
    return plain, telling, numbers


def likeness(left: str, right: str) -> float:
    """How alike two names are, from 0 to 100. Brackets and words such as "project" weigh little; different numbers
    (Phase 1, Phase 2) tell records apart."""
    plain_left, telling_left, numbers_left = _core(left)
    plain_right, telling_right, numbers_right = _core(right)
    if telling_left == telling_right:
        return 97.0
    score = max(fuzz.token_sort_ratio(telling_left, telling_right), fuzz.ratio(plain_left, plain_right))
    shorter = min(len(telling_left.split()), len(telling_right.split()))
    if shorter >= 2:
        score = max(score, 0.92 * fuzz.token_set_ratio(telling_left, telling_right))
    if numbers_left != numbers_right:
        score -= 25.0 if numbers_left and numbers_right else 8.0
    return max(0.0, score)
