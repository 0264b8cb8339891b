"""Microsoft Project XML (MSPDI), written in the order of its schema, the same bytes for the same document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from stellwerk.planning.exchange import mspdi_fields as fields
from stellwerk.planning.exchange.document import (
    DAY,
    Baseline,
    Calendar,
    CalendarException,
    Day,
    Document,
    Duration,
    Lag,
    Link,
    Rate,
    Resource,
    Task,
    Timephased,
    Week,
)
from stellwerk.planning.exchange.kept import FieldDefinition, Kept, Value
from stellwerk.planning.exchange.xml import escaped, is_fragment

_UNIT_NUMBERS = {unit: number for number, unit in fields.DURATION_UNITS.items()}
ALWAYS, FOR_EVER = dt.datetime(1984, 1, 1), dt.datetime(2049, 12, 31, 23, 59)  # noqa: DTZ001
"""The first and the last moment of Microsoft Project."""
_RATE_NUMBERS = {unit: number for number, unit in fields.RATE_UNITS.items()}
_PATTERN_NUMBERS = {pattern: number for number, pattern in fields.RECURRENCES.items()}
_LINK_NUMBERS = {name: number for number, name in fields.LINK_TYPES.items()}
_DROPPED = {"SaveVersion"}
Children = dict[str, list[str]]
"""Element name to the finished lines of each such child."""


def write_mspdi(document: Document) -> bytes:
    """The schedule as a file that Microsoft Project 2010 and later open."""
    return "\n".join(_lines(document)).encode("utf-8") + b"\n"


def lost_in_mspdi(document: Document) -> tuple[str, ...]:
    """The names of what the document has and MSPDI cannot hold, or this writer does not write for other formats."""
    own = document.format in {"mspdi", ""}
    found = (
        ("activity codes", bool(document.code_types)),
        ("custom fields above thirty of a kind", not own and len(document.fields) > 30),
        ("second constraints", any(task.constraint2 is not None for task in document.tasks)),
        ("roles", any(one.role for one in document.resources)),
        ("planned dates", any(task.planned_start is not None for task in document.tasks)),
        ("kinds of activities", any(task.kind in {"level_of_effort", "wbs_summary"} for task in document.tasks)),
    )
    return tuple(name for name, there in found if there)


def _with_text_fields(document: Document) -> Document:
    """Custom fields of other formats become Text1 to Text30; what is above stays behind (:func:`lost_in_mspdi`)."""
    names = {one.id: one.alias or one.name or one.id for one in document.fields}
    definitions: list[FieldDefinition] = []
    changed: dict[str, Any] = {}
    for entity, things in _things(document):
        used = dict.fromkeys(value.field for thing in things for value in thing.values)
        places = dict(zip([one for one in names if one in used], fields.TEXT_FIELDS[entity], strict=False))
        for place, (field, number) in enumerate(places.items(), start=1):
            kind = fields.ELEMENT_TYPES[entity]
            definitions.append(FieldDefinition(str(number), f"Text{place}", names[field], kind))
        changed[f"{entity}s"] = tuple(
            replace(thing, values=tuple(
                Value(str(places[value.field]), value.value) for value in thing.values if value.field in places
            )) if thing.values else thing
            for thing in things
        )  # fmt: skip
    return replace(document, fields=tuple(definitions), **changed)


def _things(document: Document) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    return ("task", document.tasks), ("resource", document.resources), ("assignment", document.assignments)


def _lines(document: Document) -> Iterator[str]:
    links: dict[int, list[Link]] = {}
    for link in document.links:
        links.setdefault(link.successor, []).append(link)
    own = document.format in {"mspdi", ""}
    if not own:
        document = _with_text_fields(document)
    yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    yield f'<Project xmlns="{fields.NAMESPACE}">'
    head = _fields(document.project, fields.PROJECT, _kept(document.project.kept, own, _DROPPED))
    head["SaveVersion"] = [_leaf("SaveVersion", "14")]
    head["ExtendedAttributes"] = [*_group("ExtendedAttributes", map(_definition, document.fields))]
    for name in ("Calendars", "Tasks", "Resources", "Assignments"):
        head.pop(name, None)
    yield from _ordered(head, fields.PROJECT_ORDER)
    yield from _group("Calendars", map(_calendar, document.calendars))
    yield from _group("Tasks", _tasks(document, links, own=own))
    yield from _group("Resources", (_resource(one, own=own) for one in document.resources if not one.role))
    yield from _group("Assignments", _assignments(document, own=own))
    yield "</Project>"


# --- codes


def _leaf(name: str, text: str) -> str:
    return f"<{name}>{escaped(text)}</{name}>"


def _date(value: dt.date) -> str:
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{value:%Y-%m-%d}T00:00:00"


def _number(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _period(seconds: int) -> str:
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}PT{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}S"


def _hours(value: Decimal) -> str:
    return _period(int((value * 3600).quantize(Decimal(1), rounding="ROUND_HALF_UP")))


def _time(minutes: int) -> str:
    minutes %= DAY
    return f"{minutes // 60:02}:{minutes % 60:02}:00"


def _format(duration: Duration) -> str:
    return str(_UNIT_NUMBERS[duration.unit] + duration.elapsed + 32 * duration.estimated)


_CODECS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "int": str,
    "number": _number,
    "flag": lambda value: "1" if value else "0",
    "not_flag": lambda value: "0" if value else "1",
    "date": _date,
    "loose_date": _date,
    "hours": _hours,
    "cents": lambda value: _number(value * 100),
    "time": _time,
    "tenths": lambda value: str(value.minutes * 10),
    "reference": str,
    "duration": lambda value: _period(value.minutes * 60),
    "task_type": lambda value: fields.TASK_TYPE_NUMBERS[value],
    "constraint": lambda value: fields.CONSTRAINT_NUMBERS[value],
    "resource_type": lambda value: {"material": "0", "work": "1", "cost": "2"}[value],
    "rate_unit": lambda value: _RATE_NUMBERS[value],
}


# --- structure


def _fields(thing: object, known: Iterable[fields.Field], children: Children | None = None) -> Children:
    """The children of an entity by a table of fields; absent values are left out, empty texts too."""
    result: Children = children if children is not None else {}
    for field in known:
        value = getattr(thing, field.attribute)
        if value is None or (value == "" and field.element != "Name"):
            continue
        if field.element == "Name" and value == "":
            continue
        result[field.element] = [_leaf(field.element, _CODECS[field.codec](value))]
        if field.element == "Duration":
            result["DurationFormat"] = [_leaf("DurationFormat", _format(value))]
    return result


def _ordered(children: Children, order: tuple[str, ...]) -> Iterator[str]:
    for name in order:
        yield from children.get(name, ())
    for name in children:
        if name not in order:
            yield from children[name]


def _element(name: str, children: Children, order: tuple[str, ...] = ()) -> list[str]:
    return [f"<{name}>", *_ordered(children, order), f"</{name}>"]


def _group(name: str, elements: Iterable[list[str]]) -> Iterator[str]:
    yield f"<{name}>"
    for lines in elements:
        yield from lines
    yield f"</{name}>"


def _kept(kept: tuple[Kept, ...], own: bool, dropped: Iterable[str] = ()) -> Children:
    """What only this format knows, if the document comes from it."""
    children: Children = {}
    for one in kept if own else ():
        if one.name in dropped or not _is_name(one.name):
            continue
        if one.markup and is_fragment(one.value):
            children.setdefault(one.name, []).append(one.value)
        elif not one.markup:
            children.setdefault(one.name, []).append(_leaf(one.name, one.value))
    return children


def _is_name(name: str) -> bool:
    return name.isascii() and name.replace("_", "a").isalnum() and not name[:1].isdigit()


def _baseline(baseline: Baseline, own: bool) -> list[str]:
    children = _fields(baseline, fields.BASELINE, _kept(baseline.kept, own))
    return _element("Baseline", children, fields.BASELINE_ORDER)


def _value(value: Value) -> list[str]:
    children = {"FieldID": [_leaf("FieldID", value.field)], "Value": [_leaf("Value", value.value)]}
    return _element(
        "ExtendedAttribute", children | _kept(value.kept, True), ("FieldID", "Value", "ValueGUID", "DurationFormat")
    )


def _timephased(piece: Timephased, uid: int) -> list[str]:
    children = {
        "Type": [_leaf("Type", str(piece.kind))],
        "UID": [_leaf("UID", str(uid))],
        "Start": [_leaf("Start", _date(piece.start))],
        "Finish": [_leaf("Finish", _date(piece.finish))],
        "Unit": [_leaf("Unit", str(piece.unit))],
    }
    if piece.value is not None:
        children["Value"] = [_leaf("Value", piece.value)]
    return _element("TimephasedData", children)


def _details(thing: Any, children: Children, *, own: bool) -> None:
    if thing.baselines:
        children["Baseline"] = [line for one in thing.baselines for line in _baseline(one, own)]
    if thing.values:
        children["ExtendedAttribute"] = [line for one in thing.values for line in _value(one)]
    if own and getattr(thing, "timephased", None):
        children["TimephasedData"] = [line for one in thing.timephased for line in _timephased(one, thing.uid)]


def _definition(definition: Any) -> list[str]:
    children = _fields(definition, fields.DEFINITION, _kept(definition.kept, True))
    return _element("ExtendedAttribute", children, fields.DEFINITION_ORDER)


# --- entities


def _tasks(document: Document, links: dict[int, list[Link]], *, own: bool) -> Iterator[list[str]]:
    numbers: list[int] = []
    for position, task in enumerate(document.tasks):
        children = _kept(task.kept, own, {"OutlineNumber"})
        if task.blank:
            children |= {"UID": [_leaf("UID", str(task.uid))], "IsNull": [_leaf("IsNull", "1")]}
            children["ID"] = [_leaf("ID", str(position if task.id is None else task.id))]
            children = _fields(task, fields.TASK, children)
        else:
            children = _task(task, position, document, children)
            number = _outline_number(numbers, task.level)
            children["OutlineNumber"] = [_leaf("OutlineNumber", number)]
            if document.format != "mspdi":
                children.setdefault("WBS", [_leaf("WBS", number)])
        children["PredecessorLink"] = [line for link in links.get(task.uid, ()) for line in _link(link)]
        _details(task, children, own=own)
        yield _element("Task", children, fields.TASK_ORDER)


def _task(task: Task, position: int, document: Document, children: Children) -> Children:
    children = _fields(task, fields.TASK, children)
    if task.id is None:
        # without a row of its own for the project, numbers start at 1
        first = 0 if document.tasks[0].level == 0 else 1
        children["ID"] = [_leaf("ID", str(position + first))]
    if task.uid in document.summaries:
        children["Summary"] = [_leaf("Summary", "1")]
    if task.calendar is None:
        children["CalendarUID"] = [_leaf("CalendarUID", "-1")]
    return children


def _outline_number(numbers: list[int], level: int) -> str:
    if level <= 0:
        numbers.clear()
        return "0"
    del numbers[level:]
    while len(numbers) < level:
        numbers.append(0)
    numbers[level - 1] += 1
    return ".".join(str(number or 1) for number in numbers)


def _link(link: Link) -> list[str]:
    lag, form = _lag(link.lag)
    children = {
        "PredecessorUID": [_leaf("PredecessorUID", str(link.predecessor))],
        "Type": [_leaf("Type", _LINK_NUMBERS[link.type])],
        "CrossProject": [_leaf("CrossProject", "1" if link.project else "0")],
    }
    if link.project and link.project != "?":
        children["CrossProjectName"] = [_leaf("CrossProjectName", link.project)]
    children |= {"LinkLag": [_leaf("LinkLag", lag)], "LagFormat": [_leaf("LagFormat", form)]}
    return _element("PredecessorLink", children)


def _lag(lag: Lag) -> tuple[str, str]:
    if lag.percent is not None:
        return _number(lag.percent), "20" if lag.elapsed else "19"
    return str(lag.minutes * 10), str(_UNIT_NUMBERS[lag.unit] + lag.elapsed)


def _resource(resource: Resource, *, own: bool) -> list[str]:
    children = _fields(resource, fields.RESOURCE, _kept(resource.kept, own))
    if resource.id is None:
        children["ID"] = [_leaf("ID", str(resource.uid))]
    if resource.type == "cost":
        children["IsCostResource"] = [_leaf("IsCostResource", "1")]
    if resource.availability:
        periods = (_element("AvailabilityPeriod", _fields(one, fields.AVAILABILITY)) for one in resource.availability)
        children["AvailabilityPeriods"] = [*_group("AvailabilityPeriods", periods)]
    if resource.rates:
        rates = (_element("Rate", _fields(rate, fields.RATE)) for rate in _bounded(resource.rates))
        children["Rates"] = [*_group("Rates", rates)]
    _details(resource, children, own=own)
    return _element("Resource", children, fields.RESOURCE_ORDER)


def _bounded(rates: Sequence[Rate]) -> Iterator[Rate]:
    """The format wants to know of every rate from when to when it holds: until the next of its table, else for ever."""
    for rate in rates:
        later = (one.start for one in rates if one.table == rate.table and one.start is not None)
        following = min((start for start in later if start > (rate.start or ALWAYS)), default=FOR_EVER)
        yield replace(rate, start=rate.start or ALWAYS, finish=rate.finish or following)


def _assignments(document: Document, *, own: bool) -> Iterator[list[str]]:
    roles = {resource.uid for resource in document.resources if resource.role}
    for one in document.assignments:
        children = _fields(one, fields.ASSIGNMENT, _kept(one.kept, own))
        if one.resource is None or one.resource in roles:
            children["ResourceUID"] = [_leaf("ResourceUID", "-65535")]
        _details(one, children, own=own)
        yield _element("Assignment", children, fields.ASSIGNMENT_ORDER)


# --- calendars


def _calendar(calendar: Calendar) -> list[str]:
    base = calendar.base
    derived = base is not None
    children: Children = {
        "UID": [_leaf("UID", str(calendar.uid))],
        "Name": [_leaf("Name", calendar.name)],
        "IsBaseCalendar": [_leaf("IsBaseCalendar", "0" if calendar.kind == "resource" else "1")],
    }
    children |= _kept(tuple(one for one in calendar.kept if one.name != "GUID"), own=True)
    children["BaseCalendarUID"] = [_leaf("BaseCalendarUID", str(base) if derived else "-1")]
    week = [*_group("WeekDays", _week(calendar.week))]
    if len(week) > 2:
        children["WeekDays"] = week
    if calendar.exceptions:
        children["Exceptions"] = [*_group("Exceptions", map(_exception, calendar.exceptions))]
    if calendar.work_weeks:
        weeks = ([*_work_week(one.start, one.finish, one.name, one.week)] for one in calendar.work_weeks)
        children["WorkWeeks"] = [*_group("WorkWeeks", weeks)]
    return _element(
        "Calendar",
        children,
        (
            "UID",
            "Name",
            "IsBaseCalendar",
            "IsBaselineCalendar",
            "BaseCalendarUID",
            "WeekDays",
            "Exceptions",
            "WorkWeeks",
        ),
    )


def _week(week: Week) -> Iterator[list[str]]:
    for number in range(1, 8):
        day = week[(number + 5) % 7]
        if day is not None:
            yield ["<WeekDay>", _leaf("DayType", str(number)), *_times(day), "</WeekDay>"]


def _times(day: Day) -> Iterator[str]:
    yield _leaf("DayWorking", "1" if day else "0")
    if day:
        yield "<WorkingTimes>"
        for part in day:
            yield "<WorkingTime>"
            yield _leaf("FromTime", _time(part.start)) + _leaf("ToTime", _time(part.finish))
            yield "</WorkingTime>"
        yield "</WorkingTimes>"


def _time_period(start: dt.date, finish: dt.date) -> Iterator[str]:
    yield "<TimePeriod>"
    yield _leaf("FromDate", _date(start)) + _leaf("ToDate", f"{finish:%Y-%m-%d}T23:59:00")
    yield "</TimePeriod>"


def _exception(exception: CalendarException) -> list[str]:
    rule = exception.recurrence
    days = (exception.finish - exception.start).days + 1
    lines = [
        "<Exception>",
        _leaf("EnteredByOccurrences", "1" if rule is not None and rule.occurrences else "0"),
        *_time_period(exception.start, exception.finish),
        _leaf("Occurrences", str(rule.occurrences if rule is not None else days)),
    ]
    if exception.name:
        lines.append(_leaf("Name", exception.name))
    if rule is None:
        lines.append(_leaf("Type", "1"))
    else:
        daily = rule.pattern == "daily"
        lines.append(_leaf("Type", "1" if daily else _PATTERN_NUMBERS[rule.pattern]))
        told = (
            ("Period", rule.period),
            ("DaysOfWeek", rule.days),
            ("MonthItem", rule.item),
            ("MonthPosition", rule.position),
            ("Month", rule.month - 1),
            ("MonthDay", rule.month_day),
        )
        needed = _PATTERN_PARTS[rule.pattern]
        lines += [_leaf(name, str(number)) for name, number in told if name in needed]
    return [*lines, *_times(exception.times), "</Exception>"]


_PATTERN_PARTS = {
    "daily": {"Period"},
    "weekly": {"Period", "DaysOfWeek"},
    "monthly_day": {"Period", "MonthDay"},
    "monthly_position": {"Period", "MonthItem", "MonthPosition"},
    "yearly_day": {"Period", "Month", "MonthDay"},
    "yearly_position": {"Period", "MonthItem", "MonthPosition", "Month"},
}


def _work_week(start: dt.date, finish: dt.date, name: str, week: Week) -> Iterator[str]:
    yield "<WorkWeek>"
    yield from _time_period(start, finish)
    yield _leaf("Name", name)
    yield from _group("WeekDays", _week(week))
    yield "</WorkWeek>"
