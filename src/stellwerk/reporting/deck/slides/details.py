"""One page per decision with options, one page per red project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import LEFT, RIGHT, TOP, Column, Element, Rect, Run, Slide, Table, Text
from stellwerk.core.documents.text import fit, height_of, wrap
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import BOTTOM, FULL, C, Grid, headline, light_cell, placed, section, subtitle
from stellwerk.reporting.deck.slides.common import spoken, trigger
from stellwerk.reporting.deck.slides.money import curve_chart
from stellwerk.reporting.deck.words import (
    amount_name,
    color_word,
    dimension_name,
    light_word,
    phase_name,
    severity_name,
)
from stellwerk.reporting.payload import DIMENSIONS, Amounts, DecisionLine, MilestoneLine, StatusPayload

_Part = tuple[list[Element], float]
_Maker = Callable[[float, float, float, float], _Part]
_GAP = 0.2
_MIDDLE = ("budget", "bac", "ac", "commitment", "etc", "eac", "vac")


# ---------------------------------------------------------------- decisions


def decision_pages(facts: Facts) -> list[Slide]:
    return [_decision(facts, number, line) for number, line in enumerate(facts.decisions, start=1)]


def _decision(facts: Facts, number: int, line: DecisionLine) -> Slide:
    best = next((option for option in line.options if option.recommended), None)
    claim_text = line.recommendation or (best.name if best else line.question)
    title = headline(_("Decision %(number)s: %(what)s") % {"number": number, "what": claim_text.rstrip(". ")})
    parts = [f"{line.project_key} {line.project_name}".strip() or facts.payload.portfolio_name]
    if line.submitted_by:
        parts.append(_("submitted by %(who)s") % {"who": line.submitted_by})
    if line.decided_by:
        parts.append(_("decided by %(who)s") % {"who": line.decided_by})
    if line.due is not None:
        parts.append(_("due on %(date)s") % {"date": facts.numbers.date(line.due)})
    elements: list[Element] = []
    y = TOP + 0.02
    question = _("Question: %(text)s") % {"text": line.question}
    text = fit(question, 14, FULL, 2, True)
    head, _colon, rest = text.partition(": ")
    elements.append(Text(LEFT, y, FULL, 0.55, ((Run(f"{head}: ", True), Run(rest)),), 14))
    y += height_of(len(wrap(text, 14, FULL, True)), 14) + 0.2
    if line.options:
        options, y = _options(line, y)
        elements += options
        y += 0.22
    project = next((p for p in facts.payload.projects if p.key == line.project_key), None)
    half = 6.9
    recommendation = line.recommendation or (best.name if best else "")
    if recommendation:
        elements += section(_("Proposed decision"), LEFT, y, half)
        lines = max(1, min(4, int((BOTTOM - y - 0.4) / height_of(1, 14))))
        text = fit(recommendation, 14, half, lines)
        elements.append(Text(LEFT, y + 0.36, half, BOTTOM - y - 0.36, ((Run(text),),), 14))
        below = y + 0.36 + height_of(len(wrap(text, 14, half)), 14) + 0.3
        if project is not None and BOTTOM - below > 1.2:
            elements += _lights(facts, project, LEFT, below, half, BOTTOM - below, _("State of the project"))[0]
    x = LEFT + half + 0.4 if recommendation else LEFT
    grid = Grid(
        _("Decision details"),
        (Column(1.75, ""), Column(RIGHT - x - 1.75, "")),
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
        elements += section(_("Consequences"), x, y, RIGHT - x)
        elements += grid.block(x, y + 0.3, BOTTOM - y - 0.3)
        y += 0.3 + sum(row.height for row in grid.rows) + 0.3
    if project is not None and project.money is not None and BOTTOM - y > 1.0:
        elements += _money(facts, project, x, y, RIGHT - x, BOTTOM - y, ("budget", "bac", "eac", "vac"))[0]
    return Slide("decision", title, subtitle(", ".join(parts)), tuple(elements))


def _options(line: DecisionLine, y: float) -> tuple[list[Element], float]:
    """Criteria as rows, at most four options as columns; the recommended one has a band and its word above."""
    options = line.options[:4]
    if any(option.recommended for option in line.options[4:]):
        options = (*line.options[:3], next(option for option in line.options[4:] if option.recommended))
    criteria = list(dict.fromkeys(name for option in options for name, _effect in option.effects))[:9]
    best = next((index for index, option in enumerate(options) if option.recommended), None)
    width = (FULL - 2.6) / len(options)
    columns = (Column(2.6, ""), *(Column(width, fit(option.name, 11, width - 0.15, 1, True)) for option in options))
    grid = Grid(_("Options"), columns, size=12, row_height=0.31, header_height=0.32, owner=line.project_key)
    for name in criteria:
        cells = [C(name or _("Effect"), color="grey", lines=2)]
        cells += [
            C(dict(option.effects).get(name, "–"), index == best, lines=3) for index, option in enumerate(options)
        ]
        grid.add(*cells)
    if not criteria:
        grid.add(C(""), *(C("") for _option in options))
    elements: list[Element] = []
    if best is not None:
        x = LEFT + 2.6 + best * width
        elements += [
            Rect(x, y, width, 0.26, "accent"),
            Text(x + 0.06, y, width - 0.1, 0.26, ((Run(_("Recommendation"), True, "white"),),), 11, anchor="middle"),
        ]
    rows, _rest = grid.limited(BOTTOM - y - 0.3 - 1.5)
    table = replace(grid.table(LEFT, y + 0.26, rows), highlight=None if best is None else best + 1)
    return [table, *elements], y + 0.26 + table.height


# ---------------------------------------------------------------- projects


def project_pages(facts: Facts, projects: list[StatusPayload]) -> list[Slide]:
    """A page for each project that tells enough for one; the others together in tables of a few lines each."""
    rich = [project for project in projects if sum(map(len, _blocks(facts, project))) > 3]
    poor = [
        project
        for project in facts.with_light("red")
        if project not in rich and (project.summary or project.path_to_green)
    ]
    return [*(_project(facts, project) for project in rich), *_lists(facts, poor)]


def _lists(facts: Facts, projects: list[StatusPayload]) -> list[Slide]:
    """Red projects of which little more than a narrative is known."""
    if not projects:
        return []
    unit = f" {facts.unit}" if facts.unit else ""
    money = any(project.money is not None and project.money.total.budget is not None for project in projects)
    finish = any(project.forecast_finish is not None for project in projects)
    columns = [Column(2.6, _("Project")), Column(1.2, _("Overall"))]
    if finish:
        columns.append(Column(1.0, _("Finish"), "right"))
    if money:
        columns.append(Column(1.2, _("Budget") + unit, "right"))
    columns.append(Column(FULL - sum(column.width for column in columns), _("What is reported"), rule=True))
    grid = Grid(_("Red projects"), columns, size=10.5, row_height=0.4)
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
    pages = grid.pages(BOTTOM - TOP)
    slides = []
    for number, rows in enumerate(pages, start=1):
        title = _("What is reported about %(count)s red projects") % {"count": len(projects)}
        if len(projects) == 1:
            title = _("What is reported about the red project %(key)s") % {"key": projects[0].key}
        name = headline(title if number == 1 else f"{title} ({number}/{len(pages)})")
        sub = _("By need for action; small: the previous light")
        slides.append(Slide("reds", name, subtitle(sub), (grid.table(LEFT, TOP, rows),)))
    return slides


def _project(facts: Facts, project: StatusPayload) -> Slide:
    columns = _blocks(facts, project)
    gap = 0.38
    width = (FULL - 2 * gap) / 3
    elements: list[Element] = []
    for index, blocks in enumerate(columns):
        x = LEFT + index * (width + gap)
        y = TOP + 0.02
        heights = _share([make(x, y, width, 99.0)[1] for make in blocks], BOTTOM - y)
        for make, height in zip(blocks, heights, strict=True):
            parts, used = make(x, y, width, height)
            elements += parts
            y += used + (_GAP if parts else 0)
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
    return Slide("project", title, subtitle(", ".join(roles)), tuple(elements))


def _share(wanted: list[float], room: float) -> list[float]:
    """Heights of blocks under each other: as wanted where all fit; else the small ones get theirs, the others equal shares."""
    left = room - _GAP * (len(wanted) - 1)
    granted = dict.fromkeys(range(len(wanted)), 0.0)
    pending = sorted(granted, key=lambda index: wanted[index])
    while pending:
        index = pending.pop(0)
        granted[index] = min(wanted[index] + 0.01, left / (len(pending) + 1))
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
    left: list[_Maker] = [partial(_lights, facts, project)]
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
        middle.append(partial(_money, facts, project))
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


def _boxed(title: str, grid: Grid, x: float, y: float, w: float, h: float, extra: str = "") -> _Part:
    block = grid.block(x, y + 0.3, h - 0.3)
    if not block:
        return [], 0.0
    table = block[0]
    assert isinstance(table, Table)
    used = 0.3 + table.height + (0.2 if len(block) > 1 else 0)
    return [*section(title, x, y, w, extra), *block], used


def _lights(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float, title: str = "") -> _Part:
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
        grid.add(C(dimension_name(name), name == "overall"), cell, C(trigger(facts, project, name), name == "overall"))
    return _boxed(title or _("Status (small: previous, with * computed)"), grid, x, y, w, h)


def _milestones(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    numbers = facts.numbers
    wide = 0.76 if facts.lang == "de" else 0.86
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
    for m in important_milestones(project):
        day = m.actual or m.forecast
        grid.add(
            C(m.code, True),
            C(m.name),
            C(numbers.day(m.baseline), value=m.baseline),
            C(numbers.day(day), value=day, color="grey" if m.actual else "ink"),
            C(numbers.decimal(m.delta_days, sign=True), (m.delta_days or 0) > 5, value=m.delta_days, signed=True),
        )
    return _boxed(_("Milestones"), grid, x, y, w, h)


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
    for text in texts[:5]:
        if used >= lines:
            break
        shown = fit(f"· {text}" if bullet else text, size, w, min(lines - used, 2 if bullet else lines))
        used += len(wrap(shown, size, w))
        paragraphs.append((Run(shown),))
    height = height_of(used, size)
    return [*section(title, x, y, w), Text(x, y + 0.34, w, height + 0.03, tuple(paragraphs), size)], 0.36 + height


def _curve(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    height = max(min(h - 0.3, 1.0), 0.9)
    chart, labels = curve_chart(facts, sorted(project.curve, key=lambda point: point.on), (x, y + 0.3, w, height), 9)
    return [*section(_("S-curve (cumulative)"), x, y, w, facts.unit), chart, *labels], 0.3 + height


def _money(
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
    wide = 0.72 if facts.lang == "de" else 0.8
    grid = Grid(
        _("Path to green"),
        (Column(0.9, ""), Column(w - 0.9 - wide, _("Measure and owner")), Column(wide, _("Due"), "right")),
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
    for risk in sorted(project.risks, key=lambda r: -(r.score or 0))[:3]:
        grid.add(
            C(risk.title, second=risk.response),
            C(str(risk.score) if risk.score is not None else "–", value=risk.score),
            C(facts.amount(risk.emv), value=facts.value(risk.emv), places=1),
        )
    return _boxed(_("Greatest risks"), grid, x, y, w, h)


def _issues(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    wide = 0.85 if facts.lang == "de" else 0.95
    grid = Grid(
        _("Issues of red projects"),
        (Column(w - 0.9 - wide, _("Issue")), Column(0.9, _("Severity")), Column(wide, _("Due"), "right")),
        size=10,
        row_height=0.27,
        owner=project.key,
    )
    for issue in project.issues[:3]:
        grid.add(
            C(issue.title, lines=2),
            C(severity_name(issue.severity) or "–", color="grey"),
            C(facts.numbers.day(issue.due), value=issue.due),
        )
    return _boxed(_("Issues"), grid, x, y, w, h)


def _decisions(facts: Facts, project: StatusPayload, x: float, y: float, w: float, h: float) -> _Part:
    wide = 0.85 if facts.lang == "de" else 0.95
    grid = Grid(
        _("Decisions of red projects"),
        (Column(w - wide, _("Decision and body")), Column(wide, _("Due"), "right")),
        size=10,
        row_height=0.3,
        owner=project.key,
    )
    for line in project.decisions[:3]:
        grid.add(
            C(line.recommendation or line.question, lines=2, second=line.decided_by),
            C(facts.numbers.day(line.due), value=line.due),
        )
    return _boxed(_("Decisions needed"), grid, x, y, w, h)
