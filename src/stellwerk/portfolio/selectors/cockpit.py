"""What the project cockpit shows at a day; few queries, all figures with their source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from stellwerk.core.kept import KeptQuery
from stellwerk.engine import lights
from stellwerk.engine.trends import MilestoneTrend, TrendPoint, cost_trend, milestone_trend
from stellwerk.portfolio.choices import DIMENSIONS
from stellwerk.portfolio.models import Figure, Gate, Project, ProjectMember, ProjectStatus
from stellwerk.portfolio.selectors.board import trend
from stellwerk.portfolio.selectors.figures import FIELDS, LIGHT_CODES, OVERALL, FigureValue, remember_figures

PHASE_ORDER: Final = ("initiating", "planning", "executing", "transition", "closing")
TREND_CODES: Final = (*(f"gate.G{number}" for number in range(7)), "start.forecast", "finish.forecast")
HISTORY_DATES: Final = 6


@dataclass
class LightRow:
    """One light of the header: as shown, before, arrow, the figure behind it."""

    name: str
    value: FigureValue | None
    shown: str
    arrow: lights.Arrow | None = None
    before: FigureValue | None = None
    before_shown: str = ""

    @property
    def calculated(self) -> str:
        """The computed colour beside an override."""
        return self.value.text if self.value is not None and self.value.source == "overridden" else ""


@dataclass
class Cockpit:
    project: Project
    on: dt.date
    dates: list[dt.date]
    lights: list[LightRow]
    figures: dict[str, FigureValue]
    gates: list[Gate]
    members: list[ProjectMember]
    status: ProjectStatus | None
    milestones: list[tuple[str, list[FigureValue], MilestoneTrend | None]]
    eac_history: list[FigureValue]
    eac_growth: float | None
    light_history: list[tuple[dt.date, dict[str, str]]] = field(default_factory=list)

    @property
    def overall(self) -> LightRow:
        return self.lights[0]


_FIGURES: KeptQuery[Any] = KeptQuery(
    lambda which: Figure.objects.filter(which).order_by("code", "date").values_list(*FIELDS)
)
_STATUSES = KeptQuery(lambda which: ProjectStatus.objects.filter(which).order_by("-date")[:60])


def read_cockpit(project: Project, on: dt.date) -> Cockpit:
    """All dated figures of one project in one query (a project has some hundreds), and what stands around them."""
    per: dict[str, list[FigureValue]] = {}
    for row in _FIGURES.rows(Q(project=project.pk)):
        value = FigureValue._make(row)
        per.setdefault(value.code, []).append(value)
    statuses = _STATUSES.rows(Q(project=project.pk))
    dates = _dates(statuses, per.get(OVERALL, []))
    past = [day for day in dates if day <= on]
    day = past[1] if len(past) > 1 else None
    current = _all_at(per, on)
    remember_figures(project, _all_at(per, timezone.localdate()))
    earlier = _all_at(per, day) if day is not None else {}
    eacs = [value for value in per.get("eac", []) if value.date <= on and value.amount is not None]
    bac = current.get("bac") or current.get("budget")
    growth = cost_trend([v.amount or 0 for v in eacs], bac.amount) if bac is not None and bac.amount else None
    return Cockpit(
        project=project, on=on, dates=dates, lights=_lights(project, on, day, current, earlier), figures=current,
        gates=list(project.gates.all()), members=list(project.members.select_related("person", "role")),
        status=next((status for status in statuses if status.date <= on), None), milestones=_milestones(per, on), eac_history=eacs,
        eac_growth=float(growth.total) if growth else None, light_history=_history(project, per, past[:HISTORY_DATES]),
    )  # fmt: skip


def _dates(statuses: list[ProjectStatus], overall: list[FigureValue]) -> list[dt.date]:
    """Reporting dates, newest first: dated statuses and told lights, else whatever was computed."""
    days = {status.date for status in statuses} | {value.date for value in overall if value.source != "computed"}
    return sorted(days or {value.date for value in overall}, reverse=True)


def _all_at(per: dict[str, list[FigureValue]], on: dt.date) -> dict[str, FigureValue]:
    found = {}
    for code, values in per.items():
        value = _at(values, on)
        if value is not None:
            found[code] = value
    return found


def _at(values: list[FigureValue], on: dt.date) -> FigureValue | None:
    return next((value for value in reversed(values) if value.date <= on), None)


def _lights(
    project: Project, on: dt.date, day: dt.date | None, current: dict[str, FigureValue], earlier: dict[str, FigureValue]
) -> list[LightRow]:
    cycle, hold = project.portfolio.cycle_days, project.phase == "on_hold"
    rows = []
    for code in LIGHT_CODES:
        name = code.removeprefix("light.")
        value, before = current.get(code), earlier.get(code)
        shown = (value.shown(on, cycle, on_hold=hold) if value is not None else None) or ""
        if name == "overall" and (value is None or hold):
            shown = "grey"
        row = LightRow(name, value, shown, None, before)
        if before is not None and day is not None:
            row.before_shown = before.shown(day, cycle) or ""
            if shown not in {"", "grey"}:
                row.arrow = trend(value, before, on, day, cycle, current, earlier)
        rows.append(row)
    return rows


def _milestones(
    per: dict[str, list[FigureValue]], on: dt.date
) -> list[tuple[str, list[FigureValue], MilestoneTrend | None]]:
    """Dates with at least two forecasts: enough for a line."""
    found = []
    for code in TREND_CODES:
        points = [value for value in per.get(code, []) if value.day is not None and value.date <= on]
        if len(points) >= 2:
            trend_ = milestone_trend([TrendPoint(value.date, value.day) for value in points if value.day is not None])
            found.append((code, points, trend_))
    return found


def _history(
    project: Project, per: dict[str, list[FigureValue]], days: list[dt.date]
) -> list[tuple[dt.date, dict[str, str]]]:
    if len(days) < 2:
        return []
    rows = []
    for day in reversed(days):
        row: dict[str, str] = {}
        for name in ("overall", *DIMENSIONS):
            value = _at(per.get(f"light.{name}", []), day)
            shown = value.shown(day, project.portfolio.cycle_days) if value is not None else None
            if shown:
                row[name] = shown
        rows.append((day, row))
    return rows
