"""The words of the month close: titles of its checks, what is missing, how far each is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from stellwerk.controlling.selectors.periods import Check
from stellwerk.core import formats
from stellwerk.core.errors import Text

TITLES: dict[str, Text] = {
    "time_sheets": gettext_lazy("Time sheets locked"),
    "actuals": gettext_lazy("Actuals and commitments loaded"),
    "labour": gettext_lazy("Labour cost computed"),
    "unmatched": gettext_lazy("Every line has its project"),
    "differences": gettext_lazy("Files and bookings agree"),
    "forecasts": gettext_lazy("Forecasts confirmed"),
    "snapshot": gettext_lazy("Figures frozen"),
}
FIGURES: dict[str, Text] = {
    "bac": gettext_lazy("Budget at completion"),
    "pv": gettext_lazy("Planned value"),
    "ev": gettext_lazy("Earned value"),
    "ac": gettext_lazy("Actual cost"),
    "commitment": pgettext_lazy("money", "Commitments"),
}


def month_text(month: dt.date) -> str:
    """``October 2026`` in the reader's language."""
    return str(format_date(month, "LLLL yyyy", locale=(get_language() or "de")[:2]))


def money_text(sums: dict[str, int]) -> str:
    return " + ".join(formats.money(amount, currency) for currency, amount in sorted(sums.items()))


def missing_text(check: Check) -> str:
    """One sentence for whoever tries the step."""
    return f"{TITLES[check.code]}: {state_text(check)}"


def state_text(check: Check) -> str:
    """How far a check is, in one line."""
    texts = {
        "time_sheets": _time_sheets, "actuals": _actuals, "labour": _labour, "unmatched": _unmatched,
        "differences": _differences, "forecasts": _forecasts, "snapshot": _snapshot,
    }  # fmt: skip
    return texts[check.code](check.numbers)


def _time_sheets(n: dict[str, Any]) -> str:
    parts = []
    if n["missing"]:
        parts.append(ngettext("%(count)s week is missing", "%(count)s weeks are missing", n["missing"]) % {"count": formats.number(n["missing"])})  # fmt: skip
    if n["submitted"]:
        parts.append(_("%(count)s wait for approval") % {"count": formats.number(n["submitted"])})
    if n["approved"]:
        parts.append(_("%(count)s approved and not locked") % {"count": formats.number(n["approved"])})
    parts.append(_("%(count)s locked") % {"count": formats.number(n["locked"])})
    return " · ".join(parts)


def _actuals(n: dict[str, Any]) -> str:
    if not n["files"]:
        return _("no file of this month is booked")
    files = ngettext("%(count)s file", "%(count)s files", n["files"]) % {"count": formats.number(n["files"])}
    lines = ngettext("%(count)s line", "%(count)s lines", n["lines"]) % {"count": formats.number(n["lines"])}
    stand = _("commitments loaded") if n["commitments"] else _("no commitments of this month")
    return f"{files} · {lines} · {stand}"


def _labour(n: dict[str, Any]) -> str:
    if n.get("none"):
        return _("no cost type takes its actuals from time sheets")
    parts = [_("not booked as the hours stand now")] if n["differs"] else []
    if n["gaps"]:
        parts.append(ngettext("%(count)s person without a rate", "%(count)s people without a rate", n["gaps"]) % {"count": formats.number(n["gaps"])})  # fmt: skip
    if n["exchange"]:
        parts.append(_("exchange rates are missing"))
    if n["sums"]:
        parts.append(_("%(sum)s booked") % {"sum": money_text(n["sums"])})
    return " · ".join(parts) or _("no approved hours in this month")


def _unmatched(n: dict[str, Any]) -> str:
    if not n["count"]:
        return _("no line waits")
    count = ngettext("%(count)s line waits", "%(count)s lines wait", n["count"]) % {"count": formats.number(n["count"])}
    return f"{count} · {money_text(n['sums'])}"


def _differences(n: dict[str, Any]) -> str:
    parts = [formats.money(row.difference, row.currency) for row in n["differs"]]
    text = _("difference %(sum)s") % {"sum": " + ".join(parts)} if parts else _("no difference")
    if n["unreadable"]:
        text += " · " + ngettext("%(count)s line could not be read", "%(count)s lines could not be read", n["unreadable"]) % {"count": formats.number(n["unreadable"])}  # fmt: skip
    return text


def _forecasts(n: dict[str, Any]) -> str:
    missing, asked = len(n["missing"]), n["asked"]
    if not asked:
        return _("no running project has a budget")
    return _("%(done)s of %(all)s projects") % {"done": formats.number(asked - missing), "all": formats.number(asked)}


def _snapshot(n: dict[str, Any]) -> str:
    found = n["snapshot"]
    if found is None:
        return _("happens with the close")
    return _("on %(day)s, seal %(seal)s") % {"day": formats.day(found.published_at), "seal": found.digest[:12]}
