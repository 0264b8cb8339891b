"""The whole chart of a plan as SVG (one sheet) or PDF (pages; text that can be selected and searched)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, Literal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from stellwerk.core.documents.fonts import FAMILY
from stellwerk.core.documents.numbers import Lang
from stellwerk.core.documents.pdf_writer import compile_pdf, literal
from stellwerk.core.documents.text import clean, needs_other_fonts
from stellwerk.planning.models import Plan
from stellwerk.planning.printing.canvas import Drawing
from stellwerk.planning.printing.drawing import page_of
from stellwerk.planning.printing.facts import NO_BASELINE, Facts, facts_of
from stellwerk.planning.printing.refusing import unknown
from stellwerk.planning.printing.sheet import AUTO, MOST_PAGES, PAPERS, Layout, Window, layout

__all__ = ["FORMATS", "NO_BASELINE", "render", "render_facts"]

Format = Literal["svg", "pdf"]
FORMATS: Final = ("pdf", "svg")


def render(
    plan: Plan,
    fmt: Format,
    *,
    language: Lang,
    baseline: int | None = None,
    columns: Sequence[str] | None = None,
    zoom: str = AUTO,
    paper: str = "a3",
    level: int | None = None,
    today: dt.date | None = None,
    most_pages: int = MOST_PAGES,
) -> bytes:
    """A file with all rows. ``baseline``: its number (None: the last approved, :data:`NO_BASELINE`: none); ``level``: deepest outline level.

    Asks no permission. Errors: ``Invalid`` with the option that is wrong.
    """
    with override(language):
        facts = facts_of(plan, baseline=baseline, deepest=level)
        return render_facts(
            facts, fmt, language=language, columns=columns, zoom=zoom, paper=paper, today=today, most_pages=most_pages
        )


def render_facts(
    facts: Facts,
    fmt: Format,
    *,
    language: Lang,
    columns: Sequence[str] | None = None,
    zoom: str = AUTO,
    paper: str = "a3",
    today: dt.date | None = None,
    most_pages: int = MOST_PAGES,
) -> bytes:
    """The same from facts that were read before; texts in the active language."""
    if fmt not in FORMATS:
        raise unknown("format", FORMATS)
    sheet = PAPERS.get(paper)
    if sheet is None:
        raise unknown("paper", PAPERS)
    divided = layout(facts, sheet, columns, zoom, paged=fmt == "pdf", most_pages=most_pages)
    drawing = Drawing(facts, divided, language, today or timezone.localdate())
    return _pdf(drawing) if fmt == "pdf" else _svg(drawing)


def _svg(drawing: Drawing) -> bytes:
    divided = drawing.layout
    window = divided.windows[0]
    width = divided.chart + window.right + divided.paper.margin
    height = divided.paper.top + len(drawing.facts.rows) * divided.paper.row + divided.paper.foot + divided.paper.margin
    text = page_of(drawing, window, width=width, height=height)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _pdf(drawing: Drawing) -> bytes:
    divided, facts = drawing.layout, drawing.facts
    paper = divided.paper
    pages = []
    for window in divided.windows:
        picture = page_of(drawing, window, width=paper.width, height=paper.height)
        alt = _("Bar chart: rows %(first)s to %(last)s of %(count)s") % {
            "first": window.first + 1,
            "last": window.last,
            "count": len(facts.rows),
        }
        pages.append(
            f'{_bookmark(divided, window, facts)}#image(bytes({literal(picture)}), format: "svg", width: 100%, alt: {literal(alt)})'
        )
    now = timezone.now()
    head = (
        f"#set document(title: {literal(clean(facts.project))}, date: datetime(year: {now.year}, month: {now.month}, day: {now.day}))\n"
        f"#set page(width: {paper.width}pt, height: {paper.height}pt, margin: 0pt)\n"
        f'#set text(font: "{FAMILY}", lang: "{drawing.language}")\n#set par(leading: 0pt, spacing: 0pt)\n#show heading: it => none\n'
    )
    texts = "".join((facts.project, facts.calendar, *(f"{row.name}{row.wbs}{row.who}" for row in facts.rows)))
    return compile_pdf(head + "\n#pagebreak()\n".join(pages), other_fonts=needs_other_fonts(texts))


def _bookmark(divided: Layout, window: Window, facts: Facts) -> str:
    """Each page is called by its first row, so that a long plan can be leafed through."""
    if window.first >= len(facts.rows) or window.left > 0:
        return ""
    row = facts.rows[window.first]
    return f"#place(heading(level: 1, {literal(clean(f'{row.wbs} {row.name}'))}))"
