"""Top risks with their matrix, issues, resources, dependencies."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    RIGHT,
    TOP,
    Axis,
    Chart,
    Color,
    Column,
    Diamond,
    Element,
    Line,
    Rect,
    Run,
    Series,
    Slide,
    Text,
)
from stellwerk.core.documents.text import width_of
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import BOTTOM, FULL, C, Grid, headline, more, note, section, subtitle
from stellwerk.reporting.deck.slides.schedule import Scale, month_after
from stellwerk.reporting.deck.words import ARROWS, severity_name
from stellwerk.reporting.payload import RiskLine, StaffingLine

HIGH = 15


def risk_slides(facts: Facts) -> list[Slide]:
    rows = facts.risks[:10]
    if not rows:
        return []
    placed = [(number, risk) for number, (_p, risk) in enumerate(rows, start=1) if risk.probability and risk.impact]
    x = LEFT
    elements: list[Element] = []
    if placed:
        elements += _matrix(placed)
        x = LEFT + 4.3
    width = RIGHT - x
    emv = any(risk.emv is not None for _p, risk in rows)
    unit = f" {facts.unit}" if facts.unit else ""
    columns = [
        Column(0.4, _("No.")),
        Column(0.9, _("Project")),
        Column(0, _("Risk and response")),
        Column(0.75, _("Score"), "right"),
        Column(0.3, ""),
    ]
    if emv:
        columns.append(Column(0.95, _("EMV") + unit, "right"))
    columns += [Column(1.1, _("Owner")), Column(0.85, _("Due"), "right")]
    columns[2] = Column(width - sum(column.width for column in columns), _("Risk and response"))
    grid = Grid(_("Risks"), columns, size=10.5, row_height=0.42)
    for number, (project, risk) in enumerate(rows, start=1):
        cells = [
            C(str(number), True, value=number),
            C(project.key, True),
            C(risk.title, second=risk.response),
            C(str(risk.score) if risk.score is not None else "–", (risk.score or 0) >= HIGH, value=risk.score),
            C(ARROWS[risk.arrow], color="grey"),
        ]
        if emv:
            cells.append(C(facts.amount(risk.emv), value=facts.value(risk.emv), places=1))
        cells += [C(risk.owner or "–", color="grey"), C(facts.numbers.day(risk.due), value=risk.due)]
        grid.add(*cells)
    page, rest = grid.limited(BOTTOM - TOP - 0.3)
    table = grid.table(x, TOP, page)
    elements.append(table)
    rest = len(facts.risks) - len(page)
    if rest > 0:
        elements.append(note(more(rest), x, TOP + table.height + 0.05, width))
    high = [risk for _p, risk in facts.risks if (risk.score or 0) >= HIGH]
    scored = [row for row in facts.risks if row[1].score is not None]
    top = facts.risks[0]
    values = {
        "count": len(high),
        "total": len(facts.risks),
        "key": top[0].key,
        "risk": top[1].title,
        "score": top[1].score,
    }
    if high:
        title = headline(
            (
                _("1 of %(total)s risks is high; the greatest is in %(key)s: %(risk)s")
                if len(high) == 1
                else _("%(count)s of %(total)s risks are high; the greatest is in %(key)s: %(risk)s")
            )
            % values,
            (
                _("1 of %(total)s risks is high; the greatest is in %(key)s")
                if len(high) == 1
                else _("%(count)s of %(total)s risks are high; the greatest is in %(key)s")
            )
            % values,
        )
    elif scored:
        title = headline(
            _("None of the %(total)s risks is high; the greatest has the score %(score)s (%(key)s)") % values
        )
    else:
        title = headline(_("%(total)s risks are reported; none is scored") % values)
    return [
        Slide(
            "risks",
            title,
            subtitle(
                _("Greatest residual risks by score (probability × impact, 1–5 each; high from 15), with response")
            ),
            tuple(elements),
        )
    ]


def _matrix(placed: list[tuple[int, RiskLine]]) -> list[Element]:
    """Five by five cells; numbers of the table's rows in bold, else the score."""
    elements = section(_("Risk matrix (numbers as in the table)"), LEFT, TOP, 3.95)
    size = 0.66
    x0, y0 = LEFT + 0.45, TOP + 0.5
    where: dict[tuple[int, int], list[str]] = defaultdict(list)
    for number, risk in placed:
        where[(risk.probability or 0, risk.impact or 0)].append(str(number))
    for probability in range(5, 0, -1):
        y = y0 + (5 - probability) * size
        elements.append(
            Text(LEFT + 0.1, y, 0.25, size, ((Run(str(probability), color="grey"),),), 10, "right", "middle")
        )
        for impact in range(1, 6):
            x = x0 + (impact - 1) * size
            score = probability * impact
            fill: Color = "tint" if score >= HIGH else "hair" if score >= 6 else "band"
            elements.append(Rect(x, y, size, size, fill, "white"))
            numbers = where.get((probability, impact))
            run = Run(", ".join(numbers), True) if numbers else Run(str(score), color="grey", size=8)
            text_size = next((s for s in (13, 11, 9, 7.5) if width_of(run.text, s, True) < size - 0.08), 7)
            elements.append(Text(x, y, size, size, ((run,),), text_size, "center", "middle"))
    for impact in range(1, 6):
        elements.append(
            Text(
                x0 + (impact - 1) * size,
                y0 + 5 * size + 0.04,
                size,
                0.18,
                ((Run(str(impact), color="grey"),),),
                10,
                "center",
            )
        )
    elements.append(Text(x0, y0 + 5 * size + 0.25, 5 * size, 0.2, ((Run(_("Impact →"), True, "grey"),),), 10, "center"))
    elements.append(Text(LEFT, y0 - 0.2, 2.5, 0.2, ((Run(_("↑ Probability"), True, "grey"),),), 10))
    x = LEFT
    keys: tuple[tuple[Color, str], ...] = (("tint", _("high ≥ 15")), ("hair", _("medium 6–12")), ("band", _("low ≤ 5")))
    for fill, word in keys:
        elements += [
            Rect(x, y0 + 5 * size + 0.6, 0.25, 0.16, fill, "hair"),
            Text(x + 0.32, y0 + 5 * size + 0.58, 1.1, 0.2, ((Run(word, color="grey"),),), 10, wrap=False),
        ]
        x += width_of(word, 10) + 0.55
    return elements


