"""States and choices of the controlling room (domain.md sections 2, 3.2, 3.3 and 5)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.errors import Text
from stellwerk.core.permissions import ROLES


def role_choices() -> list[tuple[str, Text]]:
    """The roles of the permission table."""
    return [(code, role.label) for code, role in ROLES.items()]


BUDGET_STATES = [
    ("draft", pgettext_lazy("budget", "draft")),
    ("submitted", pgettext_lazy("budget", "submitted")),
    ("endorsed", pgettext_lazy("budget", "endorsed")),
    ("approved", pgettext_lazy("budget", "approved")),
    ("rejected", pgettext_lazy("budget", "rejected")),
    ("superseded", pgettext_lazy("budget", "superseded")),
]
PERIOD_STATES = [
    ("open", pgettext_lazy("month", "open")),
    ("actuals_loaded", pgettext_lazy("month", "actuals loaded")),
    ("reconciled", pgettext_lazy("month", "reconciled")),
    ("forecast_confirmed", pgettext_lazy("month", "forecast confirmed")),
    ("closed", pgettext_lazy("month", "closed")),
    ("reopened", pgettext_lazy("month", "reopened")),
]
BENEFIT_STATES = [
    ("identified", pgettext_lazy("benefit", "identified")),
    ("planned", pgettext_lazy("benefit", "planned")),
    ("realising", pgettext_lazy("benefit", "being realised")),
    ("realised", pgettext_lazy("benefit", "realised")),
    ("not_realised", pgettext_lazy("benefit", "not realised")),
    ("dropped", pgettext_lazy("benefit", "dropped")),
]
EXCEPTION_STATES = [
    ("open", pgettext_lazy("exception", "open")),
    ("reported", pgettext_lazy("exception", "reported")),
    ("decided", pgettext_lazy("exception", "decided")),
    ("closed", pgettext_lazy("exception", "closed")),
]
CASE_STATES = [
    ("draft", pgettext_lazy("business case", "draft")),
    ("submitted", pgettext_lazy("business case", "submitted")),
    ("signed", pgettext_lazy("business case", "signed")),
    ("returned", pgettext_lazy("business case", "returned")),
    ("superseded", pgettext_lazy("business case", "superseded")),
]
ROUND_STATES = [
    ("draft", pgettext_lazy("investment round", "draft")),
    ("call_open", pgettext_lazy("investment round", "call open")),
    ("submissions_closed", pgettext_lazy("investment round", "submissions closed")),
    ("evaluation", pgettext_lazy("investment round", "evaluation")),
    ("balancing", pgettext_lazy("investment round", "balancing")),
    ("board_approval", pgettext_lazy("investment round", "board approval")),
    ("approved", pgettext_lazy("investment round", "approved")),
    ("loaded", pgettext_lazy("investment round", "loaded")),
]
RUN_STATES = [
    ("running", pgettext_lazy("computation", "computing")),
    ("done", pgettext_lazy("computation", "done")),
    ("failed", pgettext_lazy("computation", "failed")),
    ("stopped", pgettext_lazy("computation", "stopped")),
]
IMPORT_STATES = [
    ("preview", pgettext_lazy("import of actuals", "preview")),
    ("running", pgettext_lazy("import of actuals", "running")),
    ("booked", pgettext_lazy("import of actuals", "booked")),
    ("undone", pgettext_lazy("import of actuals", "undone")),
    ("failed", pgettext_lazy("import of actuals", "failed")),
]


class BudgetKind(models.TextChoices):
    """What the lines of a budget are: approved money, or what is expected now."""

    PLAN = "plan", _("Budget")
    FORECAST = "forecast", _("Forecast")


class BookingKind(models.TextChoices):
    """Cost of work performed, or money that is ordered and not invoiced yet."""

    ACTUAL = "actual", _("Actual")
    COMMITMENT = "commitment", _("Commitment")


class Spending(models.TextChoices):
    """Capitalised or expensed."""

    CAPEX = "capex", _("CapEx")
    OPEX = "opex", _("OpEx")


class Reserve(models.TextChoices):
    """Reserves stand apart: they are outside the budget at completion until they are released (domain.md 3.2)."""

    NONE = "", pgettext_lazy("budget line", "Work")
    CONTINGENCY = "contingency", _("Contingency")
    MANAGEMENT = "management", _("Management reserve")


class LabourSource(models.TextChoices):
    """Where labour cost comes from: one source per cost type, never both."""

    HOURS = "hours", _("Approved hours × rate")
    ERP = "erp", _("ERP")


class BookingSource(models.TextChoices):
    ERP = "erp", _("ERP")
    HOURS = "hours", _("Time sheets")
    MANUAL = "manual", _("Entered")


class LeftOut(models.TextChoices):
    """Why a line of the ERP does not count as cost of a project."""

    NO = "", pgettext_lazy("booking", "counts")
    NO_PROJECT = "no_project", _("not a project")
    LABOUR = "labour", _("labour comes from time sheets")


class EacVariant(models.IntegerChoices):
    """The forecast that drives the light (domain.md 3.2); the others are shown beside it."""

    ONE_OFF = 1, _("AC + (BAC − EV): one-off deviation")
    TREND = 2, _("BAC ÷ CPI: the trend goes on")
    COMBINED = 3, _("AC + (BAC − EV) ÷ (CPI × SPI)")
    BOTTOM_UP = 4, _("AC + bottom-up estimate of the rest")


class Distribution(models.TextChoices):
    """How a three-point estimate is read."""

    TRIANGULAR = "triangular", _("Triangular")
    PERT = "pert", _("PERT")
    LOGNORMAL = "lognormal", _("Log-normal")


class FlowKind(models.TextChoices):
    COST = "cost", _("Cost")
    BENEFIT = "benefit", _("Benefit")


class RoundDecision(models.TextChoices):
    OPEN = "", pgettext_lazy("investment round", "not decided")
    IN = "in", pgettext_lazy("investment round", "in")
    OUT = "out", pgettext_lazy("investment round", "out")
    LATER = "later", pgettext_lazy("investment round", "later")
