"""The one way into the table of figures: bulk, idempotent, in any order of dates.

Rooms, the importer, reports and the demo company write figures here. Permissions belong to the caller: it has asked
whether its user may write what the figures come from. A figure stands from its date until the next one of its code.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from typing import Any, Final, TypeVar

from django.db import transaction
from django.db.models import Field, Max

from stellwerk.core import bulk
from stellwerk.core.models import ChangeItem, ChangeSet, User, jsonable
from stellwerk.core.registry import FIGURES
from stellwerk.core.services import record
from stellwerk.engine import lights
from stellwerk.portfolio.choices import DIMENSIONS, Source
from stellwerk.portfolio.models import Figure, Portfolio, Project

T = TypeVar("T")

PROJECTS_AT_ONCE: Final = 400
ROWS_AT_ONCE: Final = 2000
OVERALL: Final = "light.overall"
_DIMENSION_CODES: Final = {f"light.{name}": name for name in DIMENSIONS}
_SIX: Final = Decimal("0.000001")

CONTENT: Final = (
    "light", "half_step", "reported", "amount", "currency", "value", "day", "text", "source", "source_label", "source_url",
)  # fmt: skip

# Which of two lights for the same day stands: a person's override, then the computed one, then what was told.
_RANK: Final = {Source.OVERRIDDEN: 3, Source.COMPUTED: 2, Source.REPORTED: 1, Source.IMPORTED: 1}
# The overall light is only computed where nobody told one.
_RANK_OVERALL: Final = {Source.OVERRIDDEN: 3, Source.REPORTED: 2, Source.IMPORTED: 2, Source.COMPUTED: 1}
_TOLD: Final = frozenset({Source.REPORTED, Source.IMPORTED, Source.OVERRIDDEN})


@dataclass(slots=True)
class FigureRow:
    """A figure to write. Money in minor units of ``currency``; ratios and indices as Decimal in ``value``.

    Not frozen only because a large import makes a million of them; nobody changes one.
    """

    project_id: int
    code: str
    date: dt.date
    light: str = ""
    half_step: bool = False
    reported: str = ""
    amount: int | None = None
    currency: str = ""
    value: Decimal | None = None
    day: dt.date | None = None
    text: str = ""
    source: str = Source.COMPUTED
    source_label: str = ""
    source_url: str = ""

    def __post_init__(self) -> None:
        if self.value is not None:
            self.value = Decimal(self.value).quantize(_SIX)

    def content(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in CONTENT)


@dataclass(slots=True)
class Written:
    """What happened; ``changed`` holds (figure id, values before) of replaced figures."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    changed: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    projects: set[int] = field(default_factory=set)

    def __iadd__(self, other: Written) -> Written:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.changed += other.changed
        self.projects |= other.projects
        return self


def write_figures(
    *, rows: Iterable[FigureRow], by: User | None, change_set: ChangeSet | None = None, note_dates: bool = True
) -> Written:
    """Write figures of any projects, codes and dates in one transaction; the same again changes nothing.

    Dates may arrive in any order. The last row for a (project, code, date) counts. An overall light is computed from
    the six dimensions at each date for which nobody reported one. Lights that were reported keep their mark until one
    is computed for the same day; an override stays and remembers the computed colour in ``text``.

    Raises ``ValueError`` for a code that no room registered or a light that does not exist. No permission is asked.
    With a change set the replaced values are kept as change items, so that :func:`undo_figures` can take it all back.
    """
    wanted: dict[int, dict[tuple[str, dt.date], FigureRow]] = defaultdict(dict)
    for row in rows:
        _check(row)
        wanted[row.project_id][row.code, row.date] = row
    result = Written()
    with transaction.atomic():
        for projects in _chunks(sorted(wanted), PROJECTS_AT_ONCE):
            result += _write_chunk({project: wanted[project] for project in projects}, change_set)
        lit = {row.project_id for rows in wanted.values() for row in rows.values() if row.code.startswith("light.")}
        if note_dates:
            note_data_dates(projects=sorted(lit & result.projects))
        if by is not None and change_set is None:
            _audit(result.projects, by)
    return result


