"""Stored plans into the engine and its dates back into the rows: the only file of the room that calls the engine for them.

A plan is read as whole numbers in one query (:class:`Columns`), computed, and only rows whose dates differ are written.
Activities of other plans that give to this one take part with the dates that they have now: they drive, and are not moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stellwerk.core import bulk
from stellwerk.engine.calendars import moment
from stellwerk.engine.network import (
    NONE,
    Activities,
    ConstraintKind,
    Constraints,
    Finding,
    LagCalendar,
    Links,
    Network,
    Options,
    Projects,
    Reason,
    Schedule,
    schedule,
    with_summaries,
)
from stellwerk.planning.choices import Constraint, Kind, ProgressMode
from stellwerk.planning.columns import NULL, Columns, Integers, LinkColumns, number_of, read_columns, read_links
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.network import CONSTRAINTS, KINDS, MUST, SPANNING
from stellwerk.planning.selectors.calendars import Clock, clock_of

LAG_CALENDARS: Final[dict[str, int]] = {
    "successor": LagCalendar.SUCCESSOR, "predecessor": LagCalendar.PREDECESSOR, "project": LagCalendar.PROJECT, "elapsed": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Computed:
    """A plan with its dates: ``columns`` as stored before, ``dates`` per row, ``link_pk`` by link row of the network.

    ``summary_links`` are links (numbers) that touch a summary row and drive nothing.
    """

    plan: Plan
    clock: Clock
    columns: Columns
    dates: Schedule
    link_pk: tuple[int, ...]
    summary_links: tuple[int, ...]
    part: NDArray[np.bool_]
    """Rows whose dates the engine computed (no summaries, nothing inactive or spanning)."""
    has_givers: bool = False
    """Whether links lead in from other plans."""

    @property
    def count(self) -> int:
        return len(self.columns)

    @cached_property
    def results(self) -> dict[str, Integers]:
        """The computed columns as they are stored (:data:`NULL`: empty)."""
        rows = slice(0, self.count)
        found: dict[str, Integers] = {}
        for name in ("start", "finish", "late_start", "late_finish", "total_float", "free_float"):
            values = getattr(self.dates, name)[rows].copy()
            missing = (self.dates.start[rows] == NONE) | (
                (values == NONE) if name not in ("total_float", "free_float") else np.zeros(self.count, np.bool_)
            )
            values[missing] = NULL
            found[name] = values
        found["critical"] = self._critical().astype(np.int64)
        found["reason"] = np.where(self.part, self.dates.start_reason[rows], NULL)
        found["reason"][self.columns.summary] = Reason.SUMMARY
        links = np.array([*self.link_pk, NULL], np.int64)
        cause = self.dates.start_cause[rows]
        driven = self.part & (self.dates.start_reason[rows] == Reason.LINK)
        found["driver"] = np.where(driven, links[np.where(driven, cause, -1)], NULL)
        by_finish = self.part & (self.dates.finish_reason[rows] == Reason.LINK)
        found["reason"][by_finish] = Reason.LINK
        finish_cause = self.dates.finish_cause[rows]
        found["driver"] = np.where(by_finish, links[np.where(by_finish, finish_cause, -1)], found["driver"])
        self._keep(found)
        _span_efforts(self, found)
        return found

    def _critical(self) -> NDArray[np.bool_]:
        """Critical activities, and the summaries above them."""
        critical = self.dates.critical()[: self.count] & self.part
        parent = self.columns.parent
        for row in np.flatnonzero(critical).tolist():
            above = int(parent[row])
            while above != NONE and not critical[above]:
                critical[above] = True
                above = int(parent[above])
        result: NDArray[np.bool_] = critical
        return result

    def _keep(self, found: dict[str, Integers]) -> None:
        """What takes no part keeps the dates it had."""
        kept = ~self.part & ~self.columns.summary
        for name in ("start", "finish"):
            found[name] = np.where(kept, self.columns.number[name], found[name])

    @cached_property
    def findings(self) -> list[str]:
        """Codes of what could not be kept, per row, joined by comma."""
        codes: dict[int, set[str]] = {}
        found = self.dates.findings
        for code, row in zip(found.code.tolist(), found.activity.tolist(), strict=True):
            if 0 <= row < self.count:
                codes.setdefault(row, set()).add(Finding(code).name.lower())
        return [",".join(sorted(codes[row])) if row in codes else "" for row in range(self.count)]

    def changed_rows(self) -> Integers:
        """Rows whose stored dates, reasons or findings differ from the computed ones."""
        differs = np.zeros(self.count, np.bool_)
        for name, values in self.results.items():
            differs |= values != self.columns.number[name]
        differs |= self.columns.summary != (self.columns.number["summary"] != 0)
        stored = self.columns.text["finding"]
        differs |= np.array([one != other for one, other in zip(self.findings, stored, strict=True)], np.bool_)
        return np.flatnonzero(differs)

    def end(self) -> int:
        """The last finish of all rows, NULL for an empty plan."""
        finishes = self.results["finish"]
        real = finishes[finishes != NULL]
        return int(real.max()) if real.size else NULL


@dataclass(frozen=True)
class Moved:
    """Rows whose computed columns were stored last, and the numbers of those that somebody has changed himself."""

    computed: Computed
    rows: Integers
    touched: frozenset[int] = frozenset()
    linked: bool = True
    """Whether links may have been changed too."""


def compute(plan: Plan, clock: Clock | None = None) -> Computed:
    """The dates of a stored plan; nothing is written. ``clock``: that of the plan, where it is known already.

    Raises:
        CycleError: links lead in a circle (rows name :attr:`Computed.columns`; see :func:`read_columns` for the order).
        HorizonError: an activity would end after 2150.
    """
    columns = read_columns(plan)
    return _computed(plan, clock or clock_of(plan), columns, read_links([plan]))


def _computed(plan: Plan, clock: Clock, columns: Columns, links: LinkColumns) -> Computed:
    part = taking_part(columns)
    activities = activities_of(columns, clock, part)
    outer = _outer_rows(columns, links)
    network_links, link_pk, off = links_of(columns, links, outer, part)
    network = Network(
        _with_outer(activities, outer),
        network_links,
        Projects(
            start=column([minutes_of(plan.start), 0]),
            data_date=column([minutes_of(plan.data_date), NONE]),
            must_finish=column([minutes_of(plan.must_finish), NONE]),
            calendar=column([clock.default, 0]),
        ),
        constraints_of(columns, part),
        clock.set,
    )
    dates = schedule(network, Options(progress_override=plan.progress_mode == ProgressMode.OVERRIDE))
    parent = np.concatenate([columns.parent, np.full(len(outer), NONE, np.int64)])
    # What takes no part is a summary to the engine, but has nothing below it and counts for nothing above it.
    dates = with_summaries(dates, parent)
    has_givers = any(one not in columns.row_of for one in links.predecessor)
    return Computed(plan, clock, columns, dates, tuple(link_pk), tuple(off), part, has_givers)


def column(values: Iterable[int]) -> Integers:
    """Whole numbers as the engine takes them."""
    return np.fromiter(values, np.int64)


def minutes_of(value: Any) -> int:
    """A local time as the engine counts it; NONE where there is none."""
    from stellwerk.engine.calendars import instant

    return NONE if value is None else instant(value)


def _none(values: Integers) -> Integers:
    return np.where(values == NULL, NONE, values)


def calendar_rows(columns: Columns, clock: Clock) -> Integers:
    """The engine's calendar of each row."""
    wanted = columns.number["calendar_id"]
    found = np.full(len(columns), clock.default, np.int64)
    for number in np.unique(wanted[wanted != NULL]).tolist():
        found[wanted == number] = clock.of(number)
    found[columns.number["elapsed"] != 0] = 0
    return found


