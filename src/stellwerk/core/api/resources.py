"""An entity as a resource: list, read, create, change, archive, transitions and history.

The pages' services and permission table answer here too; a resource only names its fields.
References to entities are written by their public key, other references by number, dates as ISO texts, money in minor
units of the currency, and every change carries the ``version`` that it saw.
"""

# No ``from __future__ import annotations`` here: ninja reads the schemas made below from the annotations.

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field, StrictBool, StrictInt, create_model

from stellwerk.core import services
from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.lists import LISTS
from stellwerk.core.lists.reading import list_queryset
from stellwerk.core.models import AuditEntry, Entity, User
from stellwerk.core.permissions import can, visible
from stellwerk.core.registry import MACHINES, entity_type
from stellwerk.core.states import advance, offers

PAGE_MAX = 500
BIGINT = 2**63 - 1


class Strict(Schema):
    """Unknown fields are refused with their names."""

    model_config = ConfigDict(extra="forbid")


class TransitionIn(Strict):
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="The version that you saw.")
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
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    reason: str = Field("", max_length=5000)


class ProblemOut(Schema):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: list[dict[str, Any]] | None = None
    conflicts: list[dict[str, Any]] | None = None


PROBLEMS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422), ProblemOut)


@dataclass(frozen=True)
class Resource:
    """One entity in the API. ``computed`` adds read-only values; ``many`` child rows may be added by the room itself."""

    model: type[models.Model]
    path: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    computed: Mapping[str, tuple[Any, Callable[[Any], Any]]] = field(default_factory=dict)
    create: Callable[..., Any] | None = None
    edit: Callable[..., Any] | None = None
    creatable: bool = True
    tag: str = ""

    @property
    def label(self) -> str:
        return str(self.model._meta.label_lower)

    @property
    def lookup(self) -> str:
        return "key" if issubclass(self.model, Entity) else "pk"


def _python_type(field_: Any) -> Any:
    if field_.choices and not isinstance(field_, models.ForeignKey):
        values = tuple(value for value, _label in field_.flatchoices if value != "")
        return Literal[values]
    kinds: tuple[tuple[Any, Any], ...] = (
        (models.BooleanField, StrictBool),
        (models.DateTimeField, dt.datetime),
        (models.DateField, dt.date),
        (models.DecimalField, Decimal),
        (models.JSONField, Any),
        (models.UUIDField, str),
        (models.IntegerField, StrictInt),
    )
    return next((kind for base, kind in kinds if isinstance(field_, base)), str)


def _limits(field_: Any) -> dict[str, Any]:
    if isinstance(field_, models.BigIntegerField):
        return {"ge": -BIGINT, "le": BIGINT}
    if isinstance(field_, models.PositiveSmallIntegerField):
        return {"ge": 0, "le": 32767}
    if isinstance(field_, models.IntegerField):
        return {"ge": -(2**31), "le": 2**31 - 1}
    if isinstance(field_, models.DecimalField):
        return {"max_digits": field_.max_digits, "decimal_places": field_.decimal_places}
    if isinstance(field_, (models.CharField, models.TextField)) and field_.max_length and not field_.choices:
        return {"max_length": field_.max_length}
    return {}


def _reference(field_: models.Field[Any, Any]) -> type[models.Model] | None:
    related = field_.related_model
    return related if isinstance(related, type) and issubclass(related, models.Model) else None


def _field_type(field_: Any, *, writing: bool) -> Any:
    related = _reference(field_)
    if related is not None:
        kind: Any = str if issubclass(related, Entity) else int
        return list[kind] if field_.many_to_many else kind
    return _python_type(field_)


def _optional(field_: Any) -> bool:
    return bool(field_.null or field_.blank or field_.has_default() or field_.many_to_many)


