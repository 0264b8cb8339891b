"""The outline of a plan while it is edited: order and level of the rows, blocks, new places. No database here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

STEP = 1024
"""Distance of positions, so that a row fits between two without touching the others."""
DEEPEST = 50


@dataclass
class Line:
    """One row: number, position, level."""

    pk: int
    position: int
    level: int


@dataclass
class Outline:
    """Rows in order. ``moved`` are the numbers whose position or level is not the stored one."""

    lines: list[Line]
    moved: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._index()

    def _index(self) -> None:
        self.place = {line.pk: number for number, line in enumerate(self.lines)}

    def level(self, pk: int) -> int:
        return self.lines[self.place[pk]].level

    def block(self, pk: int) -> range:
        """Places of a row and all rows below it."""
        start = self.place[pk]
        level = self.lines[start].level
        end = start + 1
        while end < len(self.lines) and self.lines[end].level > level:
            end += 1
        return range(start, end)

    def blocks(self, numbers: Iterable[int]) -> list[range]:
        """The blocks of several rows in order; a row below another of them goes with that one."""
        found: list[range] = []
        for place in sorted(self.place[pk] for pk in numbers):
            if not found or place >= found[-1].stop:
                found.append(self.block(self.lines[place].pk))
        return found

    def numbers(self, blocks: Iterable[range]) -> list[int]:
        return [self.lines[place].pk for block in blocks for place in block]

    def summaries(self) -> set[int]:
        """Rows that have rows below them."""
        return {one.pk for one, after in zip(self.lines, self.lines[1:], strict=False) if after.level > one.level}

    def place_after(self, after: int | None, level: int | None) -> tuple[int, int]:
        """Where a row goes that follows ``after``: (place, level). With a deeper level it becomes the first row below it."""
        if after is None:
            return self._top(), max(1, level or 1)
        line = self.lines[self.place[after]]
        wanted = max(1, line.level if level is None else min(level, line.level + 1, DEEPEST))
        place = self.place[after] + 1
        if wanted <= line.level:
            place = self.block(after).stop
            while place < len(self.lines) and self.lines[place].level > wanted:
                place += 1
        return place, wanted

    def _top(self) -> int:
        """Before the first row, but behind the row of the project itself (level 0)."""
        return 1 if self.lines and self.lines[0].level == 0 else 0

    def insert(self, place: int, lines: Sequence[Line]) -> None:
        """Put lines at a place and give them positions between their neighbours; all get new ones where none are left."""
        before = self.lines[place - 1].position if place else 0
        after = self.lines[place].position if place < len(self.lines) else before + STEP * (len(lines) + 1)
        gap = (after - before) // (len(lines) + 1)
        self.lines[place:place] = lines
        if gap >= 1:
            for number, line in enumerate(lines, 1):
                line.position = before + gap * number
                self.moved.add(line.pk)
        else:
            for number, line in enumerate(self.lines, 1):
                if line.position != number * STEP:
                    line.position = number * STEP
                    self.moved.add(line.pk)
        self._index()

    def remove(self, numbers: Iterable[int]) -> None:
        gone = set(numbers)
        self.lines = [line for line in self.lines if line.pk not in gone]
        self._index()

    def shift(self, numbers: Iterable[int], by: int) -> list[int]:
        """Indent (1) or outdent (-1) blocks; returns the rows where that is not possible (and nothing was done)."""
        blocks = self.blocks(numbers)
        refused = []
        for block in blocks:
            line = self.lines[block.start]
            above = self.lines[block.start - 1].level if block.start else 0
            deepest = max(self.lines[place].level for place in block)
            if (by > 0 and (line.level + by > above + 1 or deepest + by > DEEPEST)) or line.level + by < 1:
                # A neighbour that is indented in the same step makes room for the next one.
                joined = by > 0 and any(other.stop == block.start for other in blocks) and line.level <= above
                if not joined or deepest + by > DEEPEST:
                    refused.append(line.pk)
        if refused:
            return refused
        for block in blocks:
            for place in block:
                self.lines[place].level += by
                self.moved.add(self.lines[place].pk)
        return []

    def move(self, numbers: Iterable[int], after: int | None, level: int | None) -> bool:
        """Move blocks behind a row; False where that row lies inside them."""
        blocks = self.blocks(numbers)
        inside = {self.lines[place].pk for block in blocks for place in block}
        if after in inside:
            return False
        parts = [[self.lines[place] for place in block] for block in blocks]
        self.remove(inside)
        for part in parts:
            place, wanted = self.place_after(after, level)
            change = wanted - part[0].level
            for line in part:
                line.level += change
                self.moved.add(line.pk)
            self.insert(place, part)
            after, level = part[0].pk, wanted
        return True
