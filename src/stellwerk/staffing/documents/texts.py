"""Templates of contract documents in German and English: placeholder texts, to be checked by counsel before use.

``{name}`` is filled from the contract (``documents/contract.py``). Each document is for one reader: what goes to the client names no pay of
the person (unless the client pays it), what goes to the person names no rate of the client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Clauses = tuple[str, tuple[tuple[str, str], ...]]
"""Title, and clauses with heading and text."""

MARK: Final[Mapping[str, str]] = {
    "de": "MUSTER: Vorlage mit Platzhaltertext, vor Verwendung von einer Rechtsanwältin oder einem Rechtsanwalt prüfen lassen. Keine Rechtsberatung.",
    "en": "TEMPLATE: placeholder text, to be checked by counsel before use. Not legal advice.",
}

_LENDING_CLIENT: Final[Mapping[str, Clauses]] = {
    "de": (
        "Arbeitnehmerüberlassungsvertrag",
        (
            ("Bezeichnung", "Dieser Vertrag ist ein Vertrag über Arbeitnehmerüberlassung (§ 1 Abs. 1 Satz 5 AÜG)."),
            ("Parteien", "Verleiher: {lender}. Entleiher: {client}."),
            ("Erlaubnis", "Der Verleiher besitzt die Erlaubnis zur Arbeitnehmerüberlassung, Nummer {licence}, gültig: {licence_expires}. Er teilt jede Änderung unverzüglich mit."),
            ("Leiharbeitnehmer/in", "Überlassen wird namentlich {person} (§ 1 Abs. 1 Satz 6 AÜG) für die Tätigkeit „{title}“ in {place}."),
            ("Zeit", "Beginn {first}, Ende {last}, wöchentlich {hours} Stunden. Höchstüberlassung: spätestens {limit}."),
            ("Vergütung", "Der Entleiher zahlt {rate}."),
            ("Gleichstellung", "Angewandter Tarifvertrag: {agreement}. Der Entleiher nennt die wesentlichen Arbeitsbedingungen und das Entgelt vergleichbarer Beschäftigter. {equal_pay}"),
            ("Mitbestimmung und Arbeitsschutz", "Der Entleiher beteiligt seinen Betriebsrat (§ 14 Abs. 3 AÜG, § 99 BetrVG) vor dem Einsatz und unterweist zum Arbeitsschutz."),
            ("Weiteres", "{terms}"),
        ),
    ),
    "en": (
        "Contract on temporary work (Arbeitnehmerüberlassungsvertrag)",
        (
            ("Label", "This is a contract on temporary work (Arbeitnehmerüberlassung, § 1(1) sentence 5 AÜG)."),
            ("Parties", "Lender: {lender}. Client: {client}."),
            ("Licence", "The lender holds the licence for temporary work, number {licence}, valid: {licence_expires}, and tells any change without delay."),
            ("Temporary worker", "{person} is assigned by name (§ 1(1) sentence 6 AÜG) for the work “{title}” in {place}."),
            ("Time", "From {first} to {last}, {hours} hours a week. Longest assignment: until {limit} at the latest."),
            ("Rate", "The client pays {rate}."),
            ("Equal treatment", "Collective agreement applied: {agreement}. The client names the essential working conditions and the pay of comparable staff. {equal_pay}"),
            ("Works council and safety", "The client involves its works council (§ 14(3) AÜG, § 99 BetrVG) before the assignment and instructs on occupational safety."),
            ("Further terms", "{terms}"),
        ),
    ),
}  # fmt: skip

_LENDING_PERSON: Final[Mapping[str, Clauses]] = {
    "de": (
        "Einsatzvereinbarung und Mitteilung über die Überlassung",
        (
            ("Mitteilung", "{person} wird als Leiharbeitnehmer/in tätig (§ 11 Abs. 2 Satz 4 AÜG). Verleiher und Arbeitgeber: {lender}. Entleiher: {client}."),
            ("Tätigkeit", "„{title}“ in {place}."),
            ("Zeit", "Beginn {first}, Ende {last}, wöchentlich {hours} Stunden. {fixed}"),
            ("Entgelt", "{pay}. Angewandter Tarifvertrag: {agreement}. {equal_pay}"),
            ("Merkblatt", "Das Merkblatt der Bundesagentur für Arbeit (§ 11 Abs. 2 AÜG) liegt bei."),
            ("Weiteres", "{terms}"),
        ),
    ),
    "en": (
        "Assignment agreement and notice of temporary work",
        (
            ("Notice", "{person} works as a temporary worker (§ 11(2) sentence 4 AÜG). Lender and employer: {lender}. Client: {client}."),
            ("Work", "“{title}” in {place}."),
            ("Time", "From {first} to {last}, {hours} hours a week. {fixed}"),
            ("Pay", "{pay}. Collective agreement applied: {agreement}. {equal_pay}"),
            ("Leaflet", "The leaflet of the Federal Employment Agency (§ 11(2) AÜG) is attached."),
            ("Further terms", "{terms}"),
        ),
    ),
}  # fmt: skip

_PERMANENT_PERSON: Final[Mapping[str, Clauses]] = {
    "de": (
        "Arbeitsvertrag (Entwurf)",
        (
            ("Parteien", "Arbeitgeber: {client}. Arbeitnehmer/in: {person}."),
            ("Tätigkeit und Ort", "„{title}“ in {place}."),
            ("Beginn und Dauer", "Beginn {first}, Ende {last}. {fixed}"),
            ("Arbeitszeit", "Wöchentlich {hours} Stunden."),
            ("Entgelt", "{pay}, zahlbar zum Monatsende."),
            ("Urlaub, Kündigung, Nachweis", "[Urlaubstage, Probezeit, Kündigungsfristen und die übrigen Angaben nach § 2 NachwG ergänzen.]"),
            ("Weiteres", "{terms}"),
        ),
    ),
    "en": (
        "Employment contract (draft)",
        (
            ("Parties", "Employer: {client}. Employee: {person}."),
            ("Work and place", "“{title}” in {place}."),
            ("Start and duration", "From {first} to {last}. {fixed}"),
            ("Hours", "{hours} hours a week."),
            ("Pay", "{pay}, payable at the end of the month."),
            ("Holidays, notice, evidence", "[Add days of leave, probation, notice periods and the other particulars of § 2 NachwG.]"),
            ("Further terms", "{terms}"),
        ),
    ),
}  # fmt: skip

_PERMANENT_CLIENT: Final[Mapping[str, Clauses]] = {
    "de": (
        "Vermittlungsvereinbarung",
        (
            ("Parteien", "Vermittler: {lender}. Auftraggeber: {client}."),
            ("Gegenstand", "Vermittlung von {person} für „{title}“ in {place}, Beginn {first}."),
            ("Honorar", "{rate}, fällig mit Unterzeichnung des Arbeitsvertrags."),
            ("Weiteres", "{terms}"),
        ),
    ),
    "en": (
        "Placement agreement",
        (
            ("Parties", "Agent: {lender}. Client: {client}."),
            ("Subject", "Placement of {person} for “{title}” in {place}, starting on {first}."),
            ("Fee", "{rate}, due when the employment contract is signed."),
            ("Further terms", "{terms}"),
        ),
    ),
}

_FREELANCE_PERSON: Final[Mapping[str, Clauses]] = {
    "de": (
        "Projektvertrag (Dienstvertrag)",
        (
            ("Parteien", "Auftraggeber: {lender}. Auftragnehmer/in: {person}{through}. Einsatz bei: {client}."),
            ("Leistung", "„{title}“: {tasks}"),
            ("Selbstständigkeit", "Der Auftragnehmer ist in der Gestaltung seiner Arbeit frei, an keine Weisungen zu Zeit, Ort und Art gebunden, darf für andere tätig sein und geeignete Dritte einsetzen."),
            ("Zeit", "Beginn {first}, Ende {last}, Umfang etwa {hours} Stunden wöchentlich."),
            ("Vergütung", "{pay} zuzüglich Umsatzsteuer, gegen Rechnung."),
            ("Weiteres", "{terms}"),
        ),
    ),
    "en": (
        "Project contract (contract for services)",
        (
            ("Parties", "Principal: {lender}. Contractor: {person}{through}. Place of work: {client}."),
            ("Services", "“{title}”: {tasks}"),
            ("Independence", "The contractor arranges the work freely, is bound by no instructions on time, place and manner, may work for others and may employ suitable third parties."),
            ("Time", "From {first} to {last}, about {hours} hours a week."),
            ("Fee", "{pay} plus VAT, against invoice."),
            ("Further terms", "{terms}"),
        ),
    ),
}  # fmt: skip

_FREELANCE_CLIENT: Final[Mapping[str, Clauses]] = {
    "de": (
        "Projekteinzelvertrag",
        (
            ("Parteien", "Auftragnehmer: {lender}. Auftraggeber: {client}."),
            ("Leistung", "„{title}“: {tasks} Erbracht durch {person} als selbstständige Fachkraft."),
            ("Zeit", "Beginn {first}, Ende {last}, Umfang etwa {hours} Stunden wöchentlich."),
            ("Vergütung", "{rate} zuzüglich Umsatzsteuer."),
            ("Keine Eingliederung", "Der Auftraggeber erteilt keine arbeitsrechtlichen Weisungen und gliedert die Fachkraft nicht in seinen Betrieb ein."),
            ("Weiteres", "{terms}"),
        ),
    ),
    "en": (
        "Individual project contract",
        (
            ("Parties", "Contractor: {lender}. Client: {client}."),
            ("Services", "“{title}”: {tasks} Rendered by {person} as an independent professional."),
            ("Time", "From {first} to {last}, about {hours} hours a week."),
            ("Fee", "{rate} plus VAT."),
            ("No integration", "The client gives no instructions of an employer and does not integrate the professional into its organisation."),
            ("Further terms", "{terms}"),
        ),
    ),
}  # fmt: skip

TEXTS: Final[Mapping[tuple[str, str], Mapping[str, Clauses]]] = {
    ("lending", "client"): _LENDING_CLIENT, ("lending", "person"): _LENDING_PERSON, ("permanent", "client"): _PERMANENT_CLIENT,
    ("permanent", "person"): _PERMANENT_PERSON, ("freelance", "client"): _FREELANCE_CLIENT, ("freelance", "person"): _FREELANCE_PERSON,
}  # fmt: skip
