"""Change sets: preview, apply, undo. An import, a bulk edit or a merge is one thing that can be taken back.

Every write of the set goes through its :class:`Recorder`, which keeps before and after of each row. An undo is
refused where somebody changed the same fields later; what the set created is deleted again only if nothing else
refers to it, otherwise it is archived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar, cast

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import bulk
from stellwerk.core.errors import NotAllowed, Refused, Text, WrongState
from stellwerk.core.models import (
    Attachment,
    AuditEntry,
    ChangeItem,
    ChangeSet,
    Comment,
    Job,
    User,
    Versioned,
    Watch,
    jsonable,
)
from stellwerk.core.models.history import ChangeSetState
from stellwerk.core.permissions import can
from stellwerk.core.registry import ENTITIES
from stellwerk.core.services import without_private

M = TypeVar("M", bound=models.Model)
CHUNK = 500  # rows per statement: below the variable limit of every database, few round trips
TOLD = 5  # overlaps named in a refusal
MANY = 2000
"""From so many rows on an undo runs in the background."""
UNTOUCHED = {"version", "created_at", "updated_at"}
Step = Callable[[int, int, Text], None]


class Overlap(Refused):
    """Later edits stand in the way of an undo; ``overlaps`` says which, by whom."""

    code = "overlap"

    def __init__(self, overlaps: Sequence[str]) -> None:
        told = " ".join(overlaps[:TOLD])
        rest = len(overlaps) - TOLD
        more = " " + _("And %(count)s more.") % {"count": rest} if rest > 0 else ""
        super().__init__(
            _("This cannot be taken back any more: later changes overlap. %(what)s%(more)s")
            % {"what": told, "more": more},
            _("Change the entries by hand, or take back the later change first."),
        )
        self.overlaps = list(overlaps)


@dataclass(frozen=True)
class ChangeKind:
    """A kind of change set; ``undoable(change_set)`` may return reasons that forbid the undo; ``before_undo`` (takes back
    what was written past the recorder) and ``after_undo`` run in its transaction; ``make_room`` runs when nothing stands in the way any more and
    moves unique values of created rows aside, where removed rows come back with the same ones. ``permit`` refuses whoever may not take it back, instead of
    the rows of each kind of entry (a schedule brings calendars along that its planner could not edit by themselves). ``preview_url`` names the page,
    found by the ``uid``, on which what is only previewed so far goes on."""

    code: str
    label: Text
    icon: str = "history"
    undoable: Callable[[ChangeSet], Iterable[Text]] | None = None
    after_undo: Callable[[ChangeSet, User | None], None] | None = None
    before_undo: Callable[[ChangeSet, User | None], None] | None = None
    make_room: Callable[[ChangeSet], None] | None = None
    permit: Callable[[ChangeSet, User | None], None] | None = None
    preview_url: str = ""


KINDS: dict[str, ChangeKind] = {}


def register_change_kind(kind: ChangeKind) -> ChangeKind:
    KINDS[kind.code] = kind
    return kind


@dataclass
class Undone:
    """What an undo did."""

    reverted: int = 0
    deleted: int = 0
    restored: int = 0
    archived: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        parts = []
        if self.reverted:
            parts.append(_("%(count)s changes taken back") % {"count": self.reverted})
        if self.deleted:
            parts.append(_("%(count)s created entries removed") % {"count": self.deleted})
        if self.restored:
            parts.append(_("%(count)s removed entries brought back") % {"count": self.restored})
        if self.archived:
            names = ", ".join(self.archived[:TOLD]) + (" …" if len(self.archived) > TOLD else "")
            parts.append(
                _("archived instead of removed, because something refers to them: %(names)s") % {"names": names}
            )
        return "; ".join(parts)


# ── writing what is recorded ─────────────────────────────────────────────────────────────────────


_PLAIN = (str, int, float, bool, type(None))


@lru_cache(maxsize=256)
def _columns(model: type[models.Model]) -> tuple[tuple[str, str], ...]:
    """(attribute, name) of all columns but the number."""
    return tuple((column.attname, column.name) for column in model._meta.concrete_fields if not column.primary_key)


def row_of(obj: models.Model) -> dict[str, Any]:
    """All columns of a row, as they are kept in change items."""
    values = ((attname, getattr(obj, attname)) for attname, _name in _columns(type(obj)))
    return {attname: value if isinstance(value, _PLAIN) else jsonable(value) for attname, value in values}


def derived(model: type[models.Model]) -> frozenset[str]:
    """Columns that are computed from others (``DERIVED`` of the model): no later change of theirs stands in the way of an undo."""
    return frozenset(getattr(model, "DERIVED", ()))


def _filled(model: type[models.Model], row: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The audit entry of a new row: what is filled."""
    return {name: [None, row[attname]] for attname, name in _told(model) if row[attname] not in _EMPTY}


