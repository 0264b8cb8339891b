"""Reading figures: those in force on a day, those before, what changed between. Constant numbers of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, ExpressionWrapper, F, QuerySet
from django.utils import timezone

from stellwerk.engine import lights
from stellwerk.portfolio.choices import DIMENSIONS, Source
from stellwerk.portfolio.models import Figure, Portfolio, Project

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
EMPTY = tuple(FigureValue._field_defaults.get(name) for name in FIELDS)  # what stands for fields that are not read
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


def figures_now(project: Project) -> dict[str, FigureValue]:
    """What stands today of one project by code; read once for a project object, so that the panels of a page share it."""
    found: dict[str, FigureValue] | None = project.__dict__.get("_figures_now")
    if found is None:
        found = project.__dict__["_figures_now"] = figures_at([project.pk], on=timezone.localdate()).get(project.pk, {})
    return found


def remember_figures(project: Project, figures: Mapping[str, FigureValue]) -> None:
    """What was read already of what stands today (:func:`figures_now`)."""
    project.__dict__["_figures_now"] = dict(figures)


# A board reads some ten thousand figures, from several queries. These are written in SQL: to build, compile and convert
# them through the ORM took two thirds of the time of a board of 200 projects.
_READ = """
SELECT {columns} FROM portfolio_figure AS new
WHERE new.code IN ({codes}) AND {scope} AND new.date <= %s AND new.until {still}"""
_parsed = lru_cache(maxsize=4096)(dt.date.fromisoformat)
_VALUE = Figure._meta.get_field("value").get_col(Figure._meta.db_table)


def read_rows(
    projects: Projects, codes: Sequence[str], on: dt.date, columns: str, *, since: dt.date | None = None
) -> list[tuple[Any, ...]]:
    """Columns (SQL, of ``new``) of the figures in force on a day, or on any day from ``since`` to it; one query."""
    sql, values = _both_parts(_READ, projects, columns=columns, codes=", ".join(["%s"] * len(codes)))
    return _fetch(sql, (*codes, *values, on), since or on)


_COUNTED = f"{_READ} GROUP BY 1, 2, 3, 4"


def light_spans(
    projects: Projects, on: dt.date, since: dt.date, *, by_portfolio: bool
) -> list[tuple[str, dt.date, dt.date | None, int, int]]:
    """How many overall lights of one colour stood from one day until another: (colour, day, end, portfolio, number).

    Those in force on any day from ``since`` to ``on``. ``by_portfolio`` off: all count for portfolio 0, and nothing is
    looked up for them.
    """
    owner = "(SELECT portfolio_id FROM portfolio_project WHERE id = new.project_id)" if by_portfolio else "0"
    columns = f"new.light, {_column('date')}, {_column('until')}, {owner}, COUNT(*)"
    sql, values = _both_parts(_COUNTED, projects, columns=columns, codes="%s")
    return [
        (light, _day(first), _day(end) if end is not None else None, portfolio, number)
        for light, first, end, portfolio, number in _fetch(sql, (OVERALL, *values, on), since)
    ]


def _both_parts(template: str, projects: Projects, **pieces: str) -> tuple[str, Sequence[Any]]:
    """Present and replaced figures of these projects, and the values of the condition on the project.

    ``+ 0`` hides the column from the planner, as in :func:`of_projects`: replaced figures of a code lie in the order of
    their end, and few of all of them ended after a late day.
    """
    among, values = among_projects(projects)
    column = "new.project_id + 0" if isinstance(projects, QuerySet) else "new.project_id"
    present = template.format(**pieces, scope=f"{column} {among}", still="IS NULL")
    replaced = template.format(**pieces, scope=f"new.project_id + 0 {among}", still="> %s")
    return f"{present} UNION ALL {replaced}", values


def among_projects(projects: Projects) -> tuple[str, Sequence[Any]]:
    """The condition on a column with numbers of projects, and its values.

    Numbers stand in the text: to bind some hundred of them cost more than to read them.
    """
    if isinstance(projects, QuerySet):
        query, values = projects.order_by().values("pk").query.sql_with_params()
        return f"IN ({query})", values
    return f"IN ({', '.join(map(str, map(int, projects))) or 'NULL'})", ()


def _fetch(sql: str, values: Sequence[Any], end: dt.date) -> list[tuple[Any, ...]]:
    """Rows of both parts: the same values twice, and the day after which the replaced ones ended."""
    with connection.cursor() as cursor:
        cursor.execute(sql, (*values, *values, end))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _column(name: str) -> str:
    """SQLite's dates come as text: few different ones stand in thousands of rows, so that each is parsed once."""
    as_text = connection.vendor == "sqlite" and name in {"date", "until"}
    return f"CAST(new.{name} AS text)" if as_text else f"new.{name}"


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else _parsed(value)


