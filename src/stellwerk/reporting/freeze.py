"""From a report to its frozen payload: the one place that decides what a published status contains."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django.utils import timezone

from stellwerk.core.models import Snapshot
from stellwerk.portfolio.choices import DIMENSIONS
from stellwerk.portfolio.models import Project
from stellwerk.reporting import selectors
from stellwerk.reporting.live import MONEY_CODES, day
from stellwerk.reporting.models import ReportedLight, StatusReport
from stellwerk.reporting.payload import (
    Amounts,
    DecisionLine,
    DecisionOption,
    DeckPayload,
    DependencyLine,
    Figure,
    Forecast,
    Light,
    LightSource,
    LightValue,
    MilestoneLine,
    Money,
    MoneyFacts,
    PathStep,
    StatusPayload,
)
from stellwerk.reporting.supplies import open_dependencies
from stellwerk.reporting.working_days import WorkCalendar

HISTORY = 8


def status_payload(report: StatusReport, earlier: Iterable[Snapshot] | None = None) -> StatusPayload:
    """Everything that one published status shows, from the report alone plus master data of its project."""
    project = report.project
    lights = {light.dimension: light for light in report.lights.all()}
    snapshots = list(earlier) if earlier is not None else (
        selectors.earlier_snapshots([project.pk], report.data_date).get(project.pk, [])
    )  # fmt: skip
    payloads = [payload for item in snapshots if (payload := selectors.readable_payload(item)) is not None]
    figures = report.figures or {}
    shown: dict[str, Any] = {name: frozen_light(lights.get(name), report) for name in ("overall", *DIMENSIONS)}
    return StatusPayload(
        key=project.key,
        name=project.name,
        data_date=report.data_date,
        **head(project),
        phase=project.phase,
        reported_by=report.author.full_name if report.author else project.manager_name,
        published_on=timezone.localdate(),
        version=report.edition,
        previous_date=payloads[0].data_date if payloads else None,
        **shown,
        summary=report.summary,
        achieved=tuple(report.achieved),
        next_steps=tuple(report.next_steps),
        path_to_green=path_steps(report, lights),
        milestones=milestones(report.gates or [], selectors.calendar_of(project.portfolio), payloads, report.data_date),
        start=_date(figures, "start.forecast"),
        baseline_finish=_date(figures, "finish.baseline"),
        forecast_finish=_date(figures, "finish.forecast"),
        money=money_facts(figures, project.currency),
        cpi=_number(figures, "cpi"),
        spi_t=_number(figures, "spi_t"),
        decisions=tuple(decision_line(entry, project, report) for entry in report.decisions),
        dependencies=_dependencies(report),
        figures=frozen_figures(figures),
    )


def _dependencies(report: StatusReport) -> tuple[DependencyLine, ...]:
    """Deliveries to and from other projects as the author of the report may see them; nothing where nobody signs for it."""
    by = report.author.user if report.author is not None else None
    return open_dependencies([report.project_id], by) if by is not None else ()


def names_in(payload: StatusPayload | DeckPayload) -> set[str]:
    """Where a payload names persons; an imported list may write them as no catalogue does. Tokens take their place."""
    if isinstance(payload, DeckPayload):
        rows = [*payload.decisions]
        found = {name for part in payload.projects for name in names_in(part)}
        found |= {line.pm for line in payload.late} | {line.owner for line in payload.follow_up}
        found |= {name for line in payload.changes if line.kind == "person" for name in (line.before, line.after)}
    else:
        rows = [*payload.decisions]
        found = {payload.pm, payload.sponsor, payload.reported_by, *(step.owner for step in payload.path_to_green)}
    return (found | {name for row in rows for name in (row.submitted_by, row.decided_by)}) - {""}


def head(project: Project) -> dict[str, Any]:
    """Who and where: the same for a report and for an imported status."""
    organisation = selectors.organisation_of(project.portfolio)
    return {
        "organisation": organisation.name if organisation else "",
        "portfolio": project.portfolio.name,
        "programme": project.programme.name if project.programme else "",
        "size": project.size,
        "pm": project.manager.full_name if project.manager else project.manager_name,
        "sponsor": project.sponsor.full_name if project.sponsor else project.sponsor_name,
        "confidentiality": project.confidentiality,
    }


def frozen_light(light: ReportedLight | None, report: StatusReport) -> Light:
    if light is None or not light.effective:
        return Light()
    source = cast(LightSource, light.source)
    value = cast(LightValue, light.effective)
    half = light.half_step if light.half_step in {"better", "worse"} and value == "amber" else None
    return Light(
        value=value,
        source=source,
        computed_value=cast("LightValue | None", (light.computed or None) if source == "overridden" else None),
        previous=cast("LightValue | None", light.previous or None),
        arrow=cast(Any, light.arrow if light.arrow in {"up", "down", "flat"} else "none"),
        reason=light.reason if source == "overridden" and light.reason else light.note,
        reported_value=light.scale_value if half else "",
        half_step=cast(Any, half),
    )


def path_steps(report: StatusReport, lights: dict[str, ReportedLight]) -> tuple[PathStep, ...]:
    steps = []
    for name in ("overall", *DIMENSIONS):
        row = (report.path_to_green or {}).get(name) or {}
        light = lights.get(name)
        if light is None or light.effective not in {"red", "amber"} or not any(row.values()):
            continue
        steps.append(
            PathStep(
                name,
                row.get("cause", ""),
                row.get("measure", ""),
                row.get("owner", ""),
                day(row.get("due")),
                row.get("help_needed", ""),
            )
        )
    return tuple(steps)


def milestones(
    gates: list[dict[str, Any]], calendar: WorkCalendar, earlier: list[StatusPayload], on: dt.date
) -> tuple[MilestoneLine, ...]:
    """Gates with deviation in working days and what each report up to this one expected (the milestone trend)."""
    lines = []
    for gate in gates:
        baseline, forecast, actual = (day(gate.get(name)) for name in ("baseline", "forecast", "actual"))
        shown = actual or forecast
        history = tuple(
            Forecast(payload.data_date, expected)
            for payload in reversed(earlier[:HISTORY])
            for line in payload.milestones
            if line.code == gate["code"] and (expected := line.actual or line.forecast) is not None
        )
        if shown is not None:
            history = (*history, Forecast(on, shown))
        lines.append(
            MilestoneLine(
                name=gate.get("name") or gate["code"],
                code=gate["code"],
                is_gate=gate.get("gate", True),
                baseline=baseline,
                forecast=forecast,
                actual=actual,
                delta_days=calendar.between(baseline, shown) if baseline and shown else None,
                history=history,
            )
        )
    return tuple(lines)


def money_facts(figures: dict[str, dict[str, Any]], currency: str) -> MoneyFacts | None:
    """Amounts in one currency; ETC = EAC − AC and VAC = BAC − EAC where both are known. None without any amount."""
    found: dict[str, Money] = {}
    for code in MONEY_CODES:
        entry = figures.get(code)
        if entry and entry.get("value"):
            found[code] = Money(int(entry["value"]), entry.get("unit") or currency)
    if not found:
        return None
    if len({money.currency for money in found.values()}) == 1:
        if "eac" in found and "ac" in found:
            found["etc"] = found["eac"] - found["ac"]
        if "eac" in found and "bac" in found:
            found["vac"] = found["bac"] - found["eac"]
    return MoneyFacts(Amounts(**found))


def decision_line(entry: dict[str, Any], project: Project, report: StatusReport) -> DecisionLine:
    return DecisionLine(
        question=entry.get("question", ""),
        project_key=project.key,
        project_name=project.name,
        submitted_by=report.author.full_name if report.author else "",
        decided_by=entry.get("decided_by", ""),
        due=day(entry.get("due")),
        impact=entry.get("impact", ""),
        options=options(entry.get("options", "")),
        recommendation=entry.get("recommendation", ""),
        without_decision=entry.get("without_decision", ""),
    )


def options(text: str) -> tuple[DecisionOption, ...]:
    """One option per line with its effect behind a colon; the recommended one stands first."""
    rows = [line.partition(":") for line in text.splitlines() if line.strip()]
    return tuple(
        DecisionOption(name.strip(), (("", effect.strip()),) if effect.strip() else (), recommended=number == 0)
        for number, (name, _colon, effect) in enumerate(rows)
    )


def frozen_figures(figures: dict[str, dict[str, Any]]) -> dict[str, Figure]:
    return {
        code: Figure(
            value=entry["value"],
            source=entry.get("source", ""),
            unit=entry.get("unit", ""),
            on=day(entry.get("on")),
            label=entry.get("label", ""),
            url=entry.get("url", ""),
        )
        for code, entry in figures.items()
        if entry.get("value")
    }


def _date(figures: dict[str, Any], code: str) -> dt.date | None:
    return day(figures.get(code, {}).get("value"))


def _number(figures: dict[str, Any], code: str) -> Decimal | None:
    value = figures.get(code, {}).get("value")
    return Decimal(value) if value else None
