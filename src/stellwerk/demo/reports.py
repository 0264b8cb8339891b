"""Cycles and status reports of the demo company: the last cycle published, the present one in the PMO's review."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any

from django.utils.formats import date_format

from stellwerk.core.models import Notification
from stellwerk.core.states import advance
from stellwerk.demo.company import CYCLE_DAYS, Company
from stellwerk.demo.story import Moment
from stellwerk.portfolio.models import Project
from stellwerk.reporting.clock import cycle_dates
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.reporting.selectors import calendar_of
from stellwerk.reporting.services.reports import create_drafts

PLANNED = 3  # cycles to come
REPORTED = 60  # projects with full reports; larger companies have figures and statuses only
EARLIER = 12  # of these the report of the date before, so that a correction and a trend can be seen
RETURNED, SUBMITTED, MISSED = {8}, {5, 20, 27, 33}, {11, 12}  # by position; all others are published

ACHIEVED = {
    "Kundenanlage": ("Genehmigungsunterlagen eingereicht", "Fundamente abgenommen", "Hauptkomponenten bestellt", "Werksabnahme ohne Hauptmangel", "Kabeltrassen zu 80 % verlegt"),
    "Investition": ("Angebote verglichen", "Aufstellplan freigegeben", "Altanlage abgebaut", "Lieferant beauftragt"),
    "IT-Projekt": ("Datenmigration getestet", "Pilotgruppe geschult", "Schnittstelle zum ERP abgenommen", "Berechtigungskonzept freigegeben"),
    "Entwicklung": ("Prototyp läuft auf dem Prüfstand", "Lastenheft eingefroren", "Patentprüfung abgeschlossen"),
    "Organisation": ("Zuständigkeiten festgelegt", "Lieferanten befragt", "Schulung in zwei Werken gehalten"),
}  # fmt: skip
NEXT = {
    "Kundenanlage": ("Montage Rohrleitungen beginnen", "Druckprobe vorbereiten", "Netzanschluss mit dem Betreiber abstimmen"),
    "Investition": ("Fundament gießen", "Inbetriebnahmeplan abstimmen", "Bediener schulen"),
    "IT-Projekt": ("Zweiter Testlauf Migration", "Schulungstermine festlegen", "Umschaltwochenende planen"),
    "Entwicklung": ("Dauertest 500 h", "Nullserie freigeben"),
    "Organisation": ("Bericht an den Vorstand", "Nachweise ablegen", "Übung durchführen"),
}  # fmt: skip
WEEKS_AHEAD = {"shift": 21, "staffed": 52}
"""Days from the last data date to the calendar weeks that causes and measures name."""
CAUSES = {
    "schedule": ("Lieferung des Gleichrichters verspätet", "Zweite Schicht auf der Baustelle ab KW %(shift)s", "Zusage der Werkleitung"),
    "cost": ("Nachtrag für Gerüst und Stahlpreis über der Kalkulation", "Nachverhandlung und Verzicht auf Option 3", "Freigabe der Reserve"),
    "scope": ("Zwei Änderungsanträge des Kunden offen", "Entscheidung bündeln und bepreisen", "Termin mit dem Kunden"),
    "quality": ("Hauptabweichung aus der Schweißprüfung überfällig", "Nacharbeit und erneute Prüfung", "Prüfer für zwei Tage"),
    "resources": ("SPS-Programmierung bis KW %(staffed)s nicht besetzt", "Externe Unterstützung beauftragen", "Freigabe der Besetzung"),
    "risk": ("Vorsorge reicht nicht für den Netzanschluss", "Zweitlieferanten anfragen", "Entscheidung im Lenkungsausschuss"),
    "overall": ("Termin und Kosten zugleich unter Druck", "Maßnahmen aus den Einzelampeln", ""),
}  # fmt: skip


def reports(company: Company) -> None:
    """Twelve past cycles, three planned ones, and full reports for the last two dates."""
    cycles = _cycles(company)
    projects = company.projects[:REPORTED]
    _publish_all(company, cycles[-2], projects[:EARLIER], position=-2)
    _present(company, cycles[-1], projects)
    Notification.objects.exclude(kind__in=("mention", "report_returned")).update(
        read_at=dt.datetime.combine(company.dates[-1], dt.time(12), dt.UTC)
    )


def _cycles(company: Company) -> list[Cycle]:
    anchor, calendar = company.portfolio.cycle_anchor, calendar_of(company.portfolio)
    assert anchor is not None
    days = [day for _number, day in islice(cycle_dates(anchor, CYCLE_DAYS, calendar), len(company.dates) + PLANNED)]
    rows = []
    for number, day in enumerate(days, start=1):
        past = number < len(company.dates)
        state = (
            "archived"
            if number < len(company.dates) - 1
            else "collecting"
            if number <= len(company.dates)
            else "planned"
        )
        rows.append(
            Cycle(
                key=f"CYC-{number:04d}",
                portfolio=company.portfolio,
                number=number,
                data_date=day,
                state=state,
                meeting_name="Lenkungsausschuss",
                meeting_date=calendar.add(day, 2 if past else 1),
            )
        )
    return Cycle.objects.bulk_create(rows)[: len(company.dates)]


def _publish_all(company: Company, cycle: Cycle, projects: list[Project], position: int) -> None:
    open_ = [project for project in projects if project.phase != "closed"]
    for report in create_drafts(open_, cycle.data_date, cycle, by=None):
        _finish(company, report, position, "publish")
    Cycle.objects.filter(pk=cycle.pk).update(state="published")


def _present(company: Company, cycle: Cycle, projects: list[Project]) -> None:
    places = {project.pk: number for number, project in enumerate(company.projects)}
    open_ = [project for project in projects if project.phase != "closed"]
    for report in create_drafts(open_, cycle.data_date, cycle, by=None):
        number = places[report.project_id]
        if number in MISSED:
            advance(report, "miss", by=None)
        else:
            _finish(company, report, -1, "submit" if number in RETURNED | SUBMITTED else "publish")
        if number in RETURNED:
            reason = "Bitte nennen Sie zum Terminverzug die Ursache und ab wann die zweite Schicht arbeitet."
            advance(StatusReport.objects.get(pk=report.pk), "return", by=None, reason=reason)
    Cycle.objects.filter(pk=cycle.pk).update(state="pmo_review")


def _finish(company: Company, report: StatusReport, position: int, last: str) -> None:
    number = company.projects.index(next(p for p in company.projects if p.pk == report.project_id))
    StatusReport.objects.filter(pk=report.pk).update(**_texts(company, report, number, position))
    report.refresh_from_db()
    for step in ("submit", "accept", "publish"):
        report = advance(report, step, by=None)
        if step == last:
            return


def _texts(company: Company, report: StatusReport, number: int, position: int) -> dict[str, Any]:
    moment: Moment = company.courses[number].moments[position]
    project = company.projects[number]
    rng, last = company.rng, company.dates[-1]
    weeks = weeks_ahead(last)
    path = {}
    for light in report.lights.all():
        if light.value in {"red", "amber"} or light.computed in {"red", "amber"}:
            cause, measure, help_needed = (text % weeks for text in CAUSES[light.dimension])
            owner = project.manager.full_name if project.manager else ""
            path[light.dimension] = {
                "cause": cause, "measure": measure, "owner": owner, "due": _due(company, number, light.dimension, position), "help_needed": help_needed,
            }  # fmt: skip
    values: dict[str, Any] = {
        "summary": moment.summary,
        "achieved": rng.sample(ACHIEVED[project.kind], 2),
        "next_steps": rng.sample(NEXT[project.kind], 2),
        "path_to_green": path,
    }
    values["decisions"] = [_decision(number, last)] if number in DECISIONS[position] else []
    return values


def weeks_ahead(day: dt.date) -> dict[str, int]:
    """The calendar weeks that causes and measures of a report of this day name."""
    return {name: (day + dt.timedelta(days=days)).isocalendar().week for name, days in WEEKS_AHEAD.items()}


def _due(company: Company, number: int, dimension: str, position: int) -> str:
    """A measure keeps its date from report to report; a few are overdue now, a few were moved by two weeks."""
    last = company.dates[-1]
    if dimension == "resources" and number % 2:
        return (last - dt.timedelta(days=3)).isoformat()
    if dimension == "scope" and position == -2:
        return (last + dt.timedelta(days=7)).isoformat()
    return (last + dt.timedelta(days=21)).isoformat()


DECISIONS = {-2: {0, 3}, -1: {0, 1}}
"""Which projects ask the committee for a decision, by report date: one is still open, one was taken, one is new."""


def _decision(number: int, day: dt.date) -> dict[str, str]:
    offer, scaffold = day + dt.timedelta(days=14), day + dt.timedelta(days=17)
    if number == 0:
        return {
            "question": "Zweitlieferant für den Gleichrichter beauftragen?", "decided_by": "Lenkungsausschuss",
            "due": (day + dt.timedelta(days=10)).isoformat(),
            "options": "Zweitlieferant beauftragen: 310 T€ zusätzlich; holt bis zu 15 Arbeitstage zurück\n"
            "Beim Erstlieferanten bleiben: keine Mehrkosten; G3 bleibt 21 Arbeitstage verspätet\n"
            "Gebrauchtes Aggregat mieten: 140 T€; nur für sieben Monate verfügbar",
            "recommendation": f"Zweitlieferanten beauftragen, bevor der Erstlieferant den Termin im {date_format(offer, 'F')} bestätigt.",
            "impact": "310 T€ Mehrkosten, durch die Reserve gedeckt; Produktivsetzung höchstens 6 Arbeitstage nach dem Basisplan",
            "without_decision": f"Das Angebot des Zweitlieferanten verfällt am {date_format(offer, 'j. F')}.",
        }  # fmt: skip
    if number == 1:
        return {
            "question": "Nachtrag 4 für Gerüst und Absorber freigeben?", "decided_by": "Lenkungsausschuss",
            "due": (day + dt.timedelta(days=7)).isoformat(),
            "options": "Nachtrag freigeben: Prognose wie gemeldet; Termin hält\n"
            "Absorber ohne Nachtrag umplanen: kein Nachtrag; sechs Wochen später",
            "recommendation": "Freigeben; die Umplanung kostet sechs Wochen.",
            "impact": "Prognose steigt auf den gemeldeten Wert; Termin hält",
            "without_decision": f"Das Gerüst wird am {date_format(scaffold, 'j. F')} abgebaut.",
        }  # fmt: skip
    return {
        "question": "Trassenführung über das Nachbargrundstück?", "decided_by": "Lenkungsausschuss",
        "due": (day - dt.timedelta(days=4)).isoformat(), "options": "", "impact": "90 T€ Pacht; spart zwei Querungen",
        "recommendation": "Gestattung unterschreiben.", "without_decision": "Umweg über die Landstraße.",
    }  # fmt: skip
