"""Finance: programmes with native bars beside their rows, and the S-curve."""

from __future__ import annotations

from dataclasses import replace
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
    Rect,
    Run,
    Series,
    Slide,
    Text,
)
from stellwerk.core.documents.text import fit, height_of, width_of, wrap
from stellwerk.reporting.deck.facts import Facts, claim, ratio_over
from stellwerk.reporting.deck.layout import (
    C,
    Grid,
    heading_width,
    headline,
    more,
    note,
    section,
    shared,
    subtitle,
)
from stellwerk.reporting.deck.slides.trend import spread_labels
from stellwerk.reporting.deck.words import amount_name
from stellwerk.reporting.payload import Amounts, CurvePoint, Money, MoneyRow, MoneyTrend

_COLUMNS = ("budget", "bac", "ac", "commitment", "etc", "eac", "vac")
_REMARK = 0.4  # height of two lines below the table
_SHORT = {"bac": "BAC", "ac": "AC", "etc": "ETC", "eac": "EAC", "vac": "VAC"}


def finance_slides(facts: Facts) -> list[Slide]:
    """One slide per currency (two currencies are never added)."""
    slides = []
    for total in facts.money_totals:
        money = next(value for name in _COLUMNS if (value := getattr(total.amounts, name)) is not None)
        rows = [
            row
            for row in facts.money_rows
            if any((v := getattr(row.amounts, name)) is not None and v.currency == money.currency for name in _COLUMNS)
        ]
        slides.append(_finance(facts, rows, total, money.currency))
    return slides


def _finance(facts: Facts, rows: list[MoneyRow], total: MoneyRow, currency: str) -> Slide:
    numbers, scale = facts.numbers, facts.scale(currency)
    shown = [name for name in _COLUMNS if any(getattr(row.amounts, name) is not None for row in (*rows, total))]
    over = any(ratio_over(row.amounts.eac, row.amounts.bac or row.amounts.budget) is not None for row in rows)
    number_width = 1.0 if len(shown) <= 5 else 0.92
    if facts.page.narrow and len(shown) > 5:
        number_width = 0.86
    columns = [Column(2.7, _("Programme"), least=1.3), Column(0.8, _("Projects"), "right")]
    names = {name: _SHORT.get(name) or (_("Budget") if name == "budget" else amount_name(name)) for name in shown}
    columns += [Column(heading_width(names[name], 11, number_width), names[name], "right") for name in shown]
    if over:
        columns.append(Column(0.75, _("Dev. %"), "right"))
    if sum(column.width for column in columns) > facts.page.full:
        columns = shared(facts.page.full, columns)
    used = sum(column.width for column in columns)
    if 0 < facts.page.full - used <= 2.2:  # no room for bars beside the table: it takes the full width
        wider = (facts.page.full - used) / (len(columns) - 1)
        columns = [columns[0], *(replace(column, width=column.width + wider) for column in columns[1:])]
        used = facts.page.full
    grid = Grid(
        _("Finance") if len(facts.money_totals) == 1 else _("Finance") + f" {currency}",
        columns,
        size=11,
        row_height=0.34,
        header_height=0.28,
    )
    order = sorted(
        rows,
        key=lambda row: (
            -max(
                (getattr(row.amounts, name).minor for name in shown if getattr(row.amounts, name) is not None),
                default=0,
            )
        ),
    )
    for row in order:
        grid.add(*_row(facts, row, row.name or _("without programme"), shown, over))
    grid.add(*_row(facts, total, _("Total"), shown, over), total=True)
    spare = facts.page.height - 0.75 - grid.header_height - grid.rows[-1].height - _REMARK
    most = len(order)
    while most and sum(row.height for row in grid.rows[:most]) > spare:
        most -= 1
    cut = len(order) - most
    hidden = tuple(grid.rows[most : len(order)])
    del grid.rows[most : len(order)]
    table_y = TOP + 0.32
    table = replace(grid.table(LEFT, table_y), rest=hidden)
    elements: list[Element] = [
        *section(_("By programme (%(unit)s)") % {"unit": numbers.unit(scale)}, LEFT, TOP - 0.02, used),
        table,
    ]
    kept = order[:most]
    below = table_y + table.height + 0.08
    remark = _remark(facts, rows, total, cut)
    if remark:
        lines = min(2, len(wrap(remark, SMALLEST, facts.page.full)))
        elements.append(note(remark, LEFT, below, facts.page.full, lines=lines))
        below += 0.05 + height_of(lines, SMALLEST)
    if facts.page.full - used > 2.2:
        elements += _bars(facts, kept, LEFT + used + 0.35, table_y + grid.header_height, 0.34, shown)
    elif facts.page.bottom - below - 0.75 > 0.2 * len(kept):
        elements += _bars_below(facts, kept, below + 0.15, shown)
    return Slide(
        "finance",
        _title(facts, total),
        subtitle(
            _(
                "Amounts in %(unit)s by programme at the data date %(date)s; deviation = EAC against BAC, without BAC against budget"
            )
            % {"unit": numbers.unit(scale), "date": numbers.date(facts.payload.data_date)}
        ),
        tuple(elements),
    )


