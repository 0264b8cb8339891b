"""What is drawn follows its distribution, is independent where nothing ties it, and hangs together as asked: each with the bound that its sample size gives."""

from __future__ import annotations

import importlib.util
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from stellwerk.engine.simulation import Distribution, Estimates, Options, Outcome, Simulation, simulate
from stellwerk.engine.simulation.tests.cases import days, network
from stellwerk.engine.simulation.tests.plans import risky_plan

NEEDS_NUMBA = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra solver is not installed")
WAYS = [False, pytest.param(True, marks=NEEDS_NUMBA)]

MANY = 40_000
LOW, MODE, HIGH = 800_000, 1_000_000, 1_600_000
"""Minutes, so many that the rounding to one does not show. The peak lies at a quarter of the range, so that the beta distribution of PERT (2, 4) is a polynomial."""
SURE = 1e-6
"""How probable it is that a correct draw misses a bound of these tests by chance."""
FAR = NormalDist().inv_cdf(1 - SURE / 2)
"""So many standard deviations may a normal number be off."""
KINDS = [Distribution.TRIANGULAR, Distribution.PERT, Distribution.LOGNORMAL]
SIGMA = math.log(HIGH / LOW) / (2 * NormalDist().inv_cdf(0.9))


@dataclass(frozen=True)
class Law:
    """A distribution, written down: share below a value, mean, standard deviation, kurtosis beyond that of a normal number."""

    below: Callable[[float], float]
    mean: float
    std: float
    excess: float


def triangular(value: float) -> float:
    x = (value - LOW) / (HIGH - LOW)
    return x * x / 0.25 if x < 0.25 else 1 - (1 - x) ** 2 / 0.75


def pert(value: float) -> float:
    x = (value - LOW) / (HIGH - LOW)
    return 1 - (1 - x) ** 5 - 5 * x * (1 - x) ** 4


def lognormal(value: float) -> float:
    return NormalDist().cdf(math.log(value / math.sqrt(LOW * HIGH)) / SIGMA)


LAWS = {
    Distribution.TRIANGULAR: Law(triangular, (LOW + MODE + HIGH) / 3, 800_000 * math.sqrt(13 / 16 / 18), -0.6),
    Distribution.PERT: Law(pert, (LOW + 4 * MODE + HIGH) / 6, 800_000 * math.sqrt(2 / 9 / 7), -0.375),
    Distribution.LOGNORMAL: Law(lognormal, 0, 0, 0),
}


def distance(values: NDArray[np.int32], law: Law) -> float:
    """Kolmogorov's: the largest difference between the shares of a sample and the exact ones."""
    exact = np.array([law.below(value) for value in np.sort(values).tolist()])
    steps = np.arange(len(values) + 1) / len(values)
    return float(max((exact - steps[:-1]).max(), (steps[1:] - exact).max()))


def kolmogorov(count: int) -> float:
    """The distance that ``count`` independent values keep but with the probability ``SURE`` (Dvoretzky, Kiefer, Wolfowitz, Massart)."""
    return math.sqrt(math.log(2 / SURE) / (2 * count))


def quantile(law: Law, share: float) -> float:
    """By halving."""
    low, high = 1.0, 100.0 * HIGH
    if law.mean:
        low, high = float(LOW), float(HIGH)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if law.below(middle) < share else (low, middle)
    return low


def ranks(values: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def drawn(kind: Distribution, count: int, compiled: bool, **columns: object) -> Outcome:
    rows = np.arange(count)
    points = [np.full(count, value) for value in (LOW, MODE, HIGH)]
    estimates = Estimates(rows, *points, np.full(count, kind), **columns)  # type: ignore[arg-type]
    plan = Simulation(network([MODE] * count, [(row, row + 1) for row in range(count - 1)]), estimates)
    return simulate(plan, Options(MANY, seed=11, antithetic=False, compiled=compiled))


@pytest.mark.parametrize("kind", KINDS)
def test_the_draws_lie_as_close_to_the_exact_distribution_as_their_number_allows(kind: Distribution) -> None:
    outcome, law = drawn(kind, 3, compiled=False), LAWS[kind]
    # Half a minute of rounding moves a share by half a minute times the density, which is below two in the range.
    rounding = 0.5 * 3 / (HIGH - LOW)
    for row in range(3):
        assert distance(outcome.durations(row), law) < kolmogorov(MANY) + rounding


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999])
def test_as_many_draws_lie_below_an_exact_quantile_as_chance_allows(kind: Distribution, share: float) -> None:
    below = int((drawn(kind, 1, compiled=False).durations(0) < quantile(LAWS[kind], share)).sum())
    wanted = MANY * share
    # Bernstein: a count is off by more than this with a probability below SURE, in the tails as well.
    log = math.log(2 / SURE)
    assert abs(below - wanted) < log / 3 + math.sqrt((log / 3) ** 2 + 2 * wanted * (1 - share) * log)


@pytest.mark.parametrize("kind", [Distribution.TRIANGULAR, Distribution.PERT])
@pytest.mark.parametrize("compiled", WAYS)
def test_mean_and_spread_that_a_run_tells_are_the_exact_ones_within_the_error_of_the_sample(
    kind: Distribution, compiled: bool
) -> None:
    told, law = drawn(kind, 4, compiled).activities, LAWS[kind]
    assert told.mean == pytest.approx([law.mean] * 4, abs=FAR * law.std / math.sqrt(MANY) + 0.5)
    assert told.std == pytest.approx([law.std] * 4, rel=FAR * math.sqrt((law.excess + 2) / (4 * MANY)) + 1e-4)
    # Four equal parts of a sum each correlate with it with ½; Fisher's z of that has the standard deviation 1/√(n − 3).
    assert np.arctanh(told.correlation) == pytest.approx([math.atanh(0.5)] * 4, abs=FAR / math.sqrt(MANY - 3))


