"""Reporting cycles, status reports and deck templates."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.models import Attachment, Entity, Snapshot, User, Versioned
from stellwerk.engine.lights import IMPROVING_REASON, override_needs
from stellwerk.people.models import Organisation, Person
from stellwerk.portfolio.choices import DIMENSION_LABELS, Light
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.reporting.choices import CYCLE_STATES, REPORT_STATES

SUMMARY_LENGTH = 600
LIST_LENGTH = 5
LONG = "." * IMPROVING_REASON


class Cycle(Entity):
    """One reporting date of a portfolio: who must deliver until when (domain.md section 5)."""

    KEY_PREFIX: ClassVar[str] = "CYC"

    portfolio = models.ForeignKey(
        Portfolio, verbose_name=_("portfolio"), on_delete=models.PROTECT, related_name="cycles"
    )
    number = models.PositiveIntegerField(_("number"))
    data_date = models.DateField(_("data date"))
    state = models.CharField(_("state"), max_length=16, choices=CYCLE_STATES, default="planned", editable=False)
    meeting_date = models.DateField(_("steering committee on"), null=True, blank=True)
    meeting_name = models.CharField(_("body"), max_length=120, blank=True)
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

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

    @property
    def closed(self) -> bool:
        """No new report may start for this date any more."""
        return self.state not in {"planned", "open", "collecting", "corrected"}


class CycleStep(models.Model):
    """An automatic step that a cycle has taken: each code once, written with its effects in one transaction."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="steps")
    code = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(auto_now_add=True)
    skipped = models.BooleanField(default=False, help_text="Overtaken by a later step before it ran.")
    told = models.JSONField(default=list, help_text="Whom it told: numbers of the users.")

    class Meta:
        verbose_name = _("cycle step")
        verbose_name_plural = _("cycle steps")
        ordering = ["due_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["cycle", "code"], name="cycle_step_once")]

    def __str__(self) -> str:
        return f"{self.cycle} {self.code}"


class StatusReport(Entity):
    """A project's status at a data date: prefilled, written by the manager, accepted and published by the PMO."""

    KEY_PREFIX: ClassVar[str] = "REP"

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="reports")
    cycle = models.ForeignKey(
        Cycle,
        verbose_name=_("reporting cycle"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
    )
    data_date = models.DateField(_("data date"))
    author = models.ForeignKey(
        Person, verbose_name=_("author"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(_("state"), max_length=16, choices=REPORT_STATES, default="draft", editable=False)
    late = models.BooleanField(_("late"), default=False, editable=False)
    summary = models.TextField(_("summary"), max_length=SUMMARY_LENGTH, blank=True)
    achieved = models.JSONField(_("achieved"), default=list, blank=True)
    next_steps = models.JSONField(_("next steps"), default=list, blank=True)
    decisions = models.JSONField(_("decisions needed"), default=list, blank=True)
    path_to_green = models.JSONField(_("path to green"), default=dict, blank=True)
    figures = models.JSONField(
        _("figures"),
        default=dict,
        blank=True,
        help_text='{code: {"value": canonical text, "unit", "source", "label", "url", "on", "typed"}}',
    )
    gates = models.JSONField(
        _("gates"), default=list, blank=True, help_text="[{code, name, baseline, forecast, actual}] at the data date"
    )
    return_note = models.TextField(_("why returned"), blank=True, editable=False)
    return_due = models.DateTimeField(_("to be submitted again by"), null=True, blank=True, editable=False)
    edition = models.PositiveSmallIntegerField(
        _("version"), default=1, editable=False, help_text="A correction is the next edition of the same date."
    )
    prefilled = models.JSONField(
        default=dict, editable=False, help_text="What was prefilled, to measure what was typed."
    )
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("status report")
        verbose_name_plural = _("status reports")
        ordering = ["-data_date", "project__key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "data_date", "edition"],
                name="report_once_per_date",
                violation_error_message=_("This project has a report for this data date already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.project.key} · {formats.day(self.data_date)}"

    def clean(self) -> None:
        super().clean()
        if len(self.summary) > SUMMARY_LENGTH:
            raise ValidationError({"summary": _("At most 600 characters: the committee reads one page.")})
        for name in ("achieved", "next_steps"):
            if len(getattr(self, name)) > LIST_LENGTH:
                raise ValidationError({name: _("At most five points: the committee reads one page.")})


class ReportedLight(Versioned):
    """The light that a report shows for one dimension beside the computed one; both stay visible."""

    report = models.ForeignKey(StatusReport, on_delete=models.CASCADE, related_name="lights")
    dimension = models.CharField(max_length=10, choices=list(DIMENSION_LABELS.items()))
    value = models.CharField(_("light"), max_length=5, choices=Light.choices, blank=True)
    computed = models.CharField(max_length=5, choices=Light.choices, blank=True)
    previous = models.CharField(max_length=5, choices=Light.choices, blank=True)
    arrow = models.CharField(max_length=5, default="none")
    note = models.CharField(max_length=300, blank=True, help_text="What the computed light says in words.")
    scale_value = models.CharField(max_length=60, blank=True, help_text="The value on the scale of its source.")
    half_step = models.CharField(max_length=6, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reported light")
        verbose_name_plural = _("reported lights")
        constraints = [models.UniqueConstraint(fields=["report", "dimension"], name="reported_light_once")]

    def __str__(self) -> str:
        return f"{self.report} {self.dimension} {self.value}"

    @property
    def improved(self) -> bool:
        """Better than the rules say: counts only once the PMO has confirmed it."""
        return (
            bool(self.computed and self.value)
            and override_needs(self.computed, self.value, LONG, False) == "confirmation"
        )

    @property
    def pending(self) -> bool:
        """An improvement that waits for the PMO; until then the computed light counts."""
        return self.improved and self.confirmed_by_id is None

    @property
    def effective(self) -> str:
        """The light that counts now: the reported one, but an unconfirmed improvement shows as computed."""
        return self.computed if self.pending else self.value

    @property
    def source(self) -> str:
        """``computed``, ``reported`` (no rule covers the dimension) or ``overridden``."""
        if not self.computed:
            return "reported"
        return "overridden" if self.effective != self.computed else "computed"


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
