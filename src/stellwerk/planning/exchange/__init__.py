"""Exchange of schedules: files of other tools to a neutral document and back.

The order of use::

    document = read_schedule(path)             # Document, or ScheduleFileError with every problem and its line
    document.counts(), document.warnings
    content = write_schedule(document, "xer")  # bytes
    compare(document, read_schedule(other))    # what differs, field by field
"""

from stellwerk.planning.exchange.calendars import WorkingTime
from stellwerk.planning.exchange.check import check
from stellwerk.planning.exchange.comparing import Difference, compare
from stellwerk.planning.exchange.document import Document
from stellwerk.planning.exchange.files import kind_of, lost_in, read_schedule, write_schedule
from stellwerk.planning.exchange.limits import DEFAULT_LIMITS, Limits
from stellwerk.planning.exchange.problems import Problem, ScheduleFileError

__all__ = [
    "DEFAULT_LIMITS",
    "Difference",
    "Document",
    "Limits",
    "Problem",
    "ScheduleFileError",
    "WorkingTime",
    "check",
    "compare",
    "kind_of",
    "lost_in",
    "read_schedule",
    "write_schedule",
]
