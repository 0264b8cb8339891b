"""Dates, floats and reasons of plans (worked numbers: ``docs/algorithms/network.md``)."""

from stellwerk.engine.network.diff import Change, Changes, diff
from stellwerk.engine.network.model import (
    NONE,
    Activities,
    ConstraintKind,
    Constraints,
    CycleError,
    Fault,
    FaultCode,
    LagCalendar,
    LinkKind,
    Links,
    Network,
    NetworkError,
    Projects,
)
from stellwerk.engine.network.reasons import Finding, Reason
from stellwerk.engine.network.solve import Findings, HorizonError, Options, Schedule, schedule, warm_up
from stellwerk.engine.network.summaries import with_summaries

__all__ = [
    "NONE", "Activities", "Change", "Changes", "ConstraintKind", "Constraints", "CycleError", "Fault", "FaultCode", "Finding", "Findings",
    "HorizonError", "LagCalendar", "LinkKind", "Links", "Network", "NetworkError", "Options", "Projects", "Reason",
    "Schedule", "diff", "schedule", "warm_up", "with_summaries",
]  # fmt: skip
