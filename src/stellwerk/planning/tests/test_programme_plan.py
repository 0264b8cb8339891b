"""The plan of a programme, counted by hand: end, critical path across projects, floats, givers and takers, who sees what."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stellwerk.core.jobs import run_pending
from stellwerk.core.models import Confidentiality
from stellwerk.planning.models import Activity, Baseline, Link, Plan
from stellwerk.planning.selectors.programme import ProgrammePlan, matrix, programme_plan
from stellwerk.planning.services.baselines import approve_baseline, propose_baseline
from stellwerk.planning.tests.test_programme_links import add, edit, july, link, plan_with, row, slip
from stellwerk.portfolio.models import Project
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans(cast: Cast) -> dict[str, Plan]:
    """Design → Build (1) → Install → Test (2) → Train (3); Solo (4) stands alone. All activities take five days."""
    Project.objects.filter(pk=cast.other_project.pk).update(programme=cast.programme)
    projects = {"1": cast.project, "2": cast.other_project}
    for number in "34":
        projects[number] = Project.objects.create(
            key=f"PRJ-000{number}", name=f"Projekt {number}", portfolio=cast.portfolio, unit=cast.unit,
            programme=cast.programme, manager=cast.people["paul"],
        )  # fmt: skip
    names = {"1": ("Design", "Build"), "2": ("Install", "Test"), "3": ("Train",), "4": ("Solo",)}
    found = {number: plan_with(projects[number], *names[number]) for number in "1234"}
    edit(found["2"], link("Build", "Install"))
    edit(found["3"], link("Test", "Train"))
    run_pending()
    return found


def told(cast: Cast, who: str | None = "petra") -> ProgrammePlan:
    return programme_plan(cast.programme, None if who is None else getattr(cast, who))


def names(found: ProgrammePlan) -> list[str]:
    return [step.activity.name if step.activity else "?" for step in found.path]


def test_the_critical_path_runs_through_three_projects(cast: Cast, plans: dict[str, Plan]) -> None:
    found = told(cast)
    # Five activities of five days from Wednesday 1 July: 25 working days end on Tuesday 4 August.
    assert found.finish == dt.datetime(2026, 8, 4, 17)  # noqa: DTZ001
    assert names(found) == ["Design", "Build", "Install", "Test", "Train"]
    assert found.path_projects == 3
    links = [step.link for step in found.path]
    assert links[0] is None
    assert [one.predecessor_id for one in links[1:] if one] == [row(name).pk for name in names(found)[:4]]
    assert {step.float_days for step in found.path} == {0}


def test_floats_count_to_the_end_of_the_programme(cast: Cast, plans: dict[str, Plan]) -> None:
    lines = {line.plan.key: line for line in told(cast).lines}
    # Solo ends on 7 July: 20 working days before the programme does. Its own plan says 0.
    assert lines["PRJ-0004"].float_days == 20
    assert lines["PRJ-0004"].critical == 0
    assert row("Solo").total_float == 0
    assert [lines[f"PRJ-000{number}"].float_days for number in "12"] == [0, 0]
    assert lines["PRJ-0001"].finish == july(14, 17)


def test_the_dates_are_those_of_the_single_plans(cast: Cast, plans: dict[str, Plan]) -> None:
    slip(plans["1"], 8)
    run_pending()
    network = told(cast).joint
    assert network is not None
    for activity in Activity.objects.filter(plan__in=[plan.pk for plan in plans.values()]):
        at = network.row_of[activity.pk]
        from stellwerk.engine.calendars import instant

        assert activity.start is not None and activity.finish is not None
        assert (instant(activity.start), instant(activity.finish)) == (
            network.dates.start[at], network.dates.finish[at],
        ), activity  # fmt: skip


def test_lags_calendars_and_link_types_are_computed_as_in_the_single_plan(cast: Cast, plans: dict[str, Plan]) -> None:
    edit(plans["4"], add("Side", 3), link("Design", "Solo", type="SS", days=2))
    edit(plans["4"], link("Install", "Side", type="FF", days=-1))
    run_pending()
    network = told(cast).joint
    assert network is not None
    assert (row("Solo").start, row("Side").finish) == (july(3, 8), july(20, 17))
    for name in ("Solo", "Side"):
        assert network.dates.start[network.row_of[row(name).pk]] == _minutes(row(name).start)
        assert network.dates.finish[network.row_of[row(name).pk]] == _minutes(row(name).finish)


@pytest.mark.parametrize(
    ("override", "install", "train", "end"),
    [
        # Install: three of five days are left, and wait for Build until 14 July; Test 20 to 24; Train goes on at once: 3, 6, 7, 8.
        ({"3"}, july(17, 17), july(8, 17), july(24, 17)),
        # Install goes on at once: 3, 6, 7; Test 8 to 14; the four days of Train wait for it.
        ({"2"}, july(7, 17), july(20, 17), july(20, 17)),
    ],
)
def test_each_plan_keeps_its_own_way_with_work_that_began_too_early(
    cast: Cast, plans: dict[str, Plan], override: set[str], install: dt.datetime, train: dt.datetime, end: dt.datetime
) -> None:
    """Retained logic and progress override side by side in one programme."""
    for number in override:
        edit(plans[number], {"op": "plan", "values": {"progress_mode": "progress_override"}})
    begun = {"Install": ("2", "2026-07-01", 40), "Train": ("3", "2026-07-02", 20)}
    for name, (number, day, percent) in begun.items():
        values = {"actual_start": day, "percent": percent}
        edit(plans[number], {"op": "set", "row": row(name).pk, "values": values})
    run_pending()
    found = told(cast)
    assert (row("Install").finish, row("Train").finish, found.finish) == (install, train, end)
    assert found.joint is not None
    for name in ("Install", "Test", "Train", "Solo"):
        assert found.joint.dates.finish[found.joint.row_of[row(name).pk]] == _minutes(row(name).finish), name
    last = "Train" if "2" in override else "Test"
    assert names(found)[-1] == last


def _minutes(moment: dt.datetime | None) -> int:
    from stellwerk.engine.calendars import instant

    assert moment is not None
    return instant(moment)


def test_promised_later_than_needed_is_red(cast: Cast, plans: dict[str, Plan]) -> None:
    baseline = propose_baseline(plan=plans["2"], reason="First", by=cast.olga)
    approve_baseline(baseline=baseline, by=cast.elke)
    before = {one.taker.name: one for one in told(cast).dependencies}
    assert (before["Install"].by_baseline, before["Train"].by_baseline) == (True, False)
    assert (before["Install"].light, before["Install"].slack) == ("amber", 0)  # driving, and nothing is left
    slip(plans["1"], 8)
    run_pending()
    after = {one.taker.name: one for one in told(cast).dependencies}
    install = after["Install"]
    assert (install.light, install.slack) == ("red", -3)
    assert (install.promised, install.needed) == (july(17, 17), july(15, 8))
    # Needed when Wednesday begins, so by Tuesday: three working days before Friday.
    assert (install.promised_by, install.needed_by) == (july(17, 17).date(), july(14, 8).date())
    cells = matrix(told(cast).dependencies)
    assert [one.light for one in cells[plans["1"].pk, plans["2"].pk]] == ["red"]
    assert told(cast).lines[1].delay == Decimal(3)


def test_a_delivered_link_is_done(cast: Cast, plans: dict[str, Plan]) -> None:
    edit(plans["2"], {"op": "set", "row": row("Install").pk, "values": {"percent": 10}})
    assert [one.light for one in told(cast).dependencies if one.taker.name == "Install"] == ["grey"]


def test_a_giver_outside_the_programme_drives_and_leads_the_path(cast: Cast, plans: dict[str, Plan]) -> None:
    Project.objects.filter(pk=plans["1"].project_id).update(programme=None)
    found = told(cast)
    assert names(found) == ["Build", "Install", "Test", "Train"]
    assert found.finish == dt.datetime(2026, 8, 4, 17)  # noqa: DTZ001
    assert found.path[0].activity is not None and found.path[0].activity.plan.key == "PRJ-0001"


# ── who sees what ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def strict(cast: Cast, plans: dict[str, Plan]) -> dict[str, Plan]:
    """Project 1 is strictly confidential: Gerda, who manages the programme, may see the others only."""
    Project.objects.filter(pk=plans["1"].project_id).update(
        confidentiality=Confidentiality.STRICT, manager=cast.people["olga"], sponsor=None
    )
    return plans


def test_what_is_hidden_is_left_out_and_counted(cast: Cast, strict: dict[str, Plan]) -> None:
    found = told(cast, "anton")
    assert [plan.key for plan in found.plans] == ["PRJ-0002", "PRJ-0003", "PRJ-0004"]
    assert found.hidden == 1
    assert found.path[0].hidden and found.path[0].activity is None
    assert [one.giver for one in found.dependencies if one.taker.name == "Install"] == [None]
    # The date that the hidden giver sets still counts.
    assert found.finish == dt.datetime(2026, 8, 4, 17)  # noqa: DTZ001
    page = cast.client("anton").get("/plans/programme/PRG-0001/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "PRJ-0001" not in text and "Build" not in text and "Design" not in text
    assert "1 hidden project" in text


def test_the_page_answers_first(cast: Cast, plans: dict[str, Plan]) -> None:
    text = cast.client("petra").get("/plans/programme/PRG-0001/").content.decode()
    assert "The programme ends on 4 Aug 2026; the critical path runs through 3 projects" in text
    for part in ("PRJ-0003", "Train", "finish–start after PRJ-0002: 2 Test", "Who gives to whom"):
        assert part in text, part


def test_without_plans_the_page_says_what_to_do(cast: Cast) -> None:
    page = cast.client("petra").get("/plans/programme/PRG-0001/")
    assert page.status_code == 200
    assert "No project of the programme has a plan with dates yet" in page.content.decode()


def test_a_circle_that_came_from_elsewhere_is_told(cast: Cast, plans: dict[str, Plan]) -> None:
    Link.objects.create(plan=plans["1"], predecessor=row("Train"), successor=row("Design"))
    page = cast.client("petra").get("/plans/programme/PRG-0001/")
    assert page.status_code == 200
    assert "lead in a circle" in page.content.decode()


def test_only_get_and_only_who_sees_programmes(cast: Cast, plans: dict[str, Plan]) -> None:
    assert cast.client("petra").post("/plans/programme/PRG-0001/").status_code == 405
    assert cast.client("uwe").get("/plans/programme/PRG-0001/").status_code == 403
    assert cast.client("petra").get("/plans/programme/PRG-9999/").status_code == 404


def test_more_projects_need_no_more_queries(cast: Cast, plans: dict[str, Plan]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            programme_plan(cast.programme, cast.petra)
        return len(queries)

    count()
    before = count()
    for number in range(5, 12):
        project = Project.objects.create(
            key=f"PRJ-00{number:02d}", name=f"Projekt {number}", portfolio=cast.portfolio, unit=cast.unit,
            programme=cast.programme,
        )  # fmt: skip
        plan = plan_with(project, f"Work {number}")
        edit(plan, link("Build", f"Work {number}"))
    count()
    assert count() <= before
    assert not Baseline.objects.exists()
