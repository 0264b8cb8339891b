"""Who is told about requests, answers and reservations that end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import AuditEntry, Grant, User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import users_who_can
from stellwerk.people.models import Person
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.telling import hours_line, period_text
from stellwerk.resources.weeks import week_spans

WARNED_DAYS = 3
"""So long before a reservation ends, the line manager is reminded."""


def line_managers(person: Person, may: list[User]) -> list[User]:
    """Of those who may answer for a person: their own manager and that of the unit, with deputies; else all of them."""
    near = {one.user_id for one in (person.manager, person.unit.manager) if one is not None and one.user_id}
    today = timezone.localdate()
    stand_in = {
        grant.user_id for grant in Grant.objects.filter(deputy_for__in=near) if grant.active_on(today)
    }  # fmt: skip
    chosen = [user for user in may if user.pk in near | stand_in]
    return chosen or may


def answering(allocation: Allocation) -> list[User]:
    return line_managers(allocation.person, users_who_can("approve", allocation))


def asking(demand: Demand, *more: Allocation) -> list[User]:
    """The project manager and whoever asked."""
    found: dict[int, User] = {}
    manager = demand.project.manager
    if manager is not None and manager.user is not None:
        found[manager.user.pk] = manager.user
    entries = [("resources.demand", demand.pk)] + [("resources.allocation", row.pk) for row in more]
    for label, number in entries:
        rows = AuditEntry.objects.filter(
            entity_type=label, entity_id=number, verb__in=("create", "request", "open"), actor__isnull=False
        ).select_related("actor")
        for entry in rows[:10]:
            if entry.actor is not None:
                found[entry.actor.pk] = entry.actor
    return list(found.values())


def _without(users: list[User], by: User | None) -> list[User]:
    return [user for user in users if by is None or user.pk != by.pk]


def _facts(allocation: Allocation) -> str:
    weeks = dict(allocation.weeks.values_list("monday", "minutes"))
    return f"{allocation.demand.title} · {period_text(allocation)} · {hours_line(weeks)}"


def _words(allocation: Allocation) -> dict[str, str]:
    return {"person": str(allocation.person), "project": str(allocation.demand.project)}


def tell_asked(allocation: Allocation, by: User | None) -> None:
    """The line manager: somebody is asked for."""
    notify(
        _without(answering(allocation), by),
        kind="resources.asked",
        title=lambda: _("%(project)s asks for %(person)s") % _words(allocation),
        text=lambda: _facts(allocation),
        obj=allocation,
        dedupe=f"resources.asked:{allocation.pk}",
    )


def tell_demand(demand: Demand, by: User | None) -> None:
    """Those who answer for the asked unit: a role is asked for and nobody named yet."""
    if demand.unit is None:
        return
    may = users_who_can("answer", demand)
    lead = demand.unit.manager
    near = [user for user in may if lead is not None and user.pk == lead.user_id]
    notify(
        _without(near or may, by),
        kind="resources.demand",
        title=lambda: _("%(project)s asks for %(what)s") % {"project": str(demand.project), "what": str(demand.role or demand.title)},
        text=lambda: f"{demand.title} · {period_text(demand)}",
        obj=demand,
        dedupe=f"resources.demand:{demand.pk}",
    )  # fmt: skip


def _titles(step: str) -> Callable[[], str] | None:
    """The sentence of a step for whoever asked; None: the step is not told."""
    return {
        "reserve": lambda: _("%(person)s is reserved for %(project)s"),
        "confirm": lambda: _("%(person)s is booked firmly for %(project)s"),
        "counter": lambda: _("%(person)s is offered for %(project)s: please answer"),
        "decline": lambda: _("%(person)s is declined for %(project)s"),
        "expire": lambda: _("The reservation of %(person)s for %(project)s has expired"),
        "release": lambda: _("%(person)s is released from %(project)s"),
        "accept": lambda: _("%(project)s takes %(person)s"),
        "accept_reserved": lambda: _("%(project)s takes %(person)s, reserved"),
        "refuse_offer": lambda: _("%(project)s declines %(person)s"),
        "withdraw": lambda: _("%(project)s no longer asks for %(person)s"),
    }.get(step)


TO_PROJECT = ("reserve", "confirm", "counter", "decline", "expire", "release")
TO_LINE = ("accept", "accept_reserved", "refuse_offer", "withdraw", "expire", "release")
TO_PERSON = ("confirm", "accept", "release")


def tell_step(allocation: Allocation, step: str, by: User | None, reason: str = "") -> None:
    """Both sides, and the person once a booking is firm or released."""
    title = _titles(step)
    if title is None:
        return
    users: list[User] = []
    if step in TO_PROJECT:
        users += asking(allocation.demand, allocation)
    if step in TO_LINE:
        users += answering(allocation)
    if step in TO_PERSON and allocation.person.user is not None:
        users.append(allocation.person.user)
    notify(
        _without(users, by),
        kind=f"resources.{step}",
        title=lambda: title() % _words(allocation),
        text=lambda: "\n".join(part for part in (_facts(allocation), reason) if part),
        obj=allocation,
        dedupe=f"resources.{step}:{allocation.pk}:{allocation.version}",
    )


def remind_reserved(today: dt.date) -> int:
    """Line managers, once: a reservation ends within days; how many were reminded."""
    last = today + dt.timedelta(days=WARNED_DAYS)
    rows = Allocation.objects.filter(state="soft", expires__gte=today, expires__lte=last, archived_at=None)
    told = 0
    for row in rows.select_related("demand__project", "person__unit__manager", "person__manager"):
        told += len(
            notify(
                answering(row),
                kind="resources.expiring",
                title=lambda row=row: _("The reservation of %(person)s for %(project)s ends on %(day)s") % (_words(row) | {"day": formats.day(row.expires)}),  # type: ignore[misc]
                text=lambda row=row: _facts(row),  # type: ignore[misc]
                obj=row,
                dedupe=f"resources.expiring:{row.pk}:{row.expires}",
            )
        )  # fmt: skip
    return told


def tell_follows(demand: Demand, before: dict[dt.date, int], after: dict[dt.date, int], by: User | None) -> None:
    """Line managers whose people stand in a demand that the plan has moved."""
    rows = Allocation.objects.filter(demand=demand, state__in=("requested", "soft", "hard", "active", "countered"))
    for row in rows.select_related("demand__project", "person__unit__manager", "person__manager"):
        notify(
            _without(answering(row), by),
            kind="resources.moved",
            title=lambda row=row: _("The plan of %(project)s moves the work of %(person)s") % _words(row),  # type: ignore[misc]
            text=lambda: (
                _("Before: %(before)s. Now: %(after)s.")
                % {"before": week_spans(list(before)), "after": week_spans(list(after))}
            ),
            obj=row,
            dedupe=f"resources.moved:{row.pk}:{demand.version}",
        )
