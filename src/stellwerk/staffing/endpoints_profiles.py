"""Profiles in the API: made and changed by the services behind the pages; consents, what is held, erasure."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
import json
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StrictBool

from stellwerk.core.access import actor
from stellwerk.core.api.declare import Action, Child, Resource
from stellwerk.core.api.resources import add_resource
from stellwerk.core.api.schemas import READ_PROBLEMS, Strict
from stellwerk.core.api.values import for_reader
from stellwerk.core.errors import Invalid, WrongState
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.staffing.choices import CONSENT_STATES, ConsentKind, ContractForm, ProfileKind
from stellwerk.staffing.endpoints_vacancies import BASE, PLACE, Country, refuse
from stellwerk.staffing.forms_profiles import ROWS
from stellwerk.staffing.models import Consent, Profile
from stellwerk.staffing.selectors.profiles import LIVE_CONSENTS
from stellwerk.staffing.selectors.readers import is_inside
from stellwerk.staffing.services import consents
from stellwerk.staffing.services.erasing import erase_profile
from stellwerk.staffing.services.exports import held_about
from stellwerk.staffing.services.profiles import create_profile, edit_profile

router = Router()
Kind = Literal[tuple(ConsentKind.values)]  # type: ignore[valid-type]
Form = Literal[tuple(ContractForm.values)]  # type: ignore[valid-type]
Link = Annotated[str, Field(pattern=r"^https?://[^\s<>\"]{4,300}$")]


class ConsentOut(Schema):
    kind: Kind  # type: ignore[valid-type]
    state: Literal[tuple(code for code, _name in CONSENT_STATES)]  # type: ignore[valid-type]
    text_version: str
    given_at: dt.datetime
    expires: dt.date | None
    ended_at: dt.datetime | None
    evidence: str


class GiveIn(Strict):
    kind: Kind  # type: ignore[valid-type]
    evidence: str = Field("", max_length=200, description="How and when the person agreed; not needed by the person.")


class ConsentIn(Strict):
    kind: Kind  # type: ignore[valid-type]


class EraseIn(Strict):
    sure: StrictBool = Field(..., description="True: there is no way back.")
    reason: str = Field("", max_length=500)


class HeldOut(Schema):
    profile: str
    tables: dict[str, list[dict[str, Any]]] = Field(..., description="Every stored row, by table.")


# ── what is shown ────────────────────────────────────────────────────────────────────────────────


@for_reader
def _person(profile: Profile, user: User) -> str | None:
    person = profile.person
    return person.key if person is not None and can(user, "view", person) else None


@for_reader
def _partner(profile: Profile, user: User) -> str | None:
    """Whose candidate it is: for the house and the partner itself."""
    partner = profile.partner
    return partner.key if partner is not None and (is_inside(user) or can(user, "view", partner)) else None


def _consents(profile: Profile) -> list[dict[str, Any]]:
    names = ("kind", "state", "text_version", "given_at", "expires", "ended_at", "evidence")
    return [{name: getattr(row, name) for name in names} for row in profile.consents.all()]


# ── what is written ──────────────────────────────────────────────────────────────────────────────


def _check(values: dict[str, Any], user: User, profile: Profile | None) -> dict[str, Any]:
    if not is_inside(user):
        refuse(values, ("partner", "person", "confidentiality"))
        if profile is not None and profile.user_id == user.pk:
            refuse(values, ("kind", "email"))
        if values.get("kind") == ProfileKind.EMPLOYEE:
            raise Invalid({"kind": [_("A partner proposes applicants and freelancers.")]})
    return values


@transaction.atomic
def _create(values: dict[str, Any], *, by: Any) -> Profile:
    """A partner's candidate needs the word that they agreed; others stay drafts without it."""
    agreed = str(values.pop("agreed", None) or "").strip()
    if not agreed and not is_inside(by):
        raise Invalid({"agreed": [_("Please say how and when the person agreed.")]})
    profile = create_profile(values=_check(values, by, None), by=by)
    if agreed:
        kind = ConsentKind.PARTNER if profile.partner_id else ConsentKind.PROCESS
        consents.give(profile=profile, kind=kind, by=by, evidence=agreed)
    return profile


