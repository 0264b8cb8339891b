"""Forecasts captured at reporting dates, and the trend that follows (domain.md 3.6)."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.engine.trends import TrendPoint
from stellwerk.planning.jobs import daily_forecasts
from stellwerk.planning.models import Activity, MilestoneForecast
from stellwerk.planning.selectors.milestones import plan_milestones, portfolio_milestones
from stellwerk.planning.services.forecasts import capture_forecasts, reports_on
from stellwerk.planning.tests.plans import add_milestone, approved, at, example_plan


@pytest.fixture
def plan(cast):
    return example_plan(cast.project)


def forecasts(uid=4):
    rows = MilestoneForecast.objects.filter(activity__uid=uid).order_by("date")
    return [(row.date.isoformat(), row.forecast.isoformat()) for row in rows]


def test_the_worked_example_of_the_method(cast, plan):
    """Reports 31 January to 31 May 2026; forecasts 30 June, 30 June, 10, 20 and 30 July: +30 days, s 20/61, hit 28 August."""
    row = add_milestone(plan, 9, "Go-live", at(2026, 6, 30, 17))
    for report, forecast in (
        ((2026, 1, 31), (2026, 6, 30)), ((2026, 2, 28), (2026, 6, 30)), ((2026, 3, 31), (2026, 7, 10)), ((2026, 4, 30), (2026, 7, 20)),
        ((2026, 5, 31), (2026, 7, 30)),
    ):  # fmt: skip
        Activity.objects.filter(pk=row.pk).update(finish=at(*forecast, 17))
        capture_forecasts(projects=[cast.project], date=dt.date(*report))
    found = next(one for one in plan_milestones(plan) if one.head.uid == 9)
    trend = found.trend
    assert len(found.points) == 5 and trend.delay_days == 30
    assert round(float(trend.slope), 4) == 0.3279 and trend.hit == dt.date(2026, 8, 28) and not trend.never


def test_captured_twice_on_a_date_the_later_forecast_counts(cast, plan):
    day = dt.date(2026, 11, 20)
    assert capture_forecasts(projects=[cast.project.pk], date=day) == 1
    Activity.objects.filter(uid=4).update(finish=at(2027, 2, 1, 17))
    capture_forecasts(projects=[cast.project], date=day)
    assert forecasts() == [("2026-11-20", "2027-02-01")]
    Activity.objects.filter(uid=4).update(finish=at(2027, 3, 1, 17))
    capture_forecasts(projects=[cast.project], date=day, replace=False)
    assert forecasts() == [("2026-11-20", "2027-02-01")]


def test_a_reached_milestone_ends_on_the_diagonal(cast, plan):
    capture_forecasts(projects=[cast.project], date=dt.date(2027, 1, 15))
    Activity.objects.filter(uid=4).update(actual_start=at(2027, 1, 20, 17), actual_finish=at(2027, 1, 20, 17))
    for day in (29, 30, 31):
        capture_forecasts(projects=[cast.project], date=dt.date(2027, 1, day))
    assert forecasts() == [("2027-01-15", "2027-01-22"), ("2027-01-29", "2027-01-20")]


def test_only_milestones_that_count_and_only_of_these_projects(cast, plan):
    other = example_plan(cast.other_project)
    add_milestone(plan, 8, "Inactive", at(2027, 1, 22, 17), active=False)
    add_milestone(plan, 9, "Cancelled", at(2027, 1, 22, 17), state="cancelled")
    Activity.objects.create(plan=plan, uid=10, position=99, name="Undated", kind="finish_milestone")
    assert capture_forecasts(projects=[cast.project], date=dt.date(2026, 11, 20)) == 1
    assert not MilestoneForecast.objects.filter(activity__plan=other).exists()


def test_reporting_dates_by_the_rhythm_of_the_portfolio(cast):
    portfolio = cast.portfolio  # first date Friday, 6 November 2026, every 14 days, Hamburg
    assert reports_on(portfolio, dt.date(2026, 11, 6)) and reports_on(portfolio, dt.date(2026, 11, 20))
    assert not reports_on(portfolio, dt.date(2026, 11, 13)) and not reports_on(portfolio, dt.date(2026, 10, 23))
    # 1 January 2027 is a holiday: the working day before it.
    assert reports_on(portfolio, dt.date(2026, 12, 31)) and not reports_on(portfolio, dt.date(2027, 1, 1))
    portfolio.cycle_anchor = None
    assert not reports_on(portfolio, dt.date(2026, 11, 6))


def test_the_daily_job_captures_on_reporting_dates_only(cast, plan, monkeypatch):
    class Silent:
        def check_cancelled(self) -> None: ...

    for day, count in ((dt.date(2026, 11, 19), 0), (dt.date(2026, 11, 20), 1), (dt.date(2026, 11, 20), 1)):
        monkeypatch.setattr("stellwerk.planning.jobs.timezone.localdate", lambda day=day: day)
        daily_forecasts(Silent())
        assert MilestoneForecast.objects.count() == count


def test_delay_in_working_days_against_the_approved_and_b0_kept(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 1, 29, 17))
    approved(plan, by=cast.paul, approver=cast.stefan, reason="Later")
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 2, 1, 17))
    gate = plan_milestones(plan)[0]
    assert (gate.first, gate.baseline, gate.delay) == (dt.date(2027, 1, 22), dt.date(2027, 1, 29), 1)
    assert gate.days == 3 and not gate.hot  # calendar days against the approved one, B0 is ten days back
    gate.points = [TrendPoint(dt.date(2026, 9, 1), dt.date(2027, 1, 1)), TrendPoint(dt.date(2026, 9, 2), dt.date(2027, 1, 2)), TrendPoint(dt.date(2026, 9, 3), dt.date(2027, 1, 3))]  # fmt: skip
    assert gate.trend.never and gate.hot


def test_a_portfolio_is_read_in_constant_queries(cast, plan, django_assert_num_queries):
    cast.project.gates.create(code="G3", order=3)
    approved(plan, by=cast.paul, approver=cast.stefan)
    portfolio_milestones(cast.portfolio, cast.petra)
    with django_assert_num_queries(5):
        assert len(portfolio_milestones(cast.portfolio, cast.petra)) == 1
    example_plan(cast.other_project)
    cast.other_project.gates.create(code="G3", order=3)
    with django_assert_num_queries(5):
        assert len(portfolio_milestones(cast.portfolio, cast.petra)) == 2
