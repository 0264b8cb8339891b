"""ESCO's tables in either form: one file per language as the European Commission publishes them, or German and English joined in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.staffing.esco.tables import one_of, rows, unusable

BASE: Final = "http://data.europa.eu/esco/"
LONGEST_LABEL: Final = 250
LONGEST_URI: Final = 80
_ADDRESS: Final = re.compile(r"[A-Za-z0-9./_-]+\Z")
_KINDS: Final = {
    "skill/competence": "skill", "skill": "skill", "knowledge": "knowledge", "language": "language", "attitude": "attitude",
}  # fmt: skip
_REUSE: Final = {"transversal", "cross-sector", "sector-specific", "occupation-specific"}
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Concept:
    """A skill or an occupation. ``uri`` without :data:`BASE`; ``gone``: the tables keep it, but the newest version does not."""

    uri: str
    name: str = ""
    name_en: str = ""
    others: tuple[str, ...] = ()
    others_en: tuple[str, ...] = ()
    kind: str = ""
    reuse: str = ""
    code: str = ""
    gone: bool = False


@dataclass
class Classification:
    """All that a folder holds. ``relations``: (occupation, skill) → essential; ``broader``: skill → skills above it."""

    version: str = ""
    skills: dict[str, Concept] = field(default_factory=dict)
    occupations: dict[str, Concept] = field(default_factory=dict)
    relations: dict[tuple[str, str], bool] = field(default_factory=dict)
    broader: dict[str, set[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_folder(folder: Path, version: str = "", tell: Tell = lambda done, total, text: None) -> Classification:
    """Read the folder; ``Refused`` with clear words where something needed is missing or no table of ESCO."""
    if not folder.is_dir():
        raise unusable(_("%(name)s is no folder.") % {"name": folder})
    found = Classification(version=version or _version_of(folder))
    steps: list[tuple[Callable[[Path, Classification], None], str]] = [
        (_skills, _("skills")), (_occupations, _("occupations")), (_relations, _("relations")), (_broader, _("broader skills")),
    ]  # fmt: skip
    for number, (step, name) in enumerate(steps):
        tell(number, len(steps), name)
        step(folder, found)
    tell(len(steps), len(steps), _("all read"))
    return found


def _version_of(folder: Path) -> str:
    """ESCO writes its version into the names of its downloads, not into its tables."""
    told = re.search(r"v(\d+\.\d+(?:\.\d+)?)", folder.resolve().name)
    return told.group(1) if told else ""


# ── skills and occupations ───────────────────────────────────────────────────────────────────────


def _skills(folder: Path, found: Classification) -> None:
    joined = one_of(folder, ["skills_de_en.csv"])
    if joined is not None:
        columns = ["uri", "label_en", "label_de", "alt_en", "alt_de"]
        more = [name for name in ("collections", "in_v12", "skillType", "reuseLevel") if _has(joined, name)]
        read: Iterable[Concept] = (_joined(row) for row in rows(joined, [*columns, *more]))
    else:
        read = _by_language(folder, "skills", ["skillType", "reuseLevel"], found)
    found.skills = _kept(read, found, _("skills"))
    told = one_of(folder, ["skill_skill.csv", "skillSkillRelations_en.csv", "skillSkillRelations.csv"])
    if told is not None:
        _kinds_from(told, found)


def _kinds_from(path: Path, found: Classification) -> None:
    """Joined tables tell a skill's type only where it is related to another one."""
    for row in rows(path, ["originalSkillUri", "originalSkillType", "relatedSkillUri", "relatedSkillType"]):
        for side in ("original", "related"):
            one = found.skills.get(_short(row[f"{side}SkillUri"]))
            kind = _KINDS.get(row[f"{side}SkillType"], "")
            if one is not None and kind and not one.kind:
                found.skills[one.uri] = replace(one, kind=kind)


def _occupations(folder: Path, found: Classification) -> None:
    joined = one_of(folder, ["occupations_de_en.csv"])
    if joined is not None:
        columns = ["uri", "label_en", "label_de", "alt_en", "alt_de", "code"]
        read: Iterable[Concept] = (_joined(row) for row in rows(joined, columns))
    else:
        read = _by_language(folder, "occupations", ["code"], found)
    found.occupations = _kept(read, found, _("occupations"))


def _joined(row: dict[str, str]) -> Concept:
    groups = row.get("collections", "").split("|")
    return Concept(
        _short(row["uri"]), row["label_de"], row["label_en"],
        _labels(row["alt_de"], row["label_de"]), _labels(row["alt_en"], row["label_en"]),
        _KINDS.get(row.get("skillType", ""), "language" if "language" in groups else ""),
        _reuse(row.get("reuseLevel", "") or ("transversal" if "transversal" in groups else "")),
        row.get("code", "")[:30],
        gone=row.get("in_v12", "").casefold() == "false",
    )  # fmt: skip


