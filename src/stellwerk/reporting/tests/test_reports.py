"""Status reports: prefilled, written, reviewed, published once, never changed."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, Notification, Snapshot
from stellwerk.core.snapshots import intact
from stellwerk.core.states import advance
from stellwerk.portfolio.models import Figure, Gate, Project, ProjectStatus
from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.reporting import selectors
from stellwerk.reporting.checks import plausibility, submission_gaps
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.reporting.payload import Money
from stellwerk.reporting.prefill import prefilled_share
from stellwerk.reporting.services import (
    accept_report,
    confirm_override,
    correct_report,
    publish_report,
    reject_override,
    return_report,
    save_report,
    start_report,
    submit_report,
)
from stellwerk.reporting.tests.conftest import DATA_DATE, PATH, alpha_figures, complete, published

REASON = "The interfaces were rebuilt and tested this week."


def lights_of(report):
    return {light.dimension: light for light in report.lights.all()}


def values_of(report):
    return {light.dimension: light.effective for light in report.lights.all()}


@pytest.fixture
def report(alpha, cast):
    return start_report(project=alpha, by=cast.paul, data_date=DATA_DATE)


# ── beginning ────────────────────────────────────────────────────────────────────────────────────


def test_a_report_is_prefilled_from_live_data_by_the_rules(report):
    assert values_of(report) == {
        "overall": "red", "schedule": "amber", "cost": "red", "scope": "", "quality": "", "resources": "", "risk": "",
    }  # fmt: skip
    assert lights_of(report)["cost"].note == "EAC\u00a0+13.0\u00a0%"
    assert report.figures["eac"]["value"] == "56521739"
    assert report.gates[1] == {
        "code": "G3", "name": "Betriebsbereitschaft", "baseline": "2027-01-29", "forecast": "2027-02-25", "actual": "",
    }  # fmt: skip
    assert "13.0" in report.summary


def test_at_least_seventy_percent_of_the_fields_of_a_delivered_report_were_prefilled(report, cast):
    report = save_report(
        report=report,
        values={
            "summary": "The pilot runs, the data migration costs more than planned.",
            "achieved": ["Interface accepted"],
            "next_steps": ["Second team starts", "Load test"],
            "path_to_green": {"schedule": PATH, "cost": PATH},
        },
        by=cast.paul,
    )
    report = submit_report(report=report, by=cast.paul)
    first = prefilled_share(report, lights_of(report))
    publish_report(report=accept_report(report=report, by=cast.anton), by=cast.petra)
    second = start_report(project=report.project, by=cast.paul, data_date=dt.date(2026, 12, 4))
    assert second.next_steps == ["Second team starts", "Load test"]
    assert second.path_to_green["cost"]["cause"] == PATH["cause"]
    assert first >= 0.6
    assert prefilled_share(second, lights_of(second)) >= 0.7


def test_the_path_to_green_of_a_first_report_begins_with_the_manager(report, cast):
    needed = {name for name, light in lights_of(report).items() if light.value in {"red", "amber"}} - {"overall"}
    assert needed and set(report.path_to_green) == needed
    assert {row["owner"] for row in report.path_to_green.values()} == {cast.people["paul"].full_name}
    with pytest.raises(WrongState, match="cause"):
        submit_report(report=report, by=cast.paul)


def test_a_light_told_last_stands_as_reported_until_somebody_computes_anew(alpha, cast):
    rows = [
        FigureRow(alpha.pk, f"light.{name}", DATA_DATE, light="amber", source_label="tests")
        for name in ("quality", "risk")
    ]
    write_figures(rows=rows, by=None)
    first = complete(start_report(project=alpha, by=cast.paul, data_date=DATA_DATE), cast.paul)
    first = save_report(report=first, values={}, lights={"risk": {"value": "green", "reason": REASON}}, by=cast.paul)
    confirm_override(report=first, dimension="risk", by=cast.petra)
    first.refresh_from_db()
    submitted = submit_report(report=first, by=cast.paul)
    publish_report(report=accept_report(report=submitted, by=cast.anton), by=cast.petra)
    second = lights_of(start_report(project=alpha, by=cast.paul, data_date=dt.date(2026, 12, 4)))
    assert (second["quality"].value, second["quality"].computed) == ("amber", "")
    assert second["risk"].value == "amber", "an override ends with its report"


def test_starting_again_opens_the_same_report(report, cast):
    assert start_report(project=report.project, by=cast.petra) == report
    assert StatusReport.objects.count() == 1


def test_only_the_manager_of_the_project_may_start_its_report(alpha, cast):
    for name in ("olga", "uwe", "tom", "stefan", "walter"):
        with pytest.raises(NotAllowed):
            start_report(project=alpha, by=cast.users[name], data_date=DATA_DATE)
    assert not StatusReport.objects.exists()


def test_a_report_joins_the_open_cycle(alpha, cast):
    cycle = Cycle.objects.create(key="C", portfolio=cast.portfolio, number=2, data_date=DATA_DATE, state="collecting")
    report = start_report(project=alpha, by=cast.paul)
    assert (report.cycle, report.data_date) == (cycle, DATA_DATE)


@pytest.mark.parametrize("state", ["cut_off", "pmo_review", "consolidated", "published", "archived"])
def test_a_report_for_a_closed_date_is_refused_with_a_way_out(alpha, cast, state):
    Cycle.objects.create(key="C", portfolio=cast.portfolio, number=2, data_date=DATA_DATE, state=state)
    with pytest.raises(Refused, match="closed") as caught:
        start_report(project=alpha, by=cast.paul, data_date=DATA_DATE)
    assert caught.value.code == "date_closed"
    assert "late" in str(caught.value.what_to_do)
    assert not StatusReport.objects.exists()


def test_a_second_report_for_a_published_date_is_refused(alpha, cast):
    published(cast, data_date=DATA_DATE)
    with pytest.raises(Refused) as caught:
        start_report(project=alpha, by=cast.paul, data_date=DATA_DATE)
    assert caught.value.code == "exists"


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def test_saving_writes_one_audit_entry_for_texts_and_lights_together(report, cast):
    save_report(
        report=report,
        values={"summary": "New"},
        lights={"schedule": {"value": "red", "reason": "Supplier late"}},
        by=cast.paul,
    )
    entry = AuditEntry.objects.get(entity_type="reporting.statusreport", verb="edit")
    assert entry.changes["summary"][1] == "New"
    assert entry.changes["light.schedule"][1] == "red"


def test_two_people_editing_one_report_lose_nothing(report, cast):
    save_report(report=report, values={"summary": "From Petra"}, by=cast.petra, version=1)
    with pytest.raises(StaleEdit) as caught:
        save_report(
            report=report,
            values={"summary": "From Paul"},
            lights={"schedule": {"value": "red", "reason": "Late"}},
            by=cast.paul,
            version=1,
        )
    found = {conflict.field: (conflict.yours, conflict.theirs) for conflict in caught.value.conflicts}
    assert found["summary"] == ("From Paul", "From Petra")
    assert found["light_schedule"] == ("red", "amber")
    report.refresh_from_db()
    assert (report.summary, values_of(report)["schedule"]) == ("From Petra", "amber")


def test_changing_only_a_light_counts_as_an_edit_of_the_report(report, cast):
    save_report(
        report=report, values={}, lights={"schedule": {"value": "red", "reason": "Late"}}, by=cast.petra, version=1
    )
    with pytest.raises(StaleEdit):
        save_report(report=report, values={"summary": "From Paul"}, by=cast.paul, version=1)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"summary": "x" * 601}, "summary"),
        ({"achieved": list("abcdef")}, "achieved"),
        ({"state": "published"}, "__all__"),
    ],
)
def test_invalid_input_is_refused_at_its_field(report, cast, values, field):
    with pytest.raises(Invalid) as caught:
        save_report(report=report, values=values, by=cast.paul)
    assert field in caught.value.errors
    report.refresh_from_db()
    assert report.version == 1


def test_strangers_may_not_write(report, cast):
    for name in ("olga", "tom", "stefan", "uwe", "conny"):
        with pytest.raises(NotAllowed):
            save_report(report=report, values={"summary": "Mine"}, by=cast.users[name])


def test_a_submitted_report_is_not_edited_but_returned(report, cast):
    submit_report(report=complete(report, cast.paul), by=cast.paul)
    with pytest.raises(WrongState, match="submitted"):
        save_report(report=report, values={"summary": "Later"}, by=cast.paul)


def test_computed_lights_follow_the_figures_that_are_typed(report, cast):
    figures = report.figures | {"eac": report.figures["eac"] | {"value": "50500000", "typed": True}}
    report = save_report(report=report, values={"figures": figures}, by=cast.paul)
    assert values_of(report)["cost"] == "green"
    assert values_of(report)["overall"] == "amber"


# ── the watermelon (acceptance scenario 5) ───────────────────────────────────────────────────────


def test_setting_schedule_green_at_spi_086_is_refused_without_a_reason(report, cast):
    for reason in ("", "All is well"):
        with pytest.raises(Invalid) as caught:
            save_report(
                report=report, values={}, lights={"schedule": {"value": "green", "reason": reason}}, by=cast.paul
            )
        assert "20 characters" in caught.value.errors["light_schedule"][0]
    assert values_of(report)["schedule"] == "amber"


def test_a_better_light_counts_only_once_the_pmo_has_confirmed_it_and_both_colours_stay_visible(report, cast):
    report = save_report(
        report=report, values={}, lights={"schedule": {"value": "green", "reason": REASON}}, by=cast.paul
    )
    assert values_of(report)["schedule"] == "amber"
    report = submit_report(report=complete(report, cast.paul), by=cast.paul)
    with pytest.raises(WrongState, match="confirmation"):
        accept_report(report=report, by=cast.anton)
    for name in ("paul", "anton"):
        with pytest.raises(NotAllowed):
            confirm_override(report=report, dimension="schedule", by=cast.users[name])
    confirm_override(report=report, dimension="schedule", by=cast.petra)
    report = publish_report(report=accept_report(report=report, by=cast.anton), by=cast.petra)
    light = selectors.status_payload_of(report.snapshot).schedule
    assert (light.value, light.computed_value, light.source, light.reason) == ("green", "amber", "overridden", REASON)
    figure = figures_at([report.project_id], ["light.schedule"], DATA_DATE)[report.project_id]["light.schedule"]
    assert (figure.light, figure.text, figure.source) == ("green", "amber", "overridden")


def test_a_rejected_override_shows_the_computed_light(report, cast):
    report = save_report(report=report, values={}, lights={"cost": {"value": "green", "reason": REASON}}, by=cast.paul)
    reject_override(report=report, dimension="cost", by=cast.petra, reason="EAC is 13 % over")
    assert values_of(report)["cost"] == "red"
    with pytest.raises(WrongState):
        confirm_override(report=report, dimension="cost", by=cast.petra)


def test_a_worse_light_needs_a_reason_and_no_confirmation(report, cast):
    with pytest.raises(Invalid):
        save_report(report=report, values={}, lights={"schedule": {"value": "red", "reason": " "}}, by=cast.paul)
    report = save_report(
        report=report, values={}, lights={"schedule": {"value": "red", "reason": "Supplier late"}}, by=cast.paul
    )
    assert values_of(report)["schedule"] == "red"


def test_an_override_does_not_reach_the_next_report(report, cast):
    save_report(
        report=report, values={}, lights={"schedule": {"value": "red", "reason": "Supplier late"}}, by=cast.paul
    )
    publish_report(
        report=accept_report(report=submit_report(report=complete(report, cast.paul), by=cast.paul), by=cast.anton),
        by=cast.petra,
    )
    following = start_report(project=report.project, by=cast.paul, data_date=dt.date(2026, 12, 4))
    light = lights_of(following)["schedule"]
    assert (light.value, light.previous, light.arrow) == ("amber", "red", "up")


def test_a_light_that_no_rule_computes_stands_as_reported(report, cast):
    report = save_report(report=report, values={}, lights={"quality": {"value": "green"}}, by=cast.paul)
    light = lights_of(report)["quality"]
    assert (light.effective, light.source) == ("green", "reported")


# ── submission and review ────────────────────────────────────────────────────────────────────────


def test_a_red_report_without_a_path_to_green_is_not_submitted(report, cast):
    with pytest.raises(WrongState, match="Path to green for Cost"):
        submit_report(report=report, by=cast.paul)
    assert len(submission_gaps(report)) == 2
    report.refresh_from_db()
    assert report.state == "draft"


def test_a_decision_needs_somebody_and_a_date(report, cast):
    report = save_report(
        report=complete(report, cast.paul), values={"decisions": [{"question": "Second supplier?"}]}, by=cast.paul
    )
    with pytest.raises(WrongState, match="who decides"):
        submit_report(report=report, by=cast.paul)


def test_nobody_accepts_or_publishes_the_own_report(report, cast):
    submit_report(report=complete(report, cast.paul), by=cast.petra)
    for step in (accept_report, publish_report):
        with pytest.raises((NotAllowed, WrongState)):
            step(report=report, by=cast.petra)
    with pytest.raises(NotAllowed):
        accept_report(report=report, by=cast.paul)


def test_a_return_gives_four_working_hours_and_tells_the_author(report, cast):
    submit_report(report=complete(report, cast.paul), by=cast.paul)
    with pytest.raises(Invalid):
        return_report(report=report, by=cast.anton, reason=" ")
    report = return_report(report=report, by=cast.anton, reason="ETC is missing")
    report.refresh_from_db()
    assert (report.state, report.return_note) == ("returned", "ETC is missing")
    assert report.return_due is not None
    assert Notification.objects.get(user=cast.paul).text == "ETC is missing"
    report = submit_report(
        report=save_report(report=report, values={"summary": "With ETC."}, by=cast.paul), by=cast.paul
    )
    assert report.state == "submitted"


def test_the_review_shows_what_is_not_plausible(report, cast):
    report.project.gates.create(code="G1", name="", order=1, baseline=dt.date(2026, 3, 1))
    fresh = StatusReport.objects.get(pk=report.pk)
    fresh.gates = [*fresh.gates, {"code": "G1", "name": "", "baseline": "2026-03-01", "forecast": "", "actual": ""}]
    fresh.figures = {name: entry for name, entry in fresh.figures.items() if name != "eac"}
    light = lights_of(fresh)["schedule"]
    light.value, light.confirmed_by = "green", cast.petra
    light.save()
    assert {finding.code for finding in plausibility(fresh)} == {"REP001", "REP002", "REP003", "REP004", "REP005"}


# ── publication ──────────────────────────────────────────────────────────────────────────────────


def test_publishing_freezes_a_snapshot_and_writes_status_and_figures(report, cast):
    figures = report.figures | {
        "finish.forecast": {"value": "2027-03-18", "unit": "", "source": "reported", "typed": True}
    }
    gates = [report.gates[0], report.gates[1] | {"forecast": "2027-03-01", "typed": True}]
    report = save_report(report=report, values={"figures": figures, "gates": gates}, by=cast.paul)
    report = submit_report(report=complete(report, cast.paul), by=cast.paul)
    report = publish_report(report=accept_report(report=report, by=cast.anton), by=cast.petra)
    payload = selectors.status_payload_of(report.snapshot)
    assert intact(report.snapshot)
    assert payload.money.total.vac == Money(-65_217_39, "EUR")
    assert payload.money.total.etc == Money(305_217_39, "EUR")
    assert payload.milestones[1].delta_days == 21
    assert payload.figures["eac"].label == "earned value"
    status = ProjectStatus.objects.get(project=report.project)
    assert (status.date, status.source, status.source_label) == (DATA_DATE, "reported", report.key)
    found = figures_at([report.project_id], ["light.overall", "finish.forecast"], DATA_DATE)[report.project_id]
    assert (found["light.overall"].light, found["finish.forecast"].day) == ("red", dt.date(2027, 3, 18))
    assert Project.objects.get(pk=report.project_id).finish_forecast == dt.date(2027, 3, 18)
    assert Gate.objects.get(code="G3").forecast == dt.date(2027, 3, 1)


def test_a_published_report_never_changes(report, cast):
    report = published(cast, data_date=DATA_DATE)
    for attempt in (
        lambda: save_report(report=report, values={"summary": "Better"}, by=cast.paul),
        lambda: save_report(report=report, values={"summary": "Better"}, by=cast.petra),
        lambda: publish_report(report=report, by=cast.petra),
        lambda: confirm_override(report=report, dimension="schedule", by=cast.petra),
        lambda: advance(report, "supersede", by=cast.petra),
    ):
        with pytest.raises((WrongState, NotAllowed)):
            attempt()
    before = report.snapshot.payload
    alpha_figures(report.project, spi="0.99", eac=480_000_00)
    assert Snapshot.objects.get(pk=report.snapshot_id).payload == before


def test_publishing_twice_makes_one_snapshot(report, cast):
    report = submit_report(report=complete(report, cast.paul), by=cast.paul)
    report = accept_report(report=report, by=cast.anton)
    publish_report(report=report, by=cast.petra)
    with pytest.raises(WrongState):
        publish_report(report=report, by=cast.petra)
    assert Snapshot.objects.filter(kind="status_report").count() == 1


def test_an_effect_that_runs_on_a_published_row_refuses(report, cast):
    """The loser of a race sees the winner's row: the state is the same, so only the snapshot tells."""
    report = published(cast, data_date=DATA_DATE)
    from stellwerk.reporting.guards import publish_once

    with pytest.raises(WrongState, match="already"):
        publish_once(report, cast.petra, "accepted")