def issue_slides(facts: Facts) -> list[Slide]:
    rows = facts.issues
    if not rows:
        return []
    columns = [
        Column(0.95, _("Project")),
        Column(0.95, _("No.")),
        Column(5.9, _("Issue")),
        Column(1.1, _("Severity")),
        Column(1.9, _("Owner")),
        Column(FULL - 10.8, _("Due"), "right"),
    ]
    grid = Grid(_("Issues"), columns, size=11, row_height=0.3)
    today = facts.payload.data_date
    for project, issue in rows:
        overdue = issue.due is not None and issue.due < today
        grid.add(
            C(project.key, True),
            C(issue.key),
            C(issue.title, lines=2),
            C(severity_name(issue.severity) or "–", issue.severity == "critical"),
            C(issue.owner or "–", color="grey"),
            C(facts.numbers.date(issue.due), overdue, value=issue.due),
        )
    page = grid.pages(BOTTOM - TOP - 0.3, 15)[0]
    table = grid.table(LEFT, TOP, page)
    elements: list[Element] = [table]
    if len(rows) > len(page):
        elements.append(note(more(len(rows) - len(page)), LEFT, TOP + table.height + 0.05, FULL))
    critical = sum(issue.severity == "critical" for _p, issue in rows)
    overdue_count = sum(issue.due is not None and issue.due < today for _p, issue in rows)
    values = {"count": len(rows), "critical": critical, "overdue": overdue_count}
    if len(rows) == 1:
        title = headline(_("1 issue is open: %(title)s") % {"title": rows[0][1].title})
    elif critical or overdue_count:
        title = headline(_("%(count)s issues are open: %(critical)s critical, %(overdue)s overdue") % values)
    else:
        title = headline(_("%(count)s issues are open, none of them critical or overdue") % values)
    return [
        Slide(
            "issues", title, subtitle(_("Open issues by severity and due date; overdue dates in bold")), tuple(elements)
        )
    ]


