"""Primavera XER: the exported project of the file as a document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import IO, Any, cast

from stellwerk.planning.exchange import xer_calendar
from stellwerk.planning.exchange import xer_fields as codes
from stellwerk.planning.exchange.calendars import WorkingTime
from stellwerk.planning.exchange.check import check
from stellwerk.planning.exchange.collecting import Collector, hours, plain
from stellwerk.planning.exchange.document import (
    Calendar,
    Document,
    Duration,
    Lag,
    Link,
    ProjectInfo,
    Task,
)
from stellwerk.planning.exchange.kept import Kept, RawTable, Value
from stellwerk.planning.exchange.limits import Limits
from stellwerk.planning.exchange.problems import refuse, shorten
from stellwerk.planning.exchange.xer_codes import Codes
from stellwerk.planning.exchange.xer_notes import memo_text
from stellwerk.planning.exchange.xer_tables import Row, XerFile, read_tables


def read_xer(stream: IO[bytes], *, limits: Limits, project: str = "", strict: bool = True) -> Document:
    """The schedule in the stream; its size has been checked.

    ``project`` is the short name of the project to read; without it the first that was exported is read and the
    others are named in a warning.

    Raises:
        ScheduleFileError: it is not XER, or has errors and ``strict``.
    """
    notes = Collector()
    tables = read_tables(stream, notes, limits)
    if not tables.rows("PROJECT"):
        notes.finish(strict=strict)  # a table that could not be read explains more than its absence
        raise refuse("no_project")
    return _Reader(tables, notes, _choose(tables, notes, project)).document(strict=strict)


def _choose(tables: XerFile, notes: Collector, wanted: str) -> Row:
    """The project to read; the others are named in a warning."""
    projects = tables.rows("PROJECT")
    names = [row.get("proj_short_name") or row.get("proj_id") for row in projects]
    if wanted:
        for row, name in zip(projects, names, strict=True):
            if wanted in {name, row.get("proj_id")}:
                return row
        raise refuse("unknown_project", wanted=wanted, names=", ".join(names))
    chosen = next((row for row in projects if row.get("export_flag") == "Y"), projects[0])
    others = [name for row, name in zip(projects, names, strict=True) if row is not chosen]
    if others:
        used = chosen.get("proj_short_name") or chosen.get("proj_id")
        notes.warn("other_projects", chosen.line, used=used, others=", ".join(others))
    return chosen


class _Reader(Codes):
    def __init__(self, tables: XerFile, notes: Collector, project: Row) -> None:
        super().__init__(tables, notes, project)
        self.calendars: dict[int, Calendar] = {}
        self.working: dict[int | None, WorkingTime] = {}
        self.default_calendar: int | None = None
        self.codes_by_task = self._codes()

    def document(self, *, strict: bool) -> Document:
        self._read_calendars()
        info = self._info()
        resources = self._resources()
        assignments = self._assignments()
        tasks = self._tasks()
        definitions, udf = self._custom_fields()
        tasks = [self._with_values(task, udf) for task in tasks]
        resources = [
            replace(one, values=_values(udf, "RSRC", _native(one.kept, "rsrc_id", one.uid))) for one in resources
        ]
        assignments = [
            replace(one, values=found) if (found := _values(udf, "TASKRSRC", str(one.uid))) else one
            for one in assignments
        ]
        root = next((task for task in tasks if task.level == 0), None)
        document = Document(
            project=replace(info, name=root.name) if root is not None and root.name else info,
            calendars=tuple(self.calendars.values()),
            tasks=tuple(tasks),
            links=tuple(self._links()),
            resources=tuple(resources),
            assignments=tuple(assignments),
            code_types=tuple(self._code_types()),
            fields=definitions,
            tables=tuple(
                RawTable(one.name, one.columns, tuple(row.cells for row in one.rows))
                for one in self.tables.tables.values()
                if one.name not in codes.MODELLED
            ),
            format="xer",
            version=self.tables.header[0] if self.tables.header else "",
            encoding=self.tables.encoding,
        )
        self.notes.at("", 0)
        return replace(document, warnings=self.notes.finish(check(document), strict=strict))

    # --- calendars and project

    def _read_calendars(self) -> None:
        for row in self.tables.rows("CALENDAR"):
            name = row.get("clndr_name")
            uid = self._uid(row, "clndr_id", f"calendar “{shorten(name, 60)}”")
            owner = row.get("proj_id")
            if uid is None or owner not in {"", self.proj_id}:
                continue
            per_day = self._minutes(row, "day_hr_cnt")
            data = xer_calendar.parse(row.get("clndr_data").replace("\x7f", " "), per_day or 480)
            if data.damaged:
                self.notes.warn("calendar_damaged", what=name)
            for problem in data.problems:
                self.notes.warn("calendar_times", what=name, value=problem)
            modelled = ("clndr_id", "clndr_name", "base_clndr_id", "clndr_type", "day_hr_cnt", "clndr_data", "proj_id")
            if uid in self.calendars:
                self.notes.error("duplicate", what=self.notes.what, uid=uid)
                continue
            self.calendars[uid] = Calendar(
                uid,
                name,
                week=data.week,
                exceptions=data.exceptions,
                base=self._int(row, "base_clndr_id"),
                kind=cast(Any, codes.CALENDAR_KINDS.get(row.get("clndr_type"), "base")),
                minutes_per_day=per_day,
                kept=self._kept(row, modelled),
                line=row.line,
            )

    def _info(self) -> ProjectInfo:
        row = self.project
        code = row.get("proj_short_name")
        self._at(f"project “{shorten(code, 60)}”", row)
        self.data_date = self._date(row, "last_recalc_date")
        self.default_calendar = self._int(row, "clndr_id")
        if self.default_calendar is None:
            flagged = {row.get("clndr_id") for row in self.tables.rows("CALENDAR") if row.get("default_flag") == "Y"}
            self.default_calendar = next((uid for uid in self.calendars if str(uid) in flagged), None)
        calendar = self.calendars.get(self.default_calendar) if self.default_calendar is not None else None
        per_day = (calendar.minutes_per_day if calendar is not None else None) or 480
        currency = self.tables.header[7] if len(self.tables.header) > 7 else ""
        symbols = {r.get("curr_short_name"): r.get("curr_symbol") for r in self.tables.rows("CURRTYPE")}
        modelled = (
            "proj_id", "proj_short_name", "clndr_id", "last_recalc_date", "plan_start_date", "plan_end_date",
            "scd_end_date", "add_date",
        )  # fmt: skip
        return ProjectInfo(
            name=code,
            code=code,
            author=row.get("add_by_name"),
            created=self._date(row, "add_date"),
            start=self._date(row, "plan_start_date"),
            finish=self._date(row, "scd_end_date"),
            must_finish=self._date(row, "plan_end_date"),
            data_date=self.data_date,
            calendar=self.default_calendar,
            currency=currency,
            currency_symbol=symbols.get(currency, ""),
            minutes_per_day=per_day,
            minutes_per_week=per_day * 5,
            kept=(Kept("proj_id", self.proj_id), *self._kept(row, modelled)),
        )

    def _clock(self, calendar: int | None) -> WorkingTime:
        chosen = calendar if calendar in self.calendars else self.default_calendar
        if chosen not in self.working:
            found = self.calendars.get(chosen) if chosen is not None else None
            self.working[chosen] = WorkingTime(found, self.calendars)
        return self.working[chosen]

    # --- rows of the plan

    def _tasks(self) -> list[Task]:
        """Work breakdown and activities in the order in which Primavera shows them."""
        activities = list(self._mine("TASK"))
        nodes = list(self._mine("PROJWBS"))
        taken = {text for row in activities if (text := row.get("task_id").strip())}
        highest = max((int(text) for text in taken if text.isascii() and text.isdigit()), default=0)
        memos = self._memos()
        by_parent: dict[str, list[Row]] = {}
        ids = {row.get("wbs_id") for row in nodes}
        for row in nodes:
            parent = row.get("parent_wbs_id")
            by_parent.setdefault(parent if parent in ids and row.get("proj_node_flag") != "Y" else "", []).append(row)
        below: dict[str, list[Row]] = {}
        for row in activities:
            wbs = row.get("wbs_id")
            if wbs not in ids:
                self.notes.warn(
                    "orphan", row.line, what=row.get("task_name") or row.get("task_id"), parent=f"WBS {wbs}"
                )
                wbs = ""
            below.setdefault(wbs, []).append(row)
        result: list[Task] = []
        self._orphaned_circles(nodes, by_parent)
        stack: list[tuple[Row, int, str]] = []
        roots = sorted(by_parent.get("", []), key=self._wbs_key, reverse=True)
        stack += [(row, 0 if row.get("proj_node_flag") == "Y" else 1, "") for row in roots]
        while stack:
            row, level, path = stack.pop()
            wbs = row.get("wbs_id")
            highest += 1
            node = self._node(row, level, path, taken, highest, memos)
            if node is None:
                continue
            result.append(node)
            result += self._activities(below.get(wbs, []), level + 1, node.wbs, memos)
            children = sorted(by_parent.get(wbs, []), key=self._wbs_key, reverse=True)
            stack += [(child, level + 1, node.wbs) for child in children]
        result += self._activities(below.get("", []), 1, "", memos)
        return self._rolled_up(result)

    def _orphaned_circles(self, nodes: list[Row], by_parent: dict[str, list[Row]]) -> None:
        """Nodes that are their own ancestors hang nowhere."""
        reached: set[str] = set()
        queue = [row.get("wbs_id") for row in by_parent.get("", [])]
        while queue:
            wbs = queue.pop()
            if wbs not in reached:
                reached.add(wbs)
                queue += [row.get("wbs_id") for row in by_parent.get(wbs, [])]
        for row in nodes:
            if row.get("wbs_id") not in reached:
                self.notes.error("node_circle", row.line, what=row.get("wbs_name"))

    def _wbs_key(self, row: Row) -> tuple[int, int]:
        """Nodes of one place keep the order of the file."""
        text = row.get("seq_num").strip()
        return (int(text) if text.lstrip("-").isdigit() and text.isascii() else 0, row.line)

    def _node(
        self, row: Row, level: int, path: str, taken: set[str], free: int, memos: dict[tuple[str, str], list[Row]]
    ) -> Task | None:
        name = row.get("wbs_name")
        native = self._uid(row, "wbs_id", f"WBS “{shorten(name, 60)}”")
        if native is None:
            return None
        uid = free if str(native) in taken else native
        taken.add(str(uid))
        short = row.get("wbs_short_name")
        separator = self.project.get("name_sep_char") or "."
        notes, kept = memo_text(memos.get(("WBSMEMO", row.get("wbs_id")), []), "wbs_memo")
        modelled = ("wbs_id", "proj_id", "proj_node_flag", "wbs_short_name", "wbs_name")
        if uid != native:
            kept = (Kept("wbs_id", str(native)), *kept)
        return Task(
            uid,
            name=name,
            wbs=f"{path}{separator}{short}" if path else short,
            code=short,
            level=level,
            summary=True,
            kind="wbs",
            notes=notes,
            kept=(*self._kept(row, modelled), *kept),
            line=row.line,
        )

    def _activities(
        self, rows: list[Row], level: int, path: str, memos: dict[tuple[str, str], list[Row]]
    ) -> Iterator[Task]:
        for row in sorted(rows, key=lambda row: (row.get("task_code"), row.line)):
            task = self._activity(row, level, path, memos)
            if task is not None:
                yield task

    def _activity(self, row: Row, level: int, path: str, memos: dict[tuple[str, str], list[Row]]) -> Task | None:
        code, name = row.get("task_code"), row.get("task_name")
        uid = self._uid(row, "task_id", f"activity {code} “{shorten(name, 60)}”")
        if uid is None:
            return None
        notes, kept = memo_text(memos.get(("TASKMEMO", row.get("task_id")), []), "task_memo")
        kind = self._choice(codes.TASK_KINDS, row, "task_type", "task")
        dates: dict[str, Any] = {name: self._date(row, column) for name, column in _TASK_DATES.items()}
        calendar = self._int(row, "clndr_id")
        times = self._times(row, dates, calendar)
        work = self._work(row)
        sums = self.sums.get(uid)
        return Task(
            uid,
            name=name,
            code=code,
            wbs=path,
            level=level,
            milestone=kind in {"start_milestone", "finish_milestone"},
            kind=kind,
            type=self._choice(codes.TASK_TYPES, row, "duration_type", None),
            constraint=self._choice(codes.CONSTRAINTS, row, "cstr_type", "asap"),
            constraint2=self._choice(codes.CONSTRAINTS, row, "cstr_type2", None) if row.get("cstr_type2") else None,
            percent_type=self._choice(codes.PERCENT_TYPES, row, "complete_pct_type", None),
            percent_physical=self._number(row, "phys_complete_pct"),
            priority=self._choice(codes.PRIORITIES, row, "priority_type", None),
            calendar=calendar,
            notes=notes,
            cost=sums.cost if sums else None,
            actual_cost=sums.actual if sums else None,
            remaining_cost=sums.remaining if sums else None,
            codes=tuple(self.codes_by_task.get(row.get("task_id"), ())),
            kept=(*self._kept(row, _TASK_MODELLED), *kept),
            line=row.line,
            **{name: value for name, value in dates.items() if name not in {"remaining_start", "remaining_finish"}},
            **times,
            **work,
        )

    def _times(self, row: Row, dates: dict[str, dt.datetime | None], calendar: int | None) -> dict[str, Any]:
        planned = self._duration(row, "target_drtn_hr_cnt")
        remaining = self._duration(row, "remain_drtn_hr_cnt")
        begun, ended = dates["actual_start"], dates["actual_finish"]
        start = begun or dates["remaining_start"] or dates["planned_start"] or dates["early_start"]
        finish = ended or dates["remaining_finish"] or dates["planned_finish"] or dates["early_finish"]
        total, actual = remaining or planned, None
        if begun is not None:
            worked = self._clock(calendar).minutes(begun, finish) if finish is not None else 0
            total = Duration(max(worked, remaining.minutes if remaining is not None else 0))
            actual = self._actual_duration(dates, calendar, total, remaining)
        percent = None
        if ended is not None:
            percent = Decimal(100)
        elif begun is None:
            percent = Decimal(0)
        elif planned is not None and remaining is not None and planned.minutes:
            share = Decimal(planned.minutes - remaining.minutes) * 100 / planned.minutes
            percent = plain(max(Decimal(0), min(Decimal(100), share)).quantize(Decimal("0.000001")))
        else:
            percent = Decimal(0)
        return {
            "start": start,
            "finish": finish,
            "duration": total,
            "planned_duration": planned,
            "remaining_duration": remaining,
            "actual_duration": actual,
            "percent_complete": percent,
        }

    def _actual_duration(
        self, dates: dict[str, dt.datetime | None], calendar: int | None, total: Duration, remaining: Duration | None
    ) -> Duration:
        """XER does not say how long work has been running: from its start to its finish or the data date, without
        the time for which it was suspended."""
        begun, until = dates["actual_start"], dates["actual_finish"] or self.data_date
        if begun is None or until is None:
            return Duration(total.minutes - (remaining.minutes if remaining is not None else 0))
        clock, stopped, resumed = self._clock(calendar), dates["stop"], dates["resume"]
        if stopped is None or until < stopped:
            return Duration(clock.minutes(begun, until))
        again = clock.minutes(resumed, until) if resumed is not None else 0
        return Duration(clock.minutes(begun, stopped) + again)

    def _work(self, row: Row) -> dict[str, Any]:
        def total(*columns: str) -> Decimal:
            return sum((self._number(row, column) or Decimal(0) for column in columns), Decimal(0))

        actual, remaining = total("act_work_qty", "act_equip_qty"), total("remain_work_qty", "remain_equip_qty")
        work = actual + remaining
        percent = plain((actual * 100 / work).quantize(Decimal("0.000001"))) if work else Decimal(0)
        return {
            "work": hours(work),
            "actual_work": hours(actual),
            "remaining_work": hours(remaining),
            "percent_work": percent,
        }

    def _rolled_up(self, tasks: list[Task]) -> list[Task]:
        """Dates, durations and effort of the summary rows, from the rows below them."""
        document = Document(tasks=tuple(tasks))
        children: dict[int, list[int]] = {}
        place = {task.uid: index for index, task in enumerate(tasks)}
        for uid, parent in document.parents.items():
            children.setdefault(parent, []).append(uid)
        for index in range(len(tasks) - 1, -1, -1):
            task = tasks[index]
            if task.kind == "wbs":
                tasks[index] = self._summary(task, [tasks[place[uid]] for uid in children.get(task.uid, [])])
        return tasks

    def _summary(self, task: Task, below: Sequence[Task]) -> Task:
        def first(name: str) -> Any:
            return min((value for one in below if (value := getattr(one, name)) is not None), default=None)

        def last(name: str) -> Any:
            return max((value for one in below if (value := getattr(one, name)) is not None), default=None)

        def total(name: str) -> Any:
            found = [value for one in below if (value := getattr(one, name)) is not None]
            return sum(found, Decimal(0)) if found else None

        start, finish = first("start"), last("finish")
        duration = None
        if start is not None and finish is not None:
            duration = Duration(self._clock(None).minutes(start, finish))
        planned = first("planned_start"), last("planned_finish")
        if planned[0] is not None and planned[1] is not None:
            task = replace(task, planned_duration=Duration(self._clock(None).minutes(planned[0], planned[1])))
        finished = below and all(one.actual_finish is not None for one in below)
        return replace(
            task,
            start=start,
            finish=finish,
            duration=duration,
            planned_start=planned[0],
            planned_finish=planned[1],
            early_start=first("early_start"),
            early_finish=last("early_finish"),
            late_start=first("late_start"),
            late_finish=last("late_finish"),
            actual_start=first("actual_start"),
            actual_finish=last("actual_finish") if finished else None,
            **{
                name: total(name)
                for name in ("work", "actual_work", "remaining_work", "cost", "actual_cost", "remaining_cost")
            },
        )

    def _memos(self) -> dict[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = {}
        for table, column in (("TASKMEMO", "task_id"), ("WBSMEMO", "wbs_id")):
            for row in self._mine(table):
                found.setdefault((table, row.get(column)), []).append(row)
        return found

    def _links(self) -> Iterator[Link]:
        for row in self.tables.rows("TASKPRED"):
            mine, theirs = row.get("proj_id") or self.proj_id, row.get("pred_proj_id") or self.proj_id
            if self.proj_id not in {mine, theirs}:
                continue
            self._at("link", row)
            predecessor, successor = self._uid(row, "pred_task_id", "link"), self._uid(row, "task_id", "link")
            if predecessor is None or successor is None:
                continue
            other = theirs if mine == self.proj_id else mine
            modelled = ("task_id", "pred_task_id", "proj_id", "pred_proj_id", "pred_type", "lag_hr_cnt")
            yield Link(
                predecessor,
                successor,
                type=self._choice(codes.LINK_TYPES, row, "pred_type", "FS"),
                lag=Lag(self._minutes(row, "lag_hr_cnt", signed=True) or 0, unit="h"),
                project="" if other == self.proj_id else other,
                kept=self._kept(row, modelled),
                line=row.line,
            )

    def _with_values(self, task: Task, udf: dict[tuple[str, str], list[Value]]) -> Task:
        if task.kind == "wbs":
            found = _values(udf, "PROJWBS", _native(task.kept, "wbs_id", task.uid))
        else:
            found = _values(udf, "TASK", str(task.uid))
        return replace(task, values=found) if found else task


_TASK_DATES = {
    "actual_start": "act_start_date",
    "actual_finish": "act_end_date",
    "planned_start": "target_start_date",
    "planned_finish": "target_end_date",
    "early_start": "early_start_date",
    "early_finish": "early_end_date",
    "late_start": "late_start_date",
    "late_finish": "late_end_date",
    "remaining_start": "restart_date",
    "remaining_finish": "reend_date",
    "constraint_date": "cstr_date",
    "constraint2_date": "cstr_date2",
    "stop": "suspend_date",
    "resume": "resume_date",
}
_TASK_MODELLED = frozenset(_TASK_DATES.values()) - {"restart_date", "reend_date"} | {
    "task_id", "proj_id", "wbs_id", "clndr_id", "phys_complete_pct", "complete_pct_type", "task_type", "duration_type",
    "task_code", "task_name", "remain_drtn_hr_cnt", "target_drtn_hr_cnt", "cstr_type", "cstr_type2", "priority_type",
    "status_code",
}  # fmt: skip


def _values(udf: dict[tuple[str, str], list[Value]], table: str, native: str) -> tuple[Value, ...]:
    return tuple(udf.get((table, native), ()))


def _native(kept: tuple[Kept, ...], column: str, uid: int) -> str:
    return next((one.value for one in kept if one.name == column), str(uid))
