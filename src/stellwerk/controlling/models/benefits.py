"""Benefits: who owns them, how they are measured, what was planned and what came, also after the project is closed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.controlling.choices import BENEFIT_STATES
from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Person
from stellwerk.portfolio.models import Project


class Benefit(Entity):
    """A measured improvement. Money (``cash``) counts in minor units of ``currency`` per year; other measures in ``unit``."""

    KEY_PREFIX: ClassVar[str] = "BEN"

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="benefits")
    name = models.CharField(_("name"), max_length=200)
    holder = models.ForeignKey(
        Person,
        verbose_name=_("benefit owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="benefits",
    )
    measure = models.CharField(pgettext_lazy("benefit", "measure"), max_length=200)
    unit = models.CharField(_("unit of measure"), max_length=40, blank=True)
    cash = models.BooleanField(_("money"), default=True)
    disbenefit = models.BooleanField(_("dis-benefit"), default=False)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    baseline = models.DecimalField(_("value before"), max_digits=18, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(_("target value"), max_digits=18, decimal_places=4, null=True, blank=True)
    starts = models.DateField(_("begins"), null=True, blank=True)
    ends = models.DateField(_("measured until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=BENEFIT_STATES, default="identified", editable=False)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        ordering = ["project", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__isnull=True) | models.Q(starts__isnull=True) | models.Q(ends__gte=models.F("starts")),
                name="benefit_ends_after_start",
                violation_error_message=_("The benefit ends before it begins."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class BenefitValue(Versioned):
    """Planned and measured value at a month: money in minor units, other measures as they are."""

    benefit = models.ForeignKey(Benefit, on_delete=models.CASCADE, related_name="values")
    month = models.DateField(_("month"))
    planned = models.DecimalField(_("planned"), max_digits=18, decimal_places=4, null=True, blank=True)
    actual = models.DecimalField(_("measured"), max_digits=18, decimal_places=4, null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("value of a benefit")
        verbose_name_plural = _("values of benefits")
        ordering = ["benefit", "month"]
        constraints = [models.UniqueConstraint(fields=["benefit", "month"], name="benefit_month_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
