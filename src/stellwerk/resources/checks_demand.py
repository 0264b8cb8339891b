"""What cannot work out: skills that nobody has, people on two full-time jobs, absent all the time, without capacity."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.checks import Hit, check
from stellwerk.people.models import Person, PersonSkill
from stellwerk.people.selectors import employed
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandSkill
from stellwerk.resources.selectors.demands import WAITING, staying
from stellwerk.resources.selectors.net import net_by_week
from stellwerk.resources.telling import over_text
from stellwerk.resources.weeks import hours_text, monday

MOST = 2000


@check(
    "RES001", "major", "resources.demand", title=gettext_lazy("Demand for a skill that nobody has"),
    explanation=gettext_lazy("Nobody here has the required skill confirmed on the wanted level: train somebody, ask for less, or raise a vacancy."),
)  # fmt: skip
def skill_of_nobody(demands: QuerySet[Demand]) -> Iterator[Hit]:
    today = timezone.localdate()
    rows = DemandSkill.objects.filter(demand__in=demands.filter(state__in=WAITING), must=True)
    wishes = list(rows.select_related("demand", "skill").order_by("demand", "skill"))
    best: dict[int, int] = {}
    for row in PersonSkill.objects.filter(
        skill__in={wish.skill_id for wish in wishes}, person__in=Person.objects.filter(employed(today))
    ):
        best[row.skill_id] = max(best.get(row.skill_id, 0), row.level_on(today) or 0)
    for wish in wishes:
        if best.get(wish.skill_id, 0) < wish.level:
            text = _("%(skill)s on level %(level)s: the best confirmed level here is %(best)s.")
            words = {"skill": wish.skill, "level": wish.level, "best": best.get(wish.skill_id, 0)}
            yield Hit(wish.demand, text % words)


@check(
    "RES003", "major", "resources.demand", title=gettext_lazy("Demand for a role that nobody has"),
    explanation=gettext_lazy("Nobody here has the project role that is asked for: hire or train somebody, ask for another role, or raise a vacancy."),
)  # fmt: skip
def role_of_nobody(demands: QuerySet[Demand]) -> Iterator[Hit]:
    for row in _waiting(demands):
        if row.person_id is None and row.state != "vacancy_raised" and getattr(row, "of_nobody"):  # noqa: B009 - annotated
            yield Hit(row, _("%(role)s: nobody here has this role.") % {"role": row.role})


def _waiting(demands: QuerySet[Demand]) -> list[Demand]:
    """Both checks of a page get the same queryset: the demands that wait, read once, with whether nobody has the role."""
    known: list[Demand] | None = getattr(demands, "_stellwerk_waiting", None)
    if known is None:
        today = timezone.localdate()
        somebody = Exists(Person.objects.filter(staying(today), role=OuterRef("role")))
        rows = (
            demands.filter(state__in=WAITING, last__gte=today).select_related("person", "role").order_by("first", "pk")
        )
        rows = rows.annotate(of_nobody=Q(role__isnull=False) & ~somebody)
        known = demands._stellwerk_waiting = list(rows[:MOST])  # type: ignore[attr-defined]
    return known


@check(
    "RES002", "major", "resources.demand", title=gettext_lazy("Wanted person is not there in the period"),
    explanation=gettext_lazy("The wanted person has no working time for projects in the whole period: ask for somebody else, or move the work."),
)  # fmt: skip
def absent_all_the_time(demands: QuerySet[Demand]) -> Iterator[Hit]:
    today = timezone.localdate()
    rows = [row for row in _waiting(demands) if row.person_id is not None]
    if not rows:
        return
    net = net_by_week(
        {row.person_id for row in rows if row.person_id}, max(today, min(row.first for row in rows)),
        max(row.last for row in rows),
    )  # fmt: skip
    for row in rows:
        weeks = net.get(row.person_id or 0, {})
        if not any(minutes for week, minutes in weeks.items() if monday(row.first) <= week <= row.last):
            text = _("%(person)s has no working time for projects in this period.")
            yield Hit(row, text % {"person": row.person})


@dataclass(frozen=True)
class _Booked:
    """What both checks of bookings know: open bookings, minutes by week of each, net minutes of their people."""

    rows: list[Allocation]
    weeks: dict[int, dict[dt.date, int]]
    net: dict[int, dict[dt.date, int]]


def _booked(bookings: QuerySet[Allocation]) -> _Booked:
    """Both checks of a page get the same queryset: what they need is read for the first of them, in five queries."""
    known: _Booked | None = getattr(bookings, "_stellwerk_booked", None)
    if known is not None:
        return known
    first = monday(timezone.localdate())
    rows = list(
        bookings.filter(state__in=("requested", "soft", *HARD), last__gte=first)
        .select_related("person", "demand")
        .order_by("-pk")[:MOST]
    )
    weeks: dict[int, dict[dt.date, int]] = defaultdict(dict)
    found = AllocationWeek.objects.filter(allocation__in=[row.pk for row in rows], monday__gte=first, minutes__gt=0)
    for number, week, minutes in found.order_by().values_list("allocation", "monday", "minutes"):
        weeks[number][week] = minutes
    days = [week for own in weeks.values() for week in own]
    net = net_by_week({row.person_id for row in rows}, first, max(days)) if days else {}
    known = _Booked(rows, weeks, net)
    bookings._stellwerk_booked = known  # type: ignore[attr-defined]
    return known


@check(
    "RES010", "critical", "resources.allocation", title=gettext_lazy("Person overbooked"),
    explanation=gettext_lazy("Firm bookings of one person exceed the net hours: move hours to another week or person, or say why it is right."),
)  # fmt: skip
def overbooked(bookings: QuerySet[Allocation]) -> Iterator[Hit]:
    """Told at the booking that was added last, with the weeks; a reason of the line manager does not make it disappear.

    Counted are the bookings that the reader may see.
    """
    known = _booked(bookings)
    firm = [row for row in known.rows if row.state in HARD]
    load: dict[int, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for row in firm:
        for week, minutes in known.weeks.get(row.pk, {}).items():
            load[row.person_id][week] += minutes
    told: set[int] = set()
    for row in firm:
        net = known.net.get(row.person_id, {})
        over = {
            week: (load[row.person_id][week], net.get(week, 0))
            for week in known.weeks.get(row.pk, {})
            if load[row.person_id][week] > net.get(week, 0)
        }
        if over and row.person_id not in told:
            told.add(row.person_id)
            yield Hit(row, f"{row.person}: {over_text(over)}")


@check(
    "RES011", "major", "resources.allocation", title=gettext_lazy("Booked without capacity"),
    explanation=gettext_lazy("Somebody is booked who has no net hours in any week of the booking: absent, gone, or not for projects."),
)  # fmt: skip
def zero_capacity(bookings: QuerySet[Allocation]) -> Iterator[Hit]:
    known = _booked(bookings)
    for row in known.rows:
        weeks = known.weeks.get(row.pk, {})
        if weeks and not any(known.net.get(row.person_id, {}).get(week, 0) for week in weeks):
            text = _("%(person)s: %(hours)s are booked, and there are no net hours in these weeks.")
            yield Hit(row, text % {"person": row.person, "hours": hours_text(sum(weeks.values()))})
