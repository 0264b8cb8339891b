"""Erased persons stay erased: a ledger outside the database, applied again after every restore.

The ledger names pseudonyms only. Higher rooms register what they blank for a user (:func:`eraser`). Whatever the rooms
know, one pass over every text of the database (:func:`blank_everywhere`) takes the name and the address out of the texts
in which other people wrote them: comments, messages, imported names, history, previews of imports.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils import timezone

from stellwerk.core import snapshots
from stellwerk.core.models import ApiToken, AuditEntry, ChangeItem, Mail, Notification, Snapshot, User
from stellwerk.core.services import record

Eraser = Callable[[User], Iterable[str]]
ERASERS: list[Eraser] = []
LEDGERS: list[Callable[[], int]] = []  # further ledgers of higher rooms, applied again after a restore
FOLDERS: list[str] = []  # folders of files that are made from data or wait to be read: emptied by an erasure
BLANKED = "…"
# Columns that hold no words of people, or that must not change: the seal of a snapshot is renewed by ``snapshots.redact``.
NO_WORDS: Final = {
    "key",
    "digest",
    "password",
    "payload",
    "content_hash",
    "signature",
    "entity_type",
    "pseudonym",
    "worker",
}
SHORTEST: Final = 5  # characters: a shorter spelling would be found inside other words
MOST_TERMS: Final = 400  # of one query: SQLite refuses a thousand


def ledger(function: Callable[[], int]) -> Callable[[], int]:
    """Register a ledger of erasures of a room's own (persons without an account); the function applies it again."""
    LEDGERS.append(function)
    return function


def eraser(function: Eraser) -> Eraser:
    """Register what a room blanks when a user is erased; runs inside the transaction, also after a restore.

    Returns names that somebody else bears too: those stay in texts, since nobody can tell who is meant.
    """
    ERASERS.append(function)
    return function


def emptied_folder(folder: str) -> str:
    """Register a folder of the file storage whose files may show names and can be made, or uploaded, again."""
    FOLDERS.append(folder)
    return folder


def erase_user(user: User, *, by: User | None, reason: str = "") -> User:
    """Blank who somebody was; history keeps the pseudonym. The caller asks the permission."""
    with transaction.atomic():
        record(user, by=by, verb="erase", reason=reason)  # before the blanking: the reason may say the name
        _blank(user)
        transaction.on_commit(lambda: _note(user.pseudonym))
    return user


def _note(pseudonym: UUID) -> None:
    """Into the ledger, once the erasure is certain."""
    with (settings.HOME / "erasures").open("a", encoding="ascii") as file:
        file.write(f"{pseudonym}\n")


def blank_history(label: str, number: int, fields: Iterable[str]) -> int:
    """Blank the values of personal fields in audit entries and change sets of one entity; returns how many entries.

    The trail is append-only for everybody else: this is the one place that may rewrite it, and it only removes.
    """
    names = set(fields)
    changed = 0
    for entry in AuditEntry.objects.filter(entity_type=label, entity_id=number).iterator():
        blanked = {name: _blanked(pair) if name in names else pair for name, pair in entry.changes.items()}
        if blanked != entry.changes:
            models.QuerySet(AuditEntry).filter(pk=entry.pk).update(changes=blanked)
            changed += 1
    columns = names | {f"{name}_id" for name in names}
    for item in ChangeItem.objects.filter(entity_type=label, entity_id=number).iterator():
        for values in (item.before, item.after):
            values.update({name: BLANKED for name in columns & set(values) if values[name] not in (None, "")})
        ChangeItem.objects.filter(pk=item.pk).update(before=item.before, after=item.after)
    return changed


def _blanked(pair: object) -> object:
    if not isinstance(pair, list):
        return BLANKED
    return [value if value in (None, "") else BLANKED for value in pair]


# ── texts that others wrote ──────────────────────────────────────────────────────────────────────


def blank_everywhere(spellings: Mapping[str, str]) -> int:
    """Replace each spelling in every text of the database and in frozen payloads; returns how many values changed.

    ``spellings``: what is written → what stands there from now on. Whole words only, in any case. The file folders of
    :data:`FOLDERS` are emptied once that is certain.
    """
    wanted = {text: new for text, new in spellings.items() if len(text.strip()) >= SHORTEST}
    if not wanted:
        return 0
    replace = snapshots.replacer(wanted)
    forms = _forms(wanted)
    changed = sum(_blank_columns(model, fields, forms, replace) for model, fields in _columns())
    frozen = Snapshot.objects.annotate(as_text=Cast("payload", models.TextField()))
    for snapshot in frozen.filter(_mentions(["as_text"], forms)).iterator():
        changed += snapshots.redact(snapshot, replace)
    transaction.on_commit(_empty_folders)
    return changed


