"""The demo company and its plans: believable, gates where the story has them, dates as the engine computes them, the picture's plan to the day."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, F, Q, Sum

from stellwerk.core.models import AuditEntry, Job
from stellwerk.core.permissions import can
from stellwerk.demo.cast import CAST
from stellwerk.demo.company import Company, Size
from stellwerk.demo.generate import generate
from stellwerk.demo.plans import CHECKS
from stellwerk.demo.plans.templates import GATES, Line, parse, sized, template_of
from stellwerk.demo.plans.templates_office import CHANGE, DEVELOPMENT, SOFTWARE
from stellwerk.demo.plans.templates_plant import CONTROL, INVESTMENT, PIPELINE, PLANT
from stellwerk.demo.story import is_free, later, workday, working_days
from stellwerk.people.models import Person
from stellwerk.planning.choices import MILESTONES, Constraint, Kind
from stellwerk.planning.compute import compute
from stellwerk.planning.models import Activity, Assignment, Baseline, Link, MilestoneForecast, Plan, PlanResource
from stellwerk.planning.services.baselines import intact
from stellwerk.planning.services.figures import LABEL, plan_url, write_plan_figures
from stellwerk.planning.services.quality import check_plan
from stellwerk.portfolio.models import Figure, Gate, Project, ProjectStatus
from stellwerk.staffing.models import Contract

TODAY = dt.date(2026, 11, 23)
LAST = dt.date(2026, 11, 20)


in_company = pytest.mark.usefixtures("company", "db")


def leaves() -> Any:
    return Activity.objects.filter(summary=False)


@in_company
def test_the_company_is_believable() -> None:
    assert Project.objects.count() == 60
    assert Person.objects.count() == 120 + Contract.objects.filter(state="signed").count()  # who came by a contract
    lights = Counter(Figure.objects.filter(code="light.overall", until=None).values_list("light", flat=True))
    assert 2 <= lights["red"] <= 15
    assert lights["amber"] >= 4
    assert lights["green"] > 25
    for project in Project.objects.all():
        assert project.manager_id != project.sponsor_id
        project.full_clean(exclude=["proposal"])
    assert ProjectStatus.objects.filter(date=TODAY - dt.timedelta(days=3)).count() < 60  # some have not reported


@in_company
def test_money_adds_up_in_every_moment() -> None:
    by: dict[Any, dict[str, int]] = {}
    for project, code, date, amount in (
        Figure.objects.filter(amount__isnull=False)
        .exclude(code="forecast")
        .values_list("project", "code", "date", "amount")
    ):
        by.setdefault((project, date), {})[code] = amount
    for amounts in by.values():
        if not {"ac", "eac", "commitment"} <= set(amounts):
            continue  # a figure of another source stands alone on its day
        assert amounts["ac"] <= amounts["eac"]
        assert amounts["ac"] + amounts["commitment"] <= amounts["eac"]


@pytest.mark.usefixtures("db")
def test_everybody_of_the_cast_has_an_account_without_password(company: Company) -> None:
    assert set(company.users) == {member.code for member in CAST}
    assert not any(user.has_usable_password() for user in company.users.values())


@in_company
def test_every_project_has_a_plan_with_three_levels_and_the_gates_of_the_project() -> None:
    assert Plan.objects.count() == Project.objects.count() == 60
    gates = {(gate.project_id, gate.code): gate for gate in Gate.objects.all()}
    seen = set()
    for row in leaves().filter(code__in=GATES).select_related("plan"):
        gate = gates[row.plan.project_id, row.code]
        assert row.kind in MILESTONES
        assert row.finish.date() == gate.forecast
        assert (row.actual_finish.date() if row.actual_finish else None) == gate.actual
        seen.add((row.plan.project_id, row.code))
    assert seen == set(gates)
    for plan in Plan.objects.select_related("project", "calendar").annotate(
        count=Count("activities", filter=Q(activities__summary=False)), deepest=Count("activities", filter=Q(activities__level=3))
    ):  # fmt: skip
        assert 25 <= plan.count <= 62 and plan.deepest, plan
        assert plan.calendar is not None and plan.calendar.subdivision
        first = leaves().filter(plan=plan).order_by("start").values_list("start", flat=True).first()
        assert first is not None and plan.finish is not None
        assert (first.date(), plan.finish.date()) == (plan.project.start_forecast, plan.project.finish_forecast)


@in_company
def test_to_compute_the_plans_anew_changes_nothing() -> None:
    for plan in Plan.objects.select_related("project", "calendar"):
        computed = compute(plan)
        assert computed.changed_rows().tolist() == [], plan
        assert computed.columns.outline_numbers == computed.columns.text["wbs"], plan
        assert not computed.summary_links


@in_company
def test_progress_lies_before_the_data_date_and_agrees_with_the_reports(company: Company) -> None:
    evening = dt.datetime.combine(LAST, dt.time(17))
    assert not leaves().filter(Q(actual_start__gt=evening) | Q(actual_finish__gt=evening)).exists()
    assert not leaves().filter(actual_finish=None, finish__lt=evening).exists()
    assert not leaves().filter(actual_start=None, start__lt=evening).exists()
    for activity in Activity.objects.all():
        activity.clean()
    done: dict[int, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for project, work, percent in leaves().filter(kind=Kind.TASK).values_list("plan__project", "work", "percent"):
        done[project][0] += work * percent / 100
        done[project][1] += work
    for project, course in zip(company.projects, company.courses, strict=True):
        reported = next(moment.earned for moment in reversed(course.moments) if moment.reported)
        gained, all_ = done[project.pk]
        assert float(gained / all_) == pytest.approx(reported, abs=0.05), project
        states = set(leaves().filter(plan__project=project).values_list("state", flat=True))
        assert (states == {"completed"}) == (project.phase == "closed")


@in_company
def test_work_belongs_to_people_of_the_project() -> None:
    assert not leaves().filter(responsible=None).exists()
    members = defaultdict(set)
    for project in Project.objects.prefetch_related("members"):
        members[project.pk] = {member.person_id for member in project.members.all()} | {project.manager_id}
    for project, person in PlanResource.objects.exclude(person=None).values_list("plan__project", "person"):
        assert person in members[project]
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for assignment in Assignment.objects.all():
        assert assignment.units is not None and assignment.units > 0
        sums[assignment.activity_id] += assignment.work or 0
    for row in leaves().filter(kind=Kind.TASK):
        assert abs(sums[row.pk] - row.work) < Decimal("0.1"), row


@in_company
def test_released_work_has_baselines_that_are_sealed_and_approved_by_somebody_who_may(company: Company) -> None:
    for plan in Plan.objects.select_related("project").prefetch_related("baselines__rows", "baselines__approved_by"):
        released = Gate.objects.get(project=plan.project, code="G2").actual is not None
        baselines = list(plan.baselines.order_by("number"))
        assert [one.number for one in baselines] == list(range(len(baselines)))
        assert (bool(baselines) and baselines[-1].state == "approved") == released
        assert all(one.state == "superseded" for one in baselines[:-1])
        for one in baselines:
            assert intact(one) and one.sha256 and one.rows.count() == plan.activities.count()
            if one.state != "proposed":
                assert can(one.approved_by, "approve", plan.project)
                assert AuditEntry.objects.filter(
                    entity_type="planning.baseline", entity_id=one.pk, verb="approve"
                ).exists()
        if released:
            ends = [one.rows.order_by("-finish").values_list("finish", flat=True).first() for one in baselines]
            assert ends[-1] is not None and ends[-1].date() == plan.project.finish_baseline
            assert ends == sorted(ends)  # type: ignore[type-var]
    assert {number for number, _count in Baseline.objects.values_list("number").annotate(n=Count("pk"))} == {0, 1, 2}


@in_company
def test_costs_of_plans_add_up_to_the_budgets(company: Company) -> None:
    """The approved baseline costs the budget, today's plan about what the last report expects; small projects plan effort only."""
    for plan in Plan.objects.select_related("project").prefetch_related("baselines__rows"):
        project = plan.project
        costs = [cost for cost in leaves().filter(plan=plan).values_list("cost", flat=True) if cost is not None]
        assert bool(costs) == (project.size != "S"), project
        assert not plan.activities.filter(Q(summary=True) | Q(kind__in=MILESTONES), cost__isnull=False).exists()
        if not costs or not project.budget:
            continue
        frozen = plan.baselines.filter(state="approved").aggregate(total=Sum("rows__cost"))["total"]
        assert frozen in (None, project.budget), project
        assert all(cost > 0 for cost in costs)
        assert 0.7 < sum(costs) / project.budget < 1.5, (project, sum(costs), project.budget)


