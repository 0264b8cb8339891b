"""What the people of the demo company can, when they work and are away, what their hours cost. Everything is invented."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import F
from django.utils import timezone

from stellwerk.demo.company import add_sequences
from stellwerk.demo.story import shut, shutdowns
from stellwerk.people.holidays import public_holidays
from stellwerk.people.models import (
    Absence,
    AbsenceKind,
    EmploymentType,
    Organisation,
    Person,
    PersonRate,
    PersonSkill,
    RateKind,
    RoleRate,
    Skill,
    WorkingPattern,
)
from stellwerk.resources.choices import HARD
from stellwerk.resources.models import AllocationWeek, Demand, DemandSkill
from stellwerk.resources.selectors.demands import WAITING
from stellwerk.resources.weeks import WEEK, monday

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

BATCH: Final = 2000
DAY: Final = dt.timedelta(days=1)
VACATION_WEEKS: Final = 46
"""How far ahead vacations are entered."""

# German, English, category; the project roles that have it, with how well most of them do.
SKILLS: Final[tuple[tuple[str, str, str, dict[str, int]], ...]] = (
    ("Projektleitung nach IPMA", "Project management (IPMA)", "Methoden", {"Projektleitung": 3, "PMO": 3, "Bauleitung": 2}),
    ("Agile Vorgehensweisen", "Agile methods", "Methoden", {"Projektleitung": 2, "Softwareentwicklung": 3, "PMO": 2}),
    ("Vertrags- und Nachtragsmanagement", "Contract and claim management", "Methoden", {"Projektleitung": 2, "Einkauf": 3, "Bauleitung": 2}),
    ("Earned-Value-Analyse", "Earned value analysis", "Methoden", {"Projektcontrolling": 3, "PMO": 3, "Projektleitung": 2}),
    ("HAZOP-Moderation", "HAZOP facilitation", "Verfahrenstechnik", {"Verfahrenstechnik": 3, "Qualitätssicherung": 1}),
    ("Wasserelektrolyse (PEM, AEL)", "Water electrolysis (PEM, AEL)", "Verfahrenstechnik", {"Verfahrenstechnik": 3, "Inbetriebnahme": 2}),
    ("Rohrleitungsbau nach DGRL", "Pressure piping (PED)", "Verfahrenstechnik", {"Konstruktion": 3, "Montage": 2, "Verfahrenstechnik": 2}),
    ("E-Planung mit EPLAN", "Electrical design (EPLAN)", "Elektrotechnik", {"E-Technik": 3, "SPS-Programmierung": 2}),
    ("Mittelspannung schalten", "Switching of medium voltage", "Elektrotechnik", {"E-Technik": 2, "Inbetriebnahme": 2}),
    ("Explosionsschutz (ATEX)", "Explosion protection (ATEX)", "Elektrotechnik", {"E-Technik": 2, "Inbetriebnahme": 2, "Qualitätssicherung": 2}),
    ("SIMATIC PCS 7 und S7", "SIMATIC PCS 7 and S7", "Leittechnik", {"SPS-Programmierung": 4, "Inbetriebnahme": 2, "E-Technik": 1}),
    ("Funktionale Sicherheit (SIL)", "Functional safety (SIL)", "Leittechnik", {"SPS-Programmierung": 2, "E-Technik": 2}),
    ("OPC UA und MQTT", "OPC UA and MQTT", "Leittechnik", {"SPS-Programmierung": 3, "Softwareentwicklung": 3}),
    ("Python und Datenanalyse", "Python and data analysis", "Software", {"Softwareentwicklung": 3, "Projektcontrolling": 1}),
    ("3D-Anlagenplanung", "3D plant design", "Konstruktion", {"Konstruktion": 3, "Verfahrenstechnik": 1}),
    ("Festigkeitsberechnung (FEM)", "Stress analysis (FEM)", "Konstruktion", {"Konstruktion": 2}),
    ("Schweißen, Aufsicht (IWE)", "Welding supervision (IWE)", "Bau und Montage", {"Montage": 2, "Qualitätssicherung": 2}),
    ("Bauleitung und SiGeKo", "Site management and safety coordination", "Bau und Montage", {"Bauleitung": 3, "Montage": 1}),
    ("Höhenarbeit mit Rettung", "Work at heights with rescue", "Bau und Montage", {"Montage": 3, "Inbetriebnahme": 2}),
    ("Kalt- und Warminbetriebnahme", "Cold and hot commissioning", "Inbetriebnahme", {"Inbetriebnahme": 4, "SPS-Programmierung": 2}),
    ("Genehmigung nach BImSchG", "Permits under the German emission law", "Genehmigung", {"Genehmigungsmanagement": 4}),
    ("Qualitätsaudit (ISO 9001)", "Quality audit (ISO 9001)", "Qualität", {"Qualitätssicherung": 3, "PMO": 1}),
    ("Koreanisch verhandlungssicher", "Korean, fluent", "Sprachen", {}),
    ("Taucharbeiten an Entnahmebauwerken", "Diving at water intakes", "Bau und Montage", {}),
)  # fmt: skip
RATED: Final = dt.timedelta(days=100)
"""So far back every role has a rate: the months whose time sheets are still to be booked."""
NOBODY: Final = "Taucharbeiten an Entnahmebauwerken"
EXPIRING: Final = (
    "Mittelspannung schalten",
    "Explosionsschutz (ATEX)",
    "Schweißen, Aufsicht (IWE)",
    "Höhenarbeit mit Rettung",
)
"""Proofs that run out after two years."""
# Euro an hour: internal, external.
RATES: Final = {
    "Projektleitung": (104, 132), "Verfahrenstechnik": (96, 124), "E-Technik": (88, 112), "SPS-Programmierung": (94, 118),
    "Bauleitung": (90, 115), "Konstruktion": (82, 98), "Einkauf": (76, 92), "Inbetriebnahme": (92, 126),
    "Qualitätssicherung": (80, 99), "Softwareentwicklung": (93, 120), "Projektcontrolling": (81, 105), "Montage": (62, 74),
    "PMO": (85, 110), "Genehmigungsmanagement": (88, 117),
}  # fmt: skip
WON: Final = 1_450
SHUTDOWN: Final = "Betriebsruhe"
PART_TIME: Final = {Decimal("0.8"): (480, 480, 480, 480, 0), Decimal("0.5"): (300, 300, 300, 300, 0)}
NOTES: Final = {
    AbsenceKind.TRAINING: ("Auffrischung Arbeitssicherheit", "Seminar Nachtragsmanagement", "Herstellerschulung")
}


def add_people_story(company: Company) -> None:
    """Skills, working patterns, absences and rates of everybody; by bulk inserts."""
    rng = random.Random(company.size.seed * 17 + 3)
    load = _load(company)
    skills = _skills(company)
    _levels(company, skills, rng)
    _patterns(company, load, rng)
    _absences(company, load, rng)
    _rates(company, rng)
    _asked(skills, rng)


def _load(company: Company) -> dict[int, dict[dt.date, int]]:
    """Firm minutes by person and Monday: nobody goes on vacation in the middle of a commissioning."""
    found: dict[int, dict[dt.date, int]] = defaultdict(dict)
    rows = AllocationWeek.objects.filter(allocation__state__in=HARD, monday__gte=monday(company.today)).order_by()
    for person, week, minutes in rows.values_list("allocation__person", "monday", "minutes"):
        found[person][week] = found[person].get(week, 0) + minutes
    return found


def _skills(company: Company) -> dict[str, Skill]:
    rows = Skill.objects.bulk_create(
        [
            Skill(key=f"SKL-{number:04d}", name=german, name_en=english, category=category)
            for number, (german, english, category, _roles) in enumerate(SKILLS, start=1)
        ]
    )
    add_sequences({"SKL": len(rows)})
    return {row.name: row for row in rows}


def _levels(company: Company, skills: dict[str, Skill], rng: random.Random) -> None:
    """Three in four have what their role needs; most of it is confirmed, some claims wait, some proofs have run out."""
    accounts = {person.pk: person.user for person in company.people if person.user_id is not None}
    chiefs: dict[int, int | None] = dict(Person.objects.filter(manager__isnull=False).values_list("pk", "manager"))
    rows: list[PersonSkill] = []
    for person in company.people:
        role = person.role.name if person.role is not None else ""
        for name, _english, _category, roles in SKILLS:
            usual = roles.get(role, 0)
            if name.startswith("Koreanisch"):
                usual = 4 if person.unit.name == "Entwicklungszentrum Ulsan" and rng.random() < 0.8 else 0
            if not usual or rng.random() > 0.78:
                continue
            claimed = max(1, min(4, usual + rng.choice((-1, 0, 0, 0, 1))))
            row = PersonSkill(person=person, skill=skills[name], claimed=claimed)
            if rng.random() < 0.86:
                row.confirmed = max(1, claimed - (rng.random() < 0.2))
                row.confirmed_on = company.today - dt.timedelta(days=rng.randint(20, 700))
                row.confirmed_by = accounts.get(chiefs.get(person.pk) or 0)
                if name in EXPIRING:
                    row.expires = row.confirmed_on + dt.timedelta(days=730)
                    if rng.random() < 0.12:
                        row.expires = company.today + dt.timedelta(days=rng.choice((-25, -3, 12, 26)))
            rows.append(row)
    PersonSkill.objects.bulk_create(rows, batch_size=BATCH)
    settled = PersonSkill.objects.filter(confirmed__isnull=False)
    raised = list(settled.filter(claimed__gt=F("confirmed")).values_list("pk", flat=True))[::6]  # said more since
    settled.exclude(pk__in=raised).update(updated_at=timezone.now() - dt.timedelta(days=800))


def _patterns(company: Company, load: dict[int, dict[dt.date, int]], rng: random.Random) -> None:
    """Part-timers have their free Friday; who leads a unit or works in the office gives projects a part of the week."""
    leads = set(Person.objects.filter(manages_units__isnull=False).values_list("pk", flat=True))
    rows: list[WorkingPattern] = []
    for person in company.people:
        week = PART_TIME.get(person.fte)
        busiest = max(load[person.pk].values(), default=0) / 60 / float(person.weekly_hours or 1)
        share = 60 if person.pk in leads and busiest < 0.5 else rng.choice((80, 85, 90)) if busiest < 0.7 else 100
        if week is None and share == 100:
            continue
        minutes = week or (480, 480, 480, 480, 480)
        begin = max(person.entry_date or dt.date(2020, 1, 1), dt.date(company.today.year - 1, 1, 1))
        rows.append(
            WorkingPattern(
                person=person, valid_from=begin, project_share=share, monday=minutes[0], tuesday=minutes[1],
                wednesday=minutes[2], thursday=minutes[3], friday=minutes[4],
            )
        )  # fmt: skip
    WorkingPattern.objects.bulk_create(rows, batch_size=BATCH)


def _absences(company: Company, load: dict[int, dict[dt.date, int]], rng: random.Random) -> None:
    """Vacations in quiet weeks of the coming months, the days between the years, some training, two people ill today."""
    today, rows = company.today, []
    weeks = [
        week for number in range(1, VACATION_WEEKS)
        if not any(shut((week := monday(today) + WEEK * number) + DAY * at) for at in range(5))
    ]  # fmt: skip
    ill = {person.pk for person in rng.sample(company.people[15:] or company.people, 2)}
    for person in company.people:
        place = person.location or person.unit.organisation
        free = [week for week in weeks if not load[person.pk].get(week)]
        taken: set[dt.date] = set()
        for length in rng.choice(((2, 1), (3,), (2, 1, 1), (1, 1))):
            starts = [
                week for week in free if all(week + WEEK * at in free and week + WEEK * at not in taken for at in range(length))
            ]  # fmt: skip
            if not starts:
                continue
            start = rng.choice(starts)
            taken |= {start + WEEK * at for at in range(length)}
            rows.append(_away(person, start, start + WEEK * length - DAY * 3, AbsenceKind.VACATION))
        if rng.random() < 0.3:
            left = [week for week in free if week not in taken]
            if left:
                day = rng.choice(left) + DAY * rng.randrange(4)
                if day not in public_holidays(place.country, place.subdivision, day.year):
                    part = rng.choice((50, 100))
                    rows.append(
                        _away(person, day, day, AbsenceKind.TRAINING, part, rng.choice(NOTES[AbsenceKind.TRAINING]))
                    )
        past = today - dt.timedelta(days=rng.randint(30, 160))
        back = past + DAY * rng.randint(3, 12)
        for begin, _end in shutdowns(past, back):
            past, back = begin - DAY * 14, begin - DAY * 10
        rows.append(_away(person, past, back, AbsenceKind.VACATION))
        if person.pk in ill:
            rows.append(_away(person, today - DAY, today + DAY * 3, AbsenceKind.SICK))
        if place.country == "DE":
            rows += _closed(person, today, ill=person.pk in ill)
    parent = next((one for one in reversed(company.people) if not load[one.pk] and one.pk not in ill), None)
    if parent is not None:
        begin, end = today + dt.timedelta(days=45), today + dt.timedelta(days=45 + 240)
        rows = [row for row in rows if row.person_id != parent.pk or row.last < begin]
        rows.append(_away(parent, begin, end, AbsenceKind.PARENTAL))
    Absence.objects.bulk_create(rows, batch_size=BATCH)


def _closed(person: Person, today: dt.date, *, ill: bool) -> list[Absence]:
    """The company's closing around the turns of the years, as far as the person is not ill then."""
    rows = []
    for first, last in shutdowns(today - WEEK * VACATION_WEEKS, today + WEEK * VACATION_WEEKS):
        parts = [(first, last)]
        if ill and first <= today + DAY * 3 and last >= today - DAY:
            parts = [(first, today - DAY * 2), (today + DAY * 4, last)]
        rows += [_away(person, begin, end, AbsenceKind.OTHER, note=SHUTDOWN) for begin, end in parts if begin <= end]
    return rows


