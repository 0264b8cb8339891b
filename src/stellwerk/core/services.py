"""The one way to write an entity: permission, validation, compare-and-swap, audit entry, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import FieldConflict, Invalid, Refused, StaleEdit
from stellwerk.core.models import AuditEntry, ChangeSet, Entity, KeySequence, User, Versioned, jsonable
from stellwerk.core.permissions import require
from stellwerk.core.registry import ARCHIVE_GUARDS, ENTITIES

M = TypeVar("M", bound=models.Model)

UNTRACKED = {"version", "created_at", "updated_at"}
HIDDEN = "•••"
"""What the audit trail says in place of a private value (``EntityType.private``)."""


def next_keys(prefix: str, count: int = 1, digits: int = 4) -> list[str]:
    """Reserve ``count`` public keys (``PRJ-0042`` …); call inside the transaction that uses them."""
    with transaction.atomic():
        KeySequence.objects.get_or_create(prefix=prefix)
        KeySequence.objects.filter(prefix=prefix).update(next_number=F("next_number") + count)
        end = KeySequence.objects.get(prefix=prefix).next_number
    return [f"{prefix}-{number:0{digits}d}" for number in range(end - count, end)]


def _free_key(model: type[models.Model], prefix: str) -> str:
    """The next key of the sequence that nobody has typed by hand before."""
    while True:
        key = next_keys(prefix)[0]
        if not model._default_manager.filter(key=key).exists():
            return key


def record(
    obj: models.Model,
    *,
    by: User | None,
    verb: str,
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
    change_set: ChangeSet | None = None,
) -> AuditEntry:
    """Write one audit entry; ``changes`` is ``{field: [before, after]}``."""
    return AuditEntry.objects.create(
        entity_type=obj._meta.label_lower,
        entity_id=obj.pk,
        entity_key=str(getattr(obj, "key", "") or ""),
        actor=by,
        pseudonym=by.pseudonym if by else None,
        verb=verb,
        changes=without_private(obj, changes or {}),
        reason=reason.strip(),
        change_set=change_set,
        entity_version=getattr(obj, "version", None),
    )


def without_private(obj: models.Model, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes with private values left out; that they changed is told."""
    kind = ENTITIES.get(str(obj._meta.label_lower))
    private = set(kind.private) if kind is not None else set()
    if private.isdisjoint(changes):
        return changes
    return {
        name: [HIDDEN if value not in (None, "") else value for value in pair] if name in private else pair
        for name, pair in changes.items()
    }


