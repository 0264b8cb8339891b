"""A plan read from a table, anybody's Excel: activities in rows, links as “12FS+2d” in one column.

What a table holds is in :data:`~stellwerk.planning.exchange.table_columns.COLUMNS`; headings of other tools and languages are recognised.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import IO, Any, Final

from stellwerk.core import tabular
from stellwerk.core.tabular import Cell, FieldSpec, Table, cell_text
from stellwerk.core.tabular.values import parse_boolean, parse_date, parse_number, parse_percent
from stellwerk.planning.exchange.check import check
from stellwerk.planning.exchange.collecting import Collector, hours, plain
from stellwerk.planning.exchange.document import (
    Assignment,
    Constraint,
    Document,
    Duration,
    Lag,
    Link,
    ProjectInfo,
    Resource,
    Task,
    Unit,
)
from stellwerk.planning.exchange.problems import refuse, shorten
from stellwerk.planning.exchange.table_columns import COLUMNS, CONSTRAINTS, LINK_TYPES, UNITS

_ABSENT = {"", "-", "–", "n/a", "nv", "na"}


_FIELDS: Final = tuple(
    FieldSpec(one.attribute, one.kind, (one.heading, *one.others), required=one.attribute == "name") for one in COLUMNS
)
_DATES: Final = {"constraint_date", "deadline", "actual_start", "actual_finish"}
_KIND_WORDS: Final = {
    "milestone": {
        "milestone",
        "meilenstein",
        "start milestone",
        "finish milestone",
        "startmeilenstein",
        "anfangsmeilenstein",
        "endmeilenstein",
    },
    "summary": {"summary", "sammelvorgang", "phase", "wbs", "wbs summary"},
}
_STARTS: Final = {"start milestone", "startmeilenstein", "anfangsmeilenstein"}
_LINK = re.compile(
    r"\s*(?P<task>[^;,+\s]*?)\s*(?P<type>FS|SS|FF|SF|EA|AA|EE|AE)?\s*(?:(?P<sign>[+\-−–])\s*(?P<lag>\d{1,7}(?:[.,]\d{1,4})?)"
    r"\s*(?P<elapsed>e|f)?(?P<unit>[a-zäöü]*|%)\.?)?\s*",
    re.IGNORECASE,
)
_DURATION = re.compile(r"\s*(-?\d{1,7}(?:[.,]\d{1,6})?)\s*(e|f)?([a-zäöü]*)\.?\s*(\?)?\s*", re.IGNORECASE)


def read_table(
    stream: IO[bytes], *, name: str = "", minutes_per_day: int = 480, strict: bool = True, summary_links: bool = False
) -> Document:
    """A table of activities in a CSV file or a workbook.

    Dates without a time begin at 8 and end at 17 o'clock; a day of duration has ``minutes_per_day``. Without numbers of
    their own, rows are numbered in order.

    Raises:
        ScheduleFileError: this is no table, has no column for names, or has errors and ``strict``.
    """
    try:
        file = tabular.read(stream, name=name)
        table = tabular.best_table(file, orientation="rows")
    except tabular.UnusableFile as problem:
        raise refuse("table", detail=str(problem)) from None
    reader = _TableReader(table, ProjectInfo(minutes_per_day=minutes_per_day, minutes_per_week=5 * minutes_per_day))
    return reader.document(strict=strict, summary_links=summary_links, encoding=file.encoding)


class _TableReader:
    def __init__(self, table: Table, project: ProjectInfo) -> None:
        self.table, self.project = table, project
        self.notes = Collector()
        self.columns = {one.field: one.column for one in tabular.suggest(table, _FIELDS)}
        exact = {column.heading.casefold(): column.attribute for column in COLUMNS}
        for column in table.columns:  # our own headings are certain
            attribute = exact.get(column.name.strip().casefold())
            if attribute is not None:
                self.columns = {key: place for key, place in self.columns.items() if place != column.index}
                self.columns[attribute] = column.index
        if "name" not in self.columns:
            raise refuse("no_column", what="names of activities", heading="Name")
        self.profiles = tabular.profile_columns(table)
        self.uids: dict[str, int] = {}
        self.resources: dict[str, Resource] = {}
        self.assignments: list[Assignment] = []

    def document(self, *, strict: bool, summary_links: bool, encoding: str) -> Document:
        told = ("name", "start", "finish", "duration")
        rows = [place for place in range(len(self.table.rows)) if any(self._text(place, one) for one in told)]
        self._number(rows)
        tasks = [self._task(place) for place in rows]
        links = [link for place in rows for link in self._links(place)]
        document = Document(
            project=self.project,
            tasks=tuple(tasks),
            links=tuple(links),
            resources=tuple(self.resources.values()),
            assignments=tuple(self.assignments),
            format="table",
            encoding=encoding,
        )
        document = replace(document, tasks=tuple(
            replace(task, summary=True, kind="wbs") if task.uid in document.summaries else task for task in tasks
        ))  # fmt: skip
        self.notes.at("", 0)
        return replace(
            document, warnings=self.notes.finish(check(document, summary_links=summary_links), strict=strict)
        )

    # --- cells

    def _cell(self, place: int, attribute: str) -> Cell:
        column = self.columns.get(attribute)
        return self.table.rows[place][column] if column is not None else None

    def _text(self, place: int, attribute: str) -> str:
        return unguarded(cell_text(self._cell(place, attribute)).strip())

    def _line(self, place: int) -> int:
        return self.table.lines[place] + 1

    def _number(self, rows: Sequence[int]) -> None:
        """The number of each row; links may also name the code or the WBS code."""
        self.numbers: dict[int, int] = {}
        told = [self._text(place, "uid") for place in rows]
        numbered = all(re.fullmatch(r"\d{1,15}", text) for text in told)
        if "uid" in self.columns and rows and not numbered:
            self.notes.warn(
                "skipped_row", detail="the numbers of the rows are not whole numbers; rows are counted instead"
            )
        for count, place in enumerate(rows, start=1):
            uid = int(told[count - 1]) if numbered else count
            self.numbers[place] = uid
            for attribute in ("wbs", "code", "uid"):
                text = self._text(place, attribute)
                if text:
                    self.uids[text.casefold()] = uid
        self.uids |= {str(uid): uid for uid in self.numbers.values()}

    def _parsed(self, place: int, attribute: str, parse: Callable[[Cell], Any]) -> Any:
        cell = self._cell(place, attribute)
        if cell is None or (isinstance(cell, str) and cell.strip().casefold() in _ABSENT):
            return None
        parsed = parse(cell)
        if parsed.kind == "unreadable":
            self.notes.bad(attribute, cell_text(cell))
        return parsed.value if parsed.kind == "ok" else None

    def _moment(self, place: int, attribute: str, minutes: int) -> dt.datetime | None:
        cell = self._cell(place, attribute)
        if isinstance(cell, dt.datetime):
            return self.notes.moment(cell.isoformat(sep=" ", timespec="seconds"), attribute)
        text = cell_text(cell)
        if isinstance(cell, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?", text):
            return self.notes.moment(text, attribute)
        column = self.columns.get(attribute)
        day_first = self.profiles[column].day_first if column is not None else None
        clock = (
            re.fullmatch(r"(?:[A-Za-z]{2,3}\.? )?(.+?),? (\d{1,2}):(\d{2})", text) if isinstance(cell, str) else None
        )
        if clock and int(clock[2]) < 24 and int(clock[3]) < 60:
            cell, minutes = clock[1], int(clock[2]) * 60 + int(clock[3])
        found = self._parsed_value(cell, attribute, day_first)
        if found is None:
            return None
        moment = dt.datetime(found.year, found.month, found.day) + dt.timedelta(minutes=minutes)  # noqa: DTZ001
        return self.notes.moment(moment.isoformat(sep=" "), attribute)

    def _parsed_value(self, cell: Cell, attribute: str, day_first: bool | None) -> dt.date | None:
        if cell is None or (isinstance(cell, str) and cell.strip().casefold() in _ABSENT):
            return None
        parsed = parse_date(cell, day_first=day_first)
        if parsed.kind == "unreadable":
            self.notes.bad(attribute, cell_text(cell))
        return parsed.value if parsed.kind == "ok" else None

    def _duration(self, place: int) -> Duration | None:
        text = cell_text(self._cell(place, "duration"))
        if text.casefold() in _ABSENT:
            return None
        found = _DURATION.fullmatch(text)
        unit = UNITS.get(found[3].lower()) if found else None
        if not found or unit is None:
            self.notes.bad("duration", text)
            return None
        heading = self.table.columns[self.columns["duration"]].name.casefold()
        if not found[3] and re.search(r"\((h|std|hours|stunden)\)", heading):
            unit = "h"
        elapsed = bool(found[2])
        amount = Decimal(found[1].replace(",", ".")) * self._factor(unit, elapsed)
        minutes = self.notes.minutes(amount, "duration", text)
        return None if minutes is None else Duration(minutes, elapsed=elapsed, unit=unit, estimated=bool(found[4]))

    def _factor(self, unit: Unit, elapsed: bool) -> int:
        day = 1440 if elapsed else self.project.minutes_per_day
        week = 7 * 1440 if elapsed else self.project.minutes_per_week
        month = 30 * 1440 if elapsed else day * self.project.days_per_month
        return {"m": 1, "h": 60, "d": day, "w": week, "mo": month, "y": 12 * month}[unit]

    # --- rows

    def _task(self, place: int) -> Task:
        name = self._text(place, "name")
        self.notes.at(f"“{shorten(name, 60)}”", self._line(place))
        kind = self._text(place, "kind").casefold()
        summary = kind in _KIND_WORDS["summary"]
        milestone = kind in _KIND_WORDS["milestone"] or bool(self._parsed(place, "milestone", parse_boolean))
        duration = self._duration(place)
        numbers = {
            attribute: self._parsed(place, attribute, parse)
            for attribute, parse in (("work", parse_number), ("cost", parse_number), ("priority", parse_number))
        }
        percent = self._percent(place)
        dates: dict[str, Any] = {
            attribute: self._moment(place, attribute, 480 if "start" in attribute else 1020) for attribute in _DATES
        }
        start = self._moment(place, "start", 480)
        finish = self._moment(place, "finish", 480 if milestone else 1020)
        uid = self.numbers[place]
        self._people(place, uid)
        raw = self._cell(place, "notes")
        return Task(
            uid,
            name=name,
            wbs=self._text(place, "wbs"),
            code=self._text(place, "code"),
            level=self._level(place),
            summary=summary,
            milestone=milestone,
            kind="wbs"
            if summary
            else "start_milestone"
            if kind in _STARTS
            else "finish_milestone"
            if milestone
            else "task",
            start=start,
            finish=finish,
            duration=Duration(0, unit="d") if milestone and duration is None else duration,
            percent_complete=percent,
            constraint=self._constraint(place),
            priority=int(numbers["priority"]) if numbers["priority"] is not None else None,
            notes=unguarded(raw.strip()) if isinstance(raw, str) else self._text(place, "notes"),
            work=hours(numbers["work"]) if numbers["work"] is not None else None,
            cost=plain(numbers["cost"]) if numbers["cost"] is not None else None,
            line=self._line(place),
            **dates,
        )

    def _percent(self, place: int) -> Decimal | None:
        """Of a hundred; a column in which nothing is above 1 and something is broken holds shares."""
        cell = self._cell(place, "percent_complete")
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            column = self.table.values(self.columns["percent_complete"])
            numbers = [one for one in column if isinstance(one, (int, float)) and not isinstance(one, bool)]
            shares = max(numbers) <= 1 and any(one != int(one) for one in numbers)
            return plain(round(Decimal(str(cell)) * (100 if shares else 1), 6))
        value = self._parsed(place, "percent_complete", parse_percent)
        if value is None:
            return None
        return plain(round(Decimal(value) * 100, 6))

    def _level(self, place: int) -> int:
        text = self._text(place, "level")
        if re.fullmatch(r"\d{1,2}", text):
            return int(text)
        wbs = self._text(place, "wbs")
        if wbs:
            return wbs.count(".") + 1
        raw = self._cell(place, "name")
        return 1 + (len(raw) - len(raw.lstrip(" \t\xa0"))) // 2 if isinstance(raw, str) else 1

    def _constraint(self, place: int) -> Constraint:
        text = self._text(place, "constraint").casefold()
        if not text:
            return "asap"
        if text not in CONSTRAINTS:
            self.notes.warn("unknown_value", field="constraint", what=self.notes.what, value=text, used="asap")
        return CONSTRAINTS.get(text, "asap")

    def _people(self, place: int, uid: int) -> None:
        for part in re.split(r"[;\n]", self._text(place, "resources")):
            found = re.fullmatch(r"\s*(.+?)\s*(?:\[\s*(\d{1,9}(?:[.,]\d{1,12})?)\s*%\s*\])?\s*", part)
            if not found:
                continue
            key = found[1].casefold()
            if key not in self.resources:
                self.resources[key] = Resource(len(self.resources) + 1, name=found[1])
            units = Decimal(found[2].replace(",", ".")) / 100 if found[2] else Decimal(1)
            number = len(self.assignments) + 1
            self.assignments.append(
                Assignment(number, uid, self.resources[key].uid, units=plain(units), line=self._line(place))
            )

    def _links(self, place: int) -> Iterator[Link]:
        successor = self.numbers[place]
        line = self._line(place)
        self.notes.at(f"“{shorten(self._text(place, 'name'), 60)}”", line)
        cell = self._cell(place, "predecessors")
        text = cell_text(cell)
        if text.casefold() in _ABSENT:
            return
        alone = ";" in text or _LINK.fullmatch(text)  # “2FF-1,5t” has a comma and is one link
        for part in text.split(";" if alone else ","):
            link = self._link(part.strip(), successor, line) if part.strip() else None
            if link is not None:
                yield link

    def _link(self, text: str, successor: int, line: int) -> Link | None:
        whole = self.uids.get(text.casefold())
        found = None if whole is not None else _LINK.fullmatch(text)
        if whole is not None:
            return Link(whole, successor, line=line)
        if not found or not found["task"]:
            self.notes.bad("predecessors", text)
            return None
        predecessor = self.uids.get(found["task"].casefold())
        if predecessor is None:
            self.notes.error("link_missing", what=self.notes.what, uid=found["task"])
            return None
        lag = self._lag(found, text)
        return Link(predecessor, successor, LINK_TYPES[(found["type"] or "").upper()], lag, line=line)

    def _lag(self, found: re.Match[str], text: str) -> Lag:
        if not found["lag"]:
            return Lag()
        amount = Decimal(found["lag"].replace(",", ".")) * (1 if found["sign"] == "+" else -1)
        elapsed = bool(found["elapsed"])
        if found["unit"] == "%":
            return Lag(percent=plain(amount), elapsed=elapsed)
        unit = UNITS.get(found["unit"].lower())
        if unit is None:
            self.notes.bad("predecessors", text)
            return Lag()
        minutes = self.notes.minutes(amount * self._factor(unit, elapsed), "predecessors", text, signed=True)
        return Lag(minutes or 0, elapsed=elapsed, unit=unit)


def unguarded(text: str) -> str:
    """A cell without the apostrophe that keeps it from being a formula."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@'\t\r" else text
