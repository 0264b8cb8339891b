"""The checks on stored plans: what they see, how results are kept up to date, where findings stand, who sees them."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from stellwerk.core.checks import findings, findings_for
from stellwerk.core.jobs import run_pending
from stellwerk.engine.calendars import instant
from stellwerk.engine.network import schedule
from stellwerk.planning.models import Activity, Link, Plan, PlanCheck
from stellwerk.planning.network import plan_of
from stellwerk.planning.quality import RULES, Result
from stellwerk.planning.selectors.assessed import assessed
from stellwerk.planning.selectors.quality import NotComputable, checks_of, quality_lines, quality_of
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.planning.services.quality import FAILED, check_plan, outdated, texts
from stellwerk.planning.tests.plans import approved
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.testing import Cast


def edit(plan: Plan, *operations: dict[str, Any]) -> Plan:
    edit_plan(plan=plan, operations=operations, by=None)
    return Plan.objects.select_related("project", "calendar").get(pk=plan.pk)


def sound_plan(project: Project, cast: Cast) -> Plan:
    """Two linked activities between two milestones, each with a responsible person."""
    plan = create_plan(project=project, by=None, start=dt.date(2027, 1, 4))
    tom = cast.people["tom"].pk
    rows = (
        ("a", "Begin", {"kind": "start_milestone"}), ("b", "Design", {"days": 5}), ("c", "Build", {"days": 10}), ("d", "End", {"kind": "finish_milestone"}),
    )  # fmt: skip
    operations: list[dict[str, Any]] = [
        {"op": "add", "ref": ref, "values": {"name": name, "responsible": tom, "work": "8", **values}} for ref, name, values in rows
    ]  # fmt: skip
    for number in range(1, len(operations)):
        operations[number]["after"] = rows[number - 1][0]
    operations += [{"op": "link", "from": one, "to": other} for one, other in ("ab", "bc", "cd")]
    return edit(plan, *operations)


def results(plan: Plan) -> dict[str, Result]:
    return {one.rule.code: one for one in quality_of(plan)}


def names(result: Result) -> list[str]:
    return [item.name for item in result.items]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stellwerk.planning.services.quality.PAUSE", dt.timedelta())


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return sound_plan(cast.project, cast)


def row(plan: Plan, name: str) -> Activity:
    return Activity.objects.get(plan=plan, name=name)


# ── what the checks see of a stored plan ─────────────────────────────────────────────────────────


def test_the_network_of_the_checks_has_the_dates_of_the_plan(plan: Plan) -> None:
    build = row(plan, "Build")
    edit(
        plan,
        {
            "op": "set",
            "row": build.pk,
            "version": build.version,
            "values": {"constraint": "start_no_earlier", "constraint_date": "2027-02-01T08:00"},
        },
    )
    network = plan_of(assessed(plan))
    dates = schedule(network.network)
    stored = Activity.objects.filter(plan=plan).order_by("position")
    assert [task.name for task in network.tasks] == [one.name for one in stored]
    assert dates.start.tolist() == [instant(one.start) for one in stored]
    assert dates.finish.tolist() == [instant(one.finish) for one in stored]
    assert dates.total_float.tolist() == [one.total_float for one in stored]


def test_who_is_responsible_in_the_plan_counts(plan: Plan) -> None:
    assert results(plan)["PLN015"].passed
    Activity.objects.filter(plan=plan, name="Build").update(responsible=None)
    found = results(plan)["PLN015"]
    assert found.passed is False and names(found) == ["Build"]


def test_the_approved_baseline_counts_and_no_other(cast: Cast, plan: Plan) -> None:
    assert "no baseline" in str(results(plan)["PLN011"].reason) or "no data date" in str(results(plan)["PLN011"].reason)
    approved(plan, by=cast.paul, approver=cast.stefan)
    Plan.objects.filter(pk=plan.pk).update(data_date=dt.datetime(2027, 1, 18, 8))  # noqa: DTZ001
    fresh = Plan.objects.select_related("project", "calendar").get(pk=plan.pk)
    found = results(fresh)
    assert found["PLN017"].passed  # all are in it
    assert names(found["PLN011"]) == ["Begin", "Design"]  # planned until then, and not finished
    from stellwerk.planning.services.baselines import propose_baseline

    propose_baseline(plan=fresh, reason="Later", by=cast.paul)  # proposed only: nothing changes
    assert names(results(fresh)["PLN011"]) == ["Begin", "Design"]


def test_links_to_other_projects_are_links(cast: Cast, plan: Plan) -> None:
    """Giver and taker live elsewhere: nothing is missing here, and they are counted nowhere."""
    other = sound_plan(cast.other_project, cast)
    before = results(plan)
    assert names(before["PLN001"]) == ["Begin", "End"]
    Link.objects.create(plan=plan, predecessor=row(other, "Design"), successor=row(plan, "Begin"))
    Link.objects.create(plan=other, predecessor=row(plan, "End"), successor=row(other, "Build"))
    after = results(plan)
    assert names(after["PLN001"]) == []
    assert after["PLN001"].total == before["PLN001"].total == 4
    assert after["PLN009"].total == before["PLN009"].total
    network = plan_of(assessed(plan))
    start = schedule(network.network).start[0]
    assert start == instant(row(other, "Design").finish)  # what gives, drives
    assert names(after["PLN007"]) == []  # what takes, moves no float


def test_inactive_and_cancelled_rows_are_not_checked(plan: Plan) -> None:
    Activity.objects.filter(plan=plan, name="Build").update(state="cancelled")
    Activity.objects.filter(plan=plan, name="Design").update(active=False)
    assert results(plan)["PLN001"].total == 2


def test_a_plan_without_activities_has_nothing_to_check(cast: Cast) -> None:
    plan = create_plan(project=cast.project, by=None, start=dt.date(2027, 1, 4))
    with pytest.raises(NotComputable):
        quality_of(plan)
    assert check_plan(plan) is None
    assert not PlanCheck.objects.exists()


# ── kept up to date ──────────────────────────────────────────────────────────────────────────────


def test_results_follow_an_edit(cast: Cast, plan: Plan) -> None:
    run_all()
    stored = PlanCheck.objects.filter(plan=plan)
    assert set(stored.values_list("revision", flat=True)) == {plan.revision}
    assert len(stored) == len(RULES)
    assert stored.get(code="PLN002").passed is True
    link = Link.objects.get(successor=row(plan, "Build"))
    plan = edit(plan, {"op": "set_link", "link": link.pk, "version": link.version, "values": {"days": -2}})
    assert stored.get(code="PLN002").passed is True  # still that of the revision before …
    assert next(one for one in checks_of(plan) if one.rule.code == "PLN002").passed is False  # … and pages know it
    run_all()
    lead = PlanCheck.objects.get(plan=plan, code="PLN002")
    assert (lead.passed, lead.count, lead.revision) == (False, 1, plan.revision)
    assert lead.items[0][0] == row(plan, "Build").uid


def run_all() -> None:
    """Run what is queued, and what that queues."""
    while run_pending():
        pass


def test_results_follow_an_approved_baseline(cast: Cast, plan: Plan) -> None:
    run_all()
    assert PlanCheck.objects.get(plan=plan, code="PLN017").passed is False
    approved(plan, by=cast.paul, approver=cast.stefan)
    run_all()
    assert PlanCheck.objects.get(plan=plan, code="PLN017").passed is True


def test_running_twice_changes_nothing(cast: Cast, plan: Plan) -> None:
    check_plan(plan)
    before = list(
        PlanCheck.objects.order_by("code").values("code", "passed", "count", "share", "items", "reason", "revision")
    )
    figures = figure(cast.project)
    check_plan(plan)
    assert (
        list(
            PlanCheck.objects.order_by("code").values("code", "passed", "count", "share", "items", "reason", "revision")
        )
        == before
    )
    assert figure(cast.project) == figures


def test_an_older_run_does_not_overwrite_a_newer_one(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from stellwerk.planning.services import quality as service

    computed = service.quality_of

    def overtaken(one: Plan) -> list[Result]:
        found = computed(one)
        monkeypatch.setattr(service, "quality_of", computed)
        newer = edit(one, {"op": "add", "values": {"name": "Late comer", "days": 1}})
        check_plan(newer)
        return found

    monkeypatch.setattr(service, "quality_of", overtaken)
    check_plan(plan)
    newest = Plan.objects.get(pk=plan.pk).revision
    assert set(PlanCheck.objects.values_list("revision", flat=True)) == {newest}
    assert PlanCheck.objects.get(code="PLN001").count == 3


def test_plans_that_came_another_way_are_found(plan: Plan) -> None:
    assert [one.pk for one in outdated()] == [plan.pk]
    check_plan(plan)
    assert outdated() == []


def figure(project: Project) -> Decimal | None:
    found = figures_at([project.pk], (FAILED,), dt.date.today()).get(project.pk, {}).get(FAILED)  # noqa: DTZ011
    return found.value if found else None


def test_the_number_of_failed_checks_is_a_figure_of_the_project(cast: Cast, plan: Plan) -> None:
    failed = check_plan(plan)
    assert failed == sum(one.passed is False for one in quality_of(plan)) > 0
    assert figure(cast.project) == failed
    Project.objects.filter(pk=cast.other_project.pk).update(phase="closed")
    check_plan(sound_plan(Project.objects.get(pk=cast.other_project.pk), cast))
    assert figure(cast.other_project) is None  # what is over stays as it was


def test_stored_details_are_read_in_the_language_of_the_reader(plan: Plan) -> None:
    link = Link.objects.get(successor=row(plan, "Build"))
    plan = edit(plan, {"op": "unlink", "links": [link.pk]})
    with translation.override("de"):
        check_plan(plan)
    found = {}
    for language in ("en", "de"):
        with translation.override(language):
            check = next(one for one in checks_of(plan) if one.rule.code == "PLN001")
            found[language] = check.items
    assert dict(found["en"])[row(plan, "Build").uid] == "no predecessor"
    assert dict(found["de"])[row(plan, "Build").uid] == "kein Vorgänger"
    assert texts("3 → FS") == "3 → FS"


# ── findings among all findings ──────────────────────────────────────────────────────────────────


def test_failed_checks_are_findings_of_the_project(cast: Cast, plan: Plan) -> None:
    check_plan(plan)
    failed = set(PlanCheck.objects.filter(plan=plan, passed=False).values_list("code", flat=True))
    found = {one.check.code: one for one in findings_for(cast.project, cast.petra) if one.check.code.startswith("PLN")}
    assert set(found) == failed and "PLN001" in failed
    assert found["PLN001"].url == reverse("planning:plan-quality", args=["PRJ-0001"]) + "#PLN001"
    assert "2 of 4" in found["PLN001"].text and found["PLN001"].severity == "critical"
    assert not [one for one in findings(cast.olga) if one.check.code.startswith("PLN")]  # she does not see the project


def test_findings_over_all_plans_need_one_question(cast: Cast, plan: Plan) -> None:
    from stellwerk.core.checks import CHECKS

    check_plan(plan)
    check_plan(sound_plan(cast.other_project, cast))
    checks = [check for code, check in CHECKS.items() if code.startswith("PLN")]
    assert len(checks) == len(RULES)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = findings(cast.petra, checks=checks)
    assert {one.obj.key for one in found} == {"PRJ-0001", "PRJ-0002"}
    assert sum("planning_plancheck" in one["sql"] for one in queries) == 1


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_a_plan_names_each_check_and_the_rows_that_break_it(cast: Cast, plan: Plan) -> None:
    check_plan(plan)
    answer = cast.client("paul").get(reverse("planning:plan-quality", args=["PRJ-0001"]))
    text = answer.content.decode()
    assert answer.status_code == 200
    for rule in RULES:
        assert f'id="{rule.code}"' in text
    assert f"/plans/PRJ-0001/#row-{row(plan, 'End').pk}" in text
    assert "failed" in text and "passed" in text and "not measured" in text  # words, not colours alone


def test_the_page_of_a_plan_that_changed_since_shows_what_is_true_now(cast: Cast, plan: Plan) -> None:
    check_plan(plan)
    edit(plan, {"op": "add", "values": {"name": "Forgotten <i>", "days": 1}})
    text = cast.client("paul").get(reverse("planning:plan-quality", args=["PRJ-0001"])).content.decode()
    assert "Forgotten &lt;i&gt;" in text


def test_an_empty_plan_says_that_there_is_nothing_to_check(cast: Cast) -> None:
    create_plan(project=cast.project, by=None, start=dt.date(2027, 1, 4))
    answer = cast.client("paul").get(reverse("planning:plan-quality", args=["PRJ-0001"]))
    assert answer.status_code == 200 and "no activities" in answer.content.decode()


def test_who_does_not_see_the_project_does_not_see_its_checks(cast: Cast, plan: Plan) -> None:
    assert cast.client("olga").get(reverse("planning:plan-quality", args=["PRJ-0001"])).status_code == 404
    assert cast.client("paul").get(reverse("planning:plan-quality", args=["PRJ-0002"])).status_code == 404  # not his


def test_the_overview_shows_the_worst_plan_first_and_only_visible_ones(cast: Cast, plan: Plan) -> None:
    worse = sound_plan(cast.other_project, cast)
    Link.objects.filter(plan=worse).delete()
    for one in (plan, worse):
        check_plan(one)
    assert [line.plan.key for line in quality_lines(cast.petra)] == ["PRJ-0002", "PRJ-0001"]
    assert [line.plan.key for line in quality_lines(cast.paul)] == ["PRJ-0001"]
    client = cast.client("petra")
    text = client.get(reverse("planning:quality")).content.decode()
    assert text.index("PRJ-0002") < text.index("PRJ-0001")
    assert reverse("planning:plan-quality", args=["PRJ-0002"]) + "#PLN001" in text


def test_the_overview_does_not_call_unchecked_plans_sound(cast: Cast, plan: Plan) -> None:
    sound_plan(cast.other_project, cast)
    PlanCheck.objects.all().delete()
    client = cast.client("petra")
    assert "<h1>No plan has been checked yet" in client.get(reverse("planning:quality")).content.decode()
    check_plan(plan)
    PlanCheck.objects.update(passed=True)
    text = client.get(reverse("planning:quality")).content.decode()
    assert "<h1>The plan passes all checks; 1 is not checked yet" in text
    PlanCheck.objects.filter(code="PLN001").update(passed=False)
    text = client.get(reverse("planning:quality")).content.decode()
    assert "<h1>1 of 1 plans fails checks; 1 is not checked yet" in text


def test_the_overview_narrows_to_a_portfolio_and_a_check(cast: Cast, plan: Plan) -> None:
    other = sound_plan(cast.other_project, cast)
    link = Link.objects.filter(plan=other).first()
    assert link is not None
    edit(other, {"op": "set_link", "link": link.pk, "version": link.version, "values": {"days": -1}})
    for one in Plan.objects.select_related("project", "calendar"):
        check_plan(one)
    assert [line.plan.key for line in quality_lines(cast.petra, code="PLN002")] == ["PRJ-0002"]
    client = cast.client("petra")
    assert client.get(reverse("planning:quality") + "?portfolio=ANLAGEN&check=PLN002&page=x").status_code == 200
    assert client.get(reverse("planning:quality") + "?portfolio=NONE").status_code == 404
    assert client.get(reverse("planning:quality") + "?check=%00x").status_code in (200, 400)
    assert client.get(reverse("planning:quality") + "?check=nonsense").status_code == 200


def test_the_overview_needs_as_many_queries_for_two_plans_as_for_one(cast: Cast, plan: Plan) -> None:
    check_plan(plan)
    quality_lines(cast.petra)  # what the user may do is remembered from here on
    with CaptureQueriesContext(connection) as one:
        quality_lines(cast.petra)
    check_plan(sound_plan(cast.other_project, cast))
    with CaptureQueriesContext(connection) as two:
        quality_lines(cast.petra)
    assert len(two) == len(one) <= 4


def test_the_command_and_the_page_say_the_same(cast: Cast, plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    Plan.objects.filter(pk=plan.pk).update(source="xer")  # as if it had come from a file that holds no baseline
    check_plan(plan)
    status = call_command("check", "--project", plan.key, "--json")
    told = {one["code"]: one["pass"] for one in json.loads(capsys.readouterr().out)["checks"]}
    assert told == dict(PlanCheck.objects.values_list("code", "passed"))
    assert told["PLN017"] is False and int(status) == 1
    create_plan(project=cast.other_project, by=None, start=dt.date(2027, 1, 4))
    with pytest.raises(CommandError, match="no activities") as caught:
        call_command("check", "--project", cast.other_project.key)
    assert caught.value.returncode == 2
