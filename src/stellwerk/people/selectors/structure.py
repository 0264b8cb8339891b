"""The tree of units with the people in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Count, Q

from stellwerk.core.db import fold
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.people.models import Location, Organisation, Person, Unit
from stellwerk.people.selectors.persons import employed


@dataclass
class TreeRow:
    """A unit in the tree: its depth, people of its own and together with the units below."""

    unit: Unit
    depth: int
    own: int
    total: int = 0
    children: list[TreeRow] = field(default_factory=list)


def unit_tree(user: User, *, archived: bool = False) -> list[tuple[Organisation, list[TreeRow]]]:
    """All visible units by organisation, depth first, in three queries. A hidden upper unit makes its children roots."""
    units = Unit.objects.filter(visible(user, Unit)).select_related("organisation", "manager")
    if not archived:
        units = units.filter(archived_at__isnull=True)
    people = Person.objects.filter(visible(user, Person)).filter(employed()).order_by()
    counts = dict(people.values_list("unit_id").annotate(n=Count("pk")))
    rows = {unit.pk: TreeRow(unit, 0, counts.get(unit.pk, 0)) for unit in units}
    roots: dict[int, list[TreeRow]] = defaultdict(list)
    for row in rows.values():
        parent = rows.get(row.unit.parent_id) if row.unit.parent_id else None
        (parent.children if parent else roots[row.unit.organisation_id]).append(row)
    found = []
    organisations = {row.unit.organisation_id: row.unit.organisation for row in rows.values()}
    for organisation in sorted(organisations.values(), key=lambda one: fold(one.name) or ""):
        flat: list[TreeRow] = []
        for root in _sorted(roots[organisation.pk]):
            _walk(root, 0, flat)
        found.append((organisation, flat))
    return found


def _sorted(rows: list[TreeRow]) -> list[TreeRow]:
    return sorted(rows, key=lambda row: (fold(row.unit.name) or "", row.unit.pk))


def _walk(row: TreeRow, depth: int, flat: list[TreeRow]) -> int:
    row.depth = depth
    flat.append(row)
    row.total = row.own + sum(_walk(child, depth + 1, flat) for child in _sorted(row.children))
    return row.total


def units_of(user: User, organisation: Organisation) -> list[TreeRow]:
    return next((rows for one, rows in unit_tree(user) if one.pk == organisation.pk), [])


def people_of_unit(user: User, unit: Unit, limit: int = 200) -> list[Person]:
    rows = Person.objects.filter(visible(user, Person), unit=unit).filter(employed())
    return list(rows.select_related("role", "location").order_by("last_name", "first_name")[:limit])


def locations_of(organisation: Organisation) -> models.QuerySet[Location]:
    return Location.objects.filter(organisation=organisation).annotate(
        people_count=Count("people", filter=Q(people__archived_at__isnull=True))
    )
