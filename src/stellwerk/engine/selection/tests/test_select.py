"""The worked example, the best of all sets, ties, and what must be refused or named."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from stellwerk.engine.selection import (
    NONE,
    Exclusions,
    FaultCode,
    Group,
    Items,
    Kind,
    Means,
    Needs,
    Problem,
    ProblemError,
    Progress,
    Resources,
    RuleKind,
    Status,
    check,
    conflict,
    decayed,
    greedy,
    has_solver,
    scaled,
    select,
    solve,
)
from stellwerk.engine.selection.tests.examples import names, plan, worked

SOLVER = pytest.mark.skipif(not has_solver(), reason="the extra solver is not installed")
WAYS = ["own", pytest.param("solver", marks=SOLVER)]


@pytest.fixture(params=WAYS)
def means(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Means]:
    """Our own way to the end, or ortools from the first node on."""
    if request.param == "solver":
        monkeypatch.setattr(solve, "OWN_NODES", 1)
        monkeypatch.setattr(solve, "FEW_ITEMS", 0)
    yield Means(solver=request.param == "solver")


def test_the_worked_example(means: Means) -> None:
    result = select(worked(), means)
    assert result.best is not None
    assert (names(worked(), result.best.start), result.best.value, result.best.cost) == ("CDEM", 165, 900)
    assert (result.status, result.bound, result.gap, result.settled) == (Status.OPTIMAL, 165, 0.0, True)
    assert check(worked(), result.best.start) == []
    assert result.engine == ("scip" if means.solver else "own")


def test_a_budget_cut(means: Means) -> None:
    """Acceptance scenario 7."""
    result = select(worked(850), means)
    assert result.best is not None
    assert (names(worked(), result.best.start), result.best.value, result.best.cost) == ("BCM", 142, 750)


def test_the_ranked_list_takes_the_highest_values_first() -> None:
    choice = greedy(worked())
    assert (names(worked(), choice.start), choice.value, choice.cost) == ("ABM", 162, 950)
    assert choice.broken == ()


def test_the_ranked_list_takes_what_mandatory_items_need_and_what_groups_ask_for() -> None:
    problem = plan([9, 8, 1, 2], [5, 5, 1, 1], 11, mandatory=[2], needs=[(2, 3)])
    assert names(problem, greedy(problem).start) == "acd"
    problem = plan([9, 8, 1, 2], [5, 5, 1, 1], 10, groups=[Group("g", (2, 3), 1)])
    assert names(problem, greedy(problem).start) == "acd"


def test_the_ranked_list_says_what_it_breaks() -> None:
    problem = plan([5, 4], [3, 3], 4, mandatory=[0, 1])
    assert [rule.kind for rule in greedy(problem).broken] == [RuleKind.MANDATORY]


def test_equal_values_go_by_cost_then_by_the_order_of_keys(means: Means) -> None:
    cheaper = select(plan([5, 5, 5], [4, 3, 4], 4), means)
    assert cheaper.best is not None and names(cheaper.problem, cheaper.best.start) == "b"
    first = select(plan([5, 5, 5], [4, 4, 4], 4), means)
    assert first.best is not None and names(first.problem, first.best.start) == "a" and first.settled
    two = select(plan([5, 3, 2, 5], [4, 2, 2, 4], 8), means)
    assert two.best is not None and names(two.problem, two.best.start) == "abc"


def test_the_start_is_chosen_where_there_is_room(means: Means) -> None:
    """Both want the first year; the one that loses less waits."""
    problem = plan([[10, 9], [10, 6]], [[4, 0], [4, 0]], [5, 5])
    result = select(problem, means)
    assert result.best is not None
    assert (result.best.start.tolist(), result.best.value) == ([1, 0], 19)


def test_a_lag_lets_an_item_start_later_than_what_it_needs(means: Means) -> None:
    problem = plan([[5, 4], [5, 4]], [[1, 0], [1, 0]], [9, 9], needs=[(0, 1)], lags=[1])
    result = select(problem, means)
    assert result.best is not None and result.best.start.tolist() == [1, 0]


def test_a_start_that_leads_beyond_the_last_period_is_no_choice(means: Means) -> None:
    problem = plan([[5, 5], [9, 9]], [[2, 2], [2, 0]], [3, 2])
    result = select(problem, means)
    assert result.best is not None and result.best.start.tolist() == [NONE, 0]


def test_groups(means: Means) -> None:
    most = select(plan([9, 8, 7], [1, 1, 1], 9, groups=[Group("g", (0, 1, 2), most=2)]), means)
    assert most.best is not None and names(most.problem, most.best.start) == "ab"
    least = select(plan([9, 8, 0], [1, 1, 9], 9, groups=[Group("g", (2,), least=1)]), means)
    assert least.best is not None and names(least.problem, least.best.start) == "c"


def test_what_costs_value_comes_in_only_if_it_is_needed(means: Means) -> None:
    problem = plan([9, -3, -1], [1, 1, 1], 3, needs=[(0, 1)])
    result = select(problem, means)
    assert result.best is not None and (names(problem, result.best.start), result.best.value) == ("ab", 6)


@pytest.mark.parametrize(
    ("problem", "kinds"),
    [
        (worked(mandatory="BD"), {RuleKind.MANDATORY, RuleKind.EXCLUSION}),
        (worked(100), {RuleKind.MANDATORY, RuleKind.LIMIT}),
        (worked(800, mandatory="AE"), {RuleKind.MANDATORY, RuleKind.NEED, RuleKind.LIMIT}),
        (plan([1, 1], [1, 1], 9, barred=[0], groups=[Group("g", (0,), least=1)]), {RuleKind.BARRED, RuleKind.GROUP_LEAST}),
        (plan([1, 1], [1, 1], 9, mandatory=[0, 1], groups=[Group("g", (0, 1), most=1)]), {RuleKind.MANDATORY, RuleKind.GROUP_MOST}),
    ],
)  # fmt: skip
def test_where_nothing_is_allowed_the_conflict_is_named(means: Means, problem: Problem, kinds: set[RuleKind]) -> None:
    result = select(problem, means)
    assert (result.status, result.best, result.bound) == (Status.INFEASIBLE, None, None)
    assert result.conflict is not None and result.conflict.minimal
    assert {rule.kind for rule in result.conflict.rules} == kinds


def test_a_conflict_names_what_clashes_and_nothing_else() -> None:
    found = conflict(worked(2000, mandatory="AEM"))
    assert found is not None
    problem = worked(2000, mandatory="AEM")
    assert sorted(rule.named(problem) for rule in found.rules) == [
        "A: mandatory", "E needs C", "E: mandatory", "effort in period 0: 130",
    ]  # fmt: skip
    assert next(rule.missing for rule in found.rules if rule.kind is RuleKind.LIMIT) == 60 + 40 + 35 - 130
    assert conflict(worked()) is None


def test_nothing_to_choose_from() -> None:
    problem = Problem(
        Items((), np.zeros((0, 1), np.int64)),
        Resources((), (), np.zeros((0, 3), np.int64)),
        np.zeros((0, 0, 3), np.int64),
    )
    result = select(problem)
    assert result.best is not None and (result.best.value, result.status) == (0, Status.OPTIMAL)


def test_the_caller_may_stop_it(means: Means) -> None:
    heard: list[Progress] = []

    def watch(progress: Progress) -> bool:
        heard.append(progress)
        return True

    result = select(worked(), Means(solver=means.solver, watch=watch))
    assert result.status is Status.STOPPED
    assert result.best is not None and result.best.value == 162 and heard[0].value == 162
    assert result.bound is not None and result.bound >= 165


def test_no_time_still_gives_the_ranked_list(means: Means) -> None:
    result = select(worked(), Means(solver=means.solver, seconds=0.0))
    assert result.status is Status.STOPPED and result.best is not None and result.best.value == 162


def test_a_hint_that_is_not_allowed_is_not_used(means: Means) -> None:
    result = select(worked(), means, hint=np.zeros(6, np.int64))
    assert result.best is not None and result.best.value == 165


def faulty(**change: object) -> FaultCode:
    given: dict[str, object] = {
        "items": Items(("a", "b"), [1, 2]), "resources": Resources(("r",), (Kind.BUDGET,), [[9]]), "demand": np.array([[[1]], [[2]]]),
    }  # fmt: skip
    with pytest.raises(ProblemError) as error:
        Problem(**{**given, **change})  # type: ignore[arg-type]
    return error.value.faults[0].code


def test_faults_are_named() -> None:
    assert faulty(items=Items(("a", "a"), [1, 2])) is FaultCode.DOUBLE
    assert faulty(items=Items(("a", "b"), [1, 2**50])) is FaultCode.TOO_LARGE
    assert faulty(items=Items(("a", "b"), [1, 2], [True, False], [True, False])) is FaultCode.MANDATORY_BARRED
    assert faulty(items=Items(("a", "b"), [1])) is FaultCode.LENGTH
    assert faulty(demand=np.array([[[1]], [[-2]]])) is FaultCode.NEGATIVE
    assert faulty(demand=np.array([[[1]]])) is FaultCode.LENGTH
    assert faulty(resources=Resources(("r",), (Kind.BUDGET,), [[-5]])) is FaultCode.NEGATIVE
    assert faulty(needs=Needs([0], [7])) is FaultCode.NO_ITEM
    assert faulty(needs=Needs([0], [0])) is FaultCode.SELF
    assert faulty(needs=Needs([0, 1], [1, 0], [1, 0])) is FaultCode.CYCLE
    assert faulty(exclusions=Exclusions([0], [-1])) is FaultCode.NO_ITEM
    assert faulty(groups=(Group("g", (0, 5)),)) is FaultCode.NO_ITEM
    assert faulty(groups=(Group("g", (0,), 2, 1),)) is FaultCode.LEAST_ABOVE_MOST
    with pytest.raises(TypeError):
        Items(("a",), [1.5])


def test_values_are_scaled_exactly() -> None:
    values, factor = scaled([Decimal("61.25"), 80, Decimal("0.1")])
    assert (values.tolist(), factor) == ([6125, 8000, 10], 100)
    assert scaled([])[1] == 1
    with pytest.raises(ValueError, match="finite"):
        scaled([Decimal("NaN")])
    with pytest.raises(ValueError, match="40 bits"):
        scaled([Decimal("1e12"), Decimal("0.0001")])


def test_waiting_costs_value() -> None:
    assert decayed([1000, 33], Decimal("2.5"), 3).tolist() == [[1000, 975, 950], [33, 32, 31]]
    assert decayed([10], 60, 3).tolist() == [[10, 4, 0]]
