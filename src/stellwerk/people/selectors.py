"""Reads of the people room: names as expressions, the tree of units, role assignments with their scopes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Case, CharField, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Trim
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core.db import fold
from stellwerk.core.models import Confidentiality, Grant, Scope, User
from stellwerk.core.permissions import ROLES, grants_of, visible
from stellwerk.core.registry import ENTITIES
from stellwerk.people.models import Location, Organisation, Person, Unit


def person_name(path: str = "") -> Combinable:
    """The full name (title, first, last) behind a lookup path (``manager``), empty where nobody is named."""
    prefix = f"{path}__" if path else ""
    parts = [F(f"{prefix}title"), Value(" "), F(f"{prefix}first_name"), Value(" "), F(f"{prefix}last_name")]
    return Trim(Concat(*parts, output_field=CharField()))


def role_name(path: str = "role") -> Combinable:
    """The name of the project role behind a lookup path as :class:`Role` says it: English where the reader reads it."""
    if get_language() != "en":
        return F(f"{path}__name")
    english = When(~Q(**{f"{path}__name_en": ""}), then=F(f"{path}__name_en"))
    return Case(english, default=F(f"{path}__name"), output_field=CharField())


def employed(day: dt.date | None = None) -> Q:
    """People who are there on a day: entered, not left, not archived."""
    today = day or timezone.localdate()
    return (
        Q(archived_at__isnull=True)
        & (Q(entry_date__isnull=True) | Q(entry_date__lte=today))
        & (Q(exit_date__isnull=True) | Q(exit_date__gte=today))
    )


# ── the tree of units ────────────────────────────────────────────────────────────────────────────


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


# ── what a role assignment reaches ───────────────────────────────────────────────────────────────

SCOPE_LABELS = {
    Scope.ORGANISATION.value: "people.organisation",
    Scope.UNIT.value: "people.unit",
    Scope.PORTFOLIO.value: "portfolio.portfolio",
    Scope.PROGRAMME.value: "portfolio.programme",
    Scope.PROJECT.value: "portfolio.project",
}


def _scope_model(scope: str) -> type[models.Model] | None:
    kind = ENTITIES.get(SCOPE_LABELS.get(scope, ""))
    return kind.model if kind else None


def scope_object(scope: str, number: int) -> models.Model | None:
    """The unit, portfolio … that a role assignment names, or None."""
    model = _scope_model(scope)
    return model._default_manager.filter(pk=number).first() if model else None


def scope_name() -> Combinable:
    """The name behind (scope, scope_id) of a role assignment, for lists."""
    cases = []
    for scope in SCOPE_LABELS:
        model = _scope_model(scope)
        if model is not None:
            name = model._default_manager.filter(pk=OuterRef("scope_id")).order_by().values("name")[:1]
            cases.append(When(scope=scope, scope_id__isnull=False, then=Subquery(name)))
    return Case(*cases, default=Value(""), output_field=CharField())


def scope_names(grants: Iterable[Grant]) -> dict[int, str]:
    """What each assignment reaches, in words: one query per kind of scope."""
    rows = list(grants)
    names: dict[tuple[str, int], str] = {}
    for scope in {grant.scope for grant in rows}:
        numbers = {grant.scope_id for grant in rows if grant.scope == scope and grant.scope_id}
        model = _scope_model(scope)
        if numbers and model is not None:
            names |= {(scope, row.pk): str(row) for row in model._default_manager.filter(pk__in=numbers)}
    found = {}
    for grant in rows:
        label = str(Scope(grant.scope).label)
        if grant.scope == Scope.ORGANISATION and grant.scope_id is None:
            found[grant.pk] = _("all organisations")
        elif grant.scope_id is None:
            found[grant.pk] = _("own things") if grant.scope == Scope.SELF else label
        else:
            found[grant.pk] = f"{label}: {names.get((grant.scope, grant.scope_id), '–')}"
    return found


def scope_choices(user: User) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a role can be given for, as groups of a select: ``scope:number`` → name.

    Whoever assigns roles needs names of things that they may not open (an administrator sees no projects); strictly
    confidential ones are left out unless they may see them.
    """
    wide = [
        (f"{Scope.ORGANISATION.value}:", _("All organisations")),
        (f"{Scope.SELF.value}:", _("Own things only (self)")),
    ]
    groups: list[tuple[str, list[tuple[str, str]]]] = [(_("Without a choice"), wide)]
    for scope, label in SCOPE_LABELS.items():
        model = _scope_model(scope)
        if model is None:
            continue
        rows = model._default_manager.filter(archived_at__isnull=True)
        rows = rows.filter(~Q(confidentiality=Confidentiality.STRICT) | visible(user, model))
        names = sorted(rows.values_list("pk", "key", "name"), key=lambda row: fold(row[2]) or "")
        if names:
            groups.append((ENTITIES[label].plural, [(f"{scope}:{pk}", f"{name} ({key})") for pk, key, name in names]))
    return groups


def role_label(code: str) -> str:
    role = ROLES.get(code)
    return str(role.label) if role else code


@dataclass(frozen=True)
class GrantRow:
    """A role assignment as pages show it."""

    grant: Grant
    role: str
    reach: str
    state: str  # now · later · ended


def grant_rows(grants: Iterable[Grant]) -> list[GrantRow]:
    """In force first, then coming, then ended."""
    rows = list(grants)
    names, today = scope_names(rows), timezone.localdate()
    found = []
    for grant in rows:
        ended = grant.valid_to is not None and grant.valid_to < today
        state = "ended" if ended else "now" if grant.active_on(today) else "later"
        found.append(GrantRow(grant, role_label(grant.role), names[grant.pk], state))
    order = {"now": 0, "later": 1, "ended": 2}
    return sorted(found, key=lambda row: (order[row.state], row.role, row.reach))


def grants_of_user(user: User) -> list[GrantRow]:
    return grant_rows(Grant.objects.filter(user=user).select_related("deputy_for", "user"))


def deputies_of_user(user: User) -> list[GrantRow]:
    """Who stands in for this user."""
    return grant_rows(Grant.objects.filter(deputy_for=user).select_related("deputy_for", "user"))


def current_roles(user: User) -> list[str]:
    return sorted({role_label(grant.role) for grant in grants_of(user)})


def person_facts(person: Person) -> dict[str, Any]:
    """What the page of a person needs beside the person."""
    reports = (
        Person.objects.filter(manager=person, archived_at__isnull=True)
        .select_related("role")
        .order_by("last_name", "first_name")
    )
    return {
        "reports": reports,
        "manages": Unit.objects.filter(manager=person, archived_at__isnull=True).order_by("name"),
    }
