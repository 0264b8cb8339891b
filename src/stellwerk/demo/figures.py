"""Figures and statuses of the demo company, from the story of each project."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stellwerk.demo.company import Company
from stellwerk.demo.story import Course, Moment
from stellwerk.portfolio.choices import Source
from stellwerk.portfolio.models import ProjectStatus
from stellwerk.portfolio.services.figures import FigureRow, write_figures


def figures(company: Company) -> None:
    write_figures(rows=_figure_rows(company), by=None)
    ProjectStatus.objects.bulk_create(_statuses(company), batch_size=2000)


def _statuses(company: Company) -> Iterator[ProjectStatus]:
    for project, course in zip(company.projects, company.courses, strict=True):
        for moment in course.moments:
            if moment.reported:
                yield ProjectStatus(
                    project=project,
                    date=moment.date,
                    source=Source.REPORTED,
                    source_label="Statusbericht",
                    summary=moment.summary,
                )


def _figure_rows(company: Company) -> Iterator[FigureRow]:
    for project, course in zip(company.projects, company.courses, strict=True):
        for number, moment in enumerate(course.moments):
            if moment.reported:
                yield from _moment_rows(project.pk, course, moment)
                if number == 0:
                    yield from _first_rows(project.pk, course, moment, company.planned_year - 1)


def _first_rows(project: int, course: Course, moment: Moment, year: int) -> Iterator[FigureRow]:
    """What stays as it is: told once."""
    day = moment.date
    yield FigureRow(project, "budget", day, amount=moment.budget, currency="EUR", source_label="Freigabe")
    baseline = f"Basisplan B{course.baselines - 1}"
    yield FigureRow(project, "finish.baseline", day, day=course.finish, source_label=baseline)
    yield FigureRow(project, "value", day, value=Decimal(course.value), source_label=f"Portfoliobewertung {year}")


def _moment_rows(project: int, course: Course, moment: Moment) -> Iterator[FigureRow]:
    day = moment.date
    for dimension, light in moment.lights.items():
        yield FigureRow(project, f"light.{dimension}", day, light=light, source_label="Ampelregeln")
    amounts = {"bac": moment.bac, "ac": moment.ac, "commitment": moment.commitment, "eac": moment.eac}
    for code, amount in amounts.items():
        yield FigureRow(project, code, day, amount=amount, currency="EUR", source_label="Monatsabschluss")
    for code, index in (("cpi", moment.cpi), ("spi_t", moment.spi_t)):
        if index is not None:
            yield FigureRow(project, code, day, value=Decimal(str(round(index, 6))), source_label="Leistungswert")
    yield FigureRow(project, "progress", day, value=Decimal(str(round(moment.earned, 4))), source_label="Leistungswert")
    yield FigureRow(project, "risk", day, value=Decimal(str(round(moment.exposure, 1))), source_label="Risikoregister")
    yield FigureRow(project, "finish.forecast", day, day=moment.finish, source_label="Terminplan")
    for code, gate in moment.gates.items():
        yield FigureRow(project, f"gate.{code}", day, day=gate, source_label="Terminplan")