def test_a_failure_during_publication_leaves_nothing(report, cast, monkeypatch):
    report = submit_report(report=complete(report, cast.paul), by=cast.paul)
    report = accept_report(report=report, by=cast.anton)
    from stellwerk.reporting import publishing

    def broken(**_options):
        raise RuntimeError("disk full")

    monkeypatch.setattr(publishing, "write_figures", broken)
    with pytest.raises(RuntimeError):
        publish_report(report=report, by=cast.petra)
    report.refresh_from_db()
    assert report.state == "accepted"
    assert not Snapshot.objects.exists()
    assert not ProjectStatus.objects.exists()


def test_a_correction_supersedes_the_first_version_when_it_is_published(report, cast):
    first = published(cast, data_date=DATA_DATE)
    with pytest.raises(NotAllowed):
        correct_report(report=first, by=cast.paul, reason="Wrong number")
    with pytest.raises(Invalid):
        correct_report(report=first, by=cast.petra, reason="")
    second = correct_report(report=first, by=cast.petra, reason="EAC was wrong")
    with pytest.raises(WrongState):
        correct_report(report=first, by=cast.petra, reason="Again")
    second = save_report(report=second, values={"summary": "Corrected."}, by=cast.paul)
    second = submit_report(report=second, by=cast.paul)
    second = publish_report(report=accept_report(report=second, by=cast.anton), by=cast.petra)
    first.refresh_from_db()
    assert (first.state, second.state, second.edition) == ("superseded", "published", 2)
    assert second.snapshot.supersedes == first.snapshot
    assert selectors.status_payload_of(first.snapshot).summary != "Corrected."
    assert selectors.published_snapshots([report.project_id])[report.project_id] == second.snapshot
    assert ProjectStatus.objects.get(project=report.project).summary == "Corrected."


