"""The cast's company with one object of everything that a page can show."""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from django.contrib import auth
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.utils import translation

from stellwerk.api import urls as _api  # noqa: F401 - loads the resources
from stellwerk.controlling.models import (
    ActualsImport,
    AuthorityLimit,
    Benefit,
    Booking,
    Budget,
    BudgetLine,
    BudgetMonth,
    BusinessCase,
    CostCentre,
    CostType,
    ExchangeRate,
    ForecastException,
    InvestmentRound,
    Period,
    RoundItem,
    SelectionRun,
    SimulationRun,
    StrategicObjective,
)
from stellwerk.controlling.services.budgets import create_budget
from stellwerk.core.api.auth import create_token
from stellwerk.core.attachments import attach
from stellwerk.core.comments import add_comment
from stellwerk.core.models import ChangeSet, Confidentiality, Grant, Job, Notification, SavedView, User
from stellwerk.core.permissions import grants_of
from stellwerk.people.models import Absence, Location, PersonRate, PersonSkill, RoleRate, Skill, WorkingPattern
from stellwerk.planning.feeds import create_feed
from stellwerk.planning.models import Activity, Plan, WorkingCalendar
from stellwerk.planning.services.baselines import propose_baseline
from stellwerk.planning.services.drafts import start_import as start_schedule
from stellwerk.planning.services.editing import edit_plan
from stellwerk.planning.services.plans import create_plan
from stellwerk.portfolio.importing.drafts import start_import
from stellwerk.portfolio.models import Project, Proposal, ProposalOption, ScoringModel
from stellwerk.reporting.models import Cycle, DeckTemplate
from stellwerk.reporting.services import start_report
from stellwerk.reporting.tests.conftest import alpha_figures, complete, published
from stellwerk.resources.models import AgencyAssignment, HoursAgreement, LevellingRun, TimeSheet
from stellwerk.resources.services.allocations import request_person
from stellwerk.resources.tests.asking import asked_for, demand_of
from stellwerk.testing import Cast, build_cast
from tests.permissions.staffing import staffing_samples
from tests.targets import Sample, Target, names, rule_of, targets_of

USERS = ("petra", "anton", "gerda", "paul", "olga", "tom", "rita", "conny", "stefan", "elke", "ada", "walter", "uwe")
DAY = dt.date(2026, 11, 20)
NEXT = dt.date(2026, 12, 4)
REFUSALS = ("web/error.html", "core/refused.html", "core/refused_fragment.html")