def _columns() -> Iterator[tuple[type[models.Model], list[models.Field[Any, Any]]]]:
    """Every column of Stellwerk in which people's words can stand, by table."""
    for model in apps.get_models():
        if not model.__module__.startswith("stellwerk."):
            continue
        fields: list[models.Field[Any, Any]] = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
            and not (field.choices or field.primary_key or field.name in NO_WORDS)
        ]
        if fields:
            yield model, fields


def _forms(spellings: Iterable[str]) -> list[str]:
    """What a coarse choice by the database looks for: the longest word of each spelling, also as JSON escapes it."""
    found: set[str] = set()
    for word in {max(re.split(r"[\s,]+", text), key=len) for text in spellings}:
        escaped = {json.dumps(form)[1:-1] for form in (word, word.upper())}
        # Plain letters are found in any case by every database; SQLite knows no case of the others.
        found |= {word} if word.isascii() and word in escaped else {word, word.upper(), word.lower(), *escaped}
    return sorted(found)


def _mentions(names: Iterable[str], forms: Iterable[str]) -> Q:
    return Q(*((f"{name}__icontains", form) for name in names for form in forms), _connector=Q.OR)


def _blank_columns(
    model: type[models.Model],
    fields: Sequence[models.Field[Any, Any]],
    forms: Sequence[str],
    replace: snapshots.Replace,
) -> int:
    most = max(1, MOST_TERMS // len(forms))
    if len(fields) > most:
        parts = [fields[at : at + most] for at in range(0, len(fields), most)]
        return sum(_blank_columns(model, part, forms, replace) for part in parts)
    rows: models.QuerySet[Any] = models.QuerySet(model)
    names = []
    for field in fields:
        as_json = isinstance(field, models.JSONField)
        names.append(f"{field.name}_as_text" if as_json else field.name)
        if as_json:
            rows = rows.annotate(**{names[-1]: Cast(field.name, models.TextField())})
    found = rows.filter(_mentions(names, forms)).order_by().values_list("pk", *(field.name for field in fields))
    changed = 0
    for number, *values in list(found):
        for field, value in zip(fields, values, strict=True):
            new = snapshots.walk(value, replace)
            if new == value:
                continue
            if isinstance(new, str) and field.max_length:
                new = new[: field.max_length]
            _store(model, number, field.name, new)
            changed += 1
    return changed


def _store(model: type[models.Model], number: Any, name: str, value: Any) -> None:
    row: models.QuerySet[Any] = models.QuerySet(model).filter(pk=number)
    try:
        with transaction.atomic():
            row.update(**{name: value})
    except IntegrityError:  # a unique text, for example a saved view of the same name: the number keeps it apart
        row.update(**{name: f"{value} {number}"})


def _empty_folders() -> None:
    for folder in FOLDERS:
        if default_storage.exists(folder):
            for name in default_storage.listdir(folder)[1]:
                default_storage.delete(f"{folder}/{name}")


def _blank(user: User) -> None:
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount

    address, name, label = user.email, user.name, f"– {str(user.pseudonym)[:8]}"
    for table in (EmailAddress, SocialAccount, Authenticator, ApiToken, Notification):
        table.objects.filter(user=user).delete()
    Mail.objects.filter(to__iexact=address).delete()
    shared = {name.casefold() for function in ERASERS for name in function(user)}
    spellings = {address: BLANKED}
    namesakes = User.objects.filter(name__iexact=name, erased_at__isnull=True).exclude(pk=user.pk)
    if name.casefold() not in shared and not namesakes.exists():
        spellings[name] = label
    user.email = f"erased-{user.pseudonym}@invalid.invalid"
    user.name = label
    user.set_unusable_password()
    user.is_active = False
    user.erased_at = user.erased_at or timezone.now()
    user.save()
    user.grants.all().delete()
    user.saved_views.all().delete()
    user.watches.all().delete()
    blank_history("core.user", user.pk, ("email", "name"))
    blank_everywhere(spellings)


def erased_pseudonyms() -> set[UUID]:
    """Everybody known to be erased: in this database and in the ledger of the data folder."""
    found = set(User.objects.filter(erased_at__isnull=False).values_list("pseudonym", flat=True))
    path = settings.HOME / "erasures"
    if path.exists():
        found |= {UUID(line.strip()) for line in path.read_text(encoding="ascii").splitlines() if line.strip()}
    return found


def apply_erasures(pseudonyms: Iterable[UUID]) -> int:
    """Blank those again that a restored backup knew by name; returns how many."""
    users = list(User.objects.filter(pseudonym__in=list(pseudonyms), erased_at__isnull=True))
    for user in users:
        _blank(user)
    return len(users) + sum(function() for function in LEDGERS)
