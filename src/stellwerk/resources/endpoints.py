"""Demands and bookings in the API: asked for, changed, answered by the services behind the pages."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StrictBool

from stellwerk.core.api.resources import Action, Child, Resource, add_resource
from stellwerk.core.api.schemas import VERSION, Day, Strict
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.people.models import Person
from stellwerk.resources.forms_demand import SKILL_ROWS
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.services import allocations
from stellwerk.resources.services.demands import create_demand, edit_demand, set_weeks

router = Router()
BASE = ("key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality", "owner")


class WeekIn(Strict):
    monday: Day = Field(..., description="The Monday on which the week begins.")
    hours: Decimal = Field(..., ge=0, le=10_000, max_digits=7, decimal_places=2)


class WeekOut(Schema):
    monday: dt.date
    hours: float


class HoursIn(Strict):
    version: int | None = VERSION
    reason: str = Field("", max_length=500, description="Needed for firm hours above the person's net ones.")
    weeks: list[WeekIn] = Field(..., min_length=1, max_length=300)


class AskIn(Strict):
    """Without weeks: all hours that the demand still lacks."""

    version: int | None = VERSION
    person: str = Field(..., max_length=60, description="Key of the person.")
    weeks: list[WeekIn] | None = Field(None, max_length=300)


class AssignIn(AskIn):
    firm: StrictBool = Field(False, description="Book firmly instead of reserving.")
    reason: str = Field("", max_length=500, description="Needed for firm hours above the person's net ones.")


class BookIn(Strict):
    version: int | None = VERSION
    reason: str = Field("", max_length=500, description="Needed for firm hours above the person's net ones.")


class OfferIn(BookIn):
    person: str = Field(..., max_length=60, description="Key of the person who is offered instead.")


def _weeks(given: list[Any] | None) -> dict[dt.date, int] | None:
    """Minutes by Monday of what a body held (a creation hands its values over as plain dictionaries)."""
    if given is None:
        return None
    rows = [row if isinstance(row, WeekIn) else WeekIn(**row) for row in given]
    found = {week.monday: int(week.hours * 60) for week in rows}
    if len(found) < len(given):
        raise Invalid({"weeks": [_("Name each week once.")]})
    return found


def _shown(row: Any) -> list[dict[str, Any]]:
    return [{"monday": week.monday, "hours": week.minutes / 60} for week in row.weeks.all()]


def _person(key: str) -> Person:
    refuse_unstorable("person", key)
    person = Person.objects.filter(key=key, archived_at=None).first()
    if person is None:
        raise Invalid({"person": [_("There is no such person.")]})
    return person


# ── demands ──────────────────────────────────────────────────────────────────────────────────────


def _hours(values: dict[str, Any]) -> dict[str, Any]:
    """The hours of a body: weeks, or one rate; both at once say two things."""
    weeks, rate = values.pop("weeks", None), values.pop("hours_per_week", None)
    if weeks is not None and rate is not None:
        raise Invalid({"weeks": [_("Give hours_per_week or weeks, not both.")]})
    return {"weeks": _weeks(weeks), "hours_per_week": rate}


def _create(values: dict[str, Any], *, by: Any) -> Demand:
    hours = _hours(values)
    ask = values.pop("ask", None)
    return create_demand(values=values, by=by, ask=ask is not False, **hours)


def _edit(obj: Any, values: dict[str, Any], *, by: Any, version: Any, reason: str) -> Demand:
    hours = _hours(values)
    return edit_demand(demand=obj, values=values, by=by, version=version, reason=reason, **hours)


def _set_hours(obj: Any, data: Any, user: User) -> Any:
    return set_weeks(demand=obj, weeks=_weeks(data.weeks) or {}, by=user, version=data.version)


def _ask(obj: Any, data: Any, user: User) -> Any:
    allocations.request_person(demand=obj, person=_person(data.person), weeks=_weeks(data.weeks), by=user)
    return Demand.objects.get(pk=obj.pk)


def _assign(obj: Any, data: Any, user: User) -> Any:
    allocations.assign(
        demand=obj, person=_person(data.person), weeks=_weeks(data.weeks), firm=data.firm, reason=data.reason, by=user
    )
    return Demand.objects.get(pk=obj.pk)


_DEMAND = ("title", "role", "person", "unit", "activity", "first", "last", "priority", "probability", "note")
add_resource(
    router,
    Resource(
        Demand,
        "demands",
        read=(*BASE, "state", "source", "project", *_DEMAND),
        write=(*COMMON, "project", *_DEMAND),
        fixed=("key", "project", "ask"),
        computed={"weeks": (list[WeekOut], _shown)},
        extra={
            "weeks": list[WeekIn], "hours_per_week": Decimal,
            "ask": StrictBool,
        },
        create=_create,
        edit=_edit,
        queryset=lambda: Demand.objects.prefetch_related("weeks"),
        children=(Child(SKILL_ROWS),),
        actions=(
            Action("hours", _set_hours, HoursIn, summary="Replace the hours per week"),
            Action("request", _ask, AskIn, summary="Ask the line manager for a person"),
            Action("assign", _assign, AssignIn, verb="answer", summary="Answer with a person, reserved or firm"),
        ),
    ),
)  # fmt: skip


# ── bookings ─────────────────────────────────────────────────────────────────────────────────────


def _book(obj: Any, data: Any, user: User) -> Any:
    return allocations.book(allocation=obj, by=user, version=data.version, reason=data.reason)


def _offer(obj: Any, data: Any, user: User) -> Any:
    return allocations.offer_other(
        allocation=obj, person=_person(data.person), by=user, version=data.version, reason=data.reason
    )


def _change_hours(obj: Any, data: Any, user: User) -> Any:
    return allocations.change_weeks(
        allocation=obj, weeks=_weeks(data.weeks) or {}, by=user, version=data.version, reason=data.reason
    )


add_resource(
    router,
    Resource(
        Allocation,
        "bookings",
        read=(
            *BASE, "state", "demand", "person", "first", "last", "expires", "offered_instead_of", "overbooking_reason",
        ),
        computed={"weeks": (list[WeekOut], _shown)},
        creatable=False,
        queryset=lambda: Allocation.objects.prefetch_related("weeks"),
        actions=(
            Action("book", _book, BookIn, verb="approve", summary="Book firmly, above the net hours with a reason"),
            Action("offer", _offer, OfferIn, verb="approve", summary="Offer somebody else"),
            Action("hours", _change_hours, HoursIn, summary="Replace the hours per week"),
        ),
    ),
)  # fmt: skip
