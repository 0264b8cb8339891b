"""What an hour costs: rates of roles and of persons, internal and external, each with its time of validity."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.models import Versioned
from stellwerk.people.models.persons import Person
from stellwerk.people.models.structure import Organisation, Role


class RateKind(models.TextChoices):
    INTERNAL = "internal", _("internal")
    EXTERNAL = "external", _("external")


class Rate(Versioned):
    """An hour's rate in minor units of a currency. Two rates of one kind never overlap (``services.rates``)."""

    kind = models.CharField(_("type"), max_length=8, choices=RateKind.choices, default=RateKind.INTERNAL)
    amount = models.BigIntegerField(_("rate per hour"), validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        abstract = True


class RoleRate(Rate):
    """What an hour of a project role costs in an organisation (everywhere, where none is named)."""

    role = models.ForeignKey(Role, verbose_name=_("project role"), on_delete=models.CASCADE, related_name="rates")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("rate of a project role")
        verbose_name_plural = _("rates of project roles")
        ordering = ["role", "kind", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="role_rate_ends_after_start",
                violation_error_message=_("The rate ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {formats.day(self.valid_from)}"


class PersonRate(Rate):
    """What an hour of this person costs; seen by controllers alone (domain.md section 1)."""

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="rates")

    class Meta:
        verbose_name = _("rate of a person")
        verbose_name_plural = _("rates of persons")
        ordering = ["person", "kind", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="person_rate_ends_after_start",
                violation_error_message=_("The rate ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {formats.day(self.valid_from)}"
