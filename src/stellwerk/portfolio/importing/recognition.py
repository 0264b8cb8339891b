"""Which projects of ours the rows of a file mean: by key, else by name; a person decides where that is not sure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.permissions import visible_rows
from stellwerk.core.tabular import Band, Incoming, Known, recognise
from stellwerk.core.tabular.matching import normal_key, normal_name
from stellwerk.core.tabular.notes import Note, note
from stellwerk.portfolio.importing.options import Options
from stellwerk.portfolio.importing.records import Rejection, Row
from stellwerk.portfolio.models import Portfolio, Project, ProjectAlias, ProjectStatus

Outcome = Literal["create", "known", "unsure", "skipped"]
MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Ours:
    """A project that exists already."""

    pk: int
    key: str
    name: str
    external_key: str
    archived: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project that may be meant; ``score`` from 0 to 100."""

    project: Ours
    score: float

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.project.key,
            "name": self.project.name,
            "external_key": self.project.external_key,
            "score": self.score,
        }


@dataclass(slots=True)
class Entry:
    """One project of the file with its rows, oldest first (a file may hold several dates of one project)."""

    rows: list[Row]
    outcome: Outcome = "create"
    project: int | None = None
    candidates: list[Candidate] = field(default_factory=list)
    why: Note | None = None

    @property
    def newest(self) -> Row:
        return self.rows[-1]

    @property
    def keys(self) -> list[str]:
        return list(dict.fromkeys(normal_key(row.key) for row in reversed(self.rows) if row.key))

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(normal_name(row.name) for row in reversed(self.rows)))

    def unsure_json(self) -> dict[str, Any]:
        row = self.newest
        return {
            "row": row.number, "key": row.key, "name": row.name, "why": str(self.why or ""),
            "candidates": [candidate.as_json() for candidate in self.candidates],
        }  # fmt: skip


# ── within the file ──────────────────────────────────────────────────────────────────────────────


def entries_of(rows: Iterable[Row]) -> tuple[list[Entry], list[Row]]:
    """Rows gathered by project, in the order of the file, and the rows that only repeat another one.

    Rows that name the same project at the same date but say different things are refused, all of them.
    """
    groups: dict[str, list[Row]] = {}
    keyed: dict[str, set[str]] = defaultdict(set)
    usable = [row for row in rows if row.refused is None]
    for row in usable:
        if row.key:
            keyed[normal_name(row.name)].add(normal_key(row.key))
    for row in usable:
        name = normal_name(row.name)
        alone = keyed.get(name, ())
        key = normal_key(row.key) if row.key else next(iter(alone)) if len(alone) == 1 else ""
        groups.setdefault(f"k{key}" if key else f"n{name or row.name}", []).append(row)
    repeated: list[Row] = []
    entries = []
    for group in groups.values():
        kept = group if len(group) == 1 else _one_per_date(group, repeated)
        if kept:
            entries.append(Entry(sorted(kept, key=lambda row: row.date or dt.date.min)))
    return entries, repeated


def _one_per_date(group: list[Row], repeated: list[Row]) -> list[Row]:
    by_date: dict[dt.date | None, list[Row]] = defaultdict(list)
    for row in group:
        by_date[row.date].append(row)
    kept = []
    for rows in by_date.values():
        if len({row.hash for row in rows}) == 1:
            kept.append(rows[0])
            repeated += rows[1:]
            continue
        numbers = ", ".join(str(row.number) for row in rows[:6]) + (" …" if len(rows) > 6 else "")
        for row in rows:
            row.refused = Rejection(row.number, "", row.key or row.name, note(
                "duplicate", _("rows %(rows)s name the same project with different contents; none of them was taken"), {"rows": numbers},
            ))  # fmt: skip
    return kept


# ── against what we have ─────────────────────────────────────────────────────────────────────────


class Register:
    """The projects of a portfolio under all keys and names that they ever had."""

    def __init__(self, portfolio: Portfolio | None, by: User | None = None) -> None:
        self.projects: dict[int, Ours] = {}
        self.by_key: dict[str, set[int]] = defaultdict(set)
        self.by_name: dict[str, set[int]] = defaultdict(set)
        self.keys_of: dict[int, set[str]] = defaultdict(set)
        self.names_of: dict[int, set[str]] = defaultdict(set)
        self.external: dict[str, int] = {}
        self.closed: set[int] = set()
        """Projects that the user may not change (strictly confidential ones): matched, but never touched nor named."""
        if portfolio is not None and by is not None:
            mine = visible_rows(by, Project.objects.filter(portfolio=portfolio), "import").values("pk")
            self.closed = set(
                Project.objects.filter(portfolio=portfolio).exclude(pk__in=mine).values_list("pk", flat=True)
            )
        if portfolio is not None:
            self._load(portfolio)

    def _load(self, portfolio: Portfolio) -> None:
        rows = Project.objects.filter(portfolio=portfolio).values_list(
            "pk", "key", "name", "external_key", "archived_at"
        )
        for pk, key, name, external, archived in rows.iterator(chunk_size=5000):
            self.projects[pk] = Ours(pk, key, name, external, archived is not None)
            self._name(pk, name)
            if external:
                self.external[normal_key(external)] = pk
                self._key(pk, external)
        for pk, ours in self.projects.items():
            if normal_key(ours.key) not in self.external:  # a file written by Stellwerk itself
                self.by_key[normal_key(ours.key)].add(pk)
        for pk, name in (
            ProjectAlias.objects.filter(portfolio=portfolio).values_list("project_id", "normalised").iterator()
        ):
            self._name(pk, name)
        told = _told(portfolio)
        for pk, told_name, told_key in told.iterator(chunk_size=5000):
            if told_name:
                self._name(pk, told_name)
            if told_key and normal_key(told_key) not in self.external:
                self._key(pk, told_key)

    def _key(self, pk: int, key: str) -> None:
        self.by_key[normal_key(key)].add(pk)
        self.keys_of[pk].add(normal_key(key))

    def _name(self, pk: int, name: str) -> None:
        plain = normal_name(name)
        if plain:
            self.by_name[plain].add(pk)
            self.names_of[pk].add(plain)


