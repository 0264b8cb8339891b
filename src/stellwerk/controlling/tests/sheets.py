"""Small budgets for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import AuthorityLimit, Booking, Budget
from stellwerk.controlling.services.budgets import Line, create_budget, save_lines
from stellwerk.core.states import advance

JAN, FEB, MAR, APR = (dt.date(2027, month, 1) for month in (1, 2, 3, 4))


def line(row: int = 1, **values: Any) -> Line:
    values.setdefault("months", {JAN: 100_00, FEB: 200_00})
    return Line(row, **values)


def draft_of(cast: Any, *lines: Line, kind: str = BudgetKind.PLAN, by: Any = None, **options: Any) -> Budget:
    by = by or cast.paul
    budget = create_budget(project=cast.project, kind=kind, by=by, **options)
    return save_lines(budget=budget, lines=lines or [line()], by=by, version=budget.version)


def limits(cast: Any, sponsor: int | None = 1_000_00, executive: int | None = None) -> None:
    AuthorityLimit.objects.create(organisation=cast.organisation, role="sponsor", amount=sponsor)
    AuthorityLimit.objects.create(organisation=cast.organisation, role="executive", amount=executive)


def approved(cast: Any, *lines: Line, **options: Any) -> Budget:
    """A budget approved by Stefan, or a forecast confirmed by Conny."""
    if not AuthorityLimit.objects.exists():
        limits(cast, sponsor=None)
    budget = draft_of(cast, *lines, **options)
    budget = advance(budget, "submit", by=cast.paul)
    return advance(budget, "approve", by=cast.conny if budget.kind == BudgetKind.FORECAST else cast.stefan)


def booked(cast: Any, month: dt.date, amount: int, **values: Any) -> Booking:
    number = Booking.objects.count()
    return Booking.objects.create(
        organisation=cast.organisation, project=values.pop("project", cast.project), month=month, posted=month, amount=amount,
        currency="EUR", project_amount=amount, project_currency="EUR", fingerprint=f"test-{number}", **values,
    )  # fmt: skip
