"""Stations of a CV: each has a line with its period; what stands beside it, above it or below it is title, organisation and place.

Where the names stand is seen at the first one of a section: the lines above its period are those of every other one, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from stellwerk.staffing.profiles import words
from stellwerk.staffing.profiles.model import Station

LONGEST: Final = 2000
MOST_ABOVE: Final = 3
NAME_LENGTH: Final = 110
WRAPPED: Final = 60
"""A line so long that does not end a sentence goes on in the next one."""
_BULLET: Final = re.compile(r"^[•·\-–—*▪●◦○■►▶➢✓∗‣⁃◆◇␣]\s*")
_ORGANISATION: Final = re.compile(
    r"\b(?:gmbh|ag|se|kg|kgaa|ohg|ug|e\.?\s?v|inc|ltd|llc|plc|corp|s\.a|university|universit\w+|hochschule|fachhochschule|institut\w*|college|school|schule|\w+schule|gymnasium|"
    r"academy|akademie|fh|tu|uni|company|group|gruppe|bank|ministry|ministerium|amt|stadtwerke|werke|holding|stiftung|foundation|verband|kammer|ihk|clinic|klinikum|krankenhaus|hospital|laborator\w+|labs?)\b\.?",
    re.IGNORECASE,
)  # fmt: skip
_TITLE: Final = re.compile(
    r"(?:leit(?:er|erin|ung)|manager(?:in)?|ingenieur(?:in)?|engineer|consultant|berater(?:in)?|developer|entwickler(?:in)?|analyst(?:in)?|assistant|assisten[tz](?:in)?|controller(?:in)?|controlling|"
    r"planer(?:in)?|planner|scheduler|director|direktor(?:in)?|architekt(?:in)?|architect|koordinator(?:in)?|coordinator|referent(?:in)?|spezialist(?:in)?|specialist|techniker(?:in)?|meister(?:in)?|"
    r"kaufmann|kauffrau|bearbeiter(?:in)?|mitarbeiter(?:in)?|administrator(?:in)?|trainee|praktik\w+|werkstudent(?:in)?|intern|internship|fellow|researcher|scientist|teacher|lehrer(?:in)?|professor(?:in)?|"
    r"lecturer|officer|founder|president|owner|representative|designer(?:in)?|programmer|technician|supervisor|clerk|nurse|tutor(?:in)?|hilfskraft|freelancer|master|lead|head of|support|pmo|ceo|cto|cfo)\b"
    r"|\b(?:bachelor|master|diplom\w*|magister|staatsexamen|abitur|ausbildung|lehre|studium|promotion|ph\.?d|mba|[bm]\.\s?(?:sc|a|eng|ed)\b|b\.?s\.?c?|degree|doctor\w*|dr\.|m\.?s\.?c)\b",
    re.IGNORECASE,
)  # fmt: skip
_PLACE: Final = re.compile(
    r"^(?:[A-ZÄÖÜÉ][\w'’äöüßé.-]+(?:[ /-][A-ZÄÖÜÉa-z][\w'’äöüßé.-]*){0,2}(?:,\s*[A-ZÄÖÜ][\w .äöü]{1,25}|\s*\([\w ,äöü]{2,25}\))?|remote)$", re.IGNORECASE
)  # fmt: skip
_CITY: Final = re.compile(
    r"^[A-ZÄÖÜÉ][\w.'’äöüß/-]*(?: [\w.'’äöüß/-]+){0,2},\s*(?:[A-Z]{2,3}|[A-ZÄÖÜÉ][\wäöüé.]+(?: [A-ZÄÖÜÉ][\wäöüé.]+){0,2})$"
)
_ICON: Final = re.compile(r"^(?:date|dates|location|ort|zeitraum|datum|dauer|period)\s*(?::\s*|$)", re.IGNORECASE)
"""What some pages say for a picture, or before what follows."""
_LABELS: Final = {
    "title": "rolle|position|funktion|projektrolle|titel|job title|role|occupation|occupation or position held|beruf oder funktion|title of qualification awarded|bezeichnung der (?:erworbenen )?qualifikation|abschluss|degree|studiengang",
    "organisation": "kunde|auftraggeber|arbeitgeber|firma|unternehmen|client|customer|company|employer|name and address of (?:the )?employer|name und adresse des arbeitgebers|name and type of organisation[^\t:]*|hochschule|university|school",
    "place": "ort|einsatzort|location|city",
}  # fmt: skip
_LABELLED: Final = {
    name: re.compile(rf"^(?:{labels})\s*(?::\s*\t?|\t)\s*(?P<value>\S.*)$", re.IGNORECASE)
    for name, labels in _LABELS.items()
}
"""``Rolle: Projektleitung``, as in lists of projects, and the rows of the older Europass."""
_DASHED: Final = re.compile(r"^(.{3,}?)\s+[-–—]\s+(.{3,})$")
_PARTS: Final = re.compile(
    r"\s+(?:bei|at|@)\s+(?:der |dem |die )?|\t+|\s+[|–—·•]\s+|,\s+(?!(?:ltd|inc|llc|gmbh|co|corp|ag|s\.a)\b)|;\s+",
    re.IGNORECASE,
)


def stations_in(lines: Sequence[str], kind: str) -> list[Station]:
    """What of a section is a station, in its order; a line is part of the station above it."""
    dated = [number for number, line in enumerate(lines) if _opens(line, kind)]
    if dated and len(bulleted := [at for at in dated if _BULLET.match(lines[at])]) < len(dated):
        dated = [at for at in dated if at not in bulleted]  # "• from 2019 to 2020 I led …" is no station of its own
    if not dated:
        return []
    beside = _parted(words.period_of(lines[dated[0]])[2])
    above = 0 if len(beside) > 1 and any(map(_is_named, beside)) else len(_names_above(lines, dated[0], 0))
    found: list[Station] = []
    begin = 0
    for place, at in enumerate(dated):
        names = _names_above(lines, at, begin)[-above:] if above else []
        following = dated[place + 1] if place + 1 < len(dated) else len(lines)
        end = following - (
            len(_names_above(lines, following, at + 1)[-above:]) if above and following < len(lines) else 0
        )
        found.append(_station(lines[at], names, [line for line in lines[at + 1 : end] if line], kind))
        begin = at + 1
    return found


def _opens(line: str, kind: str) -> bool:
    found = words.PERIOD.search(line)
    if found is not None:
        before, after = line[: found.start()].strip(), line[found.end() :].strip()
        told = before and after and "\t" not in line  # "In charge from 2019 to 2020 of four sites."
        sentence = told and (
            line.endswith(".") or (after[0].islower() and not re.match(r"(?:bei|at|als|as|in)\b", after))
        )
        return not sentence and len(line) <= NAME_LENGTH * 2
    return (
        kind == "education"
        and len(line) <= NAME_LENGTH
        and not _BULLET.match(line)
        and bool(words.ONE_DATE.search(line))
    )


def _names_above(lines: Sequence[str], at: int, begin: int) -> list[str]:
    """The lines right above a period that look like names: short, no bullet, no sentence."""
    names: list[str] = []
    for number in range(at - 1, begin - 1, -1):
        line = lines[number].strip()
        if not line:
            if names:
                break
            continue
        if len(names) == MOST_ABOVE or not _may_name(line):
            break
        names.insert(0, line)
    return names


def _may_name(line: str) -> bool:
    sentence = line.endswith((".", "?", ":", ";", ",")) and not _ORGANISATION.search(line[-14:])
    bullet = _BULLET.match(line)
    listed = bullet and "\t" not in line[bullet.end() :]
    told = re.match(r"^[A-ZÄÖÜ][\w /&-]{2,24}:\s", line) and not _ICON.match(line)  # "Industry: energy"
    small = line[:1].islower() and not _ORGANISATION.search(line)
    return not (sentence or listed or told or small or len(line) > NAME_LENGTH)


def _is_named(text: str) -> bool:
    return bool(_TITLE.search(text) or _ORGANISATION.search(text))


def _is_city(text: str) -> bool:
    return bool(_CITY.match(text)) and not _is_named(text)


def _station(line: str, above: Sequence[str], below: Sequence[str], kind: str) -> Station:
    first, last, rest = words.period_of(line)
    if not first:
        found = words.ONE_DATE.search(line)
        assert found is not None
        group = "day" if found["day"] else "end"
        first, last, rest = "", words.day_of(found[group]), words.without(line, found.start(group), found.end(group))
    rest = words.LASTING.sub("", rest).strip(" \t:,;|·•–-()") if words.LASTING.search(rest) else rest
    rest = _BULLET.sub("", rest)
    labelled: dict[str, str] = {}
    above, below = _unlabelled(above, labelled), _unlabelled(below, labelled)
    if "title" in labelled or "organisation" in labelled:
        more = [one for one in (*above, rest) if one and not _ICON.fullmatch(one)]
        return Station(
            kind, labelled.get("title", "")[:200], labelled.get("organisation", "")[:200], labelled.get("place", "")[:120], first, last, flowing([*more, *below])
        )  # fmt: skip
    names = [part for name in above for part in _parted(_BULLET.sub("", name))]
    beside = _parted(rest)
    place = labelled.get("place", "")
    if len(names) > 1 and beside and not any(map(_is_named, beside)) and _PLACE.match(", ".join(beside)):
        place, beside = ", ".join(beside), []
    told, text = [*names, *beside], list(below)
    while (
        sum(not _is_city(one) for one in told) < 2
        and text
        and _may_name(text[0])
        and len(text[0]) < 90
        and not _BULLET.match(text[0])
    ):
        told += _parted(words.LASTING.sub("", text.pop(0)).strip())
    title, organisation, others = _who(told)
    for one in others:
        if not place and _PLACE.match(one) and not _TITLE.search(one):
            place = one
        elif one:
            text.insert(0, one)
    if not organisation and ", " in place:  # "Engineers Harms, Oldenburg" looks like a town with its country
        organisation, place = place.split(", ", 1)
    return Station(kind, title[:200], organisation[:200], place[:120], first, last, flowing(text))


def _unlabelled(lines: Sequence[str], labelled: dict[str, str]) -> list[str]:
    """The lines that bear no label; the others' values go into ``labelled``, the first of each kind."""
    rest = []
    for line in lines:
        for name, pattern in _LABELLED.items():
            found = pattern.match(_BULLET.sub("", line))
            if found and name not in labelled:
                labelled[name] = found["value"].replace("\t", " ").strip(" ,;")
                break
        else:
            rest.append(line)
    return rest


