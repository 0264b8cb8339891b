"""Small plans whose results can be written down: one working calendar or elapsed time, days of 480 minutes."""

from __future__ import annotations

from typing import Any

import numpy as np

from stellwerk.engine.calendars import CalendarSet
from stellwerk.engine.network import Activities, Constraints, Links, Network, Projects
from stellwerk.engine.simulation.tests.plans import CALENDARS, MONDAY

DAY = 480
"""Working minutes of a day."""
ELAPSED, OFFICE = 0, 1


def days(*values: float) -> list[int]:
    return [round(value * DAY) for value in values]


def network(
    durations: list[int], links: list[tuple[int, int]] | None = None, *, calendar: int = ELAPSED, projects: int = 1,
    constraints: Constraints | None = None, data_date: int | None = None, calendars: CalendarSet = CALENDARS, **columns: Any,
) -> Network:  # fmt: skip
    """Activities of ``durations`` minutes, linked finish to start, all projects from Monday 22 March 2027, 08:00 on."""
    pairs = np.array(links or [], np.int64).reshape(-1, 2)
    extra = () if data_date is None else ([data_date] * projects,)
    return Network(
        Activities(durations, [calendar] * len(durations), **columns), Links(pairs[:, 0], pairs[:, 1]),
        Projects([MONDAY] * projects, *extra, calendar=[calendar] * projects), constraints or Constraints(), calendars,
    )  # fmt: skip
