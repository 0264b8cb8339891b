"""Plans, activities, links, baselines and calendars through the API: the same rules as on the page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.api.tests.test_resources import client_of, send
from stellwerk.core.models import AuditEntry, Confidentiality
from stellwerk.planning.models import Activity, CalendarException, Link, Plan, WorkingCalendar
from stellwerk.planning.services.baselines import propose_baseline
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.portfolio.models import Project
from stellwerk.testing import Cast
from stellwerk.trials import tries

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """A five days from 1 July 2026, then B three days, which is Tom's."""
    made = create_plan(project=cast.project, by=None, start=dt.date(2026, 7, 1))
    edit_plan(plan=made, by=None, operations=[
        {"op": "add", "ref": "a", "values": {"name": "A", "days": 5}},
        {"op": "add", "ref": "b", "after": "a", "values": {"name": "B", "days": 3, "responsible": cast.people["tom"].pk}},
        {"op": "link", "from": "a", "to": "b"},
    ])  # fmt: skip
    return made


def row(name: str) -> Activity:
    return Activity.objects.get(name=name)


# ── plans ────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_is_begun_read_and_set(cast: Cast) -> None:
    client = client_of(cast.paul)
    made = send(client, "post", "plans", {"project": "PRJ-0001", "start": "2026-07-01"})
    assert made.status_code == 201, made.content
    assert made["Location"] == "/api/v1/plans/PRJ-0001"
    assert made.json()["start"] == "2026-07-01T08:00"
    assert send(client, "post", "plans", {"project": "PRJ-0001"}).status_code == 409
    calendar = WorkingCalendar.objects.create(key="CAL-0001", name="Werk")
    body = {"version": made.json()["version"], "data_date": "2026-11-20", "calendar": "CAL-0001", "auto_wbs": False}
    changed = send(client, "patch", "plans/PRJ-0001", body)
    assert changed.status_code == 200, changed.content
    assert changed.json()["data_date"] == "2026-11-20T08:00"
    assert changed.json()["calendar"] == calendar.key
    stale = send(client, "patch", "plans/PRJ-0001", {"version": made.json()["version"], "data_date": "2026-11-21"})
    assert stale.status_code == 409
    assert send(client, "patch", "plans/PRJ-0001", {"data_date": "2026-11-21"}).status_code == 428


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start": None}, "start"),
        ({"start": "2151-01-01"}, "start"),
        ({"start": "2026-02-31"}, "start"),
        ({"start": "2026-07-01T08:00:00Z"}, "start"),
        ({"start": 5}, "start"),
        ({"calendar": "CAL-9999"}, "calendar"),
        ({"progress_mode": "whatever"}, "progress_mode"),
        ({"revision": 3}, "revision"),
    ],
)
def test_bad_settings_are_refused_at_their_field(cast: Cast, plan: Plan, body: dict[str, Any], field: str) -> None:
    answer = send(client_of(cast.paul), "patch", "plans/PRJ-0001", {"version": 1, **body})
    assert answer.status_code == 422, answer.content
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_the_list_of_plans_filters_and_hides(cast: Cast, plan: Plan) -> None:
    create_plan(project=cast.other_project, by=None)
    answer = send(client_of(cast.petra), "get", "plans?finish__from=2026-07-01&sort=-finish").json()
    assert [one["key"] for one in answer["items"]] == ["PRJ-0001"]
    assert answer["items"][0]["finish"] == "2026-07-10T17:00"
    assert [one["key"] for one in send(client_of(cast.olga), "get", "plans").json()["items"]] == ["PRJ-0002"]
    assert send(client_of(cast.petra), "get", "plans?colour=red").status_code == 422
    assert send(client_of(cast.olga), "get", "plans/PRJ-0001").status_code == 404
    assert send(client_of(cast.uwe), "get", "plans").status_code == 403


def test_a_token_to_read_does_not_write(cast: Cast, plan: Plan) -> None:
    client = client_of(cast.paul, "read")
    assert send(client, "get", "plans/PRJ-0001").status_code == 200
    assert send(client, "post", "plans/PRJ-0001/edit", {"ops": [{"op": "add"}]}).status_code == 403
    assert send(client, "patch", f"activities/{row('A').pk}", {"version": 1, "name": "x"}).status_code == 403
    assert send(client, "post", "plans", {"project": "PRJ-0002"}).status_code == 403


def test_the_data_of_the_page(cast: Cast, plan: Plan) -> None:
    client = client_of(cast.paul, "read")
    full = send(client, "get", "plans/PRJ-0001/data").json()
    assert [one["name"] for one in full["rows"]] == ["A", "B"]
    assert send(client, "get", f"plans/PRJ-0001/data?since={full['revision']}").status_code == 204
    assert send(client, "get", "plans/PRJ-0001/data?since=-1").status_code == 422
    assert send(client_of(cast.olga), "get", "plans/PRJ-0001/data").status_code == 404


