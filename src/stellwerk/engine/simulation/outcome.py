"""What comes out: finishes and costs of each project and of all, how often each activity is critical and how much it matters."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.network import NONE
from stellwerk.engine.simulation.arrays import Block, Luck
from stellwerk.engine.simulation.model import Integers, Numbers
from stellwerk.engine.simulation.numbers import GROUP
from stellwerk.engine.simulation.plan import Plan
from stellwerk.engine.simulation.sample import Frontier, Sample, frontier, joint

VERSION = 1
"""Changes with every change after which the same seed may give other numbers."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """By row of the activities; NaN for summaries and where nothing can be said (what is finished, what does not vary).

    ``criticality``: share of iterations in which the activity lies on a longest path to the finish of its project. ``mean`` and ``std``
    of its open work in minutes. ``correlation`` of that with the finish (Pearson; its absolute value is the cruciality). ``index``:
    schedule sensitivity index, criticality × std of the activity ÷ std of the finish (in working minutes).
    """

    criticality: Numbers
    mean: Numbers
    std: Numbers
    correlation: Numbers
    index: Numbers

    @property
    def cruciality(self) -> Numbers:
        return np.abs(self.correlation)


@dataclass(frozen=True, eq=False)
class RiskEffects:
    """By row of the risks: how often it happened, and how much later (minutes) and dearer (minor units) all ended on average when it did
    than when it did not; NaN where it always or never happened."""

    frequency: Numbers
    delay: Numbers
    cost: Numbers


@dataclass(frozen=True, eq=False)
class Outcome:
    """``finishes`` (instants) and ``costs`` (minor units) have a row per project and a column per iteration.

    ``project`` None means all together: the last finish, the sum of the costs. Fewer iterations than asked for are a run that was stopped.
    """

    plan: Plan = field(repr=False)
    luck: Luck
    iterations: int
    finishes: NDArray[np.int32] = field(repr=False)
    costs: Integers = field(repr=False)
    activities: Sensitivity = field(repr=False)
    version: int = VERSION

    def finish_of(self, project: int | None = None) -> NDArray[np.int32]:
        """The finish in each iteration, in their order."""
        result: NDArray[np.int32] = self.finishes.max(axis=0) if project is None else self.finishes[project]
        return result

    def cost_of(self, project: int | None = None) -> Integers:
        """The cost in each iteration, in their order."""
        result: Integers = self.costs.sum(axis=0) if project is None else self.costs[project]
        return result

    def finish(self, project: int | None = None) -> Sample:
        return Sample(self.finish_of(project).astype(np.int64))

    def cost(self, project: int | None = None) -> Sample:
        return Sample(self.cost_of(project))

    def joint(self, until: int, within: int, project: int | None = None) -> float:
        """Joint confidence: the probability to finish by ``until`` and to cost at most ``within``."""
        return joint(self.finish_of(project), self.cost_of(project), until, within)

    def frontier(self, share: float = 0.7, project: int | None = None, points: int = 40) -> Frontier:
        """The pairs of date and budget that are kept together with probability ``share``."""
        return frontier(self.finish_of(project), self.cost_of(project), share, points)

    def durations(self, activity: int) -> NDArray[np.int32]:
        """The open work of one activity in each iteration, drawn again; for scatter plots and ranks. Raises ``ValueError`` for summaries."""
        position = int(self.plan.frame.position[activity])
        if position == NONE:
            raise ValueError(f"activity {activity} is a summary and is not computed")
        return self._block().duration(position)[: self.iterations]

    def rank_correlation(self, activities: Integers) -> Numbers:
        """Spearman's correlation of the open work of these activities (rows) with the finish of their project."""
        block = self._block()
        frame = self.plan.frame
        result = np.full(len(activities), np.nan)
        ranks: dict[int, Numbers] = {}
        for index, row in enumerate(np.asarray(activities).tolist()):
            position = int(frame.position[row])
            if position == NONE or not self.plan.steps.measured[position]:
                continue
            project = int(frame.project[position])
            if project not in ranks:
                ranks[project] = _ranks(self.finish_of(None if self.plan.together else project))
            own = _ranks(block.duration(position)[: self.iterations])
            if own.std() > 0 and ranks[project].std() > 0:
                result[index] = np.corrcoef(own, ranks[project])[0, 1]
        return result

    def happened(self) -> list[NDArray[np.bool_]]:
        """By risk the iterations in which it happened."""
        return [row[: self.iterations] for row in self._block().happens]

    def risks(self) -> RiskEffects:
        """What each risk did to the whole."""
        happened = self.happened()
        finish, cost = self.finish_of().astype(np.float64), self.cost_of().astype(np.float64)
        table = np.full((3, len(happened)), np.nan)
        for row, yes in enumerate(happened):
            table[0, row] = yes.mean()
            if yes.any() and not yes.all():
                table[1, row] = finish[yes].mean() - finish[~yes].mean()
                table[2, row] = cost[yes].mean() - cost[~yes].mean()
        return RiskEffects(*table)

    def _block(self) -> Block:
        return Block(self.plan, self.luck, 0, -(-self.iterations // GROUP) * GROUP)


def _ranks(values: NDArray[np.integer]) -> Numbers:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    result: Numbers = (last - (counts - 1) / 2)[inverse]
    return result
