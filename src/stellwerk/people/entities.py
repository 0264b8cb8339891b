"""How the core finds, permits and links the entities of this app."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from stellwerk.core.history import register_verb
from stellwerk.core.models import Grant, Setting, User
from stellwerk.core.permissions import expand_scope
from stellwerk.core.registry import EntityType, register_entity
from stellwerk.people.models import (
    Absence,
    Location,
    Organisation,
    Person,
    PersonRate,
    PersonSkill,
    Role,
    RoleRate,
    Skill,
    Unit,
    WorkingPattern,
)

register_entity(
    EntityType(
        Organisation,
        icon="building",
        url_name="people:organisation-detail",
        scopes={"organisation": "id", "unit": "*units"},
        search=("key", "name", "legal_name"),
    )
)
register_entity(
    EntityType(
        Unit,
        icon="sitemap",
        url_name="people:unit-detail",
        scopes={"organisation": "organisation_id", "unit": "id", "portfolio": "*portfolios"},
        own={"resource_manager": ("manager__user_id",)},
        search=("key", "name", "cost_centre"),
        related=("organisation", "parent", "manager"),
    )
)
register_entity(
    EntityType(
        Location,
        icon="map-pin",
        scopes={"organisation": "organisation_id"},
        comments=False,
        attachments=False,
    )
)
register_entity(
    EntityType(Role, icon="id-badge", url_name="people:role-detail", search=("key", "name", "name_en"), catalogue=True)
)
register_entity(
    EntityType(
        Person,
        icon="user",
        url_name="people:person-detail",
        scopes={"organisation": "unit__organisation_id", "unit": "unit_id"},
        own=dict.fromkeys(
            ("team_member", "project_manager", "programme_manager", "sponsor", "candidate"), ("user_id",)
        ),
        search=("key", "first_name", "last_name", "email"),
        related=("unit", "role", "location", "user"),
    )
)
register_entity(
    EntityType(Skill, icon="award", url_name="people:skill-detail", search=("key", "name", "name_en"), catalogue=True)
)
_OF_THE_PERSON = {"organisation": "person__unit__organisation_id", "unit": "person__unit_id"}
_OWN = dict.fromkeys(("team_member", "project_manager", "programme_manager", "sponsor"), ("person__user_id",))
for _model, _icon in (
    (PersonSkill, "award"), (WorkingPattern, "clock"), (Absence, "calendar"), (PersonRate, "currency-euro"),
):  # fmt: skip
    register_entity(
        EntityType(
            _model,
            icon=_icon,
            scopes=_OF_THE_PERSON,
            own=_OWN if _model is not PersonRate else {},
            related=("person",),
            confidentiality="person__confidentiality",
            private=("kind", "note") if _model is Absence else (),
            comments=False,
            attachments=False,
        )
    )
register_entity(EntityType(RoleRate, icon="currency-euro", catalogue=True, comments=False, attachments=False))
register_entity(
    EntityType(
        User,
        icon="user-circle",
        url_name="people:user-detail",
        url_by="pk",
        search=("name", "email"),
        comments=False,
        attachments=False,
    )
)
register_entity(EntityType(Grant, icon="key", comments=False, attachments=False))
register_entity(EntityType(Setting, icon="settings", comments=False, attachments=False))


def units_below(unit_id: int) -> Iterable[int]:
    """The numbers of all units below a unit, by levels."""
    found: list[int] = []
    level = [unit_id]
    while level:
        level = list(
            Unit.objects.filter(parent__in=level).exclude(pk__in=[*found, unit_id]).values_list("pk", flat=True)
        )
        found.extend(level)
    return found


expand_scope("unit", units_below)

for _verb, _label in (
    ("link_account", _("account linked")), ("invite", _("invited by mail")), ("close", _("account closed")),
    ("reopen", _("account opened again")), ("edit_profile", _("own settings changed")), ("grant", _("role assigned")),
    ("end", _("role ended")), ("end_grant", _("role ended")), ("confirm_skill", _("skill confirmed")), ("remove", _("removed")),
):  # fmt: skip
    register_verb(_verb, _label)
