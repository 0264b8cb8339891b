"""What changed since the last published report."""

from __future__ import annotations

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    TOP,
    Column,
    Element,
    Slide,
)
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import (
    BOTTOM,
    FULL,
    C,
    Grid,
    headline,
    more,
    note,
    subtitle,
)
from stellwerk.reporting.deck.slides.common import LIGHTS, keys
from stellwerk.reporting.deck.words import color_word, dimension_name, phase_name
from stellwerk.reporting.payload import ChangeLine


def change_slides(facts: Facts) -> list[Slide]:
    lines = facts.payload.changes
    if not lines:
        return []
    columns = [
        Column(0.95, _("Project")),
        Column(2.6, ""),
        Column(2.6, _("What")),
        Column(2.6, _("Before")),
        Column(2.6, _("Now")),
        Column(FULL - 11.35, _("Days"), "right"),
    ]
    grid = Grid(_("Changes"), columns, size=11, row_height=0.29)
    order = {"light": 0, "new": 1, "ended": 2, "milestone": 3, "eac": 4}
    weight = {"red": 0, "amber": 1, "grey": 2, "green": 3}
    lines = tuple(
        sorted(
            lines,
            key=lambda line: (
                order.get(line.kind, 5),
                line.subject != "overall",
                weight.get(line.after, 4),
                -(line.days or 0),
                line.project_key,
            ),
        )
    )
    for line in lines:
        before, after = _change_cells(facts, line)
        grid.add(
            C(line.project_key, True),
            C(line.project_name),
            C(_change_name(line)),
            before,
            after,
            C(
                facts.numbers.decimal(line.days, sign=True) if line.days is not None else "",
                value=line.days,
                signed=True,
            ),
        )
    pages = grid.pages(BOTTOM - TOP - 0.3, 16)
    shown = pages[:2]
    rest = len(lines) - sum(len(page) for page in shown)
    slides = []
    for index, rows in enumerate(shown):
        table = grid.table(LEFT, TOP + 0.05, rows)
        elements: list[Element] = [table]
        if rest and index == len(shown) - 1:
            elements.append(note(more(rest), LEFT, TOP + 0.1 + table.height, FULL))
        title = _change_title(facts)
        slides.append(
            Slide(
                "changes",
                title if index == 0 else headline(f"{title} ({index + 1}/{len(shown)})"),
                subtitle(_change_subtitle(facts)),
                tuple(elements),
            )
        )
    return slides


def _change_title(facts: Facts) -> str:
    worse, better = len(facts.worse), len(facts.better)
    values = {
        "worse": worse,
        "better": better,
        "count": len(facts.payload.changes),
        "keys": keys(facts, facts.worse, 4),
    }
    if worse and better:
        return headline(
            _("Overall light: %(worse)s projects worse, %(better)s better than before; worse: %(keys)s") % values,
            _("Overall light: %(worse)s projects worse, %(better)s better than before") % values,
        )
    if worse:
        return headline(_("Worse than before, by overall light: %(keys)s") % values)
    if better:
        return headline(
            _("Better than before, by overall light: %(keys)s") % (values | {"keys": keys(facts, facts.better, 4)})
        )
    if len(facts.payload.changes) == 1:
        return headline(_("One change since the previous report; no overall light moved"))
    return headline(_("%(count)s changes since the previous report; no overall light moved") % values)


def _change_subtitle(facts: Facts) -> str:
    if facts.payload.previous_date is None:
        return _("Changes since the previous published report")
    return _("Changes between %(before)s and %(now)s") % {
        "before": facts.numbers.date(facts.payload.previous_date),
        "now": facts.numbers.date(facts.payload.data_date),
    }


def _change_name(line: ChangeLine) -> str:
    names = {
        "new": _("new in the portfolio"),
        "ended": _("no longer in the portfolio"),
        "light": dimension_name(line.subject or "overall"),
        "eac": _("EAC forecast"),
        "milestone": line.subject or _("Milestone"),
        "phase": _("Phase"),
        "person": line.subject or _("Person"),
        "other": line.subject,
    }
    return names[line.kind]


def _change_cells(facts: Facts, line: ChangeLine) -> tuple[C, C]:
    if line.kind == "light":
        return _light_change(line.before, line), _light_change(line.after, line, bold=True)
    if line.before_money is not None or line.after_money is not None:
        return (
            C(facts.money(line.before_money), value=facts.value(line.before_money), places=1),
            C(facts.money(line.after_money), value=facts.value(line.after_money), places=1),
        )
    if line.before_date is not None or line.after_date is not None:
        return C(facts.numbers.date(line.before_date), value=line.before_date), C(
            facts.numbers.date(line.after_date), value=line.after_date
        )
    form = phase_name if line.kind == "phase" else str
    return C(form(line.before) or "–"), C(form(line.after) or "–")


def _light_change(value: str, line: ChangeLine, bold: bool = False) -> C:
    light = LIGHTS.get(value)
    if light is None:
        return C(value or "–")
    word = color_word(value)
    return C(
        word,
        bold and value == "red",
        icons=((0.08, 0.15, light, f"{line.project_key}: {word}"),),
        inset=0.26,
        value=word,
    )
