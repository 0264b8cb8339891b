"""Why a date is what it is, as codes that the screens turn into words."""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """What set a start or a finish. ``LINK`` and ``CONSTRAINT`` come with the row of the link or constraint."""

    PROJECT_START = 0
    DATA_DATE = 1
    CONSTRAINT = 2
    LINK = 3
    DURATION = 4
    ACTUAL = 5
    AS_LATE_AS_POSSIBLE = 6
    SUMMARY = 7


class Finding(IntEnum):
    """What a schedule could not keep, or what contradicts its progress."""

    START_TOO_LATE = 0
    FINISH_TOO_LATE = 1
    DEADLINE_MISSED = 2
    PROJECT_TOO_LATE = 3
    OUT_OF_SEQUENCE = 4
    ACTUAL_AFTER_DATA_DATE = 5
    LINK_BROKEN = 6