_EMPTY: tuple[Any, ...] = (None, "", {}, [])


@lru_cache(maxsize=256)
def _told(model: type[models.Model]) -> tuple[tuple[str, str], ...]:
    """(attribute, name) of the columns that the audit trail tells of."""
    return tuple(one for one in _columns(model) if one[1] not in UNTOUCHED and one[0] not in derived(model))


class Recorder:
    """Writes rows and keeps enough to take each write back. All methods work in chunks; call inside ``apply``.

    ``audit=True`` (default) writes one audit entry per entity; rows that are no entities (figures, statuses) have none.
    No permission is asked here: the service that plans the change has asked.
    """

    def __init__(self, change_set: ChangeSet, by: User | None, *, verb: str = "") -> None:
        self.change_set = change_set
        self.by = by
        self.verb = verb
        self.counts = {"create": 0, "update": 0, "delete": 0}

    def create(self, objs: Iterable[M], *, audit: bool = True, reason: str = "") -> list[M]:
        """Insert new rows; returns them with their numbers."""
        made: list[M] = []
        for chunk in _chunks(objs):
            model = type(chunk[0])
            rows = bulk.create(chunk)
            kept = [row_of(row) for row in rows]
            self._keep("create", [(row, {}, after) for row, after in zip(rows, kept, strict=True)])
            if audit and model._meta.label_lower in ENTITIES:
                self._audit(rows, [_filled(model, row) for row in kept], self.verb or "create", reason)
            made += rows
        return made

    def create_marked(self, objs: Iterable[M]) -> list[M]:
        """Insert many rows of a table that has a ``change_set`` column (dated statuses, figures).

        The rows carry the mark of this set instead of an item each, which is several times faster; the undo deletes
        what carries the mark, also where such a row changed later. No audit entries.
        """
        made: list[M] = []
        labels: list[str] = self.change_set.plan.setdefault("marked", [])
        for chunk in _chunks(objs, 2000):
            for obj in chunk:
                obj.change_set = self.change_set  # type: ignore[attr-defined]
            rows = type(chunk[0])._default_manager.bulk_create(chunk)
            label = rows[0]._meta.label_lower
            if label not in labels:
                labels.append(label)
            self.counts["create"] += len(rows)
            made += rows
        return made

    def update(self, changes: Iterable[tuple[M, Mapping[str, Any]]], *, audit: bool = True, reason: str = "") -> int:
        """Change rows: ``(object as stored, {field: new value})``; returns how many really changed.

        Compare-and-swap: a versioned row that changed since it was read raises ``StaleEdit`` and nothing is written.
        """
        changed = 0
        for chunk in _chunks(changes):
            changed += self._update_chunk(chunk, audit, reason)
        return changed

    def _update_chunk(self, chunk: list[tuple[M, Mapping[str, Any]]], audit: bool, reason: str) -> int:
        rows: list[tuple[M, dict[str, Any], dict[str, Any]]] = []
        names: set[str] = set()
        for obj, values in chunk:
            before, after = {}, {}
            for name, value in values.items():
                column = cast("models.Field[Any, Any]", obj._meta.get_field(name))
                old, new = jsonable(getattr(obj, column.attname)), jsonable(value)
                if old != new:
                    before[column.attname], after[column.attname] = old, new
                    names.add(name)
                    setattr(obj, name, value)
            if after:
                rows.append((obj, before, after))
        if not rows:
            return 0
        model = type(rows[0][0])
        extra = _touch(model, [row[0] for row in rows])
        model._default_manager.bulk_update([row[0] for row in rows], [*names, *extra], batch_size=CHUNK)
        self._keep("update", rows)
        if audit:
            told = [{_name(model, n): [before[n], after[n]] for n in after} for _obj, before, after in rows]
            self._audit([row[0] for row in rows], told, self.verb or "bulk_edit", reason)
        return len(rows)

    def delete(self, objs: Iterable[models.Model], *, audit: bool = True, reason: str = "") -> int:
        """Delete rows that are no entities (entities are archived)."""
        count = 0
        for chunk in _chunks(objs):
            self._keep("delete", [(row, row_of(row), {}) for row in chunk])
            if audit:
                self._audit(chunk, [{} for _row in chunk], "delete", reason)
            model = type(chunk[0])
            model._default_manager.filter(pk__in=[row.pk for row in chunk]).delete()
            count += len(chunk)
        return count

    def archive(self, objs: Iterable[M], *, reason: str = "") -> int:
        now = timezone.now()
        return self.update([(obj, {"archived_at": now}) for obj in objs], reason=reason)

    def _keep(self, operation: str, rows: Sequence[tuple[models.Model, dict[str, Any], dict[str, Any]]]) -> None:
        number = self.change_set.pk
        bulk.insert(ChangeItem, _ITEM, [
            (number, obj._meta.label_lower, obj.pk, operation, bulk.json_text(before), bulk.json_text(after))
            for obj, before, after in rows
        ])  # fmt: skip
        self.counts[operation] += len(rows)

    def _audit(self, rows: Sequence[models.Model], changes: Sequence[dict[str, Any]], verb: str, reason: str) -> None:
        if rows and rows[0]._meta.label_lower in ENTITIES:
            write_audit(rows, changes, by=self.by, verb=verb, reason=reason, change_set=self.change_set)


