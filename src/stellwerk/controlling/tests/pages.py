"""A page as its reader sees it: tables with their exact amounts, tiles, addresses."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.test import Client
from lxml import html

AMOUNT = re.compile(r"[+−-]?[\d,]+(\.\d+)?")


def text_of(node: Any) -> str:
    return " ".join(node.text_content().split())


def cents(text: str | None) -> int:
    """“−1,234.50 €” in cents; an empty cell is 0."""
    if not text or text == "–":
        return 0
    found = AMOUNT.search(text)
    assert found, text
    return int(Decimal(found[0].replace(",", "").replace("−", "-")) * 100)


def cells_of(row: Any) -> list[Any]:
    found: list[Any] = row.xpath("./th|./td")
    return found


class Page:
    """One answer of the server."""

    def __init__(self, client: Client, path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        self.client, self.path = client, path
        self.tree = html.fromstring(answer.content.decode())

    @property
    def answer(self) -> str:
        """The headline."""
        return text_of(self.tree.xpath("//h1")[0])

    def tile(self, label: str) -> tuple[int, str]:
        """The exact amount of a tile, and where it leads."""
        found = next(node for node in self.tree.xpath("//*[contains(@class, 'kpi') and div[@class='l']]") if text_of(node[0]) == label)  # fmt: skip
        return cents(found.get("title") or text_of(found[1])), found.get("href") or ""

    def rows(self, label: str) -> list[Any]:
        """Rows of the table with this name, or whose last column has it."""
        named = self.tree.xpath(f"//table[ancestor-or-self::*[@aria-label='{label}'] or caption='{label}']")
        found = (named or self.tree.xpath(f"//table[thead/tr/th[last()][normalize-space()='{label}']]"))[0]
        rows: list[Any] = found.xpath("./tbody/tr|./tfoot/tr")
        return rows

    def table(self, label: str) -> list[list[str]]:
        """The exact amounts of such a table: the title of a cell where the cell is rounded."""
        return [[cell.get("title") or text_of(cell) for cell in cells_of(row)] for row in self.rows(label)]

    def links(self, label: str) -> dict[str, list[tuple[str, str]]]:
        """Text and address of each cell of such a table that can be opened, by the name of its row."""
        return {
            text_of(cells_of(row)[0]): [(text_of(a), a.get("href")) for a in row.xpath(".//td//a[@href]")] for row in self.rows(label)
        }  # fmt: skip


def total_of_list(client: Client, address: str, column: str = "Actual") -> int:
    """The rows of a list, added up in one column; the page's own total must say the same, and nothing be left out or ignored."""
    page = Page(client, address)
    assert "was ignored" not in text_of(page.tree), address
    table = page.tree.xpath("//table[thead]")
    if not table:  # an empty list
        return 0
    heads = [text_of(cell) for cell in table[0].xpath("./thead/tr[1]/th")]
    at = next(number for number, head in enumerate(heads) if head.startswith(column))
    rows = [row for row in table[0].xpath("./tbody/tr") if len(cells_of(row)) == len(heads)]
    found = sum(cents(text_of(cells_of(row)[at])) for row in rows if "total" not in (row.get("class") or ""))
    told = table[0].xpath("./tfoot/tr")
    if told:
        assert cents(text_of(cells_of(told[-1])[at - len(heads)])) == found, address
    return found
