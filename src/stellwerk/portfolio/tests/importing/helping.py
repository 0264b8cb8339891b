"""Import in one line, and a picture of what a portfolio holds."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from stellwerk.core.models import ChangeSet, User
from stellwerk.portfolio.importing import Plan, Wishes, apply_import, plan_import, read_wishes
from stellwerk.portfolio.importing.options import Options
from stellwerk.portfolio.models import Figure, Gate, Portfolio, Project, ProjectStatus


def take(
    file: Path | io.BytesIO, portfolio: str = "LISTE", *, by: User | None = None, name: str = "", columns: dict[str, str | None] | None = None,
    **options: Any,
) -> tuple[Plan, ChangeSet | None]:  # fmt: skip
    """Plan and apply."""
    wishes = read_wishes({"columns": columns}) if columns else Wishes()
    plan = plan_import(file=file, name=name, portfolio_key=portfolio, by=by, wishes=wishes, options=Options(**options))
    return plan, apply_import(plan=plan, by=by)


def counts(plan: Plan) -> tuple[int, int, int, int]:
    result = plan.result()
    return result["created"], result["updated"], result["unchanged"], result["statuses"]


def table(*rows: list[Any], delimiter: str = ";") -> io.BytesIO:
    """A CSV file in memory."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def picture(portfolio: str) -> dict[str, Any]:
    """Everything that an import writes, without numbers and keys that depend on the order of work."""
    projects = Project.objects.filter(portfolio__key=portfolio)
    names = dict(projects.values_list("pk", "name"))
    found: dict[str, Any] = {}
    for project in projects.select_related("manager", "sponsor"):
        attributes = dict(project.attributes)
        found[project.name] = {
            "master": (
                project.external_key, project.description, project.kind, project.category, project.department, project.phase,
                str(project.manager or ""), project.manager_name, project.sponsor_name, project.priority, project.currency, project.budget,
                project.start_baseline, project.start_forecast, project.start_actual, project.finish_baseline, project.finish_forecast,
                project.finish_actual,
            ),
            "attributes": attributes, "statuses": {}, "figures": {}, "gates": {},
        }  # fmt: skip
    for status in ProjectStatus.objects.filter(project__in=projects):
        found[names[status.project_id]]["statuses"][status.date] = (
            status.summary,
            status.narrative,
            status.attributes,
            status.master,
            status.remarks,
        )
    for figure in Figure.objects.filter(project__in=projects):
        found[names[figure.project_id]]["figures"][figure.code, figure.date] = (
            figure.until, figure.light, figure.half_step, figure.reported, figure.amount, figure.currency, figure.value, figure.day, figure.text,
        )  # fmt: skip
    for gate in Gate.objects.filter(project__in=projects):
        found[names[gate.project_id]]["gates"][gate.code] = (gate.name, gate.forecast)
    row = Portfolio.objects.filter(key=portfolio).first()
    return {"projects": found, "data_date": row.data_date if row else None}
