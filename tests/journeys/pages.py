"""All pages of a loaded data folder that somebody of the demo's cast can open (``python -m tests.journeys.pages``).

Prints a JSON list of ``{"route", "sample", "path", "role", "statuses", "page"}``: ``role`` is who may open it (empty:
nobody can with a plain GET), ``page`` whether the answer is a whole HTML page.
"""

from __future__ import annotations

import json
import os
from typing import Any

# Whom to try, in this order: whoever sees most first; those who recruit and those from outside last.
ROLES = (
    "petra", "ada", "paul", "rita", "conny", "walter", "elke", "stefan", "gerda", "tom", "anton",
    "rosa", "klaus", "pia", "frida",
)  # fmt: skip
SEVERAL = {
    "core:home": ("petra", "paul", "rita", "stefan", "walter", "ada", "rosa", "klaus", "pia", "frida"),
    "portfolio:board-all": ("petra", "paul", "elke"),
    "staffing:match-detail": ("rosa", "klaus", "pia", "frida"),
    "staffing:vacancy-detail": ("rosa", "klaus", "pia"),
    "staffing:profile-detail": ("rosa", "pia"),
}
"""Pages that are another one for each of these."""
ALLAUTH = (
    "account_change_password",
    "account_email",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "socialaccount_connections",
)
PUBLIC = ("account_login", "account_reset_password", "account_reset_password_done")
NEVER = {"jobs:state"}
REFUSALS = ("web/error.html", "core/refused.html", "core/refused_fragment.html")
GENERIC = ("project", "report", "person")  # the pages that every entity has are looked at on these


