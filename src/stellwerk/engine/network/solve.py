"""What comes out: dates, floats and reasons of every activity, and what the plan could not keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stellwerk.engine.calendars import HORIZON
from stellwerk.engine.network.frame import Frame, Pull
from stellwerk.engine.network.model import (
    FINISHES_UNTIL,
    NONE,
    STARTS_UNTIL,
    Activities,
    ConstraintKind,
    Flags,
    Integers,
    Links,
    Network,
)
from stellwerk.engine.network.passes import Passes, compiler_installed
from stellwerk.engine.network.reasons import Finding, Reason


@dataclass(frozen=True)
class Options:
    """``progress_override``: what has begun goes on without waiting for its predecessors (else: retained logic); one flag, or one per project.
    ``one_end``: late dates count from the end of the whole network, not of each project.
    ``compiled``: take the passes compiled by numba (extra ``solver``); None takes them once :func:`warm_up` has made them ready.
    """

    progress_override: bool | Flags = False
    one_end: bool = False
    compiled: bool | None = None


class HorizonError(ValueError):
    """``activities`` (rows) would end after 2150, or their calendar has no working time left."""

    def __init__(self, rows: Integers) -> None:
        self.activities = tuple(rows.tolist())
        super().__init__(f"activity {rows[0]} would end after 2150 or after the last working time of its calendar")


@dataclass(frozen=True, eq=False)
class Findings:
    """One row per finding. ``link`` or ``constraint`` name the row meant, else NONE; ``limit`` is what should have been kept,
    ``actual`` what is; ``minutes`` the working minutes of the activity's calendar between them.
    """

    code: Integers
    activity: Integers
    link: Integers
    constraint: Integers
    limit: Integers
    actual: Integers
    minutes: Integers

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True, eq=False)
class Schedule:
    """Columns by row of the activities; summary rows hold NONE. Instants in minutes since the epoch.

    ``resume`` is where the open work begins (the start, if nothing was done yet). Floats are working minutes of the activity's
    calendar. ``start_cause`` and ``finish_cause`` are the link row for the reason LINK, the constraint row for CONSTRAINT, else NONE;
    ``start_bound`` is the instant that the reason gives: where ``resume`` lies later, the calendar moved it on.
    """

    network: Network
    start: Integers
    finish: Integers
    resume: Integers
    late_start: Integers
    late_finish: Integers
    total_float: Integers
    free_float: Integers
    start_reason: Integers
    start_cause: Integers
    start_bound: Integers
    finish_reason: Integers
    finish_cause: Integers
    project_end: Integers
    driving: Flags
    findings: Findings

    @property
    def open(self) -> Flags:
        """Activities that are not finished (and no summaries)."""
        activities = self.network.activities
        result: Flags = (activities.actual_finish == NONE) & (activities.summary == 0)
        return result

    def critical(self, near: int = 0) -> Flags:
        """Open activities with at most ``near`` minutes of total float."""
        result: Flags = self.open & (self.total_float <= near)
        return result

    def longest_path(self, project: int | None = None) -> list[int]:
        """The chain of driving links that ends with the last finish (of one project), first activity first."""
        activities = self.network.activities
        rows = np.flatnonzero((activities.summary == 0) & ((activities.project == project) | (project is None)))
        if not rows.size:
            return []
        links = self.network.links
        row = int(rows[np.argmax(self.finish[rows])])
        at_finish = True
        path = [row]
        while True:
            link = self._driver(row, at_finish)
            if link == NONE:
                return path[::-1]
            row = int(links.predecessor[link])
            at_finish = int(links.kind[link]) in (0, 2)
            path.append(row)

    def _driver(self, row: int, at_finish: bool) -> int:
        """The link that set the finish or start of ``row``, NONE if something else did."""
        if at_finish and self.finish_reason[row] == Reason.LINK:
            return int(self.finish_cause[row])
        return int(self.start_cause[row]) if self.start_reason[row] == Reason.LINK else NONE


def schedule(network: Network, options: Options | None = None) -> Schedule:
    """Compute all dates anew. Raises :class:`CycleError` and :class:`HorizonError`."""
    options = options or Options()
    frame = Frame(network, override=options.progress_override)
    passes = Passes(frame, compiled=_ready if options.compiled is None else options.compiled)
    passes.forward()
    finish = passes.points[1::2]
    if frame.count and finish.max() > HORIZON:
        raise HorizonError(frame.row[finish > HORIZON])
    last = frame.last_finish(finish)
    ends = frame.ends(last, together=options.one_end)
    reasons = _Reasons(passes)
    if frame.as_late.any():
        moved = passes.put_off(ends)
        reasons.put_off(moved)
    passes.backward(ends)
    return _result(passes, last, ends, reasons)


_ready = False


def warm_up() -> bool:
    """Load or compile the compiled passes, which takes seconds: for workers and background threads. False without the extra."""
    global _ready
    if compiler_installed():
        links = Links(np.array([0]), np.array([1]))
        schedule(Network(Activities(np.array([1, 1])), links), Options(compiled=True))
        _ready = True
    return _ready


class _Reasons:
    """Why each position starts and finishes when it does."""

    def __init__(self, passes: Passes) -> None:
        frame = passes.frame
        self.driving = np.zeros(len(frame.network.links), np.bool_)
        start_link = self._drivers(frame.forward[0], passes.start_bound, ~passes.start_pushed)
        finish_link = self._drivers(frame.forward[1], passes.finish_bound, passes.finish_pushed)
        start = np.where(start_link != NONE, np.int8(Reason.LINK), frame.start_reason)
        start_cause = np.where(start_link != NONE, start_link, frame.start_constraint)
        by_finish = np.where(finish_link != NONE, np.int8(Reason.LINK), np.int8(Reason.CONSTRAINT))
        finish_cause = np.where(finish_link != NONE, finish_link, frame.finish_constraint)
        under_way = frame.started & ~frame.finished
        self.finish = np.where(passes.finish_pushed, by_finish, np.where(under_way, start, np.int8(Reason.DURATION)))
        self.finish_cause = np.where(passes.finish_pushed, finish_cause, np.where(under_way, start_cause, NONE))
        self.start = np.where(passes.start_pushed, by_finish, start)
        self.start_cause = np.where(passes.start_pushed, finish_cause, start_cause)
        self.start[frame.started] = Reason.ACTUAL
        self.start_cause[frame.started] = NONE
        self.finish[frame.finished] = Reason.ACTUAL
        self.finish_cause[frame.finished] = NONE
        self.bound = np.where(passes.start_pushed, passes.begin, passes.start_bound)

    def _drivers(self, pull: Pull, bound: Integers, counts: Flags) -> Integers:
        """The first link into each position whose bound is the one that counts."""
        into = pull.of_link()
        driving = np.flatnonzero((pull.bound == bound[into]) & counts[into])
        self.driving[pull.link[driving]] = True
        result = np.full(len(bound), NONE, np.int64)
        result[into[driving[::-1]]] = pull.link[driving[::-1]]
        return result

    def put_off(self, moved: Integers) -> None:
        self.start[moved] = Reason.AS_LATE_AS_POSSIBLE
        self.finish[moved] = Reason.DURATION
        self.start_cause[moved] = self.finish_cause[moved] = NONE


def _result(passes: Passes, last: Integers, ends: Integers, reasons: _Reasons) -> Schedule:
    frame, time = passes.frame, passes.time
    calendar = frame.calendar
    begin = time.work(calendar, passes.begin)
    late = time.work(calendar, passes.late[0::2])
    total = np.where(frame.finished, 0, late - begin)
    free = time.work(calendar, passes.free(ends)) - begin
    free = np.where(frame.finished, 0, np.clip(free, 0, np.maximum(total, 0)))
    late_finish = _late_finish(passes, late)
    late_start = np.where(frame.started, frame.actual_start, passes.late[0::2])

    def by_row(values: Integers, missing: int = NONE) -> Integers:
        result = np.full(len(frame.position), missing, np.int64)
        result[frame.row] = values
        result.flags.writeable = False
        return result

    return Schedule(
        network=frame.network,
        start=by_row(passes.points[0::2]), finish=by_row(passes.points[1::2]), resume=by_row(passes.begin),
        late_start=by_row(late_start), late_finish=by_row(late_finish),
        total_float=by_row(total), free_float=by_row(free),
        start_reason=by_row(reasons.start, Reason.SUMMARY), start_cause=by_row(reasons.start_cause),
        start_bound=by_row(reasons.bound),
        finish_reason=by_row(reasons.finish, Reason.SUMMARY), finish_cause=by_row(reasons.finish_cause),
        project_end=last, driving=reasons.driving,
        findings=_findings(passes),
    )  # fmt: skip


def _late_finish(passes: Passes, late: Integers) -> Integers:
    """The latest finish as people say it: Friday evening, not Monday morning, unless the early one is Monday too."""
    frame, time = passes.frame, passes.time
    begin, latest = passes.late[0::2], passes.late[1::2]
    evening = np.where(frame.to_do > 0, time.minute_at(late + frame.to_do - 1) + 1, begin)
    early = passes.points[1::2]
    same = (early > evening) & (early <= latest) & (time.work(frame.calendar, early) == late + frame.to_do)
    milestone = (frame.to_do == 0) & (early <= latest) & (time.work(frame.calendar, early) == late)
    result = np.where(same | milestone, early, evening)
    return np.where(frame.finished, frame.actual_finish, result)


def _findings(passes: Passes) -> Findings:
    frame, network = passes.frame, passes.frame.network
    parts = [
        *_missed_limits(passes),
        *_missed_ends(passes),
        *_out_of_sequence(passes),
        *_future_actuals(passes),
        *_broken_links(passes),
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    code, position, link, constraint, limit, actual = columns
    minutes = network.calendars.between(frame.calendar[position], limit, actual)
    return Findings(code, frame.row[position], link, constraint, limit, actual, minutes)


Part = tuple[Integers, Integers, Integers, Integers, Integers, Integers]


def _part(
    code: Finding, position: Integers, limit: Integers, actual: Integers,
    link: Integers | None = None, constraint: Integers | None = None,
) -> Part:  # fmt: skip
    nothing = np.full(len(position), NONE, np.int64)
    codes = np.full(len(position), int(code), np.int64)
    return (
        codes, position, nothing if link is None else link, nothing if constraint is None else constraint, limit, actual,
    )  # fmt: skip


def _missed_limits(passes: Passes) -> Iterator[Part]:
    """Constraints and deadlines that the dates do not keep."""
    frame = passes.frame
    constraints = frame.network.constraints
    position = frame.position[constraints.activity]
    start, finish = passes.points[0::2][position], passes.points[1::2][position]
    deadline = constraints.kind == ConstraintKind.DEADLINE
    hard_finish = np.isin(constraints.kind, [int(kind) for kind in FINISHES_UNTIL]) & ~deadline
    hard_start = np.isin(constraints.kind, [int(kind) for kind in STARTS_UNTIL])
    for code, concerned, date in (
        (Finding.START_TOO_LATE, hard_start & ~frame.started[position], start),
        (Finding.FINISH_TOO_LATE, hard_finish & ~frame.finished[position], finish),
        (Finding.DEADLINE_MISSED, deadline, finish),
    ):
        rows = np.flatnonzero(concerned & (date > constraints.at))
        yield _part(code, position[rows], constraints.at[rows], date[rows], constraint=rows)


def _missed_ends(passes: Passes) -> Iterator[Part]:
    """The last activity of each project that ends after it must finish."""
    frame = passes.frame
    finish = passes.points[1::2]
    limit = frame.network.projects.must_finish[frame.project]
    late = np.flatnonzero((limit != NONE) & (finish > limit))
    late = late[np.lexsort((finish[late], frame.project[late]))]
    last = late[np.append(frame.project[late][1:] != frame.project[late][:-1], True)] if late.size else late
    yield _part(Finding.PROJECT_TOO_LATE, last, limit[last], finish[last])


def _out_of_sequence(passes: Passes) -> Iterator[Part]:
    """Links into activities that began or finished before the link allowed it."""
    frame, network = passes.frame, passes.frame.network
    if not frame.progressed.size:
        return
    into = np.flatnonzero(frame.started[frame.position[network.links.successor]])
    if not into.size:
        return
    asked = link_bounds(network, into, passes.points, frame.position)
    position = frame.position[network.links.successor[into]]
    to_finish = network.links.kind[into] >= 2
    # The finish of what is under way still waits for its links; only what has happened can be out of sequence.
    happened = ~to_finish | frame.finished[position]
    real = np.where(to_finish, passes.points[1::2][position], passes.points[0::2][position])
    wrong = np.flatnonzero(happened & (real < asked))
    yield _part(Finding.OUT_OF_SEQUENCE, position[wrong], asked[wrong], real[wrong], link=into[wrong])


def _broken_links(passes: Passes) -> Iterator[Part]:
    """Links into activities whose date wins over them, and that it does not keep."""
    frame, network = passes.frame, passes.frame.network
    if not frame.pinned.any():
        return
    into = np.flatnonzero(frame.pinned[frame.position[network.links.successor]])
    asked = link_bounds(network, into, passes.points, frame.position)
    position = frame.position[network.links.successor[into]]
    real = passes.points[2 * position + (network.links.kind[into] >= 2)]
    wrong = np.flatnonzero(real < asked)
    yield _part(Finding.LINK_BROKEN, position[wrong], asked[wrong], real[wrong], link=into[wrong])


def link_bounds(network: Network, rows: Integers, points: Integers, position: Integers) -> Integers:
    """The instant from which each of the links (``rows``) lets its successor start or finish."""
    links, calendars = network.links, network.calendars
    kind = links.kind[rows]
    before, after = links.predecessor[rows], links.successor[rows]
    at = points[2 * position[before] + ((kind == 0) | (kind == 2))]
    calendar = links.lag_calendar[rows]
    activities = network.activities
    calendar = np.select(
        [calendar == -2, calendar == -3, calendar == -4],
        [
            activities.calendar[after], activities.calendar[before],
            network.projects.calendar[activities.project[after]],
        ],
        calendar,
    )  # fmt: skip
    return calendars.add(calendar, at, links.lag[rows])


def _future_actuals(passes: Passes) -> Iterator[Part]:
    frame = passes.frame
    data_date = frame.network.projects.data_date[frame.project]
    last = np.maximum(frame.actual_start, frame.actual_finish)
    wrong = np.flatnonzero((data_date != NONE) & (last > data_date))
    yield _part(Finding.ACTUAL_AFTER_DATA_DATE, wrong, data_date[wrong], last[wrong])
