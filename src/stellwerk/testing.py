"""The known cast of every test (a pytest plug-in): who they are and what they may do never changes between tests.

Petra leads the PMO, Anton analyses, Paul manages projects, Rita manages a unit, Conny controls, Stefan sponsors,
Elke sits in the steering committee, Gerda manages a programme, Tom works in a team, Ada administers, Walter audits,
Uwe is an outsider without any role.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import settings
from whitenoise.middleware import WhiteNoiseMiddleware

from stellwerk.core.models import Grant, Scope, User
from stellwerk.people.models import Organisation, Person, Role, Unit
from stellwerk.portfolio.models import Portfolio, Programme, Project

# What is right does not depend on how busy the machine is: speed is measured in benchmarks/.
settings.register_profile("stellwerk", deadline=None)
settings.load_profile("stellwerk")

# Each test client loads the middleware anew; the files of the front end, which do not change, are looked for once.
_look_for_files = WhiteNoiseMiddleware.add_files_from_finders
_files: dict[str, dict[str, Any]] = {}


def _known_files(self: WhiteNoiseMiddleware) -> None:
    if self.static_prefix not in _files:
        _look_for_files(self)
        _files[self.static_prefix] = dict(self.files)
    self.files.update(_files[self.static_prefix])


WhiteNoiseMiddleware.add_files_from_finders = _known_files

PASSWORD = "right-horse-battery-staple"
TODAY = dt.date(2026, 11, 23)


@dataclass
class Cast:
    """Users and persons by first name in lower case, and the small company they work in."""

    organisation: Organisation
    other_organisation: Organisation
    unit: Unit
    sub_unit: Unit
    other_unit: Unit
    role: Role
    portfolio: Portfolio
    programme: Programme
    project: Project
    other_project: Project
    users: dict[str, User] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return cast_user(self.__dict__["users"][name])
        except KeyError:
            raise AttributeError(name) from None

    def client(self, name: str, **extra: Any) -> Client:
        """A signed-in test client of one of the cast."""
        client = Client(**extra)
        client.force_login(self.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client


def cast_user(user: object) -> User:
    assert isinstance(user, User)
    return user


NAMES = {
    "petra": ("Petra", "Brandt"),
    "anton": ("Anton", "Falk"),
    "paul": ("Paul", "Jansen"),
    "rita": ("Rita", "Lorenz"),
    "conny": ("Conny", "Weiss"),
    "stefan": ("Stefan", "Voss"),
    "elke": ("Elke", "Hartmann"),
    "gerda": ("Gerda", "Petersen"),
    "tom": ("Tom", "Okafor"),
    "ada": ("Ada", "Keller"),
    "walter": ("Walter", "Nagel"),
    "uwe": ("Uwe", "Schmidt"),
    "olga": ("Olga", "Brandes"),
}


@cache
def password_hash() -> str:
    """Everybody's password as it is stored: made once, a hash is slow on purpose."""
    return make_password(PASSWORD)


def build_cast() -> Cast:
    organisation = Organisation.objects.create(key="NORDLICHT", name="Nordlicht Anlagenbau AG", subdivision="HH")
    other = Organisation.objects.create(key="SUEDWIND", name="Südwind Service GmbH", subdivision="BY")
    unit = Unit.objects.create(key="UNT-0001", name="Anlagenbau", organisation=organisation)
    sub_unit = Unit.objects.create(key="UNT-0002", name="E-Technik", organisation=organisation, parent=unit)
    other_unit = Unit.objects.create(key="UNT-0003", name="Service Süd", organisation=other)
    role = Role.objects.create(key="ROL-0001", name="Projektleitung", name_en="Project management", is_key_role=True)
    users = {
        code: User(email=f"{code}@example.com", password=password_hash(), name=f"{first} {last}", language="en")
        for code, (first, last) in NAMES.items()
    }
    User.objects.bulk_create(users.values())
    people = {
        code: Person(
            key=f"PER-{number:04d}", first_name=first, last_name=last, email=users[code].email, user=users[code],
            unit=other_unit if code == "olga" else sub_unit if code == "tom" else unit, role=role,
        )
        for number, (code, (first, last)) in enumerate(NAMES.items(), start=1)
    }  # fmt: skip
    Person.objects.bulk_create(people.values())
    portfolio = Portfolio.objects.create(
        key="ANLAGEN", name="Anlagen", unit=unit, state="active", cycle_anchor=dt.date(2026, 11, 6)
    )
    programme = Programme.objects.create(
        key="PRG-0001",
        name="Wasserstoff",
        portfolio=portfolio,
        unit=unit,
        sponsor=people["stefan"],
        manager=people["gerda"],
    )
    project = Project.objects.create(
        key="PRJ-0001", name="Elektrolyse Lubmin",
        portfolio=portfolio, programme=programme, unit=unit, phase="executing",
        manager=people["paul"], sponsor=people["stefan"], budget=18_400_000_00, size="L",
    )  # fmt: skip
    other_project = Project.objects.create(
        key="PRJ-0002", name="Rauchgasreinigung Stade", portfolio=portfolio, unit=unit, phase="planning",
        manager=people["olga"], budget=7_900_000_00, size="M",
    )  # fmt: skip
    project.members.create(person=people["tom"], role=role)
    organisation_wide = {
        "petra": "pmo_lead",
        "anton": "pmo_analyst",
        "conny": "controller",
        "ada": "administrator",
        "walter": "auditor",
    }
    grants = [Grant(user=users[code], role=name, scope=Scope.ORGANISATION) for code, name in organisation_wide.items()]
    grants += [
        Grant(user=users[code], role=name, scope=Scope.SELF)
        for code, name in {
            "paul": "project_manager",
            "olga": "project_manager",
            "stefan": "sponsor",
            "gerda": "programme_manager",
            "tom": "team_member",
        }.items()
    ]
    grants.append(Grant(user=users["rita"], role="resource_manager", scope=Scope.UNIT, scope_id=unit.pk))
    grants.append(Grant(user=users["elke"], role="executive", scope=Scope.PORTFOLIO, scope_id=portfolio.pk))
    Grant.objects.bulk_create(grants)
    return Cast(
        organisation,
        other,
        unit,
        sub_unit,
        other_unit,
        role,
        portfolio,
        programme,
        project,
        other_project,
        users,
        people,
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Each test starts in English, whatever language the last request spoke."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _connection_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request ends inside its test's transaction: PostgreSQL would lose the transaction with the connection."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
