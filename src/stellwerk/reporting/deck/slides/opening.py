"""Title, agenda, and the decisions that are requested."""

from __future__ import annotations

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import LEFT, TOP, Column, Element, Slide
from stellwerk.core.documents.text import fit
from stellwerk.reporting.deck.facts import Facts, claim
from stellwerk.reporting.deck.layout import BOTTOM, FULL, C, Grid, figures, headline, section, subtitle
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
        lines.append(payload.confidentiality)
    text = "\n".join(fit(line, 16, 6.4, 1) for line in lines)
    return Slide("title", fit(payload.body or _("Steering committee"), 32, 6.4, 2, True), text, layout="title")


def agenda_slide(facts: Facts, topics: list[tuple[str, int, int]]) -> Slide:
    """``topics`` are (name, first slide number, last slide number)."""
    grid = Grid(
        _("Agenda"),
        (Column(0.6, _("No."), "left"), Column(7.4, _("Topic")), Column(1.6, _("Slides"), "right")),
        size=14,
        row_height=0.42,
    )
    for number, (name, first, last) in enumerate(topics, start=1):
        pages = str(first) if first == last else f"{first}–{last}"
        grid.add(C(str(number), value=number), C(name), C(pages))
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
    rows, _rest = grid.limited(BOTTOM - TOP - 0.1)
    return Slide("agenda", headline(title), subtitle(_subtitle(facts)), (grid.table(LEFT, TOP + 0.1, rows),))


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


def decision_slides(facts: Facts) -> list[Slide]:
    lines = facts.decisions
    if not lines:
        return []
    numbers = facts.numbers
    has_money = any(line.impact_money is not None for line in lines)
    effect = " ".join(part for part in (_("Effect"), facts.unit) if part)
    columns = [
        Column(0.45, _("No.")),
        Column(2.35, _("Project")),
        Column(4.2 if has_money else 5.3, _("Proposed decision")),
    ]
    if has_money:
        columns.append(Column(1.1, effect, "right"))
    columns += [
        Column(1.55, _("Decided by")),
        Column(1.0, _("Due")),
        Column(FULL - sum(c.width for c in columns) - 2.55, _("Without a decision")),
    ]
    grid = Grid(_("Decisions"), columns, size=11, row_height=0.5)
    for number, line in enumerate(lines, start=1):
        cells = [
            C(str(number), value=number),
            C(line.project_key or facts.payload.portfolio_key, True, second=line.project_name, second_lines=1),
            C(line.recommendation or line.question, lines=3),
        ]
        if has_money:
            value = facts.value(line.impact_money)
            cells.append(C(facts.amount(line.impact_money, sign=True), value=value, places=1, signed=True))
        cells += [
            C(line.decided_by or "–", lines=2, second=line.submitted_by and f"({line.submitted_by})"),
            C(numbers.day(line.due), value=line.due),
            C(line.without_decision or line.impact or "–", lines=3),
        ]
        grid.add(*cells)
    total = total_impact(facts)
    if total is not None and len(lines) > 1:
        blank = [C() for _column in columns]
        blank[1] = C(_("Total"))
        blank[3] = C(facts.amount(total, sign=True), value=facts.value(total), places=1, signed=True)
        grid.add(*blank, total=True)
    pages = grid.pages(BOTTOM - TOP - 0.15)
    title = _decision_title(facts)
    sub = _("Requested decisions in order of urgency; who submits in brackets")
    if has_money and facts.unit:
        sub += ". " + _("Effect = change of the estimate at completion (EAC) in %(unit)s") % {"unit": facts.unit}
    slides = []
    for index, rows in enumerate(pages):
        table = grid.table(LEFT, TOP + 0.1, rows)
        elements: list[Element] = [table]
        end = TOP + 0.1 + table.height
        if index == len(pages) - 1 and total is not None and BOTTOM - end > 1.7:
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
        *section(_("Effect on the approved budget (%(unit)s)") % {"unit": facts.unit}, LEFT, y, FULL),
        *figures(items, y + 0.4),
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
