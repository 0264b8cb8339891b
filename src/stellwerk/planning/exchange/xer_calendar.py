"""The working times of a Primavera calendar: ``(0||CalendarData()((0||DaysOfWeek()(…))(0||Exceptions()(…))))``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from stellwerk.planning.exchange.calendars import occurrences
from stellwerk.planning.exchange.collecting import FIRST_YEAR, LAST_YEAR
from stellwerk.planning.exchange.document import DAY, CalendarException, Day, Interval, Week

_EPOCH = dt.date(1899, 12, 30)
_NODE = re.compile(r"\(\s*\d+\s*\|\|\s*([^()]*?)\s*\(([^()]*)\)\s*\(")
_DEEPEST = 12


@dataclass(slots=True)
class _Node:
    name: str
    attributes: dict[str, str]
    children: list[_Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CalendarData:
    """``problems`` lists what could not be read; with ``damaged`` the week is a guess."""

    week: Week
    exceptions: tuple[CalendarException, ...] = ()
    damaged: bool = False
    problems: tuple[str, ...] = ()


def standard_week(minutes_per_day: int) -> Week:
    """Monday to Friday from eight o'clock, as long as a day of the calendar is."""
    day = (Interval(480, 480 + min(max(minutes_per_day, 60), 960)),)
    return (day, day, day, day, day, (), ())


def parse(text: str, minutes_per_day: int) -> CalendarData:
    """The week and the exceptions; never raises."""
    root = _tree(text)
    week_node, exceptions_node = _find(root, "DaysOfWeek"), _find(root, "Exceptions")
    if week_node is None or not week_node.children:
        return CalendarData(standard_week(minutes_per_day), damaged=True)
    problems: list[str] = []
    days: list[Day] = [()] * 7
    for node in week_node.children:
        if node.name.isascii() and node.name.isdigit() and 1 <= int(node.name) <= 7:
            days[(int(node.name) + 5) % 7] = _day(node, problems)
    exceptions = tuple(_exceptions(exceptions_node, problems))
    return CalendarData(cast(Week, tuple(days)), exceptions, problems=tuple(problems))


def _tree(text: str) -> _Node:
    """The nodes of the text; what does not fit is passed over, an end that is missing is added."""
    root = _Node("", {})
    path = [root]
    place = 0
    while place < len(text):
        found = _NODE.match(text, place)
        if found and len(path) <= _DEEPEST:
            parts = found[2].split("|")
            node = _Node(found[1], dict(zip(parts[::2], parts[1::2], strict=False)))
            path[-1].children.append(node)
            path.append(node)
            place = found.end()
        elif text[place] == ")":
            # a node ends with two brackets: that of its children, and its own
            if len(path) > 1:
                path.pop()
            end = re.compile(r"\)\s*\)?").match(text, place)
            place = end.end() if end else place + 1
        else:
            place += 1
    return root


def _find(node: _Node, name: str) -> _Node | None:
    for child in node.children:
        found = child if child.name == name else _find(child, name)
        if found is not None:
            return found
    return None


def _day(node: _Node, problems: list[str]) -> Day:
    times = []
    for part in node.children:
        start, finish = _minutes(part.attributes.get("s")), _minutes(part.attributes.get("f"))
        if start is None or finish is None:
            continue
        finish = finish or DAY
        if finish <= start:
            problems.append(f"{part.attributes.get('s')}–{part.attributes.get('f')}")
        else:
            # 23:59 is how some calendars say midnight
            times.append(Interval(start, DAY if finish == DAY - 1 else finish))
    return tuple(sorted(times))


def _minutes(text: str | None) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})(?:\s*([AaPp])[Mm])?\s*", text or "")
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2])
    if found[3]:
        hour = hour % 12 + (12 if found[3] in "Pp" else 0)
    return hour * 60 + minute if hour * 60 + minute <= DAY else None


def _exceptions(node: _Node | None, problems: list[str]) -> Iterator[CalendarException]:
    found: dict[dt.date, CalendarException] = {}
    for child in node.children if node is not None else ():
        serial = child.attributes.get("d", "").strip()
        day = (
            _EPOCH + dt.timedelta(days=int(serial))
            if serial.isascii() and serial.isdigit() and len(serial) < 7
            else None
        )
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            problems.append(f"d|{serial}")
            continue
        found[day] = CalendarException(day, day, _day(child, problems))
    yield from (found[day] for day in sorted(found))


# --- writing


def render(week: Iterable[Day], exceptions: Iterable[CalendarException]) -> str:
    """The text for a week without gaps (Monday first) and exceptions; repeating ones become single days."""
    days = list(week)
    numbered = ((number, days[(number + 5) % 7]) for number in range(1, 8))
    weekdays = "".join(f"(0||{number}()({_times(day)}))" for number, day in numbered)
    single: dict[dt.date, Day] = {}
    for exception in exceptions:
        for date in occurrences(exception):
            single[date] = exception.times
    dated = "".join(
        f"(0||{place}(d|{(date - _EPOCH).days})({_times(single[date])}))" for place, date in enumerate(sorted(single))
    )
    return f"(0||CalendarData()((0||DaysOfWeek()({weekdays}))(0||VIEW(ShowTotal|N)())(0||Exceptions()({dated}))))"


def _times(day: Day) -> str:
    return "".join(
        f"(0||{place}(s|{part.start // 60:02}:{part.start % 60:02}|f|{part.finish // 60 % 24:02}:{part.finish % 60:02})())"
        for place, part in enumerate(day)
    )
