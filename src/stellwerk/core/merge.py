"""Merging duplicates: two entities of one kind become one; everything that refers to the second moves; undo works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz

from stellwerk.core.changesets import ChangeKind, Recorder, apply, preview, register_change_kind, relations_to
from stellwerk.core.db import fold
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import (
    Attachment,
    AuditEntry,
    ChangeSet,
    Comment,
    Notification,
    Snapshot,
    User,
    Watch,
    jsonable,
)
from stellwerk.core.permissions import require, visible_rows
from stellwerk.core.registry import ENTITIES, GUARDS, EntityType, entity_type
from stellwerk.core.services import record, validate
from stellwerk.core.words import Words, currency_of, field_label

KIND = register_change_kind(ChangeKind("merge", gettext_lazy("Merge of duplicates"), icon="merge"))
NEVER = {"id", "key", "version", "created_at", "updated_at", "archived_at"}
ALONE = {"email", "external_key"}  # two entries with the same one are very likely the same
LIKE = 88.0  # least likeness (0-100) of two names to be suggested
MOST_IN_BLOCK = 60  # a word that so many names share says nothing

# Rooms whose rows need more than a new number (a chain of dated figures, for example): run before the general move.
STEPS: dict[str, list[Callable[[Recorder, Any, Any], None]]] = defaultdict(list)


def register_merge_step(label: str, step: Callable[[Recorder, Any, Any], None]) -> None:
    """``step(recorder, keep, lose)`` moves rows of its room itself, through the recorder."""
    STEPS[label].append(step)


@dataclass(frozen=True)
class Difference:
    """One field of two entities side by side."""

    name: str
    label: str
    keep: str
    lose: str
    same: bool
    take: str  # keep or lose: what is chosen beforehand (a filled value before an empty one)


@dataclass(frozen=True)
class Pair:
    """Two entities that may be the same."""

    first: Any
    second: Any
    score: float
    why: str


def mergeable_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The columns whose value may be chosen; states stay with the entity that is kept."""
    from stellwerk.core.registry import MACHINES

    machine = MACHINES.get(str(model._meta.label_lower))
    skip = NEVER | ({machine.field} if machine else set())
    return [row for row in model._meta.concrete_fields if row.name not in skip and row.editable]


def compare(keep: models.Model, lose: models.Model, user: User) -> list[Difference]:
    """Both entities field by field in words."""
    words = Words(user)
    model = type(keep)
    rows = []
    for column in mergeable_fields(model):
        left, right = (jsonable(getattr(obj, column.attname)) for obj in (keep, lose))
        if left in (None, "", {}, []) and right in (None, "", {}, []):
            continue
        rows.append(
            Difference(
                column.name,
                field_label(model, column.name),
                words.value(model, column.name, left, currency_of(keep)),
                words.value(model, column.name, right, currency_of(lose)),
                left == right,
                "lose" if left in (None, "", {}, []) else "keep",
            )
        )
    return rows


def references(obj: models.Model) -> list[tuple[str, int]]:
    """What refers to an entity: ``(kind, count)`` for the page that asks before merging."""
    found = []
    for relation in relations_to(type(obj)):
        if relation.many_to_many:
            count = relation.through._default_manager.filter(
                **{relation.field.m2m_reverse_field_name(): obj.pk}
            ).count()
            name = str(relation.field.verbose_name)
        else:
            count = relation.related_model._default_manager.filter(**{relation.field.name: obj.pk}).count()
            name = _called(relation.related_model, count)
        if count:
            found.append((name, count))
    for generic in (Comment, Attachment, Watch):
        count = generic._default_manager.filter(entity_type=obj._meta.label_lower, entity_id=obj.pk).count()
        if count:
            found.append((_called(generic, count), count))
    return found


def _called(model: type[models.Model], count: int) -> str:
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)


