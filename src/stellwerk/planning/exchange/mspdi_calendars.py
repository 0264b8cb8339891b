"""Calendars of Microsoft Project XML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import cast

from stellwerk.planning.exchange import mspdi_fields as fields
from stellwerk.planning.exchange.document import (
    DAY,
    INHERITED,
    Calendar,
    CalendarException,
    Day,
    Interval,
    Recurrence,
    Week,
    WorkWeek,
)
from stellwerk.planning.exchange.limits import Limits
from stellwerk.planning.exchange.mspdi_elements import Element, children_of, tag, text_of
from stellwerk.planning.exchange.mspdi_values import Values


class Calendars(Values):
    """Reads calendars into ``calendars``."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.calendars: list[Calendar] = []

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
        week, legacy = self._week(children_of(parts, "WeekDays"))
        exceptions = [self._exception(one) for one in children_of(parts, "Exceptions")]
        is_base = values.pop("base_calendar", True)
        if values.get("base") == values["uid"] or (is_base and values.get("base") == 0):
            values["base"] = None  # 0 and -1 both say “none”
        self.calendars.append(
            Calendar(
                **{"name": ""} | values,
                week=week,
                exceptions=tuple(one for one in exceptions if one is not None) or tuple(legacy),
                work_weeks=tuple(self._work_weeks(children_of(parts, "WorkWeeks"))),
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
        after = finish.replace(second=0) + dt.timedelta(minutes=1)
        if start.time() == after.time() != dt.time():
            finish = (
                start + (after - start) - dt.timedelta(days=1)
            )  # from noon to noon is one day, that of its beginning
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