class Company:
    """The cast, and samples by kind (:mod:`tests.targets`)."""

    def __init__(self) -> None:
        self.cast: Cast = build_cast()
        with translation.override("en"):
            self.samples: dict[str, list[Sample]] = self._samples()

    def _samples(self) -> dict[str, list[Sample]]:
        cast = self.cast
        alpha_figures(cast.project, DAY)
        alpha_figures(cast.other_project, DAY)
        strict = Project.objects.create(
            key="PRJ-0003", name="Verschwiegen", portfolio=cast.portfolio, unit=cast.unit, phase="planning",
            manager=cast.people["olga"], confidentiality=Confidentiality.STRICT,
        )  # fmt: skip
        plan = _plan(cast.project, cast)
        for project in (cast.other_project, strict):
            _plan(project, cast)
        baseline = propose_baseline(plan=plan, reason="Release of execution", by=cast.paul)
        feed, _secret = create_feed(user=cast.paul, project=cast.project)
        booking = asked_for(cast)
        others_booking = request_person(
            demand=demand_of(cast, by=cast.olga, project=cast.other_project), person=cast.people["olga"], by=cast.olga
        )
        cycle = Cycle.objects.create(
            key="CYC-0001", portfolio=cast.portfolio, number=2, data_date=NEXT, state="collecting"
        )
        public = published(cast, data_date=DAY)
        others = published(cast, cast.other_project, cast.olga, DAY)
        draft = complete(start_report(project=cast.project, by=cast.paul, data_date=NEXT), cast.paul)
        location = Location.objects.create(organisation=cast.organisation, name="Hamburg")
        proposals = self._proposals()
        comment = add_comment(cast.project, text="Looks good", by=cast.paul)
        file = attach(cast.project, file=_file("plan.txt"), by=cast.paul)
        other_file = attach(cast.other_project, file=_file("secret.txt"), by=cast.olga)
        template = DeckTemplate.objects.create(organisation=cast.organisation, name="House", attachment=file)
        view = SavedView.objects.create(user=cast.paul, page="portfolio.project", name="Mine", query="q=x")
        token, _ = create_token(user=cast.paul, by=cast.paul, name="Paul's", scopes=["read"], days=30)
        change_set = ChangeSet.objects.create(kind="test", title="Import", created_by=cast.petra, state="applied")
        job = Job.objects.create(name="test", title="Import", user=cast.petra, uid=uuid.uuid4(), state="done")
        notice = Notification.objects.create(
            user=cast.paul,
            kind="test",
            title="Hello",
            url="/",
            entity_type="portfolio.project",
            entity_id=cast.project.pk,
        )
        model = ScoringModel.objects.create(key="SCM-0001", name="House model")
        calendar = WorkingCalendar.objects.create(key="CAL-0001", name="Werk Hamburg", organisation=cast.organisation)
        grant = Grant.objects.get(user=cast.tom)
        self.staffing, staffing = staffing_samples(cast)
        return {
            **staffing,
            "organisation": [Sample("own", cast.organisation)],
            "location": [Sample("own", location)],
            "unit": [Sample("Rita's", cast.unit), Sample("other", cast.other_unit)],
            "role": [Sample("any", cast.role)],
            "person": [Sample("Paul", cast.people["paul"]), Sample("Olga", cast.people["olga"])],
            **_about_people(cast),
            "user": [Sample("Tom", cast.tom)],
            "grant": [Sample("Tom's", grant)],
            "portfolio": [Sample("active", cast.portfolio), *_steps("active", cast.portfolio, "review", "close")],
            "programme": [Sample("Gerda's", cast.programme), *_steps("Gerda's", cast.programme, "define", "terminate")],
            "project": [
                Sample("Paul's", cast.project),
                Sample("Olga's", cast.other_project),
                Sample("strict", strict),
                *_steps("Paul's", cast.project, "start_transition", "hold", "stop"),
                *_steps("Olga's", cast.other_project, "start_execution"),
            ],
            "activity": [
                Sample("Tom's", Activity.objects.get(plan__project=cast.project, name="Design")),
                Sample("in Olga's", Activity.objects.get(plan__project=cast.other_project, name="Build")),
            ],
            "baseline": [Sample("Paul's", baseline), *_steps("Paul's", baseline, "approve", "reject")],
            "levelling run": [
                Sample("of the portfolio", LevellingRun.objects.create(portfolio=cast.portfolio, state="proposed")),
                Sample("Paul's", LevellingRun.objects.create(project=cast.project, state="proposed")),
            ],
            "simulation": _simulations(cast, strict),
            **_about_time(cast),
            **_about_budgets(cast),
            **_about_cases(cast, proposals),
            "demand": [Sample("Paul's", booking.demand), Sample("Olga's", others_booking.demand)],
            "booking": [Sample("Paul's", booking), Sample("Olga's", others_booking)],
            "feed": [Sample("Paul's", feed)],
            "calendar": [Sample("of the house", calendar)],
            "proposal": proposals,
            "scoring model": [Sample("draft", model), *_steps("draft", model, "activate")],
            "report": [
                Sample("published", public),
                Sample("draft", draft),
                Sample("Olga's", others),
                *_steps("draft", draft, "submit", "miss"),
                *_steps("published", public, "supersede"),
            ],
            "cycle": [Sample("collecting", cycle), *_steps("collecting", cycle, "cut_off")],
            "template": [Sample("own", template)],
            "comment": [Sample("Paul's", comment)],
            "attachment": [Sample("Paul's", file), Sample("Olga's", other_file)],
            "import": [
                Sample("Petra's", start_import(file=_table(), portfolio_key="ANLAGEN", as_of=DAY, by=cast.petra))
            ],
            "schedule import": [
                Sample("Paul's", start_schedule(file=_schedule(), project=cast.project, by=cast.paul)),
            ],
            "change set": [Sample("Petra's", change_set)],
            "job": [Sample("Petra's", job)],
            "notification": [Sample("Paul's", notice)],
            "token": [Sample("Paul's", token)],
            "saved view": [Sample("Paul's", view)],
        }

    def client(self, user: str) -> Client:
        """A signed-in test client of one of the cast or of the staffing cast; of nobody for a visitor."""
        if user == "visitor":
            return Client()
        return self.staffing.client_of(user) if user in self.staffing.users else self.cast.client(user)

    @property
    def generic(self) -> dict[str, list[Sample]]:
        """For the pages that every entity has: one of each kind, but each project, and each step."""
        return {
            kind: [sample for number, sample in enumerate(rows) if sample.step or number == 0 or kind == "project"]
            for kind, rows in self.samples.items()
        }

    @cached_property
    def addresses(self) -> list[Target]:
        """Every address of every sample."""
        kinds = ((name, rule_of(name)) for name in names())
        return [
            target
            for name, rule in kinds
            for target in targets_of(name, self.generic if rule and rule.kind == "any" else self.samples)
        ]

    def _proposals(self) -> list[Sample]:
        people, portfolio = self.cast.people, self.cast.portfolio
        common: dict[str, Any] = {"portfolio": portfolio, "unit": self.cast.unit, "problem": "Too slow."}
        draft = Proposal.objects.create(key="PRP-0001", name="Tom's idea", requester=people["tom"], **common)
        scored = Proposal.objects.create(
            key="PRP-0002", name="Paul's idea", requester=people["paul"], sponsor=people["stefan"], state="scored",
            score=60, **common,
        )  # fmt: skip
        return [
            Sample("Tom's draft", draft),
            Sample("Paul's scored", scored),
            *_steps("Tom's draft", draft, "submit"),
            *_steps("Paul's scored", scored, "approve", "withdraw"),
        ]


