"""Headings of CVs, German and English: whole ones that are known, and short lines made of words that only headings have."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from stellwerk.staffing.recognise import fold

STATIONS: Final = ("work", "project", "education")
UNREAD: Final = "unread"
"""What stands under such a heading is no station and no part of another section; it is told that it was not taken."""
SECTIONS: Final = {
    "work": ("beruf", "career", "positions held", "work history", "stationen", "bisherige tatigkeiten", "bisherige taetigkeiten"),
    "project": ("projekte", "projects", "project", "projekt"),
    "education": ("studium", "bildung", "bildungsweg", "studies", "academic background", "academic history", "qualifikationen und ausbildung", "schule", "schools"),
    "skills": ("methoden", "tools", "was ich kann", "what i can do", "software", "technologies", "technologien", "tech stack", "programming", "strengths", "starken", "staerken", "soft skills"),
    "languages": ("sprachen", "languages", "language"),
    "certificates": ("training", "trainings", "lizenzen", "licenses", "licences", "courses", "kurse", "seminare"),
    "summary": ("profil", "profile", "uber mich", "ueber mich", "about", "about me", "wer ich bin", "who i am", "objective", "career objective", "ziel", "introduction", "einleitung", "personal statement", "executive summary"),
    "private": ("angaben zur person", "hobbys", "hobbies", "referenzen", "references", "referees", "a day of my life", "zur person"),
    "contact": ("kontakt", "contact", "contact details", "contact information", "kontaktdaten", "links", "anschrift", "address", "find me online"),
    UNREAD: ("engagement", "ehrenamt", "volunteering", "volunteer", "extracurricular activity", "extracurricular activities", "life philosophy", "most proud of", "patents", "patente", "talks", "vortrage", "vortraege", "sonstiges", "miscellaneous", "other", "societies", "writing", "presentation", "presentations", "program committees", "programming languages & tools", "references and samples"),
}  # fmt: skip
_KEYS: Final = {
    "work": "stationen positionen berufserfahrung berufserfahrungen berufspraxis werdegang experience experiences employment laufbahn berufstaetigkeit berufstatigkeit praktika internships internship erfahrung erfahrungen arbeitserfahrung",
    "project": "projekterfahrung projekterfahrungen projekthistorie projektliste projektauswahl projektubersicht projektuebersicht referenzprojekte",
    "education": "ausbildung ausbildungen schulbildung hochschulbildung education studium bildungsgang",
    "skills": "kenntnisse kenntnis fahigkeiten faehigkeiten kompetenzen kernkompetenzen fachkompetenzen fachkenntnisse edv-kenntnisse it-kenntnisse softwarekenntnisse methodenkompetenz skills skill skillset competencies competences competencies expertise qualifications fertigkeiten qualifikationen",
    "languages": "sprachkenntnisse fremdsprachen sprachkompetenz fremdsprachenkenntnisse",
    "certificates": "zertifikate zertifizierungen zertifikat weiterbildung weiterbildungen fortbildung fortbildungen certificates certifications certificate certification",
    "summary": "kurzprofil zusammenfassung kurzvorstellung summary",
    "private": "hobbies hobbys interessen interests freizeit",
    UNREAD: "auszeichnungen awards honors honours preise stipendien scholarships publikationen publications veroffentlichungen veroeffentlichungen mitgliedschaften memberships achievements erfolge ehrungen veranstaltungen conferences",
}  # fmt: skip
"""Words by which a short line is a heading, whatever stands beside them of the next list."""
_BESIDE: Final = frozenset(
    [
        "und",
        "and",
        "&",
        "der",
        "die",
        "das",
        "des",
        "meine",
        "my",
        "mein",
        "im",
        "in",
        "of",
        "the",
        "zum",
        "zur",
        "sonstige",
        "other",
        "weitere",
        "additional",
        "further",
        "relevante",
        "relevant",
        "ausgewahlte",
        "ausgewaehlte",
        "selected",
        "auswahl",
        "recent",
        "berufliche",
        "beruflicher",
        "berufliches",
        "professional",
        "work",
        "job",
        "key",
        "core",
        "technical",
        "technische",
        "fachliche",
        "personliche",
        "persoenliche",
        "personal",
        "soziale",
        "social",
        "soft",
        "hard",
        "main",
        "it",
        "edv",
        "ict",
        "digital",
        "digitale",
        "akademische",
        "akademischer",
        "academic",
        "schulische",
        "vocational",
        "praktische",
        "practical",
        "international",
        "internationale",
        "history",
        "background",
        "details",
        "overview",
        "uberblick",
        "ueberblick",
        "profil",
        "profile",
        "tools",
        "methoden",
        "methods",
        "software",
        "systeme",
        "systems",
        "technologies",
        "technologien",
        "technology",
        "training",
        "studium",
        "studies",
        "beruf",
        "career",
        "projekte",
        "projects",
        "sprachen",
        "languages",
        "language",
        "computer",
        "data",
        "daten",
        "kurse",
        "courses",
        "special",
        "besondere",
        "zusatzliche",
        "zusaetzliche",
        "trainings",
        "licenses",
        "licences",
        "lizenzen",
        "positions",
        "roles",
        "summary",
        "major",
        "notable",
        "leadership",
        "teaching",
        "research",
        "freelance",
        "freiberufliche",
        "industry",
        "aktivitaten",
        "activities",
        "ehrenamt",
        "volunteer",
        "interests",
        "interessen",
    ]
)
_LETTERED: Final = re.compile(r"(?:[^\W\d_] ){3,}[^\W\d_]")
MOST_WORDS: Final = 6
_KEY_OF: Final = {word: name for name, words in _KEYS.items() for word in words.split()}
_WHOLE: Final = {title: name for name, titles in SECTIONS.items() for title in titles}


@lru_cache(maxsize=8192)
def section_of(line: str) -> str:
    """The section that a line opens, or an empty text: the whole line is a heading."""
    line = line.partition("\t")[0] if _bare(line.partition("\t")[0]) in _WHOLE else line
    if "\t" in line or len(line) > 70:
        return ""
    if _LETTERED.fullmatch(line.strip()):
        line = line.replace(" ", "")  # B E R U F
    bare = _bare(line)
    if bare in _WHOLE:
        return _WHOLE[bare]
    words = [word for word in re.split(r"[\s/,+|]+", bare) if word]
    if not 0 < len(words) <= MOST_WORDS or (not line.strip(" :·•-–|#*_\t")[:1].isupper() and not _icon(line)):
        return ""
    keys = [_KEY_OF[word] for word in words if word in _KEY_OF]
    if keys and all(word in _KEY_OF or word in _BESIDE for word in words):
        return keys[0]
    return ""


def _bare(line: str) -> str:
    """Folded, without what decorates a heading: bullets, lines, icons of a symbol font, a colon, a number before it."""
    plain = "".join(" " if 0xE000 <= ord(letter) <= 0xF8FF or ord(letter) > 0xFFFF else letter for letter in line)
    bare = fold(
        re.sub(r"\((?:auswahl|selection|excerpt|auszug|\d{1,2})\)", "", plain, flags=re.IGNORECASE).strip(
            " :·•-–—|#*_\t■▪►▶●○◦§"
        )
    )
    return re.sub(r"^(?:\d{1,2}[.)]?|[ivx]{1,4}[.)]|my|meine?)\s+", "", bare).strip()


def _icon(line: str) -> bool:
    return any(0xE000 <= ord(letter) <= 0xF8FF or ord(letter) > 0xFFFF for letter in line[:2])


def is_heading(line: str) -> bool:
    return bool(section_of(line))


def is_of_stations(line: str) -> bool:
    return section_of(line) in STATIONS


def looks_like_heading(line: str) -> bool:
    """A short line in capitals: a heading, whether its words are known or not."""
    words = line.split()
    letters = [letter for letter in line if letter.isalpha()]
    return 0 < len(words) <= 4 and len(letters) >= 5 and line == line.upper() and not re.search(r"[\d@,;.|/\t]", line)
