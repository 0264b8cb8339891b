"""Reading baselines: which one counts, what they hold, and how two of them (or one and today) differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from django.db.models import BigIntegerField, QuerySet
from django.db.models.functions import Cast

from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import can, visible_rows
from stellwerk.engine.calendars import moment
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Activity, Baseline, BaselineRow, Plan
from stellwerk.planning.selectors.calendars import Clock, clock_of

COUNTED: Final = ("approved", "superseded")
Change = Literal["added", "removed", "changed"]


def baselines() -> QuerySet[Baseline]:
    return Baseline.objects.select_related("plan__project__portfolio", "plan__project__programme", "approved_by")


def baselines_of(plan: Plan) -> list[Baseline]:
    """All baselines of a plan, newest first."""
    return list(baselines().filter(plan=plan).order_by("-number"))


def approved_baseline(plan: Plan | int) -> Baseline | None:
    """The baseline that counts now."""
    number = plan.pk if isinstance(plan, Plan) else plan
    return Baseline.objects.filter(plan_id=number, state="approved").order_by("-number").first()


def first_baseline(plan: Plan | int) -> Baseline | None:
    """The first one that was ever approved: charts keep showing it."""
    number = plan.pk if isinstance(plan, Plan) else plan
    return Baseline.objects.filter(plan_id=number, state__in=COUNTED).order_by("number").first()


def counted_baselines(plans: Iterable[int]) -> dict[int, tuple[Baseline, Baseline | None]]:
    """By plan: the first baseline ever approved, and the one that counts now; one query."""
    found: dict[int, tuple[Baseline, Baseline | None]] = {}
    for row in Baseline.objects.filter(plan_id__in=list(plans), state__in=COUNTED).order_by("plan_id", "number"):
        first, now = found.get(row.plan_id, (row, None))
        found[row.plan_id] = (first, row if row.state == "approved" else now)
    return found


def baselines_to_decide(user: User) -> list[Baseline]:
    """Proposed baselines about which this user may decide; not those that they, or whom they stand in for, proposed. Two queries."""
    if not can(user, "approve", Baseline):
        return []
    rows = baselines().filter(state="proposed", plan__project__archived_at=None).select_related(*_ASKED)
    waiting = list(visible_rows(user, rows, "approve").order_by("plan__project__key"))
    askers: dict[int, set[int]] = {}
    asked = AuditEntry.objects.filter(
        entity_type="planning.baseline", entity_id__in=[row.pk for row in waiting], verb__in=("propose", "create")
    )
    for number, actor in asked.exclude(actor=None).values_list("entity_id", "actor_id") if waiting else ():
        askers.setdefault(number, set()).add(actor)

    def decides(row: Baseline) -> bool:
        others = askers.get(row.pk, set())
        return user.pk not in others and can(user, "approve", row, without=others)

    return [row for row in waiting if decides(row)]


_ASKED = (
    "plan__project__portfolio__unit", "plan__project__sponsor", "plan__project__manager", "plan__project__programme__sponsor",
    "plan__project__programme__manager",
)  # fmt: skip


# ── two sides and their difference ───────────────────────────────────────────────────────────────


class Frozen(NamedTuple):
    """One row of a side; dates in minutes since 1950, duration in working minutes, effort in hours, cost in minor units."""

    uid: int
    position: int
    level: int
    summary: bool
    kind: str
    wbs: str
    name: str
    start: int | None
    finish: int | None
    duration: int | None
    work: Decimal | None
    cost: int | None

    @property
    def milestone(self) -> bool:
        return self.kind in MILESTONES

    @property
    def start_at(self) -> dt.datetime | None:
        return None if self.start is None else moment(self.start)

    @property
    def finish_at(self) -> dt.datetime | None:
        return None if self.finish is None else moment(self.finish)


_MINUTES = {"from_": Cast("start", BigIntegerField()), "until": Cast("finish", BigIntegerField())}
_HEAD = ("uid", "position", "level", "summary", "kind", "wbs", "name", "from_", "until", "duration", "work")


@dataclass
class Side:
    """A baseline, or the plan as it stands today (``baseline`` None)."""

    baseline: Baseline | None
    rows: dict[int, Frozen]

    @cached_property
    def leaves(self) -> list[Frozen]:
        return [row for row in self.rows.values() if not row.summary]

    @property
    def activities(self) -> int:
        return sum(not row.milestone for row in self.leaves)

    @property
    def milestones(self) -> int:
        return sum(row.milestone for row in self.leaves)

    @property
    def start(self) -> int | None:
        return min((row.start for row in self.leaves if row.start is not None), default=None)

    @property
    def finish(self) -> int | None:
        return max((row.finish for row in self.leaves if row.finish is not None), default=None)

    @property
    def work(self) -> Decimal | None:
        """Hours of all rows without rows below them; None where nobody planned effort."""
        known = [row.work for row in self.leaves if row.work is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def cost(self) -> int | None:
        known = [row.cost for row in self.leaves if row.cost is not None]
        return sum(known) if known else None


def side_of(plan: Plan, baseline: Baseline | None) -> Side:
    """What was frozen, or what the plan says now (without inactive and cancelled rows); one query."""
    if baseline is not None:
        frozen = BaselineRow.objects.filter(baseline=baseline).order_by("position", "uid").annotate(**_MINUTES)
        return Side(baseline, {row[0]: Frozen(*row) for row in frozen.values_list(*_HEAD, "cost")})
    live = Activity.objects.filter(plan=plan, active=True).exclude(state="cancelled").order_by("position", "pk")
    now: Any = live.annotate(**_MINUTES).values_list(*_HEAD, "cost")
    return Side(None, {row[0]: Frozen(*row) for row in now})


@dataclass(frozen=True)
class Difference:
    """One row that differs; moves in days of the row's calendar (``elapsed``: calendar days), later is positive."""

    change: Change
    before: Frozen | None
    after: Frozen | None
    start_move: Decimal | None = None
    finish_move: Decimal | None = None
    duration_change: Decimal | None = None
    elapsed: bool = False
    work_change: Decimal | None = None
    cost_change: int | None = None

    @property
    def row(self) -> Frozen:
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def renamed(self) -> bool:
        return self.before is not None and self.after is not None and self.before.name != self.after.name

    @property
    def moved(self) -> bool:
        return bool(self.start_move or self.finish_move)


