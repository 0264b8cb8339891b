"""Child tables inside a form (criteria, yearly budgets, members …): one mechanism, audited on the parent.

Works without scripts: empty lines stand at the end, "More lines" asks the server for others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError
from django.forms import BaseForm, modelform_factory
from django.http import QueryDict
from django.utils.translation import gettext as _

from stellwerk.core.children import note, permit
from stellwerk.core.errors import FieldConflict, Invalid, StaleEdit, Text
from stellwerk.core.models import User, Versioned
from stellwerk.core.models.base import jsonable
from stellwerk.core.pages.entityform import EntityForm, typed
from stellwerk.core.words import currency_of

MOST_ROWS = 500


@dataclass(frozen=True)
class Rows:
    """An editable child table.

    ``parent`` is the lookup path from a child to the edited object (``"model"``, ``"option__proposal"``); with a
    one-step path new rows get the parent by themselves. ``limit`` narrows choices of a row's form (for example to
    the options of this proposal). ``check`` gets the values of all rows that stay and returns errors of the whole.
    """

    code: str
    title: Text
    model: type[models.Model]
    fields: Sequence[str]
    parent: str
    note: Text = ""
    extra: int = 1
    form: type[EntityForm] = EntityForm
    limit: Callable[[Any, EntityForm], None] | None = None
    check: Callable[[Any, list[dict[str, Any]]], Sequence[Text]] | None = None
    editable: Callable[[Any, User], bool] | None = None

    def form_class(self) -> type[EntityForm]:
        return cast("type[EntityForm]", modelform_factory(self.model, form=self.form, fields=list(self.fields)))

    def children(self, parent: models.Model) -> models.QuerySet[models.Model]:
        if parent.pk is None:
            return self.model._default_manager.none()
        keys = [name for name in self.fields if isinstance(self.model._meta.get_field(name), models.ForeignKey)]
        rows = self.model._default_manager.filter(**{self.parent: parent.pk})
        return rows.select_related(*keys) if keys else rows


@dataclass
class RowItem:
    """One line of the table."""

    form: EntityForm
    obj: models.Model | None
    delete: bool = False
    version: int | None = None

    @property
    def errors(self) -> list[str]:
        return [str(text) for text in self.form.non_field_errors()] if self.form.is_bound else []

    @property
    def used(self) -> bool:
        return self.obj is not None or self.form.has_changed()


class RowSet:
    """The rows of one child table on a page: shown, read from a post, written."""

    def __init__(
        self, rows: Rows, parent: models.Model, user: User, data: QueryDict | None = None, theirs: Sequence[str] = ()
    ) -> None:
        self.rows = rows
        self.parent = parent
        self.user = user
        self.data = data
        self.errors: list[str] = []
        self.added: int | None = None  # the first line that the reader just asked for: it takes the focus
        self.open = rows.editable is None or rows.editable(parent, user)
        self._form = rows.form_class()
        self._shared: dict[str, Any] = {"lines": True}
        self._stored = {child.pk: child for child in rows.children(parent)}
        self._theirs = [name.split("-", 2)[1:] for name in theirs if name.startswith(f"{rows.code}-")]
        sent = data is not None and f"{rows.code}-TOTAL" in data
        self.items = self._read(cast("QueryDict", data)) if sent and self.open else self._show()

    # ── building ─────────────────────────────────────────────────────────────────────────────────

    def _make(self, number: int, obj: models.Model | None, data: QueryDict | None = None) -> EntityForm:
        form = self._form(
            data,
            prefix=f"{self.rows.code}-{number}",
            instance=obj,
            user=self.user,
            shared=self._shared,
            currency=currency_of(self.parent),
            empty_permitted=obj is None,
            use_required_attribute=False,
        )
        if self.rows.limit is not None:
            self.rows.limit(self.parent, form)
        return form

    def _show(self) -> list[RowItem]:
        shown = [
            RowItem(self._make(number, child), child, version=getattr(child, "version", None))
            for number, child in enumerate(self._stored.values())
        ]
        blank = self.rows.extra if self.open else 0
        start = len(shown)
        return shown + [RowItem(self._make(start + number, None), None) for number in range(blank)]

    def _read(self, data: QueryDict) -> list[RowItem]:
        items, seen = [], set()
        for number in range(min(_whole(data.get(f"{self.rows.code}-TOTAL")) or 0, MOST_ROWS)):
            prefix = f"{self.rows.code}-{number}"
            child = self._stored.get(_whole(data.get(f"{prefix}-id")) or -1)
            version = _whole(data.get(f"{prefix}-version"))
            if child is not None:
                seen.add(child.pk)
                data = self._with_theirs(data, prefix, number, child)
                if any(row[0] == str(number) for row in self._theirs):
                    version = getattr(child, "version", None)
            items.append(RowItem(self._make(number, child, data), child, f"{prefix}-DELETE" in data, version))
        for child in self._stored.values():  # added by somebody else meanwhile: shown, never dropped
            if child.pk not in seen:
                items.append(RowItem(self._make(len(items), child), child, version=getattr(child, "version", None)))
        return items

    def _with_theirs(self, data: QueryDict, prefix: str, number: int, child: models.Model) -> QueryDict:
        names = [row[1] for row in self._theirs if len(row) == 2 and row[0] == str(number)]
        if not names:
            return data
        stored: BaseForm = self._make(number, child)
        fresh = data.copy()
        for name in names:
            if name in stored.fields:
                fresh.setlist(f"{prefix}-{name}", typed(stored, name))
        return fresh

    def add_lines(self, count: int = 3) -> None:
        """More empty lines; what was typed stays, nothing is judged yet."""
        for item in self.items:
            if item.form.is_bound:
                item.form.forget_errors()
        start = len(self.items)
        self.added = start if count else None
        self.items += [RowItem(self._make(start + number, None), None) for number in range(count)]

    def refresh_versions(self) -> None:
        """After a refused save: the next one is made against what is stored now."""
        for item in self.items:
            if item.obj is not None:
                item.version = getattr(self._stored.get(item.obj.pk), "version", item.version)

    # ── for the template ─────────────────────────────────────────────────────────────────────────

    @property
    def head(self) -> list[dict[str, Any]]:
        blank = self._make(0, None)
        return [
            {"label": field.label, "required": field.field.required, "help": field.help_text, "name": field.name}
            for field in blank.visible_fields()
        ]

    @property
    def total(self) -> int:
        return len(self.items)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def is_valid(self) -> bool:
        fine = True
        for item in self.items:
            if item.form.is_bound and not item.delete and not item.form.is_valid():
                fine = False
        if fine and self.rows.check is not None and self.open:
            staying = [
                item.form.values() for item in self.items if item.form.is_bound and not item.delete and item.used
            ]
            self.errors = [str(text) for text in self.rows.check(self.parent, staying)]
            fine = not self.errors
        return fine

    def save(
        self, parent: models.Model, *, by: User, reason: str = "", bump: bool = True, created: bool = False
    ) -> bool:
        """Write all rows in the caller's transaction and one audit entry on the parent; True when anything changed.

        Errors: ``NotAllowed``, ``StaleEdit`` (per cell), ``Invalid`` (the messages stand at the rows already).
        """
        if not self.open:
            return False
        self.parent = parent
        before: list[dict[str, Any]] = []
        after: list[dict[str, Any]] = []
        with transaction.atomic():
            if not created:
                permit(parent, by)
            self._refuse_stale()
            for item in [row for row in self.items if row.delete and row.obj is not None]:
                before.append(self._remove(item))
            for item in [row for row in self.items if row.form.is_bound and not row.delete]:
                change = self._write(item)
                if change is not None:
                    old, new = change
                    before += [old] if old else []
                    after.append(new)
            if not before and not after:
                return False
            note(parent, self.rows.code, before, after, by=by, reason=reason, bump=bump)
        return True

    def _changes(self, item: RowItem) -> dict[str, list[Any]]:
        stored = self._stored[cast("models.Model", item.obj).pk]
        values = item.form.values()
        rows = {name: [jsonable(_raw(stored, name)), jsonable(value)] for name, value in values.items()}
        return {name: pair for name, pair in rows.items() if pair[0] != pair[1]}

    def _refuse_stale(self) -> None:
        conflicts = []
        numbers = [item.obj.pk for item in self.items if item.obj is not None]
        if numbers:  # read again inside the transaction: this is what the comparison must hold against
            rows = self.rows.model._default_manager.select_for_update().filter(pk__in=numbers)
            self._stored = {child.pk: child for child in rows}
        for number, item in enumerate(self.items):
            if item.obj is None or not item.form.is_bound:
                continue
            current = self._stored.get(item.obj.pk)
            if current is None:
                item.obj = None  # deleted meanwhile: what the reader kept or changed becomes a new row
                continue
            if item.version is None or getattr(current, "version", item.version) == item.version:
                continue
            label = f"{self.rows.title}: {current}"
            changes = {} if item.delete else self._changes(item)
            for name, (theirs, yours) in changes.items():
                field_name = self.rows.model._meta.get_field(name).verbose_name  # type: ignore[union-attr]
                conflicts.append(
                    FieldConflict(
                        f"{self.rows.code}-{number}-{name}", f"{label}, {field_name}", yours=yours, theirs=theirs
                    )
                )
        if conflicts:
            raise StaleEdit(conflicts, getattr(self.parent, "version", 0))

    def _remove(self, item: RowItem) -> dict[str, Any]:
        obj = cast("models.Model", item.obj)
        told = {"id": obj.pk, "_name": str(obj)} | {name: jsonable(_raw(obj, name)) for name in self.rows.fields}
        try:
            obj.delete()
        except ProtectedError:
            item.delete = False
            item.form.add_error(None, _("This line is used elsewhere and cannot be removed."))
            raise Invalid({}) from None
        return told

    def _write(self, item: RowItem) -> tuple[dict[str, Any] | None, dict[str, Any]] | None:
        if item.obj is None and not item.form.has_changed():
            return None
        values = item.form.values()
        obj = self._stored[item.obj.pk] if item.obj is not None else self.rows.model()
        changes = self._changes(item) if item.obj is not None else {n: [None, jsonable(v)] for n, v in values.items()}
        if not changes:
            return None
        for name, value in values.items():
            setattr(obj, name, value)
        if "__" not in self.rows.parent:
            setattr(obj, self.rows.parent, self.parent)
        if isinstance(obj, Versioned) and item.obj is not None:
            obj.version += 1
        try:
            obj.full_clean()
            with transaction.atomic():
                obj.save()
        except ValidationError as error:
            self._blame(item, error)
        except IntegrityError:
            self._blame(item, ValidationError(_("Such an entry exists already.")))
        told: dict[str, Any] = {"id": obj.pk, "_name": str(obj)}
        old = None if item.obj is None else told | {field: pair[0] for field, pair in changes.items()}
        return old, told | {field: pair[1] for field, pair in changes.items()}

    def _blame(self, item: RowItem, error: ValidationError) -> None:
        rows = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: list(error.messages)}
        for name, texts in rows.items():
            for text in texts:
                item.form.add_error(name if name in item.form.fields else None, text)
        raise Invalid({}) from error


def _raw(obj: models.Model, name: str) -> Any:
    field = obj._meta.get_field(name)
    return getattr(obj, field.attname if isinstance(field, models.ForeignKey) else name)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
