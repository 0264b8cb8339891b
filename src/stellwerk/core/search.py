"""Search over all registered entities, pages and actions: only what the user may see, tolerant of umlauts and typos.

One query tells which kinds have a hit, then one for each of these with a list of bounded length; only when nothing is
found, the same once more for similar spellings. Candidates are ranked by RapidFuzz.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_, or_
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import CharField, Exists, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from stellwerk.core import navigation
from stellwerk.core.db import Fold, fold
from stellwerk.core.models import AuditEntry, User, Watch
from stellwerk.core.permissions import can, visible
from stellwerk.core.registry import ENTITIES, EntityType, url_of

SHORTEST = 2
CANDIDATES = 60
SIMILAR = 72.0  # least similarity (0-100) of a misspelt hit
LONG_FORMS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


@dataclass(frozen=True)
class Hit:
    """One line of the results."""

    label: str
    hint: str
    url: str
    icon: str
    score: float = 0.0
    archived: bool = False

    def as_json(self) -> dict[str, str]:
        return {"label": self.label, "hint": self.hint, "url": self.url, "icon": self.icon}


@dataclass
class Group:
    label: str
    hits: list[Hit] = field(default_factory=list)
    kind: str = ""
    more: bool = False


def tokens_of(query: str) -> list[str]:
    """Folded words of a query: “Müller, Stade” → ``["muller", "stade"]``."""
    text = fold(query) or ""
    return [
        part for part in "".join(char if char.isalnum() or char in "-._@" else " " for char in text).split() if part
    ][:6]


def variants(token: str) -> list[str]:
    """Spellings under which a folded token may be stored: ``mueller`` is stored as ``muller``."""
    found = [token]
    for long, short in LONG_FORMS:
        if long in token:
            found.append(token.replace(long, short))
    every = reduce(lambda text, pair: text.replace(*pair), LONG_FORMS, token)
    return list(dict.fromkeys([*found, every]))


def _searchable(kind: EntityType) -> list[str]:
    names = []
    for name in kind.search:
        try:
            kind.model._meta.get_field(name.split("__")[0])
        except FieldDoesNotExist:
            continue
        names.append(name)
    return names


def _rows(user: User, kind: EntityType, archived: bool) -> QuerySet[Any]:
    rows = kind.model._default_manager.filter(visible(user, kind.model))
    if not archived and _archivable(kind.model):
        rows = rows.filter(archived_at__isnull=True)
    if kind.related:
        rows = rows.select_related(*kind.related)
    folded = {f"folded_{number}": Fold(Cast(name, CharField())) for number, name in enumerate(_searchable(kind))}
    found: QuerySet[Any] = rows.annotate(**folded)
    return found


def _archivable(model: type[models.Model]) -> bool:
    return any(column.name == "archived_at" for column in model._meta.get_fields())


def _contains(columns: int, words: Iterable[str]) -> Q:
    return reduce(or_, (Q(**{f"folded_{n}__contains": word}) for n in range(columns) for word in words))


def rows_matching(
    user: User, kind: EntityType, query: str, *, archived: bool = False, limit: int = CANDIDATES
) -> list[Any]:
    """Objects of one kind in which every word of the query occurs, best first (one query)."""
    rows = _matching(user, kind, query, archived)
    return _ranked(list(rows.distinct()[:limit]), kind, query) if rows is not None else []


def _matching(user: User, kind: EntityType, query: str, archived: bool = False) -> QuerySet[Any] | None:
    columns = len(_searchable(kind))
    tokens = tokens_of(query)
    if not columns or not tokens:
        return None
    return _rows(user, kind, archived).filter(reduce(and_, (_contains(columns, variants(token)) for token in tokens)))


def rows_similar(user: User, kind: EntityType, query: str, *, limit: int = 400) -> list[Any]:
    """Objects whose words begin or end like the query's: for misspelt queries (one query, ranked here)."""
    rows = _similar(user, kind, query)
    if rows is None:
        return []
    found = [(likeness_of(row, kind, query), row) for row in rows.distinct()[:limit]]
    close = sorted((pair for pair in found if pair[0] >= SIMILAR), key=lambda pair: -pair[0])
    return [row for _score, row in close]


def _similar(user: User, kind: EntityType, query: str) -> QuerySet[Any] | None:
    columns = len(_searchable(kind))
    pieces = {piece for token in tokens_of(query) if len(token) >= 4 for piece in (token[:3], token[-3:], token[1:4])}
    return _rows(user, kind, False).filter(_contains(columns, pieces)) if columns and pieces else None


