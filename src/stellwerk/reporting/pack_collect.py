"""What is known of each project at a data date: its published snapshot, else its dated status with the figures in force."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from stellwerk.core.models import Snapshot
from stellwerk.portfolio.choices import DIMENSIONS
from stellwerk.portfolio.models import Figure as FigureRecord
from stellwerk.portfolio.models import Portfolio, Project, ProjectStatus
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at
from stellwerk.reporting import compute, selectors
from stellwerk.reporting.freeze import frozen_figures, head, money_facts
from stellwerk.reporting.live import Live, figure_entries
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.reporting.payload import (
    CycleCounts,
    Light,
    LightSource,
    LightValue,
    StatusPayload,
)

NAMES = ("overall", *DIMENSIONS)
GREY: LightValue = "grey"


@dataclass
class Edition:
    """What stood at one reporting date: who was part of it, and what was said."""

    on: dt.date
    payloads: dict[int, StatusPayload]
    members: set[int]


class Collector:
    """Reads a portfolio once for several dates; a constant number of queries for any number of projects."""

    def __init__(self, portfolio: Portfolio, projects: Sequence[Project], last: dt.date) -> None:
        self.portfolio = portfolio
        self.projects = {project.pk: project for project in projects}
        numbers = list(self.projects)
        self.members: dict[dt.date, set[int]] = defaultdict(set)
        self.imported: set[dt.date] = set()
        statuses = ProjectStatus.objects.filter(project_id__in=numbers, date__lte=last)
        for number, day, source in statuses.values_list("project_id", "date", "source"):
            self.members[day].add(number)
            if source == "imported":
                self.imported.add(day)
        dated = FigureRecord.objects.filter(project_id__in=numbers, code="light.overall", date__lte=last)
        for number, day in dated.values_list("project_id", "date"):
            self.members[day].add(number)
        self.cycles = {
            cycle.data_date: cycle
            for cycle in Cycle.objects.filter(portfolio=portfolio, data_date__lte=last).exclude(
                state__in=("planned", "archived")
            )
        }
        self.snapshots: dict[tuple[int, dt.date], Snapshot] = {}
        rows = StatusReport.objects.filter(
            project_id__in=numbers, state="published", data_date__lte=last, snapshot__isnull=False
        )
        for report in rows.select_related("snapshot"):
            if report.snapshot is not None:
                self.snapshots[report.project_id, report.data_date] = report.snapshot

    def edition(self, on: dt.date, before: dt.date | None) -> Edition:
        numbers = list(self.projects)
        figures = figures_at(numbers, None, on)
        earlier = (
            figures_at(numbers, [f"light.{name}" for name in NAMES] + ["eac", "bac", "spi_t", "cpi"], before)
            if before
            else {}
        )
        texts: dict[int, ProjectStatus] = {}
        for status in ProjectStatus.objects.filter(project_id__in=numbers, date__lte=on).order_by("date"):
            texts[status.project_id] = status
        payloads = {}
        for number, project in self.projects.items():
            last = self.last_date(number, on)
            snapshot = self.snapshots.get((number, last)) if last is not None and self._fresh(last, on) else None
            payload = selectors.readable_payload(snapshot) if snapshot else None
            payloads[number] = payload or self._from_figures(
                project, figures.get(number, {}), earlier.get(number, {}), texts.get(number), on, before
            )
        return Edition(on, payloads, set(self.members.get(on, ())))

    def _from_figures(
        self, project: Project, figures: dict[str, FigureValue], earlier: dict[str, FigureValue],
        status: ProjectStatus | None, on: dt.date, before: dt.date | None,
    ) -> StatusPayload:  # fmt: skip
        entries = figure_entries(Live(project, on, selectors.calendar_of(self.portfolio), figures))
        said = status.date if status is not None else None
        phase = figures.get("phase")

        def when(code: str) -> dt.date | None:
            value = entries.get(code, {}).get("value")
            return dt.date.fromisoformat(value) if value else None

        lights: dict[str, Any] = {name: self._light(name, figures, earlier, on) for name in NAMES}
        return StatusPayload(
            key=project.key,
            name=project.name,
            data_date=min(said, on) if said else on,
            **head(project),
            phase=phase.text if phase and phase.text else project.phase,
            previous_date=before,
            **lights,
            summary=_summary(status),
            start=when("start.forecast"),
            baseline_finish=when("finish.baseline"),
            forecast_finish=when("finish.forecast"),
            money=money_facts(entries, project.currency),
            cpi=_ratio(figures, "cpi"),
            spi_t=_ratio(figures, "spi_t"),
            figures=frozen_figures(entries),
        )

    def _light(self, name: str, figures: dict[str, FigureValue], earlier: dict[str, FigureValue], on: dt.date) -> Light:
        now, then_ = figures.get(f"light.{name}"), earlier.get(f"light.{name}")
        if now is None or not now.light:
            return Light()
        value = now.light if now.date == on or self._fresh(now.date, on) else GREY
        source: LightSource = "reported" if now.source in {"reported", "imported"} else cast(LightSource, now.source)
        half = compute.half_step_side(now.reported, now.half_step) if value == "amber" else ""
        standing = _standing(name, value, now, figures)
        return Light(
            value=cast(LightValue, value),
            source=source,
            computed_value=cast(
                "LightValue | None",
                now.text if source == "overridden" and now.text in {"red", "amber", "green"} else None,
            ),
            previous=cast("LightValue | None", (then_.light or None) if then_ else None),
            arrow=compute.arrow(_standing(name, then_.light, then_, earlier) if then_ else None, standing),
            reported_value=now.reported if half else "",
            half_step=cast(Any, half or None),
        )

    def last_date(self, number: int, on: dt.date) -> dt.date | None:
        """The newest date not after ``on`` at which something was said about this project."""
        return max((day for day, members in self.members.items() if day <= on and number in members), default=None)

    def is_current(self, number: int, on: dt.date) -> bool:
        """Said at this very date; or, where no cycle sets the dates, not longer ago than one."""
        if number in self.members.get(on, ()):
            return True
        last = self.last_date(number, on)
        return last is not None and on not in self.cycles and on not in self.imported and self._fresh(last, on)

    def _fresh(self, date: dt.date, on: dt.date) -> bool:
        return (on - date).days <= self.portfolio.cycle_days

    def counts(self, on: dt.date) -> CycleCounts:
        members = self.members.get(on, set())
        figures = figures_at(list(members), ["light.overall"], on)
        lights = [figures[number]["light.overall"].light if number in figures else "" for number in members]
        return counts_of(on, lights)


def _standing(name: str, value: str, figure: FigureValue, all_of: dict[str, FigureValue]) -> compute.Standing:
    index = {"schedule": "spi_t", "cost": "cpi", "overall": "spi_t"}.get(name, "")
    money = name in {"cost", "overall"}

    def amount(code: str) -> int | None:
        return all_of[code].amount if money and code in all_of else None

    return compute.Standing(
        value or None,
        figure.half_step,
        figure.reported,
        _ratio(all_of, index) if index else None,
        amount("eac"),
        amount("bac"),
    )


def _ratio(figures: dict[str, FigureValue], code: str) -> Decimal | None:
    figure = figures.get(code)
    return figure.value if figure is not None else None


def _summary(status: ProjectStatus | None) -> str:
    if status is None:
        return ""
    return status.summary or next((str(text) for text in (status.narrative or {}).values() if text), "")


def counts_of(on: dt.date, lights: Sequence[str | None]) -> CycleCounts:
    return CycleCounts(
        on,
        red=lights.count("red"),
        amber=lights.count("amber"),
        green=lights.count("green"),
        grey=lights.count("grey"),
        not_assessed=sum(1 for light in lights if not light),
    )
