"""How a change set is taken back, row by row, in chunks (used by :func:`stellwerk.core.changesets.undo`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any, cast

from django.db import models, router
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.changesets import (
    CHUNK,
    GENERIC,
    KINDS,
    UNTOUCHED,
    Overlap,
    Step,
    Undone,
    _chunks,
    derived,
    model_of,
    relations_to,
    undo,
    write_audit,
)
from stellwerk.core.errors import NotAllowed, Refused, Text
from stellwerk.core.jobs import Progress, job
from stellwerk.core.models import AuditEntry, ChangeItem, ChangeSet, User, Versioned, jsonable
from stellwerk.core.permissions import can
from stellwerk.core.registry import ENTITIES
from stellwerk.core.words import Words, field_label

MOST_OVERLAPS = 50


@job("core.undo", title=gettext_lazy("Take a change back"), max_attempts=2, atomic=True)
def take_back(progress: Progress, *, change_set: int) -> dict[str, str]:
    """The undo of a large set: all of it or nothing; who started it may cancel."""
    found = ChangeSet.objects.get(pk=change_set)
    progress.result_url = reverse("core:changeset", args=[found.uid])

    def step(done: int, total: int, text: Text) -> None:
        progress.step(done, total, text)
        progress.check_cancelled()

    return {"text": undo(found, by=progress.user, step=step).in_words()}


class Undoing:
    """One undo. First everything is checked, then everything is written."""

    def __init__(self, change_set: ChangeSet, by: User | None, step: Step | None = None) -> None:
        self.change_set = change_set
        self.by = by
        self.step = step
        self.result = Undone()
        self.overlaps: list[str] = []
        self.words = Words(by)
        self.total = change_set.items.count()
        self.done = 0

    def run(self) -> Undone:
        labels = set(self.change_set.items.order_by().values_list("entity_type", flat=True).distinct())
        self._permit(labels)
        for label in labels:
            self._check(label)
        if self.overlaps:
            raise Overlap(self.overlaps)
        kind = KINDS.get(self.change_set.kind)
        if kind is not None and kind.make_room is not None:
            kind.make_room(self.change_set)
        self._delete_marked()
        for operation in ("delete", "update", "create"):
            for label in self._order(labels, operation):
                self._revert(label, operation)
        return self.result

    def _delete_marked(self) -> None:
        """Rows that carry the mark of the set (``Recorder.create_marked``)."""
        for label in reversed(self.change_set.plan.get("marked", [])):
            model = self._model(label)
            count, _kinds = model._default_manager.filter(change_set=self.change_set).delete()
            self.result.deleted += count

    def _permit(self, labels: set[str]) -> None:
        kind = KINDS.get(self.change_set.kind)
        if kind is not None and kind.permit is not None:
            kind.permit(self.change_set, self.by)
            return
        for label in labels:
            if label in ENTITIES and not can(self.by, "edit", label):
                raise NotAllowed(_("You may no longer change %(kind)s.") % {"kind": ENTITIES[label].plural})

    # ── checking ─────────────────────────────────────────────────────────────────────────────────

    def _items(self, label: str, operation: str) -> Iterable[list[ChangeItem]]:
        """Items of one kind, newest first, in chunks."""
        rows = self.change_set.items.filter(entity_type=label, operation=operation).order_by("-pk")
        return _chunks(rows.iterator(chunk_size=CHUNK))

    def _model(self, label: str) -> type[models.Model]:
        model = model_of(label)
        if model is None:
            raise Refused(_("The kind “%(label)s” no longer exists: this cannot be taken back.") % {"label": label})
        return model

    def _check(self, label: str) -> None:
        model = self._model(label)
        known = {column.attname for column in model._meta.concrete_fields} - UNTOUCHED - derived(model)
        for chunk in _chunks(self._final_states(label)):
            names = sorted(known & {name for _number, after in chunk for name in after})
            rows = model._default_manager.filter(pk__in=[number for number, _after in chunk]).order_by()
            stored = {row["pk"]: row for row in rows.values("pk", *names)}
            for number, after in chunk:
                self._compare(model, number, after, stored.get(number))
        for deleted in self._items(label, "delete"):
            back = model._default_manager.filter(pk__in=[item.entity_id for item in deleted]).values_list(
                "pk", flat=True
            )
            for number in back:
                self._overlap(
                    _("%(kind)s #%(number)s exists again.") % {"kind": model._meta.verbose_name, "number": number}
                )

    def _final_states(self, label: str) -> Iterable[tuple[int, dict[str, Any]]]:
        """What the set left in each row that it created or changed (several items of one row are laid over each other)."""
        gone = set(
            self.change_set.items.filter(entity_type=label, operation="delete").values_list("entity_id", flat=True)
        )
        rows = self.change_set.items.filter(entity_type=label).exclude(operation="delete").order_by("entity_id", "pk")
        stream = rows.values_list("entity_id", "after").iterator(chunk_size=CHUNK)
        for number, items in groupby(stream, key=lambda row: row[0]):
            if number not in gone:
                final: dict[str, Any] = {}
                for _number, after in items:
                    final |= after
                yield number, final

    def _compare(
        self, model: type[models.Model], number: int, after: dict[str, Any], stored: dict[str, Any] | None
    ) -> None:
        if stored is None:
            # A plain row that the set only changed and that went with another undo: nothing to put back.
            if model._meta.label_lower in ENTITIES or _complete(model, after):
                told = {"kind": model._meta.verbose_name, "number": number}
                self._overlap(_("%(kind)s #%(number)s no longer exists.") % told)
            return
        different = [name for name, value in after.items() if name in stored and jsonable(stored[name]) != value]
        if different:
            self._overlap(self._told(model, model._default_manager.get(pk=number), different))

    def _told(self, model: type[models.Model], obj: models.Model, names: list[str]) -> str:
        labels = ", ".join(field_label(model, name) for name in names[:3])
        entries = AuditEntry.objects.filter(entity_type=model._meta.label_lower, entity_id=obj.pk).exclude(
            change_set=self.change_set
        )
        bare = {name.removesuffix("_id") for name in names} | set(names)
        who = next((entry for entry in entries.select_related("actor")[:20] if bare & set(entry.changes)), None)
        name = f"{getattr(obj, 'key', '')} {obj}".strip()
        if who is None or who.actor is None:
            return _("“%(name)s”: %(fields)s changed later.") % {"name": name, "fields": labels}
        return _("“%(name)s”: %(fields)s changed later by %(who)s.") % {
            "name": name,
            "fields": labels,
            "who": who.actor,
        }

    def _overlap(self, text: str) -> None:
        self.overlaps.append(text)
        if len(self.overlaps) >= MOST_OVERLAPS:
            raise Overlap(self.overlaps)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def _order(self, labels: set[str], operation: str) -> list[str]:
        """Kinds in the order in which their rows can be reverted: what was written last comes first."""
        last = self.change_set.items.filter(operation=operation, entity_type__in=labels).values("entity_type")
        rows = last.annotate(last=models.Max("pk")).order_by("-last" if operation != "delete" else "last")
        return [row["entity_type"] for row in rows]

    def _revert(self, label: str, operation: str) -> None:
        model = self._model(label)
        kept = self._referenced(model) if operation == "create" else set()
        writers: dict[str, Callable[[type[models.Model], list[ChangeItem]], None]] = {
            "delete": self._bring_back,
            "update": self._put_back,
            "create": partial(self._take_away, kept=kept),
        }
        for chunk in self._items(label, operation):
            writers[operation](model, chunk)
            self.done += len(chunk)
            if self.step is not None:
                self.step(self.done, self.total, self.change_set.title)

    def _bring_back(self, model: type[models.Model], chunk: list[ChangeItem]) -> None:
        rows = []
        for item in chunk:
            obj = model(pk=item.entity_id)
            _fill(obj, item.before)
            rows.append(obj)
        model._default_manager.bulk_create(rows)
        _keep_stamps(model, chunk)
        self.result.restored += len(rows)

    def _put_back(self, model: type[models.Model], chunk: list[ChangeItem]) -> None:
        stored = model._default_manager.in_bulk([item.entity_id for item in chunk])
        names: set[str] = set()
        told: dict[int, dict[str, list[Any]]] = {}
        for item in chunk:  # newest first: the oldest "before" stands at the end
            obj = stored.get(item.entity_id)
            if obj is None:
                continue  # deleted later by this same set and brought back already with its old values
            changes = told.setdefault(item.entity_id, {})
            for name, value in item.before.items():
                changes[name] = [changes.get(name, [jsonable(getattr(obj, name))])[0], value]
            _fill(obj, item.before)
            names |= set(item.before)
        rows = [stored[number] for number in told]
        if rows and names:
            extra = _bump(rows)
            columns = [column.name for column in model._meta.concrete_fields if column.attname in names]
            model._default_manager.bulk_update(rows, [*columns, *extra], batch_size=CHUNK)
        self._tell(rows, [{name.removesuffix("_id"): pair for name, pair in told[row.pk].items()} for row in rows])
        self.result.reverted += len(rows)

    def _take_away(self, model: type[models.Model], chunk: list[ChangeItem], kept: set[int]) -> None:
        numbers = [item.entity_id for item in chunk]
        free = [number for number in numbers if number not in kept]
        if len(free) < len(numbers):
            self._archive(model, kept.intersection(numbers))
        if free:
            if model._meta.label_lower in ENTITIES:
                told = [
                    name for name in ("key", "version") if name in {one.name for one in model._meta.concrete_fields}
                ]
                rows = list(model._default_manager.filter(pk__in=free).only("pk", *told).order_by())
                self._tell(rows, [{} for _row in rows], verb="delete")
            for through in _own_links(model):
                through.remote_field.through._default_manager.filter(
                    **{f"{through.m2m_field_name()}__in": free}
                ).delete()
            queryset = model._default_manager.filter(pk__in=free)
            queryset._raw_delete(router.db_for_write(model))
            self.result.deleted += len(free)

    def _archive(self, model: type[models.Model], numbers: set[int]) -> None:
        rows = list(model._default_manager.filter(pk__in=numbers))
        if not any(column.name == "archived_at" for column in model._meta.get_fields()):
            names = ", ".join(str(row) for row in rows[:3])
            raise Refused(
                _("This cannot be taken back: something refers to what it created (%(names)s).") % {"names": names},
                _("Remove the references first."),
                code="overlap",
            )
        now = timezone.now()
        rows = [row for row in rows if getattr(row, "archived_at", None) is None]
        for row in rows:
            cast("Any", row).archived_at = now
        extra = _bump(rows)
        model._default_manager.bulk_update(rows, ["archived_at", *extra], batch_size=CHUNK)
        self._tell(rows, [{"archived_at": [None, now.isoformat()]} for _row in rows], verb="archive")
        self.result.archived += [f"{getattr(row, 'key', '')} {row}".strip() for row in rows]

    def _referenced(self, model: type[models.Model]) -> set[int]:
        """Which of the rows that the set created something else refers to: other rows, comments, files, watches.

        Rows that this set created and that are gone by now (children are taken away first) no longer count.
        """
        label = model._meta.label_lower
        mine = self.change_set.items.filter(entity_type=label, operation="create").order_by().values("entity_id")
        found: set[int] = set()
        own: list[str] = []
        for relation in relations_to(model):
            if relation.many_to_many:
                name = relation.field.m2m_reverse_field_name()
                links = relation.through._default_manager.filter(**{f"{name}__in": mine})
                found |= set(links.order_by().values_list(f"{name}_id", flat=True))
                continue
            column = relation.field.attname
            rows = relation.related_model._default_manager.filter(**{f"{column}__in": mine})
            if relation.related_model is model:
                own.append(column)
                rows = rows.exclude(pk__in=mine)
            found |= set(rows.order_by().values_list(column, flat=True).distinct())
        for generic in GENERIC:
            links = generic._default_manager.filter(entity_type=label, entity_id__in=mine)
            found |= set(links.order_by().values_list("entity_id", flat=True))
        return self._with_parents(model, found, own, mine)

    def _with_parents(self, model: type[models.Model], found: set[int], own: list[str], mine: Any) -> set[int]:
        """What stays keeps what it refers to (a unit keeps the unit above it)."""
        if not found or not own:
            return found
        numbers = set(mine.values_list("entity_id", flat=True))
        fresh = set(found)
        while fresh:
            rows = model._default_manager.filter(pk__in=fresh).values_list(*own)
            fresh = {number for row in rows for number in row if number in numbers} - found
            found |= fresh
        return found

    def _tell(self, rows: list[models.Model], changes: list[dict[str, Any]], verb: str = "undo") -> None:
        if rows and rows[0]._meta.label_lower in ENTITIES:
            write_audit(rows, changes, by=self.by, verb=verb, reason=self.change_set.title, change_set=self.change_set)


def _complete(model: type[models.Model], values: dict[str, Any]) -> bool:
    """Are these all columns of a row (it was created by the set) and not only changed ones?"""
    return len(values) >= len(model._meta.concrete_fields) - 1


def _fill(obj: models.Model, values: dict[str, Any]) -> None:
    """Put stored JSON values back into the columns of a row."""
    for column in obj._meta.concrete_fields:
        if column.attname in values:
            value = values[column.attname]
            plain = column.target_field if isinstance(column, models.ForeignKey) else column
            setattr(obj, column.attname, value if value is None else plain.to_python(value))


def _bump(rows: list[models.Model]) -> list[str]:
    if not rows or not isinstance(rows[0], Versioned):
        return []
    now = timezone.now()
    for row in cast("list[Versioned]", rows):
        row.version += 1
        row.updated_at = now
    return ["version", "updated_at"]


def _keep_stamps(model: type[models.Model], chunk: list[ChangeItem]) -> None:
    """``auto_now_add`` overwrote the time of creation: put the true one back."""
    column = next((row for row in model._meta.concrete_fields if getattr(row, "auto_now_add", False)), None)
    if column is None:
        return
    rows = []
    for item in chunk:
        obj = model(pk=item.entity_id)
        _fill(obj, item.before)
        rows.append(obj)
    model._default_manager.bulk_update(rows, [column.name], batch_size=CHUNK)


def _own_links(model: type[models.Model]) -> list[Any]:
    """Many-to-many fields of the model itself whose table Django made."""
    return [row for row in model._meta.many_to_many if _through(row)._meta.auto_created]


def _through(column: Any) -> type[models.Model]:
    found: type[models.Model] = column.remote_field.through
    return found
