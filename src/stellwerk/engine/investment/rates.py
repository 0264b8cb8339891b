"""All internal rates of return, by exact arithmetic (``docs/algorithms/investment.md``).

NPV(r) = Σ CFₜ·xᵗ with x = 1 / (1 + r): rates above −100 % are the positive roots of a polynomial with whole coefficients. Descartes' rule of signs
tells when there is none or one; otherwise the same rule on ever smaller intervals separates the roots, so that none is missed and none invented.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from stellwerk.engine.money import decimal, whole

PLACES: Final = 10
"""Digits after the point of a rate as a ratio (0.175952… = 17.5952… %)."""
LOWEST: Final = Decimal("-0.9999999999")
"""A rate above −100 % is never shown as −100 %."""
MOST_FLOWS: Final = 600
"""Fifty years of months."""
MOST_REPEATED: Final = 120
"""Coinciding rates of longer flows would take minutes to tell apart."""
PRIME: Final = (1 << 61) - 1

Polynomial = tuple[int, ...]
"""Coefficients from the constant up."""


class Reason(StrEnum):
    """Why a figure of an investment is undefined."""

    NO_FLOWS = "no_flows"
    NO_SIGN_CHANGE = "no_sign_change"
    NO_REAL_RATE = "no_real_rate"
    SEVERAL_RATES = "several_rates"
    NEVER_RECOVERED = "never_recovered"
    NO_COSTS = "no_costs"
    NO_YEARS = "no_years"
    NO_INFLUENCE = "no_influence"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True)
class Irr:
    """``rates`` ascending, as ratios to ten digits; ``reason`` says why there is not exactly one.

    With several rates none of them decides: the net present value does. ``borrowing`` if money comes in first: then a *low* rate is good.
    """

    rates: tuple[Decimal, ...]
    reason: Reason | None
    borrowing: bool = False

    @property
    def rate(self) -> Decimal | None:
        """The rate, if there is exactly one."""
        return self.rates[0] if len(self.rates) == 1 else None

    @property
    def decide_by_npv(self) -> bool:
        return len(self.rates) != 1


def sign_changes(flows: Sequence[int]) -> int:
    """How often the sign changes along the flows, zeros left out: the most rates there can be."""
    signs = [flow > 0 for flow in flows if flow]
    return sum(before != after for before, after in itertools.pairwise(signs))


def irr(flows: Sequence[int]) -> Irr:
    """Every rate above −100 % at which the flows of the years (or months) 0, 1, 2, … are worth 0 at the beginning.

    Raises ``TypeError`` for amounts that are not whole, ``ValueError`` for more than 600 flows (120 where rates coincide).
    """
    amounts = [whole("flow", flow) for flow in flows]
    if len(amounts) > MOST_FLOWS:
        raise ValueError(f"flows: at most {MOST_FLOWS}")
    while amounts and not amounts[-1]:
        amounts.pop()
    first = next((at for at, amount in enumerate(amounts) if amount), None)
    if first is None:
        return Irr((), Reason.NO_FLOWS)
    changes = sign_changes(amounts)
    if not changes:
        return Irr((), Reason.NO_SIGN_CHANGE)
    polynomial = _primitive(amounts[first:])
    bound = _bound(polynomial)
    if changes == 1:
        separated = [(0, bound, 0)]
    else:
        polynomial = _square_free(polynomial)
        separated = _separate(polynomial, _bound(polynomial))
    rates = tuple(sorted(_rate(polynomial, *interval) for interval in separated))
    if len(rates) == 1:
        return Irr(rates, None, borrowing=amounts[first] > 0)
    return Irr(rates, Reason.SEVERAL_RATES if rates else Reason.NO_REAL_RATE)


def _primitive(coefficients: Sequence[int]) -> Polynomial:
    """Divided by their greatest common divisor (which is positive, so signs stay)."""
    content = math.gcd(*coefficients) or 1
    return tuple(value // content for value in coefficients)


def _bound(polynomial: Polynomial) -> int:
    """A power of two above every root (Cauchy)."""
    largest = max(abs(value) for value in polynomial[:-1])
    return 1 << (1 + largest // abs(polynomial[-1])).bit_length()


def _sign(polynomial: Polynomial, at: int, shift: int) -> int:
    """The sign at ``at`` / 2^``shift``, exactly."""
    total = 0
    for power, value in enumerate(reversed(polynomial)):
        total = total * at + (value << (shift * power))
    return (total > 0) - (total < 0)


def _derivative(polynomial: Polynomial) -> Polynomial:
    return _primitive([power * value for power, value in enumerate(polynomial)][1:])


def _remainder(above: Polynomial, below: Polynomial) -> Polynomial:
    """The remainder of ``above`` / ``below`` times some whole number, primitive; () if it divides."""
    rest, lead = list(above), below[-1]
    while len(rest) >= len(below):
        factor, at = rest.pop(), len(rest) - len(below) + 1
        if factor:
            rest = [value * lead for value in rest]
            for power, value in enumerate(below[:-1]):
                rest[at + power] -= factor * value
    while rest and not rest[-1]:
        rest.pop()
    return _primitive(rest) if rest else ()


def _surely_square_free(polynomial: Polynomial) -> bool:
    """True if polynomial and derivative have no common factor modulo a prime that divides no leading coefficient: then they have none at all."""
    above = [value % PRIME for value in polynomial]
    below = [power * value % PRIME for power, value in enumerate(polynomial)][1:]
    if not above[-1] or not below[-1]:
        return False
    while below:
        inverse = pow(below[-1], -1, PRIME)
        while len(above) >= len(below):
            factor, at = above.pop() * inverse % PRIME, len(above) - len(below) + 1
            if factor:
                for power, value in enumerate(below[:-1]):
                    above[at + power] = (above[at + power] - factor * value) % PRIME
        while above and not above[-1]:
            above.pop()
        above, below = below, above
    return len(above) == 1


def _square_free(polynomial: Polynomial) -> Polynomial:
    """The polynomial with each of its roots once. Raises ``ValueError`` for a long one with repeated roots."""
    if _surely_square_free(polynomial):
        return polynomial
    if len(polynomial) > MOST_REPEATED:
        raise ValueError(f"flows: more than {MOST_REPEATED} years with rates that coincide")
    common, below = polynomial, _derivative(polynomial)
    while below:
        common, below = below, _remainder(common, below)
    rest = [Fraction(value) for value in polynomial]
    quotient: list[Fraction] = []
    while len(rest) >= len(common):
        factor = rest[-1] / common[-1]
        quotient.append(factor)
        at = len(rest) - len(common)
        for power, value in enumerate(common):
            rest[at + power] -= factor * value
        rest.pop()
    quotient.reverse()
    scale = math.lcm(*(value.denominator for value in quotient))
    return _primitive([int(value * scale) for value in quotient])


def _moved(polynomial: Sequence[int]) -> list[int]:
    """The coefficients of p(x + 1)."""
    rest, result = list(reversed(polynomial)), []
    while rest:
        rest = list(itertools.accumulate(rest))
        result.append(rest.pop())
    return result


Interval = tuple[int, int, int]
"""From and to (both exclusive; the same for a root that is known) in units of 1 / 2^shift, and the shift."""


def _separate(polynomial: Polynomial, bound: int) -> list[Interval]:
    """Intervals that hold exactly one root each, all positive roots (Collins and Akritas).

    ``part`` is the polynomial with the interval stretched to 0 … 1; the sign changes of (1 + x)ⁿ · part(1 / (1 + x)) are the number of roots in it, or
    an even number more. Where it is 0 or 1 it is exact; halving goes on until it is.
    """
    found: list[Interval] = []
    bits = bound.bit_length() - 1
    open_ = [([value << (bits * power) for power, value in enumerate(polynomial)], 0, bound, 0)]
    while open_:
        part, low, high, shift = open_.pop()
        changes = sign_changes(_moved(part[::-1]))
        if changes == 1:
            found.append((low, high, shift))
        if changes < 2:
            continue
        degree = len(part) - 1
        left = list(_primitive([value << (degree - power) for power, value in enumerate(part)]))
        right = _moved(left)
        low, middle, high = 2 * low, low + high, 2 * high
        if not right[0]:  # the middle itself is a root
            found.append((middle, middle, shift + 1))
            right = right[1:]
        open_.append((left, low, middle, shift + 1))
        open_.append((right, middle, high, shift + 1))
    return found


def _rate(polynomial: Polynomial, low: int, high: int, shift: int) -> Decimal:
    """The rate of the one simple root in the interval (or at ``low`` = ``high``), halved until ten digits are sure."""
    # Right of the root the sign is that at the end; if the end is a root of its own, what the slope says of the points just before it.
    right = _sign(polynomial, high, shift) or -_sign(_derivative(polynomial), high, shift)
    # 1/low − 1/high, the width of the rate, goes below 10⁻¹⁴.
    while low != high and (not low or ((high - low) << shift) * 10 ** (PLACES + 4) >= low * high):
        low, middle, high, shift = 2 * low, low + high, 2 * high, shift + 1
        found = _sign(polynomial, middle, shift)
        if not found:
            low = high = middle
        elif found == right:
            high = middle
        else:
            low = middle
    return max(decimal(Fraction(2 << shift, low + high) - 1, PLACES), LOWEST)
