"""Staffing of the demo company: a client, two partners, people, vacancies, questions to both sides, contracts.

The vacancy of the story comes from a demand of a project; every step after it is taken by the service that people use.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from allauth.account.models import EmailAddress
from django.utils import timezone

from stellwerk.core.errors import Refused
from stellwerk.core.models import Grant, User
from stellwerk.core.services import next_keys
from stellwerk.core.states import advance
from stellwerk.demo.cast import GUESTS
from stellwerk.demo.staffing_contracts import add_contracts
from stellwerk.demo.staffing_past import expire_filled, tell_past
from stellwerk.demo.staffing_profiles import add_profiles
from stellwerk.people.models import Role
from stellwerk.resources.models import Demand
from stellwerk.staffing.models import (
    Answer,
    Client,
    ClientContact,
    Disclosure,
    Match,
    Partner,
    PartnerContact,
    PayBand,
    Profile,
    Vacancy,
    VacancyLanguage,
    VacancyShare,
    VacancyTerm,
)
from stellwerk.staffing.selectors.fairness import token_of
from stellwerk.staffing.services import contacting, matching
from stellwerk.staffing.services.terms import terms_for

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

PLACE: Final = {"city": "Bremen", "postcode": "28195", "latitude": 53.08, "longitude": 8.81}
ADS: Final[tuple[dict[str, Any], ...]] = (
    {
        "title": "Projektcontrolling Anlagenbau (m/w/d)", "title_en": "Project controller plant engineering (m/f/d)", "demand": True,
        "tasks": "Projektbudgets planen und fortschreiben\nMonatsabschluss begleiten\nPrognose und Abweichungen erklären",
        "tasks_en": "Plan and update project budgets\nSupport the month-end close\nExplain forecasts and deviations",
        "wanted": "Erfahrung im Projektcontrolling\nSicherer Umgang mit MS Project", "wanted_en": "Experience in project controlling\nGood command of MS Project",
        "contract_forms": ["freelance", "lending"], "pay_unit": "hour", "pay_least": 85_00, "pay_most": 120_00, "rate_cap": 135_00, "state": "published",
        "needs": {"controlling": "must", "evm": "should", "ms_project": "should"},
    },
    {
        "title": "Terminplanung Stahlwerk (m/w/d)", "title_en": "Scheduler steelworks (m/f/d)", "demand": False,
        "tasks": "Terminplan mit 3.000 Vorgängen führen\nFortschritt wöchentlich messen", "tasks_en": "Keep a schedule of 3,000 activities\nMeasure progress each week",
        "wanted": "Mehrere Jahre Terminplanung mit Primavera P6", "wanted_en": "Several years of scheduling with Primavera P6",
        "contract_forms": ["freelance", "lending"], "pay_unit": "hour", "pay_least": 90_00, "pay_most": 125_00, "rate_cap": 140_00, "state": "published",
        "needs": {"scheduling": "must", "p6": "must", "reporting": "nice"},
    },
    {
        "title": "Leitung PMO (m/w/d)", "title_en": "Head of PMO (m/f/d)", "demand": False,
        "tasks": "PMO für 40 Projekte aufbauen\nBerichte an die Geschäftsführung", "tasks_en": "Build a PMO for 40 projects\nReport to the management",
        "wanted": "Führung und PMO-Erfahrung", "wanted_en": "Leadership and PMO experience",
        "contract_forms": ["permanent"], "pay_unit": "year", "pay_least": 65_000_00, "pay_most": 88_000_00, "state": "published",
        "needs": {"pmo": "must", "ppm": "should", "pm_standards": "should"},
    },
    {
        "title": "Risikomanagement (m/w/d)", "title_en": "Risk manager (m/f/d)", "demand": False, "tasks": "Risikoregister führen", "tasks_en": "Keep the risk register",
        "wanted": "Erfahrung mit Monte-Carlo", "wanted_en": "Experience with Monte Carlo", "contract_forms": ["permanent"], "pay_unit": "year",
        "pay_least": 60_000_00, "pay_most": 78_000_00, "state": "draft", "needs": {"risk": "must", "monte_carlo": "should"},
    },
)  # fmt: skip
"""The first of them fills a gap in our own capacity; the others belong to the client."""
NEWEST: Final[dict[str, Any]] = {
    "title": "Projektcontrolling Kraftwerk (m/w/d)", "title_en": "Project controller power plant (m/f/d)", "demand": False,
    "tasks": "Kosten und Termine von acht Losen verfolgen\nMonatsbericht für den Lenkungskreis", "tasks_en": "Follow cost and schedule of eight lots\nMonthly report for the steering committee",
    "wanted": "Erfahrung mit Earned Value", "wanted_en": "Experience with earned value", "contract_forms": ["permanent"], "pay_unit": "year",
    "pay_least": 62_000_00, "pay_most": 84_000_00, "state": "published", "needs": {"controlling": "must", "evm": "should", "excel": "nice"},
}  # fmt: skip
"""Frida is asked about it; the company has said yes already."""
KNOWN: Final = "Hat bei uns schon zwei Monatsabschlüsse begleitet."

BANDS: Final = (("Projektleitung", 72_000, 96_000), ("Projektcontrolling", 58_000, 76_000), ("PMO", 54_000, 78_000))
"""Role, from, to: euros a year, gross."""
NO: Final = "Uns fehlt Erfahrung im laufenden Betrieb einer Anlage."


def add_staffing(company: Company) -> None:
    """Accounts of the guests first: people, partners and the client are linked with them."""
    users = _guests()
    if not Profile.objects.exists():
        add_profiles(company)
    _link(users)
    ours, theirs = _clients(company, users["klaus"])
    vacancies = _vacancies(company, ours, theirs, users)
    _frida(users, vacancies[0], ("company", "person"))
    _matches(vacancies)
    _disclose()
    _bands(company)
    add_contracts(company)
    newest = _vacancies(company, ours, theirs, users, (NEWEST,))
    _frida(users, newest[0], ("company",))
    _matches(newest)
    expire_filled(timezone.now())
    tell_past(company, users)


def _frida(users: dict[str, User], vacancy: Vacancy, saying_yes: tuple[str, ...]) -> None:
    """Frida talks about the first vacancy and is asked about the newest, to which the company has said yes."""
    frida = Profile.objects.filter(user=users["frida"]).first()
    if frida is None or Match.objects.filter(vacancy=vacancy, profile=frida).exists():
        return
    try:
        match = contacting.ask_both(
            match=matching.propose(vacancy=vacancy, profile=frida, by=None, override=KNOWN), by=None
        )
    except Refused:  # no consent, or a vacancy that is closed: the story goes on without it
        return
    for side in saying_yes:
        match = contacting.give_answer(answer=Answer.objects.get(match=match, side=side), yes=True)
    if match.state == "both_yes":
        advance(match, "talk", by=None)


def _bands(company: Company) -> None:
    """The house's own pay bands, as its personnel department knows them since the spring."""
    roles = {role.name: role for role in Role.objects.filter(name__in=[name for name, _least, _most in BANDS])}
    PayBand.objects.bulk_create(
        PayBand(
            organisation=company.organisation, role=roles[name], least=least * 100, most=most * 100,
            source="Personalabteilung, Gehaltsrunde im Frühjahr", day=dt.date(company.today.year, 4, 1),
        )
        for name, least, most in BANDS if name in roles
    )  # fmt: skip


