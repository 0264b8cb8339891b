"""What an import would do, worked out without writing anything."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.tabular.notes import Note, note
from stellwerk.portfolio.importing.changes import Change, changes_of
from stellwerk.portfolio.importing.mapping import Mapped, map_columns, stored_wishes
from stellwerk.portfolio.importing.noticed import noticed
from stellwerk.portfolio.importing.options import DEFAULTS, Options, Wishes
from stellwerk.portfolio.importing.recognition import Entry, Register, entries_of, recognise_entries
from stellwerk.portfolio.importing.records import Records, Rejection, Row, dates_of, read_records
from stellwerk.portfolio.importing.source import Source
from stellwerk.portfolio.models import Portfolio, Project, ProjectStatus

Tell = Callable[[int, int, Text], None]


@dataclass
class Plan:
    """The whole of it. ``fingerprint`` is the state of the portfolio that it was made from, ``digest`` what it says."""

    source: Source
    mapped: Mapped
    options: Options
    portfolio_key: str
    as_of: dt.date
    as_of_from: str
    records: Records
    new: list[Entry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    unsure: list[Entry] = field(default_factory=list)
    skipped: int = 0
    repeated: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    dates: list[dt.date] = field(default_factory=list)
    fingerprint: str = ""

    @property
    def statuses(self) -> int:
        return sum(len(entry.rows) for entry in self.new) + sum(len(change.statuses) for change in self.changes)

    @property
    def nothing_to_do(self) -> bool:
        return not self.new and not self.changes

    @property
    def digest(self) -> str:
        """Equal for plans that would write the same."""
        parts = [
            [entry.newest.hash for entry in self.new],
            [
                (
                    c.project,
                    sorted(c.master.items(), key=str),
                    sorted(c.gates.items()),
                    [s.row.hash for s in c.statuses],
                )
                for c in self.changes
            ],
        ]
        return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()

    def result(self) -> dict[str, Any]:
        """The counts and lists that the command prints as JSON."""
        return {
            "projects": len(self.records.rows),
            "created": len(self.new),
            "updated": len(self.changes),
            "unchanged": self.unchanged,
            "statuses": self.statuses,
            "unsure": [entry.unsure_json() for entry in self.unsure],
            "rejected": [rejection.as_json() for rejection in self.rejected],
        }


def fingerprint(portfolio: Portfolio | None) -> str:
    """Changes whenever a project, a status or a name of the portfolio changes: three counts, three newest marks."""
    if portfolio is None:
        return ""
    projects = Project.objects.filter(portfolio=portfolio).aggregate(
        n=Count("pk"), last=Max("updated_at"), top=Max("pk")
    )
    told = ProjectStatus.objects.filter(project__portfolio=portfolio).aggregate(n=Count("pk"), top=Max("pk"))
    return repr([*projects.values(), *told.values()])


def make_plan(
    source: Source, *, portfolio: Portfolio | None, portfolio_key: str, wishes: Wishes | None = None,
    options: Options = DEFAULTS, today: dt.date, tell: Tell | None = None, by: User | None = None,
) -> Plan:  # fmt: skip
    """Read the file against the portfolio as it is. Writes nothing. ``portfolio`` None: it would be created."""
    say = tell or (lambda done, total, text: None)
    stored = stored_wishes(source.table) or source.wishes
    if stored is not None and not (wishes and wishes.columns):
        options = options.over(stored.options)
    mapped = map_columns(source.table, wishes=wishes, stored=stored, options=options, told=source.told_unit)
    days = dates_of(source.table, mapped, options)
    as_of, origin = _as_of(source, options, days, today)
    mark = fingerprint(portfolio)
    say(0, 4, _("Reading the cells"))
    records = read_records(
        source.table, mapped, options, as_of=as_of, by_column=origin == "column",
        currency=portfolio.currency if portfolio is not None else "EUR",
    )  # fmt: skip
    source = replace(source, table=replace(source.table, rows=(), lines=()))  # the records hold what counts
    plan = Plan(source, mapped, options, portfolio_key, as_of, origin, records, fingerprint=mark)
    say(1, 4, _("Recognising the projects"))
    entries, repeated = entries_of(records.rows)
    plan.repeated = len(repeated)
    register = Register(portfolio, by)
    recognise_entries(entries, register, options)
    say(2, 4, _("Comparing with what is there"))
    _sort(plan, entries, register)
    for change in changes_of(entries, register):
        if change.empty:
            plan.unchanged += 1
        else:
            plan.changes.append(change)
    plan.rejected = _rejections(records.rows)
    plan.dates = sorted({row.date for row in records.rows if row.refused is None and row.date})
    plan.warnings = list(noticed(plan, portfolio, today))
    say(4, 4, _("Preview is ready"))
    return plan


def _as_of(source: Source, options: Options, days: Sequence[dt.date], today: dt.date) -> tuple[dt.date, str]:
    """The data date and where it comes from: given, a column, a line above the table, the name of the file or sheet, else
    today."""
    if options.as_of is not None:
        return options.as_of, "given"
    if days:
        return days[-1], "column"
    if source.told_day is not None:
        return source.told_day, "title"
    if source.named_day is not None:
        return source.named_day, "name"
    return today, "today"


def _sort(plan: Plan, entries: Iterable[Entry], register: Register) -> None:
    for entry in entries:
        if entry.outcome == "create":
            plan.new.append(entry)
        elif entry.outcome == "unsure":
            plan.unsure.append(entry)
        elif entry.outcome == "skipped":
            plan.skipped += 1
        elif entry.project is not None and (reason := _forbidden(entry.project, register)):
            for row in entry.rows:
                row.refused = Rejection(row.number, "", row.name, reason)
            entry.outcome = "skipped"


def _forbidden(project: int, register: Register) -> Note | None:
    ours = register.projects[project]
    if project in register.closed:
        return note("not_yours", _("there is a project of this name or key that you may not change"))
    return (
        note("archived", _("the project %(key)s is archived; restore it first"), {"key": ours.key})
        if ours.archived
        else None
    )


def _rejections(rows: Iterable[Row]) -> list[Rejection]:
    found: list[Rejection] = []
    for row in rows:
        if row.refused is not None:
            found.append(row.refused)
        found += row.remarks
    return sorted(found, key=lambda one: (one.row, one.column))
