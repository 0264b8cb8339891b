"""Frozen figures: what is published is written once, hashed, and never changed.

A frozen payload names no person. Where a name stood, stands a token (``⟦PER-0042⟧``), and the name as it was published
stands beside the payload in ``Snapshot.names``. The digest covers the payload with its tokens, so that erasing a person
takes the name away and leaves the seal whole (docs/decisions/0006-snapshots-name-persons-by-token.md).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import models, transaction

from stellwerk.core.models import AuditEntry, Snapshot, User
from stellwerk.core.services import record

Replace = Callable[[str], str]
# What a room knows of names: all texts of a payload → {name as it is written there: token}.
Namer = Callable[[str], Mapping[str, str]]
NAMERS: list[Namer] = []
_TOKEN = re.compile(r"⟦([^⟦⟧]{1,60})⟧")


def namer(function: Namer) -> Namer:
    """Register who knows the names of persons."""
    NAMERS.append(function)
    return function


def canonical(payload: Any) -> str:
    """The one JSON text of a payload: sorted keys, no spaces."""
    return json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(payload: Any) -> str:
    return hashlib.sha256(canonical(payload).encode()).hexdigest()


# ── names and tokens ─────────────────────────────────────────────────────────────────────────────


def walk(value: Any, replace: Replace) -> Any:
    """The same structure with every text replaced; keys stay."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, list | tuple):
        return [walk(part, replace) for part in value]
    if isinstance(value, dict):
        return {key: walk(part, replace) for key, part in value.items()}
    return value


def replacer(words: Mapping[str, str]) -> Replace:
    """Replaces whole words, in any case and with any spaces between them; the longest spelling first."""
    if not words:
        return lambda text: text
    plain = {_plain(word): new for word, new in words.items()}
    spellings = sorted(plain, key=len, reverse=True)
    parts = [r"\s+".join(re.escape(part) for part in word.split(" ")) for word in spellings]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(lambda hit: plain.get(_plain(hit[0]), hit[0]), text)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def sealed(payload: dict[str, Any], names: Iterable[str] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """The payload with tokens in place of names, and what each token stands for.

    ``names`` are further names that the caller knows to be persons, for example as an imported list wrote them.
    """
    text = "\n".join(_texts(payload))
    known: dict[str, str] = {}
    for function in NAMERS:
        known.update(function(text))
    spelt = {_plain(name) for name in known}
    others = sorted({" ".join(name.split()) for name in names if len(name.strip()) > 1})
    known |= {name: f"name-{n}" for n, name in enumerate((o for o in others if _plain(o) not in spelt), start=1)}
    # Exactly as written, so that the published text comes back letter by letter.
    written = sorted(known, key=len, reverse=True)
    if not written:
        return payload, {}
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, written))})(?!\w)")
    used: dict[str, str] = {}

    def put(hit: re.Match[str]) -> str:
        used[known[hit[0]]] = hit[0]
        return f"⟦{known[hit[0]]}⟧"

    return walk(payload, lambda text: pattern.sub(put, text)), used


def contents(snapshot: Snapshot) -> dict[str, Any]:
    """The payload as it was published, with the names that have not been erased since."""
    names = snapshot.names
    shown: dict[str, Any] = walk(snapshot.payload, lambda text: _TOKEN.sub(lambda hit: names.get(hit[1], hit[0]), text))
    return shown


def redact(snapshot: Snapshot, replace: Replace) -> bool:
    """Take words out of a frozen payload that no token covers, and seal it anew; history keeps both digests.

    Only an erasure may do this: the law goes before the seal, and the trail says that it happened.
    """
    payload = walk(snapshot.payload, replace)
    if payload == snapshot.payload:
        return False
    digest = digest_of(payload)
    Snapshot.objects.filter(pk=snapshot.pk).update(payload=payload, digest=digest)
    AuditEntry.objects.create(
        entity_type=snapshot.entity_type,
        entity_id=snapshot.entity_id,
        verb="redact",
        changes={"digest": [snapshot.digest, digest]},
    )
    return True


# ── freezing ─────────────────────────────────────────────────────────────────────────────────────


def freeze(
    subject: models.Model,
    *,
    kind: str,
    data_date: dt.date,
    payload: dict[str, Any],
    by: User | None,
    supersedes: Snapshot | None = None,
    names: Iterable[str] = (),
) -> Snapshot:
    """Write a snapshot of ``subject``; a correction names the snapshot that it supersedes. ``names``: see :func:`sealed`."""
    tokens, known = sealed(payload, names)
    with transaction.atomic():
        snapshot = Snapshot.objects.create(
            entity_type=subject._meta.label_lower,
            entity_id=subject.pk,
            kind=kind,
            data_date=data_date,
            payload=tokens,
            names=known,
            digest=digest_of(tokens),
            published_by=by,
            supersedes=supersedes,
        )
        record(subject, by=by, verb="snapshot", changes={"snapshot": [None, str(snapshot.uid)]})
    return snapshot


def same_as(
    subject: models.Model, *, kind: str, payload: dict[str, Any], by: User | None, names: Iterable[str] = ()
) -> Snapshot | None:
    """A snapshot with this very content by the same person, if there is one."""
    tokens, known = sealed(payload, names)
    found = Snapshot.objects.filter(
        entity_type=subject._meta.label_lower,
        entity_id=subject.pk,
        kind=kind,
        digest=digest_of(tokens),
        published_by=by,
    )
    return next((snapshot for snapshot in found if snapshot.names == known), None)


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
