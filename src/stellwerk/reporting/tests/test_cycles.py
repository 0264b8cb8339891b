"""Reporting cycles: dates, steps by the clock, exactly the messages of the method, consolidation and publication."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from stellwerk.core.errors import Invalid, NotAllowed, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, Notification, Snapshot
from stellwerk.core.states import advance
from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.reporting import selectors
from stellwerk.reporting.models import Cycle, CycleStep, StatusReport
from stellwerk.reporting.services import (
    accept_report,
    consolidate_cycle,
    plan_cycles,
    publish_cycle,
    remind_missing,
    return_report,
    save_report,
    start_report,
    submit_report,
    take_due_steps,
)
from stellwerk.reporting.tests.conftest import DATA_DATE, alpha_figures, complete

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def told(kind: str = "") -> list[tuple[str, str]]:
    rows = Notification.objects.exclude(kind="").order_by("pk")
    return [(row.user.email.split("@")[0], row.kind) for row in rows if not kind or row.kind == kind]


@pytest.fixture
def cycle(cast) -> Cycle:
    return plan_cycles(portfolio=cast.portfolio, by=cast.petra, count=1, start=DATA_DATE)[0]


@pytest.fixture
def opened(cycle, alpha):
    take_due_steps(cycle=cycle, now=at("2026-11-17T08:00"))
    cycle.refresh_from_db()
    return cycle


def deliver(cast, project, user):
    report = StatusReport.objects.get(project=project, edition=1)
    return submit_report(report=complete(report, user), by=user)


# ── planning ─────────────────────────────────────────────────────────────────────────────────────


def test_cycles_are_planned_by_anchor_and_rhythm(cast):
    made = plan_cycles(portfolio=cast.portfolio, by=cast.petra, count=5, start=dt.date(2026, 11, 7))
    assert [(cycle.number, cycle.data_date.isoformat()) for cycle in made] == [
        (2, "2026-11-20"), (3, "2026-12-04"), (4, "2026-12-18"), (5, "2026-12-31"), (6, "2027-01-15"),
    ]  # fmt: skip


def test_planning_again_adds_only_what_is_missing(cast, cycle):
    made = plan_cycles(portfolio=cast.portfolio, by=cast.petra, count=3, start=DATA_DATE)
    assert [row.number for row in made] == [3, 4]
    assert Cycle.objects.count() == 3


@pytest.mark.parametrize("name", ["paul", "stefan", "conny", "uwe", "walter", "ada"])
def test_only_the_pmo_plans_cycles(cast, name):
    with pytest.raises(NotAllowed):
        plan_cycles(portfolio=cast.portfolio, by=cast.users[name])
    assert not Cycle.objects.exists()


@pytest.mark.parametrize("count", [0, -1, 61])
def test_an_impossible_number_of_cycles_is_refused(cast, count):
    with pytest.raises(Invalid):
        plan_cycles(portfolio=cast.portfolio, by=cast.petra, count=count)


def test_a_portfolio_without_an_anchor_says_what_to_do(cast):
    cast.portfolio.cycle_anchor = None
    cast.portfolio.save()
    with pytest.raises(Invalid, match="first data date"):
        plan_cycles(portfolio=cast.portfolio, by=cast.petra)


# ── the steps ────────────────────────────────────────────────────────────────────────────────────


def test_opening_prefills_a_report_for_each_project_and_tells_its_manager(opened, cast):
    assert opened.state == "open"
    drafts = {report.project.key: report for report in StatusReport.objects.all()}
    assert set(drafts) == {"PRJ-0001", "PRJ-0002"}
    assert drafts["PRJ-0001"].figures["spi_t"]["value"] == "0.86"
    assert sorted(told()) == [("olga", "report_due"), ("paul", "report_due")]


def test_closed_projects_need_not_report(cycle, cast):
    cast.other_project.phase = "closed"
    cast.other_project.save()
    take_due_steps(cycle=cycle, now=at("2026-11-17T08:00"))
    assert [report.project.key for report in StatusReport.objects.all()] == ["PRJ-0001"]


def test_with_one_report_missing_exactly_the_messages_of_the_method_go_out(opened, cast):
    """Acceptance scenario 4: Olga delivers, Paul does not; the project shows grey."""
    deliver(cast, cast.other_project, cast.olga)
    Notification.objects.all().delete()
    expected = {
        "2026-11-19T08:59": [],
        "2026-11-19T09:00": [("paul", "report_reminder")],
        "2026-11-20T09:00": [("paul", "report_reminder")],
        "2026-11-20T12:00": [("gerda", "report_late"), ("paul", "report_late")],
        "2026-11-23T10:00": [("petra", "report_escalation"), ("stefan", "report_escalation")],
        "2026-11-23T16:59": [],
        "2026-11-23T17:00": [],
        "2026-11-30T09:00": [],
    }
    for moment, messages in expected.items():
        take_due_steps(cycle=Cycle.objects.get(pk=opened.pk), now=at(moment))
        assert sorted(told()) == messages, moment
        Notification.objects.all().delete()
    report = StatusReport.objects.get(project=cast.project)
    light = figures_at([cast.project.pk], ["light.overall"], DATA_DATE)[cast.project.pk]["light.overall"]
    assert (report.state, light.light) == ("missed", "grey")
    assert Cycle.objects.get(pk=opened.pk).state == "pmo_review"
    assert cast.other_project.pk not in figures_at([cast.other_project.pk], ["light.overall"], DATA_DATE)


def test_every_step_is_taken_once_however_often_the_clock_looks(opened, cast):
    for _again in range(3):
        take_due_steps(cycle=Cycle.objects.get(pk=opened.pk), now=at("2026-11-19T09:03"))
    assert sorted(told("report_reminder")) == [("olga", "report_reminder"), ("paul", "report_reminder")]
    assert CycleStep.objects.filter(code="remind_before").count() == 1


def test_a_server_that_slept_sends_no_overtaken_reminders(opened, cast):
    Notification.objects.all().delete()
    take_due_steps(cycle=opened, now=at("2026-11-20T14:00"))
    assert {kind for _user, kind in told()} == {"report_late"}
    assert CycleStep.objects.get(code="remind").skipped


def test_the_data_is_frozen_at_noon_of_the_data_date(opened, cast):
    take_due_steps(cycle=opened, now=at("2026-11-20T12:00"))
    alpha_figures(cast.project, spi="0.99")
    frozen = Snapshot.objects.get(kind="cycle_data")
    assert frozen.payload["projects"]["PRJ-0001"]["spi_t"] == "0.86"


def test_a_failing_step_leaves_nothing_and_is_tried_again(opened, cast, monkeypatch):
    from stellwerk.reporting.services import cycles

    def broken(cycle):
        raise RuntimeError("killed")

    monkeypatch.setitem(cycles.ACTIONS, "due", broken)
    with pytest.raises(RuntimeError):
        take_due_steps(cycle=opened, now=at("2026-11-20T12:00"))
    assert not CycleStep.objects.filter(code="due").exists()
    monkeypatch.undo()
    take_due_steps(cycle=Cycle.objects.get(pk=opened.pk), now=at("2026-11-20T12:05"))
    assert CycleStep.objects.filter(code="due").exists()
    assert Snapshot.objects.filter(kind="cycle_data").count() == 1


def test_nobody_is_told_of_a_project_that_they_may_not_see(opened, cast):
    cast.project.confidentiality = "strict"
    cast.project.save()
    take_due_steps(cycle=opened, now=at("2026-11-23T10:00"))
    for row in Notification.objects.filter(kind="report_escalation", user=cast.petra):
        assert "PRJ-0002" in row.title + row.text  # a PMO lead is cleared for strict projects
    assert not Notification.objects.filter(user__in=[cast.anton, cast.uwe, cast.tom]).exists()


def test_the_messages_speak_the_language_of_their_reader(opened, cast):
    cast.paul.language = "de"
    cast.paul.save()
    take_due_steps(cycle=opened, now=at("2026-11-19T09:00"))
    assert Notification.objects.get(user=cast.olga, kind="report_reminder").title == "Reminder: status report PRJ-0002"
    assert Notification.objects.get(user=cast.paul, kind="report_reminder").title != "Reminder: status report PRJ-0001"


# ── late, returned, reminded ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def cut(opened, cast):
    deliver(cast, cast.other_project, cast.olga)
    for moment in ("2026-11-20T12:00", "2026-11-23T17:00"):
        take_due_steps(cycle=Cycle.objects.get(pk=opened.pk), now=at(moment))
    return Cycle.objects.get(pk=opened.pk)


def test_a_missed_report_can_be_submitted_late_and_replaces_the_grey(cut, cast):
    report = deliver(cast, cast.project, cast.paul)
    assert (report.state, report.late) == ("submitted", True)
    for row in StatusReport.objects.filter(state="submitted"):
        accept_report(report=row, by=cast.anton)
    consolidate_cycle(cycle=cut, by=cast.petra)
    publish_cycle(cycle=Cycle.objects.get(pk=cut.pk), by=cast.petra)
    found = figures_at([cast.project.pk], ["light.overall"], DATA_DATE)[cast.project.pk]
    assert found["light.overall"].light == "red"


def test_after_publication_the_late_path_is_closed(cut, cast):
    accept_report(report=StatusReport.objects.get(project=cast.other_project), by=cast.anton)
    consolidate_cycle(cycle=cut, by=cast.petra)
    publish_cycle(cycle=Cycle.objects.get(pk=cut.pk), by=cast.petra)
    report = StatusReport.objects.get(project=cast.project)
    with pytest.raises(WrongState, match="published"):
        submit_report(report=complete(report, cast.paul), by=cast.paul)


def test_a_returned_report_can_come_back_after_the_cut_off(cut, cast):
    report = StatusReport.objects.get(project=cast.other_project)
    report = return_report(report=report, by=cast.anton, reason="ETC is missing")
    report = save_report(report=report, values={"summary": "With ETC."}, by=cast.olga)
    assert submit_report(report=report, by=cast.olga).state == "submitted"


def test_reminding_by_hand_reaches_the_missing_only(opened, cast):
    deliver(cast, cast.other_project, cast.olga)
    with pytest.raises(NotAllowed):
        remind_missing(cycle=opened, by=cast.paul)
    assert remind_missing(cycle=opened, by=cast.anton) == [cast.paul]
    assert AuditEntry.objects.get(verb="remind").changes["reminded"][1] == 1


# ── consolidation and publication ────────────────────────────────────────────────────────────────


def test_consolidation_waits_for_every_review(cut, cast):
    with pytest.raises(WrongState, match="1 report still waits"):
        consolidate_cycle(cycle=cut, by=cast.petra)


def test_what_was_returned_and_never_came_back_counts_as_missed(cut, cast):
    report = StatusReport.objects.get(project=cast.other_project)
    return_report(report=report, by=cast.anton, reason="ETC is missing")
    consolidate_cycle(cycle=cut, by=cast.petra)
    report.refresh_from_db()
    assert report.state == "missed"


def test_publishing_a_cycle_publishes_reports_and_pack_and_tells_the_stakeholders(cut, cast):
    accept_report(report=StatusReport.objects.get(project=cast.other_project), by=cast.anton)
    consolidate_cycle(cycle=cut, by=cast.petra)
    Notification.objects.all().delete()
    cycle = Cycle.objects.get(pk=cut.pk)
    for name in ("anton", "paul", "stefan", "uwe"):
        with pytest.raises(NotAllowed):
            publish_cycle(cycle=cycle, by=cast.users[name])
    publish_cycle(cycle=cycle, by=cast.petra)
    cycle.refresh_from_db()
    payload = selectors.deck_payload_of(cycle.snapshot)
    lights = {project.key: project.overall.value for project in payload.projects}
    assert lights["PRJ-0001"] == "grey"
    assert [row.key for row in payload.late] == ["PRJ-0001"]
    assert StatusReport.objects.get(project=cast.other_project).state == "published"
    assert {user for user, _kind in told("cycle_published")} == {"paul", "olga", "gerda", "stefan", "elke"}


def test_publishing_a_cycle_twice_makes_one_pack(cut, cast):
    accept_report(report=StatusReport.objects.get(project=cast.other_project), by=cast.anton)
    cycle = consolidate_cycle(cycle=cut, by=cast.petra)
    publish_cycle(cycle=cycle, by=cast.petra, version=cycle.version)
    with pytest.raises((WrongState, StaleEdit)):
        publish_cycle(cycle=cycle, by=cast.petra, version=cycle.version)
    assert Snapshot.objects.filter(kind="deck").count() == 1
    assert Snapshot.objects.filter(kind="status_report").count() == 1


def test_a_cycle_that_fails_while_publishing_leaves_nothing(cut, cast, monkeypatch):
    accept_report(report=StatusReport.objects.get(project=cast.other_project), by=cast.anton)
    cycle = consolidate_cycle(cycle=cut, by=cast.petra)
    from stellwerk.reporting import pack

    def broken(*_args, **_options):
        raise RuntimeError("killed")

    monkeypatch.setattr(pack, "deck_payload", broken)
    with pytest.raises(RuntimeError):
        publish_cycle(cycle=cycle, by=cast.petra)
    assert Cycle.objects.get(pk=cycle.pk).state == "consolidated"
    assert not Snapshot.objects.filter(kind="status_report").exists()


def test_a_corrected_cycle_gets_a_new_pack_that_supersedes_the_first(cut, cast):
    accept_report(report=StatusReport.objects.get(project=cast.other_project), by=cast.anton)
    cycle = publish_cycle(cycle=consolidate_cycle(cycle=cut, by=cast.petra), by=cast.petra)
    first = Cycle.objects.get(pk=cycle.pk).snapshot
    advance(Cycle.objects.get(pk=cycle.pk), "correct", by=cast.petra, reason="Paul's report came late")
    report = deliver(cast, cast.project, cast.paul)
    accept_report(report=report, by=cast.anton)
    publish_cycle(cycle=Cycle.objects.get(pk=cycle.pk), by=cast.petra)
    second = Cycle.objects.get(pk=cycle.pk).snapshot
    assert second.supersedes == first
    assert not selectors.deck_payload_of(second).late


def test_a_report_started_by_hand_before_the_cycle_opened_joins_it(cycle, alpha, cast):
    report = start_report(project=alpha, by=cast.paul, data_date=DATA_DATE)
    take_due_steps(cycle=cycle, now=at("2026-11-17T08:00"))
    report.refresh_from_db()
    assert report.cycle == cycle
    assert StatusReport.objects.count() == 2


def test_the_scheduled_job_takes_the_steps_of_all_cycles(cycle, alpha):
    from stellwerk.core.jobs import enqueue, run_pending

    job = enqueue("reporting.cycle_steps")
    run_pending()
    job.refresh_from_db()
    assert job.state == "done", job.error
    assert set(job.result["steps"]) == {cycle.key}
