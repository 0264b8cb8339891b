"""What all blocks of the status report are written with: words, headings, tables as typst expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from stellwerk.core.documents.pdf_writer import literal
from stellwerk.core.documents.text import clean
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.payload import StatusPayload

if TYPE_CHECKING:
    from stellwerk.reporting.onepager.build import Level

WIDTHS: Final = {1: (10.9,), 2: (5.34, 5.34), 3: (3.31, 3.71, 3.45)}  # inches of the columns by their number
SIZE: Final = 7.8
_LONG_WORD = re.compile(r"\S{24,}")


def words(text: object) -> str:
    """A typst string of cleaned text; very long words may break."""
    return literal(_LONG_WORD.sub(lambda match: "\u200b".join(re.findall(".{1,16}", match[0])), clean(text)))


def call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(arguments)})"


def array(items: Iterable[str]) -> str:
    parts = list(items)
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def bold(text: str) -> str:
    return f'text(weight: "bold", {words(text)})'


class Tables:
    """One report at one :class:`~stellwerk.reporting.onepager.build.Level`, and its headings and tables."""

    def __init__(self, facts: Facts, payload: StatusPayload, level: Level) -> None:
        self.facts, self.payload, self.level, self.numbers = facts, payload, level, facts.numbers
        self.width = WIDTHS[3][0]

    def _head(self, title: str, extra: str = "") -> str:
        return call("head", words(title), *([f"r: {words(extra)}"] if extra else []))

    def _more(self, total: int, shown: int) -> str:
        return _("… (%(count)s more)") % {"count": total - shown} if total > shown else ""

    def _table(
        self,
        title: str,
        extra: str,
        columns: Sequence[tuple[str, str]],
        header: Sequence[str] | None,
        rows: list[list[str]],
        total: int,
        *,
        sum_row: bool = False,
    ) -> str:
        """``columns`` are (width, alignment); cells are typst expressions."""
        if not rows:
            return ""
        extra = extra or self._more(total, len(rows))
        head = array(words(text) for text in header) if header is not None else "none"
        body = array(array(row) for row in rows)
        aligns = array(align for _width, align in columns)
        return f"{self._head(title, extra)}\ntab({array(width for width, _align in columns)}, {aligns}, {head}, {body}{', sum: true' if sum_row else ''})"
