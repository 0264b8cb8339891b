"""The catalogue of skills, what people say they can, and what their line manager confirms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.db import fold
from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.permissions import can, require
from stellwerk.people.models import PersonSkill, Skill, SkillLevel

CLAIMED: Final = ("skill", "claimed")


@transaction.atomic
def create_skill(values: Mapping[str, Any], *, by: User | None) -> Skill:
    """A skill of the catalogue. Errors: ``Invalid`` (the name is taken), ``NotAllowed``."""
    tidy = _tidy(values)
    _refuse_same_name(None, tidy)
    return services.create(Skill, tidy, by=by)


@transaction.atomic
def edit_skill(
    skill: Skill, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> Skill:
    """Errors: ``Invalid`` (the name is taken), ``NotAllowed``, ``StaleEdit``, ``Refused`` (archived)."""
    tidy = _tidy(values)
    _refuse_same_name(skill, tidy)
    return services.edit(skill, tidy, by=by, version=version, reason=reason)


def _tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    names = {"name", "name_en", "category"}
    return {key: " ".join(value.split()) if key in names else value for key, value in values.items()}


def _refuse_same_name(skill: Skill | None, values: Mapping[str, Any]) -> None:
    """Two skills of one name would be confirmed and asked for side by side."""
    others = Skill.objects.filter(archived_at=None).exclude(pk__in=[skill.pk] if skill else [])
    for code in ("name", "name_en"):
        wanted = fold(values.get(code) or "")
        if not wanted:
            continue
        for key, name, name_en in others.values_list("key", "name", "name_en"):
            if wanted in {fold(name), fold(name_en)}:
                raise Invalid({code: [_("This skill is in the catalogue already: %(key)s.") % {"key": key}]})


@transaction.atomic
def claim_skill(values: Mapping[str, Any], *, by: User | None) -> PersonSkill:
    """What somebody says of a person (``person``, ``skill``, ``claimed``). Errors: ``Invalid`` (named already), ``NotAllowed``."""
    _refuse_foreign(values, {"person", *CLAIMED})
    person, skill = values.get("person"), values.get("skill")
    if skill is not None and skill.archived_at is not None:
        raise Invalid({"skill": [_("This skill is archived.")]})
    if person is not None and skill is not None and PersonSkill.objects.filter(person=person, skill=skill).exists():
        raise Invalid({"skill": [_("This skill is named already. Change its level there.")]})
    return services.create(PersonSkill, values, by=by)


@transaction.atomic
def edit_claim(
    row: PersonSkill, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> PersonSkill:
    """Another claimed level; what is confirmed stays until somebody confirms again. Errors: ``NotAllowed``, ``StaleEdit``, ``Invalid``."""
    _refuse_foreign(values, {"claimed"})
    return services.edit(row, values, by=by, version=version, reason=reason)


def _refuse_foreign(values: Mapping[str, Any], known: set[str]) -> None:
    """Nobody confirms by the way: the confirmed level has a step of its own."""
    foreign = {name: [_("This is set when the skill is confirmed.")] for name in values.keys() - known}
    if foreign:
        raise Invalid(foreign)


def may_confirm(row: PersonSkill, user: User) -> bool:
    """Line managers confirm, never their own skills, and not as the deputy of the very person."""
    own = row.person.user_id
    return own != user.pk and can(user, "confirm", row, without=[own] if own is not None else [])


@transaction.atomic
def confirm_skill(
    row: PersonSkill,
    *,
    level: int,
    expires: dt.date | None,
    by: User,
    version: int | None = None,
    reason: str = "",
    change_set: ChangeSet | None = None,
) -> PersonSkill:
    """The level that counts for matching, today's date, who says so, until when. Errors: ``NotAllowed`` (own skill), ``Invalid``, ``StaleEdit``."""
    if row.person.user_id == by.pk:
        raise NotAllowed(
            _("Nobody confirms their own skills."), _("Ask your line manager, or their manager."), code="own_skill"
        )
    require(by, "confirm", row)
    if not may_confirm(row, by):
        raise NotAllowed()
    if level not in SkillLevel.values:
        raise Invalid({"level": [_("Levels go from 0 to 4.")]})
    today = timezone.localdate()
    if expires is not None and expires < today:
        raise Invalid({"expires": [_("This day lies in the past.")]})
    values = {"confirmed": level, "confirmed_by": by, "confirmed_on": today, "expires": expires}
    return services.write(
        row, values, by=by, version=version, verb="confirm_skill", reason=reason, change_set=change_set
    )
