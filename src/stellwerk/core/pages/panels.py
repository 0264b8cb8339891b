"""What the shared panels of an entity's page show: history, comments, files."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from stellwerk.core.attachments import attachments_of, may_remove
from stellwerk.core.comments import comments_of, may_withdraw, rendered
from stellwerk.core.history import entries_of, lines
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import can
from stellwerk.core.registry import entity_type

HISTORY_LINES = 8


def context_of(name: str, obj: models.Model, user: User, request: Any = None) -> dict[str, Any]:
    """The context of one shared panel (``history``, ``comments``, ``attachments``, ``checks``)."""
    base = {"object": obj, "label": obj._meta.label_lower, "kind": entity_type(obj)}
    if name == "checks":
        from stellwerk.core.checks import findings_for

        return base | {"findings": findings_for(obj, user)}
    builders = {"history": history, "comments": comments, "attachments": attachments}
    return base | builders[name](obj, user)


def history(obj: models.Model, user: User, limit: int = HISTORY_LINES) -> dict[str, Any]:
    entries = list(entries_of(obj)[: limit + 1])
    return {"lines": lines(entries[:limit], user, obj), "more": len(entries) > limit}


def comments(obj: models.Model, user: User) -> dict[str, Any]:
    rows = [
        {
            "comment": comment,
            "html": rendered(comment) if comment.withdrawn_at is None else "",
            "edited": comment.version > 1 and comment.withdrawn_at is None,
            "edit_url": reverse("core:comment-edit", args=[comment.pk])
            if comment.author_id == user.pk and comment.withdrawn_at is None
            else "",
            "withdraw_url": reverse("core:comment-withdraw", args=[comment.pk])
            if may_withdraw(comment, obj, user)
            else "",
        }
        for comment in comments_of(obj)
    ]
    return {
        "rows": rows,
        "post_url": reverse("core:comments", args=[obj._meta.label_lower, obj.pk]) if can(user, "comment", obj) else "",
        "mention_url": reverse("core:mentionable", args=[obj._meta.label_lower, obj.pk]),
    }


def attachments(obj: models.Model, user: User) -> dict[str, Any]:
    rows = [
        {
            "name": file.name,
            "size": file.size,
            "url": reverse("core:download", args=[file.uid]),
            "by": file.uploaded_by,
            "at": file.uploaded_at,
            "remove_url": reverse("core:attachment-remove", args=[file.uid]) if may_remove(file, obj, user) else "",
        }
        for file in attachments_of(obj)
    ]
    upload = reverse("core:attachments", args=[obj._meta.label_lower, obj.pk]) if can(user, "comment", obj) else ""
    return {"files": rows, "upload_url": upload}


def last_change(obj: models.Model) -> AuditEntry | None:
    return entries_of(obj).first()
