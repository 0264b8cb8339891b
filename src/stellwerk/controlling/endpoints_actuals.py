"""Months, imports of actuals and bookings in the API: an ERP posts its lines, a program reads what was booked and how far a month is."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
import hashlib
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field, StrictBool

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.ledger import Line
from stellwerk.controlling.models import ActualsImport, Booking, CostCentre, CostType, Period
from stellwerk.controlling.period_words import TITLES, state_text
from stellwerk.controlling.selectors.bookings import waiting_objects
from stellwerk.controlling.selectors.periods import Closing, projects_of
from stellwerk.controlling.services.assigning import assign_object
from stellwerk.controlling.services.bookings import book_lines, undo_import
from stellwerk.controlling.services.close import prove
from stellwerk.controlling.services.figures import write_cost_figures
from stellwerk.controlling.services.labour import book_labour
from stellwerk.controlling.services.manual import enter_booking, reverse_booking
from stellwerk.controlling.services.periods import accept_check, open_period
from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.once import once
from stellwerk.core.api.resources import Action, Resource, add_resource
from stellwerk.core.api.schemas import BIGINT, PROBLEMS, READ_PROBLEMS, VERSION, Day, Strict
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.permissions import require, visible_rows
from stellwerk.people.models import Organisation
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project

router = Router()
PLAIN = ("id", "version", "created_at", "updated_at")
MOST_LINES = 5000
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", description="Year and month: 2027-03.")]
Key = Annotated[str, Field(min_length=1, max_length=40)]
Minor = Annotated[int, Field(ge=-(10**15), le=10**15, description="Minor units of the currency; negative for credit.")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Word = Annotated[str, Field(max_length=40)]


# ── months ───────────────────────────────────────────────────────────────────────────────────────


class CheckOut(Schema):
    check: str
    title: str
    due: dt.date
    done: bool
    accepted: bool
    text: str
    facts: str = Field(..., description="What is missing; send it back with an acceptance.")


class AcceptIn(Strict):
    version: int | None = VERSION
    check: str = Field(..., max_length=40)
    facts: str = Field(..., max_length=5000, description="As the list of checks tells them.")
    reason: str = Field(..., min_length=1, max_length=1000)


class EmptyIn(Strict):
    pass


class LabourOut(Schema):
    bookings: int
    sums: dict[str, int] = Field(..., description="Minor units by currency.")
    without_rate: int = Field(..., description="People whose hours have no rate; these hours are not booked.")


class DiffersOut(Schema):
    project: str
    figure: str
    frozen: int | None
    now: int | None
    currency: str


class ProofOut(Schema):
    holds: bool
    figures: int = Field(..., description="How many figures were computed anew.")
    differs: list[DiffersOut]
    broken_seals: list[str] = Field(..., description="Keys of projects; an empty text is the month itself.")


class PeriodIn(Strict):
    organisation: Key
    month: Month


def _accept(obj: Any, data: Any, user: User) -> Period:
    return accept_check(
        period=obj, check=data.check, facts=data.facts, reason=data.reason, by=user, version=data.version
    )


def _labour(obj: Any, data: Any, user: User) -> dict[str, Any]:
    done = book_labour(organisation=obj.organisation, month=obj.month, by=user)
    return {"bookings": done.rows, "sums": done.sums, "without_rate": len(done.labour.gaps)}


def _begin(values: dict[str, Any], by: Any) -> Period:
    organisation = values["organisation"]
    if not isinstance(organisation, Organisation):
        organisation = _organisation(by, str(organisation))
    return open_period(organisation, m.parse(str(values["month"])), by=by)


def _organisation(user: Any, key: str) -> Organisation:
    """Errors: ``NotAllowed`` for whoever imports nowhere, ``Http404``."""
    require(user, "import", "controlling.actualsimport")
    return fetch(user, Organisation, key=key)


PERIODS = Resource(
    Period,
    "periods",
    read=(*PLAIN, "organisation", "month", "state", "closed_at"),
    create=_begin,
    start=PeriodIn,
    actions=(
        Action("accept", _accept, AcceptIn, verb="close", summary="Accept what is missing, with a reason"),
        Action("labour", _labour, EmptyIn, verb="close", answer=LabourOut, summary="Book approved hours × rate"),
    ),
    tag="Months",
)
add_resource(router, PERIODS)


@router.get(
    "/periods/{number}/checks", response={200: list[CheckOut], **READ_PROBLEMS}, tags=PERIODS.tags, operation_id="list_period_checks",
    summary="What has to be done before the month closes",
)  # fmt: skip
def checks(request: HttpRequest, number: int) -> Any:
    period = PERIODS.one(request, number)
    return [
        {
            "check": one.code, "title": str(TITLES[one.code]), "due": one.due, "done": one.done, "accepted": one.accepted is not None,
            "text": state_text(one), "facts": one.facts,
        }
        for one in Closing(period).checks
    ]  # fmt: skip


@router.get(
    "/periods/{number}/proof", response={200: ProofOut, **READ_PROBLEMS}, tags=PERIODS.tags, operation_id="prove_period",
    summary="Compute a frozen month anew and tell where it differs",
)  # fmt: skip
def proof(request: HttpRequest, number: int) -> Any:
    period = PERIODS.one(request, number)
    found = prove(period)
    if found is None:
        raise Invalid({"period": [_("Nothing is frozen yet")]})
    keys = [*found.broken, *(row.project for row in found.differs)]
    seen = set(visible_rows(actor(request), Project.objects.filter(key__in=keys)).values_list("key", flat=True))
    return {
        "holds": found.holds, "figures": found.figures, "broken_seals": [key if not key or key in seen else "…" for key in found.broken],
        "differs": [
            {"project": row.project if not row.project or row.project in seen else "…", "figure": row.figure, "frozen": row.frozen, "now": row.now, "currency": row.currency}
            for row in found.differs
        ],
    }  # fmt: skip


# ── files and lines ──────────────────────────────────────────────────────────────────────────────


class BookedLineIn(Strict):
    document: Word
    line: str = Field("", max_length=12)
    posted: Day
    month: Month | None = Field(None, description="Without: that of the posting date.")
    amount: Minor
    currency: Currency
    object: str = Field("", max_length=80, description="WBS element or order, as the ERP writes it.")
    account: Word = ""
    cost_centre: Word = ""
    reverses: Word = ""
    supplier: str = Field("", max_length=160)
    text: str = Field("", max_length=300)


class BookedLinesIn(Strict):
    organisation: Key
    month: Month
    commitments: StrictBool = Field(False, description="The lines are the stand of open orders.")
    name: str = Field("API", min_length=1, max_length=250)
    lines: list[BookedLineIn] = Field(..., min_length=1, max_length=MOST_LINES)


class RejectedOut(Schema):
    line: int = Field(..., description="From 1, in the order that was sent.")
    column: str
    reason: str


class BookedOut(Schema):
    id: int
    lines: int
    booked: int
    duplicates: int
    unmapped: int
    rejected: list[RejectedOut]
    sum_by_currency: dict[str, str]


def _undo(obj: Any, data: Any, user: User) -> ActualsImport:
    undo_import(batch=obj, by=user)
    return ActualsImport.objects.get(pk=obj.pk)


IMPORTS = Resource(
    ActualsImport,
    "actuals-imports",
    read=(*PLAIN, "organisation", "month", "kind", "file_name", "state", "by"),
    creatable=False,
    actions=(Action("undo", _undo, EmptyIn, verb="import", summary="Take all lines of a file back"),),
    computed={"told": (dict[str, Any], lambda obj: {name: obj.told.get(name) for name in ("lines", "booked", "duplicates", "unmapped", "rejected_count") if obj.told})},
    tag="Actuals",
)  # fmt: skip
add_resource(router, IMPORTS)


@router.post("/actuals-lines", response={200: BookedOut, **PROBLEMS}, tags=IMPORTS.tags, operation_id="book_actuals")
@once
def book(request: HttpRequest, data: BookedLinesIn) -> Any:
    """Book line items of the ERP: each document line once, however often it is sent."""
    check_scope(request, "write", IMPORTS.label)
    user = actor(request)
    refuse_unstorable("lines", data.model_dump(mode="json"))
    organisation = _organisation(user, data.organisation)
    batch = ActualsImport(organisation=organisation, month=m.parse(data.month), by=user, file_name=data.name)
    batch.kind = BookingKind.COMMITMENT if data.commitments else BookingKind.ACTUAL
    require(user, "import", batch)
    batch.digest = hashlib.sha256(data.model_dump_json().encode()).hexdigest()
    lines = [_line(at, row) for at, row in enumerate(data.lines, start=1)]
    batch.save()
    outcome = book_lines(batch=batch, lines=lines, by=user, default_currency=organisation.currency)
    write_cost_figures(outcome.projects)
    return outcome.told() | {"id": batch.pk}


def _line(number: int, row: BookedLineIn) -> Line:
    if not 1990 <= row.posted.year <= 2100:
        raise Invalid({f"lines.{number - 1}.posted": [_("Please check the year.")]})
    return Line(
        number=number, amount=row.amount, currency=row.currency, posted=row.posted,
        month=m.parse(row.month) if row.month else row.posted.replace(day=1), document=row.document, line=row.line, year=row.posted.year,
        account=row.account, object=row.object, cost_centre=row.cost_centre, supplier=row.supplier, text=row.text, reverses=row.reverses,
    )  # fmt: skip


class WaitingOut(Schema):
    object: str
    lines: int
    sums: dict[str, int] = Field(..., description="Minor units by currency.")
    first: dt.date
    last: dt.date


class AssignLinesIn(Strict):
    organisation: Key
    object: str = Field(
        ..., min_length=1, max_length=80, description="As the ERP writes it; a trailing * stands for anything."
    )
    project: str | None = Field(None, max_length=40)
    activity: int | None = Field(None, ge=1, le=BIGINT)
    not_a_project: StrictBool = False


class AssignedOut(Schema):
    assigned: int


@router.get(
    "/actuals-worklist", response={200: list[WaitingOut], **READ_PROBLEMS}, tags=IMPORTS.tags, operation_id="list_waiting_lines",
    summary="Objects of the ERP of which nobody has said where they belong",
)  # fmt: skip
def worklist(request: HttpRequest, organisation: str) -> Any:
    check_scope(request, "read", IMPORTS.label)
    refuse_unstorable("organisation", organisation)
    company = _organisation(actor(request), organisation)
    require(actor(request), "import", ActualsImport(organisation=company))
    return [
        {"object": one.name, "lines": one.lines, "sums": one.sums, "first": one.first, "last": one.last}
        for one in waiting_objects(company)
    ]


@router.post(
    "/actuals-worklist", response={200: AssignedOut, **PROBLEMS}, tags=IMPORTS.tags, operation_id="assign_object"
)
@once
def assign(request: HttpRequest, data: AssignLinesIn) -> Any:
    """Say once where an object belongs: kept as a rule, and its waiting lines of open months follow."""
    check_scope(request, "write", IMPORTS.label)
    user = actor(request)
    refuse_unstorable("object", data.model_dump(mode="json"))
    company = _organisation(user, data.organisation)
    require(user, "import", ActualsImport(organisation=company))
    project = visible_rows(user, projects_of(company)).filter(key=data.project).first() if data.project else None
    if data.project and project is None:
        raise Invalid({"project": [_("There is no project “%(key)s” in this legal entity.") % {"key": data.project}]})
    activity = Activity.objects.filter(pk=data.activity).select_related("plan").first() if data.activity else None
    if data.activity and activity is None:
        raise Invalid({"activity": [_("This work package belongs to another project.")]})
    count = assign_object(
        organisation=company, erp_object=data.object, project=project, activity=activity, ignore=data.not_a_project, by=user,
    )  # fmt: skip
    return {"assigned": count}


# ── bookings ─────────────────────────────────────────────────────────────────────────────────────


class EntryIn(Strict):
    project: Key
    activity: int | None = Field(None, ge=1, le=BIGINT)
    posted: Day
    amount: Minor
    currency: Currency
    text: str = Field(..., min_length=1, max_length=300)
    cost_type: str | None = Field(None, max_length=40)
    cost_centre: str | None = Field(None, max_length=40)
    spending: str = Field("", pattern=r"^(|capex|opex)$")


class ReverseIn(Strict):
    posted: Day
    reason: str = Field(..., min_length=1, max_length=300)


def _enter(data: EntryIn, user: User) -> Booking:
    project = fetch(user, Project, key=data.project)
    activity = fetch(user, Activity.objects.select_related("plan"), pk=data.activity) if data.activity else None
    kind = fetch(user, CostType, key=data.cost_type) if data.cost_type else None
    centre = fetch(user, CostCentre, key=data.cost_centre) if data.cost_centre else None
    return enter_booking(
        project=project, activity=activity, posted=data.posted, amount=data.amount, currency=data.currency, text=data.text, cost_type=kind,
        cost_centre=centre, spending=data.spending, by=user,
    )  # fmt: skip


def _reverse(obj: Any, data: Any, user: User) -> Booking:
    return reverse_booking(booking=obj, posted=data.posted, reason=data.reason, by=user)


_BOOKING = (
    "id", "organisation", "kind", "source", "month", "posted", "project", "activity", "cost_type", "cost_centre", "spending", "amount", "currency",
    "project_amount", "project_currency", "document", "line", "reverses", "erp_object", "erp_cost_centre", "erp_account", "supplier", "text",
    "left_out", "obsolete",
)  # fmt: skip
BOOKINGS = Resource(
    Booking,
    "cost-bookings",
    read=_BOOKING,
    creatable=False,
    actions=(Action("reverse", _reverse, ReverseIn, verb="view", summary="Reverse a booking by hand"),),
    tag="Actuals",
)
add_resource(router, BOOKINGS)


@router.post(
    "/cost-bookings", response={201: dict[str, Any], **PROBLEMS}, tags=BOOKINGS.tags, operation_id="enter_booking"
)
@once
def enter(request: HttpRequest, data: EntryIn) -> Any:
    """Actual cost by hand; it can be reversed, not changed."""
    check_scope(request, "write", BOOKINGS.label)
    require(actor(request), "import", IMPORTS.label)
    refuse_unstorable("text", data.model_dump(mode="json"))
    made = _enter(data, actor(request))
    return Status(201, BOOKINGS.shown(made, request))
