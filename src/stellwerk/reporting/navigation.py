"""What the shell shows of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.navigation import register_create, register_fact, register_nav
from stellwerk.core.permissions import can
from stellwerk.reporting import selectors


def _waiting(user: User) -> int | None:
    """What waits for this user: own reports to deliver, others' to review."""
    return selectors.waiting_count(user) or None


def _cycle_fact(user: User) -> str | None:
    number = selectors.current_number(user)
    return str(_("Cycle %(number)s") % {"number": number}) if number is not None else None


register_nav(
    "reports", _("Status reports"), "report", "reporting:report-list", order=10,
    permission=lambda user: can(user, "view", "reporting.statusreport"), badge=_waiting,
)  # fmt: skip
register_nav(
    "reports", _("Reporting cycles"), "calendar-event", "reporting:cycle-list", order=20,
    permission=lambda user: can(user, "view", "reporting.cycle"),
)  # fmt: skip
register_nav(
    "reports", _("Steering committee deck"), "presentation", "reporting:deck", order=30,
    permission=lambda user: can(user, "export", "portfolio.portfolio"),
)  # fmt: skip
register_nav(
    "reports", _("Deck templates"), "layers", "reporting:template-list", order=40,
    permission=lambda user: can(user, "view", "reporting.decktemplate"),
)  # fmt: skip
register_create(
    _("Reporting cycles"),
    "calendar-event",
    "reporting:cycle-plan",
    order=60,
    permission=lambda user: can(user, "create", "reporting.cycle"),
)
register_fact("cycle", _cycle_fact)
