"""Everything that is stored about somebody, as data (GDPR articles 15 and 20): found by references, not by a list.

A new table is covered without a line of code: every foreign key to the person or the account counts, and everything that
hangs on their entries (comments, files, history).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.db.models import Q

from stellwerk.core.models import EntityReference, jsonable
from stellwerk.core.registry import ENTITIES

SECRETS: Final = {"password", "digest"}  # nothing about the person, and nothing to hand out
MOST: Final = 5000  # rows of one table


def stored_about(subjects: Sequence[models.Model]) -> dict[str, Any]:
    """``{label: [row, …]}`` of every row that is one of the subjects, refers to one, or stands on one."""
    found: dict[str, Any] = {}
    for model in apps.get_models():
        if model.__module__.startswith(("stellwerk.", "allauth.")):
            rows = _rows(model, subjects)
            if rows:
                found[str(model._meta.label_lower)] = rows
    return found


def _rows(model: type[models.Model], subjects: Sequence[models.Model]) -> list[dict[str, Any]]:
    query = Q(pk__in=[])
    for subject in subjects:
        if isinstance(subject, model):
            query |= Q(pk=subject.pk)
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
            if field.is_relation and field.related_model is type(subject):
                query |= Q(**{field.name: subject.pk})
        if issubclass(model, EntityReference):
            query |= Q(entity_type=str(subject._meta.label_lower), entity_id=subject.pk)
    rows = model._base_manager.filter(query).distinct().order_by("pk")[:MOST]
    return [_row(row) for row in rows]


def _row(row: models.Model) -> dict[str, Any]:
    shown = {}
    kind = ENTITIES.get(str(row._meta.label_lower))
    left_out = SECRETS | (kind.guarded.keys() if kind is not None else set())
    for field in row._meta.concrete_fields:
        if field.name not in left_out and not isinstance(field, models.BinaryField):
            value = getattr(row, field.attname)
            shown[field.name] = (
                str(value) if isinstance(field, models.UUIDField | models.FileField) else jsonable(value)
            )
    return shown
