"""Persons: somebody who works in or for the organisation."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity
from stellwerk.people.models.structure import Location, Role, Unit


class EmploymentType(models.TextChoices):
    EMPLOYEE = "employee", _("Employee")
    TEMPORARY = "temporary", _("Temporary worker")
    FREELANCER = "freelancer", _("Freelancer")


class Person(Entity):
    """Somebody who works in or for the organisation, with or without an account."""

    KEY_PREFIX: ClassVar[str] = "PER"

    title = models.CharField(_("title"), max_length=20, blank=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
    )
    unit = models.ForeignKey(Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="people")
    manager = models.ForeignKey(
        "self", verbose_name=_("manager"), on_delete=models.SET_NULL, null=True, blank=True, related_name="reports"
    )
    role = models.ForeignKey(
        Role, verbose_name=_("project role"), on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    location = models.ForeignKey(
        Location, verbose_name=_("location"), on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    employment_type = models.CharField(
        _("employment"), max_length=12, choices=EmploymentType.choices, default=EmploymentType.EMPLOYEE
    )
    fte = models.DecimalField(
        _("FTE"), max_digits=4, decimal_places=2, default=1, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    weekly_hours = models.DecimalField(
        _("weekly hours"),
        max_digits=4,
        decimal_places=1,
        default=40,
        validators=[MinValueValidator(0), MaxValueValidator(60)],
    )
    entry_date = models.DateField(_("entry"), null=True, blank=True)
    exit_date = models.DateField(_("exit"), null=True, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(exit_date__isnull=True)
                | models.Q(entry_date__isnull=True)
                | models.Q(exit_date__gte=models.F("entry_date")),
                name="person_entry_before_exit",
                violation_error_message=_("The exit lies before the entry."),
            ),
            models.CheckConstraint(condition=~models.Q(manager=models.F("pk")), name="person_not_own_manager"),
        ]
        indexes = [models.Index(fields=["last_name", "first_name"], name="person_name")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper()