def insert_figures(*, rows: Sequence[FigureRow], change_set: ChangeSet | None = None) -> int:
    """Write figures of projects that have none yet: the same result as :func:`write_figures`, without looking for old ones.

    For bulk work on projects made in the same transaction. The caller notes the data dates afterwards
    (:func:`note_data_dates`). Raises ``ValueError`` as :func:`write_figures` does; two rows for one (project, code, date)
    break the table's constraint. Returns how many were written.
    """
    if not rows:
        return 0
    if any(row.code in _DIMENSION_CODES for row in rows):
        return write_figures(rows=rows, by=None, change_set=change_set, note_dates=False).created
    for row in {(row.code, row.light): row for row in rows}.values():
        _check(row)
    ordered = sorted(rows, key=lambda row: (row.project_id, row.code, row.date))
    following: Iterator[FigureRow | None] = iter([*ordered[1:], None])
    number = change_set.pk if change_set is not None else None
    bulk.insert(Figure, _INSERTED, (_stored(row, after, number) for row, after in zip(ordered, following, strict=True)))
    return len(ordered)


_INSERTED: Final = ("project_id", "code", "date", "until", *CONTENT, "change_set_id")


def _stored(row: FigureRow, after: FigureRow | None, change_set: int | None) -> tuple[bulk.Value, ...]:
    next_day = (
        after.date if after is not None and after.project_id == row.project_id and after.code == row.code else None
    )
    return (
        row.project_id, row.code, str(row.date), str(next_day) if next_day else None, row.light, row.half_step, row.reported,
        row.amount, row.currency, str(row.value) if row.value is not None else None, str(row.day) if row.day else None,
        row.text, row.source, row.source_label, row.source_url, change_set,
    )  # fmt: skip


def note_data_dates(*, projects: Sequence[int]) -> None:
    """Keep the data date of the portfolios of these projects: the newest date for which a light was told.

    Only lights that people told (reported, imported, overridden) count, else the newest computed one.
    """
    found: dict[int, Portfolio] = {}
    for part in _chunks(projects, PROJECTS_AT_ONCE):
        found |= {portfolio.pk: portfolio for portfolio in Portfolio.objects.filter(projects__in=part).distinct()}
    for portfolio in found.values():
        overall = Figure.objects.filter(project__portfolio=portfolio, code=OVERALL).exclude(light="")
        told = overall.exclude(source=Source.COMPUTED).aggregate(day=Max("date"))["day"]
        day = told or overall.aggregate(day=Max("date"))["day"]
        fresh = None if day is None else day - dt.timedelta(days=portfolio.cycle_days)
        if (portfolio.data_date, portfolio.fresh_from) != (day, fresh):
            Portfolio.objects.filter(pk=portfolio.pk).update(data_date=day, fresh_from=fresh)


def _check(row: FigureRow) -> None:
    kind = FIGURES.get(row.code)
    if kind is None:
        raise ValueError(f"no room has registered the figure {row.code!r}")
    if kind.kind == "light" and row.light not in {"", lights.RED, lights.AMBER, lights.GREEN, lights.GREY}:
        raise ValueError(f"{row.light!r} is not a light")


def _chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(values)
    while part := list(islice(source, size)):
        yield part


def _write_chunk(wanted: dict[int, dict[tuple[str, dt.date], FigureRow]], change_set: ChangeSet | None) -> Written:
    codes = {code for rows in wanted.values() for code, _day in rows}
    if codes & (set(_DIMENSION_CODES) | {OVERALL}):
        codes |= set(_DIMENSION_CODES) | {OVERALL}
    stored = {
        (figure.project_id, figure.code, figure.date): figure
        for figure in Figure.objects.filter(project_id__in=list(wanted), code__in=codes)
    }
    table = _Table(stored, change_set)
    for rows in wanted.values():
        for row in rows.values():
            table.put(row)
    _compute_overall(table, wanted)
    return table.save()


