"""A catalogue of fields such as a portfolio importer passes; no test file's headings are listed here on purpose."""

from __future__ import annotations

from stellwerk.core.tabular import FieldSpec

FIELDS = (
    FieldSpec("key", "key", ("Project number", "Project ID", "ID", "Key", "Projektnummer", "Projekt-Nr.", "Kennung")),
    FieldSpec(
        "name", "name", ("Project name", "Name", "Project", "Title", "Projektname", "Bezeichnung"), required=True
    ),
    FieldSpec("org_unit", "category", ("Department", "Org unit", "Abteilung", "Bereich", "Organisationseinheit")),
    FieldSpec(
        "light", "light", ("RAG", "Status", "Overall status", "Traffic light", "Colour rating", "Ampel", "Gesamtstatus")
    ),
    FieldSpec("description", "prose", ("Description", "Aims", "Objective", "Beschreibung", "Ziel")),
    FieldSpec("narrative", "prose", ("Comment", "Commentary", "Kommentar", "Bemerkung")),
    FieldSpec("start", "date", ("Start date", "Start", "Begin", "Startdatum", "Beginn")),
    FieldSpec("end", "date", ("End date", "Finish", "End", "Closing date", "Enddatum", "Ende", "Fertigstellung")),
    FieldSpec(
        "budget",
        "money",
        ("Budget", "Total budget", "Baseline", "Whole life cost", "Gesamtbudget", "Plankosten", "Project cost"),
        patterns=(r"\bwlc\b",),
    ),
    FieldSpec("forecast", "money", ("Forecast", "EAC", "Estimate at completion", "Prognose", "Hochrechnung")),
    FieldSpec("actual", "money", ("Actual cost", "Spent", "Istkosten", "Ist")),
    FieldSpec("manager", "person", ("Project manager", "Project lead", "Projektleiter", "Projektleitung", "PL")),
    FieldSpec("sponsor", "person", ("Sponsor", "Auftraggeber")),
    FieldSpec("phase", "category", ("Phase", "Stage", "Projektphase")),
    FieldSpec("progress", "percent", ("Progress", "% complete", "Fortschritt", "Fertigstellungsgrad")),
)