def _with_rows(user: User, rows: Sequence[tuple[EntityType, QuerySet[Any] | None]]) -> list[EntityType]:
    """The kinds of which there is a row at all: one query for all of them, so that only those are read."""
    asked = {
        f"kind_{number}": Exists(found.order_by()) for number, (_kind, found) in enumerate(rows) if found is not None
    }
    if not asked:
        return []
    told = User.objects.filter(pk=user.pk).values(**asked).first() or {}
    return [kind for number, (kind, _found) in enumerate(rows) if told.get(f"kind_{number}")]


def _ranked(rows: list[Any], kind: EntityType, query: str) -> list[Any]:
    return sorted(rows, key=lambda row: (-score_of(row, kind, query), str(row)))


def score_of(row: Any, kind: EntityType, query: str) -> float:
    """0-100: exact key first, then beginnings, then likeness of the best matching field or of the whole."""
    wanted = " ".join(tokens_of(query))
    best = 0.0
    texts = [fold(str(value)) or "" for name in _searchable(kind) if (value := _follow(row, name))]
    for text in [*texts, fold(str(row)) or ""]:
        if text == wanted:
            return 100.0
        if text.startswith(wanted):
            best = max(best, 97.0)
        whole = fuzz.WRatio(wanted, text)
        words = max((fuzz.ratio(wanted, word) for word in text.split()), default=0.0)
        best = max(best, min(95.0, max(whole if len(wanted) > 4 else whole * 0.9, words)))
    return best


def likeness_of(row: Any, kind: EntityType, query: str) -> float:
    """0-100: how well each word of a misspelt query resembles one of the row's, or the whole the whole.

    Parts of words do not count: “Neubau” is not meant by “Bau”, nor “Präsentation” by “Dokumentation”.
    """
    tokens, best = tokens_of(query), 0.0
    texts = [fold(str(value)) or "" for name in _searchable(kind) if (value := _follow(row, name))]
    for text in [*texts, fold(str(row)) or ""]:
        words = text.split()
        each = min((max((fuzz.ratio(token, word) for word in words), default=0.0) for token in tokens), default=0.0)
        best = max(best, each, fuzz.ratio(" ".join(tokens), text))
    return min(best, 95.0)


def _follow(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name, None)
        if row is None:
            return None
    return row


# ── what pages ask ───────────────────────────────────────────────────────────────────────────────


def kinds_for(user: User) -> list[EntityType]:
    """Kinds that can be searched and opened by this user."""
    return [kind for kind in ENTITIES.values() if kind.search and kind.url_name and can(user, "view", kind.label)]


def find(user: User, query: str, *, labels: Sequence[str] = (), limit: int = 8, archived: bool = False) -> list[Group]:
    """Hits by kind, the kind with the best hit first; misspelt queries find similar names."""
    if len("".join(tokens_of(query))) < SHORTEST:
        return []
    kinds = [kind for kind in kinds_for(user) if not labels or kind.label in labels]
    some = _with_rows(user, [(kind, _matching(user, kind, query, archived)) for kind in kinds])
    groups = [_group(kind, rows_matching(user, kind, query, archived=archived), query, limit) for kind in some]
    if not any(group.hits for group in groups):
        close = _with_rows(user, [(kind, _similar(user, kind, query)) for kind in kinds])
        groups = [_group(kind, rows_similar(user, kind, query), query, limit, likeness_of) for kind in close]
    found = [group for group in groups if group.hits]
    return sorted(found, key=lambda group: -max(hit.score for hit in group.hits))


def _group(
    kind: EntityType, rows: list[Any], query: str, limit: int, score: Callable[[Any, EntityType, str], float] = score_of
) -> Group:
    hits = [hit_of(row, kind, score(row, kind, query)) for row in rows[:limit]]
    return Group(_capital(kind.plural), [hit for hit in hits if hit.url], kind.label, more=len(rows) > limit)


def hit_of(row: Any, kind: EntityType, score: float = 0.0) -> Hit:
    parts = [str(getattr(row, "key", "") or "")]
    parts += [str(value) for name in kind.related[:1] if (value := _follow(row, name)) is not None]
    archived = bool(getattr(row, "archived_at", None))
    if archived:
        parts.append(_("archived"))
    return Hit(str(row), " · ".join(part for part in parts if part), _address(row), kind.icon, score, archived)


