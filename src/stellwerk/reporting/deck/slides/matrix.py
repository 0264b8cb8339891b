"""Traffic light matrix: one row per project, by need for action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    TOP,
    Column,
    Element,
    LightName,
    Slide,
)
from stellwerk.core.documents.text import width_of
from stellwerk.reporting.deck.facts import Facts, claim
from stellwerk.reporting.deck.layout import (
    LEGEND_ROW,
    C,
    Grid,
    heading_width,
    headline,
    legend,
    light_cell,
    note,
    placed,
    project_cells,
    subtitle,
)
from stellwerk.reporting.deck.slides.common import named, trigger
from stellwerk.reporting.deck.slides.summary import only_project_title
from stellwerk.reporting.deck.words import color_word, dimension_name, phase_name
from stellwerk.reporting.payload import StatusPayload

PER_PAGE = 16


def matrix_slides(facts: Facts) -> tuple[list[Slide], list[Slide]]:
    """One row per project, by need for action: pages with red or amber projects (at most two), the others for the appendix."""
    if not facts.total:
        return [], []
    grid, remarks = _matrix_grid(facts)
    foot = 0.47 + (LEGEND_ROW if facts.page.narrow else 0)
    room = facts.page.height - 0.05 - foot
    pages = grid.pages(room, PER_PAGE)
    slides = []
    start = 0
    for index, rows in enumerate(pages):
        shown = list(facts.projects[start : start + len(rows)])
        start += len(rows)
        table = grid.table(LEFT, TOP + 0.05, rows)
        y = facts.page.bottom - foot + 0.05
        elements: list[Element] = [table, *_matrix_legend(facts, shown, y)]
        remark = "  ".join(remarks[p.key] for p in shown if p.key in remarks)
        if remark:
            elements.append(note(remark, LEFT, y + foot - 0.25, facts.page.full))
        title = _matrix_title(facts) if index == 0 else _matrix_page_title(facts, shown, start - len(rows))
        slides.append(Slide("matrix", title, subtitle(_matrix_subtitle(facts)), tuple(elements)))
    pressing = facts.counts["red"] + facts.counts["amber"]
    main = 2 if pressing > PER_PAGE and len(slides) > 1 else 1
    return slides[:main], slides[main:]


def _matrix_grid(facts: Facts) -> tuple[Grid, dict[str, str]]:
    projects = facts.projects
    dims = facts.dimensions
    index = any(p.spi_t is not None or p.cpi is not None for p in projects)
    amounts = _amount_columns(facts)
    narrow = facts.page.narrow  # there the phase and the amounts are left to other slides and the workbook
    phase = any(p.phase for p in projects) and not narrow
    right: list[Column] = []
    if index:
        right += [Column(0.55, "SPI(t)", "right", rule=True), Column(0.48, "CPI", "right")]
    right += [
        Column(width, title, "right", rule=not index and number == 0)
        for number, (title, width, _cell) in enumerate(amounts)
    ]
    widths = {name: _dimension_width(facts, name, 0.58 if right else 0.8) for name in dims}
    word = max((width_of(color_word(p.overall.value), 10.5, p.overall.value == "red") for p in projects), default=0.0)
    overall_width = (
        (1.5 if narrow else 1.75) if any(p.overall.reported_value for p in projects) else min(1.05, word + 0.62)
    )
    key_width = _widest([p.key for p in projects], 0.6, 1.2, bold=True)
    phase_width = _widest([phase_name(p.phase) for p in projects], 0.7, 1.3)
    used = key_width + (phase_width if phase else 0) + overall_width
    used += sum(widths.values()) + sum(column.width for column in right)
    spare = facts.page.full - used
    name_width = min(max(spare, 1.7), 3.6)
    reason_width = facts.page.full - used - name_width
    if reason_width < 0:
        name_width, reason_width = max(name_width + reason_width, 1.0), 0.0
    reason = reason_width > 1.6
    if not reason:
        name_width += max(reason_width, 0)
    columns = [Column(key_width, _("Project")), Column(name_width, "")]
    if narrow:
        room = facts.page.full - used + key_width - (reason_width if reason else 0)
        columns = [Column(min(key_width + name_width, max(room, 1.0)), _("Project"))]
    if phase:
        columns.append(Column(phase_width, _("Phase")))
    columns.append(Column(overall_width, dimension_name("overall"), rule=True))
    columns += [Column(widths[name], dimension_name(name), rule=number == 0) for number, name in enumerate(dims)]
    columns += right
    if reason:
        columns.append(Column(reason_width, _("Reason"), rule=True))
    grid = Grid(_("Traffic lights"), columns, size=10.5, row_height=0.27)
    remarks: dict[str, str] = {}
    for project in projects:
        cells = project_cells(facts.page, project.key, project.name, "ink")
        if narrow:
            cells = [replace(cells[0], second_lines=1)]
        if phase:
            cells.append(C(phase_name(project.phase), color="grey"))
        cells += _light_cells(facts, project, overall_width, widths)
        cells += _indices(facts, project) if index else []
        cells += [cell(project) for _title, _width, cell in amounts]
        if reason:
            cells.append(
                C(trigger(facts, project, "overall") or project.summary or "–", color="grey", lines=1 + narrow)
            )
        grid.add(*cells)
        text = _override_text(project, dims)
        if text:
            remarks[project.key] = text
    return grid, remarks


def _light_cells(facts: Facts, project: StatusPayload, overall: float, widths: dict[str, float]) -> list[C]:
    """The overall light with its word, and one cell per dimension, of these column widths."""
    where = f"{project.key} {dimension_name('overall')}"
    cell = light_cell(project.overall, where, word=True, mark=_mark(facts, project.overall.source))
    cells = [placed(cell, overall - 0.16)]
    for name, width in widths.items():
        light = project.light(name)
        cell = light_cell(light, f"{project.key} {dimension_name(name)}", mark=_mark(facts, light.source))
        cells.append(placed(cell, max(0.4, min(0.46, width - 0.18))))
    return cells


def _dimension_width(facts: Facts, name: str, least: float) -> float:
    """Room for the heading, and for a mark between a light and the small one behind it."""
    marked = any((light := p.light(name)).half_step or _mark(facts, light.source) for p in facts.projects)
    return heading_width(dimension_name(name), 10.5, max(least, 0.66) if marked else least)


def _mark(facts: Facts, source: str) -> str:
    if source == "overridden":
        return "*"
    return "°" if source == "reported" and not facts.all_reported else ""


def _override_text(project: StatusPayload, dims: tuple[str, ...]) -> str:
    parts = []
    for name in ("overall", *dims):
        light = project.light(name)
        if light.source == "overridden" and light.value is not None:
            text = _("* %(key)s %(dimension)s: set to %(set)s, computed %(computed)s") % {
                "key": project.key,
                "dimension": dimension_name(name),
                "set": color_word(light.value),
                "computed": color_word(light.computed_value),
            }
            parts.append(text + (f" ({light.reason})" if light.reason else "") + ".")
    return " ".join(parts)


def _widest(texts: list[str], least: float, most: float, bold: bool = False) -> float:
    """Width of a column by what stands in it."""
    return min(max([least, *(width_of(text, 10.5, bold) + 0.15 for text in texts)]), most)


def _indices(facts: Facts, project: StatusPayload) -> list[C]:
    return [C(facts.numbers.decimal(value, 2), value=value, places=2) for value in (project.spi_t, project.cpi)]


def _amount_columns(facts: Facts) -> list[tuple[str, float, Callable[[StatusPayload], C]]]:
    """Heading, width and cell of BAC (without any: the budget), EAC and deviation; only columns in which something stands."""
    unit = f" {facts.unit}" if facts.unit else ""
    known = [p.money.total for p in facts.projects if p.money is not None]
    base = "bac" if any(total.bac for total in known) else "budget"
    columns: list[tuple[str, float, Callable[[StatusPayload], C]]] = []
    for name, title in ((base, "BAC" if base == "bac" else _("Budget")), ("eac", "EAC")):
        shown = [facts.amount(value) for total in known if (value := getattr(total, name)) is not None]
        if shown:
            width = max(0.7, *(width_of(text, 10.5) + 0.15 for text in shown), heading_width(title + unit, 10.5, 0))
            columns.append((title + unit, round(min(width, 1.5), 2), partial(_amount, facts, name)))
    if any(facts.overrun(p) is not None for p in facts.projects):
        deviation: tuple[str, float, Callable[[StatusPayload], C]] = (_("Dev. %"), 0.64, partial(_deviation, facts))
        columns = [deviation] if facts.page.narrow else [*columns, deviation]
    return columns


def _amount(facts: Facts, name: str, project: StatusPayload) -> C:
    money = getattr(project.money.total, name) if project.money is not None else None
    return C(facts.amount(money), value=facts.value(money), places=1)


def _deviation(facts: Facts, project: StatusPayload) -> C:
    over = facts.overrun(project)
    return C(
        facts.numbers.decimal(over * 100, 1, sign=True) if over is not None else "–",
        over is not None and abs(over) > Decimal("0.05"),
        value=None if over is None else over * 100,
        places=1,
        signed=True,
    )


def _matrix_legend(facts: Facts, shown: list[StatusPayload], y: float) -> list[Element]:
    parts: list[tuple[LightName | None, str]] = [
        ("green", color_word("green")),
        ("amber", color_word("amber")),
        ("red", color_word("red")),
        ("grey", _("Grey: no data, report missed or on hold")),
    ]
    lights = [p.light(name) for p in shown for name in ("overall", *facts.dimensions)]
    if any(light.arrow != "none" for light in lights):
        since = facts.numbers.date(facts.payload.previous_date) if facts.payload.previous_date else ""
        parts.append(
            (
                None,
                (_("↑ better  → unchanged  ↓ worse than on %(date)s") % {"date": since})
                if since
                else _("↑ better  → unchanged  ↓ worse than before"),
            )
        )
    if any(light.previous not in (None, light.value) or light.source == "overridden" for light in lights):
        parts.append((None, _("small: previous, with * computed")))
    if any(p.light(name).half_step for p in shown for name in facts.dimensions):
        parts.append((None, _("+ − half a step better or worse")))
    if not facts.all_reported and any(light.source == "reported" for light in lights):
        parts.append((None, _("° as reported, not computed")))
    return legend(parts, y, facts.page)


def _matrix_subtitle(facts: Facts) -> str:
    text = _("Sorted by need for action: overall light, then number of red and amber lights, then cost overrun")
    if facts.all_reported:
        text = _("Lights as reported by the source, sorted by need for action")
    if facts.payload.hidden_count:
        text += ". " + _("%(count)s further projects are not shown to the reader") % {
            "count": facts.payload.hidden_count
        }
    return text


def _matrix_title(facts: Facts) -> str:
    red, amber = facts.with_light("red"), facts.with_light("amber")
    if facts.total == 1:
        return only_project_title(facts)
    if red:
        base = (
            _("1 of %(total)s projects is red: %(keys)s")
            if len(red) == 1
            else _("%(count)s of %(total)s projects are red: %(keys)s")
        )
        base = base % {"count": len(red), "total": facts.total, "keys": named(facts, red)}
        causes = [(name, sum(p.light(name).value == "red" for p in red)) for name in facts.dimensions]
        causes = sorted((row for row in causes if row[1]), key=lambda row: -row[1])[:2]
        if causes:
            text = facts.numbers.list([f"{dimension_name(name)} ({count})" for name, count in causes])
            return headline(_("%(claim)s; most often because of %(causes)s") % {"claim": base, "causes": text}, base)
        return headline(base)
    if amber:
        base = (
            _("No project is red; 1 is amber: %(keys)s")
            if len(amber) == 1
            else _("No project is red; %(count)s are amber: %(keys)s")
        )
        return headline(base % {"count": len(amber), "keys": named(facts, amber)})
    return headline(
        _("No project is red or amber; %(green)s of %(total)s are green")
        % {"green": facts.counts["green"], "total": facts.total}
    )


def _matrix_page_title(facts: Facts, shown: list[StatusPayload], start: int) -> str:
    counts = [(name, sum(p.overall.value == name for p in shown)) for name in ("red", "amber", "grey", "green", None)]
    claim(sum(count for _name, count in counts) == len(shown), "page counts")
    text = ", ".join(
        f"{count} {color_word(name).lower() if name else color_word(name)}" for name, count in counts if count
    )
    return headline(
        _("Projects %(first)s to %(last)s of %(total)s: %(counts)s")
        % {"first": start + 1, "last": start + len(shown), "total": facts.total, "counts": text}
    )
