"""Who could do it: people of the role with the skills and free hours in the period, ranked, with reasons.

Why somebody is not free is never told: hours are net of absences and of firm bookings, no more.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.people.models import Person, PersonSkill
from stellwerk.resources.agency_clock import Clock
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import Allocation, Demand, DemandSkill
from stellwerk.resources.selectors.agency import clocks_of
from stellwerk.resources.selectors.booked import load_of
from stellwerk.resources.selectors.net import net_by_week
from stellwerk.resources.weeks import Weeks, covered, hours_text, left, week_spans

POOL = 400
"""So many people of a role are looked at."""


@dataclass
class Candidate:
    """A person for a demand: minutes free in its weeks, what speaks for and against."""

    person: Person
    free: dict[dt.date, int] = field(default_factory=dict)
    covered: int = 0
    ratio: float = 0.0
    good: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    points: float = 0.0


def _pool(demand: Demand) -> list[Person]:
    wanted = Q(pk=demand.person_id) if demand.person_id else Q(pk__in=[])
    role = demand.role or (demand.person.role if demand.person is not None else None)
    where = wanted | (Q(role=role) if role is not None else Q(pk__in=[]))
    # There for some part of the time: who comes later or leaves earlier has fewer free hours.
    there = (Q(entry_date=None) | Q(entry_date__lte=demand.last)) & (
        Q(exit_date=None) | Q(exit_date__gte=max(demand.first, timezone.localdate()))
    )
    rows = Person.objects.filter(where & there, archived_at=None).select_related(
        "unit__organisation", "role", "location"
    )
    return list(rows.order_by("last_name", "first_name", "pk")[:POOL])


def candidates(demand: Demand, weeks: Weeks, limit: int = 15) -> list[Candidate]:
    """The best people for these weeks (what the demand still lacks), in seven queries whatever the number of people (nine with temporary workers)."""
    people = _pool(demand)
    if not people or not weeks:
        return []
    numbers = [person.pk for person in people]
    net = net_by_week(numbers, min(weeks), max(weeks))
    load = load_of(numbers, weeks, states=HARD)
    soft = load_of(numbers, weeks, states=("soft",))
    wishes = list(DemandSkill.objects.filter(demand=demand).select_related("skill"))
    skills: dict[int, dict[int, PersonSkill]] = defaultdict(dict)
    for row in PersonSkill.objects.filter(person__in=numbers, skill__in=[wish.skill_id for wish in wishes]):
        skills[row.person_id][row.skill_id] = row
    taken = dict(
        Allocation.objects.filter(demand=demand, state__in=("requested", "soft", "hard", "active", "countered"))
        .order_by()
        .values_list("person", "state")
    )
    known = set(
        Allocation.objects.filter(
            demand__project=demand.project_id, person__in=numbers, state__in=("hard", "active", "completed")
        ).values_list("person", flat=True)
    )
    clocks = clocks_of(people)
    found = []
    for person in people:
        if person.pk in taken:
            continue
        free = {
            week: max(0, net[person.pk].get(week, 0) - load.get(person.pk, {}).get(week, 0)) for week in weeks
        }  # fmt: skip
        one = Candidate(person, free, covered(weeks, free))
        _judge(one, demand, weeks, wishes, skills[person.pk], bool(soft.get(person.pk)), person.pk in known)
        if person.pk in clocks:
            _judge_clock(one, clocks[person.pk], demand)
        found.append(one)
    found.sort(key=lambda one: (-one.points, one.person.last_name, one.person.pk))
    return found[:limit]


def _judge(
    one: Candidate, demand: Demand, weeks: Weeks, wishes: list[DemandSkill], has: dict[int, PersonSkill], reserved: bool,
    known: bool,
) -> None:  # fmt: skip
    total = sum(weeks.values())
    one.ratio = one.covered / total if total else 0.0
    one.points = 100 * one.ratio
    if demand.person_id == one.person.pk:
        one.good.append(_("wanted by the project"))
        one.points += 200
    if one.covered >= total:
        one.good.append(_("free for all %(hours)s") % {"hours": hours_text(total)})
    elif one.covered:
        short = week_spans(list(left(weeks, one.free)))
        text = _("free for %(free)s of %(hours)s, too little in %(weeks)s")
        one.bad.append(text % {"free": hours_text(one.covered), "hours": hours_text(total), "weeks": short})
    else:
        one.bad.append(_("not free in this period"))
    for wish in wishes:
        _judge_skill(one, wish, has.get(wish.skill_id), demand.last)
    if known:
        one.good.append(_("knows the project"))
        one.points += 10
    if reserved:
        one.bad.append(_("reserved for something else"))
        one.points -= 10
    if demand.role_id and one.person.role_id == demand.role_id and demand.unit_id == one.person.unit_id:
        one.points += 5


def _judge_clock(one: Candidate, clock: Clock, demand: Demand) -> None:
    """Nobody is proposed beyond the legal limit of temporary work without a word."""
    if clock.limit is None or clock.limit >= demand.last:
        return
    one.bad.append(_("temporary work must end on %(day)s") % {"day": formats.day(clock.limit)})
    one.points -= 60


def _judge_skill(one: Candidate, wish: DemandSkill, row: PersonSkill | None, day: dt.date) -> None:
    """The confirmed level counts until it expires; what somebody says of themselves is named as such."""
    level = row.level_on(day) if row is not None else None
    words = {"skill": str(wish.skill), "level": wish.level}
    if level is not None and level >= wish.level:
        one.good.append(_("%(skill)s %(has)s (asked: %(level)s)") % (words | {"has": level}))
        one.points += 20 + level
        return
    if level is not None:
        one.bad.append(_("%(skill)s only %(has)s of %(level)s") % (words | {"has": level}))
    elif row is not None and row.expires is not None and row.expires < day and row.confirmed is not None:
        one.bad.append(_("%(skill)s expires on %(day)s") % (words | {"day": formats.day(row.expires)}))
    elif row is not None and row.claimed >= wish.level:
        one.bad.append(_("%(skill)s %(has)s claimed, not confirmed") % (words | {"has": row.claimed}))
        one.points += 8
    else:
        one.bad.append(_("without %(skill)s") % words)
    one.points -= 60 if wish.must else 10