def taking_part(columns: Columns) -> NDArray[np.bool_]:
    """Rows that the engine computes: no summaries, nothing inactive, nothing that only spans others."""
    spanning = np.array([kind in SPANNING for kind in columns.text["kind"]], np.bool_)
    result: NDArray[np.bool_] = ~columns.summary & (columns.number["active"] != 0) & ~spanning
    return result


def activities_of(columns: Columns, clock: Clock, part: NDArray[np.bool_]) -> Activities:
    """The rows of a plan as the engine takes them, all of project 0; what takes no ``part`` is a summary to it."""
    number = columns.number
    milestone = np.array([kind in (Kind.MILESTONE, Kind.START_MILESTONE) for kind in columns.text["kind"]], np.bool_)
    duration = np.where((number["duration"] == NULL) | milestone, 0, number["duration"])
    start, finish = _none(number["actual_start"]), _none(number["actual_finish"])
    done = (number["percent"] >= 100) & (finish == NONE) & (number["finish"] != NULL)
    finish = np.where(done, number["finish"], finish)
    begun = (finish != NONE) & ((start == NONE) | (start > finish))
    start = np.where(begun, np.where(number["start"] != NULL, np.minimum(number["start"], finish), finish), start)
    remaining = np.where(start == NONE, NONE, _none(number["remaining"]))
    return Activities(
        duration=duration,
        calendar=calendar_rows(columns, clock),
        project=np.zeros(len(columns), np.int64),
        summary=(~part).astype(np.int64),
        actual_start=np.where(part, start, NONE),
        actual_finish=np.where(part, finish, NONE),
        remaining=remaining,
        percent=np.clip(number["percent"], 0, 100),
        ident=number["pk"],
    )


