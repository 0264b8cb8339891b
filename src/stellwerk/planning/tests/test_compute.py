"""Stored plans through the engine: calendars, progress, constraints, what takes no part. Dates counted by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from stellwerk.planning.choices import CalendarKind
from stellwerk.planning.columns import Columns
from stellwerk.planning.compute import compute
from stellwerk.planning.models import Activity, CalendarException, Link, Plan, WorkingCalendar
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """From Monday, 7 December 2026, in a calendar without holidays."""
    return create_plan(project=cast.project, by=None, start=dt.date(2026, 12, 7))


def edit(plan: Plan, *operations: dict[str, Any]) -> None:
    fresh = Plan.objects.select_related("project", "calendar").get(pk=plan.pk)
    edit_plan(plan=fresh, operations=list(operations), by=None)


def add(name: str, days: float, **values: Any) -> dict[str, Any]:
    return {"op": "add", "ref": name, "after": values.pop("after", None), "level": values.pop("level", 1),
            "values": {"name": name, "days": days, **values}}  # fmt: skip


def link(before: str, after: str, **more: Any) -> dict[str, Any]:
    return {"op": "link", "from": before, "to": after, **more}


def row(name: str) -> Activity:
    return Activity.objects.get(name=name)


def dates(name: str) -> tuple[str, str]:
    found = row(name)
    assert found.start is not None
    assert found.finish is not None
    return found.start.isoformat(timespec="minutes"), found.finish.isoformat(timespec="minutes")


def holidays(cast: Cast, subdivision: str, **values: Any) -> WorkingCalendar:
    return WorkingCalendar.objects.create(
        key=f"CAL-{subdivision or 'X'}{len(values)}", name=subdivision, organisation=cast.organisation, country="DE", subdivision=subdivision,
        week=[[[480, 720], [780, 1020]]] * 5 + [[], []], **values,
    )  # fmt: skip


def test_public_holidays_of_the_federal_state_are_free(cast: Cast, plan: Plan) -> None:
    # 6 January is free in Bavaria, a working day in Hamburg.
    for state, finish in (("BY", "2027-01-07T17:00"), ("HH", "2027-01-06T17:00")):
        calendar = holidays(cast, state)
        edit(plan, {"op": "plan", "values": {"start": "2027-01-05", "calendar": calendar.pk}}, add(f"In {state}", 2))
        assert dates(f"In {state}") == ("2027-01-05T08:00", finish)


def test_a_shutdown_and_a_person_s_short_week(cast: Cast, plan: Plan) -> None:
    plant = holidays(cast, "HH")
    CalendarException.objects.create(
        calendar=plant, start=dt.date(2026, 12, 24), finish=dt.date(2027, 1, 3), name="Betriebsruhe"
    )
    morning = WorkingCalendar.objects.create(
        key="CAL-M", name="Vormittags", base=plant, kind=CalendarKind.RESOURCE, week=[[[480, 720]]] * 4 + [[], [], []]
    )
    edit(
        plan,
        {"op": "plan", "values": {"start": "2026-12-22", "calendar": plant.pk}},
        add("Werk", 3),
        add("Anna", 2, calendar=morning.pk),
    )
    # Tuesday and Wednesday, then the first working day after the shutdown, Monday the 4th.
    assert dates("Werk") == ("2026-12-22T08:00", "2027-01-04T17:00")
    # Her day has four hours: two days are Tuesday and Wednesday morning.
    assert dates("Anna") == ("2026-12-22T08:00", "2026-12-23T12:00")


def test_a_changed_calendar_counts_at_the_next_edit(cast: Cast, plan: Plan) -> None:
    calendar = holidays(cast, "HH")
    edit(plan, {"op": "plan", "values": {"calendar": calendar.pk}}, add("A", 3))
    assert dates("A")[1] == "2026-12-09T17:00"
    CalendarException.objects.create(calendar=calendar, start=dt.date(2026, 12, 8), finish=dt.date(2026, 12, 8))
    assert len(compute(Plan.objects.select_related("project", "calendar").get(pk=plan.pk)).changed_rows()) == 1
    edit(plan, {"op": "set", "row": row("A").pk, "values": {"notes": "–"}})
    assert dates("A")[1] == "2026-12-10T17:00"


def test_open_work_lies_after_the_data_date(plan: Plan) -> None:
    edit(plan, add("A", 4), add("B", 2, after="A"), link("A", "B"))
    edit(
        plan,
        {"op": "set", "row": row("A").pk, "values": {"percent": 50}},
        {"op": "plan", "values": {"data_date": "2026-12-14"}},
    )
    # Two days are left and lie on Monday and Tuesday; the start stays what it was.
    assert dates("A") == ("2026-12-07T08:00", "2026-12-15T17:00")
    assert dates("B") == ("2026-12-16T08:00", "2026-12-17T17:00")


def test_out_of_sequence_work_waits_or_goes_on(plan: Plan) -> None:
    edit(plan, add("A", 5), add("B", 4, after="A"), link("A", "B"))
    edit(plan, {"op": "set", "row": row("B").pk, "values": {"actual_start": "2026-12-07", "percent": 25}})
    assert "out_of_sequence" in row("B").finding
    assert dates("B") == ("2026-12-07T08:00", "2026-12-16T17:00")  # retained logic: the last three days wait for A
    edit(plan, {"op": "plan", "values": {"progress_mode": "progress_override"}})
    assert dates("B")[1] < "2026-12-16"


def test_a_must_date_waits_for_its_links_or_wins_as_the_plan_says(cast: Cast, plan: Plan) -> None:
    edit(
        plan,
        add("A", 3),
        add("B", 2, after="A", constraint="must_start_on", constraint_date="2026-12-08"),
        link("A", "B"),
    )
    assert (dates("B")[0], row("B").finding, row("A").total_float) == ("2026-12-10T08:00", "start_too_late", -960)
    edit(plan, {"op": "plan", "values": {"dates_win": True}})
    assert (dates("B")[0], row("B").finding, row("B").total_float) == ("2026-12-08T08:00", "link_broken", 0)
    assert (row("A").total_float, row("A").critical) == (-960, True)
    told = cast.client("paul").get(f"/plans/{cast.project.key}/data/").json()
    assert told["plan"]["dates_win"]
    assert {one["name"]: one["findings"] for one in told["rows"]}["B"] == ["link_broken"]
    edit(plan, {"op": "set", "row": row("B").pk, "values": {"constraint": "start_on"}})
    assert dates("B")[0] == "2026-12-10T08:00"  # “start on” is a wish, “must” is none


def test_as_late_as_possible_uses_the_float_only(plan: Plan) -> None:
    edit(
        plan,
        add("A", 5),
        add("B", 2, after="A", constraint="alap"),
        add("C", 0, after="B"),
        link("A", "C"),
        link("B", "C"),
    )
    assert dates("B") == ("2026-12-10T08:00", "2026-12-11T17:00")
    assert row("C").finish == row("A").finish


def test_elapsed_time_counts_by_the_clock(plan: Plan) -> None:
    edit(plan, add("Aushärten", 3, elapsed=True), add("Weiter", 1, after="Aushärten"), link("Aushärten", "Weiter"))
    assert dates("Aushärten") == ("2026-12-07T08:00", "2026-12-10T08:00")
    assert dates("Weiter")[1] == "2026-12-10T17:00"


def test_what_is_inactive_drives_nothing_and_keeps_its_dates(plan: Plan) -> None:
    edit(plan, add("A", 5), add("B", 2, after="A"), link("A", "B"))
    before = dates("A")
    edit(plan, {"op": "set", "row": row("A").pk, "values": {"active": False}})
    assert dates("A") == before
    assert dates("B")[0] == "2026-12-07T08:00"
    assert not row("A").critical


def test_level_of_effort_stretches_between_what_it_is_linked_with(plan: Plan) -> None:
    edit(
        plan, add("A", 5), add("B", 5, after="A"), add("Bauleitung", 1, after="B", kind="level_of_effort"),
        link("A", "B"), link("A", "Bauleitung", type="SS"), link("B", "Bauleitung", type="FF"),
    )  # fmt: skip
    assert dates("Bauleitung") == (dates("A")[0], dates("B")[1])
    edit(plan, {"op": "set", "row": row("A").pk, "values": {"days": 8}})
    assert dates("Bauleitung")[1] == dates("B")[1]


def test_a_plan_that_must_finish_earlier_has_negative_float(plan: Plan) -> None:
    edit(plan, add("A", 10), {"op": "plan", "values": {"must_finish": "2026-12-16"}})
    assert row("A").total_float == -2 * 480
    assert "project_too_late" in row("A").finding


def test_a_hard_constraint_that_cannot_hold_is_told(plan: Plan) -> None:
    edit(plan, add("A", 10), add("B", 1, after="A"), link("A", "B"))
    edit(
        plan,
        {"op": "set", "row": row("B").pk, "values": {"constraint": "start_no_later", "constraint_date": "2026-12-14"}},
    )
    assert "start_too_late" in row("B").finding
    assert dates("B")[0] == "2026-12-21T08:00"  # the link holds: what is before it cannot be wished away


def test_a_summary_that_a_file_links_moves_nothing_and_is_told(plan: Plan) -> None:
    edit(plan, add("S", 1), add("A", 5, after="S", level=2), add("B", 2, after="S", level=1))
    Link.objects.create(plan=plan, predecessor=row("S"), successor=row("B"))
    computed = compute(Plan.objects.select_related("project", "calendar").get(pk=plan.pk))
    assert len(computed.summary_links) == 1
    assert not len(computed.changed_rows())


def test_a_giver_in_another_project_drives_with_its_dates(cast: Cast, plan: Plan) -> None:
    other = create_plan(project=cast.other_project, by=None, start=dt.date(2026, 12, 7))
    edit(other, add("Geber", 7))
    edit(plan, add("Nehmer", 2))
    edit(plan, link(row("Geber").pk, row("Nehmer").pk))  # type: ignore[arg-type]
    assert dates("Nehmer") == ("2026-12-16T08:00", "2026-12-17T17:00")
    assert row("Nehmer").driver == Link.objects.get().pk
    assert Plan.objects.get(pk=plan.pk).finish == row("Nehmer").finish


def test_outline_numbers() -> None:
    import numpy as np

    columns = Columns({"level": np.array([0, 1, 2, 3, 2, 1, 3, 3, 2])}, {})
    assert columns.outline_numbers == ["0", "1", "1.1", "1.1.1", "1.2", "2", "2.1", "2.2", "2.3"]
