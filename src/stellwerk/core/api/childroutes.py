"""Child tables of a resource: the rows of a project's gates, a proposal's options, a model's criteria."""

# No ``from __future__ import annotations`` here: ninja reads the schemas made below from the annotations.

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from stellwerk.core.access import actor
from stellwerk.core.api.declare import (
    MATCH,
    OWN_PARAMETERS,
    PAGE_MAX,
    Child,
    Resource,
    page_rows,
    refuse_parameters,
    seen,
)
from stellwerk.core.api.once import once
from stellwerk.core.api.schemas import PROBLEMS, READ_PROBLEMS, TransitionIn, TransitionOut, made, page_of, shown, taken
from stellwerk.core.api.values import refuse_unstorable, represent, values_from
from stellwerk.core.children import remove_child, save_child
from stellwerk.core.errors import Invalid
from stellwerk.core.models import Versioned
from stellwerk.core.registry import MACHINES
from stellwerk.core.states import advance, offers


def offered(obj: models.Model, request: HttpRequest) -> list[dict[str, Any]]:
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


class ChildRoutes:
    """The routes of one child table below ``/{resource}/{key}/{code}``."""

    def __init__(self, router: Router, resource: Resource, child: Child) -> None:
        self.router, self.resource, self.child, self.rows = router, resource, child, child.rows
        model = self.rows.model
        self.machine = MACHINES.get(str(model._meta.label_lower))
        versioned = ("version",) if issubclass(model, Versioned) else ()
        state = (self.machine.field,) if self.machine else ()
        self.read = child.read or ("id", *versioned, *state, *self.rows.fields)
        self.many = [code for code in self.read if isinstance(model._meta.get_field(code), models.ForeignKey)]
        self.name, self.one_name = model.__name__, str(model._meta.verbose_name)
        self.out = shown(self.name, model, self.read, {}, {})
        self.path = f"/{resource.path}/{{key}}/{child.code}"
        self.ident = f"{resource.ident}_{child.code}"

    def add(self) -> None:
        self._read_routes()
        if self.machine:
            self._step_routes()
        if self.child.write:
            incoming, change = taken(self.rows.model, self.rows.fields, {}, {})
            self._create_route(made(f"{self.name}In", incoming))
            self._change_route(made(f"{self.name}Change", change))
            self._remove_route()

    def show(self, obj: models.Model, request: HttpRequest, response: HttpResponse | None = None) -> dict[str, Any]:
        if response is not None and isinstance(obj, Versioned):
            response["ETag"] = f'"{obj.version}"'
        return represent(obj, self.read, {}, actor(request))

    def below(self, parent: models.Model) -> models.QuerySet[Any]:
        found = self.rows.children(parent)
        return found.select_related(*self.many) if self.many else found

    def one(self, parent: models.Model, number: int) -> Any:
        found = self.below(parent).filter(pk=number).first() if -(2**63) <= number < 2**63 else None
        if found is None:
            raise Http404
        return found

    def _read_routes(self) -> None:
        resource, tags = self.resource, self.resource.tags
        key_type: Any = resource.key_type

        @self.router.get(
            self.path, response={200: page_of(self.name, self.out), **READ_PROBLEMS}, tags=tags,
            operation_id=f"list_{self.ident}", summary=f"List {self.rows.model._meta.verbose_name_plural}",
            openapi_extra={"x-filters": list(self.child.filters)},
        )  # fmt: skip
        def list_children(
            request: HttpRequest,
            key: key_type,
            page: int = Query(1, ge=1, le=1_000_000),  # type: ignore[type-arg]
            page_size: int = Query(100, ge=1, le=PAGE_MAX),  # type: ignore[type-arg]
        ) -> Any:
            found = exactly(self.below(resource.one(request, key)), request, self.child.filters)
            count, rows = page_rows(found, page, page_size)
            items = [self.show(row, request) for row in rows]
            return {"items": items, "count": count, "page": page, "page_size": page_size}

        @self.router.get(
            f"{self.path}/{{number}}", response={200: self.out, **READ_PROBLEMS}, tags=tags,
            operation_id=f"read_{self.ident}", summary=f"Read one {self.one_name}",
        )  # fmt: skip
        def read_child(request: HttpRequest, key: key_type, number: int, response: HttpResponse) -> Any:
            return self.show(self.one(resource.one(request, key), number), request, response)

    def _create_route(self, incoming: Any) -> None:
        resource = self.resource
        key_type: Any = resource.key_type

        @self.router.post(
            self.path, response={201: self.out, **PROBLEMS}, tags=resource.tags,
            operation_id=f"create_{self.ident}", summary=f"Add a {self.one_name}",
        )  # fmt: skip
        @once
        def add_child(request: HttpRequest, key: key_type, data: incoming, response: HttpResponse) -> Any:
            parent, user = resource.one(request, key, "edit"), actor(request)
            values = values_from(self.rows.model, user, data)
            made = save_child(self.rows, parent, None, values, by=user, reason=data.reason)
            response["Location"] = f"{request.path}/{made.pk}"
            return Status(201, self.show(made, request, response))

    def _change_route(self, change: Any) -> None:
        resource = self.resource
        key_type: Any = resource.key_type

        @self.router.patch(
            f"{self.path}/{{number}}", response={200: self.out, **PROBLEMS}, tags=resource.tags,
            operation_id=f"change_{self.ident}", summary=f"Change a {self.one_name}",
            description="Only the fields that are sent change.",
        )  # fmt: skip
        def change_child(
            request: HttpRequest,
            key: key_type,
            number: int,
            data: change,
            response: HttpResponse,
            if_match: str | None = MATCH,
        ) -> Any:
            parent, user = resource.one(request, key, "edit"), actor(request)
            obj = self.one(parent, number)
            with seen(obj, if_match, data.version, needed=True) as version:
                values = values_from(self.rows.model, user, data, obj)
                saved = save_child(self.rows, parent, obj, values, by=user, version=version, reason=data.reason)
            return self.show(saved, request, response)

    def _remove_route(self) -> None:
        resource = self.resource
        key_type: Any = resource.key_type

        @self.router.delete(
            f"{self.path}/{{number}}", response={204: None, **PROBLEMS}, tags=resource.tags,
            operation_id=f"remove_{self.ident}", summary=f"Remove a {self.one_name}",
            description="History keeps what it said.",
        )  # fmt: skip
        def delete_child(request: HttpRequest, key: key_type, number: int, if_match: str | None = MATCH) -> Any:
            parent = resource.one(request, key, "edit")
            obj = self.one(parent, number)
            with seen(obj, if_match, None, needed=False) as version:
                remove_child(self.rows, parent, obj, by=actor(request), version=version)
            return Status(204, None)

    def _step_routes(self) -> None:
        resource = self.resource
        key_type: Any = resource.key_type

        @self.router.get(
            f"{self.path}/{{number}}/transitions", response={200: list[TransitionOut], **READ_PROBLEMS},
            tags=resource.tags, operation_id=f"transitions_{self.ident}",
            summary="Which steps are possible now, and why others are not",
        )  # fmt: skip
        def transitions(request: HttpRequest, key: key_type, number: int) -> Any:
            return offered(self.one(resource.one(request, key), number), request)

        @self.router.post(
            f"{self.path}/{{number}}/transitions/{{step}}", response={200: self.out, **PROBLEMS}, tags=resource.tags,
            operation_id=f"advance_{self.ident}", summary="Take a step of the state machine",
        )  # fmt: skip
        @once
        def take_step(
            request: HttpRequest,
            key: key_type,
            number: int,
            step: str,
            data: TransitionIn,
            response: HttpResponse,
            if_match: str | None = MATCH,
        ) -> Any:
            obj = self.one(resource.one(request, key, scope="write"), number)
            with seen(obj, if_match, data.version, needed=False) as version:
                saved = advance(obj, step, by=actor(request), version=version, reason=data.reason)
            return self.show(saved, request, response)


def exactly(rows: models.QuerySet[Any], request: HttpRequest, filters: Sequence[str]) -> models.QuerySet[Any]:
    """Exact filters of a child table; anything else is refused by name."""
    given = {name: request.GET[name] for name in request.GET if name not in OWN_PARAMETERS}
    refuse_parameters({name: _("There is no such filter here.") for name in given if name not in filters})
    for name, text in given.items():
        refuse_unstorable(name, text)
        field_ = rows.model._meta.get_field(name)
        if isinstance(field_, models.BooleanField):
            text = text.capitalize()  # JSON says true, Python True
        try:
            value = field_.to_python(text)
        except ValidationError as error:
            raise Invalid({name: list(error.messages)}) from error
        if isinstance(value, int) and not -(2**63) <= value < 2**63:  # no column holds it, and the driver would fail
            return rows.none()
        rows = rows.filter(**{name: value})
    return rows
