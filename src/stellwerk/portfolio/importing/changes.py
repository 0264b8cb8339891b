"""What the rows of a file change in projects that we have already: statuses, live master data, gates, names."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from stellwerk.core.models import jsonable
from stellwerk.core.tabular.matching import normal_key, normal_name
from stellwerk.portfolio.choices import Source
from stellwerk.portfolio.importing.recognition import Entry, Register
from stellwerk.portfolio.importing.records import Figure, Row, attribute_figures
from stellwerk.portfolio.models import Figure as StoredFigure
from stellwerk.portfolio.models import Gate, Project, ProjectStatus

T = TypeVar("T")
CHUNK = 500
Told = dict[dt.date, dict[str, Any]]
"""date → master data that the edition of that date gave"""


@dataclass(slots=True)
class StatusChange:
    """A status to write: a new one, or (``pk``) one that says more now."""

    row: Row
    pk: int | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Change:
    """What happens to one project; ``before`` holds what ``master`` replaces."""

    entry: Entry
    project: int
    version: int
    key: str = ""
    master: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    gates: dict[str, str] = field(default_factory=dict)
    statuses: list[StatusChange] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.statuses


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    source = iter(items)
    while part := list(islice(source, size)):
        yield part


def changes_of(entries: Iterable[Entry], register: Register) -> Iterator[Change]:
    """One change per recognised entry, in order; an empty one where the file says nothing new."""
    for part in chunks([entry for entry in entries if entry.outcome == "known"]):
        hashes = _hashes(part)
        fresh = [entry for entry in part if _says_more(entry, hashes)]
        stored = _Stored(fresh, hashes) if fresh else None
        for entry in part:
            if stored is not None and entry.project in stored.projects:
                yield _change(entry, stored, register)
            else:
                yield Change(entry, entry.project or 0, 0)


Hashes = dict[tuple[int, dt.date], tuple[int, str]]
"""project and date → number and content hash of the status that is stored"""


def _hashes(entries: Iterable[Entry]) -> Hashes:
    numbers = [entry.project for entry in entries if entry.project is not None]
    rows = ProjectStatus.objects.filter(project_id__in=numbers).order_by()
    return {
        (project, date): (pk, content)
        for project, date, pk, content in rows.values_list("project_id", "date", "pk", "content_hash")
    }


def _says_more(entry: Entry, hashes: Hashes) -> bool:
    """Whether any row of the entry is not stored word by word already: most rows of a second edition are."""
    return any(
        row.date is None or hashes.get((entry.project or 0, row.date), (0, ""))[1] != row.hash for row in entry.rows
    )


def master_of(row: Row) -> dict[str, Any]:
    """The master data of a row as a status keeps them."""
    return {**row.master, "gates": row.gates} if row.gates else row.master


def status_values(row: Row) -> dict[str, Any]:
    """What a status says."""
    return {
        "summary": row.summary, "narrative": row.narrative, "attributes": row.attributes, "master": master_of(row),
        "remarks": [remark.as_json() for remark in row.remarks],
    }  # fmt: skip


class _Stored:
    """What is stored for the projects of some entries, in a handful of queries."""

    def __init__(self, entries: list[Entry], hashes: Hashes) -> None:
        numbers = [entry.project for entry in entries if entry.project is not None]
        self.projects = Project.objects.in_bulk(numbers)
        self.told: dict[int, Told] = defaultdict(dict)
        self.known = hashes
        rows = ProjectStatus.objects.filter(project_id__in=numbers).values_list("project_id", "date", "master")
        for project, date, master in rows.iterator(chunk_size=2000):
            self.told[project][date] = master
        self.gates = {
            (gate.project_id, gate.code): jsonable(gate.forecast)
            for gate in Gate.objects.filter(project_id__in=numbers)
        }
        again = [
            (entry.project, row) for entry in entries for row in entry.rows
            if entry.project is not None and row.date is not None
            and self.known.get((entry.project, row.date), (0, row.hash))[1] != row.hash
        ]  # fmt: skip
        self.full = ProjectStatus.objects.in_bulk([self.known[p, row.date][0] for p, row in again if row.date])
        older = {
            entry.project for entry in entries if entry.project is not None
            and any(row.date < max(self.told[entry.project], default=dt.date.min) for row in entry.rows if row.date)
        }  # fmt: skip
        self.attributes: dict[int, Told] = defaultdict(dict)
        said = ProjectStatus.objects.filter(project_id__in=older).values_list("project_id", "date", "attributes")
        for project, date, attributes in said.iterator(chunk_size=2000):
            self.attributes[project][date] = attributes
        self.figures: dict[tuple[int, dt.date], dict[str, StoredFigure]] = defaultdict(dict)
        wanted = {(p, row.date) for p, row in again}
        for figure in StoredFigure.objects.filter(
            project_id__in={p for p, _d in wanted}, date__in={d for _p, d in wanted}
        ):
            self.figures[figure.project_id, figure.date][figure.code] = figure


def _change(entry: Entry, stored: _Stored, register: Register) -> Change:
    assert entry.project is not None
    project = stored.projects[entry.project]
    change = Change(entry, project.pk, project.version, project.key)
    for row in entry.rows:
        assert row.date is not None
        found = stored.known.get((project.pk, row.date))
        if found is None:
            change.statuses.append(StatusChange(row))
        elif found[1] != row.hash:
            values = _merged(row, stored.full[found[0]], stored.figures[project.pk, row.date])
            if values:
                change.statuses.append(StatusChange(row, found[0], values))
    fresh = [status.row for status in change.statuses]
    if fresh:
        _live(change, project, stored, fresh, register)
        change.aliases = list(dict.fromkeys(row.name for row in fresh if normal_name(row.name) not in register.by_name))
    return change


# ── a status of the same date ────────────────────────────────────────────────────────────────────


def _merged(row: Row, status: ProjectStatus, figures: Mapping[str, StoredFigure]) -> dict[str, Any]:
    """What changes in the status of the same date: a second file adds and replaces, it takes nothing away."""
    new = status_values(row)
    wanted = {
        "summary": new["summary"] or status.summary,
        "narrative": {**status.narrative, **new["narrative"]},
        "attributes": {**status.attributes, **new["attributes"]},
        "master": _over(status.master, new["master"]),
        "remarks": status.remarks + [remark for remark in new["remarks"] if _not_among(remark, status.remarks)],
    }
    values = {name: value for name, value in wanted.items() if value != getattr(status, name)}
    if values or _figures_differ(row, figures):
        return {**values, "content_hash": row.hash}
    return {}


def _not_among(remark: Mapping[str, Any], others: Iterable[Any]) -> bool:
    return all((other.get("column"), other.get("value")) != (remark["column"], remark["value"]) for other in others)


def _figures_differ(row: Row, stored: Mapping[str, StoredFigure]) -> bool:
    wanted = attribute_figures(row.figures)
    return any(code not in stored or not _same(figure, stored[code]) for code, figure in wanted.items())


def _same(figure: Figure, stored: StoredFigure) -> bool:
    """Whether the stored figure says the same; a computed or overridden one that remembers this report does too."""
    _code, light, half, reported, amount, currency, value, day, text = figure
    if light and stored.source in (Source.COMPUTED, Source.OVERRIDDEN):
        return stored.reported in (reported, light)
    same_value = value is stored.value or (
        value is not None and stored.value is not None and abs(value - stored.value) < 1e-6
    )
    mine = (light, half, reported, amount, currency, day, text)
    return same_value and mine == (
        stored.light, stored.half_step, stored.reported, stored.amount, stored.currency, stored.day, stored.text,
    )  # fmt: skip


# ── live master data ─────────────────────────────────────────────────────────────────────────────


def _live(change: Change, project: Project, stored: _Stored, fresh: list[Row], register: Register) -> None:
    """Live master data follow the newest edition that says something. An older edition fills gaps and replaces only what
    a still older one said, never what a person or a newer edition did."""
    told = stored.told.get(project.pk, {})
    newest = max(told, default=dt.date.min)
    merged = dict(told)
    for row in fresh:
        assert row.date is not None
        merged[row.date] = _over(merged.get(row.date, {}), master_of(row))
    before, after = _latest(told), _latest(merged)
    for name in dict.fromkeys(name for row in fresh for name in _flat(master_of(row))):
        day, value = after[name]
        if before.get(name) == after[name]:
            continue
        live = _live_value(project, name, stored)
        if live == value and name != "programme":
            continue
        if day < newest and live not in (None, "", before.get(name, (None, None))[1]):
            continue
        if name == "external_key" and register.external.get(normal_key(str(value)), project.pk) != project.pk:
            continue
        if name.startswith("gate:"):
            change.gates[name.removeprefix("gate:")] = value
        else:
            change.master[name] = value
            change.before[name] = live
    _attributes(change, project, newest, stored.attributes[project.pk], fresh)


def _attributes(change: Change, project: Project, newest: dt.date, told: Told, fresh: list[Row]) -> None:
    """Further attributes of the project: of each the newest edition that has it. ``told``: those of all editions, where an
    older one comes in."""
    attributes = dict(project.attributes)
    for row in fresh:
        assert row.date is not None
        for name, value in row.attributes.items():
            if row.date >= newest or not any(day > row.date and name in told[day] for day in told):
                attributes[name] = value
    if attributes != project.attributes:
        change.master["attributes"] = attributes
        change.before["attributes"] = project.attributes


def _over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**old, **new}
    if "gates" in old and "gates" in new:
        merged["gates"] = {**old["gates"], **new["gates"]}
    return merged


def _flat(master: Mapping[str, Any]) -> dict[str, Any]:
    """Gates as fields of their own: ``gate:G2``."""
    found = {name: value for name, value in master.items() if name != "gates"}
    return found | {f"gate:{code}": day for code, day in master.get("gates", {}).items()}


def _latest(told: Told) -> dict[str, tuple[dt.date, Any]]:
    """Field → the newest date that says something about it, and what."""
    found: dict[str, tuple[dt.date, Any]] = {}
    for day in sorted(told):
        found |= {name: (day, value) for name, value in _flat(told[day]).items()}
    return found


def _live_value(project: Project, name: str, stored: _Stored) -> Any:
    if name.startswith("gate:"):
        return stored.gates.get((project.pk, name.removeprefix("gate:")))
    if name == "programme":
        return None
    return jsonable(getattr(project, name))
