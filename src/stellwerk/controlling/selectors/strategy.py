"""Strategic alignment: how much projects and proposals contribute to the objectives, by weight."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from django.db.models import Q

from stellwerk.controlling.models import Contribution, StrategicObjective

MOST: Final = 4
"""The highest level: decisive."""
Levels = Mapping[int, int]


def score_of(levels: Levels, weights: Mapping[int, Decimal]) -> Decimal | None:
    """Σ weight × level ÷ 4 ÷ Σ weight × 100. None without a weight above 0; what says nothing about an objective contributes 0."""
    total = sum(weights.values(), Decimal(0))
    if not total:
        return None
    got = sum((weight * levels.get(objective, 0) for objective, weight in weights.items()), Decimal(0))
    return got / MOST / total * 100


@dataclass(frozen=True)
class Share:
    """What one objective adds to the points of a project or proposal: weight × level ÷ 4 ÷ Σ weight × 100."""

    objective: StrategicObjective
    level: int | None
    reason: str
    weight: Decimal
    points: Decimal
    most: Decimal


def objectives_of(organisations: Collection[int] | None = None) -> list[StrategicObjective]:
    rows = StrategicObjective.objects.filter(archived_at=None).select_related("holder", "organisation")
    return list(rows if organisations is None else rows.filter(organisation__in=organisations))


def alignments(*, proposals: Collection[int], weights: Mapping[int, Decimal] | None = None) -> dict[int, Decimal]:
    """Points 0–100 of proposals; those that nobody has rated against any objective are missing."""
    known = weights if weights is not None else {row.pk: row.weight for row in objectives_of()}
    levels: dict[int, dict[int, int]] = {}
    rows = Contribution.objects.filter(proposal__in=proposals, objective__in=known)
    for proposal, objective, level in rows.values_list("proposal", "objective", "level"):
        levels.setdefault(proposal, {})[objective] = level
    return {number: score for number, row in levels.items() if (score := score_of(row, known)) is not None}


@dataclass
class Aligned:
    """A project or proposal in the matrix. ``before``: its points with the weights that stand in the database."""

    kind: str
    obj: object
    levels: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    score: Decimal | None = None
    before: Decimal | None = None
    rank: int = 0
    rank_before: int = 0

    @property
    def contributes(self) -> bool:
        return any(self.levels.values())


@dataclass
class Alignment:
    """Objectives × items; ``covered``: how many items contribute to each objective, ``decisive``: with 3 or 4."""

    objectives: list[StrategicObjective]
    weights: dict[int, Decimal]
    rows: list[Aligned]
    covered: dict[int, int]
    decisive: dict[int, int]

    def shares(self, row: Aligned) -> list[Share]:
        """The points of a row, objective by objective; empty where there is no weight above 0."""
        total = sum(self.weights.values(), Decimal(0))
        if not total:
            return []
        found = []
        for objective in self.objectives:
            weight, level = self.weights[objective.pk], row.levels.get(objective.pk)
            most = weight / total * 100
            found.append(
                Share(objective, level, row.reasons.get(objective.pk, ""), weight, most * (level or 0) / MOST, most)
            )
        return found

    @property
    def uncovered(self) -> list[StrategicObjective]:
        return [row for row in self.objectives if not self.covered[row.pk]]

    @property
    def astray(self) -> list[Aligned]:
        return [row for row in self.rows if not row.contributes]


def alignment(
    *, projects: Collection[object], proposals: Collection[object], objectives: list[StrategicObjective],
    weights: Mapping[int, Decimal] | None = None,
) -> Alignment:  # fmt: skip
    """The matrix of what the caller may see. ``weights`` tried out instead of the stored ones; ranks compare both."""
    stored = {row.pk: row.weight for row in objectives}
    tried = {pk: weights.get(pk, weight) for pk, weight in stored.items()} if weights else stored
    rows = {("project", one.pk): Aligned("project", one) for one in projects}  # type: ignore[attr-defined]
    rows |= {("proposal", one.pk): Aligned("proposal", one) for one in proposals}  # type: ignore[attr-defined]
    found = Contribution.objects.filter(
        Q(project__in=[pk for kind, pk in rows if kind == "project"])
        | Q(proposal__in=[pk for kind, pk in rows if kind == "proposal"]),
        objective__in=stored,
    )
    for project, proposal, objective, level, reason in found.values_list(
        "project", "proposal", "objective", "level", "reason"
    ):
        row = rows[("project", project) if project else ("proposal", proposal)]
        row.levels[objective], row.reasons[objective] = level, reason
    for row in rows.values():
        row.score, row.before = score_of(row.levels, tried), score_of(row.levels, stored)
    ordered = sorted(rows.values(), key=lambda row: (-(row.score or 0), str(row.obj)))
    for place, row in enumerate(sorted(rows.values(), key=lambda row: (-(row.before or 0), str(row.obj))), start=1):
        row.rank_before = place
    for place, row in enumerate(ordered, start=1):
        row.rank = place
    covered = {row.pk: sum(bool(one.levels.get(row.pk)) for one in ordered) for row in objectives}
    decisive = {row.pk: sum(one.levels.get(row.pk, 0) >= MOST - 1 for one in ordered) for row in objectives}
    return Alignment(objectives, tried, ordered, covered, decisive)