def _schemas(resource: Resource) -> tuple[Any, Any, Any]:
    name = resource.model.__name__
    out: dict[str, Any] = {}
    for code in resource.read:
        field_ = resource.model._meta.get_field(code)
        kind = _field_type(field_, writing=False)
        empty_choice = field_.choices and field_.blank  # type: ignore[union-attr]
        out[code] = ((kind | None) if (field_.null or empty_choice) and kind is not Any else kind, ...)
    for code, (kind, _read) in resource.computed.items():
        out[code] = (kind, ...)
    incoming: dict[str, Any] = {}
    changes: dict[str, Any] = {
        "version": (int, Field(..., ge=1, le=2**31 - 1, description="The version that you saw."))
    }
    for code in resource.write:
        field_ = resource.model._meta.get_field(code)
        kind = _field_type(field_, writing=True)
        wide = kind if kind is Any else kind | None
        limits = _limits(field_) if kind is not Any else {}
        if _optional(field_):
            incoming[code] = (wide, Field(None, **limits))
        else:
            least: dict[str, Any] = {"min_length": 1} if kind is str else {}
            incoming[code] = (kind, Field(..., **least, **limits))
        changes[code] = (wide, Field(None, **limits))
    changes["reason"] = (str, Field("", max_length=5000))
    return (
        create_model(f"{name}Out", __base__=Schema, **out),
        create_model(f"{name}In", __base__=Strict, **incoming),
        create_model(f"{name}Change", __base__=Strict, **changes),
    )


def represent(resource: Resource, obj: models.Model) -> dict[str, Any]:
    """The object as the API shows it."""
    shown: dict[str, Any] = {}
    for code in resource.read:
        field_ = resource.model._meta.get_field(code)
        related = _reference(field_)  # type: ignore[arg-type]
        if related is None:
            value = getattr(obj, code)
            shown[code] = None if value == "" and field_.choices else value  # type: ignore[union-attr]
        elif field_.many_to_many:
            shown[code] = [str(item.key) if hasattr(item, "key") else item.pk for item in getattr(obj, code).all()]
        else:
            target = getattr(obj, code)
            shown[code] = None if target is None else target.key if issubclass(related, Entity) else target.pk
    for code, (_kind, read) in resource.computed.items():
        shown[code] = read(obj)
    return shown


def _resolve(user: User, related: type[models.Model], code: str, value: Any) -> models.Model:
    by = "key" if issubclass(related, Entity) else "pk"
    found = related._default_manager.filter(**{by: value})
    if can(user, "view", related):
        found = found.filter(visible(user, related))
    target = found.first()
    if target is None:
        raise Invalid({code: [_("“%(value)s” does not exist, or you may not see it.") % {"value": value}]})
    return target


def values_from(resource: Resource, user: User, data: Schema) -> dict[str, Any]:
    """What the services take: references resolved among what the user may see."""
    values: dict[str, Any] = {}
    for code, value in data.model_dump(exclude_unset=True).items():
        if code in {"version", "reason"}:
            continue
        field_ = resource.model._meta.get_field(code)
        related = _reference(field_)  # type: ignore[arg-type]
        if related is not None and field_.many_to_many:
            values[code] = [_resolve(user, related, code, item) for item in value or []]
        elif related is not None:
            values[code] = None if value is None else _resolve(user, related, code, value)
        elif value is None and not field_.null:
            if field_.has_default():  # type: ignore[union-attr]
                values[code] = field_.get_default()  # type: ignore[union-attr]
            else:
                values[code] = ""
        elif isinstance(value, str):
            _refuse_control(code, value)
            values[code] = value
        else:
            values[code] = value
    return values


def _refuse_control(code: str, value: str) -> None:
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Invalid({code: [_("The text contains characters that cannot be stored.")]})


def _relations(resource: Resource) -> tuple[list[str], list[str]]:
    relations = [code for code in resource.read if isinstance(resource.model._meta.get_field(code), models.ForeignKey)]
    many = [code for code in resource.read if resource.model._meta.get_field(code).many_to_many]
    return relations, many


def _queryset(resource: Resource) -> models.QuerySet[Any]:
    relations, many = _relations(resource)
    return resource.model._default_manager.select_related(*relations).prefetch_related(*many)


OWN_PARAMETERS = {"page", "page_size"}


