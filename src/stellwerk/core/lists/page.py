"""What the templates of a list read: heads, rows of cells, filter form, columns, groups, views, links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.lists import saved
from stellwerk.core.lists.body import Body
from stellwerk.core.lists.cells import Presenter
from stellwerk.core.lists.editing import editable_columns
from stellwerk.core.lists.export import data_date
from stellwerk.core.lists.filterform import controls
from stellwerk.core.lists.parsing import SIZES, relative_choices
from stellwerk.core.lists.reading import ListResult
from stellwerk.core.lists.spec import BulkAction, Column
from stellwerk.core.models import User
from stellwerk.core.permissions import can


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class FilterField:
    """The controls of one column in the filter form."""

    column: Column
    kind: str  # text · many · range
    name: str
    value: str
    options: list[Option]
    start: str = ""
    end: str = ""
    when: list[Option] | None = None
    empty: str = ""
    date: bool = False
    unit: str = ""


@dataclass(frozen=True)
class Chip:
    """An active filter with the address that removes it."""

    label: str
    text: str
    url: str


class ListPage:
    """``list`` in the templates; every part is made when the template asks for it."""

    def __init__(self, request: HttpRequest, result: ListResult, user: User, own: tuple[str, ...] = ()) -> None:
        self.request, self.result, self.user = request, result, user
        self.spec, self.query = result.spec, result.query
        self._own = own
        self._presenter = Presenter(result)

    # ── words ────────────────────────────────────────────────────────────────────────────────────

    @property
    def title(self) -> str:
        text = str(self.spec.title or self.spec.entity.plural)
        return text[:1].upper() + text[1:]

    @cached_property
    def answer(self) -> Any:
        if self.spec.answer is not None:
            return self.spec.answer(self.request, self.result)
        return f"{formats.number(self.result.count)} {self.noun}"

    @property
    def noun(self) -> str:
        return self.spec.entity.name if self.result.count == 1 else self.spec.entity.plural

    @cached_property
    def sub(self) -> Any:
        if self.spec.sub is not None:
            return self.spec.sub(self.request, self.result)
        if self.spec.data_date is None:  # what stands here is as of now
            return ""
        return _("Data date %(day)s") % {"day": formats.day(data_date(self.spec, self.user))}

    @cached_property
    def hidden_text(self) -> str:
        count = self.result.hidden
        if not count:
            return ""
        return ngettext(
            "%(count)s more entry belongs here, but you may not see it.",
            "%(count)s more entries belong here, but you may not see them.",
            count,
        ) % {"count": count}

    # ── the table ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def heads(self) -> list[dict[str, Any]]:
        return self._presenter.heads()

    def body(self) -> SafeString:
        return Body(self._presenter.labels(), self.selectable).html(self.rows())

    def rows(self) -> Iterator[dict[str, Any]]:
        for group, row, cells in self._presenter.rows():
            heading = None
            if group is not None:
                heading = {"group": group, "cells": self._beside_name(self._presenter.total_cells(group.total))}
            ticked = f"{row.pk}:{row.version or ''}" if row.editable or self.actions else ""
            yield {"url": row.url, "tick": ticked, "cells": cells, "group": heading}

    @cached_property
    def has_totals(self) -> bool:
        return any(column.total for column in self.result.columns)

    def total_cells(self) -> dict[str, Any]:
        total = self._beside_name(self._presenter.total_cells(self.result.total))
        labels = self._presenter.labels()[-len(total["texts"]) :] if total["texts"] else []
        return total | {"cells": list(zip(labels, total["texts"], strict=True))}

    def _beside_name(self, texts: list[str]) -> dict[str, Any]:
        """Cells behind a name that spans the columns before the first total (at least one)."""
        totals = [index for index, column in enumerate(self.result.columns) if column.total]
        first = max(1, totals[0] if totals else len(texts))
        return {"span": first + (1 if self.selectable else 0), "texts": texts[first:]}

    @cached_property
    def selectable(self) -> bool:
        return bool(self.bulk_columns or self.actions) and bool(self.result.rows)

    @cached_property
    def bulk_columns(self) -> list[Column]:
        return editable_columns(self.spec, self.user)

    @cached_property
    def actions(self) -> list[BulkAction]:
        return [action for action in self.spec.actions if can(self.user, action.verb, self.spec.model)]

    # ── around it ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def exportable(self) -> bool:
        return can(self.user, "export", self.spec.model)

    def export_links(self) -> list[dict[str, str]]:
        return [
            {"url": self.query.query_string(export="xlsx"), "label": _("Excel (XLSX)"), "icon": "spreadsheet"},
            {"url": self.query.query_string(export="csv"), "label": "CSV", "icon": "file"},
        ]

    @cached_property
    def create_url(self) -> str:
        from django.urls import NoReverseMatch, reverse

        if not self.spec.create_url or not can(self.user, "create", self.spec.model):
            return ""
        try:
            return reverse(self.spec.create_url)
        except NoReverseMatch:
            return ""

    @property
    def create_label(self) -> str:
        return str(self.spec.create_label or _("Create"))

    @cached_property
    def first_steps(self) -> list[dict[str, Any]]:
        """Other ways to begin than creating one by one: an import, the demo."""
        from stellwerk.core.myday import first_steps_for

        wanted = self.spec.first_steps
        return [row for row in first_steps_for(self.user) if row["step"].code in wanted] if wanted else []

    def chips(self) -> list[Chip]:
        found = []
        if self.query.search:
            found.append(Chip(_("Search"), self.query.values("q")[0], self.query.query_string("q")))
        for one in self.query.filters:
            found.append(Chip(str(one.column.label), one.text, self.query.query_string(*one.parameters)))
        if self.query.archived != "no":
            text = _("yes") if self.query.archived == "yes" else _("with archived entries")
            found.append(Chip(_("Archived"), text, self.query.query_string("archived")))
        return found

    @property
    def search(self) -> str:
        return next(iter(self.query.values("q")), "")

    @property
    def clear_url(self) -> str:
        names = [name for one in self.query.filters for name in one.parameters]
        return self.query.query_string("q", "archived", *names)

    def filter_controls(self) -> SafeString:
        """The controls of all filters that are no quick ones."""
        return controls(self.filter_fields())

    def all_filter_controls(self) -> SafeString:
        """The controls of all filters, for a page without quick ones."""
        return controls([*self.quick_fields(), *self.filter_fields()])

    def filter_fields(self) -> list[FilterField]:
        return [self._field(column) for column in self.query.available if column.filterable and not column.quick]

    def quick_fields(self) -> list[FilterField]:
        return [self._field(column) for column in self.query.available if column.filterable and column.quick]

    @cached_property
    def _periods(self) -> list[tuple[str, str]]:
        return relative_choices()  # asked for by each column with a date

    def _field(self, column: Column) -> FilterField:
        values = self.query.values
        name = column.code
        empty = next(iter(values(f"{name}__empty")), "")
        if column.multiple:
            known = [("yes", _("yes")), ("no", _("no"))] if column.kind == "bool" else self.spec.choices(column)
            options = [Option(code, label, code in values(name)) for code, label in known]
            return FilterField(column, "many", name, "", options, empty=empty)
        if column.kind in {"date", "datetime"} or column.numeric:
            when = next(iter(values(f"{name}__when")), "")
            date = not column.numeric
            return FilterField(
                column,
                "range",
                name,
                next(iter(values(name)), ""),
                [],
                start=next(iter(values(f"{name}__from")), ""),
                end=next(iter(values(f"{name}__to")), ""),
                when=[Option(code, label, code == when) for code, label in self._periods] if date else None,
                empty=empty,
                date=date,
                unit=str(column.unit),
            )
        return FilterField(column, "text", name, next(iter(values(name)), ""), [], empty=empty)

    def hidden_for_filters(self) -> list[tuple[str, str]]:
        """Parameters that the filter form keeps beside its own controls."""
        return [
            (name, text)
            for name, text in self.query.hidden()
            if name in {"sort", "group", "columns", "size", "view", *self._own} or name.endswith("__is")
        ]

    def archived_options(self) -> list[Option]:
        if self.spec.archived_q() is None:
            return []
        present = self.query.archived
        labels = {
            "no": _("without archived entries"),
            "all": _("with archived entries"),
            "yes": _("only archived entries"),
        }
        return [Option("" if code == "no" else code, label, code == present) for code, label in labels.items()]

    def columns(self) -> list[dict[str, Any]]:
        """All columns for the chooser: the shown ones in their order, then the others."""
        shown = self.query.columns
        rest = [column for column in self.query.available if column not in shown]
        return [{"column": column, "shown": True} for column in shown] + [
            {"column": column, "shown": False} for column in rest
        ]

    def hidden_for_columns(self) -> list[tuple[str, str]]:
        return self.query.hidden("columns")

    def standard_columns_url(self) -> str:
        return self.query.query_string("columns")

    def group_options(self) -> list[dict[str, Any]]:
        present = self.query.group
        usable = [column for column in self.query.available if column.groupable]
        if not usable:
            return []
        first = {
            "label": _("No grouping"),
            "url": self.query.query_string(group="none" if self.spec.default_group else None),
            "current": present is None,
        }
        return [first] + [
            {
                "label": str(column.label),
                "url": self.query.query_string(group=column.code),
                "current": column is present,
            }
            for column in usable
        ]

    def size_options(self) -> list[dict[str, Any]]:
        return [
            {"size": size, "url": self.query.query_string(size=size), "current": size == self.query.size}
            for size in SIZES
        ]

    # ── saved views ──────────────────────────────────────────────────────────────────────────────

    @cached_property
    def views(self) -> list[saved.ViewLink]:
        return saved.view_links(self.user, self.spec.code, self.query.canonical, self.view_id)

    @property
    def view_id(self) -> str:
        return next(iter(self.query.values("view")), "")

    @cached_property
    def current_view(self) -> saved.ViewLink | None:
        return next((link for link in self.views if link.current), None)

    @property
    def view_query(self) -> str:
        return saved.saved_query(self.query.canonical)

    @property
    def standard_url(self) -> str:
        return "?view=standard"

    @property
    def address(self) -> str:
        return self.request.path + self.query.canonical
