"""Figures and lights of earned value: what is written, what stands, why."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from stellwerk.controlling.models import Budget
from stellwerk.controlling.services.evm_figures import LABEL, note_money_change, write_ev_figures
from stellwerk.controlling.tests.test_earned_value import (
    MAY,
    K,
    alpha,  # noqa: F401 - a fixture
    budget_of,
    line_of,
    spend,
)
from stellwerk.core.models import Job
from stellwerk.planning.models import Activity, Baseline
from stellwerk.portfolio.models import Figure, Gate, Project
from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.portfolio.services.figures import FigureRow, write_figures

pytestmark = pytest.mark.django_db


def now(cast, on=MAY):
    return figures_at([cast.project.pk], None, on)[cast.project.pk]


def test_alpha_is_written_and_red_for_cost(alpha):  # noqa: F811
    assert write_ev_figures(on=MAY) > 0
    found = now(alpha)
    assert {code: found[code].amount for code in ("bac", "pv", "ev", "ac", "eac")} == {
        "bac": 500 * K, "pv": 300 * K, "ev": 230 * K, "ac": 260 * K, "eac": 565_217_39,
    }  # fmt: skip
    assert (round(found["cpi"].value, 4), round(found["spi"].value, 4)) == (Decimal("0.8846"), Decimal("0.7667"))
    light = found["light.cost"]
    assert (light.light, light.source, light.source_label) == ("red", "computed", LABEL)
    assert "13" in light.text
    assert found["light.overall"].light == "red"
    assert light.source_url == "/money/earned-value/project/PRJ-0001"


def test_the_same_again_writes_nothing(alpha):  # noqa: F811
    write_ev_figures(on=MAY)
    count = Figure.objects.count()
    assert (write_ev_figures(on=MAY), Figure.objects.count()) == (0, count)


def test_schedule_follows_from_the_index_where_no_baseline_is_approved(alpha):  # noqa: F811
    """SPI(t) 0.86 is amber (domain.md section 4); a gate 21 working days late makes it red."""
    write_ev_figures(on=MAY)
    assert now(alpha)["light.schedule"].light == "amber"
    Gate.objects.create(
        project=alpha.project, code="G3", name="Abnahme", baseline=dt.date(2026, 6, 1), forecast=dt.date(2026, 6, 30)
    )
    write_ev_figures(on=MAY)
    light = now(alpha)["light.schedule"]
    assert (light.light, light.text) == ("red", "G3 +21 AT")


def test_with_an_approved_baseline_the_plan_judges_and_is_told(alpha):  # noqa: F811
    Baseline.objects.create(plan=alpha.work.plan, number=0, state="approved", data_date="2026-01-01")
    write_ev_figures(on=MAY)
    assert "light.schedule" not in now(alpha)
    assert Job.objects.filter(name="planning.figures", arguments__plan=alpha.work.plan_id).exists()


def test_thresholds_of_the_portfolio_count(alpha):  # noqa: F811
    alpha.portfolio.thresholds = {
        "eac_overrun": {"green": "0.15", "amber": "0.2"},
        "over_approved_budget": {"green": "99999999999"},
    }
    alpha.portfolio.save()
    write_ev_figures(on=MAY)
    assert now(alpha)["light.cost"].light == "green"


def test_above_the_approved_budget_is_red_though_the_overrun_is_small(alpha):  # noqa: F811
    """4 % above the budget is green by the overrun, but nothing beyond the budget has been approved; a reserve covers it."""
    Activity.objects.filter(pk=alpha.work.pk).update(percent=50)  # CPI 250 / 260: EAC 520
    write_ev_figures(on=MAY)
    light = now(alpha)["light.cost"]
    assert light.light == "red"
    line_of(Budget.objects.get(kind="plan"), None, [20 * K], reserve="contingency")
    write_ev_figures(on=MAY)
    assert now(alpha)["light.cost"].light == "green"


@pytest.mark.parametrize(("source", "light", "age", "stays"), [
    ("overridden", "green", 14, True), ("overridden", "green", 15, False), ("computed", "grey", 14, True),
    ("computed", "grey", 15, False), ("reported", "green", 0, False),
])  # fmt: skip
def test_an_override_stands_until_its_cycle_is_over_and_a_missed_report_stays_grey(alpha, source, light, age, stays):  # noqa: F811
    day = MAY - dt.timedelta(days=age)
    write_figures(rows=[FigureRow(alpha.project.pk, "light.cost", day, light=light, source=source, source_label="REP-0001")], by=None)  # fmt: skip
    write_ev_figures(on=MAY)
    assert now(alpha)["light.cost"].light == (light if stays else "red")


def test_no_cost_booked_is_grey_and_never_green(cast):
    """Half is earned and nothing is booked: the forecast would only repeat the budget."""
    plan_of = budget_of(cast.project)
    line_of(plan_of, None, [10 * K] * 10)
    write_ev_figures(on=MAY)
    light = now(cast)["light.cost"]
    assert (light.light, light.text) == ("grey", "noch keine Kosten gebucht")


def test_no_data_does_not_take_a_told_colour_away(cast):
    line_of(budget_of(cast.project), None, [10 * K] * 10)
    write_figures(rows=[FigureRow(cast.project.pk, "light.cost", MAY, light="amber", source="reported")], by=None)
    write_ev_figures(on=MAY)
    assert now(cast)["light.cost"].light == "amber"


def test_without_an_approved_budget_what_was_reported_stays(cast):
    write_figures(rows=[FigureRow(cast.project.pk, "eac", MAY, amount=5, currency="EUR", source="reported")], by=None)
    assert write_ev_figures(on=MAY) == 0


@pytest.mark.parametrize(
    "values", [{"phase": "closed"}, {"phase": "stopped"}, {"archived_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}]
)
def test_projects_that_are_over_stay_as_they_were(alpha, values):  # noqa: F811
    Project.objects.filter(pk=alpha.project.pk).update(**values)
    assert write_ev_figures(on=MAY) == 0


def test_on_hold_gets_figures_but_no_light(alpha):  # noqa: F811
    Project.objects.filter(pk=alpha.project.pk).update(phase="on_hold")
    write_ev_figures(on=MAY)
    assert now(alpha)["ev"].amount == 230 * K
    assert "light.cost" not in now(alpha)


def test_an_index_that_is_no_longer_defined_does_not_stay(alpha):  # noqa: F811
    write_ev_figures(on=MAY)
    spend(alpha, -260 * K, dt.date(2026, 5, 2), alpha.work)
    write_ev_figures(on=MAY)
    assert now(alpha)["cpi"].value is None


def test_many_projects_cost_as_many_queries_as_one(alpha, django_assert_max_num_queries):  # noqa: F811
    line_of(budget_of(alpha.other_project), None, [10 * K] * 10)
    with django_assert_max_num_queries(40):
        write_ev_figures(on=MAY)


def test_a_booking_has_the_figures_written_soon_once(alpha):  # noqa: F811
    from stellwerk.controlling.services.figures import write_cost_figures

    for _again in range(2):
        write_cost_figures([alpha.project.pk])
    jobs = Job.objects.filter(name="controlling.evm")
    assert [job.arguments for job in jobs] == [{"project": alpha.project.pk}]


def test_a_large_import_asks_for_all_projects_in_one_job(cast):
    note_money_change(range(1, 40))
    assert list(Job.objects.values_list("name", flat=True)) == ["controlling.evm_daily"]
