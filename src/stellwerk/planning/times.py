"""Working times of a day as text and as numbers: ``08:00–12:00, 13:00–17:00`` is ``[[480, 720], [780, 1020]]``."""

from __future__ import annotations

import re
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DAY: Final = 1440
MOST_SHIFTS: Final = 12
FREE: Final = {"-", "–", "—", "0", "frei", "free"}
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:h|uhr)?", re.IGNORECASE)
_PARTS = re.compile(r"\s*[,;/+]\s*|\s+(?:und|and)\s+", re.IGNORECASE)

Times = list[list[int]]


def read_times(text: str) -> Times | None:
    """None: nothing was typed; an empty list: free. ``8-12, 13-17`` and ``08:00–16:30`` are understood, ``22-24`` reaches midnight.

    Raises ``ValidationError`` in the reader's words.
    """
    wanted = text.strip()
    if not wanted:
        return None
    if wanted.casefold() in FREE:
        return []
    found: Times = []
    for part in _PARTS.split(wanted):
        ends = re.split(r"\s*(?:-|–|—|\bbis\b|\bto\b)\s*", part)
        if len(ends) != 2:
            raise ValidationError(_("Write times such as 08:00–12:00, 13:00–17:00, or – for a free day."))
        found.append([_minute(ends[0]), _minute(ends[1])])
    check_times(found)
    return found


def _minute(text: str) -> int:
    match = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    if minute > 59 or hour * 60 + minute > DAY:
        raise ValidationError(_("“%(text)s” is not a time of day.") % {"text": text})
    return hour * 60 + minute


def check_times(times: Any) -> None:
    """Pairs of minutes of one day, one after the other. Raises ``ValidationError``."""
    if not isinstance(times, list) or len(times) > MOST_SHIFTS:
        raise ValidationError(_("Working times are pairs of minutes after midnight."))
    last = 0
    for pair in times:
        whole = isinstance(pair, list) and len(pair) == 2 and all(type(one) is int for one in pair)
        if not whole or not 0 <= pair[0] <= DAY or not 0 <= pair[1] <= DAY:
            raise ValidationError(_("Working times are pairs of minutes after midnight."))
        if pair[1] <= pair[0]:
            raise ValidationError(_("Work ends after it begins; a night shift is written as two days."))
        if pair[0] < last:
            raise ValidationError(_("The working times overlap, or are not in order."))
        last = pair[1]


def check_week(week: Any) -> None:
    """Nothing, or seven days: working times, or null where the base calendar counts. Raises ``ValidationError``."""
    if week == []:
        return
    if not isinstance(week, list) or len(week) != 7:
        raise ValidationError(_("A week has seven days, Monday first."))
    for day in week:
        if day is not None:
            check_times(day)
    if all(day == [] for day in week):
        raise ValidationError(_("A week without any working time cannot be planned with."))


def text_of(times: Times | None) -> str:
    """Empty for None (as the base calendar), a dash for a free day."""
    if times is None:
        return ""
    return ", ".join(f"{_clock(start)}–{_clock(finish)}" for start, finish in times) or "–"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
