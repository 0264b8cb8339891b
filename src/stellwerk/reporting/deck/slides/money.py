"""Finance: programmes with native bars beside their rows."""

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
from stellwerk.reporting.deck.words import amount_name
from stellwerk.reporting.payload import Amounts, MoneyRow

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
