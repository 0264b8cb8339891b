"""One table says who may do what: role × scope × entity × verb.

Pages, API, exports, search and jobs ask the same functions. The table yields a predicate for one object
(:func:`can`) and a ``Q`` for a queryset (:func:`visible`); a test proves that both agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import NotAllowed, Text
from stellwerk.core.kept import KeptQuery, numbers
from stellwerk.core.models import Confidentiality, Grant, Scope, User
from stellwerk.core.registry import ENTITIES, EntityType, entity_type

M = TypeVar("M", bound=models.Model)

NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Role:
    """A role of domain.md section 1; ``strict`` roles also see strictly confidential entities in a wide scope."""

    code: str
    label: Text
    scopes: tuple[str, ...]
    strict: bool = False


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role("pmo_lead", _("PMO lead"), (Scope.ORGANISATION,), strict=True),
        Role("pmo_analyst", _("PMO analyst"), (Scope.ORGANISATION, Scope.PORTFOLIO)),
        Role("portfolio_manager", _("Portfolio manager"), (Scope.PORTFOLIO,)),
        Role("programme_manager", _("Programme manager"), (Scope.PROGRAMME, Scope.SELF)),
        Role("project_manager", _("Project manager"), (Scope.PROJECT, Scope.SELF)),
        Role("resource_manager", _("Resource manager"), (Scope.UNIT,)),
        Role("controller", _("Controller"), (Scope.ORGANISATION,)),
        Role("sponsor", _("Sponsor"), (Scope.SELF, Scope.PORTFOLIO, Scope.PROGRAMME, Scope.PROJECT)),
        Role("executive", _("Executive"), (Scope.ORGANISATION, Scope.PORTFOLIO)),
        Role("team_member", _("Team member"), (Scope.SELF, Scope.PROJECT)),
        Role("staffing_partner", _("Staffing partner"), (Scope.SELF,)),
        Role("candidate", _("Candidate or freelancer"), (Scope.SELF,)),
        Role("auditor", _("Auditor or works council"), (Scope.ORGANISATION,)),
        Role("administrator", _("Administrator"), (Scope.ORGANISATION,)),
        Role("recruiter", _("Recruiter"), (Scope.ORGANISATION,)),
        Role("client_contact", _("Client contact"), (Scope.SELF,)),
    )
}


@dataclass(frozen=True)
class Row:
    """One row of the table; ``when`` narrows it to objects with these field values."""

    role: str
    scope: str
    entity: str
    verbs: frozenset[str]
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()


TABLE: list[Row] = []
_FOUND: dict[tuple[str, str, str], list[Row]] = {}  # the same rows by role, scope and entity
_EXPAND: dict[str, Callable[[int], Iterable[int]]] = {}

_LETTERS = {
    "O": Scope.ORGANISATION,
    "F": Scope.PORTFOLIO,
    "G": Scope.PROGRAMME,
    "P": Scope.PROJECT,
    "U": Scope.UNIT,
    "S": Scope.SELF,
}


def allow(role: str, scopes: str, entity: str, verbs: str, **when: Sequence[Any]) -> None:
    """Add rows: ``allow("pmo_lead", "O", "portfolio.project", "view create edit", state=("draft",))``."""
    if role not in ROLES:
        raise ValueError(f"unknown role {role!r}")
    for letter in scopes:
        row = Row(
            role=role,
            scope=_LETTERS[letter].value,
            entity=entity,
            verbs=frozenset(verbs.split()),
            when=tuple((name, tuple(values)) for name, values in sorted(when.items())),
        )
        TABLE.append(row)
        _FOUND.setdefault((role, row.scope, entity), []).append(row)


@dataclass(frozen=True)
class OwnRow:
    """What everybody may do with their own things, whatever their roles: ``path`` leads from the thing to the user's number."""

    entity: str
    verbs: frozenset[str]
    path: str


OWN: dict[str, OwnRow] = {}


