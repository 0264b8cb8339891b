"""From objects to what the API shows, and from what it takes to what the services write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from ninja import Schema

from stellwerk.core.api.schemas import REFERENCES, named_by, reference_of
from stellwerk.core.errors import Invalid
from stellwerk.core.models import Entity, User
from stellwerk.core.permissions import visible
from stellwerk.core.registry import ENTITIES
from stellwerk.core.services import HIDDEN

NO_FIELDS = {"version", "reason"}


def for_reader(make: Callable[[Any, User], Any]) -> Callable[[Any, User], Any]:
    """Marks a computed value that depends on who reads it: it is called with the object and the user."""
    make.for_reader = True  # type: ignore[attr-defined]
    return make


def represent(
    obj: models.Model, read: Iterable[str], computed: Mapping[str, tuple[Any, Any]], user: User
) -> dict[str, Any]:
    """The object as the API shows it; lists of references hold only what the reader may see."""
    shown: dict[str, Any] = {}
    for code in read:
        field_ = obj._meta.get_field(code)
        related = reference_of(field_)  # type: ignore[arg-type]
        if related is None:
            value = getattr(obj, code)
            shown[code] = None if value == "" and field_.choices else value  # type: ignore[union-attr]
        elif field_.many_to_many:
            rows = _seen(getattr(obj, code), related, user)
            shown[code] = [str(item.key) if hasattr(item, "key") else getattr(item, named_by(related)) for item in rows]
        else:
            target = getattr(obj, code)
            shown[code] = None if target is None else getattr(target, named_by(related))
    for code, (_kind, make) in computed.items():
        shown[code] = make(obj, user) if getattr(make, "for_reader", False) else make(obj)
    return shown


def _seen(manager: Any, related: type[models.Model], user: User) -> Iterable[Any]:
    rows = list(manager.all())
    if not rows or str(related._meta.label_lower) not in ENTITIES:
        return rows
    allowed = set(
        related._default_manager.filter(visible(user, related), pk__in=[row.pk for row in rows]).values_list(
            "pk", flat=True
        )
    )
    return [row for row in rows if row.pk in allowed]


def covered(user: User, model: type[models.Model], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Changes as history keeps them, without the numbers of entities that the reader may not see (one query per kind)."""
    names = {name for changes in rows for name in changes}
    fields = {row.name: reference_of(row) for row in model._meta.fields if row.name in names}
    for name, related in fields.items():
        if related is None or str(related._meta.label_lower) not in ENTITIES:
            continue
        pairs = [changes[name] for changes in rows if isinstance(changes.get(name), list)]
        numbers = {value for pair in pairs for value in pair if isinstance(value, int)}
        seen = set(related._default_manager.filter(visible(user, related), pk__in=numbers).values_list("pk", flat=True))
        hidden = numbers - seen
        rows = [
            changes | {name: [HIDDEN if value in hidden else value for value in changes[name]]}
            if isinstance(changes.get(name), list) else changes
            for changes in rows
        ]  # fmt: skip
    return rows


def values_from(model: type[models.Model], user: User, data: Schema, obj: models.Model | None = None) -> dict[str, Any]:
    """What the services take: references resolved among what the user may see, texts that can be stored."""
    values: dict[str, Any] = {}
    for code, value in data.model_dump(exclude_unset=True).items():
        if code in NO_FIELDS:
            continue
        refuse_unstorable(code, value)
        field_ = next((row for row in (*model._meta.fields, *model._meta.many_to_many) if row.name == code), None)
        values[code] = value if field_ is None else _value(field_, user, code, value, obj)
    return values


def _value(field_: Any, user: User, code: str, value: Any, obj: models.Model | None) -> Any:
    related = reference_of(field_)
    if related is not None and field_.many_to_many:
        return [resolve(user, related, code, item) for item in value or []] + _unseen(obj, code, related, user)
    if related is not None:
        return None if value is None else resolve(user, related, code, value, getattr(obj, field_.attname, None))
    if value is None and not field_.null:
        return field_.get_default() if field_.has_default() else ""
    return value


def _unseen(obj: models.Model | None, code: str, related: type[models.Model], user: User) -> list[Any]:
    """What stands in the list and this user cannot see stays in it: nobody removes what they do not know of."""
    if obj is None or obj.pk is None:
        return []
    rows = getattr(obj, code)
    seen = {row.pk for row in _seen(rows, related, user)}
    return [row for row in rows.all() if row.pk not in seen]


def resolve(user: User, related: type[models.Model], code: str, value: Any, current: Any = None) -> models.Model:
    """The entity behind a key or number, as forms offer it: visible and not archived; what stands there already may stay."""
    if related in REFERENCES:
        return _found(REFERENCES[related].find(value), code, value)
    rows = related._default_manager.filter(**{named_by(related): value})
    if str(related._meta.label_lower) in ENTITIES:
        allowed = visible(user, related)
        if issubclass(related, Entity):
            allowed &= models.Q(archived_at__isnull=True)
        rows = rows.filter(allowed | models.Q(pk=current)) if current is not None else rows.filter(allowed)
    return _found(rows.first(), code, value)


def _found(target: models.Model | None, code: str, value: Any) -> models.Model:
    if target is None:
        raise Invalid({code: [_("“%(value)s” does not exist, or you may not see it.") % {"value": value}]})
    return target


def refuse_unstorable(code: str, value: Any) -> None:
    """NUL and lone surrogates cannot be stored; at any depth. Errors: ``Invalid``."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Invalid({code: [_("The text contains characters that cannot be stored.")]})
    elif isinstance(value, Mapping):
        for name, part in value.items():
            refuse_unstorable(code, name)
            refuse_unstorable(code, part)
    elif isinstance(value, list):
        for part in value:
            refuse_unstorable(code, part)
