"""From a schedule file to the network that the engine computes: what is taken over, how, and what is not.

Rows of the network are the leaves of the outline. Everything that the engine cannot hold is told as a warning.
Prose: ``docs/algorithms/schedule-quality.md``, section “From the file to the network”.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.calendars import ELAPSED, CalendarError, CalendarSet, DayException, Shift, instant
from stellwerk.engine.calendars import Calendar as EngineCalendar
from stellwerk.engine.network import (
    NONE,
    Activities,
    ConstraintKind,
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
from stellwerk.planning.exchange import Document, Problem, WorkingTime
from stellwerk.planning.exchange.calendars import occurrences
from stellwerk.planning.exchange.check import called
from stellwerk.planning.exchange.document import Calendar, Day, Duration, Link, Task
from stellwerk.planning.exchange.problems import warning

KINDS: Final = {
    "FS": LinkKind.FINISH_START,
    "SS": LinkKind.START_START,
    "FF": LinkKind.FINISH_FINISH,
    "SF": LinkKind.START_FINISH,
}
CONSTRAINTS: Final = {
    "alap": ConstraintKind.AS_LATE_AS_POSSIBLE,
    "must_start_on": ConstraintKind.START_ON,
    "must_finish_on": ConstraintKind.FINISH_ON,
    "start_on": ConstraintKind.START_ON,
    "finish_on": ConstraintKind.FINISH_ON,
    "start_no_earlier": ConstraintKind.START_NO_EARLIER,
    "start_no_later": ConstraintKind.START_NO_LATER,
    "finish_no_earlier": ConstraintKind.FINISH_NO_EARLIER,
    "finish_no_later": ConstraintKind.FINISH_NO_LATER,
}
MUST: Final = {"must_start_on": ConstraintKind.MUST_START, "must_finish_on": ConstraintKind.MUST_FINISH}
"""The same where such dates win over links."""
LAG_CALENDARS: Final[dict[str, int]] = {
    "rcal_Predecessor": LagCalendar.PREDECESSOR,
    "rcal_Successor": LagCalendar.SUCCESSOR,
    "rcal_ProjDefault": LagCalendar.PROJECT,
    "rcal_24Hour": ELAPSED,
}
"""What the scheduling options of a P6 file say about lags."""
SPANNING: Final = frozenset({"level_of_effort", "wbs_summary"})
"""Kinds of P6 activities that stretch between others and drive nothing."""
FALLBACK_START: Final = dt.datetime(2000, 1, 3, 8)  # noqa: DTZ001


@dataclass(frozen=True)
class Plan:
    """A document and its network. ``tasks`` and ``links`` are what stands in the rows of the network, in their order.

    ``calendars`` are the uids of the calendars that it uses; one that is not in the file or has no working time is none.
    """

    document: Document
    network: Network
    tasks: tuple[Task, ...]
    links: tuple[Link, ...]
    calendars: frozenset[int]
    warnings: tuple[Problem, ...]
    override: bool = False
    """Whether what has begun goes on without waiting for its predecessors."""

    def computed(self, network: Network | None = None) -> Schedule:
        """The dates of the network, or of a changed one."""
        return schedule(self.network if network is None else network, Options(progress_override=self.override))

    @cached_property
    def row(self) -> dict[int, int]:
        """The row of each task by its uid."""
        return {task.uid: number for number, task in enumerate(self.tasks)}


def plan_of(document: Document, *, data_date: bool = True) -> Plan:
    """The network of a document. ``data_date=False``: open work may lie before the data date, as Microsoft Project leaves it.

    Raises:
        NetworkError: numbers that no file which was checked on reading has.
    """
    return _Mapping(document, data_date=data_date).plan()


def dates_win(document: Document) -> bool:
    """Whether the tool that wrote the document lets a date that must be kept win over links. P6 always does."""
    told = document.project.dates_win
    return document.format == "xer" if told is None else told


def overrides(document: Document) -> bool:
    """Whether progress overrides logic, as the scheduling options of a P6 file say."""
    return _options(document).get("sched_progress_override") == "Y"


def _options(document: Document) -> dict[str, str]:
    """The scheduling options of P6; nothing in other files."""
    rows = (
        zip(one.columns, one.rows[0], strict=False)
        for one in document.tables
        if one.name == "SCHEDOPTIONS" and one.rows
    )
    return dict(next(rows, ())) if document.format == "xer" else {}


class _Mapping:
    """One document on its way into the engine."""

    def __init__(self, document: Document, *, data_date: bool) -> None:
        self.document = document
        self.uses_data_date = data_date
        self.dates_win = dates_win(document)
        self.warnings: list[Problem] = []
        self.tasks = [task for task in _leaves(document) if self._takes_part(task)]
        self.row = {task.uid: number for number, task in enumerate(self.tasks)}
        self.calendars: list[EngineCalendar] = []
        self.calendar_rows: dict[int | None, int] = {}
        self.usable: set[int] = set()

    def plan(self) -> Plan:
        activities = self._activities()
        links, rows = self._links()
        network = Network(activities, links, self._projects(), self._constraints(), CalendarSet(self.calendars))
        return Plan(
            self.document, network, tuple(self.tasks), tuple(rows), frozenset(self.usable), tuple(self.warnings),
            overrides(self.document),
        )  # fmt: skip

    def _warn(self, code: str, line: int = 0, **params: object) -> None:
        self.warnings.append(warning(code, line, **params))

    def _takes_part(self, task: Task) -> bool:
        if not task.active:
            self._warn("network_inactive", task.line, what=called(task))
        elif task.kind in SPANNING:
            self._warn("network_spanning", task.line, what=called(task))
        return task.active and task.kind not in SPANNING

    # --- activities

    def _activities(self) -> Activities:
        starts, finishes = zip(*map(self._actuals, self.tasks), strict=True) if self.tasks else ((), ())
        return Activities(
            duration=_column(_minutes(task) for task in self.tasks),
            calendar=_column(map(self._calendar_of, self.tasks)),
            actual_start=_column(starts),
            actual_finish=_column(finishes),
            remaining=_column(map(_remaining, self.tasks)),
            percent=_column(min(100, int(task.percent_complete or 0)) for task in self.tasks),
            ident=_column(task.uid for task in self.tasks),
        )

    def _calendar_of(self, task: Task) -> int:
        if task.duration is not None and task.duration.elapsed:
            return ELAPSED
        project = self.document.project.calendar
        return self._calendar_row(task.calendar if task.calendar is not None else project)

    def _calendar_row(self, uid: int | None) -> int:
        if uid not in self.calendar_rows:
            self.calendar_rows[uid] = self._add_calendar(uid)
        return self.calendar_rows[uid]

    def _add_calendar(self, uid: int | None) -> int:
        calendar = self.document.calendar_by_uid.get(uid) if uid is not None else None
        if uid is not None and calendar is None:
            self._warn("network_calendar", what=uid)
            return self._calendar_row(None)
        made = engine_calendar(calendar, self.document.calendar_by_uid)
        try:
            CalendarSet([made])
        except CalendarError:
            self._warn("network_no_time", calendar.line if calendar else 0, what=made.name)
            return self._calendar_row(None) if uid is not None else ELAPSED
        self.calendars.append(made)
        self.usable |= {uid} if uid is not None else set()
        return len(self.calendars)

    def _actuals(self, task: Task) -> tuple[int, int]:
        """Actual start and finish as the engine takes them: a finish has a start that is not later."""
        start, finish = _at(task.actual_start), _at(task.actual_finish)
        if finish == NONE and complete(task, self.document):
            finish = _at(task.finish)
        if finish != NONE and (start == NONE or start > finish):
            start = min(finish, _at(task.start)) if task.start is not None else finish
            self._warn("network_actual", task.line, what=called(task))
        return start, finish

    # --- links

    def _links(self) -> tuple[Links, list[Link]]:
        rows = [link for link in self.document.links if self._joins(link)]
        calendar = self._lag_calendar()
        return Links(
            predecessor=_column(self.row[link.predecessor] for link in rows),
            successor=_column(self.row[link.successor] for link in rows),
            kind=_column(KINDS[link.type] for link in rows),
            lag=_column(self._lag(link) for link in rows),
            lag_calendar=_column(ELAPSED if self._elapsed(link) else calendar for link in rows),
        ), rows

    def _joins(self, link: Link) -> bool:
        if link.predecessor in self.row and link.successor in self.row and link.predecessor != link.successor:
            return True
        if {link.predecessor, link.successor} & self.document.summaries:
            self._warn("network_summary_link", link.line, names=self._ends(link))
        elif link.predecessor == link.successor or not {link.predecessor, link.successor} <= self._known:
            self._warn("network_link", link.line, names=self._ends(link))
        return False

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(task.uid for task in self.document.tasks if not task.blank)

    def _ends(self, link: Link) -> str:
        known = self.document.task_by_uid
        ends = (known.get(link.predecessor), known.get(link.successor))
        return " → ".join(called(task) if task is not None else "?" for task in ends)

    def _lag(self, link: Link) -> int:
        if link.lag.percent is None:
            return link.lag.minutes
        return round(link.lag.percent * _minutes(self.tasks[self.row[link.predecessor]]) / 100)

    def _elapsed(self, link: Link) -> bool:
        """A share of an elapsed duration is elapsed time too."""
        before = self.tasks[self.row[link.predecessor]].duration
        return link.lag.elapsed or (link.lag.percent is not None and before is not None and before.elapsed)

    def _lag_calendar(self) -> int:
        """P6 has an option, the predecessor by default; everybody else counts in the successor's calendar."""
        if self.document.format != "xer":
            return LagCalendar.SUCCESSOR
        wanted = _options(self.document).get("sched_calendar_on_relationship_lag", "")
        return LAG_CALENDARS.get(wanted, LagCalendar.PREDECESSOR)

    # --- the project and its limits

    def _projects(self) -> Projects:
        project = self.document.project
        if not project.from_start:
            self._warn("network_from_finish")
        starts = [task.start for task in self.tasks if task.start is not None]
        start = project.start or min(starts, default=FALLBACK_START)
        end = _at(project.must_finish)
        if end != NONE and end < instant(start):
            self._warn("network_must_finish")
            end = NONE
        return Projects(
            start=_column([instant(start)]),
            data_date=_column([_at(project.data_date) if self.uses_data_date else NONE]),
            must_finish=_column([end]),
            calendar=_column([self._calendar_row(project.calendar)]),
        )

    def _constraints(self) -> Constraints:
        rows = [one for number, task in enumerate(self.tasks) for one in self._constraints_of(number, task)]
        activity, kind, at = zip(*rows, strict=True) if rows else ((), (), ())
        return Constraints(_column(activity), _column(kind), _column(at))

    def _constraints_of(self, number: int, task: Task) -> Iterator[tuple[int, int, int]]:
        if (task.manual or task.external) and task.start is not None:
            yield number, ConstraintKind.BY_HAND, instant(task.start)
            self._warn("network_manual", task.line, what=called(task))
            return
        for name, date in ((task.constraint, task.constraint_date), (task.constraint2, task.constraint2_date)):
            kind = CONSTRAINTS.get(name or "asap")
            if kind is None:
                continue
            kind = MUST.get(name or "", kind) if self.dates_win else kind
            if kind != ConstraintKind.AS_LATE_AS_POSSIBLE and date is None:
                self._warn("network_no_date", task.line, what=called(task))
                continue
            yield number, kind, NONE if kind == ConstraintKind.AS_LATE_AS_POSSIBLE else _at(date)
        if task.deadline is not None:
            yield number, ConstraintKind.DEADLINE, instant(task.deadline)


