"""What the work of the demo's plans costs: each package its share of the project's budget by effort, as its budget has it too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stellwerk.engine.money import spread

if TYPE_CHECKING:
    from stellwerk.demo.plans.writing import Made

HUNDRED: Final = 100_00
"""Costs are planned in hundreds of euros."""
BEFORE_NOW: Final = 94
"""Per cent of the budget that a baseline before a change request had."""
WITHOUT: Final = ("S",)
"""Small projects plan effort only."""

Costs = list[int | None]


def frozen_costs(one: Made, *, superseded: bool) -> Costs:
    """Costs of a baseline in cents, row by row; they add up to the budget that was approved with it."""
    if one.course.size in WITHOUT:
        return [None] * len(one.draft.rows)
    budget = one.course.budget
    return _shared(one, budget * BEFORE_NOW // 100 if superseded else budget)


def costs_now(one: Made) -> Costs:
    """Costs of today: what is done cost what was planned, open work carries what the last report expects beyond the budget."""
    found = frozen_costs(one, superseded=False)
    expected = next((moment.eac for moment in reversed(one.course.moments) if moment.reported), one.course.budget)
    open_ = [place for place, cost in enumerate(found) if cost and one.facts.rows[place].percent < 100]
    weights = [found[place] or 0 for place in open_]
    more = max(expected - one.course.budget, -sum(weights) // 2) // HUNDRED
    if open_ and more:
        parts = spread(abs(more), weights)
        for place, part in zip(open_, parts, strict=True):
            found[place] = (found[place] or 0) + (part if more > 0 else -part) * HUNDRED
    return found


def _shared(one: Made, amount: int) -> Costs:
    weights = [
        fact.work if fact.work and not (row.summary or row.milestone) else 0
        for row, fact in zip(one.draft.rows, one.facts.rows, strict=True)
    ]
    if not any(weights):
        return [None] * len(weights)
    shares = [share * HUNDRED for share in spread(amount // HUNDRED, weights)]
    shares[shares.index(max(shares))] += amount - sum(shares)
    return [share or None for share in shares]