def _guests() -> dict[str, User]:
    """Those who sign in without being persons of the plan."""
    users = {}
    for guest in GUESTS:
        user = User.objects.filter(email=guest.email).first()
        if user is None:
            user = User.objects.create_user(guest.email, None, name=guest.name, language="de")
            user.set_unusable_password()
            user.save(update_fields=["password"])
        EmailAddress.objects.get_or_create(user=user, email=guest.email, defaults={"verified": True, "primary": True})
        Grant.objects.get_or_create(user=user, role=guest.role, scope=guest.scope)
        users[guest.code] = user
    return users


def _link(users: dict[str, User]) -> None:
    """Pia with her partner, Frida with her profile; whoever made them may have done so already."""
    contact = PartnerContact.objects.filter(name="Pia Sommer").first()
    if contact is not None and contact.user_id is None:
        PartnerContact.objects.filter(pk=contact.pk).update(user=users["pia"], email=users["pia"].email)
    if not Profile.objects.filter(user=users["frida"]).exists():
        frida = Profile.objects.filter(state="active", partner=None, person=None).order_by("pk").first()
        if frida is not None:
            Profile.objects.filter(pk=frida.pk).update(
                user=users["frida"], first_name="Frida", last_name="Winter", email=users["frida"].email
            )


def _clients(company: Company, klaus: User) -> tuple[Client, Client]:
    now, home = timezone.now(), company.organisation
    ours = Client.objects.filter(own=True).first() or Client.objects.create(
        key=next_keys("CLI")[0], organisation=home, own=True, covered=False, name=home.name, legal_name=home.legal_name, accepted_at=now
    )  # fmt: skip
    theirs = Client.objects.create(
        key=next_keys("CLI")[0], organisation=home, name="Weserstahl GmbH", legal_name="Weserstahl GmbH", works_council=True, accepted_at=now, **PLACE
    )  # fmt: skip
    ClientContact.objects.create(client=theirs, name=klaus.name, email=klaus.email, user=klaus)
    return ours, theirs


