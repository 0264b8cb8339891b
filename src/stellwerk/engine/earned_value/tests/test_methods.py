"""How work packages earn, against the worked numbers; never more than their budget."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.engine.earned_value import Method, Step, WorkPackage, earned
from stellwerk.engine.earned_value.many import METHODS, earned_many

WORKED = [
    WorkPackage(10, Method.ZERO_HUNDRED, started=True),
    WorkPackage(20, Method.FIFTY_FIFTY, started=True),
    WorkPackage(40, Method.MILESTONES, steps=(Step(25, True), Step(35, True), Step(40))),
    WorkPackage(30, Method.PERCENT, percent=60),
    WorkPackage(12, Method.EFFORT, pv=6),
]


def test_the_worked_packages_earn_58_of_112() -> None:
    found = earned(WORKED)
    assert found.parts == (0, 10, 24, 18, 6)
    assert (found.ev, found.bac) == (58, 112)
    assert found.effort_share == Fraction(12, 112)
    assert not found.too_much_effort
    assert found.capped == ()


def test_more_than_15_percent_level_of_effort_is_a_warning() -> None:
    assert not earned([WorkPackage(85, Method.PERCENT), WorkPackage(15, Method.EFFORT)]).too_much_effort
    assert earned([WorkPackage(84, Method.PERCENT), WorkPackage(16, Method.EFFORT)]).too_much_effort
    assert earned([]).effort_share is None
    assert not earned([]).too_much_effort


def test_percent_is_capped_until_the_result_is_accepted() -> None:
    reported = WorkPackage(200, Method.PERCENT, finished=True, percent=100)
    assert reported.capped
    assert reported.earned == 180
    assert WorkPackage(200, Method.PERCENT, percent=100, accepted=True).earned == 200
    assert WorkPackage(200, Method.PERCENT, percent=100, cap=100).earned == 200
    assert not WorkPackage(200, Method.PERCENT, percent=90).capped
    assert earned([WORKED[0], reported]).capped == (1,)


def test_a_finished_package_earns_all_by_the_two_simple_methods() -> None:
    assert WorkPackage(9, Method.ZERO_HUNDRED, finished=True).earned == 9
    assert WorkPackage(9, Method.FIFTY_FIFTY, started=True, finished=True).earned == 9
    assert WorkPackage(9, Method.FIFTY_FIFTY).earned == 0


def test_half_a_cent_is_rounded_up() -> None:
    assert WorkPackage(9, Method.FIFTY_FIFTY, started=True).earned == 5


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="percent: must lie between 0 and 100"):
        WorkPackage(10, Method.PERCENT, percent=101)
    with pytest.raises(ValueError, match="must add up to 100"):
        WorkPackage(10, Method.MILESTONES, steps=(Step(25), Step(35)))
    with pytest.raises(ValueError, match="weight: must not be negative"):
        WorkPackage(10, Method.MILESTONES, steps=(Step(150), Step(-50)))
    with pytest.raises(ValueError, match="pv: must lie between"):
        WorkPackage(10, Method.EFFORT, pv=11)
    with pytest.raises(ValueError, match="budget: must not be negative"):
        WorkPackage(-10, Method.EFFORT)
    with pytest.raises(TypeError, match="percent: an exact number"):
        WorkPackage(10, Method.PERCENT, percent=0.6)  # type: ignore[arg-type]


@st.composite
def packages(draw: st.DrawFn) -> WorkPackage:
    budget = draw(st.integers(0, 10**11))
    cut = sorted(draw(st.lists(st.integers(0, 100), min_size=2, max_size=2)))
    weights = (cut[0], cut[1] - cut[0], 100 - cut[1])
    return WorkPackage(
        budget, draw(st.sampled_from(Method)), draw(st.booleans()), draw(st.booleans()), draw(st.booleans()),
        Decimal(draw(st.integers(0, 10_000))) / 100, tuple(Step(weight, draw(st.booleans())) for weight in weights),
        draw(st.integers(0, budget)),
    )  # fmt: skip


@given(st.lists(packages(), max_size=8))
def test_nothing_earns_more_than_its_budget_and_many_earn_as_one_by_one(rows: list[WorkPackage]) -> None:
    found = earned(rows)
    assert all(0 <= part <= row.budget for part, row in zip(found.parts, rows, strict=True))
    assert sum(found.parts) == found.ev <= found.bac
    points = [
        int(row.earned_percent * 100 if row.method is Method.MILESTONES else Fraction(row.percent) * 100)
        for row in rows
    ]
    many = earned_many(
        [row.budget for row in rows], [METHODS.index(row.method) for row in rows], started=[row.started for row in rows],
        finished=[row.finished for row in rows], accepted=[row.accepted for row in rows], basis_points=points, planned=[row.pv for row in rows],
    )  # fmt: skip
    assert tuple(many.tolist()) == found.parts


def test_a_row_out_of_range_is_named() -> None:
    def earn(points: int, kind: int = 3) -> None:
        earned_many([10, 10], [3, kind], started=[0, 0], finished=[0, 0], accepted=[0, 0], basis_points=[0, points], planned=[0, 0])  # fmt: skip

    with pytest.raises(ValueError, match="basis_points, row 1: 10001 is not between 0 and 10000"):
        earn(10_001)
    with pytest.raises(ValueError, match="method, row 1"):
        earn(0, 5)
