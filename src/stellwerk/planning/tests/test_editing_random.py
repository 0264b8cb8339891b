"""Any sequence of edits leaves a plan in order, and an undo brings back exactly what was there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.planning.choices import UNDATED, Constraint, LinkType
from stellwerk.planning.compute import compute
from stellwerk.planning.models import Activity, Link, Plan
from stellwerk.planning.services.editing import EditRefused, edit_plan, undo_edit
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast
from stellwerk.trials import tries

pytestmark = pytest.mark.django_db
PLACE = st.integers(0, 9)
DAY = st.dates(dt.date(2026, 6, 1), dt.date(2026, 12, 31)).map(dt.date.isoformat)


def _values() -> st.SearchStrategy[dict[str, Any]]:
    dated = st.sampled_from([one.value for one in Constraint if one not in UNDATED])
    return st.one_of(
        st.fixed_dictionaries({"days": st.integers(0, 20)}),
        st.fixed_dictionaries({"percent": st.sampled_from([0, 30, 100])}),
        st.fixed_dictionaries({"start": DAY}),
        st.fixed_dictionaries({"finish": DAY}),
        st.fixed_dictionaries({"constraint": dated, "constraint_date": DAY}),
        st.fixed_dictionaries({"constraint": st.sampled_from([one.value for one in UNDATED])}),
        st.fixed_dictionaries({"deadline": DAY}),
        st.fixed_dictionaries({"manual": st.booleans()}),
        st.fixed_dictionaries({"active": st.booleans()}),
        st.fixed_dictionaries({"elapsed": st.booleans()}),
        st.fixed_dictionaries({"work": st.integers(0, 200), "units": st.integers(1, 200)}),
        st.fixed_dictionaries({"actual_start": DAY}),
        st.fixed_dictionaries({"actual_finish": DAY}),
        st.fixed_dictionaries({"kind": st.sampled_from(["task", "finish_milestone", "level_of_effort"])}),
    )


OPERATIONS = st.one_of(
    st.tuples(st.just("set"), PLACE, _values()),
    st.tuples(st.just("add"), PLACE, st.integers(1, 4)),
    st.tuples(st.just("remove"), PLACE),
    st.tuples(st.just("indent"), PLACE),
    st.tuples(st.just("outdent"), PLACE),
    st.tuples(st.just("move"), PLACE, PLACE, st.integers(1, 3)),
    st.tuples(st.just("link"), PLACE, PLACE, st.sampled_from(LinkType.values), st.integers(-3, 3)),
    st.tuples(st.just("unlink"), PLACE),
)


def _operation(drawn: tuple[Any, ...], rows: list[int], links: list[int]) -> dict[str, Any] | None:
    def row(place: int) -> int:
        return rows[place % len(rows)]

    kind, *rest = drawn
    if kind == "add":
        return {
            "op": "add",
            "after": row(rest[0]) if rows else None,
            "level": rest[1],
            "values": {"name": "New", "days": 3},
        }
    if not rows or (kind == "unlink" and not links):
        return None
    if kind == "set":
        return {"op": "set", "row": row(rest[0]), "values": rest[1]}
    if kind in ("remove", "indent", "outdent"):
        return {"op": kind, "rows": [row(rest[0])]}
    if kind == "move":
        return {"op": "move", "rows": [row(rest[0])], "after": row(rest[1]), "level": rest[2]}
    if kind == "link":
        return {"op": "link", "from": row(rest[0]), "to": row(rest[1]), "type": rest[2], "days": rest[3]}
    return {"op": "unlink", "links": [links[rest[0] % len(links)]]}


UNSEEN = {"version", "updated_at", "created_at", "changed_in", "position"}


def _state(plan: Plan) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everything that a planner can see, without the counters of the machinery."""
    rows = [
        {k: v for k, v in one.items() if k not in UNSEEN}
        for one in Activity.objects.filter(plan=plan).order_by("position", "pk").values()
    ]
    links = [
        {k: v for k, v in one.items() if k not in UNSEEN}
        for one in Link.objects.filter(plan=plan).order_by("pk").values()
    ]
    return rows, links


def _in_order(plan: Plan) -> None:
    rows = list(Activity.objects.filter(plan=plan).order_by("position", "pk"))
    levels = [row.level for row in rows]
    assert all(level >= 1 for level in levels)
    assert len({row.position for row in rows}) == len(rows)
    for row, after in zip(rows, [*rows[1:], None], strict=False):
        assert row.summary == (after is not None and after.level > row.level), row
        if row.start and row.finish:
            assert row.start <= row.finish, row
    stored = Plan.objects.select_related("project", "calendar").get(pk=plan.pk)
    assert not len(compute(stored).changed_rows()), "stored dates are those of the network"
    ends = [row.finish for row in rows if row.finish]
    assert stored.finish == (max(ends) if ends else None)


