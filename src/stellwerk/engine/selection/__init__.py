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
from stellwerk.engine.selection.questions import (
    ALL,
    Binding,
    Change,
    Point,
    Reason,
    Step,
    Use,
    binding,
    changed,
    explain,
    explain_all,
    frontier,
    step,
    steps,
    uses,
)
from stellwerk.engine.selection.solve import Means, Progress, Result, Status, Watcher, has_solver, select

__all__ = [
    "ALL", "NONE", "UNLIMITED", "Binding", "Change", "Choice", "Conflict", "Exclusions", "Fault", "FaultCode", "Group", "Items", "Kind",
    "Means", "Needs", "Point", "Problem", "ProblemError", "Progress", "Reason", "Resources", "Result", "Rule", "RuleKind", "Status", "Step",
    "Use", "Watcher", "binding", "changed", "check", "choice_of", "conflict", "cost_of", "decayed", "explain", "explain_all", "frontier",
    "greedy", "has_solver", "scaled", "select", "step", "steps", "used", "uses", "value_of",
]  # fmt: skip
