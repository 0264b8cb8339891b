"""What is known about projects right now: figures in force, gates, earlier reports. A few queries for any number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stellwerk.core.models import Snapshot
from stellwerk.core.registry import FIGURES
from stellwerk.planning.selectors.milestones import plain, reported_milestones
from stellwerk.portfolio.choices import DIMENSIONS
from stellwerk.portfolio.models import Gate, Project
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at
from stellwerk.reporting import compute, selectors
from stellwerk.reporting.payload import StatusPayload
from stellwerk.reporting.working_days import WorkCalendar

MONEY_CODES = ("budget", "bac", "ac", "commitment", "eac")
TYPED_CODES = ("bac", "ac", "commitment", "eac", "progress", "finish.forecast")
"""Figures that the project manager may correct in the report, unless a room computes them."""


@dataclass(frozen=True)
class Dated:
    """A gate of the project, or a milestone of its plan, as a report takes it over; ``decides``: its delay counts for the light."""

    code: str
    name: str
    baseline: dt.date | None
    forecast: dt.date | None
    actual: dt.date | None
    from_plan: bool = False
    gate: bool = True
    decides: bool = True


@dataclass
class Live:
    """Everything that a report of one project is prefilled from."""

    project: Project
    on: dt.date
    calendar: WorkCalendar
    figures: dict[str, FigureValue] = field(default_factory=dict)
    before: dict[str, FigureValue] = field(default_factory=dict)
    gates: list[Dated] = field(default_factory=list)
    earlier: list[Snapshot] = field(default_factory=list)

    @property
    def previous(self) -> StatusPayload | None:
        return selectors.readable_payload(self.earlier[0]) if self.earlier else None

    def amount(self, code: str) -> int | None:
        figure = self.figures.get(code)
        if figure is not None:
            return figure.amount
        return self.project.budget if code == "budget" else None

    def number(self, code: str) -> Decimal | None:
        figure = self.figures.get(code)
        return figure.value if figure is not None else None

    def fresh(self, figure: FigureValue | None) -> bool:
        """Not older than two cycles: older colours are never carried forward."""
        return figure is not None and (self.on - figure.date).days <= 2 * self.project.portfolio.cycle_days


def live_of(projects: Sequence[Project], on: dt.date) -> dict[int, Live]:
    """The live data of some projects (same portfolio) at a data date; eleven queries."""
    if not projects:
        return {}
    numbers = [project.pk for project in projects]
    figures = figures_at(numbers, None, on)
    before = figures_at(numbers, [f"light.{name}" for name in ("overall", *DIMENSIONS)], on - dt.timedelta(days=1))
    earlier = selectors.earlier_snapshots(numbers, on)
    gates = _dated(numbers, on, projects[0].portfolio.cycle_days)
    result = {}
    for project in projects:
        result[project.pk] = Live(
            project, on, selectors.calendar_of(project.portfolio), figures.get(project.pk, {}), before.get(project.pk, {}),
            gates.get(project.pk, []), earlier.get(project.pk, []),
        )  # fmt: skip
    return result


def _dated(projects: Sequence[int], on: dt.date, cycle_days: int) -> dict[int, list[Dated]]:
    """By project: the milestones of its plan where there is one, and the gates that no milestone of the plan stands for."""
    planned = reported_milestones(projects, on, cycle_days)
    found: dict[int, list[Dated]] = defaultdict(list)
    for gate in Gate.objects.filter(project_id__in=projects).order_by("order", "pk"):
        if not any(row.gate and plain(row.head.code) == plain(gate.code) for row in planned.get(gate.project_id, ())):
            found[gate.project_id].append(Dated(gate.code, gate.name, gate.baseline, gate.forecast, gate.actual))
    for project, rows in planned.items():
        found[project] += [
            Dated(
                row.head.code if row.gate else f"M{row.head.uid}", row.head.name, row.baseline, row.forecast, row.actual,
                from_plan=True, gate=row.gate, decides=row.gate or row.head.critical,
            )
            for row in rows
        ]  # fmt: skip
    return found


def figure_entries(live: Live) -> dict[str, dict[str, Any]]:
    """Figures as a report stores them: canonical value, unit and source of each; lights are kept apart."""
    entries: dict[str, dict[str, Any]] = {}
    for code, figure in live.figures.items():
        kind = FIGURES.get(code)
        if kind is None or kind.kind == "light":
            continue
        value = canonical(kind.kind, figure)
        if value:
            entries[code] = {
                "value": value, "unit": figure.currency, "source": figure.source, "label": figure.source_label,
                "url": figure.source_url, "on": figure.date.isoformat(),
            }  # fmt: skip
    for code, value, unit in _master_data(live.project):
        entries.setdefault(code, {"value": value, "unit": unit, "source": "reported", "label": "", "url": "", "on": ""})
    return {code: entries[code] for code in sorted(entries, key=lambda code: FIGURES[code].order)}


def _master_data(project: Project) -> list[tuple[str, str, str]]:
    rows = []
    if project.budget is not None:
        rows.append(("budget", str(project.budget), project.currency))
    for code, day in (
        ("start.forecast", project.start_actual or project.start_forecast),
        ("finish.baseline", project.finish_baseline),
        ("finish.forecast", project.finish_actual or project.finish_forecast),
    ):
        if day is not None:
            rows.append((code, day.isoformat(), ""))
    return rows


def canonical(kind: str, figure: FigureValue) -> str:
    """A figure's value as text without any formatting; empty where it has none."""
    if kind == "money":
        return "" if figure.amount is None else str(figure.amount)
    if kind == "date":
        return figure.day.isoformat() if figure.day else ""
    if kind == "text":
        return figure.text
    return "" if figure.value is None else format(figure.value.normalize(), "f")


def gate_entries(live: Live) -> list[dict[str, Any]]:
    """Gates and milestones as a report stores them; ``plan``: their dates are those of the plan and are changed there."""
    return [
        {
            "code": gate.code, "name": gate.name,
            "baseline": gate.baseline.isoformat() if gate.baseline else "",
            "forecast": gate.forecast.isoformat() if gate.forecast else "",
            "actual": gate.actual.isoformat() if gate.actual else "",
            **({"plan": True, "gate": gate.gate, "decides": gate.decides} if gate.from_plan else {}),
        }
        for gate in live.gates
    ]  # fmt: skip


def numbers_from(
    figures: dict[str, dict[str, Any]], gates: list[dict[str, Any]], calendar: WorkCalendar
) -> compute.Numbers:
    """The rules' input from what a report holds (so that lights follow what is typed into it)."""

    def amount(code: str) -> int | None:
        return int(figures[code]["value"]) if figures.get(code, {}).get("value") else None

    def ratio(code: str) -> Decimal | None:
        return Decimal(figures[code]["value"]) if figures.get(code, {}).get("value") else None

    rows = [
        (
            gate["name"] if gate.get("plan") else gate["code"],
            *(day(gate[name]) for name in ("baseline", "forecast", "actual")),
        )
        for gate in gates
        if gate.get("decides", True)
    ]
    slips = compute.slips_of(rows, calendar)
    return compute.Numbers(ratio("spi_t"), ratio("cpi"), amount("bac"), amount("eac"), amount("budget"), slips)


def day(text: str | None) -> dt.date | None:
    """A stored ISO date."""
    return dt.date.fromisoformat(text) if text else None
