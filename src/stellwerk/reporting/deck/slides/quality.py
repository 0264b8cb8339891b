"""Scope and quality: where their lights are red or amber, why, and what is done about it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import LEFT, TOP, WIDE, Column, Element, Slide
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import (
    C,
    Grid,
    day_width,
    figures,
    headline,
    light_cell,
    placed,
    project_cells,
    project_columns,
    section,
    shared,
    subtitle,
)
from stellwerk.reporting.deck.slides.common import named, trigger
from stellwerk.reporting.deck.words import color_word, dimension_name
from stellwerk.reporting.payload import PathStep, StatusPayload

NAMES = ("scope", "quality")
PRESSING = ("red", "amber")


def quality_slides(facts: Facts) -> list[Slide]:
    """One row per project and dimension in which something is red or amber; nothing where no reason or measure is known."""
    rows = [
        (project, name)
        for value in PRESSING
        for project in facts.projects
        for name in NAMES
        if project.light(name).value == value
    ]
    if not any(trigger(facts, project, name) or _step(project, name) for project, name in rows):
        return []
    wide = day_width(facts.numbers)
    columns = [
        *project_columns(facts.page, name=2.25),
        Column(0.9, _("Dimension")),
        Column(1.15, _("Light")),
        Column(2.75, _("Cause"), least=1.4),
        Column(WIDE.full - 9.5 - wide, _("Measure"), least=1.4),
        Column(1.5, _("Responsible"), least=1.1),
        Column(wide, _("Due"), "right"),
    ]
    grid = Grid(_("Scope and quality"), shared(facts.page.full, columns), size=10.5, row_height=0.29)
    for project, name in rows:
        step = _step(project, name)
        light = project.light(name)
        where = f"{project.key} {dimension_name(name)}"
        grid.add(
            *project_cells(facts.page, project.key, project.name),
            C(dimension_name(name)),
            placed(light_cell(light, where, word=True, mark="*" if light.source == "overridden" else ""), 0.98),
            C(trigger(facts, project, name) or "–", lines=2),
            C((step.measure if step else "") or "–", lines=2),
            C((step.owner if step else "") or "–", color="grey"),
            C(facts.numbers.day(step.due if step else None), value=step.due if step else None),
        )
    elements: list[Element] = [*figures(_counts(facts), TOP, facts.page.full)]
    y = TOP + 1.1
    elements += section(_("Causes and measures"), LEFT, y, facts.page.full)
    elements += grid.block(LEFT, y + 0.32, facts.page.bottom - y - 0.32)
    return [Slide("quality", _title(facts), subtitle(_subtitle()), tuple(elements))]


def _step(project: StatusPayload, name: str) -> PathStep | None:
    return next((step for step in project.path_to_green if step.dimension == name), None)


def _of(facts: Facts, name: str, value: str) -> list[StatusPayload]:
    return [project for project in facts.projects if project.light(name).value == value]


def _counts(facts: Facts) -> list[tuple[str, str, str]]:
    items = []
    for name in NAMES:
        for value in PRESSING:
            found = _of(facts, name, value)
            before = sum(project.light(name).previous == value for project in facts.projects)
            remark = _("previous report %(count)s") % {"count": before} if facts.has_previous else ""
            items.append((f"{dimension_name(name)}: {color_word(value)}", str(len(found)), remark))
    return items


def _title(facts: Facts) -> str:
    parts = []
    for name in NAMES:
        red, amber = _of(facts, name, "red"), _of(facts, name, "amber")
        if red:
            text = _("%(dimension)s is red in %(keys)s")
            parts.append(text % {"dimension": dimension_name(name), "keys": named(facts, red, 2)})
        elif amber:
            text = _("%(dimension)s is amber in %(keys)s")
            parts.append(text % {"dimension": dimension_name(name), "keys": named(facts, amber, 2)})
    return headline("; ".join(parts), parts[0])


def _subtitle() -> str:
    return _("Lights for scope and quality that are red or amber, with the reported cause and the path to green")
