"""What differs between two schedules: the rows that changed, by how much, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np

from stellwerk.engine.network.model import NONE, Flags, Integers
from stellwerk.engine.network.reasons import Reason
from stellwerk.engine.network.solve import Schedule

DATES = ("start", "finish", "resume", "late_start", "late_finish", "total_float", "free_float")


class Change(IntFlag):
    """``FLOAT``: late dates or floats differ. A row that was added or removed carries that flag alone."""

    START = 1
    FINISH = 2
    FLOAT = 4
    CRITICAL = 8
    ADDED = 16
    REMOVED = 32


@dataclass(frozen=True, eq=False)
class Changes:
    """One entry per changed activity, in the order of the rows after; removed ones last.

    ``row`` and ``row_before`` are NONE where the activity is not there. ``moved`` is the shift of the finish in working minutes of the activity's
    calendar, positive: later; 0 where nothing was there to compare. ``reason`` and ``cause`` say what set the date that moved (row of the link or
    constraint after the change). ``origin`` is the row at the beginning of the chain of moved activities that drive this one: itself, if it moved on its own.
    """

    change: Integers
    row: Integers
    row_before: Integers
    moved: Integers
    reason: Integers
    cause: Integers
    origin: Integers

    def __len__(self) -> int:
        return len(self.row)


def diff(before: Schedule, after: Schedule) -> Changes:
    """Rows with the same ``ident`` are compared; without idents, rows with the same number."""
    pair_before, pair_after, added, removed = _pairs(_idents(before), _idents(after))
    change = np.zeros(len(pair_after), np.int64)
    for column in DATES:
        differs = getattr(before, column)[pair_before] != getattr(after, column)[pair_after]
        change |= np.where(differs, _flag(column), 0)
    critical = before.critical()[pair_before] != after.critical()[pair_after]
    change |= np.where(critical, Change.CRITICAL, 0)
    changed = np.flatnonzero(change)
    row, row_before = pair_after[changed], pair_before[changed]
    moved = _shift(before.finish[row_before], after.finish[row], row, after)
    reason, cause = _why(after, row, change[changed])
    moving = np.zeros(len(after.start), np.bool_)
    moving[row[(change[changed] & (Change.START | Change.FINISH)) > 0]] = True
    moving[added] = True
    origin = _origins(after, moving)
    nothing = np.full(len(removed), NONE, np.int64)
    added_reason, added_cause = _why(after, added, np.full(len(added), Change.START))
    zeros = np.zeros(len(added), np.int64)
    parts = Changes(
        change=np.concatenate([change[changed], zeros + Change.ADDED, np.full(len(removed), Change.REMOVED)]),
        row=np.concatenate([row, added, nothing]),
        row_before=np.concatenate([row_before, zeros + NONE, removed]),
        moved=np.concatenate([moved, zeros, nothing * 0]),
        reason=np.concatenate([reason, added_reason, nothing]),
        cause=np.concatenate([cause, added_cause, nothing]),
        origin=np.concatenate([origin[row], origin[added], nothing]),
    )
    return _ordered(parts)


def _flag(column: str) -> Change:
    return {"start": Change.START, "resume": Change.START, "finish": Change.FINISH}.get(column, Change.FLOAT)


def _idents(schedule: Schedule) -> Integers:
    ident = schedule.network.activities.ident
    return np.arange(len(ident)) if (ident == NONE).all() else ident


def _pairs(before: Integers, after: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """Rows that are the same activity, rows only after, rows only before. Raises ``ValueError`` for a repeated ident."""
    for ident in (before, after):
        if len(np.unique(ident)) != len(ident):
            raise ValueError("two activities have one ident")
    _, pair_before, pair_after = np.intersect1d(before, after, assume_unique=True, return_indices=True)
    added = np.flatnonzero(~np.isin(after, before, assume_unique=True))
    removed = np.flatnonzero(~np.isin(before, after, assume_unique=True))
    return pair_before, pair_after, added, removed


def _shift(old: Integers, new: Integers, row: Integers, after: Schedule) -> Integers:
    """Working minutes between two finishes; 0 for what became, or was, a summary."""
    real = (old != NONE) & (new != NONE)
    calendar = after.network.activities.calendar[row]
    old, new = np.where(real, old, 0), np.where(real, new, 0)
    return after.network.calendars.between(calendar, old, new)


def _why(after: Schedule, row: Integers, change: Integers) -> tuple[Integers, Integers]:
    """The reason of the start if that moved, else of the finish."""
    by_start = (change & Change.START) > 0
    reason = np.where(by_start, after.start_reason[row], after.finish_reason[row])
    return reason, np.where(by_start, after.start_cause[row], after.finish_cause[row])


def _origins(after: Schedule, moving: Flags) -> Integers:
    """For each row the first of the moved rows that drive it; chains are halved until all point at their beginning."""
    links = after.network.links
    origin = np.arange(len(moving))
    for reason, cause in ((after.start_reason, after.start_cause), (after.finish_reason, after.finish_cause)):
        driven = np.flatnonzero(moving & (reason == Reason.LINK))
        driver = links.predecessor[cause[driven]]
        kept = moving[driver]
        origin[driven[kept]] = driver[kept]
    while True:
        further = origin[origin]
        if (further == origin).all():
            return origin
        origin = further


def _ordered(changes: Changes) -> Changes:
    order = np.argsort(np.where(changes.row == NONE, np.iinfo(np.int64).max, changes.row), kind="stable")
    return Changes(**{name: values[order] for name, values in vars(changes).items()})
