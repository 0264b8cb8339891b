"""Small problems against every set there is, and larger ones against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.engine.selection import (
    NONE,
    Exclusions,
    Group,
    Items,
    Kind,
    Means,
    Needs,
    Problem,
    Resources,
    Status,
    binding,
    check,
    conflict,
    frontier,
    greedy,
    has_solver,
    select,
    solve,
    step,
)
from stellwerk.engine.selection.bounds import prices
from stellwerk.engine.selection.frame import tables_of
from stellwerk.engine.selection.search import Search
from stellwerk.engine.selection.tests.examples import best_of_all, starts_of
from stellwerk.trials import tries


@st.composite
def problems(draw: st.DrawFn, most: int = 7, starts: int = 2) -> Problem:
    count = draw(st.integers(1, most))
    columns = draw(st.integers(1, starts))
    periods = draw(st.integers(1, 2))
    numbers = st.integers(0, 9)
    value = [[draw(st.integers(-2, 9)) for _ in range(columns)] for _ in range(count)]
    demand = [[[draw(numbers) for _ in range(periods)] for _ in range(2)] for _ in range(count)]
    limit = [[draw(st.integers(-1, 4 * count)) for _ in range(periods)] for _ in range(2)]
    item = st.integers(0, count - 1)
    pairs = (
        draw(st.lists(st.tuples(item, item).filter(lambda pair: pair[0] > pair[1]), max_size=2)) if count > 1 else []
    )
    apart = (
        draw(st.lists(st.tuples(item, item).filter(lambda pair: pair[0] < pair[1]), max_size=2)) if count > 1 else []
    )
    members = tuple(sorted(draw(st.sets(item, min_size=1))))
    least = draw(st.integers(0, 1))
    mandatory = np.array([draw(st.integers(0, 5)) == 0 for _ in range(count)])
    barred = np.array([draw(st.integers(0, 8)) == 0 for _ in range(count)]) & ~mandatory
    return Problem(
        Items(tuple(f"i{row}" for row in range(count)), value, mandatory, barred),
        Resources(("budget", "role"), (Kind.BUDGET, Kind.CAPACITY), limit),
        np.array(demand),
        Needs([one for one, _ in pairs], [two for _, two in pairs], [draw(st.integers(-1, 1)) for _ in pairs]),
        Exclusions([one for one, _ in apart], [two for _, two in apart]),
        (Group("g", members, least, draw(st.sampled_from([NONE, max(least, 1), 2]))),) if draw(st.booleans()) else (),
    )


SMALL = settings(max_examples=tries(60, 25), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SMALL
@given(problems())
def test_no_set_is_better(problem: Problem) -> None:
    best = best_of_all(problem)
    result = select(problem, Means(solver=False))
    if best is None:
        assert (result.status, result.best) == (Status.INFEASIBLE, None)
        assert result.conflict is not None
    else:
        assert result.best is not None
        assert (result.best.value, -result.best.cost, result.best.start.tolist()) == (best[0], best[1], starts_of(best))
        assert (result.status, result.bound, result.settled) == (Status.OPTIMAL, best[0], True)


@pytest.mark.skipif(not has_solver(), reason="the extra solver is not installed")
@settings(max_examples=tries(25, 10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(most=6))
def test_the_solver_says_the_same(problem: Problem) -> None:
    own = select(problem, Means(solver=False), named=False)
    before, solve.OWN_NODES = solve.OWN_NODES, 1
    try:
        other = select(problem, Means(solver=True), named=False)
    finally:
        solve.OWN_NODES = before
    assert (own.status, own.bound) == (other.status, other.bound)
    if own.best is not None and other.best is not None:
        assert other.settled and own.best.start.tolist() == other.best.start.tolist()


@SMALL
@given(problems(most=10))
def test_bounds_and_searches_keep_to_the_truth(problem: Problem) -> None:
    result = select(problem, Means(solver=False), named=False)
    if result.best is None:
        return
    tables = tables_of(problem)
    assert prices(tables, 0, 40).bound >= result.best.value
    first = greedy(problem)
    if not first.broken:
        search = Search(tables, first.start, prices(tables, first.value).price, 1)
        search.run(20)
        assert check(problem, search.best) == []
        assert first.value <= search.best_score[0] <= result.best.value


@settings(max_examples=tries(25, 10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(most=6))
def test_a_conflict_is_one_and_nothing_in_it_is_superfluous(problem: Problem) -> None:
    from stellwerk.engine.selection.conflict import _only

    found = conflict(problem)
    assert (found is None) == (best_of_all(problem) is not None)
    if found is None:
        return
    rules = list(found.rules)
    assert found.minimal and best_of_all(_only(problem, rules)) is None
    for row in range(len(rules)):
        assert best_of_all(_only(problem, rules[:row] + rules[row + 1 :])) is not None


@settings(max_examples=tries(25, 10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(most=6))
def test_the_next_step_is_the_smallest(problem: Problem) -> None:
    result = select(problem, Means(solver=False), named=False)
    if result.best is None:
        return
    found = step(result, 0, means=Means(solver=False))

    def with_extra(extra: int) -> int:
        limit = problem.resources.limit.copy()
        limit[0] = np.where(limit[0] >= 0, limit[0] + extra, limit[0])
        best = best_of_all(_limited(problem, limit))
        assert best is not None
        return best[0]

    if found is None:
        assert with_extra(1000) == result.best.value
        assert not any(one.resource == 0 for one in binding(result, Means(solver=False), [(0, NONE)]))
    else:
        assert with_extra(found.extra) == found.best.value > result.best.value
        assert with_extra(found.extra - 1) == result.best.value


def _limited(problem: Problem, limit: np.ndarray) -> Problem:
    resources = Resources(problem.resources.key, problem.resources.kind, limit)
    return Problem(problem.items, resources, problem.demand, problem.needs, problem.exclusions, problem.groups)


@settings(max_examples=tries(20, 10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(most=8))
def test_the_frontier_never_falls(problem: Problem) -> None:
    points = frontier(problem, Means(solver=False), range(0, 201, 40))
    values = [point.best.value for point in points if point.best is not None]
    assert values == sorted(values)
    bounds = [point.bound for point in points if point.bound is not None]
    assert bounds == sorted(bounds)
    assert len(points) == 6
