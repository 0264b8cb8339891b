"""The audit trail in words: who changed what from what to what, when and why."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import visible_rows
from stellwerk.core.registry import ENTITIES, MACHINES
from stellwerk.core.services import HIDDEN
from stellwerk.core.words import Words, currency_of, field_label

VERBS: dict[str, Text] = {
    "create": gettext_lazy("created"),
    "edit": gettext_lazy("changed"),
    "archive": gettext_lazy("archived"),
    "restore": gettext_lazy("restored"),
    "import": gettext_lazy("imported"),
    "import_create": gettext_lazy("created by an import"),
    "bulk_edit": gettext_lazy("changed in a list"),
    "undo": gettext_lazy("taken back"),
    "merge": gettext_lazy("merged with another entry"),
    "merged": gettext_lazy("merged into another entry"),
    "comment": gettext_lazy("commented"),
    "comment_edit": gettext_lazy("comment changed"),
    "comment_withdraw": gettext_lazy("comment withdrawn"),
    "attach": gettext_lazy("file added"),
    "detach": gettext_lazy("file removed"),
    "delete": gettext_lazy("deleted"),
    "erase": gettext_lazy("personal data erased"),
    "publish": gettext_lazy("published"),
    "sign_in": gettext_lazy("signed in"),
    "snapshot": gettext_lazy("frozen as published"),
    "redact": gettext_lazy("a name taken out of a published report"),
    "disclose": gettext_lazy("personal data handed out"),
    "figures": gettext_lazy("figures written"),
    "report": gettext_lazy("taken over from a report"),
    "demo": gettext_lazy("demo company loaded"),
    "link": gettext_lazy("linked with the sign-in of the company"),
    "share": gettext_lazy("list view shared"),
    "unshare": gettext_lazy("list view no longer shared"),
    "token_create": gettext_lazy("API token created"),
    "token_revoke": gettext_lazy("API token revoked"),
}
FIELDS: dict[str, Text] = {
    "comment": gettext_lazy("Comment"),
    "file": gettext_lazy("File"),
    "merged_into": gettext_lazy("Merged into"),
    "merged_from": gettext_lazy("Merged from"),
    "archived_at": gettext_lazy("Archived"),
    "snapshot": capfirst(gettext_lazy("snapshot")),
}
_ROW_META = frozenset({"id", "_name"})
# (entity, code) → title and model of a child table that is audited on its parent
CHILD_TABLES: dict[tuple[str, str], tuple[Text, type[models.Model]]] = {}


Mask = Callable[[User, list[dict[str, Any]]], list[dict[str, Any]]]
MASKS: dict[str, Mask] = {}


def register_history_mask(entity: str, mask: Mask) -> None:
    """Changes of this kind of thing name others by their keys: ``mask`` leaves out what the reader may not see, of all entries at once."""
    MASKS[entity] = mask


def register_verb(code: str, label: Text) -> None:
    """Say how an audit verb of your own reads (“report returned”)."""
    VERBS[code] = label


def register_history_field(code: str, label: Text) -> None:
    """Say how a change that is no model field reads (the code of a child table, for example)."""
    FIELDS[code] = label


def register_child_table(entity: str, code: str, title: Text, model: type[models.Model]) -> None:
    """Say how the lines of a child table of ``entity`` read: its title, and the model that knows its fields."""
    CHILD_TABLES[entity, code] = (title, model)


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """One audit entry in words, as ``c-trail`` shows it."""

    at: dt.datetime
    who: str
    what: str
    why: str
    changes: list[Change] = field(default_factory=list)
    entry: AuditEntry | None = None
    kind: str = ""
    key: str = ""


def verb_label(label: str, verb: str) -> str:
    """A verb or transition in the reader's language."""
    machine = MACHINES.get(label)
    if machine is not None:
        for transition in machine.transitions:
            if transition.code == verb:
                return str(transition.label)
    return str(VERBS.get(verb, verb.replace("_", " ")))


def entries_of(obj: models.Model) -> models.QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(entity_type=obj._meta.label_lower, entity_id=obj.pk).select_related("actor")


def hidden_fields(
    user: User | None, rows: Iterable[tuple[str, int, Iterable[str]]]
) -> Mapping[tuple[str, int], frozenset[str]]:
    """Which of the named fields the reader may not see: ``(label, number, names)`` in, ``(label, number)`` → names out.

    Asks for ``EntityType.guarded`` alone, one query per kind and verb. What is no longer there shows none of them: nobody can
    say any more whose it was.
    """
    asked: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for label, number, names in rows if user is not None else ():
        kind = ENTITIES.get(label)
        for name in kind.guarded.keys() & set(names) if kind is not None and kind.guarded else ():
            asked[label, kind.guarded[name]][number].add(name)  # type: ignore[union-attr]
    found: dict[tuple[str, int], frozenset[str]] = defaultdict(frozenset)
    for (label, verb), wanted in asked.items():
        model = ENTITIES[label].model
        seen = set(
            visible_rows(user, model._default_manager.filter(pk__in=list(wanted)), verb).values_list("pk", flat=True)
        )
        for number in wanted.keys() - seen:
            found[label, number] |= wanted[number]
    return found


