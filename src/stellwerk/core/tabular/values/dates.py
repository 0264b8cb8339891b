"""Dates as people write them, in German and English."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular.cells import Cell
from stellwerk.core.tabular.notes import Note, note, shorten
from stellwerk.core.tabular.values.absence import absence_of, because
from stellwerk.core.tabular.values.outcome import EMPTY, Parsed, absent, ok, unreadable

Edge = Literal["start", "end"]
EARLIEST, LATEST = 1900, 2200
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(10_000, 110_000)
"""Excel's day numbers from 1927 to 2201."""

_MONTH_NAMES = {
    1: "january januar jänner jaenner jan jän", 2: "february februar feber feb", 3: "march märz maerz mar mär mrz mae",
    4: "april apr", 5: "may mai", 6: "june juni jun", 7: "july juli jul", 8: "august aug",
    9: "september sept sep", 10: "october oktober oct okt", 11: "november nov", 12: "december dezember dec dez",
}  # fmt: skip
MONTHS = {name: number for number, names in _MONTH_NAMES.items() for name in names.split()}
_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|montag|dienstag|mittwoch|donnerstag|freitag|"
    r"samstag|sonnabend|sonntag|mo|di|mi|do|fr|sa|so)\b[.,]*\s*"
)
_TIME = (
    r"(?:[T ,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?(?:\s*uhr)?(?:\s*(?:z|utc|"
    r"gmt|[+-]\d{2}:?\d{2}))?)?"
)
_YEAR = r"(?P<year>\d{4}|\d{2}|'\d{2})"

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})" + _TIME + r"$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})" + _TIME + r"$", re.IGNORECASE)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})" + _TIME + r"$", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})\s?[/-]\s?(\d{1,2})\s?[/-]\s?(\d{4}|\d{2})" + _TIME + r"$", re.IGNORECASE)
_COMPACT = re.compile(r"(19\d\d|20\d\d|21\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
_DAY_MONTH_YEAR = re.compile(
    rf"(?:{_WEEKDAY})?(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?[\s./-]*(?:of\s+)?{_MONTH}[\s,./-]*{_YEAR}{_TIME}$",
    re.IGNORECASE,
)
_MONTH_DAY_YEAR = re.compile(
    rf"(?:{_WEEKDAY})?{_MONTH}[\s-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+){_YEAR}{_TIME}$", re.IGNORECASE
)
_YEAR_MONTH_DAY = re.compile(rf"(?P<year>\d{{4}})[\s-]+{_MONTH}[\s-]+(?P<day>\d{{1,2}})$", re.IGNORECASE)
_MONTH_YEAR = re.compile(rf"{_MONTH}[\s,./-]*{_YEAR}$", re.IGNORECASE)
_YEAR_MONTH = re.compile(rf"(?P<year>\d{{4}})[\s,./-]*{_MONTH}$", re.IGNORECASE)
_NUMERIC_MONTH = re.compile(r"(?P<month>\d{1,2})\s?[./-]\s?(?P<year>\d{4})$")
_ISO_MONTH = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})$")
_QUARTER = re.compile(
    r"(?:q\s?(?P<a>[1-4])|(?P<b>[1-4])\s?q|(?P<c>[1-4])(?:\.|st|nd|rd|th)?\s*(?:quartal|quarter|qrtl\.?|qtr\.?))"
    rf"[\s,/'-]*(?:of\s+)?{_YEAR}$",
    re.IGNORECASE,
)
_YEAR_QUARTER = re.compile(r"(?P<year>\d{4})[\s,/-]*(?:q\s?(?P<a>[1-4])|(?P<b>[1-4])\.?\s*quartal)$", re.IGNORECASE)
_HALF = re.compile(
    r"(?:h\s?(?P<a>[12])|(?P<b>[12])(?:\.|st|nd)?\s*(?:hj|halbjahr|half))[\s,/'-]*(?:of\s+)?" + _YEAR + "$",
    re.IGNORECASE,
)
_YEAR_HALF = re.compile(r"(?P<year>\d{4})[\s,/-]*(?:h\s?(?P<a>[12])|(?P<b>[12])\.?\s*(?:hj|halbjahr))$", re.IGNORECASE)
_WEEK = re.compile(
    r"(?:(?:kw|cw|wk|week|kalenderwoche|woche)\.?\s*(?P<a>\d{1,2})|(?P<b>\d{1,2})\.?\s*(?:kw|cw|kalenderwoche|woche))"
    rf"[\s,./'-]*(?:of\s+)?{_YEAR}$",
    re.IGNORECASE,
)
_YEAR_WEEK = re.compile(r"(?P<year>\d{4})[\s,/-]*(?:w|kw|cw)\s?(?P<a>\d{1,2})$", re.IGNORECASE)
_ROMAN_QUARTER = re.compile(rf"(?P<roman>iv|i{{1,3}})(?:\.?\s*quartal|\s?/)[\s,/'-]*{_YEAR}$", re.IGNORECASE)
_SEASON = re.compile(
    rf"(?P<season>frühjahr|frühling|spring|sommer|summer|herbst|autumn|fall)[\s,/'-]*(?:of\s+)?{_YEAR}$", re.IGNORECASE
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_SEASONS = {"frühjahr": 3, "frühling": 3, "spring": 3, "sommer": 6, "summer": 6, "herbst": 9, "autumn": 9, "fall": 9}
"""The first month of a season; winter lies in two years and is not guessed."""
_YEAR_ONLY = re.compile(r"(?P<year>(?:19|20|21)\d\d)$")
_PART = re.compile(
    r"(?P<part>anfang|early|beginning of|start of|mitte|mid|mid-|middle of|ende|end of|end|late)[\s-]+(?P<rest>.+)$",
    re.IGNORECASE,
)
_ROUGH = re.compile(
    rf"^(?:{_WEEKDAY}|(?:ca|c|circa|approx|approximately|about|around|etwa|vsl|voraussichtlich|vorauss|geplant|planned|expected|"
    r"estimated|est|by|until|from|ab|bis|zum|am|on|due|target)\b[.:]?\s*|[~≈<>]\s*)+",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s*(?:\([^()]{0,40}\)|\*+|\?+)$")
_INSIDE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:\d{4}|\d{2})|"
    rf"(?:\d{{1,2}}(?:\.|st|nd|rd|"
    rf"th)?[\s-]*(?:of\s+)?)?{_MONTH.replace('?P<month>', '?:')}[\s,.-]*(?:\d{{1,2}}(?:st|nd|rd|"
    rf"th)?,?\s+)?\d{{4}}|"
    r"q[1-4][\s/-]*\d{4}|\b\d{1,2}/\d{4}",
    re.IGNORECASE,
)
_NO_YEAR = re.compile(r"(?:0?[1-9]|[12]\d|3[01])\.\s?(?:0?[1-9]|1[0-2])\.$")
_ENDLESS = re.compile(
    r"^(?:9999-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]9999|99[./]99[./](?:99)+|0{1,2}[./-]0{1,2}[./-]0+|0000-00-00)"
)


