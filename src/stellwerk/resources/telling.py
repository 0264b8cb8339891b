"""What demands and bookings are, in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.weeks import Weeks, hours_text, week_spans

WEEKS_TOLD = 3


def over_text(over: Mapping[dt.date, tuple[int, int]]) -> str:
    """The weeks that would be overbooked, the first ones with their hours."""
    named = [
        _("%(week)s: %(booked)s of %(net)s")
        % {"week": formats.iso_week(week), "booked": hours_text(booked), "net": hours_text(net)}
        for week, (booked, net) in sorted(over.items())[:WEEKS_TOLD]
    ]
    text = ngettext(
        "Firm bookings exceed the net hours in %(count)s week (%(weeks)s).",
        "Firm bookings exceed the net hours in %(count)s weeks (%(weeks)s).",
        len(over),
    )
    if len(over) > WEEKS_TOLD:
        named.append("…")
    return text % {"count": len(over), "weeks": "; ".join(named)}


def hours_line(weeks: Weeks) -> str:
    """``152 h · KW 12–15``."""
    used = [week for week, minutes in weeks.items() if minutes]
    return f"{hours_text(sum(weeks.values()))} · {week_spans(used)}"


def period_text(entry: Demand | Allocation) -> str:
    return f"{formats.day(entry.first)} – {formats.day(entry.last)}"