def _outer_rows(columns: Columns, links: LinkColumns) -> list[tuple[int, int, int]]:
    """(number, start, finish) of activities of other plans that give to this one."""
    known = columns.row_of
    missing = {one for one in links.predecessor if one not in known}
    if not missing:
        return []
    rows = Activity.objects.filter(pk__in=missing, start__isnull=False, finish__isnull=False)
    found = rows.annotate(s=number_of("start"), f=number_of("finish")).values_list("pk", "s", "f")
    return sorted((pk, start, max(start, finish)) for pk, start, finish in found)


def _with_outer(activities: Activities, outer: list[tuple[int, int, int]]) -> Activities:
    """The rows of the plan and, behind them, the givers of other plans with fixed dates, as a project of their own."""
    if not outer:
        return activities
    pk, start, finish = (column(values) for values in zip(*outer, strict=True))
    zero = np.zeros(len(outer), np.int64)
    more: dict[str, Integers] = {
        "duration": zero, "calendar": zero, "project": zero + 1, "summary": zero, "actual_start": start, "actual_finish": finish,
        "remaining": zero + NONE, "percent": zero + 100, "ident": pk,
    }  # fmt: skip
    return Activities(**{name: np.concatenate([getattr(activities, name), more[name]]) for name in more})


def links_of(
    columns: Columns, links: LinkColumns, outer: list[tuple[int, int, int]], part: NDArray[np.bool_]
) -> tuple[Links, list[int], list[int]]:
    """Links between rows that take part, the numbers of these links, and of those that touch a summary.

    The givers of other plans (``outer``: number, start, finish) are rows behind those of the plan.
    """
    rows = dict(columns.row_of)
    rows.update({pk: len(columns) + place for place, (pk, _start, _finish) in enumerate(outer)})
    wanted = LAG_CALENDARS[columns.lag_calendar]
    takes_part = [*part.tolist(), *([True] * len(outer))]
    summary = [*columns.summary.tolist(), *([False] * len(outer))]
    taken: list[int] = []
    off: list[int] = []
    before: list[int] = []
    after: list[int] = []
    for place, (one, other) in enumerate(
        zip(map(rows.get, links.predecessor), map(rows.get, links.successor), strict=True)
    ):
        if one is None or other is None:
            continue
        if takes_part[one] and takes_part[other]:
            taken.append(place)
            before.append(one)
            after.append(other)
        elif summary[one] or summary[other]:
            off.append(links.pk[place])
    lag = [links.lag[place] for place in taken]
    by_clock = [links.elapsed[place] for place in taken]
    for number, place in enumerate(taken):
        if links.percent[place] is not None:
            lag[number] = _lag(columns, links, place, before[number])
            by_clock[number] = by_clock[number] or _by_clock(columns, before[number])
    made = Links(
        predecessor=np.array(before, np.int64),
        successor=np.array(after, np.int64),
        kind=np.array([KINDS[links.kind[place]] for place in taken], np.int64),
        lag=np.array(lag, np.int64),
        lag_calendar=np.where(np.array(by_clock, np.bool_), 0, wanted).astype(np.int64),
    )
    return made, [links.pk[place] for place in taken], off