# ── edits ────────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_is_previewed_done_and_undone(cast: Cast, plan: Plan) -> None:
    client = client_of(cast.paul)
    ops = [{"op": "set", "row": row("A").pk, "values": {"days": 7}}, {"op": "add", "ref": "c", "values": {"name": "C"}}]
    preview = send(client, "post", "plans/PRJ-0001/edit", {"ops": ops, "preview": True})
    assert preview.status_code == 200, preview.content
    assert preview.json()["change"] is None
    assert preview.json()["effect"]["finish"] == ["2026-07-10T17:00", "2026-07-14T17:00", 2.0]
    assert row("A").duration == 5 * 480 and not Activity.objects.filter(name="C").exists()
    done = send(client, "post", "plans/PRJ-0001/edit", {"ops": ops, "reason": "Late"}).json()
    assert done["refs"] == {"c": row("C").pk}
    assert row("B").finish == dt.datetime(2026, 7, 14, 17)  # noqa: DTZ001
    back = send(client, "post", "plans/PRJ-0001/undo", {"change": done["change"]})
    assert back.status_code == 200, back.content
    assert row("A").duration == 5 * 480
    other = send(client_of(cast.olga), "post", "plans/PRJ-0001/undo", {"change": done["change"]})
    assert other.status_code == 404


