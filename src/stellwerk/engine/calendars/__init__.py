"""Working calendars as integer working time (worked numbers: ``docs/algorithms/calendars.md``)."""

from stellwerk.engine.calendars.index import ELAPSED, CalendarSet, Instants
from stellwerk.engine.calendars.model import (
    DAY,
    HORIZON,
    Calendar,
    CalendarError,
    DayException,
    Shift,
    holidays,
    instant,
    instant_of_day,
    moment,
)

__all__ = [
    "DAY", "ELAPSED", "HORIZON", "Calendar", "CalendarError", "CalendarSet", "DayException", "Instants", "Shift",
    "holidays", "instant", "instant_of_day", "moment",
]  # fmt: skip
