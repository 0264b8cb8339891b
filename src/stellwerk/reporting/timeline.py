"""The calendar of a reporting cycle as pages show it."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.reporting import selectors
from stellwerk.reporting.models import Cycle


def _names() -> dict[str, str]:
    return {
        "open": _("Opened, prefilled"),
        "remind_before": _("Reminder"),
        "remind": _("Reminder"),
        "due": _("Due, data frozen"),
        "escalate": _("Escalation"),
        "miss": _("Missed shows grey"),
        "publish": _("Published"),
    }


def steps_of(cycle: Cycle, *, short: bool = False) -> list[dict[str, str]]:
    """The clock of the cycle for a page: done, next, to come; ``short``: without times and without skipped steps."""
    done = selectors.steps_done(cycle)
    clock = selectors.clock_of(cycle)
    published = cycle.state in {"published", "archived"}
    steps = [(code, at, code in done, code in done and done[code].skipped) for code, at in clock.steps()]
    steps.append(("publish", clock.at(4, dt.time(10)), published, False))
    rows = [
        {
            "date": formats.day(at.date(), short=True),
            "label": _label(code, at, skipped, short),
            "state": "done" if over else "",
        }
        for code, at, over, skipped in steps
        if not (short and skipped)
    ]
    upcoming = next((row for row in rows if not row["state"]), None)
    if upcoming is not None and not published:
        upcoming["state"] = "now"
    return rows


def _label(code: str, at: dt.datetime, skipped: bool, short: bool) -> str:
    name = _names()[code]
    if short:
        return name
    return f"{at:%H:%M} {name}" + (f" ({_('skipped')})" if skipped else "")