def _away(person: Person, first: dt.date, last: dt.date, kind: str, part: int = 100, note: str = "") -> Absence:
    return Absence(person=person, first=first, last=last, kind=kind, part=part, note=note)


def _rates(company: Company, rng: random.Random) -> None:
    """Rates of the roles for this year (early in a year: the last) and the next, in won for Korea; of freelancers and temporary workers by name, one with a gap."""
    year = (company.today - RATED).year
    this, following = dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
    korea = Organisation.objects.get(key="NORDLICHT-KR")
    rows: list[RoleRate] = []
    for name, role in company.roles.items():
        for kind, euro in zip((RateKind.INTERNAL, RateKind.EXTERNAL), RATES.get(name, (80, 100)), strict=True):
            for first, last, factor in ((this, following - DAY, 100), (following, None, 103)):
                common = {"role": role, "kind": kind, "valid_from": first, "valid_to": last}
                rows.append(RoleRate(amount=euro * factor, currency="EUR", **common))
                won = round(euro * factor * WON, -5) // 100
                rows.append(RoleRate(amount=won, currency="KRW", organisation=korea, **common))
    RoleRate.objects.bulk_create(rows)
    own: list[PersonRate] = []
    outside = [one for one in company.people if one.employment_type != EmploymentType.EMPLOYEE and one.role is not None]
    for number, person in enumerate(outside):
        role_name = person.role.name if person.role is not None else ""
        cents = RATES.get(role_name, (80, 100))[1] * 100 + rng.choice((-800, -300, 0, 200, 650))
        begin = max(person.entry_date or this, this)
        if number == 0:  # the controller finds this one in the checks
            until, again = company.today - dt.timedelta(days=12), company.today + dt.timedelta(days=18)
            own.append(_rate(person, cents, min(begin, until), until))
            own.append(_rate(person, cents + 400, again, None))
        else:
            own.append(_rate(person, cents, begin, None))
    PersonRate.objects.bulk_create(own, batch_size=BATCH)


