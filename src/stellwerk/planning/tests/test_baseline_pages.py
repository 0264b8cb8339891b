"""Pages of baselines, milestones and lists: shown, refused, with wrong input."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from stellwerk.planning.models import Activity, Baseline, MilestoneForecast
from stellwerk.planning.services.baselines import propose_baseline
from stellwerk.planning.services.figures import write_plan_figures
from stellwerk.planning.tests.plans import add_row, approved, at, example_plan


@pytest.fixture
def plan(cast):
    return example_plan(cast.project)


def get(cast, who, name, *args, **query):
    return cast.client(who).get(reverse(f"planning:{name}", args=args), query)


def test_proposing_through_the_page(cast, plan):
    page = get(cast, "paul", "baselines", "PRJ-0001")
    assert page.status_code == 200 and b"No baseline is approved yet" in page.content
    form = get(cast, "paul", "baseline-propose", "PRJ-0001")
    assert b"Propose baseline B0" in form.content
    url = reverse("planning:baseline-propose", args=["PRJ-0001"])
    empty = cast.client("paul").post(url, {"name": "", "reason": " "})
    assert empty.status_code == 422 and not Baseline.objects.exists()
    sent = cast.client("paul").post(url, {"name": "Release", "reason": "Execution is released"})
    baseline = Baseline.objects.get()
    assert sent["Location"] == reverse("planning:baseline-detail", args=[baseline.pk])
    again = cast.client("paul").post(url, {"name": "", "reason": "Once more"})
    assert again.status_code == 409 and b"waits for a decision already" in again.content


def test_deciding_through_the_page(cast, plan):
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    own = get(cast, "paul", "baseline-detail", baseline.pk).content.decode()
    step = reverse("core:transition", args=["planning.baseline", baseline.pk, "approve"])
    assert step not in own
    assert step in get(cast, "stefan", "baseline-detail", baseline.pk).content.decode()
    assert cast.client("paul").post(step, {"version": baseline.version}).status_code == 403
    assert cast.client("stefan").post(step, {"version": baseline.version}).status_code == 302
    assert b"B0 counts since" in get(cast, "paul", "baselines", "PRJ-0001").content


def test_comparing_any_two_and_today(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan, uid=5).update(finish=at(2027, 2, 3, 17))
    add_row(plan, 9, "Extra <b>row</b>", at(2027, 1, 4), at(2027, 1, 5, 17))
    approved(plan, by=cast.paul, approver=cast.stefan, reason="Second")
    page = get(cast, "paul", "baselines", "PRJ-0001", **{"from": "0", "to": "1"}).content.decode()
    assert "Finish +3 working days; rows moved: 1, added: 1, removed: 0." in page
    assert "Extra &lt;b&gt;row" in page and "Extra <b>row" not in page
    only = get(cast, "paul", "baselines", "PRJ-0001", **{"from": "0", "to": "1", "rows": "moved"}).content.decode()
    assert "Training" in only and "Extra" not in only
    same = get(cast, "paul", "baselines", "PRJ-0001").content.decode()
    assert "Nothing differs." in same
    back = get(cast, "paul", "baselines", "PRJ-0001", **{"from": "today", "to": "0"}).content.decode()
    assert "Finish −3 working days" in back
    for wrong in ("7", "x", "-1", "٣"):
        assert get(cast, "paul", "baselines", "PRJ-0001", **{"from": wrong}).status_code == 404


def test_a_broken_seal_is_said(cast, plan):
    from django.db import connection

    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE planning_baselinerow SET work = 1 WHERE uid = 3")
    assert b"do not match their seal" in get(cast, "paul", "baseline-detail", baseline.pk).content


@pytest.mark.parametrize("name", ["baselines", "baseline-propose", "milestone-trend"])
def test_a_project_without_a_plan_or_unseen_is_not_found(cast, plan, name):
    assert get(cast, "petra", name, "PRJ-0002").status_code == 404
    assert get(cast, "petra", name, "PRJ-9999").status_code == 404
    assert get(cast, "uwe", name, "PRJ-0001").status_code == 403
    assert get(cast, "olga", name, "PRJ-0001").status_code == 404


def test_only_editors_reach_the_proposal(cast, plan):
    for who in ("stefan", "elke", "tom", "conny"):
        assert get(cast, who, "baseline-propose", "PRJ-0001").status_code == 403, who


def test_trend_of_a_project(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    gate = Activity.objects.get(plan=plan, uid=4)
    for day, forecast in (
        ((2026, 9, 30), (2027, 1, 22)),
        ((2026, 10, 31), (2027, 2, 25)),
        ((2026, 11, 20), (2027, 3, 31)),
    ):
        MilestoneForecast.objects.create(activity=gate, date=dt.date(*day), forecast=dt.date(*forecast))
    page = get(cast, "paul", "milestone-trend", "PRJ-0001").content.decode()
    assert "1 milestone ahead" in page and '<span class="press">never, at this trend</span>' in page
    assert '"2026-10-31"' in page and '"plan"' in page
    for kind in ("gates", "critical", "open", "all", "nonsense"):
        assert get(cast, "paul", "milestone-trend", "PRJ-0001", kind=kind).status_code == 200


def test_trend_of_a_portfolio_shows_only_what_the_reader_sees(cast, plan):
    other = example_plan(cast.other_project)
    Activity.objects.filter(plan=other, uid=4).update(name="Olga's own")
    cast.project.gates.create(code="G3", order=3)
    cast.other_project.gates.create(code="G3", order=3)
    petra = get(cast, "petra", "portfolio-trend", "ANLAGEN").content.decode()
    assert "Olga&#x27;s own" in petra and "Ready for operation" in petra
    paul = get(cast, "paul", "portfolio-trend", "ANLAGEN").content.decode()
    assert "Olga&#x27;s own" not in paul and "Ready for operation" in paul
    assert get(cast, "uwe", "portfolio-trend", "ANLAGEN").status_code == 403
    assert get(cast, "petra", "portfolio-trend", "NOTHING").status_code == 404


def test_lists_over_all_projects(cast, plan):
    approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan, uid=4).update(finish=at(2027, 2, 1, 17))
    page = get(cast, "paul", "milestone-list").content.decode()
    assert "Ready for operation" in page and "Hall" not in page and "+10" in page
    assert "1 milestone" in page
    assert "Hall" in get(cast, "paul", "activity-list").content.decode()
    late = get(cast, "paul", "milestone-list", finish="2027-02-01..2027-02-28")
    assert late.status_code == 200
    assert get(cast, "uwe", "milestone-list").status_code == 403
    assert "Ready" not in get(cast, "olga", "milestone-list").content.decode()
    export = get(cast, "paul", "activity-list", export="xlsx")
    assert export.status_code == 200
    export.close()


def test_a_summary_is_as_far_as_the_rows_below_it(cast, plan):
    Activity.objects.filter(plan=plan, uid=1).update(percent=40)
    assert "Build" in get(cast, "paul", "activity-list", state="in_progress").content.decode()
    assert "Build" not in get(cast, "paul", "activity-list", state="not_started").content.decode()
    Activity.objects.filter(plan=plan, uid=1).update(percent=100)
    assert "Build" in get(cast, "paul", "activity-list", state="completed").content.decode()


def test_a_strictly_confidential_project_hides_its_activities_in_lists(cast, plan):
    type(cast.project).objects.filter(pk=cast.project.pk).update(confidentiality="strict")
    assert "Hall" not in get(cast, "anton", "activity-list").content.decode()
    assert "Hall" not in get(cast, "conny", "activity-list").content.decode()
    assert "Hall" in get(cast, "petra", "activity-list").content.decode()


def test_cockpit_shows_the_plan(cast, plan):
    baseline = approved(plan, by=cast.paul, approver=cast.stefan)
    Activity.objects.filter(plan=plan, uid=5).update(finish=at(2027, 2, 8, 17))
    plan.finish = at(2027, 2, 8, 17)
    plan.save()
    write_plan_figures(plan)
    page = cast.client("paul").get(reverse("portfolio:project-detail", args=["PRJ-0001"])).content.decode()
    assert "Open the plan" in page and "8 Feb 2027" in page and "+6" in page
    assert reverse("planning:baselines", args=["PRJ-0001"]) in page and str(baseline) in page
    assert "Ready for operation" in page
    without = cast.client("olga").get(reverse("portfolio:project-detail", args=["PRJ-0002"])).content.decode()
    assert "Open the plan" not in without
