"""Bookings: the list, the page of one with its answers, the inbox of a line manager."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.core.states import label_of
from stellwerk.people.models import Person
from stellwerk.people.selectors import employed
from stellwerk.portfolio.views.common import version_of
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import Allocation, AllocationWeek
from stellwerk.resources.selectors.booked import load_of, weeks_of
from stellwerk.resources.selectors.demands import (
    asked_by_reader,
    demands_to_answer,
    requests_to_answer,
    reserved_by,
)
from stellwerk.resources.selectors.net import net_by_week
from stellwerk.resources.services import allocations as answers
from stellwerk.resources.strips import Strip, strip
from stellwerk.resources.weeks import Weeks, hours_text, week_spans

RELATED = (
    "demand__project__portfolio", "demand__role", "demand__unit", "person__unit", "person__role", "offered_instead_of",
)  # fmt: skip
MOST = 200
"""Lines of the inbox that are answered at once."""


@access("view", "resources.allocation")
def booking_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "resources.allocation")


# ── one booking ──────────────────────────────────────────────────────────────────────────────────


@access("view", "resources.allocation")
def booking_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    return _detail(request, user, fetch(user, Allocation.objects.select_related(*RELATED), key=key))


def _detail(request: HttpRequest, user: User, booking: Allocation, problem: Refused | None = None) -> HttpResponse:
    decides = booking.state in {"requested", "soft"} and can(user, "approve", booking)
    own = decides and asked_by_reader(booking.demand, user)
    weeks = weeks_of(booking)
    load = _load(booking, weeks) if can(user, "approve", booking) else None
    replies = booking.state == "countered" and can(user, "ask", booking)
    context = {
        "object": booking, "booking": booking, "demand": booking.demand, "strip": load or strip([(_("Booked"), weeks, False)]),
        "hours_text": hours_text(sum(weeks.values())), "decides": decides and not own, "own": own, "replies": replies,
        "may_withdraw": booking.state in {"requested", "soft", "countered"} and can(user, "ask", booking),
        "may_release": booking.state in HARD and can(user, "edit", booking),
        "others": _others(user, booking) if decides and not own and booking.state == "requested" else [],
        "demand_seen": can(user, "view", booking.demand), "person_seen": can(user, "view", booking.person),
        "project_seen": can(user, "view", booking.demand.project),
        "problem": problem, "typed": request.POST if problem else {},
        "panels": panels_for(request, booking), "actions": actions_for(request, booking),
    }  # fmt: skip
    return render(request, "resources/booking_detail.html", context, status=problem.status if problem else 200)


def _load(booking: Allocation, weeks: Weeks) -> Strip | None:
    """What the line manager weighs: this booking, other firm ones, the person's net hours, what is over."""
    if not weeks:
        return None
    net = net_by_week([booking.person_id], min(weeks), max(weeks)).get(booking.person_id, {})
    other = load_of([booking.person_id], weeks, without=booking.pk).get(booking.person_id, {})
    over = {week: max(0, minutes + other.get(week, 0) - net.get(week, 0)) for week, minutes in weeks.items()}
    rows = [
        (_("This booking"), weeks, False),
        (_("Firm elsewhere"), {week: other.get(week, 0) for week in weeks}, False),
        (_("Net hours"), {week: net.get(week, 0) for week in weeks}, False),
    ]
    if any(over.values()):
        rows.append((_("Too much"), over, True))
    return strip(rows)


def _others(user: User, booking: Allocation) -> list[Person]:
    """People whom this line manager can offer instead: of the same role first."""
    rows = visible_rows(user, Person.objects.filter(employed()), "edit").exclude(pk=booking.person_id)
    found = list(rows.select_related("role", "unit").order_by("last_name", "first_name")[:300])
    role = booking.demand.role_id or booking.person.role_id
    return sorted(found, key=lambda one: one.role_id != role)


@require_POST
@access("view", "resources.allocation")
def booking_answer(request: HttpRequest, key: str) -> HttpResponse:
    """All answers of both sides stand in one form; the button says which."""
    user = actor(request)
    booking = fetch(user, Allocation.objects.select_related(*RELATED), key=key)
    if not any(can(user, verb, booking) for verb in ("approve", "ask", "edit")):
        raise NotAllowed()
    try:
        done = _answer(request, user, booking)
    except Refused as refusal:
        booking = fetch(user, Allocation.objects.select_related(*RELATED), key=key)
        return _detail(request, user, booking, refusal)
    messages.success(request, f"{done.person}: {label_of(done)}")
    return HttpResponseRedirect(url_of(done) if can(user, "view", done) else "/")


