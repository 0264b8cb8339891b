"""Benefits of the demo's projects: who answers for them, how they are measured, what was planned and what came, also after closure."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from stellwerk.controlling import months as m
from stellwerk.controlling.models import Benefit, BenefitValue
from stellwerk.core import bulk
from stellwerk.demo.company import add_sequences
from stellwerk.demo.plans.writing import filled, full
from stellwerk.portfolio.models import Project

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

MONTHS: Final = 24
"""How long a benefit is measured."""
RAMP: Final = 6
"""Months until it is there in full."""


class _Idea(NamedTuple):
    name: str
    measure: str
    unit: str
    cash: bool
    before: int
    target: int
    note: str = ""
    against: bool = False


IDEAS: Final = (
    _Idea("Geringere Betriebskosten", "Betriebskosten laut Kostenstellenbericht", "", True, 0, 0, "Gegen das Vorjahr, um Preise bereinigt."),
    _Idea("Zusätzlicher Deckungsbeitrag", "Deckungsbeitrag II aus dem Vertriebscontrolling", "", True, 0, 0),
    _Idea("Kürzere Durchlaufzeit", "Durchlaufzeit vom Auftrag bis zur Abnahme", "Tage", False, 64, 45),
    _Idea("Weniger Energie je Anlage", "Verbrauch laut Zähler", "MWh im Monat", False, 410, 350),
    _Idea("Weniger Störungen", "Störungen laut Leitwarte", "im Monat", False, 18, 7),
    _Idea("Entfallene Altverträge", "Verträge, die gekündigt sind", "", True, 0, 0),
    _Idea("Zusätzlicher Aufwand im Betrieb", "Stunden der Betriebsmannschaft, bewertet", "", True, 0, 0, "Ein Nachteil, der mitgezählt wird.", True),
)  # fmt: skip
BENEFIT = (
    "id", "version", "created_at", "updated_at", "key", "project_id", "name", "holder_id", "measure", "unit", "cash", "disbenefit", "currency", "baseline",
    "target", "starts", "ends", "state", "note",
)  # fmt: skip
VALUE = ("version", "created_at", "updated_at", "benefit_id", "month", "planned", "actual", "evidence")
Measured = tuple[dt.date, int, int | None, str]


def add_benefits(company: Company) -> None:
    """One to three benefits of every project that is past its planning; measured from the month after it goes live."""
    rng = random.Random(company.size.seed * 271 + 9)
    wanted: list[tuple[Project, _Idea, int]] = []
    for number, project in enumerate(company.projects):
        if project.phase in ("initiating", "planning"):
            continue
        count = {"S": 1, "M": 2, "L": 3}[company.courses[number].size]
        wanted += [(project, IDEAS[(number + at * 2) % len(IDEAS)], number) for at in range(count)]
    numbers = list(bulk.reserve(Benefit, len(wanted)))
    heads: list[tuple[bulk.Value, ...]] = []
    values: list[tuple[bulk.Value, ...]] = []
    moment = bulk.instant(company.night)
    for at, ((project, idea, number), pk) in enumerate(zip(wanted, numbers, strict=True), start=1):
        course = company.courses[number]
        starts = m.step(m.month_of(course.moments[-1].gates["G3"]))
        yearly = round(course.budget * rng.uniform(0.08, 0.35) / 12_000_00) * 12_000_00
        if idea.against:
            yearly //= 8
        rows = list(_profile(company, idea, starts, yearly, rng))
        holder = project.sponsor_id if at % 3 else project.unit.manager_id if project.unit is not None else None
        state = _state(company, project, starts, rows)
        heads.append(
            (
                pk, 1, moment, moment, f"BEN-{at:04d}", project.pk, idea.name, holder or project.sponsor_id, idea.measure, idea.unit, idea.cash,
                idea.against, "EUR", str(idea.before), str(idea.target or yearly // 100), starts.isoformat(),
                m.last_day(m.step(starts, MONTHS - 1)).isoformat(), state, idea.note,
            )
        )  # fmt: skip
        values += [
            (1, moment, moment, pk, month.isoformat(), str(planned), None if actual is None else str(actual), evidence)
            for month, planned, actual, evidence in rows
        ]
    bulk.insert(Benefit, full(Benefit, BENEFIT), (filled(Benefit, BENEFIT, head) for head in heads))
    bulk.insert(BenefitValue, VALUE, values)
    add_sequences({"BEN": len(wanted)})


def _profile(company: Company, idea: _Idea, starts: dt.date, yearly: int, rng: random.Random) -> Iterator[Measured]:
    """Month by month: planned with a ramp, measured where the month is over and somebody has written it down."""
    level = rng.uniform(0.72, 1.12)
    this_month = m.month_of(company.today)
    for at in range(MONTHS):
        month = m.step(starts, at)
        reached = min(1.0, (at + 1) / RAMP)
        share = reached * level * (1 + rng.gauss(0, 0.05))
        evidence = "Monatsbericht der Kostenstelle" if idea.cash else "Auswertung des Betriebs"
        if idea.cash:
            planned = int(yearly / 12 * reached) // 100 * 100
            actual = int(yearly / 12 * share) // 100 * 100
        else:
            planned = round(idea.before + (idea.target - idea.before) * reached)
            actual = round(idea.before + (idea.target - idea.before) * share)
        measured = month < this_month
        yield month, planned, actual if measured else None, evidence if measured and at % 3 == 0 else ""


def _state(company: Company, project: Project, starts: dt.date, rows: list[Measured]) -> str:
    if starts > company.today:
        return "planned"
    if m.step(starts, MONTHS) > company.today:
        return "realising"
    planned = sum(row[1] for row in rows)
    actual = sum(row[2] or 0 for row in rows)
    return "realised" if actual >= planned * 9 // 10 else "not_realised"