@in_company
def test_forecasts_of_gates_are_the_figures_of_the_reporting_dates(company: Company) -> None:
    told = {
        (project, code, date): day
        for project, code, date, day in Figure.objects.filter(code__startswith="gate.").values_list(
            "project", "code", "date", "day"
        )
    }
    rows = MilestoneForecast.objects.select_related("activity__plan").order_by("activity", "date")
    assert {row.date for row in rows} == set(company.dates[-6:])
    last = {}
    for row in rows:
        activity = row.activity
        if activity.code in GATES and (activity.plan.project_id, f"gate.{activity.code}", row.date) in told:
            assert row.forecast == told[activity.plan.project_id, f"gate.{activity.code}", row.date]
        assert activity.actual_finish is not None or row.forecast > row.date
        last[activity] = row
    for activity, row in last.items():
        assert activity.finish is not None
        assert row.forecast == activity.finish.date(), activity
    drifting = {row.activity_id for row in rows if row.forecast != last[row.activity].forecast}
    assert len(drifting) > 40


@in_company
def test_the_figures_of_the_plans_are_those_that_their_service_writes(company: Company) -> None:
    silent = {
        p.pk for p, course in zip(company.projects, company.courses, strict=True) if not course.moments[-1].reported
    }
    for plan in Plan.objects.select_related("project").exclude(project__in=silent):
        assert write_plan_figures(plan, on=LAST) == 0, plan
    figure = Figure.objects.filter(code="plan.finish", source_label=LABEL).select_related("project").first()
    assert figure is not None and figure.source_url == plan_url(figure.project)


