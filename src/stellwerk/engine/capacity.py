"""Capacity in the words of domain.md section 3.5: utilisation, FTE, gap and heads to hire.

Hours are any exact numbers (``Decimal``, or minutes divided by 60); what has no answer is ``None``, never 0 or infinite.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

DAY_HOURS: Final = Decimal(8)
"""Hours of a full-time day."""


def net_hours(working_days: Decimal, day_hours: Decimal, absence: Decimal, share: Decimal) -> Decimal:
    """(working days x hours - absence) x project share (a ratio); never below 0."""
    return max(Decimal(0), (working_days * day_hours - absence) * share)


def utilisation(load: Decimal, net: Decimal) -> Decimal | None:
    """Load as a ratio of the net capacity; None without capacity (a conflict if there is load)."""
    return load / net if net > 0 else None


def overload(load: Decimal, net: Decimal) -> Decimal:
    """Hours above the net capacity."""
    return max(Decimal(0), load - net)


def fte(hours: Decimal, working_days: int) -> Decimal | None:
    """Full-time equivalents: hours / (working days x 8). None in a period without working days."""
    return hours / (working_days * DAY_HOURS) if working_days > 0 else None


def gap(net: Decimal, demand: Decimal) -> Decimal:
    """Net capacity - demand: negative where hours are missing."""
    return net - demand


def heads(net: Decimal, demand: Decimal, full_time: Decimal) -> Decimal | None:
    """People to hire: the shortfall in net hours of one full-time person without absence. 0 without a shortfall."""
    missing = max(Decimal(0), demand - net)
    if not missing:
        return Decimal(0)
    return missing / full_time if full_time > 0 else None
