"""Load by week before and after as geometry of an SVG: shares of the width, units of height."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import capfirst

from stellwerk.core import formats

HEIGHT: Final = 150
MOST_WEEKS: Final = 52


@dataclass(frozen=True)
class Bar:
    """One week. ``x`` and ``width`` in per cent, the rest in units of height from the top."""

    x: str
    width: str
    capacity: int
    before: int
    after: int
    title: str
    label: str
    minor: bool
    """A label that a narrow screen leaves out."""


def bars_of(weeks: Sequence[Sequence[Any]]) -> list[Bar]:
    """The first :data:`MOST_WEEKS` weeks; the tallest value fills the height."""
    rows = list(weeks[:MOST_WEEKS])
    top = max([1, *(max(row[1:]) for row in rows)])
    width = 100 / max(1, len(rows))
    found = []
    month = labels = 0
    for number, (monday, capacity, before, after) in enumerate(rows):
        day = dt.date.fromisoformat(monday)
        cap, old, new = (HEIGHT - round(HEIGHT * value / top) for value in (capacity, before, after))
        title = f"{capfirst(formats.iso_week(day))}: {formats.number(before)}{formats.NBSP}h → {formats.number(after)}{formats.NBSP}h / {formats.number(capacity)}{formats.NBSP}h"  # fmt: skip
        label = formats.day(day, short=True) if day.month != month and (number or len(rows) < 8) else ""
        month = day.month
        labels += bool(label)
        found.append(Bar(f"{number * width:.3f}", f"{width * 0.8:.3f}", cap, old, new, title, label, labels % 3 != 1))
    return found
