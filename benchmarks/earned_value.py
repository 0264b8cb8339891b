"""Earned value of a thousand projects of a hundred activities, with curves by day.

``python -m benchmarks.earned_value [--projects 1000] [--activities 100] [--json]`` makes a portfolio over 780 working days (three years; a fixed seed), phases each
budget by its profile over its days, books six actual costs per activity, earns by all five methods, and computes planned, earned and actual
curves of each day, all measures and the earned schedule of each project, and the sums of the portfolio. Seconds, medians of 5 after a warm-up.

Beside it in the same run: the same curves by one NumPy slice per activity and by a plain Python loop over the days (once; each compared to the cent), and
the bound, three running sums over arrays of the curves' size, which is what writing the result costs at least.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from stellwerk.engine.earned_value import EarnedSchedule, Measures, Method, Profile, roll_up, weights_of
from stellwerk.engine.earned_value.many import (
    METHODS,
    Integers,
    booked_curves,
    earned_many,
    earned_schedules,
    linear_curves,
    phased,
    planned_durations,
    ratio_curves,
)

REPEAT = 5
DAYS, TODAY = 780, 520
BOOKINGS = 6
PROFILES = tuple(Profile)


@dataclass(frozen=True)
class Instance:
    """Columns of all activities and of all bookings; days are positions among the working days, money is cents."""

    projects: int
    project: Integers
    first: Integers
    last: Integers
    budget: Integers
    profile: Integers
    method: Integers
    percent: Integers
    booking: tuple[Integers, Integers, Integers]


def instance(projects: int, activities: int, seed: int = 7) -> Instance:
    rng = np.random.default_rng(seed)
    count = projects * activities
    project = np.repeat(np.arange(projects), activities)
    begin = np.repeat(rng.integers(0, 400, projects), activities)
    first = begin + rng.integers(0, 300, count)
    last = np.minimum(first + rng.integers(4, 60, count), DAYS - 1)
    method = rng.integers(0, len(METHODS), count)
    past = first <= TODAY
    who = np.repeat(np.flatnonzero(past), BOOKINGS)
    span = np.minimum(last[who], TODAY) - first[who] + 1
    booking = (
        project[who],
        first[who] + rng.integers(0, 1 << 30, len(who)) % span,
        rng.integers(100, 2_000_000, len(who)),
    )
    # Seven of ten activities are phased evenly, the others by one of the three shapes.
    profile = np.where(rng.random(count) < 0.7, 0, rng.integers(1, len(PROFILES), count))
    return Instance(
        projects, project, first, last, rng.integers(100_000, 10_000_000, count), profile, method, rng.integers(0, 10_001, count), booking,
    )  # fmt: skip


@dataclass
class Answer:
    planned: Integers
    earned: Integers
    actual: Integers


def planned_curves(given: Instance) -> Integers:
    even = given.profile == 0
    curves = linear_curves(
        given.project[even], given.first[even], given.last[even], given.budget[even], projects=given.projects, days=DAYS
    )
    for code in range(1, len(PROFILES)):
        chosen = given.profile == code
        row, day, amount = phased(given.first[chosen], given.last[chosen], given.budget[chosen], PROFILES[code])
        curves += booked_curves(given.project[chosen][row], day, amount, projects=given.projects, days=DAYS)
    return curves


def earned_values(given: Instance) -> Integers:
    done = np.clip(TODAY - given.first + 1, 0, given.last - given.first + 1)
    return earned_many(
        given.budget, given.method, started=given.first <= TODAY, finished=given.last <= TODAY, accepted=given.last < TODAY - 20,
        basis_points=np.where(given.first <= TODAY, given.percent, 0), planned=given.budget * done // (given.last - given.first + 1),
    )  # fmt: skip


def curves(given: Instance, earned: Integers) -> Answer:
    """Budgets over their days, bookings on theirs, what is earned evenly over the days since the activity began."""
    begun = given.first <= TODAY
    until = np.minimum(given.last[begun], TODAY)
    return Answer(
        planned_curves(given),
        linear_curves(
            given.project[begun], given.first[begun], until, earned[begun], projects=given.projects, days=DAYS
        ),
        booked_curves(*given.booking, projects=given.projects, days=DAYS),
    )


def measures(found: Answer) -> tuple[list[Measures], list[Fraction]]:
    """Exact measures of each project, its SPI(t) on working days, and the portfolio's."""
    rows = [
        Measures(int(bac), int(pv), int(ev), int(ac))
        for bac, pv, ev, ac in zip(found.planned[:, -1], found.planned[:, TODAY], found.earned[:, TODAY], found.actual[:, TODAY], strict=True)
    ]  # fmt: skip
    whole = roll_up(rows)
    ratio_curves(found.earned[:, : TODAY + 1], found.actual[:, : TODAY + 1])
    n, above, below = earned_schedules(found.planned, found.earned[:, TODAY])
    planned_durations(found.planned)
    portfolio = EarnedSchedule([0, *found.planned.sum(axis=0).tolist()], whole.total.ev, TODAY + 1)
    assert portfolio.spi_t is not None
    elapsed = TODAY + 1
    times = [(int(a) + Fraction(int(b), int(c))) / elapsed for a, b, c in zip(n, above, below, strict=True)]
    return rows, [*times, portfolio.spi_t]


