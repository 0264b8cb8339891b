"""The plan of a project: its rows, links, resources and assignments."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.models import Versioned
from stellwerk.people.models import Person, Role
from stellwerk.planning.choices import (
    ACTIVITY_STATES,
    MILESTONES,
    UNDATED,
    Constraint,
    EvMethod,
    Kind,
    LagCalendar,
    LinkType,
    ProgressMode,
    ResourceKind,
    TaskType,
)
from stellwerk.planning.models.calendars import WorkingCalendar
from stellwerk.planning.models.fields import LocalTimeField
from stellwerk.portfolio.models import Project


class Plan(Versioned):
    """One per project. ``revision`` rises with every change of any row: pages ask for what is newer than they have."""

    project = models.OneToOneField(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="schedule"
    )
    calendar = models.ForeignKey(
        WorkingCalendar,
        verbose_name=_("calendar"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Counts for rows without a calendar of their own; empty: Monday to Friday, eight hours."),
    )
    start = LocalTimeField(_("start"), help_text=_("Nothing begins earlier."))
    data_date = LocalTimeField(
        _("data date"), null=True, blank=True, help_text=_("Open work lies on this date or later.")
    )
    must_finish = LocalTimeField(_("must finish by"), null=True, blank=True)
    progress_mode = models.CharField(
        _("out-of-sequence progress"), max_length=20, choices=ProgressMode.choices, default=ProgressMode.RETAINED
    )
    dates_win = models.BooleanField(
        _("must dates win over links"), default=False,
        help_text=_("On: what must start or finish on a day lies there, even before its predecessors; the broken link is reported."),
    )  # fmt: skip
    lag_calendar = models.CharField(
        _("lags count in"), max_length=12, choices=LagCalendar.choices, default=LagCalendar.SUCCESSOR
    )
    auto_wbs = models.BooleanField(
        _("number the WBS"), default=True, help_text=_("Off: codes stay as typed or imported.")
    )
    finish = LocalTimeField(null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    reload_from = models.PositiveIntegerField(
        default=1, editable=False, help_text="Who has seen only an older revision must read all rows: some are gone."
    )
    next_uid = models.IntegerField(default=1, editable=False)
    stale = models.BooleanField(
        default=False, editable=False, help_text="Dates are those of the imported file, not computed here."
    )
    source = models.CharField(max_length=20, blank=True, editable=False, help_text="mspdi, xer, table, mpxj or empty")
    source_name = models.CharField(max_length=250, blank=True, editable=False)
    told = models.JSONField(
        default=dict, blank=True, editable=False, help_text="What only the format of the file knows."
    )

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["project__key", "pk"]

    DERIVED: ClassVar[frozenset[str]] = frozenset(
        {"revision", "reload_from", "next_uid", "finish", "stale", "source_name"}
    )

    def __str__(self) -> str:
        return str(self.project)

    @property
    def key(self) -> str:
        """A plan is called by the key of its project."""
        return self.project.key


class Activity(Versioned):
    """A row of the plan. Rows are ordered by ``position``; a row that is followed by a deeper ``level`` is a summary.

    Durations and floats are working minutes of the row's calendar (``elapsed``: minutes by the clock), effort is hours. ``start`` … ``driver`` are computed; ``driver``
    is the uid of the row that decides the date, ``reason`` the engine's :class:`~stellwerk.engine.network.Reason`.
    """

    # No index of its own: the unique rule begins with the plan.
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="activities", db_index=False)
    uid = models.IntegerField(_("number"), help_text="Unique in the plan, kept through import and export.")
    position = models.BigIntegerField(_("position"), editable=False)
    level = models.PositiveSmallIntegerField(
        _("outline level"), default=1, validators=[MinValueValidator(0), MaxValueValidator(50)]
    )
    summary = models.BooleanField(pgettext_lazy("row of a plan", "summary"), default=False, editable=False)
    wbs = models.CharField(_("WBS code"), max_length=120, blank=True)
    code = models.CharField(_("activity ID"), max_length=120, blank=True)
    name = models.CharField(_("name"), max_length=500)
    kind = models.CharField(_("type"), max_length=20, choices=Kind.choices, default=Kind.TASK)
    state = models.CharField(_("state"), max_length=12, choices=ACTIVITY_STATES, default="not_started", editable=False)
    responsible = models.ForeignKey(
        Person,
        verbose_name=_("responsible"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="activities",
    )
    notes = models.TextField(_("notes"), blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), null=True, blank=True)

    duration = models.BigIntegerField(_("duration"), null=True, blank=True, validators=[MinValueValidator(0)])
    elapsed = models.BooleanField(_("elapsed time"), default=False)
    estimated = models.BooleanField(_("estimated"), default=False)
    calendar = models.ForeignKey(
        WorkingCalendar, verbose_name=_("calendar"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    type = models.CharField(_("duration type"), max_length=30, choices=TaskType.choices, blank=True)
    effort_driven = models.BooleanField(_("effort-driven"), default=False)
    work = models.DecimalField(
        _("effort (h)"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    units = models.DecimalField(
        _("units (%)"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    cost = models.BigIntegerField(
        _("planned cost"), null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("In minor units (cents) of the project's currency; summary rows have that of the rows below them."),
    )  # fmt: skip
    constraint = models.CharField(_("constraint"), max_length=20, choices=Constraint.choices, default=Constraint.ASAP)
    constraint_date = LocalTimeField(_("constraint date"), null=True, blank=True)
    constraint2 = models.CharField(_("second constraint"), max_length=20, choices=Constraint.choices, blank=True)
    constraint2_date = LocalTimeField(_("second constraint date"), null=True, blank=True)
    deadline = LocalTimeField(_("deadline"), null=True, blank=True)
    manual = models.BooleanField(_("scheduled by hand"), default=False)
    active = models.BooleanField(_("active"), default=True)

    percent = models.DecimalField(
        _("% complete"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    remaining = models.BigIntegerField(
        _("remaining duration"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    remaining_work = models.DecimalField(
        _("remaining effort (h)"), max_digits=14, decimal_places=4, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    actual_work = models.DecimalField(
        _("actual effort (h)"), max_digits=14, decimal_places=4, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    actual_start = LocalTimeField(_("actual start"), null=True, blank=True)
    actual_finish = LocalTimeField(_("actual finish"), null=True, blank=True)
    ev_method = models.CharField(_("EV method"), max_length=10, choices=EvMethod.choices, default=EvMethod.PERCENT)
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        null=True,
        blank=True,
        help_text=_("Share of a weighted milestone, or how much a milestone counts."),
    )
    told = models.JSONField(default=dict, blank=True, editable=False, help_text="Fields of the file without a column.")

    start = LocalTimeField(_("start"), null=True, blank=True, editable=False)
    finish = LocalTimeField(_("finish"), null=True, blank=True, editable=False)
    late_start = LocalTimeField(_("late start"), null=True, blank=True, editable=False)
    late_finish = LocalTimeField(_("late finish"), null=True, blank=True, editable=False)
    total_float = models.BigIntegerField(_("total float"), null=True, blank=True, editable=False)
    free_float = models.BigIntegerField(_("free float"), null=True, blank=True, editable=False)
    critical = models.BooleanField(_("critical"), default=False, editable=False)
    reason = models.SmallIntegerField(null=True, blank=True, editable=False)
    driver = models.IntegerField(null=True, blank=True, editable=False)
    finding = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Codes of engine findings (a missed limit), by comma."
    )
    changed_in = models.PositiveIntegerField(
        default=1, editable=False, help_text="Revision of the plan in which anything of the row changed last."
    )

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["plan", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "uid"], name="activity_uid_once")]
        indexes = [
            models.Index(fields=["plan", "position"], name="activity_position"),
            models.Index(fields=["plan", "changed_in"], name="activity_changed"),
        ]

    DERIVED: ClassVar[frozenset[str]] = frozenset(
        {"position", "summary", "wbs", "start", "finish", "late_start", "late_finish", "total_float", "free_float", "critical",
         "reason", "driver", "finding", "changed_in"}
    )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.wbs} {self.name}".strip()

    def clean(self) -> None:
        super().clean()
        for name in ("constraint", "constraint2"):
            chosen = getattr(self, name)
            if chosen and chosen not in UNDATED and getattr(self, f"{name}_date") is None:
                raise ValidationError({f"{name}_date": _("This constraint needs a date.")})
        if self.actual_finish is not None and self.actual_start is None:
            raise ValidationError({"actual_start": _("What is finished has begun: give the actual start.")})
        if self.actual_start and self.actual_finish and self.actual_finish < self.actual_start:
            raise ValidationError({"actual_finish": _("The actual finish lies before the actual start.")})

    @property
    def milestone(self) -> bool:
        return self.kind in MILESTONES


class Link(Versioned):
    """``successor`` depends on ``predecessor``, possibly of another plan; it belongs to the successor's plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="links")
    predecessor = models.ForeignKey(
        Activity, verbose_name=_("predecessor"), on_delete=models.CASCADE, related_name="links_out"
    )
    successor = models.ForeignKey(
        Activity, verbose_name=_("successor"), on_delete=models.CASCADE, related_name="links_in"
    )
    type = models.CharField(_("type"), max_length=2, choices=LinkType.choices, default=LinkType.FS)
    lag = models.BigIntegerField(_("lag"), default=0, help_text=_("Working minutes; negative: lead."))
    lag_elapsed = models.BooleanField(_("elapsed time"), default=False)
    lag_percent = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    told = models.JSONField(default=dict, blank=True, editable=False)
    changed_in = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor", "type"],
                name="link_once",
                violation_error_message=_("These two are linked this way already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(predecessor=models.F("successor")),
                name="link_not_to_itself",
                violation_error_message=_("An activity cannot depend on itself."),
            ),
        ]
        indexes = [models.Index(fields=["plan", "changed_in"], name="link_changed")]

    DERIVED: ClassVar[frozenset[str]] = frozenset({"changed_in"})

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} {self.type}"


