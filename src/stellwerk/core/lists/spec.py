"""A list is data: which columns it has, and what each can do. Pages, exports, bulk edit and API read the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.utils.text import capfirst

from stellwerk.core.errors import Text
from stellwerk.core.registry import ENTITIES, FIGURES, EntityType

if TYPE_CHECKING:
    from django.http import HttpRequest

    from stellwerk.core.lists.reading import ListResult, Row
    from stellwerk.core.models import ChangeSet, User

Kind = Literal["text", "number", "money", "date", "datetime", "light", "choice", "bool", "link", "person"]
Choices = Sequence[tuple[Any, Any]]
FigurePart = Literal["value", "trend"]
FigureSource = Callable[[str, FigurePart], Combinable | None]

# Words of the address that no column may have as its code.
RESERVED = frozenset(
    {"q", "sort", "group", "columns", "page", "size", "archived", "view", "export", "ids", "all", "bulk"}
)


@lru_cache(maxsize=4096)
def _alias(code: str) -> str:
    return "c_" + "".join(char if char.isalnum() else "_" for char in code)


@dataclass(frozen=True)
class Column:
    """One column.

    ``path`` is the lookup path of its value (default: ``code``); ``expression`` makes a value that no path reaches;
    ``figure`` takes the current value of a registered figure. To-many paths are not allowed (they double rows): use
    an ``expression`` with a subquery. ``key`` and ``to`` make the cell a link: the lookup path of the other entity's
    public key, and its label; both empty for ``link`` and ``person`` means the row's own page.

    ``edit`` names the model field that inline and bulk edit may write; ``total`` sums or averages all filtered rows;
    ``scale`` shows money in thousands (``k``) or millions (``m``), the unit stands in the head; ``quick`` puts the
    filter into the bar; ``only`` hides the column (filters and export included) from users who may not know it.
    ``sort`` replaces what the column sorts by. ``currency`` is the lookup path of the currency of a money column that does
    not count in the currency of its row (``ListSpec.currency``); its totals stay apart by that currency.
    """

    code: str
    label: Text
    kind: Kind = "text"
    path: str = ""
    expression: Callable[[], Combinable] | None = None
    figure: str = ""
    key: str = ""
    to: str = ""
    choices: Choices | Callable[[], Choices] | None = None
    sort: tuple[str, ...] = ()
    sortable: bool = True
    filterable: bool = True
    groupable: bool = False
    total: Literal["", "sum", "average"] = ""
    edit: str = ""
    default: bool = True
    quick: bool = False
    scale: Literal["", "k", "m"] = ""
    currency: str = ""
    decimals: int = 0
    signed: bool = False
    unit: Text = ""
    short: Text = ""
    help: Text = ""
    wide: bool = False
    only: Callable[[User], bool] | None = None

    @property
    def alias(self) -> str:
        return _alias(self.code)

    @property
    def head(self) -> Text:
        return self.short or self.label

    @property
    def numeric(self) -> bool:
        return self.kind in {"number", "money"}

    @property
    def field_path(self) -> str:
        """The lookup path, or an empty text where the value is computed."""
        return "" if self.expression or self.figure else (self.path or self.code)

    @property
    def multiple(self) -> bool:
        """Whether the filter offers known values."""
        return self.kind in {"choice", "light", "bool"}


@dataclass(frozen=True)
class BulkAction:
    """Something done to many rows at once, as one change set: ``apply(obj, by, change_set)`` calls a service.

    ``undoable`` actions must write through ``core.services.write(..., change_set=change_set)``.
    """

    code: str
    label: Text
    verb: str
    apply: Callable[[Any, User, ChangeSet], Any]
    confirm: Text = ""
    danger: bool = False
    undoable: bool = True


@dataclass(frozen=True)
class ListSpec:
    """One list of the product; registered under ``code`` (mostly the entity's label)."""

    code: str
    model: type[models.Model]
    columns: Sequence[Column]
    title: Text = ""
    default_sort: Sequence[str] = ()
    default_group: str = ""
    search: Sequence[str] = ()
    currency: str = ""
    actions: Sequence[BulkAction] = ()
    create_url: str = ""
    create_label: Text = ""
    row_url: Callable[[Row], str] | None = None
    base: Callable[[User], Q] | None = None
    archived: Callable[[], Q] | None = None
    answer: Callable[[HttpRequest, ListResult], Any] | None = None
    sub: Callable[[HttpRequest, ListResult], Any] | None = None
    data_date: Callable[[User], Any] | None = None
    empty_title: Text = ""
    empty_text: Text = ""
    first_steps: Sequence[str] = ()  # codes of first steps (core.myday) that the empty list offers
    icon: str = "list"
    page_size: int = 50
    archivable: bool = True
    extra: Sequence[str] = ()
    save: Callable[[models.Model, Mapping[str, Any], User, int | None], models.Model] | None = None
    _by_code: dict[str, Column] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for column in self.columns:
            if column.code in RESERVED or "__" in column.code:
                raise ValueError(f"list {self.code}: the address needs the word {column.code!r} for itself")
            if column.code in self._by_code:
                raise ValueError(f"list {self.code}: column {column.code!r} appears twice")
            self._by_code[column.code] = column

    @property
    def label(self) -> str:
        return str(self.model._meta.label_lower)

    @property
    def entity(self) -> EntityType:
        return ENTITIES[self.label]

    def column(self, code: str) -> Column | None:
        return self._by_code.get(code)

    def columns_for(self, user: User | None) -> list[Column]:
        """The columns that this reader may know of."""
        return [column for column in self.columns if column.only is None or user is None or column.only(user)]

    def search_paths(self) -> Sequence[str]:
        return self.search or self.entity.search

    def archived_q(self) -> Q | None:
        """Which rows count as archived; None where the model has no such thing."""
        if self.archived is not None:
            return self.archived()
        return Q(archived_at__isnull=False) if _has_field(self.model, "archived_at") else None

    def value(self, column: Column) -> Combinable:
        """The database expression of a column's value."""
        if column.expression is not None:
            return column.expression()
        if column.figure:
            found = figure_expression(self.label, column.figure, "value")
            if found is None:
                raise LookupError(f"no source of figures for {self.label}: call register_figure_source")
            return found
        return F(column.path or column.code)

    def holds_text(self, column: Column) -> bool:
        """Whether “empty” may also be an empty text."""
        if column.kind not in {"text", "choice", "light", "link", "person"}:
            return False
        found = _model_field(self.model, column.field_path) if column.field_path else None
        return found is None or isinstance(found, (models.CharField, models.TextField))

    def never_null(self, column: Column) -> bool:
        path = column.field_path
        if not path or "__" in path:
            return False
        found = _model_field(self.model, path)
        return found is not None and not found.null

    def choices(self, column: Column) -> list[tuple[str, str]]:
        """Known values of a column, in their order, with labels in the reader's language, each with a capital as it stands alone."""
        if column.kind == "light":
            return [(code, str(label)) for code, label in LIGHTS]
        if column.choices is not None:
            raw = column.choices() if callable(column.choices) else column.choices
            return [(str(code), capfirst(str(label))) for code, label in raw]
        if column.field_path:
            found = _model_field(self.model, column.field_path)
            if found is not None and found.choices:
                return [(str(code), capfirst(str(label))) for code, label in found.flatchoices]
        return []


def _lights() -> list[tuple[str, Text]]:
    from django.utils.translation import gettext_lazy as _

    return [("red", _("Red")), ("amber", _("Amber")), ("green", _("Green")), ("grey", _("Grey"))]


LIGHTS = _lights()


def _has_field(model: type[models.Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _model_field(model: type[models.Model], path: str) -> models.Field[Any, Any] | None:
    """The model field at the end of a lookup path, or None for annotations."""
    current: Any = model
    found: Any = None
    for part in path.split("__"):
        try:
            found = current._meta.get_field(part)
        except (FieldDoesNotExist, AttributeError):
            return None
        current = getattr(found, "related_model", None)
    return found if isinstance(found, models.Field) else None


LISTS: dict[str, ListSpec] = {}
_FIGURE_SOURCES: dict[str, FigureSource] = {}


def register_list(spec: ListSpec) -> ListSpec:
    """Make a list known to exports, cells, bulk edit and API."""
    LISTS[spec.code] = spec
    return spec


def register_figure_source(label: str, source: FigureSource) -> None:
    """Tell lists of ``label`` how a figure's current value and its trend come into the same query.

    ``source(code, "value" | "trend")`` returns an expression (mostly a ``Subquery``), or None for no trend. A trend
    yields ``up``, ``same`` or ``down``.
    """
    _FIGURE_SOURCES[label] = source


def figure_expression(label: str, code: str, part: FigurePart) -> Combinable | None:
    source = _FIGURE_SOURCES.get(label)
    return source(code, part) if source else None


def figure_column(code: str, /, **options: Any) -> Column:
    """A column of a registered figure: label, kind and decimals come from the registry of figures."""
    figure = FIGURES[code]
    kinds: dict[str, Kind] = {"days": "number", "count": "number"}
    values: dict[str, Any] = {
        "label": figure.label,
        "short": figure.short,
        "kind": kinds.get(figure.kind, figure.kind),
        "decimals": 0 if figure.kind in {"days", "count"} else figure.decimals,
    }
    return Column(code=options.pop("code", code), figure=code, **(values | options))


def columns_of(spec: ListSpec, codes: Iterable[str]) -> list[Column]:
    return [column for column in map(spec.column, codes) if column is not None]
