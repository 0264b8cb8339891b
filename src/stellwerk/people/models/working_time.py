"""When people work: their week with its project share, and their absences."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.models import Versioned
from stellwerk.people.models.persons import Person

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _minutes(label: Any) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(label, default=0, validators=[MaxValueValidator(24 * 60)])


class WorkingPattern(Versioned):
    """Working minutes of each weekday from a day on, and the share of them that projects may plan.

    It holds until the next one begins. Without one a person works a fifth of the weekly hours from Monday to Friday, all of it for projects.
    """

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="patterns")
    valid_from = models.DateField(_("valid from"))
    monday = _minutes(_("Monday"))
    tuesday = _minutes(_("Tuesday"))
    wednesday = _minutes(_("Wednesday"))
    thursday = _minutes(_("Thursday"))
    friday = _minutes(_("Friday"))
    saturday = _minutes(_("Saturday"))
    sunday = _minutes(_("Sunday"))
    project_share = models.DecimalField(
        _("project share (%)"), max_digits=5, decimal_places=2, default=100,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip

    class Meta:
        verbose_name = _("working pattern")
        verbose_name_plural = _("working patterns")
        ordering = ["person", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["person", "valid_from"], name="pattern_begins_once")]

    def __str__(self) -> str:
        return str(self.valid_from)

    @property
    def week(self) -> tuple[int, ...]:
        """Minutes from Monday to Sunday."""
        return tuple(getattr(self, day) for day in WEEKDAYS)


class AbsenceKind(models.TextChoices):
    VACATION = "vacation", pgettext_lazy("absence", "Vacation")
    SICK = "sick", pgettext_lazy("absence", "Sick")
    TRAINING = "training", pgettext_lazy("absence", "Training")
    PARENTAL = "parental", pgettext_lazy("absence", "Parental leave")
    OTHER = "other", pgettext_lazy("absence", "Other")


class Absence(Versioned):
    """Days on which a person is away, both included. Why is told to line managers and the person, never to projects."""

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="absences")
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    part = models.PositiveSmallIntegerField(
        _("part of the day (%)"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    kind = models.CharField(
        pgettext_lazy("absence", "reason"), max_length=12, choices=AbsenceKind.choices, default=AbsenceKind.VACATION
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=20, default="manual", editable=False)
    uid = models.CharField(max_length=250, blank=True, editable=False)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["person", "first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")),
                name="absence_ends_after_start",
                violation_error_message=_("The absence ends before it begins."),
            ),
            models.UniqueConstraint(
                fields=["person", "source", "uid"], condition=~models.Q(uid=""), name="absence_imported_once"
            ),
        ]
        indexes = [models.Index(fields=["last", "first"], name="absence_days")]

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"