def _vacancies(
    company: Company, ours: Client, theirs: Client, users: dict[str, User], ads: tuple[dict[str, Any], ...] = ADS
) -> list[Vacancy]:
    """Published ones were approved by another than Rosa, who made them; the demand of the first one says that it is looked for."""
    rosa = users["rosa"]
    first, made = company.today + dt.timedelta(days=40), []
    for number, ad in enumerate(ads):
        values = {name: value for name, value in ad.items() if name not in {"demand", "needs"}}
        demand = _uncovered() if ad["demand"] else None
        client = ours if demand is not None else theirs
        online = timezone.now() - dt.timedelta(days=9 - number) if ad["state"] == "published" else None
        vacancy = Vacancy.objects.create(
            key=next_keys(Vacancy.KEY_PREFIX)[0], organisation=company.organisation, client=client, demand=demand, role=demand.role if demand else None,
            number=820_000 + int(next_keys("AD")[0].split("-")[1]), owner=rosa, start=demand.first if demand else first,
            latest_start=(demand.first if demand else first) + dt.timedelta(days=60), last_day=demand.last if demand else first + dt.timedelta(days=240), workload_least=60, remote=80, published_at=online, **PLACE, **values,
        )  # fmt: skip
        terms = terms_for(list(ad["needs"]))
        VacancyTerm.objects.bulk_create(
            VacancyTerm(vacancy=vacancy, term=terms[code], kind=kind, level=3)
            for code, kind in ad["needs"].items()
            if code in terms
        )
        VacancyLanguage.objects.create(vacancy=vacancy, code="de", level=5)
        if online is not None:
            for partner in Partner.objects.filter(contacts__user=users["pia"]):
                VacancyShare.objects.create(vacancy=vacancy, partner=partner, by=rosa)
        made.append(vacancy)
    return made


def _uncovered() -> Demand | None:
    """A demand that nobody answers, of the first project that has one: people are looked for outside."""
    demand = Demand.objects.filter(state="open", archived_at=None).select_related("role").order_by("pk").first()
    if demand is not None:
        Demand.objects.filter(pk=demand.pk).update(state="vacancy_raised")
    return demand


def _matches(vacancies: list[Vacancy]) -> None:
    """Ranked by the engine; the best one of each vacancy further on than the next: talking, asked or agreed, proposed, declined, one yes, asked."""
    for vacancy in vacancies:
        if vacancy.state != "published":
            continue
        asked = set(Match.objects.filter(vacancy=vacancy).values_list("profile", flat=True))
        found = [
            one.profile
            for one in matching.compare_people(vacancy=vacancy, by=None).ranked
            if one.profile.person_id is None and one.profile.pk not in asked
        ]
        for place, profile in enumerate(found[:6]):
            try:
                match = matching.propose(vacancy=vacancy, profile=profile, by=None)
                if place != 2:
                    match = contacting.ask_both(match=match, by=None)
                if place == 0 or (place == 1 and vacancy.contract_forms == ["permanent"]):
                    for answer in Answer.objects.filter(match=match):
                        match = contacting.give_answer(answer=answer, yes=True)
                if place == 0:
                    advance(match, "talk", by=None)
                if place == 4:
                    first = "company" if vacancy.contract_forms == ["permanent"] else "person"
                    contacting.give_answer(answer=Answer.objects.get(match=match, side=first), yes=True)
                if place == 3:
                    company_side = Answer.objects.get(match=match, side="company")
                    contacting.give_answer(answer=company_side, yes=False, reason="experience", text=NO)
            except Refused:  # nobody to write to, or no consent: the story goes on without this one
                continue


def _disclose() -> None:
    """What people have told of themselves, kept as the service keeps it: without a name, found by a token alone."""
    people = Profile.objects.filter(matches__isnull=False).distinct().order_by("pk").values_list("pk", flat=True)
    for number, pk in enumerate(people):
        told = {"sex": ("woman", "man")[number % 2], "age": ("30to49", "from50")[number // 2 % 2]}
        for trait, value in told.items():
            Disclosure.objects.get_or_create(token=token_of(pk, trait), trait=trait, defaults={"value": value})
