"""Erasure of a person's identity (GDPR article 17): work stays, names go.

History and snapshots name people by a pseudonym. Erasing blanks the person, the account and every value of a personal
field in the audit trail and in change sets; what the person did stays attributed to the pseudonym. Erasures are noted
in ledgers outside the database and applied again after a restore: accounts by pseudonym (:mod:`stellwerk.core.erasure`),
persons without an account by their public key here. Texts in which others wrote the name (comments, imported names,
messages, frozen reports) lose it too; see docs/decisions/0006-snapshots-name-persons-by-token.md for what cannot be found.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import erasure
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import AuditEntry, Grant, User
from stellwerk.core.permissions import forget_grants, require
from stellwerk.core.services import record
from stellwerk.people.models import Absence, AbsenceKind, Person
from stellwerk.people.naming import names_of
from stellwerk.people.services.accounts import keep_an_administrator
from stellwerk.people.services.persons import ERASED_FIRST_NAME, is_erased

PERSONAL = ("title", "first_name", "last_name", "email", "phone", "user")


@transaction.atomic
def erase_person(person: Person, *, by: User | None, reason: str) -> Person:
    """Blank a person and the account behind it, for good. Errors: ``NotAllowed``, ``Invalid`` (no reason), ``Refused``."""
    require(by, "erase", person)
    _ask_reason(reason)
    if is_erased(person):
        raise Refused(_("The personal data of this person have been erased."), code="erased")
    record(person, by=by, verb="erase", reason=reason)  # before the blanking: the reason may say the name
    if person.user is not None:
        _check_account(person.user, by)
        erasure.erase_user(person.user, by=by, reason=reason)
    else:
        _blank_person(person)
        transaction.on_commit(lambda: _note(person.key))
    person.refresh_from_db()
    return person


@transaction.atomic
def erase_user(user: User, *, by: User | None, reason: str) -> User:
    """Blank an account, and the person behind it if there is one. Errors as :func:`erase_person`."""
    require(by, "erase", user)
    _ask_reason(reason)
    if user.erased_at is not None:
        raise Refused(_("The personal data of this account have been erased."), code="erased")
    _check_account(user, by)
    erasure.erase_user(user, by=by, reason=reason)
    user.refresh_from_db()
    return user


def _ask_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid({"reason": [_("Please give a reason.")]})


def _check_account(user: User, by: User | None) -> None:
    if by is not None and by.pk == user.pk:
        raise NotAllowed(_("You cannot erase yourself."), _("Another administrator can."), code="own_account")
    keep_an_administrator(without_user=user)


def spellings_of(person: Person) -> dict[str, str]:
    """How texts may name this person → what stands there afterwards. A name that somebody else shares is left alone."""
    found = {text: erasure.BLANKED for text in (person.email, person.phone) if text}
    if has_namesake(person):
        return found
    label = f"{ERASED_FIRST_NAME} {person.key}"
    former = _former(person)
    names = [
        (title, first, last)
        for title in former["title"]
        for first in former["first_name"]
        for last in former["last_name"]
    ]
    found |= dict.fromkeys((text for field in ("email", "phone") for text in former[field] if text), erasure.BLANKED)
    return found | {spelling: label for name in names for spelling in names_of(*name)}


def has_namesake(person: Person) -> bool:
    same = Person.objects.filter(first_name__iexact=person.first_name, last_name__iexact=person.last_name)
    return same.exclude(pk=person.pk).exists()


def _former(person: Person) -> dict[str, set[str]]:
    """What each personal field says and has said, by the history."""
    found = {name: {str(getattr(person, name))} for name in PERSONAL if name != "user"}
    for changes in AuditEntry.objects.filter(entity_type="people.person", entity_id=person.pk).values_list(
        "changes", flat=True
    ):
        for name in found.keys() & changes.keys():
            found[name] |= {str(text) for text in changes[name] if text and text != erasure.BLANKED}
    return found


def _blank_person(person: Person) -> None:
    """The name becomes a dash and the public key: the same in every language."""
    spellings = spellings_of(person)
    Person.objects.filter(pk=person.pk).update(
        title="",
        first_name=ERASED_FIRST_NAME,
        last_name=person.key,
        email="",
        phone="",
        user=None,
        version=person.version + 1,
    )
    Absence.objects.filter(person=person).update(kind=AbsenceKind.OTHER, note="", uid="")
    erasure.blank_history("people.person", person.pk, PERSONAL)
    erasure.blank_everywhere(spellings)


@erasure.eraser
def _person_of_account(user: User) -> list[str]:
    """What this room blanks when an account is erased; also after a restore."""
    shared = []
    for person in Person.objects.filter(user=user):
        if has_namesake(person):
            shared += names_of(person.title, person.first_name, person.last_name)
        _blank_person(person)
    Grant.objects.filter(deputy_for=user).delete()
    forget_grants(user)
    return shared


def _note(key: str) -> None:
    with (settings.HOME / "erasures-persons").open("a", encoding="utf-8") as file:
        file.write(f"{key}\n")


@erasure.ledger
def reapply_erasures() -> int:
    """After a restore: blank persons without an account again that an older backup knew by name; returns how many."""
    path = settings.HOME / "erasures-persons"
    if not path.exists():
        return 0
    keys = {line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()}
    found = [person for person in Person.objects.filter(key__in=keys) if not is_erased(person)]
    with transaction.atomic():
        for person in found:
            _blank_person(person)
    return len(found)
