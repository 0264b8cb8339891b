"""Days that take no change of hours any more: rooms above (the month close of controlling) say which.

Asked by every write of hours: weeks, imports, approvals, corrections.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

Cell = tuple[int, dt.date]
"""Number of the project, day."""
ClosedDays = Callable[[Iterable[Cell], bool], set[Cell]]
_SOURCES: list[ClosedDays] = []


def register_closed_days(function: ClosedDays) -> ClosedDays:
    """``function(cells, held)`` returns those that are closed; ``held``: and lets nobody close another until the transaction ends."""
    _SOURCES.append(function)
    return function


def closed_cells(cells: Iterable[Cell], *, held: bool = False) -> set[Cell]:
    """Those of the cells that are closed. ``held``: for writes of hours that count; inside the caller's transaction."""
    wanted = set(cells)
    return set().union(*(source(wanted, held) for source in _SOURCES)) if wanted else set()