def narrow(request: HttpRequest, resource: Resource) -> models.QuerySet[Any]:
    """What the reader may see, by the filters, search and order of the entity's list; unknown parameters are refused."""
    rows = _queryset(resource).filter(visible(request.user, resource.model))
    spec = LISTS.get(resource.label)
    given = {name: request.GET.getlist(name) for name in request.GET if name not in OWN_PARAMETERS}
    if spec is None:
        _refuse_parameters(dict.fromkeys(given, _("There is no such filter here.")))
        return rows
    params = QueryDict(mutable=True)
    for name, values in given.items():
        params.setlist(name, values)
    found, query = list_queryset(spec, actor(request), params)
    known = set(query.kept)
    _refuse_parameters({problem.parameter: problem.reason for problem in query.problems})
    _refuse_parameters({name: _("There is no such filter here.") for name in given if name not in known})
    relations, many = _relations(resource)
    return found.select_related(*relations).prefetch_related(*many)


def _refuse_parameters(reasons: Mapping[str, str]) -> None:
    if reasons:
        raise Invalid({name: [reason] for name, reason in reasons.items()})


def add_resource(router: Router, resource: Resource) -> None:
    """Add the routes of one entity to a room's router."""
    out, incoming, change = _schemas(resource)
    label, path, lookup = resource.label, resource.path, resource.lookup
    tags = [resource.tag or str(entity_type(label).model._meta.verbose_name_plural).capitalize()]
    page_schema = create_model(
        f"{resource.model.__name__}Page",
        __base__=Schema,
        items=(list[out], ...),  # type: ignore[valid-type]
        count=(int, ...),
        page=(int, ...),
        page_size=(int, ...),
    )
    ident = f"{path.replace('-', '_')}"
    key_type: Any = str if lookup == "key" else int

    def one(request: HttpRequest, key: Any, verb: str = "view") -> Any:
        check_scope(request, "read" if verb == "view" else "write", label)
        if isinstance(key, str) and "\x00" in key:
            raise Invalid({"key": [_("The text contains characters that cannot be stored.")]})
        return fetch(request.user, _queryset(resource), verb, **{lookup: key})

    @router.get(
        f"/{path}", response={200: page_schema, **PROBLEMS}, tags=tags, operation_id=f"list_{ident}",
        summary=f"List {resource.model._meta.verbose_name_plural}",
        description="Further query parameters are the filters of the list in the interface (`q`, `sort`, and its columns).",
    )  # fmt: skip
    def list_rows(
        request: HttpRequest,
        page: int = Query(1, ge=1, le=1_000_000),  # type: ignore[type-arg]
        page_size: int = Query(100, ge=1, le=PAGE_MAX),  # type: ignore[type-arg]
    ) -> Any:
        check_scope(request, "read", label)
        if not can(request.user, "view", label):
            raise NotAllowed()
        rows = narrow(request, resource)
        count = rows.count()
        start = (page - 1) * page_size
        items = [represent(resource, obj) for obj in rows[start : start + page_size]]
        return {"items": items, "count": count, "page": page, "page_size": page_size}

    @router.get(f"/{path}/{{key}}", response={200: out, **PROBLEMS}, tags=tags, operation_id=f"read_{ident}")
    def read(request: HttpRequest, key: key_type) -> Any:
        return represent(resource, one(request, key))

    if resource.creatable:
        _create_route(router, resource, out, incoming, tags, ident)
    if resource.write:
        _change_route(router, resource, one, out, change, tags, ident, key_type)
    if issubclass(resource.model, Entity):
        _archive_routes(router, resource, one, out, tags, ident, key_type)
    if label in MACHINES:
        _transition_routes(router, resource, one, out, tags, ident, key_type)
    _history_route(router, resource, one, tags, ident, key_type)


