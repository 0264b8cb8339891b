"""Exact amounts: rounding of ratios to minor units, and sharing an amount so that the shares add up again.

Amounts are whole minor units (cents) of one currency; what divides them is an exact ``Fraction`` until it is shown.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

Exact = int | Decimal | Fraction
"""A number that means what it says; a float does not (0.1 is no tenth)."""


def whole(name: str, value: int) -> int:
    """``value`` as an ``int``. Raises ``TypeError`` for anything but a whole number (also for ``True`` and 5.0)."""
    if isinstance(value, bool):
        raise TypeError(f"{name}: an amount is a whole number of minor units, not {value!r}")
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: an amount is a whole number of minor units, not {value!r}") from None


def fraction(name: str, value: Exact) -> Fraction:
    """``value`` as an exact fraction.

    Raises ``TypeError`` for floats and texts, ``ValueError`` for a Decimal that is not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise TypeError(f"{name}: an exact number (int, Decimal or Fraction), not {value!r}")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{name}: not a number")
    return Fraction(value)


def minor(value: Exact) -> int:
    """Rounded to the minor unit, halves away from zero: 2.5 → 3, −2.5 → −3."""
    exact = Fraction(value)
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return size if exact >= 0 else -size


def decimal(value: Exact, places: int = 4) -> Decimal:
    """Rounded to ``places`` digits after the point, halves away from zero."""
    return Decimal(minor(Fraction(value) * 10**places)).scaleb(-places)


def spread(amount: int, weights: Sequence[Exact]) -> tuple[int, ...]:
    """``amount`` shared by ``weights`` so that the shares add up to it to the cent (largest remainder).

    Each share differs from its exact value by less than one minor unit; of equal remainders the earlier gets the unit.
    A negative amount is shared as its opposite. Raises ``ValueError`` without weights, for a negative one, and if all are 0.
    """
    amount = whole("amount", amount)
    parts = [fraction("weight", weight) for weight in weights]
    if any(part < 0 for part in parts):
        raise ValueError("weight: must not be negative")
    total = sum(parts)
    if not total:
        raise ValueError("weights: at least one must be above 0")
    size = abs(amount)
    exact = [size * part / total for part in parts]
    shares = [part.numerator // part.denominator for part in exact]
    left = size - sum(shares)
    by_remainder = sorted(range(len(parts)), key=lambda at: shares[at] - exact[at])  # stable: the earlier first
    for at in by_remainder[:left]:
        shares[at] += 1
    return tuple(share if amount >= 0 else -share for share in shares)
