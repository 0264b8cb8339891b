"""The lines of a PDF page as a reader sees them: rows from left to right, a side column apart from the main one.

A column is read apart only where both sides have headings of their own (or one holds the ways of contact); dates or labels that stand in a
column of their own belong to the row beside them. Between what stands far apart in a row there is a tab, between blocks an empty line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Final

PARTED: Final = "\f"
"""A line that says: what follows stands elsewhere on the page and continues nothing."""
STEPS: Final = 100
"""So many places across the page are tried for the gap between two columns."""
LEAST_SHARE: Final = 0.35
"""Of the written height a column's gap must be free over so much."""
LEAST_LINES: Final = 8
IN_ROWS: Final = 0.6
"""Labels lie on the rows that they belong to; of so many lines of a column less lie on rows of the other where both run for themselves."""
MOST_LABELS: Final = 0.6
"""Labels are fewer than the rows that they stand beside."""
EXACTLY: Final = 0.08
NEARLY: Final = 0.25
"""Of the size of letters: so near lie two that share a row."""
MOST_CHARACTERS: Final = 60_000
"""Of one page: nobody writes more on a sheet of paper."""


@dataclass(frozen=True)
class Piece:
    """Letters that stand together: left, right, bottom, top, their size and what they say."""

    left: float
    right: float
    bottom: float
    top: float
    size: float
    text: str

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


@dataclass(frozen=True)
class Page:
    """Lines of the whole width above and of the main column, those of the side column, and the largest writing."""

    main: list[str]
    side: list[str]
    largest: str


Is = Callable[[str], bool]


def read_page(text_page: Any, is_heading: Is, is_contact: Is, is_main: Is) -> Page:
    pieces = _pieces(text_page)
    if not pieces:
        return Page([], [], "")
    split = _split(pieces, is_heading, is_contact)
    if split is None:
        return Page(_lines(pieces), [], _largest(pieces))
    outside, left, right = split
    lines = {id(part): _lines(part) for part in (left, right)}
    main, side = (left, right) if _weight(left, is_main) > _weight(right, is_main) else (right, left)
    top = max(one.top for one in (*left, *right))
    above = [one for one in outside if one.middle >= top]
    below = [one for one in outside if one.middle < top]
    return Page([*_lines(above), "", *lines[id(main)], "", *_lines(below)], lines[id(side)], _largest(pieces))


def _weight(pieces: Sequence[Piece], is_main: Is) -> tuple[int, float]:
    """How much a column looks like the main one: headings of work and education, then its width."""
    width = max(one.right for one in pieces) - min(one.left for one in pieces)
    return sum(is_main(one.text) for one in pieces), width