def samples() -> dict[str, list[Any]]:
    from stellwerk.controlling.models import (
        ActualsImport,
        AuthorityLimit,
        Benefit,
        Booking,
        Budget,
        BusinessCase,
        CostCentre,
        CostType,
        ExchangeRate,
        ForecastException,
        InvestmentRound,
        Period,
        SelectionRun,
        SimulationRun,
        StrategicObjective,
    )
    from stellwerk.core.models import Attachment, ChangeSet, Comment, Grant, Job, Notification, SavedView, User
    from stellwerk.people.models import Location, Organisation, Person, Role, Unit
    from stellwerk.planning.models import Activity, Baseline, WorkingCalendar
    from stellwerk.portfolio.models import Portfolio, Programme, Project, Proposal, ScoringModel
    from stellwerk.reporting.models import Cycle, DeckTemplate, StatusReport
    from stellwerk.resources.models import AgencyAssignment, Allocation, Demand, HoursAgreement, LevellingRun, TimeSheet
    from stellwerk.staffing.models import Client, Contract, Match, Partner, PayBand, Profile, Vacancy, WeightSet
    from tests.targets import Sample, some

    petra = User.objects.get(email="petra@nordlicht.example")
    paul = User.objects.get(email="paul@nordlicht.example")
    report = StatusReport.objects.filter(state="published").order_by("-data_date", "pk").first()
    found = {
        "organisation": [Sample("first", some(Organisation))],
        "location": [Sample("first", some(Location))],
        "unit": [Sample("first", some(Unit, parent__isnull=False))],
        "role": [Sample("first", some(Role))],
        "person": [Sample("Paul", some(Person, user=paul))],
        "user": [Sample("Paul", paul)],
        "grant": [Sample("Paul's", some(Grant, user=paul))],
        "portfolio": [Sample("first", some(Portfolio))],
        "programme": [Sample("first", some(Programme))],
        "project": [Sample("reported", report.project if report else some(Project))],
        "proposal": [
            Sample(state, row)
            for state in ("draft", "submitted", "assessment", "approved")
            if (row := Proposal.objects.filter(state=state).first())
        ]
        or [Sample("first", some(Proposal))],
        "scoring model": [Sample("first", some(ScoringModel))],
        "report": [
            Sample(state, row)
            for state in ("draft", "submitted", "returned", "accepted", "published")
            if (row := StatusReport.objects.filter(state=state).order_by("-data_date", "pk").first())
        ],
        "cycle": [
            Sample(state, row)
            for state in Cycle.objects.order_by().values_list("state", flat=True).distinct()
            if (row := Cycle.objects.filter(state=state).order_by("-data_date").first())
        ],
        "calendar": [Sample("of the house", some(WorkingCalendar, plan=None))],
        "activity": [Sample("first", some(Activity, summary=False))],
        "baseline": [Sample("first", some(Baseline))],
        "time sheet": [Sample(state, some(TimeSheet, state=state)) for state in ("submitted", "approved")],
        "hours agreement": [Sample("first", some(HoursAgreement))],
        "earlier assignment": [Sample("first", some(AgencyAssignment))],
        "demand": [Sample("first", some(Demand))],
        "booking": [Sample("first", some(Allocation))],
        "levelling run": [Sample("first", some(LevellingRun))],
        "simulation": [
            Sample("of a project", some(SimulationRun, project__isnull=False)),
            Sample("of the portfolio", some(SimulationRun, project=None)),
        ],
        "budget": [
            Sample(state, some(Budget, state=state)) for state in ("draft", "submitted", "approved", "superseded")
        ],
        "exception": [Sample("first", some(ForecastException))],
        "benefit": [Sample("first", some(Benefit))],
        "business case": [
            Sample("signed", some(BusinessCase, state="signed")),
            Sample("draft", some(BusinessCase, state="draft")),
        ],
        "objective": [Sample("first", some(StrategicObjective))],
        "investment round": [
            Sample("in balancing", some(InvestmentRound, state="balancing")),
            Sample("loaded", some(InvestmentRound, state="loaded")),
        ],
        "selection": [Sample("first", some(SelectionRun, state="done"))],
        "cost type": [Sample("first", some(CostType))],
        "cost centre": [Sample("first", some(CostCentre))],
        "exchange rate": [Sample("first", some(ExchangeRate))],
        "authority limit": [Sample("first", some(AuthorityLimit))],
        "month": [Sample(state, some(Period, state=state)) for state in ("actuals_loaded", "closed")],
        "actuals import": [Sample("booked", some(ActualsImport, kind="actual", told__rejected_count=1))],
        "line of cost": [Sample("actual", some(Booking, source="erp")), Sample("waiting", some(Booking, project=None))],
        "template": [Sample("first", some(DeckTemplate))],
        "contract": [
            Sample(state, some(Contract, state=state))
            for state in ("draft", "sent", "active")
            if Contract.objects.filter(state=state).exists()
        ],
        "vacancy": [
            Sample("online", Vacancy.objects.filter(state="published", client__own=False).order_by("-pk").first()),
            Sample("draft", some(Vacancy, state="draft")),
        ],
        "match": [
            Sample("in conversation", Match.objects.filter(profile__user__isnull=False, state="conversation").first()),
            Sample(
                "asked",
                Match.objects.filter(
                    profile__partner__contacts__user__isnull=False, vacancy__client__own=False, state="contacted"
                ).first(),
            ),
        ],
        "profile": [
            Sample(
                "of a partner", Profile.objects.filter(state="active", partner__contacts__user__isnull=False).first()
            )
        ],
        "client": [Sample("from outside", some(Client, own=False))],
        "partner": [Sample("first", Partner.objects.order_by("pk").first())],
        "weights": [Sample("active", WeightSet.objects.filter(active=True).first())],
        "pay band": [Sample("first", PayBand.objects.order_by("pk").first())],
        "ad": [Sample("online", Vacancy.objects.filter(state="published").order_by("pk").first())],
        "comment": [Sample("first", some(Comment, author=petra))],
        "attachment": [Sample("first", some(Attachment))],
        "import": [Sample("to map", _import(petra, mapped=False)), Sample("to apply", _import(petra, mapped=True))],
        "schedule import": [Sample("to apply", _schedule_import(petra))],
        "change set": [Sample("first", some(ChangeSet))],
        "job": [Sample("first", some(Job))],
        "notification": [Sample("first", some(Notification))],
        "token": [],
        "saved view": [Sample("first", some(SavedView))],
    }
    return {kind: [sample for sample in rows if sample.obj is not None] for kind, rows in found.items()}