def _parted(text: str) -> list[str]:
    """``Projektleiter bei Muster GmbH`` and ``Project manager, Example Ltd`` in their parts."""
    found: list[str] = []
    for half in re.split(r"\t+", text.strip()):
        bare = _ICON.sub("", half)
        if not bare or _is_city(bare) or (not _is_named(bare) and _PLACE.match(bare)):
            parts = [bare]  # "Bremen, Germany" is one place
        elif (dashed := _DASHED.match(bare)) and (
            _is_city(dashed[2]) or (_ORGANISATION.search(dashed[2]) and not _ORGANISATION.search(dashed[1]))
        ):
            parts = [*_PARTS.split(dashed[1], maxsplit=1), *_PARTS.split(dashed[2], maxsplit=1)]
        elif (
            (inside := re.match(r"^(.{4,}?)\s*\((.{3,60})\)$", bare))
            and _ORGANISATION.search(inside[2])
            and not _ORGANISATION.search(inside[1])
        ):
            parts = [inside[1], inside[2]]
        else:
            parts = _PARTS.split(bare, maxsplit=1)
        found += [part.strip(" \t,;|·•") for part in parts if part.strip(" \t,;|()·•")]
    return found


def _who(told: Sequence[str]) -> tuple[str, str, list[str]]:
    """Title and organisation by the words that they have; where neither tells, in the order of the page. A town is neither."""
    parts = [one for one in told[:6] if not _is_city(one)]
    others = [one for one in told if one not in parts]
    if not parts:
        return (others[0] if others else ""), "", others[1:]
    titles = [bool(_TITLE.search(one)) for one in parts]
    named = [bool(_ORGANISATION.search(one)) for one in parts]
    at = next((number for number, yes in enumerate(titles) if yes and not named[number]), None)
    if at is None:
        at = next((number for number, yes in enumerate(titles) if yes), 0 if not named[0] or len(parts) == 1 else 1)
    title = parts.pop(at)
    named.pop(at)
    if not parts:
        return title, "", others
    organisation = parts.pop(next((number for number, yes in enumerate(named) if yes), 0))
    return title, organisation, [*others, *parts]


def flowing(lines: Iterable[str]) -> str:
    """Lines as paragraphs and bullets: what only the width of the page parted is one line again."""
    found: list[str] = []
    parted = False
    for line in lines:
        bare = line.replace("\t", " ").strip()
        if not bare:
            parted = True
            continue
        bullet = _BULLET.match(bare)
        if bullet:
            found.append(f"• {bare[bullet.end() :]}")
        elif (
            found
            and not parted
            and (bare[0].islower() or (len(found[-1]) > WRAPPED and not found[-1].endswith((".", "!", "?", ":"))))
        ):
            found[-1] += f" {bare}"
        else:
            found.append(bare)
        parted = False
    return "\n".join(found)[:LONGEST]


def known_once(stations: Iterable[Station]) -> list[Station]:
    """Without empty ones and those that say the same again (a list of projects beside the stations)."""
    found: dict[tuple[str, ...], Station] = {}
    for one in stations:
        if one.title or one.organisation or one.text:
            found.setdefault((one.kind, one.title, one.organisation, one.first, one.last), replace(one))
    return list(found.values())
