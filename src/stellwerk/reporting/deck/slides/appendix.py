"""Data gaps, sources, definitions; and the sheets that only the workbook carries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial

from django.utils.translation import gettext as _

from stellwerk.core.documents.numbers import Scale
from stellwerk.core.documents.scene import LEFT, SMALLEST, TOP, Cell, Column, Element, Run, Sheet, Slide, Text
from stellwerk.core.documents.text import clean, fit
from stellwerk.core.registry import FIGURES
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import (
    C,
    Grid,
    headline,
    legend,
    project_cells,
    project_columns,
    section,
    shared,
    subtitle,
)
from stellwerk.reporting.deck.words import (
    amount_name,
    color_word,
    dimension_name,
    light_word,
    phase_name,
    report_state,
    source_name,
)
from stellwerk.reporting.payload import DIMENSIONS, Amounts, Figure, StatusPayload


def gap_slides(facts: Facts) -> list[Slide]:
    """Late and missing reports on the left, what is not known on the right."""
    late = facts.payload.late
    gaps = _gaps(facts)
    if not late and not gaps:
        return []
    elements: list[Element] = []
    half = 0.0
    if late:
        half = facts.page.full * (0.59 if gaps else 1)
    if late:
        grid = Grid(
            _("Missing reports"),
            shared(
                half,
                [
                    *project_columns(facts.page, name=2.45),
                    Column(1.55, _("Project manager"), least=1.1),
                    Column(1.15, _("State"), least=1.1),
                    Column(1.1, _("Last report"), "right"),
                ],
            ),
            size=10.5,
            row_height=0.29,
        )
        for line in late:
            grid.add(
                *project_cells(facts.page, line.key, line.name, "ink"),
                C(line.pm or "–", color="grey"),
                C(report_state(line.state), lines=2),
                C(facts.numbers.day(line.last_data_date), value=line.last_data_date),
            )
        elements += section(_("Late and missing reports"), LEFT, TOP, half)
        elements += grid.block(LEFT, TOP + 0.3, facts.page.height - 0.32)
    if gaps:
        x = LEFT + half + (0.4 if late else 0)
        grid = Grid(
            _("Data gaps"),
            (Column(facts.page.right - x - 1.2, _("What is not known")), Column(1.2, _("Projects"), "right")),
            size=11,
            row_height=0.3,
        )
        for text, count in gaps:
            grid.add(C(text, lines=2), C(str(count), value=count))
        elements += section(
            _("Data gaps"), x, TOP, facts.page.right - x, _("of %(total)s projects") % {"total": facts.total}
        )
        elements += grid.block(x, TOP + 0.3, facts.page.height - 0.32)
    if late:
        title = headline(
            _("1 of %(total)s projects has no current report") % {"total": facts.total}
            if len(late) == 1
            else _("%(count)s of %(total)s projects have no current report")
            % {"count": len(late), "total": facts.total}
        )
    else:
        text, count = gaps[0]
        title = headline(
            _("Data gaps: %(what)s is missing for %(count)s of %(total)s projects")
            % {"what": text, "count": count, "total": facts.total}
        )
    return [
        Slide(
            "gaps",
            title,
            subtitle(_("What this deck cannot show, because it was not reported; nothing has been estimated instead")),
            tuple(elements),
        )
    ]


def _gaps(facts: Facts) -> list[tuple[str, int]]:
    projects = facts.payload.projects

    def total(project: StatusPayload) -> Amounts:
        return project.money.total if project.money is not None else Amounts()

    checks: tuple[tuple[str, Callable[[StatusPayload], bool]], ...] = (
        (_("Overall light"), lambda p: p.overall.value is None),
        *((dimension_name(name), partial(_unknown, name)) for name in DIMENSIONS if name in facts.dimensions),
        (_("BAC or budget"), lambda p: total(p).bac is None and total(p).budget is None),
        (_("AC actual cost"), lambda p: total(p).ac is None),
        (_("EAC forecast"), lambda p: total(p).eac is None),
        (_("Milestones"), lambda p: not p.milestones),
        (_("Forecast finish"), lambda p: p.forecast_finish is None),
        (_("Project manager"), lambda p: not p.pm),
        (_("Sponsor"), lambda p: not p.sponsor),
        (_("Summary"), lambda p: not p.summary),
    )
    rows = [(name, sum(bool(test(p)) for p in projects)) for name, test in checks]
    return sorted((row for row in rows if row[1]), key=lambda row: -row[1])[:14]


def _unknown(dimension: str, project: StatusPayload) -> bool:
    return project.light(dimension).value is None


def _terms(facts: Facts) -> list[tuple[str, str]]:
    """(term, meaning) of what occurs in this deck."""
    has = {
        name
        for p in facts.projects
        if p.money is not None
        for name in Amounts.__dataclass_fields__
        if getattr(p.money.total, name) is not None
    }
    if any(p.cpi is not None for p in facts.projects):
        has.add("cpi")
    if any(p.spi_t is not None for p in facts.projects):
        has.add("spi")
    if any(m.delta_days is not None for p in facts.projects for m in p.milestones):
        has.add("delta")
    if any(risk.emv is not None for _p, risk in facts.risks):
        has.add("emv")
    if any(point.pv is not None and point.ev is not None for point in facts.payload.curve):
        has |= {"pv", "ev"}
    if facts.payload.capacity or any(p.staffing for p in facts.projects):
        has.add("fte")
    terms = {
        "bac": ("BAC", _("budget at completion: the approved plan of all work, without reserves")),
        "ac": ("AC", _("actual cost of the work performed up to the data date, without commitments")),
        "pv": ("PV", _("planned value: the budget of the work that should be done by a day")),
        "ev": ("EV", _("earned value: the budget of the work that is done by a day")),
        "commitment": (_("Commitment"), _("ordered, not yet invoiced")),
        "eac": ("EAC", _("estimate at completion: the forecast of total cost")),
        "etc": ("ETC", _("estimate to complete: EAC − AC")),
        "vac": ("VAC", _("variance at completion: BAC − EAC, negative is an overrun")),
        "cpi": ("CPI", _("cost performance: value earned per unit of actual cost; below 1 is unfavourable")),
        "spi": (
            "SPI(t)",
            _("schedule performance by earned schedule: time earned per time elapsed; below 1 is late"),
        ),
        "delta": (_("Δ WD"), _("deviation of the forecast from the baseline in working days; positive is late")),
        "fte": ("FTE", _("full-time equivalent: the working time of one person in full time")),
        "emv": (_("EMV"), _("expected monetary value of a risk: probability × impact")),
    }
    return [term for name, term in terms.items() if name in has]


def definition_slides(facts: Facts) -> list[Slide]:
    """Only terms that this deck uses."""
    terms = _terms(facts)
    terms.append(
        (
            _("Data date"),
            _("the day as of which all figures of this deck are frozen: %(date)s")
            % {"date": facts.numbers.date(facts.payload.data_date)},
        )
    )
    grid = Grid(
        _("Definitions"),
        (Column(1.5, _("Term")), Column(facts.page.full - 1.5, _("Meaning"))),
        size=11.5,
        row_height=0.28 if facts.page.narrow or len(terms) > 11 else 0.31,
    )
    for term, meaning in terms:
        grid.add(C(term, True, lines=2), C(meaning, lines=2))
    pages = grid.pages(facts.page.height - 1.1)
    title = headline(_("Terms and sources: all figures are those published at the data date"))
    slides = []
    for number, rows in enumerate(pages, start=1):
        elements: list[Element] = [grid.table(LEFT, TOP, rows)]
        if number == len(pages):
            elements += _sources(facts)
        name = title if len(pages) == 1 else headline(f"{title} ({number}/{len(pages)})")
        slides.append(Slide("definitions", name, subtitle(_("Terms used in this deck")), tuple(elements)))
    return slides


def _sources(facts: Facts) -> list[Element]:
    """What the lights mean, and where the figures come from; at the bottom of the page."""
    y = facts.page.bottom - 1.05
    elements: list[Element] = []
    elements += section(_("Traffic lights"), LEFT, y, facts.page.full)
    elements += legend(
        [
            ("red", color_word("red")),
            ("amber", color_word("amber")),
            ("green", color_word("green")),
            ("grey", _("Grey: no data, report missed or on hold")),
            (None, _("– not assessed")),
        ],
        y + 0.34,
        facts.page,
    )
    sources = sorted(
        {source_name(clean(figure.source)) for p in facts.projects for figure in p.figures.values() if figure.source}
    )
    text = _("All figures come from published status reports; the workbook of this deck lists each with its source.")
    if sources:
        text += " " + _("Sources: %(names)s.") % {"names": ", ".join(sources[:6])}
    room, size = facts.page.full, SMALLEST
    elements.append(Text(LEFT, y + 0.66, room, 0.4, ((Run(fit(text, size, room, 2), color="grey"),),), size))
    return elements


# ---------------------------------------------------------------- workbook


def sheets(facts: Facts) -> tuple[Sheet, ...]:
    """Every project with all lights and amounts, every milestone, every published figure with its source."""
    return tuple(sheet for sheet in (_projects(facts), _milestones(facts), _figures(facts)) if sheet.rows)


def _projects(facts: Facts) -> Sheet:
    dims = ("overall", *facts.dimensions)
    amounts = [
        name
        for name in Amounts.__dataclass_fields__
        if any(p.money is not None and getattr(p.money.total, name) is not None for p in facts.projects)
    ]
    header = [_("Key"), _("Project"), _("Programme"), _("Phase"), _("Project manager"), _("Sponsor"), _("Data date")]
    for name in dims:
        header += [
            dimension_name(name),
            dimension_name(name) + ": " + _("source"),
            dimension_name(name) + ": " + _("previous"),
        ]
    header += (
        ["CPI", "SPI(t)", _("Currency")]
        + [amount_name(name) for name in amounts]
        + [_("Forecast finish"), _("Summary")]
    )
    rows = []
    for p in facts.projects:
        cells = [
            Cell(value=value)
            for value in (p.key, p.name, p.programme, phase_name(p.phase), p.pm, p.sponsor, p.data_date)
        ]
        for name in dims:
            light = p.light(name)
            known = light.value is not None
            cells += [
                Cell(value=light_word(light) if known else ""),
                Cell(value=source_name(light.source) if known else ""),
                Cell(value=color_word(light.previous) if light.previous else ""),
            ]
        cells += [Cell(value="" if value is None else value, places=2) for value in (p.cpi, p.spi_t)]
        total = p.money.total if p.money is not None else Amounts()
        known_money = [m for name in Amounts.__dataclass_fields__ if (m := getattr(total, name)) is not None]
        cells.append(Cell(value=known_money[0].currency if known_money else ""))
        for name in amounts:
            money = getattr(total, name)
            cells.append(Cell(value="") if money is None else Cell(value=_units(money.minor, money.currency), places=2))
        cells += [Cell(value=p.forecast_finish or ""), Cell(value=p.summary)]
        rows.append(tuple(cells))
    return Sheet(_("Projects"), tuple(header), tuple(rows))


def _units(minor: int, currency: str) -> Decimal:
    return Scale(currency, 0).value(minor)


def _milestones(facts: Facts) -> Sheet:
    header = (_("Project"), _("No."), _("Milestone"), _("Gate"), _("Baseline"), _("Forecast"), _("Actual"), _("Δ WD"))
    rows = tuple(
        (
            Cell(value=p.key),
            Cell(value=m.code),
            Cell(value=m.name),
            Cell(value=_("yes") if m.is_gate else ""),
            Cell(value=m.baseline or ""),
            Cell(value=m.forecast or ""),
            Cell(value=m.actual or ""),
            Cell(value="" if m.delta_days is None else m.delta_days, signed=True),
        )
        for p in facts.projects
        for m in p.milestones
    )
    return Sheet(_("Milestones"), header, rows)


def _figure(figure: Figure) -> Cell:
    """A canonical value as what it is: an amount in whole units of its currency, a date, a number, or a text."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", figure.value):
            return Cell(value=date.fromisoformat(figure.value))
        number = Decimal(figure.value)
    except (ValueError, InvalidOperation):
        return Cell(value=figure.value)
    if not number.is_finite():
        return Cell(value=figure.value)
    if re.fullmatch("[A-Z]{3}", figure.unit):
        return Cell(value=_units(int(number), figure.unit), places=2)
    return Cell(value=number, places=min(max(0, -int(number.as_tuple().exponent)), 4))


def _figures(facts: Facts) -> Sheet:
    header = (_("Project"), _("Figure"), _("Code"), _("Value"), _("Unit"), _("Source"), _("Origin"), _("As of"))
    rows = tuple(
        (
            Cell(value=p.key),
            Cell(value=str(FIGURES[code].label) if code in FIGURES else code),
            Cell(value=code),
            _figure(figure),
            Cell(value=figure.unit),
            Cell(value=source_name(figure.source)),
            Cell(value=figure.label),
            Cell(value=figure.on or ""),
        )
        for p in facts.projects
        for code, figure in sorted(p.figures.items())
    )
    return Sheet(_("Figures and sources"), header, rows)
