"""The body of a list's table as HTML, written in Python: a page has some thousand cells, a template costs tens of milliseconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from stellwerk.core import formats, render
from stellwerk.core.lists.cells import Cell


def content(cell: Cell, page: str = "") -> SafeString:
    """What stands in a cell; ``page``: where it leads to if the value itself leads nowhere."""
    if cell.column.kind == "light":  # tables show shape and arrow, cards the word, too (phone.css)
        return render.light(cell.value, cell.trend, word=True)
    if cell.url or page:
        return format_html('<a class="link" href="{}">{}</a>', cell.url or page, cell.text)
    if cell.empty:
        return format_html('<span class="mut nil">{}</span>', cell.text)
    return conditional_escape(cell.text)


class Body:
    """Rows of one table; what its columns have in common is worked out once."""

    def __init__(self, labels: Iterable[str], selectable: bool) -> None:
        self.selectable = selectable
        self.select = _("Select")
        self.heads = [format_html(' data-l="{}"', label) for label in labels]

    def html(self, lines: Iterable[dict[str, Any]]) -> SafeString:
        parts: list[str] = []
        for line in lines:
            if line["group"]:
                parts.append(self._heading(**line["group"]))
            parts.append(self._line(line["cells"], line["url"], line["tick"]))
        return mark_safe("".join(parts))  # noqa: S308 - every part escapes what it shows

    def _heading(self, group: Any, cells: dict[str, Any]) -> str:
        name = format_html('<a href="{}">{}</a>', group.url, group.label) if group.url else group.label
        head = format_html(
            '<tr class="grp"><th scope="rowgroup" colspan="{}">{} <span class="mut">{}</span></th>',
            cells["span"], name, formats.number(group.total.count),
        )  # fmt: skip
        return head + "".join(format_html('<td class="num">{}</td>', text) for text in cells["texts"]) + "</tr>"

    def _line(self, cells: list[Cell], page: str, tick: str) -> str:
        parts = ["<tr>"]
        if self.selectable:
            parts.append(self._tick(tick, cells[0].text))
        for position, cell in enumerate(cells):
            first = not position
            light = " c" if cell.column.kind == "light" else ""
            edit = f' data-edit="{conditional_escape(cell.edit_url)}"' if cell.edit_url else ""
            parts.append(
                f'<td class="{cell.css}{" head" if first else ""}{light}"{"" if first else self.heads[position]}{edit}>'
                f"{content(cell, page if first else '')}</td>"
            )
        return "".join(parts) + "</tr>"

    def _tick(self, tick: str, name: str) -> str:
        if not tick:
            return '<td class="sel-col"></td>'
        return format_html(
            '<td class="sel-col"><input type="checkbox" name="ids" form="list-bulk" value="{}" data-select-row aria-label="{} {}"></td>',
            tick, self.select, name,
        )  # fmt: skip
