"""Why nothing is allowed: a smallest set of rules that cannot be kept together. Without any one of them the others can."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stellwerk.engine.selection.bounds import Prices
from stellwerk.engine.selection.branch import Branching
from stellwerk.engine.selection.checker import Rule, RuleKind
from stellwerk.engine.selection.frame import tables_of
from stellwerk.engine.selection.greedy import greedy
from stellwerk.engine.selection.model import NONE, UNLIMITED, Exclusions, Group, Needs, Problem, shifted

NODES = 20_000
"""Of our own branch and bound for each question, before ortools is asked (or the question is given up)."""
SOLVER_NODES = 2_000
ITEMS = 300


@dataclass(frozen=True)
class Conflict:
    """``minimal`` False: a question was too hard to answer, so some of these rules may have no part in it.

    ``missing`` of a limit: by how much the items that must be in overdraw it at least, where that alone is a reason.
    """

    rules: tuple[Rule, ...]
    minimal: bool


def conflict(problem: Problem, *, solver: bool = False) -> Conflict | None:
    """None: a set is allowed (or the question was too hard). Rules are given up in turn, first many at once, then one by one."""
    rules = _rules(problem)
    if _possible(_only(problem, rules), solver) is not False:
        return None
    minimal = True
    size = max(len(rules) // 2, 1)
    while True:
        place = 0
        while place < len(rules):
            fewer = rules[:place] + rules[place + size :]
            possible = _possible(_only(problem, fewer), solver)
            if possible is False:
                rules = fewer
            else:
                minimal = minimal and (possible is not None or size > 1)
                place += size
        if size == 1:
            break
        size = max(min(size, len(rules)) // 2, 1)
    return Conflict(tuple(_measured(problem, rules)), minimal)


def _rules(problem: Problem) -> list[Rule]:
    """All that can have a part in it. What is given up first stands first."""
    items, groups = problem.items, problem.groups
    rules = [Rule(RuleKind.GROUP_MOST, row) for row, group in enumerate(groups) if group.most != NONE]
    rules += [Rule(RuleKind.GROUP_LEAST, row) for row, group in enumerate(groups) if group.least > 0]
    rules += [Rule(RuleKind.EXCLUSION, row) for row in range(len(problem.exclusions))]
    rules += [Rule(RuleKind.BARRED, int(row)) for row in np.flatnonzero(items.barred)]
    rules += [Rule(RuleKind.NEED, row) for row in range(len(problem.needs))]
    rules += [Rule(RuleKind.MANDATORY, int(row)) for row in np.flatnonzero(items.mandatory)]
    finite = np.argwhere(problem.resources.limit != UNLIMITED)
    rules += [Rule(RuleKind.LIMIT, int(resource), int(period)) for resource, period in finite]
    return rules


def _only(problem: Problem, rules: list[Rule]) -> Problem:
    """With these rules and no others; items that nothing asks for are barred, since being out they break nothing."""
    kept: dict[RuleKind, list[int]] = {kind: [] for kind in RuleKind}
    limit = np.full_like(problem.resources.limit, UNLIMITED)
    for rule in rules:
        kept[rule.kind].append(rule.row)
        if rule.kind is RuleKind.LIMIT:
            limit[rule.row, rule.period] = problem.resources.limit[rule.row, rule.period]
    mandatory = np.zeros(len(problem.items), np.bool_)
    mandatory[kept[RuleKind.MANDATORY]] = True
    needs = Needs(*(getattr(problem.needs, one)[kept[RuleKind.NEED]] for one in ("item", "needed", "lag")))
    both = Exclusions(*(getattr(problem.exclusions, one)[kept[RuleKind.EXCLUSION]] for one in ("first", "second")))
    least, most = set(kept[RuleKind.GROUP_LEAST]), set(kept[RuleKind.GROUP_MOST])
    groups = tuple(
        Group(group.key, group.members, group.least if row in least else 0, group.most if row in most else NONE)
        for row, group in enumerate(problem.groups)
    )
    asked = set(np.flatnonzero(mandatory).tolist())
    asked.update(member for group in groups if group.least for member in group.members)
    pairs = list(zip(needs.item.tolist(), needs.needed.tolist(), strict=True))
    while more := {needed for item, needed in pairs if item in asked} - asked:
        asked |= more
    barred = np.ones(len(problem.items), np.bool_)
    barred[list(asked)] = False
    barred[kept[RuleKind.BARRED]] = True
    clash = mandatory & barred
    if clash.any():  # cannot be: an item is not both, the problem was checked
        barred &= ~clash
    items = replace(
        problem.items,
        value=np.zeros_like(problem.items.value),
        mandatory=mandatory,
        barred=barred,
        cost=problem.costs(),
    )
    return Problem(items, replace(problem.resources, limit=limit), problem.demand, needs, both, groups)


def _possible(problem: Problem, solver: bool) -> bool | None:
    """Is any set allowed? None: not found out."""
    if not greedy(problem).broken:
        return True
    tables = tables_of(problem)
    empty = (np.diff(tables.first) == 0) & problem.items.mandatory
    if empty.any():
        return False
    if int((~problem.items.barred).sum()) <= ITEMS:
        free = Prices(np.zeros(len(tables.limit)), 0)
        found = Branching(tables, free, None, None).run(NODES, first=True)
        if found.start is not None:
            return True
        if found.finished:
            return False
    if not solver:
        return None
    from stellwerk.engine.selection import exact  # loading ortools takes time

    answer = exact.Model(tables).most(tables.value, exact.Effort(SOLVER_NODES))
    if answer.start is not None:
        return True
    return False if answer.infeasible else None


def _measured(problem: Problem, rules: list[Rule]) -> list[Rule]:
    mandatory = [rule.row for rule in rules if rule.kind is RuleKind.MANDATORY]
    needed = {rule.row for rule in rules if rule.kind is RuleKind.NEED}
    must = set(mandatory)
    pairs = [(int(problem.needs.item[row]), int(problem.needs.needed[row])) for row in needed]
    while more := {two for one, two in pairs if one in must} - must:
        must |= more
    result = []
    for rule in rules:
        if rule.kind is RuleKind.LIMIT:
            least = sum(_least(problem, item, rule.row, rule.period) for item in must)
            over = least - int(problem.resources.limit[rule.row, rule.period])
            rule = replace(rule, missing=max(over, 0))
        result.append(rule)
    return result


def _least(problem: Problem, item: int, resource: int, period: int) -> int:
    items, demand = problem.items, problem.demand[item]
    latest = min(int(items.latest[item]), items.value.shape[1] - 1, problem.periods - 1)
    starts = [
        start
        for start in range(int(items.earliest[item]), latest + 1)
        if start == 0 or not demand[:, problem.periods - start :].any()
    ]
    return min((int(shifted(demand, start)[resource, period]) for start in starts), default=0)
