"""ESCO as the organisation imported it (``stellwerk import esco``): skills, occupations, and which occupation needs which skill.

This service uses the ESCO classification of the European Commission. Rows are written by the import alone; what a newer version no longer
has stays, marked as removed, because profiles and vacancies may name it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class EscoSkillType(models.TextChoices):
    """As ESCO tells them; empty where the tables that were imported do not."""

    SKILL = "skill", _("skill")
    KNOWLEDGE = "knowledge", _("knowledge")
    LANGUAGE = "language", _("language")
    ATTITUDE = "attitude", _("attitude")


class EscoReuse(models.TextChoices):
    """How widely a skill is of use."""

    TRANSVERSAL = "transversal", _("everywhere")
    CROSS_SECTOR = "cross-sector", _("in several sectors")
    SECTOR = "sector-specific", _("in one sector")
    OCCUPATION = "occupation-specific", _("in one occupation")


class EscoConcept(models.Model):
    """``uri`` without its common beginning ``http://data.europa.eu/esco/``; other labels stand one a line."""

    uri = models.CharField(max_length=80, unique=True)
    name = models.CharField(_("name (German)"), max_length=250, blank=True)
    name_en = models.CharField(_("name (English)"), max_length=250, blank=True)
    others = models.TextField(_("other labels (German)"), blank=True)
    others_en = models.TextField(_("other labels (English)"), blank=True)
    release = models.CharField(max_length=20, blank=True)
    imported_on = models.DateField()
    removed_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return (self.name_en or self.name) if get_language() == "en" else (self.name or self.name_en)

    def labels(self) -> list[str]:
        """Every label in both languages, the preferred ones first."""
        told = [self.name, self.name_en, *self.others.splitlines(), *self.others_en.splitlines()]
        return [label for label in dict.fromkeys(told) if label]


class EscoSkill(EscoConcept):
    """``broader``: the primary keys of the skills above it. ``term``: the code of our vocabulary's term with an equal label, if any."""

    kind = models.CharField(_("type"), max_length=10, choices=EscoSkillType.choices, blank=True)
    reuse = models.CharField(_("use"), max_length=20, choices=EscoReuse.choices, blank=True)
    broader = models.JSONField(default=list, blank=True)
    term = models.CharField(max_length=120, blank=True, db_index=True)

    class Meta:
        verbose_name = _("ESCO skill")
        verbose_name_plural = _("ESCO skills")
        ordering = ["name", "pk"]


class EscoOccupation(EscoConcept):
    """``code``: its number in ESCO, which begins with that of ISCO-08 (2421.1.2)."""

    code = models.CharField(max_length=30, blank=True, db_index=True)

    class Meta:
        verbose_name = _("ESCO occupation")
        verbose_name_plural = _("ESCO occupations")
        ordering = ["name", "pk"]


class EscoRelation(models.Model):
    """An occupation needs a skill, or may use it."""

    occupation = models.ForeignKey(EscoOccupation, on_delete=models.CASCADE, related_name="relations")
    skill = models.ForeignKey(EscoSkill, on_delete=models.CASCADE, related_name="relations")
    essential = models.BooleanField()

    class Meta:
        verbose_name = _("ESCO relation")
        verbose_name_plural = _("ESCO relations")
        constraints = [models.UniqueConstraint(fields=["occupation", "skill"], name="esco_relation_once")]

    def __str__(self) -> str:
        return f"{self.occupation_id} – {self.skill_id}"
