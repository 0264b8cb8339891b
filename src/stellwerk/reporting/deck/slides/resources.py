"""Capacity and demand by role."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    TOP,
    WIDE,
    Axis,
    Chart,
    Color,
    Column,
    Element,
    Rect,
    Row,
    Run,
    Series,
    Slide,
    Text,
)
from stellwerk.core.documents.text import width_of
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import C, Grid, headline, section, shared, subtitle
from stellwerk.reporting.payload import StaffingLine


def resource_slides(facts: Facts) -> list[Slide]:
    if facts.payload.capacity:
        return [_capacity(facts)]
    return _staffing(facts)


def _capacity(facts: Facts) -> Slide:
    numbers = facts.numbers
    rows = facts.payload.capacity
    months = sorted({row.month for row in rows})[:8]
    rows = tuple(row for row in rows if row.month in months)
    roles = sorted({row.role for row in rows})
    english = get_language() == "en"
    shown = {row.role: row.role_en if english and row.role_en else row.role for row in rows}
    gap = {(row.role, row.month): row.capacity - row.demand for row in rows}
    by_role = sorted(roles, key=lambda role: (min(gap[key] for key in gap if key[0] == role), role))
    shortage = {
        month: -sum((value for (_role, at), value in gap.items() if at == month and value < 0), Decimal(0))
        for month in months
    }
    covered = tuple(sum((row.covered for row in rows if row.month == month), Decimal(0)) for month in months)
    uncovered = tuple(
        sum((max(row.demand - row.covered, Decimal(0)) for row in rows if row.month == month), Decimal(0))
        for month in months
    )
    top = max([a + b for a, b in zip(covered, uncovered, strict=True)] or [Decimal(1)]) or Decimal(1)
    narrow = facts.page.narrow  # there the shortage is a row of the table below
    strip = not narrow and any(shortage.values())  # eight times nothing is no picture: then the columns have the room
    wide = 5.7 if strip else facts.page.full
    chart_height = 1.9 if facts.page.height > 4 else 1.2
    plot = (LEFT + 0.05, TOP + 0.38, wide - 0.2, chart_height - 0.35)
    chart = Chart(
        "columns",
        LEFT,
        TOP + 0.3,
        wide,
        chart_height,
        plot,
        tuple(numbers.month(month) for month in months),
        (
            Series(_("Demand staffed"), covered, "tint", labels=True),
            Series(
                _("Demand not yet staffed"),
                tuple(value if value else None for value in uncovered),
                "accent",
                labels=True,
                label_color="white",
                label_from=top * Decimal("0.17") / Decimal(str(round(chart_height - 0.35, 2))),
            ),
        ),
        Axis(Decimal(0), top, top, visible=False),
        _("Capacity chart"),
        _("Demand staffed and not yet staffed per month in FTE"),
        places=1,
        size=SMALLEST,
    )
    x = LEFT + 6.2
    elements: list[Element] = [*section(_("Demand of all roles (FTE)"), LEFT, TOP, wide), chart]
    elements += _key((("tint", _("staffed")), ("accent", _("not yet staffed"))), LEFT + wide - 2.5, TOP + 0.03)
    if strip:
        head = _("Shortage of all roles (FTE)")
        elements += section(head, x, TOP, facts.page.right - x, _("surplus never offsets shortage"))
    step = (facts.page.right - x) / max(len(months), 1)
    for index, month in enumerate(months if strip else ()):
        missing = shortage[month]
        text = numbers.decimal(-missing if missing else Decimal(0), 1)
        elements += [
            Text(
                x + index * step,
                TOP + 0.6,
                step,
                0.4,
                ((Run(text, True),),),
                18 if len(months) <= 6 else 14,
                "center",
                "middle",
            ),
            Text(x + index * step, TOP + 1.05, step, 0.2, ((Run(numbers.month(month), color="grey"),),), 11, "center"),
        ]
    y = TOP + chart_height + 0.62
    name = 3.4 if not narrow else 2.4
    columns = [
        Column(name, _("Role")),
        *[Column((facts.page.full - name) / len(months), numbers.month(month), "right") for month in months],
    ]
    grid = Grid(_("Capacity"), columns, size=11, row_height=0.28)
    for role in by_role:
        cells = [C(shown[role])]
        for month in months:
            value: Decimal | None = gap.get((role, month))
            cells.append(
                C(
                    numbers.decimal(value, 1, sign=True),
                    value is not None and value < 0,
                    "ink" if value is not None and value < 0 else "grey",
                    value=value,
                    places=1,
                    signed=True,
                )
            )
        grid.add(*cells)
    if narrow:
        short = [-shortage[month] if shortage[month] else Decimal(0) for month in months]
        cells = [C(numbers.decimal(value, 1), value=value, places=1, signed=True) for value in short]
        grid.rows.insert(0, replace(_total_row(grid, C(_("Shortage of all roles (FTE)")), cells), total=False))
    elements += section(_("Gap per role = net capacity − demand (FTE)"), LEFT, y, facts.page.full)
    elements += grid.block(LEFT, y + 0.3, facts.page.bottom - y - 0.32)
    worst_month = max(months, key=lambda month: shortage[month])
    short_roles = [role for role in by_role if gap.get((role, worst_month), Decimal(0)) < 0]
    if shortage[worst_month] > 0:
        title = headline(
            _("In %(month)s %(fte)s FTE are missing, most of all: %(role)s")
            % {
                "month": numbers.long_month(worst_month),
                "fte": numbers.decimal(shortage[worst_month], 1),
                "role": shown[short_roles[0]],
            }
        )
    else:
        title = headline(_("Capacity suffices for every role in all %(count)s months shown") % {"count": len(months)})
    return Slide(
        "resources",
        title,
        subtitle(_("Net capacity and demand per role and month in FTE; shortage in bold")),
        tuple(elements),
    )


def _total_row(grid: Grid, name: C, cells: list[C]) -> Row:
    """A row in bold; taken from the grid again, to stand where the caller wants it."""
    grid.add(name, *cells, total=True)
    return grid.rows.pop()


def _key(items: tuple[tuple[Color, str], ...], x: float, y: float) -> list[Element]:
    parts: list[Element] = []
    for fill, word in items:
        parts += [
            Rect(x, y + 0.03, 0.22, 0.13, fill),
            Text(
                x + 0.28, y, width_of(word, SMALLEST) + 0.05, 0.19, ((Run(word, color="grey"),),), SMALLEST, wrap=False
            ),
        ]
        x += width_of(word, SMALLEST) + 0.5
    return parts


def _staffing(facts: Facts) -> list[Slide]:
    demand: dict[str, Decimal] = defaultdict(Decimal)
    covered: dict[str, Decimal] = defaultdict(Decimal)
    lines: list[StaffingLine] = [line for project in facts.projects for line in project.staffing]
    if not lines:
        return []
    projects: dict[str, set[str]] = defaultdict(set)
    for project in facts.projects:
        for line in project.staffing:
            demand[line.role] += line.demand
            covered[line.role] += line.covered
            if line.covered < line.demand:
                projects[line.role].add(project.key)
    numbers = facts.numbers
    roles = sorted(demand, key=lambda role: (covered[role] - demand[role], role))
    columns = [
        Column(3.6, _("Role"), least=2.0),
        Column(1.2, _("Demand"), "right"),
        Column(1.2, _("covered"), "right"),
        Column(1.2, _("Gap"), "right"),
        Column(WIDE.full - 7.2, _("Open in projects"), least=2.0),
    ]
    grid = Grid(_("Staffing"), shared(facts.page.full, columns), size=11, row_height=0.3)
    for role in roles:
        gap = covered[role] - demand[role]
        grid.add(
            C(role),
            C(numbers.decimal(demand[role], 1), value=demand[role], places=1),
            C(numbers.decimal(covered[role], 1), value=covered[role], places=1),
            C(numbers.decimal(gap, 1, sign=True), gap < 0, value=gap, places=1, signed=True),
            C(", ".join(sorted(projects[role])) or "–", color="grey"),
        )
    open_fte = sum((max(line.demand - line.covered, Decimal(0)) for line in lines), Decimal(0))
    total = sum(demand.values(), Decimal(0))
    if open_fte > 0 and total:
        title = headline(
            _("%(fte)s of %(total)s FTE needed in the next eight weeks are not covered, most of all: %(role)s")
            % {"fte": numbers.decimal(open_fte, 1), "total": numbers.decimal(total, 1), "role": roles[0]}
        )
    else:
        title = headline(
            _("The %(total)s FTE needed in the next eight weeks are covered") % {"total": numbers.decimal(total, 1)}
        )
    return [
        Slide(
            "resources",
            title,
            subtitle(_("Demand and covered demand per role over the next eight weeks in FTE, all projects with data")),
            tuple(grid.block(LEFT, TOP, facts.page.height)),
        )
    ]
