"""Milestone trend: the native chart, and labels that do not touch."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext as _

from stellwerk.core.documents.numbers import from_serial, serial
from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    TOP,
    WIDE,
    Axis,
    Chart,
    Column,
    Element,
    Run,
    Series,
    Slide,
    Text,
)
from stellwerk.core.documents.text import fit
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import C, Grid, day_width, headline, section, shared, subtitle
from stellwerk.reporting.deck.slides.schedule import month_after
from stellwerk.reporting.payload import MilestoneLine, StatusPayload


def trend_slides(facts: Facts) -> list[Slide]:
    """Native chart of the milestones whose forecast moved most, at least three reports each."""
    rows = []
    for project in facts.projects:
        for milestone in project.milestones:
            if len(milestone.history) >= 3 and milestone.actual is None:
                points = sorted(milestone.history, key=lambda point: point.reported)
                rows.append(((points[-1].expected - points[0].expected).days, project, milestone))
    rows.sort(key=lambda row: (-row[0], row[1].key))
    chosen = [row for row in rows if row[0] > 0][:6]
    if not chosen:
        return []
    beside = not facts.page.narrow
    top = TOP if beside else facts.page.bottom - 0.6 - 0.27 * len(chosen)
    parted = not beside and top - TOP < 2  # too low for both: the table has a slide of its own
    wide = 7.4 - (WIDE.full - facts.page.full) if beside else facts.page.full
    x = LEFT + wide + 0.45 if beside else LEFT
    room = (facts.page.bottom - 0.42 if beside or parted else top - 0.5) - TOP
    top = TOP if parted else top
    chart, labels = trend_chart(facts, [(p, m) for _days, p, m in chosen], (LEFT, TOP + 0.36, wide, room))
    wanted = day_width(facts.numbers, _("first"), _("now"))
    columns = shared(
        facts.page.right - x,
        [
            Column(1.0, _("Project")),
            Column(1.05, _("Milestone"), least=0.9),
            Column(wanted, _("first"), "right"),
            Column(wanted, _("now"), "right"),
            Column(0.5, _("days"), "right"),
        ],
    )
    grid = Grid(_("Trend"), columns, size=SMALLEST, row_height=0.3 if beside else 0.27)
    for days, project, milestone in chosen:
        points = sorted(milestone.history, key=lambda point: point.reported)
        grid.add(
            C(project.key, True),
            C(milestone.code or milestone.name),
            C(facts.numbers.day(points[0].expected), value=points[0].expected),
            C(facts.numbers.day(points[-1].expected), value=points[-1].expected),
            C(facts.numbers.decimal(days, sign=True), True, value=days, signed=True),
        )
    days, project, milestone = chosen[0]
    title = headline(
        _("The forecast of %(what)s of %(key)s moved by %(days)s calendar days over %(reports)s reports")
        % {
            "what": milestone.code or milestone.name,
            "key": project.key,
            "days": facts.numbers.decimal(days, sign=True),
            "reports": len(milestone.history),
        }
    )
    picture: list[Element] = [
        *section(_("Milestone trend"), LEFT, TOP, wide, _("forecast per report date; rising = delay")),
        chart,
        *labels,
    ]
    table: list[Element] = [
        *section(_("Shift of the forecast"), x, top, facts.page.right - x, _("calendar days")),
        grid.table(x, top + 0.33),
    ]
    sub = subtitle(_("Open milestones whose forecast moved most since the first report"))
    pages = [picture, table] if parted else [picture + table]
    return [Slide("trend", title, sub, tuple(elements)) for elements in pages]


def trend_chart(
    facts: Facts,
    chosen: list[tuple[StatusPayload, MilestoneLine]],
    box: tuple[float, float, float, float],
    size: float = SMALLEST,
    with_key: bool = True,
) -> tuple[Chart, list[Element]]:
    """Chart and the labels at its right edge, spread so that they do not touch."""
    x, y, w, h = box
    days = sorted({point.reported for _p, m in chosen for point in m.history})
    values = [point.expected for _p, m in chosen for point in m.history]
    low, high = date(min(values).year, min(values).month, 1), month_after(max(values), 1)
    months = (high.year - low.year) * 12 + high.month - low.month
    step = next((size for size in (1, 2, 3, 6, 12) if months / size <= 10), 24)
    axis = Axis(
        serial(low), serial(high), (Decimal("30.4375") * step).quantize(Decimal(1), rounding=ROUND_CEILING), dates=True
    )
    left, right = size * 0.07, size * (0.135 if with_key else 0.115)
    plot = (x + left, y + 0.08, w - left - right, h - 0.08 - size * 0.032)
    series = []
    for project, milestone in chosen:
        known = {point.reported: serial(point.expected) for point in milestone.history}
        name = milestone.code or milestone.name
        series.append(
            Series(
                f"{project.key} {name}" if with_key else name,
                tuple(known.get(day) for day in days),
                "accent",
                1.5,
                markers=True,
            )
        )
    chart = Chart(
        "lines", x, y, w, h, plot, tuple(days), tuple(series), axis, _("Trend chart"), _("Milestone trend"), size=size
    )
    ends = []
    for item, (_project, milestone) in zip(series, chosen, strict=True):
        last = [value for value in item.values if value is not None][-1]
        text = item.name
        if not with_key:
            delta = "" if milestone.delta_days is None else f" {facts.numbers.decimal(milestone.delta_days, sign=True)}"
            text = f"{item.name} {facts.numbers.short_day(from_serial(last))}{delta}"
        ends.append((chart.level(last), text))
    return chart, spread_labels(ends, plot[0] + plot[2] + 0.06, right - 0.08, size, plot[1], plot[1] + plot[3])


def spread_labels(
    ends: list[tuple[float, str]], x: float, width: float, size: float, top: float, bottom: float
) -> list[Element]:
    """Text at the wanted heights, moved apart by one line where they would overlap."""
    line = size * 1.25 / 72
    at: list[tuple[float, str]] = []
    for y, text in sorted(ends):
        at.append((max(y, at[-1][0] + line) if at else max(y, top), text))
    overflow = at[-1][0] - bottom if at else 0
    if overflow > 0:
        limit = bottom
        for index in range(len(at) - 1, -1, -1):
            at[index] = (min(at[index][0], limit), at[index][1])
            limit = at[index][0] - line
    return [
        Text(
            x,
            y - line / 2,
            width,
            line,
            ((Run(fit(text, size, width, 1, True), True),),),
            size,
            anchor="middle",
            wrap=False,
        )
        for y, text in at
    ]