@settings(max_examples=tries(60, 15), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=st.lists(OPERATIONS, min_size=1, max_size=14))
def test_edits_leave_order_and_undo_brings_back(cast: Cast, drawn: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        plan = create_plan(project=cast.project, by=None, start=dt.date(2026, 7, 1))
        for one in drawn:
            rows = list(Activity.objects.filter(plan=plan).order_by("position").values_list("pk", flat=True))
            links = list(Link.objects.filter(plan=plan).order_by("pk").values_list("pk", flat=True))
            operation = _operation(one, rows, links)
            if operation is None:
                continue
            before = _state(plan)
            fresh = Plan.objects.select_related("project", "calendar").get(pk=plan.pk)
            try:
                edited = edit_plan(plan=fresh, operations=[operation], by=None, reason="Test")
            except EditRefused:
                assert _state(plan) == before, "a refused edit writes nothing"
                continue
            _in_order(plan)
            after = _state(plan)
            assert edited.change_set is not None
            undo_edit(change_set=edited.change_set, plan=fresh, by=None)
            assert _state(plan) == before, operation
            _in_order(plan)
            again = Plan.objects.select_related("project", "calendar").get(pk=plan.pk)
            if operation["op"] != "add":
                edit_plan(plan=again, operations=[operation], by=None, reason="Test")
                if operation["op"] != "link":
                    assert _state(plan) == after, "the same edit again has the same result"
            else:
                edit_plan(plan=again, operations=[operation], by=None)
            _in_order(plan)
        transaction.set_rollback(True)


# ── what the page makes of the answers ───────────────────────────────────────────────────────────


class Page:
    """The model of the plan page: takes answers as ``frontend/plan/model.ts`` does."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.revision: int = data["revision"]
        self.rows = {row["id"]: row for row in data["rows"]}
        self.order = [row["id"] for row in data["rows"]]

    def take(self, data: dict[str, Any]) -> None:
        assert not data.get("reset")
        for row in data["rows"]:
            self.rows[row["id"]] = self.rows.get(row["id"], {}) | row
        for number in data["removed"]["rows"]:
            self.rows.pop(number, None)
        self.order = [one for one in self.order if one in self.rows]
        moved = [
            row
            for row in data["rows"]
            if not (row["place"] < len(self.order) and self.order[row["place"]] == row["id"])
        ]
        ids = {row["id"] for row in moved}
        self.order = [one for one in self.order if one not in ids]
        for row in sorted(moved, key=lambda one: int(one["place"])):
            self.order.insert(row["place"], row["id"])
        self.revision = data["revision"]

    def shown(self) -> list[dict[str, Any]]:
        return [{k: v for k, v in self.rows[one].items() if k not in ("place", "parent")} for one in self.order]


@settings(max_examples=tries(40, 10), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=st.lists(OPERATIONS, min_size=3, max_size=12))
def test_a_page_that_takes_short_answers_shows_what_is_stored(cast: Cast, drawn: list[tuple[Any, ...]]) -> None:
    """Rows that only moved come without what did not change: merged, the page has everything."""
    with transaction.atomic():
        plan = create_plan(project=cast.project, by=None, start=dt.date(2026, 7, 1))
        added = [
            {"op": "add", "after": None, "level": 1, "values": {"name": f"Row {n}", "days": 2 + n}} for n in range(4)
        ]
        edit_plan(plan=plan, operations=added, by=None)
        client = cast.client("paul")
        address = f"/plans/{cast.project.key}/"
        page = Page(client.get(f"{address}data/").json())
        for one in drawn:
            links = list(Link.objects.filter(plan=plan).order_by("pk").values_list("pk", flat=True))
            operation = _operation(one, page.order, links)
            if operation is None:
                continue
            body = {"ops": [operation], "reason": "Test"}
            answer = client.post(f"{address}edit/?since={page.revision}", body, content_type="application/json")
            if answer.status_code != 200:
                continue
            page.take(answer.json())
            whole = Page(client.get(f"{address}data/").json())
            assert page.order == whole.order, operation
            other = [
                (name, mine.get(name), row[name])
                for mine, row in zip(page.shown(), whole.shown(), strict=True)
                for name in row
                if mine.get(name) != row[name]
            ]
            assert not other, operation
        transaction.set_rollback(True)