@dataclass(frozen=True, slots=True)
class _Period:
    start: date
    end: date


def parse_date(cell: Cell, *, day_first: bool | None = None, edge: Edge = "start") -> Parsed:
    """A date, or why there is none.

    ``day_first`` decides 01/04/2024 (None: day first, with a remark when it could be either). A period (Q3 2026,
    KW 48/2026, 03/2027, 2027) becomes its first or last day by ``edge``, with a remark.
    """
    if cell is None:
        return EMPTY
    if isinstance(cell, datetime):
        return _checked(cell.date())
    if isinstance(cell, date):
        return _checked(cell)
    if isinstance(cell, bool):
        return _no_date(str(cell))
    if isinstance(cell, (int, float)):
        return _from_number(cell, edge)
    text = " ".join(cell.split())
    if not text:
        return EMPTY
    return _from_text(text, day_first, edge)


def slash_evidence(text: str) -> int:
    """+1: only day first makes sense of ``text``, -1: only month first; 0: it does not say."""
    match = _SLASHED.match(text.strip())
    if match is None:
        return 0
    first, second = int(match[1]), int(match[2])
    if first > 12 >= second:
        return 1
    return -1 if second > 12 >= first else 0


def _checked(value: date) -> Parsed:
    if EARLIEST <= value.year <= LATEST:
        return ok(value)
    if value.year == 9999:
        return absent(because("open_ended", value.isoformat()))
    return unreadable(note("date_range", _("the year %(year)s is not believable"), {"year": value.year}))


