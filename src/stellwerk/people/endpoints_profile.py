"""Skills, working patterns, absences and rates in the API. Who may not read an absence reads days without a reason."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from stellwerk.core.api.declare import Action, Resource
from stellwerk.core.api.resources import add_resource
from stellwerk.core.api.schemas import READ_PROBLEMS, VERSION, Day, Strict
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.people import services
from stellwerk.people.endpoints import PEOPLE, router
from stellwerk.people.models import WEEKDAYS, Absence, PersonRate, PersonSkill, RoleRate, Skill, WorkingPattern
from stellwerk.people.selectors.profile import days_away

MOST_DAYS = 3660

add_resource(
    router,
    Resource(
        Skill,
        "skills",
        create=services.create_skill,
        edit=services.edit_skill,
        read=(
            "key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at", "name", "name_en",
            "category", "description",
        ),
        write=("key", "confidentiality", "owner", "name", "name_en", "category", "description"),
        fixed=("key",),
    ),
)  # fmt: skip


class ConfirmSkillIn(Strict):
    level: int = Field(..., ge=0, le=4)
    expires: Day | None = Field(None, description="The last day on which the level counts; null: no end.")
    version: int | None = VERSION
    reason: str = Field("", max_length=5000)


def _confirm(obj: Any, data: Any, user: User) -> PersonSkill:
    return services.confirm_skill(
        obj, level=data.level, expires=data.expires, by=user, version=data.version, reason=data.reason
    )


class RemoveIn(Strict):
    version: int | None = VERSION
    reason: str = Field("", max_length=5000)


class RemovedEntryOut(Schema):
    removed: bool


def _remove(obj: Any, data: Any, user: User) -> dict[str, bool]:
    services.remove(obj, by=user, version=data.version, reason=data.reason)
    return {"removed": True}


REMOVE = Action(
    "remove", _remove, body=RemoveIn, answer=RemovedEntryOut, summary="Take a wrong entry away; history keeps it"
)

add_resource(
    router,
    Resource(
        PersonSkill,
        "person-skills",
        create=services.claim_skill,
        edit=services.edit_claim,
        read=("id", "version", "person", "skill", "claimed", "confirmed", "confirmed_by", "confirmed_on", "expires"),
        write=("person", "skill", "claimed"),
        fixed=("person", "skill"),
        actions=(
            Action("confirm", _confirm, body=ConfirmSkillIn, verb="confirm", summary="The level that counts; nobody confirms their own"),
            REMOVE,
        ),
    ),
)  # fmt: skip
_PATTERN = ("valid_from", *WEEKDAYS, "project_share")
add_resource(
    router,
    Resource(
        WorkingPattern,
        "working-patterns",
        create=services.set_pattern,
        edit=services.edit_pattern,
        read=("id", "version", "person", *_PATTERN),
        write=("person", *_PATTERN),
        fixed=("person",),
        actions=(REMOVE,),
    ),
)
add_resource(
    router,
    Resource(
        Absence,
        "absences",
        create=services.enter_absence,
        edit=services.edit_absence,
        read=("id", "version", "person", "first", "last", "part", "kind", "note", "source"),
        write=("person", "first", "last", "part", "kind", "note"),
        fixed=("person",),
        actions=(REMOVE,),
    ),
)
_RATE = ("kind", "amount", "currency", "valid_from", "valid_to")
add_resource(
    router,
    Resource(
        PersonRate,
        "person-rates",
        create=services.set_person_rate,
        edit=services.edit_person_rate,
        read=("id", "version", "person", *_RATE),
        write=("person", *_RATE),
        fixed=("person",),
        actions=(REMOVE,),
    ),
)
add_resource(
    router,
    Resource(
        RoleRate,
        "role-rates",
        create=services.set_role_rate,
        edit=services.edit_role_rate,
        read=("id", "version", "role", "organisation", *_RATE),
        write=("role", "organisation", *_RATE),
        fixed=("role", "organisation"),
        actions=(REMOVE,),
    ),
)


class AwayOut(Schema):
    first: dt.date
    last: dt.date
    part: int = Field(..., description="Percent of each day.")


@router.get(
    "/people/{key}/away", response={200: list[AwayOut], **READ_PROBLEMS}, tags=PEOPLE.tags, operation_id="list_people_away",
    summary="Days on which a person is away, never why",
)  # fmt: skip
def away(
    request: HttpRequest,
    key: str,
    first: Day | None = Query(None, description="From this day on; without, from today."),  # type: ignore[type-arg]  # noqa: B008
    last: Day | None = Query(None, description="To this day; without, a year from the first."),  # type: ignore[type-arg]  # noqa: B008
) -> Any:
    """Neighbouring absences are one, so that none is told by its length."""
    person = PEOPLE.one(request, key)
    begin = first or timezone.localdate()
    end = last or begin + dt.timedelta(days=365)
    if end < begin or (end - begin).days > MOST_DAYS:
        raise Invalid({"last": [_("The period ends before it begins, or is longer than ten years.")]})
    return [{"first": one.first, "last": one.last, "part": one.part} for one in days_away(person, begin, end)]
