"""Absences as other tools write them: calendars (iCalendar) and tables. Reading writes nothing and asks no database."""

from stellwerk.people.absence_files.calendar import read_calendar
from stellwerk.people.absence_files.found import MOST_ROWS, Found, Reading, Skipped
from stellwerk.people.absence_files.tables import read_table

__all__ = ["MOST_ROWS", "Found", "Reading", "Skipped", "read_calendar", "read_table"]