def _by_language(folder: Path, what: str, extra: list[str], found: Classification) -> Iterable[Concept]:
    """``skills_de.csv`` and ``skills_en.csv``; one of the two is enough, but said."""
    merged: dict[str, Concept] = {}
    paths = {language: one_of(folder, [f"{what}_{language}.csv"]) for language in ("de", "en")}
    for language, path in paths.items():
        if path is None:
            continue
        present = [name for name in extra if _has(path, name)]
        for row in rows(path, ["conceptUri", "preferredLabel", "altLabels", *present]):
            uri = _short(row["conceptUri"])
            old = merged.get(uri, Concept(uri))
            label, others = row["preferredLabel"], _labels(row["altLabels"], row["preferredLabel"])
            words = replace(old, name=label, others=others) if language == "de" else replace(old, name_en=label, others_en=others)  # fmt: skip
            kind, reuse = _KINDS.get(row.get("skillType", ""), old.kind), _reuse(row.get("reuseLevel", "")) or old.reuse
            merged[uri] = replace(words, kind=kind, reuse=reuse, code=row.get("code", "")[:30] or old.code)
    missing = [f"{what}_{language}.csv" for language, path in paths.items() if path is None]
    if len(missing) == 2:
        raise unusable(
            _("The folder has neither %(joined)s nor %(names)s.")
            % {"joined": f"{what}_de_en.csv", "names": " / ".join(missing)}
        )
    if missing:
        found.notes.append(_("%(file)s is missing: labels in one language only.") % {"file": missing[0]})
    return merged.values()


def _kept(concepts: Iterable[Concept], found: Classification, what: str) -> dict[str, Concept]:
    """Those that can be stored; what is left out is counted and said."""
    kept: dict[str, Concept] = {}
    odd = 0
    for one in concepts:
        usable = one.uri and len(one.uri) <= LONGEST_URI and _ADDRESS.match(one.uri) and (one.name or one.name_en)
        if not usable or one.uri in kept or max(len(one.name), len(one.name_en)) > LONGEST_LABEL:
            odd += 1
            continue
        kept[one.uri] = one
    if odd:
        found.notes.append(
            ngettext(
                "%(what)s: %(count)s row left out (no label, no address of ESCO, too long, or there twice).",
                "%(what)s: %(count)s rows left out (no label, no address of ESCO, too long, or there twice).",
                odd,
            )
            % {"what": what, "count": odd}
        )
    if not kept:
        raise unusable(_("The tables name no %(what)s.") % {"what": what})
    return kept


def _has(path: Path, column: str) -> bool:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return column in [part.strip().strip('"') for part in stream.readline().split(",")]
    except UnicodeDecodeError:
        return False


def _short(uri: str) -> str:
    return uri.removeprefix(BASE) if uri.startswith(BASE) else ""


def _labels(cell: str, preferred: str) -> tuple[str, ...]:
    """Other labels, parted by lines or bars, each once and without the preferred one."""
    parts = (" ".join(part.split()) for part in re.split(r"[|\n\r]", cell))
    return tuple(part for part in dict.fromkeys(parts) if part and part != preferred)


def _reuse(told: str) -> str:
    return told if told in _REUSE else ""


# ── relations ────────────────────────────────────────────────────────────────────────────────────


def _relations(folder: Path, found: Classification) -> None:
    joined = one_of(folder, ["occupation_skill.csv"])
    official = one_of(folder, ["occupationSkillRelations_en.csv", "occupationSkillRelations_de.csv", "occupationSkillRelations.csv"])  # fmt: skip
    if joined is not None:
        path, names = joined, ("occupation_uri", "skill_uri", "relation")
    elif official is not None:
        path, names = official, ("occupationUri", "skillUri", "relationType")
    else:
        raise unusable(
            _("The folder has neither %(joined)s nor %(names)s.")
            % {"joined": "occupation_skill.csv", "names": "occupationSkillRelations_en.csv"}
        )
    loose = 0
    for row in rows(path, names):
        pair = (_short(row[names[0]]), _short(row[names[1]]))
        if pair[0] not in found.occupations or pair[1] not in found.skills or row[names[2]] not in {"essential", "optional"}:  # fmt: skip
            loose += 1
            continue
        found.relations[pair] = found.relations.get(pair, False) or row[names[2]] == "essential"
    if loose:
        found.notes.append(
            ngettext(
                "%(count)s relation left out: its occupation or skill is not in the tables.",
                "%(count)s relations left out: their occupation or skill is not in the tables.",
                loose,
            )
            % {"count": loose}
        )


def _broader(folder: Path, found: Classification) -> None:
    """The skills above a skill; groups above them are not skills and are left out."""
    path = one_of(folder, ["skill_broader.csv", "broaderRelationsSkillPillar_en.csv", "broaderRelationsSkillPillar.csv"])  # fmt: skip
    if path is None:
        found.notes.append(_("%(file)s is missing: no broader skills.") % {"file": "skill_broader.csv"})
        return
    for row in rows(path, ["conceptUri", "broaderUri"]):
        low, high = _short(row["conceptUri"]), _short(row["broaderUri"])
        if low in found.skills and high in found.skills and low != high:
            found.broader.setdefault(low, set()).add(high)
