"""What forbids a booking, and what follows from each step of it: the state of the demand, notices to both sides."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import Text
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.registry import archive_guard, effect, guard
from stellwerk.people.models import Person
from stellwerk.resources.choices import HARD, LOADING
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.notices import tell_demand, tell_step
from stellwerk.resources.selectors.booked import over_net, weeks_of
from stellwerk.resources.selectors.demands import asked_by_reader
from stellwerk.resources.services import moving, plan_demands  # noqa: F401 - follow answers and plans
from stellwerk.resources.services.demands import end_allocations, follow_bookings
from stellwerk.resources.services.history import keep_past
from stellwerk.resources.telling import over_text
from stellwerk.resources.weeks import monday

ALLOCATION, DEMAND = "resources.allocation", "resources.demand"


@guard(ALLOCATION, "confirm")
@guard(ALLOCATION, "accept")
def within_net_hours(obj: models.Model, by: User | None) -> Iterable[Text]:
    """Firm bookings stay within the net hours, unless the line manager has said why."""
    assert isinstance(obj, Allocation)
    if obj.overbooking_reason.strip():
        return []
    if transaction.get_connection().in_atomic_block:
        # Two who book the same person at once wait for each other: the second sees what the first booked.
        Person.objects.select_for_update().get(pk=obj.person_id)
    over = over_net(obj.person_id, weeks_of(obj), without=obj.pk, since=monday(timezone.localdate()))
    return [over_text(over)] if over else []


@guard(ALLOCATION, "reserve")
@guard(ALLOCATION, "confirm")
@guard(ALLOCATION, "counter")
def not_who_asked(obj: models.Model, by: User | None) -> Iterable[Text]:
    """Whoever asked for the demand does not answer it, nor does their deputy in their place."""
    assert isinstance(obj, Allocation)
    if by is not None and asked_by_reader(obj.demand, by):
        return [_("Whoever asked for it may not decide it: another person must do this.")]
    return []


@guard(DEMAND, "fill")
@guard(DEMAND, "fill_partly")
def by_bookings_alone(obj: models.Model, by: User | None) -> Iterable[Text]:
    return [] if by is None else [_("Bookings decide whether a demand is filled: book somebody.")]


@effect(ALLOCATION, "*")
def demand_follows(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Allocation)
    if obj.state == "released" and before in HARD:
        keep_past(obj)
    follow_bookings(obj.demand)
    last = _last(ALLOCATION, obj.pk)
    if last is not None:
        tell_step(obj, last.verb, by, last.reason)


def _last(label: str, number: int) -> AuditEntry | None:
    """The entry of the step that is being done."""
    return AuditEntry.objects.filter(entity_type=label, entity_id=number).order_by("-pk").first()


@effect(DEMAND, "open")
def role_is_asked(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Demand)
    if obj.person_id is None:
        tell_demand(obj, by)


@effect(DEMAND, "cancel")
def bookings_end(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Demand)
    end_allocations(obj, reason=last.reason if (last := _last(DEMAND, obj.pk)) else "", by=by)


@archive_guard(DEMAND)
def nobody_booked(demand: Demand) -> Iterable[Text]:
    if Allocation.objects.filter(demand=demand, state__in=(*LOADING, "countered")).exists():
        yield _("People are asked for or booked for this demand.")