@in_company
def test_projects_of_a_programme_wait_for_each_other_and_checks_find_something() -> None:
    outer = Link.objects.exclude(predecessor__plan=F("plan")).select_related(
        "plan__project", "predecessor__plan__project", "predecessor", "successor"
    )
    assert outer.count() >= 4
    for link in outer:
        assert link.plan.project.programme_id == link.predecessor.plan.project.programme_id
        assert link.predecessor.finish < link.successor.start
    assert set(Link.objects.values_list("type", flat=True)) == {"FS", "SS", "FF", "SF"}
    assert Link.objects.filter(lag__gt=0).exists() and Link.objects.filter(lag__lt=0).exists()
    assert Link.objects.filter(lag_elapsed=True).exists()
    findings = Counter(itertools.chain(*(row.finding.split(",") for row in leaves().exclude(finding=""))))
    assert findings["out_of_sequence"] and findings["deadline_missed"]
    assert set(findings) <= {"out_of_sequence", "deadline_missed"}
    constraints = set(leaves().values_list("constraint", flat=True))
    assert {Constraint.MUST_FINISH, Constraint.START_NO_EARLIER} <= constraints
    assert leaves().filter(kind=Kind.TASK, links_in=None, links_out=None).exists()
    assert leaves().filter(calendar__kind="resource").exists()


@in_company
def test_the_checks_of_all_plans_wait_for_the_server() -> None:
    job = Job.objects.get(name=CHECKS)
    assert job.state == "queued"
    plan = Plan.objects.get(project__key="PRJ-0001")
    with transaction.atomic():
        assert check_plan(plan)
        transaction.set_rollback(True)


