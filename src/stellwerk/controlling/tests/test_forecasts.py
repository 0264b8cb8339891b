"""Forecasts of many projects: 3+9, 6+6, 9+3, years, groups, currencies; the numbers counted by hand."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Budget, BudgetLine, BudgetMonth, ExchangeRate, Period
from stellwerk.controlling.selectors.forecasts import consolidated, default_cut
from stellwerk.controlling.selectors.project_money import bridge_of, money_of
from stellwerk.controlling.tests.sheets import booked
from stellwerk.portfolio.models import Project

MONTHS = [dt.date(2027, month, 1) for month in range(1, 13)]


def version(project, kind, months, *, first_open=None, reserve=None, currency="EUR"):
    budget = Budget.objects.create(
        key=f"BUD-{Budget.objects.count() + 1:04d}", project=project, kind=kind, number=1, state="approved", currency=currency,
        first_open=first_open, rate_date=dt.date(2027, 1, 1),
    )  # fmt: skip
    line = BudgetLine.objects.create(budget=budget, position=1, currency=currency)
    BudgetMonth.objects.bulk_create([BudgetMonth(line=line, month=month, amount=amount) for month, amount in months.items()])  # fmt: skip
    if reserve:
        spare = BudgetLine.objects.create(budget=budget, position=2, reserve="contingency")
        BudgetMonth.objects.create(line=spare, month=MONTHS[11], amount=reserve)
    return budget


@pytest.fixture
def year(cast):
    """Budget 100 € a month, actuals 120 € a month to September, a forecast of 110 € a month from April on."""
    version(cast.project, BudgetKind.PLAN, dict.fromkeys(MONTHS, 100_00), reserve=500_00)
    for month in MONTHS[:9]:
        booked(cast, month, 120_00)
    version(cast.project, BudgetKind.FORECAST, dict.fromkeys(MONTHS[3:], 110_00), first_open=MONTHS[3])
    return cast


@pytest.mark.parametrize(
    ("cut", "actual", "rest"),
    [(3, 360_00, 990_00), (6, 720_00, 660_00), (9, 1080_00, 330_00), (0, 360_00, 990_00), (12, 1080_00, 0)],
)
def test_rolling_actual_months_then_the_confirmed_forecast(year, cut, actual, rest):
    found = consolidated(year.petra, year=2027, cut=cut)
    assert found.total.within(found.months) == (1200_00, actual, rest)  # the reserve of 500 € is left out
    assert found.rows[0].name == "Anlagen" and found.total.projects == 1


def test_without_a_forecast_the_budget_says_what_is_left(cast):
    version(cast.project, BudgetKind.PLAN, dict.fromkeys(MONTHS, 100_00))
    for month in MONTHS[:3]:
        booked(cast, month, 50_00)
    found = consolidated(cast.petra, year=2027, cut=3)
    assert found.total.within(found.months) == (1200_00, 150_00, 900_00)


def test_the_mid_term_goes_over_years(year):
    later = [dt.date(2028, 5, 1), dt.date(2029, 12, 1), dt.date(2030, 1, 1)]
    line = BudgetLine.objects.get(budget__kind="forecast")
    BudgetMonth.objects.bulk_create([BudgetMonth(line=line, month=month, amount=7_00) for month in later])
    assert consolidated(year.petra, year=2027, years=3, cut=9).total.within(later) == (0, 0, 14_00)
    assert consolidated(year.petra, year=2027, years=5, cut=9).total.within(later) == (0, 0, 21_00)


@pytest.mark.parametrize(
    ("group", "name"), [("portfolio", "Anlagen"), ("unit", "Anlagenbau"), ("organisation", "Nordlicht Anlagenbau AG"), ("project", "Elektrolyse Lubmin")]
)  # fmt: skip
def test_by_portfolio_unit_company_and_project(year, group, name):
    assert [row.name for row in consolidated(year.petra, year=2027, cut=3, group=group).rows] == [name]


def test_by_category(year):
    Project.objects.filter(pk=year.project.pk).update(category="run")
    names = [row.name for row in consolidated(year.petra, year=2027, cut=3, group="category").rows]
    assert len(names) == 1 and names[0] != "Without a category"


def test_whoever_sees_one_project_gets_its_sum_and_the_count_of_what_is_hidden(year):
    version(year.other_project, BudgetKind.PLAN, {MONTHS[0]: 1_00})
    found = consolidated(year.paul, year=2027, cut=3)
    assert (found.total.projects, found.hidden) == (1, 1)
    assert consolidated(year.petra, year=2027, cut=3).total.projects == 2


def test_another_currency_counts_at_the_rate_of_the_approval_and_a_missing_rate_is_named(cast):
    version(cast.project, BudgetKind.PLAN, {MONTHS[0]: 100_00}, currency="USD")
    found = consolidated(cast.petra, year=2027, cut=0)
    assert (
        found.total.projects == 0 and found.without_rate[0].startswith("PRJ-0001: ") and "USD" in found.without_rate[0]
    )
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2026, 12, 1), rate=Decimal("0.90"))
    ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=dt.date(2027, 1, 2), rate=Decimal("0.50"))
    assert consolidated(cast.petra, year=2027, cut=0).total.within(MONTHS) == (90_00, 0, 90_00)


def test_closed_months_are_the_actual_ones(cast):
    Period.objects.create(organisation=cast.organisation, month=MONTHS[4], state="closed")
    assert default_cut(2027) == 5


def test_a_project_on_one_page(year):
    money = money_of(year.project)
    assert (money.actual_before, money.open, money.expected, money.deviation) == (360_00, 990_00, 1350_00, 150_00)
    bridge = bridge_of(money.forecast.budget)
    assert (bridge.budget, bridge.forecast) == (1200_00, 1350_00)
    assert bridge.budget + sum(step.amount for step in bridge.steps) == bridge.forecast


def test_the_page_and_its_workbook_show_the_same_numbers(year):
    client = year.client("petra")
    address = reverse("controlling:forecasts") + "?year=2027&rolling=3&by=project"
    page = client.get(address)
    assert page.context["total"]["forecast"] == 1350_00 and page.context["steps"][0]["amount"] == 1200_00
    assert page.context["steps"][-1]["amount"] == 1350_00
    answer = client.get(address + "&export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:8] == ("PRJ-0001", "Elektrolyse Lubmin", 1, 1200, 360, 990, 1350, 150)
    assert rows[-1][3:8] == (1200, 360, 990, 1350, 150) and rows[1][8:] == (*[120] * 3, *[110] * 9)


@pytest.mark.parametrize("query", ["?year=abc&rolling=99&years=x&by=moon&portfolio=nope", "?year=99999", "?year=1"])
def test_what_is_no_choice_falls_back(year, query):
    assert year.client("petra").get(reverse("controlling:forecasts") + query).status_code == 200
