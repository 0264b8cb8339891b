"""Levelling of named people over many projects: a plan that nobody has to work twice at once for, with a reason for each start."""

from stellwerk.engine.levelling.people.check import Violation, check
from stellwerk.engine.levelling.people.model import (
    DAY_MINUTES,
    ELAPSED,
    MAX_DAYS,
    SUCCESSOR,
    Activities,
    Calendars,
    Fault,
    FaultCode,
    Links,
    People,
    Problem,
    ProblemError,
    Profiles,
    Projects,
    Requirements,
)
from stellwerk.engine.levelling.people.plan import (
    VERSION,
    Conflict,
    ConflictKind,
    Hours,
    Late,
    Objective,
    Plan,
    Reason,
    ReasonKind,
)
from stellwerk.engine.levelling.people.reasons import Place, could_start_earlier, place_without
from stellwerk.engine.levelling.people.solve import Better, solve
from stellwerk.engine.levelling.people.state import compiler_installed
from stellwerk.engine.levelling.people.warm import warm_up

__all__ = [
    "DAY_MINUTES", "ELAPSED", "MAX_DAYS", "SUCCESSOR", "VERSION", "Activities", "Better", "Calendars", "Conflict", "ConflictKind",
    "Fault", "FaultCode", "Hours", "Late", "Links", "Objective", "People", "Place", "Plan", "Problem", "ProblemError", "Profiles", "Projects",
    "Reason", "ReasonKind", "Requirements", "Violation", "check", "compiler_installed", "could_start_earlier",
    "place_without", "solve", "warm_up",
]  # fmt: skip
