"""Taking in ESCO: new concepts, changed ones, removed ones; a second time with the same tables changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.staffing.esco.reading import Classification, Concept
from stellwerk.staffing.esco.terms import terms_of_labels
from stellwerk.staffing.models import EscoOccupation, EscoRelation, EscoSkill

CHUNK = 2000
Tell = Callable[[int, int, str], None]


@dataclass
class Count:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    returned: int = 0

    @property
    def touched(self) -> int:
        return self.created + self.changed + self.removed + self.returned


@dataclass
class Taken:
    """What an import did. ``linked``: terms of our vocabulary with an equal label in ESCO."""

    skills: Count
    occupations: Count
    relations: Count
    linked: int
    version: str

    @property
    def nothing_new(self) -> bool:
        return not (self.skills.touched or self.occupations.touched or self.relations.touched)

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "nothing_new": self.nothing_new}


def import_esco(
    *,
    found: Classification,
    by: User | None,
    today: dt.date | None = None,
    tell: Tell = lambda done, total, text: None,
) -> Taken:
    """Store what ``esco.reading.read_folder`` found, in one transaction. ``by`` None: Stellwerk's own command line."""
    if by is not None:
        require(by, "edit", "staffing.vacancy")
    day = today or timezone.localdate()
    with transaction.atomic():
        skills, counted = _store(EscoSkill, found.skills, found.version, day, tell, _("skills"))
        occupations, _rest = _store(EscoOccupation, found.occupations, found.version, day, tell, _("occupations"))
        keys = dict(EscoSkill.objects.values_list("uri", "pk"))
        works = dict(EscoOccupation.objects.values_list("uri", "pk"))
        above = {keys[low]: sorted(keys[high] for high in high_ones) for low, high_ones in found.broader.items()}
        linked, moved = _refer(above, counted)
        skills.changed, skills.unchanged = skills.changed + moved, skills.unchanged - moved
        relations = _relate({(works[o], keys[s]): must for (o, s), must in found.relations.items()}, tell)
        taken = Taken(skills, occupations, relations, linked, found.version)
        first = EscoSkill.objects.order_by("pk").first()
        if first is not None and not taken.nothing_new:
            counts = {name: [0, value.touched] for name, value in _counts(taken).items() if value.touched}
            record(first, by=by, verb="import", changes=counts, reason=f"ESCO {found.version}".strip())
    return taken


def _counts(taken: Taken) -> dict[str, Count]:
    return {"skills": taken.skills, "occupations": taken.occupations, "relations": taken.relations}


def _store(
    model: type[EscoSkill] | type[EscoOccupation],
    concepts: Mapping[str, Concept],
    version: str,
    day: dt.date,
    tell: Tell,
    what: str,
) -> tuple[Count, set[str]]:
    count = Count()
    there = {row.uri: row for row in model._default_manager.all()}
    new, other = [], []
    for uri, one in concepts.items():
        values = _values(model, one)
        row = there.get(uri)
        if row is None:
            removed = day if one.gone else None
            new.append(model(uri=uri, release=version, imported_on=day, removed_on=removed, **values))
            count.created += 1
            continue
        back = row.removed_on is not None and not one.gone
        lost = row.removed_on is None and one.gone
        different = any(getattr(row, name) != value for name, value in values.items()) or row.release != version
        if not (back or lost or different):
            count.unchanged += 1
            continue
        count.returned, count.removed = count.returned + back, count.removed + lost
        count.changed += different and not back and not lost
        for name, value in values.items():
            setattr(row, name, value)
        row.release, row.imported_on = version, day
        row.removed_on = None if back else day if lost else row.removed_on
        other.append(row)
    for uri, row in there.items():
        if uri not in concepts and row.removed_on is None:
            row.removed_on = day
            other.append(row)
            count.removed += 1
    _write(model, new, other, ["release", "imported_on", "removed_on", *_names(model)], tell, what)
    return count, {row.uri for row in (*new, *other)}


def _write(model: type[models.Model], new: list, other: list, fields: list[str], tell: Tell, what: str) -> None:  # type: ignore[type-arg]
    total = len(new) + len(other)
    for begin in range(0, len(new), CHUNK):
        model._default_manager.bulk_create(new[begin : begin + CHUNK], batch_size=500)
        tell(min(begin + CHUNK, len(new)), total, what)
    for begin in range(0, len(other), CHUNK):
        model._default_manager.bulk_update(other[begin : begin + CHUNK], fields, batch_size=200)
        tell(len(new) + min(begin + CHUNK, len(other)), total, what)


def _names(model: type[models.Model]) -> list[str]:
    return ["name", "name_en", "others", "others_en", *(("kind", "reuse") if model is EscoSkill else ("code",))]


def _values(model: type[models.Model], one: Concept) -> dict[str, str]:
    told = {
        "name": one.name,
        "name_en": one.name_en,
        "others": "\n".join(one.others),
        "others_en": "\n".join(one.others_en),
        "kind": one.kind,
        "reuse": one.reuse,
        "code": one.code,
    }
    return {name: told[name] for name in _names(model)}


def _refer(above: Mapping[int, list[int]], counted: set[str]) -> tuple[int, int]:
    """Sets each skill's broader ones and the term of our vocabulary with an equal label: (terms linked, rows changed and not counted yet)."""
    rows = list(EscoSkill.objects.all())
    terms = terms_of_labels({row.pk: ([row.name, row.name_en], row.labels()) for row in rows if row.removed_on is None})
    touched = []
    for row in rows:
        broader, term = above.get(row.pk, []), terms.get(row.pk, "")
        if row.broader != broader or row.term != term:
            row.broader, row.term = broader, term
            touched.append(row)
    EscoSkill.objects.bulk_update(touched, ["broader", "term"], batch_size=400)
    return len(set(terms.values())), sum(1 for row in touched if row.uri not in counted)


def _relate(wanted: Mapping[tuple[int, int], bool], tell: Tell) -> Count:
    there = {
        (occupation, skill): (pk, essential)
        for pk, occupation, skill, essential in EscoRelation.objects.values_list(
            "pk", "occupation_id", "skill_id", "essential"
        ).iterator(chunk_size=10_000)
    }
    new = [
        EscoRelation(occupation_id=pair[0], skill_id=pair[1], essential=essential)
        for pair, essential in wanted.items()
        if pair not in there
    ]
    gone = [pk for pair, (pk, _essential) in there.items() if pair not in wanted]
    other = {True: [], False: []}  # type: dict[bool, list[int]]
    for pair, essential in wanted.items():
        if pair in there and there[pair][1] != essential:
            other[essential].append(there[pair][0])
    for begin in range(0, len(new), CHUNK * 5):
        EscoRelation.objects.bulk_create(new[begin : begin + CHUNK * 5], batch_size=1000)
        tell(min(begin + CHUNK * 5, len(new)), len(new), _("relations"))
    for begin in range(0, len(gone), 500):
        EscoRelation.objects.filter(pk__in=gone[begin : begin + 500]).delete()
    for essential, rows in other.items():
        for begin in range(0, len(rows), 500):
            EscoRelation.objects.filter(pk__in=rows[begin : begin + 500]).update(essential=essential)
    changed = len(other[True]) + len(other[False])
    return Count(len(new), changed, len(wanted) - len(new) - changed, len(gone))
