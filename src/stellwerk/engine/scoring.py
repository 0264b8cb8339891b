"""Weighted scores of proposals (worked numbers: ``docs/algorithms/scoring.md``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from stellwerk.engine.lights import Number, exact

FULL_WEIGHT = Decimal(100)


@dataclass(frozen=True)
class ScoredCriterion:
    """One criterion: weight, scale, direction and the hurdle below (or above) which a proposal is excluded."""

    code: str
    weight: Decimal
    minimum: int = 1
    maximum: int = 5
    higher_is_better: bool = True
    hurdle: int | None = None

    def __post_init__(self) -> None:
        if self.maximum <= self.minimum:
            raise ValueError(f"{self.code}: the scale ends before it starts")
        if self.weight < 0:
            raise ValueError(f"{self.code}: a weight is never negative")

    def share(self, score: Number) -> Decimal:
        """0 (worst end of the scale) to 1 (best end)."""
        value = exact(score)
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{self.code}: {score} lies outside {self.minimum}–{self.maximum}")
        span = Decimal(self.maximum - self.minimum)
        return (value - self.minimum) / span if self.higher_is_better else (self.maximum - value) / span

    def misses_hurdle(self, score: Number) -> bool:
        if self.hurdle is None:
            return False
        return exact(score) < self.hurdle if self.higher_is_better else exact(score) > self.hurdle


@dataclass(frozen=True)
class ScoreResult:
    """``score`` 0–100, or None if a score is missing: then the proposal cannot be ranked."""

    score: Decimal | None
    missing: tuple[str, ...] = ()
    below_hurdle: tuple[str, ...] = ()
    contributions: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def rankable(self) -> bool:
        return self.score is not None and not self.below_hurdle


def score(criteria: Sequence[ScoredCriterion], scores: Mapping[str, Number | None]) -> ScoreResult:
    """Σ w·(s − min)/(max − min) / Σ w × 100; criteria with weight 0 need no score.

    Raises ``ValueError`` for a score outside its scale.
    """
    counted = [criterion for criterion in criteria if criterion.weight > 0]
    total = sum((criterion.weight for criterion in counted), Decimal(0))
    missing = tuple(c.code for c in counted if scores.get(c.code) is None)
    contributions: dict[str, Decimal] = {}
    below: list[str] = []
    for criterion in criteria:
        value = scores.get(criterion.code)
        if value is None:
            continue
        share = criterion.share(value)
        if total:
            contributions[criterion.code] = criterion.weight * share / total * FULL_WEIGHT
        if criterion.misses_hurdle(value):
            below.append(criterion.code)
    if missing or not total:
        return ScoreResult(None, missing, tuple(below), contributions)
    return ScoreResult(sum(contributions.values(), Decimal(0)), (), tuple(below), contributions)


def weights_complete(weights: Sequence[Decimal]) -> bool:
    """Do the weights of a model sum to exactly 100?"""
    return sum(weights, Decimal(0)) == FULL_WEIGHT


# ── size of a project (domain.md section 7) ──────────────────────────────────────────────────────


def rate(value: Number, below: Number, up_to: Number) -> int:
    """1 below the first limit, 2 up to the second (inclusive), 3 above."""
    number = exact(value)
    return 1 if number < exact(below) else 2 if number <= exact(up_to) else 3


def size_ratings(*, budget: Number, months: Number, fte: Number, units: int, criticality: int) -> dict[str, int]:
    """Five ratings from 1 to 3. ``budget`` in units of the currency, ``units`` involved, ``criticality`` as judged."""
    if criticality not in {1, 2, 3}:
        raise ValueError("criticality is 1, 2 or 3")
    return {
        "budget": rate(budget, 100_000, 1_000_000),
        "duration": rate(months, 6, 12),
        "fte": rate(fte, 5, 15),
        "units": 1 if units <= 1 else 2 if units <= 3 else 3,
        "criticality": criticality,
    }


def size_of(ratings: Mapping[str, int]) -> str:
    """The sum of five ratings: 5–7 S, 8–11 M, 12–15 L."""
    total = sum(ratings.values())
    if len(ratings) != 5 or not 5 <= total <= 15:
        raise ValueError("five ratings from 1 to 3 are needed")
    return "S" if total <= 7 else "M" if total <= 11 else "L"
