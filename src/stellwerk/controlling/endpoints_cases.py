"""Business cases, strategic objectives and investment rounds in the API: through the services behind the pages."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StrictBool

from stellwerk.controlling.models import BusinessCase, InvestmentRound, SelectionRun, StrategicObjective
from stellwerk.controlling.selectors.cases import CaseModel, model_of
from stellwerk.controlling.selectors.rounds import hidden_keys, known, masked
from stellwerk.controlling.services.cases import MOST_DRIVERS, FlowLine, create_case, save_flows
from stellwerk.controlling.services.rounds import create_round, decide, set_limits, submit_proposals
from stellwerk.controlling.services.selection_runs import start_run
from stellwerk.core.access import actor
from stellwerk.core.api.resources import Action, Resource, add_resource
from stellwerk.core.api.schemas import BIGINT, READ_PROBLEMS, VERSION, Strict
from stellwerk.core.api.values import for_reader, refuse_unstorable
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.permissions import visible_rows
from stellwerk.engine.money import decimal, minor
from stellwerk.people.models import Role
from stellwerk.portfolio.models import Proposal, ProposalOption

router = Router()
BASE = ("key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality", "owner")
Year = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="Calendar year.")]
Minor = Annotated[int, Field(ge=-BIGINT, le=BIGINT, description="Minor units of the currency.")]
Key = Annotated[str, Field(max_length=40)]


class DriverOut(Schema):
    option: int = Field(..., description="Number of the option of the proposal.")
    name: str
    kind: str
    spending: str
    budget_effective: bool
    years: dict[str, int]


class FiguresOut(Schema):
    """Of the recommended option; undefined figures are null."""

    npv: int | None = Field(..., description="Net present value, minor units.")
    irr: list[Decimal] = Field(..., description="All internal rates of return as ratios.")
    payback: Decimal | None = Field(..., description="Years.")
    discounted_payback: Decimal | None
    bcr: Decimal | None = Field(..., description="Benefit–cost ratio.")


class DriversOut(Schema):
    version: int
    currency: str
    signed: bool
    figures: FiguresOut
    drivers: list[DriverOut]


class DriverIn(Strict):
    option: int = Field(..., ge=1, le=BIGINT, description="Number of the option of the proposal.")
    name: str = Field(..., max_length=160)
    kind: str = Field("cost", max_length=7, description="`cost` or `benefit`.")
    spending: str = Field("opex", max_length=5, description="`capex` or `opex`.")
    budget_effective: StrictBool = True
    years: dict[Year, Minor] = Field({}, max_length=60)


class DriversIn(Strict):
    """All drivers of the draft; what is not named is removed."""

    version: int | None = VERSION
    reason: str = Field("", max_length=500)
    drivers: list[DriverIn] = Field(..., max_length=MOST_DRIVERS)


class CaseStart(Strict):
    proposal: str = Field(..., max_length=40, description="Key of the proposal.")
    empty: StrictBool = Field(
        False, description="Without drivers; else those of the version before or of the proposal."
    )
    discount_rate: Decimal | None = Field(None, ge=-50, le=100, max_digits=6, decimal_places=3)
    reason_of_version: str = Field("", max_length=500, description="Why this version is made.")


# ── business cases ───────────────────────────────────────────────────────────────────────────────


def _create_case(values: dict[str, Any], *, by: User | None) -> BusinessCase:
    proposal = values["proposal"]
    if not isinstance(proposal, Proposal):  # named by a key that nobody resolved yet
        found = visible_rows(by, Proposal.objects.filter(key=proposal)).select_related("requester").first()
        if found is None:
            raise Invalid({"proposal": [_("There is no such proposal.")]})
        proposal = found
    given = {"discount_rate": values.get("discount_rate"), "reason": values.get("reason_of_version") or ""}
    kept = {name: value for name, value in given.items() if value not in (None, "")}
    return create_case(proposal=proposal, values=kept, by=by, empty=bool(values.get("empty")))


def _figures(model: CaseModel) -> dict[str, Any]:
    if model.case is None:
        return {"npv": None, "irr": [], "payback": None, "discounted_payback": None, "bcr": None}
    found = model.case.appraisal
    return {
        "npv": minor(found.npv), "irr": list(found.irr.rates), "payback": _four(found.payback),
        "discounted_payback": _four(found.discounted_payback), "bcr": _four(found.bcr),
    }  # fmt: skip


def _four(value: Any) -> Decimal | None:
    return None if value is None else decimal(value, 4)


def _shown(case: Any) -> dict[str, Any]:
    model = model_of(case)
    drivers = [
        {
            "option": int(option.key), "name": one.name, "kind": one.kind, "spending": one.spending,
            "budget_effective": one.budget_effective, "years": {str(year): amount for year, amount in sorted(one.amounts.items())},
        }
        for option in model.options
        for one in option.drivers
    ]  # fmt: skip
    return {
        "version": case.version, "currency": model.currency, "signed": model.snapshot is not None, "figures": _figures(model),
        "drivers": drivers,
    }  # fmt: skip


def _set_drivers(obj: Any, data: Any, user: User) -> dict[str, Any]:
    refuse_unstorable("drivers", [row.name for row in data.drivers])
    known = set(ProposalOption.objects.filter(proposal=obj.proposal_id).values_list("pk", flat=True))
    lines = [
        FlowLine(
            at, row.option if row.option in known else None, row.name, row.kind, row.spending, row.budget_effective,
            {int(year): amount for year, amount in row.years.items()},
        )
        for at, row in enumerate(data.drivers, start=1)
    ]  # fmt: skip
    return _shown(save_flows(case=obj, lines=lines, by=user, version=data.version, reason=data.reason))


_CASE = ("discount_rate", "swing", "public_sector", "quality_value", "external_effects", "assumptions")
CASES = Resource(
    BusinessCase,
    "business-cases",
    read=(*BASE, "state", "proposal", "number", *_CASE, "reason", "signed_at", "signed_by"),
    write=(*COMMON, *_CASE),
    create=_create_case,
    start=CaseStart,
    actions=(Action("drivers", _set_drivers, DriversIn, answer=DriversOut, summary="Replace the drivers of a draft"),),
)
add_resource(router, CASES)


@router.get(
    "/business-cases/{key}/drivers", response={200: DriversOut, **READ_PROBLEMS}, tags=CASES.tags, operation_id="list_case_drivers",
    summary="The drivers of a version by year, and its figures",
)  # fmt: skip
def case_drivers(request: HttpRequest, key: str) -> Any:
    return _shown(CASES.one(request, key))


# ── strategy ─────────────────────────────────────────────────────────────────────────────────────

_OBJECTIVE = ("name", "description", "organisation", "measure", "target", "due", "holder", "weight")
add_resource(
    router,
    Resource(StrategicObjective, "strategic-objectives", read=(*BASE, *_OBJECTIVE), write=(*COMMON, *_OBJECTIVE), fixed=("key",)),
)  # fmt: skip


# ── investment rounds ────────────────────────────────────────────────────────────────────────────


class LimitOut(Schema):
    year: int
    role: str | None = Field(..., description="Key of the project role; null: money.")
    amount: int = Field(..., description="Minor units of the round's currency, or hours.")


class ItemOut(Schema):
    proposal: str
    decision: str
    reason: str
    project: str | None


class LimitIn(Strict):
    year: int = Field(..., ge=1990, le=2100)
    role: Key | None = Field(None, description="Key of the project role; without: money.")
    amount: int = Field(..., ge=0, le=10**15)


class LimitsIn(Strict):
    """All limits; what is not named is removed."""

    version: int | None = VERSION
    limits: list[LimitIn] = Field(..., max_length=2000)


class SubmitIn(Strict):
    version: int | None = VERSION
    proposals: list[Key] = Field(..., min_length=1, max_length=500, description="Keys of the proposals.")


class RoundDecisionIn(Strict):
    proposal: Key
    decision: str = Field(..., max_length=6, description="`in`, `out`, `later` or empty.")
    reason: str = Field("", max_length=300)


class DecisionsIn(Strict):
    version: int | None = VERSION
    decisions: list[RoundDecisionIn] = Field(..., min_length=1, max_length=500)


class SelectIn(Strict):
    version: int | None = VERSION
    seconds: int = Field(30, ge=1, le=600)
    measure: str = Field("score", max_length=10, description="`score`, `npv` or `alignment`.")
    percent: int = Field(100, ge=10, le=300, description="Of the money limits.")
    keep: StrictBool = Field(False, description="What is decided already stands.")
    name: str = Field("", max_length=80)


class RunOut(Schema):
    id: int
    state: str
    asked: dict[str, Any]
    told: dict[str, Any] = Field(
        ...,
        description="Chosen proposals, value, bound, limits, frontier, reasons; by keys, “…” for proposals that you may not see; where there are some, sums are left out.",
    )


def _limits(obj: Any) -> list[dict[str, Any]]:
    return [{"year": row.year, "role": row.role.key if row.role else None, "amount": row.amount} for row in obj.limits.all()]  # fmt: skip


@for_reader
def _items(obj: Any, user: User) -> list[dict[str, Any]]:
    hidden = hidden_keys(obj, user)
    return [
        {
            "proposal": row.proposal.key, "decision": row.decision, "reason": row.reason,
            "project": row.project.key if row.project else None,
        }
        for row in obj.items.all()
        if row.proposal.key not in hidden
    ]  # fmt: skip


def _set_limits(obj: Any, data: Any, user: User) -> InvestmentRound:
    refuse_unstorable("limits", [row.role or "" for row in data.limits])
    roles = dict(Role.objects.values_list("key", "pk"))
    unknown = [row.role for row in data.limits if row.role is not None and row.role not in roles]
    if unknown:
        raise Invalid({"limits": [_("There is no such project role.")]})
    limits = {(roles[row.role] if row.role is not None else None, row.year): row.amount for row in data.limits}
    if len(limits) < len(data.limits):
        raise Invalid({"limits": [_("Name each limit once.")]})
    set_limits(round_=obj, limits=limits, by=user)
    return InvestmentRound.objects.get(pk=obj.pk)


def _submit(obj: Any, data: Any, user: User) -> InvestmentRound:
    refuse_unstorable("proposals", data.proposals)
    rows = list(visible_rows(user, Proposal.objects.filter(key__in=data.proposals)).select_related("requester"))
    if len(rows) < len(set(data.proposals)):
        raise Invalid({"proposals": [_("There is no such proposal.")]})
    submit_proposals(round_=obj, proposals=rows, by=user)
    return InvestmentRound.objects.get(pk=obj.pk)


def _decide(obj: Any, data: Any, user: User) -> InvestmentRound:
    refuse_unstorable(
        "decisions", [part for row in data.decisions for part in (row.proposal, row.reason, row.decision)]
    )
    hidden = hidden_keys(obj, user)
    items = {key: pk for key, pk in obj.items.values_list("proposal__key", "pk") if key not in hidden}
    if any(row.proposal not in items for row in data.decisions):
        raise Invalid({"decisions": [_("There is no such proposal in the round, or no such decision.")]})
    return decide(
        round_=obj, decisions={items[row.proposal]: (row.decision, row.reason) for row in data.decisions}, by=user
    )


def _run(run: SelectionRun, hidden: Collection[str]) -> dict[str, Any]:
    return {"id": run.pk, "state": run.state, "asked": masked(run.asked, hidden), "told": known(run.told, hidden)}


def _select(obj: Any, data: Any, user: User) -> dict[str, Any]:
    refuse_unstorable("name", data.name)
    return _run(
        start_run(
            round_=obj, seconds=data.seconds, measure=data.measure, percent=data.percent, keep=data.keep, name=data.name, by=user
        ),
        hidden_keys(obj, user),
    )  # fmt: skip


_ROUND = ("portfolio", "name", "first_year", "years", "submissions_until", "decision_on", "scoring_model", "currency", "note")  # fmt: skip
ROUNDS = Resource(
    InvestmentRound,
    "investment-rounds",
    read=(*BASE, "state", *_ROUND),
    write=(*COMMON, *_ROUND),
    fixed=("key", "portfolio"),
    computed={"limits": (list[LimitOut], _limits), "items": (list[ItemOut], _items)},
    queryset=lambda: InvestmentRound.objects.prefetch_related("limits__role", "items__proposal", "items__project"),
    create=lambda values, *, by: create_round(values=values, by=by),
    actions=(
        Action("limits", _set_limits, LimitsIn, summary="Replace the limits of a round"),
        Action("submit", _submit, SubmitIn, verb="view", summary="Take proposals into the round"),
        Action("decide", _decide, DecisionsIn, verb="select", summary="Prepare decisions while it is balanced"),
        Action("select", _select, SelectIn, verb="select", answer=RunOut, summary="Begin to select proposals"),
    ),
)
add_resource(router, ROUNDS)


@router.get(
    "/investment-rounds/{key}/selections", response={200: list[RunOut], **READ_PROBLEMS}, tags=ROUNDS.tags,
    operation_id="list_round_selections", summary="The selections of a round, the newest first",
)  # fmt: skip
def round_selections(request: HttpRequest, key: str) -> Any:
    """The last 50."""
    round_ = ROUNDS.one(request, key)
    hidden = hidden_keys(round_, actor(request))
    return [_run(run, hidden) for run in SelectionRun.objects.filter(round=round_)[:50]]
