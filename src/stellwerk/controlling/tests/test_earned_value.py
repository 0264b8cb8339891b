"""Earned value of projects from budget lines, progress and bookings; the worked example ALPHA of domain.md, and each figure's parts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from stellwerk.controlling import months as m
from stellwerk.controlling.models import Booking, Budget, BudgetLine, BudgetMonth, MoneyRules
from stellwerk.controlling.selectors.earned_value import Sources, earned_value, earned_values
from stellwerk.engine.money import minor
from stellwerk.planning.choices import EvMethod, Kind
from stellwerk.planning.models import Activity, Plan

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 1)
MAY = dt.date(2026, 5, 31)
ALPHA = (20, 40, 60, 80, 100, 90, 70, 40)  # thousands by month: 0, 20, 60, 120, 200, 300, 390, 460, 500 cumulative
K = 1_000_00


@pytest.fixture
def alpha(cast):
    """Project ALPHA: 500 k€ over eight months on one work package, 46 % complete, 260 k€ spent, 310 k€ expected."""
    plan = Plan.objects.create(project=cast.project, start="2026-01-01T08:00")
    cast.work = Activity.objects.create(
        plan=plan, uid=1, position=1, name="Alles", percent=Decimal(46), state="in_progress"
    )
    cast.line = line_of(budget_of(cast.project), cast.work, [amount * K for amount in ALPHA])
    spend(cast, 260 * K, dt.date(2026, 4, 15), cast.work)
    forecast = budget_of(cast.project, kind="forecast", first_open=dt.date(2026, 6, 1), number=1)
    line_of(forecast, cast.work, [100 * K, 110 * K, 100 * K], first=dt.date(2026, 6, 1))
    return cast


def budget_of(project, **more):
    at = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    return Budget.objects.create(**{"project": project, "key": f"BUD-{Budget.objects.count() + 1}", "state": "approved", "approved_at": at} | more)  # fmt: skip


def line_of(budget, activity, amounts, first=FIRST, **more):
    line = BudgetLine.objects.create(budget=budget, activity=activity, position=budget.lines.count(), **more)
    for number, amount in enumerate(amounts):
        BudgetMonth.objects.create(line=line, month=m.step(first, number), amount=amount)
    return line


def spend(cast, amount, posted, activity=None, month=None, **more):
    return Booking.objects.create(
        organisation=cast.organisation, month=month or m.month_of(posted), posted=posted, project=cast.project, activity=activity, amount=amount,
        currency="EUR", project_amount=amount, project_currency="EUR", fingerprint=str(Booking.objects.count()), **more,
    )  # fmt: skip


def test_alpha_to_the_digit(alpha):
    view = earned_value(alpha.project, MAY)
    values = view.measures
    assert (values.bac, values.pv, values.ev, values.ac) == (500 * K, 300 * K, 230 * K, 260 * K)
    assert (values.cv, values.sv) == (-30 * K, -70 * K)
    assert (round(values.cpi, 4), round(values.spi, 4)) == (Fraction(8846, 10000), Fraction(7667, 10000))
    assert [minor(one) for one in (values.eac1, values.eac2, values.eac3, values.eac4)] == [
        530 * K,
        565_217_39,
        658_109_64,
        570 * K,
    ]
    assert minor(values.eac) == 565_217_39
    assert round(values.overrun, 4) == Fraction(1304, 10000)


def test_earned_schedule_counts_the_weekdays_of_the_plan(alpha):
    view = earned_value(alpha.project, MAY)
    assert view.plan.cumulative[-1] == 500 * K
    # April holds 22 weekdays and earns 80 k of the plan, May 21 and 100 k: 230 k lies 6.3 weekdays into May.
    days = sum(len(m.weekdays(month, m.last_day(month))) for month in m.between(FIRST, dt.date(2026, 4, 1)))
    assert view.schedule.es_date == m.weekdays(dt.date(2026, 5, 1), MAY)[6]
    assert abs(view.schedule.schedule.es - (days + Fraction(63, 10))) < Fraction(1, 1000)
    assert abs(view.schedule.months("es") - Fraction(43, 10)) < Fraction(1, 10)


def test_planned_value_within_a_month_runs_over_its_weekdays_and_agrees_with_the_curve(alpha):
    BudgetMonth.objects.create(line=alpha.line, month=dt.date(2026, 9, 1), amount=10_01)
    for day in (dt.date(2026, 5, 4), dt.date(2026, 5, 17), dt.date(2026, 9, 10), dt.date(2026, 9, 30)):
        view = earned_value(alpha.project, day)
        assert view.measures.pv == view.plan.planned(day) == sum(row.pv for row in view.packages)
    assert earned_value(alpha.project, dt.date(2026, 9, 30)).measures.pv == 500 * K + 10_01


def test_reserves_stay_outside_the_budget_at_completion(alpha):
    line_of(alpha.line.budget, None, [50 * K], reserve="contingency")
    assert earned_value(alpha.project, MAY).measures.bac == 500 * K


def test_the_methods_of_the_worked_example_earn_58_of_112(cast):
    plan = Plan.objects.create(project=cast.project, start="2026-01-01T08:00")
    budget = budget_of(cast.project)
    rows = (
        ("0_100", 10, {"percent": 30, "state": "in_progress"}), ("50_50", 20, {"percent": 10, "state": "in_progress"}),
        ("weighted", 40, {}), ("percent", 30, {"percent": 60}), ("loe", 12, {}),
    )  # fmt: skip
    at = 0
    for method, amount, more in rows:
        at += 1
        work = Activity.objects.create(plan=plan, uid=at, position=at, name=method, ev_method=method, level=1, **more)
        line_of(budget, work, [amount * K], first=dt.date(2026, 6, 1))
        if method == EvMethod.WEIGHTED:
            for weight, state in ((25, "completed"), (35, "completed"), (40, "not_started")):
                at += 1
                Activity.objects.create(
                    plan=plan, uid=at, position=at, name="M", kind=Kind.MILESTONE, weight=weight, state=state, level=2
                )
    view = earned_value(cast.project, dt.date(2026, 6, 15))  # half of the 22 weekdays of June
    assert {row.name: row.ev // K for row in view.packages} == {
        "0_100": 0,
        "50_50": 10,
        "weighted": 24,
        "percent": 18,
        "loe": 6,
    }
    assert (view.measures.ev, view.measures.bac) == (58 * K, 112 * K)
    assert not view.earned.too_much_effort


def test_percent_is_capped_until_the_work_is_done(alpha):
    Activity.objects.filter(pk=alpha.work.pk).update(percent=95)
    view = earned_value(alpha.project, MAY)
    assert (view.measures.ev, view.packages[0].capped) == (450 * K, True)
    MoneyRules.objects.create(project=alpha.project, percent_cap=100, eac_variant=1)
    assert earned_value(alpha.project, MAY).measures.ev == 475 * K
    Activity.objects.filter(pk=alpha.work.pk).update(state="completed")
    assert earned_value(alpha.project, MAY).measures.ev == 500 * K


def test_the_variant_of_the_project_drives_its_forecast(alpha):
    MoneyRules.objects.create(project=alpha.project, eac_variant=4)
    assert minor(earned_value(alpha.project, MAY).measures.eac) == 570 * K


def test_cost_that_nothing_planned_is_shown_and_counted(alpha):
    spend(alpha, 5 * K, dt.date(2026, 5, 5))
    other = Activity.objects.create(plan=alpha.work.plan, uid=9, position=9, name="Ungeplant")
    spend(alpha, 7 * K, dt.date(2026, 5, 6), other)
    view = earned_value(alpha.project, MAY)
    assert view.measures.ac == 272 * K == sum(row.ac for row in view.packages)
    assert view.unplanned == 12 * K


def test_actual_cost_counts_earlier_months_and_what_was_posted_by_the_day(alpha):
    spend(alpha, 1 * K, dt.date(2026, 5, 20), alpha.work)
    spend(alpha, 2 * K, dt.date(2026, 6, 3), alpha.work, month=dt.date(2026, 5, 1))  # a closing entry of May
    spend(alpha, 4 * K, dt.date(2026, 5, 10), alpha.work, kind="commitment")
    spend(alpha, 8 * K, dt.date(2026, 5, 10), alpha.work, left_out="labour")
    assert earned_value(alpha.project, dt.date(2026, 5, 19)).measures.ac == 260 * K
    assert earned_value(alpha.project, dt.date(2026, 5, 21)).measures.ac == 261 * K
    view = earned_value(alpha.project, MAY)
    assert (view.measures.ac, view.commitment) == (263 * K, 4 * K)


@pytest.mark.parametrize(
    ("booked", "rest", "expected"),
    [
        (0, 310, 570),
        (30, 280, 570),
        (100, 210, 570),
        (130, 210, 600),
        (-10, 310, 560),
    ],  # thousands; June is expected at 100
)
def test_what_the_running_month_has_cost_already_is_not_expected_again(alpha, booked, rest, expected):
    """AC + ETC counts June once: as the forecast expects it, or as it is where it became dearer. A reversal of old cost saves money."""
    if booked:
        spend(alpha, booked * K, dt.date(2026, 6, 8), alpha.work)
    MoneyRules.objects.update_or_create(project=alpha.project, defaults={"eac_variant": 4})
    measures = earned_value(alpha.project, dt.date(2026, 6, 15)).measures
    assert (measures.ac, measures.bottom_up_etc, minor(measures.eac)) == ((260 + booked) * K, rest * K, expected * K)


def test_a_credit_that_a_forecast_expects_is_taken_once(alpha):
    budget = budget_of(alpha.project, kind="forecast", first_open=dt.date(2026, 6, 1), number=2)
    line_of(budget, alpha.work, [-40 * K, 100 * K], first=dt.date(2026, 6, 1))
    spend(alpha, -30 * K, dt.date(2026, 6, 8), alpha.work)
    assert earned_value(alpha.project, dt.date(2026, 6, 15)).measures.bottom_up_etc == 90 * K


def test_without_an_approved_budget_there_are_no_measures_but_cost(alpha):
    Budget.objects.update(state="draft")
    view = earned_value(alpha.project, MAY)
    assert view.measures is None
    assert view.spi_t is None
    assert sum(view.actual_months.values()) == 260 * K


def test_the_budget_of_the_day_counts(alpha):
    later = budget_of(alpha.project, number=1, approved_at=dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
    line_of(later, alpha.work, [900 * K])
    Budget.objects.filter(number=0, kind="plan").update(state="superseded")
    assert earned_value(alpha.project, MAY).measures.bac == 500 * K
    assert earned_value(alpha.project, dt.date(2026, 7, 31)).measures.bac == 900 * K


def test_many_projects_cost_as_many_queries_as_one(alpha, django_assert_max_num_queries):
    other = budget_of(alpha.other_project)
    line_of(other, None, [10 * K])
    with django_assert_max_num_queries(12):
        views = earned_values([alpha.project, alpha.other_project], MAY)
    assert views[alpha.other_project.pk].measures.ev == 10 * K


def test_progress_of_a_former_day_is_estimated_between_its_actual_dates(alpha):
    """Begun on Monday 4 May, finished on Friday 29 May: twenty weekdays, so that half is done after ten of them."""
    Activity.objects.filter(pk=alpha.work.pk).update(
        percent=100, state="completed", actual_start="2026-05-04T08:00", actual_finish="2026-05-29T16:00"
    )
    earned = {day: earned_value(alpha.project, dt.date(2026, 5, day)) for day in (3, 15, 28, 31)}
    assert [view.measures.ev // K for view in earned.values()] == [0, 250, 450, 500]  # at most 90 % before the end
    assert all(view.estimated for view in earned.values())
    assert not earned[3].packages[0].progress.started


def test_a_read_for_several_days_gives_each_what_it_gives_alone(alpha, django_assert_max_num_queries):
    spend(alpha, 5 * K, dt.date(2026, 5, 5))
    later = budget_of(alpha.project, number=1, approved_at=dt.datetime(2026, 5, 10, tzinfo=dt.UTC))
    line_of(later, alpha.work, [900 * K])
    days = [dt.date(2026, 3, 31), dt.date(2026, 4, 30), MAY]
    with django_assert_max_num_queries(12):
        sources = Sources([alpha.project], days)
        together = [sources.at(day)[alpha.project.pk] for day in days]
    for day, view in zip(days, together, strict=True):
        alone = earned_value(alpha.project, day)
        assert (view.measures, view.packages, view.actual_months) == (
            alone.measures,
            alone.packages,
            alone.actual_months,
        )