def _from_number(number: float, edge: Edge) -> Parsed:
    whole = int(number) if number == number and abs(number) < 1e12 else -1
    if whole == number and EARLIEST <= whole <= LATEST:
        return _from_period(_year(whole), str(whole), edge)
    if _COMPACT.match(str(whole)) and whole == number:
        return _from_text(str(whole), None, edge)
    if whole in _SERIALS:
        return ok(
            _EXCEL_EPOCH + timedelta(days=whole),
            note("serial", _("read from the spreadsheet's day number %(number)s"), {"number": whole}),
        )
    return _no_date(str(number))


def _from_text(text: str, day_first: bool | None, edge: Edge) -> Parsed:
    found = _exact(text, day_first)
    if found is not None:
        return found
    period = _period(text)
    if period is not None:
        return _from_period(period, text, edge)
    if text.isascii() and text.isdigit() and len(text) <= 6 and int(text) in _SERIALS:
        return _from_number(int(text), edge)
    missing = absence_of(text)
    if missing is not None and not _INSIDE.search(text):
        return absent(missing)
    if _NO_YEAR.match(text):
        return unreadable(note("no_year", _("“%(text)s” names no year"), {"text": text}))
    if len(text) <= 20 and _period(f"{text.rstrip(' ./')} 2000") is not None:
        return unreadable(note("no_year", _("“%(text)s” names no year"), {"text": text}))
    return _loosely(text, day_first, edge, missing)


def _exact(text: str, day_first: bool | None) -> Parsed | None:
    """A single day in one of the usual forms."""
    if match := _ISO.match(text) or _YEAR_FIRST.match(text):
        return _made(text, int(match[1]), int(match[2]), int(match[3]))
    if match := _DOTTED.match(text):
        return _made(text, _full_year(match[3]), int(match[2]), int(match[1]))
    if match := _SLASHED.match(text):
        return _slashed(text, int(match[1]), int(match[2]), _full_year(match[3]), day_first)
    if match := _COMPACT.match(text):
        return _made(text, int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_MONTH_YEAR.match(text) or _MONTH_DAY_YEAR.match(text) or _YEAR_MONTH_DAY.match(text):
        month = MONTHS[match["month"].lower()]
        return _made(text, _full_year(match["year"]), month, int(match["day"]))
    return None


def _slashed(text: str, first: int, second: int, year: int, day_first: bool | None) -> Parsed:
    if first > 12 or (second <= 12 and day_first is not False):
        day, month = first, second
    else:
        day, month = second, first
    result = _made(text, year, month, day)
    undecided = first <= 12 and second <= 12 and first != second and day_first is None
    if result.kind == "ok" and undecided:
        remark = note("day_or_month", _("“%(text)s” could be read two ways; the day was taken first"), {"text": text})
        return ok(result.value, remark)
    return result


def _made(text: str, year: int, month: int, day: int) -> Parsed:
    if _ENDLESS.match(text):
        return absent(because("open_ended" if "9999" in text else "not_provided", text))
    try:
        return _checked(date(year, month, day))
    except ValueError:
        return unreadable(note("no_such_day", _("“%(text)s”: there is no such day"), {"text": shorten(text)}))


def _full_year(digits: str) -> int:
    digits = digits.lstrip("'")
    if len(digits) == 4:
        return int(digits)
    return 1900 + int(digits) if int(digits) >= 70 else 2000 + int(digits)


def _year(year: int) -> _Period:
    return _Period(date(year, 1, 1), date(year, 12, 31))


def _months(year: int, first: int, count: int) -> _Period | None:
    if not (1 <= first <= 12 and EARLIEST <= year <= LATEST):
        return None
    after = first + count
    end = date(year + (after > 12), (after - 1) % 12 + 1, 1) - timedelta(days=1)
    return _Period(date(year, first, 1), end)


def _week(year: int, week: int) -> _Period | None:
    try:
        monday = date.fromisocalendar(year, week, 1)
    except ValueError:
        return None
    return _Period(monday, monday + timedelta(days=6))


def _group(match: re.Match[str]) -> int:
    return int(next(value for key, value in match.groupdict().items() if key in "abc" and value))


_PERIODS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Period | None]], ...] = (
    (_YEAR_ONLY, lambda m: _year(int(m["year"]))),
    (_ISO_MONTH, lambda m: _months(int(m["year"]), int(m["month"]), 1)),
    (_NUMERIC_MONTH, lambda m: _months(int(m["year"]), int(m["month"]), 1)),
    (_MONTH_YEAR, lambda m: _months(_full_year(m["year"]), MONTHS[m["month"].lower()], 1)),
    (_YEAR_MONTH, lambda m: _months(int(m["year"]), MONTHS[m["month"].lower()], 1)),
    (_QUARTER, lambda m: _months(_full_year(m["year"]), 3 * _group(m) - 2, 3)),
    (_YEAR_QUARTER, lambda m: _months(int(m["year"]), 3 * _group(m) - 2, 3)),
    (_HALF, lambda m: _months(_full_year(m["year"]), 6 * _group(m) - 5, 6)),
    (_YEAR_HALF, lambda m: _months(int(m["year"]), 6 * _group(m) - 5, 6)),
    (_ROMAN_QUARTER, lambda m: _months(_full_year(m["year"]), 3 * _ROMAN[m["roman"].lower()] - 2, 3)),
    (_SEASON, lambda m: _months(_full_year(m["year"]), _SEASONS[m["season"].lower()], 3)),
    (_WEEK, lambda m: _week(_full_year(m["year"]), _group(m))),
    (_YEAR_WEEK, lambda m: _week(int(m["year"]), _group(m))),
)