def _told(portfolio: Portfolio) -> QuerySet[ProjectStatus, tuple[int, str | None, str | None]]:
    """Names and keys by which imported editions called the projects."""
    rows = ProjectStatus.objects.filter(project__portfolio=portfolio).exclude(master={})
    named = rows.annotate(
        told_name=KeyTextTransform("name", "master"), told_key=KeyTextTransform("external_key", "master")
    )
    return named.values_list("project_id", "told_name", "told_key").distinct()


def recognise_entries(entries: list[Entry], register: Register, options: Options) -> None:
    """Decide for every entry: which project, a new one, or a question. Changes the entries."""
    if not register.projects:
        return
    claimed: set[int] = set()
    open_entries = [entry for entry in entries if not _by_key(entry, register, claimed)]
    in_file: dict[str, int] = defaultdict(int)
    for entry in open_entries:
        for name in entry.names:
            in_file[name] += 1
    open_entries = [entry for entry in open_entries if not _by_name(entry, register, claimed, in_file)]
    _by_likeness(open_entries, register, claimed)
    _answers(entries, register, options, claimed)


def _known(entry: Entry, pk: int, claimed: set[int], why: Note) -> bool:
    claimed.add(pk)
    entry.outcome, entry.project, entry.why = "known", pk, why
    return True


def _by_key(entry: Entry, register: Register, claimed: set[int]) -> bool:
    for key in entry.keys:
        hits = register.by_key.get(key, set()) - claimed
        if len(hits) == 1:
            return _known(entry, next(iter(hits)), claimed, note("by_key", _("the same key")))
    return False


def _keys_differ(entry: Entry, pk: int, register: Register) -> bool:
    """Both have keys, and none in common."""
    mine, theirs = set(entry.keys), register.keys_of.get(pk, set())
    return bool(mine) and bool(theirs) and not mine & theirs


def _by_name(entry: Entry, register: Register, claimed: set[int], in_file: Mapping[str, int]) -> bool:
    hits: set[int] = set()
    for name in entry.names:
        hits |= register.by_name.get(name, set())
    hits -= claimed
    if not hits:
        return False
    alone = all(in_file[name] == 1 for name in entry.names)
    if len(hits) == 1 and alone and not _keys_differ(entry, next(iter(hits)), register):
        return _known(entry, next(iter(hits)), claimed, note("by_name", _("the same name")))
    entry.outcome = "unsure"
    entry.why = note("several", _("several projects have this name, or their keys differ"))
    entry.candidates = [
        Candidate(register.projects[pk], 100.0) for pk in sorted(hits - register.closed)[:MOST_CANDIDATES]
    ]
    return True


def _by_likeness(entries: list[Entry], register: Register, claimed: set[int]) -> None:
    open_names = [
        Known(pk, name)
        for pk in register.projects
        if pk not in claimed and pk not in register.closed
        for name in sorted({register.projects[pk].name, *register.names_of[pk]})
    ]
    if not entries or not open_names:
        return
    answers = recognise([Incoming(i, entry.newest.name) for i, entry in enumerate(entries)], open_names, Band())
    for entry, answer in zip(entries, answers.records, strict=True):
        best: dict[int, float] = {}
        for one in answer.candidates:
            if not _keys_differ(entry, one.ref, register):
                best[one.ref] = max(one.score, best.get(one.ref, 0.0))
        if answer.outcome == "match" and answer.ref is not None:
            best = {answer.ref: 100.0}
        if best:
            entry.outcome, entry.why = "unsure", note("alike", _("the names are alike but not the same"))
            entry.candidates = [
                Candidate(register.projects[pk], score) for pk, score in sorted(best.items(), key=lambda item: -item[1])
            ]


def _answers(entries: list[Entry], register: Register, options: Options, claimed: set[int]) -> None:
    """What the user said about the unsure ones; one project of ours is never given to two rows."""
    by_key = {ours.key: pk for pk, ours in register.projects.items()}
    for entry in entries:
        if entry.outcome != "unsure":
            continue
        answer = options.answers.get(str(entry.newest.number)) or ("" if options.unsure == "ask" else options.unsure)
        if answer == "new":
            entry.outcome = "create"
        elif answer == "skip":
            entry.outcome = "skipped"
        elif answer in by_key and by_key[answer] not in claimed:
            _known(entry, by_key[answer], claimed, note("answered", _("as you answered")))
