"""What every entity has: a public key, a version, an owner, a confidentiality, an archive date."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Confidentiality(models.TextChoices):
    """Who may know: ``STRICT`` is seen only by people named on the entity or granted at its own scope."""

    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    CONFIDENTIAL = "confidential", _("Confidential")
    STRICT = "strict", _("Strictly confidential")


readable_key = RegexValidator(
    r"^[\w][\w.\-]*\Z", _("Letters, digits, point, hyphen and underscore only: the key stands in addresses.")
)


class Versioned(models.Model):
    """A row whose edits carry the version that they saw (compare-and-swap in ``core.services``)."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True


class Entity(Versioned):
    """Base of all entities that people speak of by key (``PRJ-0042``); archived, never deleted."""

    KEY_PREFIX: ClassVar[str] = ""

    key = models.CharField(
        _("key"),
        max_length=40,
        unique=True,
        blank=True,
        validators=[readable_key],
        help_text=_("Left empty, the next free number is taken."),
    )
    confidentiality = models.CharField(
        _("confidentiality"), max_length=12, choices=Confidentiality.choices, default=Confidentiality.INTERNAL
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def archived(self) -> bool:
        return self.archived_at is not None

    @classmethod
    def entity_label(cls) -> str:
        """``portfolio.project``: how audit, comments, permissions and search name the kind of entity."""
        return str(cls._meta.label_lower)


class EntityReference(models.Model):
    """Points at any entity by kind and number: comments, attachments, audit and notifications."""

    entity_type = models.CharField(max_length=60)
    entity_id = models.BigIntegerField()

    class Meta:
        abstract = True


class KeySequence(models.Model):
    """The next number per key prefix; raised in the same transaction that uses it."""

    prefix = models.CharField(max_length=12, primary_key=True)
    next_number = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.next_number:04d}"


def jsonable(value: Any) -> Any:
    """A field value as it is written into audit entries, change items and snapshots."""
    from decimal import Decimal

    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return [jsonable(item) for item in value]
    return value
