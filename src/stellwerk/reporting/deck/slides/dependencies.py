"""Deliveries between projects and whether they come in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    TOP,
    Color,
    Column,
    Diamond,
    Element,
    Line,
    Row,
    Run,
    Slide,
    Text,
)
from stellwerk.core.documents.text import width_of
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import NOTE, C, Grid, day_width, headline, more, note, shared, subtitle
from stellwerk.reporting.deck.slides.schedule import Scale, month_after
from stellwerk.reporting.payload import DependencyLine


def dependency_slides(facts: Facts) -> list[Slide]:
    rows = facts.dependencies
    if not rows:
        return []
    beside = not facts.page.narrow  # a drawing of need and promise stands between the dates and the measures
    columns = [
        Column(2.0 if beside else 1.7, _("Giver → taker")),
        Column(2.9, _("Delivery"), least=1.7),
        Column(day_width(facts.numbers, _("Needed")), _("Needed"), "right"),
        Column(day_width(facts.numbers, _("Promised")), _("Promised"), "right"),
        Column(0.65, _("Δ WD"), "right"),
    ]
    last = [Column(0.95, _("Affects")), Column(1.98, _("Measure"), least=1.6)]
    told = any(line.measure for line in rows)
    if not told:  # what is affected has the room
        last = [Column(2.93, _("Affects"), least=1.6)]
    drawn = 2.2 if beside else 0.0
    top = TOP + (0.18 if beside else 0)
    if beside:
        columns = shared(facts.page.full - drawn - 0.3 - sum(column.width for column in last), columns)
    else:
        columns, last = shared(facts.page.full, [*columns, *last]), []
    grid = Grid(_("Dependencies"), columns, size=10.5, row_height=0.42)
    right = Grid(_("Dependencies: measures"), last, size=10.5, row_height=0.42)
    for line in rows:
        cells, tail = _cells(facts, line, told)
        grid.add(*cells, *(() if beside else tail))
        if beside:
            right.add(*tail)
    grid.rows, right.rows = _level(grid.rows, right.rows)
    foot_room = 0.34 if beside else NOTE
    page, rest = grid.limited(facts.page.bottom - top - foot_room)
    table = replace(grid.table(LEFT, top, page), rest=tuple(grid.rows[len(page) :]))
    elements: list[Element] = [table]
    foot = top + table.height + (0.12 if beside else 0.04)
    if beside:
        x = LEFT + table.width + 0.15
        elements += _drawing(facts, rows[: len(page)], grid, page, x, drawn)
        measures = right.table(x + drawn + 0.15, top, tuple(right.rows[: len(page)]))
        elements.append(replace(measures, rest=tuple(right.rows[len(page) :])))
        elements += _legend(foot)
    if rest:
        x = facts.page.right - 3 if beside else LEFT
        elements.append(note(more(rest), x, foot, 3))
    late_rows = [line for line in rows if (line.delta_days or 0) > 0]
    if late_rows:
        worst = late_rows[0]
        values = {
            "count": len(late_rows),
            "total": len(rows),
            "giver": worst.giver,
            "taker": worst.taker,
            "days": ngettext("%(count)s working day", "%(count)s working days", worst.delta_days or 0)
            % {"count": worst.delta_days},
        }
        title = headline(
            (
                _("1 of %(total)s deliveries comes later than needed: %(giver)s to %(taker)s by %(days)s")
                if len(late_rows) == 1
                else _("%(count)s of %(total)s deliveries come later than needed, %(giver)s to %(taker)s by %(days)s")
            )
            % values
        )
    else:
        title = headline(_("All %(total)s deliveries between projects are promised in time") % {"total": len(rows)})
    return [
        Slide(
            "dependencies",
            title,
            subtitle(
                _(
                    "Deliveries between projects; endangered as soon as the promise lies after the need; working days (WD)"
                )
            ),
            tuple(elements),
        )
    ]


def _cells(facts: Facts, line: DependencyLine, measures: bool) -> tuple[list[C], list[C]]:
    """What is delivered and when; whom it affects and what is done."""
    numbers = facts.numbers
    late = (line.delta_days or 0) > 0
    return [
        C(f"{line.giver} → {line.taker}", True, lines=2 if facts.page.narrow else 1),
        C(line.deliverable),
        C(numbers.day(line.needed_by), value=line.needed_by),
        C(numbers.day(line.promised_for), value=line.promised_for),
        C(numbers.decimal(line.delta_days, sign=True), late, value=line.delta_days, signed=True),
    ], [C(line.affects or "–", lines=2), *([C(line.measure or "–", lines=2, color="grey")] if measures else [])]


def _level(left: list[Row], right: list[Row]) -> tuple[list[Row], list[Row]]:
    """Rows of two tables side by side at one height."""
    if not right:
        return left, right
    heights = [max(a.height, b.height) for a, b in zip(left, right, strict=True)]
    return (
        [replace(row, height=height) for row, height in zip(left, heights, strict=True)],
        [replace(row, height=height) for row, height in zip(right, heights, strict=True)],
    )


def _drawing(
    facts: Facts, lines: Sequence[DependencyLine], grid: Grid, rows: tuple[Row, ...], x: float, width: float
) -> list[Element]:
    """Need and promise of each row over months."""
    days = [day for line in lines for day in (line.needed_by, line.promised_for) if day is not None]
    if not days:
        return []
    scale = Scale(_month_window(days), x, x + width)
    y = TOP + 0.18 + grid.header_height
    elements = _months(facts, scale, TOP, y, y + sum(row.height for row in rows))
    for row, line in zip(rows, lines, strict=True):
        elements += _pair(scale, line.needed_by, line.promised_for, y + row.height / 2, (line.delta_days or 0) > 0)
        y += row.height
        elements.append(Line(x, y, x + width, y))
    return elements


def _legend(foot: float) -> list[Element]:
    parts: list[Element] = []
    x = LEFT + 0.09
    words: tuple[tuple[Color, Color, str], ...] = (
        ("white", "ink", _("needed")),
        ("accent", "accent", _("promised in time")),
        ("ink", "ink", _("promised too late")),
    )
    for fill, line, word in words:
        width = width_of(word, SMALLEST) + 0.05
        parts += [
            Diamond(x, foot + 0.1, 0.085, fill, line),
            Text(x + 0.16, foot, width, 0.2, ((Run(word, color="grey"),),), SMALLEST, wrap=False),
        ]
        x += width + 0.6
    return parts


def _month_window(days: list[date]) -> tuple[date, date]:
    first, last = min(days), max(days)
    end = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    return date(first.year, first.month, 1), end


def _months(facts: Facts, scale: Scale, top: float, line: float, bottom: float) -> list[Element]:
    parts: list[Element] = [Line(scale.left, line, scale.right, line, "ink", 1)]
    count = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    step = next((size for size in (1, 2, 3, 6, 12) if count / size <= 4), 24)
    day = scale.first
    while day < scale.last:
        following = month_after(day, step)
        parts.append(Line(scale.x(day), line, scale.x(day), bottom))
        room = scale.x(following) - scale.x(day)
        name = facts.numbers.month_name(day) if step == 1 else facts.numbers.month(day)
        if width_of(name, SMALLEST, True) <= room:
            parts.append(
                Text(
                    scale.x(day),
                    line - 0.2,
                    room,
                    0.18,
                    ((Run(name, True, "grey"),),),
                    SMALLEST,
                    "center" if step == 1 else "left",
                )
            )
        day = following
    return parts


def _pair(scale: Scale, needed: date | None, promised: date | None, y: float, late: bool) -> list[Element]:
    parts: list[Element] = []
    if needed is not None and promised is not None:
        parts.append(Line(scale.x(needed), y, scale.x(promised), y, "ink" if late else "accent", 2))
    if needed is not None:
        parts.append(Diamond(scale.x(needed), y, 0.085, "white", "ink", alt=_("needed")))
    if promised is not None:
        color: Color = "ink" if late else "accent"
        parts.append(Diamond(scale.x(promised), y, 0.085, color, color, alt=_("promised")))
    return parts
