"""What every part of an XER file is written with: tables, cells, and the numbers that rows have in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from stellwerk.planning.exchange import xer_fields as codes
from stellwerk.planning.exchange.document import Document, Duration, Task
from stellwerk.planning.exchange.kept import Kept
from stellwerk.planning.exchange.xer_tables import NEWLINE

Cells = dict[str, str]
FALLBACK_DAY = dt.datetime(2000, 1, 1)  # noqa: DTZ001  (a file without any date still needs one)


class Tables:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.own = document.format == "xer"
        self.proj_id = kept_of(document.project.kept).get("proj_id", "1") if self.own else "1"
        self.tables: dict[str, list[Cells]] = {}
        self.task_ids: dict[int, str] = {}
        self.wbs_ids: dict[int, str] = {}
        self.resource_ids: dict[int, str] = {}
        self.role_ids: dict[int, str] = {}
        self.assignment_ids: dict[int, str] = {}
        self.root = ""

    def _tables(self) -> Iterator[str]:
        raw = {one.name: one for one in self.document.tables if one.name not in codes.MODELLED}
        names = [name for name in codes.TABLE_ORDER if name in self.tables or name in raw]
        names += [name for name in (*self.tables, *raw) if name not in names]
        for name in names:
            if name in self.tables:
                columns = list(codes.COLUMNS[name])
                columns += [
                    one for one in dict.fromkeys(key for row in self.tables[name] for key in row) if one not in columns
                ]
                rows: Iterable[Iterable[str]] = ([row.get(one, "") for one in columns] for row in self.tables[name])
            else:
                columns, rows = list(raw[name].columns), raw[name].rows
            yield f"%T\t{cell(name)}"
            yield "\t".join(("%F", *map(cell, columns)))
            for row in rows:
                yield "\t".join(("%R", *map(cell, row)))

    def _add(self, table: str, cells: Mapping[str, str | None], kept: Iterable[Kept] = ()) -> Cells:
        row = kept_of(kept) if self.own else {}
        row = {name: value for name, value in row.items() if ":" not in name}
        row |= {name: value for name, value in cells.items() if value is not None}
        self.tables.setdefault(table, []).append(row)
        return row


# --- values


def cell(text: str) -> str:
    """One cell: nothing that would begin another cell or line. Quotation marks are doubled, as Primavera does."""
    text = text.replace("\r\n", "\n").replace("\n", NEWLINE).replace("\r", NEWLINE).replace('"', '""')
    if not text.isprintable():
        text = "".join(char for char in text if char >= " " or char == "\t")
    return f'"{text}"' if "\t" in text else text


def whole(value: int | None) -> str:
    return "" if value is None else str(value)


def moment(value: dt.datetime | None) -> str:
    return "" if value is None else value.strftime("%Y-%m-%d %H:%M")


def amount(value: Decimal | None) -> str:
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_hours(minutes: int) -> str:
    return amount((Decimal(minutes) / 60).quantize(Decimal("0.0000000001")))


def kept_of(kept: Iterable[Kept]) -> Cells:
    return {one.name: one.value for one in kept}


def rest(told: Decimal | None, total: Decimal | None, actual: Decimal | None) -> Decimal | None:
    """What remains, where a file gives only the total and what is done."""
    if told is not None or total is None:
        return told
    return max(Decimal(0), total - (actual or Decimal(0)))


def with_actuals(task: Task) -> Task:
    """Progress as P6 tells it: by dates and what remains. Some tools give only a percentage."""
    percent = min(Decimal(100), task.percent_complete or Decimal(0))
    if percent <= 0 or task.start is None or task.actual_finish is not None:
        return task
    done = percent == 100
    remaining = task.remaining_duration
    total = task.planned_duration or task.duration
    if done:
        remaining = Duration(0)
    elif total is not None and (
        remaining is None or (task.actual_start is None and remaining.minutes >= total.minutes)
    ):
        remaining = Duration(int((total.minutes * (100 - percent) / 100).quantize(Decimal(1))))
    return replace(
        task,
        actual_start=task.actual_start or task.start,
        actual_finish=(task.finish or task.start) if done else None,
        remaining_duration=remaining,
    )


def split(row: Cells, columns: tuple[str, ...], value: Decimal | None) -> None:
    """Keep the parts that were told if they still give the sum; else the first part is all of it."""
    told = Decimal(0)
    for column in columns:
        try:
            told += Decimal(row.get(column) or "0")
        except ArithmeticError:
            told = Decimal("NaN")
    total = value or Decimal(0)
    if told.is_nan() or abs(told - total) > Decimal("0.000001") or not any(column in row for column in columns):
        row |= dict.fromkeys(columns, "0")
        row[columns[0]] = amount(total)
