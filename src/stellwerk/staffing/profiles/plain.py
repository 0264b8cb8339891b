"""A CV as running text: headings part it, periods open stations, terms of our vocabulary are its skills."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.staffing.profiles import words
from stellwerk.staffing.profiles.model import Language, Profile, Skill, Station
from stellwerk.staffing.recognise import terms_in
from stellwerk.staffing.vocabulary import vocabulary

_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PHONE: Final = re.compile(r"(?<![\d./-])(?:\+|00?)\d[\d ()/.-]{6,20}\d(?![\d.])")
_LINK: Final = re.compile(
    r"\bhttps?://[^\s<>\"]{4,200}|\b(?:www\.)?(?:linkedin\.com/in|xing\.com/profile|github\.com)/[^\s<>\"]{2,100}",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(r"\b(\d{5})\s+([A-ZÄÖÜ][\wäöüß-]+(?: [A-ZÄÖÜ(][\wäöüß).-]+){0,2})")
_NAME: Final = re.compile(
    r"^(?:(?:Dr|Prof|Dipl)\.[-\w.]*\s+)*[A-ZÄÖÜÉ][\w'’äöüßéè-]+(?:\s+(?:von|van|de|zu|der|al|el|[A-ZÄÖÜÉ][\w'’äöüßéè.-]*)){1,4}$"
)
_PRIVATE: Final = {
    "date of birth": r"\b(?:geboren|geburtsdatum|geb\.|geburtstag|date of birth|born)\b",
    "place of birth": r"\b(?:geburtsort|place of birth)\b",
    "nationality": r"\b(?:staatsangeh\w+|nationalitaet|nationalität|nationality|citizenship)\b",
    "marital status": r"\b(?:familienstand|verheiratet|ledig|geschieden|marital status|married)\b",
    "religion": r"\b(?:konfession|religion)\b",
    "sex": r"\b(?:geschlecht|gender|sex)\s*:",
}  # fmt: skip
LONGEST: Final = 2000


def profile_of(text: str, format_: str) -> Profile:
    """Read the text of a CV. What is not understood stays out; nothing is invented."""
    lines = [line.strip() for line in text.split("\n")]
    profile = Profile(format_)
    parts = _sections(lines)
    head = parts.get("", [])
    _contact(profile, lines, head)
    profile.left_out = [name for name, pattern in _PRIVATE.items() if re.search(pattern, text, re.IGNORECASE)]
    profile.summary = "\n".join(line for line in parts.get("summary", []) if line)[:LONGEST]
    for kind in ("work", "project", "education"):
        profile.stations += stations_in(parts.get(kind, []), kind)
    if not profile.stations:
        profile.stations = stations_in(lines, "work")
    told = parts.get("languages", [])
    profile.languages = languages_of(
        told or [line for line in lines if re.search(r"sprach|language", line, re.IGNORECASE)]
    )
    taken = "\n".join(
        line for name, part in parts.items() if name != "private" for line in part if not _is_private(line)
    )
    profile.skills = skills_of(taken)
    profile.certificates = [
        vocabulary()[skill.code].names["de"] for skill in profile.skills if skill.kind == "certificate"
    ]
    if not parts.keys() & {"work", "education", "skills", "project"}:
        profile.notes.append(_("The headings were not recognised: please check stations and skills."))
    return profile


def _is_private(line: str) -> bool:
    return any(re.search(pattern, line, re.IGNORECASE) for pattern in _PRIVATE.values())


def _sections(lines: Iterable[str]) -> dict[str, list[str]]:
    """Lines by section; the empty text is what stands above the first heading."""
    parts: dict[str, list[str]] = {"": []}
    here = ""
    for line in lines:
        name = words.section_of(line)
        if name:
            here = name
            parts.setdefault(here, [])
        else:
            parts[here].append(line)
    return parts


def _contact(profile: Profile, lines: list[str], head: list[str]) -> None:
    whole = "\n".join(lines)
    mail = _MAIL.search(whole)
    profile.mail = mail.group() if mail else ""
    phone = _PHONE.search("\n".join(lines[:60]))
    profile.phone = re.sub(r"\s+", " ", phone.group()).strip() if phone else ""
    profile.links = list(dict.fromkeys(match.group().rstrip(".,;)") for match in _LINK.finditer(whole)))[:10]
    place = _PLACE.search("\n".join(lines[:60]))
    profile.place = f"{place[1]} {place[2]}" if place else ""
    top = [line for line in (*head, *lines[:15]) if line and "@" not in line][:25]
    named = next((_after_label(line) for line in top if _after_label(line)), "")
    profile.name = named or next(
        (line for line in top if _NAME.match(line) and not words.section_of(line) and not terms_in(line)), ""
    )
    rest = [
        line for line in head if line and line != profile.name and not _MAIL.search(line) and not _PHONE.search(line)
    ]
    profile.headline = next((line[:160] for line in rest if terms_in(line) and len(line) < 160), "")


def _after_label(line: str) -> str:
    found = re.match(r"(?:name|vor- und nachname)\s*[:\t]\s*(.{3,80})$", line, re.IGNORECASE)
    return found[1].strip() if found else ""


def stations_in(lines: Iterable[str], kind: str) -> list[Station]:
    """Stations begin where a line names a period. What stands beside it, or on the next lines, is title and organisation."""
    found: list[Station] = []
    for line in lines:
        first, last, rest = words.period_of(line)
        if first:
            title, organisation = _named(rest)
            found.append(Station(kind, title, organisation, "", first, last))
        elif line and found:
            found[-1] = _with(found[-1], line)
    return found


def _named(text: str) -> tuple[str, str]:
    """``Projektleiter bei Muster GmbH``, ``Project manager, Example Ltd`` as title and organisation."""
    parts = re.split(r"\s+(?:bei|at|@)\s+|\t+|\s+[|–—]\s+|,\s+", text.strip(), maxsplit=1)
    return parts[0][:200].strip(), (parts[1][:200].strip() if len(parts) > 1 else "")


def _with(station: Station, line: str) -> Station:
    if not station.title:
        title, organisation = _named(line)
        return replace(station, title=title, organisation=organisation)
    bullet = re.match(r"^[•·\-–*▪●]\s*", line)
    if not station.organisation and not station.text and not bullet and len(line) < 90:
        return replace(station, organisation=line)
    more = f"• {line[bullet.end() :]}" if bullet else line
    return replace(station, text=f"{station.text}\n{more}".strip()[:LONGEST])


def languages_of(lines: Iterable[str]) -> list[Language]:
    found: dict[str, Language] = {}
    for line in lines:
        for code, word, level in words.languages_in(line):
            if code not in found or (level and not found[code].level):
                found[code] = Language(code, word, level)
    return list(found.values())


def skills_of(text: str) -> list[Skill]:
    """Terms of our vocabulary in the text, each with the words around its first place as evidence. Languages stand apart."""
    terms = vocabulary()
    found = []
    for code, places in terms_in(text).items():
        term = terms[code]
        if term.kind == "language":
            continue
        first = places[0]
        around = text[max(0, first.start - 60) : first.end + 60]
        evidence = re.sub(r"\s+", " ", around).strip()
        found.append(Skill(term.names["de"], code, term.kind, None, str(first.way), evidence))
    return found
