"""JSON Resume (schema 1.0.0): basics, work, volunteer, education, projects, skills, languages, certificates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.text import without_control
from stellwerk.staffing.profiles import words
from stellwerk.staffing.profiles.model import Language, Profile, Skill, Station
from stellwerk.staffing.profiles.plain import skills_of
from stellwerk.staffing.profiles.stations import LONGEST, known_once
from stellwerk.staffing.recognise import terms_in
from stellwerk.staffing.vocabulary import vocabulary

SECTIONS = ("basics", "work", "education", "projects", "skills", "languages", "certificates", "volunteer")
LEVELS = {
    1: ("beginner", "basic", "anfaenger", "grundkenntnisse", "novice"), 2: ("intermediate", "fortgeschritten", "competent"),
    3: ("advanced", "proficient", "sehr gut", "senior"), 4: ("expert", "master", "experte", "expertin"),
}  # fmt: skip
MOST = 300
LEAST_DIGITS = 5
UNREAD = ("awards", "publications", "interests", "references")
"""Sections that say nothing that a profile holds."""


def profile_of(data: Mapping[str, Any]) -> Profile:
    """Raises ``Refused`` where no section of the schema is there."""
    if not any(name in data for name in SECTIONS):
        raise Refused(_("This JSON is no profile."), _("Export it as JSON Resume or Europass."), code="wrong_type")
    basics = _mapping(data.get("basics"))
    place = _mapping(basics.get("location"))
    profile = Profile(
        "json_resume", text(basics, "name"), text(basics, "email"), text(basics, "phone"),
        " ".join(part for part in (text(place, "postalCode"), text(place, "city")) if part), text(basics, "label"),
        text(basics, "summary", LONGEST),
    )  # fmt: skip
    profile.links = [
        one
        for one in (text(basics, "url"), *(text(row, "url") for row in rows(basics, "profiles")))
        if one.startswith(("http://", "https://"))
    ]
    if basics.get("image"):
        profile.left_out.append("photo")
    profile.stations = [
        *(_station(row, "work", text(row, "position"), text(row, "name") or text(row, "company")) for row in rows(data, "work")),
        *(_station(row, "work", text(row, "position"), text(row, "organization")) for row in rows(data, "volunteer")),
        *(_station(row, "project", text(row, "name"), text(row, "entity")) for row in rows(data, "projects")),
        *(_station(row, "education", " ".join(part for part in (text(row, "studyType"), text(row, "area")) if part), text(row, "institution")) for row in rows(data, "education")),
    ]  # fmt: skip
    profile.stations = known_once(profile.stations)
    if sum(letter.isdigit() for letter in profile.phone) < LEAST_DIGITS:
        profile.phone = ""  # "upon request"
    unread = [name for name in UNREAD if rows(data, name)]
    if unread:
        profile.notes.append(_("Not taken, because no part of a profile: %(names)s.") % {"names": ", ".join(unread)})
    profile.languages = [_language(row) for row in rows(data, "languages") if text(row, "language")]
    profile.certificates = [text(row, "name") for row in rows(data, "certificates") if text(row, "name")]
    profile.skills = merged(
        _told(data),
        "\n".join(
            [
                profile.headline,
                profile.summary,
                *profile.certificates,
                *(f"{one.title}\n{one.text}" for one in profile.stations),
            ]
        ),
    )
    return profile


def text(row: Mapping[str, Any], name: str, most: int = 300) -> str:
    value = row.get(name)
    return clean(str(value))[:most] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def clean(value: str) -> str:
    """Without control characters and marks of HTML, which some put into their texts."""
    return without_control(re.sub(r"</?[A-Za-z][^<>]{0,200}>", "", value)).strip()


def rows(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = data.get(name)
    return [row for row in found[:MOST] if isinstance(row, dict)] if isinstance(found, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _station(row: Mapping[str, Any], kind: str, title: str, organisation: str) -> Station:
    last = words.day_of(text(row, "endDate"))
    first = words.day_of(text(row, "startDate"))
    lines = [text(row, "summary", LONGEST) or text(row, "description", LONGEST)]
    highlights = row.get("highlights")
    lines += (
        [f"• {clean(one)[:300]}" for one in highlights[:50] if isinstance(one, str)]
        if isinstance(highlights, list)
        else []
    )
    return Station(kind, title, organisation, text(row, "location"), first, last or ("now" if first and kind == "work" else ""), "\n".join(line for line in lines if line)[:LONGEST])  # fmt: skip


def _language(row: Mapping[str, Any]) -> Language:
    name = text(row, "language")
    known = words.languages_in(name)
    return Language(known[0][0] if known else "", name, words.level_of(text(row, "fluency")))


def _told(data: Mapping[str, Any]) -> list[Skill]:
    """Skills as the file lists them: each name and keyword, with the level of its group where it is a known word."""
    found = []
    for row in rows(data, "skills"):
        keywords = row.get("keywords")
        names = (
            [text(row, "name"), *(clean(one)[:120] for one in keywords[:50] if isinstance(one, str))]
            if isinstance(keywords, list)
            else [text(row, "name")]
        )
        told = text(row, "level").casefold()
        level = next((number for number, texts in LEVELS.items() if told in texts), None)
        found += [Skill(name, level=level, way="told") for name in names if name]
    return found


def merged(told: list[Skill], running: str) -> list[Skill]:
    """Listed skills first, with their term of our vocabulary where it is one; then terms that only the text names."""
    terms = vocabulary()
    found: dict[str, Skill] = {}
    for skill in told:
        codes = [code for code in terms_in(skill.label) if terms[code].kind != "language"]
        for code in codes or [""]:
            key = code or skill.label.casefold()
            found.setdefault(
                key, Skill(skill.label, code, terms[code].kind if code else "", skill.level, "told", skill.evidence)
            )
    for one in skills_of(running):
        found.setdefault(one.code, one)
    return list(found.values())