def _period(text: str) -> _Period | None:
    if len(text) > 40:
        return None
    for pattern, make in _PERIODS:
        match = pattern.match(text)
        if match is not None:
            return make(match)
    if match := _PART.match(text):
        whole = _period(match["rest"].strip())
        return _part_of(whole, match["part"].lower()) if whole is not None else None
    return None


def _part_of(whole: _Period, part: str) -> _Period:
    """The first day, the day in the middle, the last day; for early and late the first and last third."""
    third = timedelta(days=((whole.end - whole.start).days + 1) // 3)
    if part == "early":
        return _Period(whole.start, whole.start + third)
    if part == "late":
        return _Period(whole.end - third, whole.end)
    if part.startswith("mi"):
        middle = whole.start + (whole.end - whole.start) // 2
        return _Period(middle, middle)
    day = whole.end if part.startswith("end") else whole.start
    return _Period(day, day)


def _from_period(period: _Period, text: str, edge: Edge) -> Parsed:
    value = period.start if edge == "start" else period.end
    remark = note("period", _("“%(text)s” was read as %(date)s"), {"text": shorten(text), "date": value.isoformat()})
    return ok(value, remark)


def _loosely(text: str, day_first: bool | None, edge: Edge, missing: Note | None) -> Parsed:
    """A date with a few words around it; prose with dates in it is not guessed."""
    bare = _AFTER.sub("", _ROUGH.sub("", text)).strip(" .,;:")
    if bare and bare != text and len(text) <= 80:
        exact = _exact(bare, day_first)
        period = None if exact is not None else _period(bare)
        result = exact if exact is not None else _from_period(period, text, edge) if period is not None else None
        if result is not None and result.kind == "ok":
            return ok(result.value, result.remark or _read_from(text, result.value))
    dates = [" ".join(m.group().split()) for m in _INSIDE.finditer(text[:4000])]
    if not dates:
        return absent(missing) if missing is not None else _no_date(text)
    return unreadable(
        note("prose", _("text instead of a date: “%(text)s”"), {"text": shorten(text)}),
        note("dates_in_text", _("dates in the text: %(dates)s"), {"dates": ", ".join(dates[:6])}),
    )


def _read_from(text: str, value: date) -> Note:
    return note("read_from", _("“%(text)s” was read as %(date)s"), {"text": shorten(text), "date": value.isoformat()})


def _no_date(text: str) -> Parsed:
    return unreadable(note("no_date", _("“%(text)s” is not a date"), {"text": shorten(text)}))
