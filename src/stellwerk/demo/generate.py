"""The demo company: one deterministic generator, any size, by bulk inserts.

The same seed, sizes and day give the same company. Everything is invented.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone, translation

from stellwerk.core.db import refresh_statistics
from stellwerk.core.models import Comment, Grant, KeySequence, Setting, User, Watch
from stellwerk.core.services import record
from stellwerk.demo import names
from stellwerk.demo.cast import CAST
from stellwerk.demo.story import GATE_NAMES, TEMPERS, Course, Moment, plan, tell
from stellwerk.people.models import EmploymentType, Location, Organisation, Person, Role, Unit
from stellwerk.portfolio.choices import Source
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
    Proposal,
    ProposalCapacity,
    ProposalOption,
    ProposalScore,
    ProposalYear,
    ScoringModel,
    Tranche,
)
from stellwerk.portfolio.services.figures import FigureRow, write_figures

Progress = Callable[[int, int, str], None]
CYCLES = 12
CYCLE_DAYS = 14
PORTFOLIO_KEY = "NORDLICHT"
COMPANY = "Nordlicht Anlagenbau AG"
MARK = "demo"


@dataclass(frozen=True)
class Size:
    projects: int = 60
    people: int = 200
    seed: int = 7


@dataclass
class Company:
    """What later steps need of the company made so far."""

    size: Size
    today: dt.date
    rng: random.Random
    dates: list[dt.date]
    organisation: Organisation
    users: dict[str, User]
    people: list[Person]
    cast: dict[str, Person]
    roles: dict[str, Role]
    units: dict[str, Unit]
    portfolio: Portfolio
    programmes: dict[str, Programme]
    projects: list[Project]
    courses: list[Course]


def data_dates(today: dt.date, count: int = CYCLES) -> list[dt.date]:
    """The last ``count`` fortnightly Fridays up to today, ascending."""
    last = today - dt.timedelta(days=(today.weekday() - 4) % 7)
    return [last - dt.timedelta(days=CYCLE_DAYS * n) for n in reversed(range(count))]


def exists() -> dict[str, Any] | None:
    """What was generated before, or None."""
    found = Setting.objects.filter(pk=MARK).first()
    return found.value if found else None


def is_empty() -> bool:
    """No organisation yet: nothing that the demo could be mixed with."""
    return not Organisation.objects.exists()


def generate(size: Size, *, today: dt.date | None = None, progress: Progress | None = None) -> Company:
    """Make the company in an empty database; all or nothing.

    Raises ``ValueError`` when there is data already, or when a size is out of range (1–5,000 projects, 20–20,000 people).
    """
    if not 1 <= size.projects <= 5000 or not 20 <= size.people <= 20_000:
        raise ValueError("1 to 5,000 projects and 20 to 20,000 people are possible")
    if not is_empty():
        raise ValueError("the database holds data already")
    say = progress or (lambda done, total, message: None)
    day = today or timezone.localdate()
    with translation.override("de"), transaction.atomic():  # the company speaks German whoever loads it
        say(0, 7, "organisation")
        company = _company(size, day)
        say(1, 7, "people")
        _people(company)
        say(2, 7, "portfolio")
        _portfolio(company)
        say(3, 7, "projects")
        _projects(company)
        say(4, 7, "figures")
        _figures(company)
        refresh_statistics(Person, Project, ProjectStatus, Figure)
        say(5, 7, "proposals")
        _proposals(company)
        _talk(company)
        say(6, 7, "reports")
        from stellwerk.demo.reports import reports

        reports(company)
        Setting.objects.create(
            name=MARK,
            value={"projects": size.projects, "people": size.people, "seed": size.seed, "today": day.isoformat()},
        )
        record(company.organisation, by=None, verb="demo", changes={"projects": [None, size.projects]})
        say(7, 7, "done")
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
        cycle_anchor=data_dates(today)[0],
        objectives="Wachstum im Wasserstoffgeschäft, pünktliche Kundenanlagen, Pflichten vor der Frist.",
    )  # fmt: skip
    _sequences({"UNT": len(units), "ROL": len(roles)})
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


def _sequences(used: dict[str, int]) -> None:
    for prefix, number in used.items():
        KeySequence.objects.update_or_create(prefix=prefix, defaults={"next_number": number + 1})


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
    _sequences({"PER": len(rows)})
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
    model = _scoring_model()
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
    _sequences({"PRG": len(names.PROGRAMMES), "SCM": 1})


def _scoring_model() -> ScoringModel:
    model = ScoringModel.objects.create(
        key="SCM-0001",
        name="Portfoliobewertung 2026",
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
    _sequences({"PRJ": len(rows)})
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
        start_baseline=course.start, start_forecast=course.start, start_actual=course.start if course.start <= company.today else None,
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


def _figures(company: Company) -> None:
    write_figures(rows=_figure_rows(company), by=None)
    ProjectStatus.objects.bulk_create(_statuses(company), batch_size=2000)


def _statuses(company: Company) -> Iterator[ProjectStatus]:
    for project, course in zip(company.projects, company.courses, strict=True):
        for moment in course.moments:
            if moment.reported:
                yield ProjectStatus(
                    project=project,
                    date=moment.date,
                    source=Source.REPORTED,
                    source_label="Statusbericht",
                    summary=moment.summary,
                )


def _figure_rows(company: Company) -> Iterator[FigureRow]:
    for project, course in zip(company.projects, company.courses, strict=True):
        for number, moment in enumerate(course.moments):
            if moment.reported:
                yield from _moment_rows(project.pk, course, moment, number == 0)


def _moment_rows(project: int, course: Course, moment: Moment, first: bool) -> Iterator[FigureRow]:
    day = moment.date
    for dimension, light in moment.lights.items():
        yield FigureRow(project, f"light.{dimension}", day, light=light, source_label="Ampelregeln")
    amounts = {"bac": moment.bac, "ac": moment.ac, "commitment": moment.commitment, "eac": moment.eac}
    for code, amount in amounts.items():
        yield FigureRow(project, code, day, amount=amount, currency="EUR", source_label="Monatsabschluss")
    if first:
        yield FigureRow(project, "budget", day, amount=moment.budget, currency="EUR", source_label="Freigabe")
        yield FigureRow(project, "finish.baseline", day, day=course.finish, source_label="Basisplan B0")
        yield FigureRow(project, "value", day, value=Decimal(course.value), source_label="Portfoliobewertung 2026")
    for code, index in (("cpi", moment.cpi), ("spi_t", moment.spi_t)):
        if index is not None:
            yield FigureRow(project, code, day, value=Decimal(str(round(index, 6))), source_label="Leistungswert")
    yield FigureRow(project, "progress", day, value=Decimal(str(round(moment.earned, 4))), source_label="Leistungswert")
    yield FigureRow(project, "risk", day, value=Decimal(str(round(moment.exposure, 1))), source_label="Risikoregister")
    yield FigureRow(project, "finish.forecast", day, day=moment.finish, source_label="Terminplan")
    for code, gate in moment.gates.items():
        yield FigureRow(project, f"gate.{code}", day, day=gate, source_label="Terminplan")


PROPOSALS = (
    ("Wärmenetz Heide", "FW", "scored", 5_200_000, False),
    ("Elektrolyse Antwerpen 30 MW", "H2", "scored", 11_400_000, False),
    ("KI-Angebotsprüfung", "DI", "assessment", 420_000, False),
    ("Batterierücknahme nach BattVO", "PC", "approved", 380_000, True),
    ("Photovoltaik Werk 1", "WP", "submitted", 900_000, False),
    ("Wissensdatenbank Inbetriebnahme", "DI", "submitted", 150_000, False),
    ("Kältezentrale Hafencity", "FW", "draft", 3_100_000, False),
    ("Zweitlieferant Gleichrichter", "H2", "assessment", 310_000, False),
    ("Umzug Serverraum", "DI", "deferred", 270_000, False),
    ("Regenwassernutzung Werk 2", "WP", "rejected", 240_000, False),
)


def _proposals(company: Company) -> None:
    rng = company.rng
    model = ScoringModel.objects.get(key="SCM-0001")
    criteria = list(model.criteria.all())
    year = company.today.year
    requesters = [company.cast["paul"], company.cast["tom"], company.cast["gerda"], company.cast["rita"]]
    for number, (name, code, state, cost, mandatory) in enumerate(PROPOSALS, start=1):
        proposal = Proposal.objects.create(
            key=f"PRP-{number:04d}", name=name, portfolio=company.portfolio, programme=company.programmes[code],
            unit=company.units["Anlagenbau"], requester=requesters[number % 4], sponsor=company.cast["stefan"], state=state,
            problem="Heute verlieren wir hier Zeit und Geld; die Ursache ist bekannt und mit eigenen Mitteln lösbar.",
            benefit="Schnellere Abwicklung und geringere Kosten ab dem zweiten Jahr.", category="mandatory" if mandatory else "grow",
            mandatory=mandatory, mandatory_reason="Batterieverordnung (EU) 2023/1542" if mandatory else "",
            wanted_start=dt.date(year + 1, 1 + number % 6, 1), duration_months=rng.randint(6, 24), scoring_model=model,
        )  # fmt: skip
        nothing = ProposalOption.objects.create(
            proposal=proposal, order=1, name="Nichts tun", do_nothing=True, description="Alles bleibt, wie es ist."
        )
        option = ProposalOption.objects.create(
            proposal=proposal, order=2, name="Umsetzen wie beschrieben", recommended=True
        )
        ProposalYear.objects.create(option=nothing, year=year + 1, cost=cost * 4, benefit=0)
        for step in range(5):
            ProposalYear.objects.create(
                option=option, year=year + 1 + step, cost=int(cost * 100 * (0.6, 0.4, 0.03, 0.03, 0.03)[step]),
                benefit=int(cost * 100 * (0, 0.15, 0.45, 0.5, 0.5)[step] * rng.uniform(0.8, 1.2)),
            )  # fmt: skip
        ProposalCapacity.objects.create(
            proposal=proposal, role=company.roles["Projektleitung"], year=year + 1, hours=rng.randint(4, 12) * 100
        )
        if state in {"scored", "approved", "deferred", "rejected"}:
            scores = [rng.randint(2, 5) for _ in criteria]
            for criterion, value in zip(criteria, scores, strict=True):
                ProposalScore.objects.create(proposal=proposal, criterion=criterion, value=value)
            total = sum(c.weight * (value - 1) / 4 for c, value in zip(criteria, scores, strict=True))
            Proposal.objects.filter(pk=proposal.pk).update(score=total)
    _sequences({"PRP": len(PROPOSALS)})


TALK = (
    (
        0,
        "paul",
        "Der Lieferant bestätigt den Gleichrichter jetzt für Ende Januar. @Petra Brandt: bitte im Lenkungsausschuss ansprechen.",
        "petra",
    ),
    (0, "petra", "Steht auf der Tagesordnung. Bringst du die Kosten des Zweitlieferanten mit?", "paul"),
    (1, "stefan", "Warum steigt die Prognose um fast eine Million? Ich brauche die Begründung vor Montag.", ""),
    (8, "paul", "Probeumschaltung am Wochenende ohne Befund.", ""),
    (
        2,
        "conny",
        "Die gebuchten Istkosten weichen um 84 T€ vom Bericht ab, ich kläre das mit der Kreditorenbuchhaltung.",
        "",
    ),
)


def _talk(company: Company) -> None:
    for number, author, text, mentioned in TALK:
        if number >= len(company.projects):
            continue
        project = company.projects[number]
        comment = Comment.objects.create(
            entity_type="portfolio.project", entity_id=project.pk, author=company.users[author], text=text
        )
        if mentioned:
            comment.mentions.add(company.users[mentioned])
        Watch.objects.get_or_create(user=company.users["petra"], entity_type="portfolio.project", entity_id=project.pk)
