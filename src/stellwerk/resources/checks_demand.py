"""What cannot work out: skills that nobody has, people on two full-time jobs, absent all the time, without capacity."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.checks import Hit, check
from stellwerk.people.models import Person, PersonSkill
from stellwerk.people.selectors import employed
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandSkill
from stellwerk.resources.selectors.demands import WAITING
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
    "RES002", "major", "resources.demand", title=gettext_lazy("Wanted person is not there in the period"),
    explanation=gettext_lazy("The wanted person has no working time for projects in the whole period: ask for somebody else, or move the work."),
)  # fmt: skip
def absent_all_the_time(demands: QuerySet[Demand]) -> Iterator[Hit]:
    today = timezone.localdate()
    rows = list(
        demands.filter(state__in=WAITING, person__isnull=False, last__gte=today).select_related("person")[:MOST]
    )
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


@check(
    "RES010", "critical", "resources.allocation", title=gettext_lazy("Person overbooked"),
    explanation=gettext_lazy("Firm bookings of one person exceed the net hours: move hours to another week or person, or say why it is right."),
)  # fmt: skip
def overbooked(bookings: QuerySet[Allocation]) -> Iterator[Hit]:
    """Told at the last booking that was added, with the weeks; a reason of the line manager does not make it disappear."""
    first = monday(timezone.localdate())
    rows = list(bookings.filter(state__in=HARD, last__gte=first).select_related("person", "demand").order_by("pk"))
    people = {row.person_id for row in rows}
    load: dict[int, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    own: dict[int, set[dt.date]] = defaultdict(set)
    weeks = AllocationWeek.objects.filter(
        allocation__person__in=people, allocation__state__in=HARD, monday__gte=first, minutes__gt=0
    )
    for number, person, week, minutes in weeks.values_list("allocation", "allocation__person", "monday", "minutes"):
        load[person][week] += minutes
        own[number].add(week)
    if not load:
        return
    net = net_by_week(people, first, max(week for by_week in load.values() for week in by_week))
    told: set[int] = set()
    for row in reversed(rows):
        if row.person_id in told:
            continue
        over = {
            week: (load[row.person_id][week], net[row.person_id].get(week, 0))
            for week in own[row.pk]
            if load[row.person_id][week] > net[row.person_id].get(week, 0)
        }
        if over:
            told.add(row.person_id)
            yield Hit(row, f"{row.person}: {over_text(over)}")


@check(
    "RES011", "major", "resources.allocation", title=gettext_lazy("Booked without capacity"),
    explanation=gettext_lazy("Somebody is booked who has no net hours in any week of the booking: absent, gone, or not for projects."),
)  # fmt: skip
def zero_capacity(bookings: QuerySet[Allocation]) -> Iterator[Hit]:
    today = timezone.localdate()
    rows = list(
        bookings.filter(state__in=("requested", "soft", *HARD), last__gte=today).select_related("person", "demand")[
            :MOST
        ]
    )
    if not rows:
        return
    net = net_by_week({row.person_id for row in rows}, today, max(row.last for row in rows))
    asked: dict[int, int] = defaultdict(int)
    free: dict[int, int] = defaultdict(int)
    people = {row.pk: row.person_id for row in rows}
    weeks = AllocationWeek.objects.filter(allocation__in=list(people), monday__gte=monday(today), minutes__gt=0)
    for number, week, minutes in weeks.values_list("allocation", "monday", "minutes"):
        asked[number] += minutes
        free[number] += net.get(people[number], {}).get(week, 0)
    for row in rows:
        if asked[row.pk] and not free[row.pk]:
            text = _("%(person)s: %(hours)s are booked, and there are no net hours in these weeks.")
            yield Hit(row, text % {"person": row.person, "hours": hours_text(asked[row.pk])})
