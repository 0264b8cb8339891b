"""When people can work: minutes of each day, less holidays and absences, and what of them is left for projects.

Whoever asks has chosen the people that the reader may see: minutes are told to all of them, reasons of absences never.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from stellwerk.people.holidays import public_holidays
from stellwerk.people.models import WEEKDAYS, Absence, Person, WorkingPattern

Minutes = NDArray[np.int32]
WORKING_DAYS: Final = 5
WHOLE_SHARE: Final = 10_000
"""The project share is counted in hundredths of a percent."""
_PERSON: Final = (
    "pk", "weekly_hours", "entry_date", "exit_date", "archived_at", "location_id", "location__country",
    "location__subdivision", "unit__organisation__country", "unit__organisation__subdivision",
)  # fmt: skip
_WEEK: Final = tuple(WEEKDAYS)


@dataclass(frozen=True)
class WorkingDays:
    """Minutes by [person, day]; rows in the order of ``people``, columns from ``first`` to ``last``, both included.

    ``gross``: the working pattern in force that day; 0 before the entry and after the exit (or archiving).
    ``holidays``: of these, minutes of public holidays at the person's location (else of the organisation).
    ``absence``: of the rest, minutes of absences (a half day takes half of it). ``share``: hundredths of a percent.
    ``net`` = (gross - holidays - absence) x share, each day rounded half up to whole minutes.
    """

    people: tuple[int, ...]
    first: dt.date
    gross: Minutes
    holidays: Minutes
    absence: Minutes
    share: Minutes

    @cached_property
    def net(self) -> Minutes:
        worked = (self.gross - self.holidays - self.absence).astype(np.int64)
        return ((worked * self.share + WHOLE_SHARE // 2) // WHOLE_SHARE).astype(np.int32)

    @cached_property
    def row(self) -> dict[int, int]:
        """The row of each person, by number."""
        return {person: at for at, person in enumerate(self.people)}

    @property
    def days(self) -> int:
        return int(self.gross.shape[1])

    @property
    def last(self) -> dt.date:
        return self.first + dt.timedelta(days=self.days - 1)

    def column(self, day: dt.date) -> int:
        """The column of a day; negative or past the end where the day lies outside."""
        return (day - self.first).days

    def working(self) -> NDArray[np.bool_]:
        """Days on which somebody works at all, whether absent or not: in the pattern, no public holiday."""
        return self.gross > self.holidays


def usual_week(weekly_hours: Decimal) -> tuple[int, ...]:
    """Minutes from Monday to Sunday of somebody without a working pattern.

    ``Person.weekly_hours`` is the week of the contract, so a part-timer's is short already and ``fte`` is not multiplied again.
    A fifth falls on each day from Monday to Friday; minutes that five do not divide go to the first days, so the week adds up.
    """
    each, over = divmod(int(weekly_hours * 60), WORKING_DAYS)
    return tuple(each + (day < over) if day < WORKING_DAYS else 0 for day in range(7))


def working_minutes(people: Sequence[Person] | Sequence[int], first: dt.date, last: dt.date) -> WorkingDays:
    """The minutes of these people on each day of a period, in three queries. People who are gone have empty rows.

    Error: ``ValueError`` when the period ends before it begins.
    """
    if last < first:
        raise ValueError("last < first")
    numbers = tuple(dict.fromkeys(one if isinstance(one, int) else one.pk for one in people))
    row = {number: at for at, number in enumerate(numbers)}
    length = (last - first).days + 1
    gross = np.zeros((len(numbers), length), dtype=np.int32)
    share = np.full_like(gross, WHOLE_SHARE)
    free = np.zeros((len(numbers), length), dtype=bool)
    weekdays = (np.arange(length) + first.weekday()) % 7
    patterns = _patterns(numbers, last)
    masks: dict[tuple[str, str], NDArray[np.bool_]] = {}
    for pk, hours, entry, leaving, archived, location, *places in (
        Person.objects.filter(pk__in=numbers).order_by().values_list(*_PERSON)
    ):  # fmt: skip
        at = row[pk]
        gross[at] = np.array(usual_week(hours), dtype=np.int32)[weekdays]
        for begin, week, part in patterns.get(pk, ()):
            start = max((begin - first).days, 0)
            gross[at, start:] = np.array(week, dtype=np.int32)[weekdays[start:]]
            share[at, start:] = part
        if entry is not None and entry > first:
            gross[at, : (entry - first).days] = 0
        shelved = timezone.localtime(archived).date() if archived else None
        gone = min((day for day in (leaving, shelved) if day is not None), default=None)
        if gone is not None and gone < last:
            gross[at, max((gone - first).days + 1, 0) :] = 0
        place = (places[0], places[1]) if location is not None else (places[2], places[3])
        if place not in masks:
            masks[place] = _holiday_mask(*place, first, length)
        free[at] = masks[place]
    holidays = np.where(free, gross, 0).astype(np.int32)
    away = np.zeros((len(numbers), length), dtype=np.int32)
    for person, begin, end, part in (
        Absence.objects.filter(person__in=numbers, first__lte=last, last__gte=first)
        .order_by()
        .values_list("person_id", "first", "last", "part")
    ):
        away[row[person], max((begin - first).days, 0) : (end - first).days + 1] += part
    absence = ((gross - holidays) * np.minimum(away, 100) + 50) // 100
    return WorkingDays(numbers, first, gross, holidays, absence, share)


def _patterns(people: Iterable[int], last: dt.date) -> dict[int, list[tuple[dt.date, tuple[int, ...], int]]]:
    """(valid from, minutes of the week, share) of each person, oldest first."""
    found: dict[int, list[tuple[dt.date, tuple[int, ...], int]]] = {}
    rows = WorkingPattern.objects.filter(person__in=people, valid_from__lte=last).order_by("person", "valid_from")
    for person, begin, share, *week in rows.values_list("person_id", "valid_from", "project_share", *_WEEK):
        found.setdefault(person, []).append((begin, tuple(week), int(share * 100)))
    return found


def _holiday_mask(country: str, subdivision: str, first: dt.date, length: int) -> NDArray[np.bool_]:
    mask = np.zeros(length, dtype=bool)
    for year in range(first.year, (first + dt.timedelta(days=length - 1)).year + 1):
        for day in public_holidays(country, subdivision, year):
            at = (day - first).days
            if 0 <= at < length:
                mask[at] = True
    return mask