def test_figures_that_a_room_computed_are_not_written_again(report, cast):
    published(cast, data_date=DATA_DATE)
    assert Figure.objects.filter(project=report.project, code="eac").count() == 1
    assert Figure.objects.get(project=report.project, code="eac").source == "computed"


def test_lights_that_nobody_touched_follow_the_figures_of_the_same_form(report, cast):
    sent = {name: {"value": light.value, "reason": ""} for name, light in lights_of(report).items()}
    figures = {**report.figures, "eac": {**report.figures["eac"], "value": "50000000"}}
    saved = save_report(report=report, values={"summary": "Cheaper.", "figures": figures}, lights=sent, by=cast.paul)
    assert (values_of(saved)["cost"], values_of(saved)["overall"]) == ("green", "amber")


def test_a_form_sent_back_unchanged_changes_no_light(report, cast):
    row = lights_of(report)["cost"]
    row.value = row.computed = "green"  # another room computed it from more than the figures of the report
    row.save()
    report = StatusReport.objects.get(pk=report.pk)
    sent = {name: {"value": light.value, "reason": ""} for name, light in lights_of(report).items()}
    saved = save_report(report=report, values={"summary": "Only this text is new."}, lights=sent, by=cast.paul)
    assert values_of(saved)["cost"] == "green"
