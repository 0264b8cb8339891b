"""``Idempotency-Key``: a request that is sent again after a broken connection is done once and answered twice.

The answer is kept for a day, per user, in the transaction that did the work: either both are there, or neither. An
error is not kept, so that the next attempt works anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, RawPostDataException
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Status

from stellwerk.core.access import actor
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import ApiReply

KEPT = dt.timedelta(days=1)
LONGEST = 100
HEADER = "Idempotency-Key"
PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Any text of your own, at most 100 characters. The same key again within a day answers as the first time "
    "and does nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
}


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a route that writes."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(request, *args, **kwargs)
        if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable() or " " in key:
            raise Invalid({HEADER: [_("At most 100 visible characters, please.")]})
        with transaction.atomic():
            return _answer(request, key, lambda: view(request, *args, **kwargs))

    return inner


def _answer(request: HttpRequest, key: str, work: Callable[[], Any]) -> Any:
    user, digest = actor(request), _digest(request)
    ApiReply.objects.filter(user=user, created_at__lt=timezone.now() - KEPT).delete()
    # Whoever comes second waits here for the first: the row is locked (PostgreSQL) or the database is (SQLite).
    kept, new = ApiReply.objects.get_or_create(user=user, key=key, defaults={"digest": digest})
    if not new:
        if kept.digest != digest:
            raise Refused(
                _("This idempotency key belongs to another request."),
                _("Use a new key for each request."),
                code="key_reused",
            )
        return Status(kept.status, kept.body)
    found = work()
    status, body = (found.status_code, found.value) if isinstance(found, Status) else (200, found)
    kept.status, kept.body = status, json.loads(json.dumps(body, cls=DjangoJSONEncoder))
    kept.save(update_fields=["status", "body"])
    return found


def _digest(request: HttpRequest) -> str:
    """What was asked: method, address and content."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    try:
        digest.update(request.body)
    except RawPostDataException:  # a form with files has been read already; its boundary would differ anyway
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode())
        for name, file in sorted(request.FILES.items()):
            digest.update(f"{name} {getattr(file, 'name', '')} {getattr(file, 'size', 0)}".encode())
    return digest.hexdigest()
