"""The demo company: one deterministic generator, any size, by bulk inserts.

The same seed, sizes and day give the same company. Everything is invented.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone, translation

from stellwerk.core.db import refresh_statistics
from stellwerk.core.models import Grant, Setting, User
from stellwerk.core.services import record
from stellwerk.demo import names
from stellwerk.demo.agency_story import add_agency_story
from stellwerk.demo.cast import CAST
from stellwerk.demo.company import (
    COMPANY,
    CYCLE_DAYS,
    MARK,
    Company,
    Size,
    add_sequences,
    anchor,
    data_dates,
    is_empty,
)
from stellwerk.demo.figures import figures
from stellwerk.demo.levelling_story import add_levelling
from stellwerk.demo.money_actuals import add_money_actuals
from stellwerk.demo.money_budgets import add_money_budgets
from stellwerk.demo.money_cases import add_money_cases
from stellwerk.demo.money_figures import add_money_figures
from stellwerk.demo.money_risks import add_money_risks
from stellwerk.demo.people_story import add_people_story
from stellwerk.demo.plans import add_plans
from stellwerk.demo.plans.calendars import add_calendars
from stellwerk.demo.plans.lubmin import NAME as LUBMIN
from stellwerk.demo.plans.lubmin import lubmin_course
from stellwerk.demo.proposals import proposals, talk
from stellwerk.demo.reports import reports
from stellwerk.demo.resource_story import add_resources
from stellwerk.demo.staffing import add_staffing
from stellwerk.demo.story import GATE_NAMES, TEMPERS, Course, plan, tell
from stellwerk.demo.time_story import add_time_sheets
from stellwerk.people.models import EmploymentType, Location, Organisation, Person, Role, Unit
from stellwerk.portfolio.models import (
    Criterion,
    Figure,
    Gate,
    Portfolio,
    PortfolioBudget,
    Programme,
    Project,
    ProjectMember,
    ProjectStatus,
    ScoringModel,
    Tranche,
)

Progress = Callable[[int, int, str], None]
PORTFOLIO_KEY = "NORDLICHT"


def generate(size: Size, *, today: dt.date | None = None, progress: Progress | None = None) -> Company:
    """Make the company in an empty database; all or nothing.

    Raises ``ValueError`` when there is data already, or when a size is out of range (1–5,000 projects, 20–20,000 people,
    0–500 activities of each project).
    """
    if not 1 <= size.projects <= 5000 or not 20 <= size.people <= 20_000 or not 0 <= size.activities <= 500:
        raise ValueError(
            "1 to 5,000 projects, 20 to 20,000 people and up to 500 activities of each project are possible"
        )
    if not is_empty():
        raise ValueError("the database holds data already")
    say = progress or (lambda done, total, message: None)
    day = today or timezone.localdate()
    with translation.override("de"), transaction.atomic():  # the company speaks German whoever loads it
        say(0, 8, "organisation")
        company = _company(size, day)
        say(1, 8, "people")
        _people(company)
        say(2, 8, "portfolio")
        _portfolio(company)
        say(3, 8, "projects")
        add_calendars(company)
        _projects(company)
        say(4, 8, "figures")
        figures(company)
        refresh_statistics(Person, Project, ProjectStatus, Figure)
        say(5, 8, "plans")
        add_plans(company)
        add_resources(company)
        add_agency_story(company)
        add_people_story(company)
        add_time_sheets(company)
        add_levelling(company)
        add_money_budgets(company)
        add_money_actuals(company)
        add_money_risks(company)
        add_money_figures(company)
        say(6, 8, "proposals")
        proposals(company)
        add_money_cases(company)
        talk(company)
        add_staffing(company)
        say(7, 8, "reports")
        reports(company)
        Setting.objects.create(
            name=MARK,
            value={
                "projects": size.projects,
                "people": size.people,
                "seed": size.seed,
                "activities": size.activities,
                "today": day.isoformat(),
            },
        )
        record(company.organisation, by=None, verb="demo", changes={"projects": [None, size.projects]})
        say(8, 8, "done")
    return company


def _company(size: Size, today: dt.date) -> Company:
    organisation = Organisation.objects.create(
        key="NORDLICHT",
        name=COMPANY,
        legal_name="Nordlicht Anlagenbau Aktiengesellschaft",
        subdivision="HH",
    )
    korea = Organisation.objects.create(
        key="NORDLICHT-KR", name="Nordlicht Korea", legal_name="Nordlicht Korea Co., Ltd.", currency="KRW", country="KR",
        time_zone="Asia/Seoul",
    )  # fmt: skip
    for name, state in (("Hamburg", "HH"), ("Stade", "NI"), ("Rostock", "MV")):
        Location.objects.create(organisation=organisation, name=name, subdivision=state)
    Location.objects.create(organisation=korea, name="Ulsan", country="KR")
    units: dict[str, Unit] = {}
    for number, (name, parent, _state) in enumerate(names.UNITS, start=1):
        units[name] = Unit.objects.create(
            key=f"UNT-{number:04d}",
            name=name,
            organisation=organisation,
            parent=units.get(parent or ""),
            cost_centre=f"{41000 + number * 10}",
        )
    units["Entwicklungszentrum Ulsan"] = Unit.objects.create(
        key=f"UNT-{len(units) + 1:04d}", name="Entwicklungszentrum Ulsan", organisation=korea, cost_centre="KR100"
    )
    roles = {
        german: Role.objects.create(key=f"ROL-{n:04d}", name=german, name_en=english, is_key_role=key)
        for n, (german, english, key) in enumerate(names.ROLES, start=1)
    }
    portfolio = Portfolio.objects.create(
        key=PORTFOLIO_KEY, name="Projekte Nordlicht", unit=units["Vorstand"], state="active", cycle_days=CYCLE_DAYS,
        cycle_anchor=anchor(today),
        objectives="Wachstum im Wasserstoffgeschäft, pünktliche Kundenanlagen, Pflichten vor der Frist.",
    )  # fmt: skip
    add_sequences({"UNT": len(units), "ROL": len(roles)})
    return Company(
        size,
        today,
        random.Random(size.seed),
        data_dates(today),
        organisation,
        {},
        [],
        {},
        roles,
        units,
        portfolio,
        {},
        [],
        [],
    )


def _people(company: Company) -> None:
    rng = company.rng
    for member in CAST:
        user = User.objects.create_user(member.email, None, name=member.name, language="de")
        user.set_unusable_password()
        user.save(update_fields=["password"])
        EmailAddress.objects.create(user=user, email=member.email, verified=True, primary=True)
        company.users[member.code] = user
    places = list(Location.objects.filter(organisation=company.organisation))
    ulsan = Location.objects.get(name="Ulsan")
    rows: list[Person] = []
    for number, member in enumerate(CAST, start=1):
        rows.append(
            Person(
                key=f"PER-{number:04d}",
                title=member.title,
                first_name=member.first_name,
                last_name=member.last_name,
                email=member.email,
                user=company.users[member.code],
                unit=company.units[member.unit],
                location=places[0],
                role=company.roles.get(member.job),
                entry_date=dt.date(2014 + number % 9, 1 + number % 12, 1),
            )
        )
    seen = {(person.first_name, person.last_name) for person in rows}
    unit_names = [name for name in company.units if name != "Vorstand"]
    role_names = [name for name, _en, _key in names.ROLES if name != "PMO"]
    weights = [3, 4, 4, 3, 3, 4, 2, 3, 2, 3, 1, 5, 2]
    for number in range(len(CAST) + 1, max(company.size.people, len(CAST)) + 1):
        first, last = _fresh_name(rng, seen)
        unit = company.units[rng.choice(unit_names)]
        away = unit.name == "Entwicklungszentrum Ulsan"
        kind = rng.choices(list(EmploymentType), weights=(88, 5, 7))[0]
        fte = Decimal(str(rng.choices((1, 0.8, 0.5), weights=(84, 11, 5))[0]))
        rows.append(
            Person(
                key=f"PER-{number:04d}",
                title=rng.choice(names.TITLES),
                first_name=first,
                last_name=last,
                email=f"p{number}@nordlicht.example",
                unit=unit,
                location=ulsan if away else rng.choice(places),
                role=company.roles[rng.choices(role_names, weights=weights)[0]],
                employment_type=kind,
                fte=fte,
                weekly_hours=40 * fte,
                entry_date=dt.date(rng.randint(2005, 2026), rng.randint(1, 10), 1),
                exit_date=company.today + dt.timedelta(days=rng.randint(20, 300))
                if kind != EmploymentType.EMPLOYEE
                else None,
            )
        )
    company.people = Person.objects.bulk_create(rows, batch_size=1000)
    company.cast = {member.code: company.people[n] for n, member in enumerate(CAST)}
    add_sequences({"PER": len(rows)})
    _managers(company)
    for member in CAST:
        target = company.units[member.unit].pk if member.scope == "unit" else None
        Grant.objects.create(user=company.users[member.code], role=member.role, scope=member.scope, scope_id=target)


def _fresh_name(rng: random.Random, seen: set[tuple[str, str]]) -> tuple[str, str]:
    for _ in range(30):
        pair = (rng.choice(names.FIRST_NAMES), rng.choice(names.LAST_NAMES))
        if pair not in seen:
            break
    else:
        pair = (pair[0], f"{pair[1]}-{rng.choice(names.LAST_NAMES)}")
    seen.add(pair)
    return pair


def _managers(company: Company) -> None:
    """Each unit gets the first of its people as manager (the cast where they belong)."""
    chosen = {
        "E-Technik und Leittechnik": "rita",
        "Projektmanagement-Office": "petra",
        "Vorstand": "elke",
        "Anlagenbau": "gerda",
    }
    by_unit: dict[int, list[Person]] = {}
    for person in company.people:
        by_unit.setdefault(person.unit_id, []).append(person)
    for name, unit in company.units.items():
        members = by_unit.get(unit.pk, [])
        head = company.cast[chosen[name]] if name in chosen else next(iter(members), None)
        if head is None:
            continue
        Unit.objects.filter(pk=unit.pk).update(manager=head)
        Person.objects.filter(unit=unit).exclude(pk=head.pk).update(manager=head)


def _portfolio(company: Company) -> None:
    leads = _of_role(company, "Projektleitung")
    sponsors = [company.cast["stefan"], company.cast["elke"], *(p for p in company.people if p.title)][:9]
    model = _scoring_model(company.planned_year - 1)
    company.portfolio.manager = company.cast["petra"]
    company.portfolio.scoring_model = model
    company.portfolio.save()
    for number, (code, (name, vision)) in enumerate(names.PROGRAMMES.items(), start=1):
        manager = company.cast["gerda"] if code in {"H2", "FW"} else leads[(number * 7) % len(leads)]
        sponsor = (
            company.cast["stefan"]
            if code in {"H2", "WU"}
            else next(p for p in sponsors[number % 3 :] if p.pk != manager.pk)
        )
        company.programmes[code] = Programme.objects.create(
            key=f"PRG-{number:04d}", name=name, vision=vision, portfolio=company.portfolio, unit=company.units["Vorstand"],
            sponsor=sponsor, manager=manager, state="delivering", start=company.today.replace(month=1, day=1),
            finish=dt.date(company.today.year + 3, 12, 31),
        )  # fmt: skip
        for step, label in enumerate(("Grundlagen", "Umsetzung", "Betrieb"), start=1):
            Tranche.objects.create(programme=company.programmes[code], order=step, name=label)
    add_sequences({"PRG": len(names.PROGRAMMES), "SCM": 1})


def _scoring_model(year: int) -> ScoringModel:
    model = ScoringModel.objects.create(
        key="SCM-0001",
        name=f"Portfoliobewertung {year}",
        state="active",
        description="Beschluss des Vorstands vom Januar.",
    )
    for order, (name, weight) in enumerate(
        (
            ("Strategiebeitrag", 30),
            ("Wirtschaftlichkeit", 25),
            ("Kundennutzen", 15),
            ("Machbarkeit", 15),
            ("Dringlichkeit", 15),
        ),
        start=1,
    ):
        Criterion.objects.create(
            model=model, order=order, name=name, weight=weight, anchors="1 = keiner, 3 = deutlich, 5 = entscheidend"
        )
    return model


def _of_role(company: Company, role: str) -> list[Person]:
    found = [p for p in company.people if p.role_id == company.roles[role].pk]
    return found or company.people


def _ideas(company: Company) -> Iterator[names.Idea]:
    yield from names.IDEAS[: company.size.projects]
    seen = {idea.name for idea in names.IDEAS}
    number = 2
    while True:
        for place in names.PLACES:
            for pattern, programme, size, kind in names.MORE:
                name = pattern.format(place=place) + (f" {number}" if number > 2 else "")
                if name not in seen:
                    seen.add(name)
                    yield names.Idea(name, programme, size, kind, "")
        number += 1


BUDGETS = {0: 18_400_000_00, 1: 7_900_000_00, 2: 4_200_000_00, 3: 9_600_000_00}
FIXED = {0: "slipping", 1: "expensive", 2: "troubled", 3: "slipping", 10: "recovering", 11: "silent", 12: "silent"}


def _projects(company: Company) -> None:
    rng = company.rng
    leads = _of_role(company, "Projektleitung")
    sponsors = [p for p in company.people if p.title] or company.people
    tempers, weights = zip(*TEMPERS, strict=True)
    ideas = _ideas(company)
    rows: list[Project] = []
    for number in range(company.size.projects):
        idea = next(ideas)
        temper = FIXED.get(number) or rng.choices(tempers, weights=weights)[0]
        course = plan(idea.size, rng, company.today, temper)
        if number in FIXED:  # the projects that every visitor sees run since long and are not over
            while not 0.35 < (company.today - course.start).days / (course.finish - course.start).days < 0.75:
                course = plan(idea.size, rng, company.today, temper)
        course.budget = BUDGETS.get(number, course.budget)
        course.baselines = 2 if number % 4 == 1 else 1
        if idea.name == LUBMIN:
            course = lubmin_course(company, course.budget, course.value)
        tell(course, company.dates, rng)
        company.courses.append(course)
        programme = company.programmes[idea.programme]
        manager = company.cast["paul"] if number in {0, 8, 18} else leads[rng.randrange(len(leads))]
        sponsor = (
            company.cast["stefan"] if number % 7 == 0 or number in {8, 18} else sponsors[rng.randrange(len(sponsors))]
        )
        if sponsor.pk == manager.pk:
            sponsor = company.cast["elke"]
        rows.append(_project_row(company, idea, course, number, programme, manager, sponsor))
    company.projects = Project.objects.bulk_create(rows, batch_size=1000)
    add_sequences({"PRJ": len(rows)})
    _gates(company)
    _members(company)
    spent = sum(course.budget for course in company.courses)
    for offset, share in ((-1, 0.42), (0, 0.48), (1, 0.40)):
        PortfolioBudget.objects.create(
            portfolio=company.portfolio, year=company.today.year + offset, amount=int(spent * share / 10**8) * 10**8
        )


def _project_row(
    company: Company,
    idea: names.Idea,
    course: Course,
    number: int,
    programme: Programme,
    manager: Person,
    sponsor: Person,
) -> Project:
    now = course.moments[-1]
    category = {"PC": "mandatory", "WP": "run", "H2": "grow", "DI": "transform"}.get(idea.programme, "grow")
    return Project(
        key=f"PRJ-{number + 1:04d}", external_key=str(2401 + number), name=idea.name, description=idea.purpose, kind=idea.kind,
        category=category, size=idea.size, priority=number + 1, portfolio=company.portfolio, programme=programme,
        unit=manager.unit, manager=manager, sponsor=sponsor, phase=now.phase, budget=course.budget,
        start_baseline=course.start, start_forecast=course.start, start_actual=course.start if course.start <= company.dates[-1] else None,
        finish_baseline=course.finish, finish_forecast=now.finish, finish_actual=now.finish if now.phase == "closed" else None,
    )  # fmt: skip


def _gates(company: Company) -> None:
    rows = []
    last = company.dates[-1]
    for project, course in zip(company.projects, company.courses, strict=True):
        for order, (code, baseline) in enumerate(course.gates.items()):
            expected = course.moments[-1].gates[code]
            reached = expected <= last
            rows.append(
                Gate(
                    project=project,
                    code=code,
                    name=GATE_NAMES[code],
                    order=order,
                    baseline=baseline,
                    forecast=expected,
                    actual=expected if reached else None,
                    state="go" if reached else "planned",
                )
            )
    Gate.objects.bulk_create(rows, batch_size=2000)


def _members(company: Company) -> None:
    rng, rows = company.rng, []
    count = {"S": 4, "M": 8, "L": 15}
    for number, (project, course) in enumerate(zip(company.projects, company.courses, strict=True)):
        chosen = rng.sample(company.people, min(count[course.size], len(company.people)))
        if number < 6 and company.cast["tom"] not in chosen:
            chosen.append(company.cast["tom"])
        rows += [ProjectMember(project=project, person=person, role=person.role) for person in chosen]
    ProjectMember.objects.bulk_create(rows, batch_size=2000)
