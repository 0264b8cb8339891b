"""One page per red project, or as many as its facts need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    TOP,
    WIDE,
    Column,
    Element,
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
    day_width,
    headline,
    light_cell,
    placed,
    section,
    shared,
    subtitle,
)
from stellwerk.reporting.deck.slides.common import spoken, trigger
from stellwerk.reporting.deck.slides.curve import curve_chart
from stellwerk.reporting.deck.words import (
    amount_name,
    color_word,
    dimension_name,
    light_word,
    phase_name,
    severity_name,
)
from stellwerk.reporting.payload import DIMENSIONS, Amounts, MilestoneLine, StatusPayload

_Part = tuple[list[Element], float]
_Maker = Callable[[float, float, float, float], _Part]
_GAP = 0.2
_GUTTER = 0.38  # between columns
_WIDTHS = (0.375, 0.3, 0.325)  # of the three columns: names of milestones and reasons of lights are the longest
_MIDDLE = ("budget", "bac", "ac", "commitment", "etc", "eac", "vac")


def project_pages(facts: Facts, projects: list[StatusPayload]) -> list[Slide]:
    """A page for each project that tells enough for one; the others together in tables of a few lines each."""
    rich = [project for project in projects if sum(map(len, _blocks(facts, project))) > 3]
    poor = [
        project
        for project in facts.with_light("red")
        if project not in rich and (project.summary or project.path_to_green)
    ]
    return [*(slide for project in rich for slide in _project(facts, project)), *_lists(facts, poor)]


def _lists(facts: Facts, projects: list[StatusPayload]) -> list[Slide]:
    """Red projects of which little more than a narrative is known."""
    if not projects:
        return []
    unit = f" {facts.unit}" if facts.unit else ""
    money = any(project.money is not None and project.money.total.budget is not None for project in projects)
    finish = any(project.forecast_finish is not None for project in projects)
    columns = [Column(2.6, _("Project"), least=1.8), Column(1.2, _("Overall"))]
    if finish:
        columns.append(Column(1.0, _("Finish"), "right"))
    if money:
        columns.append(Column(1.2, _("Budget") + unit, "right"))
    rest = WIDE.full - sum(column.width for column in columns)
    columns.append(Column(rest, _("What is reported"), rule=True, least=3))
    grid = Grid(_("Red projects"), shared(facts.page.full, columns), size=10.5, row_height=0.4)
    for project in projects:
        light = light_cell(project.overall, f"{project.key} {dimension_name('overall')}", word=True)
        cells = [C(project.key, True, second=project.name, second_lines=2), placed(light, 1.0)]
        if finish:
            cells.append(C(facts.numbers.day(project.forecast_finish), value=project.forecast_finish))
        if money:
            budget = project.money.total.budget if project.money is not None else None
            cells.append(C(facts.amount(budget), value=facts.value(budget), places=1))
        cells.append(C(project.summary or "–", lines=4))
        grid.add(*cells)
    pages = grid.pages(facts.page.height)
    slides = []
    for number, rows in enumerate(pages, start=1):
        title = _("What is reported about %(count)s red projects") % {"count": len(projects)}
        if len(projects) == 1:
            title = _("What is reported about the red project %(key)s") % {"key": projects[0].key}
        name = headline(title if number == 1 else f"{title} ({number}/{len(pages)})")
        sub = _("By need for action; small: the previous light")
        slides.append(Slide("reds", name, subtitle(sub), (grid.table(LEFT, TOP, rows),)))
    return slides


def _project(facts: Facts, project: StatusPayload) -> list[Slide]:
    # On a slide as high as ours one page is enough; a lower one would cut the amounts.
    lower = facts.page.narrow or facts.page.height < 5
    pages = _flowing(facts, project) if lower else [_columns(facts, project)]
    title = _project_title(facts, project)
    roles = [f"{project.key} {project.name}"]
    for label, value in (
        (_("project manager"), project.pm),
        (_("sponsor"), project.sponsor),
        (_("phase"), phase_name(project.phase) if project.phase else ""),
    ):
        if value:
            roles.append(f"{label} {value}")
    if facts.unit and project.money is not None:
        roles.append(_("amounts in %(unit)s") % {"unit": facts.unit})
    sub = subtitle(", ".join(roles))
    return [
        Slide(
            "project",
            title if len(pages) == 1 else headline(f"{title} ({number}/{len(pages)})"),
            sub,
            tuple(elements),
        )
        for number, elements in enumerate(pages, start=1)
    ]


def _columns(facts: Facts, project: StatusPayload) -> list[Element]:
    """All blocks in three columns of one page; each gets less room where a column is full."""
    room = facts.page.full - 2 * _GUTTER
    elements: list[Element] = []
    x = LEFT
    for share, blocks in zip(_WIDTHS, _blocks(facts, project), strict=True):
        width, y = room * share, TOP + 0.02
        heights = _share([make(x, y, width, 99.0)[1] for make in blocks], facts.page.bottom - y)
        for make, height in zip(blocks, heights, strict=True):
            parts, used = make(x, y, width, height)
            elements += parts
            y += used + (_GAP if parts else 0)
        x += width + _GUTTER
    return elements


def _flowing(facts: Facts, project: StatusPayload) -> list[list[Element]]:
    """All blocks one after the other in the columns of as many pages as they need."""
    count = 2 if facts.page.narrow else 3
    width = (facts.page.full - (count - 1) * _GUTTER) / count
    pages: list[list[Element]] = [[]]
    column, y = 0, TOP + 0.02
    for make in (make for blocks in _blocks(facts, project) for make in blocks):
        wanted = make(LEFT, y, width, 99.0)[1]
        if y > TOP + 0.1 and wanted > facts.page.bottom - y:
            column, y = column + 1, TOP + 0.02
            if column == count:
                pages.append([])
                column = 0
        parts, used = make(LEFT + column * (width + _GUTTER), y, width, facts.page.bottom - y)
        pages[-1] += parts
        y += used + (_GAP if parts else 0)
    return pages


def _share(wanted: list[float], room: float) -> list[float]:
    """Heights of blocks under each other: as wanted where all fit; else the small ones get theirs, the others equal shares."""
    left = room - _GAP * (len(wanted) - 1)
    granted = dict.fromkeys(range(len(wanted)), 0.0)
    pending = sorted(granted, key=lambda index: wanted[index])
    while pending:
        index = pending.pop(0)
        granted[index] = min(wanted[index] + 0.001, left / (len(pending) + 1))
        left -= granted[index]
    return [granted[index] for index in range(len(wanted))]


def _project_title(facts: Facts, project: StatusPayload) -> str:
    base = _("%(key)s is rated: %(word)s") % {"key": spoken(project), "word": light_word(project.overall)}
    if project.overall.value == "red" and light_word(project.overall).casefold() in (
        "red",
        color_word("red").casefold(),
    ):
        base = _("%(key)s is red") % {"key": spoken(project)}
    parts = []
    total = project.money.total if project.money is not None else Amounts()
    over = facts.overrun(project)
    if over is not None and over >= Decimal("0.005") and total.eac is not None:
        parts.append(
            _("forecast %(eac)s is %(percent)s over plan")
            % {"eac": facts.money(total.eac), "percent": facts.numbers.percent(over)}
        )
    worst = max(
        (m for m in project.milestones if m.actual is None and (m.delta_days or 0) > 5),
        key=lambda m: m.delta_days or 0,
        default=None,
    )
    if worst is not None:
        parts.append(
            _("%(what)s %(days)s working days late") % {"what": worst.code or worst.name, "days": worst.delta_days}
        )
    reason = f"{base}: {project.overall.reason}" if project.overall.reason else ""
    if parts:
        return headline(f"{base}: {', '.join(parts)}", f"{base}: {parts[0]}", base)
    return headline(reason or base)


def _blocks(facts: Facts, project: StatusPayload) -> list[list[_Maker]]:
    """Three columns of painters; only blocks with data."""
    left: list[_Maker] = [partial(lights_block, facts, project)]
    middle: list[_Maker] = []
    right: list[_Maker] = []
    if project.milestones:
        left.append(partial(_milestones, facts, project))
    elif project.achieved:
        left.append(partial(_prose, _("Achieved"), project.achieved))
    if project.summary:
        middle.append(partial(_prose, _("Summary"), (project.summary,), bullet=False, most=4))
    if len(project.curve) >= 3 and len(facts.currencies) == 1:
        middle.append(partial(_curve, facts, project))
    if project.money is not None and not project.money.total.is_empty:
        middle.append(partial(money_block, facts, project))
    if project.next_steps and len(middle) < 3:
        middle.append(partial(_prose, _("Next steps"), project.next_steps))
    if project.path_to_green:
        right.append(partial(_path, facts, project))
    if project.risks:
        right.append(partial(_risks, facts, project))
    if project.issues:
        right.append(partial(_issues, facts, project))
    if project.decisions and len(right) < 3:
        right.append(partial(_decisions, facts, project))
    if project.achieved and project.milestones and len(right) < 3:
        right.append(partial(_prose, _("Achieved"), project.achieved))
    return [left, middle, right]


def _boxed(
    title: str, grid: Grid, x: float, y: float, w: float, h: float, extra: str = "", most: int | None = None
) -> _Part:
    block = grid.block(x, y + 0.3, h - 0.3, most)
    if not block:
        return [], 0.0
    table = block[0]
    assert isinstance(table, Table)
    used = 0.3 + (table.height if table.rows else 0) + (NOTE if len(block) > 1 else 0)
    return [*section(title, x, y, w, extra), *block], used


def lights_block(
    facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float, title: str = ""
) -> _Part:
    grid = _lights(facts, project, w, 2)  # whole reasons where they have room
    if 0.3 + sum(row.height for row in grid.rows) > h:
        grid = _lights(facts, project, w, 1)
    return _boxed(title or _("Status (small: previous, with * computed)"), grid, x, y, w, h)


def _lights(facts: Facts, project: StatusPayload, w: float, lines: int) -> Grid:
    grid = Grid(
        _("Lights of projects"),
        (Column(1.0, ""), Column(1.02, ""), Column(w - 2.02, "")),
        size=10.5,
        row_height=0.27,
        has_header=False,
        owner=project.key,
    )
    for name in ("overall", *DIMENSIONS):
        light = project.light(name)
        if light.value is None and name != "overall":
            continue
        cell = placed(
            light_cell(
                light,
                f"{project.key} {dimension_name(name)}",
                word=True,
                mark="*" if light.source == "overridden" else "",
            ),
            0.86,
        )
        reason = C(trigger(facts, project, name), name == "overall", lines=lines)
        grid.add(C(dimension_name(name), name == "overall"), cell, reason)
    return grid


def _milestones(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    numbers = facts.numbers
    wide = day_width(facts.numbers, _("Baseline"), _("Forecast"))
    grid = Grid(
        _("Milestones of red projects"),
        (
            Column(0.38, ""),
            Column(w - 0.38 - 2 * wide - 0.5, ""),
            Column(wide, _("Baseline"), "right"),
            Column(wide, _("Forecast"), "right"),
            Column(0.5, _("Δ WD"), "right"),
        ),
        size=10,
        row_height=0.26,
        owner=project.key,
    )
    important = important_milestones(project)
    for m in (*important, *(m for m in project.milestones if m not in important)):
        day = m.actual or m.forecast
        grid.add(
            C(m.code, True),
            C(m.label, lines=2 if facts.page.narrow else 1),
            C(numbers.day(m.baseline), value=m.baseline),
            C(numbers.day(day), value=day, color="grey" if m.actual else "ink"),
            C(numbers.decimal(m.delta_days, sign=True), (m.delta_days or 0) > 5, value=m.delta_days, signed=True),
        )
    return _boxed(_("Milestones"), grid, x, y, w, h, most=len(important))


def important_milestones(project: StatusPayload, most: int = 6) -> list[MilestoneLine]:
    """At most six: open ones first in the order of their dates, filled up with the latest reached."""
    rows = sorted(project.milestones, key=lambda m: m.actual or m.forecast or m.baseline or date.max)
    still_open = [m for m in rows if m.actual is None]
    reached = [m for m in rows if m.actual is not None]
    kept = still_open[:most]
    kept = (
        [*reached[len(reached) - (most - len(kept)) if most > len(kept) else len(reached) :], *kept]
        if len(kept) < most
        else kept
    )
    return kept[:most]


def _prose(
    title: str, texts: tuple[str, ...], x: float, y: float, w: float, h: float, bullet: bool = True, most: int = 9
) -> _Part:
    size = 11.0
    lines = max(1, min(most, int((h - 0.36) / height_of(1, size))))
    paragraphs = []
    used = 0
    for number, text in enumerate(texts):
        if number == 5 or used >= lines - (number < len(texts) - 1 and number > 0):
            paragraphs.append((Run("… " + _("and %(count)s more") % {"count": len(texts) - number}, color="grey"),))
            used += 1
            break
        shown = fit(f"· {text}" if bullet else text, size, w, min(lines - used, 2 if bullet else lines))
        used += len(wrap(shown, size, w))
        paragraphs.append((Run(shown),))
    height = height_of(used, size)
    return [*section(title, x, y, w), Text(x, y + 0.34, w, height + 0.03, tuple(paragraphs), size)], 0.36 + height


def _curve(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    height = max(min(h - 0.3, 1.0), 0.9)
    chart, labels = curve_chart(
        facts, sorted(project.curve, key=lambda point: point.on), (x, y + 0.3, w, height), small=True
    )
    return [*section(_("S-curve (cumulative)"), x, y, w, facts.unit), chart, *labels], 0.3 + height


def money_block(
    facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float, shown: tuple[str, ...] = _MIDDLE
) -> _Part:
    money = project.money
    assert money is not None
    split = money.capex is not None and money.opex is not None
    columns = [Column(w - (2.85 if split else 1.3), "")]
    if split:
        columns += [Column(0.95, "CapEx", "right"), Column(0.95, "OpEx", "right")]
    columns.append(Column(0.95 if split else 1.3, _("Total"), "right"))
    grid = Grid(_("Money of projects"), columns, size=10.5, row_height=0.24, owner=project.key)
    for name in shown:
        value = getattr(money.total, name)
        if value is None:
            continue
        cells = [
            C(
                _("Budget")
                if name == "budget"
                else amount_name(name)
                if name == "commitment" or not split
                else name.upper()
            )
        ]
        if split:
            cells += [
                C(facts.amount(part), value=facts.value(part), places=1)
                for part in (getattr(money.capex, name), getattr(money.opex, name))
            ]
        cells.append(C(facts.amount(value), True, value=facts.value(value), places=1))
        grid.add(*cells)
    indices = [
        f"{label} {facts.numbers.decimal(value, 2)}"
        for label, value in (("CPI", project.cpi), ("SPI(t)", project.spi_t))
        if value is not None
    ]
    return _boxed(_("Finance"), grid, x, y, w, h, ", ".join(indices))


def _path(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    wide = day_width(facts.numbers, _("Due"))
    grid = Grid(
        _("Path to green"),
        (Column(1.0, ""), Column(w - 1.0 - wide, _("Measure")), Column(wide, _("Due"), "right")),
        size=10,
        row_height=0.3,
        owner=project.key,
    )
    for step in project.path_to_green:
        grid.add(
            C(dimension_name(step.dimension)),
            C(step.measure or step.cause or "–", lines=2, second=step.owner),
            C(facts.numbers.day(step.due), value=step.due),
        )
    return _boxed(_("Path to green"), grid, x, y, w, h)


def _risks(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    unit = f" {facts.unit}" if facts.unit else ""
    grid = Grid(
        _("Risks of red projects"),
        (
            Column(w - 1.5, _("Risk and response")),
            Column(0.6, _("Score"), "right"),
            Column(0.9, _("EMV") + unit, "right"),
        ),
        size=10,
        row_height=0.3,
        owner=project.key,
    )
    for risk in sorted(project.risks, key=lambda r: -(r.score or 0)):
        grid.add(
            C(risk.title, second=risk.response),
            C(str(risk.score) if risk.score is not None else "–", value=risk.score),
            C(facts.amount(risk.emv), value=facts.value(risk.emv), places=1),
        )
    return _boxed(_("Greatest risks"), grid, x, y, w, h, most=3)


def _issues(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    wide = day_width(facts.numbers, _("Due"))
    grid = Grid(
        _("Issues of red projects"),
        (Column(w - 0.9 - wide, _("Issue")), Column(0.9, _("Severity")), Column(wide, _("Due"), "right")),
        size=10,
        row_height=0.27,
        owner=project.key,
    )
    for issue in project.issues:
        grid.add(
            C(issue.title, lines=2),
            C(severity_name(issue.severity) or "–", color="grey"),
            C(facts.numbers.day(issue.due), value=issue.due),
        )
    return _boxed(_("Issues"), grid, x, y, w, h, most=3)


def _decisions(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    wide = day_width(facts.numbers, _("Due"))
    grid = Grid(
        _("Decisions of red projects"),
        (Column(w - wide, _("Decision and body")), Column(wide, _("Due"), "right")),
        size=10,
        row_height=0.3,
        owner=project.key,
    )
    for line in project.decisions:
        grid.add(
            C(line.recommendation or line.question, lines=4, second=line.decided_by),
            C(facts.numbers.day(line.due), value=line.due),
        )
    return _boxed(_("Decisions needed"), grid, x, y, w, h, most=3)
