"""Plans of the demo company: calendars, work breakdowns, links, progress, baselines and forecasts."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from stellwerk.core import bulk
from stellwerk.core.db import refresh_statistics
from stellwerk.core.jobs import enqueue
from stellwerk.demo.plans.baselines import insert_baselines, insert_forecasts
from stellwerk.demo.plans.calendars import PART_TIME, calendar_of, clock
from stellwerk.demo.plans.costs import costs_now
from stellwerk.demo.plans.defects import add_mistakes, add_outer_links, other_calendars
from stellwerk.demo.plans.figures import insert_figures
from stellwerk.demo.plans.lubmin import NAME as LUBMIN
from stellwerk.demo.plans.lubmin import lubmin
from stellwerk.demo.plans.network import Days, Draft, Variant, add_dates, draft_of, number_rows, plan_earlier, tame
from stellwerk.demo.plans.progress import facts_of, limits, staff
from stellwerk.demo.plans.templates import COUNTS, sized, template_of
from stellwerk.demo.plans.writing import Made, data_date_of, insert_outer_links, insert_plans
from stellwerk.demo.story import Course
from stellwerk.engine.calendars import instant, moment
from stellwerk.people.models import Person
from stellwerk.planning.compute import compute, store
from stellwerk.planning.models import Activity, Link, Plan
from stellwerk.planning.selectors.calendars import Clock
from stellwerk.portfolio.models import ProjectMember

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

TOMS: Final = 6
"""In the first projects the colleague who works part-time is a member."""
_VARIANTS: Final[tuple[Variant, ...]] = ("first", "base", "now")
CHECKS: Final = "planning.quality_daily"
AT_ONCE: Final = 100
"""Plans drafted, computed and written together: more at once gain no time and take memory."""


def add_plans(company: Company) -> None:
    """A plan for every project, in chunks; dates come from the engine, gates fall on the days of the story."""
    rng = random.Random(company.size.seed * 7919 + 1)  # of its own: more activities change nothing else of the company
    times = clock(company)
    counted: dict[int, Days] = {}
    members = _members(company)
    for begin in range(0, len(company.projects), AT_ONCE):
        made = list(_drafts(company, range(begin, min(begin + AT_ONCE, len(company.projects))), times, counted, rng))
        data_date = data_date_of(company.dates[-1])
        for one in made:
            one.facts = facts_of(one.draft, times, data_date, _reported(one.course), rng)
            manager = one.project.manager
            assert manager is not None
            staff(one.draft, one.facts, manager, members.get(one.project.pk, []))
            for row, fact in zip(one.draft.rows, one.facts.rows, strict=True):
                if row.calendar == company.calendars[PART_TIME].pk:
                    fact.person = company.cast["tom"]
            if one.project.name != LUBMIN:
                limits(one.draft, one.facts, counted[one.draft.calendar], rng)
        add_mistakes(made, begin, counted, company.dates[-1])
        add_outer_links(made)
        for one in made:
            one.costs = costs_now(one)
        tom = company.cast["tom"]
        insert_plans(made, company.dates[-1], company.roles, {tom.pk: company.calendars[PART_TIME].pk})
        if begin == 0:
            refresh_statistics(Plan, Activity, Link)
        insert_outer_links(made)
        _compute(made)
        insert_baselines(company, made)
        insert_forecasts(company, made)
        insert_figures(made, times, company.dates[-1])
    enqueue(CHECKS, unique_key=CHECKS)  # begins with the server: nobody waits for the checks of all plans


def _reported(course: Course) -> float:
    """The progress that was reported last."""
    return next((moment.earned for moment in reversed(course.moments) if moment.reported), 0.0)


def _members(company: Company) -> dict[int, list[tuple[Person, str]]]:
    people = {person.pk: person for person in company.people}
    roles = {role.pk: name for name, role in company.roles.items()}
    found: dict[int, list[tuple[Person, str]]] = {}
    for project, person in ProjectMember.objects.order_by("pk").values_list("project_id", "person_id"):
        found.setdefault(project, []).append((people[person], roles.get(people[person].role_id or 0, "")))
    return found


def _drafts(
    company: Company, numbers: Sequence[int], times: Clock, counted: dict[int, Days], rng: random.Random
) -> Iterator[Made]:
    drafts: list[Draft] = []
    for number in numbers:
        project, course = company.projects[number], company.courses[number]
        calendar = calendar_of(company, project.name).pk
        if calendar not in counted:
            counted[calendar] = Days(times, calendar, company.today)
        if project.name == LUBMIN:
            drafts.append(lubmin(company))
            continue
        wanted = company.size.activities or rng.randint(*COUNTS[course.size])
        lines = sized(template_of(project.name, project.kind), wanted, rng)
        drafts.append(draft_of(lines, course, counted[calendar], calendar, company.dates[-1], rng))
        number_rows(drafts[-1].rows)
        other_calendars(company, drafts[-1], project.name, part_time=number < TOMS)
        plan_earlier(drafts[-1], rng)
    plain = [draft for draft, number in zip(drafts, numbers, strict=True) if company.projects[number].name != LUBMIN]
    if plain:
        for variant in _VARIANTS:
            add_dates(plain, times, variant)
    for number, draft in zip(numbers, drafts, strict=True):
        if not _fits(draft, company.courses[number].moments[-1].gates):
            tame(draft)
            add_dates([draft], times, "now")
        yield Made(company.projects[number], company.courses[number], draft, None)  # type: ignore[arg-type]


def _fits(draft: Draft, gates: dict[str, dt.date]) -> bool:
    """Does every gate fall on its day?"""
    return all(moment(row.finish["now"]).date() == gates[row.code] for row in draft.rows if row.code in gates)


def _compute(made: Sequence[Made]) -> None:
    """Dates by the engine, exactly as an edit would compute them."""
    plans = {plan.pk: plan for plan in Plan.objects.filter(pk__in=[one.plan for one in made])}
    ends = []
    for one in made:
        plan = plans[one.plan]
        computed = compute(plan)
        store(computed, revision=1)
        found = computed.results
        one.critical = set(np.flatnonzero(found["critical"]).tolist())
        for row, start, finish in zip(one.draft.rows, found["start"].tolist(), found["finish"].tolist(), strict=True):
            row.start["now"], row.finish["now"] = start, finish
        ends.append((instant(plan.finish) if plan.finish is not None else None, plan.pk))
    bulk.update(Plan, ("finish",), ends)
