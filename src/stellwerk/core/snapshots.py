"""Frozen figures: what is published is written once, hashed, and never changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import models, transaction

from stellwerk.core.models import Snapshot, User
from stellwerk.core.services import record


def canonical(payload: Any) -> str:
    """The one JSON text of a payload: sorted keys, no spaces."""
    return json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(payload: Any) -> str:
    return hashlib.sha256(canonical(payload).encode()).hexdigest()


def freeze(
    subject: models.Model,
    *,
    kind: str,
    data_date: dt.date,
    payload: dict[str, Any],
    by: User | None,
    supersedes: Snapshot | None = None,
) -> Snapshot:
    """Write a snapshot of ``subject``; a correction names the snapshot that it supersedes."""
    with transaction.atomic():
        snapshot = Snapshot.objects.create(
            entity_type=subject._meta.label_lower,
            entity_id=subject.pk,
            kind=kind,
            data_date=data_date,
            payload=payload,
            digest=digest_of(payload),
            published_by=by,
            supersedes=supersedes,
        )
        record(subject, by=by, verb="snapshot", changes={"snapshot": [None, str(snapshot.uid)]})
    return snapshot


def intact(snapshot: Snapshot) -> bool:
    """Does the stored payload still have the digest that it was published with?"""
    return digest_of(snapshot.payload) == snapshot.digest


def latest(subject: models.Model, kind: str, on: dt.date | None = None) -> Snapshot | None:
    """The snapshot that counts on a day: newest data date not after it, not superseded."""
    found = Snapshot.objects.filter(
        entity_type=subject._meta.label_lower, entity_id=subject.pk, kind=kind, superseded_by__isnull=True
    )
    if on is not None:
        found = found.filter(data_date__lte=on)
    return found.order_by("-data_date", "-pk").first()
