"""Primavera XER, written so that P6 imports it, the same bytes for the same document."""

from __future__ import annotations

import codecs
import datetime as dt
import html
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from stellwerk.core.tabular import decoding
from stellwerk.planning.exchange import xer_calendar
from stellwerk.planning.exchange import xer_fields as codes
from stellwerk.planning.exchange.calendars import WorkingTime
from stellwerk.planning.exchange.document import Calendar, Document, Link, Task
from stellwerk.planning.exchange.kept import Kept
from stellwerk.planning.exchange.xer_expenses import UNSAID, expense_tables
from stellwerk.planning.exchange.xer_notes import memo_plain_text
from stellwerk.planning.exchange.xer_writer_people import PeopleTables
from stellwerk.planning.exchange.xer_writing import (
    FALLBACK_DAY,
    Cells,
    amount,
    cell,
    in_hours,
    kept_of,
    moment,
    rest,
    split,
    whole,
    with_actuals,
)

_VERSION = "20.12"


def write_xer(document: Document) -> bytes:
    """The schedule as an XER file: Windows-1252 as P6 writes it, UTF-8 with a mark if a character needs it."""
    text = "\r\n".join(_Writer(document).lines()) + "\r\n"
    try:
        plain = text.encode("cp1252")
    except UnicodeEncodeError:
        return codecs.BOM_UTF8 + text.encode("utf-8", "replace")
    high = b"\n".join(line for line in plain.split(b"\n") if not line.isascii())
    if high and decoding.detect(high[:1_000_000], complete=True).codec != "cp1252":
        return codecs.BOM_UTF8 + text.encode("utf-8")  # it would be taken for another code page
    return plain


def lost_in_xer(document: Document) -> tuple[str, ...]:
    """The names of what the document has and XER cannot hold."""
    rows = [task for task in document.tasks if not task.blank]
    summaries = document.summaries
    found = (
        ("baselines", any(task.baselines for task in rows)),
        ("deadlines", any(task.deadline for task in rows)),
        ("elapsed durations", any(task.duration is not None and task.duration.elapsed for task in rows)),
        ("blank rows", len(rows) < len(document.tasks)),
        ("links of summary rows", any({one.predecessor, one.successor} & summaries for one in document.links)),
        ("lags in per cent", any(one.lag.percent is not None for one in document.links)),
        ("elapsed lags", any(one.lag.elapsed for one in document.links)),
        ("work without a resource", any(one.resource is None and one.role is None for one in document.assignments)),
        ("work on summary rows", any(one.task in summaries for one in document.assignments)),
        ("time-phased data", any(one.timephased for one in document.assignments)),
        ("work weeks of calendars", any(one.work_weeks for one in document.calendars)),
        ("costs of summary rows", any(task.fixed_cost for task in rows if task.uid in summaries)),
        (UNSAID, not _Writer(document).tells_all_costs()),
    )
    return tuple(name for name, there in found if there)


