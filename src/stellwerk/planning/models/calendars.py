"""Working calendars: a week, exceptions, and the calendar they stand on."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Organisation, Person
from stellwerk.planning.choices import CalendarKind
from stellwerk.planning.times import check_times, text_of


class WorkingCalendar(Entity):
    """When work is done. ``week``: seven lists of ``[from, to]`` in minutes after midnight, or null: as the base says.

    Public holidays come from ``country`` and ``subdivision`` (a Bundesland); exceptions stand in rows of their own. A calendar with a ``plan``
    came with an imported schedule and belongs to it alone.
    """

    KEY_PREFIX: ClassVar[str] = "CAL"

    name = models.CharField(_("name"), max_length=250)
    kind = models.CharField(_("type"), max_length=10, choices=CalendarKind.choices, default=CalendarKind.BASE)
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="working_calendars",
    )
    plan = models.ForeignKey(
        "planning.Plan", on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="calendars"
    )
    uid = models.IntegerField(null=True, blank=True, editable=False, help_text="Its number in the imported file.")
    base = models.ForeignKey(
        "self", verbose_name=_("based on"), on_delete=models.PROTECT, null=True, blank=True, related_name="derived"
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="working_calendars",
    )
    country = models.CharField(_("public holidays of"), max_length=2, blank=True)
    subdivision = models.CharField(
        _("federal state"), max_length=10, blank=True, help_text=_("For public holidays, for example NW or BY.")
    )
    week = models.JSONField(_("week"), default=list, blank=True)
    minutes_per_day = models.PositiveIntegerField(_("minutes per day"), null=True, blank=True)
    told = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "uid"], name="calendar_uid_once")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        above, seen = self.base, {self.pk}
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"base": _("A calendar cannot stand on itself.")})
            seen.add(above.pk)
            above = above.base


class CalendarException(Versioned):
    """Other hours from ``start`` to ``finish``, both included; no ``times``: nobody works (holiday, shutdown)."""

    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.CASCADE, related_name="exceptions")
    start = models.DateField(_("from"))
    finish = models.DateField(_("to"))
    name = models.CharField(_("name"), max_length=250, blank=True)
    times = models.JSONField(_("working times"), default=list, blank=True)
    told = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("exception of a calendar")
        verbose_name_plural = _("exceptions of calendars")
        ordering = ["start", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finish__gte=models.F("start")),
                name="calendar_exception_ends_after_start",
                violation_error_message=_("The exception ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.name or str(self.start)

    @property
    def hours(self) -> str:
        """Its working times as text."""
        return text_of(self.times)

    def clean(self) -> None:
        super().clean()
        try:
            check_times(self.times)
        except ValidationError as error:
            raise ValidationError({"times": error.messages}) from error
