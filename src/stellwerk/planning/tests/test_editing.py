"""Editing a plan: operations, dates, refusals, undo."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from stellwerk.core import changesets
from stellwerk.core.errors import NotAllowed
from stellwerk.planning.models import Activity, Link, Plan
from stellwerk.planning.services.editing import Edited, EditRefused, PlanStale, edit_plan, undo_edit
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return create_plan(project=cast.project, by=cast.paul, start=dt.date(2026, 7, 1))


def edit(plan: Plan, cast: Cast, *operations: dict[str, Any], **options: Any) -> Edited:
    by = options.pop("by", cast.paul)
    fresh = Plan.objects.select_related("project").get(pk=plan.pk)
    return edit_plan(plan=fresh, operations=list(operations), by=by, **options)


def add(name: str, days: float = 5, *, after: Any = None, level: int = 1, **values: Any) -> dict[str, Any]:
    return {"op": "add", "ref": name, "after": after, "level": level, "values": {"name": name, "days": days, **values}}


def july(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 7, day, hour)  # noqa: DTZ001 - plans know local time only


def row(name: str) -> Activity:
    return Activity.objects.get(name=name)


@pytest.fixture
def chain(plan: Plan, cast: Cast) -> Plan:
    """A five days, B three days two days after A, C a milestone after B."""
    edit(
        plan,
        cast,
        add("A", 5),
        add("B", 3, after="A"),
        add("C", 0, after="B"),
        {"op": "link", "from": "A", "to": "B", "type": "FS", "days": 2},
        {"op": "link", "from": "B", "to": "C"},
    )
    return plan


def test_activities_follow_each_other_in_working_days(chain: Plan) -> None:
    # 1 July 2026 is a Wednesday: five days end on Tuesday the 7th, two days' lag lead to Friday the 10th.
    assert row("A").start == july(1, 8)
    assert row("A").finish == july(7, 17)
    assert row("B").start == july(10, 8)
    assert row("B").finish == july(14, 17)
    assert row("C").finish == july(14, 17)
    assert row("C").milestone
    assert all(Activity.objects.values_list("critical", flat=True))


def test_a_longer_activity_moves_what_follows_and_says_so(chain: Plan, cast: Cast) -> None:
    edited = edit(chain, cast, {"op": "set", "row": row("A").pk, "version": row("A").version, "values": {"days": 7}})
    assert row("B").finish == july(16, 17)
    moves = {move.name: move for move in edited.effect.moves}
    assert moves["B"].days == 2
    assert "A" in moves["B"].why
    assert moves["A"].why == f"its duration, calendar {chain.calendar or 'Monday to Friday'}"
    assert edited.effect.finish == (july(14, 17), july(16, 17))
    assert edited.effect.end_days == 2
    assert edited.change_set is not None
    assert "5 → 7" in edited.change_set.title


def test_a_preview_changes_nothing(chain: Plan, cast: Cast) -> None:
    before = Plan.objects.get(pk=chain.pk).revision
    edited = edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"days": 9}}, preview=True)
    assert edited.effect.moved == 3
    assert edited.change_set is not None
    assert not changesets.ChangeSet.objects.filter(pk=edited.change_set.pk).exists()
    assert row("A").duration == 5 * 480
    assert Plan.objects.get(pk=chain.pk).revision == before


def test_an_undo_brings_dates_back(chain: Plan, cast: Cast) -> None:
    edited = edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"days": 7}})
    assert edited.change_set is not None
    undo_edit(change_set=edited.change_set, plan=Plan.objects.get(pk=chain.pk), by=cast.paul)
    assert row("A").duration == 5 * 480
    assert row("B").finish == july(14, 17)


def test_an_undo_of_new_rows_is_possible_after_dates_moved(chain: Plan, cast: Cast) -> None:
    edited = edit(chain, cast, add("D", 2, after=row("C").pk))
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"days": 6}})
    assert edited.change_set is not None
    undo_edit(change_set=edited.change_set, plan=Plan.objects.get(pk=chain.pk), by=cast.paul)
    assert not Activity.objects.filter(name="D").exists()


def test_an_undo_of_a_removal_brings_rows_and_links_back(chain: Plan, cast: Cast) -> None:
    edited = edit(chain, cast, {"op": "remove", "rows": [row("B").pk]})
    assert not Link.objects.exists()
    assert row("C").finish == july(1, 8)
    assert edited.change_set is not None
    undo_edit(change_set=edited.change_set, plan=Plan.objects.get(pk=chain.pk), by=cast.paul)
    assert Link.objects.count() == 2
    assert row("C").finish == july(14, 17)


def test_a_circle_is_refused_and_named(chain: Plan, cast: Cast) -> None:
    with pytest.raises(EditRefused) as refused:
        edit(chain, cast, {"op": "link", "from": row("B").pk, "to": row("A").pk})
    assert set(refused.value.cycle) == {row("A").pk, row("B").pk}
    assert "A" in str(refused.value)
    assert "B" in str(refused.value)
    assert Link.objects.count() == 2


def test_a_stale_edit_shows_both_values(chain: Plan, cast: Cast) -> None:
    seen = row("A").version
    edit(chain, cast, {"op": "set", "row": row("A").pk, "version": seen, "values": {"days": 7}})
    with pytest.raises(PlanStale) as refused:
        edit(chain, cast, {"op": "set", "row": row("A").pk, "version": seen, "values": {"days": 8}})
    conflict = refused.value.conflicts[0]
    assert (conflict.yours, conflict.theirs) == (8 * 480, 7 * 480)
    assert row("A").duration == 7 * 480


def test_the_same_value_typed_twice_is_no_conflict(chain: Plan, cast: Cast) -> None:
    seen = row("A").version
    for _time in range(2):
        edit(chain, cast, {"op": "set", "row": row("A").pk, "version": seen, "values": {"days": 7}})
    assert row("A").duration == 7 * 480


def test_indenting_makes_a_summary_and_numbers_the_wbs(plan: Plan, cast: Cast) -> None:
    edit(plan, cast, add("S"), add("A", 5, after="S"), add("B", 3, after="A"))
    edit(plan, cast, {"op": "indent", "rows": [row("A").pk, row("B").pk]})
    assert row("S").summary
    assert [row(name).wbs for name in "SAB"] == ["1", "1.1", "1.2"]
    assert (row("S").start, row("S").finish) == (row("A").start, row("A").finish)
    edit(plan, cast, {"op": "outdent", "rows": [row("A").pk]})
    assert not row("S").summary
    assert row("A").summary  # B stands below it now
    assert [row(name).wbs for name in "SAB"] == ["1", "2", "2.1"]


def test_a_row_with_links_does_not_become_a_summary(chain: Plan, cast: Cast) -> None:
    with pytest.raises(EditRefused, match="link"):
        edit(chain, cast, {"op": "indent", "rows": [row("B").pk]})
    assert row("B").level == 1


def test_a_summary_takes_no_link_and_no_duration(plan: Plan, cast: Cast) -> None:
    edit(plan, cast, add("S"), add("A", after="S", level=2), add("B", after="A"))
    with pytest.raises(EditRefused, match="summary"):
        edit(plan, cast, {"op": "link", "from": row("S").pk, "to": row("B").pk})
    with pytest.raises(EditRefused):
        edit(plan, cast, {"op": "set", "row": row("S").pk, "values": {"days": 3}})


def test_moving_takes_the_block_along(plan: Plan, cast: Cast) -> None:
    edit(plan, cast, add("S"), add("A", after="S", level=2), add("Z", after="S", level=1))
    edit(plan, cast, {"op": "move", "rows": [row("S").pk], "after": row("Z").pk, "level": 1})
    assert list(Activity.objects.order_by("position").values_list("name", flat=True)) == ["Z", "S", "A"]
    with pytest.raises(EditRefused):
        edit(plan, cast, {"op": "move", "rows": [row("S").pk], "after": row("A").pk})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"days": -1}, "days"),
        ({"days": "viel"}, "days"),
        ({"duration": -480}, "duration"),
        ({"percent": 101}, "percent"),
        ({"name": ""}, "name"),
        ({"start": "1949-12-31"}, "start"),
        ({"start": "2151-01-01"}, "start"),
        ({"deadline": "gestern"}, "deadline"),
        ({"constraint": "start_no_earlier"}, "constraint_date"),
        ({"responsible": 999_999}, "responsible"),
        ({"calendar": 999_999}, "calendar"),
        ({"state": "completed"}, "state"),
        ({"kind": "nothing"}, "kind"),
        ({"days": 50_000}, "days"),
        ({"actual_start": "2026-07-06", "actual_finish": "2026-07-01"}, "actual_finish"),
        ({"finish": "2026-06-01"}, "finish"),
    ],
)
def test_bad_values_are_refused_at_their_field(chain: Plan, cast: Cast, values: dict[str, Any], field: str) -> None:
    before = Plan.objects.get(pk=chain.pk).revision
    with pytest.raises(EditRefused) as refused:
        edit(chain, cast, {"op": "set", "row": row("A").pk, "values": values})
    assert field in {fault.field for fault in refused.value.faults}, refused.value.faults
    assert refused.value.faults[0].row == row("A").pk
    assert Plan.objects.get(pk=chain.pk).revision == before


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "explode"},
        {"op": "set", "row": 0, "values": {"name": "x"}},
        {"op": "set", "row": "n9", "values": {"name": "x"}},
        {"op": "set", "row": True, "values": {"name": "x"}},
        {"op": "remove", "rows": []},
        {"op": "remove", "rows": "17"},
        {"op": "link", "from": 0, "to": 0},
        {"op": "unlink", "links": [0]},
        {"op": "set_link", "link": 0, "values": {"type": "FS"}},
        {"op": "plan", "values": {"start": None}},
        {"op": "plan", "values": {"project": 3}},
        {"op": "add", "after": 0, "values": {}},
        {"op": "add", "level": "x", "values": {}},
        {},
    ],
)
def test_nonsense_is_refused_and_nothing_is_written(chain: Plan, cast: Cast, operation: dict[str, Any]) -> None:
    with pytest.raises(EditRefused):
        edit(chain, cast, add("D", after=row("C").pk), operation)
    assert not Activity.objects.filter(name="D").exists()


def test_progress_sets_actual_dates_and_the_state(chain: Plan, cast: Cast) -> None:
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"percent": 40}})
    assert row("A").state == "in_progress"
    assert row("A").actual_start == july(1, 8)
    assert row("A").remaining == 3 * 480
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"percent": 100, "actual_finish": "2026-07-08"}})
    assert row("A").state == "completed"
    assert row("A").finish == july(8, 17)
    assert row("B").start == july(13, 8)
    with pytest.raises(EditRefused, match="reason"):
        edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"percent": 80}})
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"percent": 80}}, reason="Nacharbeit nötig")
    assert row("A").state == "in_progress"


def test_a_dragged_bar_starts_no_earlier(chain: Plan, cast: Cast) -> None:
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"start": "2026-07-06"}})
    assert row("A").constraint == "start_no_earlier"
    assert row("A").start == july(6, 8)
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"finish": "2026-07-07"}})
    assert row("A").duration == 2 * 480


def test_a_missed_deadline_is_told(chain: Plan, cast: Cast) -> None:
    edited = edit(chain, cast, {"op": "set", "row": row("C").pk, "values": {"deadline": "2026-07-10"}})
    assert row("C").finding == "deadline_missed"
    assert any("C" in text for text in edited.effect.warnings)


def test_effort_follows_the_duration_type(chain: Plan, cast: Cast) -> None:
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"type": "fixed_work", "work": 40, "units": 100}})
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"units": 50}})
    assert row("A").duration == 10 * 480
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"days": 20}})
    assert row("A").units == 25


def test_who_may_plan_and_who_may_only_report(chain: Plan, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"days": 7}}, by=cast.uwe)
    with pytest.raises(NotAllowed):
        edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"percent": 10}}, by=cast.tom)
    edit(
        chain, cast, {"op": "set", "row": row("A").pk, "values": {"responsible": cast.people["tom"].pk}}, by=cast.petra
    )
    edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"percent": 10}}, by=cast.tom)
    assert row("A").percent == 10
    with pytest.raises(NotAllowed):
        edit(chain, cast, {"op": "set", "row": row("A").pk, "values": {"days": 7}}, by=cast.tom)
    with pytest.raises(NotAllowed):
        edit(chain, cast, {"op": "set", "row": row("B").pk, "values": {"percent": 10}}, by=cast.tom)
