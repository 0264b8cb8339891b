"""One page per decision: question, options, proposal and consequences."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    TOP,
    Column,
    Element,
    Page,
    Rect,
    Run,
    Slide,
    Table,
    Text,
)
from stellwerk.core.documents.text import fit, height_of, wrap
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import (
    NOTE,
    C,
    Grid,
    headline,
    note,
    section,
    subtitle,
)
from stellwerk.reporting.deck.slides.details import lights_block, money_block
from stellwerk.reporting.payload import DecisionLine

_BELOW = 1.5  # inches that proposal and consequences need at least


def decision_pages(facts: Facts) -> list[Slide]:
    return [slide for number, line in enumerate(facts.decisions, start=1) for slide in _decision(facts, number, line)]


def _decision(facts: Facts, number: int, line: DecisionLine) -> list[Slide]:
    """Question, options, proposal and consequences; options that leave no room for the others have a slide of their own."""
    best = next((option for option in line.options if option.recommended), None)
    claim_text = line.recommendation or (best.name if best else line.question)
    title = headline(_("Decision %(number)s: %(what)s") % {"number": number, "what": claim_text.rstrip(". ")})
    elements: list[Element] = []
    y = TOP + 0.02
    question = _("Question: %(text)s") % {"text": line.question}
    text = fit(question, 14, facts.page.full, 2, True)
    head, _colon, rest = text.partition(": ")
    tall = height_of(len(wrap(text, 14, facts.page.full, True)), 14)
    elements.append(Text(LEFT, y, facts.page.full, tall + 0.05, ((Run(f"{head}: ", True), Run(rest)),), 14))
    y += tall + 0.2
    sub = subtitle(_decision_facts(facts, line))
    alone: list[Slide] = []
    if line.options:
        options, below, whole = _options(line, y, facts.page, _BELOW)
        if whole:
            elements += options
            y = below + 0.22
        else:
            options, _below, _whole = _options(line, y, facts.page, 0)
            alone = [Slide("decision", headline(f"{title} (1/2)"), sub, (*elements, *options))]
            title = headline(f"{title} (2/2)")
    project = next((p for p in facts.payload.projects if p.key == line.project_key), None)
    half = facts.page.full * 0.564
    recommendation = line.recommendation or (best.name if best else "")
    if recommendation:
        elements += section(_("Proposed decision"), LEFT, y, half)
        lines = max(1, min(4, int((facts.page.bottom - y - 0.4) / height_of(1, 14))))
        text = fit(recommendation, 14, half, lines)
        tall = height_of(len(wrap(text, 14, half)), 14)
        elements.append(Text(LEFT, y + 0.36, half, tall + 0.05, ((Run(text),),), 14))
        below = y + 0.36 + tall + 0.3
        if project is not None and facts.page.bottom - below > 1.2:
            elements += lights_block(
                facts, project, LEFT, below, half, facts.page.bottom - below, _("State of the project")
            )[0]
    x = LEFT + half + 0.4 if recommendation else LEFT
    grid = Grid(
        _("Decision details"),
        (Column(1.75, ""), Column(facts.page.right - x - 1.75, "")),
        size=11.5,
        row_height=0.32,
        has_header=False,
        owner=line.project_key,
    )
    if line.impact_money is not None:
        grid.add(
            C(_("Effect on EAC"), color="grey"),
            C(
                facts.money(line.impact_money, sign=True),
                True,
                value=facts.value(line.impact_money),
                places=1,
                signed=True,
            ),
        )
    for label, value in ((_("Effect"), line.impact), (_("Without decision"), line.without_decision)):
        if value:
            grid.add(C(label, color="grey"), C(value, lines=3))
    if grid.rows:
        elements += section(_("Consequences"), x, y, facts.page.right - x)
        elements += grid.block(x, y + 0.3, facts.page.bottom - y - 0.3)
        y += 0.3 + sum(row.height for row in grid.rows) + 0.3
    if project is not None and project.money is not None and facts.page.bottom - y > 1.0:
        elements += money_block(
            facts, project, x, y, facts.page.right - x, facts.page.bottom - y, ("budget", "bac", "eac", "vac")
        )[0]
    return [*alone, Slide("decision", title, sub, tuple(elements))]


def _decision_facts(facts: Facts, line: DecisionLine) -> str:
    """Project, who submits, who decides and by when."""
    parts = [f"{line.project_key} {line.project_name}".strip() or facts.payload.portfolio_name]
    if line.submitted_by:
        parts.append(_("submitted by %(who)s") % {"who": line.submitted_by})
    if line.decided_by:
        parts.append(_("decided by %(who)s") % {"who": line.decided_by})
    if line.due is not None:
        parts.append(_("due on %(date)s") % {"date": facts.numbers.date(line.due)})
    return ", ".join(parts)


def _options(line: DecisionLine, y: float, page: Page, reserve: float) -> tuple[list[Element], float, bool]:
    """Criteria as rows, at most four options as columns; the recommended one has a band and its word above.

    Returns the elements, where they end, and whether all rows stand above ``reserve`` inches.
    """
    options = line.options[:4]
    if any(option.recommended for option in line.options[4:]):
        options = (*line.options[:3], next(option for option in line.options[4:] if option.recommended))
    criteria = list(dict.fromkeys(name for option in options for name, _effect in option.effects))
    best = next((index for index, option in enumerate(options) if option.recommended), None)
    first = 2.6 if not page.narrow else 1.7
    width = (page.full - first) / len(options)
    columns = (Column(first, ""), *(Column(width, fit(option.name, 11, width - 0.15, 1, True)) for option in options))
    grid = Grid(_("Options"), columns, size=12, row_height=0.31, header_height=0.32, owner=line.project_key)
    for name in criteria:
        cells = [C(name or _("Effect"), color="grey", lines=2)]
        cells += [
            C(dict(option.effects).get(name, "–"), index == best, lines=3 + page.narrow)
            for index, option in enumerate(options)
        ]
        grid.add(*cells)
    if not criteria:
        grid.add(C(""), *(C("") for _option in options))
    elements: list[Element] = []
    if best is not None:
        x = LEFT + first + best * width
        elements += [
            Rect(x, y, width, 0.26, "accent"),
            Text(x + 0.06, y, width - 0.1, 0.26, ((Run(_("Recommendation"), True, "white"),),), 11, anchor="middle"),
        ]
    left_out = len(line.options) - len(options)
    table, *remark = grid.block(LEFT, y + 0.26, page.bottom - y - 0.3 - reserve - (NOTE if left_out else 0))
    assert isinstance(table, Table)
    marked = replace(table, highlight=None if best is None else best + 1)
    end = y + 0.26 + table.height + (NOTE if remark else 0)
    if left_out:
        text = _("%(count)s further options have no room here.") % {"count": left_out}
        elements.append(note(text, LEFT, end + 0.03, page.full))
        end += NOTE
    return [marked, *elements, *remark], end, not remark
