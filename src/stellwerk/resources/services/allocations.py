"""Allocations: a project asks for a person, the line manager reserves, books, offers somebody else or declines.

What follows from each step (state of the demand, notices) hangs on the state machine in ``guards.py``, so that the API and these
services do the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record, stale, write
from stellwerk.core.states import advance
from stellwerk.people.models import Person
from stellwerk.resources.choices import HARD, LOADING
from stellwerk.resources.models import Allocation, AllocationWeek, Demand
from stellwerk.resources.notices import tell_asked
from stellwerk.resources.selectors.booked import booked_for, over_net, weeks_of, weeks_of_demand
from stellwerk.resources.selectors.demands import asked_by_reader
from stellwerk.resources.services.demands import checked_weeks, follow_bookings, not_employed
from stellwerk.resources.telling import over_text
from stellwerk.resources.weeks import Weeks, left, monday, stored

OPEN = ("open", "partly_filled", "vacancy_raised")
ENDED = ("completed", "rejected", "expired", "released")


# ── asking and answering ─────────────────────────────────────────────────────────────────────────


@transaction.atomic
def request_person(*, demand: Demand, person: Person, by: User | None, weeks: Weeks | None = None) -> Allocation:
    """Ask the line manager for this person. ``weeks``: all that the demand still lacks, unless given.

    Errors: ``Invalid``, ``NotAllowed``, ``Refused`` (the demand is filled or called off, or the person is asked for already).
    """
    demand = _open(demand, by)
    found = _create(demand, person, weeks, by=by, verb="request")
    tell_asked(found, by)
    return found


@transaction.atomic
def assign(
    *, demand: Demand, person: Person, by: User | None, firm: bool = False, weeks: Weeks | None = None, reason: str = ""
) -> Allocation:
    """A line manager answers a demand with one of their people, reserved or firm. ``reason``: why above the person's net hours.

    Errors: as :func:`request_person`; ``NotAllowed`` also for whoever asked for the demand.
    """
    require(by, "answer", demand)
    if by is not None and asked_by_reader(demand, by):
        raise NotAllowed(_("Whoever asked for it may not decide it: another person must do this."))
    demand = _open(demand, None)
    found = _create(demand, person, weeks, by=by, verb="assign")
    return book(allocation=found, by=by, reason=reason) if firm else reserve(allocation=found, by=by)


def _open(demand: Demand, by: User | None) -> Demand:
    """The demand, locked; a draft is asked for by the way."""
    demand = Demand.objects.select_for_update().get(pk=demand.pk)
    if demand.state == "draft":
        demand = advance(demand, "open", by=by)
    if demand.archived or demand.state not in OPEN:
        raise Refused(_("This demand is filled or called off: nobody more is asked for it."), code="not_open")
    return demand


def _create(demand: Demand, person: Person, weeks: Weeks | None, *, by: User | None, verb: str) -> Allocation:
    if weeks is None:
        wanted = weeks_of_demand(demand)
        weeks = left(wanted, booked_for(demand, (*LOADING, "countered", "completed")))
        if not weeks:
            raise Refused(_("All hours of this demand are asked for already."), code="all_asked")
    kept = checked_weeks(weeks, demand.first, demand.last)
    first, last = _span(demand, kept)
    if reason := not_employed(person, first, last):
        raise Invalid({"person": [reason]})
    if Allocation.objects.filter(demand=demand, person=person, state__in=(*LOADING, "countered")).exists():
        raise Refused(_("%(person)s is asked for already.") % {"person": person}, code="asked_already")
    values = {"demand": demand, "person": person, "first": first, "last": last}
    found = services.create(Allocation, values, by=by, verb=verb)
    _write_weeks(found, kept)
    return found


def _span(demand: Demand, weeks: Mapping[dt.date, int]) -> tuple[dt.date, dt.date]:
    """First and last day of the booked weeks inside the demand's period."""
    return max(demand.first, min(weeks)), min(demand.last, max(weeks) + dt.timedelta(days=6))


