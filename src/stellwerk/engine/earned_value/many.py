"""Curves of many projects at once, in NumPy: whole numbers (int64) throughout, so that each cent is where the exact path puts it.

Days are positions on one shared grid (such as the working days of the company from the first start on); projects are rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stellwerk.engine.earned_value.methods import DEFAULT_CAP, Method
from stellwerk.engine.earned_value.phasing import Profile, weights_of

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

LIMIT = 1 << 62
"""Products stay below it, so that no sum of two wraps around."""
METHODS = tuple(Method)
"""The code of a method in a column is its position here."""


def _column(name: str, values: ArrayLike, length: int | None = None) -> Integers:
    given = np.asarray(values)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iub"):
        raise TypeError(f"{name}: a column is one row of whole numbers")
    if length is not None and len(given) != length:
        raise ValueError(f"{name}: {len(given)} rows where {length} are")
    return given.astype(np.int64)


def _within(name: str, values: Integers, low: int, high: int) -> None:
    """Raises ``ValueError`` naming the first row outside ``low`` … ``high`` (inclusive)."""
    wrong = np.flatnonzero((values < low) | (values > high))
    if wrong.size:
        at = int(wrong[0])
        raise ValueError(f"{name}, row {at}: {int(values[at])} is not between {low} and {high}")


def booked_curves(project: ArrayLike, day: ArrayLike, amount: ArrayLike, *, projects: int, days: int) -> Integers:
    """Cumulative curves [projects × days] of amounts that count from a day on (actual cost, steps of earned value)."""
    rows = _column("project", project)
    at, value = _column("day", day, len(rows)), _column("amount", amount, len(rows))
    _within("project", rows, 0, projects - 1)
    _within("day", at, 0, days - 1)
    flat = np.zeros(projects * days, np.int64)
    np.add.at(flat, rows * days + at, value)
    daily = flat.reshape(projects, days)
    return np.cumsum(daily, axis=1, out=daily)


def linear_curves(
    project: ArrayLike, first: ArrayLike, last: ArrayLike, amount: ArrayLike, *, projects: int, days: int
) -> Integers:
    """Cumulative curves [projects × days] of amounts phased evenly over the days ``first`` … ``last`` (inclusive).

    Each amount is marked where it begins and where it ends only, so the cost does not depend on its length. Equal to :func:`spread` with equal
    weights: what does not divide goes to the first days, one unit each.
    """
    rows = _column("project", project)
    begin, end, value = (
        _column(name, one, len(rows)) for name, one in (("first", first), ("last", last), ("amount", amount))
    )
    _within("project", rows, 0, projects - 1)
    _within("first", begin, 0, days - 1)
    _within("last", end, 0, days - 1)
    _within("last − first", end - begin, 0, days)
    length = end - begin + 1
    sign = np.sign(value)
    each, rest = np.divmod(np.abs(value), length)
    steps = np.zeros(projects * (days + 1), np.int64)
    base = rows * (days + 1)
    np.add.at(steps, base + begin, sign * (each + (rest > 0)))
    np.add.at(steps, base + begin + rest, -sign * (rest > 0))
    np.add.at(steps, base + end + 1, -sign * each)
    daily = np.cumsum(steps.reshape(projects, days + 1)[:, :days], axis=1)
    return np.cumsum(daily, axis=1, out=daily)


def phased(
    first: ArrayLike, last: ArrayLike, amount: ArrayLike, profile: Profile = Profile.LINEAR
) -> tuple[Integers, Integers, Integers]:
    """Each amount over its days ``first`` … ``last`` by ``profile``: columns row, day, amount, to the cent as :func:`phase` does it."""
    begin = _column("first", first)
    end, value = _column("last", last, len(begin)), _column("amount", amount, len(begin))
    _within("last − first", end - begin, 0, LIMIT)
    length = end - begin + 1
    starts = np.cumsum(length) - length
    row = np.repeat(np.arange(len(begin)), length)
    day = np.arange(len(row)) - np.repeat(starts - begin, length)
    share = np.empty(len(row), np.int64)
    # Amounts over equally many days are a table with one row of weights for all.
    for n in np.unique(length).tolist():
        chosen = np.flatnonzero(length == n)
        weights = np.array(weights_of(profile, n), np.int64)
        share[starts[chosen][:, None] + np.arange(n)] = _shared(value[chosen], weights)
    return row, day, share


def _shared(amount: Integers, weights: Integers) -> Integers:
    """Each amount by the same weights with the largest remainder: a table [amounts × weights]."""
    size = np.abs(amount)
    if int(size.max()) * int(weights.max()) >= LIMIT:
        raise ValueError("amount: too large for 64 bits; use phase()")
    share, remainder = np.divmod(size[:, None] * weights, weights.sum())
    left = size - share.sum(axis=1)
    # The largest remainder first, of equal ones the earlier.
    order = np.argsort(-remainder, axis=1, kind="stable")
    np.put_along_axis(share, order, np.take_along_axis(share, order, 1) + (np.arange(len(weights)) < left[:, None]), 1)
    share *= np.sign(amount)[:, None]
    result: Integers = share
    return result


def earned_many(
    budget: ArrayLike, method: ArrayLike, *, started: ArrayLike, finished: ArrayLike, accepted: ArrayLike,
    basis_points: ArrayLike, planned: ArrayLike, cap: int = int(DEFAULT_CAP * 100),
) -> Integers:  # fmt: skip
    """Earned value of many work packages, each as :class:`WorkPackage` computes it.

    ``method`` holds positions in :data:`METHODS`; ``basis_points`` (0–10,000) is the reported progress or the weights of milestones reached; flags are 0 or 1.
    """
    money = _column("budget", budget)
    count = len(money)
    kind = _column("method", method, count)
    begun, over, taken = (
        _column(name, one, count).astype(bool)
        for name, one in (("started", started), ("finished", finished), ("accepted", accepted))
    )
    points, plan = _column("basis_points", basis_points, count), _column("planned", planned, count)
    _within("budget", money, 0, LIMIT // 20_000)
    _within("method", kind, 0, len(METHODS) - 1)
    _within("basis_points", points, 0, 10_000)
    _within("planned", money - plan, 0, LIMIT)
    _within("planned", plan, 0, LIMIT)
    share = np.select(
        [
            kind == METHODS.index(Method.ZERO_HUNDRED),
            kind == METHODS.index(Method.FIFTY_FIFTY),
            (kind == METHODS.index(Method.PERCENT)) & ~taken,
        ],
        [over * 10_000, np.where(over, 10_000, begun * 5_000), np.minimum(points, cap)],
        points,
    )
    earned = (2 * money * share + 10_000) // 20_000
    result: Integers = np.where(kind == METHODS.index(Method.EFFORT), plan, earned)
    return result


def earned_schedules(plan: NDArray[np.int64], ev: ArrayLike) -> tuple[Integers, Integers, Integers]:
    """Earned schedule of each row of the cumulative ``plan`` [projects × days] (its first column is the end of the first day).

    Returns whole days ``n``, ``numerator`` and ``denominator`` of the part of the next day, so that ES = n + numerator / denominator, exactly. A row without a
    budget has n = 0 and numerator 0. Raises ``ValueError`` where more is earned than planned in total.
    """
    count, days = plan.shape
    earned = _column("ev", ev, count)
    if not days:
        raise ValueError("plan: at least one day")
    bac = plan[:, -1]
    _within("ev", bac - earned, 0, LIMIT)
    _within("ev", earned, 0, LIMIT)
    reached = np.count_nonzero(plan <= earned[:, None], axis=1).astype(np.int64)
    planned_days = np.count_nonzero(plan < bac[:, None], axis=1).astype(np.int64) + (bac > 0)
    rows = np.arange(count)
    done = earned == bac
    before = np.where(reached > 0, plan[rows, np.maximum(reached - 1, 0)], 0)
    after = plan[rows, np.minimum(reached, days - 1)]
    open_ = ~done & (earned > 0)
    n = np.where(done, planned_days, np.where(open_, reached, 0))
    return n, np.where(open_, earned - before, 0), np.where(open_, after - before, 1)


def planned_durations(plan: NDArray[np.int64]) -> Integers:
    """The first day (counted from 1) on which each row of the cumulative ``plan`` has its budget; 0 without one."""
    bac = plan[:, -1]
    result: Integers = np.count_nonzero(plan < bac[:, None], axis=1) + (bac > 0).astype(np.int64)
    return result


def ratio_curves(above: NDArray[np.int64], below: NDArray[np.int64]) -> NDArray[np.float64]:
    """Index curves for charts, such as CPI = EV / AC by day; NaN (no point) where the divisor is not above 0."""
    result: NDArray[np.float64] = np.full(above.shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result
