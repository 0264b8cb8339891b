"""What an edit does to the plan, in words and rows: what moves, by how much, why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.engine.calendars import moment
from stellwerk.engine.network import Reason
from stellwerk.planning.columns import NULL
from stellwerk.planning.compute import Computed, calendar_rows
from stellwerk.planning.models import Activity, Link, WorkingCalendar
from stellwerk.planning.selectors.words import reason_text

MOST_TOLD = 500


@dataclass(frozen=True)
class Move:
    """One activity that moves; ``days`` are working days of its calendar, positive: later."""

    row: int
    wbs: str
    name: str
    start: tuple[dt.datetime, dt.datetime]
    finish: tuple[dt.datetime, dt.datetime]
    days: Decimal
    why: str


@dataclass(frozen=True)
class Effect:
    """What follows from an edit. ``finish``: end of the plan before and after; ``end_days`` working days between."""

    moved: int
    finish: tuple[dt.datetime | None, dt.datetime | None]
    end_days: Decimal
    moves: tuple[Move, ...]
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        before, after = self.finish
        parts = []
        if self.moved:
            parts.append(
                ngettext("%(count)s activity moves", "%(count)s activities move", self.moved)
                % {"count": formats.number(self.moved)}
            )
        if before is not None and after is not None and before != after:
            days = formats.number(
                self.end_days, 0 if self.end_days == self.end_days.to_integral_value() else 1, sign=True
            )
            parts.append(
                _("end of the plan %(days)s WD, on %(date)s") % {"days": days, "date": formats.day(after.date())}
            )
        return ", ".join(parts) or _("No date changes.")

    def as_json(self) -> dict[str, Any]:
        before, after = (None if one is None else iso(one) for one in self.finish)
        return {
            "text": self.text,
            "moved": self.moved,
            "finish": [before, after, float(self.end_days)],
            "changes": [
                {
                    "row": one.row,
                    "wbs": one.wbs,
                    "name": one.name,
                    "start": [iso(at) for at in one.start],
                    "finish": [iso(at) for at in one.finish],
                    "days": float(one.days),
                    "why": one.why,
                }
                for one in self.moves
            ],
        }


def iso(value: dt.datetime) -> str:
    return value.isoformat(timespec="minutes")


def effect_of(computed: Computed, finish_before: dt.datetime | None, by: User | None = None) -> Effect:
    """Stored dates against computed ones, told to ``by``; new rows have no stored dates and count as not moved."""
    columns, results = computed.columns, computed.results
    stored = columns.number
    real = computed.part & (stored["start"] != NULL) & (results["start"] != NULL)
    differs = (stored["start"] != results["start"]) | (stored["finish"] != results["finish"])
    moved = np.flatnonzero(real & differs)
    calendars = calendar_rows(columns, computed.clock)
    shift = computed.clock.set.between(calendars[moved], stored["finish"][moved], results["finish"][moved])
    order = np.argsort(-np.abs(shift), kind="stable")[:MOST_TOLD]
    moves = _moves(computed, moved[order], shift[order], calendars, by)
    end = computed.end()
    after = None if end == NULL else moment(end)
    return Effect(
        len(moved), (finish_before, after), _end_days(computed, finish_before, end), tuple(moves), _warnings(computed)
    )


def _end_days(computed: Computed, before: dt.datetime | None, end: int) -> Decimal:
    from stellwerk.engine.calendars import instant

    if before is None or end == NULL:
        return Decimal(0)
    row = np.array([computed.clock.default], np.int64)
    minutes = computed.clock.set.between(row, np.array([instant(before)], np.int64), np.array([end], np.int64))
    return in_days(int(minutes[0]), computed.clock.day(computed.clock.default))


def in_days(minutes: int, day: int) -> Decimal:
    """Working minutes as days to one decimal."""
    return (Decimal(minutes) / Decimal(day)).quantize(Decimal("0.1")).normalize() if minutes else Decimal(0)


def _drivers(computed: Computed, numbers: set[int]) -> dict[int, Link]:
    """Links as far as they are told; whole ones, with their project, only where they lead in from another plan."""
    plan = computed.plan
    columns = ("pk", "type", "lag", "lag_elapsed", "predecessor__plan", "predecessor__wbs", "predecessor__name")
    found = {
        pk: Link(pk=pk, plan=plan, type=kind, lag=lag, lag_elapsed=by_clock, predecessor=Activity(plan=plan, wbs=wbs, name=name))
        for pk, kind, lag, by_clock, giver, wbs, name in Link.objects.filter(pk__in=numbers).values_list(*columns)
        if giver == plan.pk
    }  # fmt: skip
    if len(found) < len(numbers):
        outer = Link.objects.filter(pk__in=numbers - found.keys())
        found |= outer.select_related("predecessor", "predecessor__plan__project").in_bulk()
    return found


def _calendars(computed: Computed, rows: Any) -> tuple[dict[int, str], str]:
    """Names of the calendars of rows by number, and of that of the plan."""
    wanted = {int(one) for one in computed.columns.number["calendar_id"][rows]} - {NULL}
    names = dict(WorkingCalendar.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    usual = computed.plan.calendar
    return names, str(usual.name if usual is not None else _("Monday to Friday"))


def _moves(computed: Computed, rows: Any, shift: Any, calendars: Any, by: User | None) -> list[Move]:
    columns, results = computed.columns, computed.results
    numbers = [int(columns.number["pk"][row]) for row in rows]
    names = {
        pk: (wbs, name) for pk, wbs, name in Activity.objects.filter(pk__in=numbers).values_list("pk", "wbs", "name")
    }
    drivers = {int(results["driver"][row]) for row in rows} - {NULL}
    links = _drivers(computed, drivers)
    calendars_called, usual = _calendars(computed, rows)
    found = []
    for row, minutes, pk in zip(rows.tolist(), shift.tolist(), numbers, strict=True):
        wbs, name = names[pk]
        reason = int(results["reason"][row])
        day = computed.clock.day(int(calendars[row]))
        link = links.get(int(results["driver"][row]))
        stored = columns.number
        stays = stored["start"][row] == results["start"][row]
        if stays and computed.dates.finish_reason[row] == Reason.DURATION and not stored["elapsed"][row]:
            calendar = calendars_called.get(int(stored["calendar_id"][row]), usual)
            why = _("its duration, calendar %(name)s") % {"name": calendar}
        else:
            why = reason_text(None if reason == NULL else Reason(reason), link, computed.plan, day, by)
        found.append(
            Move(
                pk, wbs, name,
                (moment(int(stored["start"][row])), moment(int(results["start"][row]))),
                (moment(int(stored["finish"][row])), moment(int(results["finish"][row]))),
                in_days(minutes, day), why,
            )
        )  # fmt: skip
    return found


def _warnings(computed: Computed) -> tuple[str, ...]:
    """Findings that were not there before."""
    from stellwerk.planning.selectors.words import finding_text

    stored = computed.columns.text["finding"]
    fresh: list[tuple[int, str]] = []
    for row, codes in enumerate(computed.findings):
        if codes and codes != stored[row]:
            fresh += [(row, code) for code in codes.split(",") if code not in stored[row].split(",")]
    shown = fresh[:20]
    numbers = [int(computed.columns.number["pk"][row]) for row, _code in shown]
    names = {one.pk: str(one) for one in Activity.objects.filter(pk__in=numbers).only("pk", "wbs", "name")}
    told = [f"{names[pk]}: {finding_text(code)}" for pk, (_row, code) in zip(numbers, shown, strict=True)]
    if len(fresh) > len(shown):
        told.append(_("And %(count)s more.") % {"count": len(fresh) - len(shown)})
    if computed.summary_links:
        count = len(computed.summary_links)
        told.append(
            ngettext(
                "%(count)s link touches a summary and moves nothing.",
                "%(count)s links touch a summary and move nothing.",
                count,
            )
            % {"count": count}
        )
    return tuple(told)
