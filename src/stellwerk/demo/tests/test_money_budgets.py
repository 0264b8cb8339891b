"""Money of the demo company: budgets add up to the story, forecasts to the expected cost, exceptions where it says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from stellwerk.controlling.guards import within_authority
from stellwerk.controlling.models import Benefit, BenefitValue, Budget, BudgetMonth, CostCentre, ForecastException
from stellwerk.controlling.selectors.budgets import sheets_of
from stellwerk.controlling.services.approval import forecast_total
from stellwerk.controlling.services.exceptions import breach_of
from stellwerk.core.models import AuditEntry
from stellwerk.demo.generate import Company, Size, generate
from stellwerk.demo.money_budgets import by_weekdays, first_open, weekdays_between
from stellwerk.planning.models import Baseline
from stellwerk.portfolio.models import Figure

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield generate(Size(projects=12, people=40, seed=7), today=TODAY)
        transaction.set_rollback(True)


pytestmark = pytest.mark.usefixtures("company", "db")


def test_the_work_of_each_approved_budget_is_the_budget_of_the_project_on_its_baseline(company):
    approved = Budget.objects.filter(kind="plan", state="approved").select_related("project", "baseline", "approved_by")
    sheets = sheets_of(list(approved))
    assert len(sheets) == Baseline.objects.filter(state="approved").count()
    for sheet in sheets.values():
        budget = sheet.budget
        assert sheet.bac == budget.project.budget and budget.number == budget.baseline.number
        assert 0 < sheet.contingency < sheet.bac / 10
        assert all(amount > 0 for row in sheet.lines for amount in row.months.values())
        assert all(row.line.activity_id for row in sheet.lines if not row.line.reserve)
        assert budget.approved_by is not None and not list(within_authority(budget, budget.approved_by))
        assert not AuditEntry.objects.filter(
            entity_type="controlling.budget", entity_id=budget.pk, verb__in=("create", "submit"), actor=budget.approved_by
        ).exists()  # fmt: skip
    assert {row.line.currency for sheet in sheets.values() for row in sheet.lines} == {"EUR", "USD"}
    known = set(CostCentre.objects.values_list("pk", flat=True))
    assert {row.line.cost_centre_id for sheet in sheets.values() for row in sheet.lines} - {None} <= known


def test_forecasts_add_up_to_the_figure_of_the_project(company):
    """Actual cost of the months before, as booked, and what is expected from then on."""
    found = list(Budget.objects.filter(kind="forecast", state="approved").select_related("project"))
    assert len(found) >= 4
    for forecast, sheet in zip(found, sheets_of(found).values(), strict=True):
        told = Figure.objects.filter(project=forecast.project, code="forecast").latest("date")
        assert forecast_total(forecast, sheet) == told.amount and told.source_label == forecast.key
        assert min(sheet.months) >= forecast.first_open
    assert Budget.objects.filter(kind="forecast", state="draft", first_open=first_open(company)).count() == 1


def test_an_exception_stands_where_a_forecast_leaves_the_tolerance(company):
    opened = list(ForecastException.objects.select_related("project"))
    assert opened and any(one.state == "open" for one in opened)
    for one in opened:
        cost = one.told["cost"]
        assert breach_of(one.project, eac=cost["eac"], bac=cost["bac"])["cost"]["percent"] == cost["percent"]
        assert one.due > one.opened_on


def test_benefits_are_measured_only_where_the_month_is_over(company):
    assert Benefit.objects.exclude(holder=None).count() == Benefit.objects.count() > 0
    assert not BenefitValue.objects.filter(month__gte=dt.date(2026, 11, 1), actual__isnull=False).exists()


def test_months_add_up_and_weekdays_are_counted(company):
    monday = dt.date(2026, 11, 23)
    assert weekdays_between(monday, monday + dt.timedelta(days=6)) == 5
    assert weekdays_between(dt.date(2026, 11, 28), dt.date(2026, 11, 29)) == 0
    assert sum(by_weekdays(1_234_56, dt.date(2026, 1, 15), dt.date(2026, 4, 2)).values()) == 1_234_56
    assert by_weekdays(700, dt.date(2026, 11, 28), dt.date(2026, 11, 29)) == {dt.date(2026, 11, 1): 700}
    total = BudgetMonth.objects.filter(line__budget__kind="plan").aggregate(t=Sum("amount"))["t"]
    assert total and total > 0