def test_activities_without_a_group_and_neighbouring_iterations_do_not_hang_together() -> None:
    outcome = drawn(Distribution.TRIANGULAR, 6, compiled=False)
    values = [outcome.durations(row).astype(np.float64) for row in range(6)]
    for one, other in itertools.combinations(values, 2):
        assert abs(np.corrcoef(one, other)[0, 1]) < FAR / math.sqrt(MANY)
    for column in values:
        for step in (1, 2, 31, 32, 64, 128, 256):
            assert abs(np.corrcoef(column[:-step], column[step:])[0, 1]) < FAR / math.sqrt(MANY - step)


@pytest.mark.parametrize("loading", [0.3, 0.7, 0.9, -0.8])
def test_activities_of_a_group_hang_together_as_asked(loading: float) -> None:
    """Ranks of two normal numbers with the correlation ρ correlate with 6/π · asin(ρ/2), whatever distribution is read from them."""
    outcome = drawn(Distribution.PERT, 2, compiled=False, group=[0, 0], loading=[loading, abs(loading)])
    found = float(np.corrcoef(ranks(outcome.durations(0)), ranks(outcome.durations(1)))[0, 1])
    wanted = 6 / math.pi * math.asin(loading * abs(loading) / 2)
    # The variance of the z of a rank correlation is at most (1 + ρ²/2)/(n − 3) (Bonett and Wright).
    error = FAR * math.sqrt((1 + wanted**2 / 2) / (MANY - 3))
    assert abs(math.atanh(found) - math.atanh(wanted)) < error + 1e-3


def test_a_mirrored_pair_is_as_far_below_the_middle_as_above_it() -> None:
    plan = Simulation(network([MODE]), Estimates([0], [MODE // 2], [MODE], [MODE + MODE // 2]))
    values = simulate(plan, Options(MANY // 64 * 128, antithetic=True)).durations(0).reshape(-1, 2, 64)
    assert np.abs(values.sum(axis=1) - 2 * MODE).max() <= 1


@NEEDS_NUMBA
@pytest.mark.parametrize("calendars", [[1], [0, 1, 2]])
def test_neither_threads_nor_blocks_nor_the_way_of_computing_change_a_number(
    calendars: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled on one, two and five threads; with NumPy in blocks of 128, 640 and all at once."""
    plan = risky_plan(8, calendars=calendars)
    outcomes = [simulate(plan, Options(3000, seed=4, compiled=True, threads=threads)) for threads in (1, 2, 5)]
    for block in (128, 640, 4096):
        monkeypatch.setattr("stellwerk.engine.simulation.solve.WIDEST", block)
        outcomes.append(simulate(plan, Options(3000, seed=4, compiled=False)))
    for other in outcomes[1:]:
        assert np.array_equal(outcomes[0].finishes, other.finishes)
        assert np.array_equal(outcomes[0].costs, other.costs)
        for name in ("criticality", "mean", "std", "correlation", "index"):
            assert np.array_equal(
                getattr(outcomes[0].activities, name), getattr(other.activities, name), equal_nan=True
            )


@NEEDS_NUMBA
def test_a_position_with_many_links_of_all_kinds_knows_which_of_them_hold_it() -> None:
    """Twenty predecessors of equal length into one activity: each is critical exactly where it is the longest."""
    count = 21
    plan = network(days(*[10] * count), [(row, count - 1) for row in range(count - 1)])
    estimates = Estimates(np.arange(count - 1), *([round(v * 480)] * (count - 1) for v in (5, 10, 20)))
    plain, compiled = (simulate(Simulation(plan, estimates), Options(2000, compiled=way)) for way in (False, True))
    lengths = np.stack([plain.durations(row) for row in range(count - 1)])
    expected = (lengths == lengths.max(axis=0)).mean(axis=1)
    assert plain.activities.criticality[:-1] == pytest.approx(expected)
    assert compiled.activities.criticality[:-1] == pytest.approx(expected)


@NEEDS_NUMBA
def test_durations_beyond_sixteen_bits_tell_the_same_spread_and_correlation() -> None:
    """Half a million minutes of range: distances lose digits, the figures hardly."""
    outcomes = [drawn(Distribution.TRIANGULAR, 3, compiled=way) for way in (False, True)]
    values = np.stack([outcomes[0].durations(row) for row in range(3)]).astype(np.float64)
    ends = outcomes[0].finish_of().astype(np.float64)
    for outcome in outcomes:
        assert outcome.activities.mean == pytest.approx(values.mean(axis=1), rel=1e-6)
        assert outcome.activities.std == pytest.approx(values.std(axis=1, ddof=1), rel=1e-6)
        assert outcome.activities.correlation == pytest.approx([np.corrcoef(row, ends)[0, 1] for row in values], rel=1e-6)  # fmt: skip


def test_memory_does_not_grow_with_activities_times_iterations() -> None:
    """A run of 2,000 activities and 200,000 iterations keeps the totals only: 16 bytes an iteration, not 4 for each of 400 million durations."""
    from stellwerk.engine.simulation.layout import layout_of
    from stellwerk.engine.simulation.plan import plan_of
    from stellwerk.engine.simulation.solve import _thread_count

    count = 2000
    plan = plan_of(Simulation(network(days(*[1] * count), [(row, row + 1) for row in range(count - 1)])))
    pytest.importorskip("numba")
    wanted = Options(200_000, memory=16 * 200_000 + 10_000_000)
    assert _thread_count(plan, layout_of(plan), wanted, 2) == 2
