"""One row of a child table (a gate, a team member, a criterion): written on its own, audited on what it belongs to.

The permission is the parent's: whoever may edit a project may edit its gates. Forms write whole tables at once
(:mod:`stellwerk.core.pages.rows`); both keep the same history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import User, Versioned, jsonable
from stellwerk.core.permissions import require
from stellwerk.core.services import record, stale, validate

if TYPE_CHECKING:
    from stellwerk.core.pages.rows import Rows


def permit(parent: models.Model, by: User) -> None:
    """Child rows follow the permission of their parent. Errors: ``NotAllowed``, ``Refused`` (archived)."""
    require(by, "edit", parent)
    if getattr(parent, "archived_at", None) is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")


def note(
    parent: models.Model,
    code: str,
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    *,
    by: User,
    reason: str,
    bump: bool,
) -> None:
    """One audit entry on the parent, and (``bump``) its next version."""
    if bump and isinstance(parent, Versioned):
        type(parent)._default_manager.filter(pk=parent.pk).update(version=F("version") + 1, updated_at=timezone.now())
        parent.refresh_from_db(fields=["version", "updated_at"])
    record(parent, by=by, verb="edit", changes={code: [before, after]}, reason=reason)


@transaction.atomic
def save_child(
    rows: Rows, parent: models.Model, child: models.Model | None, values: Mapping[str, Any], *, by: User,
    version: int | None = None, reason: str = "",
) -> models.Model:  # fmt: skip
    """Add or change one row. Errors: ``NotAllowed``, ``Refused`` (archived), ``Invalid``, ``StaleEdit``."""
    _open(rows, parent, by)
    obj = rows.model() if child is None else rows.model._default_manager.select_for_update().get(pk=child.pk)
    if child is not None and version is not None and isinstance(obj, Versioned) and obj.version != version:
        raise stale(obj, values)
    old = None if child is None else told(rows, obj)
    for name, value in values.items():
        setattr(obj, name, value)
    if "__" not in rows.parent:
        setattr(obj, rows.parent, parent)
    _check_place(rows, parent, obj)
    _check_whole(rows, parent, obj)
    if old is not None and told(rows, obj) == old:
        return obj
    if isinstance(obj, Versioned) and child is not None:
        obj.version += 1
    validate(obj)
    try:
        with transaction.atomic():
            obj.save()
    except IntegrityError as error:
        raise Invalid({"__all__": [_("Such an entry exists already.")]}) from error
    note(parent, rows.code, [old] if old else [], [told(rows, obj)], by=by, reason=reason, bump=True)
    return obj


@transaction.atomic
def remove_child(
    rows: Rows, parent: models.Model, child: models.Model, *, by: User, version: int | None = None, reason: str = ""
) -> None:
    """Take a row away; history keeps what it said. Errors: as :func:`save_child`, and ``Refused`` (used elsewhere)."""
    _open(rows, parent, by)
    obj = rows.model._default_manager.select_for_update().get(pk=child.pk)
    if version is not None and isinstance(obj, Versioned) and obj.version != version:
        raise stale(obj, {})
    old = told(rows, obj)
    try:
        with transaction.atomic():
            obj.delete()
    except ProtectedError:
        raise Refused(_("This line is used elsewhere and cannot be removed."), code="in_use") from None
    note(parent, rows.code, [old], [], by=by, reason=reason, bump=True)


def told(rows: Rows, obj: models.Model) -> dict[str, Any]:
    """A row as history tells it."""
    return {"id": obj.pk, "_name": str(obj)} | {name: jsonable(_raw(obj, name)) for name in rows.fields}


def _raw(obj: models.Model, name: str) -> Any:
    field = obj._meta.get_field(name)
    return getattr(obj, field.attname if isinstance(field, models.ForeignKey) else name)


def _open(rows: Rows, parent: models.Model, by: User) -> None:
    permit(parent, by)
    if rows.editable is not None and not rows.editable(parent, by):
        raise NotAllowed()


def _check_place(rows: Rows, parent: models.Model, obj: models.Model) -> None:
    """A row that hangs on a row of the parent (a year on an option) hangs on one of this very parent."""
    value: Any = obj
    first = rows.parent.split("__")[0]
    for part in rows.parent.split("__"):
        value = None if value is None or getattr(value, f"{part}_id") is None else getattr(value, part)
    if value is None or value.pk != parent.pk:
        raise Invalid({first: [_("This belongs to another entry.")]})


def _check_whole(rows: Rows, parent: models.Model, obj: models.Model) -> None:
    if rows.check is None:
        return
    others = [row for row in rows.children(parent) if row.pk != obj.pk]
    texts = rows.check(parent, [{name: getattr(row, name) for name in rows.fields} for row in [*others, obj]])
    if texts:
        raise Invalid({"__all__": [str(text) for text in texts]})