def _lag(columns: Columns, links: LinkColumns, place: int, row: int) -> int:
    """Minutes of a lag that is a share of the duration of its predecessor, ``row``."""
    if row >= len(columns):
        return links.lag[place]
    whole: int = round(links.percent[place] * max(0, int(columns.number["duration"][row])) / 100)
    return whole


def _by_clock(columns: Columns, row: int) -> bool:
    """A share of an elapsed duration is elapsed time too."""
    return row < len(columns) and bool(columns.number["elapsed"][row])


def constraints_of(columns: Columns, part: NDArray[np.bool_]) -> Constraints:
    """Constraints, deadlines and the starts of rows scheduled by hand, by row of the plan."""
    known = CONSTRAINTS | MUST if columns.dates_win else CONSTRAINTS
    rows: list[int] = []
    kinds: list[int] = []
    dates: list[int] = []

    def add(row: int, kind: int, at: int) -> None:
        rows.append(row)
        kinds.append(int(kind))
        dates.append(at)

    manual = (columns.number["manual"] != 0) & (columns.number["start"] != NULL)
    for row in np.flatnonzero(part & manual).tolist():
        add(row, ConstraintKind.BY_HAND, int(columns.number["start"][row]))
    for name in ("constraint", "constraint2"):
        at = columns.number[f"{name}_date"].tolist()
        for row, chosen in enumerate(columns.text[name]):
            kind = known.get(chosen) if chosen and chosen != Constraint.ASAP else None
            if kind is None or not part[row] or manual[row]:
                continue
            if kind == ConstraintKind.AS_LATE_AS_POSSIBLE:
                add(row, kind, NONE)
            elif at[row] != NULL:
                add(row, kind, at[row])
    deadline = columns.number["deadline"]
    for row in np.flatnonzero(part & (deadline != NULL)).tolist():
        add(row, ConstraintKind.DEADLINE, int(deadline[row]))
    return Constraints(column(rows), column(kinds), column(dates))


def _span_efforts(computed: Computed, found: dict[str, Integers]) -> None:
    """Level of effort stretches from the first start to the last finish of what it is linked with (hammock)."""
    columns = computed.columns
    spanning = [
        row
        for row, kind in enumerate(columns.text["kind"])
        if kind == Kind.LEVEL_OF_EFFORT and not columns.summary[row]
    ]
    if not spanning:
        return
    rows = columns.row_of
    ends: dict[int, list[int]] = {row: [] for row in spanning}
    links = read_links([computed.plan])
    for before, after in zip(links.predecessor, links.successor, strict=True):
        one, other = rows.get(before), rows.get(after)
        if one is not None and other is not None:
            if other in ends:
                ends[other].append(one)
            if one in ends:
                ends[one].append(other)
    for row, linked in ends.items():
        real = [one for one in linked if computed.part[one] and found["start"][one] != NULL]
        if real:
            found["start"][row] = min(int(found["start"][one]) for one in real)
            found["finish"][row] = max(int(found["finish"][one]) for one in real)


# ── writing back ─────────────────────────────────────────────────────────────────────────────────


def store(computed: Computed, *, revision: int, codes: Sequence[str] | None = None) -> Integers:
    """Write what differs, marked with ``revision``; returns the changed rows. ``codes``: WBS codes to write too."""
    changed = computed.changed_rows()
    if codes is not None:
        stored = computed.columns.text["wbs"]
        other = np.flatnonzero(np.array([one != two for one, two in zip(codes, stored, strict=True)], np.bool_))
        changed = np.union1d(changed, other)
    names = [*computed.results, "summary", "finding", "changed_in", *(["wbs"] if codes is not None else [])]
    columns = computed.results
    values = []
    numbers = computed.columns.number["pk"]
    results = [(name, columns[name][changed].tolist()) for name in columns]
    for place, row in enumerate(changed.tolist()):
        line: list[Any] = [
            bool(one[place]) if name == "critical" else None if one[place] == NULL else one[place]
            for name, one in results
        ]
        line += [bool(computed.columns.summary[row]), computed.findings[row], revision]
        if codes is not None:
            line.append(codes[row])
        values.append((*line, int(numbers[row])))
    bulk.update(Activity, names, values)
    end = computed.end()
    computed.plan.finish = None if end == NULL else moment(end)
    return changed