class _Writer(PeopleTables):
    def tells_all_costs(self) -> bool:
        """Whether no activity costs less than the people on it."""
        self._number()
        self._assignments()
        return expense_tables(self)

    def lines(self) -> Iterator[str]:
        self._number()
        self._project()
        for calendar in self.document.calendars:
            self._calendar(calendar)
        self._rows()
        self._resources()
        for link in self.document.links:
            self._link(link)
        self._assignments()
        expense_tables(self)
        self._codes()
        self._custom_fields()
        project = self.document.project
        day = project.data_date or project.start or self.document.span()[0] or FALLBACK_DAY
        version = self.document.version if self.own and self.document.version else _VERSION
        head = ("ERMHDR", version, f"{day:%Y-%m-%d}", "Project", "admin", "admin", "dbxDatabaseNoName")
        yield "\t".join((*head, "Project Management", cell(project.currency) or "EUR"))
        yield from self._tables()
        yield "%E"

    # --- numbers

    def _number(self) -> None:
        """P6 wants numbers above 0; where ours are, they stay."""
        used = {task.uid for task in self.document.tasks}
        free = iter(range(max(used, default=0) + 1, 1 << 62))
        nodes = self.document.summaries
        for task in self.document.tasks:
            native = kept_of(task.kept).get("wbs_id") if self.own else None
            number = native or str(task.uid if task.uid > 0 else next(free))
            if task.blank:
                continue
            if task.uid in nodes or (task.kind == "wbs" and self.own) or task.level == 0:
                self.wbs_ids[task.uid] = number
            else:
                self.task_ids[task.uid] = number
        roots = [task for task in self.document.tasks if task.level == 0 and task.uid in self.wbs_ids]
        self.root = self.wbs_ids[roots[0].uid] if roots else str(next(free))
        if not roots and self.root in self.wbs_ids.values():
            self.root = str(next(free))
        assigned = {one.resource for one in self.document.assignments}
        spare = iter(range(max((one.uid for one in self.document.resources), default=0) + 1, 1 << 62))
        for resource in self.document.resources:
            if resource.blank or (not resource.name and resource.uid not in assigned):
                continue
            number = str(resource.uid if resource.uid > 0 else next(spare))
            if resource.role:
                native = kept_of(resource.kept).get("role_id") if self.own else None
                self.role_ids[resource.uid] = native or number
            else:
                self.resource_ids[resource.uid] = number

    # --- project and calendars

    def _project(self) -> None:
        project = self.document.project
        code = project.code or "".join(char for char in project.name.upper() if char.isalnum())[:20] or "PROJECT"
        calendar = project.calendar if project.calendar in self.document.calendar_by_uid else None
        start = project.start or self.document.span()[0] or FALLBACK_DAY
        defaults = {} if self.own else dict(_PROJECT_DEFAULTS)
        self._add(
            "PROJECT",
            defaults
            | {
                "proj_id": self.proj_id,
                "proj_short_name": code,
                "clndr_id": whole(calendar),
                "last_recalc_date": moment(project.data_date or (None if self.own else start)),
                "plan_start_date": moment(project.start if self.own else start),
                "plan_end_date": moment(project.must_finish),
                "scd_end_date": moment(project.finish),
                "add_date": moment(project.created),
                "add_by_name": project.author or ("" if self.own else "admin"),
            },
            project.kept,
        )
        if not any(one.name == "CURRTYPE" for one in self.document.tables):
            currency = project.currency or "EUR"
            self._add("CURRTYPE", dict(_CURRENCY) | {
                "curr_symbol": project.currency_symbol or currency, "curr_type": currency, "curr_short_name": currency,
            })  # fmt: skip

    def _calendar(self, calendar: Calendar) -> None:
        project = self.document.project
        clock = WorkingTime(calendar, self.document.calendar_by_uid)
        week = [clock.weekday(number) for number in range(7)]
        per_day = calendar.minutes_per_day or project.minutes_per_day or 480
        kinds = {kind: code for code, kind in codes.CALENDAR_KINDS.items()}
        base = self.document.calendar_by_uid.get(calendar.base) if calendar.base is not None else None
        inherited = base.exceptions if base is not None and not self.own else ()
        defaults = {} if self.own else {
            "default_flag": "Y" if project.calendar == calendar.uid else "N", "rsrc_private": "N",
            "week_hr_cnt": in_hours(per_day * 5), "month_hr_cnt": in_hours(per_day * project.days_per_month),
            "year_hr_cnt": in_hours(per_day * 250),
        }  # fmt: skip
        self._add(
            "CALENDAR",
            defaults
            | {
                "clndr_id": str(calendar.uid),
                "clndr_name": calendar.name or f"Calendar {calendar.uid}",
                "base_clndr_id": whole(calendar.base if base is not None or self.own else None),
                "clndr_type": kinds[calendar.kind],
                "proj_id": self.proj_id if calendar.kind == "project" else "",
                "day_hr_cnt": in_hours(per_day),
                "clndr_data": xer_calendar.render(week, (*inherited, *calendar.exceptions)),
            },
            calendar.kept,
        )

    # --- rows of the plan

    def _rows(self) -> None:
        document = self.document
        if self.root not in self.wbs_ids.values():
            name = document.project.name or document.project.title or "Project"
            self._wbs(self.root, None, name, code=self.tables["PROJECT"][0]["proj_short_name"], place=0)
        used: set[str] = {task.code for task in document.tasks if task.uid in self.task_ids}
        width = len(str(1000 + 10 * len(self.task_ids)))
        numbered = len(used) < len(self.task_ids) or "" in used
        for place, task in enumerate(document.tasks, start=1):
            if task.uid in self.wbs_ids:
                parent = document.parents.get(task.uid)
                above = self.wbs_ids.get(parent, self.root) if parent is not None else self.root
                number = self.wbs_ids[task.uid]
                self._wbs(
                    number, None if number == self.root else above, task.name, task=task, code=task.code, place=place
                )
            elif task.uid in self.task_ids:
                code = f"A{1000 + 10 * place:0{width}}" if numbered else task.code
                self._activity(task, code)

    def _wbs(
        self, number: str, above: str | None, name: str, *, code: str, place: int, task: Task | None = None
    ) -> None:
        short = code or (task.wbs.rpartition(".")[2] if task is not None else "") or str(place)
        defaults = {} if self.own and task is not None else {
            "seq_num": str(place * 10), "est_wt": "1", "sum_data_flag": "N", "status_code": "WS_Open",
            "ev_user_pct": "6", "ev_etc_user_value": "0.88", "orig_cost": "0", "indep_remain_total_cost": "0",
            "ev_compute_type": "EC_Cmp_pct", "ev_etc_compute_type": "EE_Rem_hr",
        }  # fmt: skip
        cells = defaults | {
            "wbs_id": number,
            "proj_id": self.proj_id,
            "proj_node_flag": "Y" if number == self.root else "N",
            "wbs_short_name": short[:40],
            "wbs_name": name or short,
            "parent_wbs_id": above if above is not None or not self.own else None,
        }
        self._add("PROJWBS", cells, task.kept if task is not None else ())
        if task is not None:
            self._memo("WBSMEMO", "wbs_id", number, task)

    def _activity(self, told: Task, code: str) -> None:
        document, task = self.document, told if self.own else with_actuals(told)
        parent = document.parents.get(task.uid)
        wbs = self.wbs_ids.get(parent, self.root) if parent is not None else self.root
        kind = task.kind if task.kind in codes.TASK_KIND_CODES else "task"
        if task.milestone and kind not in {"start_milestone", "finish_milestone"}:
            kind = "finish_milestone"
        ended = task.actual_finish is not None
        total = task.planned_duration or task.duration
        remaining = task.remaining_duration
        left = 0 if ended else remaining.minutes if remaining is not None else total.minutes if total is not None else 0
        calendar = task.calendar if task.calendar in document.calendar_by_uid else document.project.calendar
        priority = min(codes.PRIORITIES, key=lambda name: (abs(codes.PRIORITIES[name] - (task.priority or 500)), name))
        cells: dict[str, str | None] = {} if self.own else dict(_TASK_DEFAULTS)
        cells |= {
            "task_id": self.task_ids[task.uid],
            "proj_id": self.proj_id,
            "wbs_id": wbs,
            "clndr_id": whole(calendar),
            "phys_complete_pct": amount(task.percent_physical or Decimal(0)),
            "complete_pct_type": codes.PERCENT_TYPE_CODES[task.percent_type or "duration"],
            "task_type": codes.TASK_KIND_CODES[kind],
            "duration_type": codes.TASK_TYPE_CODES[task.type or "fixed_duration_and_units"],
            "status_code": "TK_Complete" if ended else "TK_Active" if task.actual_start is not None else "TK_NotStart",
            "task_code": code,
            "task_name": task.name or code,
            "target_drtn_hr_cnt": in_hours(total.minutes if total is not None else 0),
            "remain_drtn_hr_cnt": in_hours(left) if remaining is not None or not self.own else None,
            "cstr_type": codes.CONSTRAINT_CODES[task.constraint],
            "cstr_date": moment(task.constraint_date),
            "cstr_type2": codes.CONSTRAINT_CODES[task.constraint2] if task.constraint2 is not None else "",
            "cstr_date2": moment(task.constraint2_date),
            "act_start_date": moment(task.actual_start),
            "act_end_date": moment(task.actual_finish),
            "target_start_date": moment(task.planned_start or (None if self.own else task.start)),
            "target_end_date": moment(task.planned_finish or (None if self.own else task.finish)),
            "early_start_date": moment(task.early_start),
            "early_end_date": moment(task.early_finish),
            "late_start_date": moment(task.late_start),
            "late_end_date": moment(task.late_finish),
            "suspend_date": moment(task.stop if self.own else None),
            "resume_date": moment(task.resume if self.own else None),
            "priority_type": priority if task.priority is not None or not self.own else None,
        }
        row = self._add("TASK", cells, task.kept)
        self._effort(row, task)
        self._when(row, task, "act_start_date", "restart_date", "target_start_date", "early_start_date", task.start)
        self._when(row, task, "act_end_date", "reend_date", "target_end_date", "early_end_date", task.finish)
        self._memo("TASKMEMO", "task_id", self.task_ids[task.uid], task)

    def _when(
        self, row: Cells, task: Task, actual: str, remaining: str, planned: str, early: str, value: dt.datetime | None
    ) -> None:
        """What remains begins or ends so that reading gives the date of the task."""
        if task.actual_finish is not None and not self.own:
            return
        told = next((row[column] for column in (actual, remaining, planned, early) if row.get(column)), "")
        if value is not None and told != moment(value):
            row[remaining] = moment(value)
        elif not self.own:
            begun = remaining == "restart_date" and task.actual_start is not None
            row[remaining] = moment((task.resume or self.document.project.data_date) if begun else value)

    def _effort(self, row: Cells, task: Task) -> None:
        for (labour, machine), value in (
            (("act_work_qty", "act_equip_qty"), task.actual_work),
            (("remain_work_qty", "remain_equip_qty"), rest(task.remaining_work, task.work, task.actual_work)),
        ):
            split(row, (labour, machine), value)
        if not self.own:
            row["target_work_qty"] = amount(task.work or Decimal(0))

    def _memo(self, table: str, column: str, owner: str, task: Task) -> None:
        memos = [one for one in task.kept if one.name.startswith("memo:")] if self.own else []
        told = "\n\n".join(text for one in memos if (text := memo_plain_text(one.value)))
        identity, content = ("memo_id", "task_memo") if table == "TASKMEMO" else ("wbs_memo_id", "wbs_memo")
        if told != task.notes:
            memos = []
            if task.notes:
                body = "<BR>".join(html.escape(line) for line in task.notes.splitlines())
                memos = [Kept(f"memo:{self._memo_type()}", f"<HTML><BODY>{body}</BODY></HTML>")]
        for one in memos:
            cells = {
                identity: str(len(self.tables.get(table, ())) + 1), column: owner, "proj_id": self.proj_id,
                "memo_type_id": one.name.partition(":")[2], content: one.value,
            }  # fmt: skip
            self._add(table, cells)

    def _memo_type(self) -> str:
        for one in self.document.tables:
            if one.name == "MEMOTYPE" and one.rows and "memo_type_id" in one.columns:
                return one.rows[0][one.columns.index("memo_type_id")]
        if "MEMOTYPE" not in self.tables:
            flags = dict.fromkeys(("eps_flag", "proj_flag", "wbs_flag", "task_flag"), "Y")
            self._add("MEMOTYPE", {"memo_type_id": "1", "seq_num": "1", "memo_type": "Notes"} | flags)
        return "1"

    def _link(self, link: Link) -> None:
        """Links of rows that P6 has no place for are left out."""
        before, after = self.task_ids.get(link.predecessor), self.task_ids.get(link.successor)
        if not link.project and (before is None or after is None):
            return
        minutes = link.lag.minutes
        predecessor = self.document.task_by_uid.get(link.predecessor)
        if link.lag.percent is not None and predecessor is not None and predecessor.duration is not None:
            minutes = int((predecessor.duration.minutes * link.lag.percent / 100).quantize(Decimal(1)))
        other = link.project if link.project and link.project != "?" else self.proj_id
        defaults = {} if self.own else {"task_pred_id": str(len(self.tables.get("TASKPRED", ())) + 1)}
        self._add(
            "TASKPRED",
            defaults
            | {
                "task_id": after or str(link.successor),
                "pred_task_id": before or str(link.predecessor),
                "proj_id": self.proj_id if after is not None else other,
                "pred_proj_id": self.proj_id if before is not None else other,
                "pred_type": codes.LINK_TYPE_CODES[link.type],
                "lag_hr_cnt": in_hours(minutes),
            },
            link.kept,
        )

    # --- codes and custom fields

    def _codes(self) -> None:
        for place, kind in enumerate(self.document.code_types, start=1):
            defaults = {} if self.own else {"actv_short_len": "20", "seq_num": str(place)}
            scope = kind.scope if kind.scope.startswith("AS_") else "AS_Project"
            owner = {"AS_Project": self.proj_id, "AS_EPS": None}.get(scope, "")  # EPS: the node as it was told
            cells = {
                "actv_code_type_id": str(kind.uid), "actv_code_type": kind.name, "actv_code_type_scope": scope,
                "proj_id": owner,
            }  # fmt: skip
            self._add("ACTVTYPE", defaults | cells, kind.kept)
            for number, value in enumerate(kind.values, start=1):
                extra = {} if self.own else {"seq_num": str(number)}
                told = {
                    "actv_code_id": str(value.uid), "actv_code_type_id": str(kind.uid), "short_name": value.name,
                    "parent_actv_code_id": whole(value.parent), "actv_code_name": value.description or value.name,
                }  # fmt: skip
                self._add("ACTVCODE", extra | told, value.kept)
        for task in self.document.tasks:
            for code in task.codes if task.uid in self.task_ids else ():
                self._add("TASKACTV", {
                    "task_id": self.task_ids[task.uid], "actv_code_type_id": str(code.type),
                    "actv_code_id": str(code.value), "proj_id": self.proj_id,
                })  # fmt: skip

    def _custom_fields(self) -> None:
        """Own fields as they were; fields of other formats become text fields."""
        definitions = {one.id: one for one in self.document.fields}
        numbers: dict[tuple[str, str], str] = {}
        if self.own:
            for one in self.document.fields:
                self._add("UDFTYPE", {
                    "udf_type_id": one.id, "table_name": one.entity, "udf_type_name": one.name,
                    "udf_type_label": one.alias, "logical_data_type": one.kind,
                }, one.kept)  # fmt: skip
        for table, owner, values in self._owners_of_values():
            for value in values:
                number = value.field
                if not self.own:
                    key = (table, value.field)
                    if key not in numbers:
                        numbers[key] = str(len(numbers) + 1)
                        known = definitions.get(value.field)
                        label = (known.alias or known.name) if known is not None else ""
                        self._add("UDFTYPE", {
                            "udf_type_id": numbers[key], "table_name": table, "logical_data_type": "FT_TEXT",
                            "udf_type_name": f"user_field_{numbers[key]}", "udf_type_label": label or value.field,
                            "super_flag": "N", "export_flag": "Y",
                        })  # fmt: skip
                    number = numbers[key]
                column = next((one.value for one in value.kept if one.name == "column"), "udf_text")
                self._add("UDFVALUE", {
                    "udf_type_id": number, "fk_id": owner, "proj_id": self.proj_id if table != "RSRC" else "",
                    column if self.own and column in codes.COLUMNS["UDFVALUE"] else "udf_text": value.value,
                })  # fmt: skip

    def _owners_of_values(self) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
        for task in self.document.tasks:
            if task.uid in self.task_ids:
                yield "TASK", self.task_ids[task.uid], task.values
            elif task.uid in self.wbs_ids:
                yield "PROJWBS", self.wbs_ids[task.uid], task.values
        for resource in self.document.resources:
            if resource.uid in self.resource_ids:
                yield "RSRC", self.resource_ids[resource.uid], resource.values
        for one in self.document.assignments:
            if one.uid in self.assignment_ids:
                yield "TASKRSRC", self.assignment_ids[one.uid], one.values


