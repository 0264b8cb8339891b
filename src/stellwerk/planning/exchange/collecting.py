"""Reading single values: a bad one is noted with its line and becomes None, so that all problems are told at once."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache

from stellwerk.planning.exchange.problems import Problem, ScheduleFileError, error, limited, warning

FIRST_YEAR, LAST_YEAR = 1950, 2150
MOST_MINUTES = 200 * 366 * 24 * 60
"""No duration is longer than the time that dates can span."""
LARGEST = Decimal("1e15")
_HOUR = Decimal("0.000001")
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0*)?", re.ASCII)


class Collector:
    """The problems of one file while it is read. ``what`` and ``line`` name the thing that is being read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.what = ""
        self.line = 0

    def at(self, what: str, line: int) -> None:
        self.what, self.line = what, line

    def error(self, code: str, line: int | None = None, **params: object) -> None:
        self.problems.append(error(code, self.line if line is None else line, **params))

    def warn(self, code: str, line: int | None = None, **params: object) -> None:
        self.problems.append(warning(code, self.line if line is None else line, **params))

    def bad(self, field: str, value: str) -> None:
        """A value that cannot be read."""
        self.error("value", field=field, what=self.what, value=value)

    def moment(self, text: str, field: str) -> dt.datetime | None:
        """A date with or without time; outside 1950–2150 it is an error."""
        found = _DATE.fullmatch(text.strip())
        if not found:
            self.bad(field, text)
            return None
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        extra = dt.timedelta()
        if (hour, minute, second) == (24, 0, 0):
            hour, extra = 0, dt.timedelta(days=1)
        try:
            value = dt.datetime(year, month, day, hour, minute, second) + extra  # noqa: DTZ001
        except (ValueError, OverflowError):
            self.bad(field, text)
            return None
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            self.error("date_range", field=field, what=self.what, value=text)
            return None
        if found.group(7):
            self.warn("no_zone", field=field, what=self.what)
        return value

    def number(self, text: str, field: str) -> Decimal | None:
        text = text.strip()
        if _NUMBER.fullmatch(text):
            value = Decimal(text)
            if abs(value) < LARGEST:
                return plain(round(value, 12))
        self.bad(field, text)
        return None

    def whole(self, text: str, field: str) -> int | None:
        text = text.strip()
        if _WHOLE.fullmatch(text):
            return int(text.partition(".")[0])
        self.bad(field, text)
        return None

    def minutes(self, exact: Decimal, field: str, told: str, *, signed: bool = False) -> int | None:
        """Whole minutes; a negative or absurd duration is an error, a fraction of a minute is rounded and told."""
        if exact < 0 and not signed:
            self.error("negative", field=field, what=self.what, value=told)
            return None
        if abs(exact) > MOST_MINUTES:
            self.bad(field, told)
            return None
        rounded = int(exact.quantize(Decimal(1), rounding="ROUND_HALF_UP"))
        if abs(exact - rounded) > Decimal("0.02"):
            self.warn("rounded", field=field, what=self.what, value=told)
        return rounded

    def finish(self, problems: list[Problem] | tuple[Problem, ...] = (), *, strict: bool = True) -> tuple[Problem, ...]:
        """All problems, to be stored with the document; errors raise when ``strict``."""
        every = limited([*self.problems, *problems])
        if strict and any(problem.severity == "error" for problem in every):
            raise ScheduleFileError(every)
        return every


@lru_cache(maxsize=4096)
def plain(value: Decimal) -> Decimal:
    """Without trailing zeros and exponent, so that equal numbers look equal."""
    return Decimal(0) if value == 0 else Decimal(format(value.normalize(), "f"))


@lru_cache(maxsize=4096)
def hours(value: Decimal) -> Decimal:
    """Effort to a millionth of an hour."""
    return plain(value.quantize(_HOUR))