def changed_fields(obj: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """``{field: [before, after]}`` of what ``values`` would change."""
    diff: dict[str, list[Any]] = {}
    for name, value in values.items():
        if name in UNTRACKED:
            continue
        field = obj._meta.get_field(name)
        before = jsonable(getattr(obj, field.attname if isinstance(field, models.ForeignKey) else name))
        after = jsonable(value)
        if before != after:
            diff[name] = [before, after]
    return diff


def validate(obj: models.Model, fields: Iterable[str] | None = None) -> None:
    """Django's model validation, said as :class:`Invalid`."""
    exclude = None
    if fields is not None:
        wanted = set(fields)
        exclude = {field.name for field in obj._meta.fields} - wanted
    try:
        obj.full_clean(exclude=exclude)
    except ValidationError as error:
        raise invalid_from(error) from error


def invalid_from(error: ValidationError) -> Invalid:
    if hasattr(error, "error_dict"):
        return Invalid({("__all__" if k == NON_FIELD_ERRORS else k): list(v) for k, v in error.message_dict.items()})
    return Invalid({"__all__": list(error.messages)})


def _set(obj: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(obj, name, value)


def create(model: type[M], values: Mapping[str, Any], *, by: User | None, verb: str = "create", reason: str = "") -> M:
    """Create an entity: key from the sequence if none is given, validated, permitted (on the object itself), audited.

    Errors: ``Invalid``, ``NotAllowed``.
    """
    many = {name: values[name] for name in values if model._meta.get_field(name).many_to_many}
    plain = {name: value for name, value in values.items() if name not in many}
    with transaction.atomic():
        obj = model(**plain)
        if isinstance(obj, Entity) and not obj.key:
            obj.key = _free_key(model, obj.KEY_PREFIX)
        require(by, "create", obj)
        validate(obj)
        try:
            with transaction.atomic():
                obj.save(force_insert=True)
        except IntegrityError as error:
            raise Invalid({"__all__": [_("Such an entry exists already.")]}) from error
        for name, value in many.items():
            getattr(obj, name).set(value)
        record(
            obj,
            by=by,
            verb=verb,
            reason=reason,
            changes={name: [None, jsonable(value)] for name, value in plain.items() if value not in (None, "")},
        )
    return obj


def write(
    obj: M,
    values: Mapping[str, Any],
    *,
    by: User | None,
    version: int | None = None,
    verb: str = "edit",
    reason: str = "",
    change_set: ChangeSet | None = None,
) -> M:
    """Change fields by compare-and-swap on the version and write one audit entry; no permission is asked here.

    ``version`` is what the editor saw; a mismatch raises :class:`StaleEdit` with both values. Unchanged: no entry.
    """
    with transaction.atomic():
        current = type(obj)._default_manager.select_for_update().get(pk=obj.pk)
        diff = changed_fields(current, values)
        if not diff:
            return current
        if version is not None and isinstance(current, Versioned) and current.version != version:
            raise stale(current, values)
        _set(current, values)
        validate(current, fields=values)
        if isinstance(current, Entity) and not current.key:  # blank only asks for the next number, at creation
            raise Invalid({"key": [_("An entry keeps a key: it stands in addresses and references.")]})
        if not isinstance(current, Versioned):
            current.save(update_fields=list(diff))
        else:
            _swap(current, diff)
        record(current, by=by, verb=verb, changes=diff, reason=reason, change_set=change_set)
    return current


def _swap(obj: Versioned, diff: Mapping[str, Any]) -> None:
    seen = obj.version
    now = timezone.now()
    changes = {}
    for name in diff:
        field = obj._meta.get_field(name)
        changes[name] = getattr(obj, field.attname if isinstance(field, models.ForeignKey) else name)
    try:
        with transaction.atomic():
            hit = (
                type(obj)
                ._default_manager.filter(pk=obj.pk, version=seen)
                .update(**changes, version=seen + 1, updated_at=now)
            )
    except IntegrityError as error:
        raise Invalid({"__all__": [_("Such an entry exists already.")]}) from error
    if not hit:
        fresh = type(obj)._default_manager.get(pk=obj.pk)
        raise stale(fresh, {name: getattr(obj, name) for name in diff})
    obj.version = seen + 1
    obj.updated_at = now


def stale(current: Versioned, values: Mapping[str, Any]) -> StaleEdit:
    """Both values of every field on which the stale edit and the stored row disagree."""
    conflicts = []
    for name, (theirs, yours) in changed_fields(current, values).items():
        field = current._meta.get_field(name)
        conflicts.append(FieldConflict(name, str(getattr(field, "verbose_name", name)), yours=yours, theirs=theirs))
    last = AuditEntry.objects.filter(entity_type=current._meta.label_lower, entity_id=current.pk).first()
    return StaleEdit(conflicts, current.version, str(last.actor) if last and last.actor else "")


def edit(obj: M, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = "") -> M:
    """What a form or the API does: permission ``edit`` before and after the change, then :func:`write`.

    Errors: ``NotAllowed``, ``Invalid``, ``StaleEdit``, ``Refused`` (archived).
    """
    require(by, "edit", obj)
    if getattr(obj, "archived_at", None) is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    many = {name: values[name] for name in values if obj._meta.get_field(name).many_to_many}
    plain = {name: value for name, value in values.items() if name not in many}
    with transaction.atomic():
        saved = write(obj, plain, by=by, version=version, reason=reason)
        for name, value in many.items():
            _set_many(saved, name, value, by=by, reason=reason)
        require(by, "edit", saved)  # nobody moves a thing out of, or into, what they may not edit
    return saved


def _set_many(obj: models.Model, name: str, value: Iterable[models.Model], *, by: User | None, reason: str) -> None:
    before = sorted(getattr(obj, name).values_list("pk", flat=True))
    after = sorted(item.pk for item in value)
    if before != after:
        getattr(obj, name).set(after)
        record(obj, by=by, verb="edit", changes={name: [before, after]}, reason=reason)


def archive(obj: M, *, by: User | None, version: int | None = None, reason: str = "") -> M:
    """Archive instead of delete; lists hide it, history and references stay."""
    require(by, "archive", obj)
    reasons = [text for guard in ARCHIVE_GUARDS.get(obj._meta.label_lower, ()) for text in guard(obj)]
    if reasons:
        raise Refused(" ".join(str(text) for text in reasons), _("Move or archive them first."), code="in_use")
    return write(obj, {"archived_at": timezone.now()}, by=by, version=version, verb="archive", reason=reason)


def restore(obj: M, *, by: User | None, version: int | None = None, reason: str = "") -> M:
    require(by, "archive", obj)
    return write(obj, {"archived_at": None}, by=by, version=version, verb="restore", reason=reason)
