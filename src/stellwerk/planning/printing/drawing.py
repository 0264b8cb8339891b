"""One page of the chart as SVG: title, grid with headings, time scale, bars, links, legend.

Nothing is told by colour alone: what is critical has a thick outline, a hatch and a bold float, what is done a darker tone.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stellwerk.core import formats
from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.text import fit, width_of
from stellwerk.planning.printing import svg
from stellwerk.planning.printing.axis import Axis
from stellwerk.planning.printing.canvas import Drawing, date_of
from stellwerk.planning.printing.facts import Row
from stellwerk.planning.printing.links import Links
from stellwerk.planning.printing.sheet import DEEPEST, GAP, INDENT, Placed, Window
from stellwerk.planning.printing.tones import (
    ACCENT,
    CRITICAL,
    CRITICAL_DARK,
    FREE,
    GHOST,
    GREY,
    HAIR,
    INK,
    PLANNED,
    SOFT,
    STRIPE,
)

HALO: Final = ' stroke="#fff" stroke-width="2" stroke-linejoin="round" paint-order="stroke"'
"""Keeps words readable where a link passes."""


def page_of(drawing: Drawing, window: Window, *, height: float, width: float) -> str:
    """One page as SVG."""
    return _Page(drawing, window, width, height).svg()


class _Page(Axis, Links):
    """Draws one page."""

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
            _("Data date %(day)s") % {"day": formats.day(date_of(facts.data_date), language=language)}
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
        day = Numbers(self.drawing.language).short_day(date_of(row.finish))
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

    def _frame(self) -> None:
        left, head, top = self.paper.margin, self.paper.top - self.paper.heading, self.paper.top
        for y in (head, top, self.bottom):
            self.out.append(svg.line(left, y, self.right, y, HAIR, 0.7))
        self.out.append(svg.line(self.layout.chart, head, self.layout.chart, self.bottom, GHOST, 1.0))
        self.out.append(svg.line(self.right, head, self.right, self.bottom, HAIR, 0.5))
