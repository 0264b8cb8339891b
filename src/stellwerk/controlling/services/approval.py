"""What the approval of a budget or forecast does: one version counts, the project knows its budget, the sheet is frozen."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Budget
from stellwerk.controlling.selectors.budgets import Sheet, actuals_by_month, sheet_of
from stellwerk.core import services
from stellwerk.core.models import Snapshot, User
from stellwerk.core.registry import url_of
from stellwerk.core.snapshots import freeze
from stellwerk.core.states import advance
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.services.figures import FigureRow, write_figures


def supersede_former(budget: Budget, by: User | None) -> None:
    """The version before gives way; it stays as it was."""
    former = Budget.objects.filter(project=budget.project_id, kind=budget.kind, state="approved").exclude(pk=budget.pk)
    for one in former:
        advance(one, "supersede", by=by, reason=budget.key)


def write_budget(budget: Budget, by: User | None) -> None:
    """The project's approved budget (reserves included) and the figures ``budget`` and ``bac``; a forecast: ``forecast``."""
    sheet, project, day = sheet_of(budget), budget.project, timezone.localdate()
    if budget.kind == BudgetKind.PLAN:
        fresh = Project.objects.get(pk=project.pk)
        services.write(fresh, {"budget": sheet.total, "currency": budget.currency}, by=by, reason=budget.key)
        wanted = {"budget": sheet.total, "bac": sheet.bac}
    else:
        wanted = {"forecast": forecast_total(budget, sheet)}
    write_figures(
        rows=[
            FigureRow(
                project.pk, code, day, amount=amount, currency=budget.currency, source_label=budget.key,
                source_url=url_of(budget),
            )
            for code, amount in wanted.items()
        ],
        by=None,
    )  # fmt: skip


def forecast_total(budget: Budget, sheet: Sheet | None = None) -> int:
    """Actual cost of the months before the forecast begins + what it expects from then on, without reserves."""
    sheet = sheet or sheet_of(budget)
    return sum(actuals_by_month(budget.project, budget.first_open).values()) + sheet.sum(since=budget.first_open)


def freeze_budget(budget: Budget, by: User | None) -> Snapshot:
    """The approved sheet, sealed: lines with their months, totals, and the actuals that a forecast stands on."""
    return freeze(
        budget, kind=f"controlling.{budget.kind}", data_date=timezone.localdate(), payload=payload_of(budget), by=by
    )


def payload_of(budget: Budget) -> dict[str, Any]:
    sheet = sheet_of(budget)
    actual = actuals_by_month(budget.project, budget.first_open) if budget.first_open else {}
    return {
        "key": budget.key, "project": budget.project.key, "kind": budget.kind, "number": budget.number,
        "currency": budget.currency, "baseline": budget.baseline.number if budget.baseline is not None else None,
        "rate_date": str(budget.rate_date) if budget.rate_date else None,
        "first_open": m.code(budget.first_open) if budget.first_open else None,
        "bac": sheet.bac, "contingency": sheet.contingency, "management": sheet.management, "total": sheet.total,
        "actual": {m.code(month): amount for month, amount in sorted(actual.items())},
        "lines": [
            {
                "position": row.line.position, "wbs": row.line.wbs, "text": row.line.text,
                "cost_type": row.line.cost_type.key if row.line.cost_type is not None else None,
                "cost_centre": row.line.cost_centre.number if row.line.cost_centre is not None else None,
                "spending": row.line.spending, "reserve": row.line.reserve, "currency": row.line.currency,
                "months": {m.code(month): amount for month, amount in sorted(row.own.items())},
                "in_budget_currency": {m.code(month): amount for month, amount in sorted(row.months.items())},
            }
            for row in sheet.lines
        ],
    }  # fmt: skip