def _edit(obj: Any, values: dict[str, Any], *, by: Any, version: Any, reason: str) -> Profile:
    return edit_profile(profile=obj, values=_check(values, by, obj), by=by, version=version, reason=reason)


def _give(obj: Any, data: Any, user: User) -> Any:
    if data.kind == ConsentKind.PARTNER and obj.partner_id is None:
        raise Invalid({"kind": [_("Nobody proposes this person: there is no partner.")]})
    consents.give(profile=obj, kind=data.kind, by=user, evidence=data.evidence, own=obj.user_id == user.pk)
    return obj


def _living(profile: Profile, kind: str) -> Consent:
    row = Consent.objects.filter(profile=profile, kind=kind, state__in=LIVE_CONSENTS).first()
    if row is None:
        raise WrongState(_("No such consent is alive."))
    return row


def _renew(obj: Any, data: Any, user: User) -> Any:
    consents.renew(consent=_living(obj, data.kind), by=user)
    return obj


def _withdraw(obj: Any, data: Any, user: User) -> Any:
    consents.withdraw(consent=_living(obj, data.kind), by=user)
    return obj


def _erase(obj: Any, data: Any, user: User) -> Any:
    if not data.sure:
        raise Invalid({"sure": [_("Please confirm that everything is to be erased.")]})
    return erase_profile(profile=obj, by=user, reason=data.reason)


_NAMED = ("kind", "first_name", "last_name", "email", "phone", "language", "headline", "summary", "links", "years")
_OFFER = (
    "available", "workload_least", "workload_most", "workload_wish", "city", "postcode", "country", "latitude",
    "longitude", "radius", "remote_wish", "permits", "contract_forms", "pay_unit", "currency", "asks", "pay_wish",
    "team_least", "team_most", "wishes", "industries",
)  # fmt: skip
PROFILES = Resource(
    Profile,
    "profiles",
    read=(*BASE, *_NAMED, *_OFFER, "source", "locked_at", "erase_on"),
    write=(*_NAMED, *_OFFER, "partner", "person", "confidentiality"),
    shapes={
        "contract_forms": list[Form], "permits": list[Country],  # type: ignore[valid-type]
        "links": Annotated[list[Link], Field(max_length=10)],
    } | PLACE,
    extra={"agreed": Annotated[str, Field(max_length=200, description="How and when the person agreed.")]},
    fixed=("agreed",),
    computed={
        "person": (str | None, _person), "partner": (str | None, _partner), "consents": (list[ConsentOut], _consents),
    },
    create=_create,
    edit=_edit,
    queryset=lambda: Profile.objects.select_related("person", "partner").prefetch_related("consents"),
    children=tuple(Child(rows) for rows in ROWS),
    actions=(
        Action("agree", _give, GiveIn, summary="Record a consent"),
        Action("renew", _renew, ConsentIn, summary="Renew a consent that is alive"),
        Action("withdraw", _withdraw, ConsentIn, summary="Withdraw a consent; processes that rest on it end"),
        Action("erase", _erase, EraseIn, verb="erase", summary="Erase the personal data for good"),
    ),
)  # fmt: skip
add_resource(router, PROFILES)


@router.get(
    "/profiles/{key}/data", response={200: HeldOut, **READ_PROBLEMS}, tags=PROFILES.tags, operation_id="data_profiles",
    summary="Everything that is held on the person", description="Each such answer is written down in the history.",
)  # fmt: skip
def held(request: HttpRequest, key: str) -> Any:
    user = actor(request)
    found = held_about(profile=PROFILES.one(request, key, "export", scope="read"), by=user)
    return json.loads(json.dumps(found, default=str))
