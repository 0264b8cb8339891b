"""A CV as running text: headings part it, periods open stations, terms of our vocabulary are its skills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.staffing.profiles import headings, words
from stellwerk.staffing.profiles.model import Language, Profile, Skill
from stellwerk.staffing.profiles.pages import PARTED
from stellwerk.staffing.profiles.stations import flowing, known_once, stations_in
from stellwerk.staffing.recognise import terms_in
from stellwerk.staffing.vocabulary import vocabulary

_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PHONE: Final = re.compile(
    r"(?<![\w./-])(?:\(?\+|\(?0|\(\d{3}\)|\d{3}[-.]\d{3}[-.]|(?<=Tel: )|(?<=Phone: ))[\d ()/.–-]{6,24}\d(?![\d.])"
)
_LINK: Final = re.compile(
    r"\bhttps?://[^\s<>\"]{4,200}|\b(?:www\.)?(?:linkedin\.com/in|xing\.com/profile|github\.com)/[^\s<>\"]{2,100}",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(r"\b(\d{5})\s+([A-ZÄÖÜ][\wäöüß-]+(?: [A-ZÄÖÜ(][\wäöüß).-]+){0,2})")
_NAME: Final = re.compile(
    r"^(?:(?:Dr|Prof|Dipl)\.[-\w.]*\s+)*[^\W\d_a-zäöüß][^\W\d_]*(?:['’.-][^\W\d_]+)*\.?(?:\s+(?:von|van|de|den|zu|der|al|el|bin|da|[^\W\d_a-zäöüß][^\W\d_]*(?:['’.-][^\W\d_]+)*\.?)){1,4}$"
)
_NO_NAME: Final = re.compile(
    r"\b(?:cum laude|university|universit\w+|gmbh|ag|inc|ltd|street|str|straße|institution|city|country|page|seite|confidential|vertraulich|persönliche|daten|personal|my|meine?|deutschland|germany)\b",
    re.IGNORECASE,
)
_PRIVATE: Final = {
    "date of birth": r"\b(?:geboren|geburtsdatum|geb\.|geburtstag|date of birth|born)\b",
    "place of birth": r"\b(?:geburtsort|place of birth)\b",
    "nationality": r"\b(?:staatsangeh\w+|nationalitaet|nationalität|nationality|citizenship)\b",
    "marital status": r"\b(?:familienstand|verheiratet|ledig|geschieden|marital status|married)\b",
    "religion": r"\b(?:konfession|religion)\b",
    "sex": r"\b(?:geschlecht|gender|sex)\s*:",
}  # fmt: skip
_TITLE_PAGE: Final = re.compile(
    r"\b(?:r[eé]sum[eé]|curriculum vitae|lebenslauf|cv|bewerbung|profil|profile|summary)\b", re.IGNORECASE
)
_BESIDE_TITLE: Final = re.compile(
    r",?\s*(?:(?:M|B)\.?\s?(?:Sc|A|Eng|Ed)\.?|MBA|Ph\.?\s?D\.?|PMP|Dipl\.-\w+\.?)\s*$", re.IGNORECASE
)
_BULLET: Final = re.compile(r"^[•·\-–*▪●◦○■►▶✓◆◇]\s*")
_CELLS: Final = re.compile(r"\t|\s[|•·]\s")
MOST_LINES: Final = 4000
"""Sixty full pages: nobody's CV has more."""
AROUND: Final = 60
_CALLED_PHONE: Final = re.compile(r"\b(?:tel|phone|mobil|handy|telefon|fon|cell)|[☎✆📞📱\uf095\uf10b]", re.IGNORECASE)
_A_DATE: Final = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
OWN_WORD: Final = 45
MOST_OWN: Final = 40


def profile_of(text: str, largest: str, format_: str) -> Profile:
    """Read the text of a CV. What is not understood stays out; nothing is invented. ``largest``: what is written largest."""
    lines = [line if line == PARTED else line.strip(" ") for line in text.split("\n")]
    profile = Profile(format_)
    if len(lines) > MOST_LINES:
        profile.notes.append(_("Only the first %(count)s lines were read.") % {"count": MOST_LINES})
        lines = lines[:MOST_LINES]
        text = "\n".join(lines)
    parts, unread = _sections(lines)
    head = parts.get("", [])
    _contact(profile, [line for line in lines if line != PARTED], head, largest)
    profile.left_out = [name for name, pattern in _PRIVATE.items() if re.search(pattern, text, re.IGNORECASE)]
    profile.summary = flowing(parts.get("summary", []))
    for kind in headings.STATIONS:
        profile.stations += stations_in(parts.get(kind, []), kind)
    if not any(one.kind != "education" for one in profile.stations):
        _stations_elsewhere(profile, parts, lines)
    profile.stations = known_once(profile.stations)
    told = parts.get("languages", [])
    profile.languages = languages_of(
        told or [line for line in lines if re.search(r"sprach|language|mother tongue", line, re.IGNORECASE)]
    )
    taken = "\n".join(
        line
        for name, part in parts.items()
        if name not in ("private", "contact")
        for line in part
        if not _is_private(line)
    )
    profile.skills = with_own_words(skills_of(taken), parts.get("skills", []))
    profile.certificates = certificates_of(parts.get("certificates", []), profile.skills)
    _say(profile, parts, unread)
    return profile


