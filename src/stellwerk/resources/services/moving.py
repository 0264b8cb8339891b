"""Hours of a booking move to another person or to other weeks: the effect first, then one step that can be taken back.

Whoever may decide about both people does it at once. Otherwise the move is a request: the hours stay where they are until the line manager
has reserved or booked them (``follow_request``), and whoever asked for them never decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import changesets, formats, services
from stellwerk.core.changesets import ChangeKind, register_change_kind
from stellwerk.core.errors import Invalid, NotAllowed, Refused, Text
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.models.history import ChangeSetState
from stellwerk.core.permissions import can
from stellwerk.core.registry import effect
from stellwerk.core.states import advance
from stellwerk.engine.load import spread_over_days
from stellwerk.people.models import Person
from stellwerk.resources.choices import HARD, LOADING
from stellwerk.resources.models import Allocation, AllocationWeek
from stellwerk.resources.notices import tell_asked
from stellwerk.resources.notices_moving import tell_moved
from stellwerk.resources.selectors.booked import load_of, weeks_of
from stellwerk.resources.selectors.demands import asked_by_reader
from stellwerk.resources.selectors.load import KINDS, Periods, load_of_people, read_days
from stellwerk.resources.selectors.net import net_by_week
from stellwerk.resources.services.allocations import book, change_weeks, reserve
from stellwerk.resources.services.demands import not_employed
from stellwerk.resources.weeks import Weeks, hours_text, mondays, stored

KIND: Final = "move_hours"
ENDED: Final = ("completed", "rejected", "expired", "released")
Span = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Move:
    """``minutes`` of a booking in ``source`` go to ``person`` in ``target`` (first and last day)."""

    allocation: Allocation
    person: Person
    source: Span
    target: Span
    minutes: int

    @property
    def same_person(self) -> bool:
        return self.person.pk == self.allocation.person_id


@dataclass(frozen=True)
class Side:
    """A person in a period: minutes of load before and after, and the net ones."""

    person: Person
    span: Span
    before: int
    after: int
    net: int

    @property
    def ratio_before(self) -> float | None:
        return self.before / self.net if self.net else None

    @property
    def ratio_after(self) -> float | None:
        return self.after / self.net if self.net else None

    @property
    def over(self) -> int:
        return max(0, self.after - self.net)


@dataclass(frozen=True)
class Effect:
    """What a move does. ``direct``: done at once; else ``why`` it is asked for first."""

    take: dict[dt.date, int]
    give: dict[dt.date, int]
    source: Side
    target: Side
    direct: bool
    why: str = ""


@dataclass(frozen=True)
class Moved:
    change_set: ChangeSet
    effect: Effect
    allocation: Allocation
    """The booking that got the hours."""


# ── before ───────────────────────────────────────────────────────────────────────────────────────


def effect_of(move: Move, by: User | None) -> Effect:
    """What the move would do; nothing is written.

    Errors: ``Invalid`` (too many hours, a period outside of the demand, somebody who is not there), ``NotAllowed``, ``Refused`` (it has ended).
    """
    booking = move.allocation
    if booking.archived or booking.state not in LOADING:
        raise Refused(_("This booking has ended: its hours stay as they are."), code="ended")
    if not (can(by, "approve", booking) or can(by, "edit", booking)):
        raise NotAllowed()
    wanted = Allocation(demand=booking.demand, person=move.person)
    if not move.same_person and not (can(by, "capacity", move.person) or can(by, "create", wanted)):
        raise NotAllowed()
    if move.same_person and move.source == move.target:
        raise Invalid({"to": [_("The hours are there already.")]})
    take = _take(move)
    give = _give(move, take)
    first, last = max(booking.demand.first, min(give)), min(booking.demand.last, max(give) + dt.timedelta(days=6))
    if reason := not_employed(move.person, first, last):
        raise Invalid({"person": [reason]})
    why = _why_asked(move, by)
    return Effect(take, give, _side(move, booking.person, move.source, -1), _side(move, move.person, move.target, 1), not why, why)  # fmt: skip


def _take(move: Move) -> dict[dt.date, int]:
    """Minutes by week: from overbooked weeks first, the rest in proportion."""
    if move.minutes <= 0:
        raise Invalid({"hours": [_("Give the hours: more than zero.")]})
    person = move.allocation.person_id
    available = _inside(move)
    total = sum(available.values())
    if move.minutes > total:
        raise Invalid({"hours": [_("Only %(hours)s are booked there.") % {"hours": hours_text(total)}]})
    net = net_by_week([person], *move.source).get(person, {})
    load = load_of([person], available, states=(*HARD, "soft")).get(person, {})
    taken: dict[dt.date, int] = {}
    left = move.minutes
    for week, minutes in sorted(available.items()):
        over = max(0, load.get(week, 0) - net.get(week, 0))
        taken[week] = min(left, over, minutes)
        left -= taken[week]
    for week, part in _portions(left, {week: minutes - taken[week] for week, minutes in available.items()}).items():
        taken[week] += part
    return {week: part for week, part in taken.items() if part}


def _inside(move: Move) -> dict[dt.date, int]:
    """The booking's minutes by week that fall into the source period, as the heat map spreads them."""
    booking = move.allocation
    own = weeks_of(booking)
    weeks = [week for week in mondays(*move.source) if own.get(week)]
    days = read_days([booking.person_id], Periods("span", (move.source[0],), move.source[1]))
    found = {}
    for week in weeks:
        at = days.column(week)
        start, end = max(0, (booking.first - week).days), min(6, (booking.last - week).days)
        shares = spread_over_days(
            np.array([own[week]]), np.array([start]), np.array([end]), days.working()[:1, at : at + 7]
        )[0]
        low, high = max(0, (move.source[0] - week).days), min(6, (move.source[1] - week).days)
        if part := int(shares[low : high + 1].sum()):
            found[week] = part
    return found


