"""A CV is read, and what was understood waits until the person has gone through it, item by item. The file itself is not kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Text, WrongState
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.core.text import normalise, without_control
from stellwerk.staffing.choices import Known, LanguageLevel, SkillLevel
from stellwerk.staffing.models import EscoSkill, Profile, ProfileLanguage, Reading, Station
from stellwerk.staffing.own_words import words_of
from stellwerk.staffing.profiles import Profile as Read
from stellwerk.staffing.profiles import read_profile
from stellwerk.staffing.selectors.words import esco_in, linker
from stellwerk.staffing.services.profiles import add_terms, open_for_changes
from stellwerk.staffing.services.terms import LONGEST_OWN, esco_term, own_term
from stellwerk.staffing.towns import located
from stellwerk.staffing.vocabulary import vocabulary

MOST: Final = 120
MOST_ESCO: Final = 30
ESCO: Final = "esco-"
"""Before the uri of an item that ESCO names."""
"""Items of one kind that are shown; no CV of a person has more."""
FIELDS: Final = {
    "phone": gettext_lazy("phone"), "city": gettext_lazy("town"), "postcode": gettext_lazy("postcode"),
    "headline": gettext_lazy("headline"), "summary": gettext_lazy("in own words"),
}  # fmt: skip
LANGUAGE_LEVELS: Final = {"A1": 1, "A2": 2, "B1": 3, "B2": 4, "C1": 5, "C2": 6, "native": 7}


@transaction.atomic
def read_cv(*, profile: Profile, stream: IO[bytes], name: str, by: User | None) -> Reading:
    """Errors: ``NotAllowed``, ``Refused`` with the reason in words (a scan, encrypted, too many pages …), ``WrongState``."""
    require(by, "edit", profile)
    open_for_changes(profile)
    found = read_profile(stream, name)
    Reading.objects.filter(profile=profile, done_at=None).delete()
    data = found.as_json() | {"esco": _esco_of(found)}
    return Reading.objects.create(profile=profile, name=without_control(name)[-200:] or "CV", data=data, by=by)


def _esco_of(found: Read) -> list[dict[str, str]]:
    """What the text names of ESCO beyond our vocabulary: proposed, never ticked from the start."""
    text = "\n".join(
        [found.headline, found.summary, *(f"{one.title}\n{one.text}" for one in found.stations), *(one.label for one in found.skills if not one.code)]
    )  # fmt: skip
    return [
        {"uri": uri, "evidence": " ".join(text[max(0, one.start - 60) : one.end + 60].split())}
        for uri, one in list(esco_in(text).items())[:MOST_ESCO]
    ]


@dataclass(frozen=True)
class Item:
    """One thing that was understood. ``there``: the profile says something at this place already; ``level``: only where a level belongs."""

    code: str
    label: str
    value: str
    evidence: str = ""
    there: str = ""
    level: int | None = None
    levels: tuple[tuple[int, Text], ...] = ()
    sure: bool = True

    @property
    def taken(self) -> bool:
        """Ticked from the start: new, nothing is overwritten by it, and it is what the file says."""
        return self.sure and not self.there


def items_of(reading: Reading) -> dict[str, list[Item]]:
    """What a person goes through, by kind."""
    profile, data = reading.profile, reading.data
    return {
        "fields": _fields(profile, data),
        "skills": _skills(profile, data),
        "languages": _languages(profile, data),
        "stations": _stations(profile, data),
    }


def told_fields(data: Mapping[str, Any]) -> dict[str, str]:
    """The plain fields of a reading, in the words of a profile."""
    place = str(data.get("place") or "").strip()
    head, _space, tail = place.partition(" ")
    postcode, city = (head, tail) if head[:1].isdigit() else ("", place)
    found = {"phone": data.get("phone"), "city": city[:120], "postcode": postcode[:12], "headline": data.get("headline"), "summary": data.get("summary")}  # fmt: skip
    limits = {"phone": 40, "headline": 200, "summary": 6000}
    return {name: str(value).strip()[: limits.get(name, 120)] for name, value in found.items() if value}


def _fields(profile: Profile, data: Mapping[str, Any]) -> list[Item]:
    told = told_fields(data)
    return [
        Item(f"field-{name}", str(FIELDS[name]), value, there=str(getattr(profile, name) or ""))
        for name, value in told.items() if value != str(getattr(profile, name) or "")
    ]  # fmt: skip


def _skills(profile: Profile, data: Mapping[str, Any]) -> list[Item]:
    have = set(profile.terms.values_list("term__code", flat=True))
    known = vocabulary()
    items: list[Item] = []
    for skill in list(data.get("skills", []))[:MOST]:
        code = str(skill.get("code") or "")
        if (
            code not in known
            or known[code].kind in {"language", "industry"}
            or any(one.code == f"skill-{code}" for one in items)
        ):
            continue
        levels = () if known[code].kind == "certificate" else tuple(SkillLevel.choices)
        there = _("in your profile") if code in have else ""
        evidence = str(skill.get("evidence") or "")[:500]
        items.append(Item(f"skill-{code}", _name(code), "", evidence, there, skill.get("level"), levels))
    return [*items, *_own_skills(data, have, {one.code for one in items}), *_esco_skills(data, have)]


def _esco_skills(data: Mapping[str, Any], have: set[str]) -> list[Item]:
    told = {str(one["uri"]): str(one["evidence"]) for one in data.get("esco", [])}
    rows = EscoSkill.objects.filter(uri__in=told, removed_on=None).order_by("pk")
    here = "name_en" if (get_language() or "").startswith("en") else "name"
    return [
        Item(
            f"{ESCO}{row.uri}", str(getattr(row, here) or row.name or row.name_en), _("named in the text, from ESCO"), told[row.uri],
            _("in your profile") if f"esco:{row.uri}" in have else "", levels=tuple(SkillLevel.choices), sure=False,
        )
        for row in rows
    ]  # fmt: skip


def _own_skills(data: Mapping[str, Any], have: set[str], shown: set[str]) -> list[Item]:
    """Words that the file lists as skills and the vocabulary does not know: kept as own words, or taken for what they are nearest to."""
    items: list[Item] = []
    for number, skill in enumerate(list(data.get("skills", []))[:MOST]):
        label = " ".join(str(skill.get("label") or "").split())[:LONGEST_OWN]
        if skill.get("code") or not words_of(label) or any(one.label == label for one in items):
            continue
        there = _("in your profile") if f"own:{normalise(label)}"[:120] in have else ""
        items.append(
            Item(
                f"own-{number}", label, _("not in the vocabulary, kept as a word of your own"), there=there,
                level=skill.get("level"), levels=tuple(SkillLevel.choices),
            )
        )  # fmt: skip
        for link in linker(meaning=False).link(label, 2):
            code = f"skill-{link.concept}"
            if (
                link.concept not in vocabulary()
                or code in shown
                or vocabulary()[link.concept].kind in {"language", "industry"}
            ):
                continue
            shown.add(code)
            told = _("perhaps the same as “%(word)s”") % {"word": label}
            items.append(Item(code, _name(link.concept), told, levels=tuple(SkillLevel.choices), sure=False))
    return items


def _name(code: str) -> str:
    names = vocabulary()[code].names
    return names["en" if (get_language() or "").startswith("en") else "de"]


def _languages(profile: Profile, data: Mapping[str, Any]) -> list[Item]:
    have = set(profile.languages.values_list("code", flat=True))
    return [
        Item(
            f"language-{one['code']}", str(one.get("name") or one["code"]), "", there=_("in your profile") if one["code"] in have else "",
            level=LANGUAGE_LEVELS.get(str(one.get("level") or "")), levels=tuple(LanguageLevel.choices),
        )
        for one in list(data.get("languages", []))[:MOST] if one.get("code")
    ]  # fmt: skip


def _stations(profile: Profile, data: Mapping[str, Any]) -> list[Item]:
    have = set(profile.stations.values_list("title", "first"))
    items = []
    for number, one in enumerate(list(data.get("stations", []))[:MOST]):
        title = str(one.get("title") or one.get("organisation") or "").strip()
        if not title:
            continue
        period = " – ".join(part for part in (one.get("first"), one.get("last")) if part)
        there = _("in your profile") if (title[:200], one.get("first", "")) in have else ""
        place = " · ".join(part for part in (one.get("organisation"), period) if part)
        items.append(Item(f"station-{number}", title, place, str(one.get("text") or "")[:600], there))
    return items


# ── taking over ──────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def take_over(
    *, reading: Reading, chosen: Iterable[str], levels: Mapping[str, int | None], texts: Mapping[str, str], by: User | None
) -> Profile:  # fmt: skip
    """What the person ticked becomes part of the profile; the rest is forgotten. ``texts``: corrected fields.

    Errors: ``NotAllowed``, ``Invalid``, ``WrongState`` (gone through already, or the profile is locked).
    """
    require(by, "edit", reading.profile)
    reading = Reading.objects.select_for_update().select_related("profile").get(pk=reading.pk)
    profile = reading.profile
    open_for_changes(profile)
    if reading.done_at is not None:
        raise WrongState(_("This CV has been gone through already."))
    wanted = set(chosen)
    items = {name: [one for one in rows if one.code in wanted] for name, rows in items_of(reading).items()}
    fields = {one.code.removeprefix("field-"): texts.get(one.code, one.value).strip() for one in items["fields"]}
    if fields:
        profile = services.edit(profile, located(fields, profile), by=by)
    _take_skills(profile, items["skills"], levels, by)
    _take_languages(profile, items["languages"], levels, by)
    _take_stations(profile, items["stations"], reading.data, by)
    Reading.objects.filter(pk=reading.pk).update(done_at=timezone.now(), data={})
    return Profile.objects.get(pk=profile.pk)


def _level(item: Item, levels: Mapping[str, int | None], most: int) -> int | None:
    level = levels.get(item.code, item.level)
    return level if level is not None and 1 <= level <= most else None


def _take_skills(profile: Profile, items: list[Item], levels: Mapping[str, int | None], by: User | None) -> None:
    own = {own_term(one.label).code: one for one in items if one.code.startswith("own-")}
    theirs = {one.code.removeprefix(ESCO): one for one in items if one.code.startswith(ESCO)}
    own |= {esco_term(row).code: theirs[row.uri] for row in EscoSkill.objects.filter(uri__in=theirs)}
    codes = {one.code.removeprefix("skill-"): one for one in items if one.code.startswith("skill-")} | own
    add_terms(
        profile=profile, codes=codes, by=by, known=Known.READ, evidence={code: one.evidence for code, one in codes.items()},
        levels={code: _level(one, levels, 4) if one.levels else None for code, one in codes.items()},
    )  # fmt: skip


def _take_languages(profile: Profile, items: list[Item], levels: Mapping[str, int | None], by: User | None) -> None:
    for one in items:
        code, level = one.code.removeprefix("language-"), _level(one, levels, 7)
        if level is None:
            continue  # a language without a level is not guessed
        ProfileLanguage.objects.update_or_create(profile=profile, code=code[:3], defaults={"level": level})
    if items:
        record(profile, by=by, verb="edit", changes={"languages": [None, [one.label for one in items]]})


def _take_stations(profile: Profile, items: list[Item], data: Mapping[str, Any], by: User | None) -> None:
    rows = []
    for one in items:
        told = data["stations"][int(one.code.removeprefix("station-"))]
        kind = told.get("kind") if told.get("kind") in {"work", "education", "project"} else "work"
        rows.append(
            Station(
                profile=profile, kind=kind, title=one.label[:200], organisation=str(told.get("organisation") or "")[:200],
                place=str(told.get("place") or "")[:120], first=str(told.get("first") or "")[:7], last=str(told.get("last") or "")[:7],
                text=str(told.get("text") or "")[:4000],
            )
        )  # fmt: skip
    Station.objects.bulk_create(rows)
    if rows:
        record(profile, by=by, verb="edit", changes={"stations": [None, [row.title for row in rows]]})


def forget(today_minus_days: Any) -> int:
    """Readings that nobody went through, and the empty rows of those that are done, go after a month."""
    return Reading.objects.filter(created_at__lt=today_minus_days).delete()[0]
