"""A plan divided into pages, and one page with its measures: where a day and a row lie."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from stellwerk.core.documents.numbers import Lang
from stellwerk.planning.printing.facts import Arrow, Facts
from stellwerk.planning.printing.legend import Legend
from stellwerk.planning.printing.sheet import Layout, Paper, Window


@dataclass(frozen=True)
class Drawing:
    """A plan, divided into pages."""

    facts: Facts
    layout: Layout
    language: Lang
    today: dt.date

    @property
    def paper(self) -> Paper:
        return self.layout.paper

    @cached_property
    def legend(self) -> Legend:
        return Legend.of(self.facts)

    @cached_property
    def arrows_at(self) -> dict[int, list[Arrow]]:
        """The links of each row."""
        found: dict[int, list[Arrow]] = {}
        for arrow in self.facts.arrows:
            for place in {arrow.before, arrow.after}:
                found.setdefault(place, []).append(arrow)
        return found


class Canvas:
    """Collects the elements of one page."""

    def __init__(self, drawing: Drawing, window: Window, width: float, height: float) -> None:
        self.drawing, self.facts, self.layout = drawing, drawing.facts, drawing.layout
        self.paper, self.window = drawing.paper, window
        self.width, self.height = width, height
        self.size = self.paper.size
        self.out: list[str] = []
        self.bottom = self.paper.top + (window.last - window.first) * self.paper.row
        self.right = self.layout.chart + window.right - window.left

    def _x(self, day: float) -> float:
        """A point of time on the page."""
        return self.layout.chart + self.layout.scale.x(day) - self.window.left

    def _middle(self, place: int) -> float:
        return self.paper.top + (place - self.window.first + 0.5) * self.paper.row

    @cached_property
    def _days(self) -> tuple[float, float]:
        """First and last day on the page."""
        scale = self.layout.scale
        return scale.day(self.window.left), scale.day(self.window.right)

    @property
    def _thick(self) -> float:
        return self.paper.row * 0.42


def date_of(at: float | None) -> dt.date:
    return dt.date.fromordinal(int(at or 1))
