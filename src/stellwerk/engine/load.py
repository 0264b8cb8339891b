"""Load and capacity of many people and periods in arrays: minutes spread over working days, summed to periods, put in ratio.

The formulas of one value stand in ``capacity.py``; here the same for whole heat maps. All minutes are integers, nothing is lost by rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.int64]
Flags = NDArray[np.bool_]
WEEK_DAYS = 7
WORKING_DAYS = 5


def spread_over_days(minutes: Minutes, start: Minutes, end: Minutes, working: Flags) -> Minutes:
    """Minutes of weeks by [row, Monday to Sunday]; each row adds up exactly.

    ``start``, ``end``: first and last day (0 Monday … 6 Sunday) of the week that belong to the booking. ``working``: [row, 7], days on which
    the person works. Without such a day inside the booking its days from Monday to Friday count, else all of its days.
    """
    days = np.arange(WEEK_DAYS)
    inside = (days >= start[:, None]) & (days <= end[:, None])
    mask = inside & working
    for other in (inside & (days < WORKING_DAYS), inside, np.broadcast_to(days < WORKING_DAYS, inside.shape)):
        empty = ~mask.any(axis=1)
        mask[empty] = other[empty]
    seen = mask.cumsum(axis=1)
    upto = minutes[:, None] * seen // seen[:, -1:]
    found: Minutes = np.diff(upto, axis=1, prepend=0).astype(np.int64)
    return found


def by_period(daily: NDArray[np.integer], starts: Sequence[int]) -> Minutes:
    """Sums of the last axis from each start to the next one."""
    found: Minutes = np.add.reduceat(daily, list(starts), axis=-1, dtype=np.int64)
    return found


def ratios(load: Minutes, net: Minutes) -> NDArray[np.float64]:
    """Utilisation; NaN without capacity (a conflict where there is load)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = np.where(net > 0, load / net, np.nan)
    return found


def overloads(load: Minutes, net: Minutes) -> Minutes:
    """Minutes above the net capacity."""
    found: Minutes = np.maximum(load - net, 0)
    return found


def shortage(gaps: Minutes) -> Minutes:
    """Missing minutes of groups by period: what one group has too much fills no other group."""
    found: Minutes = np.minimum(gaps, 0).sum(axis=0, dtype=np.int64)
    return found
