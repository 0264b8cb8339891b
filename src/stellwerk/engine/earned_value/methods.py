"""How much of a work package is earned: the method is fixed when the baseline is approved (``docs/algorithms/earned-value.md``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from stellwerk.engine.money import Exact, fraction, minor, whole

DEFAULT_CAP: Final = Decimal(90)
"""Percent: more is not earned before the result is accepted."""
EFFORT_LIMIT: Final = Fraction(15, 100)
"""Share of the budget in level of effort above which delay hides behind it."""


class Method(StrEnum):
    ZERO_HUNDRED = "0_100"
    FIFTY_FIFTY = "50_50"
    MILESTONES = "milestones"
    PERCENT = "percent"
    EFFORT = "loe"
    """Level of effort: earns what was planned and never shows delay."""


@dataclass(frozen=True)
class Step:
    """A weighted milestone of a work package; ``weight`` in percent, ``reached`` if achieved."""

    weight: Exact
    reached: bool = False


@dataclass(frozen=True)
class WorkPackage:
    """``budget`` and ``pv`` (planned up to the data date; only level of effort needs it) in minor units.

    ``finished`` counts for 0/100 and 50/50, ``accepted`` lifts the ``cap`` of a reported ``percent`` (both 0–100), ``steps`` are the weighted milestones, whose
    weights add up to 100. Raises ``ValueError`` naming what is out of range, ``TypeError`` for amounts that are not whole and for floats.
    """

    budget: int
    method: Method
    started: bool = False
    finished: bool = False
    accepted: bool = False
    percent: Exact = 0
    steps: tuple[Step, ...] = ()
    pv: int = 0
    cap: Exact = DEFAULT_CAP

    def __post_init__(self) -> None:
        object.__setattr__(self, "budget", whole("budget", self.budget))
        object.__setattr__(self, "pv", whole("pv", self.pv))
        object.__setattr__(self, "method", Method(self.method))
        object.__setattr__(self, "steps", tuple(self.steps))
        if self.budget < 0:
            raise ValueError("budget: must not be negative")
        if not 0 <= self.pv <= self.budget:
            raise ValueError("pv: must lie between 0 and the budget")
        for name in ("percent", "cap"):
            if not 0 <= fraction(name, getattr(self, name)) <= 100:
                raise ValueError(f"{name}: must lie between 0 and 100")
        weights = [fraction("weight", step.weight) for step in self.steps]
        if any(weight < 0 for weight in weights):
            raise ValueError("weight: must not be negative")
        if self.method is Method.MILESTONES and sum(weights) != 100:
            raise ValueError("steps: the weights must add up to 100")

    @property
    def capped(self) -> bool:
        """More is reported than counts before acceptance."""
        return self.method is Method.PERCENT and not self.accepted and Fraction(self.percent) > Fraction(self.cap)

    @property
    def earned_percent(self) -> Fraction:
        """What counts, 0–100; for level of effort the planned share."""
        if self.method is Method.ZERO_HUNDRED:
            return Fraction(100 if self.finished else 0)
        if self.method is Method.FIFTY_FIFTY:
            return Fraction(100 if self.finished else 50 if self.started else 0)
        if self.method is Method.MILESTONES:
            return sum((Fraction(step.weight) for step in self.steps if step.reached), Fraction(0))
        if self.method is Method.PERCENT:
            return Fraction(self.cap if self.capped else self.percent)
        return Fraction(100 * self.pv, self.budget) if self.budget else Fraction(0)

    @property
    def earned(self) -> int:
        """Earned value in minor units, halves rounded up; never above the budget."""
        return minor(self.budget * self.earned_percent / 100)


@dataclass(frozen=True)
class Earned:
    """Work packages together: ``parts`` in the order given add up to ``ev``.

    ``effort_share`` is the share of the budget in level of effort (None without a budget), ``capped`` the positions whose reported percent was cut.
    """

    bac: int
    ev: int
    parts: tuple[int, ...]
    effort_share: Fraction | None
    capped: tuple[int, ...]

    @property
    def too_much_effort(self) -> bool:
        """More than 15 % of the budget is level of effort: delay may hide."""
        return self.effort_share is not None and self.effort_share > EFFORT_LIMIT


def earned(packages: Iterable[WorkPackage]) -> Earned:
    """The earned value of work packages in one currency."""
    rows = list(packages)
    parts = tuple(row.earned for row in rows)
    bac = sum(row.budget for row in rows)
    effort = sum(row.budget for row in rows if row.method is Method.EFFORT)
    capped = tuple(at for at, row in enumerate(rows) if row.capped)
    return Earned(bac, sum(parts), parts, Fraction(effort, bac) if bac else None, capped)
