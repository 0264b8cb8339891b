"""What a room says of an entity in the API: :class:`Resource`, its :class:`Child` tables and :class:`Action` s."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Schema

from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.schemas import ReasonIn
from stellwerk.core.api.values import refuse_unstorable, represent
from stellwerk.core.errors import Invalid, Refused, StaleEdit
from stellwerk.core.models import Entity, Versioned
from stellwerk.core.pages.rows import Rows
from stellwerk.core.registry import entity_type

PAGE_MAX = 500
OWN_PARAMETERS = {"page", "page_size"}
MATCH = Header(  # type: ignore[type-arg]
    None, alias="If-Match", max_length=20, description="The `ETag` that you saw, instead of `version` in the body."
)


@dataclass(frozen=True)
class Child:
    """A child table of a resource, declared by the same :class:`Rows` as the form's; ``filters`` are exact."""

    rows: Rows
    read: Sequence[str] = ()
    write: bool = True
    filters: Sequence[str] = ()
    tag: str = ""

    @property
    def code(self) -> str:
        return self.rows.code


@dataclass(frozen=True)
class Action:
    """One more thing to do with an entity: ``POST …/{key}/{code}``. ``run(obj, data, user)`` calls a service.

    It returns the entity, or something of the schema ``answer``.
    """

    code: str
    run: Callable[[Any, Any, Any], Any]
    body: type[Schema] = ReasonIn
    verb: str = "edit"
    answer: Any = None
    status: int = 200
    summary: str = ""


@dataclass(frozen=True)
class Resource:
    """One entity in the API.

    ``computed`` adds read-only values, ``shapes`` gives JSON fields their types, ``extra`` names fields that only the
    services know (``aliases``). ``create`` and ``edit`` are the services behind the pages; without, the core's.
    ``start`` and ``change`` are bodies of their own where the model's fields do not say what the services take.
    """

    model: type[models.Model]
    path: str
    read: tuple[str, ...]
    write: tuple[str, ...] = ()
    computed: Mapping[str, tuple[Any, Callable[..., Any]]] = field(default_factory=dict)
    shapes: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    children: Sequence[Child] = ()
    actions: Sequence[Action] = ()
    create: Callable[..., Any] | None = None
    edit: Callable[..., Any] | None = None
    start: type[Schema] | None = None
    change: type[Schema] | None = None
    creatable: bool = True
    fixed: Sequence[str] = ()  # taken by a creation, not by a change
    tag: str = ""
    queryset: Callable[[], models.QuerySet[Any]] | None = None

    @property
    def label(self) -> str:
        return str(self.model._meta.label_lower)

    @property
    def name(self) -> str:
        return self.model.__name__

    @property
    def lookup(self) -> str:
        return "key" if issubclass(self.model, Entity) else "pk"

    @property
    def key_type(self) -> Any:
        return str if self.lookup == "key" else int

    @property
    def tags(self) -> list[str | Any]:
        return [self.tag or str(entity_type(self.label).model._meta.verbose_name_plural).capitalize()]

    @property
    def ident(self) -> str:
        return self.path.replace("-", "_")

    def relations(self) -> tuple[list[str], list[str]]:
        fields = {code: self.model._meta.get_field(code) for code in self.read}
        relations = [code for code, row in fields.items() if isinstance(row, models.ForeignKey)]
        return relations, [code for code, row in fields.items() if row.many_to_many]

    def rows(self) -> models.QuerySet[Any]:
        found = self.queryset() if self.queryset else self.model._default_manager.all()
        relations, many = self.relations()
        return found.select_related(*relations).prefetch_related(*many) if relations or many else found

    def shown(self, obj: models.Model, request: HttpRequest, response: HttpResponse | None = None) -> dict[str, Any]:
        if response is not None and isinstance(obj, Versioned):
            response["ETag"] = f'"{obj.version}"'
        return represent(obj, self.read, self.computed, actor(request))

    def one(self, request: HttpRequest, key: Any, verb: str = "view", scope: str = "") -> Any:
        """The object that the caller may see and ``verb``, and whose kind the token covers."""
        check_scope(request, scope or ("read" if verb == "view" else "write"), self.label)
        refuse_unstorable("key", key)
        return fetch(actor(request), self.rows(), verb, **{self.lookup: key})


# ── versions ─────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def seen(obj: models.Model, match: str | None, version: int | None, *, needed: bool) -> Iterator[int | None]:
    """The version that the caller saw. A stale ``If-Match`` answers 412, a stale ``version`` 409, none at all 428."""
    number = version
    if match is not None and match.strip() != "*":
        text = match.strip().removeprefix("W/").strip('"')
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Invalid({"If-Match": [_('Send the ETag that you were given, for example "3".')]})
        number = int(text)
    elif match is not None:
        number = getattr(obj, "version", None)
    if number is None and needed and isinstance(obj, Versioned):
        missing = Refused(
            _("Please say which version you saw."),
            _("Send “version” in the body, or the ETag as If-Match."),
            code="version_missing",
        )
        missing.status = 428
        raise missing
    try:
        yield number
    except StaleEdit as refusal:
        if match is not None:
            refusal.status = 412
        raise


def page_rows(rows: Any, page: int, size: int) -> tuple[int, list[Any]]:
    start = (page - 1) * size
    return rows.count(), list(rows[start : start + size])


def refuse_parameters(reasons: Mapping[str, str]) -> None:
    if reasons:
        raise Invalid({name: [reason] for name, reason in reasons.items()})
