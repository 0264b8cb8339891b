"""Europass: the XML of the editor until 2020 (SkillsPassport 3), that of the portal since (HR-XML candidate), and its JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.text import without_control
from stellwerk.staffing.profiles import words
from stellwerk.staffing.profiles.json_resume import merged
from stellwerk.staffing.profiles.model import Language, Profile, Skill, Station
from stellwerk.staffing.profiles.stations import LONGEST

PRIVATE = {"Birthdate": "date of birth", "BirthDate": "date of birth", "Gender": "sex", "GenderCode": "sex", "Nationality": "nationality", "NationalityCode": "nationality", "Photo": "photo", "ProfilePicture": "photo"}  # fmt: skip
MOST = 300


def is_europass(data: Mapping[str, Any]) -> bool:
    return any(name in data for name in ("SkillsPassport", "LearnerInfo", "Candidate"))


def profile_of_json(data: Mapping[str, Any]) -> Profile:
    """The JSON form says the same as the XML; it is read as such a tree."""
    root = Element("SkillsPassport")
    _grow(root, data.get("SkillsPassport", data), 0)
    profile = profile_of_xml(root)
    profile.format = "europass_json"
    return profile


def _grow(node: Element, value: Any, depth: int) -> None:
    if depth > 40:
        raise Refused(
            _("The JSON cannot be read."), _("Export the profile again, and choose that file."), code="broken"
        )
    if isinstance(value, Mapping):
        for name, part in list(value.items())[:MOST]:
            for one in part[:MOST] if isinstance(part, list) else [part]:
                child = Element(str(name))
                node.append(child)
                _grow(child, one, depth + 1)
    elif isinstance(value, str | int | float):
        node.text = str(value)


def profile_of_xml(root: Element) -> Profile:
    """Raises ``Refused`` where it is no Europass file."""
    for node in root.iter():
        node.tag = str(node.tag).rsplit("}", 1)[-1]
    if root.tag not in ("SkillsPassport", "Candidate", "LearnerInfo"):
        raise Refused(_("This XML is no Europass profile."), _("Export it as Europass XML, or choose the CV as PDF."), code="wrong_type")  # fmt: skip
    profile = Profile("europass_xml")
    profile.name = " ".join(
        part for part in (_first(root, "FirstName", "GivenName"), _first(root, "Surname", "FamilyName")) if part
    ) or _first(root, "FormattedName")
    profile.mail = _contact(root, "Email", "@")
    profile.phone = _contact(root, "Telephone", "") or _first(root, "FormattedNumber")
    profile.place = " ".join(
        part for part in (_first(root, "PostalCode"), _first(root, "Municipality", "CityName")) if part
    )
    profile.headline = _in(root, "Headline", "Label")
    profile.summary = _first(root, "ExecutiveSummary", "PersonalStatement", "Summary")[:LONGEST]
    profile.left_out = sorted({name for tag, name in PRIVATE.items() if next(root.iter(tag), None) is not None})
    profile.stations = [
        *_stations(root, ("WorkExperience", "EmployerHistory"), "work"),
        *_stations(root, ("Education", "EducationOrganizationAttendance"), "education"),
    ]
    profile.languages = list(_languages(root))
    profile.certificates = [
        text for node in root.iter("Certification") if (text := _first(node, "CertificationName", "Name", "Title"))
    ]
    running = "\n".join(
        [
            profile.headline,
            profile.summary,
            *profile.certificates,
            *(f"{one.title}\n{one.text}" for one in profile.stations),
        ]
    )
    profile.skills = merged(list(_skills(root)), running)
    return profile


def _text(node: Element | None) -> str:
    return (
        without_control(
            " ".join(
                " ".join(part.split()) if "\n" not in part.strip() or len(part) < 200 else part.strip()
                for part in node.itertext()
                if part.strip()
            )
        )[:LONGEST]
        if node is not None
        else ""
    )


def _first(node: Element, *tags: str) -> str:
    return next((text for tag in tags for one in node.iter(tag) if (text := _text(one))), "")[:LONGEST]


def _in(root: Element, outer: str, inner: str) -> str:
    holder = next(root.iter(outer), None)
    return _first(holder, inner) or _text(holder) if holder is not None else ""


def _contact(root: Element, tag: str, sign: str) -> str:
    found = (_first(node, "Contact") or _text(node) for node in root.iter(tag))
    told = next((text for text in found if sign in text and text), "")
    return told or (
        next((text for node in root.iter("URI") if (text := _text(node)) and "@" in text), "") if sign else ""
    )


def _stations(root: Element, tags: tuple[str, ...], kind: str) -> Iterator[Station]:
    for tag in tags:
        for node in _each(list(root.iter(tag))[:MOST]):
            title = _in(node, "Position", "Label") or _first(
                node, "PositionTitle", "Title", "DegreeName", "ProgramName"
            )
            organisation = (
                _in(node, "Employer", "Name")
                or _in(node, "Organisation", "Name")
                or _first(node, "OrganizationName", "Name")
            )
            first, last = _day(node, "From", "StartDate"), _day(node, "To", "EndDate")
            going = _first(node, "Current", "CurrentIndicator", "OngoingIndicator").lower() == "true"
            text = _first(node, "Activities", "Description", "EmployerDescription")
            if title or organisation:
                yield Station(
                    kind,
                    title[:200],
                    organisation[:200],
                    _first(node, "Municipality", "CityName")[:120],
                    first,
                    "now" if going else last,
                    text,
                )


def _each(nodes: Iterable[Element]) -> Iterator[Element]:
    """One employer may hold several positions: each of them with what is said of the employer."""
    for node in nodes:
        held = [one for one in node if one.tag == "PositionHistory"]
        if len(held) < 2:
            yield node
            continue
        common = [one for one in node if one.tag != "PositionHistory"]
        for one in held:
            single = Element(node.tag)
            single.extend([one, *common])
            yield single


def _day(node: Element, *tags: str) -> str:
    """A date as attributes (``year="2019" month="--03"``), as parts, or as text."""
    for tag in tags:
        found = next(node.iter(tag), None)
        if found is None:
            continue
        year = found.get("year") or _first(found, "Year")
        month = (found.get("month") or _first(found, "Month")).strip("-")
        if year[:4].isdigit():
            return f"{year[:4]}-{int(month):02}" if month.isdigit() and 1 <= int(month) <= 12 else year[:4]
        if text := words.day_of(_text(found)):
            return text
    return ""


def _languages(root: Element) -> Iterator[Language]:
    for tag, level in (("MotherTongue", "native"), ("PrimaryLanguageCode", "native")):
        for node in root.iter(tag):
            yield _language(node, level)
    for tag in ("ForeignLanguage", "PersonCompetency"):
        for node in root.iter(tag):
            kind = _first(node, "TaxonomyID")
            if tag == "PersonCompetency" and "language" not in kind.lower():
                continue
            yield _language(node, _level(node))


def _language(node: Element, level: str) -> Language:
    code = (_first(node, "Code", "CompetencyID") or _text(node)).lower()
    label = _first(node, "Label", "CompetencyName")
    known = words.languages_in(label)
    if not known and len(code) in (2, 3):
        iso = words.ISO.get(code, code if len(code) == 2 else "")
        return Language(iso, label or words.LANGUAGES.get(iso, (code,))[-1].capitalize(), level)
    return Language(known[0][0] if known else "", label or code, level)


def _level(node: Element) -> str:
    """The lowest of the levels that are told: what the person can do in every respect."""
    told = [
        text.upper()
        for one in node.iter()
        if (text := (one.text or "").strip()) and len(text) == 2 and text[0].upper() in "ABC" and text[1] in "12"
    ]
    return min(told) if told else words.level_of(_text(node))


def _skills(root: Element) -> Iterator[Skill]:
    for outer in ("Skills", "PersonQualifications"):
        for node in root.iter(outer):
            for tag in ("Communication", "Organisational", "JobRelated", "Computer", "Driving", "Other"):
                for one in node.iter(tag):
                    if tag != "Driving" and (text := _first(one, "Description")):
                        yield from (
                            Skill(part.strip()[:120], way="told")
                            for part in text.replace(";", ",").split(",")[:50]
                            if part.strip()
                        )
            for one in node.iter("PersonCompetency"):
                if "language" not in _first(one, "TaxonomyID").lower() and (
                    name := _first(one, "CompetencyName", "CompetencyID")
                ):
                    yield Skill(name[:120], way="told")
