"""A forecast outside the tolerance opens an exception; report and decision by different people; limits pass a budget on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Budget, ExchangeRate, ForecastException, MoneyRules
from stellwerk.controlling.services.budgets import create_budget, edit_budget, save_lines
from stellwerk.controlling.services.exceptions import add_working_days, check_tolerance, said
from stellwerk.controlling.tests.sheets import FEB, JAN, MAR, approved, booked, draft_of, limits, line
from stellwerk.core.errors import NotAllowed, WrongState
from stellwerk.core.models import AuditEntry, Notification
from stellwerk.core.services import edit
from stellwerk.core.states import advance
from stellwerk.portfolio.models import Figure


def forecast_of(cast, amount: int, spent: int = 0) -> Budget:
    if spent:
        booked(cast, JAN, spent)
    forecast = create_budget(project=cast.project, kind=BudgetKind.FORECAST, first_open=FEB, by=cast.paul)
    forecast = save_lines(budget=forecast, lines=[line(months={FEB: amount})], by=cast.paul, version=forecast.version)
    return advance(advance(forecast, "submit", by=cast.paul), "approve", by=cast.conny)


# ── the tolerance ────────────────────────────────────────────────────────────────────────────────


def test_a_confirmed_forecast_above_the_tolerance_opens_an_exception_due_in_three_working_days(cast):
    approved(cast, line(months={JAN: 200_00, FEB: 100_00}))
    forecast = forecast_of(cast, 131_00, spent=200_00)  # 331 of 300 are +10.33 %
    found = ForecastException.objects.get()
    assert (found.project, found.state, found.opened_on) == (cast.project, "open", timezone.localdate())
    assert found.due == add_working_days(cast.project, timezone.localdate(), 3)
    assert found.told["cost"]["percent"] == "10.33" and found.told["source"] == forecast.key
    assert "331" in said(found.told)[0]
    told = set(Notification.objects.filter(kind="controlling.exception").values_list("user__email", flat=True))
    assert {"paul@example.com", "stefan@example.com", "petra@example.com"} <= told


def test_exactly_at_the_tolerance_is_within_and_the_rules_of_the_project_count(cast):
    approved(cast, line(months={JAN: 200_00, FEB: 100_00}))
    forecast_of(cast, 130_00, spent=200_00)  # +10.00 %
    assert not ForecastException.objects.exists()
    MoneyRules.objects.create(project=cast.project, cost_tolerance=Decimal(5))
    assert check_tolerance(cast.project, eac=330_00) is not None


def test_three_working_days_skip_weekends_and_holidays(cast):
    # Thursday 24 December 2026: Friday and Saturday are holidays in Hamburg, then the weekend.
    assert add_working_days(cast.project, dt.date(2026, 12, 24), 3) == dt.date(2026, 12, 30)


def test_a_late_finish_opens_one_too(cast):
    approved(cast, line(months={JAN: 200_00, FEB: 100_00}))
    Figure.objects.create(project=cast.project, code="plan.finish_delay", date=JAN, value=21)
    forecast_of(cast, 100_00)
    told = ForecastException.objects.get().told
    assert told["time"] == {"value": 21, "limit": 20} and "cost" not in told


def test_a_second_breach_only_updates_the_numbers(cast):
    approved(cast)
    first = check_tolerance(cast.project, eac=400_00)
    assert check_tolerance(cast.project, eac=500_00) is None
    assert first is not None
    first.refresh_from_db()
    assert first.told["cost"]["eac"] == 500_00 and ForecastException.objects.count() == 1


def test_report_and_decision_are_two_people(cast):
    approved(cast)
    found = check_tolerance(cast.project, eac=400_00)
    with pytest.raises(WrongState):
        advance(found, "report", by=cast.paul)  # without cause and options
    found = edit(found, {"cause": "Copper", "options": "A or B; A"}, by=cast.paul, version=found.version)
    found = advance(found, "report", by=cast.paul)
    with pytest.raises(NotAllowed):
        advance(found, "decide", by=cast.paul)
    assert Notification.objects.filter(user=cast.stefan, title__contains="waits for your decision").exists()
    found = edit(found, {"decision": "A"}, by=cast.stefan, version=found.version)
    found = advance(found, "decide", by=cast.stefan)
    assert found.state == "decided"
    assert Notification.objects.filter(user=cast.paul, title__contains="is decided", text="A").exists()


@pytest.mark.parametrize("who", ["tom", "rita", "olga", "ada"])
def test_others_do_not_touch_it(cast, who):
    approved(cast)
    found = check_tolerance(cast.project, eac=400_00)
    with pytest.raises(NotAllowed):
        edit(found, {"cause": "x"}, by=getattr(cast, who), version=found.version)


# ── limits of authority ──────────────────────────────────────────────────────────────────────────


def test_above_the_sponsors_limit_the_next_one_is_asked_once_the_sponsor_has_endorsed(cast):
    limits(cast, sponsor=299_99, executive=1_000_00)
    budget = advance(draft_of(cast), "submit", by=cast.paul)
    told = Notification.objects.filter(kind="controlling.budget").exclude(user=cast.paul).order_by("pk")
    assert list(told.values_list("user__email", flat=True)) == ["stefan@example.com"]
    advance(budget, "endorse", by=cast.stefan)
    assert list(told.values_list("user__email", flat=True)) == ["stefan@example.com", "elke@example.com"]


def test_reserves_count_towards_the_limit(cast):
    limits(cast, sponsor=300_00, executive=None)
    budget = draft_of(cast, line(), line(2, reserve="contingency", months={MAR: 1}))
    budget = advance(budget, "submit", by=cast.paul)
    with pytest.raises(WrongState):
        advance(budget, "approve", by=cast.stefan)
    assert advance(budget, "approve", by=cast.elke).state == "approved"


def test_a_budget_in_another_currency_counts_at_the_rate_of_its_day(cast):
    limits(cast, sponsor=280_00)
    type(cast.project).objects.filter(pk=cast.project.pk).update(currency="USD")
    cast.project.refresh_from_db()
    for day, rate in ((JAN, "0.90"), (MAR, "0.95")):
        ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=day, rate=Decimal(rate))
    budget = draft_of(cast, line(currency="USD"))
    cheap = edit_budget(budget=budget, values={"rate_date": FEB}, by=cast.paul)  # 300 $ are 270 €
    cheap = advance(cheap, "submit", by=cast.paul)
    dear = Budget.objects.get(pk=cheap.pk)
    Budget.objects.filter(pk=dear.pk).update(rate_date=MAR)  # … and 285 € in March
    with pytest.raises(WrongState) as refused:
        advance(Budget.objects.get(pk=dear.pk), "approve", by=cast.stefan)
    assert "280" in str(refused.value)
    Budget.objects.filter(pk=dear.pk).update(rate_date=FEB)
    assert advance(Budget.objects.get(pk=dear.pk), "approve", by=cast.stefan).rate_date == FEB


def test_without_a_rate_for_the_day_nobody_approves(cast):
    limits(cast, sponsor=None)
    budget = draft_of(cast)
    budget = advance(budget, "submit", by=cast.paul)
    budget.lines.update(currency="CHF")
    with pytest.raises(WrongState) as refused:
        advance(budget, "approve", by=cast.stefan)
    assert "CHF" in str(refused.value)


def test_two_who_approve_at_once_approve_it_once(cast):
    limits(cast, sponsor=None)
    budget = advance(draft_of(cast), "submit", by=cast.paul)
    mine, theirs = Budget.objects.get(pk=budget.pk), Budget.objects.get(pk=budget.pk)
    advance(mine, "approve", by=cast.stefan)
    with pytest.raises(WrongState):
        advance(theirs, "approve", by=cast.elke)
    assert Budget.objects.get(pk=budget.pk).approved_by == cast.stefan
    assert AuditEntry.objects.filter(entity_type="controlling.budget", verb="approve").count() == 1


def test_a_draft_submitted_meanwhile_takes_no_more_lines(cast):
    budget = draft_of(cast)
    advance(Budget.objects.get(pk=budget.pk), "submit", by=cast.paul)
    with pytest.raises(NotAllowed):
        save_lines(budget=budget, lines=[line(months={JAN: 1})], by=cast.paul, version=budget.version)
