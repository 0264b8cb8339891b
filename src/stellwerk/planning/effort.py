"""Duration, effort and units of an activity hang together: effort = duration × units. Which one gives way is the duration type.

Pure arithmetic: durations in working minutes, effort in hours, units in per cent (100 is one full person).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from stellwerk.planning.choices import TaskType

HOUR = Decimal(60)
HUNDRED = Decimal(100)
Changed = Literal["duration", "work", "units"]


class Effort(NamedTuple):
    """What is known of the three; None: not known."""

    duration: int | None
    work: Decimal | None
    units: Decimal | None


GIVES_WAY: dict[str, dict[Changed, Changed]] = {
    TaskType.FIXED_UNITS: {"duration": "work", "work": "duration", "units": "duration"},
    TaskType.FIXED_DURATION: {"duration": "work", "work": "units", "units": "work"},
    TaskType.FIXED_WORK: {"duration": "units", "work": "duration", "units": "duration"},
    TaskType.FIXED_BOTH: {"duration": "work", "work": "units", "units": "work"},
}
"""Duration type → what was changed → what is computed anew (the table that planners know from Microsoft Project)."""


def balanced(kind: str, changed: Changed, effort: Effort) -> Effort:
    """The three after ``changed`` was set. Unknown values stay unknown unless the other two give them; nothing is divided by zero."""
    target = GIVES_WAY.get(kind or TaskType.FIXED_DURATION, GIVES_WAY[TaskType.FIXED_DURATION])[changed]
    known = {name for name in ("duration", "work", "units") if getattr(effort, name) is not None}
    if target in known and len(known) < 3:
        return effort  # an unknown third: changing one says nothing about the other
    duration, work, units = effort
    if target == "work" and duration is not None and units is not None:
        hours = Decimal(duration) / HOUR * units / HUNDRED
        return effort._replace(work=hours.quantize(Decimal("0.0001"), ROUND_HALF_UP))
    if target == "duration" and work is not None and units:
        minutes = work * HOUR * HUNDRED / units
        return effort._replace(duration=int(minutes.quantize(Decimal(1), ROUND_HALF_UP)))
    if target == "units" and work is not None and duration:
        share = work * HOUR * HUNDRED / Decimal(duration)
        return effort._replace(units=share.quantize(Decimal("0.01"), ROUND_HALF_UP))
    return effort
