"""What one project gives to others and takes from them, from the stored dates: nothing is computed while a page is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import F, Q

from stellwerk.core.kept import KeptQuery, numbers
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible
from stellwerk.engine.calendars import instant, moment
from stellwerk.planning.choices import LinkType
from stellwerk.planning.models import Activity, BaselineRow, Link, Plan
from stellwerk.planning.selectors.calendars import Clock, clock_of, clock_of_all
from stellwerk.planning.selectors.links import over_the_border_of, with_an_end_in
from stellwerk.portfolio.models import Project

FROM_FINISH = (LinkType.FS, LinkType.FF)
TO_FINISH = (LinkType.FF, LinkType.SF)
DONE = ("completed", "cancelled")


@dataclass(frozen=True)
class Supply:
    """A link of a project with another one. ``incoming``: it takes; ``other``: the activity there, None where the reader may not
    see it. ``slack``: working days from promised to needed; None while a date is missing. ``promised_by``, ``needed_by``: the working
    days at whose end these moments lie (what is needed at the start of a Tuesday has to be there on Monday)."""

    link: Link
    incoming: bool
    own: Activity
    other: Activity | None
    promised: dt.datetime | None
    needed: dt.datetime | None
    slack: Decimal | None
    done: bool
    promised_by: dt.date | None = None
    needed_by: dt.date | None = None

    @property
    def light(self) -> str:
        """As on the programme plan: red is promised later than needed."""
        if self.done or self.slack is None:
            return "grey"
        return "red" if self.slack < 0 else "green"


def plan_on(project: Project) -> Plan | None:
    """The plan of a project whose page is built: read once, however many panels and buttons ask."""
    found: Plan | None = getattr(project, "schedule", None)  # what is missing is an AttributeError to Django too
    return found


_ENDS = ("predecessor__plan__project__portfolio__unit", "successor__plan__project__portfolio__unit")
_LINKS = KeptQuery(lambda which: Link.objects.filter(which).select_related(*_ENDS).order_by("pk"))


def supplies_of(plan: Plan, user: User | None) -> list[Supply]:
    """Open ones first, the least reserve on top."""
    links = _LINKS.rows(over_the_border_of(plan.pk))
    if not links:
        return []
    others = {one.plan_id: one.plan for link in links for one in (link.predecessor, link.successor)}
    known = {number for number, other in others.items() if user is None or can(user, "view", other)}
    frozen = _frozen(link.successor_id for link in links)
    clock = clock_of(plan)
    return _sorted([_supply(link, plan.pk, known, frozen, clock) for link in links])


def supplies_between(projects: Collection[int], user: User | None) -> list[Supply]:
    """Links that lead to or from one of these projects, each once and as its taker sees it, where ``user`` may see both ends; open
    ones first, the least reserve on top. The number of queries does not grow with the projects."""
    ends = with_an_end_in(numbers(Plan, Q(project__in=list(projects))))
    rows = Link.objects.filter(ends, plan__project__archived_at=None, predecessor__plan__project__archived_at=None)
    rows = rows.exclude(predecessor__plan=F("plan")).order_by("pk")
    links = list(rows.select_related("predecessor__plan__project", "successor__plan__project"))
    known = _known({one.plan_id for link in links for one in (link.predecessor, link.successor)}, user)
    links = [link for link in links if {link.predecessor.plan_id, link.successor.plan_id} <= known]
    if not links:
        return []
    frozen = _frozen(link.successor_id for link in links)
    takers = {link.plan_id: link.successor.plan for link in links}
    clock = clock_of_all(takers.values())
    clocks = {number: clock.with_default(plan.calendar_id) for number, plan in takers.items()}
    return _sorted([_supply(link, link.plan_id, known, frozen, clocks[link.plan_id]) for link in links])


def _known(plans: set[int], user: User | None) -> set[int]:
    seen = Plan.objects.filter(pk__in=plans)
    return set((seen if user is None else seen.filter(visible(user, Plan))).values_list("pk", flat=True))


def _sorted(supplies: list[Supply]) -> list[Supply]:
    return sorted(supplies, key=lambda one: (one.done, one.slack is None, one.slack or Decimal(0), one.link.pk))


def _frozen(takers: Iterable[int]) -> dict[int, tuple[dt.datetime, dt.datetime]]:
    rows = BaselineRow.objects.filter(baseline__state="approved", activity__in=list(takers))
    dated = rows.exclude(start=None).exclude(finish=None).order_by("baseline__number")
    return {pk: (start, finish) for pk, start, finish in dated.values_list("activity_id", "start", "finish")}


def _supply(link: Link, plan: int, known: set[int], frozen: dict[int, Any], clock: Clock) -> Supply:
    giver, taker = link.predecessor, link.successor
    incoming = link.plan_id == plan
    own, other = (taker, giver) if incoming else (giver, taker)
    to_finish = link.type in TO_FINISH
    promised = giver.finish if link.type in FROM_FINISH else giver.start
    needed = (
        frozen[taker.pk][to_finish] if taker.pk in frozen else (taker.late_finish if to_finish else taker.late_start)
    )
    # The calendar of the taker where this is its plan, else that of the giver's plan.
    row = clock.of(taker.calendar_id, elapsed=taker.elapsed) if incoming else clock.default
    slack = None
    if promised is not None and link.lag:
        promised = _moved(clock, 0 if link.lag_elapsed else row, promised, link.lag)
    if promised is not None and needed is not None:
        minutes = clock.set.between(_one(row), _one(instant(promised)), _one(instant(needed)))
        slack = (Decimal(int(minutes[0])) / clock.day(row)).quantize(Decimal("0.1"))
    done = taker.actual_finish is not None or (taker.actual_start is not None and not to_finish) or taker.state in DONE
    ends = (_day_that_ends_at(clock, row, at) for at in (promised, needed))
    return Supply(link, incoming, own, other if other.plan_id in known else None, promised, needed, slack, done, *ends)


def _day_that_ends_at(clock: Clock, row: int, at: dt.datetime | None) -> dt.date | None:
    """The day of the last working minute up to a moment."""
    if at is None:
        return None
    return moment(int(clock.set.subtract(_one(row), _one(instant(at)), _one(1))[0])).date()


def _moved(clock: Clock, row: int, at: dt.datetime, lag: int) -> dt.datetime:
    move = clock.set.add if lag > 0 else clock.set.subtract
    return moment(int(move(_one(row), _one(instant(at)), _one(abs(lag)))[0]))


def _one(value: int) -> Any:
    return np.array([value], np.int64)


def endangered(supplies: Sequence[Supply]) -> list[Supply]:
    """Promised later than needed."""
    return [one for one in supplies if one.light == "red"]
