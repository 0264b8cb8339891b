"""About forty invented people who look for work, or could be lent within the house: applicants, freelancers, two partners' candidates, employees."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils import timezone

from stellwerk.core.models import Grant, Scope, User
from stellwerk.core.services import next_keys
from stellwerk.people.models import EmploymentType
from stellwerk.staffing.models import (
    Consent,
    Partner,
    PartnerContact,
    Profile,
    ProfileLanguage,
    ProfileTerm,
    ProfileWish,
    Station,
)
from stellwerk.staffing.services.consents import DAYS, text_version
from stellwerk.staffing.services.terms import terms_for

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

PLAIN: Final = str.maketrans(dict(zip("üöäłıćřá", ("ue", "oe", "ae", "l", "i", "c", "r", "a"), strict=True)))
TOWNS: Final = {
    "Bremen": ("28195", 53.08, 8.81), "Hamburg": ("20095", 53.55, 9.99), "Hannover": ("30159", 52.37, 9.73),
    "Oldenburg": ("26122", 53.14, 8.21), "Bremerhaven": ("27568", 53.54, 8.58), "Berlin": ("10115", 52.53, 13.39),
    "Köln": ("50667", 50.94, 6.96), "Leipzig": ("04109", 51.34, 12.37), "Rostock": ("18055", 54.09, 12.13),
    "Münster": ("48143", 51.96, 7.63), "Stuttgart": ("70173", 48.78, 9.18), "Dortmund": ("44137", 51.51, 7.47),
}  # fmt: skip


class Role(NamedTuple):
    """A kind of work: what somebody who does it is called, can do and has done. Levels by code."""

    headline: str
    skills: dict[str, int]
    certificate: str
    industry: str
    task: str
    hour: int  # euros
    year: int  # thousands


ROLES: Final = (
    Role("Projektcontrolling Anlagenbau", {"controlling": 4, "evm": 3, "ms_project": 3, "excel": 4, "month_close": 3, "power_bi": 2}, "ipma_c", "plant", "Budget und Prognose von zwölf Projekten, Monatsabschluss in drei Tagen", 95, 68),
    Role("Terminplanung Energieprojekte", {"scheduling": 4, "p6": 4, "ms_project": 3, "risk": 2, "reporting": 3}, "pmp", "energy", "Terminplan mit 4.000 Vorgängen, wöchentliche Fortschrittsmessung", 102, 72),
    Role("PMO-Leitung", {"pmo": 4, "ppm": 3, "reporting": 4, "pm_standards": 4, "stakeholder": 3, "jira_tool": 2}, "prince2_practitioner", "automotive", "Aufbau eines PMO für 60 Projekte mit einheitlichem Bericht", 115, 86),
    Role("Projektleitung IT", {"pm": 4, "agile_pm": 3, "scrum": 4, "jira_tool": 4, "confluence": 3, "stakeholder": 3}, "psm", "banking", "Einführung eines ERP an vier Standorten, 3,5 Mio € Budget", 108, 78),
    Role("Bauleitung und Nachtragsmanagement", {"site_mgmt": 4, "claim": 3, "cost_planning": 3, "hse": 3, "ms_project": 2}, "ipma_d", "construction", "Bauleitung zweier Umspannwerke, 140 Nachträge verhandelt", 88, 70),
    Role("Risikomanagement", {"risk": 4, "monte_carlo": 3, "reporting": 3, "excel": 4, "evm": 2}, "pmi_rmp", "energy", "Risikoregister für ein Offshore-Programm, Monte-Carlo je Quartal", 105, 74),
    Role("PMO-Assistenz", {"pmo": 2, "reporting": 3, "excel": 3, "ms_project": 2, "minutes": 3}, "ipma_d", "plant", "Statusberichte, Protokolle und Raumplanung für acht Projekte", 58, 46),
    Role("Qualität und Inbetriebnahme", {"quality_mgmt": 4, "commissioning": 4, "risk": 2, "reporting": 3}, "ipma_c", "plant", "Inbetriebnahme von drei Anlagen, Abnahme ohne Restpunkte", 92, 69),
)  # fmt: skip
NAMES: Final = (
    "Frida Winter", "Jannik Wessels", "Aylin Demir", "Torben Hansen", "Lea Sommerfeld", "Mateusz Nowak", "Ines Carvalho",
    "Philipp Osterloh", "Swantje Harms", "Emre Yıldız", "Clara Bogner", "Viktor Reimers", "Hannah Quast", "Samir Haddad",
    "Greta Lindqvist", "Benedikt Aumann", "Olena Kovalenko", "Fiete Brockmann", "Mira Petrović", "Konrad Seiler",
    "Thea Wolters", "Rasmus Holm", "Paula Engelke", "Dario Conti", "Anouk Visser", "Jonas Kettler", "Beate Rüther",
    "Marek Dvořák", "Sina Albers", "Leander Voss", "Imke Tietjen", "Arif Rahimi",
)  # fmt: skip
PARTNERS: Final = (
    ("Sommer Personal GmbH", "Pia Sommer", "AÜG-HB-2017-0312", "GVP/DGB-Tarifwerk"),
    ("Hafenkontor Interim", "Pavel Horn", "", ""),
)
SOFT: Final = ("communication", "negotiation", "leadership", "structured", "conflict", "moderation")


def add_profiles(company: Company) -> list[Profile]:
    """Bulk writes; skills that the vocabulary does not know are left out."""
    partners = _partners(company)
    codes = {code for role in ROLES for code in (*role.skills, role.certificate, role.industry)} | set(SOFT)
    terms = terms_for(sorted(codes))
    made: list[tuple[Profile, Role, int]] = []
    employees = [
        one for one in company.people if one.employment_type == EmploymentType.EMPLOYEE and one.user_id is None
    ]
    for number, name in enumerate(NAMES):
        made.append((_outside(company, number, name, partners), ROLES[number % len(ROLES)], number))
    for number, person in enumerate(employees[:: max(1, len(employees) // 9)][:9]):
        made.append((_employee(company, person, number), ROLES[(number * 3) % len(ROLES)], number + len(NAMES)))
    keys = next_keys("PRF", len(made))
    for (profile, _role, _number), key in zip(made, keys, strict=True):
        profile.key = key
    Profile.objects.bulk_create([profile for profile, _role, _number in made])
    _parts(company, made, terms)
    _account(company, made[0][0])
    return [profile for profile, _role, _number in made]


def _partners(company: Company) -> list[Partner]:
    found = []
    for name, contact, licence, agreement in PARTNERS:
        partner = Partner.objects.filter(name=name).first()
        if partner is None:
            partner = Partner.objects.create(
                key=next_keys("PAR")[0], organisation=company.organisation, name=name, city="Bremen", licence_number=licence, agreement=agreement
            )  # fmt: skip
            mail = f"{contact.split()[0].lower()}@{name.split()[0].lower()}.example"
            PartnerContact.objects.create(
                partner=partner, name=contact, email=mail, user=User.objects.filter(email=mail).first()
            )
        found.append(partner)
    return found


def _outside(company: Company, number: int, name: str, partners: list[Partner]) -> Profile:
    first, _space, last = name.partition(" ")
    role, town = ROLES[number % len(ROLES)], list(TOWNS)[number * 5 % len(TOWNS)]
    freelance = number % 3 == 1 or number % 8 == 3
    partner = partners[number // 4 % 2] if number % 4 == 1 else None
    euros = role.hour - 6 + number * 7 % 19 if freelance else role.year * 1000 - 4000 + number * 1700 % 11000
    state = {5: "draft", 14: "paused", 23: "locked"}.get(number, "active")
    plain = last.lower().translate(PLAIN)
    return Profile(
        organisation=company.organisation, kind="freelancer" if freelance else "applicant", partner=partner, first_name=first, last_name=last,
        email=f"{first.lower()}.{plain}@people.example", headline=role.headline, years=3 + number * 5 % 19, source="entrance" if partner is None else "manual",
        summary=f"{role.task}. Ich arbeite gern dort, wo Termine und Kosten zusammenkommen, und erkläre Zahlen so, dass alle am Tisch entscheiden können. "
        "Zuletzt war ich in einem Programm mit mehreren Partnern dafür da, dass Abweichungen früh auffallen.",
        available=company.today + dt.timedelta(days=10 + number * 11 % 90), workload_least=(60, 80, 100)[number % 3], workload_most=100,
        workload_wish=(80, 100, 100)[number % 3], radius=(80, 130, 220)[number % 3], remote_wish=(40, 60, 20, 80)[number % 4],
        contract_forms=["freelance"] if freelance else ["permanent"] if number and number % 4 == 0 else ["permanent", "lending"],
        permits=["DE", "AT"] if number % 6 == 0 else ["DE"], pay_unit="hour" if freelance else "year", asks=euros * 100,
        pay_wish=euros * 108, team_least=2, team_most=(8, 12, 25)[number % 3], state=state,
        wishes="Keine Nachtschichten, gern ein Tag in der Woche zu Hause." if number % 5 == 0 else "",
        **_dates(company, state), **_place(town),
    )  # fmt: skip


def _dates(company: Company, state: str) -> dict[str, Any]:
    if state != "locked":
        return {}
    locked = company.today - dt.timedelta(days=40)
    return {"locked_at": locked, "erase_on": locked + dt.timedelta(days=183)}


def _place(town: str) -> dict[str, Any]:
    postcode, latitude, longitude = TOWNS[town]
    return {"city": town, "postcode": postcode, "latitude": latitude, "longitude": longitude, "country": "DE"}


def _employee(company: Company, person: Any, number: int) -> Profile:
    role = ROLES[(number * 3) % len(ROLES)]
    return Profile(
        organisation=company.organisation, kind="employee", person=person, first_name=person.first_name, last_name=person.last_name,
        email=person.email, headline=role.headline, years=2 + number * 3 % 15, available=company.today + dt.timedelta(days=30 + 20 * number),
        workload_least=20, workload_most=100, radius=60, remote_wish=40, permits=["DE"], pay_unit="hour", state="active", **_place("Bremen"),
    )  # fmt: skip


def _parts(company: Company, made: list[tuple[Profile, Role, int]], terms: dict[str, Any]) -> None:
    now = timezone.now()
    skills, languages, wishes, stations, consents = [], [], [], [], []
    for profile, role, number in made:
        for place, (code, level) in enumerate(role.skills.items()):
            if code not in terms:
                continue
            told = max(1, min(4, level - (number + place) % 3 % 2))
            skills.append(
                ProfileTerm(
                    profile=profile, term=terms[code], level=None if (number + place) % 11 == 10 else told, known="read" if place % 2 else "told",
                    used=company.today - dt.timedelta(days=30 + (number * 37 + place * 61) % 900), evidence=role.task if place < 2 else "",
                )
            )  # fmt: skip
        for code in [*SOFT[number % 3 :: 3][:2], *([role.certificate] if number % 3 != 2 else [])]:
            if code in terms:
                skills.append(
                    ProfileTerm(profile=profile, term=terms[code], level=3 if code in SOFT else None, known="told")
                )
        languages += [ProfileLanguage(profile=profile, code="de", level=7 if number % 4 else 5), ProfileLanguage(profile=profile, code="en", level=(4, 5, 3)[number % 3])]  # fmt: skip
        if role.industry in terms:
            wishes.append(ProfileWish(profile=profile, term=terms[role.industry], wanted=True))
        year = company.today.year
        stations += [
            Station(profile=profile, kind="work", title=role.headline, organisation=("Werftwerk AG", "Ostsee Energie GmbH", "Anker Systeme")[number % 3], first=f"{year - 4}-0{1 + number % 9}", last="now", text=f"• {role.task}"),
            Station(profile=profile, kind="work", title="Projektmitarbeit", organisation=("Delta Ingenieure", "Kontor Consult")[number % 2], first=f"{year - 9}", last=f"{year - 4}", text="• Berichte und Termine"),
        ]  # fmt: skip
        consents += _consents(company, profile, number, now)
    ProfileTerm.objects.bulk_create(skills)
    ProfileLanguage.objects.bulk_create(languages)
    ProfileWish.objects.bulk_create(wishes)
    Station.objects.bulk_create(stations)
    Consent.objects.bulk_create(consents)


def _consents(company: Company, profile: Profile, number: int, now: dt.datetime) -> list[Consent]:
    """One is about to end, one was withdrawn, a draft has none."""
    if profile.kind == "employee" or profile.state == "draft":
        return []
    given = now - dt.timedelta(days=20 + number * 13 % 250)
    rows = []
    for kind in ("partner",) if profile.partner_id else ("process", "pool"):
        state = "withdrawn" if profile.state == "locked" else "given"
        expires = company.today + dt.timedelta(days=18) if number == 2 else given.date() + dt.timedelta(days=DAYS[kind])
        rows.append(
            Consent(
                profile=profile, kind=kind, text_version=text_version(), given_at=given, expires=expires, state=state,
                ended_at=now - dt.timedelta(days=40) if state == "withdrawn" else None, evidence="Demo",
            )
        )  # fmt: skip
    return rows


def _account(company: Company, profile: Profile) -> None:
    """Frida signs in as a candidate and sees herself."""
    user = User.objects.filter(email="frida@people.example").first()
    if user is None:
        user = User(email="frida@people.example", name=profile.full_name, language="de")
        user.set_unusable_password()
        user.save()
        Grant.objects.create(user=user, role="candidate", scope=Scope.SELF)
    Profile.objects.filter(pk=profile.pk).update(user=user, email=user.email)
