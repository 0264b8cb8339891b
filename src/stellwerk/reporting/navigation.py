"""What the shell shows of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.navigation import register_create, register_fact, register_nav
from stellwerk.core.permissions import can, visible
from stellwerk.reporting import selectors
from stellwerk.reporting.models import Cycle


def _waiting(user: User) -> int | None:
    """What waits for this user: own reports to deliver, others' to review."""
    count = selectors.reports_due_for(user).count()
    if can(user, "accept", "reporting.statusreport"):
        count += selectors.reports_to_review(user).count()
    return count or None


def _cycle_fact(user: User) -> str | None:
    rows = Cycle.objects.filter(
        visible(user, Cycle), state__in=("open", "collecting", "cut_off", "pmo_review", "consolidated")
    )
    cycle = rows.order_by("data_date").first()
    return (
        str(_("Cycle %(number)s, %(date)s") % {"number": cycle.number, "date": formats.day(cycle.data_date)})
        if cycle
        else None
    )


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