def _stations_elsewhere(profile: Profile, parts: Mapping[str, list[str]], lines: list[str]) -> None:
    """No heading of work was understood: what has periods where the person tells of themselves is read, then anything that has."""
    told = parts.get("summary", [])
    found = stations_in(told, "work")
    if found:
        dated = next(number for number, line in enumerate(told) if words.period_of(line)[0])
        blank = max((number for number in range(dated) if number and not told[number]), default=dated)
        profile.summary = flowing(told[:blank])
        profile.stations = [*found, *profile.stations]
    elif not profile.stations:
        whole = ("" if line == PARTED or headings.is_heading(line) else line for line in lines if line != profile.name)
        profile.stations = stations_in(list(whole), "work")


def _say(profile: Profile, parts: Mapping[str, list[str]], unread: list[str]) -> None:
    """What was not read is told, so that nobody believes it was."""
    if not parts.keys() & {"work", "education", "skills", "project"}:
        profile.notes.append(_("The headings were not recognised: please check stations and skills."))
    if unread:
        profile.notes.append(
            _("Not taken, because no part of a profile: %(names)s.") % {"names": ", ".join(unread[:12])}
        )
    without = [one.name for one in profile.languages if not one.level]
    if without:
        profile.notes.append(_("No level was read for: %(names)s.") % {"names": ", ".join(without[:12])})


def _is_private(line: str) -> bool:
    return any(re.search(pattern, line, re.IGNORECASE) for pattern in _PRIVATE.values())


