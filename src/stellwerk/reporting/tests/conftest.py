"""Helpers of the tests of this room."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.reporting.models import StatusReport
from stellwerk.reporting.services import accept_report, publish_report, save_report, start_report, submit_report

DATA_DATE = dt.date(2026, 11, 20)
PATH = {
    "cause": "Two unplanned interfaces",
    "measure": "Second team",
    "owner": "Paul Jansen",
    "due": "2027-01-15",
    "help_needed": "",
}


def alpha_figures(project, on=DATA_DATE, *, spi="0.86", eac=565_217_39, label="earned value"):
    """The worked example ALPHA of the method: SPI(t) 0.86, EAC 565.2 on BAC 500 (k€)."""
    rows = [
        FigureRow(project.pk, "bac", on, amount=500_000_00, currency="EUR", source_label=label),
        FigureRow(project.pk, "ac", on, amount=260_000_00, currency="EUR", source_label=label),
        FigureRow(project.pk, "eac", on, amount=eac, currency="EUR", source_label=label),
        FigureRow(project.pk, "spi_t", on, value=Decimal(spi), source_label=label),
        FigureRow(project.pk, "cpi", on, value=Decimal("0.8846"), source_label=label),
    ]
    write_figures(rows=rows, by=None)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def alpha(cast):
    """Paul's project with the figures of the worked example."""
    alpha_figures(cast.project)
    cast.project.gates.create(
        code="G2", name="Freigabe", order=2, baseline=dt.date(2026, 6, 30), actual=dt.date(2026, 6, 30)
    )
    cast.project.gates.create(
        code="G3", name="Betriebsbereitschaft", order=3, baseline=dt.date(2027, 1, 29), forecast=dt.date(2027, 2, 25)
    )
    return cast.project


def complete(report: StatusReport, by) -> StatusReport:
    """Write what a report needs for its submission."""
    path = {light.dimension: PATH for light in report.lights.all() if light.effective in {"red", "amber"}}
    values = {"summary": "On the way, the interfaces cost more.", "path_to_green": path}
    known = any(light.value for light in report.lights.all())
    return save_report(report=report, values=values, lights=None if known else {"overall": {"value": "green"}}, by=by)


def published(cast, project=None, manager=None, data_date=None) -> StatusReport:
    """A report all the way to publication: written by its manager, accepted by Anton, published by Petra."""
    report = start_report(project=project or cast.project, by=manager or cast.paul, data_date=data_date)
    report = complete(report, manager or cast.paul)
    report = submit_report(report=report, by=manager or cast.paul)
    report = accept_report(report=report, by=cast.anton)
    return publish_report(report=report, by=cast.petra)
