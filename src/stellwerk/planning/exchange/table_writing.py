"""A plan written as a table: CSV and a workbook for Excel."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from stellwerk.planning.exchange.collecting import plain
from stellwerk.planning.exchange.document import Document, Duration, Link, ProjectInfo, Task
from stellwerk.planning.exchange.table_columns import COLUMNS, CONSTRAINT_NAMES

CREATED: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001  (the same bytes for the same document)

MOST_CHARACTERS: Final = 32_767


def write_csv(document: Document) -> bytes:
    """UTF-8 with a mark, commas and points; cells that a spreadsheet could take for a formula are guarded."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([column.heading for column in COLUMNS])
    for row in _rows(document):
        writer.writerow([_csv_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8", "replace")


def write_xlsx(document: Document) -> bytes:
    """A workbook with one sheet; numbers and dates are real, texts are never formulas."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": document.project.name[:250], "created": CREATED})
    page = book.add_worksheet("Plan")
    bold, moment = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    indents = [book.add_format({"indent": level, "bold": False}) for level in range(16)]
    for place, column in enumerate(COLUMNS):
        page.write_string(0, place, column.heading, bold)
        page.set_column(place, place, {"name": 50, "notes": 40, "start": 16, "finish": 16}.get(column.attribute, 12))
    name = [column.attribute for column in COLUMNS].index("name")
    for line, (task, row) in enumerate(zip(_shown(document), _rows(document), strict=True), start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, dt.datetime):
                page.write_datetime(line, place, cell, moment)
            elif isinstance(cell, bool):
                page.write_boolean(line, place, cell)
            elif isinstance(cell, (int, Decimal)):
                page.write_number(line, place, float(cell))
            elif cell:
                style = indents[min(max(task.level - 1, 0), 15)] if place == name else None
                page.write_string(line, place, _legal(cell)[:MOST_CHARACTERS], style)
    page.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def lost_in_table(document: Document) -> tuple[str, ...]:
    """The names of what the document has and a table of tasks cannot hold."""
    found = (
        ("calendars", len(document.calendars) > 1 or any(one.exceptions for one in document.calendars)),
        ("baselines", any(task.baselines for task in document.tasks)),
        ("custom fields", bool(document.fields)),
        ("activity codes", bool(document.code_types)),
        ("assignments in detail", any(one.work is not None for one in document.assignments)),
        ("second constraints", any(task.constraint2 is not None for task in document.tasks)),
        ("blank rows", any(task.blank for task in document.tasks)),
    )
    return tuple(name for name, there in found if there)


def _shown(document: Document) -> list[Task]:
    return [task for task in document.tasks if not task.blank]


def _rows(document: Document) -> Iterator[list[Any]]:
    predecessors: dict[int, list[str]] = {}
    for link in document.links:
        predecessors.setdefault(link.successor, []).append(link_text(link, document.project))
    names = {one.uid: one.name.replace(";", ",") for one in document.resources}
    people: dict[int, list[str]] = {}
    for one in document.assignments:
        name = names.get(one.resource, "") if one.resource is not None else ""
        if name:
            share = "" if one.units in {None, Decimal(1)} else f" [{_percent(one.units)}]"
            people.setdefault(one.task, []).append(name + share)
    for task in _shown(document):
        values = {
            "kind": _kind(task, document),
            "duration": _days(task.duration, document.project),
            "predecessors": "; ".join(predecessors.get(task.uid, ())),
            "resources": "; ".join(people.get(task.uid, ())),
            "constraint": "" if task.constraint == "asap" else CONSTRAINT_NAMES[task.constraint],
        }
        yield [
            values[column.attribute] if column.attribute in values else getattr(task, column.attribute)
            for column in COLUMNS
        ]


def _percent(units: Decimal | None) -> str:
    return f"{plain((units or Decimal(0)) * 100)}%"


def _kind(task: Task, document: Document) -> str:
    if task.uid in document.summaries:
        return "summary"
    return "start milestone" if task.kind == "start_milestone" else "milestone" if task.milestone else "activity"


def _days(duration: Duration | None, project: ProjectInfo) -> Any:
    """Working days as a number; elapsed time as text."""
    if duration is None:
        return None
    per_day = 1440 if duration.elapsed else project.minutes_per_day
    days = plain((Decimal(duration.minutes) / per_day).quantize(Decimal("0.000001")))
    return f"{days}ed" if duration.elapsed else days


def link_text(link: Link, project: ProjectInfo) -> str:
    """``12FS+2d``: as Microsoft Project writes a predecessor."""
    kind = "" if link.type == "FS" and not link.lag.minutes and link.lag.percent is None else link.type
    amount = link.lag.percent if link.lag.percent is not None else Decimal(link.lag.minutes)
    if not amount:
        return f"{link.predecessor}{kind}"
    sign = "-" if amount < 0 else "+"
    if link.lag.percent is not None:
        return f"{link.predecessor}{kind}{sign}{abs(plain(amount))}{'e' if link.lag.elapsed else ''}%"
    per_day = 1440 if link.lag.elapsed else project.minutes_per_day
    days = abs(amount) / per_day
    even = days == days.quantize(Decimal("0.01"))
    shown = (
        f"{plain(days)}{'e' if link.lag.elapsed else ''}d"
        if even
        else f"{abs(amount)}{'e' if link.lag.elapsed else ''}m"
    )
    return f"{link.predecessor}{kind}{sign}{shown}"


def _csv_cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (int, Decimal)):
        return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
    text = _legal(str(cell))
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "'")) else text


def _legal(text: str) -> str:
    return "".join(char for char in text if char >= " " or char in "\n\t")
