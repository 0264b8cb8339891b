"""Two people edited the same thing: both values side by side, a choice per field, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from stellwerk.core.errors import StaleEdit
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.models.base import jsonable
from stellwerk.core.words import Words, currency_of, field_label

PREFIX = "choice-"


@dataclass(frozen=True)
class Choice:
    """One field of a stale edit as the page shows it; ``take`` is what is chosen beforehand."""

    name: str
    label: str
    mine: str
    theirs: str
    take: str = "mine"

    @property
    def input(self) -> str:
        return PREFIX + self.name


def chosen(data: QueryDict | MultiValueDict[str, str]) -> list[str]:
    """The fields for which the reader keeps the stored value."""
    return [name[len(PREFIX) :] for name in data if name.startswith(PREFIX) and data.get(name) == "theirs"]


def seen_values(obj: models.Model, version: int | None) -> dict[str, Any]:
    """What the fields that changed since ``version`` held then (from the audit trail)."""
    if version is None:
        return {}
    entries = AuditEntry.objects.filter(
        entity_type=obj._meta.label_lower, entity_id=obj.pk, entity_version__gt=version
    ).order_by("entity_version", "pk")
    seen: dict[str, Any] = {}
    for entry in entries:
        for name, change in entry.changes.items():
            if isinstance(change, list) and len(change) == 2:
                seen.setdefault(name, change[0])
    return seen


def choices_for(obj: models.Model, refusal: StaleEdit, version: int | None, user: User) -> list[Choice]:
    """The conflicts in words. Where the reader changed nothing, the stored value is chosen beforehand."""
    words = Words(user)
    model = type(obj)
    seen = seen_values(obj, version)
    currency = currency_of(obj)
    words.load(model, [(row.field, value) for row in refusal.conflicts for value in (row.yours, row.theirs)])
    rows = []
    for row in refusal.conflicts:
        untouched = row.field in seen and jsonable(row.yours) == seen[row.field]
        label = field_label(model, row.field) if not row.label else row.label[:1].upper() + row.label[1:]
        rows.append(
            Choice(
                row.field,
                label,
                words.value(model, row.field, row.yours, currency),
                words.value(model, row.field, row.theirs, currency),
                "theirs" if untouched else "mine",
            )
        )
    return rows
