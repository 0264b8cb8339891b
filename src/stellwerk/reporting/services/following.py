"""Drafts follow the plan of their project: whoever updates the plan before the data date reports what it says then."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from stellwerk.planning.models import Plan
from stellwerk.reporting import selectors
from stellwerk.reporting.live import figure_entries, gate_entries, live_of
from stellwerk.reporting.models import ReportedLight, StatusReport
from stellwerk.reporting.permissions import EDITABLE
from stellwerk.reporting.services.reports import recompute_lights


def take_over_plan(plan: Plan) -> int:
    """Milestones and computed figures of the project's unfinished reports as they are now; returns how many reports changed.

    What the manager typed stays. The version rises only where a light moves, as nothing else of it can be typed.
    """
    numbers = StatusReport.objects.filter(project_id=plan.project_id, state__in=EDITABLE, archived_at=None)
    return sum(_take_over(number) for number in numbers.values_list("pk", flat=True))


@transaction.atomic
def _take_over(number: int) -> bool:
    report = selectors.reports().select_for_update(of=("self",)).get(pk=number)
    if report.state not in EDITABLE:
        return False
    live = live_of([report.project], report.data_date)[report.project_id]
    gates, figures = (
        _gates(report.gates or [], gate_entries(live)),
        _figures(report.figures or {}, figure_entries(live)),
    )
    if (gates, figures) == (report.gates, report.figures):
        return False
    report.gates, report.figures = gates, figures
    rows = {light.dimension: light for light in report.lights.all()}
    before = {name: (row.value, row.computed) for name, row in rows.items()}
    recompute_lights(report, rows)
    moved = [row for name, row in rows.items() if (row.value, row.computed) != before[name]]
    if moved:
        ReportedLight.objects.bulk_update(moved, ["value", "computed", "note"])
    version = report.version + bool(moved)
    StatusReport.objects.filter(pk=report.pk).update(gates=gates, figures=figures, version=version)
    return True


def _gates(stored: list[dict[str, Any]], fresh: list[dict[str, Any]]) -> list[dict[str, Any]]:
    planned = [row for row in fresh if row.get("plan")]
    codes = {row["code"] for row in planned}
    return [row for row in stored if not row.get("plan") and row["code"] not in codes] + planned


def _figures(stored: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """Computed figures anew, in their order; what was typed or told stays."""
    taken = {
        code: row
        for code, row in fresh.items()
        if row["source"] == "computed" and not stored.get(code, {}).get("typed")
    }
    merged = stored | taken
    return {
        code: merged[code]
        for code in sorted(merged, key=lambda code: list(fresh).index(code) if code in fresh else 999)
    }
