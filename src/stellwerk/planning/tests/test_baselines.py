"""Baselines: frozen, approved by another person, never changed, compared."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction

from stellwerk.core import services
from stellwerk.core.erasure import erase_user
from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.merge import merge
from stellwerk.core.models import AuditEntry, Grant, Notification, Scope
from stellwerk.core.registry import duties_of
from stellwerk.core.states import advance
from stellwerk.planning.models import Activity, Baseline, BaselineRow, WorkingCalendar
from stellwerk.planning.selectors.baselines import approved_baseline, baselines_to_decide, compare, first_baseline
from stellwerk.planning.services.baselines import approve_baseline, intact, propose_baseline, reject_baseline
from stellwerk.planning.tests.plans import add_milestone, add_row, approved, at, example_plan


@pytest.fixture
def plan(cast):
    return example_plan(cast.project)


# ── proposing ────────────────────────────────────────────────────────────────────────────────────


def test_a_proposal_freezes_scope_dates_and_effort(cast, plan):
    baseline = propose_baseline(plan=plan, reason="Execution is released", name="Release", by=cast.paul)
    assert (baseline.number, baseline.state, str(baseline)) == (0, "proposed", "B0")
    assert baseline.data_date == dt.date(2026, 11, 20)
    rows = {row.uid: row for row in baseline.rows.all()}
    assert sorted(rows) == [1, 2, 3, 4, 5, 6]
    assert (rows[3].name, rows[3].start, rows[3].finish, rows[3].work) == (
        "Hall",
        at(2027, 1, 11),
        at(2027, 1, 22, 17),
        160,
    )
    assert rows[1].summary and rows[4].kind == "finish_milestone"
    assert len(baseline.sha256) == 64 and intact(baseline)


def test_inactive_and_cancelled_rows_are_no_scope(cast, plan):
    Activity.objects.filter(plan=plan, uid=5).update(active=False)
    Activity.objects.filter(plan=plan, uid=6).update(state="cancelled")
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    assert sorted(baseline.rows.values_list("uid", flat=True)) == [1, 2, 3, 4]


@pytest.mark.parametrize("who", ["stefan", "elke", "tom", "conny", "rita", "uwe"])
def test_only_who_may_edit_the_project_proposes(cast, plan, who):
    with pytest.raises(NotAllowed):
        propose_baseline(plan=plan, reason="First", by=getattr(cast, who))
    assert not Baseline.objects.exists()


def test_a_proposal_needs_a_reason_and_rows(cast, plan):
    with pytest.raises(Invalid) as refused:
        propose_baseline(plan=plan, reason="  ", by=cast.paul)
    assert "reason" in refused.value.errors
    with pytest.raises(Invalid):
        propose_baseline(plan=plan, reason="First", name="x" * 161, by=cast.paul)
    Activity.objects.filter(plan=plan).update(active=False)
    with pytest.raises(Invalid):
        propose_baseline(plan=plan, reason="First", by=cast.paul)
    assert not Baseline.objects.exists() and not BaselineRow.objects.exists()


def test_one_proposal_waits_at_a_time(cast, plan):
    propose_baseline(plan=plan, reason="First", by=cast.paul)
    with pytest.raises(Refused) as refused:
        propose_baseline(plan=plan, reason="Second", by=cast.petra)
    assert refused.value.code == "baseline_waiting"


def test_an_archived_project_proposes_nothing(cast, plan):
    services.archive(cast.project, by=cast.petra)
    plan.project.refresh_from_db()
    with pytest.raises(Refused):
        propose_baseline(plan=plan, reason="First", by=cast.paul)


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["stefan", "elke"])
def test_sponsor_and_executive_approve(cast, plan, who):
    baseline = approved(plan, by=cast.paul, approver=getattr(cast, who))
    assert (baseline.state, baseline.approved_by) == ("approved", getattr(cast, who))
    assert baseline.approved_at is not None


@pytest.mark.parametrize("who", ["paul", "petra", "anton", "gerda", "tom", "conny", "uwe"])
def test_nobody_else_approves(cast, plan, who):
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    for decide in (
        lambda: approve_baseline(baseline=baseline, by=getattr(cast, who)),
        lambda: reject_baseline(baseline=baseline, by=getattr(cast, who), reason="No"),
    ):
        with pytest.raises(NotAllowed):
            decide()
    assert Baseline.objects.get().state == "proposed"


def test_who_proposed_does_not_approve_even_with_the_role(cast, plan):
    Grant.objects.create(user=cast.paul, role="executive", scope=Scope.PORTFOLIO, scope_id=cast.portfolio.pk)
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    with pytest.raises(NotAllowed):
        approve_baseline(baseline=baseline, by=cast.paul)
    assert approve_baseline(baseline=baseline, by=cast.stefan).state == "approved"


def test_a_rejection_needs_a_reason_and_is_final(cast, plan):
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    with pytest.raises(Invalid):
        reject_baseline(baseline=baseline, by=cast.stefan, reason=" ")
    assert reject_baseline(baseline=baseline, by=cast.stefan, reason="The hall is missing").state == "rejected"
    with pytest.raises(WrongState):
        approve_baseline(baseline=baseline, by=cast.stefan)
    assert propose_baseline(plan=plan, reason="Second", by=cast.paul).number == 1
    assert approved_baseline(plan) is None and first_baseline(plan) is None


def test_the_next_approval_supersedes_and_b0_stays(cast, plan):
    first = approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan, uid=5).update(finish=at(2027, 2, 5, 17))
    second = approved(plan, by=cast.paul, approver=cast.stefan, reason="Training takes longer")
    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "approved")
    assert (approved_baseline(plan), first_baseline(plan)) == (second, first)
    assert first.rows.get(uid=5).finish == at(2027, 1, 29, 17)
    assert intact(first) and intact(second) and first.sha256 != second.sha256
    told = AuditEntry.objects.filter(entity_type="planning.baseline", entity_id=first.pk).values_list("verb", flat=True)
    assert sorted(told) == ["approve", "create", "propose", "supersede"]


def test_an_approved_baseline_is_not_withdrawn_by_hand(cast, plan):
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    with pytest.raises(WrongState):
        advance(baseline, "supersede", by=cast.stefan)
    with pytest.raises(NotAllowed):
        advance(baseline, "supersede", by=cast.paul)


def test_approval_sets_the_baseline_dates_of_the_project(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    cast.project.refresh_from_db()
    assert cast.project.start_baseline == dt.date(2027, 1, 4)
    assert cast.project.finish_baseline == dt.date(2027, 1, 29)
    entry = AuditEntry.objects.filter(entity_type="portfolio.project", entity_id=cast.project.pk, verb="baseline").get()
    assert entry.actor == cast.stefan and entry.changes["finish_baseline"] == [None, "2027-01-29"]


def test_a_rejection_leaves_the_project_alone(cast, plan):
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    reject_baseline(baseline=baseline, by=cast.stefan, reason="No")
    cast.project.refresh_from_db()
    assert cast.project.finish_baseline is None


# ── frozen for ever ──────────────────────────────────────────────────────────────────────────────


def test_no_way_of_the_house_changes_a_frozen_row(cast, plan):
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    row = baseline.rows.get(uid=3)
    attempts = [
        lambda: services.edit(row, {"name": "Other"}, by=cast.petra),
        lambda: services.edit(row, {"name": "Other"}, by=None),
        lambda: services.write(row, {"finish": at(2028, 1, 1)}, by=None),
        lambda: BaselineRow.objects.filter(pk=row.pk).update(work=1),
        lambda: baseline.rows.update(work=1),
        lambda: BaselineRow.objects.filter(pk=row.pk).delete(),
        lambda: row.delete(),
        lambda: row.save(),
    ]
    for attempt in attempts:
        with pytest.raises((TypeError, NotAllowed)), transaction.atomic():
            attempt()
    assert baseline.rows.count() == 6 and intact(baseline)


def test_editing_the_plan_changes_the_forecast_only(cast, plan):
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan, uid=3).update(name="Hall and crane", finish=at(2027, 3, 1, 17), work=500)
    Activity.objects.filter(plan=plan, uid=6).delete()
    assert intact(baseline)
    kept = {row.uid: row for row in baseline.rows.all()}
    assert (kept[3].name, kept[3].finish) == ("Hall", at(2027, 1, 22, 17))
    assert kept[6].activity_id is None and kept[6].name == "Manual"


def test_an_erasure_takes_a_name_out_and_leaves_the_seal(cast, plan):
    Activity.objects.filter(plan=plan, uid=3).update(name="Hall with Walter Nagel")
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    erase_user(cast.walter, by=cast.ada)
    assert "Nagel" not in baseline.rows.get(uid=3).name
    assert intact(baseline)


def test_a_row_changed_behind_the_back_breaks_the_seal(cast, plan):
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE planning_baselinerow SET work = 1 WHERE baseline_id = %s AND uid = 3", [baseline.pk])
    assert not intact(baseline)


def test_baselines_are_never_merged(cast, plan):
    first = approved(plan, by=cast.paul, approver=cast.stefan)
    second = approved(plan, by=cast.paul, approver=cast.stefan, reason="Second")
    with pytest.raises(Refused) as refused:
        merge(first, second, choices={}, by=cast.petra)
    assert refused.value.code == "not_mergeable"
    assert first.rows.count() == second.rows.count() == 6


# ── comparing ────────────────────────────────────────────────────────────────────────────────────


def test_nothing_changed_means_no_difference(cast, plan):
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    found = compare(plan, baseline, None)
    assert found.rows == [] and found.finish_move == 0 and found.work_change == 0


def test_compare_names_added_removed_moved_and_sums(cast, plan):
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    # Hall: three working days longer over a weekend, more effort; the gate follows; the manual goes, a test comes.
    Activity.objects.filter(plan=plan, uid=3).update(finish=at(2027, 1, 27, 17), work=184)
    Activity.objects.filter(plan=plan, uid=4).update(start=at(2027, 1, 27, 17), finish=at(2027, 1, 27, 17))
    Activity.objects.filter(plan=plan, uid=6).delete()
    add_row(plan, 7, "Test", at(2027, 2, 1), at(2027, 2, 2, 17), work=Decimal(16))
    found = compare(plan, baseline, None)
    kinds = {row.row.name: row.change for row in found.rows}
    assert kinds == {"Hall": "changed", "Ready for operation": "changed", "Manual": "removed", "Test": "added"}
    hall = next(row for row in found.rows if row.row.name == "Hall")
    assert (hall.start_move, hall.finish_move, hall.work_change) == (0, 3, 24)
    gate = next(row for row in found.rows if row.row.name == "Ready for operation")
    assert (gate.start_move, gate.finish_move) == (3, 3)
    assert found.finish_move == 2  # Friday 29 January to Tuesday 2 February
    assert (found.before.work, found.after.work, found.work_change) == (224, 264, 40)
    assert (found.before.activities, found.after.activities) == (4, 4)
    back = compare(plan, None, baseline)
    assert {row.row.name: row.change for row in back.rows}["Test"] == "removed"
    assert back.finish_move == -2 and back.work_change == -40


def test_moves_are_counted_by_the_calendar_of_the_row(cast, plan):
    calendar = WorkingCalendar.objects.create(
        key="CAL-0001", name="Seven days", week=[[[480, 720], [780, 1020]]] * 7, organisation=cast.organisation
    )
    Activity.objects.filter(plan=plan, uid=2).update(calendar=calendar)
    Activity.objects.filter(plan=plan, uid=6).update(elapsed=True)
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    # From Friday to the Monday after: three days where every day is worked, three days by the clock.
    Activity.objects.filter(plan=plan, uid=2).update(finish=at(2027, 1, 11, 17))
    Activity.objects.filter(plan=plan, uid=6).update(finish=at(2027, 1, 9, 17))
    moves = {row.row.name: (row.finish_move, row.elapsed) for row in compare(plan, baseline, None).rows}
    assert moves == {"Foundation": (3, False), "Manual": (3, True)}


def test_two_baselines_compare_without_the_plan(cast, plan):
    first = approved(plan, by=cast.paul, approver=cast.stefan)
    add_milestone(plan, 8, "Handover", at(2027, 2, 12, 17))
    second = approved(plan, by=cast.paul, approver=cast.stefan, reason="Handover")
    Activity.objects.filter(plan=plan).update(finish=at(2029, 1, 1, 17))
    found = compare(plan, first, second)
    assert [(row.row.name, row.change) for row in found.rows] == [("Handover", "added")]
    assert found.finish_move == 10


def test_the_approver_finds_it_on_my_day(cast, plan):
    assert not [duty for duty in duties_of(cast.stefan) if "B0" in duty.title]
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    for who, sees in (("stefan", True), ("elke", True), ("paul", False), ("petra", False), ("uwe", False)):
        found = [duty for duty in duties_of(getattr(cast, who), "approval") if "B0" in duty.title]
        assert bool(found) == sees, who
    approve_baseline(baseline=baseline, by=cast.stefan)
    assert not [duty for duty in duties_of(cast.stefan) if "B0" in duty.title]


def told(user):
    return [
        (row.title, row.text) for row in Notification.objects.filter(user=user, kind="planning.baseline").order_by("pk")
    ]


def test_the_sponsor_and_then_who_asked_are_told(cast, plan):
    baseline = propose_baseline(plan=plan, reason="Execution is released", by=cast.paul)
    assert told(cast.stefan) == [
        ("PRJ-0001 Elektrolyse Lubmin: baseline B0 waits for your decision", "Execution is released")
    ]
    assert not told(cast.elke) and not told(cast.paul)
    reject_baseline(baseline=baseline, by=cast.stefan, reason="The hall is missing")
    assert told(cast.paul) == [("PRJ-0001 Elektrolyse Lubmin: baseline B0 is rejected", "The hall is missing")]
    approved(plan, by=cast.paul, approver=cast.elke)
    assert told(cast.paul)[-1][0] == "PRJ-0001 Elektrolyse Lubmin: baseline B1 is approved"


def test_without_a_sponsor_whoever_may_approve_is_told(cast):
    plan = example_plan(cast.other_project)
    propose_baseline(plan=plan, reason="First", by=cast.olga)
    assert told(cast.elke) and not told(cast.stefan) and not told(cast.petra)


def test_many_waiting_baselines_need_no_more_queries(cast, plan, django_assert_num_queries):
    Grant.objects.create(user=cast.paul, role="executive", scope=Scope.PORTFOLIO, scope_id=cast.portfolio.pk)
    propose_baseline(plan=plan, reason="First", by=cast.paul)
    for user in (cast.elke, cast.paul):
        user.refresh_from_db()
    with django_assert_num_queries(3):  # grants, baselines, who asked
        assert len(baselines_to_decide(cast.elke)) == 1
    propose_baseline(plan=example_plan(cast.other_project), reason="First", by=cast.olga)
    with django_assert_num_queries(2):
        assert len(baselines_to_decide(cast.elke)) == 2
    assert [row.plan.project for row in baselines_to_decide(cast.paul)] == [cast.other_project]  # not what he proposed


def test_a_deputy_of_who_proposed_does_not_decide_either(cast, plan):
    Grant.objects.create(user=cast.paul, role="executive", scope=Scope.PORTFOLIO, scope_id=cast.portfolio.pk)
    Grant.objects.create(
        user=cast.tom, role="executive", scope=Scope.PORTFOLIO, scope_id=cast.portfolio.pk, deputy_for=cast.paul
    )
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    assert not baselines_to_decide(cast.tom)
    with pytest.raises(NotAllowed):
        approve_baseline(baseline=baseline, by=cast.tom)
