"""People, accounts and role assignments in the API."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

from typing import Any

from ninja import Router
from pydantic import StrictBool

from stellwerk.core.access import fetch
from stellwerk.core.api.resources import Action, Resource, add_resource
from stellwerk.core.models import Grant, User
from stellwerk.people import services
from stellwerk.people.models import Location, Organisation, Person, Role, Unit

router = Router()
BASE = ("key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality", "owner")

add_resource(
    router,
    Resource(
        Organisation,
        "organisations",
        create=services.create_organisation,
        edit=services.edit_organisation,
        read=(*BASE, "name", "legal_name", "currency", "fiscal_year_start", "time_zone", "country", "subdivision"),
        write=(*COMMON, "name", "legal_name", "currency", "fiscal_year_start", "time_zone", "country", "subdivision"),
        fixed=("key",),
    ),
)
add_resource(
    router,
    Resource(
        Unit,
        "units",
        create=services.create_unit,
        edit=services.edit_unit,
        read=(*BASE, "name", "organisation", "parent", "manager", "cost_centre"),
        write=(*COMMON, "name", "organisation", "parent", "manager", "cost_centre"),
        fixed=("key",),
    ),
)
add_resource(
    router,
    Resource(
        Location,
        "locations",
        create=services.create_location,
        edit=services.edit_location,
        read=("id", "version", "organisation", "name", "country", "subdivision"),
        write=("organisation", "name", "country", "subdivision"),
    ),
)
add_resource(
    router,
    Resource(
        Role,
        "project-roles",
        create=services.create_role,
        edit=services.edit_role,
        read=(*BASE, "name", "name_en", "description", "is_key_role"),
        write=(*COMMON, "name", "name_en", "description", "is_key_role"),
        fixed=("key",),
    ),
)
_PERSON = (
    "title",
    "first_name",
    "last_name",
    "email",
    "phone",
    "unit",
    "manager",
    "role",
    "location",
    "employment_type",
    "fte",
    "weekly_hours",
    "entry_date",
    "exit_date",
)
PEOPLE = Resource(
    Person,
    "people",
    create=services.create_person,
    edit=services.edit_person,
    read=(*BASE, *_PERSON, "user"),
    write=(*COMMON, *_PERSON),
    fixed=("key",),
)
add_resource(router, PEOPLE)


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────


def _create_account(values: dict[str, Any], *, by: User) -> User:
    invite = values.pop("invite", None)
    person = values.pop("person", None)
    found = fetch(by, Person, key=person) if person else None
    return services.create_account(by=by, **values, person=found, invite=invite is not False)


def _close(obj: Any, data: Any, user: User) -> User:
    return services.close_account(obj, by=user, reason=data.reason)


def _reopen(obj: Any, data: Any, user: User) -> User:
    return services.reopen_account(obj, by=user, reason=data.reason)


def _invite(obj: Any, data: Any, user: User) -> User:
    services.send_invitation(obj, by=user)
    return obj  # type: ignore[no-any-return]


add_resource(
    router,
    Resource(
        User,
        "accounts",
        create=_create_account,
        edit=services.edit_account,
        read=("id", "version", "name", "email", "language", "is_active", "last_login", "erased_at", "created_at"),
        write=("name", "email", "language"),
        extra={"person": str, "invite": StrictBool},
        fixed=("person", "invite"),
        tag="Accounts",
        actions=(
            Action("close", _close, verb="archive", summary="Nobody can sign in with it any more"),
            Action("reopen", _reopen, verb="archive", summary="Open a closed account again"),
            Action("invite", _invite, summary="Mail a link that sets a password"),
        ),
    ),
)


# ── role assignments ─────────────────────────────────────────────────────────────────────────────


def _grant(values: dict[str, Any], *, by: User) -> Grant:
    return services.grant_role(by=by, **values)


def _change_grant(obj: Any, values: dict[str, Any], *, by: User, version: int | None, reason: str) -> Grant:
    period = {"valid_from": obj.valid_from, "valid_to": obj.valid_to} | values
    return services.change_grant(obj, by=by, version=version, reason=reason, **period)


def _end(obj: Any, data: Any, user: User) -> Grant:
    return services.end_grant(obj, by=user, reason=data.reason)


_GRANT = ("user", "role", "scope", "scope_id", "valid_from", "valid_to", "deputy_for")
add_resource(
    router,
    Resource(
        Grant,
        "grants",
        create=_grant,
        edit=_change_grant,
        read=("id", "version", *_GRANT),
        write=_GRANT,
        fixed=("user", "role", "scope", "scope_id", "deputy_for"),
        tag="Role assignments",
        actions=(Action("end", _end, summary="End it at once; its last day was yesterday"),),
    ),
)
