"""Traffic light matrix: one row per project, by need for action."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    TOP,
    Column,
    Element,
    LightName,
    Slide,
)
from stellwerk.reporting.deck.facts import Facts, claim
from stellwerk.reporting.deck.layout import (
    BOTTOM,
    FULL,
    C,
    Grid,
    heading_width,
    headline,
    legend,
    light_cell,
    note,
    placed,
    subtitle,
)
from stellwerk.reporting.deck.slides.common import keys
from stellwerk.reporting.deck.words import color_word, dimension_name, phase_name
from stellwerk.reporting.payload import StatusPayload

PER_PAGE = 16


def matrix_slides(facts: Facts) -> list[Slide]:
    """One row per project, by need for action."""
    if not facts.total:
        return []
    grid, remarks = _matrix_grid(facts)
    room = BOTTOM - TOP - 0.05 - 0.47
    pages = grid.pages(room, PER_PAGE)
    slides = []
    start = 0
    for index, rows in enumerate(pages):
        shown = list(facts.projects[start : start + len(rows)])
        start += len(rows)
        table = grid.table(LEFT, TOP + 0.05, rows)
        y = BOTTOM - 0.42
        elements: list[Element] = [table, *_matrix_legend(facts, shown, y)]
        remark = "  ".join(remarks[p.key] for p in shown if p.key in remarks)
        if remark:
            elements.append(note(remark, LEFT, y + 0.22, FULL, 10))
        title = _matrix_title(facts) if index == 0 else _matrix_page_title(facts, shown, start - len(rows))
        slides.append(Slide("matrix", title, subtitle(_matrix_subtitle(facts)), tuple(elements)))
    return slides


def _matrix_grid(facts: Facts) -> tuple[Grid, dict[str, str]]:
    projects = facts.projects
    dims = facts.dimensions
    index = any(p.spi_t is not None or p.cpi is not None for p in projects)
    money = any(p.money is not None and not p.money.total.is_empty for p in projects)
    phase = any(p.phase for p in projects)
    unit = f" {facts.unit}" if facts.unit else ""
    right: list[Column] = []
    if index:
        right += [Column(0.55, "SPI(t)", "right", rule=True), Column(0.48, "CPI", "right")]
    if money:
        right += [
            Column(0.83, f"BAC{unit}", "right", rule=not index),
            Column(0.83, f"EAC{unit}", "right"),
            Column(0.66, _("Dev. %"), "right"),
        ]
    roomy = not index and not money
    widths = {name: heading_width(dimension_name(name), 10.5, 0.86 if roomy else 0.63) for name in dims}
    overall_width = 1.75 if any(p.overall.reported_value for p in projects) else 1.17
    used = 0.9 + (0.98 if phase else 0) + overall_width + sum(widths.values()) + sum(column.width for column in right)
    spare = FULL - used
    name_width = min(max(spare, 1.7), 3.6)
    reason_width = FULL - used - name_width
    if reason_width < 0:
        name_width, reason_width = max(name_width + reason_width, 1.0), 0.0
    reason = reason_width > 1.6
    if not reason:
        name_width += max(reason_width, 0)
    columns = [Column(0.9, _("Project")), Column(name_width, "")]
    if phase:
        columns.append(Column(0.98, _("Phase")))
    columns.append(Column(overall_width, dimension_name("overall"), rule=True))
    columns += [Column(widths[name], dimension_name(name), rule=number == 0) for number, name in enumerate(dims)]
    columns += right
    if reason:
        columns.append(Column(reason_width, _("Reason"), rule=True))
    grid = Grid(_("Traffic lights"), columns, size=10.5, row_height=0.27)
    remarks: dict[str, str] = {}
    for project in projects:
        cells = [C(project.key, True), C(project.name)]
        if phase:
            cells.append(C(phase_name(project.phase), color="grey"))
        cells.append(
            placed(
                light_cell(
                    project.overall,
                    f"{project.key} {dimension_name('overall')}",
                    word=True,
                    mark=_mark(facts, project.overall.source),
                ),
                overall_width - 0.16,
            )
        )
        cells += [
            placed(
                light_cell(
                    project.light(name),
                    f"{project.key} {dimension_name(name)}",
                    mark=_mark(facts, project.light(name).source),
                ),
                0.46,
            )
            for name in dims
        ]
        cells += _numbers(facts, project, index, money)
        if reason:
            cells.append(C(project.overall.reason or project.summary or "–", color="grey"))
        grid.add(*cells)
        text = _override_text(project, dims)
        if text:
            remarks[project.key] = text
    return grid, remarks


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


def _numbers(facts: Facts, project: StatusPayload, index: bool, money: bool) -> list[C]:
    cells: list[C] = []
    numbers = facts.numbers
    if index:
        cells += [C(numbers.decimal(value, 2), value=value, places=2) for value in (project.spi_t, project.cpi)]
    if money:
        total = project.money.total if project.money is not None else None
        bac, eac = (total.bac, total.eac) if total is not None else (None, None)
        over = facts.overrun(project)
        cells += [
            C(facts.amount(bac), value=facts.value(bac), places=1),
            C(facts.amount(eac), value=facts.value(eac), places=1),
            C(
                numbers.decimal(over * 100, 1, sign=True) if over is not None else "–",
                over is not None and abs(over) > Decimal("0.05"),
                value=None if over is None else over * 100,
                places=1,
                signed=True,
            ),
        ]
    return cells


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
    if facts.all_reported:
        parts.append((None, _("all lights as reported")))
    elif any(light.source == "reported" for light in lights):
        parts.append((None, _("° as reported, not computed")))
    return legend(parts, y)


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
    if red:
        base = (
            _("1 of %(total)s projects is red: %(keys)s")
            if len(red) == 1
            else _("%(count)s of %(total)s projects are red: %(keys)s")
        )
        base = base % {"count": len(red), "total": facts.total, "keys": keys(facts, red)}
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
        return headline(base % {"count": len(amber), "keys": keys(facts, amber)})
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