def _portions(minutes: int, weights: Weeks) -> dict[dt.date, int]:
    """``minutes`` in proportion to the weights; the parts add up exactly and none exceeds its weight where they suffice."""
    total, seen, given = sum(weights.values()), 0, 0
    found = {}
    for week, weight in sorted(weights.items()):
        seen += weight
        part = minutes * seen // total - given if total else 0
        given += part
        found[week] = part
    return found


def _give(move: Move, take: Weeks) -> dict[dt.date, int]:
    """The same weeks where the period stays; else the target's weeks inside the demand, by the person's net hours."""
    if move.source == move.target:
        return dict(take)
    demand = move.allocation.demand
    first, last = max(move.target[0], demand.first), min(move.target[1], demand.last)
    if first > last:
        words = {"first": formats.day(demand.first), "last": formats.day(demand.last)}
        raise Invalid({"to": [_("The demand runs from %(first)s to %(last)s: ask the project to change it.") % words]})
    weeks = list(mondays(first, last))
    net = net_by_week([move.person.pk], first, last).get(move.person.pk, {})
    weights = {week: net.get(week, 0) for week in weeks}
    if not any(weights.values()):
        weights = dict.fromkeys(weeks, 1)
    return {week: part for week, part in _portions(move.minutes, weights).items() if part}


def _side(move: Move, person: Person, span: Span, sign: int) -> Side:
    """Firm and reserved load of the person, with what is only asked for where such hours move."""
    periods = Periods("span", (span[0],), span[1])
    days = read_days([person.pk], periods)
    load = load_of_people(days, periods)[:, 0, 0]
    counted = KINDS if move.allocation.state == "requested" else 2
    before = int(load[:counted].sum())
    change = sign * move.minutes if not move.same_person or move.source != move.target else 0
    return Side(person, span, before, max(0, before + change), int(periods.sums(days.net)[0, 0]))


def _why_asked(move: Move, by: User | None) -> str:
    """Why the move must be asked for; empty: it is done at once."""
    booking = move.allocation
    if by is None:
        return ""
    if booking.state == "requested":
        return ""  # a request moves as a request
    if not can(by, "approve", booking):
        return _("The line manager of %(person)s decides.") % {"person": booking.person}
    if not can(by, "approve", Allocation(demand=booking.demand, person=move.person)):
        return _("The line manager of %(person)s decides.") % {"person": move.person}
    if asked_by_reader(booking.demand, by):
        return _("Whoever asked for it may not decide it: another person must do this.")
    return ""


