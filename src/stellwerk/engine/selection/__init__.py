"""Which proposals to fund: the set of the highest value under budgets, capacities and rules (worked numbers: ``docs/algorithms/selection.md``)."""

from stellwerk.engine.selection.checker import Rule, RuleKind, check, cost_of, used, value_of
from stellwerk.engine.selection.conflict import Conflict, conflict
from stellwerk.engine.selection.greedy import Choice, choice_of, greedy
from stellwerk.engine.selection.model import (
    NONE,
    UNLIMITED,
    Exclusions,
    Fault,
    FaultCode,
    Group,
    Items,
    Kind,
    Needs,
    Problem,
    ProblemError,
    Resources,
    decayed,
    scaled,
)
from stellwerk.engine.selection.solve import Progress, Result, Status, Watcher, has_solver, select

__all__ = [
    "NONE", "UNLIMITED", "Choice", "Conflict", "Exclusions", "Fault", "FaultCode", "Group", "Items", "Kind", "Needs", "Problem", "ProblemError",
    "Progress", "Resources", "Result", "Rule", "RuleKind", "Status", "Watcher", "check", "choice_of", "conflict", "cost_of", "decayed", "greedy",
    "has_solver", "scaled", "select", "used", "value_of",
]  # fmt: skip