def _answer(request: HttpRequest, user: User, booking: Allocation) -> Allocation:
    step = request.POST.get("step", "")
    reason = request.POST.get("reason", "").strip()[:1000]
    seen = version_of(request)
    plain: dict[str, Callable[[], Allocation]] = {
        "reserve": lambda: answers.reserve(allocation=booking, by=user, version=seen),
        "confirm": lambda: answers.book(allocation=booking, by=user, version=seen, reason=reason[:500]),
        "decline": lambda: answers.decline(allocation=booking, by=user, version=seen, reason=reason),
        "counter": lambda: answers.offer_other(
            allocation=booking, person=_person(request), by=user, version=seen, reason=reason
        ),
        "accept": lambda: answers.accept_offer(allocation=booking, by=user, version=seen),
        "accept_reserved": lambda: answers.accept_offer(allocation=booking, by=user, version=seen, firm=False),
        "refuse_offer": lambda: answers.refuse_offer(allocation=booking, by=user, version=seen, reason=reason),
        "withdraw": lambda: answers.withdraw(allocation=booking, by=user, version=seen, reason=reason),
        "release": lambda: answers.release(allocation=booking, by=user, version=seen, reason=reason),
    }
    if step not in plain:
        raise WrongState(_("There is no step “%(step)s” here.") % {"step": step[:40]})
    return plain[step]()


def _person(request: HttpRequest) -> Person:
    number = request.POST.get("person", "")
    usable = number.isascii() and number.isdigit() and len(number) < 10
    person = Person.objects.filter(employed(), pk=int(number)).first() if usable else None
    if person is None:
        raise Invalid({"person": [_("Please choose a person.")]}, _("Please choose a person."))
    return person


# ── the inbox ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Waiting:
    """A request as the inbox shows it: minutes, and the weeks that would be overbooked."""

    booking: Allocation
    hours: str
    over: str


@access("approve", "resources.allocation")
def requests(request: HttpRequest) -> HttpResponse:
    """What waits for a line manager: requests, demands without a name, reservations that end."""
    user = actor(request)
    told: list[str] = []
    status = 200
    if request.method == "POST":
        told, done = _answer_many(request, user)
        if done:
            text = ngettext("%(count)s request answered.", "%(count)s requests answered.", done) % {"count": done}
            messages.success(request, text)
        if not told:
            return HttpResponseRedirect(request.path)
        status = 422
    rows = list(requests_to_answer(user)[:MOST])
    waiting = _waiting(rows, user)
    demands = list(demands_to_answer(user)[:MOST])
    context = {
        "waiting": waiting, "demands": demands, "reserved": list(reserved_by(user)[:50]), "told": told,
        "over_count": sum(1 for row in waiting if row.over),
        "reason": request.POST.get("reason", "") if told else "",
        "chosen": set(request.POST.getlist("ids")) if told else set(),
    }  # fmt: skip
    return render(request, "resources/requests.html", context, status=status)


def _waiting(rows: list[Allocation], user: User) -> list[Waiting]:
    """Hours and conflicts of all requests in four queries."""
    weeks: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for number, week, minutes in AllocationWeek.objects.filter(allocation__in=[row.pk for row in rows]).values_list(
        "allocation", "monday", "minutes"
    ):
        weeks[number][week] = minutes
    used = sorted({week for row in weeks.values() for week in row})
    people = {row.person_id for row in rows}
    net = net_by_week(people, used[0], used[-1]) if used else {}
    load = load_of(people, used, states=HARD) if used else {}
    found = []
    for row in rows:
        over = [
            week
            for week, minutes in sorted(weeks[row.pk].items())
            if minutes + load.get(row.person_id, {}).get(week, 0) > net.get(row.person_id, {}).get(week, 0)
        ]
        found.append(
            Waiting(row, hours_text(sum(weeks[row.pk].values())), week_spans(over) if over else "")
        )  # fmt: skip
    return found


def _answer_many(request: HttpRequest, user: User) -> tuple[list[str], int]:
    """Answer the chosen requests one by one: what is refused is named, the rest is done."""
    step = request.POST.get("step", "")
    reason = request.POST.get("reason", "").strip()[:500]
    chosen = [int(text) for text in request.POST.getlist("ids") if text.isascii() and text.isdigit() and len(text) < 10]
    if step not in {"reserve", "confirm", "decline"}:
        return [_("Please choose what to answer.")], 0
    if not chosen:
        return [_("Please choose at least one request.")], 0
    if step == "decline" and not reason:
        return [_("Please give a reason: the projects read it.")], 0
    told, done = [], 0
    for booking in _chosen(user, chosen[:MOST]):
        try:
            if step == "reserve":
                answers.reserve(allocation=booking, by=user)
            elif step == "confirm":
                answers.book(allocation=booking, by=user, reason=reason)
            else:
                answers.decline(allocation=booking, by=user, reason=reason)
            done += 1
        except Invalid as refusal:
            told.append(f"{booking.person} · {booking.demand.title}: {_texts(refusal)}")
        except Refused as refusal:
            told.append(f"{booking.person} · {booking.demand.title}: {refusal.message}")
    return told, done


def _texts(refusal: Invalid) -> str:
    return " ".join(text for texts in refusal.errors.values() for text in texts)


def _chosen(user: User, numbers: Iterable[int]) -> list[Allocation]:
    rows = Allocation.objects.filter(pk__in=list(numbers), archived_at=None)
    return list(visible_rows(user, rows, "approve").select_related("person", "demand").order_by("first", "pk"))
