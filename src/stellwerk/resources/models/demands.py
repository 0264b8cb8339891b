"""What projects need: a role or a person, skills, hours per week, how likely."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Person, Role, Skill, SkillLevel, Unit
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.choices import DEMAND_STATES, DemandSource


class Demand(Entity):
    """A need of a project, named (a person) or generic (a role, skills). Its hours stand per week in ``DemandWeek``.

    ``unit`` is who is asked: the unit of the person, or the one that has such people. A demand whose ``source`` is the plan follows it;
    ``activity`` is named where it is one alone.
    """

    KEY_PREFIX: ClassVar[str] = "DEM"

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="demands")
    activity = models.ForeignKey(
        Activity, verbose_name=_("activity"), on_delete=models.SET_NULL, null=True, blank=True, related_name="demands"
    )
    source = models.CharField(
        _("source"), max_length=10, choices=DemandSource.choices, default=DemandSource.REQUEST, editable=False
    )
    title = models.CharField(_("what for"), max_length=200)
    role = models.ForeignKey(
        Role, verbose_name=_("project role"), on_delete=models.PROTECT, null=True, blank=True, related_name="demands"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("wanted person"), on_delete=models.PROTECT, null=True, blank=True, related_name="demands"
    )
    unit = models.ForeignKey(
        Unit, verbose_name=_("asked unit"), on_delete=models.PROTECT, null=True, blank=True, related_name="demands"
    )
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=3, validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1 is most urgent, 5 least."),
    )  # fmt: skip
    probability = models.PositiveSmallIntegerField(
        _("probability (%)"), default=100, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=DEMAND_STATES, default="draft", editable=False)

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")),
                name="demand_ends_after_start",
                violation_error_message=_("The demand ends before it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__isnull=False) | models.Q(person__isnull=False),
                name="demand_names_role_or_person",
                violation_error_message=_("Name a project role or a person."),
            ),
        ]
        indexes = [models.Index(fields=["state", "last"], name="demand_open")]

    def __str__(self) -> str:
        return self.title


class DemandSkill(Versioned):
    """A skill that the demand asks for, at least on this level."""

    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(
        _("at least level"), choices=SkillLevel.choices, default=SkillLevel.GUIDED, validators=[MaxValueValidator(4)]
    )
    must = models.BooleanField(_("required"), default=True)

    class Meta:
        verbose_name = _("skill of a demand")
        verbose_name_plural = _("skills of a demand")
        ordering = ["demand", "skill__name"]
        constraints = [models.UniqueConstraint(fields=["demand", "skill"], name="demand_skill_once")]

    def __str__(self) -> str:
        return f"{self.skill} ≥ {self.level}"


class DemandWeek(models.Model):
    """Minutes needed in the week that begins on ``monday``."""

    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="weeks", db_index=False)
    monday = models.DateField()
    minutes = models.PositiveIntegerField()

    class Meta:
        ordering = ["demand", "monday"]
        constraints = [models.UniqueConstraint(fields=["demand", "monday"], name="demand_week_once")]
        indexes = [models.Index(fields=["monday", "demand"], include=["minutes"], name="demand_week_hours")]

    def __str__(self) -> str:
        return f"{self.monday}: {self.minutes}"