_ITEM = ("change_set_id", "entity_type", "entity_id", "operation", "before", "after")
_AUDIT = (
    "entity_type", "entity_id", "at", "actor_id", "pseudonym", "entity_key", "verb", "changes", "reason", "change_set_id",
    "entity_version",
)  # fmt: skip


def write_audit(
    rows: Sequence[models.Model], changes: Sequence[Mapping[str, Any]], *, by: User | None, verb: str,
    reason: str = "", change_set: ChangeSet | None = None,
) -> None:  # fmt: skip
    """Many audit entries at once."""
    now = bulk.instant(timezone.now())
    actor, pseudonym = (by.pk, bulk.uuid_text(by.pseudonym)) if by else (None, None)
    number = change_set.pk if change_set else None
    # A list: while PostgreSQL copies, the connection answers no other question, and a key may have to be asked for.
    bulk.insert(AuditEntry, _AUDIT, [
        (obj._meta.label_lower, obj.pk, now, actor, pseudonym, str(getattr(obj, "key", "") or ""), verb,
         bulk.json_text(without_private(obj, diff)), reason, number, getattr(obj, "version", None))
        for obj, diff in zip(rows, changes, strict=True)
    ])  # fmt: skip


def _touch(model: type[models.Model], objs: Sequence[models.Model]) -> list[str]:
    """Raise the version of versioned rows, refusing rows that changed since they were read."""
    if not issubclass(model, Versioned):
        return []
    rows = cast("Sequence[Versioned]", objs)
    stored = dict(model._default_manager.filter(pk__in=[row.pk for row in rows]).values_list("pk", "version"))
    now = timezone.now()
    for row in rows:
        if stored.get(row.pk) != row.version:
            raise Refused(
                _("“%(name)s” has been changed by somebody else in the meantime.") % {"name": row},
                _("Nothing has been written. Look at the preview again and repeat."),
                code="stale_edit",
            )
        row.version += 1
        row.updated_at = now
    return ["version", "updated_at"]


def _name(model: type[models.Model], attname: str) -> str:
    return next(column.name for column in model._meta.concrete_fields if column.attname == attname)


T = TypeVar("T")


def _chunks(items: Iterable[T], size: int = CHUNK) -> Iterable[list[T]]:
    rows = iter(items)
    while chunk := list(islice(rows, size)):
        yield chunk


# ── preview and apply ────────────────────────────────────────────────────────────────────────────


def preview(*, kind: str, title: str, plan: Mapping[str, Any], by: User | None) -> ChangeSet:
    """Keep a plan (parameters, counts, questions, rejections) to be looked at before it is applied.

    ``by=None`` is Stellwerk itself (a command line without ``--as``).
    """
    return ChangeSet.objects.create(kind=kind, title=title[:200], plan=dict(plan), created_by=by)


def apply(
    change_set: ChangeSet,
    *,
    by: User | None,
    work: Callable[[Recorder], object],
    verb: str = "",
    plan: Mapping[str, Any] | None = None,
) -> ChangeSet:
    """Do the work of a previewed set in one transaction: all of it or nothing. Applying twice is refused.

    ``work(recorder)`` writes through the recorder. ``plan`` replaces the stored plan (final counts).
    """
    with transaction.atomic():
        current = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if current.state != ChangeSetState.PREVIEWED:
            raise WrongState(_("“%(title)s” has been applied or discarded already.") % {"title": current.title})
        recorder = Recorder(current, by, verb=verb)
        work(recorder)
        current.state = ChangeSetState.APPLIED
        current.applied_at = timezone.now()
        current.version += 1
        if plan is not None:
            current.plan = dict(plan) | {"marked": current.plan.get("marked", [])}
        current.plan["counts"] = recorder.counts
        current.save()
    return current