def _simulations(cast: Cast, strict: Project) -> list[Sample]:
    """Runs keep what their scope is part of, as the service writes it."""
    projects = (("Paul's", cast.project), ("Olga's", cast.other_project), ("strict", strict))
    return [
        *(
            Sample(name, SimulationRun.objects.create(project=project, programme=project.programme, portfolio=project.portfolio, state="done"))
            for name, project in projects
        ),
        Sample("of the portfolio", SimulationRun.objects.create(portfolio=cast.portfolio, state="done")),
    ]  # fmt: skip


def _steps(name: str, obj: Any, *steps: str) -> list[Sample]:
    return [Sample(name, obj, step) for step in steps]


def _about_time(cast: Cast) -> dict[str, list[Sample]]:
    """Tom's approved week, and an agreement on recorded hours without its document: it does not count."""
    sheet = TimeSheet.objects.create(person=cast.people["tom"], monday=dt.date(2026, 11, 9), state="approved")
    agreement = HoursAgreement.objects.create(
        organisation=cast.organisation, reference="BV 12/2026", purpose="Capacity", signed_on=DAY, valid_from=DAY
    )
    earlier = AgencyAssignment.objects.create(
        person=cast.people["tom"], organisation=cast.organisation, first=dt.date(2025, 1, 1), last=dt.date(2025, 8, 31)
    )
    return {
        "time sheet": [Sample("Tom's", sheet)], "hours agreement": [Sample("own", agreement)],
        "earlier assignment": [Sample("Tom's", earlier)],
    }  # fmt: skip


def _about_cases(cast: Cast, proposals: list[Sample]) -> dict[str, list[Sample]]:
    """Tom's draft, Paul's case before the controller, an objective, a round in balancing with a selection."""
    draft, scored = (
        next(row.obj for row in proposals if row.name == name) for name in ("Tom's draft", "Paul's scored")
    )
    for proposal in (draft, scored):
        ProposalOption.objects.create(proposal=proposal, name="Do", recommended=True)
    case = BusinessCase.objects.create(key="BCA-0001", proposal=draft)
    submitted = BusinessCase.objects.create(key="BCA-0002", proposal=scored, state="submitted")
    objective = StrategicObjective.objects.create(key="OBJ-0001", organisation=cast.organisation, name="Climate")
    balanced = InvestmentRound.objects.create(key="RND-0001", portfolio=cast.portfolio, name="2027", first_year=2027, state="balancing")  # fmt: skip
    RoundItem.objects.create(round=balanced, proposal=scored)
    return {
        "business case": [
            Sample("Tom's draft", case), Sample("Paul's submitted", submitted), *_steps("Tom's draft", case, "submit"),
            *_steps("Paul's submitted", submitted, "sign", "return"),
        ],
        "objective": [Sample("of the house", objective)],
        "investment round": [Sample("in balancing", balanced), *_steps("in balancing", balanced, "propose")],
        "selection": [Sample("of the round", SelectionRun.objects.create(round=balanced, state="done"))],
    }  # fmt: skip


def _about_budgets(cast: Cast) -> dict[str, list[Sample]]:
    """A draft, an exception and a benefit of two projects; one of everything that money is counted by."""
    pairs = {"Paul's": (cast.project, cast.paul), "Olga's": (cast.other_project, cast.olga)}
    rows: dict[str, list[Sample]] = {"budget": [], "exception": [], "benefit": []}
    for number, (name, (project, by)) in enumerate(pairs.items(), start=1):
        rows["budget"].append(Sample(name, create_budget(project=project, by=by)))
        opened = ForecastException.objects.create(
            key=f"EXC-{number:04d}", project=project, opened_on=DAY, due=NEXT, told={}
        )
        rows["exception"].append(Sample(name, opened))
        benefit = Benefit.objects.create(key=f"BEN-{number:04d}", project=project, name="Faster", measure="Days")
        rows["benefit"].append(Sample(name, benefit))
    cost_type = CostType.objects.create(key="CTY-0001", name="Material", name_en="Material")
    centre = CostCentre.objects.create(key="CCT-0001", organisation=cast.organisation, number="4100", name="Anlagenbau")
    rate = ExchangeRate.objects.create(currency="USD", into="EUR", valid_from=DAY, rate="0.9")
    limit = AuthorityLimit.objects.create(organisation=cast.organisation, role="sponsor", amount=1_000_00)
    AuthorityLimit.objects.create(organisation=cast.organisation, role="executive", amount=None)
    waiting = Budget.objects.create(key="BUD-0009", project=cast.project, number=9, state="submitted", awaits="sponsor")
    BudgetMonth.objects.create(
        line=BudgetLine.objects.create(budget=waiting), month=DAY.replace(day=1), amount=2_000_00
    )
    rows["budget"] += _steps("Paul's submitted", waiting, "endorse", "approve", "reject")
    return {
        **rows, **_about_actuals(cast), "cost type": [Sample("any", cost_type)], "cost centre": [Sample("own", centre)],
        "exchange rate": [Sample("any", rate)], "authority limit": [Sample("own", limit)],
    }  # fmt: skip


