"""Schedules under scarce capacities (worked numbers: ``docs/algorithms/levelling-rcpsp.md``)."""

from stellwerk.engine.levelling.checker import Breach, BreachCode, InfeasibleError, check
from stellwerk.engine.levelling.frame import tables_of
from stellwerk.engine.levelling.model import (
    AFTER_FINISH,
    NONE,
    Activities,
    Fault,
    FaultCode,
    Links,
    Objective,
    Problem,
    ProblemError,
    Projects,
    Resources,
    Steps,
)
from stellwerk.engine.levelling.solve import Budget, Result, Watcher, level

__all__ = [
    "AFTER_FINISH", "NONE", "Activities", "Breach", "BreachCode", "Budget", "Fault", "FaultCode", "InfeasibleError", "Links", "Objective",
    "Problem", "ProblemError", "Projects", "Resources", "Result", "Steps", "Watcher", "check", "level", "tables_of",
]  # fmt: skip