def _create_route(router: Router, resource: Resource, out: Any, incoming: Any, tags: list[str], ident: str) -> None:
    label, path, lookup = resource.label, resource.path, resource.lookup

    @router.post(f"/{path}", response={201: out, **PROBLEMS}, tags=tags, operation_id=f"create_{ident}")
    def create(request: HttpRequest, data: incoming, response: HttpResponse) -> Any:
        check_scope(request, "write", label)
        user = actor(request)
        if not can(user, "create", label):
            raise NotAllowed()
        values = values_from(resource, user, data)
        made = resource.create(values, by=user) if resource.create else services.create(resource.model, values, by=user)
        response["Location"] = f"{request.path}/{getattr(made, lookup)}"
        return Status(201, represent(resource, made))


def _change_route(
    router: Router, resource: Resource, one: Any, out: Any, change: Any, tags: list[str], ident: str, key_type: Any
) -> None:
    path = resource.path

    @router.patch(f"/{path}/{{key}}", response={200: out, **PROBLEMS}, tags=tags, operation_id=f"change_{ident}")
    def update(request: HttpRequest, key: key_type, data: change) -> Any:
        obj = one(request, key, "edit")
        user = actor(request)
        service = resource.edit or services.edit
        saved = service(obj, values_from(resource, user, data), by=user, version=data.version, reason=data.reason)
        return represent(resource, saved)


def _history_route(router: Router, resource: Resource, one: Any, tags: list[str], ident: str, key_type: Any) -> None:
    path = resource.path

    @router.get(
        f"/{path}/{{key}}/history",
        response={200: list[HistoryOut], **PROBLEMS},
        tags=tags,
        operation_id=f"history_{ident}",
    )
    def history(request: HttpRequest, key: key_type) -> Any:
        obj = one(request, key)
        entries = AuditEntry.objects.filter(entity_type=resource.label, entity_id=obj.pk).select_related("actor")[:500]
        return [
            {
                "at": entry.at,
                "who": str(entry.actor) if entry.actor else None,
                "verb": entry.verb,
                "changes": entry.changes,
                "reason": entry.reason,
                "version": entry.entity_version,
            }
            for entry in entries
        ]


def _archive_routes(
    router: Router, resource: Resource, one: Any, out: Any, tags: list[str], ident: str, key_type: Any
) -> None:
    path = resource.path

    @router.post(
        f"/{path}/{{key}}/archive", response={200: out, **PROBLEMS}, tags=tags, operation_id=f"archive_{ident}"
    )
    def archive(request: HttpRequest, key: key_type, data: ReasonIn) -> Any:
        obj = one(request, key, "archive")
        return represent(resource, services.archive(obj, by=actor(request), version=data.version, reason=data.reason))

    @router.post(
        f"/{path}/{{key}}/restore", response={200: out, **PROBLEMS}, tags=tags, operation_id=f"restore_{ident}"
    )
    def restore(request: HttpRequest, key: key_type, data: ReasonIn) -> Any:
        obj = one(request, key, "archive")
        return represent(resource, services.restore(obj, by=actor(request), reason=data.reason))


def _transition_routes(
    router: Router, resource: Resource, one: Any, out: Any, tags: list[str], ident: str, key_type: Any
) -> None:
    path = resource.path

    @router.get(
        f"/{path}/{{key}}/transitions", response={200: list[TransitionOut], **PROBLEMS}, tags=tags,
        operation_id=f"transitions_{ident}",
    )  # fmt: skip
    def transitions(request: HttpRequest, key: key_type) -> Any:
        obj = one(request, key)
        return [
            {
                "step": offer.transition.code,
                "label": str(offer.transition.label),
                "target": offer.transition.target,
                "possible": offer.possible,
                "reasons": list(offer.reasons),
            }
            for offer in offers(obj, actor(request))
        ]

    @router.post(
        f"/{path}/{{key}}/transitions/{{step}}",
        response={200: out, **PROBLEMS},
        tags=tags,
        operation_id=f"advance_{ident}",
    )
    def step_(request: HttpRequest, key: key_type, step: str, data: TransitionIn) -> Any:
        obj = one(request, key)
        check_scope(request, "write", resource.label)
        saved = advance(obj, step, by=actor(request), version=data.version, reason=data.reason)
        return represent(resource, saved)
