"""Role assignments with what they reach, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Case, CharField, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.db import fold
from stellwerk.core.models import Confidentiality, Grant, Scope, User
from stellwerk.core.permissions import ROLES, grants_of, visible
from stellwerk.core.registry import ENTITIES

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