@dataclass
class Comparison:
    """``after`` against ``before``: differing rows in the order of the outline, sums of both sides."""

    before: Side
    after: Side
    rows: list[Difference] = field(default_factory=list)
    finish_move: Decimal | None = None

    def count(self, change: Change) -> int:
        return sum(row.change == change for row in self.rows)

    @property
    def moved(self) -> int:
        return sum(row.change == "changed" and row.moved for row in self.rows)

    @property
    def work_change(self) -> Decimal | None:
        one, other = self.before.work, self.after.work
        return None if one is None and other is None else (other or Decimal(0)) - (one or Decimal(0))

    @property
    def cost_change(self) -> int | None:
        """None where a side knows no cost."""
        one, other = self.before.cost, self.after.cost
        return None if one is None or other is None else other - one


def compare(plan: Plan, before: Baseline | None, after: Baseline | None, *, costs: bool = True) -> Comparison:
    """How ``after`` differs from ``before``; None stands for today. Few queries for any number of rows.

    Without ``costs`` (for who may not see them) rows that differ in nothing else are the same.
    """
    one, other = side_of(plan, before), side_of(plan, after)
    if not costs:
        one, other = (Side(side.baseline, {uid: row._replace(cost=None) for uid, row in side.rows.items()}) for side in (one, other))  # fmt: skip
    clock = clock_of(plan)
    result = Comparison(one, other, finish_move=_move_of(clock, one.finish, other.finish))
    common = [uid for uid in other.rows if uid in one.rows]
    moves = _moves(plan, clock, [(one.rows[uid], other.rows[uid]) for uid in common])
    changed = {
        uid: difference
        for uid, move in zip(common, moves, strict=True)
        if (difference := _changed(one.rows[uid], other.rows[uid], move)) is not None
    }
    for uid, row in other.rows.items():
        if uid not in one.rows:
            result.rows.append(Difference("added", None, row, work_change=_effort(row), cost_change=row.cost))
        elif uid in changed:
            result.rows.append(changed[uid])
    for uid, row in one.rows.items():
        if uid not in other.rows:
            gone = _effort(row)
            work, cost = -gone if gone else None, -row.cost if row.cost else None
            result.rows.append(Difference("removed", row, None, work_change=work, cost_change=cost))
    result.rows.sort(key=lambda row: row.row.position)
    return result