def _write_weeks(allocation: Allocation, weeks: Weeks) -> None:
    AllocationWeek.objects.bulk_create(
        [AllocationWeek(allocation=allocation, monday=week, minutes=minutes) for week, minutes in sorted(weeks.items())]
    )


def reserve(*, allocation: Allocation, by: User | None, version: int | None = None) -> Allocation:
    """Hold the hours for fourteen days. Errors: as ``advance``."""
    return advance(allocation, "reserve", by=by, version=version)


@transaction.atomic
def book(*, allocation: Allocation, by: User | None, version: int | None = None, reason: str = "") -> Allocation:
    """Make it firm. Above the person's net hours ``reason`` must say why.

    Errors: ``Invalid`` at ``overbooking_reason``, else as ``advance``.
    """
    require(by, "approve", allocation)
    allocation = Allocation.objects.select_for_update().select_related("person").get(pk=allocation.pk)
    if version is not None and allocation.version != version:
        raise stale(allocation, {"state": "hard"})
    _say_why(allocation, reason, by)
    return advance(allocation, "confirm", by=by)


def _say_why(allocation: Allocation, reason: str, by: User | None) -> None:
    """Keep the reason of an overbooking, or ask for it; without overbooking nothing is kept."""
    # Two who book the same person at once wait for each other here: the second sees what the first booked.
    Person.objects.select_for_update().get(pk=allocation.person_id)
    over = over_net(allocation.person, weeks_of(allocation), without=allocation.pk, since=monday(timezone.localdate()))
    if over and not (reason.strip() or allocation.overbooking_reason):
        raise Invalid({"overbooking_reason": [over_text(over), _("Please say why this is right all the same.")]})
    if over and reason.strip():
        write(allocation, {"overbooking_reason": reason.strip()}, by=by, verb="edit")


@transaction.atomic
def offer_other(
    *, allocation: Allocation, person: Person, by: User | None, reason: str = "", version: int | None = None
) -> Allocation:
    """Offer somebody else: the project accepts or declines. Errors: as ``advance``; ``Invalid`` at ``person``."""
    current = Allocation.objects.select_for_update().get(pk=allocation.pk)
    if person.pk == current.person_id:
        raise Invalid({"person": [_("This person is asked for already.")]})
    if text := not_employed(person, current.first, current.last):
        raise Invalid({"person": [text]})
    require(by, "approve", current)
    values = {"person": person, "offered_instead_of": current.person, "overbooking_reason": ""}
    offered = write(current, values, by=by, version=version, verb="offer")
    saved = advance(offered, "counter", by=by, reason=reason)
    require(by, "approve", saved)  # the offered person is one of theirs
    over = over_net(person, weeks_of(saved), without=saved.pk, since=monday(timezone.localdate()))
    if over and reason.strip():
        saved = write(saved, {"overbooking_reason": reason.strip()[:500]}, by=by)
    return saved


def accept_offer(
    *, allocation: Allocation, by: User | None, firm: bool = True, version: int | None = None
) -> Allocation:
    """The project takes the offered person: the line manager has agreed by offering. Errors: as ``advance``."""
    return advance(allocation, "accept" if firm else "accept_reserved", by=by, version=version)


def refuse_offer(*, allocation: Allocation, by: User | None, reason: str, version: int | None = None) -> Allocation:
    return advance(allocation, "refuse_offer", by=by, reason=reason, version=version)


def decline(*, allocation: Allocation, by: User | None, reason: str, version: int | None = None) -> Allocation:
    """The line manager says no. Errors: ``Invalid`` at ``reason``, else as ``advance``."""
    return advance(allocation, "decline", by=by, reason=reason, version=version)


def withdraw(*, allocation: Allocation, by: User | None, reason: str = "", version: int | None = None) -> Allocation:
    """Who asked needs it no longer. Errors: as ``advance``."""
    return advance(allocation, "withdraw", by=by, reason=reason, version=version)


