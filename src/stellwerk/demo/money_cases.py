"""Strategy, business cases and investment rounds of the demo company: last year's is loaded, this year's is being balanced."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils import timezone

from stellwerk.controlling.choices import FlowKind, RoundDecision, Spending
from stellwerk.controlling.models import (
    BusinessCase,
    CaseFlow,
    CaseFlowYear,
    Contribution,
    InvestmentRound,
    RoundItem,
    RoundLimit,
    SelectionRun,
    StrategicObjective,
)
from stellwerk.controlling.selectors.cases import SNAPSHOT, payload_of
from stellwerk.controlling.services.selection_runs import compute_run
from stellwerk.core.snapshots import freeze
from stellwerk.demo.company import add_sequences
from stellwerk.portfolio.models import (
    Project,
    Proposal,
    ProposalCapacity,
    ProposalOption,
    ProposalScore,
    ProposalYear,
    ScoringModel,
)

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

YEARS: Final = 3
ROLES: Final = ("Projektleitung", "E-Technik", "SPS-Programmierung")


class _Idea(NamedTuple):
    name: str
    programme: str
    cost: int
    points: tuple[int, ...]
    payback: float
    mandatory: str = ""
    needs: str = ""
    against: str = ""


IDEAS: Final = (
    _Idea("Kraft-Wärme-Kopplung Neumünster", "FW", 3_400_000, (4, 4, 3, 4), 1.35),
    _Idea("Wasserstofftankstelle Hafen", "H2", 2_700_000, (5, 3, 4, 2), 0.95),
    _Idea("Prüfstand Elektrolysestapel", "H2", 1_900_000, (4, 3, 4, 4), 1.2, "", "Wasserstofftankstelle Hafen"),
    _Idea("Digitaler Zwilling Leitstand", "DI", 780_000, (3, 4, 4, 3), 1.6),
    _Idea("Ersatzteilplattform Service", "DI", 540_000, (3, 5, 3, 4), 1.9, "", "Digitaler Zwilling Leitstand"),
    _Idea("NIS-2: Netztrennung der Werke", "DI", 650_000, (3, 2, 5, 4), 0.0, "NIS-2-Umsetzungsgesetz, Frist Ende des Jahres"),
    _Idea("Druckbehälter: Prüffristen nach BetrSichV", "PC", 290_000, (2, 2, 5, 5), 0.0, "Betriebssicherheitsverordnung § 16"),
    _Idea("Lackieranlage ohne Lösemittel", "WP", 1_450_000, (4, 3, 3, 3), 1.1),
    _Idea("Krananlage Halle 3", "WP", 860_000, (2, 4, 2, 4), 1.25, "", "", "Umbau Halle 3 zum Lager"),
    _Idea("Umbau Halle 3 zum Lager", "WP", 610_000, (2, 3, 2, 4), 1.3),
    _Idea("Wärmepumpenlinie Stade", "FW", 4_600_000, (5, 5, 4, 2), 1.45),
    _Idea("Lieferantenportal mit Qualitätsdaten", "PC", 370_000, (3, 3, 3, 4), 1.5),
)  # fmt: skip
OBJECTIVES: Final = (
    ("Klimaneutrale Werke bis 2035", "Emissionen Scope 1 und 2", "−60 % gegen 2020", 25, "elke", ("FW", "WP", "H2")),
    ("Wasserstoffgeschäft verdoppeln", "Umsatz Elektrolyse und Netze", "240 Mio. € im Jahr", 30, "stefan", ("H2",)),
    ("Kundenanlagen zum zugesagten Termin", "Anteil pünktlicher Abnahmen", "95 %", 20, "gerda", ("FW", "H2", "PC")),
    ("Durchgängige digitale Abwicklung", "Vorgänge ohne Medienbruch", "80 %", 15, "elke", ("DI",)),
    ("Pflichten vor der Frist", "Auflagen mit Frist in weniger als 6 Monaten", "0", 10, "conny", ("PC",)),
    ("Service mit planbarem Ertrag", "Anteil der Wartungsverträge am Serviceumsatz", "70 %", 10, "stefan", ()),
)
REASONS: Final = ("", "Mittelbar, über geringere Kosten.", "Ein Baustein unter mehreren.", "Trägt einen großen Teil des Ziels.", "Ohne dieses Vorhaben wird das Ziel verfehlt.")  # fmt: skip
ASSUMPTIONS: Final = "Energiepreise nach dem Szenario des Einkaufs, Löhne + 3 % im Jahr, keine Förderung eingerechnet."


def add_money_cases(company: Company) -> None:
    """By bulk inserts; two selections are computed, small enough to be proven at once."""
    rng = random.Random(company.size.seed * 613 + 17)
    made = _proposals(company, rng)
    past = _past_proposals(company, rng)
    objectives = _objectives(company)
    _contributions(company, rng, objectives)
    _cases(company, rng, past)
    _last_round(company, past)
    _this_round(company, made)


# ── proposals ────────────────────────────────────────────────────────────────────────────────────


def _keys(prefix: str, model: type[Proposal]) -> int:
    return model.objects.filter(key__startswith=f"{prefix}-").count()


def _proposals(company: Company, rng: random.Random) -> list[Proposal]:
    """Scored ideas with relations between them."""
    first = _keys("PRP", Proposal)
    scoring = ScoringModel.objects.get(key="SCM-0001")
    criteria = list(scoring.criteria.all())
    year = company.planned_year
    requesters = [company.cast["paul"], company.cast["tom"], company.cast["gerda"]]
    rows = [
        Proposal(
            key=f"PRP-{first + at:04d}", name=idea.name, portfolio=company.portfolio, programme=company.programmes.get(idea.programme),
            unit=company.units["Anlagenbau"], requester=requesters[at % 3], sponsor=company.cast["stefan"], state="scored",
            problem="Der heutige Zustand kostet jedes Jahr Geld und bindet Leute, die an Kundenanlagen fehlen.",
            benefit="Geringere laufende Kosten und zusätzlicher Deckungsbeitrag ab dem zweiten Jahr.",
            category="mandatory" if idea.mandatory else "grow", mandatory=bool(idea.mandatory), mandatory_reason=idea.mandatory,
            wanted_start=dt.date(year, 1 + at % 5, 1), duration_months=12 + at % 3 * 6, scoring_model=scoring,
            score=_points(criteria, idea.points),
        )
        for at, idea in enumerate(IDEAS, start=1)
    ]  # fmt: skip
    made = Proposal.objects.bulk_create(rows)
    by_name = {row.name: row for row in made}
    ProposalScore.objects.bulk_create(
        ProposalScore(proposal=row, criterion=criterion, value=idea.points[at % len(idea.points)])
        for row, idea in zip(made, IDEAS, strict=True)
        for at, criterion in enumerate(criteria)
    )
    _money_and_people(
        company, rng, [(row, idea.cost, idea.payback) for row, idea in zip(made, IDEAS, strict=True)], year
    )
    through = Proposal.prerequisites.through
    through.objects.bulk_create(through(from_proposal_id=by_name[i.name].pk, to_proposal_id=by_name[i.needs].pk) for i in IDEAS if i.needs)  # fmt: skip
    barring = Proposal.exclusions.through
    pairs = [(by_name[i.name].pk, by_name[i.against].pk) for i in IDEAS if i.against]
    barring.objects.bulk_create(barring(from_proposal_id=a, to_proposal_id=b) for one, other in pairs for a, b in ((one, other), (other, one)))  # fmt: skip
    add_sequences({"PRP": first + len(made)})
    return made


def _points(criteria: list, points: tuple[int, ...]) -> Decimal:  # type: ignore[type-arg]
    total = sum((c.weight * (points[at % len(points)] - 1) / 4 for at, c in enumerate(criteria)), Decimal(0))
    return total.quantize(Decimal("0.01"))


def _money_and_people(company: Company, rng: random.Random, rows: list[tuple[Proposal, int, float]], year: int) -> None:
    """Options with yearly sums, and the hours that each role is needed for."""
    options = ProposalOption.objects.bulk_create(
        ProposalOption(proposal=row, order=order, name=name, do_nothing=order == 1, recommended=order == 2)
        for row, _cost, _payback in rows
        for order, name in ((1, "Nichts tun"), (2, "Umsetzen"))
    )
    years = []
    for at, (_row, cost, payback) in enumerate(rows):
        option = options[2 * at + 1]
        gain = cost * payback / 2.3
        for step, (spent, got) in enumerate(((0.55, 0), (0.4, 0.35), (0.05, 0.95), (0.04, 1.05), (0.04, 1.05))):
            years.append(ProposalYear(option=option, year=year + step, cost=round(cost * spent) * 100, benefit=round(gain * got) * 100))  # fmt: skip
    ProposalYear.objects.bulk_create(years)
    ProposalCapacity.objects.bulk_create(
        ProposalCapacity(
            proposal=row,
            role=company.roles[role],
            year=year + step,
            hours=round(cost / 900 * share * rng.uniform(0.7, 1.3) / 10) * 10,
        )
        for row, cost, _payback in rows
        for role, share in zip(ROLES, (0.5, 0.9, 0.7), strict=True)
        for step in (0, 1)
        if role in company.roles
    )


def _past_proposals(company: Company, rng: random.Random) -> list[tuple[Proposal, Project]]:
    """What last year's round approved: projects that began since, each with the proposal that it came from."""
    projects = [row for row in company.projects if row.proposal_id is None and row.currency == "EUR" and row.budget]
    year = company.planned_year - 1
    started = [row for row in projects if row.start_baseline and row.start_baseline.year == year][:3]
    older = [row for row in projects if row.start_baseline and row.start_baseline.year < year and row not in started]
    # One that is in use, the longest there is, for the follow-up calculation.
    live = sorted(older, key=lambda row: (row.finish_actual is None, row.finish_actual or dt.date.max, row.start_baseline))[:1]  # fmt: skip
    chosen = [*started, *live]
    first = _keys("PRP", Proposal)
    made = Proposal.objects.bulk_create(
        Proposal(
            key=f"PRP-{first + at:04d}", name=row.name, portfolio=row.portfolio, programme=row.programme, unit=row.unit,
            requester=company.cast["paul"], sponsor=row.sponsor, state="converted", score=Decimal(rng.randint(55, 85)),
            problem="Wie im genehmigten Antrag beschrieben.", benefit="Wie im genehmigten Antrag beschrieben.", category="grow",
            wanted_start=row.start_baseline, duration_months=18,
        )
        for at, row in enumerate(chosen, start=1)
    )  # fmt: skip
    for proposal, row in zip(made, chosen, strict=True):
        _money_and_people(company, rng, [(proposal, int((row.budget or 0) * 0.96) // 100, 1.5)], row.start_baseline.year if row.start_baseline else 2025)  # fmt: skip
        Project.objects.filter(pk=row.pk).update(proposal=proposal)
        row.proposal = proposal
    add_sequences({"PRP": first + len(made)})
    return list(zip(made, chosen, strict=True))


# ── strategy ─────────────────────────────────────────────────────────────────────────────────────


def _objectives(company: Company) -> list[StrategicObjective]:
    rows = StrategicObjective.objects.bulk_create(
        StrategicObjective(
            key=f"OBJ-{at:04d}", organisation=company.organisation, name=name, measure=measure, target=target, weight=Decimal(weight),
            holder=company.cast[who], due=dt.date(company.today.year + 3, 12, 31),
        )
        for at, (name, measure, target, weight, who, _codes) in enumerate(OBJECTIVES, start=1)
    )  # fmt: skip
    add_sequences({"OBJ": len(rows)})
    return rows


def _contributions(company: Company, rng: random.Random, objectives: list[StrategicObjective]) -> None:
    """By programme, most of them; the last objective has nobody, and some projects contribute to none."""
    code_of = {programme.pk: code for code, programme in company.programmes.items()}
    items: list[Project | Proposal] = [*company.projects, *Proposal.objects.exclude(state="converted").order_by("pk")]
    rows = []
    for at, item in enumerate(items):
        if at % 7 == 6:
            continue
        code = code_of.get(item.programme_id or 0, "")
        for objective, facts in zip(objectives, OBJECTIVES, strict=True):
            if code in facts[5]:
                level = rng.choice((2, 3, 3, 4))
            elif facts[5] and rng.random() < 0.18:
                level = rng.choice((0, 1, 1, 2))
            else:
                continue
            link = {"project": item} if isinstance(item, Project) else {"proposal": item}
            rows.append(Contribution(objective=objective, level=level, reason=REASONS[level], **link))
    Contribution.objects.bulk_create(rows, batch_size=1000)


# ── business cases ───────────────────────────────────────────────────────────────────────────────

STATE_OF: Final = {
    "scored": "signed", "approved": "signed", "deferred": "signed", "converted": "signed", "assessment": "submitted", "submitted": "draft",
    "draft": "draft", "rejected": "returned",
}  # fmt: skip


def _cases(company: Company, rng: random.Random, past: list[tuple[Proposal, Project]]) -> None:
    signer = company.users["conny"]
    proposals = list(Proposal.objects.order_by("pk").prefetch_related("options__years"))
    approved = {proposal.pk: project.start_baseline for proposal, project in past}
    cases: list[BusinessCase] = []
    for proposal in proposals:
        state = STATE_OF.get(proposal.state, "draft")
        day = approved.get(proposal.pk) or company.today - dt.timedelta(days=rng.randint(20, 60))
        at = timezone.make_aware(dt.datetime.combine(day, dt.time(10, 15)))
        versions = ("superseded", state) if proposal.key == "PRP-0001" and state == "signed" else (state,)
        for number, one in enumerate(versions, start=1):
            done = one in ("signed", "superseded")
            cases.append(
                BusinessCase(
                    key=f"BCA-{len(cases) + 1:04d}", proposal=proposal, number=number, state=one, discount_rate=Decimal(8), assumptions=ASSUMPTIONS,
                    public_sector=proposal.key == "PRP-0004", quality_value=Decimal(62) if proposal.key == "PRP-0004" else None,
                    reason="Energiepreise neu bewertet." if number > 1 else "", signed_at=at if done else None, signed_by=signer if done else None,
                )
            )  # fmt: skip
    cases = BusinessCase.objects.bulk_create(cases)
    flows, years = [], []
    for case in cases:
        for flow, amounts in _flows(case):
            flows.append(flow)
            years.append(amounts)
    stored = CaseFlow.objects.bulk_create(flows, batch_size=1000)
    CaseFlowYear.objects.bulk_create(
        [
            CaseFlowYear(flow=flow, year=year, amount=amount)
            for flow, amounts in zip(stored, years, strict=True)
            for year, amount in amounts.items()
            if amount
        ],
        batch_size=2000,
    )
    for case in cases:
        if case.signed_at is not None:
            freeze(case, kind=SNAPSHOT, data_date=case.signed_at.date(), payload=payload_of(case), by=signer)
    add_sequences({"BCA": len(cases)})


def _flows(case: BusinessCase) -> list[tuple[CaseFlow, dict[int, int]]]:
    """Drivers that add up to the proposal's sums by year; the first version was more hopeful."""
    hope = 115 if case.state == "superseded" else 100
    found = []
    for option in case.proposal.options.all():
        rows = sorted(option.years.all(), key=lambda row: row.year)
        if not rows:
            continue
        if option.do_nothing:
            costs = {row.year: row.cost for row in rows}
            found.append((_flow(case, option, 1, "Betrieb wie heute", FlowKind.COST, Spending.OPEX), costs))
            continue
        build, rest = rows[:2], rows[2:]
        capex = {row.year: row.cost * 7 // 10 for row in build}
        own = {row.year: row.cost - capex[row.year] for row in build}
        savings = {row.year: row.benefit * hope // 100 * 3 // 5 for row in rows}
        margin = {row.year: row.benefit * hope // 100 - savings[row.year] for row in rows}
        found += [
            (_flow(case, option, 1, "Anlagen und Lizenzen", FlowKind.COST, Spending.CAPEX), capex),
            (_flow(case, option, 2, "Eigenleistung und Einführung", FlowKind.COST, Spending.OPEX), own),
            (_flow(case, option, 3, "Betrieb und Wartung", FlowKind.COST, Spending.OPEX), {row.year: row.cost for row in rest}),
            (_flow(case, option, 1, "Geringere Betriebskosten", FlowKind.BENEFIT, Spending.OPEX), savings),
            (_flow(case, option, 2, "Zusätzlicher Deckungsbeitrag", FlowKind.BENEFIT, Spending.OPEX, not case.public_sector), margin),
        ]  # fmt: skip
    return found


def _flow(
    case: BusinessCase, option: ProposalOption, order: int, name: str, kind: str, spending: str, effective: bool = True
) -> CaseFlow:
    return CaseFlow(
        case=case, option=option, order=order, name=name, kind=kind, spending=spending, budget_effective=effective
    )


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────


def _last_round(company: Company, past: list[tuple[Proposal, Project]]) -> None:
    year = company.planned_year - 1
    round_ = InvestmentRound.objects.create(
        key="RND-0001", portfolio=company.portfolio, name=f"Jahresplanung {year}", first_year=year, years=YEARS, state="loaded",
        scoring_model_id=ScoringModel.objects.values_list("pk", flat=True).get(key="SCM-0001"),
        submissions_until=dt.date(year - 1, 8, 31), decision_on=dt.date(year - 1, 11, 20),
        note="Wachstum vor Ersatz; höchstens zwei große Anlagen gleichzeitig.",
    )  # fmt: skip
    RoundItem.objects.bulk_create(
        RoundItem(
            round=round_, proposal=proposal, decision=RoundDecision.IN, reason="Vorstand, November", project=project
        )
        for proposal, project in past
    )
    RoundLimit.objects.bulk_create(
        RoundLimit(round=round_, year=year + at, amount=amount * 100_00_000) for at, amount in enumerate((420, 260, 90))
    )


def _this_round(company: Company, made: list[Proposal]) -> None:
    year, decision = company.planned_year, company.today + dt.timedelta(days=18)
    round_ = InvestmentRound.objects.create(
        key="RND-0002", portfolio=company.portfolio, name=f"Jahresplanung {year}", first_year=year, years=YEARS, state="balancing",
        scoring_model_id=ScoringModel.objects.values_list("pk", flat=True).get(key="SCM-0001"),
        submissions_until=min(dt.date(year - 1, 8, 31), decision - dt.timedelta(days=60)), decision_on=decision,
        note="Rahmen des Vorstands: 60 % dessen, was beantragt ist. Pflichten zuerst, dann Wasserstoff.",
    )  # fmt: skip
    # What is scored or approved; deferred proposals come back another year.
    ready = list(Proposal.objects.filter(state__in=("scored", "approved")).order_by("pk"))
    items = RoundItem.objects.bulk_create(RoundItem(round=round_, proposal=row) for row in ready)
    money: dict[int, int] = {}
    for at, cost in ProposalYear.objects.filter(option__proposal__in=ready, option__recommended=True).values_list("year", "cost"):  # fmt: skip
        money[at] = money.get(at, 0) + cost
    hours: dict[tuple[int, int], int] = {}
    for role, at, need in ProposalCapacity.objects.filter(proposal__in=ready).values_list("role", "year", "hours"):
        hours[role, at] = hours.get((role, at), 0) + int(need)
    within = range(year, year + YEARS)
    RoundLimit.objects.bulk_create(
        [RoundLimit(round=round_, year=at, amount=total * 6 // 10 // 10_000_000 * 10_000_000) for at, total in sorted(money.items()) if at in within and at < year + 2]
        + [RoundLimit(round=round_, role_id=role, year=at, amount=total * 13 // 20 // 100 * 100) for (role, at), total in sorted(hours.items()) if at in within]
    )  # fmt: skip
    add_sequences({"RND": 2})
    asker = company.users["petra"]
    for asked in (
        {"seconds": 20, "measure": "score", "percent": 100, "seed": 1, "name": "Vorschlag des PMO"},
        {"seconds": 20, "measure": "score", "percent": 130, "seed": 1, "name": ""},
    ):
        run = SelectionRun.objects.create(round=round_, asked={**asked, "inside": [], "outside": []}, asked_by=asker)
        compute_run(run.pk, stopped=lambda: False, step_=lambda _done, _total, _text: None)
    best = SelectionRun.objects.filter(round=round_).order_by("pk").first()
    chosen = set(best.told.get("chosen", [])) if best is not None else set()
    for at, item in enumerate(items):
        inside = item.proposal.key in chosen
        if inside and at % 3:
            item.decision = RoundDecision.IN
        elif not inside and at % 4 == 1:
            item.decision, item.reason = RoundDecision.LATER, "Im nächsten Jahr, wenn die Leittechnik frei ist."
    RoundItem.objects.bulk_update(items, ["decision", "reason"])
