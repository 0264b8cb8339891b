"""Budgets and forecasts: versions with lines, and the amounts of each line by month."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.controlling.choices import BUDGET_STATES, EXCEPTION_STATES, BudgetKind, Reserve, Spending, role_choices
from stellwerk.controlling.models.base import CostCentre, CostType
from stellwerk.core import formats
from stellwerk.core.models import Entity, User, Versioned
from stellwerk.planning.models import Activity, Baseline
from stellwerk.portfolio.models import Project


class Budget(Entity):
    """One version of a project's budget or forecast, in minor units of ``currency``.

    An approved budget stands on a baseline of the plan and carries its number (BAC is the sum of its work lines). A forecast
    says what is expected from ``first_open`` on; months before it are actuals. Approved ones never change; a newer one supersedes.
    Above the limit of one authority it is endorsed and goes on to the next (``awaits``: the role whose turn it is).
    """

    KEY_PREFIX: ClassVar[str] = "BUD"

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="budgets")
    kind = models.CharField(_("type"), max_length=8, choices=BudgetKind.choices, default=BudgetKind.PLAN)
    number = models.PositiveSmallIntegerField(_("version"), default=0, editable=False)
    name = models.CharField(_("name"), max_length=160, blank=True)
    baseline = models.ForeignKey(
        Baseline, verbose_name=_("baseline"), on_delete=models.PROTECT, null=True, blank=True, related_name="budgets"
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    rate_date = models.DateField(
        _("exchange rates of"), null=True, blank=True, help_text=_("Empty: the day of approval.")
    )
    first_open = models.DateField(
        _("first forecast month"), null=True, blank=True, help_text=_("Months before it are actuals.")
    )
    reason = models.TextField(_("reason"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=BUDGET_STATES, default="draft", editable=False)
    awaits = models.CharField(
        _("waits for"), max_length=30, choices=role_choices, blank=True, default="", editable=False,
        help_text=_("Role whose turn it is to endorse or approve."),
    )  # fmt: skip
    endorsed_at = models.DateTimeField(_("endorsed"), null=True, blank=True, editable=False)
    endorsed_by = models.ForeignKey(
        User, verbose_name=_("endorsed by"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip
    endorsed_role = models.CharField(
        _("endorsed as"), max_length=30, choices=role_choices, blank=True, default="", editable=False
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        User, verbose_name=_("approved by"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets and forecasts")
        ordering = ["project", "kind", "-number"]
        # A draft has the number that it will carry; two drafts may wait for the same one.
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "number"], name="budget_number_once",
                condition=models.Q(state__in=("approved", "superseded")),
                violation_error_message=_("This version is approved already."),
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["kind", "state", "project"], name="budget_standing")]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()} {self.number}"


class BudgetLine(Versioned):
    """One line: for which work, of which cost type, on which cost centre; its amounts stand by month.

    ``wbs`` keeps the code of the row of the plan as it was, also after that row is gone. ``original_currency`` with
    ``original`` amounts in ``BudgetMonth`` where the line was planned in another currency.
    """

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    activity = models.ForeignKey(
        Activity, verbose_name=_("work package"), on_delete=models.SET_NULL, null=True, blank=True,
        related_name="budget_lines",
    )  # fmt: skip
    wbs = models.CharField(_("WBS code"), max_length=120, blank=True)
    text = models.CharField(_("text"), max_length=300, blank=True)
    cost_type = models.ForeignKey(
        CostType, verbose_name=_("cost type"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cost_centre = models.ForeignKey(
        CostCentre, verbose_name=_("cost centre"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    spending = models.CharField(_("CapEx or OpEx"), max_length=5, choices=Spending.choices, default=Spending.OPEX)
    reserve = models.CharField(_("reserve"), max_length=12, choices=Reserve.choices, blank=True, default=Reserve.NONE)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        ordering = ["budget", "position", "pk"]
        indexes = [models.Index(fields=["budget", "position"], name="budget_line_order")]

    def __str__(self) -> str:
        return " ".join(part for part in (self.wbs, self.text) if part) or str(self.pk)


class BudgetMonth(models.Model):
    """The amount of a line in the month that begins on ``month``, in minor units of the line's currency."""

    line = models.ForeignKey(BudgetLine, on_delete=models.CASCADE, related_name="months", db_index=False)
    month = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        ordering = ["line", "month"]
        constraints = [models.UniqueConstraint(fields=["line", "month"], name="budget_month_once")]
        indexes = [models.Index(fields=["month", "line"], include=["amount"], name="budget_month_sum")]

    def __str__(self) -> str:
        return f"{self.month}: {self.amount}"


class ForecastException(Entity):
    """The forecast left the tolerance: an exception report is due in three working days (domain.md section 4)."""

    KEY_PREFIX: ClassVar[str] = "EXC"

    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="forecast_exceptions"
    )
    opened_on = models.DateField(_("opened"))
    due = models.DateField(_("due"))
    told = models.JSONField(_("what left the tolerance"), default=dict, help_text="{what, value, limit} in numbers")
    cause = models.TextField(_("cause"), blank=True)
    options = models.TextField(_("options and recommendation"), blank=True)
    decision = models.TextField(_("decision"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=EXCEPTION_STATES, default="open", editable=False)

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        ordering = ["-opened_on", "pk"]

    def __str__(self) -> str:
        return f"{self.project} {formats.day(self.opened_on)}"