class _Table:
    """The figures of some projects in memory: what is stored, what is new, what has changed."""

    def __init__(self, stored: dict[tuple[int, str, dt.date], Figure], change_set: ChangeSet | None) -> None:
        self.rows = stored
        self.change_set = change_set
        self.result = Written()
        self.new: list[Figure] = []
        self.dirty: dict[int, Figure] = {}
        self.touched: set[tuple[int, str]] = set()

    def put(self, row: FigureRow) -> None:
        place = (row.project_id, row.code, row.date)
        figure = self.rows.get(place)
        if figure is None:
            figure = Figure(
                project_id=row.project_id, code=row.code, date=row.date, change_set=self.change_set,
                **dict(zip(CONTENT, row.content(), strict=True)),
            )  # fmt: skip
            self.rows[place] = figure
            self.new.append(figure)
            self.touched.add((row.project_id, row.code))
            self.result.created += 1
            self.result.projects.add(row.project_id)
            return
        merged = _merge(figure, row)
        before = tuple(getattr(figure, name) for name in CONTENT)
        after = merged.content()
        if before == after:
            self.result.unchanged += 1
            return
        if figure.pk is not None and figure.pk not in self.dirty:
            self.result.changed.append((figure.pk, {n: jsonable(v) for n, v in zip(CONTENT, before, strict=True)}))
            self.result.updated += 1
            self.dirty[figure.pk] = figure
        for name, value in zip(CONTENT, after, strict=True):
            setattr(figure, name, value)
        self.result.projects.add(row.project_id)

    def save(self) -> Written:
        relinked = self._relink()
        Figure.objects.bulk_create(self.new, batch_size=ROWS_AT_ONCE)
        if self.dirty:
            Figure.objects.bulk_update(list(self.dirty.values()), list(CONTENT), batch_size=200)
        for until, numbers in relinked.items():
            for part in _chunks(numbers, ROWS_AT_ONCE):
                Figure.objects.filter(pk__in=part).update(until=until)
        if self.change_set is not None and self.result.changed:
            ChangeItem.objects.bulk_create(
                [
                    ChangeItem(
                        change_set=self.change_set, entity_type="portfolio.figure", entity_id=number, operation="update",
                        before=before, after={n: jsonable(getattr(self.dirty[number], n)) for n in CONTENT},
                    )
                    for number, before in self.result.changed
                ],
                batch_size=ROWS_AT_ONCE,
            )  # fmt: skip
        return self.result

    def _relink(self) -> dict[dt.date | None, list[int]]:
        """Set ``until`` of every figure in the chains that got a new member; stored ones by their new value."""
        chains: dict[tuple[int, str], list[Figure]] = defaultdict(list)
        for (project, code, _day), figure in self.rows.items():
            if (project, code) in self.touched:
                chains[project, code].append(figure)
        changed: dict[dt.date | None, list[int]] = defaultdict(list)
        for chain in chains.values():
            chain.sort(key=lambda figure: figure.date)
            for figure, until in zip(chain, [*(other.date for other in chain[1:]), None], strict=True):
                if figure.pk is not None and figure.until != until:
                    changed[until].append(figure.pk)
                figure.until = until
        return changed


def _merge(figure: Figure, row: FigureRow) -> FigureRow:
    """What stands after ``row`` arrives where ``figure`` is: see :func:`write_figures` for who wins."""
    if not row.code.startswith("light."):
        return row
    rank = _RANK_OVERALL if row.code == OVERALL else _RANK
    old, new = rank[Source(figure.source)], rank[Source(row.source)]
    if new < old:
        kept = FigureRow(
            project_id=row.project_id, code=row.code, date=row.date,
            **{name: getattr(figure, name) for name in CONTENT},
        )  # fmt: skip
        if row.source == Source.COMPUTED:
            return replace(kept, text=row.light) if figure.source == Source.OVERRIDDEN else kept
        return replace(kept, reported=row.reported or row.light)
    if new > old and not row.reported:
        told = figure.reported or (figure.light if figure.source in {Source.REPORTED, Source.IMPORTED} else "")
        computed = figure.light if figure.source == Source.COMPUTED and row.source == Source.OVERRIDDEN else ""
        return replace(row, reported=told, text=row.text or computed)
    if row.source == figure.source == Source.COMPUTED and not row.reported and figure.reported:
        return replace(row, reported=figure.reported)
    return row


