"""What is drawn: rows, links and calendar of a plan, read once through the data of its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from stellwerk.engine.calendars import instant
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Plan
from stellwerk.planning.printing.refusing import unknown
from stellwerk.planning.selectors.baselines import working_moves
from stellwerk.planning.selectors.calendars import Clock, clock_of
from stellwerk.planning.selectors.chart import chart_data

NO_BASELINE: Final = -1
MINUTES: Final = 1440
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Instants are days since 1 January of the year 1 with fractions, durations and moves working days."""

    id: int
    wbs: str
    name: str
    level: int
    summary: bool
    milestone: bool
    start: float | None
    finish: float | None
    late_finish: float | None
    deadline: float | None
    days: float | None
    free_days: float | None
    percent: float
    critical: bool
    active: bool
    who: str
    baseline: Span | None = None
    delay: Decimal | None = None

    @property
    def done(self) -> bool:
        return self.percent >= 100


@dataclass(frozen=True, slots=True)
class Arrow:
    """A link between two rows, by their places in :attr:`Facts.rows`."""

    before: int
    after: int
    type: str
    critical: bool


@dataclass(frozen=True)
class Facts:
    """A plan to be drawn. ``free`` are days without work of its calendar, merged; ``week`` its usual week."""

    project: str
    key: str
    confidentiality: str
    rows: Sequence[Row]
    arrows: Sequence[Arrow]
    start: dt.date | None
    finish: dt.date | None
    data_date: float | None
    calendar: str
    week: Sequence[bool]
    free: Sequence[tuple[int, int]]
    baseline: str = ""
    stale: bool = False
    span: Span = field(default=(0.0, 1.0))


def facts_of(plan: Plan, *, baseline: int | None = None, deepest: int | None = None) -> Facts:
    """Read a plan; ``Invalid`` where it has no such baseline. ``baseline``: its number, None the last approved one, :data:`NO_BASELINE` none; ``deepest``: outline level."""
    data = chart_data(plan, None, baseline=baseline)
    clock = clock_of(plan)
    told = [row for row in data["rows"] if deepest is None or row["level"] <= deepest] if data else []
    assert data is not None  # without a revision to compare with there is always an answer
    known = [one["number"] for one in data["baselines"]]
    if baseline is not None and baseline not in (NO_BASELINE, *known):
        raise unknown("baseline", (*map(str, known), "none"))
    frozen = data["baseline"]["rows"] if data["baseline"] else {}
    delays = _delays(told, frozen, clock)
    rows = [_row(row, frozen.get(str(row["id"])), delays.get(row["id"])) for row in told]
    calendar = next((one for one in data["calendars"] if one["id"] == plan.calendar_id), None)
    label = next(
        (one["label"] for one in data["baselines"] if data["baseline"] and one["number"] == data["baseline"]["number"]),
        "",
    )
    project = plan.project
    return Facts(
        project.name, project.key, str(project.get_confidentiality_display()) if project.confidentiality != "internal" else "",
        rows, _arrows(data["links"], rows),
        _first(rows), plan.finish.date() if plan.finish else None, _days(plan.data_date),
        calendar["name"] if calendar else "", calendar["week"] if calendar else (True,) * 5 + (False,) * 2,
        _merged(calendar["free"], calendar["week"]) if calendar else (), label, plan.stale, _span(rows, _days(plan.start) or 0.0),
    )  # fmt: skip


def _days(at: dt.datetime | str | None) -> float | None:
    if at is None:
        return None
    moment = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.toordinal() + (moment.hour * 60 + moment.minute) / MINUTES


def _row(row: Mapping[str, Any], frozen: Sequence[str | None] | None, delay: Decimal | None) -> Row:
    planned = (_days(frozen[0]), _days(frozen[1])) if frozen else (None, None)
    return Row(
        row["id"], row["wbs"], row["name"], row["level"], row["summary"],
        row["kind"] in MILESTONES and not row["summary"], _days(row["start"]), _days(row["finish"]),
        _days(row["late_finish"]), _days(row["deadline"]), row["days"], row["float_days"], float(row["percent"] or 0),
        row["critical"], row["active"] and row["state"] != "cancelled", row["who"],
        (planned[0], planned[1]) if planned[0] is not None and planned[1] is not None else None, delay,
    )  # fmt: skip


def _delays(rows: Sequence[Mapping[str, Any]], frozen: Mapping[str, Any], clock: Clock) -> dict[int, Decimal]:
    """By how many working days milestones and finishes lie behind the baseline."""
    found, calendars, pairs = [], [], []
    for row in rows:
        planned = frozen.get(str(row["id"]))
        if planned is None or planned[1] is None or row["finish"] is None:
            continue
        found.append(row["id"])
        calendars.append(clock.of(row["calendar"], elapsed=row["elapsed"]))
        pairs.append((_instant(planned[1]), _instant(row["finish"])))
    moves = working_moves(clock, calendars, pairs)
    return {number: move for number, move in zip(found, moves, strict=True) if move is not None}


def _instant(text: str) -> int:
    return instant(dt.datetime.fromisoformat(text))


def _arrows(links: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> list[Arrow]:
    """Links whose two ends are drawn."""
    place = {row.id: number for number, row in enumerate(rows) if row.start is not None and row.finish is not None}
    found = []
    for link in links:
        before, after = place.get(link["from"]), place.get(link["to"])
        if before is not None and after is not None:
            critical = rows[before].critical and rows[after].critical and not rows[before].done
            found.append(Arrow(before, after, link["type"], critical))
    return found


def _merged(free: Sequence[Sequence[str]], week: Sequence[bool]) -> list[tuple[int, int]]:
    """Days off as first and last day; what only days without work part (a weekend) is one span."""
    spans: list[tuple[int, int]] = []
    for one in sorted((dt.date.fromisoformat(a).toordinal(), dt.date.fromisoformat(b).toordinal()) for a, b, _ in free):
        if spans and all(not week[(day - 1) % 7] for day in range(spans[-1][1] + 1, min(one[0], spans[-1][1] + 8))):
            spans[-1] = (spans[-1][0], max(one[1], spans[-1][1]))
        else:
            spans.append(one)
    return spans


def _first(rows: Sequence[Row]) -> dt.date | None:
    starts = [row.start for row in rows if row.start is not None]
    return dt.date.fromordinal(int(min(starts))) if starts else None


def _span(rows: Sequence[Row], start: float) -> Span:
    """From the first to the last instant of anything that is drawn; a float line may leave the chart."""
    instants = [at for row in rows for at in (row.start, row.finish, *(row.baseline or ())) if at is not None]
    return (min(instants), max(instants)) if instants else (start, start + 30)
