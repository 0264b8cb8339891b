"""Taking away a row about a person that was wrong: a claimed skill, an absence, a working pattern, a rate."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from stellwerk.core.models import User, Versioned, jsonable
from stellwerk.core.permissions import require
from stellwerk.core.services import record, stale


@transaction.atomic
def remove(row: Versioned, *, by: User | None, version: int | None = None, reason: str = "") -> None:
    """Delete a row; the audit trail keeps what it said. Errors: ``NotAllowed``, ``StaleEdit`` (changed since)."""
    require(by, "edit", row)
    current = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if version is not None and current.version != version:
        raise stale(current, {})
    said: dict[str, list[Any]] = {}
    for field in current._meta.concrete_fields:
        value = jsonable(getattr(current, field.attname))
        if field.editable and not field.primary_key and field.name != "version" and value not in (None, ""):
            said[field.name] = [value, None]
    record(current, by=by, verb="remove", changes=said, reason=reason)
    current.delete()
