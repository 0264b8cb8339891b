"""Linking texts to ESCO as it is imported here and to our own vocabulary."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.conf import settings
from django.db.models import Count, Max, QuerySet
from django.utils.translation import get_language

from stellwerk.staffing.esco.terms import labels_to_find
from stellwerk.staffing.linking import Linker
from stellwerk.staffing.meaning import Store, Tell, model
from stellwerk.staffing.models import EscoSkill
from stellwerk.staffing.models.esco import EscoSkillType
from stellwerk.staffing.recognise import Found, Recogniser
from stellwerk.staffing.vocabulary import Term, vocabulary

_ready: dict[tuple[object, ...], Linker] = {}


def linker(tell: Tell = lambda done, total: None, *, meaning: bool = True) -> Linker:
    """The labels of our vocabulary and the preferred ones of ESCO, in both languages; made again only after an import.

    Concepts are codes of our terms, or ``esco:<uri>`` of :class:`EscoSkill`. A term that ESCO has too answers for both. The first call of a
    process takes seconds for the letters, and minutes for the vectors if they were never computed (``stellwerk import esco --vectors``):
    pages ask without ``meaning``, by letters alone.
    """
    stamp = EscoSkill.objects.aggregate(n=Count("pk"), day=Max("imported_on"), gone=Max("removed_on"))
    loaded = model() if meaning else None
    key = (settings.DATABASES["default"]["NAME"], *stamp.values(), loaded is not None)
    if key not in _ready:
        for old in [one for one in _ready if one[:-1] != key[:-1]]:
            del _ready[old]
        store = Store(settings.HOME / "vectors", loaded) if loaded is not None else None
        _ready[key] = Linker(_concepts(), store, tell)
    return _ready[key]


def _concepts() -> dict[str, list[str]]:
    found = {code: sorted(term.labels()) for code, term in vocabulary().items() if term.kind != "language"}
    rows = EscoSkill.objects.filter(removed_on=None).values_list("uri", "name", "name_en", "term")
    for uri, name, name_en, term in rows.iterator(chunk_size=5000):
        found.setdefault(term or f"esco:{uri}", []).extend(label for label in (name, name_en) if label)
    return found


_found_by: dict[tuple[object, ...], Recogniser] = {}


def esco_in(text: str) -> dict[str, Found]:
    """Skills of ESCO that a text names and our vocabulary does not have, by ``uri``, each where it stands first; nothing without an import.

    The first call of a process takes some seconds for the labels.
    """
    rows = EscoSkill.objects.filter(removed_on=None, term="").exclude(kind=EscoSkillType.LANGUAGE)
    stamp = rows.aggregate(n=Count("pk"), day=Max("imported_on"))
    if not stamp["n"]:
        return {}
    key = (settings.DATABASES["default"]["NAME"], *stamp.values())
    if key not in _found_by:
        _found_by.clear()
        _found_by[key] = Recogniser(_esco_terms(rows), exact=True)
    found: dict[str, Found] = {}
    for one in _found_by[key].find(text):
        found.setdefault(one.code, one)
    return found


def _esco_terms(rows: QuerySet[EscoSkill]) -> Iterator[Term]:
    for uri, name, name_en, others, others_en in rows.values_list(
        "uri", "name", "name_en", "others", "others_en"
    ).iterator(chunk_size=5000):
        labels = tuple(labels_to_find((name, name_en), (*others.split("\n"), *others_en.split("\n"))))
        if labels:
            yield Term(uri, "skill", {"de": labels[0]}, {"de": labels[1:]})


def nearest(text: str, kinds: Collection[str] = (), most: int = 3) -> list[str]:
    """Names of the terms that a word may mean, in the reader's language, the likeliest first: our vocabulary's and ESCO's, by letters."""
    here = "en" if (get_language() or "").startswith("en") else "de"
    found: list[str] = []
    for link in linker(meaning=False).link(text[:250], most * 3):
        if link.concept.startswith("esco:"):
            found.append(link.label)
        elif not kinds or vocabulary()[link.concept].kind in kinds:
            found.append(vocabulary()[link.concept].names[here])
    return list(dict.fromkeys(found))[:most]
