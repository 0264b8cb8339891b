"""The heat map in words: columns, conflicts, the sentence of the page."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.resources.selectors.heatmap import Heat, Row
from stellwerk.resources.selectors.load import Booking, Periods
from stellwerk.resources.weeks import hours_text, week_spans

PROJECTS_TOLD = 4
ROLES_TOLD = 2
PEOPLE_TOLD = 60
"""Of so many overloaded people, the worst, the conflicts are put into words; the map shows all."""


def _language() -> str:
    return (get_language() or "de")[:2]


def month_text(day: dt.date, style: str = "MMMM y") -> str:
    return str(format_date(day, style, locale=_language()))


def column_text(periods: Periods, at: int) -> str:
    """``KW 50``, ``Dezember 2026`` or a day."""
    day = periods.starts[at]
    if periods.unit == "week":
        return formats.iso_week(day)
    return month_text(day) if periods.unit == "month" else formats.day(day)


def columns(periods: Periods) -> list[dict[str, str]]:
    """Heads of the columns: ``group`` (month or year), ``name``, ``note``, ``long``."""
    found = []
    for at, day in enumerate(periods.starts):
        if periods.unit == "month":
            group, name, note = str(day.year), month_text(day, "LLL").rstrip("."), ""
        elif periods.unit == "week":
            group, name, note = month_text(day), str(day.isocalendar().week), _day_month(day)
        else:
            group, name, note = month_text(day), str(day.day), month_text(day, "ccc").rstrip(".")
        found.append({"group": group, "name": name, "note": note, "long": column_text(periods, at)})
    return found


def _day_month(day: dt.date) -> str:
    return f"{day:%d.%m.}" if _language() == "de" else f"{day.day} {month_text(day, 'LLL').rstrip('.')}"


def span_text(periods: Periods, at: Sequence[int]) -> str:
    """``KW 50–51``, ``Dezember 2026 – Januar 2027``, or days."""
    if periods.unit == "week":
        return week_spans([periods.starts[one] for one in at])
    first, last = column_text(periods, at[0]), column_text(periods, at[-1])
    return first if first == last else f"{first} – {last}"


@dataclass(frozen=True)
class Conflict:
    """``number``: how much it is about; ``at``: the column to show."""

    code: str
    label: str
    number: str
    when: str
    text: str
    at: int
    more: bool = True


def conflicts_of(heat: Heat, bookings: Sequence[Booking]) -> list[Conflict]:
    """The people most above their net hours with the projects that book them, roles that nobody has, groups that lack hours."""
    return [*_overloads(heat, bookings), *_unfilled(heat), *_shortages(heat)]


def _unfilled(heat: Heat) -> list[Conflict]:
    """Roles that projects ask for and nobody here has."""
    found = []
    for row in heat.unfilled:
        asked = row.load.sum(axis=0)
        at = [int(column) for column in np.flatnonzero(asked)]
        text = _("nobody here has this role: hire, train or raise a vacancy")
        number = f"{formats.MINUS}{hours_text(int(asked.sum()))}"
        found.append(Conflict(row.code, row.label, number, span_text(heat.periods, at), text, at[0]))
    return found


def _overloads(heat: Heat, bookings: Sequence[Booking]) -> list[Conflict]:
    by_person: dict[int, list[Booking]] = defaultdict(list)
    for one in bookings:
        by_person[one.allocation.person_id].append(one)
    found = []
    for row in heat.overloaded[:PEOPLE_TOLD]:
        over, load = heat.over(row), heat.load(row)
        at = [int(column) for column in np.flatnonzero(over)]
        parts: dict[str, int] = defaultdict(int)
        for one in by_person.get(int(row.code[1:]), []):
            minutes = int(one.minutes[at].sum())
            if minutes and one.kind in _kinds(heat):
                parts[one.allocation.demand.project.name if one.seen else _("other projects")] += minutes
        named = [f"{name} {hours_text(minutes)}" for name, minutes in sorted(parts.items(), key=lambda pair: -pair[1])]
        if len(named) > PROJECTS_TOLD:
            named = [*named[:PROJECTS_TOLD], "…"]
        net = int(row.net[at].sum())
        ratio = formats.percent(int(load[at].sum()) / net, 0) if net else _("no net hours")
        text = f"{ratio}: {', '.join(named)}" if named else ratio
        number = f"+{hours_text(int(over.sum()))}"
        found.append(Conflict(row.code, row.label, number, span_text(heat.periods, at), text, at[0]))
    return found


def _kinds(heat: Heat) -> tuple[int, ...]:
    from stellwerk.resources.selectors.heatmap import LOADS

    return LOADS[heat.choice.load]


def _shortages(heat: Heat) -> list[Conflict]:
    found = []
    told = {row.code for row in heat.unfilled}
    for row in heat.short:
        if row.code in told:
            continue
        gap = np.minimum(heat.gap(row), 0)
        at = [int(column) for column in np.flatnonzero(gap)]
        missing = -int(gap.sum())
        full = sum(heat.full_time(one) for one in at)
        days = sum(heat.working_days[one] for one in at)
        heads = formats.number(missing / full, 1) if full else formats.NO_DATA
        text = _("%(fte)s FTE, %(heads)s people to hire") % {
            "fte": formats.number(-missing / (days * 480), 1) if days else formats.NO_DATA, "heads": heads,
        }  # fmt: skip
        found.append(
            Conflict(row.code, row.label, f"{formats.MINUS}{hours_text(missing)}", span_text(heat.periods, at), text, at[0])
        )  # fmt: skip
    return found


def answer_of(heat: Heat) -> str:
    """The page in one sentence."""
    told = {row.code for row in heat.unfilled}
    over, short = heat.overloaded, [row for row in heat.short if row.code not in told]
    if not heat.rows:
        return _("Nobody is planned here")
    if not over and not short and not heat.unfilled:
        return _("Everybody has time for what is booked")
    parts = []
    if over:
        count = sum(int((heat.over(row) > 0).sum()) for row in over)
        text = ngettext("%(count)s overload", "%(count)s overloads", count) % {"count": formats.number(count)}
        people = ngettext("%(count)s person", "%(count)s people", len(over)) % {"count": formats.number(len(over))}
        parts.append(_("%(overloads)s of %(people)s") % {"overloads": text, "people": people})
    if short:
        row, at = _worst(heat, short)
        parts.append(
            _("most is missing in %(what)s, %(when)s") % {"what": row.label, "when": column_text(heat.periods, at)}
        )
    if heat.unfilled:
        names = ", ".join(row.label for row in heat.unfilled[:ROLES_TOLD])
        parts.append(_("nobody fills %(roles)s") % {"roles": names + (" …" if len(heat.unfilled) > ROLES_TOLD else "")})
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _worst(heat: Heat, short: Sequence[Row]) -> tuple[Row, int]:
    found = [(int(heat.gap(row).min()), number) for number, row in enumerate(short)]
    row = short[min(found)[1]]
    return row, int(heat.gap(row).argmin())


def sub_of(heat: Heat) -> str:
    missing = -int(heat.shortage.sum())
    periods = heat.periods
    span = f"{formats.day(periods.first)} – {formats.day(periods.last)}"
    parts = [span, _("net of holidays, absences and project share")]
    if missing:
        at = int(heat.shortage.argmin())
        days = heat.working_days[at]
        worst = -int(heat.shortage[at])
        fte = f"{formats.MINUS}{formats.number(worst / (days * 480), 1)}{formats.NBSP}{_('FTE')}" if days else ""
        parts.append(_("largest shortage %(hours)s in %(when)s") % {"hours": f"{formats.MINUS}{hours_text(worst)}", "when": column_text(periods, at)} + (f" ({fte})" if fte else ""))  # fmt: skip
    return " · ".join(parts)
