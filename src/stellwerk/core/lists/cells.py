"""Values as a reader sees them: text, link, alignment; the same texts in tables, cards and group headings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.lists.reading import Group, ListResult, Row, Total
from stellwerk.core.lists.spec import Column, ListSpec
from stellwerk.core.registry import ENTITIES


@dataclass
class Cell:
    """One cell of a row; ``light`` columns are drawn from ``value`` and ``trend``."""

    column: Column
    value: Any
    text: str
    url: str = ""
    trend: Any = None
    edit_url: str = ""
    empty: bool = False

    @property
    def css(self) -> str:
        parts = []
        if self.column.numeric:
            parts.append("num")
        elif self.column.kind in {"date", "datetime"} or self.column.code.endswith("key"):
            parts.append("nw")
        if self.column.wide:
            parts.append("wrap")
        if self.edit_url:
            parts.append("edit")
        return " ".join(parts)


def value_text(spec: ListSpec, column: Column, value: Any, currency: str = "EUR", *, short: bool = True) -> str:
    """One value in the reader's language; “–” where there is none."""
    if column.kind == "bool":
        return formats.NO_DATA if value is None else _("yes") if value else _("no")
    if value is None or value == "":
        return formats.NO_DATA
    if column.kind in {"choice", "light"}:
        return dict(spec.choices(column)).get(str(value), str(value))
    if column.kind == "money":
        return formats.money(int(value), currency, unit=column.scale, sign=column.signed)
    if column.kind == "number":
        return formats.number(value, column.decimals, sign=column.signed)
    if column.kind == "date":
        return formats.day(value, short=short)
    if column.kind == "datetime":
        local = timezone.localtime(value)
        return f"{formats.day(local.date(), short=short)} {local:%H:%M}"
    return str(value)


class Presenter:
    """Turns a result into rows of cells; choices and link patterns are looked up once."""

    def __init__(self, result: ListResult) -> None:
        self.result, self.spec = result, result.spec
        self._choices = {
            column.code: dict(self.spec.choices(column))
            for column in result.columns
            if column.kind in {"choice", "light"}
        }
        self.one_currency = {
            column.code: len(result.currencies_of(column)) <= 1 for column in result.columns if column.kind == "money"
        }
        self._cents = {
            column.code
            for column in result.columns
            if column.kind == "money" and not column.scale and any(self._broken(row, column) for row in result.rows)
        }
        self._edit = (
            reverse("lists:cell", args=[self.spec.code, 0, "COLUMN"]) if any(c.edit for c in result.columns) else ""
        )

    @staticmethod
    def _broken(row: Row, column: Column) -> bool:
        value = row.values.get(column.code)
        return (
            value is not None and value != "" and int(value) % 10 ** formats.minor_digits(row.currency_of(column)) != 0
        )

    def unit(self, column: Column) -> str:
        """What stands behind the head of a column."""
        if self.one_currency.get(column.code):
            currency = next(iter(self.result.currencies_of(column)), "EUR")
            return formats.money_unit(currency, column.scale)
        return str(column.unit)

    def heads(self) -> list[dict[str, Any]]:
        query = self.result.query
        return [
            {
                "column": column,
                "unit": self.unit(column),
                "sort": query.sort_state(column),
                "url": query.sort_address(column) if column.sortable else "",
            }
            for column in self.result.columns
        ]

    def labels(self) -> list[str]:
        """What stands above the value of each column where no head does: “Budget (T€)”."""
        units = [(str(column.head), self.unit(column)) for column in self.result.columns]
        return [f"{head} ({unit})" if unit else head for head, unit in units]

    def text(self, column: Column, value: Any, currency: str) -> str:
        if value is None or value == "":
            return formats.NO_DATA
        if column.code in self._choices:
            return self._choices[column.code].get(str(value), str(value))
        if self.one_currency.get(column.code):
            places = formats.minor_digits(currency) if column.code in self._cents else None
            return formats.scaled(formats.major(int(value), currency), column.scale, sign=column.signed, places=places)
        if column.code in self._cents:
            return formats.money(int(value), currency, sign=column.signed, exact=True)
        return value_text(self.spec, column, value, currency)

    def cells(self, row: Row) -> list[Cell]:
        return [self._cell(column, row) for column in self.result.columns]

    def _cell(self, column: Column, row: Row) -> Cell:
        value = row.values[column.code]
        cell = Cell(column, value, self.text(column, value, row.currency_of(column)), trend=row.trends.get(column.code))
        cell.empty = value is None or value == ""
        if not cell.empty and column.kind in {"link", "person"}:
            cell.url = entity_url(column.to, row.links.get(column.code)) if column.key else row.url
        if column.edit and row.editable and self._edit:
            cell.edit_url = self._edit.replace("/0/", f"/{row.pk}/").replace("COLUMN", column.code)
        return cell

    def rows(self) -> Iterator[tuple[Group | None, Row, list[Cell]]]:
        """Rows with their cells; the first row of each group carries the group."""
        groups = self.result.groups
        if not groups:
            for row in self.result.rows:
                yield None, self._addressed(row), self.cells(row)
            return
        for group in groups:
            for index, row in enumerate(group.rows):
                yield group if index == 0 else None, self._addressed(row), self.cells(row)

    def _addressed(self, row: Row) -> Row:
        row.url = row.url or row_url(self.spec, row)
        return row

    def total_cells(self, total: Total) -> list[str]:
        """One text per column; empty where the column has no total."""
        return [self._total(column, total) for column in self.result.columns]

    def _total(self, column: Column, total: Total) -> str:
        if column.total == "average":
            value = total.averages.get(column.code)
            return "" if value is None else "⌀ " + formats.number(value, max(column.decimals, 1))
        sums = total.sums.get(column.code)
        if not sums:
            return ""
        if column.kind != "money":
            return formats.number(next(iter(sums.values())), column.decimals)
        if len(sums) == 1 and self.one_currency.get(column.code):
            currency, amount = next(iter(sums.items()))
            places = formats.minor_digits(currency) if column.code in self._cents else None
            return formats.scaled(formats.major(int(amount), currency), column.scale, places=places)
        return " + ".join(formats.money(int(amount), code, unit=column.scale) for code, amount in sorted(sums.items()))


def row_url(spec: ListSpec, row: Row) -> str:
    """The page of a row, or an empty text."""
    if spec.row_url is not None:
        return spec.row_url(row)
    return entity_url(spec.label, row.key)


def entity_url(label: str, key: Any) -> str:
    """The page of an entity, or an empty text where it has none."""
    return "" if key in (None, "") else _entity_url(label, key, get_script_prefix())


@lru_cache(maxsize=8192)
def _entity_url(label: str, key: Any, _prefix: str) -> str:
    kind = ENTITIES.get(label)
    if kind is None or not kind.url_name:
        return ""
    try:
        return reverse(kind.url_name, args=[key])
    except NoReverseMatch:
        return ""


def plain_value(
    column: Column, value: Any, currency: str
) -> dt.date | dt.datetime | Decimal | int | float | str | bool | None:
    """A value for a workbook or JSON: typed, money in units of its currency."""
    if value is None or value == "":
        return None
    if column.kind == "money":
        return formats.major(int(value), currency)
    if column.kind == "datetime":
        return timezone.localtime(value).replace(tzinfo=None)
    if column.kind in {"number", "date", "bool"}:
        plain: dt.date | Decimal | int | float | bool = value
        return plain
    return str(value)
