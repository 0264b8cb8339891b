"""Forecasts outside the tolerance, and the exceptions that they open."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from stellwerk.controlling.models import ForecastException
from stellwerk.controlling.services.exceptions import DUE_IN, add_working_days
from stellwerk.demo.company import add_sequences
from stellwerk.demo.money_sheets import Sheet, courses_of, last_report
from stellwerk.demo.story import Moment

if TYPE_CHECKING:
    from stellwerk.demo.company import Company


def breaches_of(company: Company, sheets: list[Sheet], tolerance: dict[int, Decimal]) -> list[tuple[Sheet, Moment]]:
    courses = courses_of(company)
    found = []
    for sheet in sheets:
        if sheet.kind == "forecast" and sheet.state == "approved":
            course = courses[sheet.project.pk]
            moment = last_report(course)
            if Decimal(moment.eac - course.budget) * 100 > tolerance[sheet.project.pk] * course.budget:
                found.append((sheet, moment))
    return found


CAUSES: Final = (
    "Lieferant der Langläufer hat Mehrkosten angezeigt; Nachtrag ist der Höhe nach geprüft.",
    "Mehr Stunden in der Inbetriebnahme als geplant, weil die Werksabnahme wiederholt wurde.",
    "Preise für Kupfer und Edelstahl liegen über der Kalkulation.",
)
FRESH: Final = 2
"""Whose forecast is of the last data date, by position: its exception still waits for the report."""
OPTIONS: Final = "A) Umfang kürzen und Option 2 später; B) Vorsorge freigeben; C) Budget über Änderungsantrag erhöhen. Empfehlung: B."
DECISION: Final = "Risikovorsorge wird freigegeben, Nachtrag wird verhandelt; Bericht in vier Wochen."


def add_exceptions(company: Company, breaches: list[tuple[Sheet, Moment]]) -> None:
    """One exception for each forecast outside the tolerance: the newest wait for their report, others are reported or decided."""
    rows = []
    courses = courses_of(company)
    for at, (sheet, moment) in enumerate(breaches):
        bac = courses[sheet.project.pk].budget
        rules = sheet.project.money_rules
        percent = (Decimal(moment.eac - bac) * 100 / bac).quantize(Decimal("0.01"))
        fresh = sheet.project in company.projects[FRESH : FRESH + 1]
        state = "open" if fresh else ("reported", "decided", "closed")[at % 3]
        rows.append(
            ForecastException(
                key=f"EXC-{at + 1:04d}", project=sheet.project, opened_on=sheet.made,
                due=add_working_days(sheet.project, sheet.made, DUE_IN), state=state,
                told={
                    "cost": {
                        "value": moment.eac - bac, "eac": moment.eac, "bac": bac, "percent": str(percent),
                        "limit": str(rules.cost_tolerance), "currency": "EUR",
                    },
                    "source": sheet.key,
                },
                cause="" if state == "open" else CAUSES[at % len(CAUSES)],
                options="" if state == "open" else OPTIONS,
                decision=DECISION if state in ("decided", "closed") else "",
            )
        )  # fmt: skip
    ForecastException.objects.bulk_create(rows, batch_size=500)
    add_sequences({"EXC": len(rows)})
