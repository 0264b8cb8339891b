"""Projects, their gates, their people, their dated statuses, and the figures that every room writes."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import ChangeSet, Entity, Versioned
from stellwerk.people.models import Person, Role, Unit
from stellwerk.portfolio.choices import GATE_STATES, PHASES, Category, Light, Size, Source
from stellwerk.portfolio.models.proposals import Proposal
from stellwerk.portfolio.models.structure import Portfolio, Programme


class Project(Entity):
    """One project: master data and live dates. What changes by reporting date stands in figures and statuses."""

    KEY_PREFIX: ClassVar[str] = "PRJ"

    name = models.CharField(_("name"), max_length=250)
    external_key = models.CharField(
        _("key elsewhere"), max_length=80, blank=True, help_text=_("How other systems and lists call the project.")
    )
    description = models.TextField(_("objective and scope"), blank=True)
    kind = models.CharField(_("type"), max_length=120, blank=True)
    category = models.CharField(_("category"), max_length=10, choices=Category.choices, blank=True)
    size = models.CharField(_("size"), max_length=1, choices=Size.choices, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(999)],
        help_text=_("1 is the most important."),
    )
    portfolio = models.ForeignKey(
        Portfolio, verbose_name=_("portfolio"), on_delete=models.PROTECT, related_name="projects"
    )
    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.PROTECT, null=True, blank=True, related_name="projects"
    )
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, null=True, blank=True, related_name="projects"
    )
    department = models.CharField(
        _("department (as reported)"),
        max_length=160,
        blank=True,
        help_text=_("From an import, until a unit is chosen."),
    )
    sponsor = models.ForeignKey(
        Person,
        verbose_name=_("sponsor"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sponsored_projects",
    )
    manager = models.ForeignKey(
        Person,
        verbose_name=_("project manager"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="managed_projects",
    )
    sponsor_name = models.CharField(_("sponsor (as reported)"), max_length=160, blank=True)
    manager_name = models.CharField(_("project manager (as reported)"), max_length=160, blank=True)
    phase = models.CharField(_("phase"), max_length=12, choices=PHASES, default="initiating", editable=False)
    phase_before_hold = models.CharField(max_length=12, blank=True, editable=False)
    start_baseline = models.DateField(_("start (baseline)"), null=True, blank=True)
    start_forecast = models.DateField(_("start (forecast)"), null=True, blank=True)
    start_actual = models.DateField(_("start (actual)"), null=True, blank=True)
    finish_baseline = models.DateField(_("finish (baseline)"), null=True, blank=True)
    finish_forecast = models.DateField(_("finish (forecast)"), null=True, blank=True)
    finish_actual = models.DateField(_("finish (actual)"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    budget = models.BigIntegerField(_("approved budget"), null=True, blank=True, help_text=_("In minor units (cents)."))
    proposal = models.OneToOneField(
        Proposal,
        verbose_name=_("proposal"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="project",
    )
    attributes = models.JSONField(
        _("further attributes"),
        default=dict,
        blank=True,
        help_text=_("Columns of imported lists that have no field of their own."),
    )

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["key", "pk"]
        indexes = [
            models.Index(fields=["portfolio", "archived_at", "phase"], name="project_portfolio"),
            models.Index(fields=["portfolio", "external_key"], name="project_external_key"),
            models.Index(fields=["name"], name="project_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "external_key"],
                condition=~models.Q(external_key=""),
                name="project_external_key_once",
                violation_error_message=_("Another project of this portfolio has this key already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.manager_id is not None and self.manager_id == self.sponsor_id:
            raise ValidationError({"manager": _("Sponsor and project manager must be different persons.")})
        if self.programme is not None and self.programme.portfolio_id != self.portfolio_id:
            raise ValidationError({"programme": _("The programme belongs to another portfolio.")})

    @property
    def start(self):  # type: ignore[no-untyped-def]
        """The date that counts: actual, else forecast, else baseline."""
        return self.start_actual or self.start_forecast or self.start_baseline

    @property
    def finish(self):  # type: ignore[no-untyped-def]
        return self.finish_actual or self.finish_forecast or self.finish_baseline

    @property
    def active(self) -> bool:
        return self.phase not in {"closed", "stopped", "on_hold"}


class ProjectAlias(models.Model):
    """Other names of a project, confirmed by a person or seen in an import: how later editions recognise it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="aliases")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    normalised = models.CharField(max_length=250)

    class Meta:
        verbose_name = _("other name of a project")
        verbose_name_plural = _("other names of projects")
        constraints = [models.UniqueConstraint(fields=["portfolio", "normalised"], name="project_alias_once")]

    def __str__(self) -> str:
        return self.normalised


