"""An entity as a resource: list, read, create, change, archive, transitions, history, child rows, talk and actions.

The pages' services and permission table answer here too; a resource only names its fields.
References to entities are written by their public key, other references by number, dates as ISO texts, money in minor
units of the currency, and every change carries the ``version`` that it saw (in the body, or as ``If-Match``).
"""

# No ``from __future__ import annotations`` here: ninja reads the schemas made below from the annotations.

from collections.abc import Callable
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from stellwerk.core import services
from stellwerk.core.access import actor
from stellwerk.core.api import talk
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.childroutes import ChildRoutes, offered
from stellwerk.core.api.declare import (
    MATCH,
    OWN_PARAMETERS,
    PAGE_MAX,
    Action,
    Child,
    Resource,
    page_rows,
    refuse_parameters,
    seen,
)
from stellwerk.core.api.once import once
from stellwerk.core.api.schemas import (
    PROBLEMS,
    READ_PROBLEMS,
    HistoryOut,
    ReasonIn,
    TransitionIn,
    TransitionOut,
    made,
    page_of,
    shown,
    taken,
)
from stellwerk.core.api.values import covered, refuse_unstorable, values_from
from stellwerk.core.errors import NotAllowed
from stellwerk.core.history import changes_for, entries_of
from stellwerk.core.lists import LISTS
from stellwerk.core.lists.parsing import MAX_TEXT
from stellwerk.core.lists.reading import list_queryset
from stellwerk.core.models import Entity
from stellwerk.core.permissions import can, visible
from stellwerk.core.registry import MACHINES
from stellwerk.core.states import advance

__all__ = ["Action", "Child", "Resource", "add_resource", "list_parameters"]

HISTORY = 500

# ── lists ────────────────────────────────────────────────────────────────────────────────────────

# Parameters of a list's page that make no sense for data.
PAGE_ONLY = {"group", "columns", "size", "view", "export", "ids", "all", "bulk"}


def narrow(request: HttpRequest, resource: Resource) -> models.QuerySet[Any]:
    """What the reader may see, by the filters, search and order of the entity's list; unknown parameters are refused."""
    rows = resource.rows().filter(visible(request.user, resource.model))
    spec = LISTS.get(resource.label)
    given = {name: request.GET.getlist(name) for name in request.GET if name not in OWN_PARAMETERS}
    refuse_parameters(dict.fromkeys(set(given) & PAGE_ONLY, _("There is no such filter here.")))
    long = {name for name, values in given.items() if any(len(value) > MAX_TEXT for value in values)}
    refuse_parameters(dict.fromkeys(long, _("At most %(most)s characters, please.") % {"most": MAX_TEXT}))
    if spec is None:
        refuse_parameters(dict.fromkeys(given, _("There is no such filter here.")))
        return rows
    params = QueryDict(mutable=True)
    for name, values in given.items():
        params.setlist(name, values)
    found, query = list_queryset(spec, actor(request), params)
    known = set(query.kept)
    refuse_parameters({problem.parameter: problem.reason for problem in query.problems})
    blank = {name for name, values in given.items() if not any(value.strip() for value in values)}
    refuse_parameters({name: _("There is no such filter here.") for name in given if name not in known | blank})
    relations, many = resource.relations()
    return found.select_related(*relations).prefetch_related(*many) if relations or many else found


def list_parameters(label: str) -> list[dict[str, Any]]:
    """The parameters of a list for the OpenAPI document; they come from the list's definition."""
    spec = LISTS.get(label)
    if spec is None:
        return []
    found = [_parameter("q", "Every word is in one of the searched fields; case and umlauts do not matter.")]
    sortable = ", ".join(f"`{column.code}`" for column in spec.columns if column.sortable)
    found.append(_parameter("sort", f"Up to five of {sortable}; a minus in front turns the order round."))
    if spec.archived_q() is not None:
        found.append(_parameter("archived", "", {"type": "string", "enum": ["no", "yes", "all"]}))
    for column in (column for column in spec.columns if column.filterable):
        if column.multiple:
            values = [code for code, _label in spec.choices(column) if code]
            items = {"type": "string", "enum": values} if values and column.kind != "bool" else {"type": "string"}
            found.append(_parameter(column.code, "One of these.", {"type": "array", "items": items}))
            continue
        how = {"text": "Contains this text.", "date": "This day, or a period such as `Q4 2026`."}
        found.append(_parameter(column.code, how.get(column.kind, "Equals.")))
        if column.kind in {"date", "datetime", "number", "money"}:
            found += [_parameter(f"{column.code}__from", "At least."), _parameter(f"{column.code}__to", "At most.")]
    return found


