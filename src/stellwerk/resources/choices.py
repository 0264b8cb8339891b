"""States and choices of the resources room (domain.md section 2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DEMAND_STATES = [
    ("draft", pgettext_lazy("demand", "draft")),
    ("open", pgettext_lazy("demand", "open")),
    ("partly_filled", pgettext_lazy("demand", "partly filled")),
    ("filled", pgettext_lazy("demand", "filled")),
    ("vacancy_raised", pgettext_lazy("demand", "vacancy raised")),
    ("cancelled", pgettext_lazy("demand", "cancelled")),
]
ALLOCATION_STATES = [
    ("requested", pgettext_lazy("allocation", "requested")),
    ("soft", pgettext_lazy("allocation", "reserved")),
    ("hard", pgettext_lazy("allocation", "firm")),
    ("active", pgettext_lazy("allocation", "active")),
    ("completed", pgettext_lazy("allocation", "completed")),
    ("countered", pgettext_lazy("allocation", "somebody else offered")),
    ("rejected", pgettext_lazy("allocation", "declined")),
    ("expired", pgettext_lazy("allocation", "expired")),
    ("released", pgettext_lazy("allocation", "released")),
]
HARD = ("hard", "active")
"""Allocations that count as firm load."""
LOADING = ("requested", "soft", "hard", "active")
"""Allocations that load a person at all."""
TIMESHEET_STATES = [
    ("open", pgettext_lazy("time sheet", "open")),
    ("submitted", pgettext_lazy("time sheet", "submitted")),
    ("approved", pgettext_lazy("time sheet", "approved")),
    ("rejected", pgettext_lazy("time sheet", "sent back")),
    ("locked", pgettext_lazy("time sheet", "locked")),
]
RUN_STATES = [
    ("running", pgettext_lazy("levelling", "computing")),
    ("proposed", pgettext_lazy("levelling", "proposed")),
    ("applied", pgettext_lazy("levelling", "applied")),
    ("undone", pgettext_lazy("levelling", "taken back")),
    ("discarded", pgettext_lazy("levelling", "discarded")),
    ("failed", pgettext_lazy("levelling", "failed")),
]


class DemandSource(models.TextChoices):
    """Where a demand comes from; what follows is the same."""

    REQUEST = "request", _("Staffing request")
    ACTIVITY = "activity", _("Activity of the plan")


class Objective(models.TextChoices):
    """What levelling aims at, in the user's words."""

    TARDINESS = "tardiness", _("Important projects late as little as possible")
    MAKESPAN = "makespan", _("Everything finished as early as possible")
    DELAY = "delay", _("Each project delayed as little as possible")
    SMOOTH = "smooth", _("Even load without peaks")
