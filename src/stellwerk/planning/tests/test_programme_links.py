"""Links between projects: a slip of the giver arrives at the taker, circles are refused, what is hidden stays nameless."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from stellwerk.core.errors import NotAllowed
from stellwerk.core.jobs import run_pending
from stellwerk.core.jobs.worker import POLL
from stellwerk.core.models import AuditEntry, Confidentiality, Job, Notification
from stellwerk.planning.models import Activity, Link, Plan
from stellwerk.planning.selectors.activities import facts_of
from stellwerk.planning.selectors.chart import chart_data
from stellwerk.planning.selectors.links import over_the_border_of, with_an_end_in
from stellwerk.planning.services.aftermath import AFTERMATH
from stellwerk.planning.services.editing import Edited, EditRefused, edit_plan, reschedule, undo_edit
from stellwerk.planning.services.plans import create_plan
from stellwerk.portfolio.models import Project
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


def edit(plan: Plan, *operations: dict[str, Any], by: Any = None, **options: Any) -> Edited:
    fresh = Plan.objects.select_related("project").get(pk=plan.pk)
    return edit_plan(plan=fresh, operations=list(operations), by=by, **options)


def add(name: str, days: float = 5, after: str | None = None) -> dict[str, Any]:
    return {"op": "add", "ref": name, "after": after, "values": {"name": name, "days": days}}


def row(name: str) -> Activity:
    return Activity.objects.select_related("plan__project").get(name=name)


def link(before: str, after: str, **values: Any) -> dict[str, Any]:
    return {"op": "link", "from": row(before).pk, "to": row(after).pk, **values}


def july(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 7, day, hour)  # noqa: DTZ001 - plans know local time only


def plan_with(project: Project, *names: str) -> Plan:
    """Activities of five days in a chain, then a milestone ``<last name> done``."""
    plan = create_plan(project=project, by=None, start=dt.date(2026, 7, 1))
    operations = [add(name, after=names[number - 1] if number else None) for number, name in enumerate(names)]
    operations.append(add(f"{names[-1]} done", 0, after=names[-1]))
    chain = [*names, f"{names[-1]} done"]
    operations += [{"op": "link", "from": one, "to": two} for one, two in pairwise(chain)]
    edit(plan, *operations)
    return plan


@pytest.fixture
def giver(cast: Cast) -> Plan:
    return plan_with(cast.project, "Design", "Build")


@pytest.fixture
def taker(cast: Cast) -> Plan:
    return plan_with(cast.other_project, "Install", "Test")


@pytest.fixture
def linked(cast: Cast, giver: Plan, taker: Plan) -> Plan:
    """Install (PRJ-0002) begins after Build (PRJ-0001)."""
    edit(taker, link("Build", "Install"), by=cast.petra)
    run_pending()
    Notification.objects.all().delete()
    return taker


def slip(plan: Plan, days: int, name: str = "Design") -> None:
    edit(plan, {"op": "set", "row": row(name).pk, "values": {"days": days}})


# ── what arrives at the taker ────────────────────────────────────────────────────────────────────


def test_a_slip_of_the_giver_moves_the_taker_and_says_why(cast: Cast, giver: Plan, linked: Plan) -> None:
    # 1 July 2026 is a Wednesday: ten days end on Tuesday the 14th, so Install runs from the 15th to the 21st.
    assert (row("Install").start, row("Install").finish) == (july(15, 8), july(21, 17))
    before = Plan.objects.get(pk=linked.pk).revision
    slip(giver, 8)
    assert row("Install").start == july(15, 8)  # not in the planner's request: in the job,
    waiting = Job.objects.get(name=AFTERMATH, state="queued")
    assert waiting.run_after <= timezone.now() and POLL < 60  # which a worker looks for within a minute
    run_pending()
    assert (row("Install").start, row("Install").finish) == (july(20, 8), july(24, 17))
    assert row("Test done").finish == july(31, 17)
    after = Plan.objects.get(pk=linked.pk)
    assert after.revision == before + 1
    assert after.finish == july(31, 17)
    data = chart_data(after, cast.petra, since=before)
    assert data is not None
    assert {"Install", "Test", "Test done"} <= {one["name"] for one in data["rows"]}
    assert [(one["project"], one["direction"]) for one in data["outer"]] == [("PRJ-0001", "in")]
    assert row("Install").driver == Link.objects.get(successor=row("Install")).pk
    assert any("PRJ-0001" in text and "Build" in text for _label, text in facts_of(row("Install"), cast.petra))
    assert AuditEntry.objects.filter(entity_type="planning.plan", entity_id=linked.pk, verb="schedule").count() == 1


def test_a_slip_runs_through_three_projects(cast: Cast, giver: Plan, linked: Plan) -> None:
    third = Project.objects.create(
        key="PRJ-0003", name="Betrieb", portfolio=cast.portfolio, unit=cast.unit, manager=cast.people["rita"]
    )
    last = plan_with(third, "Train")
    edit(last, link("Test", "Train"), by=cast.petra)
    assert row("Train").start == july(29, 8)
    slip(giver, 6)
    run_pending()
    assert row("Train").start == july(30, 8)
    assert any("PRJ-0002" in text for _label, text in facts_of(row("Train"), cast.petra))


def test_a_slip_that_float_takes_up_changes_nothing(giver: Plan, linked: Plan) -> None:
    edit(linked, {"op": "set", "row": row("Install").pk, "values": {"start": "2026-07-27"}})
    run_pending()
    before = Plan.objects.get(pk=linked.pk).revision
    slip(giver, 7)
    run_pending()
    assert Plan.objects.get(pk=linked.pk).revision == before
    assert not Notification.objects.exists()


def test_the_same_change_done_twice_by_the_queue_moves_once(giver: Plan, linked: Plan) -> None:
    from stellwerk.planning.services.aftermath import after_change

    slip(giver, 8)
    run_pending()
    before = Plan.objects.get(pk=linked.pk).revision
    after_change(giver.pk)
    assert Plan.objects.get(pk=linked.pk).revision == before


def test_an_undo_of_the_slip_arrives_too(cast: Cast, giver: Plan, linked: Plan) -> None:
    edited = edit(giver, {"op": "set", "row": row("Design").pk, "values": {"days": 8}}, by=cast.petra)
    run_pending()
    assert edited.change_set is not None
    undo_edit(change_set=edited.change_set, plan=Plan.objects.get(pk=giver.pk), by=cast.petra)
    run_pending()
    assert row("Install").start == july(15, 8)


@pytest.mark.parametrize("state", ["archived", "stale"])
def test_a_plan_that_waits_for_its_planner_is_not_moved(cast: Cast, giver: Plan, linked: Plan, state: str) -> None:
    if state == "archived":
        Project.objects.filter(pk=linked.project_id).update(archived_at="2026-11-01T00:00Z")
    else:
        Plan.objects.filter(pk=linked.pk).update(stale=True)
    slip(giver, 8)
    run_pending()
    assert row("Install").start == july(15, 8)
    assert Plan.objects.get(pk=linked.pk).stale
    Project.objects.filter(pk=linked.project_id).update(archived_at=None)
    reschedule(plan=Plan.objects.select_related("project").get(pk=linked.pk), by=cast.petra)
    assert row("Install").start == july(20, 8)


def test_a_giver_that_moved_while_the_link_was_drawn_is_read_again(cast: Cast, giver: Plan, taker: Plan) -> None:
    run_pending()
    edit(taker, link("Build", "Install"), by=cast.petra)
    # What a commit between the computing of the taker and its own commit leaves behind: old dates, and no job that knows the taker.
    Activity.objects.filter(name="Build").update(finish=july(20, 17))
    run_pending()
    assert row("Install").start == july(21, 8)


# ── circles ──────────────────────────────────────────────────────────────────────────────────────


def test_a_circle_over_two_projects_is_refused_when_it_is_drawn(cast: Cast, giver: Plan, linked: Plan) -> None:
    before = Plan.objects.get(pk=giver.pk).revision
    with pytest.raises(EditRefused) as refused:
        edit(giver, link("Test", "Design"), by=cast.petra)
    text = str(refused.value)
    assert "PRJ-0002: 1 Install" in text and "PRJ-0002: 2 Test" in text and "1 Design" in text
    assert set(refused.value.cycle) == {row("Design").pk, row("Build").pk}
    assert Link.objects.count() == 5
    assert Plan.objects.get(pk=giver.pk).revision == before


def test_a_link_inside_one_plan_can_close_a_circle_over_two(cast: Cast, giver: Plan, taker: Plan) -> None:
    Link.objects.filter(plan=giver, successor=row("Build")).delete()
    edit(taker, link("Build", "Install"), by=cast.petra)
    edit(giver, link("Test", "Design"), by=cast.petra)  # Build → Install → Test → Design: no circle yet
    with pytest.raises(EditRefused, match="circle"):
        edit(giver, link("Design", "Build"), by=cast.petra)
    with pytest.raises(EditRefused, match="circle"):
        edit(giver, link("Design", "Build"), by=cast.petra, preview=True)


def test_a_circle_over_three_projects_is_refused(cast: Cast, giver: Plan, linked: Plan) -> None:
    third = Project.objects.create(key="PRJ-0003", name="Betrieb", portfolio=cast.portfolio, unit=cast.unit)
    last = plan_with(third, "Train")
    edit(last, link("Test", "Train"), by=cast.petra)
    with pytest.raises(EditRefused, match="PRJ-0003: 1 Train"):
        edit(giver, link("Train", "Design"), by=cast.petra)


def test_there_and_back_without_a_circle_is_allowed(cast: Cast, giver: Plan, linked: Plan) -> None:
    edit(giver, add("Accept", 1, after=None))
    edit(giver, link("Test", "Accept"), by=cast.petra)
    run_pending()
    assert row("Accept").start == july(29, 8)


def test_an_activity_that_was_inactive_closes_no_circle_until_it_is_active(
    cast: Cast, giver: Plan, linked: Plan
) -> None:
    edit(giver, {"op": "set", "row": row("Build").pk, "values": {"active": False}})
    edit(giver, link("Test", "Design"), by=cast.petra)
    with pytest.raises(EditRefused, match="circle"):
        edit(giver, {"op": "set", "row": row("Build").pk, "values": {"active": True}}, by=cast.petra)


def test_an_undo_that_would_bring_a_circle_back_is_refused(cast: Cast, giver: Plan, linked: Plan) -> None:
    outer = Link.objects.get(successor=row("Install"))
    edited = edit(linked, {"op": "unlink", "links": [outer.pk]}, by=cast.petra)
    edit(giver, link("Test", "Design"), by=cast.petra)
    assert edited.change_set is not None
    with pytest.raises(EditRefused, match="circle"):
        undo_edit(change_set=edited.change_set, plan=Plan.objects.get(pk=linked.pk), by=cast.petra)
    assert Link.objects.filter(predecessor=row("Build"), successor=row("Install")).count() == 0


# ── who may see what ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def strict(cast: Cast, giver: Plan, linked: Plan) -> Plan:
    """The giver became strictly confidential: Olga does not see it any more."""
    Project.objects.filter(pk=giver.project_id).update(confidentiality=Confidentiality.STRICT)
    return giver


def test_a_giver_that_may_not_be_seen_cannot_be_linked(cast: Cast, giver: Plan, taker: Plan) -> None:
    with pytest.raises(EditRefused, match="may not see"):
        edit(taker, link("Build", "Install"), by=cast.olga)
    assert not Link.objects.filter(plan=taker, predecessor__plan=giver).exists()


def test_a_link_into_the_plan_of_another_project_is_drawn_there(cast: Cast, giver: Plan, taker: Plan) -> None:
    with pytest.raises(EditRefused, match="successor"):
        edit(giver, link("Build", "Install"), by=cast.petra)
    with pytest.raises(NotAllowed):
        edit(taker, link("Build", "Install"), by=cast.paul)


def test_what_the_reader_may_not_see_has_no_name(cast: Cast, strict: Plan, linked: Plan) -> None:
    plan = Plan.objects.select_related("project").get(pk=linked.pk)
    data = chart_data(plan, cast.olga)
    assert data is not None
    outer = data["outer"][0]
    assert (outer["project"], outer["name"], outer["start"], outer["finish"]) == ("", "", None, None)
    assert "Build" not in str(data) and "PRJ-0001" not in str(data)
    assert "Build" not in str(facts_of(row("Install"), cast.olga))
    effect = edit(linked, {"op": "set", "row": row("Install").pk, "values": {"days": 9}}, by=cast.olga, preview=True)
    assert "Build" not in str(effect.effect.as_json()) and "PRJ-0001" not in str(effect.effect.as_json())
    outer_link = Link.objects.get(successor=row("Install"), predecessor=row("Build"))
    changed = edit(linked, {"op": "set_link", "link": outer_link.pk, "values": {"days": 1}}, by=cast.olga)
    assert changed.change_set is not None
    assert "Build" not in changed.change_set.title
    removed = edit(linked, {"op": "unlink", "links": [outer_link.pk]}, by=cast.olga)
    assert removed.change_set is not None
    assert "Build" not in removed.change_set.title


def test_a_circle_through_what_may_not_be_seen_is_told_without_names(cast: Cast, giver: Plan, linked: Plan) -> None:
    edit(giver, add("Start", 1, after=None))
    back = row("Start")
    Link.objects.create(plan=giver, predecessor=row("Test"), successor=back)
    Project.objects.filter(pk=giver.project_id).update(confidentiality=Confidentiality.STRICT)
    Link.objects.create(plan=giver, predecessor=back, successor=row("Design"))
    with pytest.raises(EditRefused) as refused:
        edit(linked, {"op": "set", "row": row("Install").pk, "values": {"days": 6}}, by=cast.olga)
    assert "Design" not in str(refused.value) and "PRJ-0001" not in str(refused.value)
    assert "may not see" in str(refused.value)


def test_a_row_that_others_depend_on_names_only_takers_that_may_be_seen(cast: Cast, giver: Plan, linked: Plan) -> None:
    with pytest.raises(EditRefused) as refused:
        edit(giver, {"op": "remove", "rows": [row("Build").pk]}, by=cast.petra)
    assert "PRJ-0002" in str(refused.value)
    with pytest.raises(EditRefused) as refused:
        edit(giver, {"op": "remove", "rows": [row("Build").pk]}, by=cast.paul)
    assert "PRJ-0002" not in str(refused.value)
    assert Activity.objects.filter(name="Build").exists()


# ── who is told ──────────────────────────────────────────────────────────────────────────────────


def test_the_takers_manager_is_told_which_milestone_moves(cast: Cast, giver: Plan, linked: Plan) -> None:
    cast.olga.digest = "at_once"
    cast.olga.save()
    slip(giver, 8)
    run_pending()
    told = Notification.objects.get()
    assert told.user == cast.olga
    # Paul's project is none that Olga may see.
    assert told.title == "Another project moves “Test done” in PRJ-0002 by +3 WD to 31 Jul 2026"
    assert "28 Jul 2026 → 31 Jul 2026" in told.text
    assert told.url == "/plans/PRJ-0002/"
    assert [message.to for message in mail.outbox] == [["olga@example.com"]]
    slip(giver, 8)
    run_pending()
    assert Notification.objects.count() == 1


def test_a_manager_who_may_see_the_giver_reads_its_key(cast: Cast, giver: Plan, linked: Plan) -> None:
    Project.objects.filter(pk=linked.project_id).update(manager=cast.people["petra"])
    slip(giver, 8)
    run_pending()
    assert Notification.objects.get(user=cast.petra).title.startswith("PRJ-0001 moves “Test done”")


def test_what_becomes_earlier_alarms_nobody(cast: Cast, giver: Plan, linked: Plan) -> None:
    slip(giver, 3)
    run_pending()
    assert row("Install").start == july(13, 8)
    assert not Notification.objects.exists()


def test_a_reached_milestone_alarms_nobody(cast: Cast, giver: Plan, linked: Plan) -> None:
    edit(linked, {"op": "set", "row": row("Test done").pk, "values": {"percent": 100}})
    slip(giver, 8)
    run_pending()
    assert not Notification.objects.exists()


# ── both cockpits ────────────────────────────────────────────────────────────────────────────────


def test_giver_and_taker_turn_red_when_promised_is_later_than_needed(cast: Cast, giver: Plan, linked: Plan) -> None:
    from stellwerk.planning.selectors.dependencies import supplies_of
    from stellwerk.planning.services.baselines import approve_baseline, propose_baseline

    approve_baseline(baseline=propose_baseline(plan=linked, reason="First", by=cast.olga), by=cast.elke)

    def lights() -> list[tuple[str, Any]]:
        plans = [Plan.objects.select_related("project").get(pk=plan.pk) for plan in (giver, linked)]
        return [(one.light, one.slack) for plan in plans for one in supplies_of(plan, cast.petra)]

    assert lights() == [("green", 0), ("green", 0)]
    slip(giver, 8)
    run_pending()
    assert lights() == [("red", -3), ("red", -3)]
    for key in ("PRJ-0001", "PRJ-0002"):
        text = cast.client("petra").get(f"/portfolio/projects/{key}").content.decode()
        assert "Links with other projects" in text and "17 Jul 26" in text
    edit(linked, {"op": "set", "row": row("Install").pk, "values": {"percent": 20}})
    assert [one[0] for one in lights()] == ["grey", "grey"]


def test_links_over_the_border_are_found_without_a_look_at_all_links_of_the_house(giver: Plan, linked: Plan) -> None:
    for plan in (giver, linked):
        rows = Link.objects.filter(over_the_border_of(plan.pk)).select_related("predecessor__plan", "successor__plan")
        assert [one.successor.name for one in rows] == ["Install"]
        assert set(Link.objects.filter(with_an_end_in([plan.pk]))) >= set(rows)
        if connection.vendor == "sqlite":  # PostgreSQL reads a table of a few rows as a whole
            assert "SCAN planning_link" not in rows.explain() and "SCAN V0" not in rows.explain()


def test_the_cockpit_does_not_name_what_is_hidden(cast: Cast, strict: Plan, linked: Plan) -> None:
    text = cast.client("olga").get("/portfolio/projects/PRJ-0002").content.decode()
    assert "Links with other projects" in text
    assert "Build" not in text and "PRJ-0001" not in text


def test_a_lag_counts_in_what_is_promised(cast: Cast, giver: Plan, taker: Plan) -> None:
    from stellwerk.planning.selectors.dependencies import supplies_of

    edit(taker, link("Build", "Install", days=2), by=cast.petra)
    run_pending()
    plan = Plan.objects.select_related("project").get(pk=taker.pk)
    found = supplies_of(plan, cast.petra)[0]
    assert (found.promised, found.needed, found.slack) == (july(16, 17), row("Install").late_start, 0)


def test_links_of_other_projects_come_along_only_where_links_were_changed(cast: Cast, linked: Plan) -> None:
    """Who edits a row has them already: an answer in a large plan is for what changed."""
    address = f"/plans/{linked.key}/edit/?since="
    install, outer = row("Install"), Link.objects.get(successor=row("Install"))
    for operation, told in (
        ({"op": "set", "row": install.pk, "values": {"days": 3}}, False),
        ({"op": "set_link", "link": outer.pk, "values": {"days": 1}}, True),
        ({"op": "unlink", "links": [outer.pk]}, True),
    ):
        revision = Plan.objects.values_list("revision", flat=True).get(pk=linked.pk)
        body = json.dumps({"ops": [operation]})
        answer = cast.client("petra").post(f"{address}{revision}", body, content_type="application/json")
        assert answer.status_code == 200
        assert ("outer" in answer.json()) == told, operation