def _parameter(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    shape = schema or {"type": "string", "maxLength": MAX_TEXT}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": shape}


# ── routes ───────────────────────────────────────────────────────────────────────────────────────


def add_resource(router: Router, resource: Resource) -> None:
    """Add the routes of one entity to a room's router."""
    out = shown(resource.name, resource.model, resource.read, resource.computed, resource.shapes)
    incoming, change = taken(resource.model, resource.write, resource.shapes, resource.extra, resource.fixed)
    _read_routes(router, resource, out)
    if resource.creatable:
        _create_route(router, resource, out, resource.start or made(f"{resource.name}In", incoming))
    if resource.write or resource.change:
        _change_route(router, resource, out, resource.change or made(f"{resource.name}Change", change))
    if issubclass(resource.model, Entity):
        _archive_route(router, resource, out, "archive", services.archive)
        _archive_route(router, resource, out, "restore", services.restore)
    if resource.label in MACHINES:
        _transition_routes(router, resource, out)
    _history_route(router, resource)
    for child in resource.children:
        ChildRoutes(router, resource, child).add()
    for action in resource.actions:
        _action_route(router, resource, action, out)
    talk.add_routes(router, resource)


def _read_routes(router: Router, resource: Resource, out: Any) -> None:
    page_schema = page_of(resource.name, out)
    key_type: Any = resource.key_type

    @router.get(
        f"/{resource.path}", response={200: page_schema, **READ_PROBLEMS}, tags=resource.tags,
        operation_id=f"list_{resource.ident}", summary=f"List {resource.model._meta.verbose_name_plural}",
        openapi_extra={"x-list": resource.label},
    )  # fmt: skip
    def list_rows(
        request: HttpRequest,
        page: int = Query(1, ge=1, le=1_000_000),  # type: ignore[type-arg]
        page_size: int = Query(100, ge=1, le=PAGE_MAX),  # type: ignore[type-arg]
    ) -> Any:
        check_scope(request, "read", resource.label)
        if not can(request.user, "view", resource.label):
            raise NotAllowed()
        count, rows = page_rows(narrow(request, resource), page, page_size)
        items = [resource.shown(obj, request) for obj in rows]
        return {"items": items, "count": count, "page": page, "page_size": page_size}

    @router.get(
        f"/{resource.path}/{{key}}", response={200: out, **READ_PROBLEMS}, tags=resource.tags,
        operation_id=f"read_{resource.ident}", summary=f"Read one {resource.model._meta.verbose_name}",
    )  # fmt: skip
    def read(request: HttpRequest, key: key_type, response: HttpResponse) -> Any:
        return resource.shown(resource.one(request, key), request, response)


def _create_route(router: Router, resource: Resource, out: Any, incoming: Any) -> None:
    @router.post(
        f"/{resource.path}", response={201: out, **PROBLEMS}, tags=resource.tags,
        operation_id=f"create_{resource.ident}", summary=f"Create a {resource.model._meta.verbose_name}",
    )  # fmt: skip
    @once
    def create(request: HttpRequest, data: incoming, response: HttpResponse) -> Any:
        check_scope(request, "write", resource.label)
        user = actor(request)
        if not can(user, "create", resource.label):
            raise NotAllowed()
        values = values_from(resource.model, user, data)
        if resource.create:
            made = resource.create(values, by=user)
        else:
            made = services.create(resource.model, values, by=user, reason=data.reason)
        response["Location"] = f"{request.path}/{getattr(made, resource.lookup)}"
        return Status(201, resource.shown(made, request, response))


def _change_route(router: Router, resource: Resource, out: Any, change: Any) -> None:
    key_type: Any = resource.key_type

    @router.patch(
        f"/{resource.path}/{{key}}", response={200: out, **PROBLEMS}, tags=resource.tags,
        operation_id=f"change_{resource.ident}", summary=f"Change a {resource.model._meta.verbose_name}",
        description="Only the fields that are sent change.",
    )  # fmt: skip
    def update(
        request: HttpRequest, key: key_type, data: change, response: HttpResponse, if_match: str | None = MATCH
    ) -> Any:
        obj = resource.one(request, key, "edit")
        user = actor(request)
        service = resource.edit or services.edit
        with seen(obj, if_match, data.version, needed=True) as version:
            values = values_from(resource.model, user, data, obj)
            saved = service(obj, values, by=user, version=version, reason=data.reason)
        return resource.shown(saved, request, response)


def _history_route(router: Router, resource: Resource) -> None:
    key_type: Any = resource.key_type

    @router.get(
        f"/{resource.path}/{{key}}/history", response={200: list[HistoryOut], **READ_PROBLEMS}, tags=resource.tags,
        operation_id=f"history_{resource.ident}", summary="Who changed what, the newest first",
        description=f"At most the newest {HISTORY} entries.",
    )  # fmt: skip
    def history(request: HttpRequest, key: key_type) -> Any:
        entries = list(entries_of(resource.one(request, key))[:HISTORY])
        told = covered(actor(request), resource.model, changes_for(actor(request), entries))
        return [
            {
                "at": entry.at,
                "who": str(entry.actor) if entry.actor else None,
                "verb": entry.verb,
                "changes": changes,
                "reason": entry.reason,
                "version": entry.entity_version,
            }
            for entry, changes in zip(entries, told, strict=True)
        ]


def _archive_route(router: Router, resource: Resource, out: Any, code: str, service: Callable[..., Any]) -> None:
    key_type: Any = resource.key_type

    @router.post(
        f"/{resource.path}/{{key}}/{code}", response={200: out, **PROBLEMS}, tags=resource.tags,
        operation_id=f"{code}_{resource.ident}", summary=f"{code.capitalize()} a {resource.model._meta.verbose_name}",
    )  # fmt: skip
    @once
    def archive_or_restore(
        request: HttpRequest, key: key_type, data: ReasonIn, response: HttpResponse, if_match: str | None = MATCH
    ) -> Any:
        obj = resource.one(request, key, "archive")
        with seen(obj, if_match, data.version, needed=False) as version:
            saved = service(obj, by=actor(request), version=version, reason=data.reason)
        return resource.shown(saved, request, response)


def _transition_routes(router: Router, resource: Resource, out: Any) -> None:
    key_type: Any = resource.key_type

    @router.get(
        f"/{resource.path}/{{key}}/transitions", response={200: list[TransitionOut], **READ_PROBLEMS}, tags=resource.tags,
        operation_id=f"transitions_{resource.ident}", summary="Which steps are possible now, and why others are not",
    )  # fmt: skip
    def transitions(request: HttpRequest, key: key_type) -> Any:
        return offered(resource.one(request, key), request)

    @router.post(
        f"/{resource.path}/{{key}}/transitions/{{step}}", response={200: out, **PROBLEMS}, tags=resource.tags,
        operation_id=f"advance_{resource.ident}", summary="Take a step of the state machine",
    )  # fmt: skip
    @once
    def take_step(
        request: HttpRequest,
        key: key_type,
        step: str,
        data: TransitionIn,
        response: HttpResponse,
        if_match: str | None = MATCH,
    ) -> Any:
        obj = resource.one(request, key, scope="write")
        with seen(obj, if_match, data.version, needed=False) as version:
            saved = advance(obj, step, by=actor(request), version=version, reason=data.reason)
        return resource.shown(saved, request, response)


def _action_route(router: Router, resource: Resource, action: Action, out: Any) -> None:
    key_type: Any = resource.key_type
    body: Any = action.body
    answer = action.answer or out

    @router.post(
        f"/{resource.path}/{{key}}/{action.code}", response={action.status: answer, **PROBLEMS}, tags=resource.tags,
        operation_id=f"{action.code.replace('-', '_')}_{resource.ident}", summary=action.summary or None,
    )  # fmt: skip
    @once
    def act(
        request: HttpRequest, key: key_type, data: body, response: HttpResponse, if_match: str | None = MATCH
    ) -> Any:
        obj = resource.one(request, key, action.verb, scope="write")
        refuse_unstorable("data", data.model_dump(mode="json"))
        with seen(obj, if_match, getattr(data, "version", None), needed=False) as version:
            if "version" in type(data).model_fields:
                data.version = version
            found = action.run(obj, data, actor(request))
        if action.answer is None:
            found = resource.shown(resource.rows().get(pk=found.pk), request, response)
        return Status(action.status, found)
