"""Pages of time sheets in the side bar."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.navigation import register_nav
from stellwerk.core.permissions import can


def _records(user: User) -> bool:
    return can(user, "create", "resources.timesheet")


def _approves(user: User) -> bool:
    return can(user, "approve", "resources.timesheet")


def _locks(user: User) -> bool:
    return can(user, "lock", "resources.timesheet")


def _reads(user: User) -> bool:
    return can(user, "hours", "portfolio.project")


def _utilisation(user: User) -> bool:
    return can(user, "manpower", "people.unit")


def _agreements(user: User) -> bool:
    return can(user, "view", "resources.hoursagreement")


register_nav("people", _("Time sheet"), "clock", "resources:timesheet", order=70, permission=_records)
register_nav("people", _("Approve time sheets"), "check", "resources:timesheet-inbox", order=71, permission=_approves)
register_nav("people", _("Recorded hours"), "chart-bar", "resources:hours", order=72, permission=_reads)
register_nav("people", _("Utilisation"), "chart", "resources:utilisation", order=72, permission=_utilisation)
register_nav("people", _("Lock time sheets"), "lock", "resources:timesheet-close", order=73, permission=_locks)
register_nav("people", _("Agreements on hours"), "gavel", "resources:agreements", order=74, permission=_agreements)