# ── doing it ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def move_hours(*, move: Move, by: User | None, reason: str = "", version: int | None = None) -> Moved:
    """Do it, or ask for it. ``reason``: why firm hours above the other person's net ones.

    Errors: as :func:`effect_of`; ``Invalid`` at ``overbooking_reason``; ``StaleEdit``.
    """
    # Two who move the same person's hours wait for each other: the second sees what the first moved.
    list(Person.objects.select_for_update().filter(pk__in=[move.allocation.person_id, move.person.pk]).order_by("pk"))
    booking = (
        Allocation.objects.select_for_update().select_related("demand__project", "person").get(pk=move.allocation.pk)
    )
    if version is not None and booking.version != version:
        raise services.stale(booking, {})
    move = Move(booking, move.person, move.source, move.target, move.minutes)
    told = effect_of(move, by)
    title = _("%(hours)s: %(person)s to %(other)s") % {
        "hours": hours_text(move.minutes), "person": _side_text(told.source), "other": _side_text(told.target),
    }  # fmt: skip
    if not told.direct:
        target = _ask(move, told, by)
        plan: dict[str, Any] = {"from": booking.pk, "request": target.pk, "take": stored(told.take)}
        change_set = changesets.preview(kind=KIND, title=title, plan=plan, by=by)
        return Moved(change_set, told, target)
    plan = _shift(move, told, by, reason)
    target = Allocation.objects.get(pk=plan["to"])
    change_set = changesets.run(kind=KIND, title=title, by=by, work=lambda _recorder: None, plan=plan)
    tell_moved(booking, target, told, by)
    return Moved(change_set, told, target)


def _side_text(side: Side) -> str:
    return f"{side.person}, {formats.day(side.span[0])} – {formats.day(side.span[1])}"


def _ask(move: Move, told: Effect, by: User | None) -> Allocation:
    """A request for the hours; they leave the old booking when it is answered with yes."""
    demand = move.allocation.demand
    waiting = Allocation.objects.filter(demand=demand, person=move.person, state__in=("requested", "countered"))
    if waiting.exists():
        raise Refused(_("%(person)s is asked for already.") % {"person": move.person}, code="asked_already")
    target = _new(move, told.give, by, "request")
    tell_asked(target, by)
    return target


def _new(move: Move, weeks: Weeks, by: User | None, verb: str) -> Allocation:
    demand = move.allocation.demand
    first = max(demand.first, min(weeks))
    last = min(demand.last, max(weeks) + dt.timedelta(days=6))
    values = {"demand": demand, "person": move.person, "first": first, "last": last}
    found = services.create(Allocation, values, by=by, verb=verb, reason=_("Moved from %(person)s.") % {"person": move.allocation.person})  # fmt: skip
    AllocationWeek.objects.bulk_create(
        [AllocationWeek(allocation=found, monday=week, minutes=minutes) for week, minutes in sorted(weeks.items())]
    )
    return found


def _shift(move: Move, told: Effect, by: User | None, reason: str) -> dict[str, Any]:
    """Take the hours here, give them there; what was before and after, for the undo."""
    booking, state = move.allocation, move.allocation.state
    own = weeks_of(booking)
    plan: dict[str, Any] = {"from": booking.pk, "state": state, "from_before": stored(own)}
    text = _("Moved to %(person)s.") % {"person": move.person}
    if move.same_person:
        weeks = _sum(_less(own, told.take), told.give)
        change_weeks(allocation=booking, weeks=weeks, by=by, reason=reason, verb=KIND)
        return plan | {"to": booking.pk, "from_after": stored(weeks)}
    left = _less(own, told.take)
    if left:
        change_weeks(allocation=booking, weeks=left, by=by, reason=text, verb=KIND)
    else:
        _end(booking, by, text)
    plan["from_after"] = stored(left)
    same = HARD if state in HARD else (state,)
    there = Allocation.objects.filter(
        demand=booking.demand, person=move.person, state__in=same, archived_at=None
    ).first()  # fmt: skip
    if there is not None:
        before = weeks_of(there)
        after = _sum(before, told.give)
        change_weeks(allocation=there, weeks=after, by=by, reason=reason, verb=KIND)
        return plan | {"to": there.pk, "to_before": stored(before), "to_after": stored(after)}
    target = _new(move, told.give, by, "request" if state == "requested" else "assign")
    if state in HARD:
        target = book(allocation=target, by=by, reason=reason)
    elif state == "soft":
        target = reserve(allocation=target, by=by)
    else:
        tell_asked(target, by)
    return plan | {"to": target.pk, "created": True, "to_before": {}, "to_after": stored(told.give)}


def _end(booking: Allocation, by: User | None, reason: str) -> None:
    """All hours are gone: the booking ends, in the words of whoever does it."""
    if booking.state in HARD:
        booking.weeks.all().delete()  # they are elsewhere now: nothing of them is this booking's past
        advance(booking, "release", by=by, reason=reason)
    elif by is None or can(by, "ask", booking):
        advance(booking, "withdraw", by=by, reason=reason)
    else:
        advance(booking, "decline", by=by, reason=reason)