class PlanResource(Versioned):
    """Who or what works in a plan: a person, a project role, or a name that the file gave."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="resources", db_index=False)
    uid = models.IntegerField()
    name = models.CharField(_("name"), max_length=250, blank=True)
    kind = models.CharField(_("type"), max_length=10, choices=ResourceKind.choices, default=ResourceKind.WORK)
    generic = models.BooleanField(_("generic"), default=False)
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    role = models.ForeignKey(
        Role, verbose_name=_("project role"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    max_units = models.DecimalField(_("units (%)"), max_digits=9, decimal_places=2, null=True, blank=True)
    told = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("resource of a plan")
        verbose_name_plural = _("resources of a plan")
        ordering = ["plan", "uid"]
        constraints = [models.UniqueConstraint(fields=["plan", "uid"], name="plan_resource_uid_once")]

    def __str__(self) -> str:
        return self.name


class Assignment(Versioned):
    """A resource on an activity; without a resource: work that nobody has yet. Effort in hours, units in per cent."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    uid = models.IntegerField()
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="assignments")
    resource = models.ForeignKey(
        PlanResource, on_delete=models.CASCADE, null=True, blank=True, related_name="assignments"
    )
    units = models.DecimalField(_("units (%)"), max_digits=9, decimal_places=2, null=True, blank=True)
    work = models.DecimalField(_("effort (h)"), max_digits=14, decimal_places=4, null=True, blank=True)
    actual_work = models.DecimalField(_("actual effort (h)"), max_digits=14, decimal_places=4, null=True, blank=True)
    remaining_work = models.DecimalField(
        _("remaining effort (h)"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    told = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["plan", "uid"]
        constraints = [models.UniqueConstraint(fields=["plan", "uid"], name="assignment_uid_once")]

    def __str__(self) -> str:
        return f"{self.activity} · {self.resource or '–'}"
