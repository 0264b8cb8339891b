"""Several plans as one network: the critical path across projects. Nothing is written.

Each plan keeps its own start, data date and calendar (a project of the engine's network); late dates count from the end of
all (``one_end``). Givers outside take part as points with fixed dates: they drive, and are not moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stellwerk.engine.network import (
    NONE,
    Activities,
    Constraints,
    LagCalendar,
    LinkKind,
    Links,
    Network,
    Options,
    Projects,
    Schedule,
    schedule,
)
from stellwerk.planning.choices import ProgressMode
from stellwerk.planning.columns import Columns, Integers, LinkColumns, number_of, read_columns_of, read_links
from stellwerk.planning.compute import activities_of, column, constraints_of, links_of, minutes_of, taking_part
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.selectors.calendars import Clock, clock_of_all

FROM_FINISH = (LinkKind.FINISH_START, LinkKind.FINISH_FINISH)


@dataclass(frozen=True)
class Joint:
    """The network of ``plans``: ``pk`` and ``plan`` (place in ``plans``) of each row; rows from ``count`` on are givers outside.

    ``link_pk`` is the number of each link row.
    """

    plans: tuple[Plan, ...]
    clock: Clock
    columns: tuple[Columns, ...]
    pk: Integers
    plan: Integers
    link_pk: Integers
    dates: Schedule

    @property
    def count(self) -> int:
        return int((self.plan < len(self.plans)).sum())

    @cached_property
    def row_of(self) -> dict[int, int]:
        """The row of each activity (number) of these plans."""
        return {int(number): row for row, number in enumerate(self.pk[: self.count].tolist())}

    @cached_property
    def computed(self) -> Integers:
        """Rows of these plans that the engine computed."""
        return np.flatnonzero(self.dates.network.activities.summary[: self.count] == 0)

    @cached_property
    def last(self) -> int:
        """The place of the plan that ends last, NONE where nothing was computed."""
        rows = self.computed
        return int(self.plan[rows[np.argmax(self.dates.finish[rows])]]) if rows.size else NONE

    @cached_property
    def path(self) -> list[int]:
        """Rows of the longest chain of driving links, the first activity first; a giver outside may stand at its head."""
        return self.dates.longest_path(self.last) if self.last != NONE else []

    def link_between(self, before: int, after: int) -> int:
        """The link row by which ``before`` drives ``after`` on the path, NONE if there is none."""
        links = self.dates.network.links
        rows = np.flatnonzero((links.predecessor == before) & (links.successor == after) & self.dates.driving)
        return int(rows[0]) if rows.size else NONE


def joint(plans: Sequence[Plan]) -> Joint:
    """Four queries, whatever the number of plans, and those of their calendars.

    Raises:
        CycleError: links lead in a circle over the plans.
        HorizonError: an activity would end after 2150.
    """
    clock = clock_of_all(plans)
    read = read_columns_of(plans)
    columns = [read[plan.pk] for plan in plans]
    parts = [taking_part(one) for one in columns]
    clocks = [clock.with_default(plan.calendar_id) for plan in plans]
    offset = np.concatenate([[0], np.cumsum([len(one) for one in columns])]).astype(np.int64)
    where = {int(pk): row for row, pk in enumerate(_joined([one.number["pk"] for one in columns]).tolist())}
    linked = _linked(plans, columns, parts, where, offset)
    outside = _points(linked, where)
    rows = [activities_of(one, at, part) for one, at, part in zip(columns, clocks, parts, strict=True)]
    activities = _activities(rows, outside, len(plans))
    links = _links(linked, where, outside, int(offset[-1]))
    network = Network(
        activities,
        links,
        Projects(
            start=column([*(minutes_of(plan.start) for plan in plans), 0]),
            data_date=column([*(minutes_of(plan.data_date) for plan in plans), NONE]),
            must_finish=column([*(minutes_of(plan.must_finish) for plan in plans), NONE]),
            calendar=column([*(at.default for at in clocks), 0]),
        ),
        _constraints([constraints_of(one, part) for one, part in zip(columns, parts, strict=True)], offset),
        clock.set,
    )
    # Each plan keeps its own way with work that began too early; givers outside have no predecessors.
    override = np.array([*(plan.progress_mode == ProgressMode.OVERRIDE for plan in plans), False], np.bool_)
    dates = schedule(network, Options(progress_override=override, one_end=True))
    pk = _joined([*(one.number["pk"] for one in columns), column(outside.pk)])
    return Joint(tuple(plans), clock, tuple(columns), pk, activities.project, column(linked.pk), dates)


@dataclass
class _Linked:
    """Links whose ends take part: by the numbers of the activities, in the order of the network."""

    pk: list[int]
    before: list[int]
    after: list[int]
    kind: list[int]
    lag: list[int]
    lag_calendar: list[int]


def _linked(
    plans: Sequence[Plan],
    columns: Sequence[Columns],
    parts: Sequence[np.ndarray[tuple[int], np.dtype[np.bool_]]],
    where: dict[int, int],
    offset: Integers,
) -> _Linked:
    found = _Linked([], [], [], [], [], [])
    read = read_links(plans)
    own: list[list[int]] = [[] for _ in plans]
    for place, after in enumerate(read.successor):
        row = where.get(after)
        if row is not None:
            own[int(np.searchsorted(offset, row, side="right")) - 1].append(place)
    takes_part = np.concatenate(parts) if parts else np.zeros(0, np.bool_)
    for number, places in enumerate(own):
        part = LinkColumns(**{name: [values[place] for place in places] for name, values in vars(read).items()})
        rows = columns[number].row_of
        # A giver that takes no part in its own plan gives nothing; one that these plans do not hold is looked up later.
        outer = sorted({one for one in part.predecessor if one not in rows})
        outer = [one for one in outer if one not in where or takes_part[where[one]]]
        made, pk, _off = links_of(columns[number], part, [(one, 0, 0) for one in outer], parts[number])
        ends = [*columns[number].number["pk"].tolist(), *outer]
        found.pk += pk
        found.before += [ends[row] for row in made.predecessor.tolist()]
        found.after += [ends[row] for row in made.successor.tolist()]
        found.kind += made.kind.tolist()
        found.lag += made.lag.tolist()
        across = made.predecessor >= len(columns[number])
        # The calendar of a giver counts for its taker as elapsed time, as where the taker is computed alone.
        by_giver = across & (made.lag_calendar == LagCalendar.PREDECESSOR)
        found.lag_calendar += np.where(by_giver, 0, made.lag_calendar).tolist()
    return found


@dataclass
class _Points:
    """Givers outside: one row per activity and end that drives, with the instant at which it stands."""

    pk: list[int]
    at: list[int]
    row: dict[tuple[int, bool], int]


def _points(linked: _Linked, where: dict[int, int]) -> _Points:
    outside = {one for one in linked.before if one not in where}
    rows = Activity.objects.filter(pk__in=outside, start__isnull=False, finish__isnull=False)
    ends = {
        pk: (start, max(start, finish))
        for pk, start, finish in rows.annotate(s=number_of("start"), f=number_of("finish")).values_list("pk", "s", "f")
    }
    found = _Points([], [], {})
    for before, kind in zip(linked.before, linked.kind, strict=True):
        by_finish = kind in FROM_FINISH
        if before in ends and (before, by_finish) not in found.row:
            found.row[before, by_finish] = len(found.pk)
            found.pk.append(before)
            found.at.append(ends[before][by_finish])
    return found


def _activities(rows: Sequence[Activities], outside: _Points, plans: int) -> Activities:
    at = column(outside.at)
    zero = np.zeros(len(at), np.int64)
    points = {
        "duration": zero, "calendar": zero, "summary": zero, "actual_start": at, "actual_finish": at,
        "remaining": zero + NONE, "percent": zero + 100, "ident": column(outside.pk),
    }  # fmt: skip
    project = np.repeat(np.arange(plans + 1), [*(len(one) for one in rows), len(at)])
    return Activities(
        project=project,
        **{name: _joined([*(getattr(one, name) for one in rows), last]) for name, last in points.items()},
    )


def _links(linked: _Linked, where: dict[int, int], outside: _Points, count: int) -> Links:
    """Drops links from givers without dates, in ``linked`` too, so that both keep the same order."""
    kept, before = [], []
    for place, (number, kind) in enumerate(zip(linked.before, linked.kind, strict=True)):
        row = where.get(number)
        if row is None:
            point = outside.row.get((number, kind in FROM_FINISH))
            row = None if point is None else count + point
        if row is not None:
            kept.append(place)
            before.append(row)
    for name, values in vars(linked).items():
        setattr(linked, name, [values[place] for place in kept])
    return Links(
        predecessor=column(before),
        successor=column(where[number] for number in linked.after),
        kind=column(linked.kind),
        lag=column(linked.lag),
        lag_calendar=column(linked.lag_calendar),
    )


def _constraints(tables: Sequence[Constraints], offset: Integers) -> Constraints:
    rows = [table.activity + start for table, start in zip(tables, offset.tolist(), strict=False)]
    return Constraints(_joined(rows), _joined([one.kind for one in tables]), _joined([one.at for one in tables]))


def _joined(parts: Sequence[Integers]) -> Integers:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)