def _sections(lines: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Lines by section (the empty text is what stands above the first heading), and headings whose part is no part of a profile."""
    parts: dict[str, list[str]] = {"": []}
    unread: list[str] = []
    here = ""
    capitals = sum(headings.is_heading(line) and headings.looks_like_heading(line) for line in lines) > 1
    for line in lines:
        name = headings.section_of(line)
        if line == PARTED:
            here = ""
        elif name:
            here = name
            parts.setdefault(here, []).append("")
            first, _tab, rest = line.partition("\t")
            if rest:
                parts[here].append(rest)
            if name == headings.UNREAD:
                unread.append(first.strip(" :•"))
        elif (
            capitals
            and here in ("languages", "certificates", "skills", "private", headings.UNREAD)
            and headings.looks_like_heading(line)
        ):
            here = headings.UNREAD
            parts.setdefault(here, [])
            unread.append(line)
        else:
            parts[here].append(line)
    return parts, list(dict.fromkeys(unread))


def _contact(profile: Profile, lines: list[str], head: list[str], largest: str) -> None:
    whole = "\n".join(lines)
    mail = _MAIL.search(whole)
    profile.mail = mail.group() if mail else ""
    profile.phone = _phone(lines)
    profile.links = list(dict.fromkeys(match.group().rstrip(".,;)") for match in _LINK.finditer(whole)))[:10]
    place = next(
        (found for line in lines if (found := _PLACE.search(line)) and _MAIL.search(line) is None), None
    ) or _PLACE.search(whole)
    profile.place = f"{place[1]} {place[2]}" if place else ""
    above = [cell.strip() for line in head for cell in _CELLS.split(line)]
    cells = [cell.strip() for line in (*head, *lines[:15]) for cell in _CELLS.split(line)]
    top = [cell for cell in cells if cell and "@" not in cell][:25]
    labelled = next((_after_label(line) for line in top if _after_label(line)), "")
    # Some put an order or a script where the name belongs: only what looks like a name is one.
    profile.name = (
        labelled or _name(largest) or next((name for cell in top if not terms_in(cell) and (name := _name(cell))), "")
    )
    rest = [
        cell for cell in above if cell and _name(cell) != profile.name and not _MAIL.search(cell) and not _PHONE.search(cell) and not _LINK.search(cell)
    ]  # fmt: skip
    profile.headline = next((cell[:160] for cell in rest if terms_in(cell) and _is_headline(cell)), "")


def _is_headline(text: str) -> bool:
    return len(text) < 160 and not text.endswith((".", ",", ";", ":")) and not _BULLET.match(text)


def _name(text: str) -> str:
    """A name without "Lebenslauf", a degree behind it or letters apart; empty where the text is none."""
    bare = _BESIDE_TITLE.sub("", _TITLE_PAGE.sub(" ", text)).strip(" \t:,|–-·•")
    if re.fullmatch(r"(?:\w ){3,}\w(?: {2,}(?:\w ){2,}\w)*", bare):
        bare = " ".join(part.replace(" ", "") for part in re.split(r" {2,}", bare))
    bare = re.sub(r"\s+", " ", bare)
    return bare if _NAME.match(bare) and not headings.section_of(bare) and not _NO_NAME.search(bare) else ""


def _phone(lines: Sequence[str]) -> str:
    """The first number that a line calls a phone or that begins as one abroad, else the first that looks like one; no dates."""
    found: list[str] = []
    for line in lines:
        if words.PERIOD.search(line):
            continue
        for match in _PHONE.finditer(line):
            number = re.sub(r"\s+", " ", match.group()).strip()
            if not 7 <= sum(letter.isdigit() for letter in number) <= 16 or _A_DATE.fullmatch(number):
                continue
            number = number if number.count("(") == number.count(")") else number.replace("(", "").replace(")", "")
            if "+" in number or _CALLED_PHONE.search(line):
                return number
            found.append(number)
    return found[0] if found else ""


def _after_label(line: str) -> str:
    found = re.match(r"(?:name|vor- und nachname)\s*[:\t]\s*(.{3,80})$", line, re.IGNORECASE)
    return found[1].strip() if found else ""


def certificates_of(lines: Iterable[str], skills: Iterable[Skill]) -> list[str]:
    """Each line of the section without its date, then terms of our vocabulary that stand elsewhere."""
    found: list[str] = []
    for line in lines:
        for part in re.split(r"\s*[;|]\s*|,\s+", line) if len(line) <= 90 else [line]:
            first, _last, rest = words.period_of(part)
            dated = None if first else words.ONE_DATE.search(part)
            bare = rest if first else words.without(part, dated.start(), dated.end()) if dated else part
            bare = _BULLET.sub("", bare).replace("\t", ", ").strip(" ,:;")
            if 2 < len(bare) <= 120 and not bare.endswith(".") and any(letter.isalpha() for letter in bare):
                found.append(bare)
    known = {skill.code for name in found for skill in skills_of(name)}
    found += [skill.label for skill in skills if skill.kind == "certificate" and skill.code not in known]
    return list(dict.fromkeys(found))[:MOST_OWN]


def with_own_words(found: list[Skill], lines: Iterable[str]) -> list[Skill]:
    """Levels that the section of skills tells, and what it lists that the vocabulary does not know: the person's own words."""
    levels: dict[str, int] = {}
    own: dict[str, Skill] = {}
    for line in lines:
        parts = re.split(r"\t|[,;|•·]\s*|\s+/\s+", _listed(line))
        for part in parts:
            level, bare = words.skill_level(part)
            codes = terms_in(bare)
            for code in codes:
                if level:
                    levels.setdefault(code, level)
            own_word = bare.strip(" .:()-–")
            if not codes and _is_own(own_word, listed=len(parts) > 2):
                own.setdefault(own_word.casefold(), Skill(own_word, level=level, way="told"))
    known = [skill if skill.code not in levels else replace(skill, level=levels[skill.code]) for skill in found]
    return [*known, *list(own.values())[:MOST_OWN]]


def _is_own(text: str, *, listed: bool) -> bool:
    """May it be a skill in the person's own words? A name of its own or a short part of a list, no heading, language or end of a sentence."""
    if not 1 < len(text) <= OWN_WORD or len(text.split()) > 4 or not re.match(r"[^\W\d_]", text):
        return False
    if headings.is_heading(text) or words.languages_in(text) or words.PERIOD.search(text) or "@" in text:
        return False
    return text[0].isupper() or listed


def _listed(line: str) -> str:
    """A line of a list without its bullet and without the group that it belongs to (``Software: …``)."""
    bare = _BULLET.sub("", line)
    group, colon, rest = bare.partition(":")
    first = words.skill_level(re.split(r"[,;|]", rest)[0])[1] if rest.strip() else ""
    return rest if colon and first.strip() and len(group) < 40 and not re.search(r"[,;(]", group) else bare


def languages_of(lines: Iterable[str]) -> list[Language]:
    found: dict[str, Language] = {}
    for line in lines:
        for code, word, level in words.languages_in(line.replace("\t", " ")):
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
        begin, end = max(0, first.start - AROUND), min(len(text), first.end + AROUND)
        before = text[begin : first.start] if begin == 0 else text[begin : first.start].partition(" ")[2]
        after = text[first.end : end] if end == len(text) else text[first.end : end].rpartition(" ")[0]
        evidence = re.sub(r"\s+", " ", f"{before}{text[first.start : first.end]}{after}").strip()
        found.append(Skill(term.names["de"], code, term.kind, None, str(first.way), evidence))
    return found
