"""Comparing names: normal forms, words, and the parts of German compounds."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "a", "&": " and "})
_CAMEL = re.compile(r"(?<=[a-zäöüß0-9])(?=[A-ZÄÖÜ])|(?<=[A-ZÄÖÜ])(?=[A-ZÄÖÜ][a-zäöüß])")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_APOSTROPHE = re.compile(r"[’'´`]")
_NUMBER_WORD = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")

_STOP_WORDS = (
    "the of a an and or der die das des dem den ein eine und oder von vom zu zum zur im in for fuer to on by per bei "
    "mit with davon ca circa"
)
STOP = frozenset(_STOP_WORDS.split())

_CONCEPTS: dict[str, str] = {
    "project": "project projekt projekte projects projekts vorhaben programme program programm massnahme initiative",
    "name": "name names bezeichnung titel title benennung projektname",
    "key": (
        "key id ids nummer number nr no num code kuerzel kennung schluessel ident identifier "
        "reference ref referenz aktenzeichen psp"
    ),
    "start": "start beginn anfang begin started commencement startdatum starttermin startdate",
    "end": (
        "end ende finish abschluss fertigstellung completion closing fertig endtermin enddatum "
        "enddate zieltermin closingdate delivery golive deadline faelligkeit abgabe abgabedatum"
    ),
    "date": "date datum termin day tag zeitpunkt",
    "budget": "budget budgeted etat mittel funding budgets",
    "cost": "cost costs kosten aufwand aufwaende expense expenditure ausgaben capex",
    "actual": (
        "actual actuals ist istkosten spent spending angefallen verausgabt verbraucht ausgegeben abgerufen bisher bislang "
        "expended consumed incurred"
    ),
    "plan": "plan planned geplant soll planung planwert",
    "baseline": "baseline basisplan basis baselined",
    "forecast": "forecast prognose hochrechnung eac erwartet vorschau estimate fc projected",
    "total": "total gesamt gesamte summe overall insgesamt whole",
    "light": "rag ampel light status colour color rating dca ampelstatus gesamtampel",
    "rating": "confidence bewertung assessment health zustand",
    "manager": "manager leiter leitung lead pm projektleiter projektleitung leiterin pl",
    "owner": "owner verantwortlich verantwortlicher verantwortliche responsible besitzer",
    "sponsor": "sponsor auftraggeber auftraggeberin client sro",
    "department": (
        "department abteilung bereich unit division organisation organization team ressort dezernat "
        "geschaeftsbereich agency dept ou"
    ),
    "phase": "phase stage stufe stadium gate",
    "description": (
        "description beschreibung aims aim ziel ziele objective objectives zielsetzung scope inhalt pdo purpose zweck"
    ),
    "comment": (
        "comment comments kommentar bemerkung bemerkungen notes note notiz narrative commentary "
        "anmerkung anmerkungen erlaeuterung remarks remark"
    ),
    "priority": "priority prioritaet prio rank rang",
    "category": "category kategorie type typ art klasse class group gruppe segment sector",
    "risk": "risk risks risiko risiken",
    "progress": "progress fortschritt pct complete fertigstellungsgrad percent prozent",
    "schedule": "schedule zeit time zeitplan terminplan terminlage",
    "quality": "quality qualitaet",
    "resources": "resource resources ressource ressourcen personal staffing",
    "benefit": "benefit benefits nutzen value wert",
    "country": "country land countries staat",
    "region": "region gebiet standort location site ort",
    "currency": "currency waehrung",
    "amount": "amount amounts betrag betraege",
    "year": "year jahr yearly jaehrlich annual fiscal geschaeftsjahr",
    "portfolio": "portfolio",
    "variance": "variance variances abweichung varianz delta differenz deviation slippage overrun verzug",
    "approved": "approved genehmigt freigegeben approval freigabe latest aktuell current",
}
CONCEPTS: dict[str, str] = {word: concept for concept, words in _CONCEPTS.items() for word in words.split()}
_PARTS = tuple(sorted((word for word in CONCEPTS if len(word) >= 3), key=len, reverse=True))
_STARTS = {start: tuple(part for part in _PARTS if part[:3] == start) for start in {part[:3] for part in _PARTS}}
_ENDS = {end: tuple(part for part in _PARTS if part[-3:] == end) for end in {part[-3:] for part in _PARTS}}


@lru_cache(maxsize=65536)
def normal(text: str) -> str:
    """Small letters, umlauts written out, accents gone, everything that is no letter or digit one space."""
    plain = _APOSTROPHE.sub("", text).casefold().translate(_UMLAUTS)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        if not plain.isascii():
            plain = "".join(char for char in plain if not unicodedata.combining(char))
            return " ".join("".join(char if char.isalnum() else " " for char in plain).split())
    return _NO_WORD.sub(" ", plain).strip()


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """The words of a heading: camelCase, snake_case and German compounds taken apart, stop words left out."""
    found: list[str] = []
    for word in normal(_CAMEL.sub(" ", text)).split():
        for piece in _NUMBER_WORD.sub(" ", word).split():
            if piece not in STOP:
                found.extend(_compound(piece))
    return tuple(found)


@lru_cache(maxsize=8192)
def concepts(text: str) -> tuple[str, ...]:
    """The words of a heading, each as its concept where one is known (``Projektleitung`` → project, manager)."""
    return tuple(CONCEPTS.get(word, word) for word in words(text))


@lru_cache(maxsize=16384)
def _compound(word: str) -> tuple[str, ...]:
    """``projektleitung`` → projekt, leitung, when all parts are known words (an ``s`` between them may stay out)."""
    if word in CONCEPTS or len(word) < 6:
        return (word,)
    for part in _STARTS.get(word[:3], ()):
        if len(part) < len(word) and word.startswith(part):
            rest = word[len(part) :]
            for tail in (rest, rest[1:] if rest[:1] in ("s", "n") else ""):
                if tail in CONCEPTS:
                    return (part, tail)
                if len(tail) >= 6 and (pieces := _compound(tail)) != (tail,):
                    return (part, *pieces)
    for part in _ENDS.get(word[-3:], ()):
        if len(part) >= 4 and word.endswith(part) and len(word) - len(part) >= 3:
            return (word[: -len(part)], part)
    return (word,)


def is_heading_like(text: str) -> bool:
    """Whether a short text holds a word that headings of project lists have."""
    return len(text) <= 200 and any(word in CONCEPTS for word in words(text))
