"""The shapes of the API, made from the models: what is shown, what a creation takes, what a change takes."""

# No ``from __future__ import annotations`` here: ninja reads the schemas made below from the annotations.

import datetime as dt
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db import models
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, create_model

from stellwerk.core.models import Entity, Versioned

BIGINT = 2**63 - 1
INT = 2**31 - 1
VERSION = Field(None, ge=1, le=INT, description="The version that you saw; or send it as `If-Match`.")


_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _iso_day(value: Any) -> Any:
    """pydantic would also take seconds since 1970; the document promises an ISO date."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        return value
    raise ValueError(_("Write the date as 2026-11-25."))


Day = Annotated[dt.date, BeforeValidator(_iso_day)]


class Strict(Schema):
    """Unknown fields are refused with their names."""

    model_config = ConfigDict(extra="forbid")


class TransitionIn(Strict):
    version: int | None = VERSION
    reason: str = Field("", max_length=5000)


class TransitionOut(Schema):
    step: str
    label: str
    target: str
    possible: bool
    reasons: list[str]


class HistoryOut(Schema):
    at: dt.datetime
    who: str | None
    verb: str
    changes: dict[str, Any]
    reason: str
    version: int | None


class ReasonIn(Strict):
    version: int | None = VERSION
    reason: str = Field("", max_length=5000)


class FieldError(Schema):
    field: str
    messages: list[str]


class Conflict(Schema):
    field: str
    label: str
    yours: Any = None
    theirs: Any = None


class ProblemOut(Schema):
    """RFC 9457 problem details: ``code`` says which, ``detail`` what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: list[FieldError] | None = Field(None, description="Per field, for code `invalid`.")
    conflicts: list[Conflict] | None = Field(None, description="Both values of each field, for code `stale_edit`.")
    version: int | None = Field(None, description="The version that is stored now, for code `stale_edit`.")
    changed_by: str | None = None
    reference: str | None = Field(None, description="Names an internal error in the log.")


PROBLEMS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 412, 413, 422, 428), ProblemOut)
READ_PROBLEMS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 422), ProblemOut)


@dataclass(frozen=True)
class Reference:
    """How a kind that is no entity is named in the API (a term by its code): ``field`` of the model, and who finds it."""

    field: str
    find: Callable[[str], models.Model | None]


REFERENCES: dict[type[models.Model], Reference] = {}


def register_reference(model: type[models.Model], field: str, find: Callable[[str], models.Model | None]) -> None:
    """Before the resources that refer to it are added. ``find`` may make what is known elsewhere and has no row yet."""
    REFERENCES[model] = Reference(field, find)


def named_by(related: type[models.Model]) -> str:
    """The public name of what is referred to: the key of entities, a registered field, else the number."""
    if issubclass(related, Entity):
        return "key"
    return REFERENCES[related].field if related in REFERENCES else "pk"


def reference_of(field_: models.Field[Any, Any]) -> type[models.Model] | None:
    related = field_.related_model
    return related if isinstance(related, type) and issubclass(related, models.Model) else None


def _python_type(field_: Any) -> Any:
    own = getattr(field_, "api_type", None)  # a field of a room's own says how it looks
    if own is not None:
        return own
    if field_.choices and not isinstance(field_, models.ForeignKey):
        values = tuple(value for value, _label in field_.flatchoices if value != "")
        return Literal[values]
    kinds: tuple[tuple[Any, Any], ...] = (
        (models.BooleanField, StrictBool),
        (models.DateTimeField, dt.datetime),
        (models.DateField, Day),
        (models.DecimalField, Decimal),
        (models.JSONField, Any),
        (models.UUIDField, str),
        (models.IntegerField, StrictInt),
    )
    return next((kind for base, kind in kinds if isinstance(field_, base)), str)


def _limits(field_: Any) -> dict[str, Any]:
    if getattr(field_, "api_type", None) is not None:
        return {}
    if isinstance(field_, models.BigIntegerField):
        return {"ge": -BIGINT, "le": BIGINT}
    if isinstance(field_, models.PositiveSmallIntegerField):
        return {"ge": 0, "le": 32767}
    if isinstance(field_, models.SmallIntegerField):
        return {"ge": -32768, "le": 32767}
    if isinstance(field_, models.IntegerField):
        return {"ge": -(2**31), "le": INT}
    if isinstance(field_, models.DecimalField):
        return {"max_digits": field_.max_digits, "decimal_places": field_.decimal_places}
    if isinstance(field_, (models.CharField, models.TextField)) and field_.max_length and not field_.choices:
        return {"max_length": field_.max_length}
    return {}


def _field_type(field_: Any) -> Any:
    related = reference_of(field_)
    if related is not None:
        kind: Any = int if named_by(related) == "pk" else str
        return list[kind] if field_.many_to_many else kind
    return _python_type(field_)


def _optional(field_: Any) -> bool:
    return bool(field_.null or field_.blank or field_.has_default() or field_.many_to_many)


def shown(
    name: str, model: type[models.Model], read: Iterable[str], computed: Mapping[str, Any], shapes: Mapping[str, Any]
) -> Any:
    """What an object looks like in answers. ``shapes`` gives JSON fields their types."""
    out: dict[str, Any] = {}
    for code in read:
        field_ = model._meta.get_field(code)
        kind = shapes.get(code, _field_type(field_))
        empty_choice = field_.choices and field_.blank  # type: ignore[union-attr]
        out[code] = ((kind | None) if (field_.null or empty_choice) and kind is not Any else kind, ...)
    for code, (kind, _read) in computed.items():
        out[code] = (kind, ...)
    return create_model(f"{name}Out", __base__=Schema, **out)


def taken(
    model: type[models.Model], write: Iterable[str], shapes: Mapping[str, Any], extra: Mapping[str, Any],
    fixed: Container[str] = (),
) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
    """The fields of a creation and of a change; in a change every field is optional, and the version is checked.

    ``fixed`` fields are taken by the creation only.
    """
    incoming: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    if issubclass(model, Versioned):
        changes["version"] = (int | None, VERSION)
    for code in write:
        field_ = model._meta.get_field(code)
        kind = shapes.get(code, _field_type(field_))
        wide = kind if kind is Any else kind | None
        limits = _limits(field_) if kind is not Any and code not in shapes else {}
        if _optional(field_):
            incoming[code] = (wide, Field(None, **limits))
        else:
            least: dict[str, Any] = {"min_length": 1} if kind is str else {}
            incoming[code] = (kind, Field(..., **least, **limits))
        if code not in fixed:
            changes[code] = (wide, Field(None, **limits))
    for code, kind in extra.items():
        incoming[code] = (kind | None, Field(None))
        if code not in fixed:
            changes[code] = (kind | None, Field(None))
    incoming["reason"] = changes["reason"] = (str, Field("", max_length=5000))
    return incoming, changes


def made(name: str, fields: Mapping[str, Any]) -> Any:
    """A schema of what a request sends, made of the fields of :func:`taken`."""
    return create_model(name, __base__=Strict, **fields)


def page_of(name: str, out: Any) -> Any:
    """One page of a list."""
    return create_model(
        f"{name}Page",
        __base__=Schema,
        items=(list[out], ...),
        count=(int, Field(..., description="How many there are in all.")),
        page=(int, ...),
        page_size=(int, ...),
    )
