"""Duration, effort and units by duration type, and what each constraint does to a stored plan, against written-down values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from stellwerk.planning.effort import Effort, balanced
from stellwerk.planning.models import Plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.planning.tests.test_editing import add, edit, july, row
from stellwerk.testing import Cast

WEEK = 5 * 480
BEFORE = Effort(WEEK, Decimal(40), Decimal(100))
TWICE: dict[str, Any] = {"duration": 2 * WEEK, "work": Decimal(80), "units": Decimal(200)}


@pytest.mark.parametrize(
    ("kind", "changed", "expected"),
    [
        ("fixed_units", "duration", (2 * WEEK, 80, 100)),
        ("fixed_units", "work", (2 * WEEK, 80, 100)),
        ("fixed_units", "units", (WEEK // 2, 40, 200)),
        ("fixed_duration", "duration", (2 * WEEK, 80, 100)),
        ("fixed_duration", "work", (WEEK, 80, 200)),
        ("fixed_duration", "units", (WEEK, 80, 200)),
        ("fixed_work", "duration", (2 * WEEK, 40, 50)),
        ("fixed_work", "work", (2 * WEEK, 80, 100)),
        ("fixed_work", "units", (WEEK // 2, 40, 200)),
        ("fixed_duration_and_units", "duration", (2 * WEEK, 80, 100)),
        ("fixed_duration_and_units", "units", (WEEK, 80, 200)),
    ],
)
def test_one_week_of_one_person_changed_to_twice_as_much(
    kind: str, changed: Any, expected: tuple[int, int, int]
) -> None:
    """Five days at 8 h by one person are 40 h; one of the three is doubled."""
    after = balanced(kind, changed, BEFORE._replace(**{changed: TWICE[changed]}))
    assert (after.duration, after.work, after.units) == expected


@pytest.mark.parametrize(
    "before", [Effort(WEEK, None, Decimal(100)), Effort(WEEK, Decimal(40), None), Effort(0, Decimal(40), Decimal(0))]
)
@pytest.mark.parametrize("kind", ["fixed_units", "fixed_duration", "fixed_work", ""])
def test_what_is_unknown_or_nothing_is_not_divided_by(kind: str, before: Effort) -> None:
    for changed in ("duration", "work", "units"):
        after = balanced(kind, changed, before)  # type: ignore[arg-type]
        assert getattr(after, changed) == getattr(before, changed)


@pytest.fixture
def chain(cast: Cast) -> Plan:
    """A from Wednesday, 1 July, to Tuesday the 7th; two days later B of three days (10 to 14 July); then the milestone C."""
    plan = create_plan(project=cast.project, by=cast.paul, start=dt.date(2026, 7, 1))
    links = [{"op": "link", "from": "A", "to": "B", "type": "FS", "days": 2}, {"op": "link", "from": "B", "to": "C"}]
    edit(plan, cast, add("A", 5), add("B", 3, after="A"), add("C", 0, after="B"), *links)
    return plan


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "day", "start", "finish", "days_of_float"),
    [
        ("asap", None, 10, 14, 0),
        ("alap", None, 10, 14, 0),
        ("start_no_earlier", 15, 15, 17, 0),
        ("finish_no_earlier", 16, 14, 16, 0),
        ("must_start_on", 15, 15, 17, 0),
        ("must_finish_on", 16, 14, 16, 0),
        ("start_on", 15, 15, 17, 0),
        ("finish_on", 16, 14, 16, 0),
        ("start_no_later", 9, 10, 14, -1),
        ("finish_no_later", 13, 10, 14, -1),
    ],
)
def test_each_constraint_moves_its_row_or_is_told_as_broken(
    chain: Plan, cast: Cast, constraint: str, day: int | None, start: int, finish: int, days_of_float: int
) -> None:
    values = {"constraint": constraint, "constraint_date": None if day is None else f"2026-07-{day:02}"}
    edit(chain, cast, {"op": "set", "row": row("B").pk, "values": values})
    found = row("B")
    assert (found.start, found.finish) == (july(start, 8), july(finish, 17))
    assert found.total_float == 480 * days_of_float
    assert bool(found.finding) == (days_of_float < 0)
    assert row("C").finish == july(finish, 17)


@pytest.mark.django_db
def test_a_missed_deadline_moves_nothing_and_makes_float_negative(chain: Plan, cast: Cast) -> None:
    edit(chain, cast, {"op": "set", "row": row("B").pk, "values": {"deadline": "2026-07-13"}})
    found = row("B")
    assert (found.start, found.finish, found.total_float) == (july(10, 8), july(14, 17), -480)
    assert found.finding
