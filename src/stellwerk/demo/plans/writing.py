"""Plans into the tables, by bulk inserts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from django.db.models import Count
from django.utils import timezone

from stellwerk.core import bulk
from stellwerk.demo.plans.costs import Costs
from stellwerk.demo.plans.network import DAY, EVENING, MORNING, Draft, Row, Tie
from stellwerk.demo.plans.progress import Fact, Facts
from stellwerk.demo.story import Course
from stellwerk.engine.calendars import instant
from stellwerk.people.models import Person, Role
from stellwerk.planning.choices import Kind, ResourceKind, TaskType
from stellwerk.planning.models import Activity, Assignment, Link, Plan, PlanResource
from stellwerk.portfolio.models import Project

OWN_SHARE: Final = 40.0
ROLE_SHARE: Final = 60.0
"""Per cent of their time that somebody has for one activity, and what is asked of others of the same role."""
STEP: Final = 1 << 20
"""Distance between the positions of two rows, so that others fit between them."""
PLAN = (
    "id",
    "version",
    "created_at",
    "updated_at",
    "project_id",
    "calendar_id",
    "start",
    "data_date",
    "finish",
    "revision",
    "next_uid",
)
ACTIVITY = (
    "id", "version", "created_at", "updated_at", "plan_id", "uid", "position", "level", "summary", "wbs", "code", "name", "kind", "state", "responsible_id",
    "duration", "calendar_id", "type", "work", "units", "cost", "constraint", "constraint_date", "deadline", "percent", "remaining", "remaining_work",
    "actual_work", "actual_start", "actual_finish", "ev_method", "weight",
)  # fmt: skip
LINK = (
    "id",
    "version",
    "created_at",
    "updated_at",
    "plan_id",
    "predecessor_id",
    "successor_id",
    "type",
    "lag",
    "lag_elapsed",
)
RESOURCE = (
    "id",
    "version",
    "created_at",
    "updated_at",
    "plan_id",
    "uid",
    "name",
    "kind",
    "generic",
    "person_id",
    "role_id",
    "calendar_id",
    "max_units",
)
ASSIGNMENT = (
    "version", "created_at", "updated_at", "plan_id", "uid", "activity_id", "resource_id", "units", "work", "actual_work", "remaining_work",
)  # fmt: skip


@dataclass
class Made:
    """A plan of the company: what was drafted, what is stored of it."""

    project: Project
    course: Course
    draft: Draft
    facts: Facts
    plan: int = 0
    first: int = 0
    """Number of the first activity; the others follow in the order of the rows."""
    costs: Costs = field(default_factory=list)
    """Cents, row by row."""
    critical: set[int] = field(default_factory=set)
    links: list[tuple[Made, int, int]] = field(default_factory=list)
    """From other plans: the giver, its row, and the row of this plan that takes."""

    def activity(self, row: int) -> int:
        return self.first + row


def data_date_of(day: dt.date) -> int:
    return instant(dt.datetime.combine(day, EVENING))


def _time() -> str:
    return bulk.instant(timezone.now())


def insert_plans(made: Sequence[Made], day: dt.date, roles: dict[str, Role], part_time: dict[int, int]) -> None:
    """Write plans, activities, links, resources and assignments without dates; ``part_time``: person → calendar."""
    now = _time()
    numbers = iter(bulk.reserve(Plan, len(made)))
    activities = iter(bulk.reserve(Activity, sum(len(one.draft.rows) for one in made)))
    for one in made:
        one.plan = next(numbers)
        taken = [next(activities) for _row in one.draft.rows]
        one.first = taken[0]
    bulk.insert(Plan, full(Plan, PLAN), (filled(Plan, PLAN, _plan(one, day, now)) for one in made))
    rows = (_activity(one, number, now) for one in made for number in range(len(one.draft.rows)))
    bulk.insert(Activity, full(Activity, ACTIVITY), (filled(Activity, ACTIVITY, row) for row in rows))
    ties = [(one, tie) for one in made for tie in one.draft.ties]
    links = iter(bulk.reserve(Link, len(ties)))
    bulk.insert(Link, full(Link, LINK), (filled(Link, LINK, _link(one, tie, next(links), now)) for one, tie in ties))
    _insert_work(made, roles, part_time, now)


def _plan(one: Made, day: dt.date, now: str) -> tuple[bulk.Value, ...]:
    start = instant(dt.datetime.combine(one.draft.start, MORNING))
    return (
        one.plan,
        1,
        now,
        now,
        one.project.pk,
        one.draft.calendar,
        start,
        data_date_of(day),
        None,
        1,
        len(one.draft.rows) + 1,
    )


def _activity(one: Made, number: int, now: str) -> tuple[bulk.Value, ...]:
    row, fact = one.draft.rows[number], one.facts.rows[number]
    person = fact.person.pk if fact.person is not None else None
    kind = Kind.TASK if row.summary else row.kind
    took = None if row.summary else 0 if row.milestone else row.days["now"] * DAY
    work = fact.work
    units = str(units_of(row, fact)) if work is not None else None
    left = _left_work(fact)
    return (
        one.activity(number), 1, now, now, one.plan, number + 1, (number + 1) * STEP, row.level, row.summary, row.wbs, row.code, row.name, str(kind), fact.state,
        person, took, row.calendar, str(TaskType.FIXED_DURATION) if work is not None else "", _text(work), units, one.costs[number], str(fact.constraint), fact.constraint_date,
        fact.deadline, fact.percent, fact.remaining, _text(left), _text(fact.actual_work), fact.actual_start, fact.actual_finish, str(fact.ev_method), fact.weight,
    )  # fmt: skip


def units_of(row: Row, fact: Fact) -> float:
    """Per cent of a person over the whole duration."""
    return round((fact.work or 0) / (max(1, row.days["now"]) * 8) * 100, 2)


def _left_work(fact: Fact) -> int | None:
    return None if fact.work is None else round(fact.work * (100 - fact.percent) / 100)


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _link(one: Made, tie: Tie, number: int, now: str) -> tuple[bulk.Value, ...]:
    return (
        number,
        1,
        now,
        now,
        one.plan,
        one.activity(tie.before),
        one.activity(tie.after),
        tie.kind,
        tie.minutes,
        tie.elapsed,
    )


def _insert_work(made: Sequence[Made], roles: dict[str, Role], part_time: dict[int, int], now: str) -> None:
    """A resource for everybody who has work, and for roles that nobody of the project has."""
    counts = Person.objects.order_by().values_list("role").annotate(Count("pk"))
    several = {role for role, count in counts if count > 2}
    resources: list[tuple[bulk.Value, ...]] = []
    assignments: list[tuple[bulk.Value, ...]] = []
    needed = sum(2 * len({fact.person.pk for fact in one.facts.rows if fact.person and fact.work}) + 1 for one in made)
    numbers = iter(bulk.reserve(PlanResource, needed))
    for one in made:
        known: dict[int, int] = {}
        uid = 0
        for number, (row, fact) in enumerate(zip(one.draft.rows, one.facts.rows, strict=True)):
            if fact.person is None or not fact.work:
                continue
            if fact.person.pk not in known:
                known[fact.person.pk] = next(numbers)
                resources.append(
                    (known[fact.person.pk], 1, now, now, one.plan, len(known), fact.person.full_name, str(ResourceKind.WORK), False, fact.person.pk,
                     fact.person.role_id, part_time.get(fact.person.pk), "100")
                )  # fmt: skip
            whole = units_of(row, fact)
            role = fact.person.role or roles["Montage"]
            own = min(OWN_SHARE, whole)
            parts = [(known[fact.person.pk], own)]
            # More than one person has time for is asked of the same role, and what is more than that done by subcontractors.
            others = min(ROLE_SHARE, whole - own) if role.pk in several else 0.0
            for key, name, of_role, units in (
                (-role.pk, role.name, role.pk, others), (0, "Nachunternehmer", None, whole - own - others),
            ):  # fmt: skip
                if units <= 0:
                    continue
                if key not in known:
                    known[key] = next(numbers)
                    resources.append(
                        (known[key], 1, now, now, one.plan, len(known), name, str(ResourceKind.WORK), True, None, of_role, None, None)
                    )  # fmt: skip
                parts.append((known[key], units))
            for resource, units in parts:
                uid += 1
                share = units / whole if whole else 1.0
                assignments.append(_assignment(one, number, uid, resource, round(units, 2), fact, share, now))
    bulk.insert(PlanResource, full(PlanResource, RESOURCE), (filled(PlanResource, RESOURCE, row) for row in resources))
    bulk.insert(Assignment, full(Assignment, ASSIGNMENT), (filled(Assignment, ASSIGNMENT, row) for row in assignments))


def _assignment(
    one: Made, number: int, uid: int, resource: int, units: float, fact: Fact, share: float, now: str
) -> tuple[bulk.Value, ...]:
    hours = [str(round((value or 0) * share, 2)) for value in (fact.work, fact.actual_work, _left_work(fact))]
    return (1, now, now, one.plan, uid, one.activity(number), resource, str(units), *hours)


def _defaults(model: type) -> dict[str, bulk.Value]:
    """What the database must hold in columns that a row says nothing about."""
    found: dict[str, bulk.Value] = {}
    for one in model._meta.concrete_fields:  # type: ignore[attr-defined]
        if one.primary_key or one.attname in ("created_at", "updated_at"):
            continue
        value = one.get_default()
        found[one.attname] = (
            bulk.json_text(value) if isinstance(value, dict | list) else value if value is None else _plain(value)
        )
    return found


def _plain(value: object) -> bulk.Value:
    return value if isinstance(value, bool | int) else str(value)


_REST: dict[type, tuple[tuple[str, ...], tuple[bulk.Value, ...]]] = {}


def _rest(model: type, names: Iterable[str]) -> tuple[tuple[str, ...], tuple[bulk.Value, ...]]:
    if model not in _REST:
        given = set(names)
        more = {name: value for name, value in _defaults(model).items() if name not in given}
        _REST[model] = tuple(more), tuple(more.values())
    return _REST[model]


def full(model: type, names: tuple[str, ...]) -> tuple[str, ...]:
    return names + _rest(model, names)[0]


def filled(model: type, names: tuple[str, ...], row: tuple[bulk.Value, ...]) -> tuple[bulk.Value, ...]:
    return row + _rest(model, names)[1]


def outer_links(made: Sequence[Made]) -> Iterator[tuple[bulk.Value, ...]]:
    now = _time()
    for one in made:
        for giver, row, taker in one.links:
            yield (1, now, now, one.plan, giver.activity(row), one.activity(taker), "FS", 0, False)


def insert_outer_links(made: Sequence[Made]) -> None:
    """Links between projects; they belong to the plan that takes."""
    names = LINK[1:]
    rows = list(outer_links(made))
    bulk.insert(Link, full(Link, names), (filled(Link, names, row) for row in chain(rows)))
