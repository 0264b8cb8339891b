"""Deliveries between projects and whether they come in time."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    RIGHT,
    TOP,
    Color,
    Column,
    Diamond,
    Element,
    Line,
    Run,
    Slide,
    Text,
)
from stellwerk.core.documents.text import width_of
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import FULL, C, Grid, headline, more, note, subtitle
from stellwerk.reporting.deck.slides.schedule import Scale, month_after


def dependency_slides(facts: Facts) -> list[Slide]:
    rows = facts.dependencies
    if not rows:
        return []
    numbers = facts.numbers
    columns = [
        Column(2.0, _("Giver → taker")),
        Column(2.9, _("Delivery")),
        Column(0.85, _("Needed"), "right"),
        Column(0.9, _("Promised"), "right"),
        Column(0.65, _("Δ WD"), "right"),
    ]
    left_width = sum(column.width for column in columns)
    drawn = 2.2
    right_columns = [Column(0.95, _("Affects")), Column(FULL - left_width - drawn - 0.3 - 0.95, _("Measure"))]
    grid = Grid(_("Dependencies"), columns, size=10.5, row_height=0.42)
    right = Grid(_("Dependencies: measures"), right_columns, size=10.5, row_height=0.42)
    shown = rows[:12]
    for line in shown:
        late = (line.delta_days or 0) > 0
        grid.add(
            C(f"{line.giver} → {line.taker}", True),
            C(line.deliverable),
            C(numbers.day(line.needed_by), value=line.needed_by),
            C(numbers.day(line.promised_for), value=line.promised_for),
            C(numbers.decimal(line.delta_days, sign=True), late, value=line.delta_days, signed=True),
        )
        right.add(C(line.affects or "–"), C(line.measure or "–", lines=2, color="grey"))
    table = grid.table(LEFT, TOP + 0.18)
    x = LEFT + left_width + 0.15
    elements: list[Element] = [table]
    days = [day for line in shown for day in (line.needed_by, line.promised_for) if day is not None]
    if days:
        scale = Scale(_month_window(days), x, x + drawn)
        y = TOP + 0.18 + grid.header_height
        elements += _months(facts, scale, TOP, y, y + sum(row.height for row in grid.rows))
        for row, line in zip(grid.rows, shown, strict=True):
            elements += _pair(scale, line.needed_by, line.promised_for, y + row.height / 2, (line.delta_days or 0) > 0)
            y += row.height
            elements.append(Line(x, y, x + drawn, y))
    elements.append(right.table(x + drawn + 0.15, TOP + 0.18))
    foot = TOP + 0.18 + table.height + 0.12
    elements += [
        Diamond(LEFT + 0.09, foot + 0.1, 0.085, "white", "ink"),
        Text(LEFT + 0.25, foot, 2, 0.2, ((Run(_("needed"), color="grey"),),), 10, wrap=False),
        Diamond(LEFT + 1.29, foot + 0.1, 0.085, "accent", "accent"),
        Text(LEFT + 1.45, foot, 2.4, 0.2, ((Run(_("promised in time"), color="grey"),),), 10, wrap=False),
        Diamond(LEFT + 3.09, foot + 0.1, 0.085, "ink", "ink"),
        Text(LEFT + 3.25, foot, 2.4, 0.2, ((Run(_("promised too late"), color="grey"),),), 10, wrap=False),
    ]
    if len(rows) > len(shown):
        elements.append(note(more(len(rows) - len(shown)), RIGHT - 2, foot, 2))
    late_rows = [line for line in rows if (line.delta_days or 0) > 0]
    if late_rows:
        worst = late_rows[0]
        values = {
            "count": len(late_rows),
            "total": len(rows),
            "giver": worst.giver,
            "taker": worst.taker,
            "days": worst.delta_days,
        }
        title = headline(
            (
                _("1 of %(total)s deliveries comes later than needed: %(giver)s to %(taker)s by %(days)s working days")
                if len(late_rows) == 1
                else _(
                    "%(count)s of %(total)s deliveries come later than needed, %(giver)s to %(taker)s by %(days)s working days"
                )
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
        if width_of(name, 9.5) <= room:
            parts.append(
                Text(
                    scale.x(day),
                    line - 0.2,
                    room,
                    0.18,
                    ((Run(name, True, "grey"),),),
                    9.5,
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
