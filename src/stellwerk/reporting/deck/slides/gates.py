"""Slipping milestones, and the next gates."""

from __future__ import annotations

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    TOP,
    WIDE,
    Column,
    Slide,
)
from stellwerk.reporting.deck.facts import SLIP_DAYS, Facts
from stellwerk.reporting.deck.layout import C, Grid, headline, project_cells, project_columns, shared, subtitle
from stellwerk.reporting.deck.slides.common import spoken
from stellwerk.reporting.deck.words import color_word, phase_name


def slip_slides(facts: Facts) -> list[Slide]:
    if not facts.slips:
        return []
    columns = [
        Column(0.3, ""),
        *project_columns(facts.page, name=2.9),
        Column(0.55, _("No.")),
        Column(2.9, _("Milestone"), least=1.6),
        Column(1.0, _("Baseline"), "right"),
        Column(1.0, _("Forecast"), "right"),
        Column(0.8, _("Δ WD"), "right"),
        Column(WIDE.full - 10.4, _("Project manager"), least=1.1),
    ]
    grid = Grid(_("Slipping milestones"), shared(facts.page.full, columns), size=11, row_height=0.29)
    for slip in facts.slips:
        project, milestone = slip.project, slip.milestone
        value = project.overall.value
        icon = ((0.02, 0.15, value, f"{project.key}: {color_word(value)}"),) if value else ()
        grid.add(
            C("", icons=icon, value=color_word(value)),
            *project_cells(facts.page, project.key, project.name),
            C(milestone.code, True),
            C(milestone.label),
            C(facts.numbers.day(milestone.baseline), value=milestone.baseline),
            C(facts.numbers.day(milestone.forecast), value=milestone.forecast),
            C(facts.numbers.decimal(slip.days, sign=True), slip.days > 20, value=slip.days, signed=True),
            C(project.pm or "–", color="grey"),
        )
    elements = grid.first(LEFT, TOP + 0.05, facts.page.height - 0.05, 16)
    worst = facts.slips[0]
    values = {
        "count": len(facts.slips),
        "key": spoken(worst.project),
        "what": worst.milestone.code or worst.milestone.name,
        "days": facts.numbers.decimal(worst.days, sign=True),
    }
    title = (
        headline(_("1 milestone is more than 5 working days late: %(what)s of %(key)s (%(days)s)") % values)
        if len(facts.slips) == 1
        else headline(
            _("%(count)s milestones are more than 5 working days late, most of all %(what)s of %(key)s (%(days)s)")
            % values,
            _("%(count)s milestones are more than 5 working days late") % values,
        )
    )
    return [
        Slide(
            "slips",
            title,
            subtitle(_("Open milestones and gates by delay against the baseline in working days; above 20 in bold")),
            tuple(elements),
        )
    ]


def outlook_slides(facts: Facts) -> list[Slide]:
    rows = facts.next_gates
    if not rows:
        return []
    columns = [
        Column(1.2, _("Forecast")),
        Column(0.95, _("Gate")),
        Column(3.1, "", least=1.6),
        *project_columns(facts.page, name=2.9),
        Column(1.5, _("Phase"), least=1.1),
        Column(0.9, _("Δ WD"), "right"),
        Column(0.7, ""),
    ]
    grid = Grid(_("Next gates"), shared(facts.page.full, columns), size=11, row_height=0.3)
    for project, gate in rows:
        value = project.overall.value
        icon = ((0.1, 0.15, value, f"{project.key}: {color_word(value)}"),) if value else ()
        grid.add(
            C(facts.numbers.date(gate.forecast), value=gate.forecast),
            C(gate.code, True),
            C(gate.label if gate.name != gate.code else ""),
            *project_cells(facts.page, project.key, project.name),
            C(phase_name(project.phase), color="grey"),
            C(
                facts.numbers.decimal(gate.delta_days, sign=True),
                (gate.delta_days or 0) > SLIP_DAYS,
                value=gate.delta_days,
                signed=True,
            ),
            C("", icons=icon, value=color_word(value)),
        )
    elements = grid.first(LEFT, TOP + 0.05, facts.page.height - 0.05, 16)
    late = sum((gate.delta_days or 0) > SLIP_DAYS for _p, gate in rows)
    values = {
        "count": len(rows),
        "late": late,
        "key": rows[0][0].key,
        "gate": rows[0][1].code or rows[0][1].name,
        "date": facts.numbers.date(rows[0][1].forecast),
    }
    if len(rows) == 1:
        title = headline(_("The next gate is %(gate)s of %(key)s on %(date)s") % values)
    elif late:
        title = headline(
            _("%(count)s gates are due in the next twelve weeks, %(late)s of them more than 5 working days late")
            % values
        )
    else:
        title = headline(
            _("%(count)s gates are due in the next twelve weeks, none of them more than 5 working days late") % values
        )
    return [
        Slide(
            "outlook",
            title,
            subtitle(_("Gates by forecast date; overall light of the project on the right")),
            tuple(elements),
        )
    ]
