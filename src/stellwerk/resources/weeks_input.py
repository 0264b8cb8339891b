"""Hours per week as people type or paste them: one week a line, or bare numbers from the first week on."""

from __future__ import annotations

import datetime as dt
import re

from django.utils.translation import gettext as _

from stellwerk.core.pages.fields import text_of_number
from stellwerk.core.pages.inputs import parse_day, parse_number
from stellwerk.resources.weeks import WEEK, Weeks, hours, monday

_ISO = re.compile(r"(?P<year>\d{4})-?W(?P<week>\d{1,2})\b[:;,]?\s+(?P<rest>.+)", re.IGNORECASE)
_KW = re.compile(r"(?:KW|CW|W|wk)?\s*(?P<week>\d{1,2})\s*[/. ]\s*(?P<year>\d{4})\b[:;,]?\s+(?P<rest>.+)", re.IGNORECASE)
_DAY = re.compile(r"(?P<day>\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\s?\d{1,2}\.\s?\d{4})[:;,]?\s+(?P<rest>.+)")
MOST_LINES = 300


def parse_weeks(text: str, first: dt.date) -> dict[dt.date, int]:
    """Minutes by Monday. Error: ``ValueError`` with a text for the reader that names the line.

    Lines: ``2027-W10 16``, ``KW 10/2027: 16``, ``08.03.2027 16``; or numbers alone, separated by tabs, semicolons or lines.
    """
    lines = [line.strip() for line in text.replace("\u00a0", " ").splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise ValueError(_("At most %(most)s lines, please.") % {"most": MOST_LINES})
    named = [_named(line) for line in lines]
    found: dict[dt.date, int] = {}
    if any(one is not None for one in named):
        for line, one in zip(lines, named, strict=True):
            if one is None:
                raise ValueError(_("“%(line)s” names no week. Write for example 2027-W10 16.") % {"line": line[:60]})
            week, rest = one
            if week in found:
                raise ValueError(_("“%(line)s”: this week stands here twice.") % {"line": line[:60]})
            found[week] = _minutes(rest)
        return found
    week = monday(first)
    for cell in [cell for line in lines for cell in re.split(r"[\t;]", line)][:MOST_LINES]:
        if cell.strip():
            found[week] = _minutes(cell)
        week += WEEK
    return found


def _named(line: str) -> tuple[dt.date, str] | None:
    for pattern in (_ISO, _KW):
        if match := pattern.fullmatch(line):
            try:
                return dt.date.fromisocalendar(int(match["year"]), int(match["week"]), 1), match["rest"]
            except ValueError as error:
                raise ValueError(_("“%(line)s”: there is no such week.") % {"line": line[:60]}) from error
    if match := _DAY.fullmatch(line):
        return monday(parse_day(match["day"])), match["rest"]
    return None


def _minutes(text: str) -> int:
    number = parse_number(re.sub(r"\s*h\.?$", "", text.strip()))
    if number < 0 or number > 100_000:
        raise ValueError(_("Hours of a week lie between 0 and 10,000."))
    return int((number * 60).to_integral_value())


def weeks_text(weeks: Weeks) -> str:
    """One line a week, as :func:`parse_weeks` reads it."""
    lines = []
    for week, minutes in sorted(weeks.items()):
        year, number, _day = week.isocalendar()
        lines.append(f"{year}-W{number:02d}\t{text_of_number(round(hours(minutes), 2))}")
    return "\n".join(lines)
