"""Resources, roles, their rates and assignments of an XER file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from stellwerk.planning.exchange import xer_fields as codes
from stellwerk.planning.exchange.collecting import Collector, hours, plain
from stellwerk.planning.exchange.document import Assignment, Duration, Rate, Resource
from stellwerk.planning.exchange.kept import Kept
from stellwerk.planning.exchange.problems import shorten
from stellwerk.planning.exchange.xer_cells import Cells
from stellwerk.planning.exchange.xer_notes import memo_plain_text
from stellwerk.planning.exchange.xer_tables import Row, XerFile

RATE_COLUMNS = ("cost_per_qty", "cost_per_qty2", "cost_per_qty3", "cost_per_qty4", "cost_per_qty5")
_ASSIGNMENT_DATES = {
    "actual_start": "act_start_date",
    "actual_finish": "act_end_date",
    "restart": "restart_date",
    "reend": "reend_date",
    "target_start": "target_start_date",
    "target_end": "target_end_date",
}
_ASSIGNMENT_MODELLED = (
    "taskrsrc_id", "task_id", "proj_id", "role_id", "rsrc_id", "remain_qty", "target_qty_per_hr",
    "target_lag_drtn_hr_cnt", "act_start_date", "act_end_date", "rate_type", "remain_cost",
)  # fmt: skip


@dataclass(slots=True)
class Sums:
    """Cost of a task, added up from its assignments and expenses."""

    cost: Decimal = Decimal(0)
    actual: Decimal = Decimal(0)
    remaining: Decimal = Decimal(0)


class People(Cells):
    """``sums`` is filled by :meth:`_assignments`, ``role_uids`` by :meth:`_resources`."""

    def __init__(self, tables: XerFile, notes: Collector, project: Row) -> None:
        super().__init__(tables, notes, project)
        self.data_date: dt.datetime | None = None
        self.role_uids: dict[str, int] = {}
        self.sums: dict[int, Sums] = {}

    def _resources(self) -> list[Resource]:
        rates = self._rates("RSRCRATE", "rsrc_id")
        found = []
        for row in self.tables.rows("RSRC"):
            name = row.get("rsrc_name")
            uid = self._uid(row, "rsrc_id", f"resource “{shorten(name, 60)}”")
            if uid is None:
                continue
            mine = rates.get(row.get("rsrc_id"), ())
            current = self._current(mine)
            modelled = (
                "rsrc_id", "parent_rsrc_id", "clndr_id", "email_addr", "rsrc_name", "rsrc_short_name", "active_flag",
                "rsrc_notes",
            )  # fmt: skip
            found.append(
                Resource(
                    uid,
                    name=name,
                    code=row.get("rsrc_short_name"),
                    type=self._choice(codes.RESOURCE_TYPES, row, "rsrc_type", "work"),
                    active=row.get("active_flag") != "N",
                    email=row.get("email_addr"),
                    parent=self._int(row, "parent_rsrc_id"),
                    calendar=self._int(row, "clndr_id"),
                    max_units=current.units if current is not None else None,
                    standard_rate=current.standard if current is not None else None,
                    notes=memo_plain_text(row.get("rsrc_notes")),
                    rates=mine,
                    kept=self._kept(row, modelled),
                    line=row.line,
                )
            )
        return found + self._roles({one.uid for one in found})

    def _roles(self, taken: set[int]) -> list[Resource]:
        rates = self._rates("ROLERATE", "role_id")
        found = []
        free = max(taken, default=0)
        rows = [(row, self._uid(row, "role_id", "role")) for row in self.tables.rows("ROLES")]
        free = max([free, *(uid for _, uid in rows if uid is not None)])
        for row, native in rows:
            if native is None:
                continue
            uid = native
            if uid in taken:
                free += 1
                uid = free
            taken.add(uid)
            self.role_uids[row.get("role_id")] = uid
            mine = rates.get(row.get("role_id"), ())
            current = self._current(mine)
            kept = self._kept(row, ("role_id", "parent_role_id", "role_name", "role_short_name", "role_descr"))
            found.append(
                Resource(
                    uid,
                    name=row.get("role_name"),
                    code=row.get("role_short_name"),
                    role=True,
                    max_units=current.units if current is not None else None,
                    standard_rate=current.standard if current is not None else None,
                    notes=memo_plain_text(row.get("role_descr")),
                    rates=mine,
                    kept=(Kept("role_id", str(native)), *kept) if uid != native else kept,
                    line=row.line,
                )
            )
        parents = {str(row.get("role_id")): row.get("parent_role_id") for row, _ in rows}
        by_uid = {uid: native for native, uid in self.role_uids.items()}
        return [replace(one, parent=self.role_uids.get(parents.get(by_uid[one.uid], ""))) for one in found]

    def _rates(self, table: str, owner: str) -> dict[str, tuple[Rate, ...]]:
        found: dict[str, list[Rate]] = {}
        for row in self.tables.rows(table):
            self._at("rate", row)
            start, units = self._date(row, "start_date"), self._number(row, "max_qty_per_hr")
            for index, column in enumerate(RATE_COLUMNS):
                value = self._number(row, column)
                if value is not None or index == 0:
                    found.setdefault(row.get(owner), []).append(Rate(index, start=start, standard=value, units=units))
        return {
            uid: tuple(sorted(rates, key=lambda rate: (rate.start or dt.datetime.min, rate.table)))  # noqa: DTZ901
            for uid, rates in found.items()
        }

    def _current(self, rates: Sequence[Rate]) -> Rate | None:
        """What holds at the data date."""
        first = [rate for rate in rates if rate.table == 0]
        today = self.data_date
        valid = [rate for rate in first if rate.start is None or today is None or rate.start <= today]
        return valid[-1] if valid else first[0] if first else None

    def _assignments(self) -> list[Assignment]:
        found = []
        for row in self._mine("TASKRSRC"):
            uid, task = self._uid(row, "taskrsrc_id", "assignment"), self._int(row, "task_id")
            if uid is None or task is None:
                continue
            actual = self._sum(row, "act_reg_qty", "act_ot_qty")
            remaining = self._sum(row, "remain_qty")
            actual_cost, remaining_cost = self._sum(row, "act_reg_cost", "act_ot_cost"), self._sum(row, "remain_cost")
            self._add_cost(task, actual_cost, remaining_cost)
            dates = {name: self._date(row, column) for name, column in _ASSIGNMENT_DATES.items()}
            work = actual + remaining
            lag = self._minutes(row, "target_lag_drtn_hr_cnt", signed=True)
            role = row.get("role_id").strip()
            found.append(
                Assignment(
                    uid,
                    task,
                    resource=self._int(row, "rsrc_id") if row.get("rsrc_id").strip() else self.role_uids.get(role),
                    role=self.role_uids.get(role),
                    units=self._number(row, "target_qty_per_hr"),
                    start=dates["actual_start"] or dates["restart"] or dates["target_start"],
                    finish=dates["actual_finish"] or dates["reend"] or dates["target_end"],
                    actual_start=dates["actual_start"],
                    actual_finish=dates["actual_finish"],
                    percent_work=plain((actual * 100 / work).quantize(Decimal("0.000001"))) if work else Decimal(0),
                    work=hours(work),
                    actual_work=hours(actual),
                    remaining_work=hours(remaining),
                    cost=plain(actual_cost + remaining_cost),
                    actual_cost=plain(actual_cost),
                    remaining_cost=plain(remaining_cost),
                    rate_table=_rate_index(row.get("rate_type")),
                    delay=Duration(lag) if lag else None,
                    kept=self._kept(row, _ASSIGNMENT_MODELLED),
                    line=row.line,
                )
            )
        for row in self._mine("PROJCOST"):
            self._at("expense", row)
            task = self._int(row, "task_id")
            if task is not None:
                self._add_cost(task, self._sum(row, "act_cost"), self._sum(row, "remain_cost"))
        return found

    def _add_cost(self, task: int, actual: Decimal, remaining: Decimal) -> None:
        sums = self.sums.setdefault(task, Sums())
        sums.actual = plain(sums.actual + actual)
        sums.remaining = plain(sums.remaining + remaining)
        sums.cost = plain(sums.actual + sums.remaining)


def _rate_index(text: str) -> int:
    digits = text.strip().removeprefix("COST_PER_QTY")
    return int(digits) - 1 if digits in {"2", "3", "4", "5"} else 0
