"""Change one cell, or one field of many rows, through the services: permission, version, audit, undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core import services
from stellwerk.core.changesets import ChangeKind, register_change_kind
from stellwerk.core.errors import Invalid, NotAllowed, Refused, StaleEdit
from stellwerk.core.lists.spec import BulkAction, Column, ListSpec
from stellwerk.core.models import ChangeItem, ChangeSet, ChangeSetState, User, jsonable
from stellwerk.core.pages.entityform import EntityForm
from stellwerk.core.permissions import can, require, visible
from stellwerk.core.words import Words, currency_of

MAX_BULK = 1000


def _final(change_set: ChangeSet) -> list[str]:
    return [] if change_set.plan.get("undoable", True) else [_("This action cannot be taken back.")]


register_change_kind(ChangeKind("bulk_edit", gettext_lazy("Change of several rows"), "edit"))
register_change_kind(ChangeKind("bulk_action", gettext_lazy("Action on several rows"), "checklist", undoable=_final))


def field_form(spec: ListSpec, column: Column, user: User, **options: Any) -> EntityForm:
    """A form with the one field that a column edits; choices limited to what the user may see."""
    made: Any = forms.modelform_factory(spec.model, form=EntityForm, fields=[column.edit])
    form: EntityForm = made(user=user, **options)
    return form


def editable_columns(spec: ListSpec, user: User) -> list[Column]:
    """Columns that inline and bulk edit offer to this user."""
    if not can(user, "edit", spec.model):
        return []
    return [column for column in spec.columns_for(user) if column.edit]


def save_cell(
    spec: ListSpec, obj: models.Model, column: Column, value: Any, *, by: User, version: int | None
) -> models.Model:
    """Write one field as the entity's own form would. Errors: those of ``services.edit``."""
    save: Callable[..., models.Model] = spec.save or _save
    return save(obj, {column.edit: value}, by, version)


def _save(obj: models.Model, values: Mapping[str, Any], by: User, version: int | None) -> models.Model:
    return services.edit(obj, values, by=by, version=version)


# ── many rows ────────────────────────────────────────────────────────────────────────────────────


@dataclass
class PlannedRow:
    """What would happen to one row: both values in words, or why nothing can happen."""

    pk: int
    version: int
    name: str
    key: str
    before: str = ""
    after: str = ""
    refused: str = ""
    same: bool = False


@dataclass
class BulkPlan:
    """A preview: nothing is written yet."""

    rows: list[PlannedRow] = field(default_factory=list)

    @property
    def changing(self) -> list[PlannedRow]:
        return [row for row in self.rows if not row.refused and not row.same]

    @property
    def refused(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.refused]

    @property
    def unchanged(self) -> int:
        return sum(1 for row in self.rows if row.same)

    @property
    def token(self) -> str:
        """The rows and the versions that were seen, for the apply button."""
        return ",".join(f"{row.pk}:{row.version}" for row in self.changing)


@dataclass
class BulkOutcome:
    change_set: ChangeSet | None
    changed: int
    refused: list[tuple[str, str]] = field(default_factory=list)


def parse_ids(text: str) -> dict[int, int | None]:
    """``"3:1,7:4"`` (number:version) or ``"3,7"``; what is no number is left out."""
    found: dict[int, int | None] = {}
    for part in text.split(","):
        number, _sep, version = part.strip().partition(":")
        if number.isascii() and number.isdigit() and len(number) < 18:
            found[int(number)] = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    return found


def chosen_rows(spec: ListSpec, user: User, ids: Sequence[int]) -> list[Any]:
    """The chosen objects that the user may see, in the order chosen; at most :data:`MAX_BULK`."""
    if len(ids) > MAX_BULK:
        raise Refused(
            ngettext(
                "At most %(most)s row can be changed at once.",
                "At most %(most)s rows can be changed at once.",
                MAX_BULK,
            )
            % {"most": MAX_BULK},
            _("Narrow the list by a filter and do it in parts."),
            code="too_many",
        )
    related = [name for name in spec.entity.related if "__" not in name]
    rows = spec.model._default_manager.filter(pk__in=ids).filter(visible(user, spec.model)).select_related(*related)
    by_pk = {row.pk: row for row in rows}
    return [by_pk[pk] for pk in ids if pk in by_pk]


def plan_edit(spec: ListSpec, column: Column, value: Any, rows: Sequence[Any], user: User) -> BulkPlan:
    """What setting ``column`` to ``value`` would do to each row."""
    words = Words(user)
    words.load(
        spec.model,
        [(column.edit, jsonable(item)) for item in [value, *[getattr(row, _attname(spec, column)) for row in rows]]],
    )
    plan = BulkPlan()
    for row in rows:
        planned = _planned(row)
        before = jsonable(getattr(row, _attname(spec, column)))
        currency = currency_of(row)
        planned.before = words.value(spec.model, column.edit, before, currency)
        planned.after = words.value(spec.model, column.edit, jsonable(value), currency)
        planned.same = before == jsonable(value)
        planned.refused = _obstacle(row, "edit", user)
        plan.rows.append(planned)
    return plan


