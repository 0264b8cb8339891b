"""Pages of schedule and cost risk: estimates typed, pasted and suggested; a run started, read, compared and taken along."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from lxml import html

from stellwerk.controlling.models import Estimate, SimulationRun
from stellwerk.controlling.services.estimates import Points, save_estimates
from stellwerk.controlling.services.simulation import start_run
from stellwerk.controlling.simulation.case import Asked
from stellwerk.controlling.tests.sheets import FEB, approved, line
from stellwerk.controlling.tests.simulated import DAY, activity, estimate, small_plan
from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import AuditEntry

FORM = {"iterations": "200", "seed": "3", "correlation": "0", "together": "group", "distribution": ""}


def page_of(cast, who="paul", **query):
    return cast.client(who), reverse("controlling:estimates", args=[cast.project.key])


def inputs(name: str, **cells: str) -> dict[str, str]:
    number = activity(name).pk
    return {f"e-{number}-{cell}": value for cell, value in ({"distribution": "pert"} | cells).items()}


def finished(cast, seed=1, **options) -> SimulationRun:
    run = start_run(project=cast.project, asked=Asked(200, seed), by=cast.paul, **options)
    run_pending()
    run.refresh_from_db()
    assert run.state == "done"
    return run


# ── estimates ────────────────────────────────────────────────────────────────────────────────────


def test_points_are_saved_in_days_and_money_of_the_project(cast):
    plan = small_plan(cast.project)
    client, url = page_of(cast)
    answer = client.post(url, inputs("Build", low="18", likely="20,5", high="30", cost_low="1000", cost_likely="1.200,50", cost_high="2000", group="Site"))  # fmt: skip
    assert answer.status_code == 302
    row = Estimate.objects.get()
    assert (row.low, row.likely, row.high) == (18 * DAY, 9840, 30 * DAY)
    assert (row.cost_low, row.cost_likely, row.cost_high, row.group) == (1000_00, 1200_50, 2000_00, "Site")
    assert AuditEntry.objects.filter(verb="estimates").count() == 1
    assert plan.project == cast.project


def test_an_emptied_row_has_no_estimate_any_more(cast):
    small_plan(cast.project)
    one = estimate("Build", 18, 20, 30, distribution="pert")
    client, url = page_of(cast)
    client.post(url, inputs("Build", low="", likely="", high="", group="", version=str(one.version)))
    assert not Estimate.objects.exists()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"low": "20", "likely": "18", "high": "30"}, "out of order"),
        ({"low": "20", "likely": "", "high": "30"}, "all three points"),
        ({"low": "x", "likely": "20", "high": "30"}, "not a number"),
        ({"low": "-1", "likely": "20", "high": "30"}, "not negative"),
        ({"low": "1", "likely": "2", "high": "999999"}, "too large"),
        ({"low": "0", "likely": "2", "high": "3", "distribution": "lognormal"}, "above 0"),
        ({"low": "1", "likely": "2", "high": "3", "distribution": "normal"}, "distributions"),
    ],
)
def test_what_is_wrong_is_named_with_its_activity_and_the_input_is_kept(cast, cells, said):
    small_plan(cast.project)
    client, url = page_of(cast)
    answer = client.post(url, inputs("Build", **cells))
    text = answer.content.decode()
    assert answer.status_code == 422 and said in text and "Build: " in text
    assert f'value="{cells["low"]}"' in text
    assert not Estimate.objects.exists()


def test_a_stale_edit_is_refused_and_saving_again_keeps_it(cast):
    plan = small_plan(cast.project)
    one = estimate("Build", 18, 20, 30, distribution="pert")
    save_estimates(plan=plan, rows=[Points(one.activity_id, "pert", 10, 20, 30, version=one.version)], by=cast.petra)
    client, url = page_of(cast)
    cells = {"low": "19", "likely": "20", "high": "21"}
    answer = client.post(url, inputs("Build", **cells, version=str(one.version)))
    assert answer.status_code == 422 and "somebody else" in answer.content.decode()
    one.refresh_from_db()
    assert one.low == 10
    client.post(url, inputs("Build", **cells, version=str(one.version)))
    one.refresh_from_db()
    assert one.low == 19 * DAY


@pytest.mark.parametrize("who", ["tom", "rita", "stefan", "uwe"])
def test_only_who_plans_estimates(cast, who):
    plan = small_plan(cast.project)
    with pytest.raises(NotAllowed):
        save_estimates(plan=plan, rows=[Points(activity("Build").pk, "pert", 1, 2, 3)], by=getattr(cast, who))


def test_rows_of_another_plan_are_refused(cast):
    plan = small_plan(cast.project)
    with pytest.raises(Invalid):
        save_estimates(plan=plan, rows=[Points(999_999, "pert", 1, 2, 3)], by=cast.paul)


def test_suggestions_fill_in_around_the_plan_and_save_nothing(cast):
    small_plan(cast.project)
    estimate("Design", 9, 10, 11)
    client, url = page_of(cast)
    answer = client.post(url, {"then": "suggest", "kind": "own", "below": "10", "above": "50", **inputs("Design", low="9", likely="10", high="11")})  # fmt: skip
    text = answer.content.decode()
    assert answer.status_code == 200 and "2 rows filled in" in text
    build = activity("Build").pk
    for cell, value in (("low", "18"), ("likely", "20"), ("high", "30")):
        assert f'name="e-{build}-{cell}" value="{value}"' in text
    assert Estimate.objects.count() == 1
    wrong = client.post(url, {"then": "suggest", "kind": "own", "below": "100", "above": "x"})
    assert wrong.status_code == 422 and "whole numbers" in wrong.content.decode()


def test_pasted_rows_find_their_activity_and_unknown_ones_are_named(cast):
    small_plan(cast.project)
    client, url = page_of(cast)
    answer = client.post(url, {"then": "paste", "paste": "Build\t18\t20\t30\nNobody\t1\t2\t3"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "Line 2" in text and "Nobody" in text
    assert f'name="e-{activity("Build").pk}-high" value="30"' in text


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_is_started_with_its_risks_and_read_when_it_is_done(cast):
    small_plan(cast.project)
    approved(cast, line(1, text="Build", wbs=activity("Build").wbs, months={FEB: 5000_00}))
    estimate("Build", 18, 20, 30)
    client = cast.client("paul")
    risk = {"risk-1-name": "Supplier", "risk-1-probability": "25", "risk-1-kind": "threat", "risk-1-wbs": "Build", "risk-1-d1": "1", "risk-1-d2": "2", "risk-1-d3": "5", "risk-1-c1": "1000"}  # fmt: skip
    answer = client.post(
        reverse("controlling:simulation"), FORM | risk | {"scope": f"project:{cast.project.key}", "then": "start"}
    )
    run = SimulationRun.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"] == reverse("controlling:simulation-run", args=[run.pk])  # fmt: skip
    assert run.risks == [
        {"name": "Supplier", "probability": 0.25, "project": cast.project.pk, "opportunity": False, "activity": activity("Build").pk, "delay": [480, 960, 2400], "cost": [100000, 100000, 100000]}
    ]  # fmt: skip
    waiting = client.get(answer.headers["Location"]).content.decode()
    assert "hx-trigger" in waiting
    run_pending()
    text = client.get(answer.headers["Location"]).content.decode()
    assert "80 % probability" in text.replace("\xa0", " ") and "Supplier" in text and "data-chart=" in text
    again = client.get(reverse("controlling:simulation"), {"scope": f"project:{cast.project.key}"}).content.decode()
    assert 'value="Supplier"' in again


def test_bad_risks_and_numbers_are_named_and_the_input_is_kept(cast):
    small_plan(cast.project)
    client = cast.client("paul")
    data = FORM | {"scope": f"project:{cast.project.key}", "risk-1-name": "Too sure", "risk-1-probability": "120", "risk-1-c1": "10"}  # fmt: skip
    answer = client.post(reverse("controlling:simulation"), data)
    text = answer.content.decode()
    assert answer.status_code == 422 and "between 0 and 100 %" in text and 'value="Too sure"' in text
    for extra, said in (
        ({"iterations": "5"}, "Between 100"),
        ({"seed": "x"}, "whole number"),
        ({"scope": "project:NONE"}, "Choose a project"),
        ({"risk-1-wbs": "9.9", "risk-1-probability": "10"}, "no activity"),
        ({"risk-1-d1": "1", "risk-1-d2": "2", "risk-1-probability": "10"}, "all three points"),
    ):
        answer = client.post(reverse("controlling:simulation"), data | extra)
        assert answer.status_code == 422 and said in answer.content.decode(), said
    assert not SimulationRun.objects.exists()


@pytest.mark.parametrize(
    ("cells", "marked", "said"),
    [
        ({"probability": "120"}, ["probability"], "between 0 and 100 %, not at 120 %"),
        ({"probability": "often"}, ["probability"], "its probability in percent"),
        ({"c1": "30", "c2": "20", "c3": "40"}, ["c1", "c2", "c3"], "out of order"),
        ({"c1": "ten"}, ["c1"], "ten"),
        ({"c1": "10", "c2": "20"}, ["c3"], "all three points"),
        ({"d1": "2", "c1": ""}, ["wbs"], "needs the activity"),
        ({"wbs": "9.9"}, ["wbs"], "no activity"),
        ({"name": ""}, ["name"], "give it a name"),
        ({"c1": ""}, ["d1", "c1"], "say what it does"),
        ({"c1": "-5"}, ["c1", "c2", "c3"], "not negative"),
    ],
)
def test_what_is_out_of_range_is_marked_at_its_field_with_row_and_reason(cast, cells, marked, said):
    small_plan(cast.project)
    row = {"name": "Supplier", "probability": "25", "c1": "1000"} | cells
    good = {"risk-1-name": "Fine", "risk-1-probability": "10", "risk-1-c1": "5"}
    data = (
        FORM | {"scope": f"project:{cast.project.key}"} | good | {f"risk-2-{cell}": text for cell, text in row.items()}
    )
    answer = cast.client("paul").post(reverse("controlling:simulation"), data)
    tree = html.fromstring(answer.content.decode())
    inputs_marked = tree.xpath("//*[starts-with(@name, 'risk-') and @aria-invalid='true']")
    assert answer.status_code == 422 and [node.get("name") for node in inputs_marked] == [
        f"risk-2-{cell}" for cell in marked
    ]
    told = tree.xpath("//*[@id='risk-2-wrong']")[0].text_content().replace("\xa0", " ")
    assert told.strip().startswith("Risk 2: ") and said in told
    assert {node.get("aria-describedby") for node in inputs_marked} == {"risk-2-wrong"}
    for cell, text in row.items():
        assert tree.xpath(f"//*[@name='risk-2-{cell}']/@value")[0] == text  # the input is kept
    assert not SimulationRun.objects.exists()


def test_all_wrong_rows_are_named_at_once(cast):
    small_plan(cast.project)
    data = FORM | {"scope": f"project:{cast.project.key}", "risk-1-name": "A", "risk-1-probability": "x", "risk-1-c1": "1", "risk-2-name": "B", "risk-2-probability": "101", "risk-2-c1": "1"}  # fmt: skip
    text = cast.client("paul").post(reverse("controlling:simulation"), data).content.decode()
    assert "Risk 1: " in text and "Risk 2: " in text


def test_two_runs_are_compared_and_one_is_taken_along(cast):
    small_plan(cast.project)
    estimate("Build", 18, 20, 30)
    first = finished(cast)
    estimate("Design", 10, 15, 30)
    second = finished(cast)
    client = cast.client("paul")
    url = reverse("controlling:simulation-compare", args=[second.pk])
    text = client.get(url, {"with": first.pk}).content.decode()
    assert "P80" in text and "worse" in text
    assert client.get(url, {"with": "x"}).status_code == 302
    assert client.get(url, {"with": "999999"}).status_code == 404
    answer = client.get(reverse("controlling:simulation-export", args=[second.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content))
    assert book.sheetnames == ["Summary", "Percentiles", "S-curves", "Activities", "Projects"]
    p80 = next(row for row in book["Percentiles"].iter_rows(values_only=True) if row[0] == "P80")
    assert p80[1].date().isoformat() == second.told["finish"]["shares"]["80"]


def test_the_command_tells_the_same_as_json_and_refuses_what_is_not_there(cast, capsys):
    small_plan(cast.project)
    estimate("Build", 18, 20, 30)
    call_command("simulate", project=cast.project.key, iterations=200, seed=3, json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["iterations"] == 200 and told["projects"][0]["key"] == cast.project.key
    assert told["activities"][0]["name"] == "Build" and told["finish"]["shares"]["80"]
    for wrong in ({"project": "NONE"}, {}, {"project": cast.project.key, "iterations": 5}):
        with pytest.raises(CommandError) as refused:
            call_command("simulate", **wrong)
        assert refused.value.returncode == 2