def allow_own(entity: str, verbs: str, *, path: str) -> None:
    """Add a row for every account that belongs to a person; the grants of a role come on top of it."""
    OWN[entity] = OwnRow(entity, frozenset(verbs.split()), path)


def _own_row(user: User, label: str, verb: str) -> OwnRow | None:
    row = OWN.get(label)
    return row if row is not None and verb in row.verbs and _is_person(user) else None


def _is_person(user: User) -> bool:
    """Does the account belong to a person? Read along with the grants; asked for once where there are none."""
    grants_of(user)
    grants: list[Any] = user._grants_cache  # type: ignore[attr-defined]
    return grants[0].person_number is not None if grants else getattr(user, "person", None) is not None


def expand_scope(scope: str, function: Callable[[int], Iterable[int]]) -> None:
    """A grant on a unit reaches the units below: people registers how."""
    _EXPAND[scope] = function


_GRANTS: KeptQuery[Any] = KeptQuery(
    lambda whose: Grant.objects.filter(whose).annotate(person_number=F("user__person")).order_by("role", "pk")
)


def grants_of(user: User, day: dt.date | None = None) -> list[Grant]:
    """The user's grants that count today, read once per user object."""
    cached: list[Grant] | None = getattr(user, "_grants_cache", None)
    if cached is None:
        cached = _GRANTS.rows(Q(user=user.pk))
        user._grants_cache = cached  # type: ignore[attr-defined]
    if not any(grant.valid_from or grant.valid_to for grant in cached):
        return cached  # asked for some fifty times a page: the day matters to few
    today = day or timezone.localdate()
    return [grant for grant in cached if grant.active_on(today)]


def forget_grants(user: User) -> None:
    user.__dict__.pop("_grants_cache", None)
    user.__dict__.pop("_scope_cache", None)


def roles_of(user: User | AnonymousUser) -> set[str]:
    return {grant.role for grant in grants_of(user)} if isinstance(user, User) and user.is_active else set()


OUTSIDE = frozenset({"candidate", "staffing_partner", "client_contact"})
"""Roles of those who do not belong to the house."""


def of_the_house(user: User | AnonymousUser) -> bool:
    """Has a role of the house, or is a person of its plan: somebody who works here, hired people too."""
    return isinstance(user, User) and (bool(roles_of(user) - OUTSIDE) or _is_person(user))


def _subject(grant: Grant) -> int:
    """Whose own things a self-grant reaches: the user's, or those of the person stood in for."""
    return grant.deputy_for_id or grant.user_id


def _scope_ids(user: User, grant: Grant) -> list[int]:
    if grant.scope_id is None:
        return []
    expand = _EXPAND.get(grant.scope)
    if expand is None:
        return [grant.scope_id]
    cache: dict[tuple[str, int], list[int]] = user.__dict__.setdefault("_scope_cache", {})
    found = cache.get((grant.scope, grant.scope_id))
    if found is None:
        found = cache[(grant.scope, grant.scope_id)] = sorted(set(expand(grant.scope_id)) | {grant.scope_id})
    return found


def _rows(grant: Grant, entity: str, verb: str) -> list[Row]:
    return [row for row in _FOUND.get((grant.role, grant.scope, entity), ()) if verb in row.verbs]


def _wide(row: Row) -> bool:
    return row.scope in {Scope.ORGANISATION, Scope.UNIT} and not ROLES[row.role].strict


def _confidentiality(kind: EntityType) -> str:
    """The path to what says how confidential an entity is: its own field, or that of what it stands in; empty: nothing says."""
    if kind.confidentiality:
        return kind.confidentiality
    own = any(field.name == "confidentiality" for field in kind.model._meta.get_fields())
    return "confidentiality" if own else ""


def _whole(label: str) -> type[models.Model] | None:
    """What a kind of thing is a part of: the rows of the whole count."""
    kind = ENTITIES.get(label)
    return kind.whole if kind is not None else None


