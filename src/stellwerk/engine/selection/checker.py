"""Is a set of items allowed? Written the slow and obvious way; knows nothing of options, rows or searches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from stellwerk.engine.selection.model import NONE, UNLIMITED, Ints, Kind, Problem, shifted


class RuleKind(StrEnum):
    """What can forbid a set of items."""

    MANDATORY = "mandatory"
    BARRED = "barred"
    START = "start"
    NEED = "need"
    EXCLUSION = "exclusion"
    GROUP_LEAST = "group_least"
    GROUP_MOST = "group_most"
    LIMIT = "limit"


@dataclass(frozen=True)
class Rule:
    """One condition of a problem, by its numbers. ``row``: of the item, need, exclusion, group or resource; ``period`` of a limit.

    ``missing``: by how much it is broken, where that is a number (over the limit, short of the least).
    """

    kind: RuleKind
    row: int
    period: int = NONE
    missing: int = 0

    def named(self, problem: Problem) -> str:
        """For people who read logs; the product writes its own sentences."""
        key = problem.items.key
        if self.kind is RuleKind.NEED:
            needs = problem.needs
            return f"{key[int(needs.item[self.row])]} needs {key[int(needs.needed[self.row])]}"
        if self.kind is RuleKind.EXCLUSION:
            both = problem.exclusions
            return f"{key[int(both.first[self.row])]} excludes {key[int(both.second[self.row])]}"
        if self.kind in (RuleKind.GROUP_LEAST, RuleKind.GROUP_MOST):
            group = problem.groups[self.row]
            number = group.least if self.kind is RuleKind.GROUP_LEAST else group.most
            return f"{group.key}: at {'least' if self.kind is RuleKind.GROUP_LEAST else 'most'} {number}"
        if self.kind is RuleKind.LIMIT:
            limit = int(problem.resources.limit[self.row, self.period])
            return f"{problem.resources.key[self.row]} in period {self.period}: {limit}"
        return f"{key[self.row]}: {self.kind.value}"


def used(problem: Problem, start: Ints) -> Ints:
    """What the items take of each resource in each period."""
    result = np.zeros_like(problem.resources.limit)
    for row in np.flatnonzero(start != NONE):
        result += shifted(problem.demand[row], int(start[row]))
    return result


def value_of(problem: Problem, start: Ints) -> int:
    return sum(int(problem.items.value[row, start[row]]) for row in np.flatnonzero(start != NONE))


def cost_of(problem: Problem, start: Ints) -> int:
    return int(problem.costs()[start != NONE].sum())


def check(problem: Problem, start: Ints) -> list[Rule]:
    """Every rule that the chosen starts (NONE: not chosen) break. Empty: allowed."""
    broken: list[Rule] = []
    chosen = start != NONE
    items = problem.items
    for row in range(len(items)):
        if items.mandatory[row] and not chosen[row]:
            broken.append(Rule(RuleKind.MANDATORY, row))
        if chosen[row] and items.barred[row]:
            broken.append(Rule(RuleKind.BARRED, row))
        if chosen[row] and not _may_start(problem, row, int(start[row])):
            broken.append(Rule(RuleKind.START, row))
    if any(rule.kind is RuleKind.START for rule in broken):
        return broken
    broken += _pairs(problem, start)
    for row, group in enumerate(problem.groups):
        count = sum(bool(chosen[member]) for member in group.members)
        if count < group.least:
            broken.append(Rule(RuleKind.GROUP_LEAST, row, missing=group.least - count))
        if group.most != NONE and count > group.most:
            broken.append(Rule(RuleKind.GROUP_MOST, row, missing=count - group.most))
    return broken + _limits(problem, start)


def _may_start(problem: Problem, row: int, start: int) -> bool:
    items, demand = problem.items, problem.demand[row]
    if not (int(items.earliest[row]) <= start <= int(items.latest[row]) and start < items.value.shape[1]):
        return False
    return start == 0 or (start < problem.periods and not demand[:, problem.periods - start :].any())


def _pairs(problem: Problem, start: Ints) -> list[Rule]:
    broken = []
    needs = problem.needs
    for row in range(len(needs)):
        item, needed, lag = int(needs.item[row]), int(needs.needed[row]), int(needs.lag[row])
        if start[item] == NONE:
            continue
        if start[needed] == NONE or (lag != NONE and start[item] < start[needed] + lag):
            broken.append(Rule(RuleKind.NEED, row))
    both = problem.exclusions
    for row in range(len(both)):
        if start[int(both.first[row])] != NONE and start[int(both.second[row])] != NONE:
            broken.append(Rule(RuleKind.EXCLUSION, row))
    return broken


def _limits(problem: Problem, start: Ints) -> list[Rule]:
    limit = problem.resources.limit
    over = np.where(limit == UNLIMITED, 0, used(problem, start) - limit)
    return [
        Rule(RuleKind.LIMIT, int(resource), int(period), int(over[resource, period]))
        for resource, period in np.argwhere(over > 0)
    ]


def budget_used(problem: Problem, start: Ints) -> int:
    """Over all budgets and periods."""
    rows = [row for row, kind in enumerate(problem.resources.kind) if kind is Kind.BUDGET]
    return int(used(problem, start)[rows].sum())