LUBMIN = """
2.1 01.07.26 25.08.26 24 100
2.2 26.08.26 25.11.26 33 92
2.3 16.09.26 08.12.26 24 70
2.4 08.12.26 08.12.26 24 0
3.1 17.08.26 03.03.27 0 45
3.2 01.09.26 20.01.27 35 46
3.3 07.09.26 02.02.27 21 38
3.4 03.03.27 03.03.27 0 0
4.1 07.09.26 01.12.26 29 80
4.2 02.12.26 21.01.27 34 0
4.3 23.12.26 25.02.27 29 0
5.1 22.01.27 19.03.27 34 0
5.2 04.03.27 12.04.27 0 0
5.3 13.04.27 11.05.27 0 0
5.4 11.05.27 11.05.27 0 0
6.1 09.12.26 19.03.27 24 0
6.2 22.03.27 06.04.27 24 0
6.3 12.05.27 02.06.27 0 0
6.4 03.06.27 07.07.27 0 0
6.5 07.07.27 07.07.27 0 0
7.1 08.07.27 18.08.27 0 0
7.2 18.08.27 18.08.27 0 0
2 01.07.26 08.12.26 24 86
3 17.08.26 03.03.27 0 43
4 07.09.26 25.02.27 29 38
"""


@in_company
def test_the_first_plan_is_that_of_the_picture() -> None:
    """Dates, floats in working days and progress as drawn in the design, counted by hand there."""
    rows = {row.wbs: row for row in Activity.objects.filter(plan__project__key="PRJ-0001")}
    for line in LUBMIN.strip().splitlines():
        wbs, start, finish, spare, percent = line.split()
        row = rows[wbs]
        assert row.start is not None and row.finish is not None and row.total_float is not None
        assert (f"{row.start:%d.%m.%y}", f"{row.finish:%d.%m.%y}", row.percent) == (start, finish, int(percent)), wbs
        if not row.summary and wbs != "2.1":  # what is done keeps no float
            assert row.total_float == int(spare) * 480, wbs
    baseline = Baseline.objects.get(plan__project__key="PRJ-0001", state="approved")
    assert baseline.number == 2
    planned = {row.wbs: row.finish for row in baseline.rows.all()}
    late = {
        wbs: working_days(planned[wbs].date(), rows[wbs].finish.date()) for wbs in ("2.4", "3.4", "5.4", "6.5", "7.2")
    }  # type: ignore[union-attr]
    assert late == {"2.4": 5, "3.4": 26, "5.4": 21, "6.5": 21, "7.2": 21}


@pytest.mark.parametrize("count", [-1, 501])
def test_an_impossible_number_of_activities_is_refused(db: None, count: int) -> None:
    with pytest.raises(ValueError, match="possible"):
        generate(Size(projects=3, people=20, activities=count), today=TODAY)


@pytest.mark.parametrize("text", [PLANT, PIPELINE, CONTROL, INVESTMENT, SOFTWARE, DEVELOPMENT, CHANGE])
def test_the_main_chain_of_a_template_runs_from_gate_to_gate_without_a_gap(text: str) -> None:
    lines = parse(text)
    assert [line.name for line in lines if line.nature == "gate"] == list(GATES)
    for segment in range(5):
        chain = sorted((line.begin, line.end) for line in lines if line.main and line.segment == segment)
        assert chain[0][0] == 0 and chain[-1][1] == 1
        assert all(one[1] == other[0] for one, other in itertools.pairwise(chain)), segment
    assert all(0 <= line.begin <= line.end <= 1 for line in lines)


def test_sizes_leave_out_side_work_only_and_no_empty_package(rng: Any = None) -> None:
    import random

    lines = template_of("Rauchgasreinigung Stade", "Kundenanlage")
    few = sized(lines, 14, random.Random(1))
    assert [line for line in few if line.main] == [line for line in lines if line.main]
    for one, other in itertools.pairwise([*few, Line("phase", "")]):
        assert not (one.nature == "package" and other.nature in ("package", "phase"))
        assert not (one.nature == "phase" and other.nature == "phase")
    assert sum(line.leaf for line in sized(lines, 120, random.Random(1))) == 120


def test_working_days_of_the_story_know_holidays_and_the_shutdown() -> None:
    assert is_free(dt.date(2026, 12, 24)) and is_free(dt.date(2027, 1, 3)) and not is_free(dt.date(2027, 1, 4))
    assert is_free(dt.date(2027, 3, 8))  # a holiday in Mecklenburg-Vorpommern only
    assert workday(dt.date(2026, 12, 24)) == dt.date(2027, 1, 4)
    assert later(dt.date(2026, 12, 23), 1) == dt.date(2027, 1, 4)
    assert working_days(dt.date(2026, 12, 23), dt.date(2027, 1, 5)) == 2
