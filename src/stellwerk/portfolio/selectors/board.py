"""Everything that the portfolio board shows, read with a constant number of queries.

All projects of the board are read as small rows with their overall light; lights per dimension, gates and money of
single projects only for the rows that stand on the page. Counts use reported values; grey follows the rule of one cycle.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.engine import lights
from stellwerk.engine.lights import Standing
from stellwerk.portfolio.choices import DIMENSIONS
from stellwerk.portfolio.models import Gate, Portfolio, Project, ProjectStatus
from stellwerk.portfolio.roadmap import Mark
from stellwerk.portfolio.selectors.figures import (
    CELL_FIELDS,
    LIGHT_FIELDS,
    OVERALL,
    Change,
    Figures,
    FigureValue,
    Projects,
    among_projects,
    before_and_now,
    changes_between,
    light_spans,
    now_and_before,
    read_rows,
    reporting_dates_by_portfolio,
)
from stellwerk.portfolio.selectors.money import MONEY_CODES, Amounts, MoneyTable, money_table

ORDER: Final = ("red", "amber", "grey", "green", "")
DETAIL_CODES: Final = (
    *(f"light.{name}" for name in DIMENSIONS),
    "eac",
    "bac",
    "budget",
    "spi_t",
    "cpi",
)
SHOWN_PER_GROUP: Final = {"red": 40, "amber": 6, "grey": 4, "green": 0, "": 4}
SHOWN_OTHER: Final = 8
OPEN_LIMIT: Final = 100
SMALL_BOARD: Final = 16
ROWS_LIMIT: Final = 160
FEW: Final = 300
BUBBLES: Final = 250
CLOSED: Final = ("closed", "stopped")
GATE_WINDOW: Final = dt.timedelta(days=90)
HISTORY_DATES: Final = 6


@dataclass(slots=True)
class BoardRow:
    """One project as the board knows it before any detail is read."""

    id: int
    key: str
    name: str
    phase: str
    priority: int | None
    portfolio_id: int
    cycle_days: int
    group_value: object
    group_name: str
    start: dt.date | None
    finish: dt.date | None
    finish_baseline: dt.date | None
    budget: int | None
    currency: str
    programme: tuple[str, str]
    overall: FigureValue | None = None
    light: str = ""
    before: FigureValue | None = None
    before_light: str = ""
    worsening: int = 0

    @property
    def label(self) -> str:
        """The reported value that counts: the half step of a foreign scale, else the colour."""
        if self.overall is not None and self.overall.half_step and self.light == "amber":
            return self.overall.reported
        return self.light


@dataclass
class Group:
    """A heading with its rows; ``rows`` are the shown ones, ``count`` is all."""

    code: str
    label: str
    count: int
    lights: Counter[str]
    labels: Counter[str]
    rows: list[BoardRow] = field(default_factory=list)
    opened: bool = False

    @property
    def hidden(self) -> int:
        return self.count - len(self.rows)


@dataclass
class Bubble:
    row: BoardRow
    value: float
    risk: float
    size: float


@dataclass
class Board:
    """The answer to a board question."""

    on: dt.date
    dates: list[dt.date]
    previous: dt.date | None
    rows: list[BoardRow]
    groups: list[Group]
    counts: Counter[str]
    labels: Counter[str]
    hidden: int
    details: Figures
    details_before: Figures
    gates: dict[int, list[Mark]]
    changes: list[tuple[BoardRow, list[Change]]]
    summaries: dict[int, str]
    money: MoneyTable | None
    bubbles: list[Bubble]
    history: list[tuple[dt.date, Counter[str]]]
    gates_met: tuple[int, int] | None
    reported: int
    late: list[int]
    dimensions: list[str]

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def shown(self) -> list[BoardRow]:
        return [row for group in self.groups for row in group.rows]


# What rows may be grouped by: code of the address → (value path, name path).
GROUPINGS: Final[dict[str, tuple[str, str]]] = {
    "need": ("", ""),
    "programme": ("programme_id", "programme__name"),
    "sponsor": ("sponsor_id", "sponsor__last_name"),
    "manager": ("manager_id", "manager__last_name"),
    "unit": ("unit_id", "unit__name"),
    "portfolio": ("portfolio_id", "portfolio__name"),
    "category": ("category", "category"),
    "phase": ("phase", "phase"),
}


@dataclass(frozen=True)
class Question:
    """What the address asks: projects (already filtered), day, grouping, opened groups, lights."""

    projects: QuerySet[Project]
    portfolio: Portfolio | None = None
    on: dt.date | None = None
    group: str = "need"
    opened: frozenset[str] = frozenset()
    lights: frozenset[str] = frozenset()
    today: dt.date | None = None


def read_board(question: Question, user: User | None) -> Board:
    """Read the whole board. About a dozen queries, whatever the number of projects."""
    by_portfolio = reporting_dates_by_portfolio(question.portfolio)
    dates = sorted({day for days in by_portfolio.values() for day in days}, reverse=True)
    on = question.on or (dates[0] if dates else question.today or dt.date.today())  # noqa: DTZ011 - a day without time
    reports = {number: before_and_now(days, on) for number, days in by_portfolio.items()}
    previous = max((day for day, _now in reports.values() if day is not None), default=None)
    rows, hidden = _rows(question, user, on)
    before = {number: day for number, (day, _now) in reports.items()}
    owners = {row.id: row.portfolio_id for row in rows}
    everything = _scope(rows, question, owners)
    _put_lights(rows, everything, before, owners, on)
    if question.lights:
        rows = [row for row in rows if row.light in question.lights]
    numbers = _scope(rows, question, owners)
    changes = _changes(rows, numbers, previous, on)
    groups = _groups(rows, question)
    shown = [row.id for group in groups for row in group.rows]
    details, details_before = now_and_before(shown, DETAIL_CODES, on, before, owners, CELL_FIELDS)
    amounts, measures = _numbers(numbers, on)
    told = sum(1 for row in rows if row.overall is not None and row.light != "grey")
    return Board(
        on=on, dates=dates, previous=previous, rows=rows, groups=groups,
        counts=Counter(row.light for row in rows), labels=Counter(row.label for row in rows), hidden=hidden,
        details=details, details_before=details_before, gates=_gates(shown), changes=changes,
        summaries=_summaries([row.id for row, _changes_ in changes[:12]], on),
        money=money_table(rows, numbers, amounts, before), bubbles=_bubbles(rows, amounts, measures),
        history=_history(rows, numbers, dates, on), gates_met=_gates_met(everything, on), reported=told,
        late=sorted((r.finish - r.finish_baseline).days for r in rows if r.finish and r.finish_baseline and r.finish > r.finish_baseline),
        dimensions=[name for name in DIMENSIONS if any(_has(details, row, f"light.{name}") for row in shown)],
    )  # fmt: skip


def _scope(rows: list[BoardRow], question: Question, known: Collection[int]) -> Projects:
    """The rows for further queries: their numbers where they are few, else the query itself without what was dropped.

    Long lists of numbers cost more to bind than the database needs to find the rows again.
    """
    kept = {row.id for row in rows}
    dropped = [number for number in known if number not in kept]
    if len(kept) <= max(FEW, len(dropped)):
        return kept
    return question.projects.exclude(pk__in=dropped) if dropped else question.projects


def _has(figures: Figures, project: int, code: str) -> bool:
    value = figures.get(project, {}).get(code)
    return value is not None and bool(value.light)


def _rows(question: Question, user: User | None, on: dt.date) -> tuple[list[BoardRow], int]:
    """Projects of the board, and how many more its reader may not see."""
    value, name = GROUPINGS.get(question.group, GROUPINGS["need"])
    paths = (
        "pk", "key", "name", "phase", "priority", "portfolio_id", "portfolio__cycle_days", value or "pk", name or "key",
        "start_actual", "start_forecast", "start_baseline", "finish_actual", "finish_forecast", "finish_baseline", "budget", "currency",
        "programme__key", "programme__name",
    )  # fmt: skip
    rows = [_row(values) for values in question.projects.order_by().values_list(*paths)]
    everything = Project.objects.filter(archived_at__isnull=True).exclude(phase__in=CLOSED)
    if question.portfolio is not None:
        everything = everything.filter(portfolio=question.portfolio)
        hidden = everything.exclude(visible(user, Project)).count() if user is not None else 0
    else:
        hidden = 0
    return rows, hidden


def _row(values: tuple[Any, ...]) -> BoardRow:
    return BoardRow(
        id=values[0], key=values[1], name=values[2], phase=values[3], priority=values[4], portfolio_id=values[5],
        cycle_days=values[6], group_value=values[7], group_name=str(values[8] or ""),
        start=values[9] or values[10] or values[11], finish=values[12] or values[13] or values[14],
        finish_baseline=values[14], budget=values[15], currency=values[16], programme=(values[17] or "", values[18] or ""),
    )  # fmt: skip


def _put_lights(
    rows: list[BoardRow],
    projects: Projects,
    before: Mapping[int, dt.date | None],
    owners: Mapping[int, int],
    on: dt.date,
) -> None:
    """Overall lights at the day and at the previous report; drops projects that were over or not yet known then."""
    now, earlier = now_and_before(projects, [OVERALL], on, before, owners, LIGHT_FIELDS)
    kept = []
    for row in rows:
        row.overall = now.get(row.id, {}).get(OVERALL)
        shown = row.overall.shown(on, row.cycle_days, on_hold=row.phase == "on_hold") if row.overall else None
        row.light = shown or ("grey" if row.overall is None or row.phase == "on_hold" else "")
        then_ = earlier.get(row.id, {}).get(OVERALL)
        day = before.get(row.portfolio_id)
        if then_ is not None and day is not None:
            row.before = then_
            row.before_light = then_.shown(day, row.cycle_days) or ""
        if row.phase in CLOSED and (row.overall is None or row.light == "grey"):
            continue
        kept.append(row)
    rows[:] = kept


def _changes(
    rows: list[BoardRow], numbers: Projects, previous: dt.date | None, on: dt.date
) -> list[tuple[BoardRow, list[Change]]]:
    """Projects whose lights moved since the previous report, worst first; also fills ``row.worsening``."""
    if previous is None:
        return []
    by_id = {row.id: row for row in rows}
    found: dict[int, list[Change]] = defaultdict(list)
    for change in changes_between(numbers, previous, on):
        row = by_id.get(change.project_id)
        if row is None or change.before is None or lights.is_stale(change.before.date, previous, row.cycle_days):
            continue
        row.worsening += change.worsening * (3 if change.code == OVERALL else 1)
        found[change.project_id].append(change)
    moved = [(by_id[number], list_) for number, list_ in found.items() if any(c.code == OVERALL for c in list_)]
    rest = [(by_id[number], list_) for number, list_ in found.items() if not any(c.code == OVERALL for c in list_)]
    key = lambda pair: (-pair[0].worsening, pair[0].key)  # noqa: E731 - one key for two lists
    return sorted(moved, key=key) + sorted(rest, key=key)


# ── rows and groups ──────────────────────────────────────────────────────────────────────────────

_SEVERITY = {"red": 4, "amber": 2, "green": 0, "grey": 1, "": 0}


def need_for_action(row: BoardRow) -> tuple[object, ...]:
    """Worst light first, then what got worse, then priority."""
    severity = row.overall.severity if row.overall is not None and row.light not in {"grey", ""} else None
    return (
        ORDER.index(row.light) if row.light in ORDER else len(ORDER),
        -row.worsening,
        -(severity or 0),
        row.priority if row.priority is not None else 10_000,
        row.key,
    )


def _groups(rows: list[BoardRow], question: Question) -> list[Group]:
    ordered = sorted(rows, key=need_for_action)
    if question.group == "need":
        pieces = [(code, code, [row for row in ordered if row.light == code]) for code in ORDER]
    else:
        named: dict[str, tuple[str, list[BoardRow]]] = {}
        for row in ordered:
            code = str(row.group_value if row.group_value is not None else "")
            named.setdefault(code, (row.group_name, []))[1].append(row)
        pieces = [(code, label, members) for code, (label, members) in named.items()]
        pieces.sort(
            key=lambda piece: (not piece[1], min(need_for_action(row)[:1] for row in piece[2]), piece[1].casefold())
        )
    groups, left = [], ROWS_LIMIT
    for code, label, members in pieces:
        if not members:
            continue
        opened = code in question.opened or "all" in question.opened
        limit = _limit(question, code, opened, len(rows))
        shown = members[: max(0, min(limit, left))]
        left -= len(shown)
        groups.append(
            Group(
                code,
                label,
                len(members),
                Counter(r.light for r in members),
                Counter(r.label for r in members),
                shown,
                opened,
            )
        )
    return groups


def _limit(question: Question, code: str, opened: bool, total: int) -> int:
    if opened or total <= SMALL_BOARD or question.lights:
        return OPEN_LIMIT
    return SHOWN_PER_GROUP.get(code, SHOWN_OTHER) if question.group == "need" else SHOWN_OTHER


def trend(now: FigureValue | None, before: FigureValue | None, on: dt.date, day: dt.date | None, cycle: int,
          figures: Mapping[str, FigureValue] | None = None, earlier: Mapping[str, FigureValue] | None = None) -> lights.Arrow | None:  # fmt: skip
    """The arrow of a light against the previous report: colour, then index, then forecast cost."""
    if now is None or before is None or day is None:
        return None
    return lights.arrow(_standing(before, day, cycle, earlier or {}), _standing(now, on, cycle, figures or {}))


def _standing(value: FigureValue, on: dt.date, cycle: int, figures: Mapping[str, FigureValue]) -> Standing:
    index = {"light.schedule": "spi_t", "light.cost": "cpi"}.get(value.code)
    figure = figures.get(index) if index else None
    money = value.code in {OVERALL, "light.cost"}
    eac, bac = (figures.get(code) if money else None for code in ("eac", "bac"))
    return Standing(
        value.shown(on, cycle), value.half_step, value.reported, figure.value if figure else None,
        eac.amount if eac else None, bac.amount if bac else None,
    )  # fmt: skip


# ── panels ───────────────────────────────────────────────────────────────────────────────────────


_GATES: KeptQuery[Any] = KeptQuery(
    lambda which: (
        Gate.objects.filter(which).order_by("project_id", "order", "pk").values_list("project_id", *Mark._fields)
    )
)
_SUMMARIES: KeptQuery[Any] = KeptQuery(
    lambda which: ProjectStatus.objects.filter(which).order_by("date").values_list("project_id", "summary")
)


def _gates(numbers: Sequence[int]) -> dict[int, list[Mark]]:
    found: dict[int, list[Mark]] = defaultdict(list)
    if numbers:
        for number, *rest in _GATES.rows(Q(project_id__in=list(numbers))):
            found[number].append(Mark(*rest))
    return found


def _summaries(numbers: Sequence[int], on: dt.date) -> dict[int, str]:
    return dict(_SUMMARIES.rows(Q(project_id__in=list(numbers), date__lte=on)))


_DUE = """
SELECT COUNT(*), COUNT(CASE WHEN actual <= baseline THEN 1 END) FROM portfolio_gate
WHERE project_id {among} AND baseline > %s AND baseline <= %s"""


def _gates_met(projects: Projects, on: dt.date) -> tuple[int, int] | None:
    """(on time, due) of the gates whose baseline lies in the ninety days before the day."""
    among, values = among_projects(projects)
    with connection.cursor() as cursor:
        cursor.execute(_DUE.format(among=among), (*values, on - GATE_WINDOW, on))
        due, met = cursor.fetchone()
    return (met, due) if due else None


Measures = dict[int, dict[str, float]]


def _numbers(numbers: Projects, on: dt.date) -> tuple[Amounts, Measures]:
    """All money, value and risk of the board in one query: amounts with currency, and measures.

    The measures are drawn, not added: as floats they need no conversion row by row.
    """
    amounts: Amounts = defaultdict(dict)
    measures: Measures = defaultdict(dict)
    columns = "new.project_id, new.code, new.amount, new.currency, CAST(new.value AS double precision)"
    for number, code, amount, currency, measure in read_rows(numbers, (*MONEY_CODES, "value", "risk"), on, columns):
        if amount is not None:
            amounts[number][code] = (amount, currency)
        elif measure is not None:
            measures[number][code] = measure
    return amounts, measures


def _bubbles(rows: list[BoardRow], amounts: Amounts, measures: Measures) -> list[Bubble]:
    bubbles = []
    for row in rows:
        mine = measures.get(row.id, {})
        if "value" in mine and "risk" in mine:
            eac = amounts.get(row.id, {}).get("eac")
            bubbles.append(Bubble(row, mine["value"], mine["risk"], float(eac[0] if eac else row.budget or 0)))
    bubbles.sort(key=lambda bubble: (bubble.row.light != "red", -bubble.size))
    return bubbles[:BUBBLES] if len(bubbles) >= 3 else []


def _history(
    rows: list[BoardRow], numbers: Projects, dates: Iterable[dt.date], on: dt.date
) -> list[tuple[dt.date, Counter[str]]]:
    """Distribution of overall lights at the last six reporting dates; the database counts lights of the same span."""
    days = [day for day in dates if day <= on][:HISTORY_DATES]
    if len(days) < 2:
        return []
    cycles = {row.portfolio_id: row.cycle_days for row in rows}
    mixed = len(set(cycles.values())) > 1
    result: dict[dt.date, Counter[str]] = {day: Counter() for day in reversed(days)}
    same = next(iter(cycles.values()), 0)
    for light, first, until, owner, number in light_spans(numbers, days[0], days[-1], by_portfolio=mixed):
        cycle = cycles.get(owner, same)
        for day, counts in result.items():
            if first <= day and (until is None or until > day):
                counts["grey" if lights.is_stale(first, day, cycle) else light] += number
    return list(result.items())