def run(
    *,
    kind: str,
    title: str,
    by: User | None,
    work: Callable[[Recorder], object],
    plan: Mapping[str, Any] | None = None,
    verb: str = "",
) -> ChangeSet:
    """Preview and apply at once (a bulk edit whose preview was shown by the page)."""
    with transaction.atomic():
        return apply(preview(kind=kind, title=title, plan=plan or {}, by=by), by=by, work=work, verb=verb)


def discard(change_set: ChangeSet, *, by: User | None) -> ChangeSet:
    """Throw a preview away."""
    _require_control(change_set, by)
    hit = ChangeSet.objects.filter(pk=change_set.pk, state=ChangeSetState.PREVIEWED).update(
        state=ChangeSetState.DISCARDED
    )
    if not hit:
        raise WrongState(_("Only a preview can be discarded."))
    change_set.refresh_from_db()
    return change_set


def may_control(change_set: ChangeSet, user: User | None) -> bool:
    return user is None or change_set.created_by_id == user.pk or can(user, "edit", change_set)


def _require_control(change_set: ChangeSet, by: User | None) -> None:
    if not may_control(change_set, by):
        raise NotAllowed(_("Only who made this change, or the PMO lead, can take it back."))


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────


def undo(change_set: ChangeSet, *, by: User | None, step: Step | None = None) -> Undone:
    """Take an applied set back in one transaction.

    Errors: ``NotAllowed`` (not one's own, or the entities may no longer be edited), ``WrongState``, ``Overlap`` (later
    edits, named). ``step(done, total, text)`` hears about progress.
    """
    from stellwerk.core.undoing import Undoing

    _require_control(change_set, by)
    with transaction.atomic():
        current = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        _require_applied(current)
        kind = KINDS.get(current.kind)
        reasons = list(kind.undoable(current)) if kind and kind.undoable else []
        if reasons:
            raise WrongState(" ".join(str(reason) for reason in reasons))
        if step is not None:
            step(0, current.items.count(), _("Looking for later changes"))
        if kind and kind.before_undo:
            kind.before_undo(current, by)
        result = Undoing(current, by, step).run()
        current.state = ChangeSetState.UNDONE
        current.undone_at = timezone.now()
        current.version += 1
        current.plan["undone"] = {"text": result.in_words(), "by": str(by or "Stellwerk")}
        current.save()
        if kind and kind.after_undo:
            kind.after_undo(current, by)
    return result


def undo_later(change_set: ChangeSet, *, by: User) -> Job:
    """Queue :func:`undo` as a background job; the one that is queued already if there is one.

    Errors: ``NotAllowed``, ``WrongState``; what only the undo itself finds out, the job tells.
    """
    from stellwerk.core.jobs import enqueue

    _require_control(change_set, by)
    _require_applied(change_set)
    title = _("Undo: %(title)s") % {"title": change_set.title}
    return enqueue(
        "core.undo", {"change_set": change_set.pk}, user=by, unique_key=f"undo-{change_set.uid}", title=title
    )


def _require_applied(change_set: ChangeSet) -> None:
    if change_set.state != ChangeSetState.APPLIED:
        raise WrongState(_("“%(title)s” is not applied, or has been taken back already.") % {"title": change_set.title})


def is_large(change_set: ChangeSet) -> bool:
    """Whether taking the set back takes longer than a request may."""
    counts: Mapping[str, int] = change_set.plan.get("counts") or {}
    return sum(counts.values()) > MANY


def model_of(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def items_by_kind(change_set: ChangeSet) -> dict[tuple[str, str], int]:
    """How many rows of which kind were created, changed, deleted."""
    rows = change_set.items.values("entity_type", "operation").annotate(count=models.Count("pk"))
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        found[row["entity_type"], row["operation"]] = row["count"]
    for label in change_set.plan.get("marked", []):
        model = model_of(label)
        if model is not None and change_set.state == ChangeSetState.APPLIED:
            found[label, "create"] += model._default_manager.filter(change_set=change_set).count()
    return dict(found)


GENERIC: tuple[type[models.Model], ...] = (Comment, Attachment, Watch)


def relations_to(model: type[models.Model]) -> list[Any]:
    """All relations of other tables (and itself) to a model, also those without a name on this side."""
    return [
        row
        for row in model._meta.get_fields(include_hidden=True)
        if row.auto_created and not row.concrete and (row.many_to_many or not row.related_model._meta.auto_created)  # type: ignore[union-attr]
    ]