_CURRENCY = (
    ("curr_id", "1"), ("decimal_digit_cnt", "2"), ("decimal_symbol", "."), ("digit_group_symbol", ","),
    ("pos_curr_fmt_type", "#1.1"), ("neg_curr_fmt_type", "(#1.1)"), ("group_digit_cnt", "3"), ("base_exch_rate", "1"),
)  # fmt: skip
_TASK_DEFAULTS = {
    "rev_fdbk_flag": "N", "est_wt": "1", "lock_plan_flag": "N", "auto_compute_act_flag": "N", "target_equip_qty": "0",
    "act_equip_qty": "0", "remain_equip_qty": "0", "driving_path_flag": "N", "act_this_per_work_qty": "0",
    "act_this_per_equip_qty": "0",
}  # fmt: skip
_PROJECT_DEFAULTS = (
    ("fy_start_month_num", "1"), ("rsrc_self_add_flag", "Y"), ("allow_complete_flag", "Y"),
    ("rsrc_multi_assign_flag", "Y"), ("checkout_flag", "N"), ("project_flag", "Y"), ("step_complete_flag", "N"),
    ("cost_qty_recalc_flag", "N"), ("batch_sum_flag", "Y"), ("name_sep_char", "."), ("def_complete_pct_type", "CP_Drtn"),
    ("task_code_base", "1000"), ("task_code_step", "10"), ("priority_num", "10"), ("wbs_max_sum_level", "0"),
    ("strgy_priority_num", "100"), ("critical_drtn_hr_cnt", "0"), ("def_cost_per_qty", "0"),
    ("def_duration_type", "DT_FixedDUR2"), ("task_code_prefix", "A"), ("def_qty_type", "QT_Hour"),
    ("def_rate_type", "COST_PER_QTY"), ("add_act_remain_flag", "N"), ("act_this_per_link_flag", "Y"),
    ("def_task_type", "TT_Task"), ("act_pct_link_flag", "N"), ("critical_path_type", "CT_TotFloat"),
    ("task_code_prefix_flag", "Y"), ("def_rollup_dates_flag", "Y"), ("use_project_baseline_flag", "Y"),
    ("rem_target_link_flag", "Y"), ("reset_planned_flag", "Y"), ("allow_neg_act_flag", "N"),
    ("sum_assign_level", "SL_Taskrsrc"), ("loaded_scope_level", "7"), ("export_flag", "Y"),
)  # fmt: skip
