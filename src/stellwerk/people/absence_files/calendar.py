"""Absences from an iCalendar file (RFC 5545), as Outlook, Google and others export it."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any, Final

from django.utils.translation import gettext as _
from icalendar import Calendar

from stellwerk.core.db import fold
from stellwerk.core.errors import Refused
from stellwerk.core.formats import day
from stellwerk.people.absence_files.found import MOST_ROWS, Found, Reading, Skipped, kind_of, refuse_size, too_many

HALF_DAY: Final = dt.timedelta(hours=5)
"""Up to here an entry with times takes half a day, above it the whole day."""
SHORTEST: Final = dt.timedelta(hours=2)
LONGEST_UID: Final = 250


def read_calendar(content: bytes, zone: dt.tzinfo) -> Reading:
    """The absences of a calendar; times count in ``zone``. What an entry is called is read for the reason and not kept.

    Errors: ``Refused`` when the file is no calendar, or holds too much.
    """
    refuse_size(content)
    try:
        calendars = Calendar.from_ical(content, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (RecursionError, MemoryError):
        raise too_many() from None
    except (
        Exception
    ) as error:  # the parser meets anything that people upload; whatever it raises, the file is no calendar
        raise _no_calendar() from error
    if not events:
        raise _no_calendar()
    if len(events) > MOST_ROWS:
        raise too_many()
    found = Reading("ical")
    for number, event in enumerate(events, start=1):
        row = _event(event, _("Entry %(number)s") % {"number": number}, zone)
        if isinstance(row, Found):
            found.rows.append(row)
        else:
            found.skipped.append(row)
    return found


def _no_calendar() -> Refused:
    return Refused(
        _("This file is no calendar with entries."),
        _("Export the calendar as iCalendar (.ics) and try again."),
        code="no_calendar",
    )


def _event(event: Any, where: str, zone: dt.tzinfo) -> Found | Skipped:
    try:
        days = _days(event, zone)
        summary = fold(str(event.get("SUMMARY") or "")) or ""
        state, shown = (str(event.get(name) or "").upper() for name in ("STATUS", "TRANSP"))
        away = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS") or "").upper() == "OOF"
        repeats = event.get("RRULE") is not None or event.get("RDATE") is not None
        uid = str(event.get("UID") or "")
    except (ValueError, TypeError, AttributeError, OverflowError, LookupError):
        return Skipped(where, _("The days are not readable."))
    if days is None:
        return Skipped(where, _("The days are not readable."))
    first, last, part = days
    where = f"{where}, {day(first)}"
    if state == "CANCELLED":
        return Skipped(where, _("It is cancelled."))
    if repeats:
        return Skipped(where, _("It repeats. Enter such absences by hand, or set the working pattern."))
    if shown == "TRANSPARENT" and not away:
        return Skipped(where, _("It is marked as free in the calendar."))
    if part == 0:
        return Skipped(where, _("It is shorter than two hours."))
    return Found(where, first, last, part, kind_of(summary), uid=_short(uid))


def _short(uid: str) -> str:
    """The identity of an entry as far as the table holds it."""
    clean = uid.replace("\x00", "").strip()
    return clean if len(clean) <= LONGEST_UID else hashlib.sha256(clean.encode("utf-8", "replace")).hexdigest()


def _days(event: Any, zone: dt.tzinfo) -> tuple[dt.date, dt.date, int] | None:
    """First day, last day, part of the day in percent (0: too short); None where the calendar does not say."""
    start = _moment(event.get("DTSTART"))
    if start is None:
        return None
    end = _moment(event.get("DTEND"))
    length = getattr(event.get("DURATION"), "dt", None)
    if end is None and isinstance(length, dt.timedelta):
        end = start + length
    if not isinstance(start, dt.datetime):
        if end is None:
            return start, start, 100
        last = (_local(end, zone).date() if isinstance(end, dt.datetime) else end) - dt.timedelta(days=1)
        return start, max(start, last), 100  # the end of whole days is the day after (RFC 5545)
    if not isinstance(end, dt.datetime):
        return None
    begin, finish = _local(start, zone), _local(end, zone)
    if finish < begin:
        return None
    last = (finish - dt.timedelta(microseconds=1)).date() if finish > begin else finish.date()
    if last > begin.date():
        return begin.date(), last, 100
    took = finish - begin
    return begin.date(), last, 0 if took < SHORTEST else 50 if took <= HALF_DAY else 100


def _moment(value: Any) -> dt.date | None:
    found = getattr(value, "dt", None)
    return found if isinstance(found, dt.date) else None


def _local(moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """Clock time where the person works; times without a zone are that already."""
    return (moment.astimezone(zone) if moment.tzinfo is not None else moment).replace(tzinfo=None)