# ── as a filter ──────────────────────────────────────────────────────────────────────────────────


def _path_q(model: type[models.Model], path: str, values: Sequence[int]) -> Q:
    if path.startswith("*"):
        return Q(pk__in=numbers(model, Q(**{f"{path[1:]}__in": list(values)})))
    if len(values) == 1:
        return Q(**{path: values[0]})
    return Q(**{f"{path}__in": list(values)})


def _grant_q(user: User, grant: Grant, row: Row) -> Q | None:
    kind = entity_type(row.entity)
    if kind.catalogue:
        scope_q = ~NOTHING
    elif grant.scope == Scope.SELF:
        paths = kind.own.get(grant.role, ())
        scope_q = Q()
        for path in paths:
            scope_q |= _path_q(kind.model, path, [_subject(grant)])
        if not paths:
            return None
    elif grant.scope_id is None:
        if grant.scope != Scope.ORGANISATION:
            return None
        scope_q = ~NOTHING
    else:
        scope_path = kind.scopes.get(grant.scope)
        if scope_path is None:
            return None
        scope_q = _path_q(kind.model, scope_path, _scope_ids(user, grant))
    for name, values in row.when:
        scope_q &= _one_of(name, values)
    if _wide(row) and (secret := _confidentiality(kind)):
        scope_q &= ~Q(**{secret: Confidentiality.STRICT})
    return scope_q


def _one_of(name: str, values: tuple[Any, ...]) -> Q:
    """A field with one of these values; None among them: also an empty one, which SQL finds no other way."""
    found = Q(**{f"{name}__in": [value for value in values if value is not None]})
    return found | Q(**{f"{name}__isnull": True}) if None in values else found


def visible(user: User | AnonymousUser | None, model: type[models.Model], verb: str = "view") -> Q:
    """What of ``model`` the user may ``verb``. ``None`` is Stellwerk itself (jobs, commands): everything."""
    if user is None:
        return ~NOTHING
    if not isinstance(user, User) or not user.is_active:
        return NOTHING
    label = str(model._meta.label_lower)
    whole = _whole(label)
    if whole is not None:
        return Q(**{f"{ENTITIES[label].part_of}__in": numbers(whole, visible(user, whole, verb))})
    total: Q | None = None
    for grant in grants_of(user):
        for row in _rows(grant, label, verb):
            part = _grant_q(user, grant, row)
            if part is not None:
                total = part if total is None else total | part
    if (own := _own_row(user, label, verb)) is not None:
        mine = Q(**{own.path: user.pk})
        total = mine if total is None else total | mine
    return NOTHING if total is None else total & _seen_with(user, label)


def _seen_with(user: User, label: str) -> Q:
    """Rows that lead to something else are reached by who sees that as well."""
    kind, also = ENTITIES.get(label), Q()
    for name in kind.seen_with if kind is not None else ():
        other = cast("type[models.Model]", kind.model._meta.get_field(name).related_model)  # type: ignore[union-attr]
        also &= Q(**{name: None}) | Q(**{f"{name}__in": numbers(other, visible(user, other))})
    return also


def visible_rows(
    user: User | AnonymousUser | None, queryset: models.QuerySet[M], verb: str = "view"
) -> models.QuerySet[M]:
    return queryset.filter(visible(user, queryset.model, verb))


# ── as a predicate ───────────────────────────────────────────────────────────────────────────────


def _follow(obj: models.Model, path: str) -> Any:
    value: Any = obj
    for part in path.split("__"):
        if value is None:
            return None
        value = getattr(value, part)
    return value


def _path_matches(obj: models.Model, path: str, values: Sequence[int]) -> bool:
    if path.startswith("*"):
        if obj.pk is None:
            return _starts_at(obj, path[1:], values)
        return type(obj)._default_manager.filter(pk=obj.pk, **{f"{path[1:]}__in": values}).exists()
    return _follow(obj, path) in values