def merge(
    keep: models.Model, lose: models.Model, *, choices: Mapping[str, str], by: User,
    versions: tuple[int | None, int | None] = (None, None), reason: str = "",
) -> ChangeSet:  # fmt: skip
    """Merge ``lose`` into ``keep`` as a change set that can be undone.

    ``choices``: ``{field: "keep"|"lose"}`` (not named: keep). ``versions`` are those that the page showed. The loser is
    archived and points at the winner; its audit trail and its snapshots stay where they are.
    Errors: ``NotAllowed``, ``Invalid``, ``Refused`` (changed meanwhile, archived, not of one kind).
    """
    if type(keep) is not type(lose) or keep.pk == lose.pk:
        raise Refused(_("Only two different entries of one kind can be merged."))
    if not hasattr(keep, "archived_at"):
        raise Refused(_("Entries of this kind cannot be merged."), code="not_mergeable")
    for obj in (keep, lose):
        require(by, "merge", obj)
        if getattr(obj, "archived_at", None) is not None:
            raise Refused(_("“%(name)s” is archived.") % {"name": obj}, _("Restore it first."), code="archived")
    forbidden = [
        str(text) for guard in GUARDS.get((str(lose._meta.label_lower), "merge"), ()) for text in guard(lose, by)
    ]
    if forbidden:
        raise Refused(" ".join(forbidden), code="guarded")
    title = _("Merged: %(lose)s into %(keep)s") % {"lose": _named(lose), "keep": _named(keep)}
    plan = {"keep": keep.pk, "lose": lose.pk, "kind": keep._meta.label_lower, "choices": dict(choices)}

    def work(recorder: Recorder) -> None:
        model = type(keep)
        rows = {row.pk: row for row in model._default_manager.select_for_update().filter(pk__in=(keep.pk, lose.pk))}
        winner, loser = rows[keep.pk], rows[lose.pk]
        for row, seen in ((winner, versions[0]), (loser, versions[1])):
            if seen is not None and getattr(row, "version", seen) != seen:
                raise Refused(
                    _("“%(name)s” has been changed by somebody else in the meantime.") % {"name": row},
                    _("Compare both entries again."),
                    code="stale_edit",
                )
        Merging(recorder, winner, loser, choices, reason).run()

    from django.db import transaction

    with transaction.atomic():
        return apply(preview(kind=KIND.code, title=title, plan=plan, by=by), by=by, work=work, verb="merge")


def _named(obj: models.Model) -> str:
    return f"{getattr(obj, 'key', '')} {obj}".strip()


