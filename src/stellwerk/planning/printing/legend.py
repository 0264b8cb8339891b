"""The legend and foot of a page: only what occurs in the chart is explained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stellwerk.core.documents.text import width_of
from stellwerk.planning.printing import svg
from stellwerk.planning.printing.facts import Facts
from stellwerk.planning.printing.sheet import Paper
from stellwerk.planning.printing.tones import ACCENT, CRITICAL, CRITICAL_DARK, GHOST, GREY, HAIR, INK, LINK, PLANNED

BOX: Final = 18.0
Symbol = Callable[[float, float], str]


@dataclass(frozen=True)
class Legend:
    """Symbols with their words, from left to right."""

    entries: tuple[tuple[Symbol, str], ...]

    @classmethod
    def of(cls, facts: Facts) -> Legend:
        rows = facts.rows
        tasks = [row for row in rows if not row.summary and not row.milestone]
        known = (
            (bool(tasks), _planned, _("planned")),
            (any(row.percent > 0 for row in tasks), _done, _("done")),
            (any(row.critical and not row.done for row in rows), _critical, _("critical (hatched, thick outline)")),
            (any(row.summary for row in rows), _summary, pgettext("row of a plan", "summary")),
            (any(row.milestone for row in rows), _milestone, _("milestone")),
            (any(row.baseline for row in rows), _baseline, _("baseline")),
            (any((row.free_days or 0) > 0 and not row.done for row in tasks), _float, _("float")),
            (bool(facts.arrows), _link, _("link")),
            (any(row.deadline is not None for row in rows), _deadline, _("deadline")),
            (facts.data_date is not None, _status, _("data date")),
            (bool(facts.free), _free, _("no work")),
            (any(not row.active for row in rows), _inactive, pgettext("activity", "inactive")),
        )
        return cls(tuple((symbol, words) for wanted, symbol, words in known if wanted))

    def draw(self, out: list[str], paper: Paper, width: float, bottom: float, right: str) -> None:
        """Into a line above ``bottom``; a second one where the first is full."""
        size = paper.size
        room = width - paper.margin - width_of(right, size) * 72 - 12
        x, y = paper.margin, bottom - size * 1.9
        for symbol, words in self.entries:
            wide = BOX + 4 + width_of(words, size) * 72 + 10
            if x + wide > room and x > paper.margin:
                x, y = paper.margin, y + size * 1.7
            out.append(symbol(x, y - size * 0.34))
            out.append(svg.text(x + BOX + 4, y, words, size, fill=GREY))
            x += wide
        out.append(svg.text(width - paper.margin, bottom - size * 1.9, right, size, fill=GREY, anchor="end"))


def _bar(x: float, y: float, fill: str, stroke: str, width: float = 0.6) -> str:
    return svg.rect(x, y - 3, BOX, 6, fill, f' stroke="{stroke}" stroke-width="{width}"')


def _planned(x: float, y: float) -> str:
    return _bar(x, y, PLANNED, ACCENT)


def _done(x: float, y: float) -> str:
    return _bar(x, y, ACCENT, ACCENT)


def _critical(x: float, y: float) -> str:
    return svg.rect(x, y - 3, BOX, 6, CRITICAL) + _bar(x, y, "url(#critical)", CRITICAL_DARK, 1.3)


def _summary(x: float, y: float) -> str:
    corners = [(x, y - 2), (x + BOX, y - 2), (x + BOX, y + 3), (x + BOX - 3, y + 0.5), (x + 3, y + 0.5), (x, y + 3)]
    return svg.path(corners, "none", 0, fill=INK, closed=True)


def _milestone(x: float, y: float) -> str:
    return svg.diamond(x + BOX / 2, y, 3.8, INK, INK)


def _baseline(x: float, y: float) -> str:
    return svg.rect(x, y - 1, BOX * 0.55, 2, GHOST) + svg.diamond(x + BOX - 4, y, 3, "#fff", GHOST)


def _float(x: float, y: float) -> str:
    dots = svg.line(x, y, x + BOX, y, GREY, 0.6, ' stroke-dasharray="1.5 1.5"')
    return dots + svg.line(x + BOX, y - 2, x + BOX, y + 2, GREY, 0.6)


def _link(x: float, y: float) -> str:
    end = x + BOX
    return svg.line(x, y, end - 3, y, LINK, 0.6) + svg.path(
        [(end, y), (end - 3.2, y - 1.8), (end - 3.2, y + 1.8)], "none", 0, fill=LINK, closed=True
    )


def _deadline(x: float, y: float) -> str:
    middle = x + BOX / 2
    return svg.path(
        [(middle - 3.4, y - 3), (middle + 3.4, y - 3), (middle, y + 2.6)], INK, 0.8, fill="#fff", closed=True
    )


def _status(x: float, y: float) -> str:
    return svg.line(x + BOX / 2, y - 4, x + BOX / 2, y + 4, ACCENT, 1.3)


def _free(x: float, y: float) -> str:
    return svg.rect(x, y - 4, BOX, 8, "url(#free)", f' stroke="{HAIR}" stroke-width=".4"')


def _inactive(x: float, y: float) -> str:
    return svg.rect(x, y - 3, BOX, 6, "#fff", f' stroke="{GREY}" stroke-width=".6" stroke-dasharray="2 1.5"')
