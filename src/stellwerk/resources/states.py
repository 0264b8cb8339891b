"""State machines of domain.md section 2 for demands, allocations and time sheets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.models import User
from stellwerk.core.states import Machine, State, Transition, register_machine
from stellwerk.resources.choices import ALLOCATION_STATES, DEMAND_STATES, TIMESHEET_STATES

RESERVED_DAYS = 14
"""A reservation that nobody makes firm ends by itself (domain.md section 2)."""


def _states(rows: list[tuple[str, Any]], *final: str) -> tuple[State, ...]:
    return tuple(State(code, label, code in final) for code, label in rows)


def _reserved(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"expires": timezone.localdate() + dt.timedelta(days=RESERVED_DAYS)}


def _firm(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"expires": None}


_ASKED = ("create", "request")
_OFFERED = ("counter", "offer")

register_machine(
    Machine(
        "resources.demand",
        _states(DEMAND_STATES, "cancelled"),
        (
            Transition("open", pgettext_lazy("demand", "Ask for it"), ("draft",), "open", primary=True),
            # Bookings do these two (guards.py); nobody does them by hand.
            Transition(
                "fill_partly",
                _("Partly filled"),
                ("open", "filled", "vacancy_raised"),
                "partly_filled",
                verb="answer",
                by_hand=False,
            ),
            Transition(
                "fill", _("Filled"), ("open", "partly_filled", "vacancy_raised"), "filled", verb="answer", by_hand=False
            ),
            Transition("reopen", _("Open again"), ("filled", "partly_filled", "vacancy_raised"), "open"),
            Transition("raise_vacancy", _("Raise a vacancy"), ("open", "partly_filled"), "vacancy_raised"),
            Transition("cancel", _("Cancel"), ("*",), "cancelled", needs_reason=True),
        ),
    )
)
register_machine(
    Machine(
        "resources.allocation",
        _states(ALLOCATION_STATES, "completed", "rejected", "expired", "released"),
        (
            Transition(
                "reserve", _("Reserve"), ("requested",), "soft", verb="approve", not_by=_ASKED, values=_reserved
            ),
            Transition(
                "confirm",
                _("Book firmly"),
                ("requested", "soft"),
                "hard",
                verb="approve",
                not_by=_ASKED,
                values=_firm,
                primary=True,
            ),
            # Somebody else is offered: the new person stands in the allocation, the project answers.
            # Needs to know whom: the service writes both before it takes this step.
            Transition(
                "counter", _("Offer somebody else"), ("requested",), "countered", verb="approve", not_by=_ASKED,
                requires=("offered_instead_of",),
            ),
            Transition(
                "accept", _("Accept the offer"), ("countered",), "hard", verb="ask", not_by=_OFFERED, values=_firm,
                primary=True,
            ),
            Transition(
                "accept_reserved", _("Accept, reserve"), ("countered",), "soft", verb="ask", not_by=_OFFERED,
                values=_reserved,
            ),
            Transition("refuse_offer", _("Decline the offer"), ("countered",), "rejected", verb="ask", needs_reason=True),
            Transition("decline", _("Decline"), ("requested", "soft"), "rejected", verb="approve", needs_reason=True),
            # Who asked needs it no longer: what is not firm yet ends without a decision of the line manager.
            Transition("withdraw", _("Withdraw"), ("requested", "soft", "countered"), "released", verb="ask"),
            Transition("expire", _("Expire"), ("soft",), "expired", verb="approve"),
            Transition("begin", pgettext_lazy("allocation", "Begin"), ("hard",), "active"),
            Transition("complete", pgettext_lazy("allocation", "Complete"), ("active",), "completed"),
            Transition("release", _("Release"), ("hard", "active"), "released", needs_reason=True),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "resources.timesheet",
        _states(TIMESHEET_STATES, "locked"),
        (
            Transition("submit", _("Submit"), ("open",), "submitted", verb="submit", primary=True),
            Transition(
                "approve", _("Approve"), ("submitted",), "approved", verb="approve", not_by=("submit",), primary=True
            ),
            Transition(
                "reject", _("Send back"), ("submitted",), "rejected", verb="approve", needs_reason=True,
                not_by=("submit",),
            ),
            Transition("rework", _("Rework"), ("rejected",), "open", verb="submit", primary=True),
            Transition("lock", _("Lock"), ("approved",), "locked", verb="lock"),
        ),
    )
)  # fmt: skip
