"""The forecast over the reporting dates, and which projects cause its difference to the plan."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    TOP,
    Axis,
    Chart,
    Color,
    Column,
    Element,
    Series,
    Slide,
)
from stellwerk.reporting.deck.facts import Facts, claim, ratio_over
from stellwerk.reporting.deck.layout import (
    C,
    Grid,
    headline,
    section,
    subtitle,
)
from stellwerk.reporting.deck.slides.curve import nice_step
from stellwerk.reporting.deck.slides.trend import spread_labels
from stellwerk.reporting.payload import Money, MoneyTrend


def trend_slides(facts: Facts) -> list[Slide]:
    """BAC, EAC and AC at the last reporting dates, and which projects cause the difference between EAC and BAC."""
    trend = facts.payload.money_trend
    if trend is None or len(facts.currencies) != 1:
        return []
    points = trend.points
    split = facts.page.right - (4.033 if not facts.page.narrow else 3.4)
    width = split - LEFT - 0.4
    names: tuple[tuple[str, str, Color, float, bool], ...] = (
        ("BAC", "bac", "neutral", 1.75, False),
        ("EAC", "eac", "ink", 1.75, True),
        ("AC", "ac", "accent", 2.25, False),
    )
    series = [
        Series(label, tuple(facts.value(getattr(point, name)) for point in points), color, wide, dashed, markers=True)
        for label, name, color, wide, dashed in names
    ]
    top = max(value for item in series for value in item.values if value is not None)
    step = nice_step(max(top, Decimal(1)))
    over = _overrun_columns(facts, trend, width)
    y = TOP + (2.25 if over else 0)
    box = (LEFT, y + 0.34, width, facts.page.bottom - y - 0.36)
    right = 1.35
    plot = (box[0] + 0.75, box[1] + 0.15, width - 0.75 - right, box[3] - 0.5)
    chart = Chart(
        "lines", *box, plot, tuple(point.on for point in points), tuple(series),
        Axis(Decimal(0), step * (int(top / step) + 1), step), _("Forecast trend"), _("Forecast trend"), places=1, size=SMALLEST,
    )  # fmt: skip
    last = points[-1]
    ends = [
        (chart.level(item.values[-1]), f"{item.name} {facts.numbers.decimal(item.values[-1], 1)}")
        for item in series
        if item.values[-1] is not None
    ]
    labels = spread_labels(ends, plot[0] + plot[2] + 0.06, right - 0.06, SMALLEST, plot[1], plot[1] + plot[3])
    extra = _("%(count)s of %(total)s projects with all three values at every date") % {
        "count": len(trend.keys),
        "total": facts.total,
    }
    elements: list[Element] = [
        *over,
        *section(_("Development (%(unit)s)") % {"unit": facts.unit}, LEFT, y, width, extra),
        chart,
        *labels,
        *_trend_table(facts, trend, split),
    ]
    sub = _("Sums of the same projects at the reporting dates from %(first)s to %(last)s in %(unit)s") % {
        "first": facts.numbers.date(points[0].on),
        "last": facts.numbers.date(last.on),
        "unit": facts.unit,
    }
    return [Slide("forecast", _trend_title(facts, trend), subtitle(sub), tuple(elements))]


def _overrun_columns(facts: Facts, trend: MoneyTrend, width: float) -> list[Element]:
    """EAC − BAC at each date as columns: a change that lines from zero would hide. Nothing where one is negative."""
    values = tuple(facts.value(point.eac - point.bac) for point in trend.points)
    known = [value for value in values if value is not None]
    if min(known) < 0 or max(known) <= 0:
        return []
    title = _("Forecast above plan, EAC − BAC (%(unit)s)") % {"unit": facts.unit}
    plot = (LEFT + 0.75, TOP + 0.45, width - 0.75 - 1.35, 1.4)
    chart = Chart(
        "columns", LEFT, TOP + 0.36, width, 1.85, plot,
        tuple(facts.numbers.axis_days([point.on for point in trend.points])),
        (Series("EAC − BAC", values, "accent", labels=True, label_color="white"),),
        Axis(Decimal(0), max(known), max(known), visible=False), _("Forecast above plan"), title, places=1, size=SMALLEST, gap=60,
    )  # fmt: skip
    return [*section(title, LEFT, TOP, width), chart]


def _trend_table(facts: Facts, trend: MoneyTrend, x: float) -> list[Element]:
    """Today and the difference to the previous date; below it the greatest contributions to EAC − BAC."""
    now, before = trend.points[-1], trend.points[-2]
    wide = (facts.page.right - x - 1.5) / 2
    columns = (Column(1.5, ""), Column(wide, _("today"), "right"), Column(wide, _("Δ previous"), "right"))
    grid = Grid(_("Forecast trend in figures"), columns, size=11, row_height=0.29)
    rows = [
        ("BAC", now.bac, before.bac),
        ("AC", now.ac, before.ac),
        ("EAC", now.eac, before.eac),
        ("VAC = BAC − EAC", now.bac - now.eac, before.bac - before.eac),
    ]
    for name, value, old in rows:
        change = value - old
        grid.add(
            C(name, name == "EAC"),
            C(facts.amount(value, sign=name.startswith("VAC")), name == "EAC", value=facts.value(value), places=1),
            C(facts.amount(change, sign=True), value=facts.value(change), places=1, signed=True),
        )
    elements = [*section(_("Key figures (%(unit)s)") % {"unit": facts.unit}, x, TOP, facts.page.right - x)]
    elements += grid.block(x, TOP + 0.32, 2)
    y = TOP + 0.32 + grid.header_height + 0.29 * len(rows) + 0.35
    return elements + _contributions(facts, trend, x, y)


def _contributions(facts: Facts, trend: MoneyTrend, x: float, y: float) -> list[Element]:
    rows = [
        (p.key, total.eac - total.bac, ratio_over(total.eac, total.bac))
        for p in facts.projects
        if p.key in trend.keys
        and p.money is not None
        and (total := p.money.total).eac is not None
        and total.bac is not None
    ]
    rows.sort(key=lambda row: -row[1].minor)
    most = max(3, int((facts.page.bottom - y - 0.6) / 0.28) - 2)
    top = [row for row in rows if row[1].minor > 0][:most]
    if not top:
        return []
    others = rows[len(top) :]
    wide = (facts.page.right - x - 1.5) / 2
    columns = (Column(1.5, _("Project")), Column(wide, "EAC − BAC", "right"), Column(wide, _("Dev. %"), "right"))
    grid = Grid(_("Contributions to the deviation"), columns, size=11, row_height=0.28)
    for key, amount, over in top:
        grid.add(
            C(key, True),
            C(facts.amount(amount, sign=True), value=facts.value(amount), places=1, signed=True),
            C(
                facts.numbers.decimal(over * 100, 1, sign=True) if over is not None else "–",
                value=over * 100 if over is not None else None,
                places=1,
                signed=True,
            ),
        )
    if others:
        rest = others[0][1]
        for _key, amount, _over in others[1:]:
            rest = rest + amount
        grid.add(
            C(_("%(count)s others") % {"count": len(others)}, color="grey"),
            C(facts.amount(rest, sign=True), value=facts.value(rest), places=1, signed=True),
            C(""),
        )
    last = trend.points[-1]
    whole = Money(sum(amount.minor for _key, amount, _over in rows), rows[0][1].currency)
    grid.add(
        C(_("Total")),
        C(facts.amount(whole, sign=True), value=facts.value(whole), places=1, signed=True),
        C(""),
        total=True,
    )
    claim(whole == last.eac - last.bac, "contributions add up to EAC − BAC")
    return [
        *section(_("Greatest contributions to EAC − BAC"), x, y, facts.page.right - x),
        *grid.block(x, y + 0.32, facts.page.bottom - y - 0.3),
    ]


def _trend_title(facts: Facts, trend: MoneyTrend) -> str:
    points = trend.points
    now, before, first = points[-1], points[-2], points[0]
    step, all_ = now.eac - before.eac, now.eac - first.eac
    values = {
        "eac": facts.money(now.eac),
        "step": facts.money(step if step.minor >= 0 else before.eac - now.eac),
        "all": facts.money(all_, sign=all_.minor < 0 or step.minor < 0),
        "date": facts.numbers.date(first.on),
    }
    if step.minor > 0:
        return headline(
            _("The forecast rises by %(step)s since the previous report, by %(all)s since %(date)s") % values
        )
    if step.minor < 0:
        return headline(
            _("The forecast falls by %(step)s since the previous report; since %(date)s it changed by %(all)s") % values
        )
    return headline(_("The forecast of %(eac)s is the same as in the previous report") % values)
