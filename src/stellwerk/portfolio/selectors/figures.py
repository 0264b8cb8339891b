"""Reading figures: those in force on a day, those before, what changed between. Constant numbers of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, ExpressionWrapper, F, Q, QuerySet

from stellwerk.engine import lights
from stellwerk.portfolio.choices import DIMENSIONS, Source
from stellwerk.portfolio.models import Figure, Portfolio, Project, ProjectStatus

OVERALL = "light.overall"
LIGHT_CODES = (OVERALL, *(f"light.{name}" for name in DIMENSIONS))


class FigureValue(NamedTuple):
    """A figure as it is read: immutable and cheap. Money in minor units of ``currency``."""

    id: int
    project_id: int
    code: str
    date: dt.date
    light: str
    half_step: bool
    reported: str
    source: str
    text: str
    amount: int | None = None
    currency: str = ""
    value: Decimal | None = None
    day: dt.date | None = None
    source_label: str = ""
    source_url: str = ""

    def shown(self, on: dt.date, cycle_days: int, *, on_hold: bool = False) -> lights.Light | None:
        """The light as it may be shown on a day: grey when older than one cycle."""
        return lights.shown(self.light, self.date, on, cycle_days, on_hold=on_hold)

    @property
    def severity(self) -> int | None:
        return lights.severity(self.light, self.half_step, self.reported)

    @property
    def computed(self) -> bool:
        return self.source == Source.COMPUTED


FIELDS = FigureValue._fields
LIGHT_FIELDS = FIELDS[:9]  # enough for a light: no amounts, no decimals to convert
CELL_FIELDS = FIELDS[:12]  # enough for a cell with an arrow: no dates, no source to open
Figures = dict[int, dict[str, FigureValue]]
Projects = QuerySet[Project] | Collection[int]


def of_projects(projects: Projects) -> QuerySet[Figure]:
    """Figures of these projects.

    For a query of projects the sum hides the column from the planner: it shall walk the figures of a code and look the
    project up, not seek once for each project and code (measured: four times the work).
    """
    if isinstance(projects, QuerySet):
        owner = ExpressionWrapper(F("project_id") + 0, output_field=BigIntegerField())
        return Figure.objects.order_by().alias(owner=owner).filter(owner__in=projects.order_by().values("pk"))
    return Figure.objects.order_by().filter(project_id__in=list(projects))


def standing(rows: QuerySet[Figure], on: dt.date | None, *fields: str) -> QuerySet[Any, tuple[Any, ...]]:
    """Values of the figures of ``rows`` in force on a day: the present ones by their index, plus those replaced later."""
    present = rows.filter(until__isnull=True)
    if on is None:
        return present.values_list(*fields)
    rows = rows.filter(date__lte=on)
    return both(rows, rows.filter(until__gt=on), *fields)


def both(rows: QuerySet[Figure, Any], later: QuerySet[Figure, Any], *fields: str) -> QuerySet[Any, tuple[Any, ...]]:
    """Present rows and replaced ones, each found by an index of its own."""
    present = rows.filter(until__isnull=True)
    return present.values_list(*fields).union(later.values_list(*fields), all=True)


def _collect(rows: Iterable[tuple[Any, ...]]) -> Figures:
    found: Figures = defaultdict(dict)
    for row in rows:
        value = FigureValue._make(row) if len(row) == len(FIELDS) else FigureValue(*row)
        found[value.project_id][value.code] = value
    return dict(found)


def figures_at(
    projects: Projects,
    codes: Collection[str] | None = None,
    on: dt.date | None = None,
    fields: tuple[str, ...] = FIELDS,
) -> Figures:
    """``{project id: {code: figure}}`` in force on a day (None: now); one query. Projects without any are missing."""
    rows = of_projects(projects)
    return _collect(standing(rows if codes is None else rows.filter(code__in=list(codes)), on, *fields))


def now_and_before(
    projects: Projects,
    codes: Collection[str],
    on: dt.date,
    before: Mapping[int, dt.date | None],
    owners: Mapping[int, int],
    fields: tuple[str, ...] = FIELDS,
) -> tuple[Figures, Figures]:
    """Figures in force on a day, and those at the previous report of each portfolio ``{portfolio id: date}``; one query.

    ``owners`` tells the portfolio of each project. Portfolios without an earlier report (None) have no figures before.
    """
    days = {day for day in before.values() if day is not None}
    rows = of_projects(projects).filter(code__in=list(codes), date__lte=on)
    later = rows.filter(until__gt=min(days | {on}))
    if len(days) > 1:
        later = later.filter(Q(until__gt=on) | _replaced_since(before))
    found = list(both(rows, later, *fields, "until"))
    now = (row[:-1] for row in found if row[-1] is None or row[-1] > on)
    return _collect(now), _collect(_standing_before(found, before, owners)) if days else {}


def _replaced_since(before: Mapping[int, dt.date | None]) -> Q:
    """Replaced after the previous report of their portfolio."""
    condition = Q()
    for portfolio, day in before.items():
        if day is not None:
            condition |= Q(project__portfolio_id=portfolio, until__gt=day)
    return condition


def _standing_before(
    rows: Iterable[tuple[Any, ...]], before: Mapping[int, dt.date | None], owners: Mapping[int, int]
) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        day, until = before.get(owners.get(row[1], 0)), row[-1]
        if day is not None and row[3] <= day and (until is None or until > day):
            yield row[:-1]


def reporting_dates(portfolio: Portfolio | int | None) -> list[dt.date]:
    """The dates for which this portfolio (None: any) was reported or imported, newest first."""
    return sorted({day for days in reporting_dates_by_portfolio(portfolio).values() for day in days}, reverse=True)


def reporting_dates_by_portfolio(portfolio: Portfolio | int | None = None) -> dict[int, list[dt.date]]:
    """Reporting dates, newest first, by portfolio; from dated statuses, else from overall lights. One or two queries."""
    number = portfolio.pk if isinstance(portfolio, Portfolio) else portfolio
    found: dict[int, list[dt.date]] = defaultdict(list)
    sources: tuple[QuerySet[ProjectStatus] | QuerySet[Figure], ...] = (
        ProjectStatus.objects.all(),
        Figure.objects.filter(code=OVERALL),
    )
    for rows in sources:
        if number is not None:
            rows = rows.filter(project__portfolio_id=number)
        for owner, day in rows.order_by("-date").values_list("project__portfolio_id", "date").distinct():
            found[owner].append(day)
        if found:
            break
    return dict(found)


def before_and_now(days: Iterable[dt.date], on: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """(previous report, latest report) of a day, from dates in any order."""
    past = sorted((day for day in days if day <= on), reverse=True)
    return (past[1] if len(past) > 1 else None, past[0] if past else None)


class Change(NamedTuple):
    """One figure that differs between two days; ``before`` is None where it is new."""

    project_id: int
    code: str
    before: FigureValue | None
    after: FigureValue

    @property
    def worsening(self) -> int:
        """Steps of the five-point scale, positive: worse; 0 where a colour is missing or the figure is no light."""
        then_ = self.before.severity if self.before else None
        now = self.after.severity
        return 0 if then_ is None or now is None else now - then_


# Figures of the later day and those that stood on the earlier one: the last up to it, as a figure stands until the next.
_COMPARED = """
SELECT {columns} FROM portfolio_figure AS new LEFT JOIN portfolio_figure AS old ON old.id = (
    SELECT one.id FROM portfolio_figure AS one
    WHERE one.project_id = new.project_id AND one.code = new.code AND one.date <= %s ORDER BY one.date DESC LIMIT 1)
