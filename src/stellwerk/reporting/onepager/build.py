"""Make the one-page status report (PDF by typst) from a frozen payload.

The page is a flow of blocks in up to three columns; blocks without data are left out. What does not fit at full length is
tried again shorter (:data:`LEVELS`), so that the report is always exactly one page and nothing is cut off unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import override

from stellwerk.core.documents.files import write_whole
from stellwerk.core.documents.numbers import Lang
from stellwerk.core.documents.pdf_writer import HELPERS, compile_pdf, literal, preamble
from stellwerk.core.documents.text import clean, needs_other_fonts
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.onepager.blocks import Blocks
from stellwerk.reporting.onepager.markup import STYLE
from stellwerk.reporting.payload import DeckPayload, StatusPayload


@dataclass(frozen=True)
class Level:
    """How much is said: characters of the summary, rows of lists and tables, height of charts in inches."""

    summary: int
    lines: int
    rows: int
    milestones: int
    chart: float
    table_lines: int


LEVELS = (
    Level(600, 5, 6, 6, 2.4, 2),
    Level(600, 5, 6, 6, 1.75, 2),
    Level(600, 4, 4, 6, 1.45, 2),
    Level(600, 4, 3, 6, 1.2, 1),
    Level(420, 3, 3, 5, 1.0, 1),
    Level(260, 2, 2, 4, 0.8, 1),
    Level(160, 1, 1, 3, 0.0, 1),
)


def write_status_report(payload: StatusPayload, lang: Lang, target: Path | BinaryIO) -> None:
    """Write the report as PDF, whole or not at all."""
    with override(lang):
        content = render_status_report(payload, lang)
    write_whole(target, content)


def render_status_report(payload: StatusPayload, lang: Lang) -> bytes:
    """The PDF in the active language, at the greatest length that fits one page."""
    import typst

    deck = DeckPayload(
        organisation=payload.organisation,
        data_date=payload.data_date,
        portfolio_key=payload.portfolio,
        portfolio_name=payload.portfolio,
        previous_date=payload.previous_date,
        projects=(payload,),
    )
    facts = Facts(deck, lang)
    other = needs_other_fonts(payload.to_json())
    for number, level in enumerate(LEVELS):
        source = _source(facts, payload, level)
        try:
            return compile_pdf(source, other_fonts=other)
        except typst.TypstError as error:
            if "more than one page" not in str(error) or number == len(LEVELS) - 1:
                raise
    raise AssertionError("unreachable")


def _source(facts: Facts, payload: StatusPayload, level: Level) -> str:
    blocks = Blocks(facts, payload, level)
    title = _("Project status report %(key)s %(name)s") % {"key": payload.key, "name": payload.name}
    return "\n".join(
        (
            preamble(),
            HELPERS,
            f"#set document(title: {literal(clean(title))}, author: {literal(clean(payload.organisation or payload.pm))})",
            f"#let footer-text = {literal(blocks.footer())}",
            STYLE.replace("@LANG@", facts.lang),
            blocks.page(),
            '#context if counter(page).final().first() > 1 { panic("more than one page") }',
        )
    )
