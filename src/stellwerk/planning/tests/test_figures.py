"""Figures of a plan and the schedule light: when it is computed, and what it must not replace."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from stellwerk.core.models import AuditEntry
from stellwerk.core.services import archive
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.selectors.standing import standing_of
from stellwerk.planning.services.figures import LABEL, write_plan_figures
from stellwerk.planning.tests.plans import add_milestone, approved, at, example_plan
from stellwerk.portfolio.models import Figure
from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.portfolio.services.figures import FigureRow, write_figures

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def plan(cast):
    return example_plan(cast.project)


def light(project, on=TODAY):
    return figures_at([project.pk], ["light.schedule"], on).get(project.pk, {}).get("light.schedule")


def slip(plan, finish, *uids):
    Activity.objects.filter(plan=plan, uid__in=uids or (4,)).update(finish=finish)


def test_without_a_baseline_there_is_no_light_and_no_date_of_the_project_moves(cast, plan):
    write_plan_figures(plan, on=TODAY)
    found = figures_at([cast.project.pk], None, TODAY)[cast.project.pk]
    assert found["plan.finish"].day == dt.date(2027, 1, 29)
    assert found["plan.critical"].value == 3
    assert "light.schedule" not in found and "finish.forecast" not in found and "plan.finish_delay" not in found
    cast.project.refresh_from_db()
    assert cast.project.finish_forecast is None


@pytest.mark.parametrize(
    ("finish", "days", "colour"),
    [
        (at(2027, 1, 22, 17), 0, "green"),
        (at(2027, 1, 29, 17), 5, "green"),
        (at(2027, 2, 1, 8), 5, "green"),  # the next morning is no working time later
        (at(2027, 2, 1, 9), Decimal("5.125"), "amber"),
        (at(2027, 2, 19, 17), 20, "amber"),
        (at(2027, 2, 22, 9), Decimal("20.125"), "red"),
        (at(2027, 1, 15, 17), -5, "green"),
    ],
)
def test_the_light_follows_the_worst_gate_or_critical_milestone(cast, plan, finish, days, colour):
    approved(plan, by=cast.paul, approver=cast.stefan)
    slip(plan, finish)
    assert max(d.days for d in [standing_of(plan, TODAY).worst]) == max(days, 0)  # the end of the project is on time
    write_plan_figures(plan, on=TODAY)
    figure = light(cast.project)
    assert (figure.light, figure.source, figure.source_label) == (colour, "computed", LABEL)


def test_a_milestone_that_is_neither_critical_nor_a_gate_does_not_count(cast, plan):
    row = add_milestone(plan, 8, "Party", at(2027, 1, 8, 17), code="P1")
    approved(plan, by=cast.paul, approver=cast.stefan)
    slip(plan, at(2027, 3, 31, 17), 8)
    Activity.objects.filter(plan=plan, uid__in=(5,)).update(finish=at(2027, 3, 31, 17))
    assert standing_of(plan, TODAY).worst.name == ""  # the end counts, the party does not
    Activity.objects.filter(plan=plan, uid=5).update(finish=at(2027, 1, 29, 17))
    Activity.objects.filter(pk=row.pk).update(finish=at(2027, 1, 28, 17))
    assert standing_of(plan, TODAY).worst.days == 0
    cast.project.gates.create(code="P 1", order=5)
    assert (standing_of(plan, TODAY).worst.name, standing_of(plan, TODAY).worst.days) == ("Party", 14)


def test_what_is_reached_is_no_delay_any_more(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    slip(plan, at(2027, 3, 31, 17))
    Activity.objects.filter(plan=plan, uid=4).update(
        actual_finish=at(2027, 3, 31, 17), actual_start=at(2027, 3, 31, 17)
    )
    assert standing_of(plan, TODAY).worst.name == ""
    Activity.objects.filter(plan=plan).update(percent=100)
    assert standing_of(plan, TODAY).worst is None


def test_counts_of_critical_late_and_overdue(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan, uid=3).update(finish=at(2027, 1, 26, 17))
    Activity.objects.filter(plan=plan, uid=2).update(percent=100, finish=at(2027, 1, 20, 17))
    found = standing_of(plan, dt.date(2027, 1, 27))
    assert (found.critical, found.late, found.overdue) == (2, 1, 2)  # Hall and Manual are overdue
    found = standing_of(plan, dt.date(2027, 1, 7))
    assert found.overdue == 1
    hall = Activity.objects.get(plan=plan, uid=3)
    hall.delete()
    hall.pk = None
    hall.save(force_insert=True)  # removed and brought back by an undo
    assert standing_of(plan, TODAY).late == 1


def test_a_reported_light_stands_until_one_is_computed(cast, plan):
    row = FigureRow(
        cast.project.pk,
        "light.schedule",
        dt.date(2026, 11, 20),
        light="amber",
        source="reported",
        source_label="REP-0001",
    )
    write_figures(rows=[row], by=None)
    write_plan_figures(plan, on=TODAY)
    assert light(cast.project).source == "reported"
    approved(plan, by=cast.paul, approver=cast.stefan)
    write_plan_figures(plan, on=TODAY)
    assert (light(cast.project).light, light(cast.project).source) == ("green", "computed")
    assert light(cast.project, dt.date(2026, 11, 20)).light == "amber"


def test_an_override_stands_for_its_cycle(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    row = FigureRow(
        cast.project.pk, "light.schedule", dt.date(2026, 11, 20), light="red", text="green", source="overridden", source_label="REP-0001"
    )  # fmt: skip
    write_figures(rows=[row], by=None)
    for day in (TODAY, dt.date(2026, 12, 4)):
        write_plan_figures(plan, on=day)
        assert light(cast.project, day).source == "overridden", day
    write_plan_figures(plan, on=dt.date(2026, 12, 5))
    assert light(cast.project, dt.date(2026, 12, 5)).source == "computed"


def test_a_missed_report_stays_grey_for_its_cycle(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    row = FigureRow(
        cast.project.pk, "light.schedule", dt.date(2026, 11, 20), light="grey", text="missed", source_label="REP-0001"
    )
    write_figures(rows=[row], by=None)
    write_plan_figures(plan, on=TODAY)
    assert light(cast.project).light == "grey"


def test_a_project_on_hold_closed_or_archived_gets_no_light(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    for phase in ("on_hold", "closed", "stopped"):
        type(cast.project).objects.filter(pk=cast.project.pk).update(phase=phase)
        write_plan_figures(plan, on=TODAY)
        assert light(cast.project) is None, phase
    type(cast.project).objects.filter(pk=cast.project.pk).update(phase="executing")
    archive(cast.project, by=cast.petra)
    assert write_plan_figures(plan, on=TODAY) == 0


def test_the_same_again_writes_nothing_but_a_light_is_kept_young(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    assert write_plan_figures(plan, on=TODAY) > 0
    count = Figure.objects.count()
    assert write_plan_figures(plan, on=TODAY) == 0
    assert write_plan_figures(plan, on=TODAY + dt.timedelta(days=3)) == 0
    assert Figure.objects.count() == count
    assert write_plan_figures(plan, on=TODAY + dt.timedelta(days=7)) == 1
    assert light(cast.project, TODAY + dt.timedelta(days=7)).date == TODAY + dt.timedelta(days=7)


def test_the_worst_indicator_wins(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    write_figures(rows=[FigureRow(cast.project.pk, "spi_t", TODAY, value=Decimal("0.86"))], by=None)
    write_plan_figures(plan, on=TODAY)
    assert light(cast.project).light == "amber" and "0.86" in light(cast.project).text.replace(",", ".")


def test_own_thresholds_of_the_portfolio_count(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    type(cast.portfolio).objects.filter(pk=cast.portfolio.pk).update(
        thresholds={"milestone_delay": {"green": "1", "amber": "4"}}
    )
    slip(plan, at(2027, 1, 29, 17))
    write_plan_figures(plan, on=TODAY)
    assert light(cast.project).light == "red"
    type(cast.portfolio).objects.filter(pk=cast.portfolio.pk).update(thresholds={"milestone_delay": "nonsense"})
    write_plan_figures(plan, on=TODAY)
    assert light(cast.project).light == "green"


def test_from_the_approval_on_the_forecast_of_the_project_follows_the_plan(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    write_plan_figures(plan, on=TODAY)
    slip(plan, at(2027, 2, 12, 17), 5)
    write_plan_figures(plan, on=TODAY)
    cast.project.refresh_from_db()
    assert (cast.project.finish_baseline, cast.project.finish_forecast) == (dt.date(2027, 1, 29), dt.date(2027, 2, 12))
    entry = AuditEntry.objects.filter(entity_type="portfolio.project", verb="schedule").first()
    assert entry.changes == {"finish_forecast": ["2027-01-29", "2027-02-12"]}
    found = figures_at([cast.project.pk], None, TODAY)[cast.project.pk]
    assert found["finish.forecast"].day == dt.date(2027, 2, 12) and found["finish.baseline"].day == dt.date(2027, 1, 29)
    assert found["plan.finish_delay"].value == 10


def test_a_plan_without_rows_has_figures_without_dates(cast):
    plan = Plan.objects.create(project=cast.project, start=at(2027, 1, 4))
    write_plan_figures(plan, on=TODAY)
    assert "plan.finish" not in figures_at([cast.project.pk], None, TODAY).get(cast.project.pk, {})


def test_few_queries_whatever_the_size(cast, plan, django_assert_max_num_queries):
    approved(plan, by=cast.paul, approver=cast.stefan)
    write_plan_figures(plan, on=TODAY)
    for uid in range(100, 160):
        add_milestone(plan, uid, f"M{uid}", at(2027, 1, 22, 17), critical=True)
    with django_assert_max_num_queries(16):
        write_plan_figures(plan, on=TODAY)
