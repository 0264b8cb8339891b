"""A project's money on one page: what was approved, what was spent, what is expected, month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from stellwerk.controlling import months as m
from stellwerk.controlling.models import Budget
from stellwerk.controlling.selectors.budgets import (
    Sheet,
    actuals_by_cost_type,
    actuals_by_month,
    approved_budget,
    approved_forecast,
    sheet_of,
    sheets_of,
)
from stellwerk.core.models import User
from stellwerk.core.permissions import visible_rows
from stellwerk.engine.earned_value import Bridge, bridge_of_parts
from stellwerk.portfolio.models import Project


@dataclass
class ProjectMoney:
    """All sums in minor units of the project's currency; None: there is no such thing yet."""

    project: Project
    budget: Sheet | None = None
    forecast: Sheet | None = None
    actual: dict[dt.date, int] = field(default_factory=dict)

    @property
    def reserves(self) -> int | None:
        """Contingency and management reserve of the approved budget."""
        return None if self.budget is None else self.budget.contingency + self.budget.management

    @property
    def actual_total(self) -> int:
        return sum(self.actual.values())

    @property
    def first_open(self) -> dt.date | None:
        return self.forecast.budget.first_open if self.forecast is not None else None

    @property
    def actual_before(self) -> int:
        """Actual cost of the months that the forecast takes as they were."""
        first = self.first_open
        return sum(amount for month, amount in self.actual.items() if first is None or month < first)

    @property
    def open(self) -> int | None:
        """What the confirmed forecast expects from its first month on."""
        return self.forecast.sum(since=self.first_open) if self.forecast is not None else None

    @property
    def expected(self) -> int | None:
        """Total cost by the confirmed forecast."""
        return None if self.open is None else self.actual_before + self.open

    @property
    def deviation(self) -> int | None:
        return None if self.expected is None or self.budget is None else self.expected - self.budget.bac

    def by_month(self) -> list[tuple[dt.date, int, int, int]]:
        """``(month, budget, actual, forecast)`` of each month from the first to the last."""
        plan = self.budget.by_month() if self.budget is not None else {}
        rest = self.forecast.by_month() if self.forecast is not None else {}
        first = self.first_open
        actual = {month: amount for month, amount in self.actual.items() if first is None or month < first}
        expected = {month: amount for month, amount in rest.items() if first is None or month >= first}
        months = m.span([*plan, *actual, *expected])
        return [(month, plan.get(month, 0), actual.get(month, 0), expected.get(month, 0)) for month in months]


def money_of(project: Project) -> ProjectMoney:
    budget, forecast = approved_budget(project), approved_forecast(project)
    sheets = sheets_of([one for one in (budget, forecast) if one is not None])
    return ProjectMoney(
        project,
        sheets[budget.pk] if budget is not None else None,
        sheets[forecast.pk] if forecast is not None else None,
        actuals_by_month(project),
    )


def bridge_of(forecast: Budget) -> Bridge[int | None] | None:
    """From the approved budget to this forecast by cost type (None: without one); None where no budget is approved."""
    budget = approved_budget(forecast.project)
    if budget is None:
        return None
    plan = sheet_of(budget).by_cost_type()
    expected = actuals_by_cost_type(forecast.project, forecast.first_open)
    for number, amount in sheet_of(forecast).by_cost_type(since=forecast.first_open).items():
        expected[number] = expected.get(number, 0) + amount
    # Named moves: in the engine's bridge a key of None is what nothing explains, here it is "without a cost type".
    return bridge_of_parts(
        {_key(number): amount for number, amount in plan.items()},
        {_key(number): amount for number, amount in expected.items()},
    )


def _key(number: int | None) -> int | None:
    return 0 if number is None else number


def names_of(projects: Iterable[int], user: User | None) -> dict[int, str]:
    """Key and name of projects by number, for tables of figures; those that the reader may not see have none."""
    rows = visible_rows(user, Project.objects.filter(pk__in=set(projects)))
    return {number: f"{key} {name}" for number, key, name in rows.values_list("pk", "key", "name")}
