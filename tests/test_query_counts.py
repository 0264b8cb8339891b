"""How many queries each main page needs: the same at any size, never more than ``query_counts.json`` says.

The file is reviewed: a page that needs more than it used to fails here; raise the number only with a reason in the
commit, and never above thirty.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stellwerk.controlling.models import (
    ActualsImport,
    Benefit,
    Booking,
    Budget,
    BusinessCase,
    ForecastException,
    InvestmentRound,
    Period,
    SelectionRun,
    SimulationRun,
    StrategicObjective,
)
from stellwerk.core.models import Grant, User
from stellwerk.demo import generate
from stellwerk.people.models import Person
from stellwerk.planning.models import Activity, Baseline, Link, WorkingCalendar
from stellwerk.planning.programme import outer_links
from stellwerk.planning.services.figures import write_plan_figures
from stellwerk.planning.services.forecasts import capture_forecasts
from stellwerk.planning.services.quality import check_plan, outdated
from stellwerk.planning.tests.plans import add_milestone, approved, at, example_plan
from stellwerk.portfolio.models import Portfolio, Programme, Project, Proposal
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.resources.models import Allocation, Demand

FILE = Path(__file__).parent / "query_counts.json"
MOST = 30
TODAY = dt.date(2026, 11, 23)
SMALL = generate.Size(projects=15, people=120, seed=7)  # lists longer than a select in both
LARGE = generate.Size(projects=36, people=300, seed=7)


def addresses() -> Iterator[tuple[str, str, str]]:
    """(name in the file, who looks, path)."""
    project = Project.objects.filter(reports__state="published").order_by("pk").first()
    report = StatusReport.objects.filter(state="published").order_by("-data_date", "pk").first()
    draft = StatusReport.objects.filter(state="submitted").order_by("-data_date", "pk").first()
    cycle = Cycle.objects.order_by("-data_date").first()
    portfolio = Portfolio.objects.order_by("pk").first()
    open_report = StatusReport.objects.filter(
        state="returned", project__manager__user__email__startswith="paul@"
    ).first()
    proposal, programme = Proposal.objects.order_by("pk").first(), Programme.objects.order_by("pk").first()
    person = Person.objects.order_by("pk").first()
    assert project and report and draft and cycle and portfolio and open_report and proposal and programme and person
    for name in LISTS:
        yield name, "petra", reverse(name)
    yield "board", "petra", reverse("portfolio:board", args=[portfolio.key])
    yield (
        "board by unit, only red",
        "petra",
        reverse("portfolio:board", args=[portfolio.key]) + "?group=unit&overall=red",
    )
    yield "project list, sorted and filtered", "petra", reverse("portfolio:project-list") + "?sort=-budget&q=e"
    yield "cockpit", "petra", reverse("portfolio:project-detail", args=[project.key])
    yield "board of a sponsor", "stefan", reverse("portfolio:board-all")
    yield "project form", "petra", reverse("portfolio:project-edit", args=[project.key])
    yield "proposal form", "petra", reverse("portfolio:proposal-edit", args=[proposal.key])
    yield "programme form", "petra", reverse("portfolio:programme-edit", args=[programme.key])
    yield "person form", "petra", reverse("people:person-edit", args=[person.key])
    yield "person", "petra", reverse("people:person-detail", args=[person.key])
    led = Person.objects.filter(manager__user__email__startswith="rita@").order_by("pk")[0]
    yield "person of a line manager", "rita", reverse("people:person-detail", args=[led.key])
    yield "absences", "rita", reverse("people:absence-list")
    yield "rates of persons", "conny", reverse("people:personrate-list")
    yield "skill matrix", "petra", reverse("people:unit-skills", args=[person.unit.key])
    yield "skill", "petra", reverse("people:skill-detail", args=["SKL-0001"])
    yield "report form", "paul", reverse("reporting:report-edit", args=[open_report.key])
    yield "portfolio", "petra", reverse("portfolio:portfolio-detail", args=[portfolio.key])
    yield "report", "petra", reverse("reporting:report-detail", args=[report.key])
    yield "report in review", "anton", reverse("reporting:report-detail", args=[draft.key])
    yield "cycle", "petra", reverse("reporting:cycle-detail", args=[cycle.key])
    yield "manpower plan", "petra", reverse("resources:manpower")
    yield "heat map", "petra", reverse("resources:capacity") + "?count=26"
    yield "heat map of a line manager", "rita", reverse("resources:capacity")
    yield "month of the manpower plan", "petra", reverse("resources:manpower-source")
    planned = Project.objects.filter(schedule__isnull=False).order_by("pk").first()
    assert planned is not None
    yield "baselines", "petra", reverse("planning:baselines", args=[planned.key])
    yield "baseline", "petra", reverse("planning:baseline-detail", args=[Baseline.objects.order_by("pk")[0].pk])
    yield "import of a schedule", "petra", reverse("planning:import", args=[planned.key])
    yield "export of a schedule", "petra", reverse("planning:plan-exchange", args=[planned.key])
    yield "schedule quality", "petra", reverse("planning:plan-quality", args=[planned.key])
    yield "milestone trend", "petra", reverse("planning:milestone-trend", args=[planned.key])
    yield (
        "milestone trend of a portfolio",
        "petra",
        reverse("planning:portfolio-trend", args=[portfolio.key]) + "?kind=all",
    )
    across = outer_links().filter(plan__project__programme__isnull=False).order_by("pk").first()
    joined = across.plan.project.programme if across is not None else None
    calendar = WorkingCalendar.objects.filter(plan=None).order_by("pk").first()
    assert joined is not None and calendar is not None
    yield "programme plan", "petra", reverse("planning:programme", args=[joined.key])
    yield "working calendar", "petra", reverse("planning:calendar-detail", args=[calendar.key])
    yield "working calendar form", "petra", reverse("planning:calendar-edit", args=[calendar.key])
    asked = Demand.objects.filter(state="open", role__isnull=False).order_by("pk").first()
    booked = Allocation.objects.filter(
        state="requested", person__unit__manager__user__email__startswith="rita@"
    ).first()
    assert asked is not None and booked is not None
    yield "demand", "petra", reverse("resources:demand-detail", args=[asked.key])
    yield "demand form", "petra", reverse("resources:demand-edit", args=[asked.key])
    yield "demands of a project", "petra", reverse("resources:project-demands", args=[asked.project.key])
    yield "needs of a plan", "petra", reverse("resources:plan-demands", args=[planned.key])
    yield "booking", "rita", reverse("resources:allocation-detail", args=[booked.key])
    yield "requests to answer", "rita", reverse("resources:requests")
    yield from _money(planned)
    yield from _cases(planned)
    yield "my day of a line manager", "rita", "/"
    yield "time sheet", "tom", reverse("resources:timesheet-week", args=["2026-11-16"])
    yield "time sheets to approve", "rita", reverse("resources:timesheet-inbox")
    yield "my day of the PMO lead", "petra", "/"
    yield "my day of a project manager", "paul", "/"
    yield "search", "petra", reverse("core:search") + "?q=anlage"
    yield "palette", "petra", reverse("core:palette") + "?q=an"
    yield "history", "petra", reverse("core:history", args=["portfolio.project", project.pk])


def _money(project: Project) -> Iterator[tuple[str, str, str]]:
    approved_one = Budget.objects.filter(kind="plan", state="approved").order_by("pk").first()
    forecast = Budget.objects.filter(kind="forecast", state="approved").order_by("pk").first()
    draft = Budget.objects.filter(state="draft", project__manager__user__email__startswith="paul@").first()
    benefit, opened = Benefit.objects.order_by("pk").first(), ForecastException.objects.order_by("pk").first()
    assert approved_one and forecast and draft and benefit and opened
    months = {state: Period.objects.filter(state=state).latest("month") for state in ("actuals_loaded", "closed")}
    yield "months", "conny", reverse("controlling:month-list")
    yield "month being closed", "conny", reverse("controlling:month-detail", args=[months["actuals_loaded"].pk])
    yield "closed month", "conny", reverse("controlling:month-detail", args=[months["closed"].pk])
    yield "labour of a month", "conny", reverse("controlling:month-labour", args=[months["actuals_loaded"].pk])
    yield "proof of a month", "conny", reverse("controlling:month-proof", args=[months["closed"].pk])
    yield "imports of actuals", "conny", reverse("controlling:actuals-list")
    batch = ActualsImport.objects.filter(kind="actual", told__rejected_count=1).latest("pk")
    yield "import of actuals", "conny", reverse("controlling:actuals-import", args=[batch.pk])
    yield "work list of lines", "conny", reverse("controlling:unmatched")
    yield "bookings", "paul", reverse("controlling:booking-list")
    line = Booking.objects.filter(source="erp", project__isnull=False).latest("pk")
    yield "line of cost", "conny", reverse("controlling:booking-detail", args=[line.pk])
    yield "booking form", "conny", reverse("controlling:booking-create")
    budgeted = (
        Budget.objects.filter(kind="plan", state="approved", project__programme__isnull=False).order_by("pk")[0].project
    )
    assert budgeted.programme is not None
    yield "earned value of a project", "petra", reverse("controlling:ev-project", args=[budgeted.key])
    yield "earned value of a portfolio", "petra", reverse("controlling:ev-portfolio", args=[budgeted.portfolio.key])
    yield "earned value of a programme", "petra", reverse("controlling:ev-programme", args=[budgeted.programme.key])
    yield (
        "figure of earned value",
        "petra",
        reverse("controlling:ev-portfolio-figure", args=["eac", budgeted.portfolio.key]),
    )
    yield "work package with its bookings", "petra", reverse("controlling:ev-package", args=[0, budgeted.key])
    yield "why a light is red", "petra", reverse("portfolio:figure", args=[budgeted.key, "light.cost"])
    yield "budgets of a project", "petra", reverse("controlling:project-budgets", args=[project.key])
    yield "budget", "petra", reverse("controlling:budget-detail", args=[approved_one.key])
    yield "forecast of a project", "petra", reverse("controlling:budget-detail", args=[forecast.key])
    yield "sheet of a budget", "paul", reverse("controlling:budget-lines", args=[draft.key])
    yield "budget form", "paul", reverse("controlling:budget-edit", args=[draft.key])
    yield "forecast of all projects", "petra", reverse("controlling:forecasts") + "?years=3&by=unit"
    yield "exception", "petra", reverse("controlling:exception-detail", args=[opened.key])
    yield "benefit", "petra", reverse("controlling:benefit-detail", args=[benefit.key])
    yield "values of a benefit", "petra", reverse("controlling:benefit-values", args=[benefit.key])
    yield "simulations", "petra", reverse("controlling:simulation")
    for name, run in (
        ("simulation of a project", SimulationRun.objects.filter(project__isnull=False).order_by("pk")[0]),
        ("simulation of the portfolio", SimulationRun.objects.filter(project=None).order_by("pk")[0]),
    ):
        yield name, "petra", reverse("controlling:simulation-run", args=[run.pk])
    yield "three-point estimates", "petra", reverse("controlling:estimates", args=[approved_one.project.key])


def _cases(project: Project) -> Iterator[tuple[str, str, str]]:
    signed, draft = (BusinessCase.objects.filter(state=state).order_by("pk").first() for state in ("signed", "draft"))
    live = BusinessCase.objects.filter(state="signed", proposal__project__isnull=False).order_by("pk").first()
    balanced = InvestmentRound.objects.filter(state="balancing").first()
    run, objective = SelectionRun.objects.order_by("pk").first(), StrategicObjective.objects.order_by("pk").first()
    assert signed and draft and live and balanced and run and objective
    yield "business case", "petra", reverse("controlling:case-detail", args=[signed.key])
    yield "sheet of a business case", "petra", reverse("controlling:case-drivers", args=[draft.key])
    yield "follow-up calculation", "conny", reverse("controlling:case-follow-up", args=[live.key])
    yield "strategy", "petra", reverse("controlling:strategy")
    yield "strategic objective", "petra", reverse("controlling:objective-detail", args=[objective.key])
    yield "contributions of a project", "petra", reverse("controlling:project-contributions", args=[project.key])
    yield "investment round", "petra", reverse("controlling:round-detail", args=[balanced.key])
    yield "limits of a round", "petra", reverse("controlling:round-limits", args=[balanced.key])
    yield "selection of a round", "petra", reverse("controlling:selection", args=[run.pk])


LISTS = (
    "portfolio:board-all",
    "portfolio:project-list",
    "portfolio:portfolio-list",
    "portfolio:programme-list",
    "portfolio:proposal-list",
    "portfolio:scoringmodel-list",
    "people:person-list",
    "people:unit-list",
    "people:unit-tree",
    "people:organisation-list",
    "people:role-list",
    "people:skill-list",
    "people:personskill-list",
    "people:rolerate-list",
    "people:user-list",
    "people:grant-list",
    "reporting:report-list",
    "reporting:cycle-list",
    "reporting:deck",
    "core:audit",
    "core:findings",
    "core:changesets",
    "jobs:list",
    "notifications:list",
    "portfolio:import",
    "planning:plan-list",
    "planning:calendar-list",
    "planning:milestone-list",
    "planning:activity-list",
    "planning:feeds",
    "planning:quality",
    "board:list",
    "staffing:contract-list",
    "resources:agreements",
    "resources:hours",
    "resources:utilisation",
    "resources:timesheet-close",
    "resources:timesheet-import",
    "resources:demand-list",
    "resources:allocation-list",
    "controlling:budget-list",
    "controlling:exception-list",
    "controlling:benefit-list",
    "controlling:case-list",
    "controlling:round-list",
    "controlling:objective-list",
    "controlling:cost-type-list",
    "controlling:cost-centre-list",
    "controlling:rate-list",
    "controlling:limit-list",
)


def _plans(size: generate.Size) -> None:
    """A plan with baseline, changes and forecasts for a third of the projects; more milestones in a larger company."""
    petra, stefan = (User.objects.get(email=f"{who}@nordlicht.example") for who in ("petra", "stefan"))
    Grant.objects.create(user=stefan, role="executive", scope="organisation")
    for project in Project.objects.filter(schedule=None).order_by("pk")[: size.projects // 3]:
        plan = example_plan(project)
        for uid in range(100, 100 + size.projects):
            add_milestone(plan, uid, f"Step {uid}", at(2027, 1, 22, 17))
        approved(plan, by=petra, approver=stefan)
        for day in (6, 20):
            capture_forecasts(projects=[project], date=dt.date(2026, 11, day))
        plan.activities.filter(uid__gte=100).update(finish=at(2027, 2, 5, 17))
        write_plan_figures(plan, on=TODAY)
    for plan in outdated():
        check_plan(plan)
    # The cockpit shows what its project takes from another one, in both companies.
    shown = Project.objects.filter(reports__state="published").order_by("pk").first()
    assert shown is not None
    ends = Activity.objects.filter(summary=False)
    taker = ends.filter(plan__project=shown, links_in=None).first()
    giver = ends.exclude(plan__project=shown).first()
    assert taker is not None and giver is not None
    Link.objects.get_or_create(plan=taker.plan, predecessor=giver, successor=taker)


def counts(size: generate.Size) -> dict[str, int]:
    """Queries per page in a company of this size; the database is left as it was."""
    found: dict[str, int] = {}
    with transaction.atomic():
        generate.generate(size, today=TODAY)
        _plans(size)
        clients: dict[str, Client] = {}
        for name, who, path in list(addresses()):
            if who not in clients:
                clients[who] = Client()
                user = User.objects.get(email=f"{who}@nordlicht.example")
                clients[who].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                response = clients[who].get(path)
            assert response.status_code == 200, f"{path}: {response.status_code}"
            found[name] = len(queries)
        transaction.set_rollback(True)
    return found


@pytest.mark.slow
@pytest.mark.django_db
def test_no_page_needs_more_queries_with_more_data_or_than_the_file_allows():
    allowed: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    small, large = counts(SMALL), counts(LARGE)
    wrong = [
        f"{name}: {small[name]} queries, more than twice the data: {large[name]}"
        for name in small
        if large[name] > small[name]
    ]
    wrong += [
        f"{name}: {large[name]} queries, allowed {allowed.get(name, 'nothing')}"
        for name in large
        if large[name] > allowed.get(name, -1)
    ]
    wrong += [f"{name}: {number} is above {MOST}" for name, number in allowed.items() if number > MOST]
    wrong += [f"{name} is in the file, not in the test" for name in allowed if name not in large]
    assert not wrong, "\n".join(wrong)
