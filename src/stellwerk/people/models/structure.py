"""Organisations, locations, units and the catalogue of project roles."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned


class Organisation(Entity):
    """A legal entity: own currency, fiscal year, time zone, calendar and holidays."""

    KEY_PREFIX: ClassVar[str] = "ORG"

    name = models.CharField(_("name"), max_length=160)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("fiscal year starts in month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Berlin")
    country = models.CharField(_("country"), max_length=2, default="DE")
    subdivision = models.CharField(
        _("federal state"), max_length=10, blank=True, help_text=_("For public holidays, for example NW or BY.")
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Location(Versioned):
    """Where people work: decides their public holidays."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="locations"
    )
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, default="DE")
    subdivision = models.CharField(_("federal state"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="location_name_once")]

    def __str__(self) -> str:
        return self.name


class Unit(Entity):
    """A department or team; units form a tree without cycles inside one organisation."""

    KEY_PREFIX: ClassVar[str] = "UNT"

    name = models.CharField(_("name"), max_length=160)
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="units"
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("part of"), on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    manager = models.ForeignKey(
        "people.Person",
        verbose_name=_("manager"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="manages_units",
    )
    cost_centre = models.CharField(_("cost centre"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("pk")), name="unit_not_its_own_parent")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("A unit cannot be part of itself or of a unit below it.")})
            seen.add(above.pk)
            above = above.parent
        if self.parent is not None and self.parent.organisation_id != self.organisation_id:
            raise ValidationError({"parent": _("The upper unit belongs to another organisation.")})


class Role(Entity):
    """The catalogue of what people do in projects (not what they may do in Stellwerk)."""

    KEY_PREFIX: ClassVar[str] = "ROL"

    name = models.CharField(_("name (German)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True)
    is_key_role = models.BooleanField(
        _("key role"), default=False, help_text=_("Vacant for more than four weeks turns the resources light red.")
    )

    class Meta:
        verbose_name = _("project role")
        verbose_name_plural = _("project roles")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.name_en if self.name_en and get_language() == "en" else self.name
