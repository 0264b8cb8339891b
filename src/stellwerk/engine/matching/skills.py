"""What a held skill is worth today: its level, less where it was not used for long, or a part of a neighbour's."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from stellwerk.engine.matching.model import Held, Person, Weights

YEAR = 365.2425


def recency(used: dt.date | None, weights: Weights, today: dt.date) -> Fraction:
    """1 for what was used within ``fresh`` years (or not told), falling evenly by the day to ``stale_value`` at ``stale`` years."""
    if used is None:
        return Fraction(1)
    years = Fraction(max(0, (today - used).days) * 10000, round(YEAR * 10000))
    if years <= weights.fresh:
        return Fraction(1)
    if years >= weights.stale:
        return weights.stale_value
    return 1 - (1 - weights.stale_value) * (years - weights.fresh) / (weights.stale - weights.fresh)


def worth(held: Held, weights: Weights, today: dt.date) -> Fraction:
    return held.level * recency(held.used, weights, today)


def effective(person: Person, skill: int, weights: Weights, today: dt.date) -> Fraction:
    """The level that counts: the person's own, or the best credit of a neighbour, whichever is higher."""
    own = person.skills.get(skill)
    best = worth(own, weights, today) if own is not None else Fraction(0)
    for other, credit in weights.near(skill):
        held = person.skills.get(other)
        if held is not None:
            best = max(best, credit * worth(held, weights, today))
    return best
