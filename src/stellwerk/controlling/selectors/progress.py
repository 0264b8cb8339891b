"""How far work packages are, as their earned value counts it: what the plans say now, and what follows from that for a former day.

A plan keeps no former progress. For a day that is over, actual dates say what had begun and what was finished; between the two, percent
grows evenly over the weekdays. That is an estimate, and the pages say so; a month that was closed counts as it was frozen.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import takewhile
from typing import NamedTuple

from stellwerk.engine.earned_value import Method, Step, WorkPackage
from stellwerk.planning.choices import MILESTONES, EvMethod
from stellwerk.planning.models import Activity

METHODS = {
    EvMethod.PERCENT: Method.PERCENT,
    EvMethod.ZERO_HUNDRED: Method.ZERO_HUNDRED,
    EvMethod.FIFTY_FIFTY: Method.FIFTY_FIFTY,
    EvMethod.WEIGHTED: Method.MILESTONES,
    EvMethod.LOE: Method.EFFORT,
}
REACHED = "completed"
PLACES = Decimal("0.01")
NEEDED = (
    "pk", "plan_id", "position", "wbs", "code", "name", "kind", "ev_method", "state", "percent", "actual_start", "actual_finish",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """What is reported on a work package; all that its earned value depends on beside the budget."""

    method: str = EvMethod.LOE
    started: bool = False
    finished: bool = False
    percent: Decimal = Decimal(0)
    steps: tuple[tuple[int, bool], ...] = ()

    def package(self, budget: int, pv: int, cap: Decimal) -> WorkPackage:
        """As the engine takes it. Weights that do not add up to 100 count by their share; without milestones the percent counts."""
        method = METHODS[EvMethod(self.method)]
        total = sum(weight for weight, _reached in self.steps)
        if method is Method.MILESTONES and not total:
            method = Method.PERCENT
        steps = tuple(Step(Fraction(100 * weight, total), reached) for weight, reached in self.steps) if method is Method.MILESTONES else ()  # fmt: skip
        return WorkPackage(
            budget=budget, method=method, started=self.started, finished=self.finished, accepted=self.finished,
            percent=Decimal(100) if self.finished else self.percent, steps=steps, pv=pv, cap=cap,
        )  # fmt: skip


AS_PLANNED = Progress()


@dataclass(frozen=True, slots=True)
class Reported:
    """Progress as it is now, with the days on which it came about (None: nobody has said)."""

    now: Progress
    start: dt.date | None = None
    finish: dt.date | None = None
    steps: tuple[dt.date | None, ...] = ()

    def at(self, day: dt.date, today: dt.date) -> Progress:
        """What it was at the end of ``day``, estimated where that lies before ``today``; without an actual start as it is now."""
        if day >= today or self.now.method == EvMethod.LOE:
            return self.now
        steps = self.now.steps and tuple(
            (weight, reached and (since is None or since <= day))
            for (weight, reached), since in zip(self.now.steps, self.steps, strict=True)
        )
        settled = self.start is None or (self.finish is not None and self.finish <= day)
        if settled and steps == self.now.steps:
            return self.now
        if self.start is None or (self.finish is not None and self.finish <= day):
            return replace(self.now, steps=steps)
        if self.start > day:
            return replace(self.now, started=False, finished=False, percent=Decimal(0), steps=steps)
        over = self.now.finished and self.finish is None
        end, reached = self.finish or today, Decimal(100) if self.now.finished else self.now.percent
        if over:
            return replace(self.now, steps=steps)
        share = Fraction(_weekdays(self.start, day), max(1, _weekdays(self.start, end)))
        percent = (reached * share.numerator / share.denominator).quantize(PLACES)
        return replace(self.now, finished=False, percent=min(percent, reached), steps=steps)


def _weekdays(first: dt.date, last: dt.date) -> int:
    """Mondays to Fridays from ``first`` to ``last``, both included."""
    if last < first:
        return 0
    weeks, rest = divmod((last - first).days + 1, 7)
    return weeks * 5 + sum(1 for number in range(rest) if (first.weekday() + number) % 7 < 5)


def progress_of(activities: Iterable[int | None]) -> dict[int, Progress]:
    """What the plans say now, by activity."""
    return {number: one.now for number, one in reported_of(activities).items()}


def reported_of(activities: Iterable[int | None]) -> dict[int, Reported]:
    """Progress by activity, with its dates; two queries."""
    return reported_rows(activities)[0]


def reported_rows(activities: Iterable[int | None]) -> tuple[dict[int, Reported], dict[int, Activity]]:
    """Progress by activity, and the rows with what names them, in the same two queries."""
    wanted = {number for number in activities if number is not None}
    rows = list(Activity.objects.filter(pk__in=wanted).only(*NEEDED))
    weighted = [row for row in rows if row.ev_method == EvMethod.WEIGHTED]
    steps = _steps(weighted) if weighted else {}
    return {row.pk: _reported(row, steps.get(row.pk, ())) for row in rows}, {row.pk: row for row in rows}


def _reported(row: Activity, steps: Sequence[_Outline]) -> Reported:
    started = row.actual_start is not None or row.percent > 0 or row.state in ("in_progress", "suspended", REACHED)
    now = Progress(
        method=row.ev_method, started=started, finished=row.actual_finish is not None or row.state == REACHED,
        percent=row.percent, steps=tuple((step.weight or 0, step.reached) for step in steps),
    )  # fmt: skip
    start = row.actual_start.date() if row.actual_start is not None else None
    finish = row.actual_finish.date() if row.actual_finish is not None else None
    return Reported(now, start, finish, tuple(step.since for step in steps))


class _Outline(NamedTuple):
    pk: int
    level: int
    weight: int | None
    kind: str
    reached: bool
    since: dt.date | None


def _steps(weighted: Sequence[Activity]) -> Mapping[int, tuple[_Outline, ...]]:
    """The weighted milestones of each: those below it; for a row with nothing below, those beside it."""
    plans: dict[int, list[_Outline]] = defaultdict(list)
    rows = Activity.objects.filter(plan__in={row.plan_id for row in weighted}, active=True).order_by(
        "plan_id", "position"
    )
    for plan, pk, level, weight, kind, state, finish in rows.values_list("plan_id", "pk", "level", "weight", "kind", "state", "actual_finish"):  # fmt: skip
        since = finish.date() if finish is not None else None
        plans[plan].append(_Outline(pk, level, weight, kind, state == REACHED or since is not None, since))
    wanted = {row.pk for row in weighted}
    found = {}
    for outline in plans.values():
        for at, row in enumerate(outline):
            if row.pk in wanted:
                found[row.pk] = tuple(one for one in _around(outline, at) if one.kind in MILESTONES and one.weight)
    return found


def _around(outline: Sequence[_Outline], at: int) -> list[_Outline]:
    """The rows below ``outline[at]``; if there are none, the rows beside it."""
    level = outline[at].level
    below = list(takewhile(lambda row: row.level > level, outline[at + 1 :]))
    if below:
        return below
    before = takewhile(lambda row: row.level >= level, reversed(outline[:at]))
    after = takewhile(lambda row: row.level >= level, outline[at + 1 :])
    return [row for row in (*reversed(list(before)), *after) if row.level == level]
