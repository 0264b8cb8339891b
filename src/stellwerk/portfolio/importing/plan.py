"""What an import would do, worked out without writing anything."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.tabular.notes import Note, note, shorten
from stellwerk.core.text import quoted
from stellwerk.portfolio.importing.changes import Change, changes_of
from stellwerk.portfolio.importing.mapping import Mapped, map_columns, stored_wishes
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
    plan.warnings = list(_warnings(plan, portfolio, today))
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


# ── what is worth a word ─────────────────────────────────────────────────────────────────────────


def _warnings(plan: Plan, portfolio: Portfolio | None, today: dt.date) -> Iterator[Note]:
    yield from plan.source.notes
    if any(day > today for day in plan.dates):
        yield note("future", _("The data date lies in the future."))
    if plan.mapped.unknown:
        yield note(
            "unknown_headings",
            _("The mapping names columns that this file does not have: %(names)s."),
            {"names": ", ".join(plan.mapped.unknown[:8])},
        )
    if plan.records.unknown_lights:
        words = quoted(word for word, _count in plan.records.unknown_lights.most_common(6))
        yield note(
            "unknown_lights",
            _("These values are no traffic light: %(words)s. Say which light each means."),
            {"words": words},
        )
    if plan.records.unknown_phases:
        words = quoted(word for word, _count in plan.records.unknown_phases.most_common(6))
        yield note(
            "unknown_phases", _("These words are no phase of ours and were kept as text: %(words)s."), {"words": words}
        )
    if plan.source.table.skipped:
        yield note(
            "skipped_lines",
            _("%(count)s lines are no projects (totals, notes, repeated headings) and were left out."),
            {"count": len(plan.source.table.skipped)},
        )
    if plan.repeated:
        yield note(
            "repeated", _("%(count)s rows repeat another row word by word and count once."), {"count": plan.repeated}
        )
    yield from _several_rows(plan)
    yield from _sheets(plan.source)
    yield from _unit_told(plan)
    yield from _unit_doubt(plan, portfolio)


def _several_rows(plan: Plan) -> Iterator[Note]:
    """More rows were refused than taken because they name the same projects again."""
    refused = sum(1 for row in plan.records.rows if row.refused is not None and row.refused.reason.code == "duplicate")
    if refused * 2 > len(plan.records.rows):
        yield note(
            "several_rows",
            _("%(count)s rows name a project that other rows name too. If the file has several rows for each project (its years, phases or "
              "parts), import a list with one row for each, or choose the column that tells them apart as the project number."),
            {"count": formats.number(refused)},
        )  # fmt: skip


def _sheets(source: Source) -> Iterator[Note]:
    """The workbook has more than the sheet that was read."""
    others = [name for name in source.sheets if name != source.table.sheet]
    alike = [name for name in source.alike if name != source.table.sheet]
    if alike:
        yield note(
            "more_sheets",
            _(
                "Only sheet “%(sheet)s” was read. These have the same headings and were left out: %(names)s. Import each of them."
            ),
            {"sheet": source.table.sheet, "names": quoted(alike[:8])},
        )
    elif others:
        yield note(
            "one_sheet", _("Sheet “%(sheet)s” was read, these were not: %(names)s."),
            {"sheet": source.table.sheet, "names": quoted(others[:8])},
        )  # fmt: skip


def _unit_told(plan: Plan) -> Iterator[Note]:
    told = [u for u in plan.mapped.uses if u.field and u.field.target == "money" and u.profile.unit_from == "title"]
    if told and not plan.options.factor:
        yield note(
            "unit_told", _("Amounts were multiplied by %(factor)s, as a line above the table says: “%(line)s”."),
            {"factor": formats.number(plan.source.told_unit.factor or 1), "line": shorten(plan.source.told_words, 80)},
        )  # fmt: skip


def _unit_doubt(plan: Plan, portfolio: Portfolio | None) -> Iterator[Note]:
    """Amounts without a unit that are a thousandth or a millionth of what the portfolio holds already."""
    bare = [u for u in plan.mapped.uses if u.field and u.field.target == "money" and not u.profile.unit_from]
    mine = _middle([amount for row in plan.records.rows for amount in [row.master.get("budget")] if amount])
    if not bare or plan.options.factor or not mine:
        return
    ours = (
        _middle(
            [
                amount or 0
                for amount in Project.objects.filter(portfolio=portfolio, budget__gt=0).values_list(
                    "budget", flat=True
                )[:2000]
            ]
        )
        if portfolio
        else 0
    )
    for factor, word in ((1_000_000, _("millions")), (1_000, _("thousands"))):
        if ours and factor / 5 <= ours / mine <= factor * 5:
            yield note(
                "unit",
                _(
                    "The amounts name no unit and are far smaller than those of the portfolio. If they are %(word)s, choose this unit."
                ),
                {"word": word},
            )
            return
    if not ours and mine < 100_000_00 and len(plan.records.rows) >= 10:
        yield note(
            "unit",
            _(
                "The amounts name no unit and are small for budgets of projects. If they are thousands or millions, choose the unit."
            ),
        )


def _middle(amounts: list[int]) -> int:
    return sorted(amounts)[len(amounts) // 2] if amounts else 0
