"""One page of the chart as SVG: title, grid with headings, time scale, bars, links, legend.

Nothing is told by colour alone: what is critical has a thick outline, a hatch and a bold float, what is done a darker tone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stellwerk.core import formats
from stellwerk.core.documents.numbers import Lang, Numbers
from stellwerk.core.documents.text import fit, width_of
from stellwerk.planning.printing import svg
from stellwerk.planning.printing.facts import Arrow, Facts, Row
from stellwerk.planning.printing.legend import Legend
from stellwerk.planning.printing.scale import ABOVE, SHORTEST, label, ticks
from stellwerk.planning.printing.sheet import DEEPEST, GAP, INDENT, Layout, Paper, Placed, Window
from stellwerk.planning.printing.tones import (
    ACCENT,
    CRITICAL,
    CRITICAL_DARK,
    FREE,
    GHOST,
    GREY,
    HAIR,
    INK,
    LINK,
    PLANNED,
    SOFT,
    STRIPE,
)

WEEKENDS_FROM: Final = 2.0
"""Points per day from which on weekends are shaded."""
BADGE: Final = 6.0
HALO: Final = ' stroke="#fff" stroke-width="2" stroke-linejoin="round" paint-order="stroke"'
"""Keeps words readable where a link passes."""


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

    def page(self, window: Window, *, height: float, width: float) -> str:
        return _Page(self, window, width, height).svg()

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


class _Page:
    """Collects the elements of one page."""

    def __init__(self, drawing: Drawing, window: Window, width: float, height: float) -> None:
        self.drawing, self.facts, self.layout = drawing, drawing.facts, drawing.layout
        self.paper, self.window = drawing.paper, window
        self.width, self.height = width, height
        self.size = self.paper.size
        self.out: list[str] = []
        self.bottom = self.paper.top + (window.last - window.first) * self.paper.row
        self.right = self.layout.chart + window.right - window.left

    def svg(self) -> str:
        name = f"page{self.window.number}"
        self._title()
        self._grid()
        self.out.append(f'<g clip-path="url(#{name})">')
        self._time()
        self._dates()
        self.out.append(f'</g><g clip-path="url(#{name}rows)">')
        self._links()
        for place in range(self.window.first, self.window.last):
            self._bar(self.facts.rows[place], self._middle(place))
        self.out.append("</g>")
        self._frame()
        self.drawing.legend.draw(self.out, self.paper, self.width, self.height - self.paper.margin, self._pages())
        chart, head, top = self.layout.chart, self.paper.top - self.paper.heading, self.paper.top
        clips = "".join(
            f'<clipPath id="{code}">{svg.rect(chart, y, self.right - chart, self.bottom - y, "#000")}</clipPath>'
            for code, y in ((name, head), (f"{name}rows", top))
        )
        hatches = (
            f'<pattern id="critical" width="3.2" height="3.2" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V3.2" stroke="#fff" stroke-width="1.3"/></pattern>'
            f'<pattern id="free" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V4" stroke="{FREE}" stroke-width=".9"/></pattern>'
        )
        box = f"{svg.number(self.width)} {svg.number(self.height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{svg.number(self.width)}pt" height="{svg.number(self.height)}pt" viewBox="0 0 {box}" '
            f'role="img" xml:lang="{self.drawing.language}" font-family="{svg.FONTS}" fill="{INK}"><title>{svg.content(self.facts.project)}</title>'
            f'<defs>{clips}{hatches}</defs><rect width="100%" height="100%" fill="#fff"/>{"".join(self.out)}</svg>'
        )

    # ── words around the chart ───────────────────────────────────────────────────────────────────

    def _title(self) -> None:
        facts, left, y = self.facts, self.paper.margin, self.paper.margin
        size = self.size * 1.8
        room = (self.width - 2 * left) / 72
        mark = facts.confidentiality
        marked = width_of(mark, self.size, True) if mark else 0.0
        title = fit(f"{facts.project}", size, room - marked - 1.2, 1, True)
        self.out.append(svg.text(left, y + size, title, size, bold=True))
        self.out.append(
            svg.text(left + width_of(title, size, True) * 72 + 6, y + size, facts.key, self.size * 1.2, fill=GREY)
        )
        if mark:
            self.out.append(svg.text(self.width - left, y + size, mark, self.size, bold=True, anchor="end"))
        self.out.append(
            svg.text(left, y + size + self.size * 1.7, fit(self._facts_line(), self.size, room), self.size, fill=GREY)
        )

    def _facts_line(self) -> str:
        facts, language = self.facts, self.drawing.language
        status = (
            _("Data date %(day)s") % {"day": formats.day(_date(facts.data_date), language=language)}
            if facts.data_date is not None
            else _("No data date")
        )
        baseline = _("Baseline %(name)s") % {"name": facts.baseline} if facts.baseline else _("Without baseline")
        parts = [status, baseline]
        if facts.start and facts.finish:
            parts.append(
                f"{formats.day(facts.start, language=language)} – {formats.day(facts.finish, language=language)}"
            )
        if facts.calendar:
            parts.append(_("WD = working days, calendar %(name)s") % {"name": facts.calendar})
        else:
            parts.append(_("WD = working days, Monday to Friday"))
        if self.layout.scale.unit == "week" and self.layout.scale.per_day * 7 < self.size * 5:
            parts.append(_("numbers above the chart: ISO weeks"))
        if facts.stale:
            parts.append(_("Dates of the imported file, not computed here"))
        return " · ".join(parts)

    def _pages(self) -> str:
        printed = _("Printed %(day)s") % {"day": formats.day(self.drawing.today, language=self.drawing.language)}
        if self.window.pages == 1:
            return printed
        page = _("Page %(number)s of %(pages)s") % {"number": self.window.number, "pages": self.window.pages}
        return f"{printed} · {page}"

    # ── the grid ─────────────────────────────────────────────────────────────────────────────────

    def _grid(self) -> None:
        paper, top = self.paper, self.paper.top
        for column in self.layout.columns:
            title = fit(str(column.column.title), self.size, (column.width - GAP) / 72, 1, True)
            self._cell(column, title, top - self.size * 0.6, fill=GREY, bold=True)
        for place in range(self.window.first, self.window.last):
            row, y = self.facts.rows[place], top + (place - self.window.first) * paper.row
            if row.summary:
                self.out.append(svg.rect(paper.margin, y, self.right - paper.margin, paper.row, STRIPE))
            self.out.append(svg.line(paper.margin, y + paper.row, self.right, y + paper.row, SOFT, 0.5))
            base = y + paper.row / 2 + self.size * 0.36
            for column in self.layout.columns:
                self._value(column, row, base)

    def _value(self, placed: Placed, row: Row, base: float) -> None:
        code, text = placed.column.code, placed.column.value(row)
        if code == "name":
            self._name(placed, row, base)
        elif text:
            pressing = (code == "float" and row.critical) or (code == "delay" and (row.delay or 0) > 0)
            if not placed.column.right:
                text = fit(text, self.size, (placed.width - GAP) / 72, 1, row.summary)
            fill = CRITICAL_DARK if pressing else GREY if code in ("wbs", "who") else ""
            self._cell(placed, text, base, fill=fill, bold=pressing or (row.summary and code != "wbs"))

    def _name(self, placed: Placed, row: Row, base: float) -> None:
        x = placed.x + GAP + max(0, min(row.level, DEEPEST) - 1) * INDENT * self.size / 7.5
        if row.milestone:
            r = self.size * 0.38
            self._diamond(x + r, base - self.size * 0.34, r, row)
            x += 2 * r + 4
        words = fit(row.name, self.size, max(20.0, placed.x + placed.width - GAP - x) / 72, 1, row.summary)
        more = "" if row.active else ' text-decoration="line-through"'
        self.out.append(
            svg.text(x, base, words, self.size, bold=row.summary, fill="" if row.active else GREY, more=more)
        )

    def _cell(self, placed: Placed, text: str, base: float, *, fill: str = "", bold: bool = False) -> None:
        right = placed.column.right
        x = placed.x + placed.width - GAP if right else placed.x + (GAP if placed.column.code == "name" else 0)
        self.out.append(svg.text(x, base, text, self.size, fill=fill, bold=bold, anchor="end" if right else ""))

    # ── time ─────────────────────────────────────────────────────────────────────────────────────

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
            day = Numbers(self.drawing.language).short_day(_date(facts.data_date))
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

    # ── bars ─────────────────────────────────────────────────────────────────────────────────────

    def _bar(self, row: Row, y: float) -> None:
        if row.start is None or row.finish is None:
            return
        self._ghost(row, y)
        if row.milestone:
            self._milestone(row, y)
        elif row.summary:
            self._bracket(row, y)
        else:
            self._float(row, y)
            self._task(row, y)
        if row.deadline is not None:
            x, s = self._x(row.deadline), self.size * 0.45
            self.out.append(
                svg.path([(x - s, y - s), (x + s, y - s), (x, y + s * 0.6)], INK, 0.8, fill="#fff", closed=True)
            )

    @property
    def _thick(self) -> float:
        return self.paper.row * 0.42

    def _task(self, row: Row, y: float) -> None:
        assert row.start is not None and row.finish is not None
        x, height = self._x(row.start), self._thick
        width = max(self._x(row.finish) - x, 1.2)
        y -= height * 0.62
        light, dark = (CRITICAL, CRITICAL_DARK) if row.critical else (PLANNED, ACCENT)
        if not row.active:
            self.out.append(
                svg.rect(x, y, width, height, "#fff", f' stroke="{GREY}" stroke-width=".6" stroke-dasharray="2 1.5"')
            )
            return
        self.out.append(svg.rect(x, y, width, height, light))
        if row.percent > 0:
            self.out.append(svg.rect(x, y, width * min(1.0, row.percent / 100), height, dark))
        pressing = row.critical and not row.done
        if pressing:
            self.out.append(svg.rect(x, y, width, height, "url(#critical)"))
        self.out.append(
            svg.rect(x, y, width, height, "none", f' stroke="{dark}" stroke-width="{1.3 if pressing else 0.6}"')
        )

    def _bracket(self, row: Row, y: float) -> None:
        assert row.start is not None and row.finish is not None
        x, end, tip = self._x(row.start), self._x(row.finish), min(3.0, self._thick * 0.7)
        end = max(end, x + 2)
        tip = min(tip, (end - x) / 2)
        top = y - self._thick * 0.6
        corners = [
            (x, top),
            (end, top),
            (end, top + tip * 2),
            (end - tip, top + tip),
            (x + tip, top + tip),
            (x, top + tip * 2),
        ]
        self.out.append(svg.path(corners, "none", 0, fill=INK if row.active else GREY, closed=True))

    def _milestone(self, row: Row, y: float) -> None:
        assert row.finish is not None
        x, r = self._x(row.finish), self._thick * 0.62
        self._diamond(x, y - self._thick * 0.1, r, row)
        base, x = y - self._thick * 0.1 + self.size * 0.36, x + r + 4
        day = Numbers(self.drawing.language).short_day(_date(row.finish))
        self.out.append(svg.text(x, base, day, self.size, bold=True, more=HALO))
        if row.delay is not None and round(row.delay) != 0 and not row.done:
            days = formats.number(row.delay, 0, sign=True)
            x += width_of(day, self.size, True) * 72 + 3
            words = pgettext("delay of a milestone", "%(days)s WD") % {"days": days}
            self.out.append(
                svg.text(x, base, words, self.size, bold=row.delay > 0, fill=CRITICAL_DARK if row.delay > 0 else GREY)
            )

    def _diamond(self, x: float, y: float, r: float, row: Row) -> None:
        pressing = row.critical and not row.done
        self.out.append(
            svg.diamond(
                x,
                y,
                r,
                CRITICAL_DARK if pressing else INK if row.active else "#fff",
                CRITICAL_DARK if pressing else INK,
            )
        )
        if pressing:
            self.out.append(svg.diamond(x, y, r * 0.45, "#fff", "#fff", 0.1))

    def _ghost(self, row: Row, y: float) -> None:
        """The baseline below the bar."""
        if row.baseline is None or row.summary:
            return
        start, finish = (self._x(at) for at in row.baseline)
        if row.milestone:
            self.out.append(svg.diamond(finish, y + self._thick * 0.45, self._thick * 0.5, "#fff", GHOST))
        else:
            self.out.append(
                svg.rect(start, y + self._thick * 0.55, max(finish - start, 1.0), self._thick * 0.28, GHOST)
            )

    def _float(self, row: Row, y: float) -> None:
        if row.late_finish is None or row.finish is None or row.done or row.critical or not row.active:
            return
        x, end = self._x(row.finish), self._x(row.late_finish)
        if end - x < 2:
            return
        y -= self._thick * 0.12
        self.out.append(svg.line(x, y, end, y, GREY, 0.6, ' stroke-dasharray="1.5 1.5"'))
        self.out.append(svg.line(end, y - self._thick * 0.3, end, y + self._thick * 0.3, GREY, 0.6))

    # ── links ────────────────────────────────────────────────────────────────────────────────────

    def _links(self) -> None:
        """Links of rows of this page; what leads to another page ends at the edge."""
        seen: set[int] = set()
        for place in range(self.window.first, self.window.last):
            for arrow in self.drawing.arrows_at.get(place, ()):
                if id(arrow) not in seen:
                    seen.add(id(arrow))
                    self._arrow(arrow)

    def _arrow(self, arrow: Arrow) -> None:
        one, other = self.facts.rows[arrow.before], self.facts.rows[arrow.after]
        out, into = _side(one, arrow.type[0]), _side(other, arrow.type[1])
        points = self._way(arrow, (self._x(out), self._x(into)), one, other)
        xs = [x for x, _y in points]
        if max(xs) < self.layout.chart or min(xs) > self.right:
            return
        tone, width = (CRITICAL_DARK, 1.0) if arrow.critical else (LINK, 0.55)
        self.out.append(svg.path(points, tone, width))
        self._head(points, tone)

    def _way(self, arrow: Arrow, ends: tuple[float, float], one: Row, other: Row) -> list[tuple[float, float]]:
        """Corners of a link: out of the bar, along, into the bar; from above where there is room."""
        (x1, x2), lift = ends, self._thick * 0.12
        y1, y2 = self._middle(arrow.before) - lift, self._middle(arrow.after) - lift
        step, half = self.size * 0.6, self._thick * 0.55
        down = 1 if y2 > y1 else -1
        from_finish, to_start = arrow.type[0] == "F", arrow.type[1] == "S"
        x1 += (half if from_finish else -half) if one.milestone else 0
        if from_finish and to_start:
            if one.milestone and x2 >= x1 - half - self.size:  # its date stands at the right
                return self._down(x1 - half, y1 + down * half, x2 - (half if other.milestone else 0), y2, down)
            if x2 >= x1 - 0.5:
                x = x2 if other.milestone else x2 + min(2.0, step)
                return [(x1, y1), (x, y1), (x, y2 - down * half)]
            edge, between = x2 - step - (half if other.milestone else 0), y2 - down * self.paper.row / 2
            return [
                (x1, y1),
                (x1 + step, y1),
                (x1 + step, between),
                (edge, between),
                (edge, y2),
                (x2 - (half if other.milestone else 0), y2),
            ]
        x2 += (-half if to_start else half) if other.milestone else 0
        if from_finish == (not to_start):  # SS and FF stay on one side
            x = min(x1, x2) - step if to_start else max(x1, x2) + step
            return [(x1, y1), (x, y1), (x, y2), (x2, y2)]
        between = y2 - down * self.paper.row / 2
        return [(x1, y1), (x1 - step, y1), (x1 - step, between), (x2 + step, between), (x2 + step, y2), (x2, y2)]

    def _down(self, x1: float, y1: float, x2: float, y2: float, down: int) -> list[tuple[float, float]]:
        """From below (or above) a milestone; sideways into the bar where there is room for a head."""
        half = self._thick * 0.55
        if x2 - x1 > self.size * 0.9:
            return [(x1, y1), (x1, y2), (x2, y2)]
        between, x = y2 - down * self.paper.row / 2, max(x1, x2 + 2.0)
        return [(x1, y1), (x1, between), (x, between), (x, y2 - down * half)]

    def _head(self, points: Sequence[tuple[float, float]], tone: str) -> None:
        (x1, y1), (x, y) = points[-2], points[-1]
        a, b = self.size * 0.42, self.size * 0.24
        if abs(x - x1) < 0.01:
            s = 1 if y > y1 else -1
            corners = [(x, y), (x - b, y - s * a), (x + b, y - s * a)]
        else:
            s = 1 if x > x1 else -1
            corners = [(x, y), (x - s * a, y - b), (x - s * a, y + b)]
        self.out.append(svg.path(corners, "none", 0, fill=tone, closed=True))

    def _frame(self) -> None:
        left, head, top = self.paper.margin, self.paper.top - self.paper.heading, self.paper.top
        for y in (head, top, self.bottom):
            self.out.append(svg.line(left, y, self.right, y, HAIR, 0.7))
        self.out.append(svg.line(self.layout.chart, head, self.layout.chart, self.bottom, GHOST, 1.0))
        self.out.append(svg.line(self.right, head, self.right, self.bottom, HAIR, 0.5))


def _side(row: Row, side: str) -> float:
    at = row.start if side == "S" and not row.milestone else row.finish
    assert at is not None
    return at


def _date(at: float | None) -> dt.date:
    return dt.date.fromordinal(int(at or 1))


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