def _starts_at(obj: models.Model, path: str, values: Sequence[int]) -> bool:
    """For an object that is being created: its own foreign key leads on to rows that are there already."""
    name, _separator, rest = path.partition("__")
    field = obj._meta.get_field(name)
    if not rest or not isinstance(field, models.ForeignKey):
        return False
    other = getattr(obj, name)
    return other is not None and type(other)._default_manager.filter(pk=other.pk, **{f"{rest}__in": values}).exists()


def _grant_matches(user: User, grant: Grant, row: Row, obj: models.Model) -> bool:
    kind = entity_type(row.entity)
    if _wide(row) and (secret := _confidentiality(kind)) and _follow(obj, secret) == Confidentiality.STRICT:
        return False
    if any(_follow(obj, name) not in values for name, values in row.when):
        return False
    if kind.catalogue:
        return True
    if grant.scope == Scope.SELF:
        return any(_path_matches(obj, path, [_subject(grant)]) for path in kind.own.get(grant.role, ()))
    if grant.scope_id is None:
        return grant.scope == Scope.ORGANISATION
    path = kind.scopes.get(grant.scope)
    return path is not None and _path_matches(obj, path, _scope_ids(user, grant))


def can(
    user: User | AnonymousUser | None,
    verb: str,
    subject: models.Model | type[models.Model] | str,
    *,
    without: Container[int] = (),
) -> bool:
    """May the user ``verb`` this object; for a type or label: may they do it to any object at all?

    ``without``: leave out what the user may only do in the place of these users (their deputy).
    """
    if user is None:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    label = subject if isinstance(subject, str) else str(subject._meta.label_lower)
    whole = _whole(label)
    if whole is not None:
        about = getattr(subject, ENTITIES[label].part_of) if isinstance(subject, models.Model) else whole
        return can(user, verb, about, without=without)
    for grant in grants_of(user):
        if grant.deputy_for_id is not None and grant.deputy_for_id in without:
            continue
        for row in _rows(grant, label, verb):
            if not isinstance(subject, models.Model):
                return True
            if _grant_matches(user, grant, row, subject):
                return _sees_what_it_leads_to(user, subject)
    own = _own_row(user, label, verb)
    if own is None or (isinstance(subject, models.Model) and _follow(subject, own.path) != user.pk):
        return False
    return not isinstance(subject, models.Model) or _sees_what_it_leads_to(user, subject)


def roles_that_may(user: User, verb: str, obj: models.Model) -> set[str]:
    """The roles by which the user may ``verb`` this object: whose limit of authority counts, for example."""
    label = str(obj._meta.label_lower)
    return {
        grant.role
        for grant in (grants_of(user) if user.is_active else [])
        if any(_grant_matches(user, grant, row, obj) for row in _rows(grant, label, verb))
    }


def _sees_what_it_leads_to(user: User, obj: models.Model) -> bool:
    kind = ENTITIES.get(str(obj._meta.label_lower))
    others = (getattr(obj, name) for name in (kind.seen_with if kind is not None else ()))
    return all(other is None or can(user, "view", other) for other in others)


def require(user: User | AnonymousUser | None, verb: str, subject: models.Model | type[models.Model] | str) -> None:
    """Refuse with a clear message unless :func:`can`."""
    if not can(user, verb, subject):
        raise NotAllowed()


def users_who_can(verb: str, obj: models.Model) -> list[User]:
    """Active users who may ``verb`` this object (for notifications and duties)."""
    label = str(obj._meta.label_lower)
    while (whole := _whole(label)) is not None:  # the rows of the whole count, also for parts of parts
        label = str(whole._meta.label_lower)
    roles = {row.role for row in TABLE if row.entity == label and verb in row.verbs}
    candidates = User.objects.filter(grants__role__in=roles, is_active=True).distinct().prefetch_related("grants")
    return [user for user in candidates if can(user, verb, obj)]