class Merging:
    """The work of one merge, inside its transaction."""

    def __init__(self, recorder: Recorder, keep: Any, lose: Any, choices: Mapping[str, str], reason: str) -> None:
        self.recorder, self.keep, self.lose, self.choices, self.reason = recorder, keep, lose, choices, reason
        self.label = str(keep._meta.label_lower)

    def run(self) -> None:
        values = self._values()
        self._free_unique_values()
        for step in STEPS[self.label]:
            step(self.recorder, self.keep, self.lose)
        for relation in relations_to(type(self.keep)):
            if relation.many_to_many:
                self._move_links(relation.through, relation.field.m2m_reverse_field_name())
            else:
                self._move(relation.related_model, relation.field)
        for own in type(self.keep)._meta.many_to_many:
            self._move_links(own.remote_field.through, own.m2m_field_name())
        for generic in (Comment, Attachment, Watch, Notification):
            self._move_generic(generic)
        if values:
            check = type(self.keep)._default_manager.get(pk=self.keep.pk)
            for name, value in values.items():
                setattr(check, name, value)
            validate(check, fields=values)
            self.recorder.update([(self.keep, values)], reason=self.reason)
        record(
            self.keep, by=self.recorder.by, verb="merge", changes={"merged_from": [None, _named(self.lose)]},
            reason=self.reason, change_set=self.recorder.change_set,
        )  # fmt: skip
        if hasattr(self.lose, "archived_at"):
            self.recorder.update([(self.lose, {"archived_at": timezone.now()})], audit=False)
        record(
            self.lose, by=self.recorder.by, verb="merged", reason=self.reason, change_set=self.recorder.change_set,
            changes={"merged_into": [None, _named(self.keep)], "_winner": self.keep.pk},
        )  # fmt: skip

    def _values(self) -> dict[str, Any]:
        known = {row.name: row for row in mergeable_fields(type(self.keep))}
        unknown = set(self.choices) - set(known)
        if unknown:
            raise Invalid({"__all__": [_("Unknown field: %(name)s.") % {"name": ", ".join(sorted(unknown))}]})
        values = {}
        for name, side in self.choices.items():
            column = known[name]
            if side == "lose" and getattr(self.keep, column.attname) != getattr(self.lose, column.attname):
                values[name] = getattr(self.lose, name)
        for name, value in list(values.items()):
            if isinstance(value, models.Model) and value == self.keep:
                del values[name]  # nobody becomes their own manager or part of themselves
        return values

    def _free_unique_values(self) -> None:
        """What may exist only once (an account, a key elsewhere) leaves the loser before the winner gets it."""
        taken = {name for name, side in self.choices.items() if side == "lose"}
        empty: dict[str, Any] = {}
        for column in mergeable_fields(type(self.lose)):
            grouped = any(column.name in group for group in _unique_groups(type(self.lose)))
            if column.name in taken and (column.unique or grouped):
                if column.null:
                    empty[column.name] = None
                elif column.empty_strings_allowed:
                    empty[column.name] = ""
        if empty:
            self.recorder.update([(self.lose, empty)], audit=False)

    def _move(self, model: type[models.Model], column: models.Field[Any, Any]) -> None:
        """Point rows at the winner; rows that would then exist twice are taken out (the undo brings them back)."""
        rows = list(model._default_manager.filter(**{column.name: self.lose.pk}))
        if not rows or model in {AuditEntry, ChangeSet, Snapshot}:
            return
        double = _doubles(model, column, rows, self.keep.pk)
        if model._meta.label_lower in ENTITIES:
            # An entity is never deleted: where only one may point at the winner, the other keeps pointing at the loser.
            moving = [row for row in rows if row.pk not in double]
        else:
            self.recorder.delete([row for row in rows if row.pk in double], audit=False)
            moving = [row for row in rows if row.pk not in double]
        moving = [row for row in moving if not (model is type(self.keep) and row.pk == self.keep.pk)]
        self.recorder.update([(row, {column.name: self.keep}) for row in moving], reason=self.reason)
        if model is type(self.keep):
            own = [row for row in rows if row.pk == self.keep.pk]  # the winner pointed at the loser
            if own and column.null:
                self.recorder.update([(self.keep, {column.name: None})], audit=False)

    def _move_links(self, through: type[models.Model], name: str) -> None:
        if not through._meta.auto_created:
            return
        others = [row.name for row in through._meta.concrete_fields if not row.primary_key and row.name != name]
        present = set(
            through._default_manager.filter(**{name: self.keep.pk}).values_list(*[f"{other}_id" for other in others])
        )
        rows = list(through._default_manager.filter(**{name: self.lose.pk}))
        double: list[Any] = []
        moving: list[Any] = []
        for row in rows:
            key = tuple(getattr(row, f"{other}_id") for other in others)
            itself = through._meta.get_field(others[0]).related_model is type(self.keep) and key[0] == self.keep.pk
            (double if key in present or itself else moving).append(row)
        self.recorder.delete(double, audit=False)
        self.recorder.update([(row, {name: self.keep}) for row in moving], audit=False)

    def _move_generic(self, model: type[models.Model]) -> None:
        rows: list[Any] = list(model._default_manager.filter(entity_type=self.label, entity_id=self.lose.pk))
        if model is Watch:
            present = set(
                Watch.objects.filter(entity_type=self.label, entity_id=self.keep.pk).values_list("user_id", flat=True)
            )
            double = [row for row in rows if row.user_id in present]
            self.recorder.delete(double, audit=False)
            rows = [row for row in rows if row.user_id not in present]
        self.recorder.update([(row, {"entity_id": self.keep.pk}) for row in rows], audit=False)


def _unique_groups(model: type[models.Model]) -> list[tuple[str, ...]]:
    groups = [tuple(group) for group in model._meta.unique_together]
    groups += [
        tuple(row.fields) for row in model._meta.constraints if isinstance(row, models.UniqueConstraint) and row.fields
    ]
    groups += [(row.name,) for row in model._meta.concrete_fields if row.unique and not row.primary_key]
    return groups


def _doubles(model: type[models.Model], column: models.Field[Any, Any], rows: list[Any], winner: int) -> set[int]:
    """Numbers of rows that would break a unique rule when ``column`` points at the winner."""
    found: set[int] = set()
    numbers = [row.pk for row in rows]
    for rule in _rules(model, column):
        there = model._default_manager.filter(**{column.name: winner})
        mine = model._default_manager.filter(pk__in=numbers)
        if rule.condition is not None:
            there, mine = there.filter(rule.condition), mine.filter(rule.condition)
        present = set(rule.keys(there).values())
        for number, key in rule.keys(mine).items():
            if key in present and not (rule.nulls_distinct and None in key):
                found.add(number)
            else:
                present.add(key)
    return found


@dataclass(frozen=True)
class _Rule:
    """A unique rule without the column that moves: two rows collide when all the rest is equal."""

    rest: tuple[Any, ...]
    condition: Any = None
    nulls_distinct: bool = True

    def keys(self, rows: models.QuerySet[Any]) -> dict[int, tuple[Any, ...]]:
        names = {f"rest_{place}": expression for place, expression in enumerate(self.rest)}
        return {row[0]: tuple(row[1:]) for row in rows.annotate(**names).values_list("pk", *names)}


