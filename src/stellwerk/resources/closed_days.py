"""Days that take no change of hours any more: rooms above (the month close of controlling) say which.

Asked by every write of hours: weeks, imports, corrections.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

Cell = tuple[int, dt.date]
"""Number of the project, day."""
ClosedDays = Callable[[Iterable[Cell]], set[Cell]]
_SOURCES: list[ClosedDays] = []


def register_closed_days(function: ClosedDays) -> ClosedDays:
    """``function(cells)`` returns those that are closed."""
    _SOURCES.append(function)
    return function


def closed_cells(cells: Iterable[Cell]) -> set[Cell]:
    wanted = set(cells)
    return set().union(*(source(wanted) for source in _SOURCES)) if wanted else set()
