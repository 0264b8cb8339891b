"""States and choices of the portfolio's entities; the transitions stand in ``states.py``."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PORTFOLIO_STATES = [
    ("draft", _("Draft")),
    ("active", _("Active")),
    ("under_review", _("Under review")),
    ("closed", _("Closed")),
]
PROGRAMME_STATES = [
    ("identified", _("Identified")),
    ("defined", _("Defined")),
    ("delivering", _("Delivering")),
    ("on_hold", _("On hold")),
    ("closing", _("Closing")),
    ("closed", _("Closed")),
    ("terminated", _("Terminated")),
]
SCORING_STATES = [("draft", _("Draft")), ("active", _("Active")), ("retired", _("Retired"))]
PROPOSAL_STATES = [
    ("draft", _("Draft")),
    ("submitted", _("Submitted")),
    ("returned", _("Returned")),
    ("assessment", _("In assessment")),
    ("scored", _("Scored")),
    ("approved", _("Approved")),
    ("deferred", _("Deferred")),
    ("rejected", _("Rejected")),
    ("withdrawn", _("Withdrawn")),
    ("converted", _("Converted into a project")),
]
PHASES = [
    ("initiating", _("Initiation")),
    ("planning", _("Planning")),
    ("executing", _("Execution")),
    ("transition", _("Transition")),
    ("closing", _("Closing")),
    ("closed", _("Closed")),
    ("on_hold", _("On hold")),
    ("stopped", _("Stopped")),
]
GATE_STATES = [
    ("planned", _("Planned")),
    ("dossier_open", _("Dossier open")),
    ("in_review", _("In review")),
    ("go", _("Go")),
    ("conditional_go", _("Conditional go")),
    ("recycle", _("Recycle")),
    ("hold", _("Hold")),
    ("stop", _("Stop")),
]


class Size(models.TextChoices):
    S = "S", _("S")
    M = "M", _("M")
    L = "L", _("L")


class Category(models.TextChoices):
    MANDATORY = "mandatory", _("Mandatory")
    RUN = "run", pgettext_lazy("category", "Run")
    GROW = "grow", _("Grow")
    TRANSFORM = "transform", _("Transform")


class Light(models.TextChoices):
    """A traffic light; empty means *not assessed* (no room computes it and nobody reported it)."""

    RED = "red", _("Red")
    AMBER = "amber", _("Amber")
    GREEN = "green", _("Green")
    GREY = "grey", _("Grey")


class Source(models.TextChoices):
    COMPUTED = "computed", _("computed")
    REPORTED = "reported", _("reported")
    IMPORTED = "imported", _("imported")
    OVERRIDDEN = "overridden", _("overridden")


DIMENSIONS = ("schedule", "cost", "scope", "quality", "resources", "risk")
DIMENSION_LABELS = {
    "overall": _("Overall"),
    "schedule": _("Schedule"),
    "cost": _("Cost"),
    "scope": _("Scope"),
    "quality": _("Quality"),
    "resources": _("Resources"),
    "risk": _("Risk"),
}