def test_the_same_edit_sent_twice_is_done_once(cast: Cast, plan: Plan) -> None:
    client = client_of(cast.paul)
    body = {"ops": [{"op": "add", "values": {"name": "C"}}]}
    first, second = (send(client, "post", "plans/PRJ-0001/edit", body, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json() == second.json()
    assert Activity.objects.filter(name="C").count() == 1


def test_faults_name_operation_and_field(cast: Cast, plan: Plan) -> None:
    ops = [{"op": "add", "values": {"name": "C"}}, {"op": "set", "row": row("A").pk, "values": {"days": -1}}]
    answer = send(client_of(cast.paul), "post", "plans/PRJ-0001/edit", {"ops": ops})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["ops.1.days"]
    assert not Activity.objects.filter(name="C").exists()
    circle = {"ops": [{"op": "link", "from": row("B").pk, "to": row("A").pk}]}
    assert (
        "circle" in send(client_of(cast.paul), "post", "plans/PRJ-0001/edit", circle).json()["errors"][0]["messages"][0]
    )


def test_who_may_edit(cast: Cast, plan: Plan) -> None:
    body = {"ops": [{"op": "set", "row": row("A").pk, "values": {"days": 7}}]}
    for name, status in (("olga", 404), ("conny", 403), ("tom", 403), ("uwe", 404), ("gerda", 200)):
        answer = send(client_of(getattr(cast, name)), "post", "plans/PRJ-0001/edit", body)
        assert answer.status_code == status, (name, answer.content)


def test_rescheduling_with_preview(cast: Cast, plan: Plan) -> None:
    Activity.objects.filter(name="B").update(start=dt.datetime(2026, 8, 3, 8), finish=dt.datetime(2026, 8, 5, 17))  # noqa: DTZ001
    client = client_of(cast.paul)
    preview = send(client, "post", "plans/PRJ-0001/reschedule", {"preview": True})
    assert preview.status_code == 200 and preview.json()["effect"]["moved"] == 1
    assert row("B").finish == dt.datetime(2026, 8, 5, 17)  # noqa: DTZ001
    assert send(client, "post", "plans/PRJ-0001/reschedule", {}).status_code == 200
    assert row("B").finish == dt.datetime(2026, 7, 10, 17)  # noqa: DTZ001
    assert send(client_of(cast.tom), "post", "plans/PRJ-0001/reschedule", {}).status_code == 403


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["row", "rows", "values", "after", "level", "from", "to", "type", "days", "lag", "lag_elapsed", "link", "links", "ref", "version"]
)  # fmt: skip
VALUES = st.dictionaries(
    st.sampled_from(
        ["name", "days", "duration", "percent", "start", "finish", "calendar", "constraint", "constraint_date", "work", "units", "kind",
         "remaining", "actual_start", "actual_finish", "weight", "priority", "responsible", "active", "manual", "elapsed", "type", "notes"]
    ),
    JSON | st.sampled_from(["2026-07-01", "9999-12-31T23:59", "0001-01-01", "1e400", "NaN", "must_start_on", "level_of_effort"]),
    max_size=4,
)  # fmt: skip


@settings(max_examples=tries(150, 40), suppress_health_check=list(HealthCheck))
@given(
    op=st.sampled_from(
        ["set", "add", "remove", "indent", "outdent", "move", "link", "set_link", "unlink", "plan", "x"]
    ),
    fields=st.dictionaries(FIELDS, JSON, max_size=4),
    values=st.none() | VALUES,
    known=st.booleans(),
)
def test_no_operation_however_odd_breaks_anything(
    cast: Cast, plan: Plan, op: str, fields: dict[str, Any], values: dict[str, Any] | None, known: bool
) -> None:
    operation = {"op": op, **fields}
    if known:
        operation |= {"row": row("A").pk, "rows": [row("B").pk], "link": Link.objects.get().pk}
    if values is not None:
        operation["values"] = values
    client = client_of(cast.paul)
    answer = send(client, "post", "plans/PRJ-0001/edit", {"ops": [operation], "preview": True})
    assert answer.status_code in (200, 403, 404, 409, 422), (operation, answer.content)


# ── activities, links, baselines ─────────────────────────────────────────────────────────────────


def test_an_activity_is_read_and_changed(cast: Cast, plan: Plan) -> None:
    client = client_of(cast.paul)
    path = f"activities/{row('A').pk}"
    shown = send(client, "get", path)
    assert (shown.json()["project"], shown.json()["start"], shown["ETag"]) == ("PRJ-0001", "2026-07-01T08:00", f'"{row("A").version}"')  # fmt: skip
    changed = send(client, "patch", path, {"days": 7, "name": "Entwurf"}, **{"If-Match": shown["ETag"]})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["duration"], changed.json()["name"]) == (7 * 480, "Entwurf")
    assert row("B").start == dt.datetime(2026, 7, 10, 8)  # noqa: DTZ001
    assert send(client, "patch", path, {"days": 8}, **{"If-Match": shown["ETag"]}).status_code == 412
    assert AuditEntry.objects.filter(entity_type="planning.activity", verb="plan_edit", actor=cast.paul).exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"days": -1}, "days"),
        ({"percent": 101}, "percent"),
        ({"constraint": "start_on"}, "constraint_date"),
        ({"calendar": "CAL-9999"}, "calendar"),
        ({"responsible": "PER-9999"}, "responsible"),
        ({"kind": "nothing"}, "kind"),
        ({"total_float": 3}, "total_float"),
        ({"name": ""}, "name"),
        ({"start": "gestern"}, "start"),
    ],
)
def test_bad_values_of_an_activity(cast: Cast, plan: Plan, body: dict[str, Any], field: str) -> None:
    answer = send(client_of(cast.paul), "patch", f"activities/{row('A').pk}", {"version": row("A").version, **body})
    assert answer.status_code == 422, answer.content
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_who_reports_progress_may_do_that_alone(cast: Cast, plan: Plan) -> None:
    client = client_of(cast.tom)
    own, other = row("B"), row("A")
    done = send(client, "patch", f"activities/{own.pk}", {"version": own.version, "percent": 50})
    assert done.status_code == 200, done.content
    assert row("B").percent == 50
    assert send(client, "patch", f"activities/{own.pk}", {"version": row("B").version, "days": 9}).status_code == 403
    assert send(client, "patch", f"activities/{other.pk}", {"version": other.version, "percent": 50}).status_code == 404
    assert send(client_of(cast.olga), "patch", f"activities/{own.pk}", {"version": 1, "percent": 9}).status_code == 404


def test_lists_of_rows_filter_and_page(cast: Cast, plan: Plan) -> None:
    client = client_of(cast.paul, "read")
    found = send(client, "get", "plans/PRJ-0001/activities?critical=true&page_size=1").json()
    assert (found["count"], len(found["items"])) == (2, 1)
    links = send(client, "get", f"plans/PRJ-0001/links?predecessor={row('A').pk}").json()["items"]
    assert [(one["predecessor"], one["successor"], one["type"]) for one in links] == [(row("A").pk, row("B").pk, "FS")]
    assert send(client, "get", "plans/PRJ-0001/links?colour=red").status_code == 422
    assert send(client, "get", f"plans/PRJ-0001/links?predecessor={2**70}").status_code in (200, 422)
    assert send(client, "get", "activities?progress=5").status_code == 422
    everywhere = send(client, "get", "activities?project_key=PRJ-0001&sort=-finish").json()["items"]
    assert [one["name"] for one in everywhere] == ["B", "A"]
    assert send(client_of(cast.olga), "get", "activities").json()["count"] == 0


