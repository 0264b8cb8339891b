"""Title, agenda, and the decisions that are requested."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import LEFT, SMALLEST, TOP, WIDE, Column, Element, Icon, Line, Run, Slide, Text
from stellwerk.core.documents.text import fit
from stellwerk.reporting.deck.facts import Facts, claim
from stellwerk.reporting.deck.layout import (
    C,
    Grid,
    day_width,
    figures,
    heading_width,
    headline,
    section,
    shared,
    subtitle,
)
from stellwerk.reporting.deck.slides.common import LIGHTS
from stellwerk.reporting.deck.words import color_word, confidentiality_name
from stellwerk.reporting.payload import Money


def title_slide(facts: Facts) -> Slide:
    payload, numbers = facts.payload, facts.numbers
    lines = [payload.portfolio_name or payload.portfolio_key]
    if payload.meeting_date is not None:
        lines.append(_("Meeting on %(date)s") % {"date": numbers.long_date(payload.meeting_date)})
    lines.append(
        _("Data date %(date)s, %(count)s projects")
        % {"date": numbers.long_date(payload.data_date), "count": facts.total}
        if facts.total != 1
        else _("Data date %(date)s, 1 project") % {"date": numbers.long_date(payload.data_date)}
    )
    if payload.confidentiality:
        lines.append(confidentiality_name(payload.confidentiality))
    text = "\n".join(fit(line, 16, 6.4, 1) for line in lines)
    return Slide(
        "title",
        fit(payload.body or _("Steering committee"), 32, 6.4, 2, True),
        text,
        _decoration(facts),
        layout="title",
    )


def _decoration(facts: Facts) -> tuple[Element, ...]:
    """Company, the portfolio's lights and what the figures are; a foreign title slide has its own."""
    counts = [(name, facts.counts[name]) for name in ("red", "amber", "grey", "green") if facts.counts[name]]
    parts: list[Element] = [
        Text(LEFT, 0.5, 9, 0.3, ((Run(fit(facts.payload.organisation, 14, 9, 1, True), True, "accent"),),), 14)
    ]
    x, y = WIDE.right - 4.483, 2.0
    if counts:
        parts += section(_("Projects by overall light"), x, y, facts.page.right - x)
        step = 0.62
        for number, (name, count) in enumerate(counts):
            top = y + 0.42 + number * step
            parts += [
                Icon(x + 0.04, top + 0.1, 0.26, LIGHTS[name], color_word(name)),
                Text(x + 0.5, top, 2.4, 0.46, ((Run(color_word(name), color="ink"),),), 16, anchor="middle"),
                Text(facts.page.right - 1.5, top, 1.5, 0.46, ((Run(str(count), True),),), 24, "right", "middle"),
                Line(x, top + 0.52, facts.page.right, top + 0.52),
            ]
    remark = _(
        "All figures are frozen as of the data date; they stand in published status reports or imported editions."
    )
    parts.append(Text(LEFT, 6.62, facts.page.full, 0.22, ((Run(fit(remark, 11, facts.page.full), color="grey"),),), 11))
    return tuple(parts)


@dataclass(frozen=True)
class Topic:
    """A group of slides: its name, first and last slide number, and what its first slide says."""

    name: str
    first: int
    last: int
    message: str


def agenda_slides(facts: Facts, topics: list[Topic]) -> list[Slide]:
    """The line of thought: what is talked about, what it says, and where it stands."""
    room = facts.page.height - 0.02
    # As much of each topic and message as there is room for.
    grids = (_agenda_grid(facts, topics, *lines) for lines in ((2, 2), (2, 1), (1, 1)))
    grid = next((grid for grid in grids if not grid.limited(room)[1]), _agenda_grid(facts, topics, 1, 1))
    spare = room - grid.header_height - sum(row.height for row in grid.rows)
    more = spare / max(len(topics), 1) if spare > 0 else 0
    grid.rows = [replace(row, height=max(row.height, min(0.55, row.height + more))) for row in grid.rows]
    decisions = len(facts.decisions)
    if decisions == 1:
        title = _("1 decision is requested; %(topics)s topics are on the agenda") % {"topics": len(topics)}
    elif decisions:
        title = _("%(decisions)s decisions are requested; %(topics)s topics are on the agenda") % {
            "decisions": decisions,
            "topics": len(topics),
        }
    else:
        title = _("%(topics)s topics are on the agenda; no decision is requested") % {"topics": len(topics)}
    sub = subtitle(_subtitle(facts))
    return [
        Slide("agenda", headline(title), sub, (grid.table(LEFT, TOP + 0.02, rows),))
        for rows in grid.pages(room) or [()]
    ]


