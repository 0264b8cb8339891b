"""Proposals of the demo company, and what people wrote to each other about projects."""

from __future__ import annotations

import datetime as dt

from django.utils.formats import date_format

from stellwerk.core.models import Comment, Watch
from stellwerk.demo.company import Company, add_sequences
from stellwerk.portfolio.models import (
    Proposal,
    ProposalCapacity,
    ProposalOption,
    ProposalScore,
    ProposalYear,
    ScoringModel,
)

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


def proposals(company: Company) -> None:
    rng = company.rng
    model = ScoringModel.objects.get(key="SCM-0001")
    criteria = list(model.criteria.all())
    year = company.planned_year - 1
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
    add_sequences({"PRP": len(PROPOSALS)})


TALK = (
    (
        0,
        "paul",
        "Der Lieferant bestätigt den Gleichrichter jetzt für Anfang %(month)s. @Petra Brandt: bitte im Lenkungsausschuss ansprechen.",
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


def month_of_delivery(day: dt.date) -> str:
    """The month that the supplier names in the week of this data date."""
    return date_format(day + dt.timedelta(days=105), "F")


def talk(company: Company) -> None:
    month = month_of_delivery(company.dates[-1])
    for number, author, text, mentioned in TALK:
        if number >= len(company.projects):
            continue
        project = company.projects[number]
        comment = Comment.objects.create(
            entity_type="portfolio.project",
            entity_id=project.pk,
            author=company.users[author],
            text=text % {"month": month},
        )
        if mentioned:
            comment.mentions.add(company.users[mentioned])
        Watch.objects.get_or_create(user=company.users["petra"], entity_type="portfolio.project", entity_id=project.pk)