def test_a_giver_that_may_not_be_seen_shows_its_number_only(cast: Cast, plan: Plan) -> None:
    other = create_plan(project=cast.other_project, by=None, start=dt.date(2026, 7, 1))
    edit_plan(plan=other, by=None, operations=[
        {"op": "add", "ref": "c", "values": {"name": "C", "days": 2}}, {"op": "link", "from": row("B").pk, "to": "c"},
    ])  # fmt: skip
    Project.objects.filter(pk=plan.project_id).update(confidentiality=Confidentiality.STRICT)
    client = client_of(cast.olga)
    links = send(client, "get", "plans/PRJ-0002/links").json()["items"]
    assert [one["predecessor"] for one in links] == [row("B").pk]
    assert send(client, "get", f"activities/{row('B').pk}").status_code == 404
    assert '"B"' not in send(client, "get", "plans/PRJ-0002/data").content.decode()


def test_baselines_are_read_with_their_rows(cast: Cast, plan: Plan) -> None:
    baseline = propose_baseline(plan=plan, reason="First", by=cast.paul)
    client = client_of(cast.paul)
    assert [one["number"] for one in send(client, "get", "plans/PRJ-0001/baselines").json()] == [0]
    shown = send(client, "get", f"baselines/{baseline.pk}").json()
    assert (shown["project"], shown["state"]) == ("PRJ-0001", "proposed")
    rows = send(client, "get", f"baselines/{baseline.pk}/rows").json()["items"]
    assert [(one["name"], one["finish"]) for one in rows] == [("A", "2026-07-07T17:00"), ("B", "2026-07-10T17:00")]
    steps = send(client_of(cast.stefan), "post", f"baselines/{baseline.pk}/transitions/approve", {})
    assert steps.status_code == 200 and steps.json()["state"] == "approved"
    assert send(client_of(cast.olga), "get", f"baselines/{baseline.pk}").status_code == 404


# ── calendars ────────────────────────────────────────────────────────────────────────────────────

EIGHT = [[480, 720], [780, 1020]]


def test_a_calendar_is_made_changed_and_marks_its_plans(cast: Cast, plan: Plan) -> None:
    client = client_of(cast.petra)
    body = {"name": "Werk", "week": [EIGHT] * 5 + [[], []], "country": "DE", "subdivision": "hh"}
    made = send(client, "post", "calendars", body)
    assert made.status_code == 201, made.content
    key = made.json()["key"]
    assert made.json()["subdivision"] == "HH"
    send(client, "patch", "plans/PRJ-0001", {"version": 1, "calendar": key})
    exception = {"start": "2026-07-06", "finish": "2026-07-06", "name": "Brückentag", "times": []}
    added = send(client, "post", f"calendars/{key}/exceptions", exception)
    assert added.status_code == 201, added.content
    assert Plan.objects.get(pk=plan.pk).stale
    Plan.objects.update(stale=False)
    version = send(client, "get", f"calendars/{key}").json()["version"]
    changed = send(client, "patch", f"calendars/{key}", {"version": version, "week": [EIGHT] * 4 + [[], [], []]})
    assert changed.status_code == 200, changed.content
    assert Plan.objects.get(pk=plan.pk).stale
    Plan.objects.update(stale=False)
    number = CalendarException.objects.get().pk
    assert send(client, "delete", f"calendars/{key}/exceptions/{number}").status_code == 204
    assert Plan.objects.get(pk=plan.pk).stale
    assert send(client_of(cast.paul), "patch", f"calendars/{key}", {"version": 1, "name": "x"}).status_code == 403
    assert send(client_of(cast.paul, "read"), "get", "calendars?q=werk").json()["count"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"week": [EIGHT] * 6},
        {"week": [[[5]]] * 7},
        {"week": [[["8", "12"]]] * 7},
        {"week": [[]] * 7},
        {"country": "ZZ"},
        {"base": "CAL-9999"},
        {"minutes_per_day": 100_000},
    ],
)
def test_bad_calendars_are_refused(cast: Cast, body: dict[str, Any]) -> None:
    answer = send(client_of(cast.petra), "post", "calendars", {"name": "Neu", **body})
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"]


def test_calendars_of_plans_and_of_hidden_persons_are_not_there(cast: Cast, plan: Plan) -> None:
    WorkingCalendar.objects.create(key="CAL-0900", name="Standard", plan=plan, uid=1)
    WorkingCalendar.objects.create(key="CAL-0901", name="Walter", person=cast.people["walter"])
    petra, tom = client_of(cast.petra), client_of(cast.tom)
    assert send(petra, "get", "calendars/CAL-0900").status_code == 404
    assert [one["key"] for one in send(petra, "get", "calendars").json()["items"]] == ["CAL-0901"]
    assert send(tom, "get", "calendars/CAL-0901").status_code == 404
    assert send(tom, "get", "calendars").json()["count"] == 0