def _less(weeks: Weeks, taken: Weeks) -> dict[dt.date, int]:
    return {week: rest for week, minutes in weeks.items() if (rest := minutes - taken.get(week, 0)) > 0}


def _sum(one: Weeks, other: Weeks) -> dict[dt.date, int]:
    return {week: one.get(week, 0) + other.get(week, 0) for week in sorted({*one, *other})}


# ── requests that were answered ──────────────────────────────────────────────────────────────────


@effect("resources.allocation", "*")
def follow_request(obj: models.Model, by: User | None, before: str) -> None:
    """A moved request is answered: with yes the hours leave the old booking, with no they stay."""
    assert isinstance(obj, Allocation)
    if before not in {"requested", "countered"}:
        return
    waiting = ChangeSet.objects.filter(kind=KIND, state=ChangeSetState.PREVIEWED, plan__request=obj.pk).first()
    if waiting is None:
        return
    if obj.state in ENDED:
        changesets.discard(waiting, by=None)
    elif obj.state in (*HARD, "soft"):
        changesets.apply(waiting, by=None, work=lambda _recorder: _leave(waiting, obj))


def _leave(change_set: ChangeSet, target: Allocation) -> None:
    booking = Allocation.objects.select_for_update().select_related("person", "demand").get(pk=change_set.plan["from"])
    if booking.state in ENDED or booking.archived:
        return
    taken = {dt.date.fromisoformat(week): minutes for week, minutes in change_set.plan["take"].items()}
    left = _less(weeks_of(booking), taken)
    text = _("Moved to %(person)s.") % {"person": target.person}
    if left:
        change_weeks(allocation=booking, weeks=left, by=None, reason=text, verb=KIND)
    else:
        _end(booking, None, text)


# ── taking it back ───────────────────────────────────────────────────────────────────────────────


def _weeks(plan: dict[str, Any], name: str) -> dict[dt.date, int]:
    return {dt.date.fromisoformat(week): minutes for week, minutes in plan.get(name, {}).items()}


def _undoable(change_set: ChangeSet) -> Iterable[Text]:
    plan = change_set.plan
    if "to" not in plan:
        yield _("This move was asked for and answered: ask for the way back.")
        return
    booking = Allocation.objects.select_related("person").filter(pk=plan["from"]).first()
    target = Allocation.objects.select_related("person").filter(pk=plan["to"]).first()
    if booking is None or target is None:
        yield _("The bookings are no longer there.")
        return
    if plan["from_after"] and (booking.state in ENDED or weeks_of(booking) != _weeks(plan, "from_after")):
        yield _("The booking of %(person)s has changed since.") % {"person": booking.person}
    if "to_after" in plan and (target.state in ENDED or weeks_of(target) != _weeks(plan, "to_after")):
        yield _("The booking of %(person)s has changed since.") % {"person": target.person}


def _back(change_set: ChangeSet, by: User | None) -> None:
    """First what was given goes, then what was taken comes back; each by the services, so that rights and limits hold."""
    plan = change_set.plan
    text = _("Taken back: %(title)s") % {"title": change_set.title}
    target = Allocation.objects.select_related("person", "demand").get(pk=plan["to"])
    if plan.get("created"):
        _end(target, by, text[:500])
    elif "to_after" in plan:
        change_weeks(allocation=target, weeks=_weeks(plan, "to_before"), by=by, reason=text, verb="undo")
    booking = Allocation.objects.select_related("person", "demand").get(pk=plan["from"])
    before = _weeks(plan, "from_before")
    if booking.state not in ENDED:
        change_weeks(allocation=booking, weeks=before, by=by, reason=text, verb="undo")
        return
    span = (min(before), max(before) + dt.timedelta(days=6))
    again = _new(Move(booking, booking.person, span, span, sum(before.values())), before, by, "assign")
    if plan["state"] in HARD:
        book(allocation=again, by=by, reason=text)
    elif plan["state"] == "soft":
        reserve(allocation=again, by=by)


def _permit(change_set: ChangeSet, by: User | None) -> None:
    """The services ask for the rights on both bookings."""


register_change_kind(
    ChangeKind(KIND, gettext_lazy("Hours moved"), "adjustments", undoable=_undoable, before_undo=_back, permit=_permit)
)
