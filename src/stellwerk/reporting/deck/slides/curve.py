"""The S-curve: planned value, earned value, actual cost and forecast over time."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    TOP,
    Axis,
    Chart,
    Color,
    Element,
    Run,
    Series,
    Slide,
    Text,
)
from stellwerk.core.documents.text import fit, height_of, width_of, wrap
from stellwerk.reporting.deck.facts import Facts, claim
from stellwerk.reporting.deck.layout import (
    headline,
    note,
    subtitle,
)
from stellwerk.reporting.deck.slides.trend import spread_labels
from stellwerk.reporting.payload import CurvePoint, Money, StatusPayload


def curve_slides(facts: Facts) -> list[Slide]:
    points = sorted(facts.payload.curve, key=lambda point: point.on)
    if (
        len(points) < 3
        or len({m.currency for p in points for m in (p.pv, p.ev, p.ac, p.forecast) if m is not None}) != 1
    ):
        return []
    rest = _others(facts, points)
    lines = min(2, len(wrap(rest, SMALLEST, facts.page.full))) if rest else 0
    height = facts.page.height - 0.05 - (height_of(lines, SMALLEST) + 0.06 if lines else 0)
    chart, labels = curve_chart(facts, points, (LEFT, TOP + 0.02, facts.page.full - 0.05, height))
    if lines:
        labels.append(note(rest, LEFT, TOP + height + 0.06, facts.page.full, lines=lines))
    at = [p for p in points if p.on <= facts.payload.data_date and p.ev is not None and p.ac is not None]
    if at:
        now = at[-1]
        assert now.ev is not None and now.ac is not None
        difference = now.ac - now.ev
        values = {"sum": facts.money(difference if difference.minor > 0 else now.ev - now.ac)}
        title = (
            _("Actual cost exceeds the value earned by %(sum)s") % values
            if difference.minor > 0
            else _("Actual cost is %(sum)s below the value earned") % values
        )
        if now.pv is not None and now.pv.minor > now.ev.minor:
            title = _("%(claim)s; %(gap)s of the planned value are not yet earned") % {
                "claim": title,
                "gap": facts.money(now.pv - now.ev),
            }
    else:
        title = _("Cumulative plan and cost of the portfolio")
    return [
        Slide(
            "curve",
            headline(title),
            subtitle(_of_how_many(facts)),
            (chart, *labels),
        )
    ]


def _of_how_many(facts: Facts) -> str:
    """What the lines are, and of how many projects: of others no budget over time is known."""
    text = _("Cumulative values in %(unit)s: planned value PV, earned value EV, actual cost AC, forecast dashed") % {
        "unit": facts.unit
    }
    count = facts.payload.curve_projects
    if 0 < count < facts.total:
        of_which = (
            _("%(count)s of %(total)s projects: those whose current report has earned value")
            if facts.payload.curve_keys
            else _("%(count)s of %(total)s projects: those with a budget over time")
        )
        text += ". " + of_which % {"count": count, "total": facts.total}
    return text


def _others(facts: Facts, points: list[CurvePoint]) -> str:
    """What the other projects add to AC and EAC, up to the sums of the finance slide; empty where it says the same already."""
    keys = set(facts.payload.curve_keys)
    now = next((p for p in points if p.on == facts.payload.data_date), None)
    if not keys or now is None or now.ac is None:
        return ""
    code = now.ac.currency
    inside = _sums([p for p in facts.projects if p.key in keys], code)
    claim(inside is not None and inside[0] == now.ac, "the curve ends at the actual cost of its projects")
    end = points[-1].forecast
    claim(inside is not None and (end is None or inside[1] == end), "the curve leads to the forecast of its projects")
    others = _sums([p for p in facts.projects if p.key not in keys], code)
    if others is None or len(facts.money_totals) != 1 or inside is None:
        return ""
    all_, whole = (inside[0] + others[0], inside[1] + others[1]), facts.money_totals[0].amounts
    if all_ != (whole.ac, whole.eac):
        return ""
    count = facts.total - len(keys)
    return ngettext(
        "Not in the lines: %(count)s project with AC %(ac)s and EAC %(eac)s; all together AC %(all_ac)s and EAC %(all_eac)s.",
        "Not in the lines: %(count)s projects with AC %(ac)s and EAC %(eac)s; all together AC %(all_ac)s and EAC %(all_eac)s.",
        count,
    ) % {
        "count": count, "ac": facts.money(others[0]), "eac": facts.money(others[1]), "all_ac": facts.money(all_[0]),
        "all_eac": facts.money(all_[1]),
    }  # fmt: skip


def _sums(projects: list[StatusPayload], code: str) -> tuple[Money, Money] | None:
    """AC and EAC of these projects, where each knows both in this currency."""
    rows = [p.money.total for p in projects if p.money is not None]
    pairs = [(row.ac, row.eac) for row in rows if row.ac is not None and row.eac is not None]
    if not pairs or len(pairs) < len(projects) or {money.currency for pair in pairs for money in pair} != {code}:
        return None
    return Money(sum(ac.minor for ac, _eac in pairs), code), Money(sum(eac.minor for _ac, eac in pairs), code)


def curve_chart(
    facts: Facts,
    points: list[CurvePoint],
    box: tuple[float, float, float, float],
    size: float = SMALLEST,
    small: bool = False,
) -> tuple[Chart, list[Element]]:
    """PV grey, EV accent, AC ink, forecast dashed; labels at the right edge (in a ``small`` one also those that end before it)."""
    x, y, w, h = box
    names: tuple[tuple[str, str, Color, float, bool], ...] = (
        ("PV", "pv", "neutral", 1.75, False),
        ("AC", "ac", "ink", 1.5, False),
        ("EV", "ev", "accent", 2.25, False),
        ("EAC", "forecast", "ink", 1.5, True),
    )
    series = []
    for label, name, color, points_wide, dashed in names:
        values = tuple(facts.value(getattr(point, name)) for point in points)
        if any(value is not None for value in values):
            series.append(Series(label, values, color, points_wide, dashed))
    top = max((value for item in series for value in item.values if value is not None), default=Decimal(1))
    step = nice_step(top)
    high = step * (int(top / step) + 1)
    left, right, top_room = size * 0.075, size * 0.13, size * 0.025
    plot = (x + left, y + top_room, w - left - right, h - top_room - size * 0.035)
    chart = Chart(
        "lines",
        x,
        y,
        w,
        h,
        plot,
        tuple(point.on for point in points),
        tuple(series),
        Axis(Decimal(0), high, step),
        _("S-curve"),
        _("S-curve"),
        places=1,
        size=size,
        data_date=facts.payload.data_date,
    )
    edge: list[tuple[float, str]] = []
    inner: list[tuple[float, str]] = []
    break_at = plot[0]
    for item in series:
        day, last = [(point.on, value) for point, value in zip(points, item.values, strict=True) if value is not None][
            -1
        ]
        text = f"{item.name} {facts.numbers.decimal(last, 1)}"
        if small or chart.at(day) > plot[0] + plot[2] - 0.9:
            edge.append((chart.level(last), text))
        else:  # the line ends at the data date: below and right of its end there is room
            inner.append((chart.level(last) + size * 0.014, text))
            break_at = max(break_at, chart.at(day), chart.at(facts.payload.data_date))
    labels = spread_labels(edge, plot[0] + plot[2] + 0.06, right - 0.06, size, plot[1], plot[1] + plot[3])
    labels += spread_labels(inner, break_at + 0.09, size * 0.15, size, plot[1], plot[1] + plot[3] - size * 0.01)
    first, end = points[0].on, points[-1].on
    if first <= facts.payload.data_date <= end:
        at = chart.at(facts.payload.data_date)
        text = fit(_("Data date %(date)s") % {"date": facts.numbers.date(facts.payload.data_date)}, size, 2.2)
        wide = width_of(text, size, True) + 0.05
        at = min(max(at, plot[0] + wide / 2), plot[0] + plot[2] - wide / 2)
        labels.append(Text(at - wide / 2, y, wide, size * 0.02, ((Run(text, True),),), size, "center", wrap=False))
    return chart, labels


def nice_step(top: Decimal) -> Decimal:
    """A step of 1, 2 or 5 times a power of ten that cuts ``top`` into three to six parts."""
    magnitude = Decimal(10) ** (top.adjusted() if top > 0 else 0)
    for factor in (Decimal("0.1"), Decimal("0.2"), Decimal("0.5"), Decimal(1), Decimal(2)):
        if top / (magnitude * factor) <= 6:
            return magnitude * factor
    return magnitude * 5
