"""What is known of one uncertain number (a finish or a cost), and of two together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.simulation.model import Integers, Numbers


class Sample:
    """The values of all iterations, sorted. Finishes are instants (minutes since the epoch), costs minor units of money."""

    def __init__(self, values: Integers) -> None:
        self.values = np.sort(values).astype(np.int64)
        self.values.flags.writeable = False

    def __len__(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def std(self) -> float:
        """Standard deviation of the sample (n − 1); 0 for a single iteration."""
        return float(self.values.std(ddof=1)) if len(self.values) > 1 else 0.0

    def at(self, share: float) -> int:
        """The smallest value that is kept with at least this probability: 0.8 asks for P80. Raises ``ValueError`` outside 0–1."""
        return int(self.values[_count(share, len(self.values)) - 1])

    def share_until(self, value: float) -> float:
        """The probability of at most ``value``."""
        return float(np.searchsorted(self.values, value, side="right")) / len(self.values)

    def curve(self, points: int = 101) -> tuple[Numbers, Integers]:
        """Probabilities from 0 to 1 in equal steps, and the value at each: the S-curve."""
        shares = np.linspace(0, 1, points)
        return shares, np.array([self.at(share) for share in shares.tolist()], np.int64)

    def histogram(self, bins: int = 40) -> tuple[Integers, Integers]:
        """Edges (one more than bars; whole numbers, equally far apart) and how many iterations lie in each bar."""
        low, high = int(self.values[0]), int(self.values[-1])
        width = max(1, -(-(high - low + 1) // bins))
        edges = low + width * np.arange(-(-(high - low + 1) // width) + 1, dtype=np.int64)
        return edges, np.diff(np.searchsorted(self.values, edges, side="left")).astype(np.int64)


def _count(share: float, total: int) -> int:
    """How many iterations have to keep a value for this probability."""
    if not 0 <= share <= 1:
        raise ValueError(f"a probability lies between 0 and 1, not at {share}")
    # The last digits of a product like 0.07 × 100 must not ask for one iteration more.
    return min(total, max(1, math.ceil(share * total - 1e-9 * total)))


@dataclass(frozen=True, eq=False)
class Frontier:
    """Pairs of finish and cost that are kept together with probability ``share``: with this finish no lower cost, and the other way round."""

    share: float
    finish: Integers
    cost: Integers

    def __len__(self) -> int:
        return len(self.finish)


def joint(finish: NDArray[np.integer], cost: Integers, until: float, within: float) -> float:
    """The share of iterations that keep both."""
    return float(np.count_nonzero((finish <= until) & (cost <= within))) / len(cost)


def frontier(finish: NDArray[np.integer], cost: Integers, share: float, points: int = 40) -> Frontier:
    """At most ``points`` pairs, from the earliest finish that can be kept with ``share`` at any cost to the cheapest.

    For each finish the cost is the smallest for which enough of the iterations that end by then cost no more.
    """
    need = _count(share, len(cost))
    order = np.argsort(finish, kind="stable")
    dates, costs = np.asarray(finish, np.int64)[order], cost[order]
    # All iterations with the same finish count together.
    counts = np.unique(np.linspace(need, len(dates), points).round().astype(np.int64))
    counts = np.unique(np.searchsorted(dates, dates[counts - 1], side="right"))
    cheapest = np.array([np.partition(costs[:count], need - 1)[need - 1] for count in counts.tolist()], np.int64)
    better = np.append(True, cheapest[1:] < cheapest[:-1])
    return Frontier(share, dates[counts - 1][better], cheapest[better])