def _effort(row: Frozen) -> Decimal | None:
    return None if row.summary else row.work


@dataclass(frozen=True)
class _Move:
    start: Decimal | None
    finish: Decimal | None
    day: int
    elapsed: bool


def _changed(one: Frozen, other: Frozen, move: _Move) -> Difference | None:
    duration = None
    if not one.summary and not other.summary and one.duration is not None and other.duration is not None:
        duration = Decimal(other.duration - one.duration) / move.day
    work = None
    if not other.summary and (one.work is not None or other.work is not None):
        work = (other.work or Decimal(0)) - (one.work or Decimal(0))
    cost = other.cost - one.cost if one.cost is not None and other.cost is not None else None
    found = Difference("changed", one, other, move.start, move.finish, duration, move.elapsed, work, cost)
    dated = (one.start is None) != (other.start is None) or (one.finish is None) != (other.finish is None)
    differs = found.moved or duration or work or cost or dated or found.renamed
    return found if differs or one.kind != other.kind or one.summary != other.summary else None


def _moves(plan: Plan, clock: Clock, pairs: Sequence[tuple[Frozen, Frozen]]) -> list[_Move]:
    """Moves of many rows at once, each counted by the calendar that the activity has today."""
    owners = {
        uid: (calendar, elapsed)
        for uid, calendar, elapsed in Activity.objects.filter(plan=plan).values_list("uid", "calendar_id", "elapsed")
    }
    rows = []
    for one, _other in pairs:
        calendar, elapsed = owners.get(one.uid, (None, False))
        rows.append(clock.of(calendar, elapsed=elapsed))
    starts = working_moves(clock, rows, [(one.start, other.start) for one, other in pairs])
    finishes = working_moves(clock, rows, [(one.finish, other.finish) for one, other in pairs])
    return [
        _Move(start, finish, clock.day(row), row == 0)
        for row, start, finish in zip(rows, starts, finishes, strict=True)
    ]


def working_moves(
    clock: Clock, calendars: Sequence[int], pairs: Sequence[tuple[int | None, int | None]]
) -> list[Decimal | None]:
    """Days (of each row's calendar) from the first to the second instant; None where one is unknown."""
    known = [place for place, (one, other) in enumerate(pairs) if one is not None and other is not None]
    found: list[Decimal | None] = [None] * len(pairs)
    if not known:
        return found
    column = np.array([calendars[place] for place in known], np.int64)
    ends = np.array([pairs[place] for place in known], np.int64)
    minutes = clock.set.between(column, ends[:, 0], ends[:, 1])
    for place, value in zip(known, minutes.tolist(), strict=True):
        found[place] = Decimal(value) / clock.day(calendars[place])
    return found


def _move_of(clock: Clock, one: int | None, other: int | None) -> Decimal | None:
    return working_moves(clock, [clock.default], [(one, other)])[0]


def frozen_dates(
    baselines_: Mapping[int, Baseline] | Iterable[Baseline], uids: Iterable[int] | None = None
) -> dict[tuple[int, int], Any]:
    """(baseline, uid) → frozen finish of the milestones in some baselines; one query."""
    rows = BaselineRow.objects.filter(baseline__in=list(baselines_), kind__in=MILESTONES)
    if uids is not None:
        rows = rows.filter(uid__in=list(uids))
    return {(number, uid): finish for number, uid, finish in rows.values_list("baseline_id", "uid", "finish")}
