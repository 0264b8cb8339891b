"""What publishing writes into the portfolio: the dated status of a project and its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core.models import User
from stellwerk.core.registry import FIGURES, url_of
from stellwerk.core.services import write
from stellwerk.portfolio.choices import DIMENSION_LABELS, DIMENSIONS, Light, Source
from stellwerk.portfolio.models import Figure, Gate, Project, ProjectStatus
from stellwerk.portfolio.services.figures import FigureRow, relink_figures, write_figures
from stellwerk.reporting.live import TYPED_CODES, day
from stellwerk.reporting.models import StatusReport

MISSED = "missed"
GREY = Light.GREY.value


def write_status(report: StatusReport, *, by: User | None) -> None:
    """The dated status, the lights and the figures of a report that is being published."""
    _take_back_grey(report)
    ProjectStatus.objects.update_or_create(
        project=report.project,
        date=report.data_date,
        defaults={
            "source": Source.REPORTED,
            "source_label": report.key,
            "source_url": url_of(report),
            "summary": report.summary,
            "narrative": _narrative(report),
        },
    )
    rows = [*_light_rows(report), *_figure_rows(report)]
    write_figures(rows=rows, by=by)
    _write_dates(report, by)


def _narrative(report: StatusReport) -> dict[str, str]:
    parts = {
        str(_("Achieved")): "\n".join(f"- {item}" for item in report.achieved),
        str(_("Next steps")): "\n".join(f"- {item}" for item in report.next_steps),
        str(_("Decisions needed")): "\n".join(f"- {item.get('question', '')}" for item in report.decisions),
    }
    return {heading: text for heading, text in parts.items() if text}


def _light_rows(report: StatusReport) -> Iterable[FigureRow]:
    for light in report.lights.all():
        if not light.effective:
            continue
        yield FigureRow(
            report.project_id,
            f"light.{light.dimension}",
            report.data_date,
            light=light.effective,
            half_step=bool(light.half_step),
            reported=light.scale_value,
            text=light.computed if light.source == "overridden" else "",
            source=light.source,
            source_label=report.key,
            source_url=url_of(report),
        )


def _figure_rows(report: StatusReport) -> Iterable[FigureRow]:
    """Figures that the manager corrected; the others stand already where they came from."""
    for code in TYPED_CODES:
        entry = (report.figures or {}).get(code)
        if not entry or not entry.get("typed") or not entry.get("value"):
            continue
        yield FigureRow(
            report.project_id,
            code,
            report.data_date,
            **figure_content(FIGURES[code].kind, entry),
            source=Source.REPORTED,
            source_label=report.key,
            source_url=url_of(report),
        )


def figure_content(kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The columns of a figure from its stored text."""
    if kind == "money":
        return {"amount": int(entry["value"]), "currency": entry.get("unit", "")}
    if kind == "date":
        return {"day": day(entry["value"])}
    if kind == "text":
        return {"text": entry["value"][:300]}
    return {"value": Decimal(entry["value"])}


def _write_dates(report: StatusReport, by: User | None) -> None:
    """Dates typed into the report become the project's live dates, so that nobody types them again."""
    finish = (report.figures or {}).get("finish.forecast", {})
    if finish.get("typed") and finish.get("value") and report.project.finish_actual is None:
        write(
            Project.objects.get(pk=report.project_id), {"finish_forecast": day(finish["value"])}, by=by, verb="report"
        )
    stored = {gate.code: gate for gate in Gate.objects.filter(project_id=report.project_id)}
    for entry in report.gates or []:
        gate = stored.get(entry["code"])
        if gate is not None and entry.get("typed"):
            values: dict[str, dt.date | None] = {name: day(entry.get(name)) for name in ("forecast", "actual")}
            write(gate, values, by=by, verb="report")


def write_grey(reports: Sequence[StatusReport], *, by: User | None) -> None:
    """All lights of missed reports are grey at their date."""
    rows = [
        FigureRow(
            report.project_id, f"light.{name}", report.data_date, light=GREY, source=Source.COMPUTED, text=MISSED,
            source_label=report.key, source_url=url_of(report),
        )
        for report in reports
        for name in _assessed(report)
    ]  # fmt: skip
    write_figures(rows=rows, by=by)


def _assessed(report: StatusReport) -> list[str]:
    """Overall, and each dimension that has or had a colour."""
    known = {light.dimension for light in report.lights.all() if light.value or light.previous}
    return ["overall", *(name for name in DIMENSIONS if name in known)]


def _take_back_grey(report: StatusReport) -> None:
    """A late or corrected report replaces what stood for its date."""
    gone = Figure.objects.filter(
        project_id=report.project_id,
        date=report.data_date,
        code__in=[f"light.{name}" for name in DIMENSION_LABELS],
    ).filter(source_label__startswith="REP-")
    if gone.exists():
        gone.delete()
        relink_figures(projects=[report.project_id])
