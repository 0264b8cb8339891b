"""Other people's words for phases and categories, and ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from stellwerk.core.tabular.values.flags import light_code
from stellwerk.core.tabular.words import normal

_PHASES: dict[str, str] = {
    "initiating": "initiating initiation initiate initiated new neu backlog todo draft requested ideation scoping idea concept concepting pipeline proposed feasibility identification identified "
    "idee konzept initiierung vorbereitung vorstudie machbarkeit beantragt discovery intake startup preparation definition",
    "planning": "planning planned plan tender tendering bid bidding ausschreibung vergabe procurement vorplanung design planung geplant planungsphase entwurf grobplanung feinplanung alpha defining",
    "executing": "executing execution execute doing wip bearbeitung testing test delivery delivering implementation implementing active running ongoing live construction "
    "build development beta laufend laufende aktiv umsetzung ausfuehrung durchfuehrung realisierung bau bauphase entwicklung "
    "started gestartet realisation realization open offen",
    "transition": "transition handover uat abnahme rollout deployment commissioning einfuehrung uebergabe inbetriebnahme ueberfuehrung "
    "migration go live golive pilot pilotierung",
    "closing": "closing close closeout abschlussphase closure abwicklung nachbereitung abschluss",
    "closed": "closed completed resolved geloest complete done finished delivered abgeschlossen beendet fertig erledigt geschlossen completion "
    "maintenance decommissioned operational betrieb",
    "on_hold": "hold paused blocked blockiert wartend waiting suspended deferred pausiert ruht ruhend angehalten zurueckgestellt unterbrochen gestoppt",
    "stopped": "stopped rejected abgelehnt abgewiesen discontinued verworfen cancelled canceled terminated withdrawn abandoned abgebrochen eingestellt storniert gekuendigt",
}
_BY_WORD = {word: phase for phase, words in _PHASES.items() for word in words.split()}
_PHRASES = {
    "on hold": "on_hold", "in progress": "executing", "in arbeit": "executing", "in umsetzung": "executing", "in planung":
    "planning", "in planning": "planning", "not started": "initiating", "nicht gestartet": "initiating", "go live":
    "transition", "in betrieb": "closed", "roll out": "transition", "close out": "closing", "in bau": "executing",
    "to do": "initiating", "not yet started": "initiating", "noch nicht": "initiating", "working on": "executing",
    "nicht begonnen": "initiating", "in klaerung": "initiating", "in vorbereitung": "initiating",
}  # fmt: skip
_CATEGORIES = {
    "mandatory": "mandatory regulatory compliance legal statutory pflicht pflichtprojekt muss regulatorisch gesetzlich",
    "run": "run maintain keep betrieb erhalt erhalten",
    "grow": "grow growth wachstum wachsen ausbau",
    "transform": "transform transformation innovation wandel",
}
_CATEGORY_OF = {word: category for category, words in _CATEGORIES.items() for word in words.split()}
PHASE_CODES = frozenset(_PHASES)
_NUMBER = re.compile(r"^\W*\d+\W+")


@lru_cache(maxsize=4096)
def phase_of(text: str) -> str:
    """Our phase for somebody's word (``3 – Umsetzung``, ``In progress``), or an empty text when none fits surely."""
    plain = normal(_NUMBER.sub("", text))
    if not plain or light_code(text.strip().lower()):
        return ""  # “im Plan” is a light
    if plain.replace(" ", "_") in PHASE_CODES:
        return plain.replace(" ", "_")
    for phrase, phase in _PHRASES.items():
        if plain.startswith(phrase):
            return phase
    words = plain.split()
    found = {_BY_WORD[word] for word in words if word in _BY_WORD}
    return found.pop() if len(found) == 1 and len(words) <= 4 else ""


def phase_with(text: str, chosen: Mapping[str, str]) -> str:
    """As :func:`phase_of`, but what the user chose for this word counts first."""
    return chosen.get(normal(text), "") or phase_of(text)


@lru_cache(maxsize=1024)
def category_of(text: str) -> str:
    """mandatory, run, grow or transform; an empty text when the word says none of them."""
    found = {_CATEGORY_OF[word] for word in normal(text).split() if word in _CATEGORY_OF}
    return found.pop() if len(found) == 1 else ""
