"""Paper: sizes, columns of the grid, and which rows and which stretch of time stand on which page."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.documents.text import width_of
from stellwerk.core.errors import Text
from stellwerk.planning.printing.facts import Facts, Row
from stellwerk.planning.printing.refusing import TooManyPages, unknown, wrong
from stellwerk.planning.printing.scale import LEAST, ZOOMS, Scale

AUTO: Final = "auto"
MOST_ACROSS: Final = 24
"""Pages side by side; a plan that would need more is drawn at a smaller scale."""
MOST_PAGES: Final = 600
MOST_AT_ONCE: Final = 60
"""Pages that are drawn while somebody waits; more are a job."""
MOST_IN_JOB: Final = 3_000
MOST_ROWS: Final = 20_000
"""What a browser still opens as one sheet."""
LABEL: Final = 78.0
"""Points kept free at the right for the dates of milestones."""
LEAD: Final = 8.0
CLOSER: Final = 0.86
"""To this part of its height a row may shrink where that saves a page."""


@dataclass(frozen=True)
class Paper:
    """Landscape sheet; all measures in points."""

    code: str
    width: float
    height: float
    size: float
    row: float
    names: float

    margin: float = 26.0
    title: float = 36.0
    foot: float = 34.0

    @property
    def heading(self) -> float:
        """Two lines of column headings or of the time scale."""
        return self.size * 3.4

    @property
    def top(self) -> float:
        """Where the first row begins."""
        return self.margin + self.title + self.heading


PAPERS: Final = {
    "a3": Paper("a3", 1190.55, 841.89, 7.5, 15.0, 210.0),
    "a4": Paper("a4", 841.89, 595.28, 6.2, 12.0, 150.0),
}


@dataclass(frozen=True)
class Column:
    """A column of the grid: heading, value, widest sensible width in points (at a size of 7.5), numbers to the right."""

    code: str
    title: Text
    value: Callable[[Row], str]
    width: float = 0
    right: bool = True


def _number(value: float | None) -> str:
    return "" if value is None else formats.number(value, 0 if float(value).is_integer() else 1)


def day(at: float | None) -> str:
    return "" if at is None else formats.day(dt.date.fromordinal(int(at)), short=True)


COLUMNS: Final = {
    column.code: column
    for column in (
        Column("wbs", _("WBS"), lambda row: row.wbs, 64, right=False),
        Column("name", _("Activity"), lambda row: row.name, right=False),
        Column("days", _("WD"), lambda row: _number(row.days), 40),
        Column("start", _("Start"), lambda row: day(row.start)),
        Column("finish", _("Finish"), lambda row: day(row.finish)),
        Column("baseline", _("Baseline"), lambda row: day(row.baseline[1]) if row.baseline else ""),
        Column("delay", _("Delay"), lambda row: formats.number(row.delay, 0, sign=True) if row.delay is not None else "", 40),
        Column("float", _("Float"), lambda row: "" if row.done else _number(row.free_days), 40),
        Column("percent", pgettext_lazy("progress", "% done"), lambda row: _number(row.percent), 36),
        Column("who", _("Responsible"), lambda row: row.who, 84, right=False),
    )
}  # fmt: skip
STANDARD: Final = ("wbs", "name", "days", "start", "finish", "float", "percent")
INDENT: Final = 7.0
DEEPEST: Final = 8
"""Outline levels that are indented; deeper ones stand below the last of them."""
GAP: Final = 4.0


@dataclass(frozen=True)
class Placed:
    """A column with its place: left edge and width."""

    column: Column
    x: float
    width: float


@dataclass(frozen=True)
class Window:
    """What one page shows: rows from ``first`` up to ``last`` (excluded), and points ``left`` to ``right`` of the chart."""

    first: int
    last: int
    left: float
    right: float
    number: int = 1
    pages: int = 1


@dataclass(frozen=True)
class Layout:
    paper: Paper
    columns: Sequence[Placed]
    scale: Scale
    windows: Sequence[Window]

    @property
    def chart(self) -> float:
        """Left edge of the chart on the page."""
        last = self.columns[-1]
        return last.x + last.width + GAP

    @property
    def room(self) -> float:
        """Width of the chart on a page."""
        return self.paper.width - self.paper.margin - self.chart


def columns_of(facts: Facts, paper: Paper, codes: Sequence[str] | None) -> list[Placed]:
    """The chosen columns, as wide as their contents.

    Errors: ``Invalid`` for a column that does not exist.
    """
    chosen = [COLUMNS.get(code) for code in (codes or STANDARD)]
    if None in chosen or not chosen:
        raise unknown("columns", COLUMNS)
    if COLUMNS["name"] not in chosen:
        chosen = (
            [*chosen[:1], COLUMNS["name"], *chosen[1:]] if chosen[0] is COLUMNS["wbs"] else [COLUMNS["name"], *chosen]
        )
    placed, x = [], paper.margin
    for column in dict.fromkeys(one for one in chosen if one is not None):
        width = _width(column, facts, paper)
        placed.append(Placed(column, x, width))
        x += width
    return placed


def _width(column: Column, facts: Facts, paper: Paper) -> float:
    """Of the longest text, within limits; the width of all rows is measured by their longest few."""
    size, most = paper.size, column.width * paper.size / 7.5
    if column.code == "name":
        longest = sorted(
            ((min(row.level, DEEPEST) - 1) * INDENT + len(row.name) * size * 0.5 for row in facts.rows), reverse=True
        )
        return max(70.0, min(paper.names, (longest[0] if longest else 0.0) + 14 + 2 * GAP))
    texts = sorted({column.value(row) for row in facts.rows}, key=len, reverse=True)[:50]
    widest = max((width_of(text, size, True) * 72 for text in texts), default=0.0)
    wanted = max(widest, width_of(str(column.title), size, True) * 72) + 2 * GAP
    return min(wanted, most) if most else wanted


def layout(
    facts: Facts, paper: Paper, codes: Sequence[str] | None, zoom: str, *, paged: bool, most_pages: int = MOST_PAGES
) -> Layout:
    """Divide the chart into pages; ``paged`` False: one sheet for all of it.

    Errors: ``Invalid`` for a column or a scale that does not exist, or when it would be more pages than anybody prints.
    """
    if zoom != AUTO and zoom not in ZOOMS:
        raise unknown("zoom", (AUTO, *ZOOMS))
    columns = columns_of(facts, paper, codes)
    room = paper.width - paper.margin - (columns[-1].x + columns[-1].width + GAP)
    scale = _scale(facts, room, zoom)
    count = len(facts.rows)
    if count > MOST_ROWS:
        text = gettext("These are %(rows)s rows. Print fewer outline levels.")
        raise wrong("level", text % {"rows": formats.number(count)})
    if not paged:
        return Layout(paper, columns, scale, [Window(0, count, 0.0, max(scale.width, room))])
    paper, high = _rows_high(paper, count)
    across = max(1, math.ceil(scale.width / room - 1e-6))
    pages = max(1, math.ceil(count / high)) * across
    if pages > most_pages:
        text = gettext("This would be %(pages)s pages. Print fewer outline levels, or a smaller scale.")
        raise TooManyPages(text % {"pages": formats.number(pages)}, pages)
    return Layout(paper, columns, scale, list(_windows(count, high, across, room, pages)))


def _rows_high(paper: Paper, count: int) -> tuple[Paper, int]:
    """How many rows a page takes; a few rows too many move closer together instead of standing on a page of their own."""
    room = paper.height - paper.top - paper.margin - paper.foot
    high, closest = int(room // paper.row), int(room // (paper.row * CLOSER))
    pages = math.ceil(count / closest) if count else 1
    if pages < math.ceil(count / high):
        high = math.ceil(count / pages)
        return replace(paper, row=room / high), high
    return paper, high


def _scale(facts: Facts, room: float, zoom: str) -> Scale:
    first, last = facts.span
    days = max(1.0, last - first)
    fitting = (room - LEAD - LABEL) / days
    widest = (room * MOST_ACROSS - LEAD - LABEL) / days
    per_day = min(fitting, 24.0) if zoom == AUTO and fitting >= LEAST else min(ZOOMS.get(zoom, LEAST), widest)
    width = max(days * per_day + LEAD + LABEL, room)
    return Scale(first - LEAD / per_day, per_day, width)


def _windows(count: int, high: int, across: int, room: float, pages: int) -> Iterator[Window]:
    """Pages of the same rows follow each other, from left to right."""
    number = 0
    for first in range(0, max(count, 1), high):
        for tile in range(across):
            number += 1
            yield Window(first, min(first + high, count), tile * room, (tile + 1) * room, number, pages)
