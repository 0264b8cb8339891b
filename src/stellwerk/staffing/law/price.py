"""What a contract leaves over, and what it would with equal pay. Minor units per hour or year; shares are fractions of the rate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from stellwerk.staffing.law.limits import LAW, Limits


@dataclass(frozen=True)
class Margin:
    """``amount`` of the rate that is left after the cost; ``share`` None where there is no rate."""

    cost: int
    amount: int
    share: Fraction | None

    @property
    def ratio(self) -> float | None:
        """For formats, which know floats."""
        return float(self.share) if self.share is not None else None


def cost_of(form: str, pay: int, *, by_partner: bool = False, limits: Limits = LAW) -> int:
    """Our own employees cost more than their pay; a freelancer's or a partner's price is the cost. Rounded to the nearest unit."""
    if form == "lending" and not by_partner:
        return round_half_up(pay * (1 + limits.lending_surcharge))
    return pay


def margin(form: str, rate: int, pay: int, *, by_partner: bool = False, limits: Limits = LAW) -> Margin:
    """95.00 for the client, pay 60.00, 21 % on top: cost 72.60, left 22.40, that is 23.6 %."""
    cost = cost_of(form, pay, by_partner=by_partner, limits=limits)
    return Margin(cost, rate - cost, Fraction(rate - cost, rate) if rate else None)


def rate_that_keeps(form: str, share: Fraction, pay: int, *, by_partner: bool = False, limits: Limits = LAW) -> int:
    """The rate at which a new pay leaves the same share."""
    return round_half_up(cost_of(form, pay, by_partner=by_partner, limits=limits) / (1 - share))


def round_half_up(value: Fraction | int) -> int:
    value = Fraction(value)
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
