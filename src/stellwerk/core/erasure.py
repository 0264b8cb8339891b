"""Erased persons stay erased: a ledger outside the database, applied again after every restore.

The ledger names pseudonyms only. Higher rooms register what they blank for a user (:func:`eraser`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from stellwerk.core.models import ApiToken, AuditEntry, ChangeItem, Mail, Notification, User
from stellwerk.core.services import record

Eraser = Callable[[User], None]
ERASERS: list[Eraser] = []
LEDGERS: list[Callable[[], int]] = []  # further ledgers of higher rooms, applied again after a restore
BLANKED = "…"


def ledger(function: Callable[[], int]) -> Callable[[], int]:
    """Register a ledger of erasures of a room's own (persons without an account); the function applies it again."""
    LEDGERS.append(function)
    return function


def eraser(function: Eraser) -> Eraser:
    """Register what a room blanks when a user is erased; runs inside the transaction, also after a restore."""
    ERASERS.append(function)
    return function


def erase_user(user: User, *, by: User | None, reason: str = "") -> User:
    """Blank who somebody was; history keeps the pseudonym. The caller asks the permission."""
    with transaction.atomic():
        _blank(user)
        record(user, by=by, verb="erase", reason=reason)
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


def _blank(user: User) -> None:
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount

    address = user.email
    for table in (EmailAddress, SocialAccount, Authenticator, ApiToken, Notification):
        table.objects.filter(user=user).delete()
    Mail.objects.filter(to__iexact=address).delete()
    for function in ERASERS:
        function(user)
    user.email = f"erased-{user.pseudonym}@invalid.invalid"
    user.name = f"– {str(user.pseudonym)[:8]}"
    user.set_unusable_password()
    user.is_active = False
    user.erased_at = user.erased_at or timezone.now()
    user.save()
    user.grants.all().delete()
    blank_history("core.user", user.pk, ("email", "name"))


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
