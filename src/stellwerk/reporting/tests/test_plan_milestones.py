"""A project with a plan reports the milestones of its plan; the cycle keeps their forecasts when it freezes the data."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse

from stellwerk.core.errors import Invalid
from stellwerk.core.models import Grant, Scope
from stellwerk.core.permissions import can
from stellwerk.planning.models import Activity, Link, MilestoneForecast
from stellwerk.planning.services.aftermath import after_change
from stellwerk.planning.tests.plans import add_milestone, approved, at, example_plan
from stellwerk.reporting import selectors
from stellwerk.reporting.endpoints import _gates
from stellwerk.reporting.freeze import status_payload
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.reporting.services import start_report
from stellwerk.reporting.services.cycles import take_due_steps
from stellwerk.reporting.services.following import take_over_plan
from stellwerk.reporting.services.reports import save_report
from stellwerk.reporting.tests.conftest import DATA_DATE, published


@pytest.fixture
def plan(cast):
    plan = example_plan(cast.project)
    cast.project.gates.create(code="G2", order=2, baseline=dt.date(2026, 6, 30), actual=dt.date(2026, 6, 30))
    cast.project.gates.create(code="G3", name="Old name", order=3, forecast=dt.date(2030, 1, 1))
    approved(plan, by=cast.paul, approver=cast.stefan)
    return plan


def rows(report):
    return {gate["code"]: gate for gate in report.gates}


def test_a_report_takes_the_milestones_from_the_plan(cast, plan):
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 2, 1, 17))
    found = rows(start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE))
    assert list(found) == ["G2", "G3"]
    gate = found["G3"]
    assert (gate["name"], gate["baseline"], gate["forecast"], gate["actual"]) == (
        "Ready for operation",
        "2027-01-22",
        "2027-02-01",
        "",
    )
    assert gate["plan"] and "plan" not in found["G2"]


def test_without_a_plan_the_gates_of_the_project_stay(cast):
    cast.project.gates.create(code="G3", name="Go-live", order=3, forecast=dt.date(2027, 1, 1))
    assert rows(start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE))["G3"]["forecast"] == "2027-01-01"


def test_six_milestones_gates_and_critical_ones_first(cast, plan):
    for uid in range(10, 20):
        add_milestone(plan, uid, f"Step {uid}", at(2027, 2, uid, 17), critical=uid == 19)
    Activity.objects.filter(plan=plan, uid=10).update(
        actual_start=at(2026, 11, 18, 17), actual_finish=at(2026, 11, 18, 17)
    )
    report = start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE)
    names = [gate["name"] for gate in report.gates if gate.get("plan")]
    assert names == ["Step 10", "Ready for operation", "Step 11", "Step 12", "Step 13", "Step 19"]
    assert "Step 10 reached on 18 Nov 2026" in report.achieved


def test_dates_of_the_plan_are_changed_in_the_plan(cast, plan):
    report = start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE)
    page = cast.client("paul").get(reverse("reporting:report-edit", args=[report.key])).content.decode()
    assert "from the plan" in page and 'name="gate_1_forecast"' not in page and 'name="gate_0_forecast"' in page
    with pytest.raises(Invalid) as refused:
        _gates(report, [{"code": "G3", "forecast": dt.date(2028, 1, 1)}])
    assert "comes from the plan" in str(refused.value)
    cast.client("paul").post(
        reverse("reporting:report-edit", args=[report.key]),
        {"version": report.version, "gate_1_forecast": "2028-01-01", "summary": "x"},
    )
    report.refresh_from_db()
    assert rows(report)["G3"]["forecast"] == "2027-01-22"


def test_only_what_decides_counts_for_the_computed_light(cast, plan):
    add_milestone(plan, 9, "Party", at(2027, 1, 8, 17))
    approved(plan, by=cast.paul, approver=cast.stefan, reason="Party")
    Activity.objects.filter(plan=plan, uid=9).update(finish=at(2027, 6, 1, 17))
    report = start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE)
    assert {light.dimension: light.computed for light in report.lights.all()}["schedule"] == "green"
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 6, 1, 17))
    report.delete()
    report = start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE)
    assert {light.dimension: light.computed for light in report.lights.all()}["schedule"] == "red"
    report = save_report(report=report, values={"summary": "Still so"}, by=cast.paul)
    assert {light.dimension: light.computed for light in report.lights.all()}["schedule"] == "red"


def test_published_milestones_carry_delta_and_kind(cast, plan):
    add_milestone(plan, 9, "Party", at(2027, 1, 8, 17))
    report = published(cast, data_date=DATA_DATE)
    lines = {line["name"]: line for line in json.loads(json.dumps(report.snapshot.payload))["data"]["milestones"]}
    assert lines["Ready for operation"]["is_gate"] and not lines["Party"].get("is_gate")


def test_the_cycle_keeps_the_forecasts_of_its_data_date(cast, plan):
    cycle = Cycle.objects.create(key="CYC-0001", portfolio=cast.portfolio, number=1, data_date=DATA_DATE)
    take_due_steps(cycle=cycle, now=dt.datetime(2026, 11, 20, 10, 59, tzinfo=dt.UTC))
    assert not MilestoneForecast.objects.exists()
    take_due_steps(cycle=cycle, now=dt.datetime(2026, 11, 20, 11, 1, tzinfo=dt.UTC))
    point = MilestoneForecast.objects.get()
    assert (point.date, point.forecast) == (DATA_DATE, dt.date(2027, 1, 22))


def test_a_draft_follows_the_plan_and_keeps_what_was_typed(cast, plan):
    report = start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE)
    gates = [row | ({"forecast": "2026-07-15", "typed": True} if row["code"] == "G2" else {}) for row in report.gates]
    report = save_report(report=report, values={"summary": "Typed", "gates": gates}, by=cast.paul)
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 1, 25, 17))
    assert take_over_plan(plan) == 1
    after = type(report).objects.get(pk=report.pk)
    assert (rows(after)["G3"]["forecast"], rows(after)["G2"]["forecast"], after.summary) == (
        "2027-01-25",
        "2026-07-15",
        "Typed",
    )
    assert after.version == report.version  # a form that is open elsewhere can still be saved
    assert take_over_plan(plan) == 0
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 6, 1, 17))
    take_over_plan(plan)
    after = type(report).objects.get(pk=report.pk)
    assert after.version == report.version + 1
    assert {light.dimension: light.effective for light in after.lights.all()}["schedule"] == "red"


def test_a_published_report_never_follows(cast, plan):
    report = published(cast, data_date=DATA_DATE)
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 6, 1, 17))
    assert take_over_plan(plan) == 0
    report.refresh_from_db()
    assert rows(report)["G3"]["forecast"] == "2027-01-22"


def test_the_follower_runs_after_a_change_of_the_plan(cast, plan):
    start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE)
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 1, 25, 17))
    after_change(plan.pk)
    assert rows(StatusReport.objects.get())["G3"]["forecast"] == "2027-01-25"


# ── deliveries to and from other projects ────────────────────────────────────────────────────────


def linked(cast, plan):
    """“Hall” of the project needs the foundation of another one on 11 January; it is promised for the 14th."""
    giver = example_plan(cast.other_project)
    giver.activities.filter(name="Foundation").update(finish=at(2027, 1, 14, 17))
    before, after = giver.activities.get(name="Foundation"), plan.activities.get(name="Hall")
    return Link.objects.create(plan=plan, predecessor=before, successor=after)


def test_a_status_tells_which_deliveries_of_other_projects_are_late(cast, plan):
    linked(cast, plan)
    report = start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE)
    author = report.author.user
    lines = status_payload(report).dependencies
    if not can(author, "view", cast.other_project):
        assert lines == ()  # what the author may not see is not in the report
        Grant.objects.create(user=author, role="pmo_analyst", scope=Scope.ORGANISATION)
        lines = status_payload(StatusReport.objects.get(pk=report.pk)).dependencies
    (line,) = lines
    assert (line.giver, line.taker, line.deliverable, line.affects) == ("PRJ-0002", "PRJ-0001", "Foundation", "Hall")
    assert (line.needed_by, line.promised_for, line.delta_days) == (dt.date(2027, 1, 8), dt.date(2027, 1, 14), 4)


def test_a_published_status_keeps_the_delivery_when_the_plan_moves(cast, plan):
    Grant.objects.create(user=cast.paul, role="pmo_analyst", scope=Scope.ORGANISATION)
    link = linked(cast, plan)
    done = published(cast, cast.project)
    link.delete()
    assert [line.deliverable for line in selectors.status_payload_of(done.snapshot).dependencies] == ["Foundation"]


def test_a_strictly_confidential_project_is_in_no_report_of_others(cast, plan):
    Grant.objects.create(user=cast.paul, role="pmo_analyst", scope=Scope.ORGANISATION)
    linked(cast, plan)
    type(cast.other_project).objects.filter(pk=cast.other_project.pk).update(confidentiality="strict")
    report = start_report(project=cast.project, by=cast.paul, data_date=DATA_DATE)
    assert status_payload(report).dependencies == ()