def _import(by: Any, *, mapped: bool) -> Any:
    """An import on its way: columns to choose, or a preview to apply."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from stellwerk.portfolio.importing import drafts
    from stellwerk.portfolio.models import Portfolio

    portfolio = Portfolio.objects.order_by("pk").first()
    assert portfolio is not None
    lines = "Projekt;Leitung;Budget;Ende;Ampel\nNeubau Halle 4;Paul Jansen;1.200.000,00 €;31.03.2027;gelb\nAltlast;;viel;morgen;grün\n"
    file = SimpleUploadedFile("projekte.csv", lines.encode(), "text/csv")
    draft = drafts.start_import(file=file, portfolio_key=portfolio.key, as_of=None, by=by)
    if mapped:
        drafts.run_preview(draft, by=by)
    return draft


def _schedule_import(by: Any) -> Any:
    """A schedule with a preview to apply."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from stellwerk.planning.services import drafts
    from stellwerk.portfolio.models import Project

    lines = "Name;Dauer;Vorgänger\nEntwurf;5 Tage;\nBau;10 Tage;1\n"
    project = Project.objects.filter(archived_at=None).order_by("pk").first()
    assert project is not None
    draft = drafts.start_import(file=SimpleUploadedFile("plan.csv", lines.encode(), "text/csv"), project=project, by=by)
    drafts.run_preview(draft, by=by)
    return draft


def collect() -> list[dict[str, Any]]:
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    from stellwerk.core.models import User
    from stellwerk.demo.cast import GUESTS
    from tests.targets import Target, names, rule_of, targets_of

    clients, outside = {}, {guest.code: guest.email for guest in GUESTS}
    for code in ROLES:
        user = User.objects.filter(email=outside.get(code, f"{code}@nordlicht.example")).first()
        if user is not None:
            clients[code] = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
            clients[code].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    known = samples()
    wanted: list[tuple[Target, tuple[str, ...]]] = []
    for name in names():
        if name in NEVER:
            continue
        rule = rule_of(name)
        few = {kind: rows[:1] for kind, rows in known.items() if kind in GENERIC}
        for target in targets_of(name, few if rule and rule.kind == "any" else known):
            if name in SEVERAL:
                wanted += [(target, (role,)) for role in SEVERAL[name]]
            else:
                wanted.append((target, tuple(clients)))
    for name in ALLAUTH:
        wanted.append((Target(f"allauth:{name}", "", reverse(name)), ("paul",)))
    for name in PUBLIC:
        try:
            wanted.append((Target(f"allauth:{name}", "", reverse(name)), ("visitor",)))
        except NoReverseMatch:
            continue
    wanted.append((Target("error:404", "", "/there-is-no-such-page"), ("petra",)))
    wanted.append((Target("error:403", "", reverse("people:user-create")), ("tom",)))
    clients["visitor"] = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
    return [_look(clients, target, roles) for target, roles in wanted]


def _look(clients: dict[str, Any], target: Any, roles: tuple[str, ...]) -> dict[str, Any]:
    statuses: dict[str, int] = {}
    for role in roles:
        response = clients[role].get(target.path)
        statuses[role] = response.status_code
        html = "text/html" in response.headers.get("Content-Type", "")
        page = html and not response.streaming and b"<html" in response.content[:2000]
        expected = int(target.route[6:]) if target.route.startswith("error:") else 200
        if response.status_code == expected:
            return {**target.__dict__, "role": role, "statuses": statuses, "page": page}
        if response.status_code in (405, 500):
            break
    return {**target.__dict__, "role": "", "statuses": statuses, "page": False}


def leave_refusals_undrawn() -> None:
    """Who may not open a page is tried up to eleven times for each: the page that says so is looked at in the browser."""
    from django.template.backends.django import Template

    draw = Template.render

    def render(self: Any, *args: Any, **kwargs: Any) -> Any:
        return "<html>" if self.template.name in REFUSALS else draw(self, *args, **kwargs)

    Template.render = render


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    import django

    django.setup()
    leave_refusals_undrawn()
    print(json.dumps(collect()))


if __name__ == "__main__":
    main()