def _address(row: Any) -> str:
    from django.urls import NoReverseMatch

    try:
        return url_of(row)
    except NoReverseMatch:  # the page of this kind is not there yet
        return ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def places(user: User, query: str = "") -> tuple[list[Hit], list[Hit]]:
    """(pages, actions) whose name fits the query; all of them for an empty query."""
    sections = {section.code: str(section.label) for section in navigation.SECTIONS}
    pages = [
        Hit(
            str(entry.label), sections[code] if sections[code] != str(entry.label) else "", entry.url(), entry.icon, 0.0
        )
        for code, rows in navigation.entries_for(user).items()
        for entry in rows
    ]
    actions = [
        Hit(_("Create: %(what)s") % {"what": entry.label}, "", entry.url(), entry.icon)
        for entry in navigation.create_entries_for(user)
    ]
    return fitting(pages, query), fitting(actions, query)


def fitting(hits: list[Hit], query: str) -> list[Hit]:
    """The pages or actions that a query means, best first; all of them for an empty query."""
    if not query.strip():
        return hits
    tokens = tokens_of(query)
    wanted = " ".join(tokens)
    found = []
    for hit in hits:
        text = fold(f"{hit.label} {hit.hint}") or ""
        every = all(any(form in text for form in variants(token)) for token in tokens)
        likeness = fuzz.partial_ratio(wanted, text) if len(wanted) >= 4 else 0.0
        if every or likeness >= 85:
            found.append(replace(hit, score=_place_score(hit, wanted, tokens) if every else min(likeness, 90.0)))
    return sorted(found, key=lambda hit: -hit.score)


def _place_score(hit: Hit, wanted: str, tokens: Sequence[str]) -> float:
    """How well the name of a page fits: all of it, whole words, its beginning, the beginning of a word, somewhere."""
    label = fold(hit.label) or ""
    words = "".join(char if char.isalnum() else " " for char in label).split()
    if label == wanted:
        return 100.0
    if all(token in words for token in tokens):
        return 99.0
    if label.startswith(wanted):
        return 98.0
    return 96.0 if all(any(word.startswith(token) for word in words) for token in tokens) else 91.0


def palette(user: User, query: str) -> list[dict[str, Any]]:
    """Groups for the command palette; an empty query answers what the reader watches and did last, and the pages."""
    pages, actions = places(user, query)
    groups: list[tuple[str, list[Hit]]] = []
    if query.strip():
        groups += [(group.label, group.hits) for group in find(user, query, limit=6)]
        groups += [(_("Pages"), pages[:6]), (_("Actions"), actions[:6])]
        groups.sort(key=lambda group: -max((hit.score for hit in group[1]), default=0.0))
    else:
        groups += [(_("Recently"), recent(user)), (_("Pages"), pages[:12]), (_("Actions"), actions[:8])]
    return [{"label": label, "items": [hit.as_json() for hit in hits]} for label, hits in groups if hits]


def recent(user: User, limit: int = 6) -> list[Hit]:
    """What the user changed last and follows, newest first."""
    keys = list(
        dict.fromkeys(
            AuditEntry.objects.filter(actor=user).order_by("-pk").values_list("entity_type", "entity_id")[:40]
        )
    )
    keys += [
        row
        for row in Watch.objects.filter(user=user).order_by("-pk").values_list("entity_type", "entity_id")[:10]
        if row not in keys
    ]
    wanted: dict[str, list[int]] = {}
    for label, number in keys:
        if label in ENTITIES and ENTITIES[label].url_name:
            wanted.setdefault(label, []).append(number)
    found: dict[tuple[str, int], Hit] = {}
    for label, numbers in wanted.items():
        kind = ENTITIES[label]
        rows = kind.model._default_manager.filter(visible(user, kind.model), pk__in=numbers[: limit * 2])
        found |= {(label, row.pk): hit_of(row, kind) for row in rows.select_related(*kind.related)}
    hits = [found[key] for key in keys if key in found]
    return [hit for hit in hits if hit.url][:limit]


def lookup_rows(user: User, kind: EntityType, query: str, limit: int = 30) -> list[Any]:
    """Options of a remote select: hits for a query, the first ones for none."""
    if not tokens_of(query):
        return list(_rows(user, kind, False)[:limit])
    if not kind.search:
        return []
    return rows_matching(user, kind, query)[:limit] or rows_similar(user, kind, query)[:limit]