def _row(facts: Facts, row: MoneyRow, name: str, shown: list[str], over: bool) -> list[C]:
    cells = [C(name), C(str(row.projects), value=row.projects)]
    for column in shown:
        money = getattr(row.amounts, column)
        scale = facts.scale(money.currency) if money is not None else None
        text = (
            facts.numbers.amount(money.minor, scale, sign=column == "vac")
            if money is not None and scale is not None
            else "–"
        )
        cells.append(C(text, value=facts.value(money), places=1, signed=column == "vac"))
    if over:
        ratio = ratio_over(row.amounts.eac, row.amounts.bac or row.amounts.budget)
        cells.append(
            C(
                facts.numbers.decimal(ratio * 100, 1, sign=True) if ratio is not None else "–",
                ratio is not None and ratio > Decimal("0.05"),
                value=None if ratio is None else ratio * 100,
                places=1,
                signed=True,
            )
        )
    return cells


def _bars(facts: Facts, rows: list[MoneyRow], x: float, y: float, step: float, shown: list[str]) -> list[Element]:
    """EAC and AC (or what is known) per programme, aligned with the table's rows."""
    width = facts.page.right - x
    wanted = [name for name in ("budget" if "bac" not in shown else "bac", "eac", "ac") if name in shown][:3]
    if width < 1.6 or len(rows) < 2 or not wanted:
        return []
    colors: dict[str, Color] = {"budget": "neutral", "bac": "neutral", "eac": "accent", "ac": "tint"}
    series = []
    for name in wanted:
        values = tuple(facts.value(getattr(row.amounts, name)) for row in rows)
        series.append(
            Series(
                _SHORT.get(name, _("Budget")),
                values,
                colors[name],
                outline=name in ("bac", "budget"),
                labels=width > 6 and step > 0.38,
            )
        )
    top = max((value for item in series for value in item.values if value is not None), default=Decimal(0))
    if top <= 0:
        return []
    low = min([Decimal(0), *(value for item in series for value in item.values if value is not None)])
    height = step * len(rows)
    plot = (x + 0.05, y, width - 0.1, height)
    chart = Chart(
        "bars",
        x,
        y - 0.1,
        width,
        height + 0.2,
        plot,
        tuple(row.name or _("without programme") for row in rows),
        tuple(series),
        Axis(low, top * (Decimal("1.12") if width > 6 else Decimal("1.02")), top, visible=False),
        _("Finance chart"),
        _("Amounts by programme"),
        places=1,
        size=SMALLEST,
        gap=50,
    )
    parts: list[Element] = [chart]
    at = x + 0.05
    for item in series:
        parts.append(
            Rect(
                at,
                y - 0.19,
                0.13,
                0.11,
                "white" if item.outline else item.color,
                item.color if item.outline else "none",
            )
        )
        parts.append(
            Text(
                at + 0.18,
                y - 0.235,
                width_of(item.name, SMALLEST, True) + 0.05,
                0.2,
                ((Run(item.name, True, "grey"),),),
                SMALLEST,
                anchor="middle",
                wrap=False,
            )
        )
        at += width_of(item.name, SMALLEST, True) + 0.42
    return parts


