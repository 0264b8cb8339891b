"""Headings, months, languages and levels as they stand in CVs, German and English."""

from __future__ import annotations

import re
from typing import Final

from stellwerk.staffing.recognise import fold

SECTIONS: Final = {
    "work": ("berufserfahrung", "beruflicher werdegang", "werdegang", "berufliche stationen", "berufspraxis", "beruf", "work experience", "professional experience", "employment history", "experience", "employment", "career history"),
    "project": ("projekte", "projekterfahrung", "projekthistorie", "projektliste", "ausgewahlte projekte", "ausgewaehlte projekte", "projects", "selected projects", "project history", "project experience"),
    "education": ("ausbildung", "studium", "bildung", "bildungsweg", "schulbildung", "ausbildung und studium", "akademische ausbildung", "education", "studies", "academic background", "education and training"),
    "skills": ("kenntnisse", "fahigkeiten", "faehigkeiten", "kompetenzen", "fachkenntnisse", "edv-kenntnisse", "it-kenntnisse", "methoden", "tools", "skills", "key skills", "core competencies", "technical skills", "competences"),
    "languages": ("sprachen", "sprachkenntnisse", "fremdsprachen", "languages", "language skills"),
    "certificates": ("zertifikate", "zertifizierungen", "weiterbildung", "weiterbildungen", "fortbildungen", "zertifikate und weiterbildungen", "certificates", "certifications", "training", "further training"),
    "summary": ("profil", "kurzprofil", "uber mich", "ueber mich", "zusammenfassung", "summary", "profile", "about me", "professional summary", "about"),
    "private": ("personliche daten", "persoenliche daten", "angaben zur person", "personal data", "personal details", "personal information", "hobbys", "hobbies", "interessen", "interests", "referenzen", "references"),
}  # fmt: skip
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan januar january", "feb februar february", "mar mrz maerz marz march", "apr april", "mai may", "jun juni june", "jul juli july", "aug august",
         "sep sept september", "okt oct oktober october", "nov november", "dez dec dezember december"), start=1,
    )
    for name in names.split()
}  # fmt: skip
NOW: Final = ("heute", "jetzt", "aktuell", "laufend", "dato", "today", "now", "present", "current", "ongoing")
LANGUAGES: Final = {
    "de": ("deutsch", "german"), "en": ("englisch", "english"), "fr": ("franzosisch", "franzoesisch", "french"), "es": ("spanisch", "spanish"),
    "it": ("italienisch", "italian"), "nl": ("niederlandisch", "niederlaendisch", "dutch"), "pl": ("polnisch", "polish"), "ru": ("russisch", "russian"),
    "tr": ("turkisch", "tuerkisch", "turkish"), "zh": ("chinesisch", "mandarin", "chinese"), "ko": ("koreanisch", "korean"), "ja": ("japanisch", "japanese"),
    "pt": ("portugiesisch", "portuguese"), "cs": ("tschechisch", "czech"), "uk": ("ukrainisch", "ukrainian"), "ar": ("arabisch", "arabic"),
    "hi": ("hindi",), "sv": ("schwedisch", "swedish"), "da": ("danisch", "daenisch", "danish"), "hu": ("ungarisch", "hungarian"), "ro": ("rumanisch", "rumaenisch", "romanian"),
}  # fmt: skip
LEVELS: Final = (
    ("native", ("muttersprache", "muttersprachlich", "muttersprachler", "native", "mother tongue", "bilingual")),
    ("C1", ("verhandlungssicher", "fliessend", "fluent", "full professional", "business fluent", "sehr gute kenntnisse", "sehr gut")),
    ("B2", ("gute kenntnisse", "gut", "good", "advanced", "professional working", "upper intermediate")),
    ("B1", ("mittelstufe", "intermediate", "erweiterte grundkenntnisse", "limited working")),
    ("A2", ("grundkenntnisse", "basic", "elementary", "anfanger", "anfaenger", "beginner")),
)  # fmt: skip
_CEFR: Final = re.compile(r"\b([ABC][12])\b")
_MONTH: Final = r"(?:[A-Za-zäöüÄÖÜ]{3,9}\.?\s*|\d{1,2}\s*[./]\s*)?(?:\d{1,2}\s*[./]\s*)?"
_DATE: Final = rf"{_MONTH}(?:19|20)\d\d"
PERIOD: Final = re.compile(
    rf"(?P<first>{_DATE})\s*(?:[-–—]|bis|to|until)\s*(?P<last>{_DATE}|{'|'.join(NOW)})|(?:seit|since)\s+(?P<since>{_DATE})",
    re.IGNORECASE,
)
_ISO: Final = re.compile(r"^((?:19|20)\d\d)(?:-(\d\d))?(?:-\d\d)?")


def section_of(line: str) -> str:
    """The section that a line opens, or an empty text: the whole line is a known heading."""
    bare = fold(line.strip(" :·•-–|#*_\t")).strip()
    return next((name for name, titles in SECTIONS.items() if bare in titles), "")


def day_of(text: str) -> str:
    """``03/2019``, ``März 2019``, ``2019-03-01``, ``2019`` as ``YYYY-MM`` or ``YYYY``; empty where it is none; ``now``."""
    told = fold(text.strip(" .,"))
    if told in NOW:
        return "now"
    iso = _ISO.match(text.strip())
    if iso:
        return f"{iso[1]}-{iso[2]}" if iso[2] else iso[1]
    year = re.search(r"(19|20)\d\d", told)
    if year is None:
        return ""
    before = told[: year.start()]
    word = re.search(r"[a-z]+", before)
    number = re.findall(r"\d{1,2}", before)
    month = MONTHS.get(word.group()) if word else int(number[-1]) if number else None
    return f"{year.group()}-{month:02}" if month is not None and 1 <= month <= 12 else year.group()


def period_of(line: str) -> tuple[str, str, str]:
    """(first, last, the line without them); empty texts where the line has no period."""
    found = PERIOD.search(line)
    if found is None:
        return "", "", line
    first = day_of(found["first"] or found["since"])
    last = day_of(found["last"]) if found["last"] else "now"
    rest = (line[: found.start()] + " " + line[found.end() :]).strip(" \t:,;|()–-")
    return first, last, re.sub(r"\s{2,}", " ", rest)


def languages_in(line: str) -> list[tuple[str, str, str]]:
    """(code, word, level) of each language that a line names; a level belongs to the language before it."""
    folded = fold(line)
    places = sorted(
        (match.start(), code, match.group())
        for code, names in LANGUAGES.items()
        for name in names
        for match in re.finditer(rf"\b{name}\b", folded)
    )
    found = []
    for number, (at, code, word) in enumerate(places):
        end = places[number + 1][0] if number + 1 < len(places) else len(folded)
        found.append((code, word.capitalize(), level_of(folded[at:end])))
    return found


def level_of(text: str) -> str:
    """``C1`` of "C1", of "verhandlungssicher" and of "fluent"; empty where none is told."""
    cefr = _CEFR.search(text.upper())
    if cefr:
        return cefr[1]
    folded = fold(text)
    return next((level for level, words in LEVELS if any(re.search(rf"\b{word}", folded) for word in words)), "")