def plan_action(action: BulkAction, rows: Sequence[Any], user: User) -> BulkPlan:
    plan = BulkPlan()
    for row in rows:
        planned = _planned(row)
        planned.refused = _obstacle(row, action.verb, user)
        plan.rows.append(planned)
    return plan


def _planned(row: Any) -> PlannedRow:
    return PlannedRow(row.pk, getattr(row, "version", 1), str(row), str(getattr(row, "key", "")))


def _attname(spec: ListSpec, column: Column) -> str:
    found = spec.model._meta.get_field(column.edit)
    return found.attname if isinstance(found, models.ForeignKey) else column.edit


def _obstacle(row: Any, verb: str, user: User) -> str:
    if not can(user, verb, row):
        return _("You may not change this.")
    if verb == "edit" and getattr(row, "archived_at", None) is not None:
        return _("This entry is archived.")
    return ""


def apply_edit(spec: ListSpec, column: Column, value: Any, *, by: User, seen: Mapping[int, int | None]) -> BulkOutcome:
    """Set one field on the rows of ``seen`` (number → version seen), as one change set that can be undone.

    Rows that changed since, or refuse the value, are left out and reported; the others are written together.
    """
    title = _("%(list)s: “%(field)s” changed in several rows") % {
        "field": column.label,
        "list": spec.title or spec.entity.plural,
    }

    def one(row: Any, change_set: ChangeSet) -> None:
        require(by, "edit", row)
        if getattr(row, "archived_at", None) is not None:
            raise Refused(_("This entry is archived."), code="archived")
        saved = services.write(row, {column.edit: value}, by=by, version=seen[row.pk], change_set=change_set)
        require(by, "edit", saved)

    return _apply(spec, title, "bulk_edit", [_attname(spec, column)], one, by=by, seen=seen)


def apply_action(spec: ListSpec, action: BulkAction, *, by: User, seen: Mapping[int, int | None]) -> BulkOutcome:
    """Run a bulk action on the rows of ``seen`` as one change set."""
    title = _("%(action)s: %(list)s") % {"action": action.label, "list": spec.title or spec.entity.plural}

    def one(row: Any, change_set: ChangeSet) -> None:
        require(by, action.verb, row)
        version = seen[row.pk]
        if version is not None and getattr(row, "version", version) != version:
            raise Refused(_("Somebody else has changed this in the meantime."), code="stale_edit")
        action.apply(row, by, change_set)

    fields = [item.attname for item in spec.model._meta.concrete_fields] if action.undoable else []
    return _apply(spec, title, "bulk_action", fields, one, by=by, seen=seen)


def _apply(
    spec: ListSpec,
    title: str,
    kind: str,
    fields: Sequence[str],
    one: Callable[[Any, ChangeSet], None],
    *,
    by: User,
    seen: Mapping[int, int | None],
) -> BulkOutcome:
    rows = chosen_rows(spec, by, list(seen))
    outcome = BulkOutcome(None, 0)
    items: list[ChangeItem] = []
    with transaction.atomic():
        change_set = ChangeSet.objects.create(
            kind=kind, title=title[:200], state=ChangeSetState.APPLIED, created_by=by, applied_at=timezone.now()
        )
        for row in rows:
            before = {name: jsonable(getattr(row, name)) for name in fields}
            try:
                with transaction.atomic():
                    one(row, change_set)
            except (Refused, Invalid, StaleEdit, NotAllowed) as refusal:
                outcome.refused.append((str(row), _reason(refusal)))
                continue
            outcome.changed += 1
            if fields:
                fresh = spec.model._default_manager.get(pk=row.pk)
                items.append(_item(spec, change_set, fresh, before, fields))
        if outcome.changed == 0:
            change_set.delete()
            return outcome
        ChangeItem.objects.bulk_create(items)
        counts = {"create": 0, "update": len(items), "delete": 0}
        change_set.plan = {"counts": counts, "refused": len(outcome.refused), "undoable": bool(fields)}
        change_set.save(update_fields=["plan"])
    outcome.change_set = change_set
    return outcome


_TECHNICAL = {"version", "created_at", "updated_at"}


def _item(
    spec: ListSpec, change_set: ChangeSet, fresh: Any, before: dict[str, Any], fields: Sequence[str]
) -> ChangeItem:
    after = {name: jsonable(getattr(fresh, name)) for name in fields}
    different = [name for name in fields if before[name] != after[name] and name not in _TECHNICAL]
    return ChangeItem(
        change_set=change_set,
        entity_type=spec.label,
        entity_id=fresh.pk,
        operation="update",
        before={name: before[name] for name in different},
        after={name: after[name] for name in different},
    )


def _reason(refusal: Refused) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(text for texts in refusal.errors.values() for text in texts)
    return str(refusal.message)
