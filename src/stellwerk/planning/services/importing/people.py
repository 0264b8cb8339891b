"""Who in a schedule file is whom here: by mail address, else by the whole name if only one person has it. Never guessed."""

from __future__ import annotations

from collections.abc import Mapping

from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.people.models import Person
from stellwerk.planning.exchange import Document


def persons_of(document: Document, by: User | None) -> dict[int, Person]:
    """Number of a resource → person, among those that ``by`` may see."""
    rows = Person.objects.filter(archived_at=None)
    if by is not None:
        rows = rows.filter(visible(by, Person))
    wanted = {resource.name.casefold() for resource in document.resources}
    by_mail: dict[str, Person] = {}
    by_name: dict[str, list[Person]] = {}
    for person in rows:
        if person.email:
            by_mail[person.email.casefold()] = person
        for name in {f"{person.first_name} {person.last_name}", f"{person.last_name}, {person.first_name}"}:
            if name.casefold() in wanted:
                by_name.setdefault(name.casefold(), []).append(person)
    found = {}
    for resource in document.resources:
        same = by_name.get(resource.name.casefold(), [])
        person_or_none = by_mail.get(resource.email.casefold()) if resource.email else None
        person_or_none = person_or_none or (same[0] if len(same) == 1 else None)
        if person_or_none is not None:
            found[resource.uid] = person_or_none
    return found


def responsible_of(document: Document, persons: Mapping[int, Person]) -> dict[int, Person]:
    """Number of a row → the one known person who works on it, where there is exactly one."""
    found: dict[int, set[int]] = {}
    for one in document.assignments:
        person = persons.get(one.resource) if one.resource is not None else None
        if person is not None:
            found.setdefault(one.task, set()).add(person.pk)
    by_pk = {person.pk: person for person in persons.values()}
    return {uid: by_pk[next(iter(pks))] for uid, pks in found.items() if len(pks) == 1}