def _about_actuals(cast: Cast) -> dict[str, list[Sample]]:
    """A month, a file, and a booking of two projects and of none."""
    month = DAY.replace(day=1)
    period = Period.objects.create(organisation=cast.organisation, month=month)
    batch = ActualsImport.objects.create(
        organisation=cast.organisation, month=month, file_name="cji3.csv", by=cast.conny
    )
    places = {"Paul's": cast.project, "Olga's": cast.other_project, "waiting": None}
    lines = [
        Sample(
            name,
            Booking.objects.create(
                organisation=cast.organisation, month=month, posted=DAY, project=project, amount=100, currency="EUR",
                project_amount=100 if project else None, fingerprint=name,
            ),
        )
        for name, project in places.items()
    ]  # fmt: skip
    return {"month": [Sample("own", period)], "actuals import": [Sample("own", batch)], "line of cost": lines}


def _about_people(cast: Cast) -> dict[str, list[Sample]]:
    """A skill, and what is known of Tom: skill, absence, working pattern, rate."""
    tom = cast.people["tom"]
    skill = Skill.objects.create(key="SKL-0001", name="Schweißen", name_en="Welding")
    rows: dict[str, Any] = {
        "skill of a person": PersonSkill.objects.create(person=tom, skill=skill, claimed=2),
        "absence": Absence.objects.create(person=tom, first=NEXT, last=NEXT, kind="sick", note="Knie"),
        "working pattern": WorkingPattern.objects.create(person=tom, valid_from=DAY, monday=480),
        "rate of a person": PersonRate.objects.create(person=tom, amount=9_500, valid_from=DAY),
    }
    role_rate = RoleRate.objects.create(role=cast.role, amount=8_000, valid_from=DAY)
    return {
        "skill": [Sample("any", skill)],
        "rate of a role": [Sample("any", role_rate)],
        **{kind: [Sample("Tom's", row)] for kind, row in rows.items()},
    }


def _plan(project: Project, cast: Cast) -> Plan:
    """Two linked activities; the first one is Tom's."""
    plan = create_plan(project=project, by=None, start=DAY)
    edit_plan(
        plan=plan,
        by=None,
        operations=[
            {"op": "add", "ref": "a", "values": {"name": "Design", "days": 5, "responsible": cast.people["tom"].pk}},
            {"op": "add", "ref": "b", "after": "a", "values": {"name": "Build", "days": 10}},
            {"op": "link", "from": "a", "to": "b"},
        ],
    )
    return plan


def _table() -> SimpleUploadedFile:
    return SimpleUploadedFile("projekte.csv", b"Projekt;Budget\nNeubau Halle 4;120000\n", "text/csv")


def _schedule() -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.csv", b"Name;Dauer\nEntwurf;5\nBau;10\n", "text/csv")


def _file(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, f"The content of {name}".encode(), "text/plain")


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks is read from the database once, with their grants: for tests that undo each request and change no account."""
    known: dict[Any, User] = {}
    read = auth.get_user

    def get_user(request: Any) -> Any:
        number = request.session.get(auth.SESSION_KEY)
        if number is None:
            return read(request)
        if number not in known:
            known[number] = read(request)
            grants_of(known[number])
        return copy.copy(known[number])

    monkeypatch.setattr(auth, "get_user", get_user)


@pytest.fixture
def refusals_undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages of a refusal (403, 404, …) are not drawn: for tests that read only what was allowed."""
    draw = Template.render

    def render(self: Template, *args: Any, **kwargs: Any) -> Any:
        return "" if self.template.name in REFUSALS else draw(self, *args, **kwargs)

    monkeypatch.setattr(Template, "render", render)


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """One company for all tests of a module: only for tests that undo what they do."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Company()
        transaction.set_rollback(True)


@pytest.fixture
def company(shared: Company, db: None) -> Company:
    """The company of the module for a test that writes: undone at its end, in the database and in memory."""
    return copy.deepcopy(shared)
