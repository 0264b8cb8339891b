"""Top risks with their matrix, and issues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    TOP,
    Color,
    Column,
    Element,
    Page,
    Rect,
    Run,
    Slide,
    Text,
)
from stellwerk.core.documents.text import fit, height_of, width_of
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import C, Grid, day_width, headline, more, note, section, shared, subtitle
from stellwerk.reporting.deck.words import ARROWS, severity_name
from stellwerk.reporting.payload import RiskLine, StatusPayload

HIGH = 15


def risk_slides(facts: Facts) -> list[Slide]:
    """The greatest risks beside their matrix; on a narrow page the matrix has a slide of its own."""
    rows = facts.risks[:10]
    if not rows:
        return []
    placed = [(number, risk) for number, (_p, risk) in enumerate(rows, start=1) if risk.probability and risk.impact]
    x = LEFT
    elements: list[Element] = []
    beside = bool(placed) and not facts.page.narrow
    if beside:
        elements += _matrix(placed, facts.page)
        x = LEFT + 4.3
    width = facts.page.right - x
    emv = any(risk.emv is not None for _p, risk in rows)
    unit = f" {facts.unit}" if facts.unit else ""
    columns = [
        Column(0.4, _("No.")),
        Column(0.9, _("Project")),
        Column(2.0, _("Risk and response"), least=1.4),
        Column(0.75, _("Score"), "right"),
        Column(0.3, ""),
    ]
    if emv:
        columns.append(Column(0.95, _("EMV") + unit, "right"))
    columns += [Column(1.1, _("Owner")), Column(day_width(facts.numbers), _("Due"), "right")]
    grid = Grid(_("Risks"), shared(width, columns), size=10.5, row_height=0.42)
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
    page, _rest = grid.limited(facts.page.height - 0.3)
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
    sub = _("Greatest residual risks by score (probability × impact, 1–5 each; high from 15), with response")
    slides = [Slide("risks", title, subtitle(sub), tuple(elements))]
    if placed and not beside:
        slides.append(Slide("risks", title, subtitle(sub), (*_matrix(placed, facts.page), *_named(facts, rows))))
    return slides


def _named(facts: Facts, rows: Sequence[tuple[StatusPayload, RiskLine]]) -> list[Element]:
    """What the numbers of the matrix mean, to its right."""
    x = LEFT + 4.3
    columns = [Column(0.4, _("No.")), Column(0.95, _("Project")), Column(facts.page.right - x - 1.35, _("Risk"))]
    grid = Grid(_("Risks in the matrix"), columns, row_height=0.3)
    for number, (project, risk) in enumerate(rows, start=1):
        grid.add(C(str(number), True, value=number), C(project.key, True), C(risk.title, lines=2))
    return grid.block(x, TOP, facts.page.height)


def _matrix(placed: list[tuple[int, RiskLine]], page: Page) -> list[Element]:
    """Five by five cells; numbers of the table's rows in bold, else the score."""
    elements = section(_("Risk matrix (numbers as in the table)"), LEFT, TOP, 3.95)
    size = min(0.66, (page.height - 1.3) / 5)
    x0, y0 = LEFT + 0.45, TOP + 0.5
    where: dict[tuple[int, int], list[str]] = defaultdict(list)
    for number, risk in placed:
        where[(risk.probability or 0, risk.impact or 0)].append(str(number))
    for probability in range(5, 0, -1):
        y = y0 + (5 - probability) * size
        elements.append(
            Text(LEFT + 0.1, y, 0.25, size, ((Run(str(probability), color="grey"),),), SMALLEST, "right", "middle")
        )
        for impact in range(1, 6):
            x = x0 + (impact - 1) * size
            score = probability * impact
            fill: Color = "tint" if score >= HIGH else "hair" if score >= 6 else "band"
            elements.append(Rect(x, y, size, size, fill, "white"))
            numbers = where.get((probability, impact))
            run = Run(", ".join(numbers), True) if numbers else Run(str(score), color="grey", size=SMALLEST)
            text_size = next((s for s in (13, 11) if width_of(run.text, s, True) < size - 0.08), SMALLEST)
            run = replace(
                run, text=fit(run.text, text_size, size - 0.04, max(1, int(size / height_of(1, text_size))), True)
            )
            elements.append(Text(x, y, size, size, ((run,),), text_size, "center", "middle"))
    for impact in range(1, 6):
        elements.append(
            Text(
                x0 + (impact - 1) * size,
                y0 + 5 * size + 0.04,
                size,
                0.18,
                ((Run(str(impact), color="grey"),),),
                SMALLEST,
                "center",
            )
        )
    elements.append(
        Text(x0, y0 + 5 * size + 0.25, 5 * size, 0.2, ((Run(_("Impact →"), True, "grey"),),), SMALLEST, "center")
    )
    elements.append(Text(LEFT, y0 - 0.2, 2.5, 0.2, ((Run(_("↑ Probability"), True, "grey"),),), SMALLEST))
    x = LEFT
    keys: tuple[tuple[Color, str], ...] = (("tint", _("high ≥ 15")), ("hair", _("medium 6–12")), ("band", _("low ≤ 5")))
    for fill, word in keys:
        elements += [
            Rect(x, y0 + 5 * size + 0.6, 0.25, 0.16, fill, "hair"),
            Text(x + 0.32, y0 + 5 * size + 0.58, 1.1, 0.2, ((Run(word, color="grey"),),), SMALLEST, wrap=False),
        ]
        x += width_of(word, SMALLEST) + 0.5
    return elements


def issue_slides(facts: Facts) -> list[Slide]:
    rows = facts.issues
    if not rows:
        return []
    columns = [
        Column(0.95, _("Project")),
        Column(0.95, _("No.")),
        Column(5.9, _("Issue"), least=2.6),
        Column(1.1, _("Severity")),
        Column(1.9, _("Owner"), least=1.2),
        Column(day_width(facts.numbers, size=11, whole=True), _("Due"), "right"),
    ]
    grid = Grid(_("Issues"), shared(facts.page.full, columns), size=11, row_height=0.3)
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
    page = grid.pages(facts.page.height - 0.3, 15)[0]
    table = grid.table(LEFT, TOP, page)
    elements: list[Element] = [table]
    if len(rows) > len(page):
        elements.append(note(more(len(rows) - len(page)), LEFT, TOP + table.height + 0.05, facts.page.full))
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
