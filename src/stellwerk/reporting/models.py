"""Reporting cycles, status reports and deck templates."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Attachment, Entity, Snapshot, User, Versioned
from stellwerk.people.models import Organisation, Person
from stellwerk.portfolio.choices import DIMENSION_LABELS, Light
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.reporting.choices import CYCLE_STATES, REPORT_STATES

SUMMARY_LENGTH = 600
LIST_LENGTH = 5


class Cycle(Entity):
    """One reporting date of a portfolio: who must deliver until when (domain.md section 5)."""

    KEY_PREFIX: ClassVar[str] = "CYC"

    portfolio = models.ForeignKey(Portfolio, verbose_name=_("portfolio"), on_delete=models.PROTECT, related_name="cycles")
    number = models.PositiveIntegerField(_("number"))
    data_date = models.DateField(_("data date"))
    state = models.CharField(_("state"), max_length=16, choices=CYCLE_STATES, default="planned", editable=False)
    meeting_date = models.DateField(_("steering committee on"), null=True, blank=True)
    meeting_name = models.CharField(_("body"), max_length=120, blank=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("reporting cycle")
        verbose_name_plural = _("reporting cycles")
        ordering = ["-data_date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "data_date"], name="cycle_date_once"),
            models.UniqueConstraint(fields=["portfolio", "number"], name="cycle_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.portfolio.key} · {self.number}"


class StatusReport(Entity):
    """A project's status at a data date: prefilled, written by the manager, accepted and published by the PMO."""

    KEY_PREFIX: ClassVar[str] = "REP"

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="reports")
    cycle = models.ForeignKey(Cycle, verbose_name=_("reporting cycle"), on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    data_date = models.DateField(_("data date"))
    author = models.ForeignKey(Person, verbose_name=_("author"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=16, choices=REPORT_STATES, default="draft", editable=False)
    late = models.BooleanField(_("late"), default=False, editable=False)
    summary = models.TextField(_("summary"), max_length=SUMMARY_LENGTH, blank=True)
    achieved = models.JSONField(_("achieved"), default=list, blank=True)
    next_steps = models.JSONField(_("next steps"), default=list, blank=True)
    decisions = models.JSONField(_("decisions needed"), default=list, blank=True)
    path_to_green = models.JSONField(_("path to green"), default=dict, blank=True)
    return_note = models.TextField(_("why returned"), blank=True, editable=False)
    prefilled = models.JSONField(default=dict, editable=False, help_text="What was prefilled, to measure what was typed.")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("status report")
        verbose_name_plural = _("status reports")
        ordering = ["-data_date", "project__key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "data_date"],
                condition=~models.Q(state="superseded"),
                name="report_once_per_date",
                violation_error_message=_("This project has a report for this data date already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.project.key} · {self.data_date:%d.%m.%Y}"

    def clean(self) -> None:
        super().clean()
        for name in ("achieved", "next_steps"):
            if len(getattr(self, name)) > LIST_LENGTH:
                raise ValidationError({name: _("At most five points: the committee reads one page.")})


class ReportedLight(Versioned):
    """The light that a report shows for one dimension beside the computed one; both stay visible."""

    report = models.ForeignKey(StatusReport, on_delete=models.CASCADE, related_name="lights")
    dimension = models.CharField(max_length=10, choices=list(DIMENSION_LABELS.items()))
    value = models.CharField(_("light"), max_length=5, choices=Light.choices)
    computed = models.CharField(max_length=5, choices=Light.choices, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reported light")
        verbose_name_plural = _("reported lights")
        constraints = [models.UniqueConstraint(fields=["report", "dimension"], name="reported_light_once")]

    def __str__(self) -> str:
        return f"{self.report} {self.dimension} {self.value}"


class DeckTemplate(Versioned):
    """An organisation's own PowerPoint template for the steering committee deck."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="deck_templates")
    name = models.CharField(_("name"), max_length=120)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("deck template")
        verbose_name_plural = _("deck templates")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
