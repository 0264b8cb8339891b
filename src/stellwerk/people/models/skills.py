"""What people can: the catalogue of skills, and who has which on which level."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, User, Versioned
from stellwerk.people.models.persons import Person


class SkillLevel(models.IntegerChoices):
    """The five levels of domain.md section 2 (0 to 4)."""

    NONE = 0, _("none")
    BASIC = 1, _("basic knowledge")
    GUIDED = 2, _("works with guidance")
    INDEPENDENT = 3, _("works independently")
    EXPERT = 4, _("expert, teaches others")


class Skill(Entity):
    """The catalogue of skills."""

    KEY_PREFIX: ClassVar[str] = "SKL"

    name = models.CharField(_("name (German)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    category = models.CharField(_("category"), max_length=80, blank=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


class PersonSkill(Versioned):
    """A skill of a person: what they say of themselves, and what somebody who knows has confirmed.

    Matching and levelling use the confirmed level while it has not expired (domain.md section 2).
    """

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="people")
    claimed = models.PositiveSmallIntegerField(
        _("claimed level"), choices=SkillLevel.choices, default=SkillLevel.NONE, validators=[MaxValueValidator(4)]
    )
    confirmed = models.PositiveSmallIntegerField(
        _("confirmed level"), choices=SkillLevel.choices, null=True, blank=True, validators=[MaxValueValidator(4)]
    )
    confirmed_by = models.ForeignKey(
        User, verbose_name=_("confirmed by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    expires = models.DateField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("skill of a person")
        verbose_name_plural = _("skills of a person")
        ordering = ["person", "skill__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "skill"], name="person_skill_once")]
        indexes = [models.Index(fields=["skill", "confirmed"], name="person_skill_level")]

    def __str__(self) -> str:
        return str(self.skill)

    def level_on(self, day: dt.date) -> int | None:
        """The confirmed level that counts on a day; None: not confirmed, or expired."""
        return None if self.expires is not None and self.expires < day else self.confirmed
