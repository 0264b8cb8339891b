"""Daily basics: comments, attachments, notifications, mail, saved views, watching."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models.base import EntityReference, Versioned


class Comment(EntityReference, Versioned):
    """Plain Markdown on any entity; mentions notify people who may see the entity."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(_("comment"), max_length=10_000)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in", blank=True)
    reply_to = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["entity_type", "entity_id", "created_at"], name="comment_entity")]

    def __str__(self) -> str:
        return self.text[:60]


def attachment_path(attachment: Attachment, name: str) -> str:
    return f"{attachment.uid.hex[:2]}/{attachment.uid.hex}"


class Attachment(EntityReference):
    """A file on any entity, stored under a random name, served as a download only."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(upload_to=attachment_path, max_length=120)
    name = models.CharField(_("file name"), max_length=200)
    size = models.BigIntegerField(_("size"))
    content_type = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["uploaded_at", "pk"]
        indexes = [models.Index(fields=["entity_type", "entity_id"], name="attachment_entity")]

    def __str__(self) -> str:
        return self.name


class Notification(EntityReference):
    """Something a user should know; shown under the bell, mailed at once or in the digest."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    dedupe = models.CharField(max_length=120, blank=True, help_text="The same matter is told once while unread.")

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "read_at", "-created_at"], name="notification_inbox"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "dedupe"],
                condition=models.Q(read_at__isnull=True) & ~models.Q(dedupe=""),
                name="notification_told_once",
            )
        ]

    def __str__(self) -> str:
        return self.title


class MailState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Mail(models.Model):
    """The mail queue: written in the transaction that causes it, sent by a job with retries."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.EmailField()
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    calendar = models.TextField(blank=True, help_text="An invitation (iCalendar) that goes with the mail.")
    state = models.CharField(max_length=8, choices=MailState.choices, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(auto_now_add=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="mail_due")]

    def __str__(self) -> str:
        return self.subject


class SavedView(Versioned):
    """Filters, sorting, grouping and columns of a list or board under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(blank=True, help_text="The query string of the address that shows this view.")
    shared = models.BooleanField(_("visible to all"), default=False)
    is_default = models.BooleanField(_("my default"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="savedview_name_once")]

    def __str__(self) -> str:
        return self.name


class Watch(EntityReference):
    """A user follows an entity: its news appear under the bell and on My day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "entity_type", "entity_id"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.entity_type} {self.entity_id}"


class Setting(Versioned):
    """One organisation-wide setting that an administrator or the PMO lead changes while the system runs."""

    name = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField()

    class Meta:
        verbose_name = _("setting")
        verbose_name_plural = _("settings")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def entity_label(cls) -> str:
        return "core.setting"
