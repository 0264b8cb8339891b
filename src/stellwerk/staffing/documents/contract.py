"""A contract as a document for one reader, in German or English: the filled template as DOCX and as PDF."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stellwerk.core import formats
from stellwerk.core.documents.fonts import FAMILY
from stellwerk.core.documents.pdf_writer import compile_pdf, literal
from stellwerk.core.documents.text import needs_other_fonts
from stellwerk.staffing.documents.texts import MARK, TEXTS
from stellwerk.staffing.law import lending
from stellwerk.staffing.law_words import SIDES
from stellwerk.staffing.models import Contract, Vacancy
from stellwerk.staffing.selectors.contracts import case_of, limits, sides_of

Reader = Literal["client", "person"]
READERS: Final[tuple[Reader, ...]] = ("client", "person")
Language = Literal["de", "en"]
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Paper:
    """What the writers set: mark, title, reference, clauses, lines for signatures."""

    language: Language
    mark: str
    title: str
    reference: str
    clauses: tuple[tuple[str, str], ...]
    signatures: tuple[str, ...]


def _signer(contract: Contract, side: str) -> str:
    """Who signs on this line: the company or the person, and for which side."""
    client, partner, profile = contract.client, contract.partner, contract.profile
    names = {
        "us": contract.organisation.name, "client": client.legal_name or client.name,
        "partner": (partner.legal_name or partner.name) if partner is not None else "",
        "person": profile.full_name if profile is not None else "",
    }  # fmt: skip
    return f"{names[side]} ({SIDES[side]})" if side != "us" else names[side]


class _Kept(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def paper_of(contract: Contract, reader: Reader, language: Language) -> Paper:
    title, clauses = TEXTS[contract.form, reader][language]
    with translation.override(language):
        values = _Kept(_values(contract, reader, language))
        filled = tuple((heading, text.format_map(values)) for heading, text in clauses)
        kept = tuple((heading, text) for heading, text in filled if text.strip() not in {"", "–"})
        names = tuple(_signer(contract, side) for side in _signing(contract, reader))
        reference = _("Contract %(key)s, as of %(day)s") % {
            "key": contract.key,
            "day": formats.day(contract.updated_at),
        }
    return Paper(language, MARK[language], title, reference, kept, names)


def _signing(contract: Contract, reader: Reader) -> tuple[str, ...]:
    """Who signs this paper: the employment contract of a placement client and person; else our side and the reader."""
    if contract.form == "permanent":
        return ("client", "person") if reader == "person" else ("us", "client")
    first, client, other = sides_of(contract)
    return (first, client if reader == "client" else other)


def _values(contract: Contract, reader: Reader, language: Language) -> dict[str, str]:
    vacancy, client, partner = contract.vacancy, contract.client, contract.partner
    ours = contract.organisation.name
    lender = (partner.legal_name or partner.name) if partner is not None else ours
    title, tasks = _work(vacancy, language)
    person = contract.profile.full_name if contract.profile is not None else ""
    through = f" ({lender})" if partner is not None and contract.form == "freelance" else ""
    values = {
        "lender": ours if contract.form == "freelance" else lender, "client": _address(client.legal_name or client.name, client),
        "person": person, "through": through, "title": title, "tasks": tasks, "place": vacancy.city or client.city or "–",
        "first": formats.day(contract.first), "last": formats.day(contract.last) if contract.last else _("unlimited"),
        "hours": formats.number(contract.weekly_hours, 0 if contract.weekly_hours == int(contract.weekly_hours) else 1), "pay": _money(contract, contract.pay), "rate": _money(contract, contract.rate),
        "agreement": contract.agreement or pgettext("collective agreement", "none"), "terms": contract.terms, "licence": contract.licence or "–",
        "licence_expires": formats.day(contract.licence_expires) if contract.licence_expires else _("unlimited"),
        "fixed": _("The employment is for a fixed term.") if contract.fixed_term else "",
    }  # fmt: skip
    if partner is not None and contract.form == "lending":
        # The pay here is what the partner gets: the client reads it where no other rate is agreed, the person never.
        if reader == "person":
            values["pay"] = _("as agreed with %(lender)s") % {"lender": lender}
        elif contract.rate is None:
            values["rate"] = values["pay"]
    if contract.form == "lending":
        case, rules = case_of(contract), limits()
        day: dt.date | None = lending.equal_pay_day(case, rules)
        values |= {
            "limit": formats.day(lending.longest_day(case, rules)),
            "equal_pay": _("Equal pay with comparable staff from %(day)s at the latest.") % {"day": formats.day(day)}
            if day
            else _("The assignment ends before equal pay is owed."),
        }
    return values


def _work(vacancy: Vacancy, language: Language) -> tuple[str, str]:
    english = language == "en"
    title = (vacancy.title_en or vacancy.title) if english else vacancy.title
    tasks = (vacancy.tasks_en or vacancy.tasks) if english else vacancy.tasks
    lines = [line.strip(" -•\t") for line in tasks.splitlines() if line.strip()]
    return title, "; ".join(lines) + "." if lines else "–"


def _address(name: str, placed: Any) -> str:
    place = " ".join(part for part in (placed.postcode, placed.city) if part)
    return ", ".join(part for part in (name, place) if part)


def _money(contract: Contract, amount: int | None) -> str:
    if amount is None:
        return "–"
    value = formats.number(formats.major(amount, contract.currency), formats.minor_digits(contract.currency))
    return f"{value} {formats.money_unit(contract.currency, '')} {contract.get_unit_display()}"


# ── writers ──────────────────────────────────────────────────────────────────────────────────────


def as_docx(paper: Paper) -> bytes:
    import docx
    from docx.shared import Pt, RGBColor

    document = docx.Document()
    document.styles["Normal"].font.name = FAMILY
    document.styles["Normal"].font.size = Pt(10.5)
    mark = document.add_paragraph().add_run(paper.mark)
    mark.bold, mark.font.color.rgb = True, RGBColor(0xB0, 0x2A, 0x1E)
    document.add_heading(paper.title, level=1)
    document.add_paragraph(paper.reference)
    for number, (heading, text) in enumerate(paper.clauses, start=1):
        document.add_heading(f"§ {number} {heading}", level=2)
        for line in text.splitlines() or [""]:
            document.add_paragraph(line)
    for name in paper.signatures:
        document.add_paragraph("\n\n______________________________")
        document.add_paragraph(name)
    footer = document.sections[0].footer.paragraphs[0]
    footer.text = paper.mark
    document.core_properties.title = paper.title
    document.core_properties.author = ""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_pdf(paper: Paper) -> bytes:
    body = [
        f"#set document(title: {literal(paper.title)})",
        f"#set page(paper: \"a4\", margin: 2.4cm, footer: text(size: 8pt, fill: rgb(\"#8a2118\"), {literal(paper.mark)}), numbering: none)",
        f'#set text(font: "{FAMILY}", size: 10.5pt, lang: "{paper.language}")',
        "#set par(leading: .65em, spacing: .9em)",
        f"#block(stroke: 1pt + rgb(\"#b02a1e\"), inset: 8pt, width: 100%, text(weight: \"bold\", fill: rgb(\"#8a2118\"), {literal(paper.mark)}))",
        f"#heading(level: 1, {literal(paper.title)})",
        f"#text(fill: rgb(\"#555555\"), {literal(paper.reference)})",
    ]  # fmt: skip
    for number, (heading, text) in enumerate(paper.clauses, start=1):
        body.append(f"#block(above: 1.4em, below: .6em, heading(level: 2, {literal(f'§ {number} {heading}')}))")
        body += [f"#par({literal(line)})" for line in text.splitlines()]
    for name in paper.signatures:
        body.append(
            f"#block(above: 3.2em, breakable: false)[#line(length: 7cm, stroke: .6pt) #text(size: 9pt, {literal(name)})]"
        )
    text = "".join((paper.title, paper.reference, *(part for clause in paper.clauses for part in clause)))
    return compile_pdf("\n".join(body), other_fonts=needs_other_fonts(text))