def _compute_overall(table: _Table, wanted: dict[int, dict[tuple[str, dt.date], FigureRow]]) -> None:
    """Overall lights of all dates from the first new dimension light on, where no report stands."""
    first: dict[int, dt.date] = {}
    for project, rows in wanted.items():
        days = [day for code, day in rows if code in _DIMENSION_CODES]
        if days:
            first[project] = min(days)
    if not first:
        return
    cycles = dict(Project.objects.filter(pk__in=list(first)).values_list("pk", "portfolio__cycle_days"))
    mine: dict[int, list[Figure]] = defaultdict(list)
    for (project, code, _day), figure in table.rows.items():
        if project in first and (code in _DIMENSION_CODES or code == OVERALL):
            mine[project].append(figure)
    for project, figures in mine.items():
        for row in _overall_rows(project, figures, first[project], cycles.get(project, 14)):
            table.put(row)


def _overall_rows(project: int, figures: list[Figure], first: dt.date, cycle: int) -> list[FigureRow]:
    told = {f.date for f in figures if f.code == OVERALL and f.source in _TOLD}
    dims = sorted((f for f in figures if f.code in _DIMENSION_CODES), key=lambda figure: figure.date)
    rows: list[FigureRow] = []
    current: dict[str, Figure] = {}
    for position, figure in enumerate(dims):
        current[figure.code] = figure
        day = figure.date
        last_of_day = position + 1 == len(dims) or dims[position + 1].date != day
        if not last_of_day or day < first or day in told:
            continue
        # A told overall light stands while it is fresh: one computed dimension alone must not replace it.
        asked = any(row.source in _TOLD for row in current.values() if row.date == day)
        if not asked and any(0 < (day - date).days <= cycle for date in told):
            continue
        six = {_DIMENSION_CODES[code]: lights.shown(row.light, row.date, day, cycle) for code, row in current.items()}
        rows.append(FigureRow(project, OVERALL, day, light=lights.overall(six) or "", source=Source.COMPUTED))
    return rows


def _audit(projects: set[int], by: User) -> None:
    for project in Project.objects.filter(pk__in=list(projects)[:PROJECTS_AT_ONCE]):
        record(project, by=by, verb="figures")


def undo_figures(*, change_set: ChangeSet) -> int:
    """Take back what :func:`write_figures` wrote under a change set; figures that others replaced since stay theirs.

    Returns the number of figures removed or restored. Runs inside the caller's transaction or its own.
    """
    with transaction.atomic():
        mine = Figure.objects.filter(change_set=change_set)
        projects = set(mine.values_list("project_id", flat=True).distinct())
        count = mine.count()
        mine.delete()
        items = ChangeItem.objects.filter(change_set=change_set, entity_type="portfolio.figure", operation="update")
        for item in items.iterator():
            figure = Figure.objects.filter(pk=item.entity_id).first()
            if figure is None or {n: jsonable(getattr(figure, n)) for n in CONTENT} != item.after:
                continue
            for name, value in item.before.items():
                setattr(figure, name, _field(name).to_python(value))
            figure.save(update_fields=list(CONTENT))
            projects.add(figure.project_id)
            count += 1
        relink_figures(projects=sorted(projects))
        note_data_dates(projects=sorted(projects))
    return count


def _field(name: str) -> Field[Any, Any]:
    found = Figure._meta.get_field(name)
    assert isinstance(found, Field)
    return found


def relink_figures(*, projects: Sequence[int]) -> int:
    """Repair the ``until`` chain of some projects (after figures were removed); returns how many rows changed."""
    changed = 0
    for part in _chunks(projects, PROJECTS_AT_ONCE):
        table = _Table({(f.project_id, f.code, f.date): f for f in Figure.objects.filter(project_id__in=part)}, None)
        table.touched = {(project, code) for project, code, _day in table.rows}
        for until, numbers in table._relink().items():
            for some in _chunks(numbers, ROWS_AT_ONCE):
                changed += Figure.objects.filter(pk__in=some).update(until=until)
    return changed
