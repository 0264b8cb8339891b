"""Money of the demo company: budgets add up to the story, forecasts to the expected cost, exceptions where it says so."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Max, Min, Sum

from stellwerk.controlling import months as m
from stellwerk.controlling.guards import within_authority
from stellwerk.controlling.models import (
    Benefit,
    BenefitValue,
    Booking,
    Budget,
    BudgetMonth,
    CostCentre,
    ForecastException,
    Period,
)
from stellwerk.controlling.selectors.budgets import sheets_of
from stellwerk.controlling.selectors.earned_value import earned_values
from stellwerk.controlling.selectors.periods import Closing
from stellwerk.controlling.services.approval import forecast_total
from stellwerk.controlling.services.close import prove
from stellwerk.controlling.services.exceptions import breach_of
from stellwerk.core.models import AuditEntry
from stellwerk.demo.money_budgets import by_weekdays, first_open, spent_until, weekdays_between
from stellwerk.planning.models import Activity, Baseline
from stellwerk.portfolio.models import Figure
from stellwerk.resources.models import Demand, TimeEntry

TODAY = dt.date(2026, 11, 23)


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


# ── actuals and the month close ──────────────────────────────────────────────────────────────────


def test_bookings_add_up_to_the_story_at_the_end_of_each_month(company):
    running = m.month_of(company.today)
    ends = [m.last_day(m.step(running, -back)) for back in (2, 5, 8)]
    wrong = []
    for project, course in zip(company.projects, company.courses, strict=True):
        spent = Booking.objects.filter(project=project, kind="actual", left_out="")
        for end in ends:
            booked = spent.filter(month__lte=end).aggregate(total=Sum("project_amount"))["total"] or 0
            if booked != spent_until(course, end):
                wrong.append((project.key, end, booked, spent_until(course, end)))
    assert not wrong


def test_closed_months_come_out_and_the_last_one_is_half_way(company):
    closed = list(Period.objects.filter(state="closed").order_by("-month"))
    assert len(closed) == 8
    for period in closed[:2]:
        proof = prove(period)
        assert proof is not None and proof.holds, (period, proof)
    last = Period.objects.get(state="actuals_loaded")
    assert last.month == m.step(m.month_of(company.today), -1)
    found = {check.code: check for check in Closing(last).checks}
    assert [code for code in ("time_sheets", "actuals", "labour") if not found[code].fine] == []
    assert found["unmatched"].numbers["count"] == 5
    assert [(row.currency, row.difference) for row in found["differences"].numbers["differs"]] == [("TRY", 184_000_00)]


def test_cost_lies_where_work_was_done(company):
    """Bookings, hours and earned value tell one story: no cost before the work, little work without cost, hours on work packages."""
    views = [view for view in earned_values(company.projects, company.dates[-1]).values() if view.measures is not None]
    rows = [row for view in views for row in view.packages]
    spent, earned = sum(row.ac for row in rows), sum(row.ev for row in rows)
    early = sum(row.ac for row in rows if row.activity is not None and not row.progress.started)
    nowhere = sum(row.ac for row in rows if row.activity is None)
    free = sum(row.ev for row in rows if row.ac <= 0)
    assert early < spent * 0.002 and nowhere < spent * 0.02 and free < earned * 0.05, (early, nowhere, free)
    # A work package costs about what the work on it is worth, at the cost ratio of its project.
    alike = [
        row.ev for view in views if view.measures.cpi for row in view.packages
        if row.ac and 0.4 < row.ev / row.ac / float(view.measures.cpi) < 2.5
    ]  # fmt: skip
    assert sum(alike) > earned * 0.75, (sum(alike), earned)
    entries = TimeEntry.objects.select_related("activity")
    assert entries and not entries.filter(activity=None).exists()
    assert not [entry for entry in entries if entry.activity.actual_start.date() > entry.day + dt.timedelta(days=7)]


def test_demands_follow_the_plan(company):
    """A role is asked for when the plan has work for it, and mostly those are booked who are responsible for the work."""
    roles = {
        (project, role): (start, finish)
        for project, role, start, finish in Activity.objects.filter(
            summary=False, kind="task", responsible__role__isnull=False
        )
        .values_list("plan__project_id", "responsible__role_id")
        .annotate(Min("start"), Max("finish"))
    }
    asked = [row for row in Demand.objects.all() if (row.project_id, row.role_id) in roles]
    special = dt.timedelta(days=21)
    inside = [
        row for row in asked
        if roles[row.project_id, row.role_id][0].date() - special <= row.first
        and row.last <= roles[row.project_id, row.role_id][1].date() + special
    ]  # fmt: skip
    assert len(inside) > 0.8 * len(asked) > 10


def test_commitments_stand_beside_as_the_story_says(company):
    end = m.last_day(m.step(m.month_of(company.today), -1))
    told = sum(
        next((one.commitment for one in reversed(course.moments) if one.date <= end), 0)
        for project, course in zip(company.projects, company.courses, strict=True)
        if project.phase not in ("closed", "stopped")
    )
    open_orders = Booking.objects.filter(kind="commitment", obsolete=False)
    assert open_orders.aggregate(total=Sum("project_amount"))["total"] == told
