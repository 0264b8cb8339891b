"""What a plan says of itself in the format of a file: whatever a file says the same way is no news.

A plan that goes out in a format loses what the format cannot say, and gains what the format has to say. Written and read back, it shows
both; only where a file differs from that has somebody changed anything.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, TypeVar

from stellwerk.planning.exchange import Document, read_schedule, write_schedule
from stellwerk.planning.exchange.costs import has_costs, without_costs
from stellwerk.planning.exchange.document import Assignment, Calendar, Link, Resource, Task
from stellwerk.planning.exchange.files import Target
from stellwerk.planning.models import Plan
from stellwerk.planning.selectors.documents import document_of

K = TypeVar("K")
logger = logging.getLogger(__name__)
TARGETS: Final[Mapping[str, Target]] = {"mspdi": "mspdi", "xer": "xer", "table": "xlsx"}
"""Format of a document → what the plan is written in, to be compared with it."""
NAMES: Final[Mapping[Target, str]] = {"mspdi": "plan.xml", "xer": "plan.xer", "xlsx": "plan.xlsx", "csv": "plan.csv"}
UNTOLD: Final = frozenset({"line"})
"""Parts of ``told`` that say where something stood in the file."""


@dataclass(frozen=True)
class OwnWords:
    """The plan as written in a format and read back; empty where there is nothing to compare with."""

    document: Document = field(default_factory=Document)

    @cached_property
    def tasks(self) -> dict[int, Task]:
        return {one.uid: one for one in self.document.tasks if not one.blank}

    @cached_property
    def links(self) -> dict[tuple[int, int, str], Link]:
        return _first(self.document.links, lambda one: (one.predecessor, one.successor, one.type))

    @cached_property
    def resources(self) -> dict[int, Resource]:
        return _first(self.document.resources, lambda one: one.uid)

    @cached_property
    def assignments(self) -> dict[int, Assignment]:
        return _first(self.document.assignments, lambda one: one.uid)

    def order(self, uids: Sequence[int], places: Mapping[int, int]) -> list[int]:
        """The rows of a file in the order of the plan, where a format only orders them in its own way (P6: by WBS).

        New rows follow the one that they follow in the file. A file that has turned rows round keeps its order.
        """
        known = [uid for uid in uids if uid in places]
        if known != [uid for uid in self.tasks if uid in places]:
            return list(uids)
        after: dict[int | None, list[int]] = {}
        last: int | None = None
        for uid in uids:
            if uid in places:
                last = uid
            else:
                after.setdefault(last, []).append(uid)
        rows: list[int | None] = [None, *sorted(known, key=places.__getitem__)]
        return [one for row in rows for one in ([] if row is None else [row]) + after.get(row, [])]

    def same_calendar(self, given: Calendar) -> bool:
        """Whether the file has this calendar as the plan would write it."""
        mine = self.document.calendar_by_uid.get(given.uid)
        return mine is not None and replace(mine, line=given.line) == given

    def calendars(self, given: Document, numbers: Mapping[int, int]) -> dict[int, int]:
        """``numbers`` of the calendars that came back as they went out: a row with another one has changed."""
        same = {one.uid for one in given.calendars if self.same_calendar(one)}
        return {uid: number for uid, number in numbers.items() if uid in same}

    def same_beside(self, given: Document) -> bool:
        """Whether the file says the same of the plan as a whole, of its codes, fields and tables."""
        mine = self.document
        return bool(mine.tasks) and (
            replace(mine.project, saved=None) == replace(given.project, saved=None)
            and (mine.code_types, mine.fields) == (given.code_types, given.fields)
            and {table.name for table in mine.tables} == {table.name for table in given.tables}
            and [one.blank for one in mine.tasks if one.blank] == [one.blank for one in given.tasks if one.blank]
        )


def own_words(plan: Plan, given: Document) -> OwnWords:
    """The plan written in the format of the file and read back; empty for formats that are not written here.

    A file without any cost is compared with the plan without its costs: it went out to somebody who may not see them.
    """
    target = TARGETS.get(given.format)
    if target is None:
        return OwnWords()
    try:
        mine = document_of(plan)
        content = write_schedule(mine if has_costs(given) else without_costs(mine), target)
        return OwnWords(read_schedule(io.BytesIO(content), name=NAMES[target], strict=False))
    except Exception:  # an import never fails because its comparison does: every value of the file counts then
        logger.info("plan %s cannot be written as %s to be compared with a file", plan.pk, target, exc_info=True)
        return OwnWords()


def news(values: Mapping[str, Any], own: Mapping[str, Any] | None) -> dict[str, Any]:
    """The columns of a row that the file says in another way than the plan itself; all where the plan has no such row."""
    if own is None:
        return dict(values)
    return {name: value for name, value in values.items() if name not in own or _plain(own[name]) != _plain(value)}


def _plain(value: Any) -> Any:
    return {name: part for name, part in value.items() if name not in UNTOLD} if isinstance(value, dict) else value


def _first(rows: Any, key: Callable[[Any], K]) -> dict[K, Any]:
    found: dict[K, Any] = {}
    for one in rows:
        found.setdefault(key(one), one)
    return found
