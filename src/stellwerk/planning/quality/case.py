"""What is assessed: a plan with its computed schedule, and the sets that the checks count in."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, TypeVar

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.engine.calendars import ELAPSED
from stellwerk.engine.network import Schedule
from stellwerk.planning.exchange.document import Assignment, Baseline, Link, Resource, Task
from stellwerk.planning.network import Plan, complete

V = TypeVar("V")
ELAPSED_DAY: Final = 1440
BASELINE: Final = 0
"""The number of the baseline that counts."""
LINK_CODES: Final = {
    "FS": pgettext_lazy("link", "FS"),
    "SS": pgettext_lazy("link", "SS"),
    "FF": pgettext_lazy("link", "FF"),
    "SF": pgettext_lazy("link", "SF"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What checks compare with that is not a share. Days are working days."""

    high_float: int = 44
    high_duration: int = 44
    test_delay: int = 600
    test_tolerance: int = 5
    redundant_steps: int = 5_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """A row that breaks a rule: its number, the id that people see, its name, and what exactly is wrong."""

    uid: int
    id: str
    name: str
    detail: Text = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a check found. ``share`` None: it cannot be measured, and ``reason`` says why."""

    items: tuple[Item, ...] = ()
    total: int = 0
    share: Fraction | None = None
    reason: Text = ""


@dataclass(frozen=True)
class Case:
    """One schedule under assessment."""

    plan: Plan
    schedule: Schedule
    limits: Limits = Limits()

    @cached_property
    def all_rows(self) -> list[int]:
        """Rows that belong to this schedule: activities of other projects drive, but are not counted."""
        return [row for row, task in enumerate(self.plan.tasks) if not task.external]

    @cached_property
    def open(self) -> list[int]:
        """Rows that are neither finished nor at 100 per cent."""
        return [row for row in self.all_rows if not self.finished(row)]

    @cached_property
    def working(self) -> list[int]:
        """Open rows that take time."""
        return [row for row in self.open if int(self.plan.network.activities.duration[row]) > 0]

    @cached_property
    def links(self) -> list[int]:
        """Link rows whose successor is open."""
        open_rows = set(self.open)
        after = self.plan.network.links.successor.tolist()
        return [number for number, row in enumerate(after) if row in open_rows]

    @cached_property
    def before(self) -> dict[int, list[Link]]:
        """The links that lead to each uid."""
        return _grouped((link.successor, link) for link in self.plan.links)

    @cached_property
    def after(self) -> dict[int, list[Link]]:
        """The links that lead away from each uid."""
        return _grouped((link.predecessor, link) for link in self.plan.links)

    @cached_property
    def assignments(self) -> dict[int, list[Assignment]]:
        return _grouped((one.task, one) for one in self.plan.document.assignments)

    @cached_property
    def resources(self) -> dict[int, Resource]:
        return {resource.uid: resource for resource in self.plan.document.resources}

    @property
    def data_date(self) -> dt.datetime | None:
        return self.plan.document.project.data_date

    def task(self, row: int) -> Task:
        return self.plan.tasks[row]

    def finished(self, row: int) -> bool:
        return complete(self.task(row), self.plan.document)

    def baseline(self, row: int) -> Baseline | None:
        return next((one for one in self.task(row).baselines if one.number == BASELINE), None)

    def baseline_finish(self, row: int) -> dt.datetime | None:
        one = self.baseline(row)
        return one.finish if one is not None else None

    @cached_property
    def planned_by_now(self) -> list[int]:
        """Rows whose baseline finishes at or before the data date."""
        today = self.data_date
        found = ((row, self.baseline_finish(row)) for row in self.all_rows)
        return [row for row, finish in found if today is not None and finish is not None and finish <= today]

    @cached_property
    def has_baseline(self) -> bool:
        return any(self.baseline_finish(row) is not None for row in self.all_rows)

    def day_of(self, row: int) -> int:
        """Minutes of a working day of this row."""
        if int(self.plan.network.activities.calendar[row]) == ELAPSED:
            return ELAPSED_DAY
        document, uid = self.plan.document, self.task(row).calendar
        own = document.calendar_by_uid.get(uid) if uid is not None else None
        return (own.minutes_per_day if own is not None else None) or self.project_day

    @property
    def project_day(self) -> int:
        return self.plan.document.project.minutes_per_day or 480

    def days(self, row: int, minutes: int) -> Fraction:
        return Fraction(minutes, self.day_of(row))

    # --- results

    def item(self, row: int, detail: Text = "") -> Item:
        task = self.task(row)
        return Item(task.uid, shown_id(task), task.name, detail)

    def link_item(self, link: Link) -> Item:
        """A link is shown at its successor."""
        before, after = (self.plan.document.task_by_uid[uid] for uid in (link.predecessor, link.successor))
        day = self._lag_day(link) if link.lag.minutes else ELAPSED_DAY
        return Item(after.uid, shown_id(after), after.name, link_text(shown_id(before), link, day))

    def _lag_day(self, link: Link) -> int:
        """Minutes of a day of a lag: a working day of the successor, as on the plan page, unless it runs by the clock."""
        row = self._row.get(link.successor)
        if link.lag.elapsed or (link.predecessor, link.successor, link.type) in self._by_the_clock:
            return ELAPSED_DAY
        return self.project_day if row is None else self.day_of(row)

    @cached_property
    def _row(self) -> dict[int, int]:
        """The row of each uid; summary rows have none."""
        return {task.uid: row for row, task in enumerate(self.plan.tasks)}

    @cached_property
    def _by_the_clock(self) -> set[tuple[int, int, str]]:
        """Links whose lag counts every hour, because the file or the plan says so for all of them."""
        calendars = self.plan.network.links.lag_calendar.tolist()
        pairs = zip(self.plan.links, calendars, strict=True)
        return {(one.predecessor, one.successor, one.type) for one, calendar in pairs if calendar == ELAPSED}

    def counted(self, items: Iterable[Item], total: int, empty: Text) -> Measure:
        """The share of findings among ``total``; nothing to look at is no result."""
        found = tuple(items)
        return Measure(found, total, Fraction(len(found), total)) if total else Measure(reason=empty)


def shown_id(task: Task) -> str:
    """How people call a row: its code, else its row number."""
    return task.code or str(task.id if task.id is not None else task.uid)


def _link_text(before: str, link: Link, day: int) -> str:
    return f"{before} → {LINK_CODES[link.type]}{_lag(link, day)}"


def _lag(link: Link, day: int) -> str:
    if link.lag.percent is not None:
        return f" {formats.number(link.lag.percent, sign=True)} %"
    if not link.lag.minutes:
        return ""
    days = Fraction(link.lag.minutes, day)
    shown = formats.number(float(days), int(days.denominator != 1), sign=True)
    unit = pgettext("unit", "ed") if day == ELAPSED_DAY else _("WD")
    return f" {shown} {unit}"


def _days_text(days: Fraction) -> str:
    return f"{formats.number(float(days), int(days.denominator != 1))} {_('WD')}"


link_text = lazy(_link_text, str)
"""“Order → FS +15 WD”, in the language of whoever reads it: results are stored in all of them."""
days_text = lazy(_days_text, str)
"""“45.5 WD”, in the language of whoever reads it."""


def _grouped(pairs: Iterable[tuple[int, V]]) -> dict[int, list[V]]:
    found: dict[int, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)