WHERE new.code IN ({codes}) AND {scope} AND new.date > %s AND new.date <= %s AND new.until {still}
AND (old.light = new.light AND old.half_step = new.half_step AND old.text = new.text
    AND (NOT new.half_step OR old.reported = new.reported) AND {alike}) IS NOT TRUE"""
_ALIKE = " AND ".join(
    f"(old.{name} = new.{name} OR (old.{name} IS NULL AND new.{name} IS NULL))" for name in ("amount", "value", "day")
)
CHANGE_FIELDS = FIELDS[:11]  # no decimals: read past the ORM


def changes_between(
    projects: Projects | Portfolio, earlier: dt.date, later: dt.date, codes: Collection[str] = LIGHT_CODES
) -> list[Change]:
    """Figures in force on ``later`` whose content differs from that in force on ``earlier``; one query.

    The comparison runs in the database, so that only what changed is read. It is written in SQL: the ORM knows no join
    of a table with itself, and building it from subqueries took three times as long as the database needs to answer.
    Worst changes first.
    """
    scope, among = _scope(Project.objects.filter(portfolio=projects) if isinstance(projects, Portfolio) else projects)
    columns = ", ".join(f"{side}.{name}" for side in ("new", "old") for name in CHANGE_FIELDS)
    pieces = {"columns": columns, "codes": ", ".join(["%s"] * len(codes)), "scope": scope, "alike": _ALIKE}
    present, replaced = (_COMPARED.format(**pieces, still=still) for still in ("IS NULL", "> %s"))
    values = (earlier, *codes, *among, earlier, later)
    with connection.cursor() as cursor:
        cursor.execute(f"{present} UNION ALL {replaced}", (*values, *values, later))
        rows = cursor.fetchall()
    width = len(CHANGE_FIELDS)
    changes = [_change(row[:width], row[width:]) for row in rows]
    return sorted(changes, key=lambda change: (-change.worsening, change.project_id, change.code))


def _scope(projects: Projects) -> tuple[str, Sequence[Any]]:
    """The condition of :func:`of_projects` in SQL, with its values."""
    if not isinstance(projects, QuerySet):
        return f"new.project_id IN ({', '.join(['%s'] * len(projects)) or 'NULL'})", list(projects)
    sql, values = projects.order_by().values("pk").query.sql_with_params()
    return f"new.project_id + 0 IN ({sql})", values


def _change(new: tuple[Any, ...], old: tuple[Any, ...]) -> Change:
    after = FigureValue(*new)
    return Change(after.project_id, after.code, FigureValue(*old) if old[0] is not None else None, after)


def history(project: Project | int, code: str | Collection[str]) -> list[FigureValue]:
    """All dated values of one code (or some) of a project, oldest first; one query."""
    number = project.pk if isinstance(project, Project) else project
    codes = [code] if isinstance(code, str) else list(code)
    rows = Figure.objects.filter(project_id=number, code__in=codes).order_by("date", "code").values_list(*FIELDS)
    return [FigureValue._make(row) for row in rows]
