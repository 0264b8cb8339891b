"""Resources, roles, their rates and assignments as tables of an XER file."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from stellwerk.planning.exchange.document import Assignment, Rate, Resource
from stellwerk.planning.exchange.xer_people import RATE_COLUMNS
from stellwerk.planning.exchange.xer_tables import NEWLINE
from stellwerk.planning.exchange.xer_writing import (
    FALLBACK_DAY,
    Cells,
    Tables,
    amount,
    in_hours,
    moment,
    rest,
    split,
    whole,
)


class PeopleTables(Tables):
    def _resources(self) -> None:
        for place, resource in enumerate(self.document.resources):
            if resource.uid in self.role_ids:
                self._role(resource, place)
            elif resource.uid in self.resource_ids:
                self._resource(resource, place)

    def _resource(self, resource: Resource, place: int) -> None:
        number = self.resource_ids[resource.uid]
        short = resource.code or resource.initials or f"R{number}"
        defaults: dict[str, str | None] = {} if self.own else {
            "rsrc_seq_num": str(place), "def_qty_per_hr": "1", "cost_qty_type": "QT_Hour", "auto_compute_act_flag": "Y",
            "def_cost_qty_link_flag": "Y", "ot_flag": "N", "curr_id": "1", "load_tasks_flag": "N", "level_flag": "Y",
            "rsrc_type": "RT_Labor" if resource.type == "work" else "RT_Mat",
        }  # fmt: skip
        calendar = (
            resource.calendar if resource.calendar in self.document.calendar_by_uid else self.document.project.calendar
        )
        self._add(
            "RSRC",
            defaults
            | {
                "rsrc_id": number,
                "parent_rsrc_id": self.resource_ids.get(resource.parent, "") if resource.parent is not None else "",
                "clndr_id": whole(resource.calendar if self.own else calendar),
                "email_addr": resource.email,
                "rsrc_name": resource.name or short,
                "rsrc_short_name": short,
                "active_flag": "Y" if resource.active else "N",
                "rsrc_notes": resource.notes.replace("\n", NEWLINE),
            },
            resource.kept,
        )
        self._rates("RSRCRATE", "rsrc_rate_id", "rsrc_id", number, resource)

    def _role(self, role: Resource, place: int) -> None:
        number = self.role_ids[role.uid]
        defaults = (
            {} if self.own else {"seq_num": str(place), "def_cost_qty_link_flag": "Y", "cost_qty_type": "QT_Hour"}
        )
        self._add(
            "ROLES",
            defaults
            | {
                "role_id": number,
                "parent_role_id": self.role_ids.get(role.parent, "") if role.parent is not None else "",
                "role_name": role.name,
                "role_short_name": role.code or f"ROLE{number}",
                "role_descr": role.notes.replace("\n", NEWLINE),
            },
            role.kept,
        )
        self._rates("ROLERATE", "role_rate_id", "role_id", number, role)

    def _rates(self, table: str, identity: str, column: str, owner: str, resource: Resource) -> None:
        rates: tuple[Rate, ...] = resource.rates
        if not rates and (resource.standard_rate is not None or resource.max_units is not None):
            start = self.document.project.start or FALLBACK_DAY
            rates = (Rate(0, start=start, standard=resource.standard_rate or Decimal(0), units=resource.max_units),)
        by_start: dict[dt.datetime | None, list[Rate]] = {}
        for rate in rates:
            by_start.setdefault(rate.start, []).append(rate)
        for begin, group in by_start.items():
            units = next(
                (rate.units for rate in group if rate.units is not None), None if self.own else resource.max_units
            )
            cells = {identity: str(len(self.tables.get(table, ())) + 1), column: owner, "start_date": moment(begin)}
            cells["max_qty_per_hr"] = amount(units)
            for rate in group:
                cells[RATE_COLUMNS[rate.table]] = amount(rate.standard)
            self._add(table, cells)

    def _assignments(self) -> None:
        highest = max((one.uid for one in self.document.assignments), default=0)
        resources = {one.uid: one for one in self.document.resources}
        for one in self.document.assignments:
            role = one.role if one.role is not None else one.resource
            if one.task not in self.task_ids or not (one.resource in self.resource_ids or role in self.role_ids):
                continue  # P6 has no work that nobody does, and none on a node
            number = one.uid
            if number <= 0:
                highest += 1
                number = highest
            resource = resources.get(one.resource) if one.resource is not None else None
            kind = "RT_Mat" if resource is not None and resource.type != "work" else "RT_Labor"
            self.assignment_ids[one.uid] = str(number)
            defaults: dict[str, str | None] = {} if self.own else {
                **_ASSIGNMENT_DEFAULTS, "remain_qty_per_hr": amount(one.units), "rsrc_type": kind,
                "target_qty": amount(one.work), "target_cost": amount(one.cost),
                "target_start_date": moment(one.start), "target_end_date": moment(one.finish),
            }  # fmt: skip
            row = self._add(
                "TASKRSRC",
                defaults
                | {
                    "taskrsrc_id": str(number),
                    "task_id": self.task_ids[one.task],
                    "proj_id": self.proj_id,
                    "rsrc_id": self.resource_ids.get(one.resource, "") if one.resource is not None else "",
                    "role_id": self.role_ids.get(role, "") if role is not None else "",
                    "target_qty_per_hr": amount(one.units),
                    "target_lag_drtn_hr_cnt": in_hours(one.delay.minutes if one.delay is not None else 0),
                    "act_start_date": moment(one.actual_start),
                    "act_end_date": moment(one.actual_finish),
                    "rate_type": "COST_PER_QTY" + (str(one.rate_table + 1) if one.rate_table else ""),
                },
                one.kept,
            )
            self._amounts(row, one)

    def _amounts(self, row: Cells, one: Assignment) -> None:
        split(row, ("act_reg_qty", "act_ot_qty"), one.actual_work)
        split(row, ("act_reg_cost", "act_ot_cost"), one.actual_cost)
        split(row, ("remain_qty",), rest(one.remaining_work, one.work, one.actual_work))
        split(row, ("remain_cost",), rest(one.remaining_cost, one.cost, one.actual_cost))
        for actual, remaining, planned, value in (
            ("act_start_date", "restart_date", "target_start_date", one.start),
            ("act_end_date", "reend_date", "target_end_date", one.finish),
        ):
            told = next((row[column] for column in (actual, remaining, planned) if row.get(column)), "")
            if value is not None and told != moment(value):
                row[remaining] = moment(value)


_ASSIGNMENT_DEFAULTS = {
    "cost_qty_link_flag": "Y", "relag_drtn_hr_cnt": "0", "ot_factor": "0", "cost_per_qty": "0",
    "rollup_dates_flag": "Y", "ts_pend_act_end_flag": "N", "act_this_per_cost": "0", "act_this_per_qty": "0",
    "cost_per_qty_source_type": "ST_Rsrc",
}  # fmt: skip