def release(*, allocation: Allocation, by: User | None, reason: str, version: int | None = None) -> Allocation:
    """Give firm hours back. Errors: ``Invalid`` at ``reason``, else as ``advance``."""
    return advance(allocation, "release", by=by, reason=reason, version=version)


# ── other hours ──────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def change_weeks(
    *, allocation: Allocation, weeks: Weeks, by: User | None, version: int | None = None, reason: str = "",
    verb: str = "edit",
) -> Allocation:  # fmt: skip
    """Other hours per week inside the demand's period. Firm hours are the line manager's; asked ones whoever may edit them.

    ``reason``: why firm hours above the net ones. Errors: ``Invalid``, ``NotAllowed``, ``StaleEdit``, ``Refused`` (it has ended).
    """
    current = Allocation.objects.select_for_update().select_related("demand", "person").get(pk=allocation.pk)
    require(by, "approve" if current.state in HARD else "edit", current)
    if version is not None and current.version != version:
        raise stale(current, {})
    if current.state in ENDED or current.archived:
        raise Refused(_("This booking has ended: its hours stay as they are."), code="ended")
    kept = checked_weeks(weeks, current.demand.first, current.demand.last)
    before = weeks_of(current)
    if kept == before:
        return current
    if current.state in HARD:
        _check_more(current, before, kept, reason, by)
    current.weeks.all().delete()
    _write_weeks(current, kept)
    first, last = _span(current.demand, kept)
    # The version counts up although only weeks may have changed: whoever saw the old hours is told.
    Allocation.objects.filter(pk=current.pk).update(
        first=first, last=last, version=current.version + 1, updated_at=timezone.now()
    )
    current = Allocation.objects.get(pk=current.pk)
    record(current, by=by, verb=verb, reason=reason, changes={"hours_per_week": [stored(before), stored(kept)]})
    follow_bookings(current.demand)
    return current


def _check_more(allocation: Allocation, before: Weeks, after: Weeks, reason: str, by: User | None) -> None:
    """Weeks in which a firm booking grows above the net hours need a reason; weeks that were over before and shrink do not."""
    Person.objects.select_for_update().get(pk=allocation.person_id)
    more = {week: minutes for week, minutes in after.items() if minutes > before.get(week, 0)}
    over = over_net(allocation.person, more, without=allocation.pk, since=monday(timezone.localdate()))
    if over and not reason.strip():
        raise Invalid({"overbooking_reason": [over_text(over), _("Please say why this is right all the same.")]})
    if over:
        # Directly: the version counts up once, with the hours.
        Allocation.objects.filter(pk=allocation.pk).update(overbooking_reason=reason.strip()[:500])


# ── by the clock ─────────────────────────────────────────────────────────────────────────────────


def expire_due(today: dt.date | None = None) -> int:
    """Reservations whose day has passed end by themselves; how many."""
    day = today or timezone.localdate()
    return _advance_all(Allocation.objects.filter(state="soft", expires__lt=day).values_list("pk", flat=True), "expire")


def begin_due(today: dt.date | None = None) -> int:
    """Firm bookings whose first day has come are active; how many."""
    day = today or timezone.localdate()
    return _advance_all(Allocation.objects.filter(state="hard", first__lte=day).values_list("pk", flat=True), "begin")


def complete_due(today: dt.date | None = None) -> int:
    """Active bookings whose last day has passed are completed; how many."""
    day = today or timezone.localdate()
    return _advance_all(
        Allocation.objects.filter(state="active", last__lt=day).values_list("pk", flat=True), "complete"
    )


def _advance_all(numbers: object, step: str) -> int:
    done = 0
    for number in list(numbers):  # type: ignore[call-overload]
        # Somebody may have answered since the list was read: what no longer is in that state is left alone.
        with transaction.atomic():
            row = Allocation.objects.select_for_update().filter(pk=number, archived_at=None).first()
            if row is None:
                continue
            if row.state == {"expire": "soft", "begin": "hard", "complete": "active"}[step]:
                advance(row, step, by=None)
                done += 1
    return done
