"""The last report of each project tells what its budget lines, progress and bookings say, so that each figure of the demo opens to its sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from stellwerk.controlling.selectors.earned_value import ProjectEv, earned_values
from stellwerk.controlling.services.evm_figures import assess_cost, write_ev_figures
from stellwerk.demo.story import Moment, summary
from stellwerk.engine import lights
from stellwerk.engine.money import decimal, minor
from stellwerk.planning.services.figures import OVER
from stellwerk.portfolio.models import ProjectStatus
from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.reporting.selectors import calendar_of
from stellwerk.reporting.working_days import WorkCalendar

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

AT_ONCE: Final = 200


def add_money_figures(company: Company) -> None:
    """Idempotent; a project that missed its report, or has no budget or booking, keeps what its story says."""
    day, calendar = company.dates[-1], calendar_of(company.portfolio)
    places = {project.pk: place for place, project in enumerate(company.projects)}
    running = [
        project for project, course in zip(company.projects, company.courses, strict=True)
        if project.phase not in OVER and course.moments and course.moments[-1].reported and course.moments[-1].date == day
    ]  # fmt: skip
    told: dict[int, Moment] = {}
    for at in range(0, len(running), AT_ONCE):
        for number, view in earned_values(running[at : at + AT_ONCE], day).items():
            course = company.courses[places[number]]
            if view.measures is not None and view.measures.ac > 0:
                told[number] = course.moments[-1] = _as_measured(course.moments[-1], view, course.gates, calendar)
    write_ev_figures(told, on=day, follow=False)
    write_figures(rows=_rows(told), by=None, note_dates=False)
    statuses = list(ProjectStatus.objects.filter(project__in=told, date=day))
    for status in statuses:
        status.summary = told[status.project_id].summary
    ProjectStatus.objects.bulk_update(statuses, ["summary"], batch_size=500)


def _as_measured(moment: Moment, view: ProjectEv, planned: dict[str, dt.date], calendar: WorkCalendar) -> Moment:
    values = view.measures
    assert values is not None
    spi_t = float(view.spi_t) if view.spi_t is not None else None
    coloured = dict(moment.lights)
    cost = assess_cost(view)[0].light
    numbers = {"spi_t": None if view.spi_t is None else decimal(view.spi_t, 9), "milestone_delay": moment.gate_delay}
    schedule = lights.assess("schedule", numbers).light
    coloured |= {name: light for name, light in (("cost", cost), ("schedule", schedule)) if light is not None}
    coming = [code for code, gate in moment.gates.items() if gate > moment.date]
    delay = calendar.between(planned[coming[0]], moment.gates[coming[0]]) if coming else 0
    eac = minor(values.eac)
    text = summary(moment.phase, coloured, delay, eac - values.bac, coming[0] if coming else "", moment.gates)
    return replace(
        moment, bac=values.bac, ac=values.ac, eac=eac, spi_t=spi_t,
        cpi=float(values.cpi) if values.cpi is not None else None, lights=coloured, summary=text,
    )  # fmt: skip


def _rows(told: dict[int, Moment]) -> Iterator[FigureRow]:
    """What the service leaves to the plan: the schedule's light."""
    for number, moment in told.items():
        if "schedule" in moment.lights:
            yield FigureRow(number, "light.schedule", moment.date, light=moment.lights["schedule"], source_label="Ampelregeln")  # fmt: skip