def _agenda_grid(facts: Facts, topics: list[Topic], topic_lines: int, message_lines: int) -> Grid:
    columns = (
        Column(0.5, _("No."), "left"),
        Column(3.3, _("Topic"), least=2.6),
        Column(7.433, _("Key message"), least=3.5),
        Column(1.0, _("Slides"), "right"),
    )
    fixed = [replace(column, more_lines=0) for column in shared(facts.page.full, columns)]
    grid = Grid(_("Agenda"), fixed, size=11.5, row_height=0.28)
    for number, topic in enumerate(topics, start=1):
        pages = str(topic.first) if topic.first == topic.last else f"{topic.first}–{topic.last}"
        grid.add(
            C(str(number), value=number),
            C(topic.name, True, lines=topic_lines),
            C(topic.message, lines=message_lines, color="grey"),
            C(pages),
        )
    return grid


def _subtitle(facts: Facts) -> str:
    payload, numbers = facts.payload, facts.numbers
    parts = [
        payload.portfolio_name or payload.portfolio_key,
        _("data date %(date)s") % {"date": numbers.date(payload.data_date)},
    ]
    if payload.meeting_date is not None:
        parts.append(_("meeting on %(date)s") % {"date": numbers.date(payload.meeting_date)})
    return ", ".join(parts)


def total_impact(facts: Facts) -> Money | None:
    """Sum of the decisions' money, if every one has an amount of one currency."""
    amounts = [line.impact_money for line in facts.decisions]
    known = [money for money in amounts if money is not None]
    if not known or len(known) < len(amounts) or len({money.currency for money in known}) > 1:
        return None
    total = known[0]
    for money in known[1:]:
        total = total + money
    return total


def _decision_grid(facts: Facts, has_money: bool, total: Money | None, said: int = 2, effect_lines: int = 5) -> Grid:
    """``said``, ``effect_lines``: lines that a question or proposal, and an effect, may take."""
    lines, numbers = facts.decisions, facts.numbers
    has_impact = any(line.impact for line in lines)
    without = any(line.without_decision for line in lines)
    few = len(lines) <= 4 and not has_money and not facts.page.narrow
    columns = [
        Column(0.4, _("No.")),
        Column(1.8 if has_money else 1.95, _("Project"), least=1.1),
        Column(3.0 if has_money else 3.2, _("Question and proposed decision"), least=1.9),
    ]
    if has_money:
        effect = " ".join(part for part in (_("Effect"), facts.unit) if part)
        columns.append(Column(heading_width(effect, 11, 0.95), effect, "right"))
    columns += [
        Column(1.65 if has_money else 1.8, _("Decided by"), least=1.47),
        Column(day_width(numbers, _("Due"), size=12 if few else 11), _("Due"), "right"),
    ]
    last = [title for title, wanted in ((_("Effect"), has_impact), (_("Without a decision"), without)) if wanted]
    rest = WIDE.full - sum(column.width for column in columns)
    columns += [Column(rest / len(last), title, rule=True, least=1.15) for title in last]
    if not last:
        columns[2] = replace(columns[2], width=columns[2].width + rest)
    columns = shared(facts.page.full, columns)
    grid = Grid(
        _("Decisions"),
        columns,
        size=12 if few else SMALLEST if facts.page.narrow else 11,
        row_height=0.85 if few else 0.5,
    )
    for number, line in enumerate(lines, start=1):
        cells = [
            C(str(number), value=number),
            C(line.project_key or facts.payload.portfolio_key, True, second=line.project_name, second_lines=2),
            C(line.question, True, lines=said, second=line.recommendation, second_lines=said),
        ]
        if has_money:
            value = facts.value(line.impact_money)
            cells.append(C(facts.amount(line.impact_money, sign=True), value=value, places=1, signed=True))
        overdue = line.due is not None and line.due <= facts.payload.data_date
        cells += [
            C(line.decided_by or "–", lines=2, second=line.submitted_by and f"({line.submitted_by})"),
            C(numbers.day(line.due), overdue, value=line.due),
        ]
        cells += [C(line.impact or "–", lines=effect_lines)] if has_impact else []
        cells += [C(line.without_decision or "–", lines=effect_lines)] if without else []
        grid.add(*cells)
    if total is not None and len(lines) > 1:
        blank = [C() for _column in columns]
        blank[1] = C(_("Total"))
        blank[3] = C(facts.amount(total, sign=True), value=facts.value(total), places=1, signed=True)
        grid.add(*blank, total=True)
    return grid


