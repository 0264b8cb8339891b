"""A plan before it is stored: rows, links, and how long each takes so that the gates fall on the days of the story."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from stellwerk.demo.plans.templates import GATES, Line
from stellwerk.demo.story import GATE_NAMES, Course
from stellwerk.engine.calendars import instant, instant_of_day
from stellwerk.engine.network import (
    NONE,
    Activities,
    Constraints,
    LagCalendar,
    LinkKind,
    Links,
    Network,
    Projects,
    schedule,
)
from stellwerk.planning.choices import Kind
from stellwerk.planning.selectors.calendars import Clock

Variant = Literal["first", "second", "base", "now"]
DAY: Final = 480
HARDENING: Final = 6
"""Working days that a lag of a calendar week fits into, whatever holidays there are."""
MORNING, EVENING = dt.time(8), dt.time(17)
KINDS: Final = {
    "FS": LinkKind.FINISH_START, "SS": LinkKind.START_START, "FF": LinkKind.FINISH_FINISH, "SF": LinkKind.START_FINISH,
}  # fmt: skip


@dataclass(slots=True)
class Row:
    """A row of the outline. ``days`` by variant: as first planned, as approved now, as expected now."""

    name: str
    level: int
    kind: str = Kind.TASK
    role: str = ""
    code: str = ""
    line: Line | None = None
    days: dict[Variant, int] = field(default_factory=dict)
    calendar: int | None = None
    wbs: str = ""
    start: dict[Variant, int] = field(default_factory=dict)
    finish: dict[Variant, int] = field(default_factory=dict)
    percent: int | None = None

    @property
    def summary(self) -> bool:
        return self.kind == Kind.WBS

    @property
    def milestone(self) -> bool:
        return self.kind in (Kind.MILESTONE, Kind.START_MILESTONE)


@dataclass(slots=True)
class Tie:
    """A link between two rows; ``lag`` in working days of eight hours, or in calendar days."""

    before: int
    after: int
    kind: str = "FS"
    lag: int = 0
    elapsed: bool = False

    @property
    def minutes(self) -> int:
        return self.lag * (1440 if self.elapsed else DAY)


@dataclass
class Draft:
    """The plan of one project on its way into the tables."""

    start: dt.date
    calendar: int
    rows: list[Row]
    ties: list[Tie]
    slack: dict[int, int] = field(default_factory=dict)
    """Side rows: working days that they may take longer without touching anything."""

    def row_of(self, code: str) -> Row | None:
        return next((row for row in self.rows if row.code == code), None)


class Days:
    """Working days of one calendar, counted."""

    def __init__(self, clock: Clock, calendar: int, around: dt.date) -> None:
        self.first = around.toordinal() - 9 * 366
        begin = instant_of_day(dt.date.fromordinal(self.first))
        at = begin + 1440 * np.arange(22 * 366, dtype=np.int64)
        minutes = clock.set.between(np.full(len(at), clock.of(calendar), np.int64), at, at + 1440)
        self.sums: list[int] = np.cumsum(minutes > 0).tolist()

    def between(self, one: dt.date, other: dt.date) -> int:
        """Working days after ``one`` up to and with ``other``."""
        return self.sums[other.toordinal() - self.first] - self.sums[one.toordinal() - self.first]

    def after(self, day: dt.date, count: int) -> dt.date:
        """The working day ``count`` days after a working day (negative: before)."""
        return dt.date.fromordinal(self.first + bisect_left(self.sums, self.sums[day.toordinal() - self.first] + count))

    def last(self, day: dt.date) -> dt.date:
        """The day itself, or the last working day before it."""
        return dt.date.fromordinal(self.first + bisect_left(self.sums, self.sums[day.toordinal() - self.first]))

    def segments(self, start: dt.date, gates: dict[str, dt.date]) -> list[int]:
        """Working days from gate to gate; the first day counts."""
        ends = [start - dt.timedelta(days=1), *(gates[code] for code in GATES[1:])]
        return [self.between(one, other) for one, other in itertools.pairwise(ends)]


# ── from the template to rows and links ──────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Piece:
    """A leaf in its segment: from working day ``begin`` to ``end``, ``package`` and ``phase`` number what it stands in."""

    row: int
    line: Line
    package: int
    phase: int
    begin: int = 0
    end: int = 0


def draft_of(
    lines: Sequence[Line], course: Course, days: Days, calendar: int, on: dt.date, rng: random.Random
) -> Draft:
    """Rows and links of a project whose gates fall on the days of its course, as approved and as expected ``on`` the data date."""
    rows, pieces = _rows(lines)
    draft = Draft(course.start, calendar, rows, [])
    gates = {
        line.name: number
        for number, line in ((n, row.line) for n, row in enumerate(rows))
        if line and line.nature == "gate"
    }
    expected = course.moments[-1].gates
    base, now = days.segments(course.start, course.gates), days.segments(course.start, expected)
    opened = [course.start - dt.timedelta(days=1), *(expected[code] for code in GATES[1:])]
    for segment, (length, later) in enumerate(zip(base, now, strict=True)):
        inside = [
            piece for piece in pieces if piece.line.segment == segment and piece.line.nature in ("task", "milestone")
        ]
        gone = days.between(opened[segment], on) if opened[segment] < on < opened[segment + 1] else None
        _place(inside, length)
        _link(draft, inside, gates[GATES[segment]], gates[GATES[segment + 1]], rng)
        _take_time(draft, inside, length, later, gone, rng)
    for number, row in enumerate(rows):
        if row.kind == Kind.LEVEL_OF_EFFORT:
            draft.ties += [Tie(gates["G0"], number, "SS"), Tie(gates["G5"], number, "FF")]
    return draft


def _rows(lines: Sequence[Line]) -> tuple[list[Row], list[_Piece]]:
    rows: list[Row] = []
    pieces: list[_Piece] = []
    package = phase = 0
    for line in lines:
        number = len(rows)
        if line.nature in ("phase", "package"):
            package += 1
            phase += line.nature == "phase"
            rows.append(Row(line.name, 1 if line.nature == "phase" else 2, Kind.WBS, line=line))
            continue
        kind: str = Kind.TASK
        if line.nature == "gate":
            kind = Kind.START_MILESTONE if line.name == "G0" else Kind.MILESTONE
            rows.append(Row(f"{line.name} {GATE_NAMES[line.name]}", 3, kind, "Projektleitung", line.name, line))
        else:
            kind = {"milestone": Kind.MILESTONE, "effort": Kind.LEVEL_OF_EFFORT}.get(line.nature, Kind.TASK)
            rows.append(Row(line.name, 3, kind, line.role, line=line))
        rows[-1].days = {"first": 0, "second": 0, "base": 0, "now": 0}
        pieces.append(_Piece(number, line, package, phase))
    return rows, pieces


def _place(pieces: list[_Piece], length: int) -> None:
    """Working days of each row; the rows of the main chain follow each other without a gap."""
    chain = _chain(pieces)
    at = 0
    for number, piece in enumerate(chain):
        end = min(max(round(piece.line.end * length), at + 1), length - (len(chain) - 1 - number))
        piece.begin, piece.end = at, max(at, end)
        at = piece.end
    before: _Piece | None = None
    for piece in pieces:
        if not piece.line.main:
            begin = min(round(piece.line.begin * length), max(0, length - 1))
            if piece.line.nature == "milestone":
                begin = round(piece.line.begin * length)
                if before is not None and before.package == piece.package:
                    begin = max(begin, before.end)
                piece.begin = piece.end = min(begin, length)
            else:
                piece.begin, piece.end = begin, min(length, max(begin + 1, round(piece.line.end * length)))
        before = piece


def _chain(pieces: Iterable[_Piece]) -> list[_Piece]:
    return sorted((piece for piece in pieces if piece.line.main), key=lambda piece: (piece.line.begin, piece.row))


def _link(draft: Draft, pieces: list[_Piece], opening: int, closing: int, rng: random.Random) -> None:
    """The main chain from gate to gate; side work begins when its window does and ends before it is needed."""
    chain = _chain(pieces)
    way = [opening, *(piece.row for piece in chain), closing]
    draft.ties += [Tie(one, other) for one, other in itertools.pairwise(way)]
    needed: dict[int, int] = {}  # side row → working day before which it must be done
    followed: set[int] = set()
    before: _Piece | None = None
    for piece in pieces:
        if not piece.line.main:
            earlier = [one for one in pieces if one.phase == piece.phase and one.row < piece.row and not one.line.sf]
            same = before is not None and before.package == piece.package and not before.line.sf
            for tie, limits in _into(piece, before if same else None, [*chain, *earlier], opening, rng):
                draft.ties.append(tie)
                if tie.kind == "FS" and limits:
                    needed[tie.before] = min(needed.get(tie.before, 1 << 30), piece.begin)
                    followed.add(tie.before)
                elif tie.before in needed or limits is False:
                    needed[tie.before] = 0  # a finish that something is tied to must not move
        before = piece
    for piece in pieces:
        if piece.line.main or (piece.row in followed and piece.line.nature != "milestone"):
            continue
        after = next((one for one in chain if one.begin >= piece.end), None) if not piece.line.sf else None
        draft.ties.append(Tie(piece.row, after.row if after is not None else closing))
        limit = after.begin if after is not None else max((one.end for one in chain), default=piece.end)
        needed[piece.row] = min(needed.get(piece.row, 1 << 30), limit)
    for piece in pieces:
        if piece.line.sf:
            after = next((one for one in chain if one.begin >= piece.end), None)
            if after is not None:
                draft.ties.append(Tie(after.row, piece.row, "SF"))
        elif not piece.line.main and piece.line.nature == "task":
            draft.slack[piece.row] = max(0, needed.get(piece.row, piece.end) - piece.end)


def _into(
    piece: _Piece, before: _Piece | None, others: list[_Piece], opening: int, rng: random.Random
) -> Iterator[tuple[Tie, bool | None]]:
    """What a side row waits for: what stands before it in its package, else the last of the ``others`` to end. With each link: True, the predecessor must be done by then; False, its finish is tied."""
    if before is not None and before.end <= piece.begin:
        gap, chance = piece.begin - before.end, rng.random()
        side = not before.line.main and before.line.nature == "task" and piece.line.nature == "task"
        if side and chance < 0.10 and before.end - before.begin >= 4:
            lag = (before.end - before.begin) // 2
            yield Tie(before.row, piece.row, "SS", lag), None
            yield Tie(before.row, piece.row, "FF", min(2, piece.end - before.end)), False
        elif side and gap >= HARDENING and (chance < 0.18 or before.line.name.startswith("Fundament")):
            yield Tie(before.row, piece.row, "FS", 7, elapsed=True), False
        elif side and chance < 0.30 and gap >= 1:
            yield Tie(before.row, piece.row, "FS", min(gap, 5)), False
        elif side and chance < 0.36 and before.end - before.begin >= 6:
            yield Tie(before.row, piece.row, "FS", -2), True
        else:
            yield Tie(before.row, piece.row), True
    elif before is not None and before.begin < piece.begin:
        yield Tie(before.row, piece.row, "SS", piece.begin - before.begin), None
    else:
        done = [one for one in others if one.end <= piece.begin]
        running = sorted(
            (one for one in others if one.line.main and one.begin < piece.begin), key=lambda one: one.begin
        )
        if done:  # of several that end at once, the one of the same phase
            yield Tie(max(done, key=lambda one: (one.end, one.phase == piece.phase, one.row)).row, piece.row), True
        elif running:
            yield Tie(running[-1].row, piece.row, "SS", piece.begin - running[-1].begin), None
        else:
            yield Tie(opening, piece.row), True


def _take_time(
    draft: Draft, pieces: list[_Piece], length: int, later: int, gone: int | None, rng: random.Random
) -> None:
    """Durations as approved, and as expected now: the delay is in the one activity of the chain that runs."""
    for piece in pieces:
        took = piece.end - piece.begin if piece.line.nature == "task" else 0
        draft.rows[piece.row].days.update({"first": took, "second": took, "base": took, "now": took})
    chain, delta = _chain(pieces), later - length
    if delta < 0:
        _hurry(draft, pieces, chain, later, length)
    elif delta > 0 and chain:
        culprit = max(chain, key=lambda piece: piece.end - piece.begin)
        if gone is not None:
            culprit = next((piece for piece in chain if piece.end > gone), chain[-1])
        draft.rows[culprit.row].days["now"] += delta
    for piece in pieces:
        slack = draft.slack.get(piece.row, 0)
        if delta >= 0 and slack >= 4 and rng.random() < 0.35:
            draft.rows[piece.row].days["now"] += rng.randint(1, slack * 6 // 10)
            draft.slack[piece.row] = slack - (draft.rows[piece.row].days["now"] - draft.rows[piece.row].days["base"])


def _hurry(draft: Draft, pieces: list[_Piece], chain: list[_Piece], later: int, length: int) -> None:
    """Less time than planned: everything shorter in proportion."""
    for piece in pieces:
        row = draft.rows[piece.row]
        if not piece.line.main and row.kind == Kind.TASK:
            row.days["now"] = max(1, row.days["base"] * later // max(1, length) - 1)
            draft.slack[piece.row] = 0
    at = 0
    for number, piece in enumerate(chain):
        end = min(max(round(piece.end * later / max(1, length)), at + 1), later - (len(chain) - 1 - number))
        draft.rows[piece.row].days["now"] = max(0, end - at)
        at = max(at, end)


def plan_earlier(draft: Draft, rng: random.Random) -> None:
    """What was first approved: the longest activity of the chain took less, before the scope grew."""
    chain = [row for row in draft.rows if row.line is not None and row.line.main and row.line.segment == 2]
    if chain:
        longest = max(chain, key=lambda row: row.days["base"])
        longest.days["first"] = max(1, longest.days["base"] - rng.randint(3, 12))


def tame(draft: Draft) -> None:
    """Side work that would move a gate is cut to a day, without lags: the story decides when gates are."""
    for tie in draft.ties:
        tie.lag = min(tie.lag, 0)
    for row in draft.rows:
        if row.line is not None and row.line.nature == "task" and not row.line.main:
            row.days["now"] = min(1, row.days["now"])


# ── dates ────────────────────────────────────────────────────────────────────────────────────────


def add_dates(drafts: Sequence[Draft], clock: Clock, variant: Variant) -> None:
    """Early dates of many plans at once, without progress, into their rows; summaries span what is below them."""
    offset, leaves = 0, []
    parts: list[NDArray[np.int64]] = []
    ties: list[tuple[int, int, int, int, int]] = []
    for project, draft in enumerate(drafts):
        for row in draft.rows:
            calendar = clock.of(row.calendar if row.calendar is not None else draft.calendar)
            spans = row.summary or row.kind == Kind.LEVEL_OF_EFFORT
            took = 0 if row.milestone or spans else row.days[variant] * DAY
            leaves.append((took, calendar, project, int(spans)))
        ties += [
            (offset + tie.before, offset + tie.after, int(KINDS[tie.kind]), tie.minutes, 0 if tie.elapsed else int(LagCalendar.SUCCESSOR))
            for tie in draft.ties
            if not {draft.rows[tie.before].kind, draft.rows[tie.after].kind} & {Kind.LEVEL_OF_EFFORT, Kind.WBS}
        ]  # fmt: skip
        offset += len(draft.rows)
    parts = [np.array(column, np.int64) for column in zip(*leaves, strict=True)]
    links = [np.array(column, np.int64) for column in zip(*ties, strict=True)] if ties else []
    network = Network(
        Activities(duration=parts[0], calendar=parts[1], project=parts[2], summary=parts[3]),
        Links(*links),
        Projects(
            start=np.array([instant(dt.datetime.combine(draft.start, MORNING)) for draft in drafts], np.int64),
            data_date=np.full(len(drafts), NONE, np.int64),
            must_finish=np.full(len(drafts), NONE, np.int64),
            calendar=np.array([clock.of(draft.calendar) for draft in drafts], np.int64),
        ),
        Constraints(),
        clock.set,
    )
    found = schedule(network)
    starts, finishes = found.start.tolist(), found.finish.tolist()
    at = 0
    for draft in drafts:
        for row in draft.rows:
            row.start[variant], row.finish[variant] = starts[at], finishes[at]
            at += 1
        roll_up(draft.rows, variant)


def roll_up(rows: Sequence[Row], variant: Variant) -> None:
    """Dates of summaries, and of level of effort, from the activities."""
    real = [row for row in rows if not row.summary and row.kind != Kind.LEVEL_OF_EFFORT]
    first, last = min(row.start[variant] for row in real), max(row.finish[variant] for row in real)
    for row in rows:
        if row.kind == Kind.LEVEL_OF_EFFORT:
            row.start[variant], row.finish[variant] = first, last
    for number, row in enumerate(rows):
        if row.summary:
            below = [other for other in below_of(rows, number) if other.kind not in (Kind.WBS, Kind.LEVEL_OF_EFFORT)]
            row.start[variant] = min(other.start[variant] for other in below)
            row.finish[variant] = max(other.finish[variant] for other in below)


def below_of(rows: Sequence[Row], number: int) -> Iterator[Row]:
    """The rows below a row of the outline."""
    for other in rows[number + 1 :]:
        if other.level <= rows[number].level:
            return
        yield other


def number_rows(rows: Sequence[Row]) -> None:
    """WBS codes by the outline."""
    path: list[int] = []
    for row in rows:
        del path[row.level :]
        path += [0] * (row.level - len(path))
        path[-1] += 1
        row.wbs = ".".join(map(str, path))
