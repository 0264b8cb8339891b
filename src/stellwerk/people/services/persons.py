"""Persons: who works in or for the organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.people.models import Person, Unit


@transaction.atomic
def create_person(values: Mapping[str, Any], *, by: User | None) -> Person:
    """A person. Errors: ``Invalid``, ``NotAllowed``."""
    _check(None, values)
    return services.create(Person, _tidy(values), by=by)


@transaction.atomic
def edit_person(
    person: Person, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> Person:
    """Change a person. Errors: ``Invalid`` (a circle of managers), ``NotAllowed``, ``StaleEdit``, ``Refused`` (erased)."""
    if is_erased(person):
        raise Refused(_("The personal data of this person have been erased."), code="erased")
    _check(person, values)
    return services.edit(person, _tidy(values), by=by, version=version, reason=reason)


def is_erased(person: Person) -> bool:
    """Whether the identity has been blanked (no first name is left, see ``erasing``)."""
    return person.first_name == ERASED_FIRST_NAME


ERASED_FIRST_NAME = "–"


def _tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    tidy = dict(values)
    for name in ("title", "first_name", "last_name", "phone"):
        if isinstance(tidy.get(name), str):
            tidy[name] = " ".join(tidy[name].split())
    if isinstance(tidy.get("email"), str):
        tidy["email"] = tidy["email"].strip().lower()
    return tidy


def _check(person: Person | None, values: Mapping[str, Any]) -> None:
    """No circle of managers; an account belongs to one person; the location belongs to the unit's organisation."""
    errors: dict[str, list[str]] = {}
    if person is not None and values.get("manager") is not None and _manages(person.pk, values["manager"].pk):
        errors["manager"] = [_("This person reports to “%(name)s” already, directly or indirectly.") % {"name": person}]
    unit: Unit | None = values.get("unit", person.unit if person else None)
    location = values.get("location", person.location if person else None)
    if unit is not None and location is not None and location.organisation_id != unit.organisation_id:
        errors["location"] = [_("The location belongs to another organisation than the unit.")]
    if errors:
        raise Invalid(errors)


def _manages(person_id: int, candidate_id: int) -> bool:
    """Does ``candidate`` report to ``person``, through any number of managers (or is it the same person)?"""
    managers = dict(Person.objects.filter(manager__isnull=False).values_list("pk", "manager_id"))
    seen: set[int] = set()
    current: int | None = candidate_id
    while current is not None and current not in seen:
        if current == person_id:
            return True
        seen.add(current)
        current = managers.get(current)
    return False


@transaction.atomic
def persons_from_users(users: Iterable[User], *, unit: Unit, by: User | None) -> list[Person]:
    """A person for each account that has none, named like the account."""
    made = []
    for user in users:
        if Person.objects.filter(user=user).exists():
            continue
        first, _sep, last = user.name.rpartition(" ")
        values = {"first_name": first or last, "last_name": last, "email": user.email, "user": user, "unit": unit}
        made.append(create_person(values, by=by))
    return made
