"""Contracts in the API: drafted, changed, signed, extended by the services behind the pages; figures only for whom the table allows."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

from typing import Any, Literal

from ninja import Router, Schema
from pydantic import Field

from stellwerk.core.api.resources import Action, Child, Resource, add_resource
from stellwerk.core.api.schemas import VERSION, Day, Strict
from stellwerk.core.api.values import for_reader
from stellwerk.core.models import User
from stellwerk.staffing.forms_contracts import EARLIER
from stellwerk.staffing.models import Contract
from stellwerk.staffing.selectors.contracts import figures_for, limits
from stellwerk.staffing.services import contracts

router = Router()
BASE = ("key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality", "owner")
Way = Literal["text", "qualified", "written"]


class SignatureIn(Strict):
    side: Literal["us", "client", "person", "partner"]
    name: str = Field(..., min_length=1, max_length=160)
    way: Way = "text"
    signed_on: Day


class ExtensionIn(Strict):
    version: int | None = VERSION
    last: Day
    way: Way = "text"


class StepIn(Strict):
    step: Literal["told", "council"]


class ContractFiguresOut(Schema):
    """Minor units; null where it is not known, or not for this reader."""

    pay: int | None
    rate: int | None
    margin: int | None


@for_reader
def _figures(contract: Contract, user: User) -> dict[str, Any]:
    found = figures_for(user, contract, limits())
    return {"pay": found.pay, "rate": found.rate, "margin": found.margin.amount if found.margin else None}


def _sign(obj: Any, data: Any, user: User) -> Any:
    contracts.record_signature(
        contract=obj, side=data.side, name=data.name, way=data.way, signed_on=data.signed_on, by=user
    )
    return Contract.objects.get(pk=obj.pk)


def _extend(obj: Any, data: Any, user: User) -> Any:
    return contracts.propose_extension(contract=obj, last=data.last, way=data.way, version=data.version, by=user)


def _step(obj: Any, data: Any, user: User) -> Any:
    return contracts.confirm_step(contract=obj, step=data.step, by=user)


def _create(values: dict[str, Any], *, by: Any) -> Contract:
    return contracts.create_contract(values=values, by=by, match=values.pop("match", None))


def _edit(obj: Any, values: dict[str, Any], *, by: Any, version: Any, reason: str) -> Contract:
    return contracts.edit_contract(contract=obj, values=values, by=by, version=version, reason=reason)


_TERMS = (
    "form",
    "partner",
    "first",
    "last",
    "weekly_hours",
    "fixed_term",
    "unit_of_person",
    "unit",
    "currency",
    "terms",
)
_LENT = ("licence", "licence_expires", "agreement", "supplement", "left_client", "earlier_asked")
add_resource(
    router,
    Resource(
        Contract,
        "contracts",
        read=(*BASE, "state", "match", "vacancy", "profile", "client", *_TERMS),
        write=(*COMMON, "match", "vacancy", "profile", *_TERMS, *_LENT, "pay", "rate", "comparable"),
        fixed=("key", "match", "vacancy", "profile"),
        computed={"figures": (ContractFiguresOut, _figures)},
        create=_create,
        edit=_edit,
        children=(Child(EARLIER),),
        actions=(
            Action("sign", _sign, SignatureIn, summary="Record a signature"),
            Action("extend", _extend, ExtensionIn, summary="Propose an extension"),
            Action("confirm", _step, StepIn, summary="Note that the person was told or the works council agreed"),
        ),
    ),
)
