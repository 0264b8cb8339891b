"""What a column of a portfolio list can become: the catalogue that files are matched against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.errors import Text
from stellwerk.core.tabular import FieldSpec
from stellwerk.core.tabular.mapping import FieldKind
from stellwerk.portfolio.choices import DIMENSION_LABELS

Target = Literal["identity", "text", "person", "phase", "category", "programme", "number", "currency", "as_of",
                 "day", "money", "light", "ratio", "quantity", "summary", "narrative", "gate"]  # fmt: skip

# A year in front, or anywhere without a word for "in total": an amount of one year, not of the whole project.
_OF_A_YEAR = (
    r"^(?:fy ?|gj ?|jahr )?(?:19|20)\d\d\b",
    r"^(?!.*\b(?:total|gesamt\w*|whole)\b).*\b(?:19|20)\d\d\b",
    r"\b(?:yearly|annual|in year|fiscal|fy\d*|jahres\w*|laufendes jahr|geschaeftsjahr)\b",
)
_NO_PERSON = (r"\bids?\b|\bnr\b|\bnummer\b|\be ?mail\b|\bmail\b|\bphone\b|\btelefon\b",)
_VARIANCE = (
    r"\bvarianc|\babweich|\bdelta\b|\bchanges?\b|\baenderung|\bcomment|\bkommentar|\bnarrative",
    r"\brest|\bremain|\bavailable|\bverfuegbar|\bnoch offen|\bto complete\b|\bpct|\bpercent|\bprozent|\bprogress|\bfortschritt",
    # effort is no money, unless a currency stands beside it
    r"\b(?:aufwa\w+|effort|hours?|stunden|personentage|manntage|pt|days|tage|workload)\b(?!.*\b(?:eur\w*|chf|kosten|teur|keur|t|k)\b)",
)


@dataclass(frozen=True, slots=True)
class ImportField:
    """One field. ``attribute`` is the field of ``Project`` that it fills, ``figure`` the code of the figure it writes;
    ``many``: several columns may fill it (gates, narratives). ``limit``: longest text in characters."""

    code: str
    label: Text
    group: Text
    kind: FieldKind
    target: Target
    labels: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    attribute: str = ""
    figure: str = ""
    limit: int = 0
    many: bool = False

    @property
    def spec(self) -> FieldSpec:
        return FieldSpec(self.code, self.kind, self.labels, self.patterns, self.avoid, required=self.code == "name")


_WHAT = _("Project")
_WHO = _("People and units")
_WHEN = _("Dates")
_MONEY = _("Money")
_STATUS = _("Status")
_TEXTS = _("Texts")

FIELDS: tuple[ImportField, ...] = (
    ImportField("key", _("Project number (key)"), _WHAT, "key", "identity",
                ("Project number", "Project ID", "ID", "Key", "Project key", "Project code", "Reference", "Projektnummer",
                 "Projekt-Nr.", "Projekt-ID", "Kennung", "PSP-Element", "WBS element", "Kürzel", "Vorgangsnummer", "Issue key", "Ticket"),
                avoid=(r"^key (?:blocker|risk|issue|contact|milestone|date|result|message|deliverable)", r"\bnumber of\b|\banzahl"),
                attribute="external_key", limit=80),
    ImportField("name", _("Name"), _WHAT, "name", "identity",
                ("Project name", "Name", "Project", "Title", "Project title", "Projektname", "Projekt", "Bezeichnung",
                 "Projektbezeichnung", "Vorhaben", "Projekttitel", "Initiative"),
                patterns=(r"^(?:summary|subject|thema|betreff|massnahme)$",), attribute="name", limit=250),
    ImportField("description", _("Objective and scope"), _WHAT, "prose", "text",
                ("Description", "Aims", "Objective", "Project description", "Scope description", "Purpose", "Beschreibung",
                 "Ziel", "Projektziel", "Kurzbeschreibung", "Zielsetzung"), patterns=(r"^desc$",), attribute="description"),
    ImportField("phase", _("Phase"), _WHAT, "category", "phase",
                ("Phase", "Project phase", "Stage", "Project status", "State", "Status", "Lifecycle stage", "Projektphase",
                 "Projektstatus", "Lebenszyklus"),
                avoid=(r"\bambel|\bampel|\brag\b", r"\bbudget|\bcost|\bkosten|\bschedule|\btermin|\brisk|\brisik"), attribute="phase", figure="phase"),
    ImportField("kind", _("Type"), _WHAT, "category", "text",
                ("Type", "Project type", "Report category", "Project category", "Category", "Class", "Projektart",
                 "Projekttyp", "Art", "Kategorie", "Projektkategorie"), avoid=(r"\bowner",), attribute="kind", limit=120),
    ImportField("category", _("Category (mandatory, run, grow, transform)"), _WHAT, "category", "category",
                ("Strategic category", "Run grow transform", "Investment category", "Strategische Kategorie"),
                attribute="category"),
    ImportField("programme", _("Programme"), _WHAT, "category", "programme",
                ("Programme", "Program", "Parent programme", "Programm"), attribute="programme", limit=160),
    ImportField("priority", _("Priority"), _WHAT, "number", "number",
                ("Priority", "Prio", "Rank", "Priorität", "Rang"), attribute="priority"),
    ImportField("department", _("Department"), _WHO, "category", "text",
                ("Department", "Org unit", "Business unit", "Division", "Owner team", "Agency", "Abteilung", "Bereich",
                 "Organisationseinheit", "Fachbereich", "Ressort", "Geschäftsbereich", "Fachabteilung", "Zuständigkeit"),
                patterns=(r"^zustaendig\w*$",),
                attribute="department", limit=160),
    ImportField("manager", _("Project manager"), _WHO, "person", "person",
                ("Project manager", "Project lead", "PM", "Projektleiter", "Projektleitung", "Projektleiterin", "PL",
                 "Projektmanager", "Leitung", "Manager", "Verantwortlich", "Verantwortlicher", "Projektverantwortlicher",
                 "Responsible", "Assignee", "Owner"),
                patterns=(
                    r"^(?:assigned to|assigned \w+|zugewiesen an|bearbeiter\w*|ansprechpartner\w*|zustaendig\w*|contact person|pic|"
                    r"person in charge|verantwortung|delivery lead)$",
                ), avoid=_NO_PERSON, attribute="manager_name", limit=160),
    ImportField("sponsor", _("Sponsor"), _WHO, "person", "person",
                ("Sponsor", "SRO", "Senior responsible owner", "Project sponsor", "Project owner", "Auftraggeber",
                 "Auftraggeberin"), avoid=(*_NO_PERSON, r"^(?:verantwort\w*|responsible|zustaendig\w*|assignee|assigned\b.*)$",),
                attribute="sponsor_name", limit=160),
    ImportField("start", _("Start"), _WHEN, "date", "day",
                ("Start date", "Start", "Project start", "Forecast start", "Begin", "Starttermin", "Startdatum", "Beginn",
                 "Projektstart", "Projektbeginn", "Start Prognose"),
                attribute="start_forecast", figure="start.forecast"),
    ImportField("start_baseline", _("Start (baseline)"), _WHEN, "date", "day",
                ("Baseline start", "Planned start", "Start baseline", "Plan-Start", "Start geplant", "Geplanter Beginn",
                 "Start Basisplan"), attribute="start_baseline"),
    ImportField("start_actual", _("Start (actual)"), _WHEN, "date", "day",
                ("Actual start", "Start actual", "Ist-Start", "Ist-Beginn", "Tatsächlicher Beginn"),
                attribute="start_actual"),
    ImportField("finish", _("Finish"), _WHEN, "date", "day",
                ("Due", "Fälligkeit", "End date", "Finish", "End", "Finish date", "Project end", "Forecast finish", "Closing date", "Due date",
                 "Completion date", "Endtermin", "Enddatum", "Ende", "Fertigstellung", "Projektende", "Ende Prognose",
                 "Prognose Ende", "Voraussichtliches Ende", "Deadline", "Zieltermin", "Abgabedatum"),
                patterns=(
                    r"^(?:go ?live\w*|live|launch|release|target|target completion|target end|target finish|expiration|expiry)"
                    r"(?: date| datum| termin)?$", r"^(?:forecast |est )?cod$",
                ), attribute="finish_forecast", figure="finish.forecast"),
    ImportField("finish_baseline", _("Finish (baseline)"), _WHEN, "date", "day",
                ("Baseline finish", "Baseline end", "Planned finish", "Planned end date", "Plan-Ende", "Ende geplant",
                 "Geplantes Ende", "Ende Basisplan", "Ende Plan", "Planende"),
                patterns=(r"^(?:plan\w*|geplant\w*|baseline) (?:cod|go ?live\w*)\b",),
                attribute="finish_baseline", figure="finish.baseline"),
    ImportField("finish_actual", _("Finish (actual)"), _WHEN, "date", "day",
                ("Actual finish", "Actual end date", "Ist-Ende", "Tatsächliches Ende"),
                patterns=(r"^(?:date )?completed(?: at| on| date)?$", r"^(?:abgeschlossen|erledigt|beendet) am$"), attribute="finish_actual"),
    ImportField("gate", _("Gate or milestone date"), _WHEN, "date", "gate", (), many=True),
    ImportField("as_of", _("Data date of the row"), _WHEN, "date", "as_of",
                ("Report date", "Reporting date", "Data date", "As of", "As at", "Status date", "Snapshot date",
                 "Reporting period", "Stichtag", "Stand", "Berichtsdatum", "Berichtsstichtag", "Berichtsmonat", "Datenstand",
                 "Reporting year", "Year", "Jahr", "Berichtsjahr"),
                avoid=(r"start|\bend|begin|beginn|finish|clos|updat|\bgate|\bstage",
                       r"\bfirst|\blast|\bfiscal|\bfy\b|\bgeschaeftsj|operation|\bplan|\bforecast|\bbirth|\bgeburt|\bbau")),
    ImportField("budget", _("Approved budget"), _MONEY, "money", "money",
                ("Budget", "Total budget", "Approved budget", "Project budget", "Whole life cost", "Total cost",
                 "Project cost", "Estimated cost", "Gesamtbudget", "Genehmigtes Budget", "Projektbudget", "Plankosten",
                 "Plan-Kosten", "Gesamtkosten", "Baseline budget", "Projektvolumen", "Volumen", "Investitionssumme", "Investitionsvolumen", "Investitionskosten", "Approved capex",
                 "Total funding", "Kosten"),
                patterns=(r"\bwlc\b", r"\bwhole life cost", r"^(?:investition|capex|plan|project value|amount|betrag)(?: (?:eur|chf|usd|gbp|teur|keur|t|k|in t))?$"), avoid=(*_OF_A_YEAR, *_VARIANCE, r"\bto date|\bkumul|\bytd\b|\bover or under"),
                attribute="budget", figure="budget"),
    ImportField("bac", _("Budget at completion (BAC)"), _MONEY, "money", "money",
                ("BAC", "Budget at completion", "Total baseline", "Baseline cost", "Baseline budget", "Kostenbasisplan"),
                avoid=(*_OF_A_YEAR, *_VARIANCE), figure="bac"),
    ImportField("eac", _("Forecast total cost (EAC)"), _MONEY, "money", "money",
                ("EAC", "Forecast", "Estimate at completion", "Forecast cost", "Forecast total cost", "Cost forecast",
                 "Prognose", "Kostenprognose", "Prognose Gesamtkosten", "Hochrechnung", "Voraussichtliche Gesamtkosten"),
                avoid=(*_OF_A_YEAR, *_VARIANCE), figure="eac"),
    ImportField("ac", _("Actual cost"), _MONEY, "money", "money",
                ("Actual cost", "Actual", "Actuals", "Spent", "Spend to date", "Cost to date", "Istkosten", "Ist-Kosten",
                 "Ist", "Ausgaben bisher", "Angefallene Kosten", "Actual spend", "Spent to date", "Expended to date", "Verausgabt"),
                avoid=_VARIANCE, figure="ac"),
    ImportField("commitment", _("Commitment"), _MONEY, "money", "money",
                ("Commitment", "Committed", "Total commitment", "Encumbered", "Encumbrance", "Obligo", "Bestellobligo"), avoid=_VARIANCE,
                figure="commitment"),
    ImportField("year_budget", _("Budget of the year"), _MONEY, "money", "money",
                ("Yearly budget", "Annual budget", "In-year budget", "Budget this year", "Jahresbudget", "Budget lfd. Jahr"),
                patterns=(r"\b20\d\d\b.*\b(?:budget|baseline|plan\w*|kosten)\b", r"\b(?:budget|plan\w*)\b.*\b20\d\d\b"),
                avoid=(*_VARIANCE, r"\bforecast|\bprognose", r"^(?:fiscal )?year$"), figure="year.budget"),
    ImportField("year_forecast", _("Forecast of the year"), _MONEY, "money", "money",
                ("Yearly forecast", "Annual forecast", "In-year forecast", "Jahresprognose", "Prognose lfd. Jahr"),
                patterns=(r"\b20\d\d\b.*\b(?:forecast|prognose|vorschau)\b", r"\b(?:forecast|prognose)\b.*\b20\d\d\b"),
                avoid=(*_VARIANCE, r"^(?:fiscal )?year$"), figure="year.forecast"),
    ImportField("benefit", _("Benefit"), _MONEY, "money", "money",
                ("Benefit", "Benefits", "Monetised benefits", "NPV", "Nutzen", "Kapitalwert", "Erwarteter Nutzen"),
                avoid=(*_VARIANCE, r"\bfinal|\bcontract|\bcurrent|\bbook"), figure="benefit"),
    ImportField("currency", _("Currency"), _MONEY, "category", "currency", ("Currency", "Währung", "Currency code")),
    ImportField("light", _("Overall light"), _STATUS, "light", "light",
                ("RAG", "RAG status", "Overall status", "Status", "Traffic light", "Colour rating", "RAG rating", "Health",
                 "Overall health", "Delivery confidence", "Ampel", "Gesamtstatus", "Gesamtampel", "Ampelstatus",
                 "Projektampel", "Status gesamt"), figure="light.overall"),
    ImportField("light_schedule", _("Light: schedule"), _STATUS, "light", "light",
                ("Schedule", "Schedule RAG", "Schedule status", "Time", "Time status", "Timeline", "Termine", "Ampel Termine",
                 "Termin", "Zeit", "Status Termine", "Terminampel"), figure="light.schedule"),
    ImportField("light_cost", _("Light: cost"), _STATUS, "light", "light",
                ("Cost", "Cost RAG", "Cost status", "Budget", "Budget RAG", "Budget status", "Finance", "Kosten",
                 "Ampel Kosten", "Status Kosten", "Kostenampel", "Budgetampel"), figure="light.cost"),
    ImportField("light_scope", _("Light: scope"), _STATUS, "light", "light",
                ("Scope", "Scope RAG", "Scope status", "Deliverables", "Umfang", "Leistung", "Inhalt", "Ampel Umfang",
                 "Leistungsampel"), figure="light.scope"),
    ImportField("light_quality", _("Light: quality"), _STATUS, "light", "light",
                ("Quality", "Quality RAG", "Qualität", "Ampel Qualität", "Qualitätsampel"), figure="light.quality"),
    ImportField("light_resources", _("Light: resources"), _STATUS, "light", "light",
                ("Resources", "Resource RAG", "Staffing", "Ressourcen", "Ampel Ressourcen", "Personal", "Kapazität"),
                figure="light.resources"),
    ImportField("light_risk", _("Light: risk"), _STATUS, "light", "light",
                ("Risk", "Risks", "Risk RAG", "Risk status", "Risiko", "Risiken", "Ampel Risiko", "Risikoampel"),
                figure="light.risk"),
    ImportField("progress", _("Progress"), _STATUS, "percent", "ratio",
                ("Progress", "% complete", "Percent complete", "Completion", "Fortschritt", "Fertigstellungsgrad",
                 "Fortschritt %", "% abgeschlossen", "% erledigt", "Abgeschlossen", "% done", "Actual progress", "Ist-Fortschritt"),
                avoid=(r"\bplan|\bgeplant|\bsoll",), figure="progress"),
    ImportField("value", _("Value contribution"), _STATUS, "number", "quantity",
                ("Value score", "Value contribution", "Wertbeitrag", "Strategic score"), figure="value"),
    ImportField("risk", _("Risk exposure"), _STATUS, "number", "quantity",
                ("Risk score", "Risk exposure", "Risikowert", "Risikopunkte"), figure="risk"),
    ImportField("summary", _("Status summary"), _TEXTS, "prose", "summary",
                ("Comment", "Commentary", "Status comment", "Rating comment", "Status summary", "Status report", "Narrative",
                 "Management summary", "Kommentar", "Statusbericht", "Bemerkung", "Lagebericht", "Statuskommentar", "Sachstand", "Statustext",
                 "Statusbeschreibung", "Status update", "Latest update", "Aktueller Stand"),
                patterns=(r"\bcommentary\b",),
                avoid=(r"\bbudget|\bcost|\bkosten|\bschedule|\btermin|\bvarianc|\babweich|\bwhole life",)),
    ImportField("narrative", _("Further text under its own heading"), _TEXTS, "prose", "narrative", (), many=True),
)  # fmt: skip
BY_CODE: dict[str, ImportField] = {field.code: field for field in FIELDS}
KEEP = "attribute"
"""In mappings: keep the column as a further attribute (null in a mapping file)."""
LIGHTS = {field.code: field.figure for field in FIELDS if field.target == "light"}
ATTRIBUTE_LABEL = pgettext_lazy("import field", "Further attribute (kept as it is)")


def specs() -> tuple[FieldSpec, ...]:
    """The catalogue for the suggestion of a mapping; fields that many columns fill are found afterwards."""
    return tuple(field.spec for field in FIELDS if not field.many)


def figure_label(code: str) -> Text:
    """The label of a light's dimension, for remarks."""
    return DIMENSION_LABELS.get(code.removeprefix("light."), code)
