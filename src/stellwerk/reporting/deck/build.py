"""Make a steering committee deck from a frozen payload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from django.utils.translation import gettext as _
from django.utils.translation import override

from stellwerk.core.documents.files import write_whole
from stellwerk.core.documents.numbers import Lang
from stellwerk.core.documents.pdf_writer import render_pdf
from stellwerk.core.documents.pptx_template import TemplateProblem, open_template
from stellwerk.core.documents.pptx_writer import FOOTER_RULE, render_pptx
from stellwerk.core.documents.scene import WIDE, Document, Slide
from stellwerk.core.documents.text import clean
from stellwerk.core.documents.xlsx_writer import render_xlsx
from stellwerk.reporting.deck.facts import ClaimError, Facts
from stellwerk.reporting.deck.slides import (
    appendix,
    changes,
    curve,
    decisions,
    dependencies,
    details,
    followup,
    forecast,
    gates,
    matrix,
    money,
    opening,
    quality,
    resources,
    risks,
    schedule,
    summary,
    trend,
)
from stellwerk.reporting.deck.words import confidentiality_name
from stellwerk.reporting.payload import DeckPayload

Format = Literal["pptx", "pdf", "xlsx"]
MOST_PROJECT_PAGES = 12


@dataclass(frozen=True)
class DeckSummary:
    """What was made: (kind, title) of each slide in order."""

    slides: list[tuple[str, str]]


def write_deck(
    payload: DeckPayload,
    *,
    lang: Lang,
    fmt: Format,
    target: Path | BinaryIO,
    template: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DeckSummary:
    """Write the deck as PPTX, PDF or XLSX, whole or not at all.

    ``template`` is the organisation's own .pptx or .potx (PPTX only). ``progress`` is told (slides done, slides in all).
    Raises TemplateProblem with a message for the user; any other error is a bug, nothing is written then either.
    """
    with override(lang):
        base = open_template(template) if fmt == "pptx" else None
        facts = Facts(payload, lang, base.page if base is not None else WIDE)
        document = build_document(facts)
        if base is not None:
            content = render_pptx(document, facts.numbers, base, progress)
        elif fmt == "pdf":
            content = render_pdf(document, facts.numbers, progress)
        elif fmt == "xlsx":
            content = render_xlsx(
                document,
                facts.numbers,
                overview=_("Overview"),
                labels=(_("Slide"), _("Title")),
                owner_title=_("Project"),
            )
        else:
            raise ValueError(f"unknown format {fmt!r}")
    write_whole(target, content)
    return DeckSummary([(slide.kind, slide.title) for slide in document.slides])


def build_document(facts: Facts) -> Document:
    """The slides in the active language; slides without data are left out."""
    payload = facts.payload
    roadmap, roadmap_rest = schedule.roadmap_slides(facts)
    appendix_name = _("Appendix")
    lights, lights_rest = matrix.matrix_slides(facts)
    groups: list[tuple[str, list[Slide]]] = [
        (_("Decisions requested"), opening.decision_slides(facts)),
        (
            _("State of the portfolio"),
            [*summary.summary_slide(facts), *lights, *changes.change_slides(facts)],
        ),
        (_("Follow-up of decisions and measures"), followup.follow_up_slides(facts)),
        (_("Roadmap and milestones"), [*roadmap, *trend.trend_slides(facts), *gates.slip_slides(facts)]),
        (_("Finance"), [*money.finance_slides(facts), *forecast.trend_slides(facts), *curve.curve_slides(facts)]),
        (_("Scope and quality"), quality.quality_slides(facts)),
        (_("Risks and issues"), [*risks.risk_slides(facts), *risks.issue_slides(facts)]),
        (_("Resources and dependencies"), [*resources.resource_slides(facts), *dependencies.dependency_slides(facts)]),
        (_("Outlook"), gates.outlook_slides(facts)),
        (_("Decisions in detail"), decisions.decision_pages(facts)),
        (_("Red projects in detail"), details.project_pages(facts, facts.with_light("red")[:MOST_PROJECT_PAGES])),
        (appendix_name, [*lights_rest, *roadmap_rest, *appendix.gap_slides(facts), *appendix.definition_slides(facts)]),
    ]
    slides = [opening.title_slide(facts)]
    told = [
        (
            name,
            pages[0].title if name != appendix_name else _("Further pages, data gaps, terms and sources"),
            len(pages),
        )
        for name, pages in groups
        if pages
    ]
    agenda = opening.agenda_slides(facts, _topics(told, 3))
    if len(agenda) > 1:  # everything comes later by as many slides
        agenda = opening.agenda_slides(facts, _topics(told, 2 + len(agenda)))
    slides += agenda
    for _name, pages in groups:
        slides += pages
    numbers = facts.numbers
    body = payload.body or _("Steering committee")
    parts = [
        payload.organisation,
        f"{body} {numbers.date(payload.meeting_date)}" if payload.meeting_date else body,
        _("Data date %(date)s") % {"date": numbers.date(payload.data_date)},
        confidentiality_name(payload.confidentiality),
    ]
    footer = FOOTER_RULE.join(clean(part) for part in parts if part)
    title = f"{body} {payload.portfolio_name or payload.portfolio_key}, {numbers.date(payload.data_date)}"
    made_for = payload.meeting_date or payload.data_date
    return Document(
        clean(title),
        clean(payload.organisation),
        footer,
        numbers.date(made_for),
        tuple(slides),
        appendix.sheets(facts),
        keywords=clean(payload.portfolio_key),
        overview=(("", clean(title)), ("", clean(footer))),
        page=facts.page,
    )


def _topics(told: list[tuple[str, str, int]], at: int) -> list[opening.Topic]:
    """Topics with their slide numbers, from (name, message, number of slides)."""
    topics: list[opening.Topic] = []
    for name, message, count in told:
        topics.append(opening.Topic(name, at, at + count - 1, message))
        at += count
    return topics


__all__ = ["ClaimError", "DeckSummary", "TemplateProblem", "build_document", "write_deck"]
