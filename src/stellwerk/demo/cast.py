"""The people who can sign in with one click while the demo runs."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text


class Member(NamedTuple):
    """One of the cast: account, person, role in Stellwerk and where it counts."""

    code: str
    title: str
    first_name: str
    last_name: str
    role: str
    scope: str
    label: Text
    unit: str
    job: str

    @property
    def email(self) -> str:
        return f"{self.code}@nordlicht.example"

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)


CAST = (
    Member(
        "petra", "", "Petra", "Brandt", "pmo_lead", "organisation", _("PMO lead"), "Projektmanagement-Office", "PMO"
    ),
    Member(
        "anton", "", "Anton", "Falk", "pmo_analyst", "organisation", _("PMO analyst"), "Projektmanagement-Office", "PMO"
    ),
    Member(
        "gerda",
        "",
        "Gerda",
        "Petersen",
        "programme_manager",
        "self",
        _("Programme manager"),
        "Anlagenbau",
        "Projektleitung",
    ),
    Member(
        "paul", "", "Paul", "Jansen", "project_manager", "self", _("Project manager"), "Anlagenbau", "Projektleitung"
    ),
    Member(
        "rita",
        "",
        "Rita",
        "Lorenz",
        "resource_manager",
        "unit",
        _("Resource manager"),
        "E-Technik und Leittechnik",
        "E-Technik",
    ),
    Member(
        "conny",
        "",
        "Conny",
        "Weiss",
        "controller",
        "organisation",
        _("Controller"),
        "Finanzen und Controlling",
        "Projektcontrolling",
    ),
    Member("stefan", "Dr.", "Stefan", "Voss", "sponsor", "self", _("Sponsor"), "Vorstand", ""),
    Member("elke", "", "Elke", "Hartmann", "executive", "organisation", _("Board member"), "Vorstand", ""),
    Member(
        "tom",
        "",
        "Tom",
        "Okafor",
        "team_member",
        "self",
        _("Team member"),
        "E-Technik und Leittechnik",
        "SPS-Programmierung",
    ),
    Member("walter", "", "Walter", "Nagel", "auditor", "organisation", _("Works council"), "Werk 1", "Montage"),
    Member(
        "ada",
        "",
        "Ada",
        "Keller",
        "administrator",
        "organisation",
        _("Administrator"),
        "IT und Digitalisierung",
        "Softwareentwicklung",
    ),
)


class Guest(NamedTuple):
    """An account without a person in the plan: whoever recruits, and three from outside."""

    code: str
    name: str
    role: str
    scope: str
    label: Text
    email: str


GUESTS = (
    Guest("rosa", "Rosa Stein", "recruiter", "organisation", _("Recruiter"), "rosa@nordlicht.example"),
    Guest("klaus", "Klaus Berger", "client_contact", "self", _("Client contact"), "klaus@weserstahl.example"),
    Guest("pia", "Pia Sommer", "staffing_partner", "self", _("Staffing partner"), "pia@sommer.example"),
    Guest("frida", "Frida Winter", "candidate", "self", _("Candidate"), "frida@people.example"),
)
