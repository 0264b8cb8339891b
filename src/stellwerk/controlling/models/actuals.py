"""Actuals and commitments as the ERP tells them, months that are closed, and rules that map one to the other."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.controlling.choices import (
    IMPORT_STATES,
    PERIOD_STATES,
    BookingKind,
    BookingSource,
    LeftOut,
    Spending,
)
from stellwerk.controlling.models.base import CostCentre, CostType
from stellwerk.core.models import User, Versioned
from stellwerk.people.models import Organisation
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project


class Period(Versioned):
    """A month of a legal entity on its way to closed; a closed month refuses every booking."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="periods"
    )
    month = models.DateField(_("month"), help_text="Its first day.")
    state = models.CharField(_("state"), max_length=18, choices=PERIOD_STATES, default="open", editable=False)
    accepted = models.JSONField(
        _("accepted"),
        default=dict,
        blank=True,
        help_text="{check: {reason, by, at, facts}}: what the controller signed; it counts while the facts are the same.",
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("month")
        verbose_name_plural = _("months")
        ordering = ["-month", "organisation"]
        constraints = [models.UniqueConstraint(fields=["organisation", "month"], name="period_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ActualsImport(Versioned):
    """One file of actuals: what it was, how it was read, what became of its lines (``told``)."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="actuals_imports"
    )
    month = models.DateField(_("month"), null=True, blank=True)
    kind = models.CharField(_("type"), max_length=10, choices=BookingKind.choices, default=BookingKind.ACTUAL)
    file_name = models.CharField(_("file"), max_length=250)
    digest = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    told = models.JSONField(default=dict, blank=True)
    draft = models.JSONField(
        default=dict,
        blank=True,
        help_text="The uploaded file on its way: where it is kept, how it is to be read, its preview.",
    )
    state = models.CharField(_("state"), max_length=10, choices=IMPORT_STATES, default="preview", editable=False)
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("import of actuals")
        verbose_name_plural = _("imports of actuals")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


class MappingRule(Versioned):
    """Which object of the ERP is which project, work package and cost type; the longest match counts.

    ``object``: WBS element, internal order or cost centre as the ERP writes it; a trailing ``*`` stands for anything.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="mapping_rules")
    object = models.CharField(_("ERP object"), max_length=80)
    project = models.ForeignKey(
        Project,
        verbose_name=_("project"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mapping_rules",
    )
    activity = models.ForeignKey(
        Activity, verbose_name=_("work package"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ignore = models.BooleanField(_("not a project"), default=False)

    class Meta:
        verbose_name = _("mapping rule")
        verbose_name_plural = _("mapping rules")
        ordering = ["organisation", "object"]
        constraints = [models.UniqueConstraint(fields=["organisation", "object"], name="mapping_rule_once")]

    def __str__(self) -> str:
        return self.object


class Booking(models.Model):
    """One line of actual cost or commitment. ``fingerprint`` tells the same line again; append-only but for its mapping.

    ``amount`` in minor units of ``currency`` as booked, ``project_amount`` in the project's at ``rate`` of the posting day. A reversal
    is a line of its own with the opposite sign that names what it takes back. A commitment of a newer import replaces the older stand of its document.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    kind = models.CharField(_("type"), max_length=10, choices=BookingKind.choices, default=BookingKind.ACTUAL)
    source = models.CharField(_("source"), max_length=6, choices=BookingSource.choices, default=BookingSource.ERP)
    month = models.DateField(_("month"))
    posted = models.DateField(_("posting date"))
    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, null=True, related_name="bookings", db_index=False
    )
    activity = models.ForeignKey(
        Activity, verbose_name=_("work package"), on_delete=models.SET_NULL, null=True, related_name="bookings"
    )
    cost_type = models.ForeignKey(
        CostType, verbose_name=_("cost type"), on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    cost_centre = models.ForeignKey(
        CostCentre, verbose_name=_("cost centre"), on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    spending = models.CharField(_("CapEx or OpEx"), max_length=5, choices=Spending.choices, default=Spending.OPEX)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    project_amount = models.BigIntegerField(_("amount in the project's currency"), null=True)
    project_currency = models.CharField(max_length=3, blank=True)
    rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=8, null=True)
    document = models.CharField(_("document"), max_length=40, blank=True)
    line = models.CharField(_("line"), max_length=12, blank=True)
    reverses = models.CharField(_("reverses document"), max_length=40, blank=True)
    erp_object = models.CharField(_("ERP object"), max_length=80, blank=True)
    erp_cost_centre = models.CharField(_("ERP cost centre"), max_length=40, blank=True)
    erp_account = models.CharField(_("ERP account"), max_length=40, blank=True)
    supplier = models.CharField(_("supplier"), max_length=160, blank=True)
    text = models.CharField(_("text"), max_length=300, blank=True)
    minutes = models.IntegerField(_("minutes"), null=True)
    fingerprint = models.CharField(max_length=40)
    batch = models.ForeignKey(ActualsImport, on_delete=models.PROTECT, null=True, related_name="bookings")
    left_out = models.CharField(_("left out"), max_length=20, choices=LeftOut.choices, blank=True, default=LeftOut.NO)
    obsolete = models.BooleanField(
        default=False, help_text="A commitment whose document a newer import told again, or that was invoiced."
    )

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["-posted", "-pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "fingerprint"], name="booking_once")]
        indexes = [
            models.Index(
                fields=["project", "kind", "month", "activity", "spending"], include=["project_amount"],
                name="booking_project_sum",
            ),
            models.Index(fields=["organisation", "month", "project"], name="booking_worklist"),
            models.Index(fields=["organisation", "document"], name="booking_document"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.document}/{self.line}".strip("/") or str(self.pk)