def _rate(person: Person, cents: int, first: dt.date, last: dt.date | None) -> PersonRate:
    kind = RateKind.EXTERNAL if person.employment_type == EmploymentType.FREELANCER else RateKind.INTERNAL
    return PersonRate(person=person, kind=kind, amount=cents, valid_from=first, valid_to=last)


def _asked(skills: dict[str, Skill], rng: random.Random) -> None:
    """What open demands ask for: mostly what their role brings, and once what nobody here can."""
    rows: list[DemandSkill] = []
    demands = list(Demand.objects.filter(state__in=WAITING, role__isnull=False).select_related("role").order_by("pk"))
    for demand in demands:
        fitting = [
            (name, roles[demand.role.name])
            for name, _en, _cat, roles in SKILLS
            if demand.role and demand.role.name in roles
        ]
        for name, level in rng.sample(fitting, min(len(fitting), rng.choice((1, 1, 2)))):
            rows.append(DemandSkill(demand=demand, skill=skills[name], level=level, must=rng.random() < 0.8))
    site = next((one for one in demands if one.role is not None and one.role.name in {"Montage", "Bauleitung"}), None)
    if site is not None or demands:
        rows.append(DemandSkill(demand=site or demands[-1], skill=skills[NOBODY], level=2))
    DemandSkill.objects.bulk_create(rows, batch_size=BATCH)
