"""Microsoft Project XML (MSPDI), read as a stream: one calendar, task, resource or assignment in memory at a time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import IO, Any, cast

from lxml import etree

from stellwerk.planning.exchange import mspdi_fields as fields
from stellwerk.planning.exchange.check import check
from stellwerk.planning.exchange.collecting import Collector, hours, plain
from stellwerk.planning.exchange.document import (
    DAY,
    INHERITED,
    Assignment,
    Availability,
    Baseline,
    Calendar,
    CalendarException,
    Day,
    Document,
    Duration,
    FieldDefinition,
    Interval,
    Kept,
    Lag,
    Link,
    ProjectInfo,
    Rate,
    Recurrence,
    Resource,
    Task,
    Timephased,
    Unit,
    Value,
    Week,
    WorkWeek,
)
from stellwerk.planning.exchange.limits import Limits
from stellwerk.planning.exchange.problems import refuse, shorten
from stellwerk.planning.exchange.xml import DEEPEST, broken, iterate, refuse_document_type

Element = Any
_DURATION = re.compile(
    r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?", re.ASCII)
_XMLNS = f' xmlns="{fields.NAMESPACE}"'


def read_mspdi(stream: IO[bytes], *, limits: Limits, strict: bool = True, summary_links: bool = False) -> Document:
    """The schedule in the stream; its size has been checked.

    Raises:
        ScheduleFileError: it is not MSPDI, or has errors and ``strict``.
    """
    refuse_document_type(stream)
    return _Reader(limits).read(stream, strict=strict, summary_links=summary_links)


def tag(element: Element) -> str:
    return _local(element.tag)


@lru_cache(maxsize=4096)
def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


def text_of(element: Element) -> str:
    return element.text or ""


@dataclass(frozen=True, slots=True)
class _Parts:
    """An element taken apart: fields for the model, children with a handler of their own, and what is only kept."""

    values: dict[str, Any]
    nested: dict[str, list[Element]]
    kept: tuple[Kept, ...]

    def first(self, name: str) -> Element | None:
        return self.nested.get(name, [None])[0]


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.notes = Collector()
        self.limits = limits
        self.project: dict[str, Any] = {}
        self.project_kept: list[Kept] = []
        self.version = ""
        self.calendars: list[Calendar] = []
        self.tasks: list[Task] = []
        self.links: list[Link] = []
        self.resources: list[Resource] = []
        self.assignments: list[Assignment] = []
        self.definitions: list[FieldDefinition] = []
        self.pieces = 0
        self.codecs: dict[str, Callable[[str, str], Any]] = {
            "text": lambda text, _field: text,
            "int": self.notes.whole,
            "number": self.notes.number,
            "flag": self._flag,
            "not_flag": self._not_flag,
            "date": self.notes.moment,
            "loose_date": self._loose_date,
            "hours": self._hours,
            "cents": self._cents,
            "time": self._time,
            "tenths": self._tenths,
            "reference": self._reference,
            "task_type": lambda text, field: self._choice(fields.TASK_TYPES, text, field, "0"),
            "constraint": lambda text, field: self._choice(fields.CONSTRAINTS, text, field, "0"),
            "resource_type": lambda text, field: self._choice(fields.RESOURCE_TYPES, text, field, "1"),
            "rate_unit": lambda text, _field: fields.RATE_UNITS.get(text, "h"),
        }
        self.handlers: dict[tuple[str, ...], Callable[[Element], None]] = {
            ("Calendars", "Calendar"): self._calendar,
            ("Tasks", "Task"): self._task,
            ("Resources", "Resource"): self._resource,
            ("Assignments", "Assignment"): self._assignment,
            ("ExtendedAttributes", "ExtendedAttribute"): self._definition,
        }

    # --- the stream

    def read(self, stream: IO[bytes], *, strict: bool, summary_links: bool) -> Document:
        events = iterate(stream)
        try:
            for path, element in _elements(events, self.limits.elements):
                self._element(path, element)
        except etree.XMLSyntaxError as problem:
            raise broken(problem, events) from None
        self.notes.at("", 0)
        document = Document(
            project=ProjectInfo(**self.project, kept=tuple(self.project_kept)),
            calendars=tuple(self.calendars),
            tasks=tuple(self.tasks),
            links=tuple(self.links),
            resources=tuple(self.resources),
            assignments=tuple(self.assignments),
            fields=tuple(self.definitions),
            format="mspdi",
            version=self.version,
            encoding="xml",
        )
        problems = self.notes.finish(check(document, summary_links=summary_links), strict=strict)
        return replace(document, warnings=problems)

    def _element(self, path: tuple[str, ...], element: Element) -> None:
        handler = self.handlers.get(path)
        if handler is not None:
            handler(element)
        elif len(path) == 1:
            self._project_field(path[0], element)
        else:
            self.notes.warn("skipped_row", element.sourceline or 0, detail="/".join(path))

    def _project_field(self, name: str, element: Element) -> None:
        self.notes.at("project", element.sourceline or 0)
        known = {field.element: field for field in fields.PROJECT}.get(name)
        if name == "SaveVersion":
            self.version = text_of(element).strip()
        elif known is None:
            self.project_kept.append(_kept(element))
        elif text_of(element).strip():
            value = self.codecs[known.codec](text_of(element), name)
            if value is not None:
                self.project[known.attribute] = value

    # --- codes

    def _flag(self, text: str, field: str) -> bool:
        plain_text = text.strip().lower()
        if plain_text not in {"0", "1", "true", "false"}:
            self.notes.bad(field, text)
        return plain_text in {"1", "true"}

    def _not_flag(self, text: str, field: str) -> bool:
        return not self._flag(text, field)

    def _loose_date(self, text: str, field: str) -> dt.datetime | None:
        """A date that only bounds something: out of range it means “always”."""
        quiet = Collector()
        value = quiet.moment(text, field)
        if value is None:
            self.notes.warn("unknown_value", field=field, what=self.notes.what, value=text, used="–")
        return value

    def _seconds(self, text: str, field: str) -> Decimal | None:
        found = _DURATION.fullmatch(text.strip())
        if not found or text.strip().lstrip("-") in {"P", "PT"}:
            self.notes.bad(field, text)
            return None
        sign, years, months, days, hour, minute, second = found.groups()
        if years or months:
            self.notes.bad(field, text)
            return None
        total = (
            Decimal(days or 0) * 86400 + Decimal(hour or 0) * 3600 + Decimal(minute or 0) * 60 + Decimal(second or 0)
        )
        return -total if sign else total

    def _hours(self, text: str, field: str) -> Decimal | None:
        seconds = self._seconds(text, field)
        return None if seconds is None else hours(seconds / 3600)

    def _cents(self, text: str, field: str) -> Decimal | None:
        value = self.notes.number(text, field)
        return None if value is None else plain(value / 100)

    def _tenths(self, text: str, field: str) -> Duration | None:
        value = self.notes.number(text, field)
        minutes = None if value is None else self.notes.minutes(value / 10, field, text)
        return Duration(minutes) if minutes else None

    def _time(self, text: str, field: str) -> int | None:
        found = _TIME.fullmatch(text.strip())
        minutes = int(found[1]) * 60 + int(found[2]) if found else -1
        if not 0 <= minutes <= DAY:
            self.notes.bad(field, text)
            return None
        return minutes

    def _reference(self, text: str, field: str) -> int | None:
        number = self.notes.whole(text, field)
        return None if number is None or number < 0 else number

    def _choice(self, known: dict[str, Any], text: str, field: str, default: str) -> Any:
        if text.strip() not in known:
            what = self.notes.what
            self.notes.warn("unknown_value", field=field, what=what, value=text, used=known[default])
        return known.get(text.strip(), known[default])

    def _duration(self, text: str, field: str, unit: tuple[Unit, bool, bool]) -> Duration | None:
        seconds = self._seconds(text, field)
        minutes = None if seconds is None else self.notes.minutes(seconds / 60, field, text)
        if minutes is None:
            return None
        name, elapsed, estimated = unit
        return Duration(minutes, elapsed=elapsed, unit=name, estimated=estimated)

    # --- elements

    def _apart(self, element: Element, known: tuple[fields.Field, ...], nested: Iterable[str] = ()) -> _Parts:
        """Take an element apart by a table of fields."""
        by_name = {field.element: field for field in known}
        values: dict[str, Any] = {}
        children: dict[str, list[Element]] = {name: [] for name in nested}
        durations: list[tuple[fields.Field, str]] = []
        kept: list[Kept] = []
        unit: tuple[Unit, bool, bool] = ("h", False, False)
        for child in element:
            name = tag(child)
            field = by_name.get(name)
            if name in children:
                children[name].append(child)
            elif name == "DurationFormat":
                unit = _unit(text_of(child))
            elif field is None:
                kept.append(_kept(child))
            elif field.codec == "duration":
                durations.append((field, text_of(child)))
            elif field.codec == "text" or text_of(child).strip():
                value = self.codecs[field.codec](text_of(child), name)
                if value is not None:
                    values[field.attribute] = value
        for field, text in durations:
            if text.strip():
                values[field.attribute] = self._duration(text, field.element, unit)
        return _Parts(values, {name: found for name, found in children.items() if found}, tuple(kept))

    def _name(self, kind: str, element: Element) -> str:
        """How messages call the element: its name, else its number."""
        found = {tag(child): text_of(child) for child in element if tag(child) in {"UID", "Name", "ID"}}
        shown = found.get("Name") or found.get("UID") or found.get("ID") or "?"
        return f"{kind} “{shorten(shown, 60)}”"

    def _begin(self, kind: str, element: Element, size: int) -> None:
        self.notes.at(self._name(kind, element), element.sourceline or 0)
        if size >= self.limits.rows:
            raise refuse("too_many", element.sourceline or 0, limit=self.limits.rows, what=kind)

    def _has_uid(self, values: dict[str, Any], *names: str) -> bool:
        for name in names or ("uid",):
            if values.get(name) is None:
                self.notes.error("missing", what=self.notes.what, field=name.upper() if name == "uid" else name)
                return False
        return True

    def _definition(self, element: Element) -> None:
        self._begin("field", element, len(self.definitions))
        parts = self._apart(element, fields.DEFINITION)
        if self._has_uid(parts.values, "id"):
            self.definitions.append(FieldDefinition(**parts.values, kept=parts.kept))

    def _task(self, element: Element) -> None:
        self._begin("task", element, len(self.tasks))
        nested = ("PredecessorLink", "ExtendedAttribute", "Baseline", "TimephasedData", "Project", "OutlineNumber")
        parts = self._apart(element, fields.TASK, nested)
        if not self._has_uid(parts.values):
            return
        if "Project" in parts.nested:
            self.notes.warn("subproject", what=self.notes.what)
        values = parts.values
        for link in parts.nested.get("PredecessorLink", []):
            self._link(link, values["uid"])
        self.tasks.append(
            Task(
                **values,
                kind="wbs" if values.get("summary") else "finish_milestone" if values.get("milestone") else "task",
                baselines=self._baselines(parts),
                values=self._values(parts),
                timephased=self._timephased(parts),
                kept=parts.kept,
                line=element.sourceline or 0,
            )
        )

    def _link(self, element: Element, successor: int) -> None:
        told = {tag(child): text_of(child).strip() for child in element}
        predecessor = self.notes.whole(told.get("PredecessorUID", ""), "PredecessorUID")
        if predecessor is None:
            return
        project = told.get("CrossProjectName", "") if told.get("CrossProject") in {"1", "true"} else ""
        known = {"PredecessorUID", "Type", "CrossProject", "CrossProjectName", "LinkLag", "LagFormat"}
        self.links.append(
            Link(
                predecessor,
                successor,
                type=self._choice(fields.LINK_TYPES, told.get("Type", "1"), "Type", "1"),
                lag=self._lag(told.get("LinkLag", "0") or "0", told.get("LagFormat", "7")),
                project=project or ("?" if told.get("CrossProject") in {"1", "true"} else ""),
                kept=tuple(Kept(name, value) for name, value in told.items() if name not in known),
                line=element.sourceline or 0,
            )
        )

    def _lag(self, text: str, form: str) -> Lag:
        value = self.notes.number(text, "LinkLag")
        if value is None:
            return Lag()
        number = int(form) if form.isascii() and form.isdigit() else 7
        if number % 32 in {19, 20}:
            return Lag(percent=value, elapsed=number % 32 == 20)
        unit, elapsed, _ = _unit(form)
        return Lag(self.notes.minutes(value / 10, "LinkLag", text, signed=True) or 0, elapsed=elapsed, unit=unit)

    def _baselines(self, parts: _Parts) -> tuple[Baseline, ...]:
        found = []
        for element in parts.nested.get("Baseline", []):
            inner = self._apart(element, fields.BASELINE)
            found.append(Baseline(**{"number": 0} | inner.values, kept=inner.kept))
        return tuple(found)

    def _values(self, parts: _Parts) -> tuple[Value, ...]:
        found = []
        for element in parts.nested.get("ExtendedAttribute", []):
            told = {tag(child): text_of(child) for child in element}
            rest = tuple(Kept(name, value) for name, value in told.items() if name not in {"FieldID", "Value"})
            found.append(Value(told.get("FieldID", ""), told.get("Value", ""), rest))
        return tuple(found)

    def _timephased(self, parts: _Parts) -> tuple[Timephased, ...]:
        found = []
        elements = parts.nested.get("TimephasedData", [])
        self.pieces += len(elements)
        if self.pieces > self.limits.pieces:
            raise refuse("too_many", self.notes.line, limit=self.limits.pieces, what="TimephasedData")
        for element in elements:
            told = {tag(child): text_of(child) for child in element}
            start = self.notes.moment(told.get("Start", ""), "TimephasedData Start")
            finish = self.notes.moment(told.get("Finish", ""), "TimephasedData Finish")
            kind = self.notes.whole(told.get("Type", ""), "TimephasedData Type")
            unit = self.notes.whole(told.get("Unit", "2"), "TimephasedData Unit")
            if start is not None and finish is not None and kind is not None and unit is not None:
                found.append(Timephased(kind, start, finish, unit, told.get("Value")))
        return tuple(found)

    def _resource(self, element: Element) -> None:
        self._begin("resource", element, len(self.resources))
        nested = ("ExtendedAttribute", "Baseline", "Rates", "AvailabilityPeriods", "IsCostResource")
        parts = self._apart(element, fields.RESOURCE, nested)
        if not self._has_uid(parts.values):
            return
        values = parts.values
        cost = parts.first("IsCostResource")
        if cost is not None and self._flag(text_of(cost), "IsCostResource"):
            values["type"] = "cost"
        rates = [self._apart(rate, fields.RATE).values for rate in _inner(parts, "Rates")]
        periods = [self._apart(one, fields.AVAILABILITY).values for one in _inner(parts, "AvailabilityPeriods")]
        self.resources.append(
            Resource(
                **values,
                rates=tuple(Rate(**{"table": 0} | rate) for rate in rates),
                availability=tuple(
                    Availability(one.get("start"), one.get("finish"), one.get("units")) for one in periods
                ),
                baselines=self._baselines(parts),
                values=self._values(parts),
                kept=parts.kept,
                line=element.sourceline or 0,
            )
        )

    def _assignment(self, element: Element) -> None:
        self._begin("assignment", element, len(self.assignments))
        parts = self._apart(element, fields.ASSIGNMENT, ("ExtendedAttribute", "Baseline", "TimephasedData"))
        if not self._has_uid(parts.values, "uid", "task"):
            return
        self.assignments.append(
            Assignment(
                **parts.values,
                baselines=self._baselines(parts),
                values=self._values(parts),
                timephased=self._timephased(parts),
                kept=parts.kept,
                line=element.sourceline or 0,
            )
        )

    # --- calendars

    def _calendar(self, element: Element) -> None:
        self._begin("calendar", element, len(self.calendars))
        known = (
            fields.Field("UID", "uid", "int"),
            fields.Field("Name", "name", "text"),
            fields.Field("IsBaseCalendar", "base_calendar", "flag"),
            fields.Field("BaseCalendarUID", "base", "reference"),
        )
        parts = self._apart(element, known, ("WeekDays", "Exceptions", "WorkWeeks"))
        values = parts.values
        if not self._has_uid(values):
            return
        week, legacy = self._week(_inner(parts, "WeekDays"))
        exceptions = [self._exception(one) for one in _inner(parts, "Exceptions")]
        is_base = values.pop("base_calendar", True)
        if values.get("base") == values["uid"] or (is_base and values.get("base") == 0):
            values["base"] = None  # 0 and -1 both say “none”
        self.calendars.append(
            Calendar(
                **{"name": ""} | values,
                week=week,
                exceptions=tuple(one for one in exceptions if one is not None) or tuple(legacy),
                work_weeks=tuple(self._work_weeks(_inner(parts, "WorkWeeks"))),
                kind="base" if is_base else "resource",
                kept=parts.kept,
                line=element.sourceline or 0,
            )
        )

    def _week(self, elements: Iterable[Element]) -> tuple[Week, list[CalendarException]]:
        """The week and, from files before 2007, the exceptions that stand among its days (day type 0)."""
        days: list[Day | None] = list(INHERITED)
        exceptions = []
        for element in elements:
            told = {tag(child): child for child in element}
            number = text_of(told["DayType"]).strip() if "DayType" in told else ""
            if number == "0":
                exception = self._exception(element)
                if exception is not None:
                    exceptions.append(exception)
            elif number in {"1", "2", "3", "4", "5", "6", "7"}:
                days[(int(number) + 5) % 7] = self._times(told)
            else:
                self.notes.warn("unknown_value", field="DayType", what=self.notes.what, value=number, used="–")
        return cast(Week, tuple(days)), exceptions

    def _times(self, told: dict[str, Element]) -> Day:
        working = "DayWorking" not in told or text_of(told["DayWorking"]).strip() in {"1", "true"}
        if not working or "WorkingTimes" not in told:
            return ()
        times = []
        for element in told["WorkingTimes"]:
            inner = {tag(child): text_of(child) for child in element}
            if not inner.get("FromTime") or not inner.get("ToTime"):
                continue
            start, finish = self._time(inner["FromTime"], "FromTime"), self._time(inner["ToTime"], "ToTime")
            if start is None or finish is None:
                continue
            finish = finish or DAY
            if finish <= start:
                self.notes.warn("calendar_times", what=self.notes.what, value=f"{inner['FromTime']}–{inner['ToTime']}")
            else:
                times.append(Interval(start, finish))
        return tuple(sorted(times))

    def _period(self, element: Element | None) -> tuple[dt.date, dt.date] | None:
        told = {} if element is None else {tag(child): text_of(child) for child in element}
        start, finish = self._loose_date(told.get("FromDate", ""), "FromDate"), None
        if start is not None:
            finish = self._loose_date(told.get("ToDate", ""), "ToDate")
        if start is None or finish is None or finish < start:
            return None
        return start.date(), finish.date()

    def _exception(self, element: Element) -> CalendarException | None:
        told = {tag(child): child for child in element}
        period = self._period(told.get("TimePeriod"))
        if period is None:
            self.notes.warn("skipped_row", detail=f"exception of {self.notes.what} without a period")
            return None
        name = text_of(told["Name"]) if "Name" in told else ""
        return CalendarException(*period, times=self._times(told), name=name, recurrence=self._recurrence(told))

    def _recurrence(self, told: dict[str, Element]) -> Recurrence | None:
        def number(name: str, default: int = 0) -> int:
            text = text_of(told[name]).strip() if name in told else ""
            return (self.notes.whole(text, name) or 0) if text else default

        kind = str(number("Type", 1))
        period = number("Period", 1)
        if kind not in fields.RECURRENCES and not (kind == "1" and period > 1):
            return None
        return Recurrence(
            fields.RECURRENCES.get(kind, "daily"),
            occurrences=number("Occurrences"),
            period=period,
            days=number("DaysOfWeek"),
            month=number("Month") + 1 if "Month" in told else 0,
            month_day=number("MonthDay"),
            position=number("MonthPosition"),
            item=number("MonthItem"),
        )

    def _work_weeks(self, elements: Iterable[Element]) -> Iterator[WorkWeek]:
        for element in elements:
            told = {tag(child): child for child in element}
            period = self._period(told.get("TimePeriod"))
            if period is None:
                self.notes.warn("skipped_row", detail=f"work week of {self.notes.what} without a period")
                continue
            week, _ = self._week(told.get("WeekDays", ()))
            yield WorkWeek(*period, week=week, name=text_of(told["Name"]) if "Name" in told else "")


def _elements(events: etree.iterparse, most: int) -> Iterator[tuple[tuple[str, ...], Element]]:
    """Each complete element of the first two levels below the root, with its path; then it is forgotten."""
    path: list[str] = []
    size = 0
    for event, element in events:
        if event == "start":
            path.append(tag(element))
            size += 1
            if size > most:
                raise refuse("too_many", element.sourceline or 0, limit=most, what=f"elements in {'/'.join(path[:3])}")
            if len(path) == 1 and (path[0] != "Project" or not _is_project(element)):
                raise refuse("not_mspdi", element.sourceline or 0, root=path[0])
            if len(path) > DEEPEST:
                raise refuse("xml_depth", element.sourceline or 0)
            continue
        inside = tuple(path[1:])
        path.pop()
        if len(inside) in {1, 2}:
            group_of_entities = len(inside) == 2 and inside[0] in _GROUPS
            if group_of_entities or (len(inside) == 1 and inside[0] not in _GROUPS):
                yield inside, element
            if group_of_entities or len(inside) == 1:
                _forget(element)
                size = 0


_GROUPS = {"Calendars", "Tasks", "Resources", "Assignments", "ExtendedAttributes"}


def _is_project(root: Element) -> bool:
    namespace = str(root.tag).partition("}")[0].lstrip("{") if "}" in str(root.tag) else ""
    return namespace in {"", fields.NAMESPACE} or namespace.startswith("http://schemas.microsoft.com/project")


def _forget(element: Element) -> None:
    element.clear(keep_tail=False)
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _inner(parts: _Parts, name: str) -> list[Element]:
    element = parts.first(name)
    return [] if element is None else list(element)


def _unit(form: str) -> tuple[Unit, bool, bool]:
    """Unit, elapsed, estimated of a duration format number."""
    number = int(form) if form.strip().isascii() and form.strip().isdigit() else 7
    estimated, number = number >= 35, number % 32
    elapsed = number % 2 == 0 and number <= 14
    return fields.DURATION_UNITS.get(number - 1 if elapsed else number, "d"), elapsed, estimated


def _kept(element: Element) -> Kept:
    if len(element) == 0 and not element.attrib:
        return Kept(tag(element), text_of(element))
    markup = etree.tostring(element, encoding="unicode", with_tail=False)
    return Kept(tag(element), markup.replace(_XMLNS, "", 1), markup=True)
