"""A file over rows that are here already: what its format cannot say stays as it is, so that a plan survives a journey through other tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Activity
from stellwerk.planning.services.editing.outline import STEP

UNSAID: Final[dict[str, tuple[str, ...]]] = {
    "mspdi": ("code", "constraint2", "constraint2_date"),
    "xer": ("deadline", "estimated", "manual", "active"),
    "table": ("calendar_id", "type", "effort_driven", "manual", "active", "estimated", "constraint2", "constraint2_date", "actual_work", "remaining_work", "cost"),
}  # fmt: skip
"""Format of a file → columns that it has no place for."""
UNSAID_PLAN: Final[dict[str, tuple[str, ...]]] = {
    "mspdi": ("must_finish", "dates_win"), "xer": ("dates_win",), "table": ("start", "data_date", "must_finish", "calendar", "lag_calendar", "dates_win"),
    "mpxj": ("dates_win",), "": ("dates_win",),
}  # fmt: skip
WITHOUT_KINDS: Final = ("mspdi", "table")
"""Formats that know activities, milestones and summary rows, and nothing finer."""
EMPTY: Final[dict[str, Any]] = {"active": True}


def merged(known: Activity, values: dict[str, Any], source: str) -> dict[str, Any]:
    """``values`` of a row without what the file could not have said."""
    left_out = {name for name in UNSAID.get(source, ()) if (values[name] or None) == EMPTY.get(name)}
    if _finer(known, values, source):
        left_out.add("kind")
    before = _progress(known.percent, known.actual_start, known.actual_finish)
    if before == _progress(values["percent"], values["actual_start"], values["actual_finish"]):
        left_out.add("state")  # suspended, cancelled: no file says that
    return {name: value for name, value in values.items() if name not in left_out}


def _finer(known: Activity, values: Mapping[str, Any], source: str) -> bool:
    """Whether the stored kind says the same as the file, or more."""
    if known.summary and values["summary"]:
        return True
    return source in WITHOUT_KINDS and (known.kind in MILESTONES) == (values["kind"] in MILESTONES)


def _progress(percent: Decimal, start: Any, finish: Any) -> int:
    """0 not begun, 1 in progress, 2 done."""
    return 2 if finish or percent >= 100 else 1 if start or percent > 0 else 0


def positions(uids: Sequence[int], known: Mapping[int, int]) -> dict[int, int]:
    """Number of a row in the order of the file → position. Rows that are here keep theirs as long as the order allows it."""
    stored = [known[uid] for uid in uids if uid in known]
    if any(b <= a for a, b in pairwise(stored)):
        return _anew(uids)
    found: dict[int, int] = {}
    waiting: list[int] = []
    last = 0
    for uid in uids:
        if uid not in known:
            waiting.append(uid)
            continue
        step = (known[uid] - last) // (len(waiting) + 1)
        if waiting and step == 0:
            return _anew(uids)
        found |= {new: last + step * place for place, new in enumerate(waiting, 1)}
        found[uid] = last = known[uid]
        waiting = []
    return found | {new: last + STEP * place for place, new in enumerate(waiting, 1)}


def _anew(uids: Sequence[int]) -> dict[int, int]:
    return {uid: place * STEP for place, uid in enumerate(uids, 1)}
