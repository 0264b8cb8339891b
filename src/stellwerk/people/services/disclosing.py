"""A person's right to know what is stored about them (GDPR article 15), in a form that other programs read (article 20)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from stellwerk.core.disclosure import stored_about
from stellwerk.core.errors import NotAllowed
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.core.services import record
from stellwerk.people.models import Person


def may_disclose(person: Person, by: User) -> bool:
    """One's own data, or for whoever answers such requests: the role that may also erase."""
    return person.user_id == by.pk or can(by, "erase", person)


def personal_data(person: Person, *, by: User) -> dict[str, Any]:
    """Everything stored about a person and the account behind it; noted in the history. Errors: ``NotAllowed``."""
    if not may_disclose(person, by):
        raise NotAllowed()
    subjects = [person, *([person.user] if person.user is not None else [])]
    data = {"person": person.key, "as_of": timezone.now().isoformat(), "tables": stored_about(subjects)}
    record(person, by=by, verb="disclose")
    return data
