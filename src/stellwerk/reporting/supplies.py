"""Deliveries between projects as their plans have them, for decks and reports: what is promised against what is needed."""

from __future__ import annotations

from collections.abc import Collection
from decimal import ROUND_UP, Decimal

from stellwerk.core.models import User
from stellwerk.planning.selectors.dependencies import supplies_between
from stellwerk.reporting.payload import DependencyLine


def open_dependencies(projects: Collection[int], by: User | None) -> tuple[DependencyLine, ...]:
    """Open deliveries that lead to or from these projects, where ``by`` may see both ends; the latest first."""
    lines = []
    for supply in supplies_between(projects, by):
        if supply.done or supply.other is None:
            continue
        lines.append(
            DependencyLine(
                giver=supply.other.plan.key,
                taker=supply.own.plan.key,
                deliverable=supply.other.name,
                needed_by=supply.needed_by,
                promised_for=supply.promised_by,
                delta_days=None if supply.slack is None else _whole(-supply.slack),
                affects=supply.own.name,
            )
        )
    return tuple(lines)


def _whole(days: Decimal) -> int:
    """Working days rounded away from zero: half a day late is late."""
    return int(days.to_integral_value(ROUND_UP))
