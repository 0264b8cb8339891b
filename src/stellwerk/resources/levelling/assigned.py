"""What plans say of who works on what, as read for levelling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
from django.db.models import Q

from stellwerk.engine.calendars import instant
from stellwerk.planning.models import Assignment, Plan
from stellwerk.resources.levelling.clockwork import Integers
from stellwerk.resources.models import LevellingMove

FULL: Final = 100


@dataclass(frozen=True)
class Wish:
    """What a requirement of the engine stands for: an assignment, or the responsible (``assignment`` 0)."""

    assignment: int
    activity: int
    person: int | None
    role: int | None
    minutes: int
    units: int


@dataclass(frozen=True)
class Assigned:
    """An assignment as read. Effort in hours."""

    pk: int
    activity: int
    person: int | None
    role: int | None
    units: Decimal | None
    work: Decimal | None
    done: Decimal | None
    left: Decimal | None
    percent: Decimal
    start: int | None = None
    finish: int | None = None

    def minutes_left(self, duration: int) -> int:
        """What is left to do: as told, else effort less what is done or the percent, else units over the time left."""
        if self.left is not None:
            return int(self.left * 60)
        if self.work is not None:
            done = self.done if self.done is not None else self.work * self.percent / FULL
            return max(0, int((self.work - done) * 60))
        return int((self.units or Decimal(FULL)) * duration / FULL)


def assignments(condition: Q, *, times: bool = False) -> list[Assigned]:
    """Assignments of people and roles, one query."""
    names = (
        "pk", "activity_id", "resource__person_id", "resource__role_id", "units", "work", "actual_work", "remaining_work", "activity__percent",
    )  # fmt: skip
    ends = ("activity__start", "activity__finish") if times else ()
    rows = Assignment.objects.filter(condition, resource__kind="work").filter(
        Q(resource__person__isnull=False) | Q(resource__role__isnull=False)
    )
    found = []
    for one in rows.order_by("pk").values_list(*names, *ends):
        head, tail = one[: len(names)], [None if at is None else instant(at) for at in one[len(names) :]]
        found.append(Assigned(*head, *tail))
    return found


def levelled_before(plans: Sequence[Plan]) -> dict[int, int]:
    """Where earlier runs have put activities (the date of the constraint that they wrote), by number of the activity."""
    rows = LevellingMove.objects.filter(activity__plan__in=plans, accepted=True, run__state="applied").order_by("pk")
    return {pk: instant(start) for pk, start in rows.values_list("activity_id", "start")}


def column_of(values: Iterable[int]) -> Integers:
    return np.fromiter(values, np.int64)
