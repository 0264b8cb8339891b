"""Audit trail, change sets and snapshots: what happened, what can be taken back, what is frozen."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models.base import EntityReference, Versioned


class ChangeSetState(models.TextChoices):
    PREVIEWED = "previewed", _("Preview")
    APPLIED = "applied", _("Applied")
    UNDONE = "undone", _("Undone")
    DISCARDED = "discarded", _("Discarded")


class ChangeSet(Versioned):
    """Changes that are previewed, applied and undone together (an import, a bulk edit, a merge)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(_("title"), max_length=200)
    state = models.CharField(max_length=10, choices=ChangeSetState.choices, default=ChangeSetState.PREVIEWED)
    plan = models.JSONField(default=dict, help_text="What was previewed: parameters, counts, questions, rejections.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        help_text="Empty: Stellwerk itself, from its command line.",
    )  # fmt: skip
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("change set")
        verbose_name_plural = _("change sets")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def entity_label(cls) -> str:
        return "core.changeset"


class ChangeItem(EntityReference):
    """One row that a change set created, changed or deleted: enough to take it back."""

    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="items")
    operation = models.CharField(
        max_length=6, choices=[("create", _("created")), ("update", _("changed")), ("delete", _("deleted"))]
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["entity_type", "entity_id"], name="changeitem_entity")]

    def __str__(self) -> str:
        return f"{self.operation} {self.entity_type} {self.entity_id}"


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Refuses what an append-only table must never do."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("the audit trail is append-only")

    def delete(self) -> NoReturn:
        raise TypeError("the audit trail is append-only")


class AuditEntry(EntityReference):
    """Who changed what from what to what, when and why; append-only."""

    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.DO_NOTHING, null=True, related_name="+",
        db_constraint=False,
    )  # fmt: skip
    pseudonym = models.UUIDField(null=True)
    entity_key = models.CharField(max_length=40, blank=True)
    verb = models.CharField(_("action"), max_length=40)
    changes = models.JSONField(default=dict, help_text="{field: [before, after]}")
    reason = models.TextField(_("reason"), blank=True)
    change_set = models.ForeignKey(ChangeSet, on_delete=models.DO_NOTHING, null=True, related_name="audit_entries")
    entity_version = models.PositiveIntegerField(null=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["entity_type", "entity_id", "-at"], name="audit_entity")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.entity_type} {self.entity_key}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("the audit trail is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the audit trail is append-only")


class Snapshot(EntityReference):
    """A published figure is frozen data: reports, decks and workbooks are rendered from here and nowhere else."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    data_date = models.DateField(_("data date"))
    payload = models.JSONField(help_text="Names of persons are tokens; see core/snapshots.py")
    names = models.JSONField(
        default=dict, help_text="{token: name as published}; the only part that an erasure changes"
    )
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical payload")
    published_at = models.DateTimeField(_("published"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-data_date", "-pk"]
        indexes = [models.Index(fields=["entity_type", "entity_id", "kind", "-data_date"], name="snapshot_entity")]

    def __str__(self) -> str:
        return f"{self.kind} {self.data_date}"