def complete(task: Task, document: Document) -> bool:
    """Finished, in the eyes of the tool that wrote the document: in P6 work of which nothing remains is open until
    somebody says when it was finished."""
    return task.actual_finish is not None or (document.format != "xer" and (task.percent_complete or 0) >= 100)


def _leaves(document: Document) -> Iterator[Task]:
    return (task for task in document.tasks if not task.blank and task.uid not in document.summaries)


def _column(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, np.int64)


def _at(moment: dt.datetime | None) -> int:
    return NONE if moment is None else instant(moment)


def _minutes(task: Task) -> int:
    return max(0, task.duration.minutes) if task.duration is not None else 0


def _remaining(task: Task) -> int:
    left: Duration | None = task.remaining_duration
    return NONE if left is None or task.actual_start is None else max(0, left.minutes)


def engine_calendar(calendar: Calendar | None, calendars: Mapping[int, Calendar]) -> EngineCalendar:
    """The usual week, and every day on which something else holds. ``None``: Monday to Friday, eight hours."""
    clock = WorkingTime(calendar, calendars)
    week = tuple(_shifts(clock.weekday(number)) for number in range(7))
    days = sorted(set(_special_days(calendar, calendars)))
    exceptions = [DayException(day, day, _shifts(clock.day(day))) for day in days]
    return EngineCalendar(
        calendar.name if calendar else "Standard",
        week,
        tuple(one for one in exceptions if one.shifts != week[one.first.weekday()]),
    )


def _special_days(calendar: Calendar | None, calendars: Mapping[int, Calendar]) -> Iterator[dt.date]:
    seen: set[int] = set()
    while calendar is not None and calendar.uid not in seen:
        seen.add(calendar.uid)
        for exception in calendar.exceptions:
            yield from occurrences(exception)
        for other in calendar.work_weeks:
            for offset in range((other.finish - other.start).days + 1):
                yield other.start + dt.timedelta(days=offset)
        calendar = calendars.get(calendar.base) if calendar.base is not None else None


def _shifts(day: Day) -> tuple[Shift, ...]:
    return tuple((part.start, part.finish) for part in day if part.finish > part.start)
