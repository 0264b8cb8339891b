"""The roadmap as SVG: a time scale in percent of the width, so that rows need no script and fit any screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from typing import NamedTuple

from babel import Locale
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core import formats

_SPANS = (15, 24, 36, 60, 96, 144, 240, 360, 600)  # months
REACHED = frozenset({"go", "conditional_go"})


class Mark(NamedTuple):
    """A gate as the roadmap draws it."""

    code: str
    baseline: dt.date | None
    forecast: dt.date | None
    actual: dt.date | None
    state: str

    @property
    def date(self) -> dt.date | None:
        return self.actual or self.forecast or self.baseline


def months_after(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 + months
    year = min(max(index // 12, 1), 9999)
    return dt.date(year, index % 12 + 1, 1)


@lru_cache(maxsize=1024)
def working_days(earlier: dt.date, later: dt.date) -> int:
    """Working days (Monday to Friday) from one date to another; negative if ``later`` comes first."""
    if later < earlier:
        return -working_days(later, earlier)
    weeks, rest = divmod((later - earlier).days, 7)
    extra = sum(1 for step in range(1, rest + 1) if (earlier.weekday() + step) % 7 < 5)
    return weeks * 5 + extra


@dataclass(frozen=True)
class Scale:
    """From ``first`` (a first of month) over ``months``; ``step`` months between ticks."""

    first: dt.date
    months: int
    today: dt.date

    @cached_property
    def last(self) -> dt.date:
        return months_after(self.first, self.months)

    @cached_property
    def days(self) -> int:
        return (self.last - self.first).days

    @property
    def step(self) -> int:
        return 1 if self.months <= 15 else 3 if self.months <= 36 else 12 if self.months <= 144 else 60

    def at(self, day: dt.date) -> float:
        """Percent of the width; outside the scale below 0 or above 100."""
        return (day - self.first).days / self.days * 100

    def ticks(self) -> list[dt.date]:
        found = []
        for number in range(self.months):
            day = months_after(self.first, number)
            index = day.year * 12 + day.month - 1
            if index % self.step == 0 or number == 0:
                found.append(day)
        if len(found) > 1 and self.step > 1 and (found[1] - found[0]).days < self.step * 15:
            found = found[1:]
        return found


def scale_for(days: Iterable[dt.date | None], today: dt.date) -> Scale:
    """A scale that shows four fifths of the given finishes, from shortly before ``today``."""
    known = sorted(day for day in days if day is not None and day >= today)
    wanted = known[int(len(known) * 0.85)] if known else today
    need = (wanted.year - today.year) * 12 + wanted.month - today.month + 2
    months = next((span for span in _SPANS if span >= need), _SPANS[-1])
    return Scale(months_after(today, -max(1, months // 14)), months, today)


def head(scale: Scale) -> SafeString:
    """The time axis with its labels."""
    locale = Locale("de" if (get_language() or "de").startswith("de") else "en")
    names = locale.months["stand-alone"]["abbreviated"]
    parts = []
    for day in scale.ticks():
        at = scale.at(day)
        if at > 97:
            continue
        year = day.month == 1 and scale.step < 12
        text = str(day.year) if year or scale.step >= 12 else names[day.month].rstrip(".")[:3]
        weight = "600" if year else "400"
        shift = 3 if year else 8 if day.month == 2 and scale.step == 1 else 4  # February makes room for the year
        parts.append(f'<text x="{at:.2f}%" dx="{shift}" y="18" font-weight="{weight}">{text}</text>')
    now = (
        f'<circle class="now" cx="{scale.at(scale.today):.2f}%" cy="25" r="3"/>'
        if 0 <= scale.at(scale.today) <= 100
        else ""
    )
    defs = f'<defs><g id="road-grid">{_lines(scale)}</g></defs>'
    body = f'<svg class="road head" width="100%" height="28" aria-hidden="true">{defs}{"".join(parts)}{now}</svg>'
    return mark_safe(body)  # noqa: S308 - built from numbers and escaped labels above


GRID = '<use href="#road-grid"/>'  # drawn once in the head, shown in every row


def _lines(scale: Scale) -> str:
    """Vertical lines of the ticks and the line of the day."""
    lines = []
    for day in scale.ticks():
        at = scale.at(day)
        if at > 0:
            kind = "y" if day.month == 1 and scale.step < 12 else "m"
            lines.append(f'<line class="rg-{kind}" x1="{at:.2f}%" x2="{at:.2f}%" y1="0" y2="100%"/>')
    today = scale.at(scale.today)
    if 0 <= today <= 100:
        lines.append(f'<line class="rg-now" x1="{today:.2f}%" x2="{today:.2f}%" y1="0" y2="100%"/>')
    return "".join(lines)


def empty_road() -> SafeString:
    return mark_safe(f'<svg class="road" width="100%" height="25" aria-hidden="true">{GRID}</svg>')  # noqa: S308 - numbers only


def road(
    scale: Scale,
    *,
    name: str,
    start: dt.date | None,
    finish: dt.date | None,
    finish_baseline: dt.date | None,
    phase: str,
    gates: Sequence[Mark],
    language: str | None = None,
) -> SafeString:
    """One row: bars of the phases, gates as numbered diamonds, baseline as a ghost."""
    label = escape(_label(name, start, finish, finish_baseline, gates, language))
    body = _bars(scale, start, finish, phase, gates) + _ghost(scale, finish, finish_baseline, gates)
    body += "".join(_diamond(scale, gate) for gate in gates)
    return mark_safe(f'<svg class="road" width="100%" height="28" role="img" aria-label="{label}">{GRID}{body}</svg>')  # noqa: S308


def _label(
    name: str,
    start: dt.date | None,
    finish: dt.date | None,
    baseline: dt.date | None,
    gates: Sequence[Mark],
    language: str | None,
) -> str:
    if finish is None and start is None and not any(gate.date for gate in gates):
        return _("%(name)s: no dates") % {"name": name}
    text = f"{name}: {formats.day(start, language=language)} – {formats.day(finish, language=language)}"
    if finish is not None and baseline is not None and finish != baseline:
        late = working_days(baseline, finish)
        days = (
            _("%(days)s working days after the baseline")
            if late > 0
            else _("%(days)s working days before the baseline")
        )
        text += ", " + days % {"days": abs(late)}
    upcoming = next((gate for gate in gates if gate.state not in REACHED and gate.date), None)
    if upcoming is not None:
        text += f", {upcoming.code} {formats.day(upcoming.date, language=language)}"
    return text


def _bars(scale: Scale, start: dt.date | None, finish: dt.date | None, phase: str, gates: Sequence[Mark]) -> str:
    dated = [gate.date for gate in gates if gate.date]
    first = start or (min(dated) if dated else None)
    last = finish or (max(dated) if dated else None)
    if first is None and last is None:
        return ""
    # An open end is drawn to the edge of the scale, quietly.
    first, last = first or scale.first, last or scale.last
    by_code = {gate.code.upper().replace(" ", ""): gate.date for gate in gates if gate.date}
    execution, transition = by_code.get("G2"), by_code.get("G3")
    if execution is None and transition is None:
        kind = "d4" if phase in {"initiating", "planning"} else "d3" if phase in {"transition", "closing"} else "d2"
        return _bar(scale, first, last, kind)
    cut, end = execution or first, transition or last
    return (
        _bar(scale, first, min(cut, last), "d4")
        + _bar(scale, max(first, cut), min(end, last), "d2")
        + _bar(scale, end, last, "d3")
    )


def _bar(scale: Scale, first: dt.date, last: dt.date, kind: str) -> str:
    left, right = max(0.0, scale.at(first)), min(100.0, scale.at(last))
    if right <= left:
        return ""
    return f'<rect class="b {kind}" x="{left:.2f}%" y="9.5" width="{right - left:.2f}%" height="9" rx="1.5"/>'


def _ghost(scale: Scale, finish: dt.date | None, baseline: dt.date | None, gates: Sequence[Mark]) -> str:
    ghosts = [
        gate.baseline
        for gate in gates
        if gate.baseline and gate.date and gate.baseline != gate.date and gate.state not in REACHED
    ][:1]
    if not gates and baseline is not None and finish is not None and baseline != finish:
        ghosts = [baseline]
    parts = []
    for day in ghosts:
        at = scale.at(day)
        if 0 <= at <= 100:
            parts.append(
                f'<line class="gh" x1="{at:.2f}%" x2="{at:.2f}%" y1="5" y2="23"/><svg x="{at:.2f}%" y="14" overflow="visible"><path class="gh" d="M0-5 5 0 0 5-5 0z"/></svg>'
            )
    return "".join(parts)


def _diamond(scale: Scale, gate: Mark) -> str:
    if gate.date is None:
        return ""
    at = scale.at(gate.date)
    if not 0 <= at <= 100:
        return ""
    digit = "".join(letter for letter in gate.code if letter.isdigit())[:2] or gate.code[:1].upper()
    state = "on" if gate.state in REACHED else "off"
    return (
        f'<svg class="g {state}" x="{at:.2f}%" y="14" overflow="visible"><path d="M0-8 8 0 0 8-8 0z"/>'
        f'<text y="3.4" text-anchor="middle">{escape(digit)}</text></svg>'
    )
