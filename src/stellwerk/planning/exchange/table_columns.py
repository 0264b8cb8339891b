"""The columns of a plan as a table, and the words of other tools and languages for what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stellwerk.core.tabular.mapping import FieldKind
from stellwerk.planning.exchange.document import Constraint, LinkType, Unit


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``attribute`` of the task, the heading we write, and other headings for the same."""

    attribute: str
    heading: str
    kind: FieldKind
    others: tuple[str, ...] = ()


COLUMNS: Final = (
    Column("uid", "No.", "number", ("Nr.", "ID", "Unique ID", "UID", "Einmalige Nr.", "Vorgangsnummer")),
    Column("wbs", "WBS", "category", ("PSP-Code", "PSP", "WBS Code", "Gliederungsnummer", "Outline number")),
    Column("code", "Code", "category", ("Activity ID", "Vorgangscode", "Kennung", "Activity code")),
    Column("level", "Level", "number", ("Outline level", "Gliederungsebene", "Ebene")),
    Column("name", "Name", "name", ("Task name", "Activity name", "Vorgangsname", "Vorgang", "Aktivität", "Bezeichnung", "Task", "Activity", "Title")),
    Column("kind", "Type", "category", ("Art", "Typ", "Activity type", "Vorgangsart")),
    Column("milestone", "Milestone", "boolean", ("Meilenstein",)),
    Column("duration", "Duration (d)", "number", ("Duration", "Dauer", "Dauer (Tage)", "Dauer (t)", "Days", "Tage", "Original duration")),
    Column("start", "Start", "date", ("Anfang", "Start date", "Startdatum", "Beginn", "Begin")),
    Column("finish", "Finish", "date", ("Ende", "Fertig", "End", "End date", "Enddatum", "Finish date", "Fertigstellung")),
    Column("percent_complete", "% complete", "percent", ("% abgeschlossen", "Percent complete", "Fortschritt", "Progress", "Fertig in %")),
    Column("predecessors", "Predecessors", "category", ("Vorgänger", "Predecessor", "Depends on")),
    Column("resources", "Resources", "category", ("Ressourcennamen", "Ressourcen", "Resource names", "Assigned to", "Zugeordnet")),
    Column("work", "Work (h)", "number", ("Work", "Arbeit", "Aufwand", "Effort", "Aufwand (h)", "Arbeit (h)")),
    Column("cost", "Cost", "money", ("Kosten",)),
    Column("constraint", "Constraint", "category", ("Constraint type", "Einschränkungsart", "Einschränkung")),
    Column("constraint_date", "Constraint date", "date", ("Einschränkungstermin", "Termin der Einschränkung")),
    Column("deadline", "Deadline", "date", ("Stichtag", "Spätester Termin", "Due date")),
    Column("actual_start", "Actual start", "date", ("Aktueller Anfang", "Ist-Anfang", "Tatsächlicher Anfang")),
    Column("actual_finish", "Actual finish", "date", ("Aktuelles Ende", "Ist-Ende", "Tatsächliches Ende")),
    Column("priority", "Priority", "number", ("Priorität",)),
    Column("notes", "Notes", "prose", ("Notizen", "Bemerkung", "Kommentar", "Remarks", "Comment")),
)  # fmt: skip

CONSTRAINTS: Final[dict[str, Constraint]] = {
    "asap": "asap", "as soon as possible": "asap", "so früh wie möglich": "asap",
    "alap": "alap", "as late as possible": "alap", "so spät wie möglich": "alap",
    "must start on": "must_start_on", "muss anfangen am": "must_start_on",
    "must finish on": "must_finish_on", "muss enden am": "must_finish_on",
    "start no earlier than": "start_no_earlier", "anfang nicht früher als": "start_no_earlier",
    "start no later than": "start_no_later", "anfang nicht später als": "start_no_later",
    "finish no earlier than": "finish_no_earlier", "ende nicht früher als": "finish_no_earlier",
    "finish no later than": "finish_no_later", "ende nicht später als": "finish_no_later",
    "start on": "start_on", "finish on": "finish_on",
}  # fmt: skip

CONSTRAINT_NAMES: Final = {
    name: text
    for text, name in reversed(CONSTRAINTS.items())
    if text.isascii() and not text.startswith(("muss", "anf", "ende", "so "))
}

LINK_TYPES: Final[dict[str, LinkType]] = {
    "": "FS", "FS": "FS", "SS": "SS", "FF": "FF", "SF": "SF", "EA": "FS", "AA": "SS", "EE": "FF", "AE": "SF",
}  # fmt: skip

UNITS: Final[dict[str, Unit]] = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuten"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"), "h"),
    **dict.fromkeys(("", "d", "dy", "day", "days", "t", "tag", "tage"), "d"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "wo", "woche", "wochen"), "w"),
    **dict.fromkeys(("mo", "mon", "mons", "month", "months", "monat", "monate"), "mo"),
}  # fmt: skip