def changes_for(user: User | None, entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """The changes of each entry as this reader may know them: of the others only that there was a value."""
    rows = list(entries)
    hidden = hidden_fields(user, [(entry.entity_type, entry.entity_id, entry.changes) for entry in rows])
    told = [masked(entry.changes, hidden.get((entry.entity_type, entry.entity_id), frozenset())) for entry in rows]
    for label in {entry.entity_type for entry in rows} & MASKS.keys() if user is not None else ():
        places = [at for at, entry in enumerate(rows) if entry.entity_type == label]
        assert user is not None
        for at, changes in zip(places, MASKS[label](user, [told[at] for at in places]), strict=True):
            told[at] = changes
    return told


def masked(changes: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """``{field: [before, after]}`` with the values of ``names`` hidden."""
    return {name: _masked(pair) if name in names else pair for name, pair in changes.items()}


def _masked(pair: Any) -> Any:
    return [value if value in (None, "") else HIDDEN for value in pair] if isinstance(pair, list) else HIDDEN


def lines(entries: Iterable[AuditEntry], user: User | None, obj: models.Model | None = None) -> list[Line]:
    """Audit entries in words; names of what the reader may not see stay hidden. One query per kind of name."""
    rows = list(entries)
    told = changes_for(user, rows)
    words = Words(user)
    for entry, changes in zip(rows, told, strict=True):
        model = _model(entry.entity_type)
        if model is not None:
            words.load(model, [(name, value) for name, pair in changes.items() for value in _pair(pair)])
        for name, pair in changes.items():
            if (entry.entity_type, name) in CHILD_TABLES and isinstance(pair, list):
                words.load(CHILD_TABLES[entry.entity_type, name][1], _cells(pair))
    currency = currency_of(obj) if obj is not None else "EUR"
    return [_line(entry, changes, words, currency) for entry, changes in zip(rows, told, strict=True)]


def _model(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _pair(pair: Any) -> list[Any]:
    if isinstance(pair, list) and len(pair) == 2:
        return [value for value in pair if not _is_rows(value)]
    return []


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) and "_name" in row for row in value)


def _line(entry: AuditEntry, told: Mapping[str, Any], words: Words, currency: str) -> Line:
    model = _model(entry.entity_type)
    changes: list[Change] = []
    for name, pair in told.items():
        if not isinstance(pair, list) or len(pair) != 2:
            continue
        if _is_rows(pair[0]) or _is_rows(pair[1]):
            changes += _row_changes(entry.entity_type, name, pair, words, currency)
        elif model is not None:
            label = str(FIELDS[name]) if name in FIELDS else field_label(model, name)
            old, new = (words.value(model, name, raw, currency) for raw in pair)
            if (old, new) != (formats.NO_DATA, formats.NO_DATA):
                changes.append(Change(label, old, new))
    kind = ENTITIES.get(entry.entity_type)
    return Line(
        at=entry.at,
        who=str(entry.actor) if entry.actor_id and entry.actor else _("Stellwerk"),
        what=verb_label(entry.entity_type, entry.verb),
        why=entry.reason,
        changes=changes,
        entry=entry,
        kind=kind.name if kind else entry.entity_type,
        key=entry.entity_key,
    )


def _cells(pair: Sequence[Any]) -> list[tuple[str, Any]]:
    rows = [row for side in pair if _is_rows(side) for row in side]
    return [(name, value) for row in rows for name, value in row.items() if name not in _ROW_META]


def _row_changes(entity: str, code: str, pair: Sequence[Any], words: Words, currency: str) -> list[Change]:
    """Changes of a child table: one line per row."""
    title, model = CHILD_TABLES.get((entity, code), (FIELDS.get(code, code.replace("_", " ").capitalize()), None))
    before = {row["id"]: row for row in (pair[0] or []) if isinstance(row, dict)}
    after = {row["id"]: row for row in (pair[1] or []) if isinstance(row, dict)}

    def text(row: dict[str, Any] | None) -> str:
        cells = [
            (name, value) for name, value in (row or {}).items() if name not in _ROW_META and value not in (None, "")
        ]
        if model is None:
            return ", ".join(str(value) for _name, value in cells)
        return ", ".join(
            f"{field_label(model, name)} {words.value(model, name, value, currency)}" for name, value in cells
        )

    return [
        Change(
            ": ".join(str(part) for part in (title, (after.get(number) or before[number])["_name"]) if part),
            text(before.get(number)),
            text(after.get(number)),
        )
        for number in [*before, *[number for number in after if number not in before]]
    ]
