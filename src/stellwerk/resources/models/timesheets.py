"""Recorded working time: a sheet per person and week, entries per day, sums per month, agreements on who may read them."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Versioned
from stellwerk.people.models import Organisation, Person
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.choices import TIMESHEET_STATES


class TimeSheet(Versioned):
    """The week of a person. Locked sheets never change; what was wrong is corrected by a reversal in another entry."""

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="time_sheets")
    monday = models.DateField(_("week from"))
    state = models.CharField(_("state"), max_length=12, choices=TIMESHEET_STATES, default="open", editable=False)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("time sheet")
        verbose_name_plural = _("time sheets")
        ordering = ["-monday", "person"]
        constraints = [models.UniqueConstraint(fields=["person", "monday"], name="time_sheet_once")]
        indexes = [models.Index(fields=["state", "monday"], name="time_sheet_state")]

    def __str__(self) -> str:
        return f"{self.person} {self.monday}"


class TimeEntry(models.Model):
    """Minutes of a day on a project (and an activity of it). A reversal has negative minutes and names what it corrects."""

    sheet = models.ForeignKey(TimeSheet, on_delete=models.CASCADE, related_name="entries")
    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="time_entries", db_index=False
    )
    activity = models.ForeignKey(
        Activity, verbose_name=_("activity"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    day = models.DateField(_("day"))
    month = models.PositiveIntegerField(editable=False, help_text="Year × 100 + month of the day, for sums.")
    minutes = models.IntegerField(_("minutes"), validators=[MinValueValidator(-1440), MaxValueValidator(1440)])
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    capitalisable = models.BooleanField(_("capitalisable"), default=False)
    corrects = models.ForeignKey(
        "self", verbose_name=_("corrects"), on_delete=models.PROTECT, null=True, blank=True, related_name="reversals"
    )

    class Meta:
        verbose_name = _("time entry")
        verbose_name_plural = _("time entries")
        ordering = ["sheet", "day", "pk"]
        indexes = [models.Index(fields=["project", "month"], name="time_entry_month")]

    def __str__(self) -> str:
        return f"{self.day}: {self.minutes}"


class HoursMonth(models.Model):
    """Approved minutes of a person on an activity in a month, derived from the entries by ``services.timesheets_sums`` alone.

    A million entries are some ten thousand of these rows: reports read them. Who reads them obeys the smallest group.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    activity = models.ForeignKey(Activity, on_delete=models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.PositiveIntegerField()
    minutes = models.IntegerField()
    capitalisable = models.IntegerField(help_text="Of these, minutes that may be capitalised.")

    class Meta:
        ordering = ["month", "pk"]
        indexes = [
            models.Index(fields=["project", "month", "person"], name="hours_month_project"),
            models.Index(fields=["person", "month"], name="hours_month_person"),
        ]

    def __str__(self) -> str:
        return f"{self.month}: {self.minutes}"


class HoursAgreement(Versioned):
    """The works council's agreement on what recorded hours may be used for (§ 87(1) no. 6 BetrVG).

    Only one that says so (``individual``) lets single people and sums of fewer than five be read. Never deleted: it ends on a day.
    """

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField(
        _("reference"), max_length=200, help_text=_("What the agreement is called and where it is kept.")
    )
    signed_on = models.DateField(_("signed on"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    purpose = models.CharField(_("purpose"), max_length=500, help_text=_("What the hours may be used for."))
    individual = models.BooleanField(
        _("single people may be evaluated"),
        default=False,
        help_text=_("Without it sums stay withheld behind which fewer than five people stand."),
    )

    class Meta:
        verbose_name = _("agreement on recorded hours")
        verbose_name_plural = _("agreements on recorded hours")
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
                name="hours_agreement_ends_after_start",
                violation_error_message=_("The agreement ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.reference