def _pieces(text_page: Any) -> list[Piece]:
    from pypdfium2 import raw  # loads a library: only where a PDF is read

    found: list[Piece] = []
    letters: list[str] = []
    box = [0.0, 0.0, 0.0, 0.0]
    size, spaced = 0.0, False

    def close() -> None:
        if letters:
            found.append(Piece(box[0], box[2], box[1], box[3], size, "".join(letters)))
            letters.clear()

    for at in range(min(text_page.count_chars(), MOST_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(text_page, at)
        if code in (10, 13):
            close()
            continue
        if code in (2, 0xFFFE):  # a hyphen that the end of a line made
            letters.append("\ufffe")
            continue
        if code <= 32 or code == 160:
            spaced = True
            continue
        left, bottom, right, top = text_page.get_charbox(at, loose=True)
        height = max(top - bottom, 1.0)
        gap = left - box[2]
        level = abs((bottom + top) / 2 - (box[1] + box[3]) / 2) < 0.6 * max(height, size)
        if letters and (not level or gap > 1.3 * max(size, height) or gap < -1.5 * height):
            close()
        if letters:
            if spaced or gap > 0.28 * height:
                letters.append(" ")
            box = [min(box[0], left), min(box[1], bottom), max(box[2], right), max(box[3], top)]
            size = max(size, height)
        else:
            box, size = [left, bottom, right, top], height
        letters.append("•" if 0x80 <= code < 0xA0 else chr(code))  # some fonts keep their bullets there
        spaced = False
    close()
    return found


def _lines(pieces: Iterable[Piece]) -> list[str]:
    """Rows from top to bottom; an empty line where the space between two is larger than a line."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: -one.middle):
        if rows and abs(rows[-1][0].middle - piece.middle) < 0.45 * min(rows[-1][0].size, piece.size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    spaces = [min(one.bottom for one in above) - max(one.top for one in below) for above, below in pairwise(rows)]
    usual = median(spaces) if spaces else 0.0
    lines: list[str] = []
    for number, row in enumerate(rows):
        row.sort(key=lambda one: one.left)
        if number and spaces[number - 1] > max(usual, 0.0) + 0.3 * min(rows[number - 1][0].size, row[0].size):
            lines.append("")
        told = row[0].text
        for one, following in pairwise(row):
            told += ("\t" if following.left - one.right > 1.3 * one.size else " ") + following.text
        lines.append(told)
    return lines


def _largest(pieces: Sequence[Piece]) -> str:
    """What is written largest in the upper half, in one or two lines."""
    middle = (max(one.top for one in pieces) + min(one.bottom for one in pieces)) / 2
    upper = [one for one in pieces if one.middle >= middle and sum(letter.isalpha() for letter in one.text) >= 2]
    if not upper:
        return ""
    size = max(one.size for one in upper)
    large = [one for one in upper if one.size > 0.93 * size]
    return " ".join(" ".join(_lines(large)).split()) if len(large) <= 4 else ""


def _split(
    pieces: Sequence[Piece], is_heading: Is, is_contact: Is
) -> tuple[list[Piece], list[Piece], list[Piece]] | None:
    """(outside, left, right) where two columns stand beside each other."""
    left, right = min(one.left for one in pieces), max(one.right for one in pieces)
    height = max(one.top for one in pieces) - min(one.bottom for one in pieces)
    best: tuple[float, tuple[list[Piece], list[Piece], list[Piece]]] | None = None
    for step in range(STEPS // 5, STEPS - STEPS // 5):
        at = left + (right - left) * step / STEPS
        top, bottom = _free(pieces, at)
        if top - bottom < LEAST_SHARE * height or (best is not None and top - bottom <= best[0]):
            continue
        within = [one for one in pieces if bottom <= one.middle <= top]
        one_side = [one for one in within if one.right <= at]
        other = [one for one in within if one.left >= at]
        if _apart(one_side, other, is_heading, is_contact):
            known = {id(one) for one in within}
            best = top - bottom, ([one for one in pieces if id(one) not in known], one_side, other)
    return best[1] if best is not None else None


def _free(pieces: Sequence[Piece], at: float) -> tuple[float, float]:
    """The tallest stretch in which nothing is written across a place: its top and bottom."""
    crossing = sorted((one for one in pieces if one.left < at < one.right), key=lambda one: -one.top)
    edges = [max(one.top for one in pieces)]
    stretches = []
    for one in crossing:
        stretches.append((edges[-1], one.top))
        edges.append(min(edges[-1], one.bottom))
    stretches.append((edges[-1], min(one.bottom for one in pieces)))
    return max(stretches, key=lambda pair: pair[0] - pair[1])


def _apart(left: Sequence[Piece], right: Sequence[Piece], is_heading: Is, is_contact: Is) -> bool:
    """Has each side something of its own to say? A column of dates or labels has not."""
    if len(left) < 3 or len(right) < 3:
        return False
    heads = [sum(is_heading(one.text) for one in side) for side in (left, right)]
    ways = [any(is_contact(one.text) for one in side) for side in (left, right)]
    few, many = sorted((left, right), key=len)
    if len(few) < MOST_LABELS * len(many) and _beside(few, many, EXACTLY) > 0.95:
        return False
    if all(heads) or (heads[0] > 1 and ways[1]) or (heads[1] > 1 and ways[0]):
        return True
    return any(heads) and len(few) >= LEAST_LINES and _beside(few, many, NEARLY) < IN_ROWS


def _beside(few: Sequence[Piece], many: Sequence[Piece], within: float) -> float:
    """The share of a column's lines that lie on a row of the other one."""
    found = sum(any(abs(one.middle - other.middle) < within * one.size for other in many) for one in few)
    return found / len(few)
