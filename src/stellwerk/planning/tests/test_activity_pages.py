"""The page of an activity: who sees it, who reports progress there, what its steps do."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.states import advance
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity(cast: Cast) -> Activity:
    """Tom's five days, and ten days of somebody else behind them."""
    plan = create_plan(project=cast.project, by=cast.paul, start=dt.date(2026, 7, 1))
    edit_plan(
        plan=plan,
        by=cast.paul,
        operations=[
            {"op": "add", "ref": "a", "values": {"name": "Design", "days": 5, "responsible": None}},
            {"op": "add", "ref": "b", "after": "a", "values": {"name": "Build", "days": 10}},
            {"op": "link", "from": "a", "to": "b"},
        ],
    )
    Activity.objects.filter(name="Design").update(responsible=cast.people["tom"])
    return Activity.objects.get(name="Design")


def address(activity: Activity) -> str:
    return f"/plans/activities/{activity.pk}/"


def test_tom_reports_progress_on_his_own_work(cast: Cast, activity: Activity) -> None:
    client = cast.client("tom")
    page = client.get(address(activity))
    assert page.status_code == 200
    assert b"Design" in page.content
    body = {
        "version": activity.version,
        "percent": "40",
        "remaining_days": "",
        "actual_start": "",
        "actual_finish": "",
        "reason": "",
    }
    assert client.post(address(activity), body).status_code == 302
    activity.refresh_from_db()
    assert (activity.percent, activity.state) == (40, "in_progress")


def test_bad_progress_is_told_at_the_field_and_kept(cast: Cast, activity: Activity) -> None:
    client = cast.client("tom")
    body = {
        "version": activity.version,
        "percent": "400",
        "remaining_days": "x",
        "actual_start": "morgen",
        "reason": "",
    }
    page = client.post(address(activity), body)
    assert page.status_code == 422
    assert b"400" in page.content
    activity.refresh_from_db()
    assert activity.percent == 0


def test_a_stale_report_is_refused(cast: Cast, activity: Activity) -> None:
    body = {"version": activity.version, "percent": "40", "reason": ""}
    assert cast.client("paul").post(address(activity), body).status_code == 302
    page = cast.client("tom").post(address(activity), body | {"percent": "60"})
    assert page.status_code == 422
    activity.refresh_from_db()
    assert activity.percent == 40


def test_others_do_not_report_and_outsiders_do_not_see(cast: Cast, activity: Activity) -> None:
    build = Activity.objects.get(name="Build")
    assert cast.client("stefan").get(address(build)).status_code == 200
    assert cast.client("stefan").post(address(build), {"percent": "10"}).status_code == 403
    assert cast.client("olga").get(address(build)).status_code == 404
    assert cast.client("uwe").get(address(build)).status_code == 403


def test_steps_move_dates_like_edits(cast: Cast, activity: Activity) -> None:
    before = Plan.objects.get(pk=activity.plan_id).revision
    started = advance(activity, "start", by=cast.tom)
    assert started.actual_start == started.start
    done = advance(started, "complete", by=cast.tom)
    assert (done.percent, done.remaining) == (100, 0)
    assert Plan.objects.get(pk=activity.plan_id).revision > before
    with pytest.raises(Invalid):
        advance(done, "reopen", by=cast.tom)
    reopened = advance(done, "reopen", by=cast.tom, reason="Nacharbeit")
    assert reopened.actual_finish is None


def test_a_cancelled_activity_drives_nothing(cast: Cast, activity: Activity) -> None:
    with pytest.raises(NotAllowed):
        advance(activity, "cancel", by=cast.tom, reason="Entfällt")
    advance(activity, "cancel", by=cast.paul, reason="Entfällt")
    build = Activity.objects.get(name="Build")
    assert build.start == dt.datetime(2026, 7, 1, 8)  # noqa: DTZ001 - plans know local time only


def test_own_work_that_waits_for_a_word_stands_on_my_day(cast: Cast, activity: Activity) -> None:
    from stellwerk.planning.selectors.activities import tasks_of

    assert tasks_of(cast.tom, dt.date(2026, 6, 1)) == []
    assert [row.name for row in tasks_of(cast.tom, dt.date(2026, 7, 2))] == ["Design"]
    assert tasks_of(cast.paul, dt.date(2026, 7, 2)) == []
    advance(advance(activity, "start", by=cast.tom), "complete", by=cast.tom)
    assert tasks_of(cast.tom, dt.date(2026, 8, 1)) == []