def _bars_below(facts: Facts, rows: list[MoneyRow], y: float, shown: list[str]) -> list[Element]:
    """The same bars under the table, with the programmes' names beside them."""
    step = min(0.55, (facts.page.bottom - y - 0.58) / len(rows))
    bars = _bars(facts, rows, LEFT + 2.75, y + 0.55, step, shown)
    if not bars:
        return []
    parts = [*section(_("Amounts by programme"), LEFT, y, facts.page.full), *bars]
    for index, row in enumerate(rows):
        name = fit(row.name or _("without programme"), 11, 2.6)
        parts.append(Text(LEFT, y + 0.55 + index * step, 2.65, step, ((Run(name),),), 11, anchor="middle"))
    return parts


def _remark(facts: Facts, rows: list[MoneyRow], total: MoneyRow, cut: int) -> str:
    parts = []
    if cut:
        parts.append(more(cut))
    missing = sum(row.without_data for row in rows)
    everything = facts.total - sum(row.projects for row in facts.money_totals)
    missing = max(missing, everything if len(facts.money_totals) == 1 else missing)
    if missing > 0:
        parts.append(_("%(count)s projects without these amounts are not included.") % {"count": missing})
    if total.amounts.eac is None and total.amounts.bac is not None:
        parts.append(_("There is no forecast (EAC) for all projects, so none is shown in total."))
    return " ".join(parts)


def _title(facts: Facts, total: MoneyRow) -> str:
    amounts: Amounts = total.amounts
    numbers = facts.numbers
    base = amounts.bac or amounts.budget
    over = ratio_over(amounts.eac, base)
    if over is not None and amounts.eac is not None and base is not None:
        values = {
            "eac": facts.money(amounts.eac),
            "percent": numbers.percent(abs(over)),
            "sum": facts.money(amounts.eac - base, sign=True),
        }
        claim((over > 0) == (amounts.eac.minor > base.minor), "direction of the deviation")
        if abs(over) < Decimal("0.0005"):
            return headline(_("The forecast of %(eac)s equals the plan") % values)
        if over > 0:
            if amounts.bac:
                return headline(_("The forecast of %(eac)s is %(percent)s over plan (%(sum)s)") % values)
            return headline(_("The forecast of %(eac)s is %(percent)s over budget (%(sum)s)") % values)
        if amounts.bac:
            return headline(_("The forecast of %(eac)s is %(percent)s under plan (%(sum)s)") % values)
        return headline(_("The forecast of %(eac)s is %(percent)s under budget (%(sum)s)") % values)
    if base is not None and amounts.ac is not None and base.minor:
        share = Decimal(amounts.ac.minor) / base.minor
        return headline(
            _("%(ac)s of %(base)s are spent (%(percent)s)")
            % {"ac": facts.money(amounts.ac), "base": facts.money(base), "percent": numbers.percent(share)}
        )
    if base is not None:
        return headline(
            _("%(count)s projects have a plan of %(base)s; there is no forecast")
            % {"count": total.projects, "base": facts.money(base)}
        )
    for name in ("eac", "ac"):
        money = getattr(amounts, name)
        if money is not None:
            return headline(
                _("%(what)s of %(count)s projects: %(sum)s")
                % {"what": amount_name(name), "count": total.projects, "sum": facts.money(money)}
            )
    return headline(_("Money of %(count)s projects") % {"count": total.projects})


# ---------------------------------------------------------------- S-curve


def curve_slides(facts: Facts) -> list[Slide]:
    points = sorted(facts.payload.curve, key=lambda point: point.on)
    if (
        len(points) < 3
        or len({m.currency for p in points for m in (p.pv, p.ev, p.ac, p.forecast) if m is not None}) != 1
    ):
        return []
    height = facts.page.height - 0.05
    chart, labels = curve_chart(facts, points, (LEFT, TOP + 0.02, facts.page.full - 0.05, height))
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
            subtitle(
                _("Cumulative values in %(unit)s: planned value PV, earned value EV, actual cost AC, forecast dashed")
                % {"unit": facts.unit}
            ),
            (chart, *labels),
        )
    ]


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


# ---------------------------------------------------------------- forecast over the reporting dates


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
        "step": facts.money(step, sign=step.minor < 0),
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
