"""Hours from a table (CSV, Excel): read, tried out, then written; every line that cannot be taken says why.

A line names person (key or e-mail), day, project (key), hours, and may name activity (number or ID), comment and capitalisable. Cells
of the same person, day, project and activity are added up and replace what the sheet says.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.states import advance
from stellwerk.core.tabular import (
    FieldSpec,
    Table,
    UnusableFile,
    best_table,
    cell_text,
    column_reader,
    profile_columns,
    read,
    suggest,
)
from stellwerk.people.models import Person
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.selectors.timesheets import lines_of, sheet_of
from stellwerk.resources.services.timesheets import WeekLine, save_week
from stellwerk.resources.weeks import monday
from stellwerk.resources.worktime import parse_minutes

MOST_ROWS = 5000
FIELDS = (
    FieldSpec("person", "text", ("Person", "Mitarbeiter", "Name", "E-Mail", "Personalnummer", "Employee"), (r"person", r"mitarbeit", r"mail"), required=True),
    FieldSpec("day", "date", ("Tag", "Datum", "Day", "Date"), (r"^tag$", r"datum", r"date"), required=True),
    FieldSpec("project", "text", ("Projekt", "Project", "Projektschlüssel"), (r"proje[ck]t",), required=True),
    FieldSpec("activity", "text", ("Vorgang", "Activity", "Tätigkeit"), (r"vorgang", r"activity", r"tatigkeit")),
    FieldSpec("hours", "text", ("Stunden", "Hours", "Dauer", "Zeit"), (r"stunde", r"hour", r"dauer"), required=True),
    FieldSpec("comment", "text", ("Bemerkung", "Kommentar", "Comment"), (r"kommentar", r"comment", r"bemerkung")),
    FieldSpec("capitalisable", "text", ("Aktivierbar", "Capitalisable"), (r"aktivierbar", r"capital")),
)  # fmt: skip
YES = {"ja", "yes", "x", "1", "true", "wahr", "j", "y"}


@dataclass
class Row:
    """A line of the file; ``line``: its number there. Texts as they stand, the day as ISO where it could be read."""

    line: int
    person: str = ""
    day: str = ""
    project: str = ""
    activity: str = ""
    hours: str = ""
    comment: str = ""
    capitalisable: str = ""
    errors: list[str] = field(default_factory=list)

    def stored(self) -> list[Any]:
        return [
            self.line,
            self.person,
            self.day,
            self.project,
            self.activity,
            self.hours,
            self.comment,
            self.capitalisable,
        ]


@dataclass
class Imported:
    """What an import did or would do. ``rows`` carry their errors; ``sheets`` were written, with their minutes."""

    rows: list[Row]
    sheets: int = 0
    minutes: int = 0
    submitted: int = 0

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if row.errors]


def read_rows(stream: IO[bytes], name: str) -> list[Row]:
    """The lines of a file. Error: ``Invalid`` at ``file`` (not a table, columns missing, too many lines)."""
    try:
        table = best_table(read(stream, name=name))
    except UnusableFile as error:
        raise Invalid({"file": [f"{error.message} {error.what_to_do}"]}) from error
    if len(table.rows) > MOST_ROWS:
        raise Invalid({"file": [_("At most %(count)s lines at once, please.") % {"count": MOST_ROWS}]})
    profiles = profile_columns(table)
    columns = {one.field: one.column for one in suggest(table, FIELDS, profiles=profiles)}
    for spec in FIELDS:
        # Hours stand as numbers or as times: the heading decides where the content does not.
        names = {label.casefold() for label in spec.labels}
        for column in table.columns:
            if spec.code not in columns and column.index not in columns.values() and column.base.casefold() in names:
                columns[spec.code] = column.index
    absent = [spec.labels[0] for spec in FIELDS if spec.required and spec.code not in columns]
    if absent:
        raise Invalid(
            {"file": [_("These columns are missing: %(names)s. Needed are Person, Datum, Projekt and Stunden (or Person, Date, Project and Hours).") % {"names": ", ".join(absent)}]}
        )  # fmt: skip
    day_of = column_reader("date", profiles[columns["day"]])
    return [_row(table, at, columns, day_of) for at in range(len(table.rows))]


def _row(table: Table, at: int, columns: Mapping[str, int], day_of: Any) -> Row:
    found = Row(line=table.lines[at] + 1)
    for code, column in columns.items():
        cell = table.rows[at][column]
        if code == "day":
            parsed = day_of(cell)
            value = parsed.value if parsed.kind == "ok" else None
            found.day = value.isoformat()[:10] if isinstance(value, dt.date) else cell_text(cell)[:40]
        elif code == "hours":
            found.hours = _hours_text(cell)
        else:
            setattr(found, code, cell_text(cell).replace("\x00", "").strip()[:500])
    return found


def _hours_text(cell: Any) -> str:
    """Numbers of a workbook are hours; times of day (Excel keeps 7:30 as a time) are hours and minutes."""
    if isinstance(cell, dt.time):
        return f"{cell.hour}:{cell.minute:02d}"
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float | Decimal):
        return str(round(Decimal(str(cell)), 4))
    return cell_text(cell).strip()[:20]


def rows_from(stored: Iterable[Sequence[Any]]) -> list[Row]:
    """Lines as :meth:`Row.stored` wrote them."""
    return [Row(*values) for values in stored]


def try_out(*, rows: list[Row], by: User | None) -> Imported:
    """What would be written, with the errors of each line; nothing is. Error: ``NotAllowed``."""
    with transaction.atomic():
        found = _import(rows, by)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def import_rows(*, rows: list[Row], by: User | None) -> Imported:
    """Write all lines without errors. Weeks of people without an account are submitted, others wait for the person.

    Error: ``NotAllowed``.
    """
    return _import(rows, by)


def _import(rows: list[Row], by: User | None) -> Imported:
    require(by, "import", "resources.timesheet")
    found = Imported(rows)
    groups: dict[tuple[int, dt.date], list[tuple[Row, dt.date, int, Project, Activity | None]]] = defaultdict(list)
    people, projects, activities = _known(rows)
    who: dict[int, Person] = {}
    for row in rows:
        row.errors = []
        person, project = people.get(row.person.casefold()), projects.get(row.project.casefold())
        minutes, day = parse_minutes(row.hours), _day(row.day)
        if person is None:
            row.errors.append(_("Nobody is called “%(name)s”: give the key or the e-mail.") % {"name": row.person})
        if project is None:
            row.errors.append(_("There is no project “%(key)s”.") % {"key": row.project})
        if day is None:
            row.errors.append(_("“%(text)s” is no day.") % {"text": row.day})
        if not minutes:
            row.errors.append(
                _("“%(text)s” cannot be read as hours. Type 7,5 or 7:30, for example.") % {"text": row.hours}
            )
        activity = (
            activities.get((project.pk, row.activity.casefold())) if project is not None and row.activity else None
        )
        if project is not None and row.activity and activity is None:
            row.errors.append(
                _("%(project)s has no activity “%(name)s”.") % {"project": project.key, "name": row.activity}
            )
        if row.errors or person is None or project is None or day is None or not minutes:
            continue
        who[person.pk] = person
        groups[person.pk, monday(day)].append((row, day, minutes, project, activity))
    for (number, week), members in sorted(groups.items()):
        _sheet(who[number], week, members, by, found)
    return found


def _known(rows: list[Row]) -> tuple[dict[str, Person], dict[str, Project], dict[tuple[int, str], Activity]]:
    """People by key and e-mail, projects by key, activities by number, ID and name within their project."""
    people: dict[str, Person] = {}
    for person in Person.objects.filter(archived_at=None).select_related("unit__organisation", "user"):
        people[person.key.casefold()] = person
        if person.email:
            people[person.email.casefold()] = person
    keys = {row.project.casefold() for row in rows}
    projects = {one.key.casefold(): one for one in Project.objects.all() if one.key.casefold() in keys}
    activities: dict[tuple[int, str], Activity] = {}
    if any(row.activity for row in rows):
        plans = Activity.objects.filter(plan__project__in=projects.values(), summary=False).select_related("plan")
        for activity in plans:
            for name in (activity.name, activity.code, activity.wbs, str(activity.uid)):
                if name:
                    activities[activity.plan.project_id, name.casefold()] = activity
    return people, projects, activities


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _sheet(
    person: Person, week: dt.date, members: list[tuple[Row, dt.date, int, Project, Activity | None]], by: User | None, found: Imported
) -> None:  # fmt: skip
    """One week of one person: all of its lines or none."""
    sheet = sheet_of(person, week)
    lines = {
        line.key: WeekLine(line.project, line.activity, list(line.minutes), list(line.comments), line.capitalisable)
        for line in lines_of(sheet)
    }
    order = list(lines)
    fresh: set[tuple[Any, int]] = set()
    for row, day, minutes, project, activity in members:
        key = (project.pk, activity.pk if activity else None)
        if key not in lines:
            lines[key] = WeekLine(project, activity, [0] * 7, [""] * 7)
            order.append(key)
        line, at = lines[key], (day - week).days
        assert isinstance(line.minutes, list) and isinstance(line.comments, list)
        line.minutes[at] = minutes + (line.minutes[at] if (key, at) in fresh else 0)
        fresh.add((key, at))
        line.comments[at] = row.comment or line.comments[at]
        line.capitalisable = line.capitalisable or row.capitalisable.casefold() in YES
    try:
        with transaction.atomic():
            saved = save_week(person=person, week=week, lines=[lines[key] for key in order], by=by, verb="import")
            if person.user_id is None:
                advance(saved, "submit", by=None)
                found.submitted += 1
    except Invalid as refusal:
        _blame(refusal, order, week, members)
    except (NotAllowed, Refused) as refusal:
        for row, *_rest in members:
            row.errors.append(str(refusal.message))
    else:
        found.sheets += 1
        found.minutes += sum(minutes for _row, _day, minutes, _project, _activity in members)


def _blame(
    refusal: Invalid, order: list[Any], week: dt.date, members: list[tuple[Row, dt.date, int, Project, Activity | None]]
) -> None:
    """Each error at the lines that it speaks of; the other lines of the week say that they wait for them."""
    for row, day, _minutes, project, activity in members:
        number, at = order.index((project.pk, activity.pk if activity else None)), (day - week).days
        for name in (f"line-{number}", f"line-{number}-day-{at}", f"day-{at}", "__all__"):
            row.errors.extend(refusal.errors.get(name, []))
    for row, *_rest in members:
        if not row.errors:
            row.errors.append(_("Another line of the same week cannot be taken."))
