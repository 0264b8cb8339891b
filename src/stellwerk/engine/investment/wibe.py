"""WiBe 5.0, the economic efficiency assessment of German federal bodies (``docs/algorithms/investment.md``)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from stellwerk.engine.investment.case import Case
from stellwerk.engine.money import Exact, fraction

ENOUGH: Final = 50
"""Points of 100 that quality or external effects must exceed to carry a negative net present value."""


class Verdict(StrEnum):
    ECONOMIC = "economic"
    """The net present value is not negative."""
    BY_QUALITY = "by_quality"
    BY_EXTERNAL_EFFECTS = "by_external_effects"
    NOT_ECONOMIC = "not_economic"
    INCOMPLETE = "incomplete"
    """The net present value is negative and nothing was scored that could carry it."""


@dataclass(frozen=True)
class Wibe:
    """``budget_effective`` and ``other`` net present value (minor units) add up to ``npv``; ``quality`` and ``external`` 0–100 or None (not scored, not relevant)."""

    budget_effective: Fraction
    other: Fraction
    quality: Fraction | None
    external: Fraction | None
    verdict: Verdict

    @property
    def npv(self) -> Fraction:
        return self.budget_effective + self.other

    @property
    def acceptable(self) -> bool:
        return self.verdict in {Verdict.ECONOMIC, Verdict.BY_QUALITY, Verdict.BY_EXTERNAL_EFFECTS}


def wibe(case: Case, quality: Exact | None = None, external: Exact | None = None) -> Wibe:
    """The split and the verdict. A negative net present value is carried by a quality value above 50, or, where external effects are relevant, by theirs.

    The values are scores 0–100 of :func:`stellwerk.engine.scoring.score` on scales from 0 to 10. Raises ``ValueError`` outside 0–100.
    """
    points = [None if value is None else fraction(name, value) for name, value in (("quality", quality), ("external", external))]  # fmt: skip
    for name, value in zip(("quality", "external"), points, strict=True):
        if value is not None and not 0 <= value <= 100:
            raise ValueError(f"{name}: must lie between 0 and 100")
    effective = case.only(lambda line: line.budget_effective).appraisal.npv
    other = case.only(lambda line: not line.budget_effective).appraisal.npv
    verdict = _verdict(effective + other, points[0], points[1])
    return Wibe(effective, other, points[0], points[1], verdict)


def _verdict(value: Fraction, quality: Fraction | None, external: Fraction | None) -> Verdict:
    if value >= 0:
        return Verdict.ECONOMIC
    if quality is not None and quality > ENOUGH:
        return Verdict.BY_QUALITY
    if external is not None and external > ENOUGH:
        return Verdict.BY_EXTERNAL_EFFECTS
    return Verdict.INCOMPLETE if quality is None else Verdict.NOT_ECONOMIC