def slices(given: Instance, earned: Integers) -> Answer:
    """One NumPy slice per activity, as one writes it first."""
    daily = [np.zeros((given.projects, DAYS), np.int64) for _ in range(3)]
    for at in range(len(given.project)):
        row, first, last = given.project[at], given.first[at], given.last[at]
        length = last - first + 1
        _add(daily[0][row], first, int(given.budget[at]), np.array(weights_of(PROFILES[given.profile[at]], length)))
        if first <= TODAY:
            until = min(last, TODAY)
            _add(daily[1][row], first, int(earned[at]), np.ones(until - first + 1, np.int64))
    for row, day, amount in zip(*given.booking, strict=True):
        daily[2][row, day] += amount
    return Answer(*(np.cumsum(one, axis=1) for one in daily))


def _add(row: Integers, first: int, amount: int, weights: Integers) -> None:
    share, rest = np.divmod(amount * weights, weights.sum())
    share[np.argsort(-rest, kind="stable")[: amount - share.sum()]] += 1
    row[first : first + len(share)] += share


def plain(given: Instance, earned: Integers) -> Answer:
    """Without NumPy: lists and loops over the days."""
    daily = [[[0] * DAYS for _ in range(given.projects)] for _ in range(3)]
    columns = (given.project, given.first, given.last, given.budget, given.profile, earned)
    for row, first, last, budget, profile, ev in zip(*(one.tolist() for one in columns), strict=True):
        _loop(daily[0][row], first, budget, weights_of(PROFILES[profile], last - first + 1))
        if first <= TODAY:
            _loop(daily[1][row], first, ev, (1,) * (min(last, TODAY) - first + 1))
    for row, day, amount in zip(*(one.tolist() for one in given.booking), strict=True):
        daily[2][row][day] += amount
    for one in daily:
        for curve in one:
            for day in range(1, DAYS):
                curve[day] += curve[day - 1]
    return Answer(*(np.array(one, np.int64) for one in daily))


def _loop(row: list[int], first: int, amount: int, weights: tuple[int, ...]) -> None:
    whole = sum(weights)
    parts = [divmod(amount * weight, whole) for weight in weights]
    left = amount - sum(share for share, _rest in parts)
    favoured = set(sorted(range(len(parts)), key=lambda at: -parts[at][1])[:left])
    for at, (share, _rest) in enumerate(parts):
        row[first + at] += share + (at in favoured)


def bound(projects: int) -> Callable[[], None]:
    arrays = [np.ones((projects, DAYS), np.int64) for _ in range(3)]

    def sums() -> None:
        for one in arrays:
            np.cumsum(one, axis=1)

    return sums


def timed(call: Callable[[], Any], repeat: int = REPEAT) -> float:
    if repeat > 1:
        call()
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def run(projects: int, activities: int) -> dict[str, Any]:
    given = instance(projects, activities)

    def everything() -> Answer:
        found = curves(given, earned_values(given))
        measures(found)
        return found

    earned = earned_values(given)
    assert set(np.unique(given.method)) == set(range(len(Method)))
    found = everything()
    seconds = timed(everything)
    only_curves = timed(lambda: curves(given, earned_values(given)))
    least = timed(bound(projects))
    others: dict[str, float] = {}
    for name, other in (("slices", slices), ("python", plain)):
        kept: list[Answer] = []
        others[name] = timed(lambda other=other, kept=kept: kept.append(other(given, earned)), 1)  # type: ignore[misc]
        for curve in ("planned", "earned", "actual"):
            if not np.array_equal(getattr(found, curve), getattr(kept[0], curve)):
                raise SystemExit(f"{name}: another {curve} curve")
    sample = random.Random(1).sample(range(projects), min(projects, 20))
    for row in sample:  # the exact path, project by project
        own = given.project == row
        assert int(found.planned[row, -1]) == int(given.budget[own].sum())
        exact = EarnedSchedule([0, *found.planned[row].tolist()], int(found.earned[row, TODAY]), TODAY + 1)
        assert exact.spi_t == measures(found)[1][row]
    return {
        "projects": projects, "activities": projects * activities, "days": DAYS, "bookings": len(given.booking[0]),
        "seconds": round(seconds, 4), "seconds_curves": round(only_curves, 4), "seconds_measures": round(seconds - only_curves, 4),
        "seconds_numpy_slices": round(others["slices"], 3), "seconds_python": round(others["python"], 3), "seconds_bound": round(least, 4),
        "ratio_to_numpy_slices": round(others["slices"] / only_curves, 1), "ratio_to_python": round(others["python"] / only_curves, 1),
        "ratio_to_bound": round(seconds / least, 1), "equal_to_the_cent": True,
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--projects", type=int, default=1000)
    parser.add_argument("--activities", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = run(options.projects, options.activities)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    print(
        f"{found['projects']:,} projects, {found['activities']:,} activities, {found['bookings']:,} bookings, {DAYS} days"
    )
    for name, key in (
        ("all: curves, measures, schedules", "seconds"), ("  curves and earned values", "seconds_curves"), ("  measures and schedules", "seconds_measures"),
        ("same curves, a slice per activity", "seconds_numpy_slices"), ("same curves, plain Python", "seconds_python"), ("bound: three running sums", "seconds_bound"),
    ):  # fmt: skip
        print(f"  {name:<36} {found[key]:9.4f} s")
    print(
        f"  curves {found['ratio_to_numpy_slices']} times as fast as slices, {found['ratio_to_python']} as plain Python; all {found['ratio_to_bound']} times the bound"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