class ProjectMember(Versioned):
    """Who works on a project in which role (the plan's allocations come with the room of resources)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="memberships")
    role = models.ForeignKey(
        Role, verbose_name=_("project role"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("project member")
        verbose_name_plural = _("project members")
        ordering = ["person__last_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "project",
                "person",
                Coalesce("role", 0),
                name="project_member_once",
                violation_error_message=_("This person has this role in the project already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.project}"


class Gate(Versioned):
    """A stage gate of a project with its dates; the dossier and the decision come with the room of quality."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gates")
    code = models.CharField(_("gate"), max_length=12)
    name = models.CharField(_("name"), max_length=160, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    baseline = models.DateField(_("baseline"), null=True, blank=True)
    forecast = models.DateField(_("forecast"), null=True, blank=True)
    actual = models.DateField(_("actual"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=GATE_STATES, default="planned", editable=False)

    class Meta:
        verbose_name = _("gate")
        verbose_name_plural = _("gates")
        ordering = ["project", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["project", "code"], name="gate_code_once")]

    def __str__(self) -> str:
        return self.code

    @property
    def date(self):  # type: ignore[no-untyped-def]
        return self.actual or self.forecast or self.baseline


class ProjectStatus(models.Model):
    """What was said about a project at a data date: by an imported edition or a published report."""

    # No index of its own: the unique rule begins with the project.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="statuses", db_index=False)
    date = models.DateField(_("data date"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=Source.REPORTED)
    source_label = models.CharField(max_length=200, blank=True)
    source_url = models.CharField(max_length=300, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    narrative = models.JSONField(default=dict, blank=True, help_text="{heading: text}")
    attributes = models.JSONField(default=dict, blank=True)
    master = models.JSONField(
        default=dict, blank=True, help_text="Master data as this edition gave them: {field: value}."
    )
    remarks = models.JSONField(default=list, blank=True, help_text="Cells that could not be read.")
    content_hash = models.CharField(max_length=40, blank=True)
    change_set = models.ForeignKey(ChangeSet, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("dated status")
        verbose_name_plural = _("dated statuses")
        ordering = ["-date", "pk"]
        constraints = [models.UniqueConstraint(fields=["project", "date"], name="project_status_once")]
        indexes = [models.Index(fields=["date"], name="project_status_date")]

    def __str__(self) -> str:
        return f"{self.project} {self.date}"


class Figure(models.Model):
    """One figure of a project from ``date`` until it is replaced (``until``, exclusive; null: current).

    Only :func:`stellwerk.portfolio.services.figures.write_figures` writes here. Which of ``light``, ``amount`` (minor
    units of ``currency``), ``value``, ``day`` and ``text`` is filled, the registered kind of the code says.
    """

    # No index of its own: the unique rule begins with the project.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="figures", db_index=False)
    code = models.CharField(max_length=30)
    date = models.DateField()
    until = models.DateField(null=True)
    light = models.CharField(max_length=5, choices=Light.choices, blank=True)
    half_step = models.BooleanField(default=False)
    reported = models.CharField(max_length=60, blank=True, help_text="The value on the scale of its source.")
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    day = models.DateField(null=True)
    text = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.COMPUTED)
    source_label = models.CharField(max_length=200, blank=True)
    source_url = models.CharField(max_length=300, blank=True)
    change_set = models.ForeignKey(ChangeSet, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["project", "code", "date"]
        constraints = [models.UniqueConstraint(fields=["project", "code", "date"], name="figure_once")]
        indexes = [
            # Money of a whole portfolio is read from the index alone.
            models.Index(
                fields=["code", "project", "date", "amount", "currency", "value"],
                condition=models.Q(until__isnull=True),
                name="figure_current",
            ),
            models.Index(
                fields=["code", "until", "project"], condition=models.Q(until__isnull=False), name="figure_superseded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.date}"


class ImportMapping(Versioned):
    """A column mapping saved under the signature of a header, used again for the next edition."""

    name = models.CharField(_("name"), max_length=120)
    signature = models.CharField(max_length=64, unique=True)
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import mapping")
        verbose_name_plural = _("import mappings")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
