"""The staffing cast beside the known one: Rosa recruits, Klaus is a client, Pia and Pavel are partners, Frida and Fabian candidates.

Kerstin belongs to another client. Each of the outsiders has an account with the role of an outsider and nothing else.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from stellwerk.core.models import Grant, Scope, User
from stellwerk.resources.models import Demand
from stellwerk.staffing.models import (
    Client,
    ClientContact,
    Consent,
    Contract,
    Match,
    Partner,
    PartnerContact,
    Profile,
    ProfileLanguage,
    ProfileTerm,
    Vacancy,
    VacancyLanguage,
    VacancyShare,
    VacancyTerm,
    WeightSet,
)
from stellwerk.staffing.services.terms import terms_for
from stellwerk.testing import Cast, password_hash

NAMES = {
    "rosa": ("Rosa Stein", "recruiter", Scope.ORGANISATION),
    "klaus": ("Klaus Berger", "client_contact", Scope.SELF),
    "kerstin": ("Kerstin Vogel", "client_contact", Scope.SELF),
    "pia": ("Pia Sommer", "staffing_partner", Scope.SELF),
    "pavel": ("Pavel Horn", "staffing_partner", Scope.SELF),
    "frida": ("Frida Winter", "candidate", Scope.SELF),
    "fabian": ("Fabian Kurz", "candidate", Scope.SELF),
}


@dataclass
class Staffing:
    """What the tests of the staffing room stand on; ``users`` by first name in lower case."""

    cast: Cast
    own: Client
    client: Client
    other_client: Client
    partner: Partner
    other_partner: Partner
    users: dict[str, User] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    vacancies: dict[str, Vacancy] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            found: User = self.__dict__["users"][name]
        except KeyError:
            raise AttributeError(name) from None
        return found

    def client_of(self, name: str) -> Any:
        """A signed-in test client of one of the staffing cast."""
        from django.test import Client as Browser

        browser = Browser()
        browser.force_login(self.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return browser


def build_staffing(cast: Cast) -> Staffing:
    """Clients, partners, profiles and vacancies: one client's published vacancy, one from a demand of Paul's project as a draft."""
    users = {
        code: User.objects.create(email=f"{code}@example.com", password=password_hash(), name=name, language="en")
        for code, (name, _role, _scope) in NAMES.items()
    }
    Grant.objects.bulk_create(Grant(user=users[c], role=role, scope=scope) for c, (_n, role, scope) in NAMES.items())
    now = timezone.now()
    home = cast.organisation
    own = Client.objects.create(
        key="CLI-0001", organisation=home, own=True, name=home.name, covered=False, accepted_at=now
    )
    client = Client.objects.create(
        key="CLI-0002", organisation=home, name="Weserstahl GmbH", city="Bremen", latitude=53.08, longitude=8.8,
        works_council=True, accepted_at=now,
    )  # fmt: skip
    other = Client.objects.create(
        key="CLI-0003", organisation=home, name="Alpenlicht AG", city="Kempten", accepted_at=now
    )
    ClientContact.objects.create(client=client, name="Klaus Berger", email="klaus@example.com", user=users["klaus"])
    ClientContact.objects.create(client=other, name="Kerstin Vogel", email="kerstin@example.com", user=users["kerstin"])
    partner = Partner.objects.create(
        key="PAR-0001", organisation=home, name="Sommer Personal GmbH", licence_number="AÜ-HH-4711", agreement="GVP/DGB"
    )
    other_partner = Partner.objects.create(key="PAR-0002", organisation=home, name="Horn & Partner")
    PartnerContact.objects.create(partner=partner, name="Pia Sommer", email="pia@example.com", user=users["pia"])
    PartnerContact.objects.create(
        partner=other_partner, name="Pavel Horn", email="pavel@example.com", user=users["pavel"]
    )
    made = Staffing(cast, own, client, other, partner, other_partner, users)
    _profiles(made)
    _vacancies(made)
    return made


def _profiles(made: Staffing) -> None:
    terms = terms_for(["controlling", "evm", "scheduling", "ms_project", "pmo"])
    rows: dict[str, dict[str, Any]] = {
        "frida": {"kind": "applicant", "user": made.users["frida"], "pay_unit": "year", "asks": 58_000_00},
        "fabian": {"kind": "freelancer", "user": made.users["fabian"], "asks": 95_00},
        "pias": {"kind": "freelancer", "partner": made.partner, "asks": 88_00},
        "pavels": {"kind": "freelancer", "partner": made.other_partner, "asks": 84_00},
    }
    names = {
        "frida": ("Frida", "Winter"),
        "fabian": ("Fabian", "Kurz"),
        "pias": ("Lena", "Brook"),
        "pavels": ("Milan", "Dorn"),
    }
    for number, (code, fields) in enumerate(rows.items(), start=1):
        first, last = names[code]
        profile = Profile.objects.create(
            key=f"PRF-{number:04d}", organisation=made.cast.organisation, first_name=first, last_name=last,
            email=f"{first.lower()}@example.com", headline="Projektcontrolling", state="active", city="Bremen",
            latitude=53.07, longitude=8.81, workload_least=80, workload_most=100, radius=80,
            available=dt.date(2026, 12, 1), **fields,
        )  # fmt: skip
        ProfileTerm.objects.bulk_create(
            ProfileTerm(profile=profile, term=terms[c], level=level, used=dt.date(2026, 10, 1))
            for c, level in (("controlling", 4), ("evm", 3), ("ms_project", 3))
        )
        ProfileLanguage.objects.create(profile=profile, code="de", level=7)
        for kind in ("process", "pool"):
            Consent.objects.create(
                profile=profile, kind=kind, text_version="1", given_at=timezone.now(), expires=dt.date(2028, 1, 1)
            )
        made.profiles[code] = profile


def _vacancies(made: Staffing) -> None:
    terms = terms_for(["controlling", "evm", "ms_project"])
    home = made.cast.organisation
    online = Vacancy.objects.create(
        key="VAC-0001", organisation=home, client=made.client, number=821407, title="Projektcontroller (m/w/d)",
        title_en="Project controller (m/f/d)", tasks="Projektbudgets planen\nMonatsabschluss begleiten",
        wanted="Erfahrung im Projektcontrolling", contract_forms=["lending", "freelance"], city="Bremen", latitude=53.08,
        longitude=8.8, workload_least=80, start=dt.date(2027, 1, 4), last_day=dt.date(2027, 6, 30), pay_unit="hour",
        pay_least=85_00, pay_most=105_00, rate_cap=120_00, state="published", published_at=timezone.now(),
    )  # fmt: skip
    hidden = Vacancy.objects.create(
        key="VAC-0002", organisation=home, client=made.other_client, number=821408, title="Bauleitung (m/w/d)",
        contract_forms=["permanent"], state="published", published_at=timezone.now(), pay_least=60_000_00,
        pay_most=75_000_00,
    )  # fmt: skip
    demand = Demand.objects.create(
        key="DEM-9001", project=made.cast.project, title="Projektcontrolling Lubmin", role=made.cast.role,
        unit=made.cast.unit, first=dt.date(2027, 1, 4), last=dt.date(2027, 3, 26), state="vacancy_raised",
    )  # fmt: skip
    raised = Vacancy.objects.create(
        key="VAC-0003", organisation=home, client=made.own, demand=demand, number=821409, role=made.cast.role,
        title="Projektcontrolling Lubmin (m/w/d)", contract_forms=["freelance"], start=demand.first, last_day=demand.last,
    )  # fmt: skip
    for vacancy in (online, hidden, raised):
        VacancyTerm.objects.bulk_create(
            VacancyTerm(vacancy=vacancy, term=terms[c], kind=kind, level=3) for c, kind in (("controlling", "must"), ("evm", "should"), ("ms_project", "nice"))
        )  # fmt: skip
        VacancyLanguage.objects.create(vacancy=vacancy, code="de", level=5)
    VacancyShare.objects.create(vacancy=online, partner=made.partner, by=made.users["rosa"])
    made.vacancies = {"online": online, "hidden": hidden, "raised": raised}


def match_of(made: Staffing, profile: str = "frida", vacancy: str = "online", **fields: Any) -> Match:
    """A match as it stands after a comparison; ``state`` and dates as given."""
    weights = WeightSet.objects.filter(active=True).first() or WeightSet.objects.create(number=1, active=True)
    return Match.objects.create(
        vacancy=made.vacancies[vacancy], profile=made.profiles[profile], weights=weights, company_score=820,
        person_score=740, score=778, **fields,
    )  # fmt: skip


def contract_of(made: Staffing, profile: str = "fabian", vacancy: str = "online", **fields: Any) -> Contract:
    """A freelance contract for the client's vacancy, as a draft unless told otherwise."""
    found, wanted = made.profiles[profile], made.vacancies[vacancy]
    values: dict[str, Any] = {"form": "freelance", "first": dt.date(2027, 1, 4), "last": dt.date(2027, 6, 30), "pay": 95_00, "rate": 112_00}  # fmt: skip
    return Contract.objects.create(
        organisation=made.cast.organisation, vacancy=wanted, profile=found, client=wanted.client, partner=found.partner,
        unit_of_person=made.cast.unit, **values | fields,
    )  # fmt: skip
