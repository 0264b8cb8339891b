"""Schedule and cost risk of stored plans: what goes in, what is told, who may, what is refused."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from stellwerk.controlling.models import CostType, SimulationRun
from stellwerk.controlling.services.simulation import asked_of, plans_of, simulated, start_run, stop_run
from stellwerk.controlling.simulation.case import Asked
from stellwerk.controlling.simulation.results import told_of
from stellwerk.controlling.simulation.risks import Risk
from stellwerk.controlling.tests.sheets import FEB, JAN, MAR, approved, booked, line
from stellwerk.controlling.tests.simulated import DAY, activity, estimate, plan_of, small_plan
from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.jobs import run_pending
from stellwerk.planning.models import Link
from stellwerk.portfolio.models import Figure, Project

TODAY = dt.date(2027, 1, 11)
FEW = Asked(2_000, 1)


def run_of(project: Project, asked: Asked = FEW, **options):
    case, outcome = simulated(plans_of(project=project, by=None), asked=asked, today=TODAY, **options)
    return case, told_of(case, asked, outcome)


def test_without_estimates_the_plan_comes_out(cast):
    small_plan(cast.project)
    _case, told = run_of(cast.project)
    assert told["finish"]["plan"] == "2027-02-19"  # 30 working days from 11 January
    assert set(told["finish"]["shares"].values()) == {"2027-02-19"}
    assert told["cost"] == {} and told["counts"]["estimates"] == 0


def test_estimates_move_the_finish_and_the_critical_activity_matters_most(cast):
    small_plan(cast.project)
    estimate("Design", 8, 10, 15)
    estimate("Build", 18, 20, 30)
    estimate("Test", 4, 5, 6)
    Project.objects.filter(pk=cast.project.pk).update(finish_baseline=dt.date(2027, 2, 19))
    _case, told = run_of(cast.project)
    shares = told["finish"]["shares"]
    # means 11 and 22.67 days: 33.67 working days, so about 25 February
    assert shares["50"] in ("2027-02-24", "2027-02-25", "2027-02-26")
    assert shares["10"] < shares["50"] < shares["90"] <= "2027-03-12"
    assert 0 < told["finish"]["share"] < 0.2
    names = [activity.pk for activity in (activity("Build"), activity("Design"))]
    assert [row["pk"] for row in told["activities"][:2]] == names
    assert [row["criticality"] for row in told["activities"]] == [1.0, 1.0, 0.0]
    assert told["activities"][0]["cruciality"] == pytest.approx(0.88, abs=0.03)
    assert sum(told["finish"]["bars"]["counts"]) == 2_000


def test_the_same_seed_tells_the_same_and_another_one_differs(cast):
    small_plan(cast.project)
    estimate("Build", 18, 20, 30)
    first = run_of(cast.project)[1]
    assert first == run_of(cast.project)[1]
    assert first["finish"]["bars"] != run_of(cast.project, Asked(2_000, 2))[1]["finish"]["bars"]


def test_cost_is_what_is_spent_what_the_budget_leaves_and_what_longer_work_costs(cast):
    small_plan(cast.project)
    labour = CostType.objects.create(key="CTY-1", name="Own people", name_en="Own people", labour=True)
    design, build = activity("Design"), activity("Build")
    budget = approved(
        cast,
        line(1, text="Design", wbs=design.wbs, cost_type=labour.pk, months={JAN: 1000_00}),
        line(2, text="Machine", wbs=build.wbs, months={FEB: 5000_00}),
        line(3, text="Licences", months={MAR: 300_00}),
        line(4, text="Risks", reserve="contingency", months={MAR: 400_00}),
    )
    booked(cast, JAN, 200_00)
    assert [row.activity_id for row in budget.lines.order_by("position")][:2] == [design.pk, build.pk]
    estimate("Design", 10, 10, 30)
    _case, told = run_of(cast.project)
    # Design costs 100.00 a day: 1,000 at least, 3,000 at most, 1,666.67 on average; the rest does not move.
    cost = told["cost"]
    assert (cost["budget"], cost["reserve"], cost["spent"]) == (6300_00, 400_00, 200_00)
    assert cost["mean"] == pytest.approx(200_00 + 1666_67 + 5000_00 + 300_00, rel=0.005)
    assert cost["shares"]["95"] < 200_00 + 3000_00 + 5300_00
    # P(cost ≤ 6,300): Design ≤ 800, never; with contingency Design ≤ 1,200: 12 days: 1 − (18/20)² = 0.19
    assert cost["share"] == 0 and cost["share_reserve"] == pytest.approx(0.19, abs=0.03)
    assert told["projects"][0]["basis"] == "budget"


def test_estimated_costs_take_the_place_of_the_budget_of_their_activity(cast):
    small_plan(cast.project)
    approved(cast, line(1, text="Build", wbs=activity("Build").wbs, months={FEB: 5000_00}))
    estimate("Build", 20, 20, 20, cost_low=4000_00, cost_likely=5000_00, cost_high=9000_00)
    _case, told = run_of(cast.project)
    assert told["cost"]["mean"] == pytest.approx(6000_00, rel=0.01)


def test_without_a_budget_the_planned_cost_of_the_activities_counts(cast):
    small_plan(cast.project)
    build = activity("Build")
    type(build).objects.filter(pk=build.pk).update(cost=700_00)
    _case, told = run_of(cast.project)
    assert told["cost"]["shares"]["50"] == 700_00 and told["projects"][0]["basis"] == "plan"


def test_a_risk_delays_its_activity_and_costs_money(cast):
    small_plan(cast.project)
    risk = Risk(
        "Supplier fails",
        0.4,
        cast.project.pk,
        activity=activity("Build").pk,
        delay=(10 * DAY,) * 3,
        cost=(1000_00,) * 3,
    )
    _case, told = run_of(cast.project, risks=[risk])
    assert told["risks"][0]["frequency"] == pytest.approx(0.4, abs=0.03)
    assert told["risks"][0]["delay"] == pytest.approx(14, abs=0.1)  # ten working days
    assert told["risks"][0]["cost"] == 1000_00
    assert told["finish"]["shares"]["50"] == "2027-02-19" and told["finish"]["shares"]["70"] == "2027-03-05"


def test_what_moves_together_spreads_wider(cast):
    small_plan(cast.project)
    estimate("Design", 5, 10, 15)
    estimate("Build", 15, 20, 25)
    alone = run_of(cast.project)[1]["finish"]["std"]
    together = run_of(cast.project, Asked(2_000, 1, 1.0, "project"))[1]["finish"]["std"]
    assert together == pytest.approx(alone * 2**0.5, rel=0.08)
    assert run_of(cast.project, Asked(2_000, 1, 1.0, "group"))[1]["finish"]["std"] == alone  # nobody is in a group


def test_links_between_projects_count(cast):
    small_plan(cast.project)
    other = plan_of(cast.other_project, ("Rollout", 5, None))
    Link.objects.create(plan=other, predecessor=activity("Build"), successor=activity("Rollout"), type="FS")
    Project.objects.filter(pk=cast.other_project.pk).update(portfolio=cast.portfolio)
    estimate("Build", 20, 20, 40)
    case, outcome = simulated(plans_of(portfolio=cast.portfolio, by=None), asked=FEW, today=TODAY)
    told = told_of(case, FEW, outcome)
    by = {row["pk"]: row for row in told["projects"]}
    assert by[cast.other_project.pk]["finish"]["10"] > by[cast.project.pk]["finish"]["10"]
    assert told["finish"]["shares"]["50"] == by[cast.other_project.pk]["finish"]["50"]
    assert json.loads(json.dumps(told)) == told


def test_a_run_is_computed_in_the_background_and_keeps_what_it_told(cast):
    small_plan(cast.project)
    estimate("Build", 18, 20, 30)
    run = start_run(project=cast.project, asked=Asked(500, 7, 0.3, "project"), by=cast.paul)
    assert run.state == "running" and asked_of(run) == Asked(500, 7, 0.3, "project")
    run_pending()
    run.refresh_from_db()
    assert run.state == "done" and run.told["iterations"] == 500
    p80 = dt.date.fromisoformat(run.told["finish"]["shares"]["80"])
    assert Figure.objects.get(project=cast.project, code="risk.finish_p80").day == p80
    with pytest.raises(WrongState):
        stop_run(run=run, by=cast.paul)


def test_a_stopped_run_keeps_the_iterations_that_are_done(cast):
    small_plan(cast.project)
    estimate("Build", 18, 20, 30)
    run = start_run(project=cast.project, asked=Asked(50_000), by=cast.paul)
    stop_run(run=run, by=cast.paul)
    run_pending()
    run.refresh_from_db()
    assert run.state == "stopped" and 0 < run.told["iterations"] < 50_000


@pytest.mark.parametrize("who", ["tom", "rita", "uwe", "ada", "stefan", "elke"])
def test_only_who_plans_simulates(cast, who):
    small_plan(cast.project)
    with pytest.raises(NotAllowed):
        start_run(project=cast.project, asked=FEW, by=getattr(cast, who))
    assert not SimulationRun.objects.exists()


def test_a_scope_without_a_plan_is_refused(cast):
    with pytest.raises(Refused) as refused:
        start_run(project=cast.project, asked=FEW, by=cast.paul)
    assert refused.value.code == "no_plan"


def test_numbers_out_of_range_are_named_at_their_field(cast):
    small_plan(cast.project)
    for asked, name in (
        (Asked(10), "iterations"), (Asked(500, -1), "seed"), (Asked(500, 1, 1.5), "correlation"),
        (Asked(500, 1, 0, "x"), "together"), (Asked(500, 1, 0, "group", "x"), "distribution"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            start_run(project=cast.project, asked=asked, by=cast.paul)
        assert list(refused.value.errors) == [name]


def test_risks_that_cannot_be_are_named_with_their_row(cast):
    small_plan(cast.project)
    number = cast.project.pk
    risks = [
        Risk("Fine", 0.5, number, cost=(1, 2, 3)),
        Risk("Above one", 1.2, number, cost=(1, 2, 3)),
        Risk("Order", 0.5, number, cost=(3, 2, 1)),
        Risk("", 0.5, number, cost=(1, 1, 1)),
        Risk("Nothing", 0.5, number),
        Risk("Nowhere", 0.5, number, delay=(1, 2, 3)),
    ]
    with pytest.raises(Invalid) as refused:
        start_run(project=cast.project, asked=FEW, risks=risks, by=cast.paul)
    assert list(refused.value.errors) == [f"risk-{at}" for at in range(2, 7)]
    assert "120 %" in refused.value.errors["risk-2"][0] and "out of order" in refused.value.errors["risk-3"][0]
    elsewhere = [Risk("Elsewhere", 0.5, cast.other_project.pk, cost=(1, 1, 1))]
    with pytest.raises(Invalid, match="not part"):
        start_run(project=cast.project, asked=FEW, risks=elsewhere, by=cast.paul)
