"""What changed since the last published report: one row per project, worst first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.documents.scene import LEFT, TOP, WIDE, Column, Slide
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import (
    C,
    Grid,
    day_width,
    heading_width,
    headline,
    project_cells,
    project_columns,
    shared,
    subtitle,
)
from stellwerk.reporting.deck.slides.common import LIGHTS, named
from stellwerk.reporting.deck.words import color_word, dimension_name, phase_name
from stellwerk.reporting.payload import ChangeLine

_WEIGHT = {"red": 0, "amber": 1, "green": 2}


@dataclass
class Changed:
    """All changes of one project."""

    key: str
    name: str
    overall: ChangeLine | None = None
    lights: list[ChangeLine] = field(default_factory=list)
    finish: ChangeLine | None = None
    eac: ChangeLine | None = None
    rest: list[ChangeLine] = field(default_factory=list)

    @property
    def direction(self) -> int:
        """Of the overall light: -1 worse, 1 better, 0 neither or without data on one side."""
        if self.overall is None:
            return 0
        before, after = _WEIGHT.get(self.overall.before), _WEIGHT.get(self.overall.after)
        return 0 if before is None or after is None else (after > before) - (after < before)

    @property
    def order(self) -> tuple[object, ...]:
        new = any(line.kind in ("new", "ended") for line in self.rest)
        worse = sum(_worse(line) for line in self.lights)
        days = self.finish.days or 0 if self.finish else 0
        group = {-1: 0, 1: 2}.get(self.direction, 1)
        grey = self.overall is not None and self.overall.after == "grey"
        return (new, grey, group if self.overall or worse or days > 0 else 3, -worse, -days, self.key)


def _worse(line: ChangeLine) -> bool:
    before, after = _WEIGHT.get(line.before), _WEIGHT.get(line.after)
    return before is not None and after is not None and after < before


def _by_project(lines: tuple[ChangeLine, ...]) -> list[Changed]:
    rows: dict[tuple[str, str], Changed] = {}
    for line in lines:
        row = rows.setdefault((line.project_key, line.project_name), Changed(line.project_key, line.project_name))
        if line.kind == "light" and line.subject in ("", "overall"):
            row.overall = line
        elif line.kind == "light":
            row.lights.append(line)
        elif line.kind == "milestone" and not line.subject and row.finish is None:
            row.finish = line
        elif line.kind == "eac" and row.eac is None:
            row.eac = line
        else:
            row.rest.append(line)
    return sorted(rows.values(), key=lambda row: row.order)


def change_slides(facts: Facts) -> list[Slide]:
    """The first page of a table of all projects in which something changed; the workbook has the rest."""
    rows = _by_project(facts.payload.changes)
    if not rows:
        return []
    has_days = any(row.finish for row in rows)
    has_money = any(row.eac for row in rows)
    unit = f" {facts.unit}" if facts.unit else ""
    narrow = facts.page.narrow
    columns = [
        Column(1.0 if narrow else heading_width(_("Overall before"), 10.5, 1.0), _("Overall before")),
        Column(1.0, _("now")),
        Column(
            day_width(facts.numbers) if narrow else heading_width(_("Finish now"), 10.5, 1.0), _("Finish now"), "right"
        ),
        Column(0.7, _("Δ WD"), "right"),
        Column(1.1, f"EAC{unit}", "right"),
        Column(1.0, _("Δ EAC"), "right"),
    ]
    columns = [
        column
        for number, column in enumerate(columns)
        if (has_days or number not in (2, 3)) and (has_money or number not in (4, 5))
    ]
    columns = [*project_columns(facts.page), *columns]
    rest = WIDE.full - sum(column.width for column in columns)
    columns.append(Column(rest, _("Other lights and changes"), rule=True, least=1.4))
    columns = shared(facts.page.full, columns)
    grid = Grid(_("Changes"), columns, size=10.5, row_height=0.29)
    for row in rows:
        cells = [
            *project_cells(facts.page, row.key, row.name, "ink"),
            _light(row.overall, "before"),
            _light(row.overall, "after"),
        ]
        if has_days:
            cells += _finish(facts, row.finish)
        if has_money:
            cells += _money(facts, row.eac)
        cells.append(C(_others(facts, row), lines=2, color="grey"))
        grid.add(*cells)
    elements = grid.first(LEFT, TOP + 0.05, facts.page.height - 0.05)
    return [Slide("changes", _title(facts, rows), subtitle(_subtitle(facts)), tuple(elements))]


def _light(line: ChangeLine | None, side: str) -> C:
    if line is None:
        return C("")
    value = line.before if side == "before" else line.after
    light = LIGHTS.get(value)
    if light is None:
        return C(value or "–")
    word = color_word(value)
    return C(
        word,
        side == "after" and value == "red",
        icons=((0.08, 0.15, light, f"{line.project_key}: {word}"),),
        inset=0.26,
        value=word,
    )


def _finish(facts: Facts, line: ChangeLine | None) -> list[C]:
    if line is None:
        return [C(""), C("")]
    days = facts.numbers.decimal(line.days, sign=True) if line.days is not None else ""
    return [
        C(facts.numbers.day(line.after_date), value=line.after_date),
        C(days, (line.days or 0) > 20, value=line.days, signed=True),
    ]


def _money(facts: Facts, line: ChangeLine | None) -> list[C]:
    if line is None or line.after_money is None:
        return [C(""), C("")]
    difference = line.after_money - line.before_money if line.before_money is not None else None
    return [
        C(facts.amount(line.after_money), value=facts.value(line.after_money), places=1),
        C(facts.amount(difference, sign=True), value=facts.value(difference), places=1, signed=True)
        if difference is not None
        else C(""),
    ]


def _others(facts: Facts, row: Changed) -> str:
    """Lights by the step they took ("Schedule, Cost: Amber → Red"), then phase, person, new or ended."""
    steps: dict[tuple[str, str], list[str]] = defaultdict(list)
    grey = row.overall is not None and row.overall.after == "grey"
    for line in sorted(row.lights, key=lambda line: (_WEIGHT.get(line.after, 3), line.subject)):
        if not (grey and line.after == "grey"):
            steps[line.before, line.after].append(dimension_name(line.subject))
    parts = [
        f"{', '.join(names)}: {color_word(before)} → {color_word(after)}" for (before, after), names in steps.items()
    ]
    if grey:
        parts.insert(0, _("no current report"))
    return "; ".join([*parts, *(_rest(facts, line) for line in row.rest)])


def _rest(facts: Facts, line: ChangeLine) -> str:
    names = {
        "new": _("new in the portfolio"),
        "ended": _("no longer in the portfolio"),
        "eac": _("EAC forecast"),
        "milestone": line.subject or _("Milestone"),
        "phase": _("Phase"),
        "person": line.subject or _("Project manager"),
    }
    name = names.get(line.kind, line.subject)
    if line.kind in ("new", "ended"):
        return name
    if line.before_date is not None or line.after_date is not None:
        before, after = facts.numbers.day(line.before_date), facts.numbers.day(line.after_date)
    elif line.before_money is not None or line.after_money is not None:
        before, after = facts.money(line.before_money), facts.money(line.after_money)
    else:
        form = phase_name if line.kind == "phase" else str
        before, after = form(line.before) or "–", form(line.after) or "–"
    return f"{name}: {before} → {after}"


def _title(facts: Facts, rows: list[Changed]) -> str:
    worse = [row for row in rows if row.direction < 0]
    up = [row for row in rows if row.direction > 0]
    better = len(up)
    values = {"better": better, "worse": len(worse), "count": len(rows), "keys": named(facts, worse)}
    if worse:
        base = ngettext(
            "The overall light of %(worse)s project is worse than before",
            "The overall lights of %(worse)s projects are worse than before",
            len(worse),
        )
        tail = _("%(better)s better") % values if better else ""
        full = f"{base % values}: {values['keys']}"
        return headline(f"{full}; {tail}" if tail else full, full, base % values)
    if better:
        base = ngettext(
            "The overall light of %(better)s project is better than before",
            "The overall lights of %(better)s projects are better than before",
            better,
        )
        return headline(f"{base % values}: {named(facts, up)}", base % values)
    text = ngettext(
        "One project has changed since the previous report; no overall light moved",
        "%(count)s projects have changed since the previous report; no overall light moved",
        len(rows),
    )
    return headline(text % values)


def _subtitle(facts: Facts) -> str:
    if facts.payload.previous_date is None:
        return _("Changes since the previous published report")
    return _("Changes between %(before)s and %(now)s; finish in working days (WD)") % {
        "before": facts.numbers.date(facts.payload.previous_date),
        "now": facts.numbers.date(facts.payload.data_date),
    }
