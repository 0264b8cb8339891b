"""An approved budget laid over time: shapes, and shares that add up to the cent (``docs/algorithms/earned-value.md``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from stellwerk.engine.money import Exact, fraction, spread


class Profile(StrEnum):
    LINEAR = "linear"
    """The same each day: 1, 1, …, 1."""
    FRONT = "front"
    """Falling in a straight line: n, n − 1, …, 1."""
    BACK = "back"
    """Rising in a straight line: 1, 2, …, n."""
    BELL = "bell"
    """A parabola with its top in the middle: k · (n + 1 − k)."""


def weights_of(profile: Profile, length: int) -> tuple[int, ...]:
    """Whole weights of ``length`` days or months. Raises ``ValueError`` for a length below 1."""
    if length < 1:
        raise ValueError("length: at least one day")
    shape = Profile(profile)
    if shape is Profile.LINEAR:
        return (1,) * length
    if shape is Profile.FRONT:
        return tuple(range(length, 0, -1))
    if shape is Profile.BACK:
        return tuple(range(1, length + 1))
    return tuple(at * (length + 1 - at) for at in range(1, length + 1))


def stretched(weights: Sequence[Exact], length: int) -> tuple[Fraction, ...]:
    """A profile of any number of parts (10, 30, 40, 20) stretched over ``length`` days.

    Each part lasts the same time; a day gets of each part what falls into it. The sum stays. Raises ``ValueError`` without parts or days.
    """
    if length < 1 or not weights:
        raise ValueError("weights: at least one part and one day")
    parts, result = len(weights), [Fraction(0)] * length
    for at, weight in enumerate(fraction("weight", weight) for weight in weights):
        # In units of 1/(parts · length) of the whole: part ``at`` lasts ``length`` units, a day ``parts`` units.
        begin, end = at * length, (at + 1) * length
        for day in range(begin // parts, -(-end // parts)):
            overlap = min(end, (day + 1) * parts) - max(begin, day * parts)
            result[day] += weight * Fraction(overlap, length)
    return tuple(result)


def phase(amount: int, length: int, shape: Profile | Sequence[Exact] = Profile.LINEAR) -> tuple[int, ...]:
    """``amount`` (minor units) over ``length`` days or months by a profile, or by a sequence of weights stretched over them; adds up to the cent."""
    if isinstance(shape, str):
        return spread(amount, weights_of(Profile(shape), length))
    return spread(amount, stretched(shape, length))


def phase_days(
    amount: int, days: Sequence[dt.date], shape: Profile | Sequence[Exact] = Profile.LINEAR
) -> tuple[tuple[dt.date, int], ...]:
    """``amount`` over the working days of an activity (for a milestone: its day). Raises ``ValueError`` without a day."""
    if not days:
        raise ValueError("days: a budget needs at least one day")
    return tuple(zip(days, phase(amount, len(days), shape), strict=True))


def by_month(entries: Sequence[tuple[dt.date, int]]) -> dict[dt.date, int]:
    """Amounts of days summed by month (its first day), in order of time."""
    total: dict[dt.date, int] = {}
    for day, amount in sorted(entries):
        month = day.replace(day=1)
        total[month] = total.get(month, 0) + amount
    return total