def now_and_before(
    projects: Projects,
    codes: Sequence[str],
    on: dt.date,
    before: Mapping[int, dt.date | None],
    owners: Mapping[int, int],
    fields: tuple[str, ...] = CELL_FIELDS,
) -> tuple[Figures, Figures]:
    """Figures in force on a day, and those at the previous report of each portfolio ``{portfolio id: date}``; one query.

    ``owners`` tells the portfolio of each project. Portfolios without an earlier report (None) have no figures before.
    ``fields`` are the first of :data:`FIELDS`; the others stay empty.
    """
    days = [day for day in before.values() if day is not None]
    columns = ", ".join(map(_column, (*fields, "until")))
    now: Figures = defaultdict(dict)
    earlier: Figures = defaultdict(dict)
    decimal = _decimal_reader() if "value" in fields else None
    rest = EMPTY[len(fields) :]
    for row in read_rows(projects, codes, on, columns, since=min([*days, on])):
        *content, end = row
        first, until = _day(content[3]), _day(end) if end is not None else None
        content[3] = first
        if decimal is not None and content[11] is not None:
            content[11] = decimal(content[11])
        value = FigureValue._make((*content, *rest))
        if until is None or until > on:
            now[value.project_id][value.code] = value
        day = before.get(owners.get(value.project_id, 0))
        if day is not None and first <= day and (until is None or until > day):
            earlier[value.project_id][value.code] = value
    return dict(now), dict(earlier)


def _decimal_reader() -> Callable[[Any], Decimal]:
    """From what the database answers to the Decimal that the ORM would make of it."""
    converters = connection.ops.get_db_converters(_VALUE)

    def read(value: Any) -> Decimal:
        for converter in converters:
            value = converter(value, _VALUE, connection)
        assert isinstance(value, Decimal)
        return value

    return read


def reporting_dates(portfolio: Portfolio | int | None) -> list[dt.date]:
    """The dates for which this portfolio (None: any) was reported or imported, newest first."""
    return sorted({day for days in reporting_dates_by_portfolio(portfolio).values() for day in days}, reverse=True)


# Dates are few and found by their index; for each one row tells that a portfolio has it.
_DATES = """
SELECT owner.id, told.date FROM portfolio_portfolio AS owner CROSS JOIN (SELECT DISTINCT date FROM {table} WHERE {which}) AS told
WHERE EXISTS (
    SELECT 1 FROM {table} AS one JOIN portfolio_project AS project ON project.id = one.project_id
    WHERE one.date = told.date AND {which} AND project.portfolio_id = owner.id)
AND {scope} ORDER BY told.date DESC"""
_TOLD = (("portfolio_projectstatus", "1 = 1"), ("portfolio_figure", f"code = '{OVERALL}'"))


def reporting_dates_by_portfolio(portfolio: Portfolio | int | None = None) -> dict[int, list[dt.date]]:
    """Reporting dates, newest first, by portfolio; from dated statuses, else from overall lights. One or two queries."""
    number = portfolio.pk if isinstance(portfolio, Portfolio) else portfolio
    scope, values = ("1 = 1", ()) if number is None else ("owner.id = %s", (number,))
    found: dict[int, list[dt.date]] = defaultdict(list)
    for table, which in _TOLD:
        with connection.cursor() as cursor:
            cursor.execute(_DATES.format(table=table, which=which, scope=scope), values)
            for owner, day in cursor.fetchall():
                found[owner].append(_day(day))
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

    The comparison runs in the database, so that only what changed is read. Worst changes first.
    """
    scope = Project.objects.filter(portfolio=projects) if isinstance(projects, Portfolio) else projects
    columns = ", ".join(f"{side}.{name}" for side in ("new", "old") for name in CHANGE_FIELDS)
    marks = ", ".join(["%s"] * len(codes))
    sql, values = _both_parts(_COMPARED, scope, columns=columns, codes=marks, alike=_ALIKE)
    rows = _fetch(sql, (earlier, *codes, *values, earlier, later), later)
    width = len(CHANGE_FIELDS)
    changes = [_change(row[:width], row[width:]) for row in rows]
    return sorted(changes, key=lambda change: (-change.worsening, change.project_id, change.code))


def _change(new: tuple[Any, ...], old: tuple[Any, ...]) -> Change:
    rest = EMPTY[len(CHANGE_FIELDS) :]
    after = FigureValue._make((*new, *rest))
    return Change(after.project_id, after.code, FigureValue._make((*old, *rest)) if old[0] is not None else None, after)


def history(project: Project | int, code: str | Collection[str]) -> list[FigureValue]:
    """All dated values of one code (or some) of a project, oldest first; one query."""
    number = project.pk if isinstance(project, Project) else project
    codes = [code] if isinstance(code, str) else list(code)
    rows = Figure.objects.filter(project_id=number, code__in=codes).order_by("date", "code").values_list(*FIELDS)
    return [FigureValue._make(row) for row in rows]