# ---------------------------------------------------------------- resources


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
    chart_height = 1.9
    plot = (LEFT + 0.05, TOP + 0.38, 5.5, chart_height - 0.35)
    chart = Chart(
        "columns",
        LEFT,
        TOP + 0.3,
        5.7,
        chart_height,
        plot,
        tuple(numbers.month(month) for month in months),
        (
            Series(_("Demand covered"), covered, "tint", labels=True),
            Series(
                _("Demand not covered"),
                tuple(value if value else None for value in uncovered),
                "accent",
            ),
        ),
        Axis(Decimal(0), top, top, visible=False),
        _("Capacity chart"),
        _("Demand covered and not covered per month in FTE"),
        places=1,
    )
    x = LEFT + 6.2
    elements: list[Element] = [*section(_("Demand of all roles (FTE)"), LEFT, TOP, 5.7), chart]
    elements += section(_("Shortage of all roles (FTE)"), x, TOP, RIGHT - x, _("surplus never offsets shortage"))
    elements += _key((("tint", _("covered")), ("accent", _("not covered"))), LEFT + 3.2, TOP + 0.03)
    step = (RIGHT - x) / max(len(months), 1)
    for index, month in enumerate(months):
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
    columns = [
        Column(3.4, _("Role")),
        *[Column((FULL - 3.4) / len(months), numbers.month(month), "right") for month in months],
    ]
    grid = Grid(_("Capacity"), columns, size=11, row_height=0.28)
    for role in by_role:
        cells = [C(role)]
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
    elements += section(_("Gap per role = net capacity − demand (FTE)"), LEFT, y, FULL)
    elements += grid.block(LEFT, y + 0.3, BOTTOM - y - 0.32)
    worst_month = max(months, key=lambda month: shortage[month])
    short_roles = [role for role in by_role if gap.get((role, worst_month), Decimal(0)) < 0]
    if shortage[worst_month] > 0:
        title = headline(
            _("In %(month)s %(fte)s FTE are missing, most of all: %(role)s")
            % {
                "month": numbers.long_month(worst_month),
                "fte": numbers.decimal(shortage[worst_month], 1),
                "role": short_roles[0],
            }
        )
    else:
        title = headline(_("Demand is covered in all %(count)s months shown") % {"count": len(months)})
    return Slide(
        "resources",
        title,
        subtitle(_("Net capacity and demand per role and month in FTE; shortage in bold")),
        tuple(elements),
    )


def _key(items: tuple[tuple[Color, str], ...], x: float, y: float) -> list[Element]:
    parts: list[Element] = []
    for fill, word in items:
        parts += [
            Rect(x, y + 0.03, 0.22, 0.13, fill),
            Text(x + 0.28, y, 1.6, 0.19, ((Run(word, color="grey"),),), 10, wrap=False),
        ]
        x += width_of(word, 10) + 0.5
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
        Column(3.6, _("Role")),
        Column(1.2, _("Demand"), "right"),
        Column(1.2, _("covered"), "right"),
        Column(1.2, _("Gap"), "right"),
        Column(FULL - 7.2, _("Open in projects")),
    ]
    grid = Grid(_("Staffing"), columns, size=11, row_height=0.3)
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
            tuple(grid.block(LEFT, TOP, BOTTOM - TOP)),
        )
    ]


# ---------------------------------------------------------------- dependencies


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
