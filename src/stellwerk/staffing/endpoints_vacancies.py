"""Vacancies in the API, with their requirements and languages, and the words in which they and profiles are described."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from stellwerk.core.access import actor
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.resources import Action, Child, Resource, add_resource
from stellwerk.core.api.schemas import READ_PROBLEMS, ReasonIn, Strict, page_of, register_reference
from stellwerk.core.api.values import for_reader, refuse_unstorable, resolve
from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.core.text import normalise
from stellwerk.staffing.choices import ContractForm, TermKind
from stellwerk.staffing.forms_vacancies import NEEDS, SPOKEN
from stellwerk.staffing.models import Partner, PayBand, Term, Vacancy
from stellwerk.staffing.selectors.ads import company_told
from stellwerk.staffing.selectors.readers import is_inside
from stellwerk.staffing.services import pay_bands, vacancies
from stellwerk.staffing.services.terms import terms_for
from stellwerk.staffing.term_input import term_called
from stellwerk.staffing.vocabulary import vocabulary

router = Router()
VACANCY, PROFILE = "staffing.vacancy", "staffing.profile"
BASE = ("key", "version", "state", "confidentiality", "archived_at", "created_at", "updated_at")
Form = Literal[tuple(ContractForm.values)]  # type: ignore[valid-type]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1, two letters.")]
PLACE: dict[str, Any] = {
    "country": Country,
    "latitude": Annotated[float, Field(ge=-90, le=90)],
    "longitude": Annotated[float, Field(ge=-180, le=180)],
}


def _term(text: str) -> Term | None:
    return terms_for([text]).get(text) or term_called(text)


register_reference(Term, "code", _term)


def refuse(values: dict[str, Any], names: tuple[str, ...]) -> None:
    """Fields that this caller may not write. Errors: ``Invalid`` with each of them."""
    told = [name for name in names if name in values]
    if told:
        raise Invalid({name: [_("You may not set this field.")] for name in told})


# ── words ────────────────────────────────────────────────────────────────────────────────────────


class TermOut(Schema):
    code: str
    kind: Literal[tuple(TermKind.values)]  # type: ignore[valid-type]
    name: str = Field(..., description="In German.")
    name_en: str


@router.get(
    "/terms", response={200: page_of("Term", TermOut), **READ_PROBLEMS}, tags=["Vacancies"], operation_id="list_terms",
    summary="Words of requirements and skills",
    description="The vocabulary that Stellwerk brings. Other words are found by their name when they are referred to.",
)  # fmt: skip
def list_terms(
    request: HttpRequest,
    q: str = Query("", max_length=100, description="Is in one of the names, in either language."),  # type: ignore[type-arg]
    page: int = Query(1, ge=1, le=1_000_000),  # type: ignore[type-arg]
    page_size: int = Query(100, ge=1, le=500),  # type: ignore[type-arg]
) -> Any:
    check_scope(request, "read", VACANCY)
    if not (can(actor(request), "view", VACANCY) or can(actor(request), "view", PROFILE)):
        raise NotAllowed()
    refuse_unstorable("q", q)
    wanted = normalise(q)
    found = [
        {"code": word.code, "kind": word.kind, "name": word.names["de"], "name_en": word.names["en"]}
        for word in sorted(vocabulary().values(), key=lambda one: one.code)
        if not wanted or any(wanted in normalise(label) for label in word.labels())
    ]
    items = found[(page - 1) * page_size : page * page_size]
    return {"items": items, "count": len(found), "page": page, "page_size": page_size}


# ── vacancies ────────────────────────────────────────────────────────────────────────────────────


class ShareIn(Strict):
    partners: list[str] = Field(..., max_length=500, description="Keys of all partners that may see it: exactly these.")


class CopyIn(Strict):
    pass


@for_reader
def _client(vacancy: Vacancy, user: User) -> str | None:
    return vacancy.client.key if can(user, "view", vacancy.client) else None


@for_reader
def _company(vacancy: Vacancy, user: User) -> str:
    """The name, or what the ad tells while it is covered."""
    if is_inside(user) or can(user, "view", vacancy.client):
        return vacancy.client.name
    return company_told(vacancy)


@for_reader
def _demand(vacancy: Vacancy, user: User) -> str | None:
    demand = vacancy.demand
    return demand.key if demand is not None and can(user, "view", demand) else None


@for_reader
def _rate_cap(vacancy: Vacancy, user: User) -> int | None:
    return vacancy.rate_cap if can(user, "rates", vacancy) else None


@for_reader
def _wishes(vacancy: Vacancy, user: User) -> str | None:
    return vacancy.wishes if is_inside(user) or can(user, "edit", vacancy) else None


@for_reader
def _shared(vacancy: Vacancy, user: User) -> list[str]:
    return [row.partner.key for row in vacancy.shares.all()] if is_inside(user) else []


def _check(values: dict[str, Any], user: User, vacancy: Vacancy | None) -> dict[str, Any]:
    if not is_inside(user):
        refuse(values, ("rate_cap", "confidentiality", "role"))
    elif not can(user, "rates", vacancy or VACANCY):
        refuse(values, ("rate_cap",))
    return values


def _create(values: dict[str, Any], *, by: Any) -> Vacancy:
    return vacancies.create_vacancy(values=_check(values, by, None), by=by)


def _edit(obj: Any, values: dict[str, Any], *, by: Any, version: Any, reason: str) -> Vacancy:
    return vacancies.edit_vacancy(vacancy=obj, values=_check(values, by, obj), by=by, version=version, reason=reason)


def _share(obj: Any, data: Any, user: User) -> Any:
    partners = [resolve(user, Partner, "partners", key) for key in data.partners]
    return vacancies.share_vacancy(vacancy=obj, partners=partners, by=user)  # type: ignore[arg-type]


def _copy(obj: Any, data: Any, user: User) -> Any:
    return vacancies.copy_vacancy(vacancy=obj, by=user)


_TEXTS = (
    "title", "title_en", "intro", "intro_en", "tasks", "tasks_en", "wanted", "wanted_en", "offer", "offer_en",
)  # fmt: skip
_TERMS = (
    "contract_forms", "positions", "industry", "years", "remote", "workload_least", "workload_most", "start",
    "latest_start", "last_day", "team", "pay_unit", "currency", "pay_least", "pay_most", "pay_reason", "city", "places",
    "postcode", "country", "latitude", "longitude",
)  # fmt: skip
add_resource(
    router,
    Resource(
        Vacancy,
        "vacancies",
        read=(*BASE, "number", "edition", "role", *_TEXTS, *_TERMS, "published_at", "filled_at"),
        write=("client", "role", *_TEXTS, *_TERMS, "rate_cap", "wishes", "confidentiality"),
        fixed=("client",),
        shapes={"contract_forms": list[Form]} | PLACE,  # type: ignore[valid-type]
        computed={
            "client": (str | None, _client), "company": (str, _company), "demand": (str | None, _demand),
            "rate_cap": (int | None, _rate_cap), "wishes": (str | None, _wishes), "shared_with": (list[str], _shared),
        },
        create=_create,
        edit=_edit,
        queryset=lambda: Vacancy.objects.select_related(
            "client__industry", "demand__project__programme", "demand__project__manager", "demand__project__sponsor"
        ).prefetch_related("shares__partner"),
        children=(Child(NEEDS), Child(SPOKEN)),
        actions=(
            Action("share", _share, ShareIn, verb="share", summary="Which partners may see it"),
            Action("copy", _copy, CopyIn, verb="publish", summary="The same again as a draft", status=201),
        ),
    ),
)  # fmt: skip


# ── pay bands ────────────────────────────────────────────────────────────────────────────────────


def _create_band(values: dict[str, Any], *, by: Any) -> PayBand:
    return pay_bands.create_band(values=values, by=by)


def _edit_band(obj: Any, values: dict[str, Any], *, by: Any, version: Any, reason: str) -> PayBand:
    return pay_bands.edit_band(band=obj, values=values, by=by, version=version, reason=reason)


def _end_band(obj: Any, data: Any, user: User) -> Any:
    return pay_bands.end_band(band=obj, by=user, version=data.version, reason=data.reason)


_BAND = ("least", "most", "unit", "currency", "source", "day")
add_resource(
    router,
    Resource(
        PayBand,
        "pay-bands",
        read=("id", "version", "organisation", "role", *_BAND, "ended_on"),
        write=("role", *_BAND),
        fixed=("role", "unit"),
        create=_create_band,
        edit=_edit_band,
        actions=(Action("end", _end_band, ReasonIn, summary="It counts no longer: the general guidance does again"),),
    ),
)
