"""The time of a page: scale, days off, data date and today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.text import width_of
from stellwerk.planning.printing import svg
from stellwerk.planning.printing.canvas import Canvas, date_of
from stellwerk.planning.printing.scale import ABOVE, SHORTEST, label, ticks
from stellwerk.planning.printing.tones import (
    ACCENT,
    GREY,
    HAIR,
    SOFT,
    STRIPE,
)

WEEKENDS_FROM: Final = 2.0
"""Points per day from which on weekends are shaded."""
BADGE: Final = 6.0


class Axis(Canvas):
    """Draws what belongs to time."""

    def _time(self) -> None:
        scale, top, size = self.layout.scale, self.paper.top, self.size
        head, half = top - self.paper.heading, self.paper.heading / 2
        unit = scale.unit
        self._free()
        for level, name in enumerate((ABOVE[unit], unit)):
            y = head + level * half
            marks = list(ticks(name, *self._days))
            for begin, end in pairwise(marks):
                x, width = self._x(begin), self._x(end) - self._x(begin)
                deep = level == 0 or not ABOVE[unit]
                self.out.append(svg.line(x, y, x, self.bottom, HAIR if deep else SOFT, 0.5))
                self._named(name, begin, max(x, self.layout.chart), x + width, y + half - size * 0.45, top=level == 0)
        self.out.append(svg.line(self.layout.chart, head + half, self.right, head + half, SOFT, 0.5))

    def _named(self, unit: str, begin: int, x: float, end: float, base: float, *, top: bool) -> None:
        room = min(end, self.right) - x - 4
        usual = SHORTEST[unit] * self.layout.scale.per_day - 4
        names = label(unit, begin, self.drawing.language, top=top)
        if top and unit == "month":
            names.append(Numbers(self.drawing.language).month(dt.date.fromordinal(begin)))
        for words in names:
            width = width_of(words, self.size) * 72
            if width <= room and (top or words == names[-1] or width <= usual):
                self.out.append(svg.text(x + 3, base, words, self.size, fill=GREY))
                return

    def _free(self) -> None:
        """Days without work: weekends where they can be seen, closures wherever they are wide enough."""
        per_day, (first, last) = self.layout.scale.per_day, self._days
        if per_day >= WEEKENDS_FROM:
            for begin, end in _weekends(self.facts.week, int(first), int(last) + 1):
                self._shade(begin, end, STRIPE)
        for begin, end in self.facts.free:
            wide = (end - begin + 1) * per_day
            if end >= first and begin <= last and (wide >= 3.0 or per_day >= WEEKENDS_FROM):
                self._shade(begin, end + 1, "url(#free)")

    def _shade(self, begin: float, end: float, fill: str) -> None:
        x = self._x(begin)
        self.out.append(svg.rect(x, self.paper.top, self._x(end) - x, self.bottom - self.paper.top, fill))

    def _dates(self) -> None:
        """The data date as a line with its day, today dashed."""
        facts, (first, last) = self.facts, self._days
        today = float(self.drawing.today.toordinal()) + 0.5
        apart = self.size * 8 / self.layout.scale.per_day  # two badges side by side
        if first <= today <= last and (facts.data_date is None or abs(today - facts.data_date) > apart):
            self._instant(today, _("Today"), ' stroke-dasharray="3 2"', solid=False)
        if facts.data_date is not None and first <= facts.data_date <= last:
            day = Numbers(self.drawing.language).short_day(date_of(facts.data_date))
            self._instant(facts.data_date, day, "", solid=True)

    def _instant(self, at: float, words: str, dash: str, *, solid: bool) -> None:
        x, top = self._x(at), self.paper.top - self.paper.heading
        self.out.append(svg.line(x, top, x, self.bottom, ACCENT, 1.1, dash))
        width, height = width_of(words, self.size, True) * 72 + BADGE, self.size * 1.5
        left = min(max(x - width / 2, self.layout.chart), self.right - width)
        self.out.append(
            svg.rect(left, top, width, height, ACCENT if solid else "#fff", f' stroke="{ACCENT}" stroke-width=".7"')
        )
        self.out.append(
            svg.text(
                left + width / 2,
                top + self.size * 1.1,
                words,
                self.size,
                bold=True,
                anchor="middle",
                fill="#fff" if solid else ACCENT,
            )
        )


def _weekends(week: Sequence[bool], first: int, last: int) -> Iterable[tuple[int, int]]:
    """Runs of days that the usual week does not work."""
    begin: int | None = None
    for day in range(first, last + 1):
        works = week[(day - 1) % 7]
        if not works and begin is None:
            begin = day
        elif works and begin is not None:
            yield begin, day
            begin = None
    if begin is not None:
        yield begin, last + 1