def _rules(model: type[models.Model], column: models.Field[Any, Any]) -> list[_Rule]:
    rules = [
        _Rule(_rest([models.F(name) for name in group], column))
        for group in model._meta.unique_together
        if column.name in group
    ]
    if column.unique:
        rules.append(_Rule(()))
    for row in model._meta.constraints:
        if not isinstance(row, models.UniqueConstraint):
            continue
        parts: list[Any] = [models.F(name) for name in row.fields] or list(row.expressions)
        rest = _rest(parts, column)
        if len(rest) < len(parts):
            rules.append(_Rule(rest, row.condition, row.nulls_distinct is not False))
    return rules


def _rest(parts: list[Any], column: models.Field[Any, Any]) -> tuple[Any, ...]:
    return tuple(part for part in parts if column.name not in _names(part))


def _names(expression: Any) -> set[str]:
    """Names of the columns in an expression."""
    if isinstance(expression, models.F):
        return {str(cast("Any", expression).name)}
    return {name for part in expression.get_source_expressions() if part is not None for name in _names(part)}


def merged_into(obj: models.Model, user: User | None = None) -> Any:
    """The winner into which an archived entity was merged, or None (never merged, taken back, or not visible)."""
    if getattr(obj, "archived_at", None) is None:
        return None
    entry = (
        AuditEntry.objects.filter(
            entity_type=obj._meta.label_lower, entity_id=obj.pk, verb="merged", change_set__state="applied"
        )
        .order_by("-pk")
        .first()
    )
    if entry is None:
        return None
    rows = type(obj)._default_manager.filter(pk=entry.changes.get("_winner"))
    return (visible_rows(user, rows) if user is not None else rows).first()


# ── suggestions ──────────────────────────────────────────────────────────────────────────────────


def suggestions(user: User, kind: EntityType, limit: int = 50) -> list[Pair]:
    """Pairs of visible entities of one kind that may be the same, most alike first.

    Names are compared only where they share a word's beginning, so 5,000 people take well under a second or two.
    """
    rows = list(_live(user, kind))
    texts = {row.pk: _texts(row, kind) for row in rows}
    by_number = {row.pk: row for row in rows}
    pairs: dict[tuple[int, int], tuple[float, str]] = {}
    for block in _blocks(texts):
        for place, first in enumerate(block):
            for second in block[place + 1 :]:
                pair = (min(first, second), max(first, second))
                if pair not in pairs:
                    pairs[pair] = _likeness(texts[first], texts[second])
    best = sorted(((score, pair, why) for pair, (score, why) in pairs.items() if score >= LIKE), reverse=True)
    return [Pair(by_number[a], by_number[b], score, why) for score, (a, b), why in best[:limit]]


def _live(user: User, kind: EntityType) -> models.QuerySet[Any]:
    rows = visible_rows(user, kind.model._default_manager.all(), "merge")
    if any(column.name == "archived_at" for column in kind.model._meta.get_fields()):
        rows = rows.filter(archived_at__isnull=True)
    return rows.select_related(*kind.related[:1]) if kind.related else rows


def _texts(row: Any, kind: EntityType) -> tuple[str, list[str]]:
    """(folded name, folded addresses and foreign keys that must be alone in the world)."""
    names = [field for field in kind.search if field not in ALONE and field != "key"]
    written = " ".join(str(getattr(row, field, "") or "") for field in names) or str(row)
    strong = [fold(str(getattr(row, field, "") or "")) or "" for field in kind.search if field in ALONE]
    plain = (fold(written) or "").replace("-", " ").replace(",", " ")
    return " ".join(sorted(plain.split())), [text for text in strong if text]


def _blocks(texts: Mapping[int, tuple[str, list[str]]]) -> Iterable[list[int]]:
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, (name, strong) in texts.items():
        for key in {word[:4] for word in name.split() if len(word) > 2} | {f"={text}" for text in strong}:
            blocks[key].append(number)
    return [block for block in blocks.values() if 1 < len(block) <= MOST_IN_BLOCK]


def _likeness(first: tuple[str, list[str]], second: tuple[str, list[str]]) -> tuple[float, str]:
    same = set(first[1]) & set(second[1])
    if same:
        return 100.0, _("same %(what)s") % {"what": sorted(same)[0]}
    score = float(fuzz.token_sort_ratio(first[0], second[0]))
    if first[1] and second[1] and not same:
        score -= 5  # two different addresses speak for two people
    return score, _("names %(score)s %% alike") % {"score": round(score)}


def kind_of(label: str) -> EntityType:
    return entity_type(label)
