"""Other formats through MPXJ (the optional part ``mpp``): MPP, MPX, PMXML, Planner, GanttProject.

The file is read by ``mpxj_worker.py`` in a process of its own: a Java machine in ours would take memory for ever, and a
damaged file could take the whole server with it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from stellwerk.planning.exchange.check import check
from stellwerk.planning.exchange.collecting import Collector, hours, plain
from stellwerk.planning.exchange.document import (
    Assignment,
    Baseline,
    Calendar,
    CalendarException,
    Day,
    Document,
    Duration,
    Interval,
    Lag,
    Link,
    ProjectInfo,
    Rate,
    Recurrence,
    Resource,
    Task,
    Week,
    WorkWeek,
)
from stellwerk.planning.exchange.kept import Code, CodeType, CodeValue, FieldDefinition, Value
from stellwerk.planning.exchange.limits import DEFAULT_LIMITS, Limits
from stellwerk.planning.exchange.problems import refuse, shorten

PYTHON_VARIABLE = "STELLWERK_MPXJ_PYTHON"
"""Names another Python that has MPXJ, where the one that runs has not."""
LARGEST_ANSWER = 1_000_000_000
_WORKER = Path(__file__).with_name("mpxj_worker.py")
_DATES = {
    "created", "saved", "start", "finish", "data_date", "must_finish", "planned_start", "planned_finish", "early_start",
    "early_finish", "late_start", "late_finish", "constraint_date", "constraint2_date", "deadline", "actual_start",
    "actual_finish", "stop", "resume",
}  # fmt: skip
_HOURS = {"work", "actual_work", "remaining_work"}
_DURATIONS = {"duration", "planned_duration", "actual_duration", "remaining_duration", "delay"}
_NUMBERS = {
    "percent_complete", "percent_work", "percent_physical", "cost", "actual_cost", "remaining_cost", "fixed_cost",
    "units", "max_units", "standard_rate", "overtime_rate", "per_use", "standard", "overtime",
}  # fmt: skip


def available() -> bool:
    """Whether the optional part is there."""
    return bool(os.environ.get(PYTHON_VARIABLE)) or all(
        importlib.util.find_spec(name) is not None for name in ("mpxj", "jpype")
    )


def read_with_mpxj(
    path: Path, *, limits: Limits = DEFAULT_LIMITS, strict: bool = True, summary_links: bool = True
) -> Document:
    """The schedule in the file, whatever MPXJ makes of it.

    Raises:
        ScheduleFileError: ``needs_extra``, ``converter_failed``, ``converter_limit``, or errors in the schedule.
    """
    if not available():
        raise refuse("needs_extra", kind=path.suffix.lstrip(".").upper() or "?")
    answer = _run(path, limits)
    if answer.get("error") == "unknown":
        raise refuse("unknown_format")
    if answer.get("error") == "memory":
        raise refuse("converter_limit", seconds=limits.seconds)
    if "document" not in answer:
        raise refuse("converter_failed", detail=answer.get("detail") or "no answer")
    return _Decoder().document(answer, strict=strict, summary_links=summary_links)


def environment() -> dict[str, str]:
    """Only what Java and Python need to start: no address or secret of ours reaches the converter."""
    names = ("PATH", "JAVA_HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TEMP")
    return {name: os.environ[name] for name in names if name in os.environ}


def _run(path: Path, limits: Limits) -> dict[str, Any]:
    python = os.environ.get(PYTHON_VARIABLE) or sys.executable
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
        try:
            done = subprocess.run(  # noqa: S603
                [python, "-I", str(_WORKER), str(path.resolve()), str(limits.memory)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=messages,
                timeout=limits.seconds, env=environment(), check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise refuse("converter_limit", seconds=limits.seconds) from None
        except OSError as problem:
            raise refuse("converter_failed", detail=str(problem)) from None
        if output.tell() > LARGEST_ANSWER:
            raise refuse("converter_limit", seconds=limits.seconds)
        output.seek(0)
        try:
            answer = json.load(output)
        except ValueError:
            messages.seek(0)
            last = messages.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            detail = shorten(f"status {done.returncode} {''.join(last)}", 300)
            raise refuse("converter_failed", detail=detail) from None
    return answer if isinstance(answer, dict) else {}


class _Decoder:
    """JSON of the worker as a document; values go through the same tests as those of the other readers."""

    def __init__(self) -> None:
        self.notes = Collector()

    def document(self, answer: dict[str, Any], *, strict: bool, summary_links: bool) -> Document:
        told = answer["document"]
        project = self._plain(told["project"], "project")
        document = Document(
            project=ProjectInfo(**{name: value for name, value in project.items() if value is not None}),
            calendars=tuple(map(self._calendar, self._numbered(told["calendars"], "calendar"))),
            tasks=tuple(map(self._task, self._numbered(told["tasks"], "task"))),
            links=tuple(map(self._link, self._numbered(told["links"], "link", "predecessor", "successor"))),
            resources=tuple(map(self._resource, self._numbered(told["resources"], "resource"))),
            assignments=tuple(map(self._assignment, self._numbered(told["assignments"], "assignment", "uid", "task"))),
            code_types=tuple(map(self._code_type, told["code_types"])),
            fields=tuple(FieldDefinition(**one) for one in told["fields"]),
            format="mpxj",
            version=str(answer.get("file_type", "")),
        )
        problems = self.notes.finish(check(document, summary_links=summary_links), strict=strict)
        return replace(document, warnings=problems)

    def _numbered(self, told: list[dict[str, Any]], what: str, *keys: str) -> list[dict[str, Any]]:
        """Those that say who they are; one without its number cannot be kept apart from others, which is an error."""
        found = []
        for one in told:
            missing = [key for key in keys or ("uid",) if one.get(key) is None]
            if missing:
                name = shorten(one.get("name") or "?", 60)
                self.notes.error("missing", what=f"{what} “{name}”", field=missing[0].upper())
            else:
                found.append(one)
        return found

    def _plain(self, told: dict[str, Any], what: str) -> dict[str, Any]:
        """The values in the types of the model; lists are left for the caller."""
        self.notes.at(f"{what} “{shorten(told.get('name') or told.get('uid') or '', 60)}”", 0)
        return {name: self._value(name, value) for name, value in told.items() if value is not None}

    def _value(self, name: str, value: Any) -> Any:
        if name in _DATES:
            return self.notes.moment(value, name)
        if name in _DURATIONS:
            duration = self._duration(value, name)
            return None if name == "delay" and duration is not None and not duration.minutes else duration
        if name in _HOURS:
            return hours(Decimal(value))
        if name in _NUMBERS:
            return plain(round(Decimal(value), 6))
        if name == "rate_table":
            return int(Decimal(value))
        return value

    def _duration(self, told: list[Any], name: str) -> Duration | None:
        minutes = self.notes.minutes(Decimal(told[0]), name, f"{told[0]} min")
        return None if minutes is None else Duration(minutes, elapsed=told[1], unit=told[2], estimated=told[3])

    def _entity(self, make: Callable[..., Any], told: dict[str, Any], what: str, **more: Any) -> Any:
        values = self._plain(told, what)
        values |= {
            "baselines": tuple(Baseline(**self._quiet(one)) for one in told.get("baselines", ())),
            "values": tuple(Value(field, value) for field, value in told.get("values", ())),
        }
        return make(**values | more)

    def _quiet(self, told: dict[str, Any]) -> dict[str, Any]:
        return {name: self._value(name, value) for name, value in told.items() if value is not None}

    def _task(self, told: dict[str, Any]) -> Task:
        codes = tuple(Code(*pair) for pair in sorted(told.get("codes", ())))
        return cast(Task, self._entity(Task, told, "task", codes=codes))

    def _resource(self, told: dict[str, Any]) -> Resource:
        rates = tuple(self._rate(one) for one in told.get("rates", ()))
        return cast(Resource, self._entity(Resource, told, "resource", rates=rates))

    def _rate(self, told: dict[str, Any]) -> Rate:
        """Rates say “always” with dates far away; those are no errors."""
        quiet = Collector()
        values: dict[str, Any] = {}
        for name, value in told.items():
            if value is not None:
                number = plain(round(Decimal(value), 6)) if name in _NUMBERS else value
                values[name] = quiet.moment(value, name) if name in {"start", "finish"} else number
        return Rate(**values)

    def _assignment(self, told: dict[str, Any]) -> Assignment:
        return cast(Assignment, self._entity(Assignment, told, "assignment"))

    def _link(self, told: dict[str, Any]) -> Link:
        minutes, elapsed, percent, unit = told["lag"]
        self.notes.at(f"link {told['predecessor']} → {told['successor']}", 0)
        lag = Lag(
            self.notes.minutes(Decimal(minutes), "lag", f"{minutes} min", signed=True) or 0,
            elapsed=elapsed,
            percent=None if percent is None else plain(Decimal(percent)),
            unit=unit,
        )
        return Link(told["predecessor"], told["successor"], told["type"], lag)

    def _code_type(self, told: dict[str, Any]) -> CodeType:
        return CodeType(**told | {"values": tuple(CodeValue(**value) for value in told["values"])})

    # --- calendars

    def _calendar(self, told: dict[str, Any]) -> Calendar:
        self.notes.at(f"calendar “{shorten(told['name'], 60)}”", 0)
        exceptions = (self._exception(one) for one in told["exceptions"])
        return Calendar(
            **told
            | {
                "week": _week(told["week"]),
                "exceptions": tuple(one for one in exceptions if one is not None),
                "work_weeks": tuple(one for one in map(self._work_week, told["work_weeks"]) if one is not None),
            }
        )

    def _span(self, told: dict[str, Any]) -> dict[str, Any] | None:
        quiet = Collector()
        start, finish = (quiet.moment(told[name] or "", name) for name in ("start", "finish"))
        if start is None or finish is None:
            self.notes.warn("skipped_row", detail=f"exception of {self.notes.what}: {told['start']}–{told['finish']}")
            return None
        return {"start": start.date(), "finish": finish.date()}

    def _exception(self, told: dict[str, Any]) -> CalendarException | None:
        span = self._span(told)
        if span is None:
            return None
        rule = told["recurrence"]
        recurrence = None if rule is None else Recurrence(**rule)
        return CalendarException(**told | span | {"times": _day(told["times"]), "recurrence": recurrence})

    def _work_week(self, told: dict[str, Any]) -> WorkWeek | None:
        span = self._span(told)
        return None if span is None else WorkWeek(**told | span | {"week": _week(told["week"])})


def _day(told: list[list[int]]) -> Day:
    return tuple(Interval(*part) for part in told)


def _week(told: list[list[list[int]] | None]) -> Week:
    return cast(Week, tuple(None if day is None else _day(day) for day in told))