def decision_slides(facts: Facts) -> list[Slide]:
    if not facts.decisions:
        return []
    has_money = any(line.impact_money is not None for line in facts.decisions)
    total = total_impact(facts)
    room = facts.page.height - 0.15
    grid = _decision_grid(facts, has_money, total, 6, 12)  # whole texts where they have room on one page
    if len(grid.pages(room)) > 1:
        grid = _decision_grid(facts, has_money, total)
    pages = grid.pages(room)
    title = _decision_title(facts)
    sub = _("Requested decisions in order of urgency; who submits in brackets")
    if has_money and facts.unit:
        sub += ". " + _("Effect = change of the estimate at completion (EAC) in %(unit)s") % {"unit": facts.unit}
    slides = []
    for index, rows in enumerate(pages):
        table = grid.table(LEFT, TOP + 0.1, rows)
        elements: list[Element] = [table]
        end = TOP + 0.1 + table.height
        if index == len(pages) - 1 and total is not None and facts.page.bottom - end > 1.7:
            elements += _effect(facts, total, end + 0.35)
        slides.append(
            Slide(
                "decisions",
                title if index == 0 else _continued(title, index, len(pages)),
                subtitle(sub),
                tuple(elements),
            )
        )
    return slides


def _effect(facts: Facts, total: Money, y: float) -> list[Element]:
    """What following all recommendations does to the room between budget and forecast."""
    if len(facts.money_totals) != 1:
        return []
    amounts = facts.money_totals[0].amounts
    if amounts.budget is None or amounts.eac is None or amounts.eac.currency != total.currency:
        return []
    free = amounts.budget - amounts.eac
    items = [
        (_("Approved budget"), facts.amount(amounts.budget), ""),
        (_("EAC today"), facts.amount(amounts.eac), ""),
        (_("Available today"), facts.amount(free), ""),
        (_("All decisions"), facts.amount(total, sign=True), ""),
        (_("Available afterwards"), facts.amount(free - total), ""),
    ]
    return [
        *section(_("Effect on the approved budget (%(unit)s)") % {"unit": facts.unit}, LEFT, y, facts.page.full),
        *figures(items, y + 0.4, facts.page.full),
    ]


def _continued(title: str, index: int, count: int) -> str:
    return headline(f"{title} ({index + 1}/{count})")


def _decision_title(facts: Facts) -> str:
    lines = facts.decisions
    first = min((line.due for line in lines if line.due is not None), default=None)
    date = facts.numbers.date(first)
    total = total_impact(facts)
    claim(len(lines) > 0, "a decision slide needs decisions")
    values = {"count": len(lines), "date": date, "sum": facts.money(total, sign=True)}
    if len(lines) == 1:
        if first is None:
            return headline(_("1 decision is requested"))
        return headline(_("1 decision is requested by %(date)s") % values)
    if total is not None and total.minor and first is not None:
        return headline(_("%(count)s decisions change the forecast by %(sum)s; the first is due on %(date)s") % values)
    if first is not None:
        return headline(_("%(count)s decisions are requested; the first is due on %(date)s") % values)
    return headline(_("%(count)s decisions are requested") % values)
